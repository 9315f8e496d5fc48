package guest

import (
	"encoding/binary"
	"slices"
	"sort"

	"sidetrace/emulator/guest/unwind"
)

// Entry is a RUNTIME_FUNCTION that was found.
type Entry struct {
	unwind.Function
	At   uint64 // where it lies
	Base uint64 // what its addresses are relative to
}

// FunctionTable is a table of functions that the guest has announced: for
// generated code, and for images it mapped by itself.
type FunctionTable struct {
	ID       uint64 // what it is taken back by
	Base     uint64
	Start    uint64 // what it covers: [Start, End)
	End      uint64
	Table    uint64
	Count    uint32
	Callback uint64 // called for an entry, with Context; 0 where there is a table
	Context  uint64
}

const (
	maxFunctionTables = 4096
	maxFunctions      = 1 << 20 // entries of one table looked at
)

// AddFunctionTable announces a table.
func (p *Process) AddFunctionTable(f FunctionTable) bool {
	if len(p.functions) >= maxFunctionTables {
		return false
	}
	p.functions = append(p.functions, f)
	return true
}

// FunctionTable finds an announced table by its identifier.
func (p *Process) FunctionTable(id uint64) *FunctionTable {
	for i := range p.functions {
		if p.functions[i].ID == id {
			return &p.functions[i]
		}
	}
	return nil
}

// DeleteFunctionTable takes an announced table back.
func (p *Process) DeleteFunctionTable(id uint64) bool {
	i := slices.IndexFunc(p.functions, func(f FunctionTable) bool { return f.ID == id })
	if i < 0 {
		return false
	}
	p.functions = slices.Delete(p.functions, i, i+1)
	return true
}

// LookupFunction finds the table entry for an address: in the .pdata of
// images, as they are in memory, then in announced tables. It may call the
// guest.
func (t *Thread) LookupFunction(pc uint64) (Entry, bool) {
	p := t.p
	if base, table, n, ok := p.imageFunctions(pc); ok {
		return p.searchTable(pc, base, table, n)
	}
	for i := range p.functions {
		f := p.functions[i]
		if pc < f.Start || pc >= f.End {
			continue
		}
		if f.Callback == 0 {
			return p.searchTable(pc, f.Base, f.Table, f.Count)
		}
		at := t.CallGuest(f.Callback, pc, f.Context)
		if at == 0 {
			return Entry{}, false
		}
		fn, err := unwind.ReadFunction(p.Mem, at)
		return Entry{fn, at, f.Base}, err == nil
	}
	return Entry{}, false
}

// ImageFunctions is where the functions of the image at an address are listed.
func (p *Process) ImageFunctions(pc uint64) (base, table uint64, n uint32) {
	base, table, n, _ = p.imageFunctions(pc)
	return base, table, n
}

// imageFunctions reports whether an address lies in an image or in the return
// stubs, and where the functions there are listed.
func (p *Process) imageFunctions(pc uint64) (base, table uint64, n uint32, ok bool) {
	if s := p.system; pc-SystemBase < s.Size && s.FunctionTable != 0 {
		return SystemBase, s.FunctionTable, s.FunctionCount, true
	}
	m := p.ModuleAt(pc)
	if m == nil {
		return 0, 0, 0, false
	}
	const (
		peHeader  = 0x3C
		directory = 24 + 112 + 3*8 // IMAGE_DIRECTORY_ENTRY_EXCEPTION
	)
	header, err := p.Mem.ReadUint(m.Base+peHeader, 4)
	if err != nil {
		return m.Base, 0, 0, true
	}
	b, err := p.Mem.View(m.Base+header+directory, 8)
	if err != nil {
		return m.Base, 0, 0, true
	}
	return m.Base, m.Base + uint64(binary.LittleEndian.Uint32(b)), binary.LittleEndian.Uint32(b[4:]) / unwind.FunctionSize, true
}

// searchTable looks an address up in a sorted table.
func (p *Process) searchTable(pc, base, table uint64, n uint32) (Entry, bool) {
	rva := pc - base
	if n > maxFunctions || rva > 1<<32-1 {
		return Entry{}, false
	}
	b, err := p.Mem.View(table, int(n)*unwind.FunctionSize)
	if err != nil {
		return Entry{}, false
	}
	field := func(i, at int) uint32 { return binary.LittleEndian.Uint32(b[unwind.FunctionSize*i+at:]) }
	i := sort.Search(int(n), func(i int) bool { return uint64(field(i, 4)) > rva })
	if i == int(n) || uint64(field(i, 0)) > rva {
		return Entry{}, false
	}
	return Entry{unwind.Function{Begin: field(i, 0), End: field(i, 4), Info: field(i, 8)}, table + uint64(i)*unwind.FunctionSize, base}, true
}

// Unwind undoes one frame: c becomes what it is in the caller. It reports
// false where the stack makes no sense.
func (t *Thread) unwindFrame(want int, c *Context) (Entry, unwind.Frame, bool) {
	e, ok := t.LookupFunction(c.RIP)
	if !ok {
		f := unwind.Frame{Establisher: c.RSP()}
		return e, f, unwind.Leaf(t.p.Mem, &c.Context) == nil
	}
	// Only a whole frame counts: an error leaves the context half changed.
	after := c.Context
	f, err := unwind.Virtual(t.p.Mem, want, e.Base, c.RIP, e.Function, &after)
	if err != nil {
		return e, f, false
	}
	c.Context = after
	return e, f, true
}

// VirtualUnwind undoes a frame of the function whose entry lies at function; 0
// is a leaf.
func (p *Process) VirtualUnwind(want int, base, pc, function uint64, c *Context) (unwind.Frame, error) {
	if function == 0 {
		return unwind.Frame{Establisher: c.RSP()}, unwind.Leaf(p.Mem, &c.Context)
	}
	fn, err := unwind.ReadFunction(p.Mem, function)
	if err != nil {
		return unwind.Frame{}, err
	}
	return unwind.Virtual(p.Mem, want, base, pc, fn, &c.Context)
}

// Covered is the range of addresses that a table of functions is about.
func (p *Process) Covered(base, table uint64, count uint32) (start, end uint64, err error) {
	if count == 0 || count > maxFunctions {
		return 0, 0, nil
	}
	b, err := p.Mem.View(table, int(count)*unwind.FunctionSize)
	if err != nil {
		return 0, 0, err
	}
	first, last := ^uint32(0), uint32(0)
	for i := 0; i < len(b); i += unwind.FunctionSize {
		first = min(first, binary.LittleEndian.Uint32(b[i:]))
		last = max(last, binary.LittleEndian.Uint32(b[i+4:]))
	}
	return base + uint64(first), base + uint64(last), nil
}

// BackTrace lists the return addresses on the stack of the caller of the API
// being handled.
func (t *Thread) BackTrace(skip, most int) []uint64 {
	c := t.CaptureCaller()
	var list []uint64
	for n := 0; n < maxFrames && len(list) < most && c.RIP != 0; n++ {
		if n >= skip {
			list = append(list, c.RIP)
		}
		_, f, ok := t.unwindFrame(0, c)
		if !ok || !t.onStack(f.Establisher) {
			break
		}
	}
	return list
}
