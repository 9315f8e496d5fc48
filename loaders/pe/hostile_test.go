package pe

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"sidetrace/loaders"
	"sidetrace/loaders/internal/testpe"
)

// put breaks one field.
func put(name string, value uint64) func(*testpe.File) {
	return func(f *testpe.File) { f.Put(name, value) }
}

// end is the address behind the image that testpe.Full makes.
const end = 0x8000

// TestMalformed breaks one field of a good file at a time. The error must point
// at that very field, unless another is named in at.
func TestMalformed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		spoil  func(*testpe.File)
		field  string // Error.Field
		at     string // the field that Offset points at; "" is field, "-" is not checked
		reason string
	}{
		{"no MZ", put("e_magic", 0x4d5a), "e_magic", "", "MZ"},
		{"e_lfanew outside", put("e_lfanew", 0x7fffffff), "e_lfanew", "", "behind the end"},
		{"e_lfanew negative", put("e_lfanew", 0xffffffff), "e_lfanew", "", "behind the end"},
		{"e_lfanew at the last bytes", func(f *testpe.File) { f.Put("e_lfanew", uint64(len(f.Bytes)-2)) }, "e_lfanew", "", "behind the end"},
		{"e_lfanew elsewhere", put("e_lfanew", 0x100), "Signature", "-", "where PE"},
		{"e_lfanew unaligned", func(f *testpe.File) {
			copy(f.Bytes[0x7e:], f.Bytes[0x80:0x380])
			f.Put("e_lfanew", 0x7e)
		}, "e_lfanew", "", "multiple of 4"},
		{"unknown machine", put("FileHeader.Machine", 0x1234), "FileHeader.Machine", "", "0x1234"},
		{"not linked", put("FileHeader.Characteristics", 0x2000), "FileHeader.Characteristics", "", "EXECUTABLE"},
		{"optional header too small", put("FileHeader.SizeOfOptionalHeader", 111), "FileHeader.SizeOfOptionalHeader", "", "111"},
		{"32-bit header for a 64-bit machine", put("OptionalHeader.Magic", 0x10b), "OptionalHeader.Magic", "", "0x10b"},
		{"entry outside", put("OptionalHeader.AddressOfEntryPoint", end), "OptionalHeader.AddressOfEntryPoint", "", "outside"},
		{"base unaligned", put("OptionalHeader.ImageBase", 0x180001000), "OptionalHeader.ImageBase", "", "64 KiB"},
		{"base in the kernel", put("OptionalHeader.ImageBase", 0xfffff80000000000), "OptionalHeader.ImageBase", "", "user space"},
		{"image wraps", put("OptionalHeader.ImageBase", 0xffffffffffff0000), "OptionalHeader.ImageBase", "", "user space"},
		{"section alignment zero", put("OptionalHeader.SectionAlignment", 0), "OptionalHeader.SectionAlignment", "", "power of two"},
		{"section alignment odd", put("OptionalHeader.SectionAlignment", 0x1001), "OptionalHeader.SectionAlignment", "", "power of two"},
		{"section alignment below a page", put("OptionalHeader.SectionAlignment", 0x800), "OptionalHeader.SectionAlignment", "", "page"},
		{"section alignment larger than the sections'", put("OptionalHeader.SectionAlignment", 0x4000), "Section[0].VirtualAddress", "", "aligned"},
		{"file alignment zero", put("OptionalHeader.FileAlignment", 0), "OptionalHeader.FileAlignment", "", "power of two"},
		{"file alignment odd", put("OptionalHeader.FileAlignment", 0x201), "OptionalHeader.FileAlignment", "", "power of two"},
		{"file alignment of 16", put("OptionalHeader.FileAlignment", 16), "OptionalHeader.FileAlignment", "", "512"},
		{"file alignment above the section alignment", put("OptionalHeader.FileAlignment", 0x2000), "OptionalHeader.SectionAlignment", "", "less than FileAlignment"},
		{"image of 2 GiB", put("OptionalHeader.SizeOfImage", 2<<30), "OptionalHeader.SizeOfImage", "", "2048 MiB"},
		{"image of 4 GiB", put("OptionalHeader.SizeOfImage", 0xffffffff), "OptionalHeader.SizeOfImage", "", "4095 MiB"},
		{"image of nothing", put("OptionalHeader.SizeOfImage", 0), "OptionalHeader.SizeOfImage", "", "zero"},
		{"image without its last section", put("OptionalHeader.SizeOfImage", 0x7000), "Section[4].VirtualSize", "", "outside the image"},
		{"headers of nothing", put("OptionalHeader.SizeOfHeaders", 0), "OptionalHeader.SizeOfHeaders", "", "zero"},
		{"headers as large as the image", put("OptionalHeader.SizeOfHeaders", end), "OptionalHeader.SizeOfHeaders", "", "less than SizeOfImage"},
		{"headers over the first section", put("OptionalHeader.SizeOfHeaders", 0x1001), "Section[0].VirtualAddress", "", "overlaps the headers"},
		{"subsystem of a program", func(f *testpe.File) {
			f.Put("FileHeader.Characteristics", 0x22)
			f.Put("OptionalHeader.Subsystem", 99)
		}, "OptionalHeader.Subsystem", "", "99"},

		{"no sections", put("FileHeader.NumberOfSections", 0), "FileHeader.NumberOfSections", "", "zero"},
		{"97 sections", put("FileHeader.NumberOfSections", 97), "FileHeader.NumberOfSections", "", "96"},
		{"96 sections in a small file", put("FileHeader.NumberOfSections", 96), "section table", "-", "short"},
		{"one section too many", put("FileHeader.NumberOfSections", 6), "Section[5].VirtualSize", "-", "empty"},
		{"section empty", func(f *testpe.File) {
			f.Put("Section[4].VirtualSize", 0)
			f.Put("Section[4].SizeOfRawData", 0)
		}, "Section[4].VirtualSize", "", "empty"},
		{"sections overlap", put("Section[2].VirtualAddress", 0x4000), "Section[2].VirtualAddress", "", "overlaps section 1"},
		{"sections of one address", put("Section[2].VirtualAddress", 0x2000), "Section[2].VirtualAddress", "", "overlaps section 1"},
		{"section grows into the next", put("Section[0].VirtualSize", 0x1001), "Section[1].VirtualAddress", "", "overlaps section 0"},
		{"gap between sections", put("Section[1].VirtualSize", 0x1000), "Section[2].VirtualAddress", "", "gap"},
		{"section unaligned", put("Section[0].VirtualAddress", 0x1010), "Section[0].VirtualAddress", "", "aligned"},
		{"section ends outside the image", put("Section[4].VirtualSize", 0x1001), "Section[4].VirtualSize", "", "outside the image"},
		{"section wraps", put("Section[4].VirtualSize", 0xffffffff), "Section[4].VirtualSize", "", "outside the image"},
		{"raw data starts outside the file", put("Section[4].PointerToRawData", 0x7ffffe00), "Section[4].PointerToRawData", "", "behind the end"},
		{"raw data ends outside the file", put("Section[4].SizeOfRawData", 0x400), "Section[4].SizeOfRawData", "", "behind the end"},
		{"raw data wraps", put("Section[4].SizeOfRawData", 0xffffffff), "Section[4].SizeOfRawData", "", "behind the end"},

		{"import directory outside", put("DataDirectory[IMPORT]", end-8), "DataDirectory[IMPORT]", "", "outside"},
		{"import DLL name outside", put("Import[1].Name", end), "Import[1].Name", "", "outside"},
		{"import DLL name empty", put("Import[1].Name", 0x2040), "Import[1].Name", "", "empty"},
		{"import DLL name without end", unterminatedName("Import[1].Name"), "Import[1].Name", "", "no end"},
		{"import DLL name too long", func(f *testpe.File) {
			copy(f.Bytes[0x600:], strings.Repeat("A", 261))
			f.Put("Import[1].Name", 0x2000)
		}, "Import[1].Name", "", "longer"},
		{"imported name outside", put("Import[0].Thunk[1]", end), "Import[0].Thunk[1]", "", "neither"},
		{"imported name at the end", put("Import[0].Thunk[1]", end-1), "Import[0].Thunk[1]", "", "outside"},
		{"imported name above 4 GiB", put("Import[0].Thunk[1]", 1<<40), "Import[0].Thunk[1]", "", "neither"},
		{"imported name empty", put("Import[0].Thunk[1]", 0x2040), "Import[0].Thunk[1]", "", "empty"},
		{"address slots outside", put("Import[0].FirstThunk", end-8), "Import[0].Thunk[1]", "", "address slot"},
		{"lookup table without end", func(f *testpe.File) {
			fill(f, binary.LittleEndian.AppendUint64(nil, 1<<63|1))
			f.Put("Import[0].OriginalFirstThunk", 0x7000)
		}, "Import[0].Thunk[512]", "-", "without an end"},
		{"descriptors without end", func(f *testpe.File) {
			d := f.Bytes[f.At["Import[2].OriginalFirstThunk"].Offset:][:20]
			fill(f, d)
			f.Put("DataDirectory[IMPORT]", 0x7000)
		}, "Import[204]", "-", "without an end"},
		{"descriptors that share a table", func(f *testpe.File) {
			d := append([]byte(nil), f.Bytes[f.At["Import[2].OriginalFirstThunk"].Offset:][:20]...)
			binary.LittleEndian.PutUint32(d, 0x7800)
			thunks := fill(f, nil)
			for i := 0; i < 0x7f0; i += 20 {
				copy(thunks[i:], d)
			}
			for i := 0x800; i < 0xff8; i += 8 {
				binary.LittleEndian.PutUint64(thunks[i:], 1<<63|5)
			}
			f.Put("DataDirectory[IMPORT]", 0x7000)
		}, "Import[3].Thunk[195]", "-", "room"},

		{"export directory outside", put("DataDirectory[EXPORT]", end-8), "DataDirectory[EXPORT]", "", "outside"},
		{"4 Gi exports", put("Export.NumberOfFunctions", 0xffffffff), "Export.NumberOfFunctions", "", "ordinals"},
		{"4 Gi export names", put("Export.NumberOfNames", 0xffffffff), "Export.NumberOfNames", "", "ordinals"},
		{"export addresses outside", put("Export.AddressOfFunctions", end-4), "Export.AddressOfFunctions", "", "outside"},
		{"export names table outside", put("Export.AddressOfNames", end-4), "Export.AddressOfNames", "", "outside"},
		{"export ordinals outside", put("Export.AddressOfNameOrdinals", 0xfffffff0), "Export.AddressOfNameOrdinals", "", "outside"},
		{"export name outside", put("Export[1].Name", 0xdeadbeef), "Export[1].Name", "", "outside"},
		{"export name without end", unterminatedName("Export[1].Name"), "Export[1].Name", "", "no end"},

		{"relocations outside", put("DataDirectory[BASERELOC]", end), "DataDirectory[BASERELOC]", "", "not in the raw data"},
		{"relocations in zero-filled memory", put("DataDirectory[BASERELOC]", 0x3000), "DataDirectory[BASERELOC]", "", "not in the raw data"},
		{"relocations longer than their section", put("DataDirectory[BASERELOC].Size", 0x201), "DataDirectory[BASERELOC]", "", "not in the raw data"},
		{"relocation block of nothing", put("Relocation[0].SizeOfBlock", 0), "Relocation[0].SizeOfBlock", "", "header"},
		{"relocation block of 7", put("Relocation[0].SizeOfBlock", 7), "Relocation[0].SizeOfBlock", "", "header"},
		{"relocation block odd", put("Relocation[0].SizeOfBlock", 11), "Relocation[0].SizeOfBlock", "", "odd"},
		{"relocation block too large", put("Relocation[0].SizeOfBlock", 0xfffffffe), "Relocation[0].SizeOfBlock", "", "left"},
		{"relocation block too small", put("Relocation[0].SizeOfBlock", 10), "Relocation[1]", "-", "left for a block"},
		{"relocation blocks of zeros", func(f *testpe.File) {
			f.Put("DataDirectory[BASERELOC].Size", 0x200)
		}, "Relocation[1].SizeOfBlock", "-", "header"},
		{"relocation directory too short", put("DataDirectory[BASERELOC].Size", 20), "Relocation[1]", "-", "left for a block"},
		{"relocation outside", put("Relocation[0].VirtualAddress", end), "Relocation[0].Offset", "Relocation[0].Entry[0]", "outside the image"},
		{"relocation across the end", func(f *testpe.File) {
			f.Put("Relocation[0].VirtualAddress", end-0x1000)
			f.Put("Relocation[0].Entry[1]", 10<<12|0xff9)
		}, "Relocation[0].Offset", "Relocation[0].Entry[1]", "outside the image"},
		{"relocation wraps", put("Relocation[0].VirtualAddress", 0xfffff000), "Relocation[0].Offset", "Relocation[0].Entry[0]", "outside the image"},
		{"relocation of MIPS", put("Relocation[0].Entry[2]", 5<<12), "Relocation[0].Type", "Relocation[0].Entry[2]", "5 is not used"},

		{"TLS directory outside", put("DataDirectory[TLS]", end-39), "DataDirectory[TLS]", "", "outside"},
		{"TLS start outside", put("TLS.StartAddressOfRawData", 1), "TLS.StartAddressOfRawData", "", "outside"},
		{"TLS end before start", put("TLS.EndAddressOfRawData", testpe.Base), "TLS.EndAddressOfRawData", "", "before the start"},
		{"TLS end outside", put("TLS.EndAddressOfRawData", testpe.Base+end+1), "TLS.EndAddressOfRawData", "", "outside"},
		{"TLS index missing", put("TLS.AddressOfIndex", 0), "TLS.AddressOfIndex", "", "outside"},
		{"TLS index across the end", put("TLS.AddressOfIndex", testpe.Base+end-3), "TLS.AddressOfIndex", "", "outside"},
		{"TLS zero fill of 4 GiB", put("TLS.SizeOfZeroFill", 0xffffffff), "TLS.SizeOfZeroFill", "", "every thread"},
		{"TLS callbacks outside", put("TLS.AddressOfCallBacks", testpe.Base+end), "TLS.AddressOfCallBacks", "", "outside"},
		{"TLS callback outside", put("TLS.Callback[1]", testpe.Base+end), "TLS.Callback[1]", "", "outside"},
		{"TLS callback relative", put("TLS.Callback[1]", testpe.TextRVA), "TLS.Callback[1]", "", "outside"},
		{"TLS callbacks without end", func(f *testpe.File) {
			fill(f, binary.LittleEndian.AppendUint64(nil, testpe.Base+testpe.TextRVA))
			f.Put("TLS.AddressOfCallBacks", testpe.Base+0x7000)
		}, "TLS.Callback[512]", "-", "without an end"},

		{"certificates outside", put("DataDirectory[SECURITY].Size", 0xffffffff), "DataDirectory[SECURITY]", "", "behind the end"},
		{"certificates start outside", put("DataDirectory[SECURITY]", 0xfffffff8), "DataDirectory[SECURITY]", "", "behind the end"},
		{"certificate of length zero", put("Certificate[1].dwLength", 0), "Certificate[1].dwLength", "", "header"},
		{"certificate of 7", put("Certificate[0].dwLength", 7), "Certificate[0].dwLength", "", "header"},
		{"certificate longer than the table", put("Certificate[1].dwLength", 0xfffffff8), "Certificate[1].dwLength", "", "left"},
		{"certificate table too short", func(f *testpe.File) {
			f.Put("DataDirectory[SECURITY].Size", f.Get("Certificate[0].dwLength")+4)
		}, "Certificate[1]", "Certificate[1].dwLength", "left"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			spec := testpe.Full()
			spec.Certificates = [][]byte{[]byte("first"), []byte("second")}
			f := testpe.Build(spec)
			tt.spoil(f)
			_, err := Parse(f.Bytes)
			var e *loaders.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an Error", err)
			}
			if e.Field != tt.field || !strings.Contains(e.Reason, tt.reason) {
				t.Errorf("got %v, want %q … %q", e, tt.field, tt.reason)
			}
			if tt.at == "-" {
				return
			}
			at := tt.at
			if at == "" {
				at = tt.field
			}
			if want := int64(f.At[at].Offset); e.Offset != want {
				t.Errorf("%v: got offset %#x, want %#x", e, e.Offset, want)
			}
		})
	}
}

