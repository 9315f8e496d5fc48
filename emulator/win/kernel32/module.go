package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var moduleRows = win.Rows{
	win.Func1("DisableThreadLibraryCalls", disableThreadLibraryCalls, "hLibModule"),
	win.Func1("FreeLibrary", freeLibrary, "hLibModule"),
	win.Func2("FreeLibraryAndExitThread", freeLibraryAndExitThread, "hLibModule dwExitCode"),
	win.Func3("GetModuleFileName{A,W}", getModuleFileName, "hModule lpFilename nSize"),
	win.Func1("GetModuleHandle{A,W}", getModuleHandle, "lpModuleName"),
	win.Func3("GetModuleHandleEx{A,W}", getModuleHandleEx, "dwFlags lpModuleName phModule"),
	win.Func2("GetProcAddress", getProcAddress, "hModule lpProcName"),
}

// module finds what a module handle stands for; a null one is the program.
func module(c *win.Call, h win.Handle) *guest.Module {
	if h == 0 {
		h = win.Handle(c.ImageBase())
	}
	return c.ModuleByBase(uint64(h))
}

// disableThreadLibraryCalls ends calls of DllMain for threads.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-disablethreadlibrarycalls
func disableThreadLibraryCalls(c *win.Call, hLibModule win.Handle) (win.Bool, win.Error) {
	m := c.ModuleByBase(uint64(hLibModule))
	if m == nil {
		return false, win.ErrModNotFound
	}
	if !c.Quiet(m) {
		return false, win.ErrModNotFound
	}
	return true, 0
}

// freeLibrary takes a reference of LoadLibrary back.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-freelibrary
func freeLibrary(c *win.Call, hLibModule win.Handle) (win.Bool, win.Error) {
	if hLibModule == 0 {
		return false, win.ErrInvalidHandle
	}
	if d := c.DataFileByHandle(uint64(hLibModule)); d != nil {
		c.FreeDataFile(d)
		return true, 0
	}
	m := c.ModuleByBase(uint64(hLibModule))
	if m == nil {
		return false, win.ErrModNotFound
	}
	c.FreeLibrary(c.T, m)
	return true, 0
}

// freeLibraryAndExitThread lets a thread of a DLL unload the DLL.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-freelibraryandexitthread
func freeLibraryAndExitThread(c *win.Call, hLibModule win.Handle, dwExitCode win.DWORD) (win.Void, win.Error) {
	if m := c.ModuleByBase(uint64(hLibModule)); m != nil {
		c.FreeLibrary(c.T, m)
	}
	c.ExitThread(c.T, uint32(dwExitCode))
	return win.Void{}, 0
}

// getModuleFileName stores a module's path. A buffer that is too short gets
// as much as fits, terminated.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-getmodulefilenamew
func getModuleFileName(c *win.Call, hModule win.Handle, lpFilename win.Ptr, nSize win.DWORD) (win.DWORD, win.Error) {
	m := module(c, hModule)
	if m == nil {
		return 0, win.ErrModNotFound
	}
	if nSize == 0 {
		return 0, win.ErrInsufficientBuffer
	}
	b, unit := c.Encode(c.ModulePath(m)), c.CharSize()
	if room := uint64(nSize) * unit; uint64(len(b)) > room {
		c.Write(lpFilename, append(b[:room-unit:room-unit], make([]byte, unit)...))
		c.SetLastError(win.ErrInsufficientBuffer)
		return nSize, 0
	}
	c.Write(lpFilename, b)
	return win.DWORD(uint64(len(b))/unit - 1), 0
}

// getModuleHandle finds a loaded module without keeping it loaded.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-getmodulehandlew
func getModuleHandle(c *win.Call, lpModuleName win.TStr) (win.Handle, win.Error) {
	if lpModuleName.Null() {
		return win.Handle(c.ImageBase()), 0
	}
	m := c.FindModule(lpModuleName.Text)
	if m == nil {
		return 0, win.ErrModNotFound
	}
	return win.Handle(m.Base), 0
}

// Flags of GetModuleHandleEx.
const (
	getModulePin         = 1
	getModuleUnchanged   = 2
	getModuleFromAddress = 4
)

// getModuleHandleEx finds a loaded module by name or by an address in it, and
// keeps it loaded unless told not to.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-getmodulehandleexw
func getModuleHandleEx(c *win.Call, dwFlags win.Hex, lpModuleName win.Ptr, phModule win.Out[uint64]) (win.Bool, win.Error) {
	const both = getModulePin | getModuleUnchanged
	if phModule.Null() {
		return false, win.ErrInvalidParameter
	}
	phModule.Set(c, 0)
	if dwFlags&^(both|getModuleFromAddress) != 0 || dwFlags&both == both {
		return false, win.ErrInvalidParameter
	}
	var m *guest.Module
	switch {
	case dwFlags&getModuleFromAddress != 0:
		if lpModuleName == 0 {
			return false, win.ErrInvalidParameter
		}
		m = c.ModuleHolding(uint64(lpModuleName))
	case lpModuleName == 0:
		m = module(c, 0)
	default:
		m = c.FindModule(c.TString(lpModuleName))
	}
	switch {
	case m == nil:
		return false, win.ErrModNotFound
	case dwFlags&getModulePin != 0:
		m.Pin()
	case dwFlags&getModuleUnchanged == 0:
		m.Retain()
	}
	phModule.Set(c, m.Base)
	return true, 0
}

// getProcAddress finds an export by name, or by ordinal where the name is a
// number below 64 Ki. It follows forwarders. An export that a system DLL has on
// Windows and that is not modelled has an address too; calling it is a gap.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-getprocaddress
func getProcAddress(c *win.Call, hModule win.Handle, lpProcName win.AStr) (win.Ptr, win.Error) {
	m := module(c, hModule)
	if m == nil {
		return 0, win.ErrModNotFound
	}
	if lpProcName.Addr < 0x10000 {
		if at := c.Procedure(c.T, m, guest.Export{Ordinal: uint32(lpProcName.Addr)}); at != 0 {
			return win.Ptr(at), 0
		}
		return 0, win.ErrInvalidOrdinal
	}
	if lpProcName.Text == "" {
		return 0, win.ErrProcNotFound
	}
	at := c.Procedure(c.T, m, guest.Export{Name: lpProcName.Text})
	if at == 0 {
		return 0, win.ErrProcNotFound
	}
	return win.Ptr(at), 0
}
