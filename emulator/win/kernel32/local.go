package kernel32

import (
	"math/bits"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var localRows = win.Rows{
	win.Func1("FlsAlloc", flsAlloc, "lpCallback"),
	win.Func1("FlsFree", flsFree, "dwFlsIndex"),
	win.Func1("FlsGetValue", flsGetValue, "dwFlsIndex"),
	win.Func2("FlsSetValue", flsSetValue, "dwFlsIndex lpFlsData"),
	win.Func0("TlsAlloc", tlsAlloc),
	win.Func1("TlsFree", tlsFree, "dwTlsIndex"),
	win.Func1("TlsGetValue", tlsGetValue, "dwTlsIndex"),
	win.Func2("TlsSetValue", tlsSetValue, "dwTlsIndex lpTlsValue"),
}

// Thread-local slots lie in the TEB, where inlined code looks for them: 64 in
// the TEB itself and 1,024 in an array it points to once one of them was set.
// Which are in use is told by bitmaps in the PEB, as on Windows.
const (
	tlsSlots     = 64
	tlsExpansion = 1024
)

// tlsUsed gives the word of the bitmaps that a slot's bit is in.
func tlsUsed(c *win.Call, index uint32) (at win.Ptr, bit uint32) {
	if index < tlsSlots {
		return win.Ptr(c.PEB() + guest.PEBTLSBitmap), index
	}
	index -= tlsSlots
	return win.Ptr(c.PEB() + guest.PEBExpansionBitmap + uint64(index/64*8)), index % 64
}

// tlsAlloc takes a slot and clears it for all threads.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-tlsalloc
func tlsAlloc(c *win.Call) (win.SizeFail, win.Error) {
	for first := uint32(0); first < tlsSlots+tlsExpansion; first += 64 {
		at, _ := tlsUsed(c, first)
		used := c.ReadUint(at, 8)
		free := uint32(bits.TrailingZeros64(^used))
		if free == 64 {
			continue
		}
		c.WriteUint(at, 8, used|1<<free)
		clearSlot(c, first+free)
		return win.SizeFail(first + free), 0
	}
	return 0, win.ErrNoMoreItems
}

func clearSlot(c *win.Call, index uint32) {
	for _, t := range c.Threads() {
		if at := slot(c, t, index); at != 0 && !t.Ended() {
			c.WriteUint(at, 8, 0)
		}
	}
}

// slot is the address of a thread's slot, 0 where it has no array for it yet.
func slot(c *win.Call, t *guest.Thread, index uint32) win.Ptr {
	if index < tlsSlots {
		return win.Ptr(t.TEB + guest.TEBTLSSlots + 8*uint64(index))
	}
	array := c.ReadUint(win.Ptr(t.TEB+guest.TEBExpansion), 8)
	if array == 0 {
		return 0
	}
	return win.Ptr(array + 8*uint64(index-tlsSlots))
}

// tlsFree gives a slot back.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-tlsfree
func tlsFree(c *win.Call, dwTlsIndex win.DWORD) (win.Bool, win.Error) {
	if dwTlsIndex >= tlsSlots+tlsExpansion {
		return false, win.ErrInvalidParameter
	}
	at, bit := tlsUsed(c, uint32(dwTlsIndex))
	used := c.ReadUint(at, 8)
	if used&(1<<bit) == 0 {
		return false, win.ErrInvalidParameter
	}
	c.WriteUint(at, 8, used&^(1<<bit))
	clearSlot(c, uint32(dwTlsIndex))
	return true, 0
}

// tlsGetValue reads a slot. It sets the last error on success too, since 0 may
// be the value.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-tlsgetvalue
func tlsGetValue(c *win.Call, dwTlsIndex win.DWORD) (win.Ptr, win.Error) {
	if dwTlsIndex >= tlsSlots+tlsExpansion {
		return 0, win.ErrInvalidParameter
	}
	c.SetLastError(0)
	at := slot(c, c.T, uint32(dwTlsIndex))
	if at == 0 {
		return 0, 0
	}
	return win.Ptr(c.ReadUint(at, 8)), 0
}

// tlsSetValue sets a slot, in use or not.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-tlssetvalue
func tlsSetValue(c *win.Call, dwTlsIndex win.DWORD, lpTlsValue win.Ptr) (win.Bool, win.Error) {
	if dwTlsIndex >= tlsSlots+tlsExpansion {
		return false, win.ErrInvalidParameter
	}
	at := slot(c, c.T, uint32(dwTlsIndex))
	if at == 0 {
		array := c.Heap.Alloc(8 * tlsExpansion)
		if array == 0 {
			return false, win.ErrNotEnoughMemory
		}
		clear(c.Buffer(win.Ptr(array), 8*tlsExpansion))
		c.WriteUint(win.Ptr(c.T.TEB+guest.TEBExpansion), 8, array)
		at = slot(c, c.T, uint32(dwTlsIndex))
	}
	c.WriteUint(at, 8, uint64(lpTlsValue))
	return true, 0
}

// flsAlloc takes a slot of fiber-local storage. Its function is called with
// the value of each fiber that is deleted or whose thread ends. The values are
// not kept in the guest's memory.
//
// https://learn.microsoft.com/windows/win32/api/fibersapi/nf-fibersapi-flsalloc
func flsAlloc(c *win.Call, lpCallback win.Ptr) (win.SizeFail, win.Error) {
	index := c.FiberLocal.Alloc(uint64(lpCallback))
	if index == 0 {
		return 0, win.ErrNotEnoughMemory
	}
	return win.SizeFail(index), 0
}

// flsFree gives a slot back, after its function was called with all values.
//
// https://learn.microsoft.com/windows/win32/api/fibersapi/nf-fibersapi-flsfree
func flsFree(c *win.Call, dwFlsIndex win.DWORD) (win.Bool, win.Error) {
	if !c.FreeFiberLocal(c.T, uint32(dwFlsIndex)) {
		return false, win.ErrInvalidParameter
	}
	return true, 0
}

// flsGetValue reads a slot.
//
// https://learn.microsoft.com/windows/win32/api/fibersapi/nf-fibersapi-flsgetvalue
func flsGetValue(c *win.Call, dwFlsIndex win.DWORD) (win.Ptr, win.Error) {
	if dwFlsIndex == 0 || dwFlsIndex >= guest.MaxFiberLocal {
		return 0, win.ErrInvalidParameter
	}
	c.SetLastError(0)
	return win.Ptr(c.T.Fiber().Local(uint32(dwFlsIndex))), 0
}

// flsSetValue sets a slot.
//
// https://learn.microsoft.com/windows/win32/api/fibersapi/nf-fibersapi-flssetvalue
func flsSetValue(c *win.Call, dwFlsIndex win.DWORD, lpFlsData win.Ptr) (win.Bool, win.Error) {
	if !c.FiberLocal.Used(uint32(dwFlsIndex)) {
		return false, win.ErrInvalidParameter
	}
	c.T.Fiber().SetLocal(uint32(dwFlsIndex), uint64(lpFlsData))
	return true, 0
}
