package guest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/loaders"
	"sidetrace/loaders/pe"
)

// NTSTATUS values a failed load ends with.
const (
	StatusDLLNotFound        = 0xC0000135
	StatusEntryPointNotFound = 0xC0000139
	StatusOrdinalNotFound    = 0xC0000138
	StatusDLLInitFailed      = 0xC0000142
	StatusInvalidImageFormat = 0xC000007B
	StatusNoMemory           = 0xC0000017
	StatusInvalidImageHash   = 0xC0000428
)

// ErrNoDLL says that an export was to be called of what is no DLL.
var ErrNoDLL = errors.New("it is no DLL, and exports can be called of a DLL alone")

// LoadError says why a module could not be loaded.
type LoadError struct {
	Module string // as asked for
	By     string // module whose import it was; "" for LoadLibrary and the program itself
	Status uint32 // NTSTATUS
	Err    error  // cause, may be nil
}

func (e *LoadError) Error() string {
	s := "loading " + e.Module
	if e.By != "" {
		s += " for " + e.By
	}
	switch e.Status {
	case StatusDLLNotFound:
		s += ": not found"
	case StatusDLLInitFailed:
		s += ": DllMain returned FALSE"
	default:
		if name := statusNames[e.Status]; name != "" && e.Err == nil {
			s += ": " + name + " in DllMain"
		}
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *LoadError) Unwrap() error { return e.Err }

// loading is one load and everything that comes with it.
type loading struct {
	reason  string   // as in the behaviour module.load
	by      *Module  // that asks; nil for the process itself
	folders []folder // where names are looked for
	flags   LoadFlags
	static  bool // with the program: it stays to the end
	// thread is the running thread that asks for an export: what its forwarders
	// lead to is initialised at once, and stays.
	thread *Thread
}

// imports is the load of what m imports.
func (l *loading) imports(m *Module) *loading {
	return &loading{reason: "import", by: m, folders: l.folders, static: l.static}
}

func (l *loading) byName() string {
	if l.by == nil {
		return ""
	}
	return l.by.Name()
}

// load brings a module into the process with everything it imports. Entry
// points are not called: see attach.
func (p *Process) load(name string, l *loading) (*Module, error) {
	name = moduleName(name)
	if m := p.findFor(name, l.by); m != nil {
		return m, nil
	}
	at, ok := p.search(name, l.by, l.folders)
	if !ok {
		p.recordMissing(name, l, at)
		if l.reason == "import" && p.Config.Unresolved == UnresolvedGap && !hasFolder(name) {
			return p.addMissing(name, l, at)
		}
		return nil, &LoadError{Module: name, By: l.byName(), Status: StatusDLLNotFound}
	}
	if m := p.moduleByPath(at.path); m != nil {
		return m, nil
	}
	if at.system != nil {
		m := p.addSystem(at.system)
		m.static = l.static
		p.recordLoad(m, name, l, at)
		return m, nil
	}
	m, err := p.mapFile(at.path, l)
	if err != nil {
		return nil, loadError(name, l, err)
	}
	p.recordLoad(m, name, l, at)
	if l.flags&DontResolveReferences != 0 {
		m.bare = true
		return m, nil
	}
	if err := p.bind(m, l); err != nil {
		p.discard(m)
		return nil, err
	}
	return m, nil
}

func loadError(name string, l *loading, err error) error {
	status := uint32(StatusInvalidImageFormat)
	switch {
	case errors.Is(err, ErrNoMemory):
		status = StatusNoMemory
	case errors.Is(err, errUnsigned):
		status = StatusInvalidImageHash
	}
	return &LoadError{Module: name, By: l.byName(), Status: status, Err: err}
}

// addSystem makes one of the synthetic DLLs, which are in memory already, a
// module of the process.
func (p *Process) addSystem(s *SystemModule) *Module {
	m := &Module{Path: s.Path(), Base: s.Base, Image: s.Image, System: s, tls: -1}
	p.addModule(m)
	for _, d := range s.Data {
		if d.Init != nil {
			d.Init(p, s.Base+uint64(d.RVA))
		}
	}
	return m
}

func (p *Process) addModule(m *Module) {
	p.modules = append(p.modules, m)
	p.recordModule(m)
	p.link(m)
}

// recordModule lets the record name addresses in the module.
func (p *Process) recordModule(m *Module) {
	r := trace.Module{Path: m.Path, Base: m.Base, Size: m.Image.Size, System: m.System != nil}
	if run := p.Recorder.Run; !slices.Contains(run.Modules, r) {
		run.Modules = append(run.Modules, r)
	}
}

func (p *Process) recordLoad(m *Module, name string, l *loading, at found) {
	b := trace.ModuleLoad{
		Path: m.Path, Name: trace.BaseName(name), Base: m.Base, Size: m.Image.Size, Reason: l.reason, Found: at.step, LoadedBy: l.byName(),
		Searched: at.searched, System: m.System != nil || m.missing,
	}
	if !b.System {
		var home bool
		b.ExpectedPath, home = p.expectedPath(m.Path, m.Name())
		b.SideLoaded = b.ExpectedPath != "" && !home
		b.SHA256 = trace.SHA256(m.Image.Raw)
		if c := m.Image.Certificates; c != nil && len(c.Entries) > 0 {
			b.Signed, b.Signer = c.Entries[0].Parses, c.Entries[0].Signer
		}
	}
	p.Emit(b)
}

// mapFile parses a file of the guest's disk and maps it.
func (p *Process) mapFile(path string, l *loading) (*Module, error) {
	node := p.Files.Get(path)
	if node == nil {
		return nil, ErrFileNotFound
	}
	img, err := p.parse(node)
	if err != nil {
		return nil, err
	}
	if c := img.Certificates; l.flags&LoadRequireSigned != 0 && (c == nil || len(c.Entries) == 0 || !c.Entries[0].Parses) {
		return nil, errUnsigned
	}
	m := &Module{Path: path, Image: img, static: l.static, real: p.sysroot.holds(node), tls: -1}
	var edit func([]byte)
	if m.real {
		edit = func(image []byte) { p.leadToHandlers(m, strings.ToLower(m.Name()), image) }
	}
	if err := p.mapImage(m, edit); err != nil {
		return nil, err
	}
	if !m.real {
		p.markExports(m)
	}
	p.addModule(m)
	if img.DLL {
		m.redirects = p.readManifest(path, img)
	}
	return m, nil
}

var errUnsigned = errors.New("it has no signature")

// parse reads a file as a PE. What was parsed once is kept, since programs
// load the same DLL again and again.
func (p *Process) parse(node *Node) (*loaders.Image, error) {
	data := node.lend()
	if len(data) == 0 {
		return pe.Parse(data)
	}
	if img := p.images[&data[0]]; img != nil && len(img.Raw) == len(data) {
		return img, nil
	}
	img, err := pe.Parse(data)
	if err == nil {
		p.images[&data[0]] = img
	}
	return img, err
}

// mapImage puts the module's image into memory, relocated, with its sections'
// rights. What edit changes counts as part of the file.
func (p *Process) mapImage(m *Module, edit func(image []byte)) error {
	img := m.Image
	base, size := img.Base, pageUp(uint64(img.Size))
	if !p.Mem.free(base, size) || base%AllocationGranularity != 0 {
		if len(img.Relocations) == 0 && img.Characteristics&fileRelocsStripped != 0 {
			return fmt.Errorf("%w: the preferred base %#x is taken and the image has no relocations", ErrBadAddress, base)
		}
		base = 0
	}
	a, err := p.Mem.Reserve(base, size, imageArea, RegionImage, PageExecuteWriteCopy)
	if err != nil {
		return err
	}
	m.Base, m.alloc, a.Module = a.Base, a, m
	if err := p.fill(m, edit); err != nil {
		return errors.Join(err, p.Mem.Free(a))
	}
	return nil
}

const (
	imageArea          = 0x7FF8_0000_0000 // where images go whose preferred base is taken
	fileRelocsStripped = 0x0001           // IMAGE_FILE_RELOCS_STRIPPED
)

// fill copies and relocates the image and commits its pages.
func (p *Process) fill(m *Module, edit func([]byte)) error {
	a, img := m.alloc, m.Image
	host, err := mapHost(a.Size)
	if err != nil {
		return ErrNoMemory
	}
	a.host, a.owned = host, true
	img.MapInto(a.host)
	relocate(a.host, img, m.Base-img.Base)
	if edit != nil {
		edit(a.host)
	}

	// What the loader makes of the file is no news when it is executed.
	known, err := mapHost(a.Size)
	if err != nil {
		return ErrNoMemory
	}
	copy(known, a.host[:img.Size])
	a.known = known

	for _, r := range imageRuns(img) {
		if err := p.Mem.Commit(m.Base+r.start, r.end-r.start, r.prot); err != nil {
			return err
		}
	}
	return nil
}

// imageRuns lists the pages of the headers and the sections by protection.
// Neighbours that agree are one run: each costs the engine a rebuild of its
// tables.
func imageRuns(img *loaders.Image) []run {
	if img.Flat {
		return []run{{0, pageUp(uint64(img.Size)), PageExecuteReadWrite}}
	}
	runs := []run{{0, pageUp(uint64(max(img.HeaderSize, 1))), PageReadOnly}}
	for _, s := range img.Sections {
		if s.VirtualSize == 0 {
			continue
		}
		r := run{uint64(s.RVA), pageUp(uint64(s.RVA) + uint64(s.VirtualSize)), sectionProtection(s)}
		if last := &runs[len(runs)-1]; last.prot == r.prot && last.end == r.start {
			last.end = r.end
			continue
		}
		runs = append(runs, r)
	}
	return runs
}

func sectionProtection(s loaders.Section) Protection {
	switch {
	case s.Execute && s.Write:
		return PageExecuteReadWrite
	case s.Execute && s.Read:
		return PageExecuteRead
	case s.Execute:
		return PageExecute
	case s.Write:
		return PageReadWrite
	case s.Read:
		return PageReadOnly
	}
	return PageNoAccess
}

func relocate(mem []byte, img *loaders.Image, delta uint64) {
	if delta == 0 {
		return
	}
	for _, r := range img.Relocations {
		if b := mem[r.RVA:]; r.Type == 10 { // IMAGE_REL_BASED_DIR64
			binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)+delta)
		} else { // IMAGE_REL_BASED_HIGHLOW
			binary.LittleEndian.PutUint32(b, binary.LittleEndian.Uint32(b)+uint32(delta))
		}
	}
}

