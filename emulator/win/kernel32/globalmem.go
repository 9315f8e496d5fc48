package kernel32

import (
	"sidetrace/emulator/win"
)

// Movable blocks of GlobalAlloc and LocalAlloc. As on Windows, the handle of
// one is the address of a small record that begins with the block's address,
// and ends in 8, which no fixed block's address does.

var globalMemoryRows = win.Rows{
	win.Func2("GlobalAlloc", localAlloc, "uFlags uBytes"),
	win.Func1("GlobalFlags", localFlags, "hMem"),
	win.Func1("GlobalFree", localFree, "hMem"),
	win.Func1("GlobalHandle", localHandle, "pMem"),
	win.Func1("GlobalLock", localLock, "hMem"),
	win.Func3("GlobalReAlloc", localReAlloc, "hMem uBytes uFlags"),
	win.Func1("GlobalSize", localSize, "hMem"),
	win.Func1("GlobalUnlock", globalUnlock, "hMem"),
	win.Func2("LocalAlloc", localAlloc, "uFlags uBytes"),
	win.Func1("LocalFlags", localFlags, "hMem"),
	win.Func1("LocalFree", localFree, "hMem"),
	win.Func1("LocalHandle", localHandle, "pMem"),
	win.Func1("LocalLock", localLock, "hMem"),
	win.Func3("LocalReAlloc", localReAlloc, "hMem uBytes uFlags"),
	win.Func1("LocalSize", localSize, "hMem"),
	win.Func1("LocalUnlock", localUnlock, "hMem"),
}

// LMEM_* and GMEM_*.
const (
	localMoveable    = 0x0002
	localZeroInit    = 0x0040
	localModify      = 0x0080
	localDiscardable = 0x0F00
	localDiscarded   = 0x4000
	localInvalid     = 0x8000
	localLockCount   = 0x00FF

	errNotLocked win.Error = 158
	errDiscarded win.Error = 157
)

// movable is a movable block.
type movable struct {
	block       uint64 // 0 if it has no bytes
	size        uint64
	locks       uint32
	discardable bool
}

// movables are the process's movable blocks by handle.
type movables map[win.Ptr]*movable

func movablesOf(c *win.Call) movables {
	m, ok := c.State[movablesKey{}].(movables)
	if !ok {
		m = movables{}
		c.State[movablesKey{}] = m
	}
	return m
}

type movablesKey struct{}

// localAlloc takes a block of the process heap and gives its address, or, for
// a movable one, a handle.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-localalloc
func localAlloc(c *win.Call, uFlags win.Hex, uBytes win.Size) (win.Ptr, win.Error) {
	at, err := localBlock(c, uFlags, uint64(uBytes))
	if err != 0 || uFlags&localMoveable == 0 {
		return win.Ptr(at), err
	}
	if uBytes == 0 {
		c.Heap.Free(at)
		at = 0
	}
	const recordSize, handleOffset = 24, 8
	record := c.Heap.Alloc(recordSize)
	if record == 0 {
		return 0, win.ErrNotEnoughMemory
	}
	h := win.Ptr(record + handleOffset)
	c.WriteUint(h, 8, at)
	movablesOf(c)[h] = &movable{block: at, size: uint64(uBytes), discardable: uFlags&localDiscardable != 0}
	return h, 0
}

func localBlock(c *win.Call, flags win.Hex, size uint64) (uint64, win.Error) {
	at := c.Heap.Alloc(size)
	if at == 0 {
		return 0, win.ErrNotEnoughMemory
	}
	if flags&localZeroInit != 0 {
		clear(c.Buffer(win.Ptr(at), size))
	}
	return at, 0
}

// release gives a heap block back.
func release(c *win.Call, at uint64) {
	if size, ok := c.Heap.Size(at); ok {
		c.Forget(at, size)
		c.Heap.Free(at)
	}
}

// localFree gives a block back; it returns the handle when it fails.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-localfree
func localFree(c *win.Call, hMem win.Ptr) (win.Ptr, win.Error) {
	if hMem == 0 {
		return 0, 0
	}
	if m := movablesOf(c)[hMem]; m != nil {
		release(c, m.block)
		release(c, uint64(hMem)-8)
		delete(movablesOf(c), hMem)
		return 0, 0
	}
	if _, ok := c.Heap.Size(uint64(hMem)); !ok {
		c.SetLastError(win.ErrInvalidHandle)
		return hMem, 0
	}
	release(c, uint64(hMem))
	return 0, 0
}

// localLock gives the address of a block.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-locallock
func localLock(c *win.Call, hMem win.Ptr) (win.Ptr, win.Error) {
	if m := movablesOf(c)[hMem]; m != nil {
		if m.block == 0 {
			return 0, errDiscarded
		}
		m.locks = min(m.locks+1, localLockCount)
		return win.Ptr(m.block), 0
	}
	if _, ok := c.Heap.Size(uint64(hMem)); !ok {
		return 0, win.ErrInvalidHandle
	}
	return hMem, 0
}

