package guest

import (
	"encoding/binary"
	"strings"

	"sidetrace/loaders"
	"sidetrace/loaders/pe"
)

// This file reads the loader's lists as Windows does: out of the guest's
// memory, with what the guest has changed. A module that was taken out of a
// list is hidden from whoever walks it; an entry that the guest made itself, as
// reflective loaders do for what they mapped, is a module like any other.
//
// The rules are:
//   - A file name is looked up in the table of names, a path too.
//   - Snapshots and enumerations walk one of the three lists of the PEB.
//   - A base or an address is looked up in the tree of bases. The loader's own
//     modules are found even if the guest has taken them out of it.

// Listing is an LDR_DATA_TABLE_ENTRY.
type Listing struct {
	Entry      uint64 // its address
	Base       uint64
	EntryPoint uint64
	Size       uint32
	Path, Name string
}

// mostListed is how many entries of a list are looked at, as many as psapi
// does: a guest can make a list a circle.
const mostListed = 10000

// LoadOrder is the modules in the order they were loaded, the program first.
func (p *Process) LoadOrder() []Listing { return p.listed(0x10, 0) }

// MemoryOrder is the modules in the second list of the PEB, which psapi walks.
func (p *Process) MemoryOrder() []Listing { return p.listed(0x20, ldrMemoryLinks) }

func (p *Process) listed(list, links uint64) []Listing {
	ldr, err := p.Mem.ReadUint(p.PEB()+pebLdr, 8)
	if err != nil {
		return nil
	}
	return p.walk(ldr+list, links)
}

// walk reads the entries of a list until it ends or leads nowhere.
func (p *Process) walk(head, links uint64) []Listing {
	var entries []Listing
	for at := head; len(entries) < mostListed; {
		next, err := p.Mem.ReadUint(at, 8)
		if err != nil || next == head {
			break
		}
		l, ok := p.listing(next - links)
		if !ok {
			break
		}
		entries, at = append(entries, l), next
	}
	return entries
}

// listing reads an entry.
func (p *Process) listing(entry uint64) (Listing, bool) {
	b, err := p.Mem.View(entry, ldrFlags)
	if err != nil {
		return Listing{}, false
	}
	l := Listing{
		Entry: entry, Base: binary.LittleEndian.Uint64(b[ldrBase:]), EntryPoint: binary.LittleEndian.Uint64(b[ldrEntryPoint:]),
		Size: binary.LittleEndian.Uint32(b[ldrImageSize:]),
	}
	l.Path, l.Name = p.counted(b[ldrFullName:]), p.counted(b[ldrBaseName:])
	return l, true
}

// counted reads the text of a UNICODE_STRING; "" if it cannot be read.
func (p *Process) counted(b []byte) string {
	text, err := p.Mem.View(binary.LittleEndian.Uint64(b[8:]), int(binary.LittleEndian.Uint16(b)&^1))
	if err != nil {
		return ""
	}
	return FromUTF16(text)
}

// named finds a module in the table of names: by file name, or by path.
func (p *Process) named(name string) *Module {
	base, whole := name[strings.LastIndexByte(name, '\\')+1:], hasFolder(name)
	for _, l := range p.walk(p.hashTable+16*uint64(NameHash(base)%hashTableHeads), ldrHashLinks) {
		if strings.EqualFold(l.Name, base) && (!whole || strings.EqualFold(l.Path, name)) {
			return p.module(l)
		}
	}
	return nil
}

// module is the loader's own module of an entry, or one made of what the guest
// wrote.
func (p *Process) module(l Listing) *Module {
	for _, m := range p.modules {
		if m.entry == l.Entry {
			return m
		}
	}
	for _, m := range p.adopted {
		if m.entry == l.Entry && m.Base == l.Base && m.Image.Size == l.Size && m.Path == l.Path {
			return m
		}
	}
	m := &Module{Path: l.Path, Base: l.Base, Image: p.imageAt(l), entry: l.Entry, static: true, attached: true, tls: -1}
	const most = 256 // of them kept
	if len(p.adopted) == most {
		p.adopted = p.adopted[1:]
	}
	p.adopted = append(p.adopted, m)
	return m
}

// imageAt reads what the headers say of an image that the guest has mapped.
// Without headers it has no exports.
func (p *Process) imageAt(l Listing) *loaders.Image {
	const largest = 64 << 20
	img := &loaders.Image{Format: loaders.PE, DLL: true, Size: l.Size}
	if l.EntryPoint > l.Base {
		img.Entry = uint32(l.EntryPoint - l.Base)
	}
	memory, err := p.Mem.View(l.Base, int(min(l.Size, largest)))
	if err != nil {
		return img
	}
	h := readHeader(memory)
	if h == nil {
		return img
	}
	// As a file it would have its sections where they are in memory. Only its
	// exports count.
	file := append([]byte(nil), memory...)
	nt := file[binary.LittleEndian.Uint32(file[0x3C:]):]
	const optional, directories = 24, 112
	putUint(nt[optional+36:], 4, uint64(binary.LittleEndian.Uint32(nt[optional+32:]))) // FileAlignment
	table := nt[optional+int(binary.LittleEndian.Uint16(nt[20:])):]
	clear(nt[optional+directories+8 : max(optional+directories+8, len(nt)-len(table))])
	for i := range h.sections {
		s := table[40*i:]
		copy(s[16:24], []byte{s[8], s[9], s[10], s[11], s[12], s[13], s[14], s[15]})
	}
	if parsed, err := pe.Parse(file); err == nil {
		img.Exports = parsed.Exports
	}
	return img
}

// ImageBase is what GetModuleHandle(NULL) says: the PEB's, which the guest can
// change.
func (p *Process) ImageBase() uint64 {
	base, err := p.Mem.ReadUint(p.PEB()+pebImageBase, 8)
	if err != nil {
		return p.Program().Base
	}
	return base
}

// ModulePath is the module's path as its entry says, which the guest can change.
func (p *Process) ModulePath(m *Module) string {
	if l, ok := p.listing(m.entry); ok && m.entry != 0 {
		return l.Path
	}
	return m.Path
}
