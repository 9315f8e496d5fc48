package advapi32_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/advapi32"
	"sidetrace/emulator/win/wintest"
)

const (
	dll  = "advapi32.dll"
	hklm = 0xFFFF_FFFF_8000_0002
	hkcu = 0x8000_0001
	guid = "4f6e2c1a-0000-4000-8000-3c30c3c3c3c3"
)

// Errors of the tests.
const (
	notFound    = uint64(win.ErrFileNotFound)
	badHandle   = uint64(win.ErrInvalidHandle)
	badArgument = uint64(win.ErrInvalidParameter)
	moreData    = uint64(win.ErrMoreData)
	noMore      = uint64(win.ErrNoMoreItems)
)

func machine(t *testing.T) *wintest.Machine {
	text := func(s string) []byte { return guest.UTF16(s) }
	return wintest.New(t, guest.Config{User: "alice", Registry: []guest.RegistryValue{
		{Key: `HKLM\SOFTWARE\Microsoft\Cryptography`, Name: "MachineGuid", Type: guest.RegSZ, Data: text(guid)},
		{Key: `HKCU\Test`, Name: "Number", Type: guest.RegDWORD, Data: []byte{0x2A, 0, 0, 0}},
		{Key: `HKCU\Test`, Name: "Folder", Type: guest.RegExpandSZ, Data: text(`%windir%\x`)},
		{Key: `HKCU\Test`, Name: "Bare", Type: guest.RegSZ, Data: []byte{'a', 0, 'b', 0}},
		{Key: `HKCU\Test`, Name: "List", Type: guest.RegMultiSZ, Data: append(append(text("one"), text("zwölf")...), 0, 0)},
		{Key: `HKCU\Test`, Name: "", Type: guest.RegSZ, Data: text("default")},
		{Key: `HKCU\Test`, Name: "Blob", Type: guest.RegBinary, Data: []byte{1, 2, 3}},
		{Key: `HKCU\Test\beta`},
		{Key: `HKCU\Test\Alpha`},
	}}, advapi32.Table())
}

// want calls and requires a result.
func want(t *testing.T, m *wintest.Machine, result uint64, name string, args ...uint64) {
	t.Helper()
	if got, _, line := m.Call(dll, name, args...); got != result {
		t.Fatalf("got %d, want %d: %s", got, result, line)
	}
}

func open(t *testing.T, m *wintest.Machine, root uint64, path string) uint64 {
	t.Helper()
	out := m.Alloc(8)
	want(t, m, 0, "RegOpenKeyExW", root, m.WString(path), 0, 0x20019, out)
	return m.Uint(out, 8)
}

func dword(v uint32) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24)} }

func TestRegOpenKeyEx(t *testing.T) {
	for _, tt := range []struct {
		root uint64
		path string
		want uint64
	}{
		{hklm, `SOFTWARE\Microsoft\Cryptography`, 0},
		{0x8000_0002, `software\microsoft\CRYPTOGRAPHY`, 0},
		{hklm, "", 0},
		{hkcu, "Test", 0},
		{hklm, "Test", notFound},
		{hklm, `\SOFTWARE`, uint64(win.ErrBadPathname)},
		{0x8000_0004, "x", badHandle},
		{0x1234, "x", badHandle},
		{0x1_8000_0002, "SOFTWARE", badHandle},
	} {
		m := machine(t)
		for api, path := range map[string]uint64{"RegOpenKeyExA": m.AString(tt.path), "RegOpenKeyExW": m.WString(tt.path)} {
			want(t, m, tt.want, api, tt.root, path, 0, 0x20019, m.Alloc(8))
		}
	}
}

func TestRegCloseKey(t *testing.T) {
	m := machine(t)
	h := open(t, m, hkcu, "Test")
	want(t, m, 0, "RegCloseKey", h)
	want(t, m, badHandle, "RegCloseKey", h)
	want(t, m, 0, "RegCloseKey", hklm)
	want(t, m, 0, "RegCloseKey", hklm)
}

