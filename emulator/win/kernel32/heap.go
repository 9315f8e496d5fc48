package kernel32

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var heapRows = win.Rows{
	win.Func0("GetProcessHeap", getProcessHeap),
	win.Forward("HeapAlloc", "ntdll.RtlAllocateHeap"),
	win.Partial(win.Func3("HeapCreate", heapCreate, "flOptions dwInitialSize dwMaximumSize"), "the maximum size is not enforced"),
	win.Partial(win.Func1("HeapDestroy", heapDestroy, "hHeap"), "the memory stays readable"),
	win.Func3("HeapFree", ntdll.FreeHeap, "hHeap dwFlags lpMem"),
	win.Forward("HeapReAlloc", "ntdll.RtlReAllocateHeap"),
	win.Stub("HeapSetInformation", win.Bool(true), "HeapHandle HeapInformationClass HeapInformation HeapInformationLength"),
	win.Forward("HeapSize", "ntdll.RtlSizeHeap"),
	win.Func3("HeapValidate", ntdll.ValidateHeap, "hHeap dwFlags lpMem"),
}

// getProcessHeap returns the heap every process starts with.
//
// https://learn.microsoft.com/windows/win32/api/heapapi/nf-heapapi-getprocessheap
func getProcessHeap(c *win.Call) (win.Handle, win.Error) { return win.Handle(c.Heap.Base), 0 }

// heapCreate makes another heap.
//
// https://learn.microsoft.com/windows/win32/api/heapapi/nf-heapapi-heapcreate
func heapCreate(c *win.Call, flOptions win.Hex, dwInitialSize, dwMaximumSize win.Size) (win.Handle, win.Error) {
	h := ntdll.CreateHeap(c, flOptions)
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
