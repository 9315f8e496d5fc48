package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var memoryRows = win.Rows{
	win.Func3("FlushInstructionCache", flushInstructionCache, "hProcess lpBaseAddress dwSize"),
	win.Partial(win.Func5("ReadProcessMemory", readProcessMemory, "hProcess lpBaseAddress lpBuffer nSize lpNumberOfBytesRead"), "the calling process only"),
	win.Func4("VirtualAlloc", virtualAlloc, "lpAddress dwSize flAllocationType flProtect"),
	win.Partial(win.Func5("VirtualAllocEx", virtualAllocEx, "hProcess lpAddress dwSize flAllocationType flProtect"), "the calling process only"),
	win.Func3("VirtualFree", virtualFree, "lpAddress dwSize dwFreeType"),
	win.Func4("VirtualProtect", virtualProtect, "lpAddress dwSize flNewProtect lpflOldProtect"),
	win.Partial(win.Func5("VirtualProtectEx", virtualProtectEx, "hProcess lpAddress dwSize flNewProtect lpflOldProtect"), "the calling process only"),
	win.Func3("VirtualQuery", virtualQuery, "lpAddress lpBuffer dwLength"),
	win.Stub("VirtualLock", win.Bool(true), "lpAddress dwSize"),
	win.Stub("VirtualUnlock", win.Bool(true), "lpAddress dwSize"),
	win.Partial(win.Func5("WriteProcessMemory", writeProcessMemory, "hProcess lpBaseAddress lpBuffer nSize lpNumberOfBytesWritten"), "the calling process only, writable pages"),
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

func virtualAllocEx(c *win.Call, hProcess win.Handle, lpAddress win.Ptr, dwSize win.Size, flAllocationType win.AllocType, flProtect win.Protect) (win.Ptr, win.Error) {
	if status := ntdll.OwnProcess(c, hProcess); status != 0 {
		return 0, ntdll.Win32Error(status)
	}
	return virtualAlloc(c, lpAddress, dwSize, flAllocationType, flProtect)
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

func virtualProtectEx(c *win.Call, hProcess win.Handle, lpAddress win.Ptr, dwSize win.Size, flNewProtect win.Protect, lpflOldProtect win.Out[uint32]) (win.Bool, win.Error) {
	if status := ntdll.OwnProcess(c, hProcess); status != 0 {
		return false, ntdll.Win32Error(status)
	}
	return virtualProtect(c, lpAddress, dwSize, flNewProtect, lpflOldProtect)
}

// virtualQuery fills a MEMORY_BASIC_INFORMATION.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualquery
func virtualQuery(c *win.Call, lpAddress, lpBuffer win.Ptr, dwLength win.Size) (win.Size, win.Error) {
	if dwLength < ntdll.MemoryBasicInformationSize {
		return 0, ntdll.Win32Error(win.StatusInfoLengthMismatch)
	}
	if lpAddress > guest.HighestUserAddress {
		return 0, win.ErrInvalidParameter
	}
	c.Write(lpBuffer, ntdll.MemoryBasicInformation(c, uint64(lpAddress)))
	return ntdll.MemoryBasicInformationSize, 0
}

// readProcessMemory copies memory of a process.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-readprocessmemory
func readProcessMemory(c *win.Call, hProcess win.Handle, lpBaseAddress, lpBuffer win.Ptr, nSize win.Size, lpNumberOfBytesRead win.Out[uint64]) (win.Bool, win.Error) {
	return copyProcessMemory(c, hProcess, lpBuffer, lpBaseAddress, nSize, lpNumberOfBytesRead)
}

// writeProcessMemory copies into memory of a process. Pages must be writable:
// Windows makes some so for the time of the call.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-writeprocessmemory
func writeProcessMemory(c *win.Call, hProcess win.Handle, lpBaseAddress, lpBuffer win.Ptr, nSize win.Size, lpNumberOfBytesWritten win.Out[uint64]) (win.Bool, win.Error) {
	return copyProcessMemory(c, hProcess, lpBaseAddress, lpBuffer, nSize, lpNumberOfBytesWritten)
}

func copyProcessMemory(c *win.Call, process win.Handle, to, from win.Ptr, size win.Size, copied win.Out[uint64]) (win.Bool, win.Error) {
	if status := ntdll.OwnProcess(c, process); status != 0 {
		return false, ntdll.Win32Error(status)
	}
	n, status := ntdll.CopyMemory(c, to, from, uint64(size))
	copied.Set(c, n)
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
	return true, 0
}