func TestTrace(t *testing.T) {
	m := machine(t)
	_, _, line := m.Call(dll, "RegOpenKeyExW", hklm, m.WString("SOFTWARE"), 0, 0x20019, 0)
	if w := `advapi32.dll!RegOpenKeyExW(hKey=HKEY_LOCAL_MACHINE, lpSubKey=SOFTWARE, ulOptions=0x0, samDesired=0x20019, phkResult=NULL) = 87`; line != w {
		t.Errorf("got %s, want %s", line, w)
	}
}

func TestRegQueryValueEx(t *testing.T) {
	wide := func(s string) string { return string(guest.UTF16(s)) }
	for _, tt := range []struct {
		name      string
		typ       uint64
		wide, asc string
	}{
		{"MachineGuid", 1, wide(guid), guid + "\x00"},
		{"Number", 4, "\x2a\x00\x00\x00", "\x2a\x00\x00\x00"},
		{"Folder", 2, wide(`%windir%\x`), "%windir%\\x\x00"},
		{"Bare", 1, "a\x00b\x00", "ab"},
		{"List", 7, wide("one") + wide("zwölf") + "\x00\x00", "one\x00zw\xf6lf\x00\x00"},
		{"", 1, wide("default"), "default\x00"},
		{"bLOB", 3, "\x01\x02\x03", "\x01\x02\x03"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := machine(t)
			h := open(t, m, hkcu, "Test")
			if tt.name == "MachineGuid" {
				h = open(t, m, hklm, `SOFTWARE\Microsoft\Cryptography`)
			}
			for api, data := range map[string]string{"RegQueryValueExA": tt.asc, "RegQueryValueExW": tt.wide} {
				name := m.WString(tt.name)
				if strings.HasSuffix(api, "A") {
					name = m.AString(tt.name)
				}
				typ, size, out := m.Alloc(4), m.Alloc(4), m.Alloc(len(data))
				want(t, m, 0, api, h, name, 0, typ, 0, size)
				if m.Uint(typ, 4) != tt.typ || m.Uint(size, 4) != uint64(len(data)) {
					t.Errorf("%s: type %d, size %d, want %d, %d", api, m.Uint(typ, 4), m.Uint(size, 4), tt.typ, len(data))
				}
				m.Put(size, dword(uint32(len(data)-1)))
				want(t, m, moreData, api, h, name, 0, typ, out, size)
				if got := m.Get(out, 1)[0]; got != '?' || m.Uint(size, 4) != uint64(len(data)) {
					t.Errorf("%s: too small a buffer: %q, size %d", api, got, m.Uint(size, 4))
				}
				want(t, m, 0, api, h, name, 0, typ, out, size)
				if diff := cmp.Diff(data+"?", string(m.Get(out, len(data)+1))); diff != "" {
					t.Errorf("%s (-want +got):\n%s", api, diff)
				}
			}
		})
	}
	m := machine(t)
	h := open(t, m, hkcu, "Test")
	want(t, m, notFound, "RegQueryValueExW", h, m.WString("Nothing"), 0, 0, 0, m.Alloc(4))
	want(t, m, badArgument, "RegQueryValueExW", h, m.WString("Number"), 0, 0, m.Alloc(4), 0)
	want(t, m, badArgument, "RegQueryValueExW", h, m.WString("Number"), 1, 0, 0, m.Alloc(4))
	want(t, m, badHandle, "RegQueryValueExW", 8, m.WString("Number"), 0, 0, 0, m.Alloc(4))
}

