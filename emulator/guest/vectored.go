package guest

import "slices"

// vectored is a handler that is asked about every exception of the process.
type vectored struct{ id, handler uint64 }

const (
	exceptionHandlers = 0
	continueHandlers  = 1
	maxVectored       = 1024
)

// AddVectored adds a vectored handler, to be called first or last, and returns
// what it is removed by, or 0.
func (p *Process) AddVectored(continues, first bool, handler uint64) uint64 {
	list := &p.vectored[exceptionHandlers]
	if continues {
		list = &p.vectored[continueHandlers]
	}
	if len(*list) >= maxVectored {
		return 0
	}
	id := p.Heap.Alloc(0x28) // a list entry, as Windows' handle points to one
	if id == 0 {
		return 0
	}
	at := len(*list)
	if first {
		at = 0
	}
	*list = slices.Insert(*list, at, vectored{id, handler})
	return id
}

// RemoveVectored removes a vectored handler and reports whether it was there.
func (p *Process) RemoveVectored(continues bool, id uint64) bool {
	list := &p.vectored[exceptionHandlers]
	if continues {
		list = &p.vectored[continueHandlers]
	}
	i := slices.IndexFunc(*list, func(v vectored) bool { return v.id == id })
	if i < 0 {
		return false
	}
	*list = slices.Delete(*list, i, i+1)
	p.Heap.Free(id)
	return true
}
