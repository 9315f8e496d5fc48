package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var heapRows = win.Rows{
	win.Func0("GetProcessHeap", getProcessHeap),
	win.Partial(win.Func2("GlobalAlloc", localAlloc, "uFlags dwBytes"), "GMEM_MOVEABLE gives a fixed block"),
	win.Func1("GlobalFree", localFree, "hMem"),
	win.Func1("GlobalLock", localLock, "hMem"),
	win.Func1("GlobalUnlock", localUnlock, "hMem"),
	win.Func3("HeapAlloc", heapAlloc, "hHeap dwFlags dwBytes"),
	win.Partial(win.Func3("HeapCreate", heapCreate, "flOptions dwInitialSize dwMaximumSize"), "the maximum size is not enforced"),
	win.Partial(win.Func1("HeapDestroy", heapDestroy, "hHeap"), "the memory stays readable"),
	win.Func3("HeapFree", heapFree, "hHeap dwFlags lpMem"),
	win.Func4("HeapReAlloc", heapReAlloc, "hHeap dwFlags lpMem dwBytes"),
	win.Stub("HeapSetInformation", win.Bool(true), "HeapHandle HeapInformationClass HeapInformation HeapInformationLength"),
	win.Func3("HeapSize", heapSize, "hHeap dwFlags lpMem"),
	win.Func3("HeapValidate", heapValidate, "hHeap dwFlags lpMem"),
	win.Partial(win.Func2("LocalAlloc", localAlloc, "uFlags uBytes"), "LMEM_MOVEABLE gives a fixed block"),
	win.Func1("LocalFree", localFree, "hMem"),
}

const (
	heapGenerateExceptions = 0x04
	heapZeroMemory         = 0x08
	heapReAllocInPlaceOnly = 0x10
	localZeroInit          = 0x40 // LMEM_ZEROINIT, GMEM_ZEROINIT
)

// getProcessHeap returns the heap every process starts with.
//
// https://learn.microsoft.com/windows/win32/api/heapapi/nf-heapapi-getprocessheap
func getProcessHeap(c *win.Call) (win.Handle, win.Error) { return win.Handle(c.Heap.Base), 0 }

func heapOf(c *win.Call, hHeap win.Handle) *guest.Heap {
	for _, h := range c.Heaps {
		if h.Base == uint64(hHeap) {
			return h
		}
	}
	return nil
}

// heapAlloc takes a block. Failing sets no last error, as on Windows.
//
// https://learn.microsoft.com/windows/win32/api/heapapi/nf-heapapi-heapalloc
func heapAlloc(c *win.Call, hHeap win.Handle, dwFlags win.Hex, dwBytes win.Size) (win.Ptr, win.Error) {
	h := heapOf(c, hHeap)
	if h == nil {
		return 0, win.ErrInvalidHandle
	}
	at := h.Alloc(uint64(dwBytes))
	if at == 0 {
		if dwFlags&heapGenerateExceptions != 0 {
			c.T.RaiseCode(guest.StatusNoMemory)
		}
		c.SetLastError(win.ErrNotEnoughMemory)
		return 0, 0
	}
	if dwFlags&heapZeroMemory != 0 {
		clear(c.Buffer(win.Ptr(at), uint64(dwBytes)))
	}
	return win.Ptr(at), 0
}

// heapFree gives a block back. A null pointer is accepted.
//
// https://learn.microsoft.com/windows/win32/api/heapapi/nf-heapapi-heapfree
func heapFree(c *win.Call, hHeap win.Handle, dwFlags win.Hex, lpMem win.Ptr) (win.Bool, win.Error) {
	h := heapOf(c, hHeap)
	if h == nil {
		return false, win.ErrInvalidHandle
	}
	if lpMem == 0 {
		return true, 0
	}
	size, ok := h.Size(uint64(lpMem))
	if !ok {
		return false, win.ErrInvalidParameter
	}
	c.Forget(uint64(lpMem), size)
	h.Free(uint64(lpMem))
	return true, 0
}

