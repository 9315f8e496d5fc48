package guest

import (
	"bytes"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/trace"
)

// This file notices the first call of each export of a guest DLL, at no cost
// while the guest runs: the first byte of every export is made unknown (see
// unpack.go), so that the engine stops when it translates it, once.

// markExports makes the starts of a module's exported functions unknown.
func (p *Process) markExports(m *Module) {
	if m.Image.Exports == nil || !m.Image.DLL {
		return
	}
	m.entries = map[uint32]Export{}
	for _, x := range m.Image.Exports.Symbols {
		if x.Forward != "" || m.entries[x.RVA] != (Export{}) || !executable(m, x.RVA) {
			continue
		}
		m.entries[x.RVA] = Export{Name: x.Name, Ordinal: x.Ordinal}
		m.alloc.known[x.RVA] ^= 0xFF
	}
}

func executable(m *Module, rva uint32) bool {
	for _, s := range m.Image.Sections {
		if rva >= s.RVA && rva-s.RVA < s.VirtualSize {
			return s.Execute
		}
	}
	return false
}

// enterExport is called before a block of unknown bytes runs in a module. It
// makes the exports in it known again and reports whether that was all that
// was unknown of it.
func (p *Process) enterExport(a *Allocation, ip uint64, size int) bool {
	m := a.Module
	start := uint32(ip - a.Base)
	end := min(start+uint32(size), uint32(a.Size))
	for rva := start; rva < end; rva++ {
		e, ok := m.entries[rva]
		if !ok {
			continue
		}
		delete(m.entries, rva)
		a.known[rva] ^= 0xFF
		if rva == start {
			p.exportCalled(m, e)
		}
	}
	return bytes.Equal(a.host[start:end], a.known[start:end])
}

// exportCalled records a call that came from another module.
func (p *Process) exportCalled(m *Module, e Export) {
	caller, err := p.Mem.ReadUint(p.cpu.Reg(cpu.RSP), 8)
	if err != nil || m.Contains(caller) || caller-p.system.ReturnStub < returnStubs*StubSize {
		return
	}
	p.Emit(trace.ExportCall{Path: m.Path, Export: e.String(), Caller: p.Place(caller)})
}
