package win

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// This file makes COM objects whose methods are handlers. A class is a list of
// rows in its DLL's table, in the order of the vtable:
//
//	win.Class("UrlStream", []win.GUID{iidStream},
//		win.Func4("Read", read, "this pv cb pcbRead"),
//		…)
//
// IUnknown's three methods are put in front. A handler makes an object of the
// class with [Call.NewObject], of any Go value, and its methods find the value
// again with [Object].

// GUID is an identifier as it lies in memory.
type GUID [16]byte

// ParseGUID reads "0000000C-0000-0000-C000-000000000046", with or without
// braces.
func ParseGUID(s string) (GUID, bool) {
	var g GUID
	var parts [5]uint64
	s = strings.TrimSuffix(strings.TrimPrefix(s, "{"), "}")
	if len(s) != 36 {
		return g, false
	}
	if n, err := fmt.Sscanf(s, "%8x-%4x-%4x-%4x-%12x", &parts[0], &parts[1], &parts[2], &parts[3], &parts[4]); n != 5 || err != nil {
		return g, false
	}
	binary.LittleEndian.PutUint32(g[:], uint32(parts[0]))
	binary.LittleEndian.PutUint16(g[4:], uint16(parts[1]))
	binary.LittleEndian.PutUint16(g[6:], uint16(parts[2]))
	binary.BigEndian.PutUint64(g[8:], parts[3]<<48|parts[4])
	return g, true
}

// IID is the GUID of a constant.
func IID(s string) GUID {
	g, ok := ParseGUID(s)
	if !ok {
		panic("win: no GUID: " + s)
	}
	return g
}

// String is the GUID as Windows writes it, in braces.
func (g GUID) String() string {
	return fmt.Sprintf("{%08X-%04X-%04X-%04X-%012X}", binary.LittleEndian.Uint32(g[:]), binary.LittleEndian.Uint16(g[4:]),
		binary.LittleEndian.Uint16(g[6:]), g[8:10], g[10:])
}

// ReadGUID reads an identifier.
func (c *Call) ReadGUID(p Ptr) GUID {
	b := c.Bytes(p, 16)
	if b == nil {
		return GUID{}
	}
	return GUID(b)
}

// HRESULT values that handlers of objects return.
const (
	ResultOK          Status = 0
	ResultFalse       Status = 1
	ResultNotImpl     Status = 0x80004001
	ResultNoInterface Status = 0x80004002
	ResultPointer     Status = 0x80004003
	ResultAbort       Status = 0x80004004
	ResultFail        Status = 0x80004005
	ResultUnexpected  Status = 0x8000FFFF
	ResultOutOfMemory Status = 0x8007000E
	ResultInvalidArg  Status = 0x80070057
)

// Result is HRESULT_FROM_WIN32.
func (e Error) Result() Status {
	if e == 0 {
		return ResultOK
	}
	return 0x80070000 | Status(e&0xFFFF)
}

// class is what the rows of a COM class have in common.
type class struct {
	name       string
	interfaces []GUID
	methods    int
}

// vtable is a class with the addresses of its methods.
type vtable struct {
	class *class
	stubs []uint64
}

// Class makes the rows of a COM class: what its vtable has behind IUnknown's
// methods. The interfaces are those the vtable serves, IUnknown apart.
func Class(name string, interfaces []GUID, methods ...Row) Rows {
	rows := append(Rows{
		Func3("QueryInterface", queryInterface, "this riid ppvObject"),
		Func1("AddRef", addRef, "this"),
		Func1("Release", release, "this"),
	}, methods...)
	k := &class{name: name, interfaces: interfaces, methods: len(rows)}
	for i := range rows {
		rows[i].Name = name + "::" + rows[i].Name
		rows[i].class, rows[i].method, rows[i].hidden = k, i, true
	}
	return rows
}

// Object values may implement these.
type (
	// Released is told that the last reference to an object is gone.
	Released interface{ Released(c *Call) }
	// Interfaces gives other interfaces of an object, with a reference added;
	// 0 for one it does not have.
	Interfaces interface {
		Interface(c *Call, iid GUID) Ptr
	}
)

type instance struct {
	class *class
	value any
	refs  uint32
}

type objectsKey struct{}

// objects are those of a process by address, and the vtables that were made.
type objects struct {
	live   map[Ptr]*instance
	tables map[*class]Ptr
}

