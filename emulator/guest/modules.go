package guest

import (
	"slices"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/loaders"
)

// Module is an image in the process.
type Module struct {
	Path   string
	Base   uint64
	Image  *loaders.Image
	System *SystemModule // nil for guest code

	entry     uint64  // LDR_DATA_TABLE_ENTRY
	pieces    []loose // what it and its strings lie in
	refs      int     // references by LoadLibrary
	static    bool    // loaded with the program: it stays
	bare      bool    // DONT_RESOLVE_DLL_REFERENCES: no imports, no entry point
	missing   bool    // an empty stand-in for a DLL that is not there
	real      bool    // from the sysroot
	inited    bool    // in the list of initialised modules
	attached  bool    // DllMain has been called for PROCESS_ATTACH
	quiet     bool    // DisableThreadLibraryCalls
	deps      []*Module
	redirects redirects // of its manifest, for its own imports
	alloc     *Allocation
	tls       int               // index of its thread-local storage; -1 without
	entries   map[uint32]Export // exports not yet called; see exports.go
}

// pinned is the reference count of modules that stay to the end.
const pinned = 1 << 30

// Name is the file name.
func (m *Module) Name() string { return trace.BaseName(m.Path) }

// OfSystem reports whether it is a DLL of the system: one of the emulator's, or
// a real one of the sysroot.
func (m *Module) OfSystem() bool { return m.System != nil || m.real }

// Entry is the address of its LDR_DATA_TABLE_ENTRY; 0 if it has none.
func (m *Module) Entry() uint64 { return m.entry }

// BuiltByWine reports whether it is one of Wine's own DLLs, which say so behind
// their DOS header.
func (m *Module) BuiltByWine() bool {
	const at, mark = 0x40, "Wine builtin DLL"
	raw := m.Image.Raw
	return len(raw) > at+len(mark) && string(raw[at:at+len(mark)]) == mark
}

// Contains reports whether an address lies in the module.
func (m *Module) Contains(addr uint64) bool {
	return addr >= m.Base && addr-m.Base < uint64(m.Image.Size)
}

// Retain takes another reference, as loading the module again would.
func (m *Module) Retain() { m.refs = min(m.refs+1, pinned) }

// depend says that m needs another module as long as it is loaded.
func (m *Module) depend(on *Module) {
	if on != m && !slices.Contains(m.deps, on) {
		m.deps = append(m.deps, on)
	}
}

// Pin keeps the module loaded to the end.
func (m *Module) Pin() { m.refs = pinned }

// ModuleAt finds the module an address lies in, or nil.
func (p *Process) ModuleAt(addr uint64) *Module {
	for _, m := range p.modules {
		if m.Contains(addr) {
			return m
		}
	}
	return p.sysroot.twinAt(addr)
}

// ModuleByBase finds a module by its handle, or nil.
func (p *Process) ModuleByBase(base uint64) *Module {
	for _, m := range p.modules {
		if m.Base == base {
			return m
		}
	}
	if m := p.sysroot.twinAt(base); m != nil && m.Base == base {
		return m
	}
	if l, ok := p.indexed(base); ok && l.Base == base {
		return p.module(l)
	}
	return nil
}

// Modules are the modules that the loader itself has loaded, in that order. The
// first is the program.
func (p *Process) Modules() []*Module { return p.modules }

// Program is the module the process was made from.
func (p *Process) Program() *Module { return p.modules[0] }

// FindModule finds a loaded module by full path or by file name, which may
// lack its ".dll", as GetModuleHandle does.
func (p *Process) FindModule(name string) *Module { return p.findFor(moduleName(name), nil) }

func (p *Process) findFor(name string, by *Module) *Module {
	if hasFolder(name) {
		return p.named(FullPath(name, p.CurrentDirectory))
	}
	if s := p.system.APISet(name, by); s != nil {
		return p.named(s.Path())
	}
	return p.named(name)
}

func (p *Process) moduleByPath(path string) *Module {
	for _, m := range p.modules {
		if strings.EqualFold(m.Path, path) {
			return m
		}
	}
	return nil
}

