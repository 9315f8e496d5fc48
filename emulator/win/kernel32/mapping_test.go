package kernel32_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/guard"
	"sidetrace/emulator/win/kernel32"
	"sidetrace/emulator/win/wintest"
)

// TestFileView maps a file, reads and changes it.
func TestFileView(t *testing.T) {
	const path = `C:\Test\a.txt`
	m := machine(t, map[string]string{path: "0123456789"})
	h := opened(t, m.WString(path), genericRead|genericWrite, 3, m.Call)
	run(t, m, []call{
		{args(h, 0, 4, 0, 0, 0), "CreateFileMappingW(hFile=0x4c, lpFileMappingAttributes=NULL, flProtect=PAGE_READWRITE, dwMaximumSizeHigh=0, dwMaximumSizeLow=0, lpName=NULL) = 0x50", 0},
	})
	read, _, _ := m.Call("kernel32.dll", "MapViewOfFile", 0x50, 4, 0, 0, 0)
	write, _, _ := m.Call("kernel32.dll", "MapViewOfFile", 0x50, 2, 0, 0, 0)
	if read == 0 || write == 0 {
		t.Fatal("not mapped")
	}
	m.Put(write+2, []byte("xy"))
	if got, want := string(m.Get(read, 11)), "01xy456789\x00"; got != want {
		t.Errorf("the other view: got %q, want %q", got, want)
	}
	if err := m.Mem.Write(read, []byte("z")); err == nil {
		t.Error("a view to read only can be written")
	}
	run(t, m, []call{
		{args(write, 0), "FlushViewOfFile(lpBaseAddress={0}, dwNumberOfBytesToFlush=0x0) = TRUE", 0},
		{args(0x10000, 0), failed("FlushViewOfFile(lpBaseAddress=0x10000, dwNumberOfBytesToFlush=0x0) = FALSE", 487), win.ErrInvalidAddress},
		{args(read, 0, 0x8000), failed("VirtualFree(lpAddress={0}, dwSize=0x0, dwFreeType=MEM_RELEASE) = FALSE", 87), win.ErrInvalidParameter},
		{args(0x50), "CloseHandle(hObject=0x50) = TRUE", 0}, // views stay
		{args(write), "UnmapViewOfFile(lpBaseAddress={0}) = TRUE", 0},
		{args(read), "UnmapViewOfFile(lpBaseAddress={0}) = TRUE", 0},
		{args(read), failed("UnmapViewOfFile(lpBaseAddress={0}) = FALSE", 487), win.ErrInvalidAddress},
	})
	if got, want := string(m.Files.Get(path).Data()), "01xy456789"; got != want {
		t.Errorf("file: got %q, want %q", got, want)
	}
	want := []trace.Payload{trace.FileRead{Path: path, Size: 10}, trace.FileRead{Path: path, Size: 10}, trace.FileWrite{Path: path, Offset: 2, Size: 2}}
	if diff := cmp.Diff(want, happened(m, "file.read", "file.write")); diff != "" {
		t.Errorf("behaviours (-want +got):\n%s", diff)
	}
}

// TestCopyingView changes a view that nobody shares.
func TestCopyingView(t *testing.T) {
	const path = `C:\Test\a.txt`
	m := machine(t, map[string]string{path: "0123456789"})
	h := opened(t, m.WString(path), genericRead, 3, m.Call)
	s, _, _ := m.Call("kernel32.dll", "CreateFileMappingW", h, 0, 8, 0, 0, 0)
	v, _, _ := m.Call("kernel32.dll", "MapViewOfFile", s, 1, 0, 0, 0)
	m.Put(v, []byte("xy"))
	run(t, m, []call{{args(v), "UnmapViewOfFile(lpBaseAddress={0}) = TRUE", 0}})
	if got, want := string(m.Files.Get(path).Data()), "0123456789"; got != want {
		t.Errorf("file: got %q, want %q", got, want)
	}
}

// TestSharedMemory has two views of memory under one name, one executable.
func TestSharedMemory(t *testing.T) {
	m := machine(t, nil)
	first, e1, _ := m.Call("kernel32.dll", "CreateFileMappingA", self, 0, 0x40, 0, 0x2000, m.AString("shared"))
	again, e2, _ := m.Call("kernel32.dll", "OpenFileMappingA", 0xF001F, 0, m.AString("SHARED"))
	if e1 != 0 || e2 != 0 {
		t.Fatalf("last errors %d and %d", e1, e2)
	}
	rw, _, _ := m.Call("kernel32.dll", "MapViewOfFile", first, 2, 0, 0, 0)
	rx, _, _ := m.Call("kernel32.dll", "MapViewOfFile", again, 0x24, 0, 0, 0x1000)
	m.Put(rw, []byte("code"))
	if got := string(m.Get(rx, 4)); got != "code" {
		t.Errorf("the other view: got %q, want %q", got, "code")
	}
	if got := m.Mem.Query(rx).Protection; got != guest.PageExecuteRead {
		t.Errorf("protection: got %s", got)
	}
}

