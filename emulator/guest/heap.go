package guest

import "math/bits"

const (
	heapSegment = 1 << 20   // bytes committed at a time
	heapLarge   = 512 << 10 // blocks from here on get an allocation of their own
	heapAlign   = 16
	heapArea    = 0x0000_01A0_0000_0000 // where heaps are put
)

// Heap hands out blocks of guest memory. What it knows of them is kept on the
// host, so that a guest which overruns a block destroys its neighbours' data
// and not the heap.
//
// Blocks are cut from segments in sizes of geometric classes; a freed block is
// the first to be used again in its class. Nothing is merged: a guest's heap
// lives for seconds.
type Heap struct {
	Base   uint64 // also the heap's handle
	mem    *Memory
	pages  Protection // protection of its memory
	next   uint64     // free part of the current segment
	end    uint64
	free   map[uint64][]uint64 // by class size, last in first out
	blocks map[uint64]block    // by address
}

type block struct {
	size  uint64      // as asked for
	class uint64      // as taken; 0 for a block with its own allocation
	large *Allocation // for those
}

func newHeap(mem *Memory, pages Protection) (*Heap, error) {
	h := &Heap{mem: mem, pages: pages, free: map[uint64][]uint64{}, blocks: map[uint64]block{}}
	if err := h.grow(heapSegment); err != nil {
		return nil, err
	}
	h.Base = h.end - heapSegment
	h.next += PageSize // where Windows keeps the heap's own structure
	return h, nil
}

func (h *Heap) grow(size uint64) error {
	a, err := h.reserve(size)
	if err != nil {
		return err
	}
	h.next, h.end = a.Base, a.Base+a.Size
	return nil
}

func (h *Heap) reserve(size uint64) (*Allocation, error) {
	a, err := h.mem.Reserve(0, size, heapArea, RegionHeap, h.pages)
	if err != nil {
		return nil, err
	}
	if err := h.mem.Commit(a.Base, a.Size, h.pages); err != nil {
		_ = h.mem.Free(a) // nothing was committed: cannot fail
		return nil, err
	}
	return a, nil
}

// classOf rounds a size up to one of eight steps between powers of two.
func classOf(size uint64) uint64 {
	if size <= 128 {
		return max((size+heapAlign-1)&^(heapAlign-1), heapAlign)
	}
	step := uint64(1) << (bits.Len64(size-1) - 4)
	return (size + step - 1) &^ (step - 1)
}

// Alloc returns the address of a block of size bytes, or 0 when memory is used
// up. The contents are what was there before, zeros at first.
func (h *Heap) Alloc(size uint64) uint64 {
	if size >= heapLarge {
		if size > HighestUserAddress {
			return 0
		}
		a, err := h.reserve(size + heapAlign)
		if err != nil {
			return 0
		}
		h.blocks[a.Base+heapAlign] = block{size: size, large: a}
		return a.Base + heapAlign // never page-aligned, as on Windows
	}
	class := classOf(size)
	if list := h.free[class]; len(list) > 0 {
		at := list[len(list)-1]
		h.free[class] = list[:len(list)-1]
		h.blocks[at] = block{size: size, class: class}
		return at
	}
	if h.end-h.next < class {
		if h.grow(heapSegment) != nil {
			return 0
		}
	}
	at := h.next
	h.next += class
	h.blocks[at] = block{size: size, class: class}
	return at
}

// Size returns the length of a block as it was asked for.
func (h *Heap) Size(addr uint64) (uint64, bool) {
	b, ok := h.blocks[addr]
	return b.size, ok
}

// Free takes a block back; false means that addr is none.
func (h *Heap) Free(addr uint64) bool {
	b, ok := h.blocks[addr]
	if !ok {
		return false
	}
	delete(h.blocks, addr)
	if b.large != nil {
		return h.mem.Free(b.large) == nil
	}
	h.free[b.class] = append(h.free[b.class], addr)
	return true
}

// Resize changes a block's length in place where its class allows it.
func (h *Heap) Resize(addr, size uint64) bool {
	b, ok := h.blocks[addr]
	if !ok || b.large != nil || size > b.class || size == 0 {
		return false
	}
	b.size = size
	h.blocks[addr] = b
	return true
}

// containing finds the block that addr lies in.
func (h *Heap) containing(addr uint64) (start, size uint64, ok bool) {
	for at, b := range h.blocks { // blocks do not overlap: one answer at most, whatever the order
		if addr >= at && addr-at < b.size {
			return at, b.size, true
		}
	}
	return 0, 0, false
}
