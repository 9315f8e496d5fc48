package kernel32_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

func TestDirectories(t *testing.T) {
	m := machine(t, map[string]string{`C:\Test\a.txt`: "data"})
	run(t, m, []call{
		{args("new", 0), "CreateDirectoryW(lpPathName=new, lpSecurityAttributes=NULL) = TRUE", 0},
		{args("NEW", 0), failed("CreateDirectoryW(lpPathName=NEW, lpSecurityAttributes=NULL) = FALSE", 183), win.ErrAlreadyExists},
		{args(`x\y`, 0), failed(`CreateDirectoryW(lpPathName=x\y, lpSecurityAttributes=NULL) = FALSE`, 3), win.ErrPathNotFound},
		{args("new"), "GetFileAttributesW(lpFileName=new) = 0x10", 0},
		{args("a.txt"), failed("RemoveDirectoryA(lpPathName=a.txt) = FALSE", 267), win.ErrDirectory},
		{args(`C:\Test`), failed(`RemoveDirectoryA(lpPathName=C:\Test) = FALSE`, 145), win.ErrDirNotEmpty},
		{args("new"), "RemoveDirectoryA(lpPathName=new) = TRUE", 0},
		{args("new"), failed("GetFileAttributesW(lpFileName=new) = 0xffffffff", 2), win.ErrFileNotFound},
	})
}

func TestDeleteFile(t *testing.T) {
	const path = `C:\Test\a.txt`
	m := machine(t, map[string]string{path: "data", `C:\Test\held.txt`: "data", `C:\Test\only.txt`: "data"})
	m.Call("kernel32.dll", "CreateFileW", m.WString(`C:\Test\held.txt`), genericRead, shareRead, 0, 3, 0, 0)
	run(t, m, []call{
		{args(path), `DeleteFileA(lpFileName=C:\Test\a.txt) = TRUE`, 0},
		{args(path), failed(`DeleteFileA(lpFileName=C:\Test\a.txt) = FALSE`, 2), win.ErrFileNotFound},
		{args(`C:\Test`), failed(`DeleteFileA(lpFileName=C:\Test) = FALSE`, 5), win.ErrAccessDenied},
		{args("held.txt"), failed(`DeleteFileA(lpFileName=held.txt) = FALSE`, 32), win.ErrSharingViolation},
		{args(`C:\Windows\System32\kernel32.dll`), failed(`DeleteFileA(lpFileName=C:\Windows\System32\kernel32.dll) = FALSE`, 5), win.ErrAccessDenied},
		{args("only.txt", 1), "SetFileAttributesW(lpFileName=only.txt, dwFileAttributes=0x1) = TRUE", 0},
		{args("only.txt"), failed("DeleteFileW(lpFileName=only.txt) = FALSE", 5), win.ErrAccessDenied},
	})
	if diff := cmp.Diff([]trace.Payload{trace.FileDelete{Path: path}}, happened(m, "file.delete")); diff != "" {
		t.Errorf("behaviours (-want +got):\n%s", diff)
	}
}

func TestCopyFile(t *testing.T) {
	m := machine(t, map[string]string{`C:\Test\a.txt`: "data", `C:\Test\b.txt`: "longer than that"})
	run(t, m, []call{
		{args("a.txt", "b.txt", 1), failed("CopyFileW(lpExistingFileName=a.txt, lpNewFileName=b.txt, bFailIfExists=1) = FALSE", 80), win.ErrFileExists},
		{args("a.txt", "b.txt", 0), "CopyFileW(lpExistingFileName=a.txt, lpNewFileName=b.txt, bFailIfExists=0) = TRUE", 0},
		{args("missing", "c.txt", 0), failed("CopyFileW(lpExistingFileName=missing, lpNewFileName=c.txt, bFailIfExists=0) = FALSE", 2), win.ErrFileNotFound},
	})
	if got := string(m.Files.Get(`C:\Test\b.txt`).Data()); got != "data" {
		t.Errorf("copy: got %q, want %q", got, "data")
	}
	want := []trace.Payload{
		trace.FileCreate{Path: `C:\Test\b.txt`, Existed: true},
		trace.FileRead{Path: `C:\Test\a.txt`, Size: 4}, trace.FileWrite{Path: `C:\Test\b.txt`, Size: 4},
	}
	if diff := cmp.Diff(want, happened(m, "file.create", "file.read", "file.write")); diff != "" {
		t.Errorf("behaviours (-want +got):\n%s", diff)
	}
}

