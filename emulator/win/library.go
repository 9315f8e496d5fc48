package win

import (
	"fmt"

	"sidetrace/emulator/catalogue"
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// Library is all DLL tables, built into synthetic images. It is built once for
// a program and shared by all its processes; nothing in it changes.
type Library struct {
	System *guest.System
	Tables []Table

	edition      uint32     // of Windows
	services     []service  // by number
	serviceStubs uint64     // address of the first one's stub
	stubs        []*stubMap // by (address - guest.SystemBase) / moduleSpacing; nil where no stub has a handler
	exports      trace.Exports
	hidden       map[string]uint64  // stubs, and variables, by "dll!name"
	classes      map[string]*vtable // COM classes by "dll!name"

	expanded map[*Table][]*Export // while it is built
}

// stubMap is the handlers of moduleSpacing bytes, by stub.
type stubMap [moduleSpacing / guest.StubSize]*Export

const (
	moduleSpacing = 0x10000
	spareStubs    = 1024 // imports of names that no list has, in one process
)

// NewLibrary builds the images of the tables, as they are in a build of
// Windows.
func NewLibrary(build uint32, tables ...Table) (*Library, error) {
	l := &Library{Tables: tables, edition: catalogue.Edition(build), hidden: map[string]uint64{}, classes: map[string]*vtable{}, expanded: map[*Table][]*Export{}}
	var modules []*guest.SystemModule
	end := uint64(guest.SystemBase)
	for i := range tables {
		m := l.build(&tables[i], end)
		modules = append(modules, m)
		end += (uint64(len(m.File)) + moduleSpacing - 1) &^ (moduleSpacing - 1)
	}
	// Behind the DLLs: the stubs nested calls return to, and the spare ones.
	behind := make([]byte, (guest.ReturnStubs+spareStubs)*guest.StubSize)
	fillStubs(behind, nil, end)
	dispatcher := l.address(servicesDLL, "KiUserExceptionDispatcher", modules)
	functionTable := end + uint64(len(behind))
	table, functions := frames(end, dispatcher, functionTable)
	system, err := guest.NewSystem(modules, append(behind, table...), end)
	if err != nil {
		return nil, fmt.Errorf("building the system DLLs: %w", err)
	}
	system.ReturnStub, system.SpareStubs, system.SpareCount = end, end+guest.ReturnStubs*guest.StubSize, spareStubs
	system.ModuleIndex, system.NameTable = l.hidden[servicesDLL+"!"+ModuleIndex], l.hidden[servicesDLL+"!"+NameTable]
	system.FunctionTable, system.FunctionCount, system.Dispatcher = functionTable, functions, dispatcher
	l.System, l.expanded = system, nil
	return l, nil
}

// Close gives back what the library shares.
func (l *Library) Close() error { return l.System.Close() }

// Exports numbers the exports of all tables, by DLL and name, for the logs of
// the library's processes.
func (l *Library) Exports() *trace.Exports { return &l.exports }

// export finds the export whose stub is at addr, or nil.
func (l *Library) export(addr uint64) *Export {
	offset := addr - guest.SystemBase
	i := offset / moduleSpacing
	if addr%guest.StubSize != 0 || i >= uint64(len(l.stubs)) || l.stubs[i] == nil {
		return nil
	}
	return l.stubs[i][offset%moduleSpacing/guest.StubSize]
}

// handle makes e what is called at addr, unless something is.
func (l *Library) handle(addr uint64, e *Export) {
	offset := addr - guest.SystemBase
	i := int(offset / moduleSpacing)
	for len(l.stubs) <= i {
		l.stubs = append(l.stubs, nil)
	}
	if l.stubs[i] == nil {
		l.stubs[i] = &stubMap{}
	}
	if at := &l.stubs[i][offset%moduleSpacing/guest.StubSize]; *at == nil {
		e.id = l.exports.Add(&e.trace)
		*at = e
	}
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

// hide makes e, which is not exported, what is called at a stub.
func (l *Library) hide(e *Export, stub uint64) {
	l.handle(stub, e)
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

// register makes the stubs of a module known: those that have a handler to the
// dispatcher, the others to the module, which names them.
func (l *Library) register(m *guest.SystemModule, entries []entry) {
	unhandled := 0
	for i := range entries {
		if entries[i].export == nil {
			unhandled++
		}
	}
	m.Unhandled = make([]guest.Unhandled, 0, unhandled)
	for i := range entries {
		switch e := &entries[i]; {
		case e.export == nil:
			m.Unhandled = append(m.Unhandled, guest.Unhandled{RVA: e.rva, Name: e.call(), Data: e.data})
		case e.export.Row.invoke != nil:
			l.handle(m.Base+uint64(e.rva), e.export)
			m.Handlers++
		}
	}
}
