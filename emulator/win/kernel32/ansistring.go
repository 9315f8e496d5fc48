package kernel32

import (
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// The ANSI versions of string functions, which convert by the system's code
// page, and FoldString.

var ansiStringRows = win.Rows{
	win.Partial(win.Func6("CompareStringA", compareStringA, "Locale dwCmpFlags lpString1 cchCount1 lpString2 cchCount2"), comparisonNote),
	win.Partial(win.Func5("FoldStringW", foldString, "dwMapFlags lpSrcStr cchSrc lpDestStr cchDest"), "digits and composition"),
	win.Partial(win.Func5("GetStringTypeA", getStringTypeEx, "Locale dwInfoType lpSrcStr cchSrc lpCharType"), "CT_CTYPE1 only"),
	win.Partial(win.Func5("GetStringTypeEx{A,W}", getStringTypeEx, "Locale dwInfoType lpSrcStr cchSrc lpCharType"), "CT_CTYPE1 only"),
	win.Partial(win.Func6("LCMapStringA", lcMapStringA, "Locale dwMapFlags lpSrcStr cchSrc lpDestStr cchDest"), mapNote),
	win.Func6("FindStringOrdinal", findStringOrdinal, "dwFindStringOrdinalFlags lpStringSource cchSource lpStringValue cchValue bIgnoreCase"),
	win.Func3("IsNormalizedString", isNormalizedString, "NormForm lpString cwLength"),
	win.Func5("NormalizeString", normalizeString, "NormForm lpSrcString cwSrcLength lpDstString cwDstLength"),
}

// ansiCounted is ANSI text of a given length, or up to its terminator.
func ansiCounted(c *win.Call, at win.Ptr, length win.Int) (string, bool) {
	if length < 0 {
		s := c.AString(at)
		return s, !c.Faulted()
	}
	return string(guest.AppendANSI(nil, c.Bytes(at, uint64(length)))), !c.Faulted()
}

// compareStringA compares as dictionaries do.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-comparestringa
func compareStringA(c *win.Call, Locale win.DWORD, dwCmpFlags win.Hex, lpString1 win.Ptr, cchCount1 win.Int, lpString2 win.Ptr, cchCount2 win.Int) (win.Int, win.Error) {
	switch {
	case lpString1 == 0 || lpString2 == 0:
		return 0, win.ErrInvalidParameter
	case dwCmpFlags&^(compareKnownFlags|0x40000000) != 0: // LOCALE_USE_CP_ACP
		return 0, win.ErrInvalidFlags
	case dwCmpFlags&compareUnmodelledFlags != 0:
		c.Gap("comparison flags")
	}
	a, ok1 := ansiCounted(c, lpString1, cchCount1)
	b, ok2 := ansiCounted(c, lpString2, cchCount2)
	if !ok1 || !ok2 {
		return 0, 0
	}
	return compareEqual + win.Int(order(a, b, dwCmpFlags&compareIgnoringCaseFlags != 0)), 0
}

// lcMapStringA makes text capital or small.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-lcmapstringa
func lcMapStringA(c *win.Call, Locale win.DWORD, dwMapFlags win.Hex, lpSrcStr win.Ptr, cchSrc win.Int, lpDestStr win.Ptr, cchDest win.Int) (win.Int, win.Error) {
	const both = mapLowercase | mapUppercase
	switch {
	case lpSrcStr == 0 || cchSrc == 0 || cchDest < 0 || cchDest > 0 && lpDestStr == 0:
		return 0, win.ErrInvalidParameter
	case dwMapFlags&both == both:
		return 0, win.ErrInvalidFlags
	case dwMapFlags&both == 0 || dwMapFlags&^(both|mapLinguisticCasing) != 0:
		c.Gap("sort keys and other mappings")
		return 0, win.ErrInvalidFlags
	}
	text, ok := ansiCounted(c, lpSrcStr, cchSrc)
	if !ok {
		return 0, 0
	}
	units := utf16.Encode([]rune(text))
	changeCase(units, dwMapFlags&mapUppercase != 0)
	b := guest.ANSI(string(utf16.Decode(units)))
	if cchSrc >= 0 {
		b = b[:len(b)-1]
	}
	switch {
	case cchDest == 0:
		return win.Int(len(b)), 0
	case int(cchDest) < len(b):
		return 0, win.ErrInsufficientBuffer
	}
	c.Write(lpDestStr, b)
	return win.Int(len(b)), 0
}

// getStringTypeEx is GetStringType with a locale, which has no effect.
//
// https://learn.microsoft.com/windows/win32/api/stringapiset/nf-stringapiset-getstringtypeexw
func getStringTypeEx(c *win.Call, Locale, dwInfoType win.DWORD, lpSrcStr win.Ptr, cchSrc win.Int, lpCharType win.Ptr) (win.Bool, win.Error) {
	if !c.ANSI() {
		return getStringType(c, dwInfoType, lpSrcStr, cchSrc, lpCharType)
	}
	const ctype1 = 1
	switch {
	case lpSrcStr == 0 || lpCharType == 0 || lpSrcStr == lpCharType || cchSrc == 0:
		return false, win.ErrInvalidParameter
	case dwInfoType != ctype1:
		c.Gap("character types other than CT_CTYPE1")
		return false, win.ErrInvalidFlags
	}
	text, ok := ansiCounted(c, lpSrcStr, cchSrc)
	if !ok {
		return false, 0
	}
	units := utf16.Encode([]rune(text))
	if cchSrc < 0 {
		units = append(units, 0)
	}
	for i, u := range units {
		units[i] = class(u)
	}
	storeUnits(c, lpCharType, win.Int(len(units)), units)
	return true, 0
}

// Flags of FoldString.
const (
	foldCompatibility = 0x10
	foldPrecomposed   = 0x20
	foldComposite     = 0x40
	foldDigits        = 0x80
	foldLigatures     = 0x2000
)

// foldString replaces digits of all scripts by ASCII ones, and composes or
// decomposes characters.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-foldstringw
func foldString(c *win.Call, dwMapFlags win.Hex, lpSrcStr win.Ptr, cchSrc win.Int, lpDestStr win.Ptr, cchDest win.Int) (win.Int, win.Error) {
	switch {
	case lpSrcStr == 0 || cchSrc == 0 || cchDest < 0 || cchDest > 0 && lpDestStr == 0 || lpSrcStr == lpDestStr:
		return 0, win.ErrInvalidParameter
	case dwMapFlags == 0 || dwMapFlags&^(foldCompatibility|foldPrecomposed|foldComposite|foldDigits|foldLigatures) != 0,
		dwMapFlags&(foldPrecomposed|foldComposite) == foldPrecomposed|foldComposite:
		return 0, win.ErrInvalidFlags
	}
	units, ok := unitsOf(c, lpSrcStr, cchSrc)
	if !ok {
		return 0, 0
	}
	if dwMapFlags&foldDigits != 0 {
		for i, u := range units {
			if v, ok := digit(rune(u)); ok {
				units[i] = '0' + v
			}
		}
	}
	form := norm.Form(-1)
	switch compatible := dwMapFlags&(foldCompatibility|foldLigatures) != 0; {
	case dwMapFlags&foldComposite != 0 && compatible:
		form = norm.NFKD
	case dwMapFlags&foldComposite != 0:
		form = norm.NFD
	case compatible:
		form = norm.NFKC
	case dwMapFlags&foldPrecomposed != 0:
		form = norm.NFC
	}
	if form >= 0 {
		units = utf16.Encode([]rune(form.String(string(utf16.Decode(units)))))
	}
	return win.Int(len(units)), storeUnits(c, lpDestStr, cchDest, units)
}

// digit is the value of a decimal digit outside of ASCII: each script's ten
// stand in order.
func digit(r rune) (uint16, bool) {
	for _, zero := range []rune{0x0660, 0x06F0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50, 0x0ED0, 0xFF10} {
		if r >= zero && r <= zero+9 {
			return uint16(r - zero), true
		}
	}
	return 0, false
}

// findStringOrdinal looks for code units: where they begin or end a text, or
// from its beginning or its end.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-findstringordinal
func findStringOrdinal(c *win.Call, dwFindStringOrdinalFlags win.Hex, lpStringSource win.Ptr, cchSource win.Int, lpStringValue win.Ptr, cchValue, bIgnoreCase win.Int) (win.Int, win.Error) {
	const startsWith, endsWith, fromStart, fromEnd = 0x00100000, 0x00200000, 0x00400000, 0x00800000
	fail := func(e win.Error) (win.Int, win.Error) {
		c.SetLastError(e)
		return -1, 0
	}
	if lpStringSource == 0 || lpStringValue == 0 {
		return fail(win.ErrInvalidParameter)
	}
	source, ok1 := unitsOf(c, lpStringSource, cchSource)
	value, ok2 := unitsOf(c, lpStringValue, cchValue)
	if !ok1 || !ok2 {
		return 0, 0
	}
	if cchSource < 0 {
		source = source[:len(source)-1]
	}
	if cchValue < 0 {
		value = value[:len(value)-1]
	}
	if bIgnoreCase != 0 {
		changeCase(source, true)
		changeCase(value, true)
	}
	at := func(i int) bool {
		for j, u := range value {
			if source[i+j] != u {
				return false
			}
		}
		return true
	}
	c.SetLastError(0)
	last := len(source) - len(value)
	step, i, end := 1, 0, last
	switch dwFindStringOrdinalFlags {
	case startsWith:
		end = min(end, 0)
	case endsWith:
		i = max(last, 0)
	case 0, fromStart:
	case fromEnd:
		step, i, end = -1, last, 0
	default:
		return fail(win.ErrInvalidFlags)
	}
	for ; last >= 0 && i >= 0 && i <= last && (step > 0 && i <= end || step < 0 && i >= end); i += step {
		if at(i) {
			return win.Int(i), 0
		}
	}
	return -1, 0
}

func normalForm(form win.DWORD) (norm.Form, bool) {
	switch form {
	case 1:
		return norm.NFC, true
	case 2:
		return norm.NFD, true
	case 5:
		return norm.NFKC, true
	case 6:
		return norm.NFKD, true
	}
	return 0, false
}

// normalizeString brings text into a normal form of Unicode. A size of 0 asks
// for an estimate, which here is exact.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-normalizestring
func normalizeString(c *win.Call, NormForm win.DWORD, lpSrcString win.Ptr, cwSrcLength win.Int, lpDstString win.Ptr, cwDstLength win.Int) (win.Int, win.Error) {
	form, ok := normalForm(NormForm)
	if !ok || lpSrcString == 0 || cwDstLength < 0 {
		return 0, win.ErrInvalidParameter
	}
	units, ok := unitsOf(c, lpSrcString, cwSrcLength)
	if !ok {
		return 0, 0
	}
	units = utf16.Encode([]rune(form.String(string(utf16.Decode(units)))))
	return win.Int(len(units)), storeUnits(c, lpDstString, cwDstLength, units)
}

// isNormalizedString tells whether text is in a normal form of Unicode.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-isnormalizedstring
func isNormalizedString(c *win.Call, NormForm win.DWORD, lpString win.Ptr, cwLength win.Int) (win.Bool, win.Error) {
	form, ok := normalForm(NormForm)
	if !ok || lpString == 0 {
		return false, win.ErrInvalidParameter
	}
	units, ok := unitsOf(c, lpString, cwLength)
	if !ok {
		return false, 0
	}
	c.SetLastError(0)
	return win.Bool(form.IsNormalString(string(utf16.Decode(units)))), 0
}
