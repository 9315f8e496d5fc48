package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

// The functions of psapi.dll, which kernel32 exports with K32 before their
// names. They know the calling process alone.
var moduleListRows = PSAPI("K32")

// PSAPI makes the rows with a prefix: "" for psapi.dll itself.
func PSAPI(prefix string) win.Rows {
	return win.Rows{
		win.Func3(prefix+"EnumDeviceDrivers", enumDeviceDrivers, "lpImageBase cb lpcbNeeded"),
		win.Func3(prefix+"EnumProcesses", enumProcesses, "lpidProcess cb lpcbNeeded"),
		win.Func3(prefix+"GetDeviceDriverBaseName{A,W}", getDeviceDriverBaseName, "ImageBase lpBaseName nSize"),
		win.Func3(prefix+"GetDeviceDriverFileName{A,W}", getDeviceDriverBaseName, "ImageBase lpBaseName nSize"),
		win.Func3(prefix+"GetProcessImageFileName{A,W}", getProcessImageFileName, "hProcess lpImageFileName nSize"),
		win.Func3(prefix+"GetProcessMemoryInfo", getProcessMemoryInfo, "Process ppsmemCounters cb"),
		win.Func2(prefix+"GetPerformanceInfo", getPerformanceInfo, "pPerformanceInformation cb"),
		win.Func4(prefix+"GetMappedFileName{A,W}", getMappedFileName, "hProcess lpv lpFilename nSize"),
		win.Stub(prefix+"EmptyWorkingSet", win.Bool(true), "hProcess"),
		win.Func4(prefix+"EnumProcessModules", enumProcessModules, "hProcess lphModule cb lpcbNeeded"),
		win.Func5(prefix+"EnumProcessModulesEx", enumProcessModulesEx, "hProcess lphModule cb lpcbNeeded dwFilterFlag"),
		win.Func4(prefix+"GetModuleBaseName{A,W}", getModuleBaseName, "hProcess hModule lpBaseName nSize"),
		win.Func4(prefix+"GetModuleFileNameEx{A,W}", getModuleFileNameEx, "hProcess hModule lpFilename nSize"),
		win.Func4(prefix+"GetModuleInformation", getModuleInformation, "hProcess hModule lpmodinfo cb"),
	}
}

// enumProcessModules stores the handles of all modules, the program's first.
//
// https://learn.microsoft.com/windows/win32/api/psapi/nf-psapi-enumprocessmodules
func enumProcessModules(c *win.Call, hProcess win.Handle, lphModule win.Ptr, cb win.DWORD, lpcbNeeded win.Out[uint32]) (win.Bool, win.Error) {
	if err := ownModules(c, hProcess); err != 0 {
		return false, err
	}
	modules := c.MemoryOrder()
	for i, m := range modules {
		if (i+1)*8 > int(cb) {
			break
		}
		c.WriteUint(lphModule+win.Ptr(8*i), 8, m.Base)
	}
	lpcbNeeded.Set(c, uint32(8*len(modules)))
	return true, 0
}

// enumProcessModulesEx is enumProcessModules with a choice of 32-bit modules,
// of which there are none.
//
// https://learn.microsoft.com/windows/win32/api/psapi/nf-psapi-enumprocessmodulesex
func enumProcessModulesEx(c *win.Call, hProcess win.Handle, lphModule win.Ptr, cb win.DWORD, lpcbNeeded win.Out[uint32], dwFilterFlag win.DWORD) (win.Bool, win.Error) {
	return enumProcessModules(c, hProcess, lphModule, cb, lpcbNeeded)
}

// ownModules checks that a process is the calling one, the only one whose
// modules are known.
func ownModules(c *win.Call, process win.Handle) win.Error {
	o, err := processOf(c, process, ntdll.ProcessVMRead)
	switch {
	case err != 0:
		return err
	case o != nil:
		c.Gap("modules of another process")
		return errPartialCopy
	}
	return 0
}

// processModule finds a module of a process, among those that are listed.
func processModule(c *win.Call, hProcess, hModule win.Handle) (guest.Listing, win.Error) {
	if err := ownModules(c, hProcess); err != 0 {
		return guest.Listing{}, err
	}
	base := uint64(hModule)
	if base == 0 {
		base = c.ImageBase()
	}
	for _, l := range c.MemoryOrder() {
		if l.Base == base {
			return l, 0
		}
	}
	return guest.Listing{}, win.ErrInvalidHandle
}

// getModuleBaseName stores a module's file name.
//
// https://learn.microsoft.com/windows/win32/api/psapi/nf-psapi-getmodulebasenamew
func getModuleBaseName(c *win.Call, hProcess, hModule win.Handle, lpBaseName win.Ptr, nSize win.DWORD) (win.DWORD, win.Error) {
	m, err := processModule(c, hProcess, hModule)
	if err != 0 {
		return 0, err
	}
	return cut(c, lpBaseName, nSize, m.Name), 0
}

// getModuleFileNameEx stores a module's path.
//
// https://learn.microsoft.com/windows/win32/api/psapi/nf-psapi-getmodulefilenameexw
func getModuleFileNameEx(c *win.Call, hProcess, hModule win.Handle, lpFilename win.Ptr, nSize win.DWORD) (win.DWORD, win.Error) {
	m, err := processModule(c, hProcess, hModule)
	if err != 0 {
		return 0, err
	}
	if nSize == 0 {
		return 0, win.ErrInsufficientBuffer
	}
	return cut(c, lpFilename, nSize, m.Path), 0
}

// cut stores as much of a text as fits, terminated, and gives its length.
func cut(c *win.Call, buffer win.Ptr, size win.DWORD, text string) win.DWORD {
	b, unit := c.Encode(text), c.CharSize()
	if size == 0 {
		return 0
	}
	if room := uint64(size) * unit; uint64(len(b)) > room {
		c.Write(buffer, append(b[:room-unit:room-unit], make([]byte, unit)...))
		return size
	}
	c.Write(buffer, b)
	return win.DWORD(uint64(len(b))/unit - 1)
}

// getModuleInformation stores where a module lies and where it starts.
//
// https://learn.microsoft.com/windows/win32/api/psapi/nf-psapi-getmoduleinformation
func getModuleInformation(c *win.Call, hProcess, hModule win.Handle, lpmodinfo win.Ptr, cb win.DWORD) (win.Bool, win.Error) {
	const size = 24 // MODULEINFO
	m, err := processModule(c, hProcess, hModule)
	switch {
	case err != 0:
		return false, err
	case cb < size:
		return false, win.ErrInsufficientBuffer
	}
	b := c.Buffer(lpmodinfo, size)
	if b == nil {
		return false, 0
	}
	le.PutUint64(b, m.Base)
	le.PutUint64(b[8:], uint64(m.Size))
	le.PutUint64(b[16:], m.EntryPoint)
	return true, 0
}
