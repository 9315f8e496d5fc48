package crt

import (
	"math/bits"

	"sidetrace/emulator/win"
)

var heapRows = win.Rows{
	win.Func1("_aligned_free", alignedFree, "memblock"),
	win.Func2("_aligned_malloc", alignedMalloc, "size alignment"),
	win.Stub("_callnewh", win.Int(0), "size"), // no new handler is set
	win.Func0("_get_heap_handle", getHeapHandle),
	win.Func1("_msize", msize, "memblock"),
	win.Stub("_query_new_mode", win.Int(0), ""),
	win.Func3("_recalloc", recalloc, "memblock num size"),
	win.Stub("_set_new_mode", win.Int(0), "newhandlermode"),
	win.Func2("calloc", calloc, "number size"),
	win.Func1("free", free, "memblock"),
	win.Func1("malloc", malloc, "size"),
	win.Func2("realloc", realloc, "memblock size"),
}

const statusHeapCorruption = 0xC0000374

// malloc takes a block of the process heap.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/malloc
func malloc(c *win.Call, size win.Size) (win.Ptr, win.Error) {
	at := c.Heap.Alloc(uint64(size))
	if at == 0 {
		fail(c, eNOMEM)
	}
	return win.Ptr(at), 0
}

// calloc takes a block of zeros.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/calloc
func calloc(c *win.Call, number, size win.Size) (win.Ptr, win.Error) {
	n, ok := product(number, size)
	if !ok {
		fail(c, eNOMEM)
		return 0, 0
	}
	at, _ := malloc(c, win.Size(n))
	if at != 0 {
		clear(c.Buffer(at, n))
	}
	return at, 0
}

// product is number × size, unless that overflows.
func product(number, size win.Size) (uint64, bool) {
	high, low := bits.Mul64(uint64(number), uint64(size))
	return low, high == 0
}

// realloc changes the size of a block, moving it where it must.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/realloc
func realloc(c *win.Call, memblock win.Ptr, size win.Size) (win.Ptr, win.Error) {
	switch {
	case memblock == 0:
		return malloc(c, size)
	case size == 0:
		release(c, uint64(memblock))
		return 0, 0
	}
	at := reallocate(c, uint64(memblock), uint64(size))
	if at == 0 {
		fail(c, eNOMEM)
	}
	return win.Ptr(at), 0
}

// reallocate moves a block to one of another size; addr may be null.
func reallocate(c *win.Call, addr, size uint64) uint64 {
	if addr == 0 {
		return c.Heap.Alloc(size)
	}
	old, ok := c.Heap.Size(addr)
	if !ok {
		c.T.RaiseCode(statusHeapCorruption)
	}
	if c.Heap.Resize(addr, size) {
		return addr
	}
	at := c.Heap.Alloc(size)
	if at == 0 {
		return 0
	}
	n := min(old, size)
	copy(c.Buffer(win.Ptr(at), n), c.Bytes(win.Ptr(addr), n))
	release(c, addr)
	return at
}

// recalloc is realloc that clears what is new.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/recalloc
func recalloc(c *win.Call, memblock win.Ptr, num, size win.Size) (win.Ptr, win.Error) {
	n, ok := product(num, size)
	if !ok {
		fail(c, eNOMEM)
		return 0, 0
	}
	old, _ := c.Heap.Size(uint64(memblock))
	at, _ := realloc(c, memblock, win.Size(n))
	if at != 0 && n > old {
		clear(c.Buffer(at+win.Ptr(old), n-old))
	}
	return at, 0
}

// free gives a block back. What is no block of the heap ends the process, as
// Windows' heap does.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/free
func free(c *win.Call, memblock win.Ptr) (win.Void, win.Error) {
	if memblock != 0 {
		release(c, uint64(memblock))
	}
	return win.Void{}, 0
}

func release(c *win.Call, addr uint64) {
	size, ok := c.Heap.Size(addr)
	if !ok {
		c.T.RaiseCode(statusHeapCorruption)
	}
	c.Forget(addr, size)
	c.Heap.Free(addr)
}

// msize returns the size of a block as it was asked for.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/msize
func msize(c *win.Call, memblock win.Ptr) (win.Size, win.Error) {
	n, ok := c.Heap.Size(uint64(memblock))
	if !ok {
		invalid(c, eINVAL)
		return ^win.Size(0), 0
	}
	return win.Size(n), 0
}

// getHeapHandle returns the heap that malloc uses, the process heap.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/get-heap-handle
func getHeapHandle(c *win.Call) (win.Handle, win.Error) { return win.Handle(c.Heap.Base), 0 }

// alignedMalloc takes a block at a multiple of alignment. The word before it
// keeps the address of the block of the heap.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/aligned-malloc
func alignedMalloc(c *win.Call, size, alignment win.Size) (win.Ptr, win.Error) {
	if alignment == 0 || alignment&(alignment-1) != 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	extra := max(alignment, 8) + 8
	if size+extra < size {
		fail(c, eNOMEM)
		return 0, 0
	}
	block, _ := malloc(c, size+extra)
	if block == 0 {
		return 0, 0
	}
	mask := win.Ptr(max(alignment, 8)) - 1
	at := (block + 8 + mask) &^ mask
	c.WriteUint(at-8, 8, uint64(block))
	return at, 0
}

// alignedFree gives such a block back.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/aligned-free
func alignedFree(c *win.Call, memblock win.Ptr) (win.Void, win.Error) {
	if memblock != 0 {
		block := c.ReadUint(memblock-8, 8)
		if !c.Faulted() {
			release(c, block)
		}
	}
	return win.Void{}, 0
}
