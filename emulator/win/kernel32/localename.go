package kernel32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var localeNameRows = win.Rows{
	win.Stub("ConvertDefaultLocale", win.DWORD(languageEnglish), "Locale"),
	win.Partial(win.Func3("GetCPInfoEx{A,W}", getCPInfoEx, "CodePage dwFlags lpCPInfoEx"), "the code pages that can be converted"),
	win.Func2("GetSystemDefaultLocaleName", getUserDefaultLocaleName, "lpLocaleName cchLocaleName"),
	win.Func0("GetThreadUILanguage", systemLanguage),
	win.Func4("GetSystemPreferredUILanguages", getPreferredUILanguages, "dwFlags pulNumLanguages pwszLanguagesBuffer pcchLanguagesBuffer"),
	win.Func4("GetProcessPreferredUILanguages", getPreferredUILanguages, "dwFlags pulNumLanguages pwszLanguagesBuffer pcchLanguagesBuffer"),
	win.Func4("GetThreadPreferredUILanguages", getPreferredUILanguages, "dwFlags pulNumLanguages pwszLanguagesBuffer pcchLanguagesBuffer"),
	win.Func4("GetUserPreferredUILanguages", getPreferredUILanguages, "dwFlags pulNumLanguages pwszLanguagesBuffer pcchLanguagesBuffer"),
	win.Func4("LCIDToLocaleName", lcidToLocaleName, "Locale lpName cchName dwFlags"),
	win.Func2("LocaleNameToLCID", localeNameToLCID, "lpName dwFlags"),
	win.Func3("ResolveLocaleName", resolveLocaleName, "lpNameToResolve lpLocaleName cchLocaleName"),
	win.Stub("SetThreadLocale", win.Bool(true), "Locale"),
	win.Func1("SetThreadUILanguage", setThreadUILanguage, "LangId"),
	win.Func3("SetProcessPreferredUILanguages", setPreferredUILanguages, "dwFlags pwszLanguagesBuffer pulNumLanguages"),
	win.Func3("SetThreadPreferredUILanguages", setPreferredUILanguages, "dwFlags pwszLanguagesBuffer pulNumLanguages"),
	win.Func3("VerLanguageName{A,W}", verLanguageName, "wLang szLang cchLang"),
}

func systemLanguage(*win.Call) (win.WORD, win.Error) { return languageEnglish, 0 }

// known finds a locale by name or number; nil if it is none of the few.
func known(match func(id uint32, name string) bool) (id uint32, name string, ok bool) {
	for _, l := range locales {
		if match(l.id, l.name) {
			return l.id, l.name, true
		}
	}
	return 0, "", false
}

// The identifiers that stand for the user's and the system's locale.
func defaultLocale(id uint32) uint32 {
	const neutral, user, system = 0, 0x400, 0x800
	if id == neutral || id == user || id == system {
		return languageEnglish
	}
	return id
}

// lcidToLocaleName names a locale.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-lcidtolocalename
func lcidToLocaleName(c *win.Call, Locale win.DWORD, lpName win.Ptr, cchName win.Int, dwFlags win.Hex) (win.Int, win.Error) {
	const invariant = 0x7F
	if Locale == invariant {
		return storeText(c, lpName, cchName, "")
	}
	_, name, ok := known(func(id uint32, _ string) bool { return id == defaultLocale(uint32(Locale)) })
	if !ok {
		return 0, win.ErrInvalidParameter
	}
	return storeText(c, lpName, cchName, name)
}

// localeNameToLCID finds the number of a named locale; NULL is the user's.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-localenametolcid
func localeNameToLCID(c *win.Call, lpName win.WStr, dwFlags win.Hex) (win.DWORD, win.Error) {
	const invariant = 0x7F
	switch {
	case lpName.Null() || strings.EqualFold(lpName.Text, "!x-sys-default-locale"):
		return languageEnglish, 0
	case lpName.Text == "":
		return invariant, 0
	}
	id, _, ok := known(func(_ uint32, name string) bool { return strings.EqualFold(name, lpName.Text) })
	if !ok {
		return 0, win.ErrInvalidParameter
	}
	return win.DWORD(id), 0
}

