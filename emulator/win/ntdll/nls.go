package ntdll

import (
	"fmt"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// nlsRows is where the tables of languages come from. They are Microsoft's: a
// machine has them if its files, or the folder of real system DLLs, hold them.
var nlsRows = append(system(
	win.Partial(win.Func3("NtInitializeNlsFiles", ntInitializeNlsFiles, "BaseAddress DefaultLocaleId DefaultCasingTableSize"),
		"maps a locale.nls that the machine has; no size of the casing table"),
	win.Partial(win.Func5("NtGetNlsSectionPtr", ntGetNlsSectionPtr, "SectionType SectionData ContextData SectionPointer SectionSize"),
		"maps a table that the machine has"),
	win.Func2("NtQueryDefaultLocale", ntQueryDefaultLocale, "UserProfile DefaultLocaleId"),
	win.Func1("NtQueryDefaultUILanguage", ntQueryDefaultUILanguage, "DefaultUILanguageId"),
	win.Func1("NtQueryInstallUILanguage", ntQueryDefaultUILanguage, "DefaultUILanguageId"),
),
	win.Partial(win.Func3("RtlGetLocaleFileMappingAddress", rtlGetLocaleFileMappingAddress, "BaseAddress DefaultLocaleId DefaultCasingTableSize"),
		"as NtInitializeNlsFiles"),
)

const (
	localeFile    = "locale.nls"
	localeDefault = 0x409 // of the machine: en-US
	sortingFolder = `C:\Windows\Globalization\Sorting`
)

// Types of tables.
const (
	nlsSorting       = 9
	nlsCasing        = 10
	nlsCodePage      = 11
	nlsNormalization = 12
)

// normalForms are the tables of forms, by NORM_FORM; the last is that of
// international domain names.
//
// https://learn.microsoft.com/windows/win32/api/winnls/ne-winnls-norm_form
var normalForms = map[win.DWORD]string{1: "normnfc.nls", 2: "normnfd.nls", 5: "normnfkc.nls", 6: "normnfkd.nls", 13: "normidna.nls"}

// ntInitializeNlsFiles maps the tables of languages, to be read, and tells the
// system's locale. Each call makes another view.
func ntInitializeNlsFiles(c *win.Call, BaseAddress win.Out[uint64], DefaultLocaleId win.Out[uint32], DefaultCasingTableSize win.Ptr) (win.Status, win.Error) {
	if !probe(c, BaseAddress.Addr, 8) || !probe(c, DefaultLocaleId.Addr, 4) {
		return 0, 0
	}
	base, _, status := mapTable(c, localeFile)
	if status == 0 {
		BaseAddress.Set(c, base)
		DefaultLocaleId.Set(c, localeDefault)
	}
	return status, 0
}

// mapTable maps a table, which lies in the system's folder or in that of
// sorting.
func mapTable(c *win.Call, name string) (base, size uint64, status win.Status) {
	file := c.Files.Get(guest.Join(guest.SystemDirectory, name))
	if file == nil {
		file = c.Files.Get(guest.Join(sortingFolder, name))
	}
	if file == nil || file.Directory || file.Size() == 0 {
		c.Gap("the machine has no " + name)
		return 0, 0, statusObjectNameNotFound
	}
	s, err := c.Mem.NewSection(uint64(file.Size()), guest.PageReadOnly, file)
	if err != nil {
		return 0, 0, win.StatusNoMemory
	}
	a, err := c.Mem.MapSection(s, 0, PrivateArea, 0, s.Size, guest.PageReadOnly)
	if err != nil {
		return 0, 0, win.StatusNoMemory
	}
	return a.Base, a.Size, 0
}

// ntGetNlsSectionPtr maps a table: of sorting, of upper and lower case, of a code
// page or of a normal form.
func ntGetNlsSectionPtr(c *win.Call, SectionType, SectionData win.DWORD, ContextData win.Ptr, SectionPointer win.Out[uint64], SectionSize win.Out[uint32]) (win.Status, win.Error) {
	name := ""
	switch SectionType {
	case nlsSorting:
		name = "sortdefault.nls"
	case nlsCasing:
		name = "l_intl.nls"
	case nlsCodePage:
		name = fmt.Sprintf("c_%03d.nls", SectionData)
	case nlsNormalization:
		name = normalForms[SectionData]
	default:
		return statusInvalidParameter1, 0
	}
	if name == "" {
		return statusObjectNameNotFound, 0
	}
	if !probe(c, SectionPointer.Addr, 8) || !probe(c, SectionSize.Addr, 4) {
		return 0, 0
	}
	base, size, status := mapTable(c, name)
	if status == 0 {
		SectionPointer.Set(c, base)
		SectionSize.Set(c, uint32(size))
	}
	return status, 0
}

// ntQueryDefaultLocale tells the locale of the user, or of the system.
func ntQueryDefaultLocale(c *win.Call, UserProfile win.BYTE, DefaultLocaleId win.Out[uint32]) (win.Status, win.Error) {
	DefaultLocaleId.Set(c, localeDefault)
	return 0, 0
}

// ntQueryDefaultUILanguage tells the language of menus and messages.
func ntQueryDefaultUILanguage(c *win.Call, DefaultUILanguageId win.Out[uint16]) (win.Status, win.Error) {
	DefaultUILanguageId.Set(c, localeDefault)
	return 0, 0
}

type localeView struct{} // key of the process's own view

// rtlGetLocaleFileMappingAddress does the same once and then gives the same
// address.
func rtlGetLocaleFileMappingAddress(c *win.Call, BaseAddress win.Out[uint64], DefaultLocaleId win.Out[uint32], DefaultCasingTableSize win.Ptr) (win.Status, win.Error) {
	switch {
	case BaseAddress.Null():
		return statusInvalidParameter1, 0
	case DefaultLocaleId.Null():
		return statusInvalidParameter2, 0
	}
	base, ok := c.State[localeView{}].(uint64)
	if !ok {
		var status win.Status
		if base, _, status = mapTable(c, localeFile); status != 0 {
			return status, 0
		}
		c.State[localeView{}] = base
	}
	BaseAddress.Set(c, base)
	DefaultLocaleId.Set(c, localeDefault)
	return 0, 0
}
