package guest

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"golang.org/x/sys/unix"

	"sidetrace/emulator/catalogue"
	"sidetrace/emulator/cpu"
	"sidetrace/emulator/trace"
	"sidetrace/loaders"
)

// SystemBase is where synthetic system DLLs begin; Windows, too, keeps its own
// near the top of the address space and at the same place in every process.
const SystemBase = 0x7FFB_0000_0000

// StubSize is the distance of two stubs in bytes; stubs are aligned to it.
const StubSize = cpu.StubSize

// System is the set of synthetic system DLLs, built once and shared by every
// process of the program: each maps the same host memory privately, so that
// pages are copied only where a guest changes them.
type System struct {
	Modules    []*SystemModule // by base
	Size       uint64          // bytes from SystemBase on
	ReturnStub uint64          // first of the addresses that nested guest calls return to; [ReturnStubs] of them
	SpareStubs uint64          // first of the stubs for exports nobody implements
	SpareCount int
	APISetMap  uint64 // address of the API set schema
	// Where ntdll keeps the root of the tree of modules by base, and the table of
	// modules by name; 0 without ntdll.
	ModuleIndex, NameTable uint64

	// The functions of the system area that have frames, as a table of
	// RUNTIME_FUNCTION relative to [SystemBase]. The other stubs are leaves.
	FunctionTable uint64
	FunctionCount uint32
	// Dispatcher is the address that handlers of exceptions are called from.
	Dispatcher uint64

	fd      int
	byName  map[string]*SystemModule
	apiSets map[string]string
}

// SystemModule is one synthetic DLL.
type SystemModule struct {
	Name      string // "kernel32.dll"
	Base      uint64
	Image     *loaders.Image // of File
	File      []byte         // the PE as it lies in System32
	Data      []DataExport
	Writable  [2]uint32   // RVA range of the pages with data exports
	Text      [2]uint32   // RVA range of the stubs
	Unhandled []Unhandled // exports without a handler
	Handlers  int         // exports with one
	Program   bool        // an EXE, the stand-in host of DLLs and raw code

	path, key string        // in System32; the key is in lower case
	contents  func() []byte // File
}

// Unhandled is an export that nobody handles: a function, to call which is a
// gap, or a variable that is zero.
type Unhandled struct {
	Name string // "#12" of one without
	RVA  uint32
	Data bool
}

// DataExport is an exported variable which a process gives its value when it
// starts.
type DataExport struct {
	Name string
	RVA  uint32
	Init func(p *Process, addr uint64)
}

// ExportAt names the export at an address; "" if there is none.
func (m *SystemModule) ExportAt(addr uint64) string {
	for i := range m.Image.Exports.Symbols {
		if x := &m.Image.Exports.Symbols[i]; x.Name != "" && x.RVA != 0 && uint64(x.RVA) == addr-m.Base {
			return x.Name
		}
	}
	return ""
}

// Handles reports whether the stub at an RVA leads to a handler.
func (m *SystemModule) Handles(rva uint32) bool {
	return rva >= m.Text[0] && rva < m.Text[1] && m.unhandled(rva) == nil
}

// NewSystem takes the modules of the system area, which starts at
// [SystemBase], and what lies behind them.
func NewSystem(modules []*SystemModule, behind []byte, at uint64) (*System, error) {
	s := &System{
		Modules: modules, byName: map[string]*SystemModule{}, apiSets: catalogue.APISets(),
	}
	s.APISetMap = pageUp(at + uint64(len(behind)))
	schema := apiSetNamespace(s.apiSets)
	end := s.APISetMap + uint64(len(schema)) - SystemBase
	s.Size = (end + AllocationGranularity - 1) &^ (AllocationGranularity - 1)
	fd, err := unix.MemfdCreate("system-dlls", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("sharing the system DLLs: %w", err)
	}
	s.fd = fd
	err = errors.Join(unix.Ftruncate(fd, int64(s.Size)), s.store(at, behind), s.store(s.APISetMap, schema))
	for _, m := range modules {
		m.path = Join(SystemDirectory, m.Name)
		m.key = strings.ToLower(m.path)
		m.contents = func() []byte { return m.File }
		s.byName[strings.ToLower(m.Name)] = m
		err = errors.Join(err, s.store(m.Base, m.File))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sharing the system DLLs: %w", err), unix.Close(fd))
	}
	return s, nil
}

// store writes into the shared area.
func (s *System) store(addr uint64, data []byte) error {
	for len(data) > 0 {
		n, err := unix.Pwrite(s.fd, data, int64(addr-SystemBase))
		if err != nil {
			return err
		}
		addr, data = addr+uint64(n), data[n:]
	}
	return nil
}

// Close gives the shared memory back. Processes that are still open keep
// their own mappings.
func (s *System) Close() error { return unix.Close(s.fd) }

// Path is where the module lies on the disk.
func (m *SystemModule) Path() string { return m.path }

// Module finds a system DLL by file name; API set names lead to the DLL that
// implements them.
func (s *System) Module(name string) *SystemModule {
	name = strings.ToLower(name)
	if m := s.byName[name]; m != nil {
		return m
	}
	return s.byName[s.apiSets[contract(name)]]
}

