package win

import (
	"fmt"
	"slices"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// Support says how well a handler does what Windows does.
type Support string

const (
	Full        Support = "full"
	PartialOnly Support = "partial" // the note says what is missing
	StubOnly    Support = "stub"    // returns a fixed value
	Forwarded   Support = "forward" // leads to another DLL's export
	Variable    Support = "data"    // an exported variable
)

// Row is one line of a DLL's table. A name may end in {A,W}: then it stands
// for both versions.
type Row struct {
	Name    string
	Support Support
	Note    string // what is missing, for Partial
	Params  []trace.Param
	Result  trace.Format

	invoke  func(*Call) uint64
	forward string // "ntdll.RtlAllocateHeap"
	ordinal uint32
	hidden  bool   // has a stub and no name in the export directory
	class   *class // of a COM method
	method  int    // its place in the vtable
	size    int    // of a variable
	init    func(p *guest.Process, addr uint64)
}

// Table is a DLL as the guest sees it.
type Table struct {
	DLL  string
	Rows []Row

	lenders []*Table
}

// DLL makes a table. Rows may be given singly or as lists shared by several
// DLLs (see [Rows]).
func DLL(name string, rows ...Rower) Table {
	if len(rows) == 1 {
		return Table{DLL: name, Rows: slices.Clip(rows[0].rows())}
	}
	t := Table{DLL: name}
	for _, r := range rows {
		t.Rows = append(t.Rows, r.rows()...)
	}
	return t
}

// Rower is a [Row] or [Rows].
type Rower interface{ rows() []Row }

// Rows is a list of rows.
type Rows []Row

func (r Row) rows() []Row   { return []Row{r} }
func (rs Rows) rows() []Row { return rs }

func newRow[R Result](name, params string, invoke func(*Call) uint64, formats ...trace.Format) Row {
	var r R
	names := strings.Fields(params)
	if len(names) != len(formats) {
		panic(fmt.Sprintf("win: %s has %d parameters and %d names", name, len(formats), len(names)))
	}
	row := Row{Name: name, Support: Full, Result: r.Format(), invoke: invoke}
	for i, n := range names {
		row.Params = append(row.Params, trace.Param{Name: n, Format: formats[i]})
	}
	return row
}

// Partial marks a handler that does less than Windows; note says what.
func Partial(r Row, note string) Row {
	r.Support, r.Note = PartialOnly, note
	return r
}

// Stub is a row that always succeeds with the same result. It is for functions
// whose effect the guest cannot notice.
func Stub[R Result](name string, result R, params string) Row {
	row := newRow[R](name, "", func(c *Call) uint64 {
		for i := range c.export.trace.Params {
			c.open.Arg(i, c.Slot(i))
		}
		return result.Raw()
	})
	for _, n := range strings.Fields(params) {
		row.Params = append(row.Params, trace.Param{Name: n, Format: trace.Hex})
	}
	row.Support = StubOnly
	return row
}

// Kernel marks a function of the kernel. It probes what it is pointed to: a
// guest pointer that cannot be used is not an exception but its result,
// STATUS_ACCESS_VIOLATION.
func Kernel(r Row) Row {
	invoke := r.invoke
	r.invoke = func(c *Call) uint64 {
		result := invoke(c)
		if c.fault != nil {
			c.fault = nil
			return StatusAccessViolation.Raw()
		}
		return result
	}
	return r
}

// Forward is an export that leads to another DLL's, as in "ntdll.RtlAllocateHeap".
func Forward(name, target string) Row {
	return Row{Name: name, Support: Forwarded, forward: target}
}

// Data is an exported variable of size bytes; init gives it its value when the
// DLL is loaded into a process and may be nil.
func Data(name string, size int, init func(p *guest.Process, addr uint64)) Row {
	return Row{Name: name, Support: Variable, size: size, init: init}
}

// Ordinal gives a row the ordinal it is publicly known by. Other exports are
// numbered in the order of their names.
func Ordinal(r Row, ordinal uint32) Row {
	r.ordinal = ordinal
	return r
}

// Named is the row under another name.
func (r Row) Named(name string) Row {
	r.Name, r.ordinal = name, 0
	return r
}

// Trailing gives a row further parameters, which the handler does not look at.
func Trailing(r Row, params string) Row {
	r.Params = append([]trace.Param(nil), r.Params...)
	known := len(r.Params)
	for _, n := range strings.Fields(params) {
		r.Params = append(r.Params, trace.Param{Name: n, Format: trace.Pointer})
	}
	invoke, total := r.invoke, len(r.Params)
	r.invoke = func(c *Call) uint64 {
		for i := known; i < total; i++ {
			c.open.Arg(i, c.Slot(i))
		}
		return invoke(c)
	}
	return r
}

// Hidden variables of ntdll: the tree of modules by base, and the table by name.
const (
	ModuleIndex = "LdrpModuleBaseAddressIndex"
	NameTable   = "LdrpHashTable"
)

// Hidden makes a function that the DLL does not export: the guest gets its
// address from another one, by [Call.Stub]. A hidden variable is found by who
// looks for it in the DLL's data.
func Hidden(r Row) Row {
	r.hidden = true
	return r
}

// bothVersions ends the name of a row that stands for two functions.
const bothVersions = "{A,W}"

// Export is one exported name with its handler.
type Export struct {
	Row   *Row
	trace trace.Export
	id    uint32
	ansi  bool
}

// Trace is the export as the trace names it.
func (e *Export) Trace() *trace.Export { return &e.trace }

// exports expands a table's rows, sorted by name as export directories are.
func (t *Table) exports() []*Export {
	n := len(t.Rows)
	for i := range t.Rows {
		if strings.HasSuffix(t.Rows[i].Name, bothVersions) {
			n++
		}
	}
	all, list := make([]Export, n), make([]*Export, 0, n)
	add := func(r *Row, name string, ansi bool) {
		e := &all[len(list)]
		*e = Export{Row: r, ansi: ansi, trace: trace.Export{DLL: t.DLL, Name: name, Params: r.Params, Result: r.Result}}
		list = append(list, e)
	}
	for i := range t.Rows {
		r := &t.Rows[i]
		if base, ok := strings.CutSuffix(r.Name, bothVersions); ok {
			add(r, base+"A", true)
			add(r, base+"W", false)
			continue
		}
		add(r, r.Name, strings.HasSuffix(r.Name, "A"))
	}
	slices.SortFunc(list, func(a, b *Export) int { return strings.Compare(a.trace.Name, b.trace.Name) })
	for i := 1; i < len(list); i++ {
		if list[i].trace.Name == list[i-1].trace.Name {
			panic(fmt.Sprintf("win: %s exports %s twice", t.DLL, list[i].trace.Name))
		}
	}
	return list
}

// Borrow makes functions that the DLL is known to export, and has no row for,
// lead to the handlers that another DLL has under the same names.
func (t *Table) Borrow(from *Table) { t.lenders = append(t.lenders, from) }
