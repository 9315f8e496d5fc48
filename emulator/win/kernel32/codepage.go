package kernel32

import (
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"sidetrace/emulator/win"
)

var codePageRows = win.Rows{
	win.Func0("GetACP", getACP),
	win.Func2("GetCPInfo", getCPInfo, "CodePage lpCPInfo"),
	win.Func0("GetOEMCP", getOEMCP),
	win.Stub("IsDBCSLeadByte", win.Bool(false), "TestChar"),
	win.Stub("IsDBCSLeadByteEx", win.Bool(false), "CodePage TestChar"),
	win.Func1("IsValidCodePage", isValidCodePage, "CodePage"),
	win.Partial(win.Func6("MultiByteToWideChar", multiByteToWideChar,
		"CodePage dwFlags lpMultiByteStr cbMultiByte lpWideCharStr cchWideChar"), "UTF-7 and double-byte code pages"),
	win.Partial(win.Func8("WideCharToMultiByte", wideCharToMultiByte,
		"CodePage dwFlags lpWideCharStr cchWideChar lpMultiByteStr cbMultiByte lpDefaultChar lpUsedDefaultChar"),
		"UTF-7, double-byte code pages and best fits"),
}

// Code pages. The machine is set up for American English.
//
// https://learn.microsoft.com/windows/win32/intl/code-page-identifiers
const (
	ansiCodePage = 1252
	oemCodePage  = 437

	codePageACP       = 0
	codePageOEM       = 1
	codePageThreadACP = 3
	codePageASCII     = 20127
	codePageUTF8      = 65001
)

// codePage converts between bytes and UTF-16 code units.
type codePage interface {
	// decode appends the code units of b; ok is false if some of it meant nothing.
	decode(dst []uint16, b []byte) (units []uint16, ok bool)
	// encode appends the bytes of units; ok is false if some had none, for
	// which substitute stands.
	encode(dst []byte, units []uint16, substitute []byte) (b []byte, ok bool)
}

// codePageOf finds a code page by number; nil if there is none.
func codePageOf(number win.DWORD) codePage {
	switch number {
	case codePageACP, codePageThreadACP:
		number = ansiCodePage
	case codePageOEM:
		number = oemCodePage
	}
	switch number {
	case codePageUTF8:
		return utf8Page{}
	case codePageASCII:
		return asciiPage{}
	case 437:
		return singleByte{charmap.CodePage437}
	case 850:
		return singleByte{charmap.CodePage850}
	case 852:
		return singleByte{charmap.CodePage852}
	case 866:
		return singleByte{charmap.CodePage866}
	case 874:
		return singleByte{charmap.Windows874}
	case 1250:
		return singleByte{charmap.Windows1250}
	case 1251:
		return singleByte{charmap.Windows1251}
	case 1252:
		return singleByte{charmap.Windows1252}
	case 1253:
		return singleByte{charmap.Windows1253}
	case 1254:
		return singleByte{charmap.Windows1254}
	case 1255:
		return singleByte{charmap.Windows1255}
	case 1256:
		return singleByte{charmap.Windows1256}
	case 1257:
		return singleByte{charmap.Windows1257}
	case 1258:
		return singleByte{charmap.Windows1258}
	case 20866:
		return singleByte{charmap.KOI8R}
	case 28591:
		return singleByte{charmap.ISO8859_1}
	case 28592:
		return singleByte{charmap.ISO8859_2}
	case 28605:
		return singleByte{charmap.ISO8859_15}
	}
	return nil
}

// singleByte is a code page of 256 characters.
type singleByte struct{ *charmap.Charmap }

// decode maps bytes that mean nothing to the control of the same number, as
// Windows does: no byte is lost on the way there and back.
func (p singleByte) decode(dst []uint16, b []byte) ([]uint16, bool) {
	for _, c := range b {
		r := p.DecodeByte(c)
		if r == utf8.RuneError {
			r = rune(c)
		}
		dst = append(dst, uint16(r))
	}
	return dst, true
}

