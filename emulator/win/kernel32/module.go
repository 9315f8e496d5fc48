package kernel32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var moduleRows = win.Rows{
	win.Func1("DisableThreadLibraryCalls", disableThreadLibraryCalls, "hLibModule"),
	win.Func1("FreeLibrary", freeLibrary, "hLibModule"),
	win.Func2("FreeLibraryAndExitThread", freeLibraryAndExitThread, "hLibModule dwExitCode"),
	win.Func3("GetModuleFileName{A,W}", getModuleFileName, "hModule lpFilename nSize"),
	win.Func1("GetModuleHandle{A,W}", getModuleHandle, "lpModuleName"),
	win.Func3("GetModuleHandleEx{A,W}", getModuleHandleEx, "dwFlags lpModuleName phModule"),
	win.Func2("GetProcAddress", getProcAddress, "hModule lpProcName"),
	win.Func1("LoadLibrary{A,W}", loadLibrary, "lpLibFileName"),
	win.Partial(win.Func3("LoadLibraryEx{A,W}", loadLibraryEx, "lpLibFileName hFile dwFlags"),
		"data files, images without imports; a DLL's own folder is not searched for its imports"),
}

// module finds what a module handle stands for; a null one is the program.
func module(c *win.Call, h win.Handle) *guest.Module {
	if h == 0 {
		return c.Program()
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
	if !m.Quiet() {
		return false, win.ErrInvalidParameter
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
	b, unit := c.Encode(m.Path), c.CharSize()
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
		return win.Handle(c.Program().Base), 0
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
		m = c.ModuleAt(uint64(lpModuleName))
	case lpModuleName == 0:
		m = c.Program()
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
		if at := c.Resolve(m, guest.Export{Ordinal: uint32(lpProcName.Addr)}); at != 0 {
			return win.Ptr(at), 0
		}
		return 0, win.ErrInvalidOrdinal
	}
	if lpProcName.Text == "" {
		return 0, win.ErrProcNotFound
	}
	at := c.Resolve(m, guest.Export{Name: lpProcName.Text})
	if at == 0 {
		return 0, win.ErrProcNotFound
	}
	return win.Ptr(at), 0
}

// loadLibrary loads a module and what it imports.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-loadlibraryw
func loadLibrary(c *win.Call, lpLibFileName win.TStr) (win.Handle, win.Error) {
	if lpLibFileName.Null() {
		return 0, win.ErrInvalidParameter
	}
	return load(c, lpLibFileName.Text)
}

func load(c *win.Call, name string) (win.Handle, win.Error) {
	name = strings.TrimRight(name, " ")
	if name == "" {
		return 0, win.ErrModNotFound
	}
	m, err := c.LoadLibrary(c.T, name)
	if err != nil {
		return 0, ntdll.Win32Error(ntdll.LoadStatus(err))
	}
	return win.Handle(m.Base), 0
}

// Flags of LoadLibraryEx.
const (
	dontResolveReferences  = 0x0001
	loadAsDatafile         = 0x0002
	loadAlteredSearchPath  = 0x0008
	loadIgnoreAuthz        = 0x0010
	loadAsImageResource    = 0x0020
	loadDatafileExclusive  = 0x0040
	loadRequireSigned      = 0x0080
	loadSearchDLLDir       = 0x0100
	loadSearchAppDir       = 0x0200
	loadSearchUserDirs     = 0x0400
	loadSearchSystem32     = 0x0800
	loadSearchDefaultDirs  = 0x1000
	loadSafeCurrentDirs    = 0x2000
	loadSearchSystemNoFwd  = 0x4000
	loadSearch             = loadSearchDLLDir | loadSearchAppDir | loadSearchUserDirs | loadSearchSystem32 | loadSearchDefaultDirs
	loadKnownFlags         = dontResolveReferences | loadAsDatafile | loadAlteredSearchPath | loadIgnoreAuthz | loadAsImageResource | loadDatafileExclusive | loadRequireSigned | loadSearch | loadSafeCurrentDirs | loadSearchSystemNoFwd
	loadWithoutCode        = dontResolveReferences | loadAsDatafile | loadAsImageResource | loadDatafileExclusive
	loadChangesImportPaths = loadAlteredSearchPath | loadSearchDLLDir
)

// loadLibraryEx is LoadLibrary with a say in where to search.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-loadlibraryexw
func loadLibraryEx(c *win.Call, lpLibFileName win.TStr, hFile win.Handle, dwFlags win.Hex) (win.Handle, win.Error) {
	name := lpLibFileName.Text
	qualified := strings.ContainsAny(name, `\/`)
	switch {
	case lpLibFileName.Null() || hFile != 0 || dwFlags&^loadKnownFlags != 0 ||
		dwFlags&loadAlteredSearchPath != 0 && dwFlags&loadSearch != 0 ||
		dwFlags&loadSearchDLLDir != 0 && !qualified:
		return 0, win.ErrInvalidParameter
	case dwFlags&loadWithoutCode != 0:
		c.Gap("loading without running code")
		return 0, win.ErrNotSupported
	}
	if dwFlags&loadSearch != 0 && !qualified && c.FindModule(name) == nil {
		path, ok := restricted(c, name, uint32(dwFlags))
		if !ok {
			return 0, win.ErrModNotFound
		}
		name = path
	}
	h, err := load(c, name)
	if err == win.ErrModNotFound && qualified && dwFlags&loadChangesImportPaths != 0 && isFile(c, guest.FullPath(name, c.CurrentDirectory)) {
		c.Gap("imports searched for beside the DLL")
	}
	return h, err
}

// restricted applies the search flags to a bare file name. It gives the name
// back where the ordinary search order comes to the same.
func restricted(c *win.Call, name string, flags uint32) (string, bool) {
	file := name
	if !strings.Contains(file, ".") {
		file += ".dll"
	}
	app := flags&(loadSearchAppDir|loadSearchDefaultDirs) != 0
	system := flags&(loadSearchSystem32|loadSearchDefaultDirs) != 0
	builtin := c.System().Module(file)
	switch {
	case builtin != nil && !strings.EqualFold(builtin.Name, file): // an API set: the same everywhere
		return name, true
	case app && isFile(c, guest.Join(c.ApplicationDirectory, file)):
		return name, true
	case system && (builtin != nil || isFile(c, guest.Join(guest.SystemDirectory, file))):
		return guest.Join(guest.SystemDirectory, file), true
	}
	return "", false
}

func isFile(c *win.Call, path string) bool {
	n := c.Files.Get(path)
	return n != nil && !n.Directory
}
