package kernel32

import (
	"sidetrace/emulator/win"
)

// Functions that call the guest for each item of a list. Programs that hide
// the start of their code pass its address as such a callback.

var enumLocaleRows = win.Rows{
	win.Partial(win.Func4("EnumCalendarInfo{A,W}", enumCalendarInfo, "lpCalInfoEnumProc Locale Calendar CalType"), "the Gregorian calendar's name"),
	win.Func3("EnumDateFormats{A,W}", enumDateFormats, "lpDateFmtEnumProc Locale dwFlags"),
	win.Func3("EnumDateFormatsEx{A,W}", enumDateFormatsEx, "lpDateFmtEnumProcEx Locale dwFlags"),
	win.Func4("EnumDateFormatsExEx", enumDateFormatsExEx, "lpDateFmtEnumProcExEx lpLocaleName dwFlags lParam"),
	win.Partial(win.Func4("EnumLanguageGroupLocales{A,W}", enumLanguageGroupLocales, "lpLangGroupLocaleEnumProc LanguageGroup dwFlags lParam"), "English (United States)"),
	win.Partial(win.Func2("EnumSystemCodePages{A,W}", enumSystemCodePages, "lpCodePageEnumProc dwFlags"), "those that can be converted"),
	win.Partial(win.Func3("EnumSystemGeoID", enumSystemGeoID, "GeoClass ParentGeoId lpGeoEnumProc"), "a few countries"),
	win.Partial(win.Func3("EnumSystemLanguageGroups{A,W}", enumSystemLanguageGroups, "lpLanguageGroupEnumProc dwFlags lParam"), "the western languages"),
	win.Partial(win.Func2("EnumSystemLocales{A,W}", enumSystemLocales, "lpLocaleEnumProc dwFlags"), "a few locales"),
	win.Partial(win.Func4("EnumSystemLocalesEx", enumSystemLocalesEx, "lpLocaleEnumProcEx dwFlags lParam lpReserved"), "a few locales"),
	win.Func3("EnumTimeFormats{A,W}", enumTimeFormats, "lpTimeFmtEnumProc Locale dwFlags"),
	win.Func4("EnumTimeFormatsEx", enumTimeFormatsEx, "lpTimeFmtEnumProcEx lpLocaleName dwFlags lParam"),
	win.Func3("EnumUILanguages{A,W}", enumUILanguages, "lpUILanguageEnumProc dwFlags lParam"),
}

// locales are those that are told of.
var locales = []struct {
	id   uint32
	name string
}{
	{0x0407, "de-DE"}, {languageEnglish, localeName}, {0x0809, "en-GB"}, {0x0C0A, "es-ES"}, {0x040C, "fr-FR"}, {0x0411, "ja-JP"},
}

// eachText calls proc with each text, in the encoding of the export called,
// and further arguments, until it returns FALSE.
func eachText(c *win.Call, proc win.Ptr, texts []string, arguments ...uint64) (win.Bool, win.Error) {
	if proc == 0 {
		return false, win.ErrInvalidParameter
	}
	for _, text := range texts {
		b := c.Encode(text)
		at := c.Heap.Alloc(uint64(len(b)))
		if at == 0 {
			return false, win.ErrNotEnoughMemory
		}
		c.Write(win.Ptr(at), b)
		more := uint32(c.CallGuest(proc, append([]uint64{at}, arguments...)...)) != 0
		release(c, at)
		if !more {
			break
		}
	}
	return true, 0
}

// enumSystemLocales gives locale identifiers as eight hexadecimal digits.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-enumsystemlocalesw
func enumSystemLocales(c *win.Call, lpLocaleEnumProc win.Ptr, dwFlags win.Hex) (win.Bool, win.Error) {
	const installed, supported, alternateSorts = 1, 2, 4
	if dwFlags&^(installed|supported|alternateSorts) != 0 {
		return false, win.ErrInvalidFlags
	}
	var ids []string
	for _, l := range locales {
		ids = append(ids, hexadecimal(l.id))
	}
	return eachText(c, lpLocaleEnumProc, ids)
}

func hexadecimal(v uint32) string {
	const digits = "0123456789abcdef"
	var b [8]byte
	for i := range b {
		b[i] = digits[v>>(28-4*i)&15]
	}
	return string(b[:])
}

