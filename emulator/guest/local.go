package guest

// FiberLocal is fiber-local storage: slots that each fiber has a value for,
// and a function for each slot that is called with the values left when a
// fiber or its thread ends.
//
// https://learn.microsoft.com/windows/win32/procthread/fibers
type FiberLocal struct {
	slots []fiberSlot
}

type fiberSlot struct {
	used     bool
	callback uint64
}

// MaxFiberLocal is how many slots there are: FLS_MAXIMUM_AVAILABLE.
const MaxFiberLocal = 4080

// Alloc takes a slot; 0 means that there is none left. Slot 0 is never given.
func (l *FiberLocal) Alloc(callback uint64) uint32 {
	for i := uint32(1); i < MaxFiberLocal; i++ {
		if int(i) >= len(l.slots) {
			l.slots = append(l.slots, make([]fiberSlot, int(i)+1-len(l.slots))...)
		}
		if !l.slots[i].used {
			l.slots[i] = fiberSlot{true, callback}
			return i
		}
	}
	return 0
}

// Used reports whether a slot has been taken.
func (l *FiberLocal) Used(i uint32) bool { return uint64(i) < uint64(len(l.slots)) && l.slots[i].used }

// FreeFiberLocal gives a slot back. The values that fibers have in it go to
// its function first, those of the fiber that runs before the others.
func (p *Process) FreeFiberLocal(t *Thread, i uint32) bool {
	l := &p.FiberLocal
	if !l.Used(i) {
		return false
	}
	callback := l.slots[i].callback
	l.slots[i] = fiberSlot{}
	for _, f := range p.fibers {
		if v := f.Local(i); v != 0 {
			f.local[i] = 0
			if callback != 0 {
				t.CallGuest(callback, v)
			}
		}
	}
	return true
}

// Local is the fiber's value of a slot.
func (f *Fiber) Local(i uint32) uint64 {
	if uint64(i) >= uint64(len(f.local)) {
		return 0
	}
	return f.local[i]
}

// SetLocal sets it. The slot must be in use.
func (f *Fiber) SetLocal(i uint32, v uint64) {
	if n := int(i) + 1; n > len(f.local) {
		f.local = append(f.local, make([]uint64, n-len(f.local))...)
	}
	f.local[i] = v
}

// EndLocal gives the fiber's values to the functions of their slots.
func (f *Fiber) EndLocal(t *Thread) {
	for i := range f.local {
		v := f.local[i]
		f.local[i] = 0
		if l := &f.p.FiberLocal; v != 0 && l.Used(uint32(i)) && l.slots[i].callback != 0 {
			t.CallGuest(l.slots[i].callback, v)
		}
	}
}
