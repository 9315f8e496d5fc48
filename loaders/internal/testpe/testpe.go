// Package testpe writes small PE32+ files for tests. It remembers where each
// field is, by the name that loaders/pe uses in its errors, so that a test can
// break one field and expect the error to point at it.
package testpe

import (
	"encoding/binary"
	"fmt"
)

// Spec says what is in the file. The zero value is a DLL with one section of
// code.
type Spec struct {
	EXE          bool
	Imports      []Import
	DelayImports []Import
	Exports      *Exports
	Relocations  []uint32 // RVAs of 64-bit addresses, all in one page
	TLS          []uint32 // RVAs of callbacks; nil for no TLS directory
	Unwind       [][3]uint32
	Resources    []Resource
	Certificates [][]byte // contents of PKCS#7 entries, each padded to eight bytes
	Overlay      []byte   // before the certificate table
	Behind       []byte   // behind it
}

// Import is a DLL; a symbol that starts with '#' is an ordinal.
type Import struct {
	DLL     string
	Symbols []string
}

// Exports is an export directory. The address table has an entry per element.
type Exports struct {
	Name  string
	Base  uint32
	Table []Export
}

// Export is an entry of the address table with the names it has.
type Export struct {
	RVA     uint32
	Forward string
	Names   []string
}

// Resource is a leaf; all resources must differ in Type. A Type or Name of
// zero is written as text.
type Resource struct {
	Type, Name, Language uint16
	TypeName             string
	Data                 []byte
}

// Layout of every file.
const (
	Base      = 0x180000000
	TextRVA   = 0x1000
	alignment = 0x1000
	sector    = 0x200
	ntOffset  = 0x80
	headers   = 0x400
)

// Place is where a field lies.
type Place struct{ Offset, Width int }

// File is a written file.
type File struct {
	Bytes []byte
	At    map[string]Place
	Names []string // the keys of At, in the order of writing
}

// Put sets a field.
func (f *File) Put(name string, value uint64) {
	at, ok := f.At[name]
	if !ok {
		panic("testpe: no field " + name)
	}
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], value)
	copy(f.Bytes[at.Offset:], b[:at.Width])
}

// Get reads a field.
func (f *File) Get(name string) uint64 {
	at, ok := f.At[name]
	if !ok {
		panic("testpe: no field " + name)
	}
	var b [8]byte
	copy(b[:], f.Bytes[at.Offset:][:at.Width])
	return binary.LittleEndian.Uint64(b[:])
}

// Clone copies the file, so that one can be broken and the other kept.
func (f *File) Clone() *File {
	return &File{Bytes: append([]byte(nil), f.Bytes...), At: f.At, Names: f.Names}
}

// writer appends to the file and knows the address of its end.
type writer struct {
	File
	sections []section
}

type section struct {
	name          string
	flags         uint32
	rva, offset   int
	virtual, size int
}

func (w *writer) put(name string, value uint64, width int) {
	if name != "" {
		w.At[name] = Place{len(w.Bytes), width}
		w.Names = append(w.Names, name)
	}
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], value)
	w.Bytes = append(w.Bytes, b[:width]...)
}

func (w *writer) u16(name string, v uint16) { w.put(name, uint64(v), 2) }
func (w *writer) u32(name string, v uint32) { w.put(name, uint64(v), 4) }
func (w *writer) u64(name string, v uint64) { w.put(name, v, 8) }

func (w *writer) zeros(n int) { w.Bytes = append(w.Bytes, make([]byte, n)...) }

func (w *writer) align(n int) {
	for len(w.Bytes)%n != 0 {
		w.Bytes = append(w.Bytes, 0)
	}
}

// text writes a zero-terminated string and gives its address.
func (w *writer) text(s string) uint32 {
	rva := w.rva()
	w.Bytes = append(append(w.Bytes, s...), 0)
	return rva
}

// rva is the address of the next byte.
func (w *writer) rva() uint32 {
	s := w.sections[len(w.sections)-1]
	return uint32(len(w.Bytes) - s.offset + s.rva)
}

// begin starts a section behind the last.
func (w *writer) begin(name string, flags uint32) {
	rva := TextRVA
	if n := len(w.sections); n > 0 {
		last := w.sections[n-1]
		rva = (last.rva + last.virtual + alignment - 1) &^ (alignment - 1)
	}
	w.sections = append(w.sections, section{name: name, flags: flags, rva: rva, offset: len(w.Bytes)})
}

// end finishes it, with bytes of zero-filled memory behind its data.
func (w *writer) end(zeroFill int) {
	s := &w.sections[len(w.sections)-1]
	s.virtual = len(w.Bytes) - s.offset + zeroFill
	w.align(sector)
	s.size = len(w.Bytes) - s.offset
}

