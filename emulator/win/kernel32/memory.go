package kernel32

import (
	"encoding/binary"
	"errors"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var memoryRows = win.Rows{
	win.Func3("FlushInstructionCache", flushInstructionCache, "hProcess lpBaseAddress dwSize"),
	win.Func4("VirtualAlloc", virtualAlloc, "lpAddress dwSize flAllocationType flProtect"),
	win.Partial(win.Func5("VirtualAllocEx", virtualAllocEx, "hProcess lpAddress dwSize flAllocationType flProtect"), "the calling process only"),
	win.Func3("VirtualFree", virtualFree, "lpAddress dwSize dwFreeType"),
	win.Func4("VirtualProtect", virtualProtect, "lpAddress dwSize flNewProtect lpflOldProtect"),
	win.Partial(win.Func5("VirtualProtectEx", virtualProtectEx, "hProcess lpAddress dwSize flNewProtect lpflOldProtect"), "the calling process only"),
	win.Func3("VirtualQuery", virtualQuery, "lpAddress lpBuffer dwLength"),
	win.Stub("VirtualLock", win.Bool(true), "lpAddress dwSize"),
	win.Stub("VirtualUnlock", win.Bool(true), "lpAddress dwSize"),
}

// Allocation types and free types.
const (
	memCommit   = 0x1000
	memReserve  = 0x2000
	memDecommit = 0x4000
	memRelease  = 0x8000
	memReset    = 0x80000
	memTopDown  = 0x100000
)

// privateArea is where VirtualAlloc puts memory whose place is left open.
const privateArea = 0x0000_01E0_0000_0000

// virtualAlloc reserves, commits, or both. The placement is the same in every
// run.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualalloc
func virtualAlloc(c *win.Call, lpAddress win.Ptr, dwSize win.Size, flAllocationType win.AllocType, flProtect win.Protect) (win.Ptr, win.Error) {
	addr, size, prot := uint64(lpAddress), uint64(dwSize), guest.Protection(flProtect)
	const known = memCommit | memReserve | memReset | memTopDown
	switch {
	case size == 0 || flAllocationType&(memCommit|memReserve|memReset) == 0:
		return 0, win.ErrInvalidParameter
	case !prot.Valid():
		return 0, win.ErrInvalidParameter
	case flAllocationType&^known != 0:
		c.Gap("allocation type " + trace.AllocationType.Format(uint64(flAllocationType)))
		return 0, win.ErrInvalidParameter
	case size > guest.HighestUserAddress || addr > guest.HighestUserAddress:
		return 0, win.ErrInvalidParameter
	case flAllocationType&memReset != 0:
		return lpAddress &^ (guest.PageSize - 1), 0
	}
	reserve := flAllocationType&memReserve != 0 || addr == 0
	base := addr &^ (guest.PageSize - 1)
	if reserve {
		a, err := c.Mem.Reserve(addr, size, privateArea, guest.RegionPrivate, prot)
		if err != nil {
			return 0, allocationError(err)
		}
		if addr == 0 {
			base, addr = a.Base, a.Base
		} else {
			base = a.Base
		}
		if flAllocationType&memCommit != 0 {
			if err := c.Mem.Commit(addr, size, prot); err != nil {
				return 0, allocationError(errors.Join(err, c.Mem.Free(a)))
			}
		}
	} else if err := c.Mem.Commit(addr, size, prot); err != nil {
		return 0, allocationError(err)
	}
	pages := (addr+size+guest.PageSize-1)&^(guest.PageSize-1) - base
	c.Emit(trace.MemoryAlloc{Address: base, Size: pages, Protection: prot.String(), Type: allocationText(flAllocationType)})
	return win.Ptr(base), 0
}

func allocationText(t win.AllocType) string {
	var parts []string
	if t&memReserve != 0 {
		parts = append(parts, "reserve")
	}
	if t&memCommit != 0 {
		parts = append(parts, "commit")
	}
	return strings.Join(parts, "|")
}

func allocationError(err error) win.Error {
	if errors.Is(err, guest.ErrNoMemory) {
		return win.ErrNotEnoughMemory
	}
	return win.ErrInvalidAddress
}

func virtualAllocEx(c *win.Call, hProcess win.Handle, lpAddress win.Ptr, dwSize win.Size, flAllocationType win.AllocType, flProtect win.Protect) (win.Ptr, win.Error) {
	if hProcess.Guest() != guest.CurrentProcess {
		c.Gap("memory of another process")
		return 0, win.ErrAccessDenied
	}
	return virtualAlloc(c, lpAddress, dwSize, flAllocationType, flProtect)
}

// virtualFree releases an allocation, or decommits pages of one.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualfree
func virtualFree(c *win.Call, lpAddress win.Ptr, dwSize win.Size, dwFreeType win.AllocType) (win.Bool, win.Error) {
	a := c.Mem.Find(uint64(lpAddress))
	if a == nil || a.Region != guest.RegionPrivate {
		return false, win.ErrInvalidAddress
	}
	if s, _ := a.Section(); s != nil { // a view, which UnmapViewOfFile takes away
		return false, win.ErrInvalidParameter
	}
	switch dwFreeType {
	case memRelease:
		switch {
		case dwSize != 0:
			return false, win.ErrInvalidParameter
		case uint64(lpAddress) != a.Base:
			return false, win.ErrInvalidAddress
		}
		c.Forget(a.Base, a.Size)
		if err := c.Mem.Free(a); err != nil {
			return false, win.ErrInvalidAddress
		}
	case memDecommit:
		if dwSize == 0 && uint64(lpAddress) != a.Base {
			return false, win.ErrInvalidAddress
		}
		c.Forget(uint64(lpAddress), uint64(dwSize))
		if err := c.Mem.Decommit(uint64(lpAddress), uint64(dwSize)); err != nil {
			return false, win.ErrInvalidAddress
		}
	default:
		return false, win.ErrInvalidParameter
	}
	return true, 0
}

// virtualProtect changes the protection of pages.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualprotect
func virtualProtect(c *win.Call, lpAddress win.Ptr, dwSize win.Size, flNewProtect win.Protect, lpflOldProtect win.Out[uint32]) (win.Bool, win.Error) {
	addr, size, prot := uint64(lpAddress), uint64(dwSize), guest.Protection(flNewProtect)
	if lpflOldProtect.Null() || c.Buffer(lpflOldProtect.Addr, 4) == nil {
		return false, win.ErrNoAccess
	}
	if !prot.Valid() {
		return false, win.ErrInvalidParameter
	}
	old, err := c.Mem.Protect(addr, size, prot)
	if err != nil {
		return false, win.ErrInvalidAddress
	}
	c.NoteProtect(addr, size, prot)
	lpflOldProtect.Set(c, uint32(old))
	a := c.Mem.Find(addr)
	b := trace.MemoryProtect{Address: addr, Size: size, Protection: prot.String(), OldProtection: old.String(), Region: string(a.Region)}
	if m := c.ModuleAt(addr); m != nil {
		b.Region, b.Module = string(guest.RegionImage), m.Name()
		if m.System != nil && prot.Writable() && old.Executable() {
			c.Gap("code of a system DLL becomes writable: patches of it are not executed")
		}
	}
	c.Emit(b)
	return true, 0
}

func virtualProtectEx(c *win.Call, hProcess win.Handle, lpAddress win.Ptr, dwSize win.Size, flNewProtect win.Protect, lpflOldProtect win.Out[uint32]) (win.Bool, win.Error) {
	if hProcess.Guest() != guest.CurrentProcess {
		c.Gap("memory of another process")
		return false, win.ErrAccessDenied
	}
	return virtualProtect(c, lpAddress, dwSize, flNewProtect, lpflOldProtect)
}

// virtualQuery fills a MEMORY_BASIC_INFORMATION.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualquery
func virtualQuery(c *win.Call, lpAddress, lpBuffer win.Ptr, dwLength win.Size) (win.Size, win.Error) {
	const size = 48
	if dwLength < size {
		return 0, win.Error(24) // ERROR_BAD_LENGTH
	}
	if lpAddress > guest.HighestUserAddress {
		return 0, win.ErrInvalidParameter
	}
	c.Write(lpBuffer, memoryBasicInformation(c.Mem.Query(uint64(lpAddress))))
	return size, 0
}

// memoryBasicInformation lays out the structure of 48 bytes.
func memoryBasicInformation(info guest.Info) []byte {
	const (
		memFree    = 0x10000
		memPrivate = 0x20000
		memImage   = 0x1000000
	)
	b := make([]byte, 48)
	binary.LittleEndian.PutUint64(b[0:], info.Base)
	binary.LittleEndian.PutUint64(b[24:], info.Size)
	state, typ := uint32(memFree), uint32(0)
	prot := guest.PageNoAccess
	if a := info.Allocation; a != nil {
		binary.LittleEndian.PutUint64(b[8:], a.Base)
		binary.LittleEndian.PutUint32(b[16:], uint32(a.Initial))
		state, prot = memReserve, 0
		if info.Protection != 0 {
			state, prot = memCommit, info.Protection
		}
		typ = memPrivate
		if a.Image() {
			typ = memImage
		}
	}
	binary.LittleEndian.PutUint32(b[32:], state)
	binary.LittleEndian.PutUint32(b[36:], uint32(prot))
	binary.LittleEndian.PutUint32(b[40:], typ)
	return b
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
