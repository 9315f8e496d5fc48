package guest

import (
	"slices"
	"strings"

	"sidetrace/emulator/cpu"
)

// This file loads and frees modules while the program runs.

// LoadLibrary loads a module, calls its entry point and returns it.
func (p *Process) LoadLibrary(t *Thread, name string, o LoadOptions) (*Module, error) {
	p.lock(t)
	defer p.unlock(t)
	by := p.ModuleAt(t.caller())
	l := &loading{reason: "LoadLibrary", by: by, folders: p.folders(p.ownPath(name), o), flags: o.Flags}
	if delayed(by, name) {
		l.reason = "delay import"
	}
	m, err := p.load(name, l)
	if err != nil {
		p.collect(t) // what came with it
		return nil, err
	}
	m.Retain()
	return m, p.initialise(t, m)
}

// initialise calls the entry points of a module that was loaded. If one says
// no, the load is undone.
func (p *Process) initialise(t *Thread, m *Module) error {
	p.growTLS()
	err := p.attach(t, m)
	if err != nil {
		m.refs = 0
		p.collect(t)
	}
	return err
}

// ownPath is the full path of a module asked for by one, else "".
func (p *Process) ownPath(name string) string {
	if !absolute(name) {
		return ""
	}
	return FullPath(moduleName(name), p.CurrentDirectory)
}

// delayed reports whether a module has another one in its table of delayed
// imports, so that loading it is its helper's work.
func delayed(by *Module, name string) bool {
	if by == nil || by.System != nil {
		return false
	}
	for _, imp := range by.Image.DelayImports {
		if strings.EqualFold(imp.DLL, name) {
			return true
		}
	}
	return false
}

// Procedure is the address of an export for a running thread: modules that its
// forwarders lead to are loaded, initialised and stay.
func (p *Process) Procedure(t *Thread, m *Module, e Export) uint64 {
	if x := lookup(m.Image.Exports, e); x == nil || x.Forward == "" {
		return p.Resolve(m, e)
	}
	p.lock(t)
	defer p.unlock(t)
	return p.resolve(m, e, &loading{reason: "import", by: m, folders: p.folders("", LoadOptions{}), thread: t}, 0)
}

// caller is the return address of the API call being handled.
func (t *Thread) caller() uint64 {
	ret, err := t.p.Mem.ReadUint(t.p.cpu.Reg(cpu.RSP), 8)
	if err != nil {
		return 0
	}
	return ret
}

// FreeLibrary takes a reference back; the last one unloads the module and what
// nothing else needs.
func (p *Process) FreeLibrary(t *Thread, m *Module) {
	if m.static || m.refs >= pinned || m.refs == 0 {
		return
	}
	if m.refs--; m.refs > 0 {
		return
	}
	p.lock(t)
	defer p.unlock(t)
	p.collect(t)
}

// collect unloads every module that nobody refers to, directly or as a
// dependency. What a DllMain frees meanwhile goes afterwards.
func (p *Process) collect(t *Thread) {
	if p.collecting {
		return
	}
	p.collecting = true
	defer func() { p.collecting = false }()
	for p.unload(t, p.garbage()) {
	}
}

// garbage lists the modules that are not needed, the last initialised first.
func (p *Process) garbage() []*Module {
	live := map[*Module]bool{}
	var mark func(m *Module)
	mark = func(m *Module) {
		if !live[m] {
			live[m] = true
			for _, dep := range m.deps {
				mark(dep)
			}
		}
	}
	for i, m := range p.modules {
		if i == 0 || m.static || m.refs > 0 {
			mark(m)
		}
	}
	var dead []*Module
	for _, m := range slices.Backward(p.initialised) {
		if !live[m] {
			dead = append(dead, m)
		}
	}
	for _, m := range slices.Backward(p.modules) {
		if !live[m] && !m.inited {
			dead = append(dead, m)
		}
	}
	return dead
}

// unload tells the entry points of some modules that they go, and takes them
// out. It reports whether there were any.
func (p *Process) unload(t *Thread, dead []*Module) bool {
	for _, m := range dead {
		if m.attached && m.System == nil {
			m.attached = false
			p.callTLS(t, m, processDetach)
			p.callEntry(t, m, processDetach, 0)
		}
		if m.inited {
			p.notify(t, m, moduleUnloaded)
		}
	}
	for _, m := range dead {
		p.discard(m)
	}
	return len(dead) > 0
}

// Quiet is DisableThreadLibraryCalls.
func (p *Process) Quiet(m *Module) bool {
	if m.tls >= 0 {
		return false
	}
	m.quiet = true
	p.setLoaderFlag(m, ldrpDontCallForThreads, true)
	return true
}

// Reasons of a notification.
//
// https://learn.microsoft.com/windows/win32/devnotes/ldrdllnotification
const (
	moduleLoaded   = 1
	moduleUnloaded = 2
)

// Notification is a function that hears of modules.
type Notification struct {
	Cookie, Function, Context uint64
}

// notify tells the registered functions that a module came or goes.
func (p *Process) notify(t *Thread, m *Module, reason uint64) {
	if len(p.Notifications) == 0 || m.entry == 0 {
		return
	}
	data := p.Heap.Alloc(0x28) // LDR_DLL_NOTIFICATION_DATA
	if data == 0 {
		return
	}
	fields := []uint64{0, m.entry + ldrFullName, m.entry + ldrBaseName, m.Base, uint64(m.Image.Size)}
	for i, v := range fields {
		if err := p.Mem.WriteUint(data+uint64(8*i), 8, v); err != nil {
			p.fail(err)
		}
	}
	for _, n := range slices.Clone(p.Notifications) {
		t.CallGuest(n.Function, reason, data, n.Context)
	}
	p.Heap.Free(data)
}
