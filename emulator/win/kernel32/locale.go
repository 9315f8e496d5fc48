package kernel32

import (
	"strconv"
	"time"
	"unicode"
	"unicode/utf16"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var localeRows = win.Rows{
	win.Partial(win.Func4("GetLocaleInfo{A,W}", getLocaleInfo, "Locale LCType lpLCData cchData"), localeNote),
	win.Partial(win.Func4("GetLocaleInfoEx", getLocaleInfoEx, "lpLocaleName LCType lpLCData cchData"), localeNote),
	win.Partial(win.Func4("GetStringTypeW", getStringType, "dwInfoType lpSrcStr cchSrc lpCharType"), "CT_CTYPE1 only"),
	win.Stub("GetSystemDefaultLCID", win.DWORD(languageEnglish), ""),
	win.Stub("GetSystemDefaultLangID", win.WORD(languageEnglish), ""),
	win.Stub("GetSystemDefaultUILanguage", win.WORD(languageEnglish), ""),
	win.Stub("GetThreadLocale", win.DWORD(languageEnglish), ""),
	win.Stub("GetUserDefaultLCID", win.DWORD(languageEnglish), ""),
	win.Stub("GetUserDefaultLangID", win.WORD(languageEnglish), ""),
	win.Func2("GetUserDefaultLocaleName", getUserDefaultLocaleName, "lpLocaleName cchLocaleName"),
	win.Stub("GetUserDefaultUILanguage", win.WORD(languageEnglish), ""),
	win.Stub("GetUserGeoID", win.Int(244), "GeoClass"), // the United States
	win.Func2("IsValidLocale", isValidLocale, "Locale dwFlags"),
	win.Func1("IsValidLocaleName", isValidLocaleName, "lpLocaleName"),
	win.Partial(win.Func9("LCMapStringEx", lcMapStringEx,
		"lpLocaleName dwMapFlags lpSrcStr cchSrc lpDestStr cchDest lpVersionInformation lpReserved sortHandle"), mapNote),
	win.Partial(win.Func6("LCMapStringW", lcMapString, "Locale dwMapFlags lpSrcStr cchSrc lpDestStr cchDest"), mapNote),
}

const (
	localeNote = "English (United States), whatever locale is asked for, and the commonest kinds of information"
	mapNote    = "capital and small letters only"

	languageEnglish = 0x0409 // LANG_ENGLISH, SUBLANG_ENGLISH_US
	localeName      = "en-US"
)

// localeInfo is what programs ask of the locale, by LCTYPE.
//
// https://learn.microsoft.com/windows/win32/intl/locale-information-constants
func localeInfo(kind win.Hex) (text string, number uint32, ok bool) {
	switch kind {
	case 0x0001: // LOCALE_ILANGUAGE
		return "0409", languageEnglish, true
	case 0x0002: // LOCALE_SLOCALIZEDDISPLAYNAME
		return "English (United States)", 0, true
	case 0x0003: // LOCALE_SABBREVLANGNAME
		return "ENU", 0, true
	case 0x0005: // LOCALE_ICOUNTRY
		return "1", 1, true
	case 0x0006, 0x1002: // LOCALE_SLOCALIZEDCOUNTRYNAME, LOCALE_SENGLISHCOUNTRYNAME
		return "United States", 0, true
	case 0x000B: // LOCALE_IDEFAULTCODEPAGE
		return decimal(oemCodePage), oemCodePage, true
	case 0x000E: // LOCALE_SDECIMAL
		return ".", 0, true
	case 0x000F: // LOCALE_STHOUSAND
		return ",", 0, true
	case 0x0014: // LOCALE_SCURRENCY
		return "$", 0, true
	case 0x001F: // LOCALE_SSHORTDATE
		return "M/d/yyyy", 0, true
	case 0x000C: // LOCALE_SLIST
		return ",", 0, true
	case 0x000D, 0x0024: // LOCALE_IMEASURE, LOCALE_ICENTURY
		return "1", 1, true
	case 0x0020: // LOCALE_SLONGDATE
		return longDates[0], 0, true
	case 0x0011: // LOCALE_IDIGITS
		return "2", 2, true
	case 0x001D: // LOCALE_SDATE
		return "/", 0, true
	case 0x001E: // LOCALE_STIME
		return ":", 0, true
	case 0x0021, 0x0023: // LOCALE_IDATE, LOCALE_ITIME: the month first, twelve hours
		return "0", 0, true
	case 0x0028: // LOCALE_S1159
		return "AM", 0, true
	case 0x0029: // LOCALE_S2359
		return "PM", 0, true
	case 0x0050: // LOCALE_SPOSITIVESIGN
		return "", 0, true
	case 0x0051: // LOCALE_SNEGATIVESIGN
		return "-", 0, true
	case 0x1003: // LOCALE_STIMEFORMAT
		return longTimes[0], 0, true
	case 0x0059: // LOCALE_SISO639LANGNAME
		return "en", 0, true
	case 0x005A: // LOCALE_SISO3166CTRYNAME
		return "US", 0, true
	case 0x005C: // LOCALE_SNAME
		return localeName, 0, true
	case 0x1001: // LOCALE_SENGLISHLANGUAGENAME
		return "English", 0, true
	case 0x1004: // LOCALE_IDEFAULTANSICODEPAGE
		return decimal(ansiCodePage), ansiCodePage, true
	}
	if text := calendarText(kind); text != "" {
		return text, 0, true
	}
	return "", 0, false
}

// calendarText names days and months, the week beginning on Monday.
func calendarText(kind win.Hex) string {
	const days, shortDays, months, shortMonths, end = 0x2A, 0x31, 0x38, 0x44, 0x50
	switch {
	case kind >= days && kind < shortDays:
		return time.Weekday((kind - days + 1) % 7).String()
	case kind >= shortDays && kind < months:
		return time.Weekday((kind - shortDays + 1) % 7).String()[:3]
	case kind >= months && kind < shortMonths:
		return (time.January + time.Month(kind-months)).String()
	case kind >= shortMonths && kind < end:
		return (time.January + time.Month(kind-shortMonths)).String()[:3]
	}
	return ""
}

func decimal(v uint64) string { return strconv.FormatUint(v, 10) }

// getLocaleInfo stores a piece of information as text, or as a number if the
// kind says so.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-getlocaleinfow
func getLocaleInfo(c *win.Call, Locale win.DWORD, LCType win.Hex, lpLCData win.Ptr, cchData win.Int) (win.Int, win.Error) {
	const (
		returnNumber  = 0x20000000
		noOverride    = 0x80000000
		useANSIPage   = 0x40000000
		numberOfBytes = 4
	)
	text, number, ok := localeInfo(LCType &^ (returnNumber | noOverride | useANSIPage))
	switch {
	case cchData < 0 || cchData > 0 && lpLCData == 0:
		return 0, win.ErrInvalidParameter
	case !ok:
		c.Gap("locale information " + strconv.FormatUint(uint64(LCType), 16))
		return 0, win.ErrInvalidFlags
	}
	data := c.Encode(text)
	if LCType&returnNumber != 0 {
		data = le.AppendUint32(nil, number)
	}
	n := win.Int(uint64(len(data)) / c.CharSize())
	switch {
	case cchData == 0:
		return n, 0
	case cchData < n:
		return 0, win.ErrInsufficientBuffer
	}
	c.Write(lpLCData, data)
	return n, 0
}

// getLocaleInfoEx is GetLocaleInfo for a locale given by name.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-getlocaleinfoex
func getLocaleInfoEx(c *win.Call, lpLocaleName win.WStr, LCType win.Hex, lpLCData win.Ptr, cchData win.Int) (win.Int, win.Error) {
	return getLocaleInfo(c, languageEnglish, LCType, lpLCData, cchData)
}

// getUserDefaultLocaleName stores the name of the user's locale.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-getuserdefaultlocalename
func getUserDefaultLocaleName(c *win.Call, lpLocaleName win.Ptr, cchLocaleName win.Int) (win.Int, win.Error) {
	b := guest.UTF16(localeName)
	if int(cchLocaleName) < len(b)/2 {
		return 0, win.ErrInsufficientBuffer
	}
	c.Write(lpLocaleName, b)
	return win.Int(len(b) / 2), 0
}

// isValidLocale says that every locale with a number is installed.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-isvalidlocale
func isValidLocale(_ *win.Call, Locale win.DWORD, dwFlags win.Hex) (win.Bool, win.Error) {
	return Locale != 0, 0
}

// isValidLocaleName says that every locale with a name is installed.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-isvalidlocalename
func isValidLocaleName(_ *win.Call, lpLocaleName win.WStr) (win.Bool, win.Error) {
	return win.Bool(!lpLocaleName.Null()), 0
}

// Classes of characters, as CT_CTYPE1 has them.
//
// https://learn.microsoft.com/windows/win32/api/stringapiset/nf-stringapiset-getstringtypew
const (
	classUpper   = 0x0001
	classLower   = 0x0002
	classDigit   = 0x0004
	classSpace   = 0x0008
	classPunct   = 0x0010
	classControl = 0x0020
	classBlank   = 0x0040
	classHex     = 0x0080
	classAlpha   = 0x0100
	classDefined = 0x0200
)

func class(u uint16) uint16 {
	r := rune(u)
	k := uint16(classDefined)
	for _, x := range []struct {
		is  bool
		bit uint16
	}{
		{unicode.IsUpper(r), classUpper},
		{unicode.IsLower(r), classLower},
		{unicode.IsLetter(r), classAlpha},
		{unicode.IsDigit(r), classDigit},
		{unicode.IsSpace(r), classSpace},
		{unicode.IsPunct(r) || unicode.IsSymbol(r), classPunct},
		{unicode.IsControl(r), classControl},
		{r == ' ' || r == '\t' || r == 0xA0, classBlank},
		{r < 0x80 && unicode.Is(unicode.ASCII_Hex_Digit, r), classHex},
	} {
		if x.is {
			k |= x.bit
		}
	}
	return k
}

// getStringType stores the class of each character.
//
// https://learn.microsoft.com/windows/win32/api/stringapiset/nf-stringapiset-getstringtypew
func getStringType(c *win.Call, dwInfoType win.DWORD, lpSrcStr win.Ptr, cchSrc win.Int, lpCharType win.Ptr) (win.Bool, win.Error) {
	const ctype1 = 1
	switch {
	case lpSrcStr == 0 || lpCharType == 0 || lpSrcStr == lpCharType || cchSrc == 0:
		return false, win.ErrInvalidParameter
	case dwInfoType != ctype1:
		c.Gap("character types other than CT_CTYPE1")
		return false, win.ErrInvalidFlags
	}
	units, ok := unitsOf(c, lpSrcStr, cchSrc)
	if !ok {
		return false, 0
	}
	for i, u := range units {
		units[i] = class(u)
	}
	storeUnits(c, lpCharType, win.Int(len(units)), units)
	return true, 0
}

// Flags of LCMapString.
const (
	mapLowercase        = 0x00000100
	mapUppercase        = 0x00000200
	mapLinguisticCasing = 0x01000000
)

// lcMapString makes text capital or small.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-lcmapstringw
func lcMapString(c *win.Call, Locale win.DWORD, dwMapFlags win.Hex, lpSrcStr win.Ptr, cchSrc win.Int, lpDestStr win.Ptr, cchDest win.Int) (win.Int, win.Error) {
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
	units, ok := unitsOf(c, lpSrcStr, cchSrc)
	if !ok {
		return 0, 0
	}
	changeCase(units, dwMapFlags&mapUppercase != 0)
	return win.Int(len(units)), storeUnits(c, lpDestStr, cchDest, units)
}

// changeCase makes code units capital or small, one by one.
func changeCase(units []uint16, upper bool) {
	to := unicode.ToLower
	if upper {
		to = unicode.ToUpper
	}
	for i, u := range units {
		if r := to(rune(u)); r <= 0xFFFF && !utf16.IsSurrogate(rune(u)) {
			units[i] = uint16(r)
		}
	}
}

// lcMapStringEx is LCMapString for a locale given by name.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-lcmapstringex
func lcMapStringEx(c *win.Call, lpLocaleName win.WStr, dwMapFlags win.Hex, lpSrcStr win.Ptr, cchSrc win.Int, lpDestStr win.Ptr, cchDest win.Int, lpVersionInformation, lpReserved, sortHandle win.Ptr) (win.Int, win.Error) {
	return lcMapString(c, languageEnglish, dwMapFlags, lpSrcStr, cchSrc, lpDestStr, cchDest)
}
