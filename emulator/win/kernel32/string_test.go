package kernel32_test

import (
	"testing"

	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

func TestLstr(t *testing.T) {
	m := machine(t, nil)
	buf, narrow := m.Alloc(32), m.Alloc(16)
	run(t, m, []call{
		{args("héllo"), "lstrlenA(lpString=héllo) = 5", 0},
		{args("héllo"), "lstrlenW(lpString=héllo) = 5", 0},
		{args(0), "lstrlenW(lpString=NULL) = 0", 0},
		{args(buf, "abc"), "lstrcpyW(lpString1={0}, lpString2=abc) = {0}", 0},
		{args(buf, "def"), "lstrcatW(lpString1=abc, lpString2=def) = {0}", 0},
		{args(narrow, "abcdef", 4), "lstrcpynA(lpString1={0}, lpString2=abcdef, iMaxLength=4) = {0}", 0},
		{args(narrow, 0), "lstrcpyA(lpString1={0}, lpString2=NULL) = NULL", 0},
	})
	if got := text(t, m, buf); got != "abcdef" {
		t.Errorf("got %q, want %q", got, "abcdef")
	}
	if got := string(m.Get(narrow, 5)); got != "abc\x00?" {
		t.Errorf("got %q, want %q", got, "abc\x00?")
	}
}

// TestLstrBadPointer faults, since what is read is not there.
func TestLstrBadPointer(t *testing.T) {
	m := machine(t, nil)
	if stop := m.Ends("kernel32.dll", "lstrlenA", 0x12345678); stop.Reason != trace.StopException {
		t.Errorf("got %+v, want an exception", stop)
	}
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		a, b           string
		want, ignoring int
	}{
		{"abc", "abc", 0, 0},
		{"abc", "ABC", -1, 0},
		{"ABC", "abc", 1, 0},
		{"abc", "abd", -1, -1},
		{"B", "a", 1, 1},
		{"a", "ab", -1, -1},
		{"_", "1", -1, -1},
		{"1", "a", -1, -1},
		{"explorer.exe", "EXPLORER.EXE", -1, 0},
		{"É", "é", 1, 0},
	} {
		m := machine(t, nil)
		for _, version := range []string{"A", "W"} {
			a, b := value(t, m, version, c.a), value(t, m, version, c.b)
			if got, _, _ := m.Call("kernel32.dll", "lstrcmp"+version, a, b); int(int32(got)) != c.want {
				t.Errorf("lstrcmp%s(%q, %q): got %d, want %d", version, c.a, c.b, int32(got), c.want)
			}
			if got, _, _ := m.Call("kernel32.dll", "lstrcmpi"+version, a, b); int(int32(got)) != c.ignoring {
				t.Errorf("lstrcmpi%s(%q, %q): got %d, want %d", version, c.a, c.b, int32(got), c.ignoring)
			}
		}
		a, b, all := m.WString(c.a), m.WString(c.b), ^uint64(0)
		if got, _, _ := m.Call("kernel32.dll", "CompareStringW", 0x409, 1, a, all, b, all); int(got)-2 != c.ignoring {
			t.Errorf("CompareStringW(%q, %q): got %d, want %d", c.a, c.b, got, c.ignoring+2)
		}
	}
}

func TestCompareStringRefuses(t *testing.T) {
	m := machine(t, nil)
	a := m.WString("abc")
	run(t, m, []call{
		{args(0, 0, a, 2, a, 3), "CompareStringW(Locale=0, dwCmpFlags=0x0, lpString1={2}, cchCount1=2, lpString2={4}, cchCount2=3) = 1", 0},
		{args(0, 0, 0, 2, a, 3), failed("CompareStringW(Locale=0, dwCmpFlags=0x0, lpString1=NULL, cchCount1=2, lpString2={4}, cchCount2=3) = 0", 87), win.ErrInvalidParameter},
		{args(0, 0x100, a, 2, a, 3), failed("CompareStringW(Locale=0, dwCmpFlags=0x100, lpString1={2}, cchCount1=2, lpString2={4}, cchCount2=3) = 0", 1004), win.ErrInvalidFlags},
		{args(a, 3, m.WString("ABC"), 3, 1), "CompareStringOrdinal(lpString1={0}, cchCount1=3, lpString2={2}, cchCount2=3, bIgnoreCase=1) = 2", 0},
		{args(a, 3, m.WString("ABC"), 3, 0), "CompareStringOrdinal(lpString1={0}, cchCount1=3, lpString2={2}, cchCount2=3, bIgnoreCase=0) = 3", 0},
	})
}