// enumSystemLocalesEx gives locale names.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-enumsystemlocalesex
func enumSystemLocalesEx(c *win.Call, lpLocaleEnumProcEx win.Ptr, dwFlags win.Hex, lParam win.Size, lpReserved win.Ptr) (win.Bool, win.Error) {
	const windows = 1 // LOCALE_WINDOWS
	if lpReserved != 0 {
		return false, win.ErrInvalidParameter
	}
	var names []string
	for _, l := range locales {
		names = append(names, l.name)
	}
	return eachText(c, lpLocaleEnumProcEx, names, windows, uint64(lParam))
}

// enumUILanguages gives the one language of the user interface: as a number,
// or as a name.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-enumuilanguagesw
func enumUILanguages(c *win.Call, lpUILanguageEnumProc win.Ptr, dwFlags win.Hex, lParam win.Size) (win.Bool, win.Error) {
	const byID, byName = 4, 8
	switch {
	case dwFlags&^(byID|byName) != 0 || dwFlags == byID|byName:
		return false, win.ErrInvalidFlags
	case dwFlags&byName != 0:
		return eachText(c, lpUILanguageEnumProc, []string{localeName}, uint64(lParam))
	}
	return eachText(c, lpUILanguageEnumProc, []string{"0409"}, uint64(lParam))
}

// enumSystemCodePages gives the numbers of code pages.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-enumsystemcodepagesw
func enumSystemCodePages(c *win.Call, lpCodePageEnumProc win.Ptr, dwFlags win.Hex) (win.Bool, win.Error) {
	const installed, supported = 1, 2
	if dwFlags != installed && dwFlags != supported {
		return false, win.ErrInvalidFlags
	}
	return eachText(c, lpCodePageEnumProc, []string{"437", "850", "1250", "1251", "1252", "20127", "28591", "65001"})
}

// enumSystemGeoID gives the identifiers of countries.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-enumsystemgeoid
func enumSystemGeoID(c *win.Call, GeoClass win.DWORD, ParentGeoId win.Int, lpGeoEnumProc win.Ptr) (win.Bool, win.Error) {
	const nation, region, all = 16, 14, 0
	switch {
	case lpGeoEnumProc == 0:
		return false, win.ErrInvalidParameter
	case GeoClass != nation && GeoClass != region && GeoClass != all:
		return false, win.ErrInvalidFlags
	}
	for _, id := range []uint64{84, 94, 122, 217, 242, 244} { // France, Germany, Japan, Spain, the United Kingdom, the United States
		if uint32(c.CallGuest(lpGeoEnumProc, id)) == 0 {
			break
		}
	}
	return true, 0
}

// enumSystemLanguageGroups gives the languages of western Europe and the
// United States.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-enumsystemlanguagegroupsw
func enumSystemLanguageGroups(c *win.Call, lpLanguageGroupEnumProc win.Ptr, dwFlags win.Hex, lParam win.Size) (win.Bool, win.Error) {
	const western, installed = 1, 1
	if lpLanguageGroupEnumProc == 0 {
		return false, win.ErrInvalidParameter
	}
	number, name := allocText(c, "1"), allocText(c, "Western Europe and United States")
	if number != 0 && name != 0 {
		c.CallGuest(lpLanguageGroupEnumProc, western, number, name, installed, uint64(lParam))
	}
	release(c, number)
	release(c, name)
	return true, 0
}

// allocText puts text into the heap, for the guest to read.
func allocText(c *win.Call, text string) uint64 {
	b := c.Encode(text)
	at := c.Heap.Alloc(uint64(len(b)))
	if at != 0 {
		c.Write(win.Ptr(at), b)
	}
	return at
}

// enumLanguageGroupLocales gives the locale of the machine.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-enumlanguagegrouplocalesw
func enumLanguageGroupLocales(c *win.Call, lpLangGroupLocaleEnumProc win.Ptr, LanguageGroup win.DWORD, dwFlags win.Hex, lParam win.Size) (win.Bool, win.Error) {
	if lpLangGroupLocaleEnumProc == 0 || dwFlags != 0 {
		return false, win.ErrInvalidParameter
	}
	at := allocText(c, hexadecimal(languageEnglish))
	c.CallGuest(lpLangGroupLocaleEnumProc, uint64(LanguageGroup), languageEnglish, at, uint64(lParam))
	release(c, at)
	return true, 0
}

