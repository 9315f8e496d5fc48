package pe

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/loaders"
	"sidetrace/loaders/internal/testpe"
)

// TestUnsupported wants a file that is not for this emulator to be named.
func TestUnsupported(t *testing.T) {
	machine := func(m uint64) func(*testpe.File) {
		return func(f *testpe.File) { f.Put("FileHeader.Machine", m) }
	}
	subsystem := func(s uint64) func(*testpe.File) {
		return func(f *testpe.File) { f.Put("OptionalHeader.Subsystem", s) }
	}
	signature := func(s string) func(*testpe.File) {
		return func(f *testpe.File) { copy(f.Bytes[f.At["Signature"].Offset:], s) }
	}
	for _, tt := range []struct {
		name  string
		spoil func(*testpe.File)
		what  string
	}{
		{"x86", func(f *testpe.File) { machine(0x14c)(f); f.Put("OptionalHeader.Magic", 0x10b) }, "32-bit x86 PE"},
		{"any CPU", func(f *testpe.File) {
			machine(0x14c)(f)
			f.Put("OptionalHeader.Magic", 0x10b)
			// The PE32 header is 16 bytes shorter before its directories.
			f.Put("OptionalHeader.SizeOfHeapReserve", 0)
			b := f.Bytes[f.At["OptionalHeader.Magic"].Offset:]
			b[92] = 16
			b[96+8*dirCLR] = 1
		}, ".NET PE"},
		{"ARM64", machine(0xaa64), "ARM64 PE"},
		{"ARM", machine(0x1c4), "32-bit ARM PE"},
		{"ARM64EC by machine", machine(0xa641), "ARM64EC PE"},
		{"Itanium", machine(0x200), "Itanium PE"},
		{"driver", func(f *testpe.File) {
			subsystem(1)(f)
			f.Put("OptionalHeader.DLLCharacteristics", 0x2000)
		}, "a Windows kernel driver"},
		{"native", subsystem(1), "native program"},
		{"EFI application", subsystem(10), "EFI application"},
		{"EFI driver", subsystem(12), "EFI runtime driver"},
		{"boot application", subsystem(16), "boot application"},
		{"NE", signature("NE"), "16-bit Windows or OS/2 program (NE)"},
		{"LE", signature("LE"), "LE"},
		{"LX", signature("LX"), "LX"},
		{"DOS", func(f *testpe.File) { f.Put("e_lfanew", 0); f.Put("e_lfarlc", 0x3e) }, "MS-DOS"},
		{"DOS with e_lfanew outside", func(f *testpe.File) { f.Put("e_lfanew", 0x7fffffff); f.Put("e_lfarlc", 0x1c) }, "MS-DOS"},
		{"IL only", clr(1), ".NET-only PE"},
		{"ARM64EC by load configuration", func(f *testpe.File) {
			f.Put("DataDirectory[LOAD_CONFIG]", 0x2000)
			data := f.Bytes[f.Get("Section[1].PointerToRawData"):]
			data[0] = 0xd0
			data[0xc8] = 1
		}, "ARM64EC PE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := testpe.Build(testpe.Spec{})
			tt.spoil(f)
			_, err := Parse(f.Bytes)
			var unsupported *loaders.UnsupportedError
			if !errors.As(err, &unsupported) {
				t.Fatalf("got %v, want an UnsupportedError", err)
			}
			if !strings.Contains(unsupported.What, tt.what) || unsupported.Hint == "" {
				t.Errorf("got %q (hint %q), want %q and a hint", unsupported.What, unsupported.Hint, tt.what)
			}
		})
	}
}

// clr gives the file a CLR header with flags.
func clr(flags byte) func(*testpe.File) {
	return func(f *testpe.File) {
		f.Put("DataDirectory[COM_DESCRIPTOR]", 0x2000)
		data := f.Bytes[f.Get("Section[1].PointerToRawData"):]
		data[0], data[16] = 72, flags
	}
}