func (c *Call) objects() *objects {
	o, ok := c.State[objectsKey{}].(*objects)
	if !ok {
		o = &objects{live: map[Ptr]*instance{}, tables: map[*class]Ptr{}}
		c.State[objectsKey{}] = o
	}
	return o
}

// maxObjects bounds the objects alive at once.
const maxObjects = 1 << 16

// NewObject makes an object of a class of a DLL, with one reference; 0 when
// there is no memory for it.
func (c *Call) NewObject(dll, name string, value any) Ptr {
	v := c.dispatcher.lib.classes[dll+"!"+name]
	if v == nil {
		panic(fmt.Sprintf("win: no class %s!%s", dll, name))
	}
	o := c.objects()
	if len(o.live) >= maxObjects {
		return 0
	}
	table := o.tables[v.class]
	if table == 0 {
		if table = Ptr(c.Heap.Alloc(uint64(8 * len(v.stubs)))); table == 0 {
			return 0
		}
		for i, stub := range v.stubs {
			c.WriteUint(table+Ptr(8*i), 8, stub)
		}
		o.tables[v.class] = table
	}
	const size = 16 // the vtable, and a place that keeps addresses apart
	at := Ptr(c.Heap.Alloc(size))
	if at == 0 {
		return 0
	}
	c.WriteUint(at, 8, uint64(table))
	c.WriteUint(at+8, 8, 0)
	o.live[at] = &instance{class: v.class, value: value, refs: 1}
	return at
}

// Object finds the value of an object that handlers implement.
func Object[T any](c *Call, this Ptr) (T, bool) {
	var none T
	i := c.objects().live[this]
	if i == nil {
		return none, false
	}
	v, ok := i.value.(T)
	return v, ok
}

var iidUnknown = IID("00000000-0000-0000-C000-000000000046")

// queryInterface asks an object for one of its interfaces.
//
// https://learn.microsoft.com/windows/win32/api/unknwn/nf-unknwn-iunknown-queryinterface(refiid_void)
func queryInterface(c *Call, this, riid Ptr, ppvObject Out[uint64]) (Status, Error) {
	i := c.objects().live[this]
	switch {
	case i == nil:
		return ResultUnexpected, 0
	case ppvObject.Null():
		return ResultPointer, 0
	}
	iid := c.ReadGUID(riid)
	if c.Faulted() {
		return 0, 0
	}
	ppvObject.Set(c, 0)
	if iid == iidUnknown || contains(i.class.interfaces, iid) {
		i.refs++
		ppvObject.Set(c, uint64(this))
		return ResultOK, 0
	}
	if more, ok := i.value.(Interfaces); ok {
		if other := more.Interface(c, iid); other != 0 {
			ppvObject.Set(c, uint64(other))
			return ResultOK, 0
		}
	}
	return ResultNoInterface, 0
}

func contains(list []GUID, g GUID) bool {
	for _, x := range list {
		if x == g {
			return true
		}
	}
	return false
}

// addRef adds a reference.
//
// https://learn.microsoft.com/windows/win32/api/unknwn/nf-unknwn-iunknown-addref
func addRef(c *Call, this Ptr) (DWORD, Error) {
	i := c.objects().live[this]
	if i == nil {
		return 0, 0
	}
	i.refs++
	return DWORD(i.refs), 0
}

// release takes a reference back; the object goes with the last one.
//
// https://learn.microsoft.com/windows/win32/api/unknwn/nf-unknwn-iunknown-release
func release(c *Call, this Ptr) (DWORD, Error) {
	o := c.objects()
	i := o.live[this]
	if i == nil {
		return 0, 0
	}
	if i.refs--; i.refs > 0 {
		return DWORD(i.refs), 0
	}
	delete(o.live, this)
	c.Heap.Free(uint64(this))
	if r, ok := i.value.(Released); ok {
		r.Released(c)
	}
	return 0, 0
}

// Method calls a method of a guest's own object, by its place in the vtable;
// the object is passed first.
func (c *Call) Method(object Ptr, index int, args ...uint64) uint64 {
	table := Ptr(c.ReadUint(object, 8))
	if c.Faulted() {
		return 0
	}
	method := Ptr(c.ReadUint(table+Ptr(8*index), 8))
	if c.Faulted() {
		return 0
	}
	return c.CallGuest(method, append([]uint64{uint64(object)}, args...)...)
}