func TestMappingRefuses(t *testing.T) {
	m := machine(t, map[string]string{`C:\Test\a.txt`: "0123456789", `C:\Test\empty`: ""})
	h := opened(t, m.WString(`C:\Test\a.txt`), genericRead, 3, m.Call)
	e := opened(t, m.WString(`C:\Test\empty`), genericRead, 3, m.Call)
	memory, _, _ := m.Call("kernel32.dll", "CreateFileMappingW", self, 0, 2, 0, 0x20000, 0)
	for _, c := range []struct {
		name string
		args []uint64
		want win.Error
	}{
		{"CreateFileMappingW", []uint64{h, 0, 4, 0, 0, 0}, win.ErrAccessDenied},
		{"CreateFileMappingW", []uint64{e, 0, 2, 0, 0, 0}, win.ErrFileInvalid},
		{"CreateFileMappingW", []uint64{h, 0, 2, 0, 100, 0}, win.ErrNotEnoughMemory},
		{"CreateFileMappingW", []uint64{self, 0, 4, 0, 0, 0}, win.ErrInvalidParameter},
		{"CreateFileMappingW", []uint64{self, 0, 4, 0xFFFF, 0, 0}, win.ErrNotEnoughMemory},
		{"CreateFileMappingW", []uint64{self, 0, 1, 0, 10, 0}, win.ErrInvalidParameter},
		{"CreateFileMappingW", []uint64{h, 0, 0x01000002, 0, 0, 0}, win.ErrBadExeFormat}, // SEC_IMAGE
		{"MapViewOfFile", []uint64{memory, 2, 0, 0, 0}, win.ErrAccessDenied},
		{"MapViewOfFile", []uint64{memory, 0x24, 0, 0, 0}, win.ErrAccessDenied},
		{"MapViewOfFile", []uint64{memory, 4, 0, 0x1000, 0}, win.ErrMappedAlignment},
		{"MapViewOfFile", []uint64{memory, 4, 0, 0x20000, 0}, win.ErrAccessDenied},
		{"MapViewOfFile", []uint64{memory, 4, 0, 0x10000, 0x10001}, win.ErrAccessDenied},
		{"MapViewOfFile", []uint64{h, 4, 0, 0, 0}, win.ErrInvalidHandle},
		{"MapViewOfFileEx", []uint64{memory, 4, 0, 0, 0, m.Heap.Base}, win.ErrInvalidAddress},
		{"OpenFileMappingW", []uint64{4, 0, m.WString("missing")}, win.ErrFileNotFound},
	} {
		if got, lastError, line := m.Call("kernel32.dll", c.name, c.args...); got != 0 || lastError != c.want {
			t.Errorf("%s: got last error %d, want %d", line, lastError, c.want)
		}
	}
}

// TestResources reads the version resource of a replica.
func TestResources(t *testing.T) {
	data, err := os.ReadFile("../../../replicas/prebuilt/samcli.dll")
	if err != nil {
		t.Fatal(err)
	}
	config := guest.Config{Files: map[string][]byte{`C:\Test\replica.dll`: data}}
	m := wintest.New(t, config, append(kernel32.Tables(), guard.Table())...)
	h, lastError, _ := m.Call("kernel32.dll", "LoadLibraryW", m.WString(`C:\Test\replica.dll`))
	if h == 0 {
		t.Fatalf("LoadLibraryW: last error %d", lastError)
	}
	const version = 16 // RT_VERSION
	found, _, _ := m.Call("kernel32.dll", "FindResourceW", h, 1, version)
	named, _, _ := m.Call("kernel32.dll", "FindResourceA", h, m.AString("#1"), m.AString("#16"))
	if found == 0 || found != named {
		t.Fatalf("found %#x and %#x", found, named)
	}
	size, _, _ := m.Call("kernel32.dll", "SizeofResource", h, found)
	loaded, _, _ := m.Call("kernel32.dll", "LoadResource", h, found)
	at, _, _ := m.Call("kernel32.dll", "LockResource", loaded)
	if got := m.Uint(at, 2); got != size {
		t.Errorf("length in the resource: got %d, want %d", got, size)
	}
	if got, want := text(t, m, at+6), "VS_VERSION_INFO"; got != want {
		t.Errorf("key: got %q, want %q", got, want)
	}
	for _, c := range []struct {
		name string
		args []uint64
		want win.Error
	}{
		{"FindResourceW", []uint64{h, 2, version}, win.ErrResourceNameNotFound},
		{"FindResourceW", []uint64{h, 1, 10}, win.ErrResourceTypeNotFound},
		{"FindResourceExW", []uint64{h, version, 1, 0x7777}, win.ErrResourceLangNotFound},
		{"FindResourceW", []uint64{0, 1, version}, win.ErrResourceDataNotFound},
		{"FindResourceW", []uint64{0x1234, 1, version}, win.ErrModNotFound},
		{"SizeofResource", []uint64{h, found + 1}, win.ErrResourceDataNotFound},
	} {
		if got, lastError, line := m.Call("kernel32.dll", c.name, c.args...); got != 0 || lastError != c.want {
			t.Errorf("%s: got last error %d, want %d", line, lastError, c.want)
		}
	}
}
