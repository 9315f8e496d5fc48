package guest

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"

	"golang.org/x/sys/unix"

	"sidetrace/emulator/trace"
)

// This file is about system DLLs whose code the guest changes: inline hooks,
// functions made to return at once, code put over a DLL's (module stomping), and
// the original put back. The engine runs what is there (see cpu.Patchable); here
// it is compared with what was there and recorded.
//
// Stores of the guest are not seen. The comparison is made when one is likely to
// be complete: when the protection of such pages changes, when the guest flushes
// its instruction cache, when changed code is about to run, and at the end.

const (
	maxPatches      = 256
	patchGap        = 8  // bytes that are the same and separate two patches
	patchBytes      = 32 // shown of each
	patchedExports  = 16 // named of each
	jumpInstruction = 16 // bytes that the longest form of a jump to anywhere takes
)

// patching is called when the protection of pages of a system DLL changes, before
// the guest can write to them and after it could.
func (p *Process) patching(a *Allocation, start, end uint64, prot Protection) error {
	p.notePatches()
	if a.Base < SystemBase || !prot.Writable() {
		return nil
	}
	if p.originals == nil {
		m, err := unix.Mmap(p.system.fd, 0, int(p.system.Size), unix.PROT_READ, unix.MAP_SHARED)
		if err != nil {
			return fmt.Errorf("mapping the system DLLs: %w", err)
		}
		p.originals = m
	}
	if a.known == nil {
		for _, m := range []*[]byte{&a.known, &a.recorded} {
			b, err := unix.Mmap(p.system.fd, int64(a.Base-SystemBase), int(a.Size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE)
			if err != nil {
				return fmt.Errorf("mapping the system DLLs: %w", err)
			}
			*m = b
		}
		if err := p.Mem.watch(a); err != nil {
			return err
		}
	}
	return p.cpu.Patchable(a.Base+start, end-start, p.systemMem, p.originals)
}

// differences yields the ranges in which two pieces of memory differ. Those that
// few equal bytes lie between are one.
func differences(a, b []byte) iter.Seq2[uint64, uint64] {
	return func(yield func(lo, hi uint64) bool) {
		const step = 512
		lo, hi := -1, 0 // the range so far
		for at := 0; at < len(a); at += step {
			end := min(at+step, len(a))
			if bytes.Equal(a[at:end], b[at:end]) {
				continue
			}
			for i := at; i < end; i++ {
				if a[i] == b[i] {
					continue
				}
				if lo >= 0 && i-hi >= patchGap {
					if !yield(uint64(lo), uint64(hi)) {
						return
					}
					lo = -1
				}
				if lo < 0 {
					lo = i
				}
				hi = i + 1
			}
		}
		if lo >= 0 {
			yield(uint64(lo), uint64(hi))
		}
	}
}

// notePatches records what has changed in the code of system DLLs.
func (p *Process) notePatches() {
	if p.originals == nil {
		return
	}
	for _, a := range p.Mem.allocs {
		if a.recorded == nil {
			continue
		}
		m := p.system.SystemModuleAt(a.Base)
		if m == nil {
			continue
		}
		start, end := m.Text[0], m.Text[1]
		for lo, hi := range differences(a.host[start:end], a.recorded[start:end]) {
			p.patched(a, m, start+uint32(lo), start+uint32(hi))
		}
		copy(a.recorded[start:end], a.host[start:end])
	}
}

// patched records one patch.
func (p *Process) patched(a *Allocation, m *SystemModule, lo, hi uint32) {
	if p.patches++; p.patches > maxPatches {
		if p.patches == maxPatches+1 {
			p.Recorder.Gap(trace.Gap{Kind: trace.GapLimit, Name: trace.CodePatched{}.Kind(), Detail: "further patches are not recorded"})
		}
		return
	}
	after, original := a.host[lo:hi], p.originals[a.Base-SystemBase:][lo:hi]
	b := trace.CodePatched{
		Module: m.Name, Address: a.Base + uint64(lo), RVA: lo, Size: int(hi - lo),
		Before: hex.EncodeToString(a.recorded[lo:min(hi, lo+patchBytes)]), After: hex.EncodeToString(after[:min(len(after), patchBytes)]),
		Restored: bytes.Equal(after, original),
	}
	var entry uint32
	b.Exports, entry = m.exportsIn(lo, hi)
	if target, ok := jumpTarget(a.host[entry:min(entry+jumpInstruction, uint32(len(a.host)))], a.Base+uint64(entry), p.Mem); ok && !b.Restored {
		b.Target = p.Place(target)
	}
	p.Emit(b)
}

// exportsIn names the exports whose code lies in a range, or begins before it
// and reaches into it, and tells where the first of them begins.
func (m *SystemModule) exportsIn(lo, hi uint32) (names []string, first uint32) {
	type export struct {
		rva  uint32
		name string
	}
	var list []export
	for _, x := range m.Image.Exports.Symbols {
		if x.Forward == "" && x.RVA >= m.Text[0] && x.RVA < hi {
			list = append(list, export{x.RVA, Export{x.Name, x.Ordinal}.String()})
		}
	}
	slices.SortStableFunc(list, func(a, b export) int { return int(a.rva) - int(b.rva) })
	i := len(list)
	for i > 0 && list[i-1].rva > lo {
		i--
	}
	if i > 0 {
		for i--; i > 0 && list[i-1].rva == list[i].rva; i-- {
		}
	}
	first = lo
	if i < len(list) {
		first = list[i].rva
	}
	for _, x := range list[i:min(len(list), i+patchedExports)] {
		names = append(names, x.name)
	}
	return names, first
}

// jumpTarget decodes the jumps that hooks begin with.
func jumpTarget(code []byte, at uint64, mem *Memory) (target uint64, ok bool) {
	le := binary.LittleEndian
	switch {
	case len(code) < jumpInstruction:
		return 0, false
	case code[0] == 0xE9: // jmp rel32
		return at + 5 + uint64(int64(int32(le.Uint32(code[1:])))), true
	case code[0] == 0xEB: // jmp rel8
		return at + 2 + uint64(int64(int8(code[1]))), true
	case code[0] == 0xFF && code[1] == 0x25: // jmp [rip+rel32]
		target, err := mem.ReadUint(at+6+uint64(int64(int32(le.Uint32(code[2:])))), 8)
		return target, err == nil
	case code[0] == 0x48 && code[1] == 0xB8 && (bytes.Equal(code[10:12], []byte{0xFF, 0xE0}) || bytes.Equal(code[10:12], []byte{0x50, 0xC3})), // mov rax; jmp rax, or push rax; ret
		code[0] == 0x49 && code[1]&^3 == 0xB8 && code[10] == 0x41 && code[11] == 0xFF && code[12] == 0xE0|code[1]&3: // mov r8…r11; jmp to it
		return le.Uint64(code[2:]), true
	case code[0] == 0x68 && bytes.Equal(code[5:9], []byte{0xC7, 0x44, 0x24, 0x04}) && code[13] == 0xC3: // push low; mov [rsp+4], high; ret
		return uint64(le.Uint32(code[9:]))<<32 | uint64(le.Uint32(code[1:])), true
	}
	return 0, false
}

// restored makes the bytes about to run at ip known again where they are a system
// DLL's own, and reports whether they are.
func (p *Process) restored(a *Allocation, ip uint64, size int) bool {
	if a.Region != RegionSystem || a.known == nil {
		return false
	}
	start := ip - a.Base
	end := min(start+uint64(size), a.Size)
	original := p.originals[a.Base-SystemBase:][start:end]
	if !bytes.Equal(a.host[start:end], original) {
		return false
	}
	copy(a.known[start:end], original)
	return true
}

// ownHeaders reports whether an allocation is a system DLL with the headers it
// came with.
func (p *Process) ownHeaders(a *Allocation) bool {
	return a.Region == RegionSystem && a.known != nil && bytes.Equal(a.host[:PageSize], p.originals[a.Base-SystemBase:][:PageSize])
}
