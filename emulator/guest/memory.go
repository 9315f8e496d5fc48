package guest

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	"sidetrace/emulator/cpu"
)

// The sizes of Windows on x86-64.
const (
	PageSize              = cpu.PageSize
	AllocationGranularity = 0x10000
	// HighestUserAddress is the last address a 64-bit process may use.
	HighestUserAddress = 0x7FFF_FFFE_FFFF
	lowestUserAddress  = 0x10000
)

// Region says what a piece of the address space is used for.
type Region string

const (
	RegionPrivate Region = "private" // VirtualAlloc
	RegionHeap    Region = "heap"
	RegionStack   Region = "stack"
	RegionImage   Region = "image"
	RegionSystem  Region = "system" // synthetic system DLLs and the structures of the process
)

var (
	// ErrNoMemory says that the guest's memory limit, or the address space, is used up.
	ErrNoMemory = errors.New("out of guest memory")
	// ErrBadAddress says that a range is not what the operation needs.
	ErrBadAddress = errors.New("invalid address")
)

// Memory is the guest's address space: allocations in the sense of
// VirtualAlloc, each a reserved range whose pages are committed with a
// protection or not. Committed pages are host memory which the engine and
// handlers see alike, so reading and writing guest memory crosses no cgo.
type Memory struct {
	cpu       *cpu.CPU
	allocs    []*Allocation // by base, not overlapping
	last      *Allocation   // of the last look-up
	committed uint64
	limit     uint64
	sections  []*Section
	grow      func(addr uint64) bool                                        // makes the running thread's stack reach down to its guard page
	patching  func(a *Allocation, start, end uint64, prot Protection) error // is told of protections of system DLLs
	ranges    int                                                           // spans the engine has mapped
	refused   bool                                                          // for being crowded; a gap says so
	cuts      int                                                           // places where it has been made to split one; it never joins them again
}

// maxRanges bounds the spans of the engine. Mapping one takes libunicorn time
// that grows with the square of how many there are, and at 4096 it aborts; no
// ordinary program needs a tenth of this.
const maxRanges = 1024

// maxAllocations bounds reserved ranges, for finding a free place takes time
// that grows with their number.
const maxAllocations = 1 << 13

// Crowded reports whether memory was refused for this reason alone.
func (m *Memory) Crowded() bool { return m.ranges+m.cuts >= maxRanges }

// Allocation is a reserved range.
type Allocation struct {
	Base     uint64
	Size     uint64
	Initial  Protection // as it was asked for
	Region   Region
	Module   *Module // for images
	host     []byte  // Size bytes; nil until something is committed
	owned    bool    // host was mapped for this allocation alone
	runs     []run   // by start, covering the whole allocation
	changes  []change
	cuts     map[uint64]bool // offsets at which the engine's mapping is split
	code     bool            // some page is or was executable
	known    []byte          // bytes that are not news when executed; see unpack.go
	recorded []byte          // of a system DLL, as its changes were last recorded; see patch.go
	mapped   []run           // images the guest mapped by itself, by address; see manualmap.go
	section  *Section
	offset   uint64 // in the section
}

// run is a span of pages in one state. Protection 0 means reserved only.
type run struct {
	start, end uint64 // offsets in the allocation
	prot       Protection
}

// change is one entry of the protection history.
type change struct {
	start, end uint64
	prot       Protection
}

const maxChanges = 256 // per allocation; a guest can change protections for ever

func newMemory(c *cpu.CPU, limit uint64) *Memory { return &Memory{cpu: c, limit: limit} }

func (m *Memory) close() {
	for _, a := range m.allocs {
		a.release()
	}
	for _, s := range m.sections {
		unmapHost(s.host)
		s.host = nil
	}
	m.allocs, m.last, m.sections = nil, nil, nil
}

func (a *Allocation) release() {
	if a.owned {
		unmapHost(a.host)
	}
	unmapHost(a.known)
	unmapHost(a.recorded)
	a.host, a.known, a.recorded = nil, nil, nil
}

func pageDown(v uint64) uint64 { return v &^ (PageSize - 1) }
func pageUp(v uint64) uint64   { return (v + PageSize - 1) &^ (PageSize - 1) }

// Find returns the allocation that holds addr, or nil.
func (m *Memory) Find(addr uint64) *Allocation {
	if a := m.last; a != nil && addr-a.Base < a.Size {
		return a
	}
	i := sort.Search(len(m.allocs), func(i int) bool { return m.allocs[i].Base > addr })
	if i == 0 {
		return nil
	}
	if a := m.allocs[i-1]; addr-a.Base < a.Size {
		m.last = a
		return a
	}
	return nil
}

// free reports whether nothing is reserved in [base, base+size).
func (m *Memory) free(base, size uint64) bool {
	if base < lowestUserAddress || base+size < base || base+size > HighestUserAddress+1 {
		return false
	}
	i := sort.Search(len(m.allocs), func(i int) bool { return m.allocs[i].Base+m.allocs[i].Size > base })
	return i == len(m.allocs) || m.allocs[i].Base >= base+size
}