// enumCalendarInfo gives the name of the calendar, whatever is asked for.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-enumcalendarinfow
func enumCalendarInfo(c *win.Call, lpCalInfoEnumProc win.Ptr, Locale, Calendar win.DWORD, CalType win.Hex) (win.Bool, win.Error) {
	const calendarName = 2
	if CalType&0xFFFF != calendarName {
		c.Gap("calendar information " + decimal(uint64(CalType&0xFFFF)))
	}
	return eachText(c, lpCalInfoEnumProc, []string{"Gregorian Calendar"})
}

// Date and time pictures of the locale.
var (
	shortDates = []string{"M/d/yyyy", "M/d/yy", "MM/dd/yy", "MM/dd/yyyy", "yy/MM/dd", "yyyy-MM-dd", "dd-MMM-yy"}
	longDates  = []string{"dddd, MMMM d, yyyy", "MMMM d, yyyy", "dddd, d MMMM, yyyy", "d MMMM, yyyy"}
	longTimes  = []string{"h:mm:ss tt", "hh:mm:ss tt", "H:mm:ss", "HH:mm:ss"}
	shortTimes = []string{"h:mm tt", "hh:mm tt", "H:mm", "HH:mm"}
)

// dates are the pictures a flag asks for.
func dates(flags win.Hex) ([]string, win.Error) {
	const short, long, yearMonth, monthDay = 1, 2, 8, 0x80
	switch flags &^ 0xC0000000 {
	case 0, short:
		return shortDates, 0
	case long:
		return longDates, 0
	case yearMonth:
		return []string{"MMMM yyyy"}, 0
	case monthDay:
		return []string{"MMMM d"}, 0
	}
	return nil, win.ErrInvalidFlags
}

// enumDateFormats gives the pictures of dates.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-enumdateformatsw
func enumDateFormats(c *win.Call, lpDateFmtEnumProc win.Ptr, Locale win.DWORD, dwFlags win.Hex) (win.Bool, win.Error) {
	list, err := dates(dwFlags)
	if err != 0 {
		return false, err
	}
	return eachText(c, lpDateFmtEnumProc, list)
}

const gregorian = 1 // CAL_GREGORIAN

func enumDateFormatsEx(c *win.Call, lpDateFmtEnumProcEx win.Ptr, Locale win.DWORD, dwFlags win.Hex) (win.Bool, win.Error) {
	list, err := dates(dwFlags)
	if err != 0 {
		return false, err
	}
	return eachText(c, lpDateFmtEnumProcEx, list, gregorian)
}

func enumDateFormatsExEx(c *win.Call, lpDateFmtEnumProcExEx win.Ptr, lpLocaleName win.WStr, dwFlags win.Hex, lParam win.Size) (win.Bool, win.Error) {
	list, err := dates(dwFlags)
	if err != 0 {
		return false, err
	}
	return eachText(c, lpDateFmtEnumProcExEx, list, gregorian, uint64(lParam))
}

func times(flags win.Hex) ([]string, win.Error) {
	const noSeconds = 2
	switch flags &^ 0xC0000000 {
	case 0:
		return longTimes, 0
	case noSeconds:
		return shortTimes, 0
	}
	return nil, win.ErrInvalidFlags
}

// enumTimeFormats gives the pictures of times.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-enumtimeformatsw
func enumTimeFormats(c *win.Call, lpTimeFmtEnumProc win.Ptr, Locale win.DWORD, dwFlags win.Hex) (win.Bool, win.Error) {
	list, err := times(dwFlags)
	if err != 0 {
		return false, err
	}
	return eachText(c, lpTimeFmtEnumProc, list)
}

func enumTimeFormatsEx(c *win.Call, lpTimeFmtEnumProcEx win.Ptr, lpLocaleName win.WStr, dwFlags win.Hex, lParam win.Size) (win.Bool, win.Error) {
	list, err := times(dwFlags)
	if err != 0 {
		return false, err
	}
	return eachText(c, lpTimeFmtEnumProcEx, list, uint64(lParam))
}
