package kernel32

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var stringRows = win.Rows{
	win.Partial(win.Func10("CompareStringEx", compareStringEx,
		"lpLocaleName dwCmpFlags lpString1 cchCount1 lpString2 cchCount2 lpVersionInformation lpReserved lParam0 lParam1"), comparisonNote),
	win.Partial(win.Func5("CompareStringOrdinal", compareStringOrdinal, "lpString1 cchCount1 lpString2 cchCount2 bIgnoreCase"), "case beyond the basic plane"),
	win.Partial(win.Func6("CompareStringW", compareString, "Locale dwCmpFlags lpString1 cchCount1 lpString2 cchCount2"), comparisonNote),
	win.Func2("lstrcat{A,W}", lstrcat, "lpString1 lpString2"),
	win.Partial(win.Func2("lstrcmp{A,W}", lstrcmp, "lpString1 lpString2"), comparisonNote),
	win.Partial(win.Func2("lstrcmpi{A,W}", lstrcmpi, "lpString1 lpString2"), comparisonNote),
	win.Func2("lstrcpy{A,W}", lstrcpy, "lpString1 lpString2"),
	win.Func3("lstrcpyn{A,W}", lstrcpyn, "lpString1 lpString2 iMaxLength"),
	win.Func1("lstrlen{A,W}", lstrlen, "lpString"),
}

const comparisonNote = "punctuation, digits, letters, then case: weights of accents and of single languages are not modelled"

// raw is a string's characters as they lie in memory, without the terminator.
func raw(c *win.Call, at win.Ptr) []byte {
	var b []byte
	var err error
	if c.ANSI() {
		b, err = c.Mem.CString(uint64(at))
	} else {
		b, err = c.Mem.WString(uint64(at))
	}
	if err != nil {
		c.Fail(err)
	}
	return b
}

// put copies characters and a terminator.
func put(c *win.Call, at win.Ptr, text []byte) win.Ptr {
	c.Write(at, append(slices.Clip(slices.Clone(text)), make([]byte, c.CharSize())...))
	return at
}

// lstrlen is the length in characters. Unlike Windows', it does not survive
// a bad pointer other than NULL.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-lstrlenw
func lstrlen(c *win.Call, lpString win.TStr) (win.Int, win.Error) {
	if lpString.Null() {
		return 0, 0
	}
	return win.Int(uint64(len(raw(c, lpString.Addr))) / c.CharSize()), 0
}

// lstrcpy copies a string with its terminator.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-lstrcpyw
func lstrcpy(c *win.Call, lpString1 win.Ptr, lpString2 win.TStr) (win.Ptr, win.Error) {
	if lpString1 == 0 || lpString2.Null() {
		return 0, 0
	}
	return put(c, lpString1, raw(c, lpString2.Addr)), 0
}

// lstrcpyn copies at most a number of characters, the terminator included.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-lstrcpynw
func lstrcpyn(c *win.Call, lpString1 win.Ptr, lpString2 win.TStr, iMaxLength win.Int) (win.Ptr, win.Error) {
	if lpString1 == 0 || lpString2.Null() {
		return 0, 0
	}
	if iMaxLength <= 0 {
		return lpString1, 0
	}
	text := raw(c, lpString2.Addr)
	return put(c, lpString1, text[:min(uint64(len(text)), (uint64(iMaxLength)-1)*c.CharSize())]), 0
}

// lstrcat appends a string to another one.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-lstrcatw
func lstrcat(c *win.Call, lpString1, lpString2 win.TStr) (win.Ptr, win.Error) {
	if lpString1.Null() || lpString2.Null() {
		return 0, 0
	}
	end := lpString1.Addr + win.Ptr(len(raw(c, lpString1.Addr)))
	put(c, end, raw(c, lpString2.Addr))
	return lpString1.Addr, 0
}

// lstrcmp compares as dictionaries do.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-lstrcmpw
func lstrcmp(_ *win.Call, lpString1, lpString2 win.TStr) (win.Int, win.Error) {
	return collate(lpString1.Str, lpString2.Str, false), 0
}

// lstrcmpi compares without regard to case.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-lstrcmpiw
func lstrcmpi(_ *win.Call, lpString1, lpString2 win.TStr) (win.Int, win.Error) {
	return collate(lpString1.Str, lpString2.Str, true), 0
}

// collate orders NULL before everything.
func collate(a, b win.Str, ignoreCase bool) win.Int {
	switch {
	case a.Null() && b.Null():
		return 0
	case a.Null():
		return -1
	case b.Null():
		return 1
	}
	return win.Int(order(a.Text, b.Text, ignoreCase))
}

// order compares two texts in three steps, each deciding only what the one
// before left equal: the characters without case; the case, small before
// capital.
func order(a, b string, ignoreCase bool) int {
	x, y := []rune(a), []rune(b)
	if by := slices.CompareFunc(x, y, func(r, s rune) int { return compareWeights(weight(r), weight(s)) }); by != 0 || ignoreCase {
		return by
	}
	return slices.CompareFunc(x, y, func(r, s rune) int {
		return cmp.Compare(capital(r), capital(s))
	})
}

