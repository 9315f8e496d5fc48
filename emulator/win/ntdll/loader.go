package ntdll

import (
	"errors"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var loaderRows = win.Rows{
	win.Func2("LdrAddRefDll", ldrAddRefDll, "Flags BaseAddress"),
	win.Func1("LdrDisableThreadCalloutsForDll", ldrDisableThreadCalloutsForDll, "BaseAddress"),
	win.Func4("LdrGetDllHandle", ldrGetDllHandle, "SearchPath DllCharacteristics DllName DllHandle"),
	win.Func5("LdrGetDllHandleEx", ldrGetDllHandleEx, "Flags SearchPath DllCharacteristics DllName DllHandle"),
	win.Func4("LdrGetProcedureAddress", ldrGetProcedureAddress, "BaseAddress Name Ordinal ProcedureAddress"),
	win.Func5("LdrGetProcedureAddressEx", ldrGetProcedureAddressEx, "BaseAddress Name Ordinal ProcedureAddress Flags"),
	win.Func6("LdrGetProcedureAddressForCaller", ldrGetProcedureAddressForCaller, "BaseAddress Name Ordinal ProcedureAddress Flags Callback"),
	win.Func4("LdrLoadDll", ldrLoadDll, "SearchPath DllCharacteristics DllName BaseAddress"),
	win.Func1("LdrUnloadDll", ldrUnloadDll, "BaseAddress"),
}

// LoadStatus is the status of a load that failed.
func LoadStatus(err error) win.Status {
	var failed *guest.LoadError
	if errors.As(err, &failed) {
		return win.Status(failed.Status)
	}
	return win.StatusDLLNotFound
}

const doNotResolve = 2 // IMAGE_FILE_EXECUTABLE_IMAGE among the characteristics: do not resolve references

// ldrLoadDll loads a module and what it imports. kernel32's LoadLibrary is
// built on it.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-loadlibraryexw
func ldrLoadDll(c *win.Call, SearchPath win.Ptr, DllCharacteristics win.Ptr, DllName win.UnicodeString, BaseAddress win.Out[uint64]) (win.Status, win.Error) {
	if !probe(c, BaseAddress.Addr, 8) {
		return 0, 0
	}
	name := strings.TrimRight(DllName.Text, " ")
	if name == "" {
		return win.StatusDLLNotFound, 0
	}
	// The path is folders, or flags of LoadLibraryEx marked by bit 0.
	var o guest.LoadOptions
	if SearchPath&1 != 0 {
		o.Flags = guest.LoadFlags(SearchPath) & (guest.LoadSearch | guest.LoadAlteredSearchPath)
	} else if SearchPath != 0 {
		o.Path = c.WString(SearchPath)
	}
	if DllCharacteristics != 0 && c.ReadUint(DllCharacteristics, 4)&doNotResolve != 0 {
		o.Flags |= guest.DontResolveReferences
	}
	m, err := c.LoadLibrary(c.T, name, o)
	if err != nil {
		return LoadStatus(err), 0
	}
	BaseAddress.Set(c, m.Base)
	return 0, 0
}

// ldrUnloadDll takes a reference of LdrLoadDll back.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-freelibrary
func ldrUnloadDll(c *win.Call, BaseAddress win.Handle) (win.Status, win.Error) {
	m := c.ModuleByBase(uint64(BaseAddress))
	if m == nil {
		return win.StatusDLLNotFound, 0
	}
	c.FreeLibrary(c.T, m)
	return 0, 0
}

// ldrGetDllHandle finds a loaded module without keeping it loaded.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-getmodulehandlew
func ldrGetDllHandle(c *win.Call, SearchPath, DllCharacteristics win.Ptr, DllName win.UnicodeString, DllHandle win.Out[uint64]) (win.Status, win.Error) {
	return ldrGetDllHandleEx(c, unchangedReference, SearchPath, DllCharacteristics, DllName, DllHandle)
}

// Flags of LdrGetDllHandleEx.
const (
	unchangedReference = 1
	pinModule          = 2
)

// ldrGetDllHandleEx finds a loaded module and keeps it loaded unless told not
// to.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-getmodulehandleexw
func ldrGetDllHandleEx(c *win.Call, Flags win.Hex, SearchPath, DllCharacteristics win.Ptr, DllName win.UnicodeString, DllHandle win.Out[uint64]) (win.Status, win.Error) {
	const both = unchangedReference | pinModule
	if Flags&^both != 0 || Flags&both == both {
		return statusInvalidParameter1, 0
	}
	m := c.FindModule(DllName.Text)
	switch {
	case m == nil:
		return win.StatusDLLNotFound, 0
	case Flags&pinModule != 0:
		m.Pin()
	case Flags&unchangedReference == 0:
		m.Retain()
	}
	DllHandle.Set(c, m.Base)
	return 0, 0
}

// ldrAddRefDll takes another reference, or pins the module with flag 1.
func ldrAddRefDll(c *win.Call, Flags win.Hex, BaseAddress win.Handle) (win.Status, win.Error) {
	const pin = 1
	m := c.ModuleByBase(uint64(BaseAddress))
	switch {
	case Flags&^pin != 0 || m == nil:
		return win.StatusInvalidParameter, 0
	case Flags&pin != 0:
		m.Pin()
	default:
		m.Retain()
	}
	return 0, 0
}

// ldrGetProcedureAddress finds an export by name, or by ordinal where there is
// no name. It follows forwarders. An export that a system DLL has on Windows
// and that is not modelled has an address too; calling it is a gap.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-getprocaddress
func ldrGetProcedureAddress(c *win.Call, BaseAddress win.Handle, Name win.AnsiString, Ordinal win.DWORD, ProcedureAddress win.Out[uint64]) (win.Status, win.Error) {
	if !probe(c, ProcedureAddress.Addr, 8) {
		return 0, 0
	}
	m := c.ModuleByBase(uint64(BaseAddress))
	if m == nil {
		return win.StatusDLLNotFound, 0
	}
	e, missing := guest.Export{Name: Name.Text}, win.StatusEntryPointNotFound
	if Name.Text == "" {
		if Ordinal == 0 {
			return win.StatusInvalidParameter, 0
		}
		e, missing = guest.Export{Ordinal: uint32(Ordinal)}, statusOrdinalNotFound
	}
	at := c.Procedure(c.T, m, e)
	if at == 0 {
		return missing, 0
	}
	ProcedureAddress.Set(c, at)
	return 0, 0
}

func ldrGetProcedureAddressEx(c *win.Call, BaseAddress win.Handle, Name win.AnsiString, Ordinal win.DWORD, ProcedureAddress win.Out[uint64], Flags win.Hex) (win.Status, win.Error) {
	return ldrGetProcedureAddress(c, BaseAddress, Name, Ordinal, ProcedureAddress)
}

func ldrGetProcedureAddressForCaller(c *win.Call, BaseAddress win.Handle, Name win.AnsiString, Ordinal win.DWORD, ProcedureAddress win.Out[uint64], Flags win.Hex, Callback win.Ptr) (win.Status, win.Error) {
	return ldrGetProcedureAddress(c, BaseAddress, Name, Ordinal, ProcedureAddress)
}

// ldrDisableThreadCalloutsForDll ends calls of DllMain for threads. A module
// with thread-local data goes on getting them.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-disablethreadlibrarycalls
func ldrDisableThreadCalloutsForDll(c *win.Call, BaseAddress win.Handle) (win.Status, win.Error) {
	m := c.ModuleByBase(uint64(BaseAddress))
	if m == nil {
		return win.StatusDLLNotFound, 0
	}
	c.Quiet(m)
	return 0, 0
}
