package crt

import (
	"encoding/binary"

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

var characterRows = win.Rows{
	win.Func1("__isascii", isascii, "ch"),
	win.Func1("__toascii", toascii, "ch"),
	win.Func2("_isctype", isctype, "ch mask"),
	win.Func1("_tolower", tolower, "ch"),
	win.Func1("_toupper", toupper, "ch"),
	win.Func2("iswctype", isctype, "ch mask"),
	win.Func1("tolower", tolower, "ch"),
	win.Func1("toupper", toupper, "ch"),
	win.Func1("towlower", tolower, "ch"),
	win.Func1("towupper", toupper, "ch"),

	classRow("isalnum", isAlnum), classRow("iswalnum", isAlnum),
	classRow("isalpha", isAlpha), classRow("iswalpha", isAlpha),
	classRow("iscntrl", classControl), classRow("iswcntrl", classControl),
	classRow("isdigit", classDigit), classRow("iswdigit", classDigit),
	classRow("isgraph", isGraph), classRow("iswgraph", isGraph),
	classRow("islower", classLower), classRow("iswlower", classLower),
	classRow("isprint", isPrint), classRow("iswprint", isPrint),
	classRow("ispunct", classPunct), classRow("iswpunct", classPunct),
	classRow("isspace", classSpace), classRow("iswspace", classSpace),
	classRow("isupper", classUpper), classRow("iswupper", classUpper),
	classRow("isxdigit", classHex), classRow("iswxdigit", classHex),
}

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

// ofClass is the part of a character's class that a mask asks for. Numbers
// that are no character have none.
func ofClass(ch win.Int, mask uint32) win.Int {
	if ch < 0 || ch > 0xFFFF {
		return 0
	}
	return win.Int(class(uint16(ch)) & mask)
}

// classRow is a function that tells whether a character is of a class.
func classRow(name string, mask uint32) win.Row {
	return win.Func1(name, func(c *win.Call, ch win.Int) (win.Int, win.Error) { return ofClass(ch, mask), 0 }, "ch")
}

// isctype tells whether a character is of the classes given.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/isctype-iswctype-isctype-l-iswctype-l
func isctype(c *win.Call, ch win.Int, mask win.Hex) (win.Int, win.Error) {
	return ofClass(ch, uint32(mask)), 0
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

// tolower makes a capital ASCII letter small.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/tolower-tolower-towlower-tolower-l-towlower-l
func tolower(c *win.Call, ch win.Int) (win.Int, win.Error) {
	if ch >= 'A' && ch <= 'Z' {
		ch += 'a' - 'A'
	}
	return ch, 0
}

// toupper makes a small ASCII letter capital.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/toupper-toupper-towupper-toupper-l-towupper-l
func toupper(c *win.Call, ch win.Int) (win.Int, win.Error) {
	if ch >= 'a' && ch <= 'z' {
		ch -= 'a' - 'A'
	}
	return ch, 0
}

// characterTable is the address of the table that macros of old headers look
// characters up in: one word for EOF and one for each of 256 characters.
func (s *state) characterTable() uint64 {
	return s.block("character table", func() []byte {
		b := make([]byte, 2, 2*257)
		for ch := range uint16(256) {
			b = binary.LittleEndian.AppendUint16(b, uint16(class(ch)))
		}
		return b
	})
}
