package version

import (
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/wintest"
)

// TestHostile calls every function with arguments of a hostile guest.
func TestHostile(t *testing.T) {
	wintest.Monkey(t, guest.Config{}, 10, Table())
}

// TestSystemVersion reads what is written for a system DLL.
func TestSystemVersion(t *testing.T) {
	block := systemVersion(guest.OSVersion{Major: 10, Build: 22631}, "ntdll.dll")
	root, ok := find(block, `\`)
	if !ok || root.key != "VS_VERSION_INFO" || root.end != len(block) || root.size != 52 {
		t.Fatalf("root %+v, %v", root, ok)
	}
	if got := le.Uint32(block[root.value+12:]); got != 22631<<16|1 {
		t.Errorf("low part of the file version: %#x", got)
	}
	for key, want := range map[string]string{"FileVersion": "10.0.22631.1", "OriginalFilename": "ntdll.dll", "CompanyName": "Microsoft Corporation"} {
		n, ok := find(block, `\StringFileInfo\040904b0\`+key)
		if !ok {
			t.Errorf("there is no %s", key)
			continue
		}
		if got := strings.TrimRight(guest.FromUTF16(block[n.value:][:2*n.size]), "\x00"); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if _, ok := find(block, `\StringFileInfo\040904b0\Comments`); ok {
		t.Error("there are comments")
	}
}

// FuzzFind looks for values in blocks of any bytes.
func FuzzFind(f *testing.F) {
	f.Add(systemVersion(guest.OSVersion{Major: 10, Build: 19045}, "a.dll"), `\StringFileInfo\040904b0\FileVersion`)
	f.Fuzz(func(t *testing.T, block []byte, path string) {
		n, ok := find(block, path)
		if ok && (n.value < 0 || n.value > len(block) || n.end > len(block) || n.child > n.end) {
			t.Errorf("%+v in %d bytes", n, len(block))
		}
	})
}