// moduleName adds the default extension: a name without a dot gets ".dll", one
// that ends in a dot loses it.
func moduleName(name string) string {
	base := name[strings.LastIndexAny(name, `\/`)+1:]
	switch {
	case strings.HasSuffix(base, "."):
		return strings.TrimSuffix(name, ".")
	case base != "" && !strings.Contains(base, "."):
		return name + ".dll"
	}
	return name
}

// Place names an address for people: module+offset, or hexadecimal.
func (p *Process) Place(addr uint64) string { return p.Recorder.Run.Place(addr) }

// Export is an exported name or ordinal as it is asked for.
type Export struct {
	Name    string // "" to ask by ordinal
	Ordinal uint32
}

func (e Export) String() string {
	if e.Name != "" {
		return e.Name
	}
	return "#" + itoa(e.Ordinal)
}

// Resolve finds the address of an export, following forwarders into modules
// that are loaded for it. 0 means that there is none. An export of a system
// DLL that nobody handles has an address too: calling it is a gap, and so is
// asking for a variable that nobody gives a value.
func (p *Process) Resolve(m *Module, e Export) uint64 {
	at := p.resolve(m, e, &loading{reason: "import", by: m, folders: p.folders("", LoadOptions{})}, 0)
	p.noValue(m, at)
	return at
}

// noValue records that a variable of m that nobody gives a value was asked for.
func (p *Process) noValue(m *Module, at uint64) {
	s := m.System
	if s == nil || at < s.Base+uint64(s.Text[1]) || at-s.Base >= uint64(s.Image.Size) {
		return
	}
	if u := s.unhandled(uint32(at - s.Base)); u != nil {
		p.Recorder.Gap(trace.Gap{Kind: trace.GapAPI, Name: s.Name + "!" + u.Name, Detail: "a variable without a value: it is zero"})
	}
}

// resolve is Resolve on behalf of a load: forwarders are looked for where it
// looks, and become dependencies of the module that asks, too, so that their
// entry points run before its own.
func (p *Process) resolve(m *Module, e Export, l *loading, depth int) uint64 {
	const deepest = 16 // forwarders of forwarders; Windows' own chains are two or three long
	x := lookup(m.Image.Exports, e)
	switch {
	case m.missing:
		return p.spare(m.Name(), e.String())
	case x == nil && m.System != nil && e.Name == "":
		return p.absentOrdinal(m, e)
	case x == nil:
		return 0
	case x.Forward == "":
		return m.Base + uint64(x.RVA)
	case depth == deepest:
		return 0
	}
	dll, symbol, ok := cutForward(x.Forward)
	if !ok {
		return 0
	}
	target, err := p.load(dll+".dll", &loading{reason: "import", by: m, folders: l.folders, static: l.static})
	if err != nil {
		return 0
	}
	if t := l.thread; t != nil {
		if !target.attached {
			target.Pin()
			if p.initialise(t, target) != nil {
				return 0
			}
		}
		return p.resolve(target, symbol, l, depth+1)
	}
	m.depend(target)
	l.by.depend(target)
	return p.resolve(target, symbol, l, depth+1)
}

func lookup(x *loaders.Exports, e Export) *loaders.Export {
	if x == nil {
		return nil
	}
	if e.Name == "" {
		found, _ := x.ByOrdinal(e.Ordinal)
		return found
	}
	found, _ := x.Lookup(e.Name)
	return found
}

// cutForward splits "DLL.Name" or "DLL.#12".
func cutForward(s string) (dll string, e Export, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i <= 0 || i == len(s)-1 {
		return "", Export{}, false
	}
	dll, name := s[:i], s[i+1:]
	if name[0] == '#' {
		n, ok := atoi(name[1:])
		return dll, Export{Ordinal: n}, ok
	}
	return dll, Export{Name: name}, true
}

func itoa(v uint32) string {
	var b [10]byte
	i := len(b)
	for {
		i--
		b[i] = byte('0' + v%10)
		if v /= 10; v == 0 {
			return string(b[i:])
		}
	}
}

func atoi(s string) (v uint32, ok bool) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' || v > 6553 {
			return 0, false
		}
		v = v*10 + uint32(c-'0')
	}
	return v, s != ""
}
