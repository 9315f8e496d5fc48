package win

import (
	"bytes"
	"encoding/binary"

	"sidetrace/emulator/guest"
	"sidetrace/loaders"
)

// This file makes a PE of a table: real headers, a .text of stubs, a .rdata
// with the export directory, a .data of exported variables. The file and the
// memory image are the same bytes (FileAlignment equals SectionAlignment), so
// that what a guest reads from System32 is what it finds in memory.

const (
	peOffset   = 0x80
	headerSize = guest.PageSize
	textRVA    = headerSize
	// spaceSize is what an exported variable has that nobody gives a value.
	spaceSize = 64
)

// layout is where the parts of an image lie.
type layout struct {
	base                             uint64
	program                          bool
	textSize                         uint32
	dataRVA, dataSize                uint32
	rdataRVA, rdataSize, exportsSize uint32
	size                             uint32
}

// build makes the image of a table, to be loaded at base.
func (l *Library) build(t *Table, base uint64) *guest.SystemModule {
	entries, services, hidden := l.entries(t)
	in := layout{base: base, program: isProgram(t.DLL)}

	// .text: the system services, then a stub for each other function.
	m := &guest.SystemModule{Name: t.DLL, Base: base, Program: in.program}
	stubs := uint32(len(services)) * (serviceSize / guest.StubSize)
	if len(services) > 0 {
		l.serviceStubs = base + textRVA
	}
	for i := range entries {
		switch e := &entries[i]; {
		case e.number >= 0:
			e.rva = textRVA + uint32(e.number)*serviceSize
		case e.function():
			e.rva = textRVA + stubs*guest.StubSize
			stubs++
		}
	}
	for _, e := range hidden {
		if e.Row.size > 0 {
			continue
		}
		l.hide(e, base+textRVA+uint64(stubs)*guest.StubSize)
		stubs++
	}
	in.textSize = alignPage(max(stubs, 1) * guest.StubSize)

	// .data: the variables that have a value.
	in.dataRVA = textRVA + in.textSize
	for i := range entries {
		if e := &entries[i]; e.variable() {
			e.rva = in.dataRVA + in.dataSize
			in.dataSize += uint32(e.export.Row.size+15) &^ 15
			m.Data = append(m.Data, guest.DataExport{Name: e.name, RVA: e.rva, Init: e.export.Row.init})
		}
	}
	for _, e := range hidden {
		if e.Row.size > 0 {
			l.hidden[e.trace.DLL+"!"+e.trace.Name] = base + uint64(in.dataRVA+in.dataSize)
			in.dataSize += uint32(e.Row.size+15) &^ 15
		}
	}
	in.dataSize = alignPage(in.dataSize)

	// .rdata: the export directory, and zeros for the other variables.
	in.rdataRVA = in.dataRVA + in.dataSize
	numberOrdinals(entries)
	in.exportsSize = directorySize(t.DLL, entries)
	in.rdataSize = (in.exportsSize + spaceSize - 1) &^ (spaceSize - 1)
	for i := range entries {
		if e := &entries[i]; e.data {
			e.rva = in.rdataRVA + in.rdataSize
			in.rdataSize += spaceSize
		}
	}
	in.size = in.rdataRVA + alignPage(in.rdataSize)

	memory := make([]byte, in.size)
	fillStubs(memory[textRVA:textRVA+stubs*guest.StubSize], services, base+textRVA)
	symbols := exportDirectory(memory[in.rdataRVA:in.rdataRVA+in.exportsSize], t.DLL, entries, in.rdataRVA)
	m.File = memory
	m.Image = writeHeaders(memory, in)
	m.Image.Exports = symbols
	m.Text = [2]uint32{textRVA, textRVA + in.textSize}
	if in.dataSize > 0 {
		m.Writable = [2]uint32{in.dataRVA, in.dataRVA + in.dataSize}
	}
	l.register(m, entries)
	return m
}

func isProgram(name string) bool { return len(name) > 4 && name[len(name)-4:] == ".exe" }

func alignPage(n uint32) uint32 { return (n + guest.PageSize - 1) &^ (guest.PageSize - 1) }

// numberOrdinals gives exports without a known ordinal one that is free.
func numberOrdinals(entries []entry) {
	highest := uint32(0)
	for i := range entries {
		highest = max(highest, entries[i].ordinal)
	}
	taken := make([]bool, highest+1)
	for i := range entries {
		taken[entries[i].ordinal] = true
	}
	next := uint32(1)
	for i := range entries {
		if entries[i].ordinal != 0 {
			continue
		}
		for next <= highest && taken[next] {
			next++
		}
		entries[i].ordinal = next
		next++
	}
}

// exportsHeader is the size of IMAGE_EXPORT_DIRECTORY.
const exportsHeader = 40

// directorySize is how much an export directory takes with its tables.
func directorySize(dll string, entries []entry) uint32 {
	size, highest := exportsHeader+uint32(len(dll))+1, uint32(0)
	for i := range entries {
		e := &entries[i]
		highest = max(highest, e.ordinal)
		if e.name != "" {
			size += 4 + 2 + uint32(len(e.name)) + 1
		}
		if f := e.forward(); f != "" {
			size += uint32(len(f)) + 1
		}
	}
	return size + 4*highest
}

