package ntdll

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// nlsRows is where the tables of languages come from. They are Microsoft's: a
// machine has them if its files, or the folder of real system DLLs, hold them.
var nlsRows = append(system(
	win.Partial(win.Func3("NtInitializeNlsFiles", ntInitializeNlsFiles, "BaseAddress DefaultLocaleId DefaultCasingTableSize"),
		"maps a locale.nls that the machine has; no size of the casing table"),
),
	win.Partial(win.Func3("RtlGetLocaleFileMappingAddress", rtlGetLocaleFileMappingAddress, "BaseAddress DefaultLocaleId DefaultCasingTableSize"),
		"as NtInitializeNlsFiles"),
)

const (
	localeFile    = `C:\Windows\System32\locale.nls`
	localeDefault = 0x409 // of the machine: en-US
)

// ntInitializeNlsFiles maps the tables of languages, to be read, and tells the
// system's locale. Each call makes another view.
func ntInitializeNlsFiles(c *win.Call, BaseAddress win.Out[uint64], DefaultLocaleId win.Out[uint32], DefaultCasingTableSize win.Ptr) (win.Status, win.Error) {
	if !probe(c, BaseAddress.Addr, 8) || !probe(c, DefaultLocaleId.Addr, 4) {
		return 0, 0
	}
	base, status := mapLocaleFile(c)
	if status == 0 {
		BaseAddress.Set(c, base)
		DefaultLocaleId.Set(c, localeDefault)
	}
	return status, 0
}

func mapLocaleFile(c *win.Call) (uint64, win.Status) {
	file := c.Files.Get(localeFile)
	if file == nil || file.Directory || file.Size() == 0 {
		c.Gap("the machine has no " + localeFile)
		return 0, statusObjectNameNotFound
	}
	s, err := c.Mem.NewSection(uint64(file.Size()), guest.PageReadOnly, file)
	if err != nil {
		return 0, win.StatusNoMemory
	}
	a, err := c.Mem.MapSection(s, 0, PrivateArea, 0, s.Size, guest.PageReadOnly)
	if err != nil {
		return 0, win.StatusNoMemory
	}
	return a.Base, 0
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
		if base, status = mapLocaleFile(c); status != 0 {
			return status, 0
		}
		c.State[localeView{}] = base
	}
	BaseAddress.Set(c, base)
	DefaultLocaleId.Set(c, localeDefault)
	return 0, 0
}