// bind loads what the module imports and fills its address table.
func (p *Process) bind(m *Module, l *loading) error {
	l = l.imports(m)
	for _, imp := range m.Image.Imports {
		dep, err := p.load(imp.DLL, l)
		if err != nil {
			return err
		}
		m.depend(dep)
		if err := p.bindSymbols(m, dep, imp.Symbols, l); err != nil {
			return err
		}
	}
	return p.assignTLS(m)
}

func (p *Process) bindSymbols(m, dep *Module, symbols []loaders.Symbol, l *loading) error {
	var slot [8]byte
	for _, s := range symbols {
		e := Export{Name: s.Name, Ordinal: uint32(s.Ordinal)}
		at := p.resolve(dep, e, l, 0)
		if at == 0 && (p.Config.Unresolved == UnresolvedGap || dep.System != nil && e.Name != "") {
			// What the program was linked to is taken to be there, though the
			// list of a system DLL's exports does not have it.
			at = p.spare(dep.Name(), e.String())
		}
		p.noValue(dep, at)
		if at == 0 {
			status := uint32(StatusEntryPointNotFound)
			if s.Name == "" {
				status = StatusOrdinalNotFound
			}
			return &LoadError{Module: dep.Name(), By: m.Name(), Status: status, Err: fmt.Errorf("it has no export %s", e)}
		}
		binary.LittleEndian.PutUint64(slot[:], at)
		if err := p.Mem.force(m.Base+uint64(s.Slot), slot[:]); err != nil {
			return &LoadError{Module: m.Name(), Status: StatusInvalidImageFormat, Err: err}
		}
	}
	return nil
}

// discard takes a module out of the process. It stays in the record, since
// calls may name it.
func (p *Process) discard(m *Module) {
	p.modules = slices.DeleteFunc(p.modules, func(x *Module) bool { return x == m })
	p.initialised = slices.DeleteFunc(p.initialised, func(x *Module) bool { return x == m })
	p.unlink(m)
	p.releaseTLS(m)
	if m.alloc != nil {
		if err := p.Mem.Free(m.alloc); err != nil {
			p.fail(err)
		}
	}
}
