package user32

import (
	"unicode"
	"unicode/utf16"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// Characters and their case. A pointer below 64 KiB is a character itself.

var textRows = win.Rows{
	win.Func1("CharLower{A,W}", charLower, "lpsz"),
	win.Func2("CharLowerBuff{A,W}", charLowerBuff, "lpsz cchLength"),
	win.Func1("CharNext{A,W}", charNext, "lpsz"),
	win.Func2("CharPrev{A,W}", charPrev, "lpszStart lpszCurrent"),
	win.Func1("CharUpper{A,W}", charUpper, "lpsz"),
	win.Func2("CharUpperBuff{A,W}", charUpperBuff, "lpsz cchLength"),
	win.Func1("IsCharAlpha{A,W}", isCharAlpha, "ch"),
	win.Func1("IsCharAlphaNumeric{A,W}", isCharAlphaNumeric, "ch"),
	win.Func1("IsCharLower{A,W}", isCharLower, "ch"),
	win.Func1("IsCharUpper{A,W}", isCharUpper, "ch"),
}

// character is one character of the export's version as Unicode has it.
func character(c *win.Call, u uint16) rune {
	if c.ANSI() {
		b := guest.AppendANSI(nil, []byte{byte(u)})
		return []rune(string(b))[0]
	}
	return rune(u)
}

// stored is a character as the export's version stores it; 0 if it cannot.
func stored(c *win.Call, r rune) uint16 {
	if c.ANSI() {
		return uint16(guest.ANSI(string(r))[0])
	}
	if u := utf16.Encode([]rune{r}); len(u) == 1 {
		return u[0]
	}
	return 0
}

// convert changes the case of n characters in place.
func convert(c *win.Call, p win.Ptr, n uint64, to func(rune) rune) {
	size := c.CharSize()
	b := c.Buffer(p, n*size)
	for i := 0; i+int(size) <= len(b); i += int(size) {
		u := uint16(b[i])
		if size == 2 {
			u = le.Uint16(b[i:])
		}
		v := stored(c, to(character(c, u)))
		if v == 0 || c.ANSI() && v == '?' {
			continue
		}
		if b[i] = byte(v); size == 2 {
			le.PutUint16(b[i:], v)
		}
	}
}

// whole changes a character or a string.
func whole(c *win.Call, p win.Ptr, to func(rune) rune) win.Ptr {
	if p < 0x10000 {
		return win.Ptr(stored(c, to(character(c, uint16(p)))))
	}
	if text := c.TString(p); !c.Faulted() {
		convert(c, p, uint64(length(c, text)), to)
	}
	return p
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-charlowerw
func charLower(c *win.Call, lpsz win.Ptr) (win.Ptr, win.Error) {
	return whole(c, lpsz, unicode.ToLower), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-charupperw
func charUpper(c *win.Call, lpsz win.Ptr) (win.Ptr, win.Error) {
	return whole(c, lpsz, unicode.ToUpper), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-charlowerbuffw
func charLowerBuff(c *win.Call, lpsz win.Ptr, cchLength win.DWORD) (win.DWORD, win.Error) {
	convert(c, lpsz, uint64(cchLength), unicode.ToLower)
	return cchLength, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-charupperbuffw
func charUpperBuff(c *win.Call, lpsz win.Ptr, cchLength win.DWORD) (win.DWORD, win.Error) {
	convert(c, lpsz, uint64(cchLength), unicode.ToUpper)
	return cchLength, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-charnextw
func charNext(c *win.Call, lpsz win.Ptr) (win.Ptr, win.Error) {
	size := c.CharSize()
	if c.ReadUint(lpsz, int(size)) == 0 {
		return lpsz, 0
	}
	return lpsz + win.Ptr(size), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-charprevw
func charPrev(c *win.Call, lpszStart, lpszCurrent win.Ptr) (win.Ptr, win.Error) {
	if lpszCurrent <= lpszStart {
		return lpszStart, 0
	}
	return lpszCurrent - win.Ptr(c.CharSize()), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-ischaralphaw
func isCharAlpha(c *win.Call, ch win.WORD) (win.Bool, win.Error) {
	return win.Bool(unicode.IsLetter(character(c, uint16(ch)))), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-ischaralphanumericw
func isCharAlphaNumeric(c *win.Call, ch win.WORD) (win.Bool, win.Error) {
	r := character(c, uint16(ch))
	return win.Bool(unicode.IsLetter(r) || unicode.IsDigit(r)), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-ischarlowerw
func isCharLower(c *win.Call, ch win.WORD) (win.Bool, win.Error) {
	return win.Bool(unicode.IsLower(character(c, uint16(ch)))), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-ischarupperw
func isCharUpper(c *win.Call, ch win.WORD) (win.Bool, win.Error) {
	return win.Bool(unicode.IsUpper(character(c, uint16(ch)))), 0
}