func TestRegistryRecorded(t *testing.T) {
	m := machine(t)
	h := open(t, m, hklm, `SOFTWARE\Microsoft\Cryptography`)
	want(t, m, 0, "RegQueryValueExW", h, m.WString("machineguid"), 0, 0, m.Alloc(100), m.Bytes(dword(100)))
	want(t, m, notFound, "RegQueryValueExW", h, m.WString("Other"), 0, 0, 0, 0)
	want(t, m, 0, "RegSetValueExA", h, m.AString("Text"), 0, 1, m.AString("zwölf"), 6)
	key := `HKLM\SOFTWARE\Microsoft\Cryptography\`
	got := append(m.Behaviours("registry.read"), m.Behaviours("registry.write")...)
	if diff := cmp.Diff([]string{
		"registry.read path=" + key + "MachineGuid found=true type=REG_SZ data=" + guid,
		"registry.read path=" + key + "Other found=false",
		"registry.write path=" + key + "Text type=REG_SZ data=zwölf",
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(guest.UTF16("zwölf"), m.Registry.Root("HKLM").Open(`SOFTWARE\Microsoft\Cryptography`).Get("Text").Data); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

func TestRegGetValue(t *testing.T) {
	const noExpand = 0x1000_0000
	for _, tt := range []struct {
		name   string
		flags  uint64
		want   uint64
		typ    uint64
		data   string // decoded
		binary string
	}{
		{"Number", 0x18, 0, 4, "", "\x2a\x00\x00\x00"},
		{"Number", 0xFFFF, 0, 4, "", "\x2a\x00\x00\x00"},
		{"Number", 0x02, 1630, 4, "", ""},
		{"Blob", 0x18, uint64(win.ErrInvalidData), 3, "", ""},
		{"Blob", 0x08, 0, 3, "", "\x01\x02\x03"},
		{"Folder", 0x02, 0, 1, `C:\Windows\x`, ""},
		{"Folder", 0x04 | noExpand, 0, 2, `%windir%\x`, ""},
		{"Folder", 0x04, badArgument, 0, "", ""},
		{"Folder", 0x02 | noExpand, 1630, 2, "", ""},
		{"Bare", 0x02, 0, 1, "ab", ""},
		{"Nothing", 0xFFFF, notFound, 0, "", ""},
		{"Number", 0, badArgument, 0, "", ""},
	} {
		m := machine(t)
		binary := tt.binary
		if tt.data != "" {
			binary = string(guest.UTF16(tt.data))
		}
		typ, size, out := m.Bytes(dword(0)), m.Bytes(dword(64)), m.Alloc(64)
		want(t, m, tt.want, "RegGetValueW", hkcu, m.WString("Test"), m.WString(tt.name), tt.flags, typ, out, size)
		if m.Uint(typ, 4) != tt.typ {
			t.Errorf("%s: type: got %d, want %d", tt.name, m.Uint(typ, 4), tt.typ)
		}
		if tt.want == 0 {
			if got := string(m.Get(out, len(binary)+1)); got != binary+"?" || m.Uint(size, 4) != uint64(len(binary)) {
				t.Errorf("%s: got %q, size %d, want %q", tt.name, got, m.Uint(size, 4), binary)
			}
		}
	}
}

func TestRegCreateAndDelete(t *testing.T) {
	m := machine(t)
	out, disposition := m.Alloc(8), m.Alloc(4)
	create := func(path string) uint64 {
		t.Helper()
		want(t, m, 0, "RegCreateKeyExW", hkcu, m.WString(path), 0, 0, 0, 0xF003F, 0, out, disposition)
		return m.Uint(disposition, 4)
	}
	if got := create(`Software\New\Deep`); got != 1 {
		t.Errorf("disposition: got %d, want 1", got)
	}
	if got := create(`software\new`); got != 2 {
		t.Errorf("disposition: got %d, want 2", got)
	}
	h := m.Uint(out, 8)
	want(t, m, 0, "RegSetValueExW", h, m.WString("V"), 0, 4, m.Bytes(dword(7)), 4)
	want(t, m, 0, "RegDeleteValueW", h, m.WString("v"))
	want(t, m, notFound, "RegDeleteValueW", h, m.WString("v"))
	want(t, m, uint64(win.ErrAccessDenied), "RegDeleteKeyW", hkcu, m.WString(`Software\New`))
	want(t, m, 0, "RegDeleteKeyW", h, m.WString("deep"))
	want(t, m, 0, "RegDeleteKeyW", hkcu, m.WString(`Software\New`))
	want(t, m, notFound, "RegOpenKeyExW", hkcu, m.WString(`Software\New`), 0, 0, out)
	want(t, m, uint64(win.ErrAccessDenied), "RegDeleteKeyW", hkcu, m.WString(""))
	want(t, m, badArgument, "RegCreateKeyExW", hkcu, m.WString(strings.Repeat(`a\`, 33)), 0, 0, 0, 0, 0, out, 0)
	want(t, m, badArgument, "RegCreateKeyExW", hkcu, m.WString(strings.Repeat(`a`, 256)), 0, 0, 0, 0, 0, out, 0)
}

func TestRegEnum(t *testing.T) {
	m := machine(t)
	h := open(t, m, hkcu, "Test")
	name, size := m.Alloc(32), m.Alloc(4)
	var keys []string
	for i := uint64(0); ; i++ {
		m.Put(size, dword(16))
		got, _, _ := m.Call(dll, "RegEnumKeyExW", h, i, name, size, 0, 0, 0, 0)
		if got != 0 {
			if got != noMore {
				t.Errorf("at the end: got %d", got)
			}
			break
		}
		keys = append(keys, guest.FromUTF16(m.Get(name, 2*int(m.Uint(size, 4)))))
	}
	if diff := cmp.Diff([]string{"Alpha", "beta"}, keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	m.Put(size, dword(5))
	want(t, m, moreData, "RegEnumKeyExA", h, 0, name, size, 0, 0, 0, 0)
	m.Put(size, dword(6))
	want(t, m, 0, "RegEnumKeyExA", h, 0, name, size, 0, 0, 0, 0)
	if got := string(m.Get(name, 6)); got != "Alpha\x00" || m.Uint(size, 4) != 5 {
		t.Errorf("got %q, size %d", got, m.Uint(size, 4))
	}
	data, dataSize, typ := m.Alloc(4), m.Bytes(dword(4)), m.Alloc(4)
	m.Put(size, dword(16))
	want(t, m, 0, "RegEnumValueW", h, 0, name, size, 0, typ, data, dataSize)
	if m.Uint(data, 4) != 42 || m.Uint(typ, 4) != 4 || guest.FromUTF16(m.Get(name, 14)) != "Number" {
		t.Errorf("got %d of type %d", m.Uint(data, 4), m.Uint(typ, 4))
	}
	keyCount, valueCount, longest := m.Alloc(4), m.Alloc(4), m.Alloc(4)
	want(t, m, 0, "RegQueryInfoKeyW", h, 0, 0, 0, keyCount, longest, 0, valueCount, 0, 0, 0, 0)
	if m.Uint(keyCount, 4) != 2 || m.Uint(valueCount, 4) != 6 || m.Uint(longest, 4) != 5 {
		t.Errorf("got %d keys, %d values, longest name %d", m.Uint(keyCount, 4), m.Uint(valueCount, 4), m.Uint(longest, 4))
	}
}

func TestRegistryIsBounded(t *testing.T) {
	m := machine(t)
	big := m.Alloc(9 << 20)
	want(t, m, 0, "RegSetValueExW", hkcu, m.WString("a"), 0, 3, big, 9<<20)
	want(t, m, uint64(win.ErrNotEnoughMemory), "RegSetValueExW", hkcu, m.WString("b"), 0, 3, big, 9<<20)
	if stop := m.Ends(dll, "RegSetValueExW", hkcu, m.WString("c"), 0, 3, 0x10, 0xFFFF_FFFF); stop.ExitCode != guest.StatusAccessViolation {
		t.Errorf("got %+v, want an access violation", stop)
	}
}
