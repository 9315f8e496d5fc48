package advapi32_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

func TestToken(t *testing.T) {
	a := newCAPI(t)
	out, n := a.Alloc(8), a.Alloc(4)
	a.call(win.ErrInvalidHandle, "OpenProcessToken", 0x1234, 8, out)
	a.call(0, "OpenProcessToken", ^uint64(0), 8, out)
	h := a.Uint(out, 8)
	value := a.Alloc(44)
	a.call(0, "GetTokenInformation", h, 20, value, 4, n)
	if got := a.Uint(value, 4); got != 0 {
		t.Errorf("elevation: got %d, want 0", got)
	}
	a.call(win.ErrInsufficientBuffer, "GetTokenInformation", h, 1, value, 43, n)
	if got := a.Uint(n, 4); got != 44 {
		t.Errorf("size: got %d, want 44", got)
	}
	a.call(0, "GetTokenInformation", h, 1, value, 44, n)
	user := a.Uint(value, 8)
	a.call(0, "ConvertSidToStringSidW", user, out)
	const want = "S-1-5-21-1004336348-1177238915-682003330-1001"
	if got := guest.FromUTF16(a.Get(a.Uint(out, 8), 2*len(want)+2)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	a.call(0, "GetTokenInformation", h, 25, value, 44, n)
	rid, _, _ := a.Call(dll, "GetSidSubAuthority", a.Uint(value, 8), 0)
	if got := a.Uint(rid, 4); got != 0x2000 {
		t.Errorf("integrity: got %#x, want 0x2000", got)
	}
	a.call(win.ErrInvalidHandle, "GetTokenInformation", 0x1234, 20, value, 4, n)
	a.call(win.ErrInvalidParameter, "GetTokenInformation", h, 7, value, 4, n)
	if len(a.Gaps()) != 1 {
		t.Errorf("gaps: %v", a.Gaps())
	}
}

func TestMembership(t *testing.T) {
	a := newCAPI(t)
	out, member, authority := a.Alloc(8), a.Alloc(4), a.Bytes([]byte{0, 0, 0, 0, 0, 5})
	for rid, want := range map[uint64]uint64{544: 0, 545: 1} {
		a.call(0, "AllocateAndInitializeSid", authority, 2, 32, rid, 0, 0, 0, 0, 0, 0, out)
		a.call(0, "CheckTokenMembership", 0, a.Uint(out, 8), member)
		if got := a.Uint(member, 4); got != want {
			t.Errorf("S-1-5-32-%d: got %d, want %d", rid, got, want)
		}
		if got, _, _ := a.Call(dll, "FreeSid", a.Uint(out, 8)); got != 0 {
			t.Errorf("FreeSid: got %#x", got)
		}
	}
}

func TestPrivileges(t *testing.T) {
	a := newCAPI(t)
	out := a.Alloc(8)
	a.call(0, "OpenProcessToken", ^uint64(0), 0x28, out)
	h := a.Uint(out, 8)
	for name, want := range map[string]win.Error{"SeDebugPrivilege": 1300, "SeChangeNotifyPrivilege": 0} {
		state := a.Bytes(append(dword(1), make([]byte, 12)...))
		a.call(0, "LookupPrivilegeValueW", 0, a.WString(name), state+4)
		if got, err, _ := a.Call(dll, "AdjustTokenPrivileges", h, 0, state, 0, 0, 0); got != 1 || err != want {
			t.Errorf("%s: got %d, error %d, want 1, error %d", name, got, err, want)
		}
	}
	a.call(1313, "LookupPrivilegeValueW", 0, a.WString("SeNothing"), out)
	a.call(1008, "OpenThreadToken", ^uint64(1), 8, 0, out)
}