// exportDirectory lays out IMAGE_EXPORT_DIRECTORY and its tables, and tells
// what a loader reads there. Entries are sorted by name.
func exportDirectory(b []byte, dll string, entries []entry, rva uint32) *loaders.Exports {
	highest, named := uint32(0), uint32(0)
	for i := range entries {
		highest = max(highest, entries[i].ordinal)
		if entries[i].name != "" {
			named++
		}
	}
	addresses := uint32(exportsHeader)
	names := addresses + 4*highest
	ordinals := names + 4*named
	end := ordinals + 2*named
	put := func(at, v uint32) { binary.LittleEndian.PutUint32(b[at:], v) }
	text := func(s string) uint32 {
		at := end
		end += uint32(copy(b[end:], s)) + 1
		return rva + at
	}
	put(12, text(dll))
	put(16, 1) // Base
	put(20, highest)
	put(24, named)
	put(28, rva+addresses)
	put(32, rva+names)
	put(36, rva+ordinals)

	x := &loaders.Exports{Name: dll, Base: 1, Symbols: make([]loaders.Export, len(entries)), ByName: make([]uint32, 0, named)}
	place := ranks(entries, highest)
	for i := range entries {
		e := &entries[i]
		s := &x.Symbols[place[e.ordinal]]
		*s = loaders.Export{Name: e.name, Ordinal: e.ordinal, RVA: e.rva, Forward: e.forward()}
		at := e.rva
		if s.Forward != "" {
			at = text(s.Forward)
		}
		put(addresses+4*(e.ordinal-1), at)
		if e.name == "" {
			continue
		}
		n := uint32(len(x.ByName))
		put(names+4*n, text(e.name))
		binary.LittleEndian.PutUint16(b[ordinals+2*n:], uint16(e.ordinal-1))
		x.ByName = append(x.ByName, place[e.ordinal])
	}
	return x
}

// ranks is how many ordinals are below each.
func ranks(entries []entry, highest uint32) []uint32 {
	place := make([]uint32, highest+2)
	for i := range entries {
		place[entries[i].ordinal+1]++
	}
	for n := uint32(1); n < highest+2; n++ {
		place[n] += place[n-1]
	}
	return place
}

// writeHeaders writes the headers and describes the image as a loader would.
func writeHeaders(memory []byte, in layout) *loaders.Image {
	var b bytes.Buffer
	dos := [peOffset]byte{0: 'M', 1: 'Z', 0x3C: peOffset}
	copy(dos[0x40:], "A synthetic system DLL of sidetrace.\r\n$")
	b.Write(dos[:])
	w := func(fields ...any) {
		room := b.AvailableBuffer()
		for _, f := range fields {
			room, _ = binary.Append(room, binary.LittleEndian, f) // fixed-size values: cannot fail
		}
		b.Write(room)
	}
	image := &loaders.Image{
		Format: loaders.PE, Raw: memory, DLL: !in.program, Machine: 0x8664, Subsystem: 3, Base: in.base, Size: in.size, HeaderSize: headerSize,
		Characteristics: 0x2022, DLLCharacteristics: 0x160, // EXECUTABLE_IMAGE, LARGE_ADDRESS_AWARE, DLL
		StackReserve: 1 << 20, StackCommit: 4096, HeapReserve: 1 << 20, HeapCommit: 4096,
	}
	sections := uint16(2)
	if in.dataSize > 0 {
		sections = 3
	}
	if in.program {
		image.Characteristics &^= 0x2000
	}
	w([]byte("PE\x00\x00"), image.Machine, sections, uint32(0), uint32(0), uint32(0), uint16(0xF0), image.Characteristics)
	w(uint16(0x20B), uint16(14), in.textSize, in.rdataSize+in.dataSize, uint32(0)) // magic, linker, sizes
	w(uint32(0), uint32(textRVA))                                                  // entry point, base of code
	w(in.base, uint32(guest.PageSize), uint32(guest.PageSize))
	w(uint16(10), uint16(0), uint16(10), uint16(0), uint16(10), uint16(0), uint32(0))                    // versions
	w(in.size, uint32(headerSize), uint32(0), image.Subsystem, image.DLLCharacteristics)                 // with the checksum
	w(image.StackReserve, image.StackCommit, image.HeapReserve, image.HeapCommit, uint32(0), uint32(16)) // and the number of directories
	w(in.rdataRVA, in.exportsSize)
	w([15 * 8]byte{})
	section := func(name string, rva, virtual, raw uint32, characteristics uint32) {
		var n [8]byte
		copy(n[:], name)
		w(n, virtual, rva, raw, rva, uint32(0), uint32(0), uint16(0), uint16(0), characteristics)
		image.Sections = append(image.Sections, loaders.Section{
			Name: name, RVA: rva, VirtualSize: virtual, File: loaders.Range{Offset: rva, Size: raw},
			Read: characteristics&0x40000000 != 0, Write: characteristics&0x80000000 != 0, Execute: characteristics&0x20000000 != 0,
			Characteristics: characteristics,
		})
	}
	section(".text", textRVA, in.textSize, in.textSize, 0x60000020)
	if in.dataSize > 0 {
		section(".data", in.dataRVA, in.dataSize, in.dataSize, 0xC0000040)
	}
	section(".rdata", in.rdataRVA, in.rdataSize, alignPage(in.rdataSize), 0x40000040)
	copy(memory, b.Bytes())
	return image
}