func (p singleByte) encode(dst []byte, units []uint16, substitute []byte) ([]byte, bool) {
	clean := true
	for i := 0; i < len(units); i++ {
		u := units[i]
		c, ok := p.EncodeRune(rune(u))
		switch {
		case ok && u != utf8.RuneError:
			dst = append(dst, c)
		case u >= 0x80 && u < 0x100 && p.DecodeByte(byte(u)) == utf8.RuneError:
			dst = append(dst, byte(u))
		default:
			clean = false
			dst = append(dst, substitute...)
			if pair(units[i:]) {
				i++
			}
		}
	}
	return dst, clean
}

// pair reports whether units begin with a surrogate pair.
func pair(units []uint16) bool {
	return len(units) > 1 && utf16.DecodeRune(rune(units[0]), rune(units[1])) != utf8.RuneError
}

// asciiPage is US-ASCII; the highest bit of bytes is ignored.
type asciiPage struct{}

func (asciiPage) decode(dst []uint16, b []byte) ([]uint16, bool) {
	for _, c := range b {
		dst = append(dst, uint16(c&0x7F))
	}
	return dst, true
}

func (asciiPage) encode(dst []byte, units []uint16, substitute []byte) ([]byte, bool) {
	clean := true
	for _, u := range units {
		if u < 0x80 {
			dst = append(dst, byte(u))
			continue
		}
		clean = false
		dst = append(dst, substitute...)
	}
	return dst, clean
}

// utf8Page is UTF-8. What is not well-formed becomes U+FFFD, one for each
// longest piece that begins a character.
type utf8Page struct{}

func (utf8Page) decode(dst []uint16, b []byte) ([]uint16, bool) {
	clean := true
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			clean = false
			n = subpart(b)
		}
		dst = utf16.AppendRune(dst, r)
		b = b[n:]
	}
	return dst, clean
}

// subpart is the length of the maximal subpart that b, which is ill-formed,
// begins with.
//
// The Unicode Standard, section 3.9, U+FFFD Substitution of Maximal Subparts.
func subpart(b []byte) int {
	lo, hi, length := byte(0x80), byte(0xBF), 0
	switch c := b[0]; {
	case c >= 0xC2 && c <= 0xDF:
		length = 2
	case c == 0xE0:
		lo, length = 0xA0, 3
	case c == 0xED:
		hi, length = 0x9F, 3
	case c >= 0xE1 && c <= 0xEF:
		length = 3
	case c == 0xF0:
		lo, length = 0x90, 4
	case c == 0xF4:
		hi, length = 0x8F, 4
	case c >= 0xF1 && c <= 0xF3:
		length = 4
	}
	n := 1
	for n < min(length, len(b)) && b[n] >= lo && b[n] <= hi {
		lo, hi = 0x80, 0xBF
		n++
	}
	return n
}

func (utf8Page) encode(dst []byte, units []uint16, _ []byte) ([]byte, bool) {
	clean := true
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if utf16.IsSurrogate(r) {
			if pair(units[i:]) {
				r = utf16.DecodeRune(r, rune(units[i+1]))
				i++
			} else {
				r, clean = utf8.RuneError, false
			}
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst, clean
}

// getACP is the ANSI code page.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-getacp
func getACP(*win.Call) (win.DWORD, win.Error) { return ansiCodePage, 0 }

// getOEMCP is the code page of the console.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-getoemcp
func getOEMCP(*win.Call) (win.DWORD, win.Error) { return oemCodePage, 0 }

// isValidCodePage tells whether a code page is installed.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-isvalidcodepage
func isValidCodePage(_ *win.Call, CodePage win.DWORD) (win.Bool, win.Error) {
	return CodePage > codePageThreadACP && codePageOf(CodePage) != nil, 0
}

// getCPInfo stores the longest character, the default one and the lead bytes.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-getcpinfo
func getCPInfo(c *win.Call, CodePage win.DWORD, lpCPInfo win.Ptr) (win.Bool, win.Error) {
	const size = 20
	if codePageOf(CodePage) == nil || lpCPInfo == 0 {
		return false, win.ErrInvalidParameter
	}
	b := c.Buffer(lpCPInfo, size)
	if b == nil {
		return false, 0
	}
	clear(b)
	b[0], b[4] = 1, '?'
	if CodePage == codePageUTF8 {
		b[0] = 4
	}
	return true, 0
}