func TestMoveFile(t *testing.T) {
	m := machine(t, map[string]string{`C:\Test\a.txt`: "a", `C:\Test\b.txt`: "b"})
	run(t, m, []call{
		{args("a.txt", "b.txt"), failed("MoveFileA(lpExistingFileName=a.txt, lpNewFileName=b.txt) = FALSE", 183), win.ErrAlreadyExists},
		{args("a.txt", "b.txt", 1), "MoveFileExA(lpExistingFileName=a.txt, lpNewFileName=b.txt, dwFlags=0x1) = TRUE", 0},
		{args("b.txt", `no\c.txt`), failed(`MoveFileA(lpExistingFileName=b.txt, lpNewFileName=no\c.txt) = FALSE`, 3), win.ErrPathNotFound},
		{args("b.txt", 0, 4), "MoveFileExA(lpExistingFileName=b.txt, lpNewFileName=NULL, dwFlags=0x4) = TRUE", 0},
	})
	if n := m.Files.Get(`C:\Test\b.txt`); n == nil || string(n.Data()) != "a" || m.Files.Get(`C:\Test\a.txt`) != nil {
		t.Error("the file is not where it was moved to")
	}
	if diff := cmp.Diff([]string{"kernel32.dll!MoveFileExA: a move at the next start"}, m.Gaps()); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

// TestFind lists what a pattern matches.
func TestFind(t *testing.T) {
	files := map[string]string{`C:\Test\a.txt`: "1", `C:\Test\B.TXT`: "22", `C:\Test\noext`: "", `C:\Test\sub\c.txt`: ""}
	for _, c := range []struct {
		pattern   string
		want      []string
		lastError win.Error
	}{
		{`C:\Test\*`, []string{".", "..", "a.txt", "B.TXT", "noext", "sub", "test.bin"}, win.ErrNoMoreFiles},
		{`C:\Test\*.*`, []string{".", "..", "a.txt", "B.TXT", "noext", "sub", "test.bin"}, win.ErrNoMoreFiles},
		{`*.txt`, []string{"a.txt", "B.TXT"}, win.ErrNoMoreFiles},
		{`?.txt`, []string{"a.txt", "B.TXT"}, win.ErrNoMoreFiles},
		{`sub`, []string{"sub"}, win.ErrNoMoreFiles},
		{`*a*t*`, []string{"a.txt"}, win.ErrNoMoreFiles},
		{`*.doc`, nil, win.ErrFileNotFound},
		{`C:\Nowhere\*`, nil, win.ErrPathNotFound},
		{`C:\Test\`, nil, win.ErrFileNotFound},
	} {
		for _, version := range []string{"A", "W"} {
			m := machine(t, files)
			size := map[string]int{"A": 320, "W": 592}[version]
			out := m.Alloc(size)
			h, lastError, _ := m.Call("kernel32.dll", "FindFirstFile"+version, value(t, m, version, c.pattern), out)
			var got []string
			for lastError == 0 {
				if version == "W" {
					got = append(got, text(t, m, out+44))
				} else {
					b, _ := m.Mem.CString(out + 44)
					got = append(got, string(b))
				}
				_, lastError, _ = m.Call("kernel32.dll", "FindNextFile"+version, h, out)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", version, c.pattern, diff)
			}
			if lastError != c.lastError {
				t.Errorf("%s %s: last error: got %d, want %d", version, c.pattern, lastError, c.lastError)
			}
			if got := string(m.Get(out+uint64(size), 4)); got != "????" {
				t.Errorf("%s %s: written behind the structure", version, c.pattern)
			}
			if c.want == nil {
				continue
			}
			if ok, _, _ := m.Call("kernel32.dll", "FindClose", h); ok != 1 {
				t.Errorf("%s %s: not closed", version, c.pattern)
			}
			if ok, _, _ := m.Call("kernel32.dll", "FindClose", h); ok != 0 {
				t.Errorf("%s %s: closed twice", version, c.pattern)
			}
		}
	}
}

func TestAttributes(t *testing.T) {
	m := machine(t, map[string]string{`C:\Test\a.txt`: "data"})
	out := m.Alloc(52)
	h := opened(t, m.WString(`C:\Test\a.txt`), genericRead|genericWrite, 3, m.Call)
	then := m.Bytes([]byte{0, 0x80, 0x3E, 0xD5, 0xDE, 0xB1, 0x9D, 1}) // 1970-01-01
	run(t, m, []call{
		{args("a.txt"), "GetFileAttributesA(lpFileName=a.txt) = 0x20", 0},
		{args("a.txt", 0x82), "SetFileAttributesA(lpFileName=a.txt, dwFileAttributes=0x82) = TRUE", 0},
		{args("a.txt"), "GetFileAttributesA(lpFileName=a.txt) = 0x2", 0},
		{args("a.txt", 0x80), "SetFileAttributesA(lpFileName=a.txt, dwFileAttributes=0x80) = TRUE", 0},
		{args("a.txt"), "GetFileAttributesA(lpFileName=a.txt) = 0x80", 0},
		{args(h, then, 0, then), "SetFileTime(hFile=0x4c, lpCreationTime={1}, lpLastAccessTime=NULL, lpLastWriteTime={3}) = TRUE", 0},
		{args("a.txt", 0, out), "GetFileAttributesExA(lpFileName=a.txt, fInfoLevelId=0, lpFileInformation={2}) = TRUE", 0},
		{args("a.txt", 1, out), failed("GetFileAttributesExA(lpFileName=a.txt, fInfoLevelId=1, lpFileInformation={2}) = FALSE", 87), win.ErrInvalidParameter},
		{args("a*"), failed("GetFileAttributesA(lpFileName=a*) = 0xffffffff", 123), win.ErrInvalidName},
	})
	if got := m.Uint(out+32, 4); got != 4 {
		t.Errorf("size: got %d, want 4", got)
	}
	if got, want := m.Uint(out+4, 8), uint64(0x019DB1DED53E8000); got != want {
		t.Errorf("creation time: got %#x, want %#x", got, want)
	}
	if got := m.Files.Get(`C:\Test\a.txt`); got.Modified.Unix() != 0 || guest.FileTime(got.Modified) != 0x019DB1DED53E8000 {
		t.Errorf("time of writing: got %v", got.Modified)
	}
	run(t, m, []call{
		{args(h, out), "GetFileInformationByHandle(hFile=0x4c, lpFileInformation={1}) = TRUE", 0},
	})
	if got := m.Uint(out+36, 4); got != 4 {
		t.Errorf("size by handle: got %d, want 4", got)
	}
	created, written := m.Alloc(8), m.Alloc(8)
	run(t, m, []call{
		{args(h, created, 0, written), "GetFileTime(hFile=0x4c, lpCreationTime={1}, lpLastAccessTime=NULL, lpLastWriteTime={3}) = TRUE", 0},
		{args(0x999, 0, 0, 0), failed("GetFileTime(hFile=0x999, lpCreationTime=NULL, lpLastAccessTime=NULL, lpLastWriteTime=NULL) = FALSE", 6), win.ErrInvalidHandle},
		{args("a*", 1, m.Alloc(592), 0, 0, 0), "FindFirstFileExW(lpFileName=a*, fInfoLevelId=1, lpFindFileData={2}, fSearchOp=0, lpSearchFilter=NULL, dwAdditionalFlags=0x0) = 0x50", 0},
		{args("a*", 2, m.Alloc(592), 0, 0, 0), failed("FindFirstFileExW(lpFileName=a*, fInfoLevelId=2, lpFindFileData={2}, fSearchOp=0, lpSearchFilter=NULL, dwAdditionalFlags=0x0) = 0xffffffffffffffff", 87), win.ErrInvalidParameter},
	})
	if c, w := m.Uint(created, 8), m.Uint(written, 8); c != 0x019DB1DED53E8000 || w != c {
		t.Errorf("times: got %#x and %#x", c, w)
	}
}