// heapReAlloc changes the size of a block, moving it where it must.
//
// https://learn.microsoft.com/windows/win32/api/heapapi/nf-heapapi-heaprealloc
func heapReAlloc(c *win.Call, hHeap win.Handle, dwFlags win.Hex, lpMem win.Ptr, dwBytes win.Size) (win.Ptr, win.Error) {
	h := heapOf(c, hHeap)
	if h == nil {
		return 0, win.ErrInvalidHandle
	}
	old, ok := h.Size(uint64(lpMem))
	if !ok {
		return 0, win.ErrInvalidParameter
	}
	size, at := uint64(dwBytes), uint64(lpMem)
	if !h.Resize(at, size) {
		if dwFlags&heapReAllocInPlaceOnly != 0 {
			return 0, win.ErrNotEnoughMemory
		}
		if at = h.Alloc(size); at == 0 {
			return 0, win.ErrNotEnoughMemory
		}
		n := min(old, size)
		copy(c.Buffer(win.Ptr(at), n), c.Bytes(lpMem, n))
		c.Forget(uint64(lpMem), old)
		h.Free(uint64(lpMem))
	}
	if dwFlags&heapZeroMemory != 0 && size > old {
		clear(c.Buffer(win.Ptr(at+old), size-old))
	}
	return win.Ptr(at), 0
}

// heapSize returns the length a block was asked for with.
//
// https://learn.microsoft.com/windows/win32/api/heapapi/nf-heapapi-heapsize
func heapSize(c *win.Call, hHeap win.Handle, dwFlags win.Hex, lpMem win.Ptr) (win.Size, win.Error) {
	if h := heapOf(c, hHeap); h != nil {
		if size, ok := h.Size(uint64(lpMem)); ok {
			return win.Size(size), 0
		}
	}
	return ^win.Size(0), 0
}

// heapValidate reports whether a block, or the heap, is sound. Heaps are: what
// they know of themselves is out of the guest's reach.
//
// https://learn.microsoft.com/windows/win32/api/heapapi/nf-heapapi-heapvalidate
func heapValidate(c *win.Call, hHeap win.Handle, dwFlags win.Hex, lpMem win.Ptr) (win.Bool, win.Error) {
	h := heapOf(c, hHeap)
	if h == nil {
		return false, 0
	}
	if lpMem == 0 {
		return true, 0
	}
	_, ok := h.Size(uint64(lpMem))
	return win.Bool(ok), 0
}

// heapCreate makes another heap.
//
// https://learn.microsoft.com/windows/win32/api/heapapi/nf-heapapi-heapcreate
func heapCreate(c *win.Call, flOptions win.Hex, dwInitialSize, dwMaximumSize win.Size) (win.Handle, win.Error) {
	h, err := c.NewHeap()
	if err != nil {
		return 0, win.ErrNotEnoughMemory
	}
	return win.Handle(h.Base), 0
}

// heapDestroy forgets a heap.
//
// https://learn.microsoft.com/windows/win32/api/heapapi/nf-heapapi-heapdestroy
func heapDestroy(c *win.Call, hHeap win.Handle) (win.Bool, win.Error) {
	for i, h := range c.Heaps {
		if h.Base == uint64(hHeap) && h != c.Heap {
			c.Heaps = append(c.Heaps[:i], c.Heaps[i+1:]...)
			return true, 0
		}
	}
	return false, win.ErrInvalidHandle
}

// localAlloc takes a block of the process heap. Movable blocks are fixed too:
// locking one gives its address, as for a fixed one.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-localalloc
func localAlloc(c *win.Call, uFlags win.Hex, uBytes win.Size) (win.Ptr, win.Error) {
	at := c.Heap.Alloc(uint64(uBytes))
	if at == 0 {
		return 0, win.ErrNotEnoughMemory
	}
	if uFlags&localZeroInit != 0 {
		clear(c.Buffer(win.Ptr(at), uint64(uBytes)))
	}
	return win.Ptr(at), 0
}

// localFree gives a block back; it returns the handle when it fails.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-localfree
func localFree(c *win.Call, hMem win.Ptr) (win.Ptr, win.Error) {
	if hMem == 0 {
		return 0, 0
	}
	size, ok := c.Heap.Size(uint64(hMem))
	if !ok {
		c.SetLastError(win.ErrInvalidHandle)
		return hMem, 0
	}
	c.Forget(uint64(hMem), size)
	c.Heap.Free(uint64(hMem))
	return 0, 0
}

func localLock(c *win.Call, hMem win.Ptr) (win.Ptr, win.Error) {
	if _, ok := c.Heap.Size(uint64(hMem)); !ok {
		return 0, win.ErrInvalidHandle
	}
	return hMem, 0
}

func localUnlock(c *win.Call, hMem win.Ptr) (win.Bool, win.Error) {
	if _, ok := c.Heap.Size(uint64(hMem)); !ok {
		return false, win.ErrInvalidHandle
	}
	return true, 0
}
