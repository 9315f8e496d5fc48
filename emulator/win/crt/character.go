package crt

import (
	"encoding/binary"
	"fmt"
	"unicode"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// Classes of characters, as ctype.h has them.
//
// https://learn.microsoft.com/cpp/c-runtime-library/is-isw-routines
const (
	classUpper   = 0x01
	classLower   = 0x02
	classDigit   = 0x04
	classSpace   = 0x08
	classPunct   = 0x10
	classControl = 0x20
	classBlank   = 0x40
	classHex     = 0x80
	classAlpha   = 0x100
)

const (
	isAlpha = classAlpha | classUpper | classLower
	isAlnum = isAlpha | classDigit
	isGraph = isAlnum | classPunct
	isPrint = isGraph | classBlank
)

var characterRows = join(win.Rows{
	win.Func1("__isascii", isascii, "ch"),
	win.Func1("__toascii", toascii, "ch"),
	win.Func2("_isctype", isctype, "ch mask"),
	win.Func1("_tolower", quickLower, "ch"),
	win.Func1("_toupper", quickUpper, "ch"),
	win.Func2("iswctype", iswctype, "ch mask"),
	win.Func1("tolower", tolower, "ch"),
	win.Func1("toupper", toupper, "ch"),
	win.Func1("towlower", towlower, "ch"),
	win.Func1("towupper", towupper, "ch"),

	win.Func1("isleadbyte", isleadbyte, "ch"),
	win.Func1("iswascii", isascii, "ch"),
	win.Func2("is_wctype", iswctype, "ch mask"),
	win.Func1("__iscsym", iscsym, "ch"),
	win.Func1("__iscsymf", iscsymf, "ch"),
	win.Func1("__iswcsym", iscsym, "ch"),
	win.Func1("__iswcsymf", iscsymf, "ch"),
}, classRows(
	"alnum", isAlnum, "alpha", isAlpha, "cntrl", classControl, "digit", classDigit, "graph", isGraph, "lower", classLower,
	"print", isPrint, "punct", classPunct, "space", classSpace, "upper", classUpper, "xdigit", classHex,
))

// ucrtCharacterRows are those that only ucrtbase.dll has.
var ucrtCharacterRows = join(classRows("blank", classBlank), win.Rows{
	win.Func2("towctrans", towctrans, "ch category"),
	win.Func1("wctrans", wctrans, "name"),
	win.Func1("wctype", wctype, "name"),
})

// class is what a character is, in the "C" locale: nothing beyond ASCII.
func class(ch uint16) uint32 {
	switch {
	case ch > 0x7F:
		return 0
	case ch >= '\t' && ch <= '\r':
		return classSpace | classControl
	case ch < 0x20 || ch == 0x7F:
		return classControl
	case ch == ' ':
		return classSpace | classBlank
	case ch >= '0' && ch <= '9':
		return classDigit | classHex
	case ch >= 'A' && ch <= 'F':
		return classUpper | classAlpha | classHex
	case ch >= 'a' && ch <= 'f':
		return classLower | classAlpha | classHex
	case ch >= 'A' && ch <= 'Z':
		return classUpper | classAlpha
	case ch >= 'a' && ch <= 'z':
		return classLower | classAlpha
	}
	return classPunct
}

func lower(ch uint16) uint16 {
	if ch >= 'A' && ch <= 'Z' {
		return ch + 'a' - 'A'
	}
	return ch
}

func upper(ch uint16) uint16 {
	if ch >= 'a' && ch <= 'z' {
		return ch - ('a' - 'A')
	}
	return ch
}

// byteClass is what a byte is in a code page.
func byteClass(ch byte, codepage int) uint32 {
	if ch < 0x80 || codepage != ansiCodePage {
		return class(uint16(ch))
	}
	return wideClass(ansiToUTF16[ch])
}

// wideClass is what a character is, whatever the locale.
func wideClass(ch uint16) uint32 {
	if ch < 0x80 {
		if ch == '\t' {
			return class(ch) | classBlank
		}
		return class(ch)
	}
	r := rune(ch)
	switch {
	case unicode.IsUpper(r):
		return classUpper | classAlpha
	case unicode.IsLower(r):
		return classLower | classAlpha
	case unicode.IsLetter(r):
		return classAlpha
	case unicode.IsDigit(r):
		return classDigit
	case ch == 0x85:
		return classSpace | classControl
	case unicode.IsSpace(r):
		return classSpace | classBlank
	case unicode.IsControl(r):
		return classControl
	case unicode.IsPunct(r), unicode.IsSymbol(r), unicode.IsNumber(r):
		return classPunct
	}
	return 0
}

// ansiToUTF16 is code page 1252.
var ansiToUTF16 = func() (table [256]uint16) {
	for i := range table {
		table[i] = uint16([]rune(string(guest.AppendANSI(nil, []byte{byte(i)})))[0])
	}
	return table
}()

// ofClass is the part of a byte's class that a mask asks for. Numbers that are
// no byte have none.
func ofClass(c *win.Call, ch win.Int, mask uint32) win.Int {
	if ch < 0 || ch > 0xFF {
		return 0
	}
	return win.Int(byteClass(byte(ch), of(c).current(c).codepage) & mask)
}

// ofWideClass is its twin for characters.
func ofWideClass(ch win.Int, mask uint32) win.Int {
	if uint16(ch) == uint16(wideEOF) {
		return 0
	}
	return win.Int(wideClass(uint16(ch)) & mask)
}

// classRows are the functions that tell whether a character is of a class, and
// their wide twins.
func classRows(classes ...any) win.Rows {
	var rows win.Rows
	for i := 0; i < len(classes); i += 2 {
		name, mask := classes[i].(string), uint32(classes[i+1].(int))
		rows = append(rows,
			win.Func1("is"+name, func(c *win.Call, ch win.Int) (win.Int, win.Error) { return ofClass(c, ch, mask), 0 }, "ch"),
			win.Func1("isw"+name, func(c *win.Call, ch win.Int) (win.Int, win.Error) { return ofWideClass(ch, mask), 0 }, "ch"))
	}
	return rows
}

// isctype tells whether a byte is of the classes given.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/isctype-iswctype-isctype-l-iswctype-l
func isctype(c *win.Call, ch win.Int, mask win.Hex) (win.Int, win.Error) {
	return ofClass(c, ch, uint32(mask)), 0
}

// iswctype tells whether a character is of the classes given.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/isctype-iswctype-isctype-l-iswctype-l
func iswctype(c *win.Call, ch win.Int, mask win.Hex) (win.Int, win.Error) {
	return ofWideClass(ch, uint32(mask)), 0
}

// isleadbyte tells whether a byte begins a character of two: there is none.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/isleadbyte-isleadbyte-l
func isleadbyte(c *win.Call, ch win.Int) (win.Int, win.Error) { return 0, 0 }

// iscsym tells whether a character may be in a name of C.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/iscsym-functions
func iscsym(c *win.Call, ch win.Int) (win.Int, win.Error) {
	return truth(ch == '_' || ch >= 0 && ch < 0x80 && class(uint16(ch))&isAlnum != 0), 0
}

// iscsymf tells whether a character may begin a name of C.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/iscsym-functions
func iscsymf(c *win.Call, ch win.Int) (win.Int, win.Error) {
	return truth(ch == '_' || ch >= 0 && ch < 0x80 && class(uint16(ch))&isAlpha != 0), 0
}

// wctype returns the mask of a class that is named.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/wctype
func wctype(c *win.Call, name win.AStr) (win.WORD, win.Error) {
	switch name.Text {
	case "alnum":
		return isAlnum, 0
	case "alpha":
		return isAlpha, 0
	case "cntrl":
		return classControl, 0
	case "digit":
		return classDigit, 0
	case "graph":
		return isGraph, 0
	case "lower":
		return classLower, 0
	case "print":
		return isPrint, 0
	case "punct":
		return classPunct, 0
	case "blank":
		return classBlank, 0
	case "space":
		return classSpace, 0
	case "upper":
		return classUpper, 0
	case "xdigit":
		return classHex, 0
	}
	return 0, 0
}

// wctrans returns the number of a translation that is named.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/wctrans
func wctrans(c *win.Call, name win.AStr) (win.WORD, win.Error) {
	switch name.Text {
	case "tolower":
		return 0, 0
	case "toupper":
		return 1, 0
	}
	return 0, 0
}

// towctrans translates a character.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/towctrans
func towctrans(c *win.Call, ch win.Int, category win.WORD) (win.Int, win.Error) {
	if category == 1 {
		return towupper(c, ch)
	}
	return towlower(c, ch)
}

// isascii tells whether a character is below 0x80.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/isascii-isascii-iswascii
func isascii(c *win.Call, ch win.Int) (win.Int, win.Error) {
	if ch >= 0 && ch < 0x80 {
		return 1, 0
	}
	return 0, 0
}

// toascii keeps the low 7 bits.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/toascii-toascii
func toascii(c *win.Call, ch win.Int) (win.Int, win.Error) { return ch & 0x7F, 0 }

// changeCase makes a character of a locale small or capital.
func changeCase(ch uint16, l *locale, to func(rune) rune, ascii func(uint16) uint16) uint16 {
	if ch < 0x80 || l.codepage == 0 {
		return ascii(ch)
	}
	if r := to(rune(ch)); r < 0x10000 && ch < 0xD800 {
		return uint16(r)
	}
	return ch
}

// byteCase is its twin for bytes.
func byteCase(c *win.Call, ch win.Int, to func(rune) rune, ascii func(uint16) uint16) win.Int {
	l := of(c).current(c)
	switch {
	case ch < 0 || ch > 0xFF:
		return ch
	case ch < 0x80:
		return win.Int(ascii(uint16(ch)))
	case l.codepage != ansiCodePage:
		return ch
	}
	if b, ok := encode(ansiCodePage, to(rune(ansiToUTF16[ch]))); ok {
		return win.Int(b[0])
	}
	return ch
}

// tolower makes a capital letter small.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/tolower-tolower-towlower-tolower-l-towlower-l
func tolower(c *win.Call, ch win.Int) (win.Int, win.Error) {
	return byteCase(c, ch, unicode.ToLower, lower), 0
}

// toupper makes a small letter capital.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/toupper-toupper-towupper-toupper-l-towupper-l
func toupper(c *win.Call, ch win.Int) (win.Int, win.Error) {
	return byteCase(c, ch, unicode.ToUpper, upper), 0
}

// towlower makes a capital letter small.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/tolower-tolower-towlower-tolower-l-towlower-l
func towlower(c *win.Call, ch win.Int) (win.Int, win.Error) {
	return win.Int(changeCase(uint16(ch), of(c).current(c), unicode.ToLower, lower)), 0
}

// towupper makes a small letter capital.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/toupper-toupper-towupper-toupper-l-towupper-l
func towupper(c *win.Call, ch win.Int) (win.Int, win.Error) {
	return win.Int(changeCase(uint16(ch), of(c).current(c), unicode.ToUpper, upper)), 0
}

// quickLower and quickUpper are _tolower and _toupper, which do not look
// whether there is anything to change.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/tolower-tolower-towlower-tolower-l-towlower-l
func quickLower(c *win.Call, ch win.Int) (win.Int, win.Error) { return ch - 'A' + 'a', 0 }

func quickUpper(c *win.Call, ch win.Int) (win.Int, win.Error) { return ch - 'a' + 'A', 0 }

// characterTable is the address of the table that macros look characters up
// in: one word for EOF and one for each of 256 characters.
func (s *state) characterTable(codepage int) uint64 {
	return s.block(fmt.Sprint("character table ", codepage), func() []byte {
		b := make([]byte, 2, 2*257)
		for ch := range 256 {
			b = binary.LittleEndian.AppendUint16(b, uint16(byteClass(byte(ch), codepage)))
		}
		return b
	})
}

// wideTable is its twin for the first 256 characters of Unicode.
func (s *state) wideTable() uint64 {
	return s.block("wide character table", func() []byte {
		b := make([]byte, 2, 2*257)
		for ch := range uint16(256) {
			b = binary.LittleEndian.AppendUint16(b, uint16(wideClass(ch)))
		}
		return b
	})
}
