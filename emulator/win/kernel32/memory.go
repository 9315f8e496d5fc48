package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var memoryRows = win.Rows{
	win.Func3("FlushInstructionCache", flushInstructionCache, "hProcess lpBaseAddress dwSize"),
	win.Func5("ReadProcessMemory", readProcessMemory, "hProcess lpBaseAddress lpBuffer nSize lpNumberOfBytesRead"),
	win.Func4("VirtualAlloc", virtualAlloc, "lpAddress dwSize flAllocationType flProtect"),
	win.Func5("VirtualAllocEx", virtualAllocEx, "hProcess lpAddress dwSize flAllocationType flProtect"),
	win.Func3("VirtualFree", virtualFree, "lpAddress dwSize dwFreeType"),
	win.Func4("VirtualProtect", virtualProtect, "lpAddress dwSize flNewProtect lpflOldProtect"),
	win.Func5("VirtualProtectEx", virtualProtectEx, "hProcess lpAddress dwSize flNewProtect lpflOldProtect"),
	win.Func4("VirtualFreeEx", virtualFreeEx, "hProcess lpAddress dwSize dwFreeType"),
	win.Func4("VirtualQueryEx", virtualQueryEx, "hProcess lpAddress lpBuffer dwLength"),
	win.Func3("VirtualQuery", virtualQuery, "lpAddress lpBuffer dwLength"),
	win.Stub("VirtualLock", win.Bool(true), "lpAddress dwSize"),
	win.Stub("VirtualUnlock", win.Bool(true), "lpAddress dwSize"),
	win.Func5("WriteProcessMemory", writeProcessMemory, "hProcess lpBaseAddress lpBuffer nSize lpNumberOfBytesWritten"),
}

// privateArea is where memory goes whose place is left open.
const privateArea = ntdll.PrivateArea

// virtualAlloc reserves, commits, or both. The placement is the same in every
// run.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualalloc
func virtualAlloc(c *win.Call, lpAddress win.Ptr, dwSize win.Size, flAllocationType win.AllocType, flProtect win.Protect) (win.Ptr, win.Error) {
	base, _, status := ntdll.AllocateMemory(c, uint64(lpAddress), uint64(dwSize), flAllocationType, flProtect)
	return win.Ptr(base), ntdll.Win32Error(status)
}

// virtualAllocEx is VirtualAlloc in a process.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualallocex
func virtualAllocEx(c *win.Call, hProcess win.Handle, lpAddress win.Ptr, dwSize win.Size, flAllocationType win.AllocType, flProtect win.Protect) (win.Ptr, win.Error) {
	o, err := processOf(c, hProcess, ntdll.ProcessVMOperation)
	if err != 0 {
		return 0, err
	}
	base, _, status := ntdll.AllocateIn(c, o, uint64(lpAddress), uint64(dwSize), flAllocationType, flProtect)
	return win.Ptr(base), ntdll.Win32Error(status)
}

// virtualFree releases an allocation, or decommits pages of one.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualfree
func virtualFree(c *win.Call, lpAddress win.Ptr, dwSize win.Size, dwFreeType win.AllocType) (win.Bool, win.Error) {
	const memRelease = 0x8000
	if dwFreeType == memRelease && dwSize != 0 { // what ntdll would let pass
		return false, win.ErrInvalidParameter
	}
	_, _, status := ntdll.FreeMemory(c, uint64(lpAddress), uint64(dwSize), dwFreeType)
	return status == 0, ntdll.Win32Error(status)
}

// virtualProtect changes the protection of pages.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualprotect
func virtualProtect(c *win.Call, lpAddress win.Ptr, dwSize win.Size, flNewProtect win.Protect, lpflOldProtect win.Out[uint32]) (win.Bool, win.Error) {
	status := ntdll.ProtectMemory(c, uint64(lpAddress), uint64(dwSize), flNewProtect, lpflOldProtect.Addr)
	return status == 0, ntdll.Win32Error(status)
}

