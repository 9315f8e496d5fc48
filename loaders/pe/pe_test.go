package pe

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sidetrace/loaders"
	"sidetrace/loaders/internal/testpe"
)

func parse(t *testing.T, data []byte) *loaders.Image {
	t.Helper()
	img, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestParseFull(t *testing.T) {
	f := testpe.Build(testpe.Full())
	got := parse(t, f.Bytes)
	slot := func(table string, n uint64) uint32 { return uint32(f.Get(table) + 8*n) }
	want := &loaders.Image{
		Format: loaders.PE, DLL: true, Machine: 0x8664, Subsystem: 3,
		Base: testpe.Base, Size: 0x8000, HeaderSize: 0x400, Entry: testpe.TextRVA,
		Characteristics: 0x2022, DLLCharacteristics: 0x160,
		StackReserve: 0x100000, StackCommit: 0x1000, HeapReserve: 0x200000, HeapCommit: 0x2000,
		Sections: []loaders.Section{
			{Name: ".text", RVA: 0x1000, VirtualSize: 0x40, File: loaders.Range{Offset: 0x400, Size: 0x200}, Read: true, Execute: true, Characteristics: 0x60000020},
			{Name: ".data", RVA: 0x2000, VirtualSize: 0x2040, File: loaders.Range{Offset: 0x600, Size: 0x200}, Read: true, Write: true, Characteristics: 0xc0000040},
			{Name: ".rdata", RVA: 0x5000, VirtualSize: uint32(f.Get("Section[2].VirtualSize")), File: loaders.Range{Offset: 0x800, Size: 0x400}, Read: true, Characteristics: 0x40000040},
			{Name: ".rsrc", RVA: 0x6000, VirtualSize: uint32(f.Get("Section[3].VirtualSize")), File: loaders.Range{Offset: 0xc00, Size: 0x200}, Read: true, Characteristics: 0x40000040},
			{Name: ".reloc", RVA: 0x7000, VirtualSize: 0x10, File: loaders.Range{Offset: 0xe00, Size: 0x200}, Read: true, Characteristics: 0x42000040},
		},
		Imports: []loaders.Import{
			{DLL: "KERNEL32.dll", Symbols: []loaders.Symbol{
				{Name: "GetProcAddress", Slot: slot("Import[0].FirstThunk", 0)},
				{Name: "LoadLibraryW", Ordinal: 1, Slot: slot("Import[0].FirstThunk", 1)},
			}},
			{DLL: "WS2_32.dll", Symbols: []loaders.Symbol{
				{Ordinal: 115, Slot: slot("Import[1].FirstThunk", 0)},
				{Ordinal: 9999, Slot: slot("Import[1].FirstThunk", 1)},
				{Name: "WSAIoctl", Ordinal: 2, Slot: slot("Import[1].FirstThunk", 2)},
			}},
			{DLL: "odd.name.drv", Symbols: []loaders.Symbol{
				{Ordinal: 7, Slot: slot("Import[2].FirstThunk", 0)},
				{Name: "Open", Ordinal: 1, Slot: slot("Import[2].FirstThunk", 1)},
			}},
		},
		DelayImports: []loaders.Import{{DLL: "SHELL32.dll", ModuleHandle: 0x2010, Symbols: []loaders.Symbol{
			{Name: "ShellExecuteW", Slot: slot("DelayImport[0].ImportAddressTable", 0)},
			{Ordinal: 16, Slot: slot("DelayImport[0].ImportAddressTable", 1)},
		}}},
		Exports: &loaders.Exports{
			Name: "full.dll", Base: 5,
			Symbols: []loaders.Export{
				{Name: "Alpha", Ordinal: 5, RVA: 0x1000},
				{Name: "zeta", Ordinal: 5, RVA: 0x1000},
				{Ordinal: 7, RVA: 0x1005},
				{Name: "HeapAlloc", Ordinal: 8, Forward: "NTDLL.RtlAllocateHeap"},
			},
			ByName: []uint32{0, 3, 1},
		},
		Relocations: []loaders.Relocation{{RVA: 0x2000, Type: 10}, {RVA: 0x2010, Type: 10}, {RVA: 0x2018, Type: 10}},
		TLS:         &loaders.TLS{Start: 0x2000, End: 0x2008, Index: 0x2008, Callbacks: []uint32{0x1000, 0x1005}},
		Unwind:      []loaders.Unwind{{Begin: 0x1000, End: 0x1006, Info: 0x5000}, {Begin: 0x1006, End: 0x1010, Info: 0x5000}},
		Resources: []loaders.Resource{
			resource(f, 0, "ICÔNE", "3", 0x40a),
			resource(f, 1, "16", "1", 0x409),
		},
		Version: &loaders.Version{
			FileVersion: "18.12.416.0", ProductVersion: "18.12.416.0",
			Strings: map[string]string{"CompanyName": "sidetrace", "OriginalFilename": "full.dll", "Empty": ""},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(loaders.Image{}, "Raw", "ImportHash")); diff != "" {
		t.Errorf("Parse (-want +got):\n%s", diff)
	}
	if &got.Raw[0] != &f.Bytes[0] || len(got.Raw) != len(f.Bytes) {
		t.Error("Raw is not the caller's slice")
	}
}

// resource is what the parser should find of resource i of f, which is in the
// section .rsrc.
func resource(f *testpe.File, i int, kind, name string, language uint16) loaders.Resource {
	rva := uint32(f.Get(field("Resource", i, "OffsetToData")))
	size := uint32(f.Get(field("Resource", i, "Size")))
	delta := uint32(f.Get("Section[3].VirtualAddress") - f.Get("Section[3].PointerToRawData"))
	return loaders.Resource{Type: kind, Name: name, Language: language, RVA: rva, File: loaders.Range{Offset: rva - delta, Size: size}}
}

func TestParseSmallest(t *testing.T) {
	for _, exe := range []bool{false, true} {
		img := parse(t, testpe.Build(testpe.Spec{EXE: exe}).Bytes)
		if img.DLL == exe {
			t.Errorf("EXE %v: got DLL %v", exe, img.DLL)
		}
		if img.Exports != nil || img.TLS != nil || img.Certificates != nil || img.Version != nil || img.ImportHash != "" {
			t.Errorf("EXE %v: directories out of nowhere: %+v", exe, img)
		}
		if diff := cmp.Diff([]string(nil), img.Anomalies); diff != "" {
			t.Errorf("EXE %v: anomalies (-want +got):\n%s", exe, diff)
		}
	}
}

// TestImageAccess checks the mapped image and addresses against the file.
func TestImageAccess(t *testing.T) {
	f := testpe.Build(testpe.Full())
	img := parse(t, f.Bytes)
	mapped := make([]byte, img.Size)
	img.MapInto(mapped)
	for _, tt := range []struct {
		rva, offset uint32
		ok          bool
	}{
		{0, 0, true},
		{0x3ff, 0x3ff, true},
		{0x400, 0, false}, // between headers and first section
		{0x1000, 0x400, true},
		{0x11ff, 0x5ff, true},
		{0x1200, 0, false}, // the rest of the page
		{0x2000, 0x600, true},
		{0x2200, 0, false}, // zero-filled
		{0x7008, 0xe08, true},
		{0x8000, 0, false}, // behind the image
		{0xffffffff, 0, false},
	} {
		offset, ok := img.RVAToOffset(tt.rva)
		if offset != tt.offset || ok != tt.ok {
			t.Errorf("RVAToOffset(%#x): got %#x, %v, want %#x, %v", tt.rva, offset, ok, tt.offset, tt.ok)
		}
		if tt.rva < img.Size {
			want := byte(0)
			if ok {
				want = f.Bytes[offset]
			}
			if mapped[tt.rva] != want {
				t.Errorf("MapInto: byte at %#x: got %#x, want %#x", tt.rva, mapped[tt.rva], want)
			}
		}
	}
}

func TestExports(t *testing.T) {
	e := parse(t, testpe.Build(testpe.Full()).Bytes).Exports
	for _, tt := range []struct {
		name    string
		ordinal uint32
	}{{"Alpha", 5}, {"zeta", 5}, {"HeapAlloc", 8}, {"alpha", 0}, {"Alph", 0}, {"", 0}} {
		var got uint32
		if x, ok := e.Lookup(tt.name); ok {
			got = x.Ordinal
		}
		if got != tt.ordinal {
			t.Errorf("Lookup(%q): got ordinal %d, want %d", tt.name, got, tt.ordinal)
		}
	}
	for _, tt := range []struct{ ordinal, rva uint32 }{{5, 0x1000}, {7, 0x1005}, {4, 0}, {6, 0}, {9, 0}, {65535, 0}} {
		var got uint32
		if x, ok := e.ByOrdinal(tt.ordinal); ok {
			got = x.RVA
		}
		if got != tt.rva {
			t.Errorf("ByOrdinal(%d): got %#x, want %#x", tt.ordinal, got, tt.rva)
		}
	}
}