// fill makes the last section of f one page of a repeated pattern, and gives
// its bytes. The directories that were there are dropped.
func fill(f *testpe.File, pattern []byte) []byte {
	const size = 0x1000
	offset := int(f.Get("Section[4].PointerToRawData"))
	f.Bytes = append(f.Bytes[:offset:offset], make([]byte, size)...)
	f.Put("DataDirectory[BASERELOC].Size", 0)
	f.Put("DataDirectory[SECURITY].Size", 0)
	f.Put("Section[4].SizeOfRawData", size)
	f.Put("Section[4].VirtualSize", size)
	page := f.Bytes[offset:]
	for i := 0; len(pattern) > 0 && i+len(pattern) <= size; i += len(pattern) {
		copy(page[i:], pattern)
	}
	return page
}

// unterminatedName lets a name run into the end of the image.
func unterminatedName(name string) func(*testpe.File) {
	return func(f *testpe.File) {
		fill(f, []byte("x"))
		f.Put(name, 0x7ff0)
	}
}

// TestTruncated cuts the file at every length. Nothing may panic; every error
// must be typed and point into what is left.
func TestTruncated(t *testing.T) {
	spec := testpe.Full()
	spec.Certificates = [][]byte{signedData64()}
	f := testpe.Build(spec)
	for n := range f.Bytes {
		_, err := Parse(f.Bytes[:n:n])
		if err == nil {
			t.Fatalf("the first %d of %d bytes are accepted", n, len(f.Bytes))
		}
		checkError(t, err, n)
	}
	if _, err := Parse(f.Bytes); err != nil {
		t.Error(err)
	}
}