// weight is a character's class and its place in it.
func weight(r rune) [2]rune {
	switch {
	case unicode.IsLetter(r):
		return [2]rune{2, unicode.ToLower(r)}
	case unicode.IsDigit(r):
		return [2]rune{1, r}
	}
	return [2]rune{0, r}
}

func compareWeights(a, b [2]rune) int { return slices.Compare(a[:], b[:]) }

func capital(r rune) int {
	if unicode.IsUpper(r) {
		return 1
	}
	return 0
}

// What CompareString returns.
const (
	compareLess    = 1
	compareEqual   = 2
	compareGreater = 3
)

// Flags of CompareString.
const (
	normIgnoreCase           = 0x00000001
	linguisticIgnoreCase     = 0x00000010
	linguisticIgnoreDiacrit  = 0x00000020
	normIgnoreKanaType       = 0x00010000
	normIgnoreWidth          = 0x00020000
	normLinguisticCasing     = 0x08000000
	normIgnoreNonSpace       = 0x00000002
	normIgnoreSymbols        = 0x00000004
	sortStringSort           = 0x00001000
	sortDigitsAsNumbers      = 0x00000008
	compareKnownFlags        = normIgnoreCase | linguisticIgnoreCase | linguisticIgnoreDiacrit | normIgnoreKanaType | normIgnoreWidth | normLinguisticCasing | normIgnoreNonSpace | normIgnoreSymbols | sortStringSort | sortDigitsAsNumbers
	compareUnmodelledFlags   = linguisticIgnoreDiacrit | normIgnoreNonSpace | normIgnoreSymbols | sortDigitsAsNumbers
	compareIgnoringCaseFlags = normIgnoreCase | linguisticIgnoreCase
)

// compareString compares as dictionaries do, in any locale alike.
//
// https://learn.microsoft.com/windows/win32/api/stringapiset/nf-stringapiset-comparestringw
func compareString(c *win.Call, Locale win.DWORD, dwCmpFlags win.Hex, lpString1 win.Ptr, cchCount1 win.Int, lpString2 win.Ptr, cchCount2 win.Int) (win.Int, win.Error) {
	return compareTexts(c, dwCmpFlags, lpString1, cchCount1, lpString2, cchCount2)
}

// compareStringEx is CompareString for a locale given by name.
//
// https://learn.microsoft.com/windows/win32/api/stringapiset/nf-stringapiset-comparestringex
func compareStringEx(c *win.Call, lpLocaleName win.WStr, dwCmpFlags win.Hex, lpString1 win.Ptr, cchCount1 win.Int, lpString2 win.Ptr, cchCount2 win.Int, lpVersionInformation, lpReserved, lParam0, lParam1 win.Ptr) (win.Int, win.Error) {
	return compareTexts(c, dwCmpFlags, lpString1, cchCount1, lpString2, cchCount2)
}

func compareTexts(c *win.Call, flags win.Hex, string1 win.Ptr, count1 win.Int, string2 win.Ptr, count2 win.Int) (win.Int, win.Error) {
	switch {
	case string1 == 0 || string2 == 0:
		return 0, win.ErrInvalidParameter
	case flags&^compareKnownFlags != 0:
		return 0, win.ErrInvalidFlags
	case flags&compareUnmodelledFlags != 0:
		c.Gap("comparison flags")
	}
	a, ok1 := counted(c, string1, count1)
	b, ok2 := counted(c, string2, count2)
	if !ok1 || !ok2 {
		return 0, 0
	}
	return compareEqual + win.Int(order(a, b, flags&compareIgnoringCaseFlags != 0)), 0
}

// counted is UTF-16 text of a given length, or up to its terminator.
func counted(c *win.Call, at win.Ptr, length win.Int) (string, bool) {
	if length < 0 {
		s := c.WString(at)
		return s, !c.Faulted()
	}
	b := c.Bytes(at, 2*uint64(length))
	return string(guest.AppendUTF8(nil, b)), !c.Faulted()
}

// compareStringOrdinal compares code units, without regard to case if asked.
//
// https://learn.microsoft.com/windows/win32/api/stringapiset/nf-stringapiset-comparestringordinal
func compareStringOrdinal(c *win.Call, lpString1 win.Ptr, cchCount1 win.Int, lpString2 win.Ptr, cchCount2, bIgnoreCase win.Int) (win.Int, win.Error) {
	if lpString1 == 0 || lpString2 == 0 {
		return 0, win.ErrInvalidParameter
	}
	a, ok1 := counted(c, lpString1, cchCount1)
	b, ok2 := counted(c, lpString2, cchCount2)
	if !ok1 || !ok2 {
		return 0, 0
	}
	if bIgnoreCase != 0 {
		a, b = strings.ToUpper(a), strings.ToUpper(b)
	}
	return compareEqual + win.Int(cmp.Compare(a, b)), 0
}
