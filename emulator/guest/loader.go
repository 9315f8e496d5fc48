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
)

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
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *LoadError) Unwrap() error { return e.Err }

// load brings a module into the process with everything it imports, and adds
// refs to its reference count. Entry points are not called: see attach.
func (p *Process) load(name, reason string, by *Module, refs int) (*Module, error) {
	name = moduleName(name)
	byName := ""
	if by != nil {
		byName = by.Name()
	}
	if m := p.FindModule(name); m != nil {
		m.refs = min(m.refs+refs, pinned)
		return m, nil
	}
	at, ok := p.search(name)
	if !ok {
		return nil, &LoadError{Module: name, By: byName, Status: StatusDLLNotFound}
	}
	if m := p.FindModule(at.path); m != nil {
		m.refs = min(m.refs+refs, pinned)
		return m, nil
	}
	if at.system != nil {
		m := p.addSystem(at.system)
		m.refs = min(m.refs+refs, pinned)
		p.recordLoad(m, name, reason, at.step, byName)
		return m, nil
	}
	m, err := p.mapFile(at.path)
	if err != nil {
		status := uint32(StatusInvalidImageFormat)
		if errors.Is(err, ErrNoMemory) {
			status = StatusNoMemory
		}
		return nil, &LoadError{Module: name, By: byName, Status: status, Err: err}
	}
	m.refs = min(m.refs+refs, pinned)
	p.recordLoad(m, name, reason, at.step, byName)
	if err := p.bind(m); err != nil {
		p.discard(m)
		return nil, err
	}
	return m, nil
}

// addSystem makes one of the synthetic DLLs, which are in memory already, a
// module of the process.
func (p *Process) addSystem(s *SystemModule) *Module {
	m := &Module{Path: s.Path(), Base: s.Base, Image: s.Image, System: s, tls: -1, attached: true}
	p.addModule(m)
	p.linkInitialised(m)
	for _, d := range s.Data {
		if d.Init != nil {
			d.Init(p, s.Base+uint64(d.RVA))
		}
	}
	return m
}

func (p *Process) addModule(m *Module) {
	p.modules = append(p.modules, m)
	p.Recorder.Run.Modules = append(p.Recorder.Run.Modules, trace.Module{Path: m.Path, Base: m.Base, Size: m.Image.Size, System: m.System != nil})
	p.link(m)
}

func (p *Process) recordLoad(m *Module, name, reason, step, by string) {
	b := trace.ModuleLoad{
		Path: m.Path, Name: trace.BaseName(name), Base: m.Base, Size: m.Image.Size, Reason: reason, Found: step, LoadedBy: by, System: m.System != nil,
	}
	if m.System == nil {
		b.ExpectedPath = p.expectedPath(m.Name())
		b.SideLoaded = b.ExpectedPath != "" && !strings.EqualFold(b.ExpectedPath, m.Path)
		b.SHA256 = trace.SHA256(m.Image.Raw)
		if c := m.Image.Certificates; c != nil && len(c.Entries) > 0 {
			b.Signed, b.Signer = c.Entries[0].Parses, c.Entries[0].Signer
		}
	}
	p.Emit(b)
}

// mapFile parses a file of the guest's disk and maps it.
func (p *Process) mapFile(path string) (*Module, error) {
	node := p.Files.Get(path)
	if node == nil {
		return nil, ErrFileNotFound
	}
	img, err := pe.Parse(node.lend())
	if err != nil {
		return nil, err
	}
	return p.mapImage(path, img)
}

// mapImage puts an image into memory, relocated, with its sections' rights.
func (p *Process) mapImage(path string, img *loaders.Image) (*Module, error) {
	base := img.Base
	size := pageUp(uint64(img.Size))
	if !p.Mem.free(base, size) || base%AllocationGranularity != 0 {
		if len(img.Relocations) == 0 && img.Characteristics&fileRelocsStripped != 0 {
			return nil, fmt.Errorf("%w: the preferred base %#x is taken and the image has no relocations", ErrBadAddress, base)
		}
		base = 0
	}
	a, err := p.Mem.Reserve(base, size, imageArea, RegionImage, PageExecuteWriteCopy)
	if err != nil {
		return nil, err
	}
	m := &Module{Path: path, Base: a.Base, Image: img, tls: -1, alloc: a}
	a.Module = m
	if err := p.fill(m); err != nil {
		return nil, errors.Join(err, p.Mem.Free(a))
	}
	p.markExports(m)
	p.addModule(m)
	return m, nil
}

const (
	imageArea          = 0x7FF8_0000_0000 // where images go whose preferred base is taken
	fileRelocsStripped = 0x0001           // IMAGE_FILE_RELOCS_STRIPPED
)

// fill copies and relocates the image and commits its pages.
func (p *Process) fill(m *Module) error {
	a, img := m.alloc, m.Image
	host, err := mapHost(a.Size)
	if err != nil {
		return ErrNoMemory
	}
	a.host, a.owned = host, true
	img.MapInto(a.host)
	relocate(a.host, img, m.Base-img.Base)

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
func (p *Process) bind(m *Module) error {
	for _, imp := range m.Image.Imports {
		dep, err := p.load(imp.DLL, "import", m, pinned)
		if err != nil {
			return err
		}
		m.deps = append(m.deps, dep)
		if err := p.bindSymbols(m, dep, imp.Symbols); err != nil {
			return err
		}
	}
	return p.assignTLS(m)
}

func (p *Process) bindSymbols(m, dep *Module, symbols []loaders.Symbol) error {
	var slot [8]byte
	for _, s := range symbols {
		e := Export{Name: s.Name, Ordinal: uint32(s.Ordinal)}
		at := p.Resolve(dep, e)
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

// discard undoes the loading of a module that nobody got to see.
func (p *Process) discard(m *Module) {
	for i, x := range p.modules {
		if x == m {
			p.modules = append(p.modules[:i], p.modules[i+1:]...)
			break
		}
	}
	p.initialised = slices.DeleteFunc(p.initialised, func(x *Module) bool { return x == m })
	p.unlink(m)
	if m.alloc != nil {
		// The pages go; the module stays in the record, since calls may name it.
		_ = p.Mem.Free(m.alloc)
	}
}
