package guest

import (
	"slices"
	"sort"
)

// Space is the address space of a process that is not run: memory that can be
// taken, read and written, and no more. Contents are kept page by page, those
// of an image when they are first written to.
type Space struct {
	areas  []*Area // by base, not overlapping
	budget *uint64 // bytes that may still be committed, shared by all processes
}

// Area is one allocation of a space.
type Area struct {
	Base, Size uint64
	Initial    Protection
	Image      bool // an image, and not private memory
	Mapped     *Section
	pages      []Protection // 0 for reserved only
	data       []byte       // nil until something is committed
	borrowed   bool         // data is shared: copy before writing
}

// Bounds on what a guest may make another process hold.
const (
	maxAreas      = 1024
	maxAreaSize   = 1 << 30
	maxSpaceBytes = 256 << 20
	spaceArea     = 0x0000_0200_0000_0000 // where memory goes whose place is left open
)

// Find returns the area that holds addr, or nil.
func (s *Space) Find(addr uint64) *Area {
	i := sort.Search(len(s.areas), func(i int) bool { return s.areas[i].Base+s.areas[i].Size > addr })
	if i < len(s.areas) && s.areas[i].Base <= addr {
		return s.areas[i]
	}
	return nil
}

// Reserve takes size bytes at base, or at a free place when base is 0.
func (s *Space) Reserve(base, size uint64, prot Protection) (*Area, error) {
	if size == 0 || size > maxAreaSize || len(s.areas) >= maxAreas {
		return nil, ErrNoMemory
	}
	if base != 0 {
		end := pageUp(base + size)
		base &^= AllocationGranularity - 1
		size = end - base
	} else {
		size = pageUp(size)
		base = spaceArea
		for _, a := range s.areas {
			if a.Base < base+size && a.Base+a.Size > base {
				base = (a.Base + a.Size + AllocationGranularity - 1) &^ (AllocationGranularity - 1)
			}
		}
	}
	if base < lowestUserAddress || base > HighestUserAddress || size > HighestUserAddress+1-base {
		return nil, ErrBadAddress
	}
	i := sort.Search(len(s.areas), func(i int) bool { return s.areas[i].Base+s.areas[i].Size > base })
	if i < len(s.areas) && s.areas[i].Base < base+size {
		return nil, ErrBadAddress
	}
	a := &Area{Base: base, Size: size, Initial: prot, pages: make([]Protection, size/PageSize)}
	s.areas = slices.Insert(s.areas, i, a)
	return a, nil
}

// image puts shared bytes at base, as an image.
func (s *Space) image(base uint64, data []byte, prot func(offset uint64) Protection) {
	a, err := s.Reserve(base, uint64(len(data)), PageExecuteWriteCopy)
	if err != nil {
		return
	}
	a.Image, a.data, a.borrowed = true, data, true
	for i := range a.pages {
		a.pages[i] = prot(uint64(i) * PageSize)
	}
}

// Commit makes pages usable.
func (s *Space) Commit(addr, size uint64, prot Protection) error {
	a, first, last, err := s.span(addr, size)
	if err != nil {
		return err
	}
	fresh := uint64(0)
	for _, p := range a.pages[first:last] {
		if p == 0 {
			fresh += PageSize
		}
	}
	if fresh > *s.budget {
		return ErrNoMemory
	}
	*s.budget -= fresh
	if a.data == nil {
		a.data = make([]byte, a.Size)
	}
	for i := first; i < last; i++ {
		a.pages[i] = prot
	}
	return nil
}

// span turns a range into pages of one area.
func (s *Space) span(addr, size uint64) (a *Area, first, last uint64, err error) {
	a = s.Find(addr)
	if a == nil || size == 0 || size > a.Base+a.Size-addr {
		return nil, 0, 0, ErrBadAddress
	}
	return a, (addr - a.Base) / PageSize, (pageUp(addr+size) - a.Base) / PageSize, nil
}

// Protect changes the protection of committed pages and returns that of the
// first one before.
func (s *Space) Protect(addr, size uint64, prot Protection) (Protection, error) {
	a, first, last, err := s.span(addr, size)
	if err != nil {
		return 0, err
	}
	if slices.Contains(a.pages[first:last], 0) {
		return 0, ErrBadAddress
	}
	was := a.pages[first]
	for i := first; i < last; i++ {
		a.pages[i] = prot
	}
	return was, nil
}

// Decommit gives pages back; they stay reserved.
func (s *Space) Decommit(addr, size uint64) error {
	a, first, last, err := s.span(addr, size)
	if err != nil {
		return err
	}
	a.own()
	for i := first; i < last; i++ {
		if a.pages[i] != 0 && !a.Image {
			*s.budget += PageSize
		}
		a.pages[i] = 0
		clear(a.data[min(i*PageSize, uint64(len(a.data))):min((i+1)*PageSize, uint64(len(a.data)))])
	}
	return nil
}

// Release takes an area away.
func (s *Space) Release(a *Area) {
	if !a.Image {
		for _, p := range a.pages {
			if p != 0 {
				*s.budget += PageSize
			}
		}
	}
	s.areas = slices.DeleteFunc(s.areas, func(x *Area) bool { return x == a })
}

func (a *Area) own() {
	if a.borrowed {
		data := make([]byte, a.Size)
		copy(data, a.data)
		a.data, a.borrowed = data, false
	}
}

// Protection is that of the page at addr; 0 if it is not committed.
func (a *Area) Protection(addr uint64) Protection { return a.pages[(addr-a.Base)/PageSize] }

// Read copies memory, up to the first page that cannot be read.
func (s *Space) Read(addr, size uint64) []byte {
	var out []byte
	for uint64(len(out)) < size {
		at := addr + uint64(len(out))
		a := s.Find(at)
		if a == nil || !a.Protection(at).Readable() {
			break
		}
		off := at - a.Base
		n := min(size-uint64(len(out)), PageSize-off%PageSize)
		page := make([]byte, n)
		if off < uint64(len(a.data)) {
			copy(page, a.data[off:])
		}
		out = append(out, page...)
	}
	return out
}

// Write copies into memory, up to the first page that may not be written, and
// returns how much was. With force, pages that can be executed may be.
func (s *Space) Write(addr uint64, data []byte, force bool) int {
	done := 0
	for done < len(data) {
		at := addr + uint64(done)
		a := s.Find(at)
		if a == nil {
			break
		}
		if prot := a.Protection(at); !prot.Writable() && !(force && prot.Executable()) {
			break
		}
		a.own()
		off := at - a.Base
		done += copy(a.data[off:off+PageSize-off%PageSize], data[done:])
	}
	return done
}

// Query describes the pages at and behind addr that are in one state; the area
// is nil where nothing is.
func (s *Space) Query(addr uint64) (base, size uint64, prot Protection, a *Area) {
	base = pageDown(addr)
	if a = s.Find(addr); a == nil {
		end := uint64(HighestUserAddress + 1)
		for _, next := range s.areas {
			if next.Base > addr {
				end = next.Base
				break
			}
		}
		return base, end - base, 0, nil
	}
	first := (base - a.Base) / PageSize
	last := first
	for last < uint64(len(a.pages)) && a.pages[last] == a.pages[first] {
		last++
	}
	return base, (last - first) * PageSize, a.pages[first], a
}