// signedData64 is DER that is no SignedData.
func signedData64() []byte { return append([]byte{0x30, 62}, make([]byte, 62)...) }

// TestEveryField sets every field of a file to extreme values. Nothing may
// panic, and what is accepted must be consistent.
func TestEveryField(t *testing.T) {
	spec := testpe.Full()
	spec.Certificates = [][]byte{signedData64()}
	good := testpe.Build(spec)
	for _, name := range good.Names {
		for _, value := range []uint64{
			0, 1, 2, 3, 7, 8, 0xff, 0x100, 0x1000, 0x1fff, 0x2000, 0x7fff, end - 1, end, end + 1, 0xffff, 0x10000,
			0x7fffffff, 0x80000000, 0x80000018, 0xfffffff0, 0xffffffff, 1<<63 | 1, 1<<63 - 1, 1<<64 - 1, testpe.Base, testpe.Base + end,
		} {
			f := good.Clone()
			f.Put(name, value)
			img, err := Parse(f.Bytes)
			if err != nil {
				checkError(t, err, len(f.Bytes))
				continue
			}
			checkImage(t, img)
			if t.Failed() {
				t.Fatalf("%s = %#x", name, value)
			}
		}
	}
}

// checkError wants a typed error that says where and what.
func checkError(t *testing.T, err error, size int) {
	t.Helper()
	var e *loaders.Error
	var unsupported *loaders.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
	case !errors.As(err, &e):
		t.Errorf("%T is not a typed error: %v", err, err)
	case e.Offset < -1 || e.Offset > int64(size):
		t.Errorf("%v: the offset is outside the %d bytes", e, size)
	case e.Field == "" || e.Reason == "":
		t.Errorf("%v: nothing said", e)
	}
}

