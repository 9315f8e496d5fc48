package shlwapi

import (
	"cmp"
	"slices"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/crt"
)

// Places in strings, comparisons and copies. Null pointers are no mistake:
// nothing is found in them.

var stringRows = win.Rows{
	win.Func2("ChrCmpI{A,W}", chrCmpI, "w1 w2"),
	win.Func3("StrCatBuff{A,W}", strCatBuff, "pszDest pszSrc cchDestBuffSize"),
	win.Func2("StrCatW", strCat, "psz1 psz2"),
	win.Func2("StrChr{A,W}", strChr, "pszStart wMatch"),
	win.Func2("StrChrI{A,W}", strChrI, "pszStart wMatch"),
	win.Func2("StrCmpIW", strCmpI, "psz1 psz2"),
	win.Func2("StrCmpLogicalW", strCmpLogical, "psz1 psz2"),
	win.Func3("StrCmpN{A,W}", strCmpN, "psz1 psz2 nChar"),
	win.Func3("StrCmpNI{A,W}", strCmpNI, "psz1 psz2 nChar"),
	win.Func2("StrCmpW", strCmp, "psz1 psz2"),
	win.Func3("StrCpyNW", strCpyN, "pszDst pszSrc cchMax"),
	win.Func2("StrCpyW", strCpy, "psz1 psz2"),
	win.Func2("StrCSpn{A,W}", strCSpn, "pszStr pszSet"),
	win.Func2("StrCSpnI{A,W}", strCSpnI, "pszStr pszSet"),
	win.Func1("StrDup{A,W}", strDup, "pszSrch"),
	win.Func4("StrIsIntlEqual{A,W}", strIsIntlEqual, "fCaseSens lpString1 lpString2 nChar"),
	win.Func2("StrPBrk{A,W}", strPBrk, "psz pszSet"),
	win.Func3("StrRChr{A,W}", strRChr, "pszStart pszEnd wMatch"),
	win.Func3("StrRChrI{A,W}", strRChrI, "pszStart pszEnd wMatch"),
	win.Func3("StrRStrI{A,W}", strRStrI, "pszSource pszLast pszSrch"),
	win.Func2("StrSpn{A,W}", strSpn, "psz pszSet"),
	win.Func2("StrStr{A,W}", strStr, "pszFirst pszSrch"),
	win.Func2("StrStrI{A,W}", strStrI, "pszFirst pszSrch"),
	win.Func2("StrTrim{A,W}", strTrim, "psz pszTrimChars"),
	win.Func3("wnsprintf{A,W}", wnsprintf, "pszDest cchDest pszFmt"),
	win.Func4("wvnsprintf{A,W}", wvnsprintf, "pszDest cchDest pszFmt arglist"),
}

func chrCmpI(_ *win.Call, w1, w2 win.WORD) (win.Int, win.Error) {
	return win.Int(compare([]uint16{uint16(w1)}, []uint16{uint16(w2)}, fold)), 0
}

// compare orders characters as key sees them: -1, 0 or 1.
func compare(a, b []uint16, key func(uint16) uint16) int {
	return slices.CompareFunc(a, b, func(x, y uint16) int { return cmp.Compare(key(x), key(y)) })
}

// found is the place of the first character that holds, NULL if none does.
func (t text) found(i int) win.Ptr {
	if t.at == 0 || i < 0 {
		return 0
	}
	return t.place(i)
}