// resolveLocaleName finds the locale that stands in for a language alone.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-resolvelocalename
func resolveLocaleName(c *win.Call, lpNameToResolve win.WStr, lpLocaleName win.Ptr, cchLocaleName win.Int) (win.Int, win.Error) {
	asked := strings.ToLower(lpNameToResolve.Text)
	if lpNameToResolve.Null() {
		asked = strings.ToLower(localeName)
	}
	language, _, _ := strings.Cut(asked, "-")
	_, name, ok := known(func(_ uint32, name string) bool {
		name = strings.ToLower(name)
		return name == asked || language != "" && strings.HasPrefix(name, language+"-") && name != "en-gb"
	})
	if !ok {
		name = ""
	}
	return storeText(c, lpLocaleName, cchLocaleName, name)
}

// getPreferredUILanguages lists the languages of the user interface, with two
// terminators behind.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-getuserpreferreduilanguages
func getPreferredUILanguages(c *win.Call, dwFlags win.Hex, pulNumLanguages win.Out[uint32], pwszLanguagesBuffer win.Ptr, pcchLanguagesBuffer win.Out[uint32]) (win.Bool, win.Error) {
	const byID = 4
	if pulNumLanguages.Null() || pcchLanguagesBuffer.Null() {
		return false, win.ErrInvalidParameter
	}
	text := localeName
	if dwFlags&byID != 0 {
		text = "0409"
	}
	b := append(guest.UTF16(text), 0, 0)
	n, room := uint32(len(b)/2), pcchLanguagesBuffer.Get(c)
	pcchLanguagesBuffer.Set(c, n)
	pulNumLanguages.Set(c, 1)
	switch {
	case pwszLanguagesBuffer == 0 && room == 0:
		return true, 0
	case room < n || pwszLanguagesBuffer == 0:
		return false, win.ErrInsufficientBuffer
	}
	c.Write(pwszLanguagesBuffer, b)
	return true, 0
}

// setPreferredUILanguages is taken note of and changes nothing: there is one
// language.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-setthreadpreferreduilanguages
func setPreferredUILanguages(c *win.Call, dwFlags win.Hex, pwszLanguagesBuffer win.Ptr, pulNumLanguages win.Out[uint32]) (win.Bool, win.Error) {
	count := uint32(0)
	if pwszLanguagesBuffer != 0 {
		count = 1
	}
	pulNumLanguages.Set(c, count)
	return true, 0
}

// setThreadUILanguage returns the language that is in use: English.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-setthreaduilanguage
func setThreadUILanguage(_ *win.Call, LangId win.WORD) (win.WORD, win.Error) {
	return languageEnglish, 0
}

// verLanguageName names a language in words.
//
// https://learn.microsoft.com/windows/win32/api/winver/nf-winver-verlanguagenamew
func verLanguageName(c *win.Call, wLang win.DWORD, szLang win.Ptr, cchLang win.DWORD) (win.DWORD, win.Error) {
	names := map[win.DWORD]string{
		0: "Language Neutral", 0x0407: "German (Germany)", languageEnglish: "English (United States)", 0x0809: "English (United Kingdom)",
		0x0C0A: "Spanish (Spain, International Sort)", 0x040C: "French (France)", 0x0411: "Japanese (Japan)",
	}
	name, ok := names[wLang]
	if !ok {
		name = names[0]
	}
	return fill(c, szLang, cchLang, name), 0
}

// getCPInfoEx is GetCPInfo with the code page's number and name.
//
// https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-getcpinfoexw
func getCPInfoEx(c *win.Call, CodePage win.DWORD, dwFlags win.DWORD, lpCPInfoEx win.Ptr) (win.Bool, win.Error) {
	const basic, defaultCharacter, number, name = 20, 18, 20, 24 // CPINFO's size, and offsets behind it
	number16 := map[win.DWORD]win.DWORD{codePageACP: ansiCodePage, codePageThreadACP: ansiCodePage, codePageOEM: oemCodePage}
	page, ok := number16[CodePage]
	if !ok {
		page = CodePage
	}
	if ok, err := getCPInfo(c, page, lpCPInfoEx); !bool(ok) || c.Faulted() {
		return false, err
	}
	unit := c.CharSize()
	b := c.Buffer(lpCPInfoEx+defaultCharacter, number-defaultCharacter+4+maxPath*unit)
	if b == nil {
		return false, 0
	}
	clear(b)
	b[0] = '?'
	le.PutUint32(b[number-defaultCharacter:], uint32(page))
	title := c.Encode(decimal(uint64(page)))
	copy(b[name-defaultCharacter:], title)
	return true, 0
}
