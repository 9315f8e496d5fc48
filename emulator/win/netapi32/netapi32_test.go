package netapi32_test

import (
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/netapi32"
	"sidetrace/emulator/win/secur32"
	"sidetrace/emulator/win/wintest"
)

func TestHostileArguments(t *testing.T) {
	wintest.Monkey(t, guest.Config{}, 20, netapi32.Table(), secur32.Table())
}

func wide(m *wintest.Machine, at uint64) string {
	b, err := m.Mem.WString(at)
	if err != nil {
		return err.Error()
	}
	return string(guest.AppendUTF8(nil, b))
}

func TestMachineAndUser(t *testing.T) {
	m := wintest.New(t, guest.Config{User: "alice"}, netapi32.Table(), secur32.Table())
	out, kind := m.Alloc(8), m.Alloc(8)
	call := func(want uint64, name string, args ...uint64) {
		t.Helper()
		if got, _, line := m.Call("netapi32.dll", name, args...); got != want {
			t.Errorf("got %d, want %d: %s", got, want, line)
		}
	}
	call(0, "NetGetJoinInformation", 0, out, kind)
	if got := wide(m, m.Uint(out, 8)); got != "WORKGROUP" || m.Uint(kind, 4) != 2 {
		t.Errorf("got %q", got)
	}
	call(0, "NetApiBufferFree", m.Uint(out, 8))
	call(0, "NetWkstaGetInfo", 0, 102, out)
	if at := m.Uint(out, 8); wide(m, m.Uint(at+8, 8)) != "WORKSTATION" || m.Uint(at+24, 4) != 10 || m.Uint(at+40, 4) != 1 {
		t.Error("NetWkstaGetInfo")
	}
	call(124, "NetWkstaGetInfo", 0, 7, out)
	call(0, "NetUserGetInfo", 0, m.WString("ALICE"), 1, out)
	if at := m.Uint(out, 8); wide(m, m.Uint(at, 8)) != "alice" || m.Uint(at+40, 4) != 0x201 {
		t.Error("NetUserGetInfo")
	}
	call(2221, "NetUserGetInfo", 0, m.WString("bob"), 1, out)
	call(1355, "DsGetDcNameW", 0, 0, 0, 0, 0, out)
	call(1376, "NetLocalGroupGetMembers", 0, m.WString("nobodies"), 3, out, 0, kind, kind, 0)
	if m.Gaps() != nil {
		t.Errorf("gaps: %q", m.Gaps())
	}
	call(53, "NetGetJoinInformation", m.WString(`\\DC01`), out, kind)
	if len(m.Gaps()) != 1 {
		t.Errorf("gaps: %q", m.Gaps())
	}
	name, size := m.Alloc(100), m.Bytes([]byte{40, 0, 0, 0})
	if got, _, _ := m.Call("secur32.dll", "GetUserNameExW", 2, name, size); got != 1 || !strings.EqualFold(wide(m, name), `WORKSTATION\alice`) || m.Uint(size, 4) != 17 {
		t.Errorf("got %q", wide(m, name))
	}
	if _, err, _ := m.Call("secur32.dll", "GetUserNameExA", 3, name, size); err != 1332 {
		t.Errorf("error %d", err)
	}
}
