package kernel32_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

const (
	genericRead  = 0x80000000
	genericWrite = 0x40000000
	shareRead    = 1
	shareAll     = 7
)

// TestCreateFileDispositions opens a file that is there and one that is not.
func TestCreateFileDispositions(t *testing.T) {
	const there, missing, nowhere = `C:\Test\there.txt`, `C:\Test\missing.txt`, `C:\Nowhere\a.txt`
	create := func(path string, disposition int) []any {
		return args(path, genericWrite, 0, 0, disposition, 0x80, 0)
	}
	line := func(path, disposition, result string) string {
		return "CreateFileW(lpFileName=" + path + ", dwDesiredAccess=GENERIC_WRITE, dwShareMode=0x0, lpSecurityAttributes=NULL, dwCreationDisposition=" +
			disposition + ", dwFlagsAndAttributes=0x80, hTemplateFile=0x0) = " + result
	}
	const invalid = "0xffffffffffffffff"
	for _, c := range []struct {
		name string
		call call
		size int64 // of the file afterwards; -1 if there is none
		want []trace.Payload
	}{
		{"CREATE_NEW, there", call{create(there, 1), failed(line(there, "CREATE_NEW", invalid), 80), win.ErrFileExists}, 4, nil},
		{"CREATE_NEW, missing", call{create(missing, 1), line(missing, "CREATE_NEW", "0x4c"), 0}, 0, []trace.Payload{trace.FileCreate{Path: missing}}},
		{"CREATE_ALWAYS, there", call{create(there, 2), failed(line(there, "CREATE_ALWAYS", "0x4c"), 183), win.ErrAlreadyExists}, 0, []trace.Payload{trace.FileCreate{Path: there, Existed: true}}},
		{"CREATE_ALWAYS, missing", call{create(missing, 2), line(missing, "CREATE_ALWAYS", "0x4c"), 0}, 0, []trace.Payload{trace.FileCreate{Path: missing}}},
		{"OPEN_EXISTING, there", call{create(there, 3), line(there, "OPEN_EXISTING", "0x4c"), 0}, 4, nil},
		{"OPEN_EXISTING, missing", call{create(missing, 3), failed(line(missing, "OPEN_EXISTING", invalid), 2), win.ErrFileNotFound}, -1, nil},
		{"OPEN_EXISTING, no folder", call{create(nowhere, 3), failed(line(nowhere, "OPEN_EXISTING", invalid), 3), win.ErrPathNotFound}, -1, nil},
		{"OPEN_ALWAYS, there", call{create(there, 4), failed(line(there, "OPEN_ALWAYS", "0x4c"), 183), win.ErrAlreadyExists}, 4, nil},
		{"OPEN_ALWAYS, missing", call{create(missing, 4), line(missing, "OPEN_ALWAYS", "0x4c"), 0}, 0, []trace.Payload{trace.FileCreate{Path: missing}}},
		{"OPEN_ALWAYS, no folder", call{create(nowhere, 4), failed(line(nowhere, "OPEN_ALWAYS", invalid), 3), win.ErrPathNotFound}, -1, nil},
		{"TRUNCATE_EXISTING, there", call{create(there, 5), line(there, "TRUNCATE_EXISTING", "0x4c"), 0}, 0, []trace.Payload{trace.FileCreate{Path: there, Existed: true}}},
		{"TRUNCATE_EXISTING, missing", call{create(missing, 5), failed(line(missing, "TRUNCATE_EXISTING", invalid), 2), win.ErrFileNotFound}, -1, nil},
		{"no disposition", call{create(there, 0), failed(line(there, "0x0", invalid), 87), win.ErrInvalidParameter}, 4, nil},
		{"a directory", call{create(`C:\Test`, 3), failed(line(`C:\Test`, "OPEN_EXISTING", invalid), 5), win.ErrAccessDenied}, 0, nil},
		{"a bad name", call{create(`C:\Test\a?b`, 3), failed(line(`C:\Test\a?b`, "OPEN_EXISTING", invalid), 123), win.ErrInvalidName}, -1, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := machine(t, map[string]string{there: "data"})
			run(t, m, []call{c.call})
			size := int64(-1)
			if n := m.Files.Get(c.call.args[0].(string)); n != nil {
				size = n.Size()
			}
			if size != c.size {
				t.Errorf("size: got %d, want %d", size, c.size)
			}
			if diff := cmp.Diff(c.want, happened(m, "file.create")); diff != "" {
				t.Errorf("behaviours (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCreateFileSharing opens a file twice.
func TestCreateFileSharing(t *testing.T) {
	for _, c := range []struct {
		name                                 string
		access, share, access2, share2, want uint64
	}{
		{"readers that share", genericRead, shareRead, genericRead, shareRead, 0},
		{"a writer among readers", genericRead, shareRead, genericWrite, shareAll, 32},
		{"a writer among those who let it", genericRead, shareAll, genericWrite, shareAll, 0},
		{"a reader that does not share with the writer there is", genericWrite, shareAll, genericRead, shareRead, 32},
		{"alone", genericRead, 0, genericRead, shareAll, 32},
	} {
		t.Run(c.name, func(t *testing.T) {
			const path = `C:\Test\a.txt`
			m := machine(t, map[string]string{path: "data"})
			at := m.WString(path)
			if h, _, _ := m.Call("kernel32.dll", "CreateFileW", at, c.access, c.share, 0, 3, 0, 0); h == ^uint64(0) {
				t.Fatal("the first opening failed")
			}
			_, got, _ := m.Call("kernel32.dll", "CreateFileW", at, c.access2, c.share2, 0, 3, 0, 0)
			if uint64(got) != c.want {
				t.Errorf("last error: got %d, want %d", got, c.want)
			}
		})
	}
}

// TestReadFile reads a file piece by piece; the pieces are one behaviour, and
// the memory is known to hold the file's bytes.
func TestReadFile(t *testing.T) {
	const path = `C:\Test\a.txt`
	m := machine(t, map[string]string{path: "0123456789"})
	h := opened(t, m.WString(path), genericRead, 3, m.Call)
	buf, n := m.Alloc(8), m.Alloc(4)
	run(t, m, []call{
		{args(h, buf, 4, n, 0), "ReadFile(hFile=0x4c, lpBuffer={1}, nNumberOfBytesToRead=4, lpNumberOfBytesRead={3}, lpOverlapped=NULL) = TRUE", 0},
	})
	if got := string(m.Get(buf, 8)); got != "0123????" {
		t.Errorf("buffer: got %q, want %q", got, "0123????")
	}
	run(t, m, []call{
		{args(h, buf, 8, n, 0), "ReadFile(hFile=0x4c, lpBuffer={1}, nNumberOfBytesToRead=8, lpNumberOfBytesRead={3}, lpOverlapped=NULL) = TRUE", 0},
	})
	if got := m.Uint(n, 4); got != 6 {
		t.Errorf("bytes read: got %d, want 6", got)
	}
	run(t, m, []call{ // the end of a file is no error
		{args(h, buf, 8, n, 0), "ReadFile(hFile=0x4c, lpBuffer={1}, nNumberOfBytesToRead=8, lpNumberOfBytesRead={3}, lpOverlapped=NULL) = TRUE", 0},
		{args(h, 0x10, 8, n, 0), "ReadFile(hFile=0x4c, lpBuffer=0x10, nNumberOfBytesToRead=8, lpNumberOfBytesRead={3}, lpOverlapped=NULL) = TRUE", 0},
		{args(0x999, buf, 8, n, 0), failed("ReadFile(hFile=0x999, lpBuffer={1}, nNumberOfBytesToRead=8, lpNumberOfBytesRead={3}, lpOverlapped=NULL) = FALSE", 6), win.ErrInvalidHandle},
	})
	if got := m.Uint(n, 4); got != 0 {
		t.Errorf("bytes read behind the end: got %d, want 0", got)
	}
	want := []trace.Payload{trace.FileRead{Path: path, Offset: 0, Size: 10}}
	if diff := cmp.Diff(want, happened(m, "file.read")); diff != "" {
		t.Errorf("behaviours (-want +got):\n%s", diff)
	}
}

// opened opens a file that must open.
func opened(t *testing.T, name, access, disposition uint64, do func(dll, name string, args ...uint64) (uint64, win.Error, string)) uint64 {
	t.Helper()
	h, lastError, _ := do("kernel32.dll", "CreateFileW", name, access, shareAll, 0, disposition, 0, 0)
	if h == ^uint64(0) {
		t.Fatalf("CreateFileW: last error %d", lastError)
	}
	return h
}

func TestReadFileRefuses(t *testing.T) {
	const path = `C:\Test\a.txt`
	m := machine(t, map[string]string{path: "0123456789"})
	n := m.Alloc(4)
	h := opened(t, m.WString(path), genericRead, 3, m.Call)
	written := opened(t, m.WString(path), genericWrite, 3, m.Call)
	run(t, m, []call{
		{args(h, 0x10, 4, n, 0), failed("ReadFile(hFile=0x4c, lpBuffer=0x10, nNumberOfBytesToRead=4, lpNumberOfBytesRead={3}, lpOverlapped=NULL) = FALSE", 998), win.ErrNoAccess},
		{args(written, m.Alloc(4), 4, n, 0), failed("ReadFile(hFile=0x50, lpBuffer={1}, nNumberOfBytesToRead=4, lpNumberOfBytesRead={3}, lpOverlapped=NULL) = FALSE", 5), win.ErrAccessDenied},
	})
	if got := m.Uint(n, 4); got != 0 {
		t.Errorf("bytes read: got %d, want 0", got)
	}
}

// TestOverlapped transfers at the place an OVERLAPPED names.
func TestOverlapped(t *testing.T) {
	const path = `C:\Test\a.txt`
	m := machine(t, map[string]string{path: "0123456789"})
	h := opened(t, m.WString(path), genericRead|genericWrite, 3, m.Call)
	buf, n := m.Alloc(8), m.Alloc(4)
	overlapped := m.Bytes(append(make([]byte, 16), 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
	run(t, m, []call{
		{args(h, buf, 8, n, overlapped), "ReadFile(hFile=0x4c, lpBuffer={1}, nNumberOfBytesToRead=8, lpNumberOfBytesRead={3}, lpOverlapped={4}) = TRUE", 0},
	})
	if got := string(m.Get(buf, 8)); got != "789?????" {
		t.Errorf("buffer: got %q, want %q", got, "789?????")
	}
	if got := m.Uint(overlapped+8, 8); got != 3 {
		t.Errorf("InternalHigh: got %d, want 3", got)
	}
	m.Put(overlapped+16, []byte{10})
	run(t, m, []call{
		{args(h, buf, 8, n, overlapped), failed("ReadFile(hFile=0x4c, lpBuffer={1}, nNumberOfBytesToRead=8, lpNumberOfBytesRead={3}, lpOverlapped={4}) = FALSE", 38), win.ErrHandleEOF},
	})
}

func TestWriteFile(t *testing.T) {
	const path = `C:\Test\a.txt`
	m := machine(t, map[string]string{path: "0123456789"})
	h := opened(t, m.WString(path), genericWrite, 3, m.Call)
	const appendData = 4
	end := opened(t, m.WString(path), appendData, 3, m.Call)
	n := m.Alloc(4)
	run(t, m, []call{
		{args(h, m.Bytes([]byte("abc")), 3, n, 0), "WriteFile(hFile=0x4c, lpBuffer={1}, nNumberOfBytesToWrite=3, lpNumberOfBytesWritten={3}, lpOverlapped=NULL) = TRUE", 0},
		{args(end, m.Bytes([]byte("XYZ")), 3, n, 0), "WriteFile(hFile=0x50, lpBuffer={1}, nNumberOfBytesToWrite=3, lpNumberOfBytesWritten={3}, lpOverlapped=NULL) = TRUE", 0},
		{args(h, 0x10, 3, n, 0), failed("WriteFile(hFile=0x4c, lpBuffer=0x10, nNumberOfBytesToWrite=3, lpNumberOfBytesWritten={3}, lpOverlapped=NULL) = FALSE", 998), win.ErrNoAccess},
	})
	if got, want := string(m.Files.Get(path).Data()), "abc3456789XYZ"; got != want {
		t.Errorf("contents: got %q, want %q", got, want)
	}
	want := []trace.Payload{trace.FileWrite{Path: path, Size: 3}, trace.FileWrite{Path: path, Offset: 10, Size: 3}}
	if diff := cmp.Diff(want, happened(m, "file.write")); diff != "" {
		t.Errorf("behaviours (-want +got):\n%s", diff)
	}
}

// TestFilePointer seeks beyond what a file can be and before its start.
func TestFilePointer(t *testing.T) {
	const path = `C:\Test\a.txt`
	m := machine(t, map[string]string{path: "0123456789"})
	opened(t, m.WString(path), genericRead|genericWrite, 3, m.Call)
	pointer, high, size := m.Alloc(8), m.Bytes([]byte{0, 0, 0, 0}), m.Alloc(8)
	run(t, m, []call{
		{args(0x4c, 4, 0, 0), "SetFilePointer(hFile=0x4c, lDistanceToMove=4, lpDistanceToMoveHigh=NULL, dwMoveMethod=0) = 0x4", 0},
		{args(0x4c, -1, 0, 1), "SetFilePointer(hFile=0x4c, lDistanceToMove=-1, lpDistanceToMoveHigh=NULL, dwMoveMethod=1) = 0x3", 0},
		{args(0x4c, -1, 0, 2), "SetFilePointer(hFile=0x4c, lDistanceToMove=-1, lpDistanceToMoveHigh=NULL, dwMoveMethod=2) = 0x9", 0},
		{args(0x4c, -1, 0, 0), failed("SetFilePointer(hFile=0x4c, lDistanceToMove=-1, lpDistanceToMoveHigh=NULL, dwMoveMethod=0) = 0xffffffff", 131), win.ErrNegativeSeek},
		{args(0x4c, -1, high, 0), "SetFilePointer(hFile=0x4c, lDistanceToMove=-1, lpDistanceToMoveHigh={2}, dwMoveMethod=0) = 0xffffffff", 0},
		{args(0x4c, 0, 0, 3), failed("SetFilePointer(hFile=0x4c, lDistanceToMove=0, lpDistanceToMoveHigh=NULL, dwMoveMethod=3) = 0xffffffff", 87), win.ErrInvalidParameter},
		{args(0x4c, 2, pointer, 0), "SetFilePointerEx(hFile=0x4c, liDistanceToMove=2, lpNewFilePointer={2}, dwMoveMethod=0) = TRUE", 0},
		{args(0x4c), "SetEndOfFile(hFile=0x4c) = TRUE", 0},
		{args(0x4c, size), "GetFileSizeEx(hFile=0x4c, lpFileSize={1}) = TRUE", 0},
		{args(0x4c, 0), "GetFileSize(hFile=0x4c, lpFileSizeHigh=NULL) = 0x2", 0},
		{args(0x4c, int(^uint64(0)>>1), 0, 0), "SetFilePointerEx(hFile=0x4c, liDistanceToMove=9223372036854775807, lpNewFilePointer=NULL, dwMoveMethod=0) = TRUE", 0},
		{args(0x4c, 1, 0, 1), failed("SetFilePointerEx(hFile=0x4c, liDistanceToMove=1, lpNewFilePointer=NULL, dwMoveMethod=1) = FALSE", 131), win.ErrNegativeSeek},
		{args(0x4c), failed("SetEndOfFile(hFile=0x4c) = FALSE", 112), win.ErrDiskFull},
		{args(0x4c, m.Bytes([]byte("x")), 1, 0, 0), failed("WriteFile(hFile=0x4c, lpBuffer={1}, nNumberOfBytesToWrite=1, lpNumberOfBytesWritten=NULL, lpOverlapped=NULL) = FALSE", 112), win.ErrDiskFull},
		{args(0x999, 0), failed("GetFileSize(hFile=0x999, lpFileSizeHigh=NULL) = 0xffffffff", 6), win.ErrInvalidHandle},
	})
	if got := m.Uint(size, 8); got != 2 {
		t.Errorf("size: got %d, want 2", got)
	}
	if got := m.Uint(pointer, 8); got != 2 {
		t.Errorf("pointer: got %d, want 2", got)
	}
}

// TestDevices opens what is no file.
func TestDevices(t *testing.T) {
	m := machine(t, nil)
	const tail = ", dwDesiredAccess=GENERIC_WRITE, dwShareMode=0x0, lpSecurityAttributes=NULL, dwCreationDisposition=OPEN_EXISTING, dwFlagsAndAttributes=0x0, hTemplateFile=0x0) = "
	open := func(name string) []any { return args(name, genericWrite, 0, 0, 3, 0, 0) }
	run(t, m, []call{
		{open("CONOUT$"), "CreateFileA(lpFileName=CONOUT$" + tail + "0x4c", 0},
		{open("nul"), "CreateFileA(lpFileName=nul" + tail + "0x50", 0},
		{open(`\\.\PhysicalDrive0`), failed(`CreateFileA(lpFileName=\\.\PhysicalDrive0`+tail+"0xffffffffffffffff", 2), win.ErrFileNotFound},
		{open(`\\server\share\a`), failed(`CreateFileA(lpFileName=\\server\share\a`+tail+"0xffffffffffffffff", 53), win.ErrBadNetPath},
		{args(0x4c), "GetFileType(hFile=0x4c) = 2", 0},
		{args(0x50), "GetFileType(hFile=0x50) = 2", 0},
		{args(0x4c, m.Bytes([]byte("out")), 3, 0, 0), "WriteFile(hFile=0x4c, lpBuffer={1}, nNumberOfBytesToWrite=3, lpNumberOfBytesWritten=NULL, lpOverlapped=NULL) = TRUE", 0},
		{args(0x50, m.Bytes([]byte("lost")), 4, 0, 0), "WriteFile(hFile=0x50, lpBuffer={1}, nNumberOfBytesToWrite=4, lpNumberOfBytesWritten=NULL, lpOverlapped=NULL) = TRUE", 0},
	})
	if got := string(m.Recorder.Run.Console); got != "out" {
		t.Errorf("console: got %q, want %q", got, "out")
	}
	want := []string{`kernel32.dll!CreateFileA: device \\.\PhysicalDrive0`, `kernel32.dll!CreateFileA: network path \\server\share\a`}
	if diff := cmp.Diff(want, m.Gaps()); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

// TestDeleteOnClose removes a file with its last handle, a copy of the first.
func TestDeleteOnClose(t *testing.T) {
	const path = `C:\Test\a.txt`
	m := machine(t, map[string]string{path: "data"})
	h, _, _ := m.Call("kernel32.dll", "CreateFileW", m.WString(path), genericRead, shareAll, 0, 3, 0x04000000, 0)
	out := m.Alloc(8)
	self := uint64(guest.CurrentProcess)
	m.Call("kernel32.dll", "DuplicateHandle", self, h, self, out, 0, 0, 2)
	m.Call("kernel32.dll", "CloseHandle", h)
	if m.Files.Get(path) == nil {
		t.Fatal("the file went with its first handle")
	}
	m.Call("kernel32.dll", "CloseHandle", m.Uint(out, 8))
	if m.Files.Get(path) != nil {
		t.Error("the file is there after its last handle was closed")
	}
	if diff := cmp.Diff([]trace.Payload{trace.FileDelete{Path: path}}, happened(m, "file.delete")); diff != "" {
		t.Errorf("behaviours (-want +got):\n%s", diff)
	}
}

// TestWriteFileAcrossAllocations writes from memory that was taken in two
// pieces, and from memory that ends.
func TestWriteFileAcrossAllocations(t *testing.T) {
	const path, base, half = `C:\Test\a.txt`, 0x2000_0000, guest.AllocationGranularity
	m := machine(t, map[string]string{path: ""})
	for i := range uint64(2) {
		a, err := m.Mem.Reserve(base+i*half, half, 0, guest.RegionPrivate, guest.PageReadWrite)
		if err == nil {
			err = m.Mem.Commit(a.Base, a.Size, guest.PageReadWrite)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	m.Put(base+half-2, []byte("ab"))
	m.Put(base+half, []byte("cd"))
	opened(t, m.WString(path), genericWrite, 3, m.Call)
	run(t, m, []call{
		{args(0x4c, base+half-2, 4, 0, 0), "WriteFile(hFile=0x4c, lpBuffer=0x2000fffe, nNumberOfBytesToWrite=4, lpNumberOfBytesWritten=NULL, lpOverlapped=NULL) = TRUE", 0},
		{args(0x4c, base+2*half-2, 4, 0, 0), failed("WriteFile(hFile=0x4c, lpBuffer=0x2001fffe, nNumberOfBytesToWrite=4, lpNumberOfBytesWritten=NULL, lpOverlapped=NULL) = FALSE", 998), win.ErrNoAccess},
		{args(0x4c), "FlushFileBuffers(hFile=0x4c) = TRUE", 0},
		{args(0x999), failed("FlushFileBuffers(hFile=0x999) = FALSE", 6), win.ErrInvalidHandle},
	})
	if got := string(m.Files.Get(path).Data()); got != "abcd" {
		t.Errorf("contents: got %q, want %q", got, "abcd")
	}
}

// TestCreateFileOnDirectoriesAndModules has what needs a flag or is refused.
func TestCreateFileOnDirectoriesAndModules(t *testing.T) {
	const hidden, stream = `C:\Test\hidden.txt`, `C:\Test\hidden.txt:Zone.Identifier`
	m := machine(t, map[string]string{hidden: ""})
	m.Call("kernel32.dll", "SetFileAttributesW", m.WString(hidden), 2)
	for _, c := range []struct {
		name                       string
		access, disposition, flags uint64
		want                       win.Error
	}{
		{`C:\Test`, 0, 3, 0x02000000, 0},
		{`C:\Test`, 0, 2, 0x02000000, win.ErrAccessDenied},
		{`C:\Windows\System32\kernel32.dll`, genericRead, 3, 0, 0},
		{`C:\Windows\System32\kernel32.dll`, genericWrite, 3, 0, win.ErrSharingViolation},
		{hidden, genericWrite, 2, 0x80, win.ErrAccessDenied},
		{hidden, genericWrite, 2, 2, win.ErrAlreadyExists},
		{stream, genericRead, 3, 0, win.ErrFileNotFound},
	} {
		_, lastError, line := m.Call("kernel32.dll", "CreateFileW", m.WString(c.name), c.access, shareAll, 0, c.disposition, c.flags, 0)
		if lastError != c.want {
			t.Errorf("%s: want last error %d", line, c.want)
		}
	}
	if gaps := m.Gaps(); len(gaps) > 0 {
		t.Errorf("gaps: %q", gaps)
	}
}
