package win_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/loaders/pe"
)

func library(t *testing.T, tables ...win.Table) *win.Library {
	t.Helper()
	l, err := win.NewLibrary(19045, tables...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func answer(*win.Call) (win.DWORD, win.Error) { return 42, 0 }

// TestImages parses the synthetic images and compares them with what they are
// said to be.
func TestImages(t *testing.T) {
	l := library(t,
		win.DLL("ntdll.dll", win.Func0("NtClose", answer), win.Func0("RtlMade", answer)),
		win.DLL("ws2_32.dll", win.Func0("socket", answer), win.Func0("#7000", answer)),
		win.DLL("msvcrt.dll", win.Data("_acmdln", 8, nil), win.Forward("abs", "ntdll.abs")),
		win.DLL("nothing.dll"),
		win.DLL(guest.StandInHost),
	)
	for _, m := range l.System.Modules {
		got, err := pe.Parse(m.File)
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			continue
		}
		got.Anomalies = nil // the stand-in host has no entry point
		if len(got.Exports.ByName) == 0 {
			got.Exports.ByName = m.Image.Exports.ByName // empty, both
		}
		if diff := cmp.Diff(got, m.Image); diff != "" {
			t.Errorf("%s (-parsed +made):\n%s", m.Name, diff)
		}
		for _, u := range m.Unhandled {
			if inText := u.RVA >= m.Text[0] && u.RVA < m.Text[1]; inText == u.Data {
				t.Errorf("%s!%s: at %#x, data %v", m.Name, u.Name, u.RVA, u.Data)
			}
		}
	}
}

func TestOrdinals(t *testing.T) {
	l := library(t, win.DLL("ws2_32.dll", win.Func0("socket", answer), win.Func0("#7000", answer), win.Ordinal(win.Func0("#111", answer), 111)))
	exports := l.System.Module("ws2_32.dll").Image.Exports
	for ordinal, name := range map[uint32]string{23: "socket", 115: "WSAStartup", 111: "WSAGetLastError", 7000: ""} {
		x, ok := exports.ByOrdinal(ordinal)
		if !ok || x.Name != name {
			t.Errorf("#%d: got %+v, want the name %q", ordinal, x, name)
		}
	}
}

// TestServiceStubs reads the numbers out of the stubs as code does that makes
// system calls of its own, from the export or from its neighbours.
func TestServiceStubs(t *testing.T) {
	m := library(t, win.DLL("ntdll.dll", win.Func0("NtCreateThreadEx", answer))).System.Module("ntdll.dll")
	exports := m.Image.Exports
	at := func(name string) uint32 {
		x, ok := exports.Lookup(name)
		if !ok {
			t.Fatalf("ntdll.dll has no %s", name)
		}
		return x.RVA
	}
	thread := at("NtCreateThreadEx")
	want := "\x4C\x8B\xD1\xB8\xC2\x00\x00\x00\xF6\x04\x25\x08\x03\xFE\x7F\x01\x75\x03\x0F\x05\xC3\xCD\x2E\xC3"
	if got := string(m.File[thread : thread+24]); got != want {
		t.Errorf("the stub of NtCreateThreadEx: got % x, want % x", got, want)
	}
	if got := m.File[thread+32+4]; got != 0xC3 {
		t.Errorf("the stub behind: got number %#x, want 0xc3", got)
	}
	if got := at("ZwCreateThreadEx"); got != thread {
		t.Errorf("ZwCreateThreadEx: got %#x, want %#x", got, thread)
	}
	if _, ok := exports.Lookup("NtCreateIoRing"); ok {
		t.Error("a service of Windows 11 is exported by Windows 10")
	}
	for _, x := range exports.Symbols {
		if strings.HasPrefix(x.Name, "Nt") && m.File[x.RVA+8] == 0xF6 && x.RVA%32 != m.Text[0]%32 {
			t.Errorf("%s: at %#x", x.Name, x.RVA)
		}
	}
}