// virtualProtectEx is VirtualProtect in a process.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualprotectex
func virtualProtectEx(c *win.Call, hProcess win.Handle, lpAddress win.Ptr, dwSize win.Size, flNewProtect win.Protect, lpflOldProtect win.Out[uint32]) (win.Bool, win.Error) {
	o, err := processOf(c, hProcess, ntdll.ProcessVMOperation)
	if err != 0 {
		return false, err
	}
	status := ntdll.ProtectIn(c, o, uint64(lpAddress), uint64(dwSize), flNewProtect, lpflOldProtect.Addr)
	return status == 0, ntdll.Win32Error(status)
}

// virtualQuery fills a MEMORY_BASIC_INFORMATION.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualquery
func virtualQuery(c *win.Call, lpAddress, lpBuffer win.Ptr, dwLength win.Size) (win.Size, win.Error) {
	return virtualQueryEx(c, win.Handle(guest.CurrentProcess), lpAddress, lpBuffer, dwLength)
}

// virtualQueryEx is VirtualQuery in a process.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualqueryex
func virtualQueryEx(c *win.Call, hProcess win.Handle, lpAddress, lpBuffer win.Ptr, dwLength win.Size) (win.Size, win.Error) {
	o, err := processOf(c, hProcess, ntdll.ProcessQueryLimited)
	switch {
	case err != 0:
		return 0, err
	case dwLength < ntdll.MemoryBasicInformationSize:
		return 0, ntdll.Win32Error(win.StatusInfoLengthMismatch)
	case lpAddress > guest.HighestUserAddress:
		return 0, win.ErrInvalidParameter
	}
	c.Write(lpBuffer, ntdll.QueryIn(c, o, uint64(lpAddress)))
	return ntdll.MemoryBasicInformationSize, 0
}

// virtualFreeEx is VirtualFree in a process.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualfreeex
func virtualFreeEx(c *win.Call, hProcess win.Handle, lpAddress win.Ptr, dwSize win.Size, dwFreeType win.AllocType) (win.Bool, win.Error) {
	const memRelease = 0x8000
	o, err := processOf(c, hProcess, ntdll.ProcessVMOperation)
	switch {
	case err != 0:
		return false, err
	case dwFreeType == memRelease && dwSize != 0: // what ntdll would let pass
		return false, win.ErrInvalidParameter
	}
	_, _, status := ntdll.FreeIn(c, o, uint64(lpAddress), uint64(dwSize), dwFreeType)
	return status == 0, ntdll.Win32Error(status)
}

// readProcessMemory copies memory of a process.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-readprocessmemory
func readProcessMemory(c *win.Call, hProcess win.Handle, lpBaseAddress, lpBuffer win.Ptr, nSize win.Size, lpNumberOfBytesRead win.Out[uint64]) (win.Bool, win.Error) {
	o, err := processOf(c, hProcess, ntdll.ProcessVMRead)
	if err != 0 {
		return false, err
	}
	n, status := ntdll.ReadFrom(c, o, lpBaseAddress, lpBuffer, uint64(nSize))
	lpNumberOfBytesRead.Set(c, n)
	return status == 0, ntdll.Win32Error(status)
}

// writeProcessMemory copies into memory of a process. Pages of code are made
// writable for the time of the call.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-writeprocessmemory
func writeProcessMemory(c *win.Call, hProcess win.Handle, lpBaseAddress, lpBuffer win.Ptr, nSize win.Size, lpNumberOfBytesWritten win.Out[uint64]) (win.Bool, win.Error) {
	o, err := processOf(c, hProcess, ntdll.ProcessVMWrite)
	if err != 0 {
		return false, err
	}
	n, status := ntdll.WriteTo(c, o, lpBaseAddress, lpBuffer, uint64(nSize), true)
	lpNumberOfBytesWritten.Set(c, n)
	return status == 0, ntdll.Win32Error(status)
}

// flushInstructionCache succeeds: the engine drops stale translations by
// itself.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-flushinstructioncache
func flushInstructionCache(c *win.Call, hProcess win.Handle, lpBaseAddress win.Ptr, dwSize win.Size) (win.Bool, win.Error) {
	if hProcess.Guest() != guest.CurrentProcess && c.Handles.Get(hProcess.Guest()) == nil {
		return false, win.ErrInvalidHandle
	}
	c.FlushCode(uint64(lpBaseAddress), uint64(dwSize))
	return true, 0
}
