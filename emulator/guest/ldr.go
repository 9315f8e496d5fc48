package guest

import (
	"encoding/binary"
	"time"
	"unicode"
	"unicode/utf16"
)

// This file keeps the loader's own view of the modules, which guests read and
// some change: the three lists of the PEB, the table by name, and an entry for
// each module. What is found there is read in ldrlists.go.

// LDR_DATA_TABLE_ENTRY of Windows 10.
const (
	ldrEntrySize    = 0x138
	ldrMemoryLinks  = 0x10
	ldrInitLinks    = 0x20
	ldrBase         = 0x30
	ldrEntryPoint   = 0x38
	ldrImageSize    = 0x40
	ldrFullName     = 0x48
	ldrBaseName     = 0x58
	ldrFlags        = 0x68
	ldrLoadCount    = 0x6C
	ldrTLSIndex     = 0x6E
	ldrHashLinks    = 0x70
	ldrTimestamp    = 0x80
	ldrDdagNode     = 0x98
	ldrNodeLink     = 0xA0
	ldrBaseIndex    = 0xC8
	ldrOriginalBase = 0xF8
	ldrLoadTime     = 0x100
	ldrNameHash     = 0x108
	ldrLoadReason   = 0x10C
	ldrReferences   = 0x114
)

// LDR_DDAG_NODE
const (
	ddagSize       = 0x50
	ddagLoadCount  = 0x18
	ddagState      = 0x38
	ddagReadyToRun = 9
	hashTableHeads = 32
	ldrpImageDLL   = 0x4
	ldrpOrdinary   = 0x22C8 // LoadNotificationsSent, InLegacyLists, InIndexes, InExceptionTable, LoadConfigProcessed
	ldrpStatic     = 0x20   // ProcessStaticImport

	ldrpDontCallForThreads  = 1 << 18
	ldrpProcessAttachCalled = 1 << 19
	ldrpProcessAttachFailed = 1 << 20
)

// LDR_DLL_LOAD_REASON
const (
	reasonStaticDependency = 0
	reasonDynamicLoad      = 4
)

// buildHashTable makes the heads of the table of modules by name, in ntdll's
// data where Windows has them.
func (p *Process) buildHashTable() {
	p.hashTable = p.system.NameTable
	if p.hashTable == 0 { // a machine without ntdll
		p.hashTable = p.structs.take(16 * hashTableHeads)
	}
	for i := range uint64(hashTableHeads) {
		head := p.hashTable + 16*i
		p.setWord(head, head)
		p.setWord(head+8, head)
	}
}

// word reads a pointer that the guest may have changed; 0 if it cannot be read.
func (p *Process) word(addr uint64) uint64 {
	v, err := p.Mem.ReadUint(addr, 8)
	if err != nil {
		return 0
	}
	return v
}

// setWord writes one. What cannot be written stays: the guest has made it so.
func (p *Process) setWord(addr, v uint64) { _ = p.Mem.WriteUint(addr, 8, v) }

// NameHash is the hash of a name that Windows keeps: RtlHashUnicodeString's,
// without regard to case.
func NameHash(name string) uint32 {
	hash := uint32(0)
	for _, unit := range utf16.Encode([]rune(name)) {
		if up := unicode.ToUpper(rune(unit)); up < 0x10000 {
			unit = uint16(up)
		}
		hash = hash*65599 + uint32(unit)
	}
	return hash
}

