package ntdll

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var heapRows = win.Rows{
	win.Func3("RtlAllocateHeap", rtlAllocateHeap, "HeapHandle Flags Size"),
	win.Partial(win.Func6("RtlCreateHeap", rtlCreateHeap, "Flags HeapBase ReserveSize CommitSize Lock Parameters"), "always growable, at a place of its own"),
	win.Partial(win.Func1("RtlDestroyHeap", rtlDestroyHeap, "HeapHandle"), "the memory stays readable"),
	win.Func3("RtlFreeHeap", FreeHeap, "HeapHandle Flags BaseAddress"),
	win.Func4("RtlReAllocateHeap", rtlReAllocateHeap, "HeapHandle Flags BaseAddress Size"),
	win.Func3("RtlSizeHeap", rtlSizeHeap, "HeapHandle Flags BaseAddress"),
	win.Func3("RtlValidateHeap", ValidateHeap, "HeapHandle Flags BaseAddress"),
}

const (
	heapGenerateExceptions  = 0x04
	heapZeroMemory          = 0x08
	heapReAllocInPlaceOnly  = 0x10
	heapCreateEnableExecute = 0x40000
)

func heapOf(c *win.Call, h win.Handle) *guest.Heap {
	for _, heap := range c.Heaps {
		if heap.Base == uint64(h) {
			return heap
		}
	}
	return nil
}

// rtlAllocateHeap takes a block. kernel32's HeapAlloc leads here.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlallocateheap
func rtlAllocateHeap(c *win.Call, HeapHandle win.Handle, Flags win.Hex, Size win.Size) (win.Ptr, win.Error) {
	h := heapOf(c, HeapHandle)
	if h == nil {
		return 0, win.ErrInvalidHandle
	}
	at := h.Alloc(uint64(Size))
	if at == 0 {
		if Flags&heapGenerateExceptions != 0 {
			c.T.RaiseCode(guest.StatusNoMemory)
		}
		return 0, win.ErrNotEnoughMemory
	}
	if Flags&heapZeroMemory != 0 {
		clear(c.Buffer(win.Ptr(at), uint64(Size)))
	}
	return win.Ptr(at), 0
}

// FreeHeap is RtlFreeHeap and HeapFree: it gives a block back. A null pointer
// is accepted.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlfreeheap
func FreeHeap(c *win.Call, HeapHandle win.Handle, Flags win.Hex, BaseAddress win.Ptr) (win.Bool, win.Error) {
	h := heapOf(c, HeapHandle)
	if h == nil {
		return false, win.ErrInvalidHandle
	}
	if BaseAddress == 0 {
		return true, 0
	}
	size, ok := h.Size(uint64(BaseAddress))
	if !ok {
		return false, win.ErrInvalidParameter
	}
	c.Forget(uint64(BaseAddress), size)
	h.Free(uint64(BaseAddress))
	return true, 0
}

// rtlReAllocateHeap changes the size of a block, moving it where it must.
//
// https://learn.microsoft.com/windows/win32/api/heapapi/nf-heapapi-heaprealloc
func rtlReAllocateHeap(c *win.Call, HeapHandle win.Handle, Flags win.Hex, BaseAddress win.Ptr, Size win.Size) (win.Ptr, win.Error) {
	h := heapOf(c, HeapHandle)
	if h == nil {
		return 0, win.ErrInvalidHandle
	}
	old, ok := h.Size(uint64(BaseAddress))
	if !ok {
		return 0, win.ErrInvalidParameter
	}
	size, at := uint64(Size), uint64(BaseAddress)
	if !h.Resize(at, size) {
		if Flags&heapReAllocInPlaceOnly == 0 {
			at = h.Alloc(size)
		} else {
			at = 0
		}
		if at == 0 {
			if Flags&heapGenerateExceptions != 0 {
				c.T.RaiseCode(guest.StatusNoMemory)
			}
			return 0, win.ErrNotEnoughMemory
		}
		n := min(old, size)
		copy(c.Buffer(win.Ptr(at), n), c.Bytes(BaseAddress, n))
		c.Forget(uint64(BaseAddress), old)
		h.Free(uint64(BaseAddress))
	}
	if Flags&heapZeroMemory != 0 && size > old {
		clear(c.Buffer(win.Ptr(at+old), size-old))
	}
	return win.Ptr(at), 0
}

// rtlSizeHeap returns the length a block was asked for with, or -1.
//
// https://learn.microsoft.com/windows/win32/api/heapapi/nf-heapapi-heapsize
func rtlSizeHeap(c *win.Call, HeapHandle win.Handle, Flags win.Hex, BaseAddress win.Ptr) (win.Size, win.Error) {
	if h := heapOf(c, HeapHandle); h != nil {
		if size, ok := h.Size(uint64(BaseAddress)); ok {
			return win.Size(size), 0
		}
	}
	return ^win.Size(0), 0
}

// ValidateHeap is RtlValidateHeap and HeapValidate: it reports whether a
// block, or the heap, is sound. Heaps are: what they know of themselves is out
// of the guest's reach.
//
// https://learn.microsoft.com/windows/win32/api/heapapi/nf-heapapi-heapvalidate
func ValidateHeap(c *win.Call, HeapHandle win.Handle, Flags win.Hex, BaseAddress win.Ptr) (win.Bool, win.Error) {
	h := heapOf(c, HeapHandle)
	if h == nil {
		return false, 0
	}
	if BaseAddress == 0 {
		return true, 0
	}
	_, ok := h.Size(uint64(BaseAddress))
	return win.Bool(ok), 0
}

// rtlCreateHeap makes another heap.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlcreateheap
func rtlCreateHeap(c *win.Call, Flags win.Hex, HeapBase win.Ptr, ReserveSize, CommitSize win.Size, Lock, Parameters win.Ptr) (win.Handle, win.Error) {
	if HeapBase != 0 {
		c.Gap("a heap in the caller's own memory")
	}
	return CreateHeap(c, Flags), 0
}

// CreateHeap makes another heap, as HeapCreate's options say; 0 if there is no
// memory for it.
func CreateHeap(c *win.Call, options win.Hex) win.Handle {
	h, err := c.NewHeap(options&heapCreateEnableExecute != 0)
	if err != nil {
		return 0
	}
	return win.Handle(h.Base)
}

// rtlDestroyHeap forgets a heap. It returns the handle when it fails.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtldestroyheap
func rtlDestroyHeap(c *win.Call, HeapHandle win.Handle) (win.Handle, win.Error) {
	if DestroyHeap(c, HeapHandle) {
		return 0, 0
	}
	return HeapHandle, 0
}

// DestroyHeap forgets a heap; false means that the handle is none, or that of
// the process heap.
func DestroyHeap(c *win.Call, h win.Handle) bool {
	for i, heap := range c.Heaps {
		if heap.Base == uint64(h) && heap != c.Heap {
			c.Heaps = append(c.Heaps[:i], c.Heaps[i+1:]...)
			return true
		}
	}
	return false
}
