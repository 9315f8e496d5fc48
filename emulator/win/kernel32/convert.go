package kernel32

import (
	"bytes"

	"sidetrace/emulator/win"
)

// Flags of the conversions.
const (
	mbPrecomposed     = 0x01
	mbComposite       = 0x02
	mbUseGlyphChars   = 0x04
	mbErrInvalidChars = 0x08

	wcDiscardNS       = 0x010
	wcSepChars        = 0x020
	wcDefaultChar     = 0x040
	wcErrInvalidChars = 0x080
	wcCompositeCheck  = 0x200
	wcNoBestFitChars  = 0x400
)

// multiByteToWideChar converts to UTF-16. A length of -1 takes the text up to
// its terminator, and the terminator; without room the size needed is given.
//
// https://learn.microsoft.com/windows/win32/api/stringapiset/nf-stringapiset-multibytetowidechar
func multiByteToWideChar(c *win.Call, CodePage win.DWORD, dwFlags win.Hex, lpMultiByteStr win.Ptr, cbMultiByte win.Int, lpWideCharStr win.Ptr, cchWideChar win.Int) (win.Int, win.Error) {
	page := codePageOf(CodePage)
	allowed := win.Hex(mbErrInvalidChars)
	if CodePage != codePageUTF8 {
		allowed |= mbPrecomposed | mbComposite | mbUseGlyphChars
	}
	switch {
	case lpMultiByteStr == 0 || cbMultiByte == 0 || cchWideChar < 0 || cchWideChar > 0 && lpWideCharStr == 0 || lpMultiByteStr == lpWideCharStr:
		return 0, win.ErrInvalidParameter
	case page == nil:
		return 0, unknownCodePage(c, CodePage)
	case dwFlags&^allowed != 0:
		return 0, win.ErrInvalidFlags
	}
	text, ok := bytesOf(c, lpMultiByteStr, cbMultiByte)
	if !ok {
		return 0, 0
	}
	units, clean := page.decode(nil, text)
	if !clean && dwFlags&mbErrInvalidChars != 0 {
		return 0, win.ErrNoUnicodeTranslation
	}
	return win.Int(len(units)), storeUnits(c, lpWideCharStr, cchWideChar, units)
}

// wideCharToMultiByte converts from UTF-16, in the manner of
// MultiByteToWideChar.
//
// https://learn.microsoft.com/windows/win32/api/stringapiset/nf-stringapiset-widechartomultibyte
func wideCharToMultiByte(c *win.Call, CodePage win.DWORD, dwFlags win.Hex, lpWideCharStr win.Ptr, cchWideChar win.Int, lpMultiByteStr win.Ptr, cbMultiByte win.Int, lpDefaultChar win.Ptr, lpUsedDefaultChar win.Out[int32]) (win.Int, win.Error) {
	page := codePageOf(CodePage)
	allowed := win.Hex(wcErrInvalidChars)
	if CodePage != codePageUTF8 {
		allowed = wcDiscardNS | wcSepChars | wcDefaultChar | wcCompositeCheck | wcNoBestFitChars
	}
	switch {
	case lpWideCharStr == 0 || cchWideChar == 0 || cbMultiByte < 0 || cbMultiByte > 0 && lpMultiByteStr == 0 || lpWideCharStr == lpMultiByteStr:
		return 0, win.ErrInvalidParameter
	case page == nil:
		return 0, unknownCodePage(c, CodePage)
	case dwFlags&^allowed != 0:
		return 0, win.ErrInvalidFlags
	case CodePage == codePageUTF8 && (lpDefaultChar != 0 || !lpUsedDefaultChar.Null()):
		return 0, win.ErrInvalidParameter
	}
	units, ok := unitsOf(c, lpWideCharStr, cchWideChar)
	if !ok {
		return 0, 0
	}
	substitute := []byte{'?'}
	if lpDefaultChar != 0 {
		substitute[0] = byte(c.ReadUint(lpDefaultChar, 1))
	}
	text, clean := page.encode(nil, units, substitute)
	if !clean && dwFlags&wcErrInvalidChars != 0 {
		return 0, win.ErrNoUnicodeTranslation
	}
	used := int32(0)
	if !clean {
		used = 1
	}
	lpUsedDefaultChar.Set(c, used)
	if cbMultiByte == 0 {
		return win.Int(len(text)), 0
	}
	room := min(len(text), int(cbMultiByte))
	c.Write(lpMultiByteStr, text[:room])
	if room < len(text) {
		return 0, win.ErrInsufficientBuffer
	}
	return win.Int(len(text)), 0
}

// unknownCodePage refuses a code page, and says so if it is one Windows has.
func unknownCodePage(c *win.Call, number win.DWORD) win.Error {
	switch number {
	case 932, 936, 949, 950, 65000, 54936:
		c.Gap("code page " + decimal(uint64(number)))
	}
	return win.ErrInvalidParameter
}

// bytesOf is ANSI text of a given length, or with its terminator for a
// negative one.
func bytesOf(c *win.Call, at win.Ptr, length win.Int) ([]byte, bool) {
	if length >= 0 {
		b := c.Bytes(at, uint64(length))
		return b, !c.Faulted()
	}
	b, err := c.Mem.CString(uint64(at))
	if err != nil {
		c.Fail(err)
		return nil, false
	}
	return append(bytes.Clone(b), 0), true
}

// unitsOf is UTF-16 text of a given length, or with its terminator for a
// negative one.
func unitsOf(c *win.Call, at win.Ptr, length win.Int) ([]uint16, bool) {
	var b []byte
	if length >= 0 {
		b = c.Bytes(at, 2*uint64(length))
	} else {
		var err error
		if b, err = c.Mem.WString(uint64(at)); err != nil {
			c.Fail(err)
		}
	}
	if c.Faulted() {
		return nil, false
	}
	units := make([]uint16, len(b)/2, len(b)/2+1)
	for i := range units {
		units[i] = le.Uint16(b[2*i:])
	}
	if length < 0 {
		units = append(units, 0)
	}
	return units, true
}

// storeUnits writes as much of the text as there is room for; a size of 0
// asks for the length alone.
func storeUnits(c *win.Call, at win.Ptr, size win.Int, units []uint16) win.Error {
	if size == 0 {
		return 0
	}
	n := min(len(units), int(size))
	b := make([]byte, 0, 2*n)
	for _, u := range units[:n] {
		b = le.AppendUint16(b, u)
	}
	c.Write(at, b)
	if n < len(units) {
		return win.ErrInsufficientBuffer
	}
	return 0
}
