package crt

import (
	"math/bits"

	"sidetrace/emulator/win"
)

var heapRows = win.Rows{
	win.Func1("_aligned_free", alignedFree, "memblock"),
	win.Func2("_aligned_malloc", alignedMalloc, "size alignment"),
	win.Func3("_aligned_msize", alignedMsize, "memblock alignment offset"),
	win.Func3("_aligned_offset_malloc", alignedOffsetMalloc, "size alignment offset"),
	win.Func4("_aligned_offset_realloc", alignedOffsetRealloc, "memblock size alignment offset"),
	win.Func5("_aligned_offset_recalloc", alignedOffsetRecalloc, "memblock num size alignment offset"),
	win.Func3("_aligned_realloc", alignedRealloc, "memblock size alignment"),
	win.Func4("_aligned_recalloc", alignedRecalloc, "memblock num size alignment"),
	win.Func1("_callnewh", callnewh, "size"),
	win.Func2("_expand", expand, "memblock size"),
	win.Stub("_heapchk", win.Int(-2), ""), // _HEAPOK
	win.Stub("_heapmin", win.Int(0), ""),
	win.Func0("_get_heap_handle", getHeapHandle),
	win.Func1("_msize", msize, "memblock"),
	win.Func0("_query_new_mode", queryNewMode),
	win.Func3("_recalloc", recalloc, "memblock num size"),
	win.Func1("_set_new_mode", setNewMode, "newhandlermode"),
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
	for {
		if at := c.Heap.Alloc(uint64(size)); at != 0 {
			return win.Ptr(at), 0
		}
		if s := of(c); s.newMode == 0 || !s.newHandler(c, size) {
			fail(c, eNOMEM)
			return 0, 0
		}
	}
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

// An aligned block is part of a block of the heap, whose address lies before it.

// alignedMalloc takes a block at a multiple of alignment.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/aligned-malloc
func alignedMalloc(c *win.Call, size, alignment win.Size) (win.Ptr, win.Error) {
	return alignedOffsetMalloc(c, size, alignment, 0)
}

// alignedOffsetMalloc takes a block that has a multiple of alignment at an
// offset.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/aligned-offset-malloc
func alignedOffsetMalloc(c *win.Call, size, alignment, offset win.Size) (win.Ptr, win.Error) {
	if alignment == 0 || alignment&(alignment-1) != 0 || offset != 0 && offset >= size {
		invalid(c, eINVAL)
		return 0, 0
	}
	extra := max(alignment, 8) + 15
	if size+extra < size {
		fail(c, eNOMEM)
		return 0, 0
	}
	block, _ := malloc(c, size+extra)
	if block == 0 {
		return 0, 0
	}
	mask := win.Ptr(max(alignment, 8)) - 1
	at := (block+8+win.Ptr(offset)+mask)&^mask - win.Ptr(offset)
	c.WriteUint((at-8)&^7, 8, uint64(block))
	return at, 0
}

// alignedMsize returns the size of an aligned block.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/aligned-msize
func alignedMsize(c *win.Call, memblock win.Ptr, alignment, offset win.Size) (win.Size, win.Error) {
	if memblock == 0 {
		invalid(c, eINVAL)
		return failed, 0
	}
	block := c.ReadUint((memblock-8)&^7, 8)
	if c.Faulted() {
		return 0, 0
	}
	n, ok := c.Heap.Size(block)
	if !ok {
		return failed, 0
	}
	return win.Size(n) - (max(alignment, 8) + 15), 0
}

// alignedRealloc changes the size of an aligned block.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/aligned-realloc
func alignedRealloc(c *win.Call, memblock win.Ptr, size, alignment win.Size) (win.Ptr, win.Error) {
	return alignedOffsetRealloc(c, memblock, size, alignment, 0)
}

// alignedOffsetRealloc is its twin for an offset. The block is moved always.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/aligned-offset-realloc
func alignedOffsetRealloc(c *win.Call, memblock win.Ptr, size, alignment, offset win.Size) (win.Ptr, win.Error) {
	if memblock == 0 {
		return alignedOffsetMalloc(c, size, alignment, offset)
	}
	if size == 0 {
		_, err := alignedFree(c, memblock)
		return 0, err
	}
	block := c.ReadUint((memblock-8)&^7, 8)
	if c.Faulted() {
		return 0, 0
	}
	whole, ok := c.Heap.Size(block)
	if !ok {
		c.T.RaiseCode(statusHeapCorruption)
	}
	at, err := alignedOffsetMalloc(c, size, alignment, offset)
	if at != 0 {
		n := win.Size(block + whole - uint64(memblock))
		_, _ = memmove(c, at, memblock, min(n, size)) // returns the place
		release(c, block)
	}
	return at, err
}

// alignedRecalloc changes the size of an aligned block and clears what is new.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/aligned-recalloc
func alignedRecalloc(c *win.Call, memblock win.Ptr, num, size, alignment win.Size) (win.Ptr, win.Error) {
	return alignedOffsetRecalloc(c, memblock, num, size, alignment, 0)
}

// alignedOffsetRecalloc is its twin for an offset.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/aligned-offset-recalloc
func alignedOffsetRecalloc(c *win.Call, memblock win.Ptr, num, size, alignment, offset win.Size) (win.Ptr, win.Error) {
	n, ok := product(num, size)
	if !ok {
		fail(c, eNOMEM)
		return 0, 0
	}
	old := win.Size(0)
	if memblock != 0 {
		old, _ = alignedMsize(c, memblock, alignment, offset)
	}
	at, err := alignedOffsetRealloc(c, memblock, win.Size(n), alignment, offset)
	if at != 0 && win.Size(n) > old {
		clear(c.Buffer(at+win.Ptr(old), n-uint64(old)))
	}
	return at, err
}

// expand changes the size of a block where it is, or fails.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/expand
func expand(c *win.Call, memblock win.Ptr, size win.Size) (win.Ptr, win.Error) {
	if memblock == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	if !c.Heap.Resize(uint64(memblock), uint64(size)) {
		fail(c, eNOMEM)
		return 0, 0
	}
	return memblock, 0
}

// newHandler calls the program's function for exhausted memory and reports
// whether to try again.
func (s *state) newHandler(c *win.Call, size win.Size) bool {
	return s.onNew != 0 && int32(c.CallGuest(win.Ptr(s.onNew), uint64(size))) != 0
}

// callnewh calls the function for exhausted memory.
//
// https://learn.microsoft.com/cpp/c-runtime-library/callnewh
func callnewh(c *win.Call, size win.Size) (win.Int, win.Error) {
	return truth(of(c).newHandler(c, size)), 0
}

// setNewHandler sets the function for exhausted memory and returns the one
// before.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/set-new-handler
func setNewHandler(c *win.Call, pNewHandler win.Ptr) (win.Ptr, win.Error) {
	s := of(c)
	old := s.onNew
	s.onNew = uint64(pNewHandler)
	return win.Ptr(old), 0
}

// queryNewHandler returns it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/query-new-handler
func queryNewHandler(c *win.Call) (win.Ptr, win.Error) { return win.Ptr(of(c).onNew), 0 }

// setNewMode says whether malloc calls it too.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/set-new-mode
func setNewMode(c *win.Call, newhandlermode win.Int) (win.Int, win.Error) {
	if newhandlermode != 0 && newhandlermode != 1 {
		invalid(c, eINVAL)
		return -1, 0
	}
	s := of(c)
	old := s.newMode
	s.newMode = newhandlermode
	return old, 0
}

// queryNewMode tells whether malloc calls it too.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/query-new-mode
func queryNewMode(c *win.Call) (win.Int, win.Error) { return of(c).newMode, 0 }

// operatorNew takes a block for a C++ object. Where there is no memory the
// function for that is called until it gives up.
//
// https://learn.microsoft.com/cpp/standard-library/new-operators
func operatorNew(c *win.Call, size win.Size) (win.Ptr, win.Error) {
	for {
		if at := c.Heap.Alloc(uint64(size)); at != 0 {
			return win.Ptr(at), 0
		}
		if !of(c).newHandler(c, size) {
			return 0, 0
		}
	}
}

// alignedFree gives such a block back.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/aligned-free
func alignedFree(c *win.Call, memblock win.Ptr) (win.Void, win.Error) {
	if memblock != 0 {
		block := c.ReadUint((memblock-8)&^7, 8)
		if !c.Faulted() {
			release(c, block)
		}
	}
	return win.Void{}, 0
}
