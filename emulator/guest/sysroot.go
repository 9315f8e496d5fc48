package guest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/loaders"
	"sidetrace/loaders/pe"
)

// This file lends the guest a folder of real system DLLs, Windows' or Wine's.
//
// The rules are:
//   - A DLL that no handler's table knows, or of which nothing has a handler,
//     is a file of System32 and loads like any other, unless little of it but
//     system calls would run.
//   - Of the others the guest sees the synthetic DLL alone. A call of an export
//     that has no handler goes on in the real DLL, its twin, which is mapped
//     when first needed, outside of the loader's lists.
//   - What a twin imports, and what it calls of its own exports, leads to the
//     handlers where there are any.
//   - A real DLL whose entry point says no, because something it needs is not
//     modelled, is a gap and stays.
//   - Tables of languages (.nls), which the kernel maps, are files of System32.
//   - What talks to the kernel stays a gap: the numbers of system calls and what
//     the real DLL keeps behind them are not the machine's.
type sysroot struct {
	folder fs.FS
	names  map[string]string // real name by lower-case name
	twins  map[string]*Module
	mapped []*Module      // twins, in the order they were mapped
	files  map[*Node]bool // of System32
}

const maxRealDLL = 256 << 20

// openSysroot reads the names in the folder and puts the DLLs that have no
// synthetic twin into System32.
func (p *Process) openSysroot() error {
	if p.Config.Sysroot == nil {
		return nil
	}
	entries, err := fs.ReadDir(p.Config.Sysroot, ".")
	if err != nil {
		return fmt.Errorf("the folder of system DLLs: %w", err)
	}
	s := &sysroot{folder: p.Config.Sysroot, names: map[string]string{}, twins: map[string]*Module{}, files: map[*Node]bool{}}
	p.sysroot = s
	for _, e := range entries {
		lower := strings.ToLower(e.Name())
		if _, twice := s.names[lower]; twice || e.IsDir() || !loadable(lower) {
			continue
		}
		s.names[lower] = e.Name()
		if m := p.system.byName[lower]; m == nil || p.replaced(m) {
			s.files[p.Files.put(&Node{Path: Join(SystemDirectory, lower), lazy: func() []byte { return s.read(lower) }})] = true
		}
	}
	return nil
}

func loadable(lower string) bool {
	for _, extension := range []string{".dll", ".drv", ".ocx", ".cpl", ".acm", ".ax", ".nls"} {
		if strings.HasSuffix(lower, extension) {
			return true
		}
	}
	return false
}

// read gives a file's contents; nil if it cannot be read, which is then no PE.
func (s *sysroot) read(lower string) []byte {
	info, err := fs.Stat(s.folder, s.names[lower])
	if err != nil || info.Size() > maxRealDLL {
		return nil
	}
	data, err := fs.ReadFile(s.folder, s.names[lower])
	if err != nil {
		return nil
	}
	return data
}

func (s *sysroot) has(lower string) bool { return s != nil && s.names[lower] != "" }

// replaced reports whether the folder's file stands in the place of a synthetic
// DLL: one of which nothing is handled.
func (p *Process) replaced(m *SystemModule) bool {
	return m.Handlers == 0 && !m.Program && !ofTheKernel[m.Name] && p.sysroot.has(strings.ToLower(m.Name))
}

// ofTheKernel are DLLs that cannot be initialised without the kernel's windows,
// fonts and sockets.
var ofTheKernel = names("gdi32 imm32 kernel32 kernelbase ntdll user32 win32u ws2_32")

// holds reports whether a file of the guest's disk is the folder's.
func (s *sysroot) holds(n *Node) bool { return s != nil && s.files[n] }

// twinAt finds the twin an address lies in.
func (s *sysroot) twinAt(addr uint64) *Module {
	if s == nil {
		return nil
	}
	for _, m := range s.mapped {
		if m.Contains(addr) {
			return m
		}
	}
	return nil
}

// kernelCall reports whether an export is not to be taken from a real DLL.
func kernelCall(dll, name string) bool {
	switch dll {
	case "win32u.dll":
		return true
	case "ntdll.dll":
		for _, prefix := range []string{"Nt", "Zw", "Ldr", "Tp", "Ki", "Csr", "Dbg", "wine_"} {
			if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" && (rest[0] >= 'A' && rest[0] <= 'Z' || prefix == "wine_") {
				return true
			}
		}
	}
	return strings.HasPrefix(name, "__wine_unix")
}

// RealCode finds where a call of an export without a handler goes on; 0 if
// nowhere. The twin is mapped, and its entry point called, when first needed.
// Its caller's registers are as they were.
func (p *Process) RealCode(t *Thread, dll, name string) uint64 {
	if !p.sysroot.has(dll) || kernelCall(dll, name) {
		return 0
	}
	m := p.twin(dll)
	if m == nil {
		return 0
	}
	e := Export{Name: name}
	if n, ok := strings.CutPrefix(name, "#"); ok {
		number, _ := atoi(n)
		e = Export{Ordinal: number}
	}
	x := lookup(m.Image.Exports, e)
	if x == nil {
		return 0
	}
	if !m.attached {
		p.enterTwin(t, m)
	}
	if x.Forward != "" {
		return p.resolve(m, e, &loading{reason: "import", by: m, folders: p.folders("", LoadOptions{}), thread: t}, 0)
	}
	return m.Base + uint64(x.RVA)
}