// mapSystem puts the shared area into a process.
func (p *Process) mapSystem() error {
	s := p.system
	host, err := unix.Mmap(s.fd, 0, int(s.Size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE)
	if err != nil {
		return fmt.Errorf("mapping the system DLLs: %w", err)
	}
	p.systemMem = host
	// The engine gets as few regions as there can be, each costs it a rebuild
	// of its tables: rights finer than these matter to queries, which read the
	// runs below, and to writes, which only pages with variables allow.
	done := uint64(0)
	region := func(end uint64, prot Protection) error {
		start := done
		if done = end; start == end {
			return nil
		}
		return p.cpu.Map(SystemBase+start, host[start:end], prot.engine())
	}
	const most = 4 // of runs in a module
	all := make([]run, most*len(s.Modules))
	for i, m := range s.Modules {
		size := uint64(m.Image.Size)
		off := m.Base - SystemBase
		text := run{uint64(m.Text[0]), uint64(m.Text[1]), PageExecuteRead}
		runs := append(all[most*i:most*i:most*(i+1)], run{0, text.start, PageReadOnly}, text)
		at := text.end
		if m.Writable[1] > m.Writable[0] {
			w := run{uint64(m.Writable[0]), uint64(m.Writable[1]), PageReadWrite}
			if w.start > at {
				runs = append(runs, run{at, w.start, PageReadOnly})
			}
			runs = append(runs, w)
			at = w.end
			if err := errors.Join(region(off+w.start, PageExecuteRead), region(off+w.end, PageReadWrite)); err != nil {
				return err
			}
		}
		if at < size {
			runs = append(runs, run{at, size, PageReadOnly})
		}
		p.Mem.adopt(m.Base, host[off:off+size:off+size], RegionSystem, nil, runs)
	}
	// The stubs behind the DLLs, with their unwind data.
	if tail := pageDown(s.ReturnStub - SystemBase); s.ReturnStub != 0 && tail < s.Size {
		p.Mem.adopt(SystemBase+tail, host[tail:], RegionSystem, nil, []run{{0, s.Size - tail, PageExecuteRead}})
	}
	return region(s.Size, PageExecuteRead)
}

// systemPrograms are Windows' own programs that others start most often, to
// use them or to put code into them. They are there and do nothing.
var systemPrograms = [...]string{
	"cmd.exe", "conhost.exe", "cscript.exe", "dllhost.exe", "mshta.exe", "msiexec.exe", "net.exe", "notepad.exe", "reg.exe", "regsvr32.exe", "sc.exe",
	"schtasks.exe", "svchost.exe", "taskkill.exe", "tasklist.exe", "WerFault.exe", "whoami.exe", "wscript.exe", `WindowsPowerShell\v1.0\powershell.exe`,
}

// systemFiles puts the system's own files on the disk.
func (p *Process) systemFiles() {
	p.Files.MakeDirectory(SystemDirectory)
	nodes := make([]Node, len(p.system.Modules)) // together: this is a good part of a start
	for i, m := range p.system.Modules {
		nodes[i] = Node{Path: m.path, lazy: m.contents, Created: p.Clock.start, Modified: p.Clock.start, Attributes: AttributeArchive}
		p.Files.nodes[m.key] = &nodes[i]
	}
	for _, name := range systemPrograms {
		p.Files.Put(Join(SystemDirectory, name), nil)
	}
	p.Files.Put(Join(WindowsDirectory, "explorer.exe"), nil)
}

// spare gives an import that is in no list of exports a stub of its own, so
// that a program which was linked to it can be loaded; calling it is a gap.
func (p *Process) spare(dll, name string) uint64 {
	key := strings.ToLower(dll) + "!" + name
	if at, ok := p.spares[key]; ok {
		return at
	}
	n := len(p.spareNames)
	if n == p.system.SpareCount {
		return 0
	}
	at := p.system.SpareStubs + uint64(n)*StubSize
	p.spares[key] = at
	p.spareNames = append(p.spareNames, &trace.Export{DLL: strings.ToLower(dll), Name: name, Result: trace.Hex})
	return at
}

// Unhandled tells which export without a handler a stub stands for, or nil.
func (p *Process) Unhandled(addr uint64) *trace.Export {
	if addr >= p.system.SpareStubs {
		if i := (addr - p.system.SpareStubs) / StubSize; i < uint64(len(p.spareNames)) {
			return p.spareNames[i]
		}
		return nil
	}
	m := p.system.SystemModuleAt(addr)
	if m == nil {
		return nil
	}
	if u := m.unhandled(uint32(addr - m.Base)); u != nil {
		return &trace.Export{DLL: m.Name, Name: u.Name, Result: trace.Hex}
	}
	return nil
}

// unhandled finds the export without a handler at an RVA, or nil.
func (m *SystemModule) unhandled(rva uint32) *Unhandled {
	i := slices.IndexFunc(m.Unhandled, func(u Unhandled) bool { return u.RVA == rva })
	if i < 0 {
		return nil
	}
	return &m.Unhandled[i]
}

// SystemModuleAt finds the synthetic DLL an address lies in, or nil.
func (s *System) SystemModuleAt(addr uint64) *SystemModule {
	i := sort.Search(len(s.Modules), func(i int) bool { return s.Modules[i].Base > addr })
	if i == 0 {
		return nil
	}
	if m := s.Modules[i-1]; addr-m.Base < uint64(m.Image.Size) {
		return m
	}
	return nil
}
