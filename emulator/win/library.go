package win

import (
	"fmt"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// Library is all DLL tables, built into synthetic images. It is built once for
// a program and shared by all its processes; nothing in it changes.
type Library struct {
	System *guest.System
	Tables []Table

	stubs   []*Export // by (address - guest.SystemBase) / guest.StubSize
	exports trace.Exports
	hidden  map[string]uint64  // stubs by "dll!name"
	classes map[string]*vtable // COM classes by "dll!name"
}

const (
	moduleSpacing = 0x10000
	spareStubs    = 8192 // exports nobody implements, in one process
)

// NewLibrary builds the images of the tables.
func NewLibrary(tables ...Table) (*Library, error) {
	l := &Library{Tables: tables, hidden: map[string]uint64{}, classes: map[string]*vtable{}}
	var area []byte
	var modules []*guest.SystemModule
	for i := range tables {
		img, err := l.build(&tables[i], guest.SystemBase+uint64(len(area)))
		if err != nil {
			return nil, fmt.Errorf("building %s: %w", tables[i].DLL, err)
		}
		area = append(area, img.memory...)
		area = append(area, make([]byte, -len(area)&(moduleSpacing-1))...)
		modules = append(modules, img.module)
	}
	// Behind the DLLs: the stubs nested calls return to, and the spare ones.
	tail := guest.SystemBase + uint64(len(area))
	code := make([]byte, (guest.ReturnStubs+spareStubs)*guest.StubSize)
	for i := range guest.ReturnStubs + spareStubs {
		copy(code[i*guest.StubSize:], stubCode)
	}
	area = append(area, code...)
	dispatcher := l.address("ntdll.dll", "KiUserExceptionDispatcher", modules)
	table, functions := frames(tail, dispatcher, guest.SystemBase+uint64(len(area)))
	functionTable := guest.SystemBase + uint64(len(area))
	area = append(area, table...)
	area = append(area, make([]byte, -len(area)&(guest.AllocationGranularity-1))...)

	system, err := guest.NewSystem(area, modules)
	if err != nil {
		return nil, err
	}
	system.ReturnStub, system.SpareStubs, system.SpareCount = tail, tail+guest.ReturnStubs*guest.StubSize, spareStubs
	system.FunctionTable, system.FunctionCount, system.Dispatcher = functionTable, functions, dispatcher
	l.System = system
	return l, nil
}

// Close gives back what the library shares.
func (l *Library) Close() error { return l.System.Close() }

// Exports numbers the exports of all tables, by DLL and name, for the logs of
// the library's processes.
func (l *Library) Exports() *trace.Exports { return &l.exports }

// export finds the export whose stub is at addr, or nil.
func (l *Library) export(addr uint64) *Export {
	i := (addr - guest.SystemBase) / guest.StubSize
	if addr%guest.StubSize != 0 || i >= uint64(len(l.stubs)) {
		return nil
	}
	return l.stubs[i]
}

// address is where an export of a DLL being built is, or 0.
func (l *Library) address(dll, name string, modules []*guest.SystemModule) uint64 {
	for _, m := range modules {
		if m.Name != dll {
			continue
		}
		if x, ok := m.Image.Exports.Lookup(name); ok && x.RVA != 0 {
			return m.Base + uint64(x.RVA)
		}
	}
	return 0
}

// lookup finds an export, or a hidden function, by DLL and name; or nil.
func (l *Library) lookup(dll, name string) *Export {
	if stub, ok := l.hidden[dll+"!"+name]; ok {
		return l.export(stub)
	}
	m := l.System.Module(dll)
	if m == nil {
		return nil
	}
	x, ok := m.Image.Exports.Lookup(name)
	if !ok {
		return nil
	}
	return l.export(m.Base + uint64(x.RVA))
}

// hide registers a function that is not exported.
func (l *Library) hide(e *Export, stub uint64) {
	l.register(e, stub)
	l.hidden[e.trace.DLL+"!"+e.trace.Name] = stub
	if class := e.Row.class; class != nil {
		key := e.trace.DLL + "!" + class.name
		if l.classes[key] == nil {
			l.classes[key] = &vtable{class: class, stubs: make([]uint64, class.methods)}
		}
		l.classes[key].stubs[e.Row.method] = stub
	}
}

// Stub is the address of a hidden function.
func (c *Call) Stub(dll, name string) Ptr {
	stub, ok := c.dispatcher.lib.hidden[dll+"!"+name]
	if !ok {
		panic(fmt.Sprintf("win: no hidden function %s!%s", dll, name))
	}
	return Ptr(stub)
}

func (l *Library) register(e *Export, addr uint64) {
	e.id = l.exports.Add(&e.trace)
	i := int((addr - guest.SystemBase) / guest.StubSize)
	for len(l.stubs) <= i {
		l.stubs = append(l.stubs, nil)
	}
	l.stubs[i] = e
}

// stubCode is what a stub looks like to code that reads it: "mov eax, 0; ret".
// It is never executed, the engine stops before.
var stubCode = []byte{0xB8, 0, 0, 0, 0, 0xC3, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC}
