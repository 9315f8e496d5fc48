package guest

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"golang.org/x/sys/unix"

	"sidetrace/emulator/trace"
	"sidetrace/loaders"
)

// SystemBase is where synthetic system DLLs begin; Windows, too, keeps its own
// near the top of the address space and at the same place in every process.
const SystemBase = 0x7FFB_0000_0000

// StubSize is the distance of two stubs in bytes; stubs are aligned to it.
const StubSize = 16

// System is the set of synthetic system DLLs, built once and shared by every
// process of the program: each maps the same host memory privately, so that
// pages are copied only where a guest changes them.
type System struct {
	Modules    []*SystemModule // by base
	Size       uint64          // bytes from SystemBase on
	ReturnStub uint64          // first of the addresses that nested guest calls return to; [ReturnStubs] of them
	SpareStubs uint64          // first of the stubs for exports nobody implements
	SpareCount int

	// The functions of the system area that have frames, as a table of
	// RUNTIME_FUNCTION relative to [SystemBase]. The other stubs are leaves.
	FunctionTable uint64
	FunctionCount uint32
	// Dispatcher is the address that handlers of exceptions are called from.
	Dispatcher uint64

	fd     int
	byName map[string]*SystemModule
}

// SystemModule is one synthetic DLL.
type SystemModule struct {
	Name     string // "kernel32.dll"
	Base     uint64
	Image    *loaders.Image // as parsed from File
	File     []byte         // the PE as it lies in System32
	Data     []DataExport
	Writable [2]uint32 // RVA range of the pages with data exports
	Text     [2]uint32 // RVA range of the stubs
	Program  bool      // an EXE, the stand-in host of DLLs and raw code
	Handlers int       // exports with a handler; their stubs come first
}

// DataExport is an exported variable which a process gives its value when it
// starts.
type DataExport struct {
	Name string
	RVA  uint32
	Init func(p *Process, addr uint64)
}

// Handles reports whether the stub at an RVA leads to a handler.
func (m *SystemModule) Handles(rva uint32) bool {
	return rva >= m.Text[0] && rva < m.Text[0]+uint32(m.Handlers)*StubSize
}

// NewSystem takes the mapped bytes of the system area, which starts at
// [SystemBase], and what lies in it.
func NewSystem(mapped []byte, modules []*SystemModule) (*System, error) {
	fd, err := unix.MemfdCreate("system-dlls", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("sharing the system DLLs: %w", err)
	}
	for rest := mapped; len(rest) > 0; {
		n, err := unix.Write(fd, rest)
		if err != nil {
			_ = unix.Close(fd)
			return nil, fmt.Errorf("sharing the system DLLs: %w", err)
		}
		rest = rest[n:]
	}
	s := &System{Modules: modules, Size: uint64(len(mapped)), fd: fd, byName: map[string]*SystemModule{}}
	for _, m := range modules {
		s.byName[strings.ToLower(m.Name)] = m
	}
	return s, nil
}

// Close gives the shared memory back. Processes that are still open keep
// their own mappings.
func (s *System) Close() error { return unix.Close(s.fd) }

// Path is where the module lies on the disk.
func (m *SystemModule) Path() string { return Join(SystemDirectory, m.Name) }

// Module finds a system DLL by file name; API set names lead to the DLL that
// implements them.
func (s *System) Module(name string) *SystemModule {
	name = strings.ToLower(name)
	if m := s.byName[name]; m != nil {
		return m
	}
	return s.byName[apiSetHost(name)]
}

// apiSetHost is a small part of the API set schema: the contracts that
// compilers and the C runtime link against.
//
// https://learn.microsoft.com/windows/win32/apiindex/windows-apisets
func apiSetHost(name string) string {
	if !strings.HasPrefix(name, "api-ms-win-") && !strings.HasPrefix(name, "ext-ms-") {
		return ""
	}
	for _, c := range apiSets {
		if strings.HasPrefix(name, c.prefix) {
			return c.host
		}
	}
	return ""
}

var apiSets = []struct{ prefix, host string }{
	{"api-ms-win-crt-", "ucrtbase.dll"},
	{"api-ms-win-core-com-", "ole32.dll"},
	{"api-ms-win-core-", "kernel32.dll"},
	{"api-ms-win-eventing-", "advapi32.dll"},
	{"api-ms-win-security-", "advapi32.dll"},
	{"api-ms-win-service-", "advapi32.dll"},
	{"api-ms-win-shcore-", "shlwapi.dll"},
	{"api-ms-win-downlevel-shlwapi-", "shlwapi.dll"},
	{"api-ms-win-downlevel-advapi32-", "advapi32.dll"},
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
	for _, m := range s.Modules {
		size := uint64(m.Image.Size)
		off := m.Base - SystemBase
		text := run{uint64(m.Text[0]), uint64(m.Text[1]), PageExecuteRead}
		runs := []run{{0, text.start, PageReadOnly}, text}
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

// systemFiles puts the system's own files on the disk.
func (p *Process) systemFiles() {
	for _, m := range p.system.Modules {
		p.Files.putLazy(m.Path(), func() []byte { return m.File })
	}
	for _, name := range []string{"cmd.exe", "conhost.exe", "regsvr32.exe", "notepad.exe", `WindowsPowerShell\v1.0\powershell.exe`} {
		p.Files.Put(Join(SystemDirectory, name), nil)
	}
}

// spare gives an export that nobody implements a stub of its own, so that it
// can be resolved; calling it is a gap.
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

// Spare tells which export a spare stub stands for, or nil.
func (p *Process) Spare(addr uint64) *trace.Export {
	if addr < p.system.SpareStubs {
		return nil
	}
	if i := (addr - p.system.SpareStubs) / StubSize; i < uint64(len(p.spareNames)) {
		return p.spareNames[i]
	}
	return nil
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