// TestSupported has the near misses of TestUnsupported.
func TestSupported(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(*testpe.File)
	}{
		{"windowed", func(f *testpe.File) { f.Put("OptionalHeader.Subsystem", 2) }},
		{"mixed native and .NET", clr(0)},
		{"DLL without subsystem", func(f *testpe.File) { f.Put("OptionalHeader.Subsystem", 0) }},
		{"a relocation table before 0x40, but a PE", func(f *testpe.File) { f.Put("e_lfarlc", 0x1c) }},
		{"load configuration without CHPE", func(f *testpe.File) {
			f.Put("DataDirectory[LOAD_CONFIG]", 0x2000)
			data := f.Bytes[f.Get("Section[1].PointerToRawData"):]
			data[0], data[0xc8] = 0xc8, 1 // ends before the field
		}},
		{"sections not aligned to pages", flatten},
		{"file alignment of a page", func(f *testpe.File) { f.Put("OptionalHeader.FileAlignment", 0x1000) }},
	} {
		f := testpe.Build(testpe.Spec{})
		tt.spoil(f)
		if _, err := Parse(f.Bytes); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// flatten lays the file out as it is in memory and says that its sections are
// not aligned to pages.
func flatten(f *testpe.File) {
	const align = 0x200
	memory := make([]byte, f.Get("OptionalHeader.SizeOfImage"))
	headers := f.Get("OptionalHeader.SizeOfHeaders")
	copy(memory, f.Bytes[:headers])
	flat := testpe.File{Bytes: memory, At: f.At}
	next := uint64(len(memory))
	for i := int(f.Get("FileHeader.NumberOfSections")) - 1; i >= 0; i-- {
		section := fmt.Sprintf("Section[%d].", i)
		rva, raw, size := f.Get(section+"VirtualAddress"), f.Get(section+"PointerToRawData"), f.Get(section+"SizeOfRawData")
		copy(memory[rva:], f.Bytes[raw:][:size])
		flat.Put(section+"PointerToRawData", rva)
		flat.Put(section+"VirtualSize", next-rva)
		next = rva
	}
	flat.Put("OptionalHeader.SizeOfHeaders", next)
	flat.Put("OptionalHeader.SectionAlignment", align)
	flat.Put("OptionalHeader.FileAlignment", align)
	f.Bytes = memory
}

// TestFlat reads a file whose sections are not aligned to pages like its twin
// whose sections are, and refuses one that differs in memory.
func TestFlat(t *testing.T) {
	spec := testpe.Spec{
		Imports: []testpe.Import{{DLL: "kernel32.dll", Symbols: []string{"Sleep", "#7"}}},
		Exports: &testpe.Exports{Name: "flat.dll", Base: 1, Table: []testpe.Export{{RVA: testpe.TextRVA, Names: []string{"Run"}}}},
	}
	f := testpe.Build(spec)
	want, err := Parse(f.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	flatten(f)
	got, err := Parse(f.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Flat || want.Flat {
		t.Errorf("flat: %v, its twin %v", got.Flat, want.Flat)
	}
	if diff := cmp.Diff(want.Imports, got.Imports); diff != "" {
		t.Errorf("imports (-twin +flat):\n%s", diff)
	}
	if diff := cmp.Diff(want.Exports, got.Exports); diff != "" {
		t.Errorf("exports (-twin +flat):\n%s", diff)
	}
	memory := make([]byte, got.Size)
	got.MapInto(memory)
	if diff := cmp.Diff(f.Bytes, memory); diff != "" {
		t.Errorf("memory differs from the file:\n%s", diff)
	}
	if off, ok := got.RVAToOffset(testpe.TextRVA); off != testpe.TextRVA || !ok {
		t.Errorf("RVAToOffset gives %#x, %v", off, ok)
	}

	f.Put("Section[1].PointerToRawData", f.Get("Section[1].PointerToRawData")-0x200)
	var format *loaders.Error
	if _, err := Parse(f.Bytes); !errors.As(err, &format) || format.Field != "Section[1].PointerToRawData" {
		t.Errorf("raw data elsewhere than in memory: %v", err)
	}
}
