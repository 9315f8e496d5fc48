package win

import (
	"bytes"
	"encoding/binary"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/loaders/pe"
)

// This file makes a PE of a table: real headers, a .text of stubs, a .rdata
// with the export directory, a .data of exported variables. The file and the
// memory image are the same bytes (FileAlignment equals SectionAlignment), so
// that what a guest reads from System32 is what it finds in memory.

type synthetic struct {
	module *guest.SystemModule
	memory []byte
}

// place is where an export leads: an RVA or a forwarder.
type place struct {
	export  *Export
	rva     uint32
	ordinal uint32
}

const (
	peOffset   = 0x80
	headerSize = guest.PageSize
	textRVA    = headerSize
)

func (l *Library) build(t *Table, base uint64) (*synthetic, error) {
	exports := t.exports()
	places := make([]place, 0, len(exports))

	// .text: a stub per function.
	var text []byte
	functions := 0
	for _, e := range exports {
		if e.Row.invoke != nil {
			functions++
		}
	}
	textSize := alignPage(uint32(max(functions, 1)) * guest.StubSize)
	dataRVA := textRVA + textSize
	// .data: the variables.
	dataSize := uint32(0)
	for _, e := range exports {
		switch {
		case e.Row.invoke != nil:
			rva := textRVA + uint32(len(text))
			text = append(text, stubCode...)
			if e.Row.hidden {
				l.hide(e, base+uint64(rva))
			} else {
				places = append(places, place{export: e, rva: rva, ordinal: e.Row.ordinal})
			}
		case e.Row.size > 0:
			places = append(places, place{export: e, rva: dataRVA + dataSize, ordinal: e.Row.ordinal})
			dataSize += uint32(e.Row.size+15) &^ 15
		default:
			places = append(places, place{export: e, ordinal: e.Row.ordinal})
		}
	}
	dataSize = alignPage(dataSize)
	rdataRVA := dataRVA + dataSize
	numberOrdinals(places)
	rdata := exportDirectory(t.DLL, places, rdataRVA)
	size := rdataRVA + alignPage(uint32(len(rdata)))

	memory := make([]byte, size)
	copy(memory[textRVA:], text)
	copy(memory[rdataRVA:], rdata)
	program := strings.HasSuffix(t.DLL, ".exe")
	writeHeaders(memory, base, program, textSize, dataRVA, dataSize, rdataRVA, uint32(len(rdata)))

	image, err := pe.Parse(memory)
	if err != nil {
		return nil, err
	}
	m := &guest.SystemModule{Name: t.DLL, Base: base, Image: image, File: memory, Program: program, Handlers: functions, Text: [2]uint32{textRVA, textRVA + textSize}}
	if dataSize > 0 {
		m.Writable = [2]uint32{dataRVA, dataRVA + dataSize}
	}
	for _, p := range places {
		switch {
		case p.export.Row.invoke != nil:
			l.register(p.export, base+uint64(p.rva))
		case p.export.Row.size > 0:
			m.Data = append(m.Data, guest.DataExport{Name: p.export.trace.Name, RVA: p.rva, Init: p.export.Row.init})
		}
	}
	return &synthetic{m, memory}, nil
}

func alignPage(n uint32) uint32 { return (n + guest.PageSize - 1) &^ (guest.PageSize - 1) }

// numberOrdinals gives exports without a known ordinal one that is free.
func numberOrdinals(places []place) {
	taken := map[uint32]bool{}
	for _, p := range places {
		taken[p.ordinal] = true
	}
	next := uint32(1)
	for i := range places {
		if places[i].ordinal != 0 {
			continue
		}
		for taken[next] {
			next++
		}
		places[i].ordinal = next
		taken[next] = true
	}
}

// exportDirectory lays out IMAGE_EXPORT_DIRECTORY and its tables. Places are
// sorted by name.
func exportDirectory(dll string, places []place, rva uint32) []byte {
	highest := uint32(0)
	for _, p := range places {
		highest = max(highest, p.ordinal)
	}
	const directory = 40
	n := uint32(len(places))
	addresses := uint32(directory)
	names := addresses + 4*highest
	ordinals := names + 4*n
	b := make([]byte, ordinals+2*n)
	text := func(s string) uint32 {
		at := rva + uint32(len(b))
		b = append(append(b, s...), 0)
		return at
	}
	put := func(at, v uint32) { binary.LittleEndian.PutUint32(b[at:], v) }
	name := text(dll)
	put(12, name)
	put(16, 1) // Base
	put(20, highest)
	put(24, n)
	put(28, rva+addresses)
	put(32, rva+names)
	put(36, rva+ordinals)
	for i, p := range places {
		at := p.rva
		if p.export.Row.forward != "" {
			at = text(p.export.Row.forward)
		}
		put(addresses+4*(p.ordinal-1), at)
		s := text(p.export.trace.Name)
		put(names+4*uint32(i), s)
		binary.LittleEndian.PutUint16(b[ordinals+2*uint32(i):], uint16(p.ordinal-1))
	}
	return b
}

func writeHeaders(memory []byte, base uint64, program bool, textSize, dataRVA, dataSize, rdataRVA, rdataSize uint32) {
	var b bytes.Buffer
	dos := [peOffset]byte{0: 'M', 1: 'Z', 0x3C: peOffset}
	copy(dos[0x40:], "A synthetic system DLL of sidetrace.\r\n$")
	b.Write(dos[:])
	w := func(fields ...any) {
		for _, f := range fields {
			_ = binary.Write(&b, binary.LittleEndian, f) // a bytes.Buffer and fixed-size values: cannot fail
		}
	}
	sections := uint16(2)
	if dataSize > 0 {
		sections = 3
	}
	characteristics := uint16(0x2022) // EXECUTABLE_IMAGE, LARGE_ADDRESS_AWARE, DLL
	if program {
		characteristics &^= 0x2000
	}
	w([]byte("PE\x00\x00"), uint16(0x8664), sections, uint32(0), uint32(0), uint32(0), uint16(0xF0), characteristics)
	w(uint16(0x20B), uint16(14), textSize, rdataSize+dataSize, uint32(0)) // magic, linker, sizes
	w(uint32(0), uint32(textRVA))                                         // entry point, base of code
	w(base, uint32(guest.PageSize), uint32(guest.PageSize))
	w(uint16(10), uint16(0), uint16(10), uint16(0), uint16(10), uint16(0), uint32(0)) // versions
	w(uint32(len(memory)), uint32(headerSize), uint32(0), uint16(3), uint16(0x160))   // size, headers, checksum, subsystem, DLL characteristics
	w(uint64(1<<20), uint64(4096), uint64(1<<20), uint64(4096), uint32(0), uint32(16))
	w(rdataRVA, rdataSize)
	w([15 * 8]byte{})
	section := func(name string, rva, virtual, raw uint32, characteristics uint32) {
		var n [8]byte
		copy(n[:], name)
		w(n, virtual, rva, raw, rva, uint32(0), uint32(0), uint16(0), uint16(0), characteristics)
	}
	section(".text", textRVA, textSize, textSize, 0x60000020)
	if dataSize > 0 {
		section(".data", dataRVA, dataSize, dataSize, 0xC0000040)
	}
	section(".rdata", rdataRVA, rdataSize, alignPage(rdataSize), 0x40000040)
	copy(memory, b.Bytes())
}
