package kernel32_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// TestTextIntoBuffers is the convention of functions that fill a buffer: too
// short a one is left alone and the size needed comes back.
func TestTextIntoBuffers(t *testing.T) {
	const temp = `C:\Users\user\AppData\Local\Temp\`
	for _, c := range []struct {
		size   int
		result string
		want   string
	}{
		{34, "33", temp + "\x00?"},
		{33, "34", "??"},
		{0, "34", "?"},
	} {
		m := machine(t, nil)
		buf := m.Alloc(64)
		run(t, m, []call{{args(c.size, buf), "GetTempPathA(nBufferLength=" + decimal(c.size) + ", lpBuffer={1}) = " + c.result, 0}})
		if got := string(m.Get(buf, len(c.want))); got != c.want {
			t.Errorf("size %d: got %q, want %q", c.size, got, c.want)
		}
	}
	m := machine(t, nil)
	buf := m.Alloc(64)
	run(t, m, []call{
		{args(buf, 20), "GetSystemDirectoryW(lpBuffer={0}, uSize=20) = 19", 0},
		{args(buf, 11), "GetWindowsDirectoryW(lpBuffer={0}, uSize=11) = 10", 0},
		{args(64, buf), "GetCurrentDirectoryW(nBufferLength=64, lpBuffer={1}) = 7", 0},
	})
	if got := text(t, m, buf); got != `C:\Test` {
		t.Errorf("current directory: got %q", got)
	}
}

func TestGetFullPathName(t *testing.T) {
	m := machine(t, map[string]string{`C:\Test\sub\a.txt`: ""})
	for _, c := range []struct{ name, want, part string }{
		{"a.txt", `C:\Test\a.txt`, "a.txt"},
		{`.\sub\..\b`, `C:\Test\b`, "b"},
		{`sub\`, `C:\Test\sub\`, ""},
		{`\x\y`, `C:\x\y`, "y"},
		{`D:\z`, `D:\z`, "z"},
		{"C:/x/y. ", `C:\x\y`, "y"},
		{`\\?\C:\x`, `C:\x`, "x"},
	} {
		for _, version := range []string{"A", "W"} {
			buf, part := m.Alloc(128), m.Alloc(8)
			name := value(t, m, version, c.name)
			n, _, _ := m.Call("kernel32.dll", "GetFullPathName"+version, name, 64, buf, part)
			if int(n) != len(c.want) {
				t.Errorf("%s %s: length: got %d, want %d", version, c.name, n, len(c.want))
				continue
			}
			read := func(at uint64) string {
				if version == "W" {
					return text(t, m, at)
				}
				b, err := m.Mem.CString(at)
				if err != nil {
					t.Fatal(err)
				}
				return string(b)
			}
			if got := read(buf); got != c.want {
				t.Errorf("%s %s: got %q, want %q", version, c.name, got, c.want)
			}
			got := ""
			if at := m.Uint(part, 8); at != 0 {
				got = read(at)
			}
			if got != c.part {
				t.Errorf("%s %s: file part: got %q, want %q", version, c.name, got, c.part)
			}
		}
	}
}

func TestSetCurrentDirectory(t *testing.T) {
	m := machine(t, map[string]string{`C:\Test\Sub\a.txt`: ""})
	run(t, m, []call{
		{args("sub"), "SetCurrentDirectoryW(lpPathName=sub) = TRUE", 0},
		{args("a.txt"), failed("SetCurrentDirectoryW(lpPathName=a.txt) = FALSE", 267), win.ErrDirectory},
		{args("missing"), failed("SetCurrentDirectoryW(lpPathName=missing) = FALSE", 2), win.ErrFileNotFound},
	})
	if got, want := m.CurrentDirectory, `C:\Test\Sub`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGetTempFileName(t *testing.T) {
	m := machine(t, map[string]string{`C:\Test\a.txt`: ""})
	buf := m.Alloc(260)
	run(t, m, []call{
		{args(`C:\Test`, "prefix", 0x1ABC, buf), `GetTempFileNameA(lpPathName=C:\Test, lpPrefixString=prefix, uUnique=6844, lpTempFileName={3}) = 6844`, 0},
	})
	if b, _ := m.Mem.CString(buf); string(b) != `C:\Test\pre1ABC.tmp` {
		t.Errorf("got %q", b)
	}
	if m.Files.Get(`C:\Test\pre1ABC.tmp`) != nil {
		t.Error("a file was made though the number was given")
	}
	n, _, _ := m.Call("kernel32.dll", "GetTempFileNameA", m.AString(`C:\Test`), m.AString("x"), 0, buf)
	b, _ := m.Mem.CString(buf)
	if n == 0 || m.Files.Get(string(b)) == nil {
		t.Errorf("%d: no file %q", n, b)
	}
	if diff := cmp.Diff([]trace.Payload{trace.FileCreate{Path: string(b)}}, happened(m, "file.create")); diff != "" {
		t.Errorf("behaviours (-want +got):\n%s", diff)
	}
	run(t, m, []call{
		{args(`C:\Nowhere`, "x", 0, buf), failed(`GetTempFileNameA(lpPathName=C:\Nowhere, lpPrefixString=x, uUnique=0, lpTempFileName={3}) = 0`, 267), win.ErrDirectory},
	})
}