// checkImage wants what users of an Image rely on.
func checkImage(t *testing.T, img *loaders.Image) {
	t.Helper()
	inImage := func(what string, rva uint32, n uint64) {
		if uint64(rva)+n > uint64(img.Size) {
			t.Errorf("%s at %#x is outside the image", what, rva)
		}
	}
	inFile := func(what string, r loaders.Range) {
		if uint64(r.Offset)+uint64(r.Size) > uint64(len(img.Raw)) {
			t.Errorf("%s %+v is outside the file", what, r)
		}
	}
	inFile("headers", loaders.Range{Size: img.HeaderSize})
	inImage("entry", img.Entry, 0)
	if img.Size%loaders.PageSize != 0 || img.Size > loaders.MaxImageSize {
		t.Errorf("size %#x", img.Size)
	}
	for _, s := range img.Sections {
		inFile(s.Name, s.File)
		inImage(s.Name, s.RVA, uint64(s.VirtualSize))
	}
	for _, imp := range append(img.Imports, img.DelayImports...) {
		for _, s := range imp.Symbols {
			inImage(imp.DLL, s.Slot, 8)
		}
	}
	if img.Exports != nil {
		for _, x := range img.Exports.Symbols {
			inImage(x.Name, x.RVA, 0)
		}
	}
	for _, r := range img.Relocations {
		inImage("relocation", r.RVA, 4)
	}
	for _, u := range img.Unwind {
		inImage("function", u.End, 0)
		inImage("unwind information", u.Info, 4)
	}
	for _, r := range img.Resources {
		inFile("resource", r.File)
	}
	inFile("overlay", img.Overlay)
	if c := img.Certificates; c != nil {
		inFile("certificates", c.File)
		inFile("behind", c.Behind)
		for _, e := range c.Entries {
			inFile("certificate", e.File)
			inFile("appended", e.Appended)
		}
	}
	img.MapInto(make([]byte, img.Size))
}
