package pe

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/loaders"
	"sidetrace/loaders/internal/testpe"
)

// TestTolerated has what Windows loads all the same: each is accepted with one
// anomaly, and check sees what became of it.
func TestTolerated(t *testing.T) {
	for _, tt := range []struct {
		name    string
		spoil   func(*testpe.File)
		anomaly string
		check   func(t *testing.T, img *loaders.Image)
	}{
		{"image size not of pages", put("OptionalHeader.SizeOfImage", end-1), "multiple of the page size", func(t *testing.T, img *loaders.Image) {
			equal(t, "Size", img.Size, end)
		}},
		{"image larger than its sections", put("OptionalHeader.SizeOfImage", end+0x1000), "more than the sections need", nil},
		{"too many directories", put("OptionalHeader.NumberOfRvaAndSizes", 0xffffffff), "NumberOfRvaAndSizes", func(t *testing.T, img *loaders.Image) {
			equal(t, "imports", len(img.Imports), 3)
		}},
		{"raw data not on a sector", put("Section[4].PointerToRawData", 0xe10), "Windows reads from 0xe00", func(t *testing.T, img *loaders.Image) {
			equal(t, "relocations", len(img.Relocations), 3)
		}},
		{"writable code", put("Section[0].Characteristics", 0xe0000020), "writable and executable", nil},
		{"entry in data", put("OptionalHeader.AddressOfEntryPoint", 0x2000), "not executable", nil},
		{"entry in the headers", put("OptionalHeader.AddressOfEntryPoint", 0x80), "in the headers", nil},
		{"program without entry", func(f *testpe.File) {
			f.Put("FileHeader.Characteristics", 0x22)
			f.Put("OptionalHeader.AddressOfEntryPoint", 0)
		}, "without an entry point", nil},
		{"relocations said to be stripped", put("FileHeader.Characteristics", 0x2023), "RELOCS_STRIPPED", nil},
		{"lookup table outside", put("Import[0].OriginalFirstThunk", 0xffffff00), "reads its address table", func(t *testing.T, img *loaders.Image) {
			equal(t, "name", img.Imports[0].Symbols[1].Name, "LoadLibraryW")
		}},
		{"import of nothing", put("Import[1].OriginalFirstThunk", 0x2000), "nothing is imported of WS2_32.dll", func(t *testing.T, img *loaders.Image) {
			equal(t, "imports", len(img.Imports), 2)
		}},
		{"delay imports outside", put("DataDirectory[DELAY_IMPORT]", end-8), "delay import table", nil},
		{"delay import of 32-bit addresses", put("DelayImport[0].Attributes", 0), "32-bit", nil},
		{"delay import broken", put("DelayImport[0].Name", end), "DelayImport[0].Name", nil},
		{"export address outside", put("Export.Function[2]", end), "export 7 is at 0x8000", func(t *testing.T, img *loaders.Image) {
			_, ok := img.Exports.ByOrdinal(7)
			equal(t, "ByOrdinal(7)", ok, false)
		}},
		{"forwarder to nowhere", func(f *testpe.File) {
			i := strings.Index(string(f.Bytes), "NTDLL.Rtl")
			f.Bytes[i+5] = '_'
		}, "forwarder of export 8", nil},
		{"export name without address", put("Export.Ordinal[0]", 99), "1 export names have no address", func(t *testing.T, img *loaders.Image) {
			_, ok := img.Exports.Lookup("Alpha")
			equal(t, "Lookup(Alpha)", ok, false)
		}},
		{"export names not sorted", func(f *testpe.File) {
			a, b := f.Get("Export[0].Name"), f.Get("Export[1].Name")
			f.Put("Export[0].Name", b)
			f.Put("Export[1].Name", a)
		}, "not sorted", nil},
		{"ordinals beyond 65535", put("Export.Base", 65533), "beyond 65535", nil},
		{"export DLL name outside", put("Export.Name", end), "the name in the export directory", nil},
		{"unwind data outside", put("DataDirectory[EXCEPTION]", end), "exception directory", nil},
		{"unwind data of half an entry", put("DataDirectory[EXCEPTION].Size", 23), "not a multiple", func(t *testing.T, img *loaders.Image) {
			equal(t, "unwind entries", len(img.Unwind), 1)
		}},
		{"unwind entry empty", put("Unwind[0].EndAddress", 0x1000), "1 entries", nil},
		{"unwind entry outside", put("Unwind[1].UnwindData", end-3), "1 entries", nil},
		{"unwind entries not sorted", put("Unwind[1].BeginAddress", 0xff0), "not sorted", func(t *testing.T, img *loaders.Image) {
			equal(t, "first", img.Unwind[0].Begin, 0xff0)
		}},
		{"resource tree outside", put("DataDirectory[RESOURCE]", end), "resource tree", nil},
		{"resource tree in itself", put("Resource[0].NameOffset", 1<<31), "three levels", nil},
		{"resource tree of very many entries", put("Resource.NumberOfIdEntries", 0xffff), "resource tree", func(t *testing.T, img *loaders.Image) {
			equal(t, "resources", len(img.Resources), 2)
		}},
		{"resource without language", put("Resource[0].NameOffset", 0x100), "no language", nil},
		{"resource outside", put("Resource[0].OffsetToData", end), "a resource is outside", nil},
		{"resource type outside", put("Resource[0].Type", 0xffffffff), "a name is outside", nil},
		{"version resource empty", put("Resource[1].Size", 0), "version resource is broken", nil},
		{"version resource cut", put("Resource[1].Size", 60), "version resource is broken", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := testpe.Build(testpe.Full())
			tt.spoil(f)
			img := parse(t, f.Bytes)
			if len(img.Anomalies) != 1 || !strings.Contains(img.Anomalies[0], tt.anomaly) {
				t.Errorf("got anomalies %q, want one with %q", img.Anomalies, tt.anomaly)
			}
			checkImage(t, img)
			if tt.check != nil {
				tt.check(t, img)
			}
		})
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// TestVersionBroken keeps what could be read of a broken version resource.
func TestVersionBroken(t *testing.T) {
	good := testpe.Version(1, 2, 3, 4, "CompanyName", "Example", "FileDescription", "Second")
	for _, tt := range []struct {
		name  string
		spoil func(b []byte)
		want  *loaders.Version
	}{
		{"good", func([]byte) {}, &loaders.Version{FileVersion: "1.2.3.4", ProductVersion: "1.2.3.4",
			Strings: map[string]string{"CompanyName": "Example", "FileDescription": "Second"}}},
		{"no fixed part", func(b []byte) { b[40] = 0 }, &loaders.Version{
			Strings: map[string]string{"CompanyName": "Example", "FileDescription": "Second"}}},
		{"another key", func(b []byte) { b[6] = 'X' }, nil},
		{"string info of length zero", func(b []byte) { b[92], b[93] = 0, 0 }, &loaders.Version{FileVersion: "1.2.3.4", ProductVersion: "1.2.3.4", Strings: map[string]string{}}},
		{"string info too long", func(b []byte) { b[93] = 0xff }, &loaders.Version{FileVersion: "1.2.3.4", ProductVersion: "1.2.3.4", Strings: map[string]string{}}},
		{"a string's length is wrong", func(b []byte) { b[152+1] = 0xff }, &loaders.Version{FileVersion: "1.2.3.4", ProductVersion: "1.2.3.4", Strings: map[string]string{}}},
	} {
		b := append([]byte(nil), good...)
		tt.spoil(b)
		img := parse(t, testpe.Build(testpe.Spec{Resources: []testpe.Resource{{Type: 16, Name: 1, Data: b}}}).Bytes)
		if diff := cmp.Diff(tt.want, img.Version); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