// enterTwin calls a twin's entry point in the middle of an API call.
func (p *Process) enterTwin(t *Thread, m *Module) {
	m.attached = true
	if m.Image.Entry == 0 || m.Name() == "ntdll.dll" {
		return
	}
	saved, err := p.cpu.NewContext()
	if err == nil {
		err = p.cpu.Save(saved)
	}
	if err != nil {
		p.fail(err)
	}
	defer saved.Free()
	p.growTLS()
	p.callTLS(t, m, processAttach)
	if result, exception := t.TryGuest(m.Base+uint64(m.Image.Entry), m.Base, processAttach, 1); exception != 0 || uint32(result) == 0 {
		p.Recorder.Gap(trace.Gap{Kind: trace.GapBehaviour, Name: "DllMain of " + m.Name(), Detail: "a real system DLL could not be initialised"})
	}
	if err := p.cpu.Restore(saved); err != nil {
		p.fail(err)
	}
}

// twin maps the real DLL behind a synthetic one; nil if that cannot be done.
func (p *Process) twin(dll string) *Module {
	s := p.sysroot
	if m, known := s.twins[dll]; known {
		return m
	}
	s.twins[dll] = nil
	img, err := pe.Parse(s.read(dll))
	if err != nil {
		return nil
	}
	m := &Module{Path: Join(SystemDirectory, dll), Image: img, real: true, tls: -1}
	err = p.mapImage(m, func(image []byte) { p.leadToHandlers(m, dll, image) })
	if err == nil {
		p.recordModule(m)
		l := &loading{reason: "import", by: m, folders: []folder{{SystemDirectory, stepSystem}}, static: true}
		err = p.bind(m, l)
	}
	if err != nil {
		var failed *LoadError
		if !errors.As(err, &failed) && !errors.Is(err, ErrNoMemory) && !errors.Is(err, ErrBadAddress) {
			p.fail(err)
		}
		return nil
	}
	s.twins[dll] = m
	s.mapped = append(s.mapped, m)
	return m
}

// leadToHandlers overwrites the functions of a twin that have a handler, and
// those that are system calls, with jumps to the stubs, so that the DLL's own
// calls of them go there too.
func (p *Process) leadToHandlers(m *Module, dll string, image []byte) {
	if m.Image.Exports == nil {
		return
	}
	synthetic := p.system.byName[dll]
	starts := map[uint32]bool{}
	for _, x := range m.Image.Exports.Symbols {
		starts[x.RVA] = true
	}
	for _, x := range m.Image.Exports.Symbols {
		if x.Forward != "" || x.Name == "" || !executable(m, x.RVA) || x.RVA%16 != 0 {
			continue
		}
		if quiet := wineQuiet[x.Name]; quiet != nil {
			copy(image[x.RVA:], quiet)
			continue
		}
		target := uint64(0)
		if at := p.handler(synthetic, x.Name); at != 0 {
			target = at
		} else if kernelCall(dll, x.Name) {
			target = p.spare(dll, x.Name)
		}
		if target == 0 || !executableRange(m, x.RVA, jumpSize) || taken(starts, x.RVA) {
			continue
		}
		copy(image[x.RVA:], []byte{0xFF, 0x25, 0, 0, 0, 0}) // jmp [rip]
		binary.LittleEndian.PutUint64(image[x.RVA+6:], target)
	}
}

// handler is the stub of an export that has a handler; 0 without one.
func (p *Process) handler(m *SystemModule, name string) uint64 {
	if m == nil {
		return 0
	}
	x := lookup(m.Image.Exports, Export{Name: name})
	if x == nil || x.Forward != "" || !m.Handles(x.RVA) {
		return 0
	}
	return m.Base + uint64(x.RVA)
}

const jumpSize = 14

func executableRange(m *Module, rva, n uint32) bool {
	return executable(m, rva+n-1) && uint64(rva)+uint64(n) <= uint64(m.Image.Size)
}

// taken reports whether another export begins where the jump would lie.
func taken(starts map[uint32]bool, rva uint32) bool {
	for i := uint32(1); i < jumpSize; i++ {
		if starts[rva+i] {
			return true
		}
	}
	return false
}

// wineQuiet replaces functions that Wine's DLLs ask for what to log: nothing.
var wineQuiet = map[string][]byte{
	"__wine_dbg_get_channel_flags": {0x31, 0xC0, 0xC3}, // xor eax, eax; ret
}

// absentOrdinal is the address of an export that a synthetic DLL is asked for
// by a number it does not have; the real DLL knows the name, if there is one.
func (p *Process) absentOrdinal(m *Module, e Export) uint64 {
	dll := strings.ToLower(m.Name())
	if !p.sysroot.has(dll) {
		return 0
	}
	img, err := p.realImage(dll)
	if err != nil {
		return 0
	}
	x := lookup(img.Exports, e)
	switch {
	case x == nil:
		return 0
	case x.Name == "":
		return p.spare(dll, e.String())
	}
	if own := lookup(m.Image.Exports, Export{Name: x.Name}); own != nil && own.Forward == "" {
		return m.Base + uint64(own.RVA)
	}
	return p.spare(dll, x.Name)
}

func (p *Process) realImage(dll string) (*loaders.Image, error) {
	if m := p.twin(dll); m != nil {
		return m.Image, nil
	}
	return nil, ErrFileNotFound
}
