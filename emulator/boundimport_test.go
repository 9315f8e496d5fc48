package emulator

import (
	"bytes"
	"debug/pe"
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/trace"
)

// bind makes a program's imports look bound to other builds of its DLLs: the
// address table has addresses of long ago, the descriptors have time stamps and,
// in the newer form, the headers a directory of bound imports.
//
// https://learn.microsoft.com/windows/win32/debug/pe-format#import-directory-table
func bind(t *testing.T, image []byte, directory bool) []byte {
	t.Helper()
	const stale = 0x3B7D8410 // 2001
	f, err := pe.NewFile(bytes.NewReader(image))
	if err != nil {
		t.Fatal(err)
	}
	image = bytes.Clone(image)
	le := binary.LittleEndian
	at := func(rva uint32) []byte {
		for _, s := range f.Sections {
			if rva >= s.VirtualAddress && rva-s.VirtualAddress < s.Size {
				return image[s.Offset+rva-s.VirtualAddress:]
			}
		}
		t.Fatalf("nothing at %#x", rva)
		return nil
	}
	header := f.OptionalHeader.(*pe.OptionalHeader64)
	var names []string
	for d := at(header.DataDirectory[pe.IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress); le.Uint32(d[12:]) != 0; d = d[20:] {
		name := at(le.Uint32(d[12:]))
		names = append(names, string(name[:bytes.IndexByte(name, 0)]))
		le.PutUint32(d[4:], stale)
		if directory {
			le.PutUint32(d[4:], 0xFFFFFFFF)
		}
		le.PutUint32(d[8:], 0xFFFFFFFF) // ForwarderChain
		lookup, address := at(le.Uint32(d)), at(le.Uint32(d[16:]))
		for i := 0; le.Uint64(lookup[8*i:]) != 0; i++ {
			le.PutUint64(address[8*i:], 0x7C80_0000+uint64(i)*16)
		}
	}
	if !directory {
		return image
	}
	// The directory stands behind the section headers, its names behind it.
	entry := int(le.Uint32(image[0x3C:]))
	table := entry + 24 + int(f.SizeOfOptionalHeader)
	start := table + 40*len(f.Sections)
	var list, text []byte
	for _, n := range names {
		list = le.AppendUint32(list, stale)
		list = le.AppendUint16(list, uint16(8*(len(names)+1)+len(text)))
		list = le.AppendUint16(list, 0) // forwarder references
		text = append(append(text, n...), 0)
	}
	list = append(append(list, make([]byte, 8)...), text...)
	if start+len(list) > int(header.SizeOfHeaders) || len(bytes.Trim(image[start:start+len(list)], "\x00")) > 0 {
		t.Fatalf("no room for %d bytes at %#x", len(list), start)
	}
	copy(image[start:], list)
	const directories = 112
	bound := image[entry+24+directories+8*pe.IMAGE_DIRECTORY_ENTRY_BOUND_IMPORT:]
	le.PutUint32(bound, uint32(start))
	le.PutUint32(bound[4:], uint32(len(list)))
	return image
}

// TestBoundImports loads a program that was bound to builds that are not there:
// its imports are looked up anew.
func TestBoundImports(t *testing.T) {
	files := loaderFiles(t)
	const image = `C:\app\a.exe`
	plain := runFiles(t, image, files)
	if plain.Stop.Reason != trace.StopExit || len(plain.Console) == 0 {
		t.Fatalf("stop: %+v", plain.Stop)
	}
	original := files[image]
	for _, test := range []struct {
		name      string
		directory bool
	}{{"by time stamps", false}, {"with a directory", true}} {
		t.Run(test.name, func(t *testing.T) {
			files[image] = bind(t, original, test.directory)
			run := runFiles(t, image, files)
			if d := cmp.Diff(string(plain.Console), string(run.Console)); d != "" {
				t.Errorf("printed (-unbound +bound):\n%s", d)
			}
			if d := cmp.Diff(plain.Stop, run.Stop); d != "" {
				t.Errorf("stop (-unbound +bound):\n%s", d)
			}
		})
	}
}