// place finds size free bytes at or above from.
func (m *Memory) place(from, size uint64) (uint64, bool) {
	at := from
	i := sort.Search(len(m.allocs), func(i int) bool { return m.allocs[i].Base+m.allocs[i].Size > from })
	for ; i < len(m.allocs) && m.allocs[i].Base < at+size; i++ {
		at = (m.allocs[i].Base + m.allocs[i].Size + AllocationGranularity - 1) &^ (AllocationGranularity - 1)
	}
	return at, at+size >= at && at+size <= HighestUserAddress+1
}

// Reserve takes size bytes (rounded up to pages) at base, or at a free place
// from near on when base is 0. Nothing is committed.
func (m *Memory) Reserve(base, size uint64, near uint64, region Region, initial Protection) (*Allocation, error) {
	if size == 0 || size > HighestUserAddress {
		return nil, fmt.Errorf("%w: size %#x", ErrBadAddress, size)
	}
	if base != 0 {
		end := pageUp(base + size)
		base &^= AllocationGranularity - 1
		size = end - base
		if !m.free(base, size) {
			return nil, fmt.Errorf("%w: %#x is taken", ErrBadAddress, base)
		}
	} else {
		size = pageUp(size)
		at, ok := m.place(near, size)
		if !ok {
			return nil, ErrNoMemory
		}
		base = at
	}
	if len(m.allocs) >= maxAllocations {
		m.refused = true
		return nil, ErrNoMemory
	}
	a := &Allocation{Base: base, Size: size, Initial: initial, Region: region, runs: []run{{0, size, 0}}}
	m.insert(a)
	return a, nil
}

func (m *Memory) insert(a *Allocation) {
	i := sort.Search(len(m.allocs), func(i int) bool { return m.allocs[i].Base > a.Base })
	m.allocs = slices.Insert(m.allocs, i, a)
}

// adopt adds memory that the engine already has mapped with the given rights.
func (m *Memory) adopt(base uint64, host []byte, region Region, module *Module, runs []run) *Allocation {
	a := &Allocation{Base: base, Size: uint64(len(host)), Initial: PageExecuteWriteCopy, Region: region, Module: module, host: host, runs: runs}
	for _, r := range runs {
		a.code = a.code || r.prot.Executable()
	}
	m.insert(a)
	return a
}

// Commit makes the pages of [addr, addr+size) usable with a protection. Pages
// that were committed keep their contents and get the protection.
func (m *Memory) Commit(addr, size uint64, prot Protection) error {
	a := m.Find(addr)
	if a == nil || size > a.Size || addr-a.Base+size > a.Size {
		return fmt.Errorf("%w: %#x is not reserved", ErrBadAddress, addr)
	}
	start, end := pageDown(addr-a.Base), pageUp(addr-a.Base+size)
	fresh := uint64(0)
	for _, r := range a.runs {
		if lo, hi := max(r.start, start), min(r.end, end); r.prot == 0 && lo < hi {
			fresh += hi - lo
		}
	}
	if fresh > m.limit-min(m.committed, m.limit) {
		return ErrNoMemory
	}
	if m.Crowded() {
		m.refused = true
		return ErrNoMemory
	}
	if a.host == nil {
		host, err := mapHost(a.Size)
		if err != nil {
			return ErrNoMemory
		}
		a.host, a.owned = host, true
	}
	m.committed += fresh
	return m.change(a, start, end, prot)
}

// Protect changes the protection of committed pages and returns that of the
// first one before the change.
func (m *Memory) Protect(addr, size uint64, prot Protection) (Protection, error) {
	a := m.Find(addr)
	if a == nil || size == 0 || size > a.Size || addr-a.Base+size > a.Size {
		return 0, fmt.Errorf("%w: %#x", ErrBadAddress, addr)
	}
	start, end := pageDown(addr-a.Base), pageUp(addr-a.Base+size)
	old := Protection(0)
	for _, r := range a.runs {
		if r.end <= start || r.start >= end {
			continue
		}
		if r.prot == 0 {
			return 0, fmt.Errorf("%w: %#x is not committed", ErrBadAddress, a.Base+max(r.start, start))
		}
		if m.Crowded() && r.prot != prot {
			m.refused = true
			return 0, ErrNoMemory
		}
		if old == 0 {
			old = r.prot
		}
	}
	return old, m.change(a, start, end, prot)
}

// Decommit gives the pages of a range back; they stay reserved.
func (m *Memory) Decommit(addr, size uint64) error {
	a := m.Find(addr)
	if a == nil || size > a.Size || addr-a.Base+size > a.Size {
		return fmt.Errorf("%w: %#x", ErrBadAddress, addr)
	}
	start, end := pageDown(addr-a.Base), pageUp(addr-a.Base+size)
	if size == 0 {
		end = a.Size
	}
	for _, r := range a.runs {
		if lo, hi := max(r.start, start), min(r.end, end); r.prot != 0 && lo < hi {
			m.committed -= hi - lo
			clear(a.host[lo:hi])
		}
	}
	return m.change(a, start, end, 0)
}