func TestLocale(t *testing.T) {
	m := machine(t, nil)
	buf := m.Alloc(32)
	run(t, m, []call{
		{args(), "GetUserDefaultLCID() = 1033", 0},
		{args(), "GetUserDefaultUILanguage() = 0x409", 0},
		{args(buf, 16), "GetUserDefaultLocaleName(lpLocaleName={0}, cchLocaleName=16) = 6", 0},
		{args(0x409, 0x5A, buf, 16), "GetLocaleInfoW(Locale=1033, LCType=0x5a, lpLCData={2}, cchData=16) = 3", 0},
		{args(0x409, 0x5A, 0, 0), "GetLocaleInfoA(Locale=1033, LCType=0x5a, lpLCData=NULL, cchData=0) = 3", 0},
		{args(0x409, 0x5A, buf, 1), failed("GetLocaleInfoA(Locale=1033, LCType=0x5a, lpLCData={2}, cchData=1) = 0", 122), win.ErrInsufficientBuffer},
	})
	if got := text(t, m, buf); got != "US" {
		t.Errorf("country: got %q, want %q", got, "US")
	}
	n := m.Alloc(4)
	run(t, m, []call{
		{args(0x409, 0x20001004, n, 2), "GetLocaleInfoW(Locale=1033, LCType=0x20001004, lpLCData={2}, cchData=2) = 2", 0},
		{args(0x409, 0x200, m.WString("aé1"), 3, buf, 3), "LCMapStringW(Locale=1033, dwMapFlags=0x200, lpSrcStr={2}, cchSrc=3, lpDestStr={4}, cchDest=3) = 3", 0},
		{args(0x409, 0x300, m.WString("a"), 1, buf, 3), failed("LCMapStringW(Locale=1033, dwMapFlags=0x300, lpSrcStr={2}, cchSrc=1, lpDestStr={4}, cchDest=3) = 0", 1004), win.ErrInvalidFlags},
	})
	if got := m.Uint(n, 4); got != 1252 {
		t.Errorf("code page: got %d, want 1252", got)
	}
	if got := wide(t, m, buf, 3); got != "AÉ1" {
		t.Errorf("capitals: got %q, want %q", got, "AÉ1")
	}
	run(t, m, []call{
		{args(0, 0x100, m.WString("ABC"), -1, buf, 8, 0, 0, 0), "LCMapStringEx(lpLocaleName=NULL, dwMapFlags=0x100, lpSrcStr={2}, cchSrc=-1, lpDestStr={4}, cchDest=8, lpVersionInformation=NULL, lpReserved=NULL, sortHandle=NULL) = 4", 0},
		{args(0, 0x5C, buf, 16), "GetLocaleInfoEx(lpLocaleName=NULL, LCType=0x5c, lpLCData={2}, cchData=16) = 6", 0},
		{args(0, 0x777, buf, 16), failed("GetLocaleInfoEx(lpLocaleName=NULL, LCType=0x777, lpLCData={2}, cchData=16) = 0", 1004), win.ErrInvalidFlags},
	})
	types := m.Alloc(8)
	run(t, m, []call{
		{args(1, m.WString("aF 5"), 4, types), "GetStringTypeW(dwInfoType=1, lpSrcStr={1}, cchSrc=4, lpCharType={3}) = TRUE", 0},
	})
	if got, want := m.Uint(types, 8), uint64(0x0284_0248_0381_0382); got != want {
		t.Errorf("types: got %#x, want %#x", got, want)
	}
}