// link adds a module to the loader's lists, as code that walks them expects.
func (p *Process) link(m *Module) {
	s := &p.structs
	e := s.take(ldrEntrySize)
	m.entry = e
	s.put(e+ldrBase, 8, m.Base)
	if m.Image.Entry != 0 {
		s.put(e+ldrEntryPoint, 8, m.Base+uint64(m.Image.Entry))
	}
	s.put(e+ldrImageSize, 4, uint64(m.Image.Size))
	full, base := s.unicode(e+ldrFullName, m.Path), s.unicode(e+ldrBaseName, m.Name())
	flags, reason := uint64(ldrpOrdinary), uint64(reasonDynamicLoad)
	if m.Image.DLL {
		flags |= ldrpImageDLL
	}
	if m.static || len(p.modules) == 1 {
		flags |= ldrpStatic
		reason = reasonStaticDependency
	}
	s.put(e+ldrFlags, 4, flags)
	s.put(e+ldrLoadCount, 2, 0xFFFF)
	s.put(e+ldrTimestamp, 4, uint64(m.Image.Timestamp))
	s.put(e+ldrOriginalBase, 8, m.Image.Base)
	s.put(e+ldrLoadTime, 8, fileTime(p.Clock.Now()))
	s.put(e+ldrLoadReason, 4, reason)
	s.put(e+ldrReferences, 4, 1)

	node := loose{s.take(ddagSize), ddagSize}
	m.pieces = []loose{{e, ldrEntrySize}, full, base, node}
	s.put(e+ldrDdagNode, 8, node.at)
	s.put(node.at, 8, node.at)
	s.put(node.at+8, 8, node.at)
	p.append(node.at, e+ldrNodeLink)
	s.put(node.at+ddagLoadCount, 4, 0xFFFFFFFF)
	s.put(node.at+ddagState, 4, ddagReadyToRun)

	hash := NameHash(m.Name())
	s.put(e+ldrNameHash, 4, uint64(hash))
	p.append(p.hashTable+16*uint64(hash%hashTableHeads), e+ldrHashLinks)
	p.append(p.ldr+0x10, e)
	p.append(p.ldr+0x20, e+ldrMemoryLinks)
	p.index(m)
}

// linkInitialised adds a module to the list in order of initialisation.
func (p *Process) linkInitialised(m *Module) {
	if m.inited || m.entry == 0 || !m.Image.DLL {
		return
	}
	m.inited = true
	p.initialised = append(p.initialised, m)
	p.append(p.ldr+0x30, m.entry+ldrInitLinks)
}

// setLoaderFlag changes a bit of the entry's flags.
func (p *Process) setLoaderFlag(m *Module, bit uint32, on bool) {
	if m.entry == 0 {
		return
	}
	b := p.structs.host[m.entry+ldrFlags-structuresBase:]
	flags := binary.LittleEndian.Uint32(b) &^ bit
	if on {
		flags |= bit
	}
	binary.LittleEndian.PutUint32(b, flags)
}

// fileTime is a time as Windows counts it.
func fileTime(t time.Time) uint64 {
	const since1601 = 11_644_473_600
	return uint64(t.Unix()+since1601)*10_000_000 + uint64(t.Nanosecond()/100)
}

// setLoaderTLS says that a module has thread-local data; Windows keeps no more.
func (p *Process) setLoaderTLS(m *Module) {
	if m.entry != 0 {
		p.structs.put(m.entry+ldrTLSIndex, 2, 0xFFFF)
	}
}

// append puts a LIST_ENTRY at the end of the list with the given head. The
// guest can change the lists; a link that leads nowhere is not followed.
func (p *Process) append(head, e uint64) {
	last := p.word(head + 8)
	if p.word(last) != head {
		last = head
	}
	p.setWord(last, e)
	p.setWord(e, head)
	p.setWord(e+8, last)
	p.setWord(head+8, e)
}

// unlink takes a module out of all lists and its entry away. Where the guest
// has taken it out, nothing is left to do.
func (p *Process) unlink(m *Module) {
	if m.entry == 0 {
		return
	}
	for _, links := range []uint64{0, ldrMemoryLinks, ldrInitLinks, ldrHashLinks} {
		e := m.entry + links
		next, prev := p.word(e), p.word(e+8)
		if p.word(next+8) == e && p.word(prev) == e {
			p.setWord(prev, next)
			p.setWord(next+8, prev)
		}
	}
	if l, ok := p.indexed(m.Base); ok && l.Entry == m.entry {
		p.RemoveNode(p.system.ModuleIndex, m.entry+ldrBaseIndex)
	}
	for _, piece := range m.pieces {
		p.structs.give(piece)
	}
	m.entry, m.pieces = 0, nil
}
