package kernel32

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var heapRows = win.Rows{
	win.Func0("GetProcessHeap", getProcessHeap),
	win.Partial(win.Func2("GlobalAlloc", localAlloc, "uFlags dwBytes"), "GMEM_MOVEABLE gives a fixed block"),
	win.Func1("GlobalFree", localFree, "hMem"),
	win.Func1("GlobalLock", localLock, "hMem"),
	win.Func1("GlobalUnlock", localUnlock, "hMem"),
	win.Forward("HeapAlloc", "ntdll.RtlAllocateHeap"),
	win.Partial(win.Func3("HeapCreate", heapCreate, "flOptions dwInitialSize dwMaximumSize"), "the maximum size is not enforced"),
	win.Partial(win.Func1("HeapDestroy", heapDestroy, "hHeap"), "the memory stays readable"),
	win.Func3("HeapFree", ntdll.FreeHeap, "hHeap dwFlags lpMem"),
	win.Forward("HeapReAlloc", "ntdll.RtlReAllocateHeap"),
	win.Stub("HeapSetInformation", win.Bool(true), "HeapHandle HeapInformationClass HeapInformation HeapInformationLength"),
	win.Forward("HeapSize", "ntdll.RtlSizeHeap"),
	win.Func3("HeapValidate", ntdll.ValidateHeap, "hHeap dwFlags lpMem"),
	win.Partial(win.Func2("LocalAlloc", localAlloc, "uFlags uBytes"), "LMEM_MOVEABLE gives a fixed block"),
	win.Func1("LocalFree", localFree, "hMem"),
}

const localZeroInit = 0x40 // LMEM_ZEROINIT, GMEM_ZEROINIT

// getProcessHeap returns the heap every process starts with.
//
// https://learn.microsoft.com/windows/win32/api/heapapi/nf-heapapi-getprocessheap
func getProcessHeap(c *win.Call) (win.Handle, win.Error) { return win.Handle(c.Heap.Base), 0 }

// heapCreate makes another heap.
//
// https://learn.microsoft.com/windows/win32/api/heapapi/nf-heapapi-heapcreate
func heapCreate(c *win.Call, flOptions win.Hex, dwInitialSize, dwMaximumSize win.Size) (win.Handle, win.Error) {
	h := ntdll.CreateHeap(c)
	if h == 0 {
		return 0, win.ErrNotEnoughMemory
	}
	return h, 0
}

// heapDestroy forgets a heap.
//
// https://learn.microsoft.com/windows/win32/api/heapapi/nf-heapapi-heapdestroy
func heapDestroy(c *win.Call, hHeap win.Handle) (win.Bool, win.Error) {
	if !ntdll.DestroyHeap(c, hHeap) {
		return false, win.ErrInvalidHandle
	}
	return true, 0
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