func index(s []uint16, u uint16, key func(uint16) uint16) int {
	return slices.IndexFunc(s, func(v uint16) bool { return key(v) == key(u) })
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strchrw
func strChr(c *win.Call, pszStart win.TText, wMatch win.WORD) (win.Ptr, win.Error) {
	t := read(c, pszStart)
	return t.found(index(t.chars, character(c, wMatch), same)), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strchriw
func strChrI(c *win.Call, pszStart win.TText, wMatch win.WORD) (win.Ptr, win.Error) {
	t := read(c, pszStart)
	return t.found(index(t.chars, character(c, wMatch), fold)), 0
}

// character is an argument as the text has it: a byte in the ANSI version.
func character(c *win.Call, w win.WORD) uint16 {
	if c.ANSI() {
		return uint16(uint8(w))
	}
	return uint16(w)
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strrchrw
func strRChr(c *win.Call, pszStart, pszEnd win.TText, wMatch win.WORD) (win.Ptr, win.Error) {
	return lastChr(c, pszStart, pszEnd, wMatch, same), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strrchriw
func strRChrI(c *win.Call, pszStart, pszEnd win.TText, wMatch win.WORD) (win.Ptr, win.Error) {
	return lastChr(c, pszStart, pszEnd, wMatch, fold), 0
}

func lastChr(c *win.Call, start, end win.TText, wMatch win.WORD, key func(uint16) uint16) win.Ptr {
	t := read(c, start)
	u := character(c, wMatch)
	for i := t.until(end) - 1; i >= 0; i-- {
		if key(t.chars[i]) == key(u) {
			return t.place(i)
		}
	}
	return 0
}

// until is how many characters lie before end; a null pointer is the text's own.
func (t text) until(end win.TText) int {
	if n := (uint64(end) - uint64(t.at)) / t.size; end != 0 && n < uint64(len(t.chars)) {
		return int(n)
	}
	return len(t.chars)
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strstrw
func strStr(c *win.Call, pszFirst, pszSrch win.TText) (win.Ptr, win.Error) {
	return find(c, pszFirst, pszSrch, same), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strstriw
func strStrI(c *win.Call, pszFirst, pszSrch win.TText) (win.Ptr, win.Error) {
	return find(c, pszFirst, pszSrch, fold), 0
}

// find finds no empty string.
func find(c *win.Call, first, wanted win.TText, key func(uint16) uint16) win.Ptr {
	t, w := read(c, first), read(c, wanted).chars
	if len(w) == 0 {
		return 0
	}
	for i := range t.chars {
		if hasPrefix(t.chars[i:], w, key) {
			return t.place(i)
		}
	}
	return 0
}

// strRStrI finds the last place that starts before pszLast.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strrstriw
func strRStrI(c *win.Call, pszSource, pszLast, pszSrch win.TText) (win.Ptr, win.Error) {
	t, w := read(c, pszSource), read(c, pszSrch).chars
	if len(w) == 0 {
		return 0, 0
	}
	for i := t.until(pszLast) - 1; i >= 0; i-- {
		if hasPrefix(t.chars[i:], w, fold) {
			return t.place(i), 0
		}
	}
	return 0, 0
}

// span is how many characters at the start of a text are in a set, or are not.
func span(c *win.Call, s, set win.TText, in bool, key func(uint16) uint16) int {
	chars, members := read(c, s).chars, read(c, set).chars
	if s == 0 || set == 0 {
		return 0
	}
	for i, u := range chars {
		if (index(members, u, key) >= 0) != in {
			return i
		}
	}
	return len(chars)
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strspnw
func strSpn(c *win.Call, psz, pszSet win.TText) (win.Int, win.Error) {
	return win.Int(span(c, psz, pszSet, true, same)), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strcspnw
func strCSpn(c *win.Call, pszStr, pszSet win.TText) (win.Int, win.Error) {
	return win.Int(span(c, pszStr, pszSet, false, same)), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strcspniw
func strCSpnI(c *win.Call, pszStr, pszSet win.TText) (win.Int, win.Error) {
	return win.Int(span(c, pszStr, pszSet, false, fold)), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strpbrkw
func strPBrk(c *win.Call, psz, pszSet win.TText) (win.Ptr, win.Error) {
	t := read(c, psz)
	if n := span(c, psz, pszSet, false, same); pszSet != 0 && n < len(t.chars) {
		return t.place(n), 0
	}
	return 0, 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strcmpw
func strCmp(c *win.Call, psz1, psz2 win.TText) (win.Int, win.Error) {
	return win.Int(compare(read(c, psz1).chars, read(c, psz2).chars, same)), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strcmpiw
func strCmpI(c *win.Call, psz1, psz2 win.TText) (win.Int, win.Error) {
	return win.Int(compare(read(c, psz1).chars, read(c, psz2).chars, fold)), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strcmpnw
func strCmpN(c *win.Call, psz1, psz2 win.TText, nChar win.Int) (win.Int, win.Error) {
	return win.Int(compareN(c, psz1, psz2, nChar, same)), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strcmpniw
func strCmpNI(c *win.Call, psz1, psz2 win.TText, nChar win.Int) (win.Int, win.Error) {
	return win.Int(compareN(c, psz1, psz2, nChar, fold)), 0
}

func compareN(c *win.Call, psz1, psz2 win.TText, nChar win.Int, key func(uint16) uint16) int {
	a, b := read(c, psz1).chars, read(c, psz2).chars
	n := max(int(nChar), 0)
	return compare(a[:min(n, len(a))], b[:min(n, len(b))], key)
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strisintlequalw
func strIsIntlEqual(c *win.Call, fCaseSens win.Int, lpString1, lpString2 win.TText, nChar win.Int) (win.Bool, win.Error) {
	key := fold
	if fCaseSens != 0 {
		key = same
	}
	return compareN(c, lpString1, lpString2, nChar, key) == 0, 0
}

// strCmpLogical orders numbers in text by their value: "a2" before "a10".
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strcmplogicalw
func strCmpLogical(c *win.Call, psz1, psz2 win.TText) (win.Int, win.Error) {
	a, b := read(c, psz1).chars, read(c, psz2).chars
	for len(a) > 0 && len(b) > 0 {
		var x, y []uint16
		if isDigit(a[0]) && isDigit(b[0]) {
			x, a = digits(a)
			y, b = digits(b)
			if len(x) != len(y) {
				return win.Int(max(-1, min(1, len(x)-len(y)))), 0
			}
		} else {
			x, a, y, b = a[:1], a[1:], b[:1], b[1:]
		}
		if order := compare(x, y, fold); order != 0 {
			return win.Int(order), 0
		}
	}
	return win.Int(max(-1, min(1, len(a)-len(b)))), 0
}

func isDigit(u uint16) bool { return u >= '0' && u <= '9' }

// digits takes the number at the start of s, without its leading zeros.
func digits(s []uint16) (number, rest []uint16) {
	for len(s) > 1 && s[0] == '0' && isDigit(s[1]) {
		s = s[1:]
	}
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return s[:n], s[n:]
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strcatw
func strCat(c *win.Call, psz1, psz2 win.TText) (win.Ptr, win.Error) {
	if t := read(c, psz1); psz1 != 0 && psz2 != 0 {
		write(c, t.place(len(t.chars)), read(c, psz2).chars)
	}
	return win.Ptr(psz1), 0
}

// strCatBuff cuts what does not fit.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strcatbuffw
func strCatBuff(c *win.Call, pszDest, pszSrc win.TText, cchDestBuffSize win.Int) (win.Ptr, win.Error) {
	t, more := read(c, pszDest), read(c, pszSrc).chars
	if room := int(cchDestBuffSize) - len(t.chars) - 1; pszDest != 0 && room > 0 {
		write(c, t.place(len(t.chars)), more[:min(len(more), room)])
	}
	return win.Ptr(pszDest), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strcpyw
func strCpy(c *win.Call, psz1 win.Ptr, psz2 win.TText) (win.Ptr, win.Error) {
	if psz1 != 0 {
		write(c, psz1, read(c, psz2).chars)
	}
	return psz1, 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strcpynw
func strCpyN(c *win.Call, pszDst win.Ptr, pszSrc win.TText, cchMax win.Int) (win.Ptr, win.Error) {
	if from := read(c, pszSrc).chars; pszDst != 0 && cchMax > 0 {
		write(c, pszDst, from[:min(len(from), int(cchMax)-1)])
	}
	return pszDst, 0
}

// strDup copies a string to memory that LocalFree frees.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strdupw
func strDup(c *win.Call, pszSrch win.TText) (win.Ptr, win.Error) {
	if pszSrch == 0 {
		return 0, 0
	}
	t := read(c, pszSrch)
	copied := c.Heap.Alloc((uint64(len(t.chars)) + 1) * t.size)
	if copied == 0 {
		return 0, win.ErrNotEnoughMemory
	}
	write(c, win.Ptr(copied), t.chars)
	return win.Ptr(copied), 0
}

// strTrim cuts characters of a set at both ends.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-strtrimw
func strTrim(c *win.Call, psz, pszTrimChars win.TText) (win.Bool, win.Error) {
	set := read(c, pszTrimChars).chars
	return win.Bool(edit(c, psz, func(s []uint16) []uint16 {
		return trim(s, func(u uint16) bool { return slices.Contains(set, u) })
	})), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-wnsprintfw
func wnsprintf(c *win.Call, pszDest win.Ptr, cchDest win.Int, pszFmt win.TText) (win.Int, win.Error) {
	return format(c, pszDest, cchDest, pszFmt, 0), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-wvnsprintfw
func wvnsprintf(c *win.Call, pszDest win.Ptr, cchDest win.Int, pszFmt win.TText, arglist win.Ptr) (win.Int, win.Error) {
	return format(c, pszDest, cchDest, pszFmt, arglist), 0
}

// format is wsprintf for a buffer of a size. What does not fit is cut, and the
// result -1.
func format(c *win.Call, dest win.Ptr, size win.Int, fmt win.TText, list win.Ptr) win.Int {
	if dest == 0 || size <= 0 {
		return -1
	}
	out := crt.Wsprintf(c, !c.ANSI(), win.Ptr(fmt), 3, list)
	n := min(len(out), int(size)-1)
	if c.Faulted() {
		return -1
	}
	write(c, dest, out[:n])
	if n < len(out) {
		return -1
	}
	return win.Int(n)
}