// Build writes the file.
func Build(spec Spec) *File {
	w := &writer{File: File{At: map[string]Place{}}}
	w.zeros(headers)
	dirs := map[string][2]uint32{}

	w.begin(".text", 0x60000020)
	w.Bytes = append(w.Bytes, 0xb8, 1, 0, 0, 0, 0xc3) // mov eax, 1; ret
	w.zeros(64 - 6)
	w.end(0)

	w.begin(".data", 0xc0000040)
	w.zeros(64)
	w.end(0x2000)

	w.begin(".rdata", 0x40000040)
	w.imports(spec.Imports, dirs)
	w.delayImports(spec.DelayImports, dirs)
	w.exports(spec.Exports, dirs)
	w.tls(spec.TLS, dirs)
	w.unwind(spec.Unwind, dirs)
	w.zeros(8)
	w.end(0)

	if len(spec.Resources) > 0 {
		w.begin(".rsrc", 0x40000040)
		w.resources(spec.Resources, dirs)
		w.end(0)
	}
	if len(spec.Relocations) > 0 {
		w.begin(".reloc", 0x42000040)
		w.relocations(spec.Relocations, dirs)
		w.end(0)
	}
	last := w.sections[len(w.sections)-1]
	size := (last.rva + last.virtual + alignment - 1) &^ (alignment - 1)

	w.Bytes = append(w.Bytes, spec.Overlay...)
	w.certificates(spec.Certificates, dirs)
	w.Bytes = append(w.Bytes, spec.Behind...)
	w.headers(spec, size, dirs)
	return &w.File
}

// headers writes over the space kept for them.
func (w *writer) headers(spec Spec, size int, dirs map[string][2]uint32) {
	rest := w.Bytes
	w.Bytes = w.Bytes[:0:0]
	w.u16("e_magic", 0x5a4d)
	w.zeros(0x16)
	w.u16("e_lfarlc", 0x40)
	w.zeros(0x3c - len(w.Bytes))
	w.u32("e_lfanew", ntOffset)
	w.Bytes = append(w.Bytes, "A test file of sidetrace.\r\n$"...)
	w.zeros(ntOffset - len(w.Bytes))
	w.u32("Signature", 0x4550)
	w.u16("FileHeader.Machine", 0x8664)
	w.u16("FileHeader.NumberOfSections", uint16(len(w.sections)))
	w.u32("FileHeader.TimeDateStamp", 0)
	w.zeros(8)
	w.u16("FileHeader.SizeOfOptionalHeader", 240)
	characteristics := uint16(0x2022)
	if spec.EXE {
		characteristics = 0x22
	}
	w.u16("FileHeader.Characteristics", characteristics)
	w.u16("OptionalHeader.Magic", 0x20b)
	w.zeros(14)
	w.u32("OptionalHeader.AddressOfEntryPoint", TextRVA)
	w.u32("", TextRVA)
	w.u64("OptionalHeader.ImageBase", Base)
	w.u32("OptionalHeader.SectionAlignment", alignment)
	w.u32("OptionalHeader.FileAlignment", sector)
	w.zeros(16)
	w.u32("OptionalHeader.SizeOfImage", uint32(size))
	w.u32("OptionalHeader.SizeOfHeaders", headers)
	w.u32("", 0)
	w.u16("OptionalHeader.Subsystem", 3)
	w.u16("OptionalHeader.DLLCharacteristics", 0x160)
	w.u64("OptionalHeader.SizeOfStackReserve", 0x100000)
	w.u64("OptionalHeader.SizeOfStackCommit", 0x1000)
	w.u64("OptionalHeader.SizeOfHeapReserve", 0x200000)
	w.u64("OptionalHeader.SizeOfHeapCommit", 0x2000)
	w.u32("", 0)
	w.u32("OptionalHeader.NumberOfRvaAndSizes", 16)
	for i, name := range []string{"EXPORT", "IMPORT", "RESOURCE", "EXCEPTION", "SECURITY", "BASERELOC", "DEBUG",
		"ARCHITECTURE", "GLOBALPTR", "TLS", "LOAD_CONFIG", "BOUND_IMPORT", "IAT", "DELAY_IMPORT", "COM_DESCRIPTOR", ""} {
		if name == "" {
			name = fmt.Sprint(i)
		}
		w.u32("DataDirectory["+name+"]", dirs[name][0])
		w.u32("DataDirectory["+name+"].Size", dirs[name][1])
	}
	for i, s := range w.sections {
		var name [8]byte
		copy(name[:], s.name)
		w.Bytes = append(w.Bytes, name[:]...)
		field := fmt.Sprintf("Section[%d].", i)
		w.u32(field+"VirtualSize", uint32(s.virtual))
		w.u32(field+"VirtualAddress", uint32(s.rva))
		w.u32(field+"SizeOfRawData", uint32(s.size))
		w.u32(field+"PointerToRawData", uint32(s.offset))
		w.zeros(12)
		w.u32(field+"Characteristics", s.flags)
	}
	w.Bytes = append(w.Bytes, rest[len(w.Bytes):]...)
}