// unlock takes back one lock; false with no error says that it was the last.
func unlock(c *win.Call, m *movable) (win.Bool, win.Error) {
	if m.locks == 0 {
		return false, errNotLocked
	}
	m.locks--
	if m.locks == 0 {
		c.SetLastError(0)
	}
	return m.locks > 0, 0
}

// globalUnlock takes back one lock. A fixed block is always locked.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-globalunlock
func globalUnlock(c *win.Call, hMem win.Ptr) (win.Bool, win.Error) {
	if m := movablesOf(c)[hMem]; m != nil {
		return unlock(c, m)
	}
	if _, ok := c.Heap.Size(uint64(hMem)); !ok {
		return false, win.ErrInvalidHandle
	}
	return true, 0
}

// localUnlock takes back one lock. A fixed block has none.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-localunlock
func localUnlock(c *win.Call, hMem win.Ptr) (win.Bool, win.Error) {
	if m := movablesOf(c)[hMem]; m != nil {
		return unlock(c, m)
	}
	if _, ok := c.Heap.Size(uint64(hMem)); !ok {
		return false, win.ErrInvalidHandle
	}
	return false, errNotLocked
}

// localReAlloc changes the size of a block, or what can be done with it. A
// fixed block may move only if that is allowed.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-localrealloc
func localReAlloc(c *win.Call, hMem win.Ptr, uBytes win.Size, uFlags win.Hex) (win.Ptr, win.Error) {
	m := movablesOf(c)[hMem]
	size, fixed := c.Heap.Size(uint64(hMem))
	switch {
	case m == nil && !fixed:
		return 0, win.ErrInvalidHandle
	case uFlags&localModify != 0:
		if m != nil {
			m.discardable = uFlags&localDiscardable != 0
		}
		return hMem, 0
	case m == nil && uint64(uBytes) <= size:
		c.Heap.Resize(uint64(hMem), uint64(uBytes))
		return hMem, 0
	case m == nil && uFlags&localMoveable == 0:
		return 0, win.ErrNotEnoughMemory
	case m == nil:
		at, err := regrow(c, uint64(hMem), size, uint64(uBytes), uFlags)
		return win.Ptr(at), err
	}
	if uBytes == 0 { // the block is discarded, the handle stays
		if m.locks > 0 {
			return 0, win.ErrInvalidHandle
		}
		release(c, m.block)
		m.block, m.size = 0, 0
		c.WriteUint(hMem, 8, 0)
		return hMem, 0
	}
	at, err := regrow(c, m.block, m.size, uint64(uBytes), uFlags)
	if err != 0 {
		return 0, err
	}
	m.block, m.size = at, uint64(uBytes)
	c.WriteUint(hMem, 8, at)
	return hMem, 0
}

func regrow(c *win.Call, old, have, want uint64, flags win.Hex) (uint64, win.Error) {
	at, err := localBlock(c, flags, want)
	if err != 0 || old == 0 {
		return at, err
	}
	c.Write(win.Ptr(at), c.Bytes(win.Ptr(old), min(have, want)))
	release(c, old)
	return at, 0
}

// localSize is the size of a block.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-localsize
func localSize(c *win.Call, hMem win.Ptr) (win.Size, win.Error) {
	if m := movablesOf(c)[hMem]; m != nil {
		return win.Size(m.size), 0
	}
	size, ok := c.Heap.Size(uint64(hMem))
	if !ok {
		return 0, win.ErrInvalidHandle
	}
	return win.Size(size), 0
}

// localFlags tells of a block how often it is locked, and whether it may be
// discarded or is.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-localflags
func localFlags(c *win.Call, hMem win.Ptr) (win.Hex, win.Error) {
	if m := movablesOf(c)[hMem]; m != nil {
		flags := win.Hex(m.locks)
		if m.discardable {
			flags |= localDiscardable
		}
		if m.block == 0 {
			flags |= localDiscarded
		}
		return flags, 0
	}
	if _, ok := c.Heap.Size(uint64(hMem)); !ok {
		c.SetLastError(win.ErrInvalidHandle)
		return localInvalid, 0
	}
	return 0, 0
}

// localHandle finds the handle of the block at an address.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-localhandle
func localHandle(c *win.Call, pMem win.Ptr) (win.Ptr, win.Error) {
	if pMem == 0 {
		return 0, win.ErrInvalidParameter
	}
	for h, m := range movablesOf(c) { // at most one has the block
		if m.block == uint64(pMem) {
			return h, 0
		}
	}
	if _, ok := c.Heap.Size(uint64(pMem)); !ok {
		return 0, win.ErrInvalidHandle
	}
	return pMem, 0
}