// Free gives an allocation back.
func (m *Memory) Free(a *Allocation) error {
	for _, r := range a.runs {
		if r.prot != 0 {
			m.committed -= r.end - r.start
		}
	}
	if err := m.change(a, 0, a.Size, 0); err != nil {
		return err
	}
	m.cuts -= len(a.cuts)
	m.cpu.Unwatch(a.Base)
	i := slices.Index(m.allocs, a)
	m.allocs = slices.Delete(m.allocs, i, i+1)
	if m.last == a {
		m.last = nil
	}
	a.release()
	return nil
}

// change sets the state of the pages of [start, end) and tells the engine.
func (m *Memory) change(a *Allocation, start, end uint64, prot Protection) error {
	if start >= end {
		return nil
	}
	for _, r := range a.runs {
		if lo, hi := max(r.start, start), min(r.end, end); lo < hi {
			if err := m.tell(a, lo, hi, r.prot.engine(), prot.engine()); err != nil {
				return err
			}
		}
	}
	m.settleRuns(a, start, end, prot)
	if a.Region == RegionSystem && a.code {
		if err := m.patching(a, start, end, prot); err != nil {
			return err
		}
	}
	if prot != 0 && len(a.changes) < maxChanges {
		a.changes = append(a.changes, change{start, end, prot})
	}
	if prot.Executable() && !a.code {
		a.code = true
		if err := m.watch(a); err != nil {
			return err
		}
	}
	if a.section != nil && prot != 0 {
		m.aliases(a.section)
	}
	return nil
}

// settleRuns notes the state of the pages of [start, end).
func (m *Memory) settleRuns(a *Allocation, start, end uint64, prot Protection) {
	var runs []run
	add := func(r run) {
		if r.start >= r.end {
			return
		}
		if n := len(runs); n > 0 && runs[n-1].prot == r.prot {
			runs[n-1].end = r.end
			return
		}
		runs = append(runs, r)
	}
	placed := false
	for _, r := range a.runs {
		add(run{r.start, min(r.end, start), r.prot})
		if max(r.start, start) < min(r.end, end) && !placed {
			add(run{start, end, prot})
			placed = true
		}
		add(run{max(r.start, end), r.end, r.prot})
	}
	m.ranges += mapped(runs) - mapped(a.runs)
	a.runs = runs
}

// mapped counts the runs that the engine has.
func mapped(runs []run) (n int) {
	for _, r := range runs {
		if r.prot.engine() != 0 {
			n++
		}
	}
	return n
}

func (m *Memory) tell(a *Allocation, lo, hi uint64, was, is cpu.Prot) error {
	switch {
	case was == is:
		return nil
	case was == 0:
		return m.cpu.Map(a.Base+lo, a.host[lo:hi], is)
	case is == 0:
		m.cut(a, lo, hi)
		return m.cpu.Unmap(a.Base+lo, hi-lo)
	default:
		m.cut(a, lo, hi)
		return m.cpu.Protect(a.Base+lo, hi-lo, is)
	}
}

// cut counts the places where a change splits what the engine has mapped.
func (m *Memory) cut(a *Allocation, offsets ...uint64) {
	for _, at := range offsets {
		if at == 0 || at == a.Size || a.cuts[at] {
			continue
		}
		if a.cuts == nil {
			a.cuts = map[uint64]bool{}
		}
		a.cuts[at] = true
		m.cuts++
	}
}

// watch makes the engine report code in the allocation that differs from what
// is known of it.
func (m *Memory) watch(a *Allocation) error {
	if a.Region == RegionSystem && a.known == nil {
		return nil
	}
	return m.cpu.Watch(a.Base, a.host, a.known)
}

// Info describes a span of pages in one state, as VirtualQuery does.
type Info struct {
	Base       uint64
	Size       uint64
	Protection Protection  // 0 if not committed
	Allocation *Allocation // nil if the span is free
}

// Query describes the pages at and behind addr that are in one state.
func (m *Memory) Query(addr uint64) Info {
	addr = pageDown(addr)
	if a := m.Find(addr); a != nil {
		for _, r := range a.runs {
			if off := addr - a.Base; off < r.end {
				return Info{Base: addr, Size: r.end - off, Protection: r.prot, Allocation: a}
			}
		}
	}
	end := uint64(HighestUserAddress + 1)
	if i := sort.Search(len(m.allocs), func(i int) bool { return m.allocs[i].Base > addr }); i < len(m.allocs) {
		end = m.allocs[i].Base
	}
	return Info{Base: addr, Size: end - addr}
}

// History lists the protections the page at addr has had, oldest first.
func (a *Allocation) History(addr uint64) []string {
	off := addr - a.Base
	var h []string
	for _, c := range a.changes {
		if s := c.prot.String(); off >= c.start && off < c.end && (len(h) == 0 || h[len(h)-1] != s) {
			h = append(h, s)
		}
	}
	return h
}

// Image reports whether the allocation is a mapped image.
func (a *Allocation) Image() bool {
	return a.Region == RegionImage || a.Region == RegionSystem && a.Base >= SystemBase
}

// Committed is how many bytes are committed.
func (m *Memory) Committed() uint64 { return m.committed }
