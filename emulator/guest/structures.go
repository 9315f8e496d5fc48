package guest

import (
	"encoding/binary"
	"strings"
)

// This file lays out the structures through which Windows shows a process to
// itself: PEB, TEB, process parameters and the loader's
// lists. Offsets are those of 64-bit Windows 10, from the public symbols of
// ntdll; only documented or widely used fields are set, the others are zero.

const (
	structuresBase = 0x0000_00E1_0000_0000
	structuresSize = 4 << 20
	tebOffset      = 0x2000 // PEB first, then one TEB every two pages
	tebSize        = 0x2000
	looseOffset    = 2 << 20 // strings and list entries, handed out one after another

	pebImageBase = 0x10
	pebLdr       = 0x18
	pebParams    = 0x20
	pebHeap      = 0x30
)

// Offsets in the PEB of the bitmaps of thread-local slots.
const (
	PEBTLSBitmap       = 0x80
	PEBExpansionBitmap = 0x240
)

// Offsets in the TEB that handlers and threads use.
const (
	TEBStackBase   = 0x08
	TEBStackLimit  = 0x10
	TEBFiber       = 0x20 // FiberData; Version while the thread is none
	TEBSelf        = 0x30
	TEBClientID    = 0x40
	TEBTLSPointer  = 0x58
	TEBPEB         = 0x60
	TEBLastError   = 0x68
	TEBTLSSlots    = 0x1480
	TEBExpansion   = 0x1780 // pointer to the slots beyond the first 64
	TEBFlags       = 0x17EE // SameTebFlags: 4 while the thread is a fiber
	TEBStackBottom = 0x1478
)

// structures is the memory these live in.
type structures struct {
	host  []byte
	next  uint64              // offset of the next loose piece
	given map[uint64][]uint64 // pieces given back, by size
}

func (s *structures) put(addr uint64, size int, v uint64) {
	putUint(s.host[addr-structuresBase:], size, v)
}

func (s *structures) get(addr uint64) uint64 {
	return binary.LittleEndian.Uint64(s.host[addr-structuresBase:])
}

// take hands out n bytes, aligned to 16.
func (s *structures) take(n int) uint64 {
	size := (uint64(n) + 15) &^ 15
	if free := s.given[size]; len(free) > 0 {
		at := free[len(free)-1]
		s.given[size] = free[:len(free)-1]
		clear(s.host[at-structuresBase:][:size])
		return at
	}
	at := s.next
	s.next += size
	if s.next > structuresSize {
		// A guest cannot get here: what is taken is bounded by the number of
		// modules it can load, and that by its memory.
		s.next = looseOffset
		at = s.next
	}
	return structuresBase + at
}

// give takes a piece back.
func (s *structures) give(p loose) {
	if s.given == nil {
		s.given = map[uint64][]uint64{}
	}
	size := (uint64(p.n) + 15) &^ 15
	s.given[size] = append(s.given[size], p.at)
}

// loose is one of the pieces that were handed out.
type loose struct {
	at uint64
	n  int
}

// unicode writes a UNICODE_STRING and its buffer, which it returns.
func (s *structures) unicode(at uint64, text string) loose {
	b := UTF16(text)
	if len(b) > 0xFFFE {
		b = append(b[:0xFFFC:0xFFFC], 0, 0)
	}
	buffer := s.take(len(b))
	copy(s.host[buffer-structuresBase:], b)
	s.put(at, 2, uint64(len(b)-2))
	s.put(at+2, 2, uint64(len(b)))
	s.put(at+8, 8, buffer)
	return loose{buffer, len(b)}
}

// PEB is the address of the process environment block.
func (p *Process) PEB() uint64 { return structuresBase }

// Parameters is the address of RTL_USER_PROCESS_PARAMETERS.
func (p *Process) Parameters() uint64 { return p.parameters }

func (p *Process) buildStructures() error {
	a, err := p.Mem.Reserve(structuresBase, structuresSize, 0, RegionSystem, PageReadWrite)
	if err == nil {
		err = p.Mem.Commit(a.Base, a.Size, PageReadWrite)
	}
	if err != nil {
		return err
	}
	s := &p.structs
	s.host, s.next = a.host, looseOffset
	if err := p.buildShared(); err != nil {
		return err
	}

	peb := p.PEB()
	v := p.Config.Version
	s.put(peb+0x08, 8, ^uint64(0)) // Mutant
	ldr := s.take(0x58)
	s.put(ldr, 4, 0x58)
	s.put(ldr+4, 4, 1) // Initialized
	for _, list := range []uint64{0x10, 0x20, 0x30} {
		s.put(ldr+list, 8, ldr+list)
		s.put(ldr+list+8, 8, ldr+list)
	}
	s.put(peb+pebLdr, 8, ldr)
	p.ldr = ldr
	p.buildHashTable()
	s.put(peb+pebHeap, 8, p.Heap.Base)
	s.put(peb+0x68, 8, p.system.APISetMap)
	s.put(peb+PEBTLSBitmap, 8, 1)           // slot 0 is the system's
	s.put(peb+0xB8, 4, 2)                   // NumberOfProcessors
	s.put(peb+0xC8, 8, 0xFFFFFFFF_FFFFFFFF) // CriticalSectionTimeout, never
	s.put(peb+0xE8, 4, 1)                   // NumberOfHeaps
	s.put(peb+0xEC, 4, 16)                  // MaximumNumberOfHeaps
	heaps := s.take(16 * 8)
	s.put(heaps, 8, p.Heap.Base)
	s.put(peb+0xF0, 8, heaps)
	s.put(peb+0x118, 4, uint64(v.Major))
	s.put(peb+0x11C, 4, uint64(v.Minor))
	s.put(peb+0x120, 2, uint64(v.Build))
	s.put(peb+0x124, 4, 2) // OSPlatformId: NT
	s.put(peb+0x2C0, 4, 1) // SessionId
	return nil
}

// buildParameters describes how the process was started.
func (p *Process) buildParameters(image string) {
	s := &p.structs
	at := s.take(0x450)
	p.parameters = at
	s.put(at, 4, 0x450)
	s.put(at+4, 4, 0x450)
	s.put(at+8, 4, 1) // RTL_USER_PROC_PARAMS_NORMALIZED
	s.put(at+0x20, 8, uint64(p.Stdin))
	s.put(at+0x28, 8, uint64(p.Stdout))
	s.put(at+0x30, 8, uint64(p.Stderr))
	s.unicode(at+0x38, strings.TrimSuffix(p.CurrentDirectory, `\`)+`\`)
	s.unicode(at+0x50, "")
	s.unicode(at+0x60, image)
	s.unicode(at+0x70, p.CommandLine)
	s.put(at+0x80, 8, p.environmentBlock())
	s.put(at+0xA8, 4, 1) // ShowWindowFlags: SW_SHOWNORMAL
	s.unicode(at+0xB0, image)
	s.unicode(at+0xC0, `WinSta0\Default`)
	s.put(p.PEB()+pebParams, 8, at)
}
