package kernel32_test

import (
	"testing"

	"sidetrace/emulator/win"
)

func TestEnvironmentVariable(t *testing.T) {
	m := machine(t, nil)
	buf := m.Alloc(64)
	run(t, m, []call{
		{args("username", buf, 5), "GetEnvironmentVariableW(lpName=username, lpBuffer={1}, nSize=5) = 4", 0},
		{args("USERNAME", 0, 0), "GetEnvironmentVariableW(lpName=USERNAME, lpBuffer=NULL, nSize=0) = 5", 0},
		{args("MISSING", buf, 5), failed("GetEnvironmentVariableA(lpName=MISSING, lpBuffer={1}, nSize=5) = 0", 203), win.ErrEnvVarNotFound},
		{args("MISSING", 0), failed("SetEnvironmentVariableA(lpName=MISSING, lpValue=NULL) = FALSE", 203), win.ErrEnvVarNotFound},
		{args("a=b", "c"), failed("SetEnvironmentVariableA(lpName=a=b, lpValue=c) = FALSE", 87), win.ErrInvalidParameter},
		{args("UserName", "other"), "SetEnvironmentVariableA(lpName=UserName, lpValue=other) = TRUE", 0},
		{args("USERNAME", buf, 64), "GetEnvironmentVariableA(lpName=USERNAME, lpBuffer={1}, nSize=64) = 5", 0},
		{args("USERNAME", 0), "SetEnvironmentVariableA(lpName=USERNAME, lpValue=NULL) = TRUE", 0},
		{args("USERNAME", buf, 64), failed("GetEnvironmentVariableA(lpName=USERNAME, lpBuffer={1}, nSize=64) = 0", 203), win.ErrEnvVarNotFound},
	})
	if got := string(m.Get(buf, 7)); got != "other\x00r" { // the r is the wide text's
		t.Errorf("buffer: got %q", got)
	}
}

func TestExpandEnvironmentStrings(t *testing.T) {
	m := machine(t, nil)
	for _, c := range []struct{ source, want string }{
		{"%SystemRoot%\\x", "C:\\Windows\\x"},
		{"%systemroot%%USERNAME%", "C:\\Windowsuser"},
		{"100% of %MISSING% is %USERNAME%", "100% of %MISSING% is user"},
		{"%", "%"},
		{"", ""},
	} {
		for _, version := range []string{"A", "W"} {
			buf := m.Alloc(256)
			n, _, _ := m.Call("kernel32.dll", "ExpandEnvironmentStrings"+version, value(t, m, version, c.source), buf, 128)
			got := ""
			if version == "W" {
				got = text(t, m, buf)
			} else if b, err := m.Mem.CString(buf); err == nil {
				got = string(b)
			}
			if got != c.want || int(n) != len(c.want)+1 {
				t.Errorf("%s %q: got %q, %d, want %q, %d", version, c.source, got, n, c.want, len(c.want)+1)
			}
		}
	}
	short := m.Alloc(4)
	run(t, m, []call{{args("%USERNAME%", short, 4), "ExpandEnvironmentStringsA(lpSrc=%USERNAME%, lpDst={1}, nSize=4) = 5", 0}})
	if got := string(m.Get(short, 4)); got != "????" {
		t.Errorf("too short a buffer: got %q", got)
	}
}

// TestExpandIsBounded doubles a variable until it would not fit a string.
func TestExpandIsBounded(t *testing.T) {
	m := machine(t, nil)
	long := make([]byte, 30000)
	for i := range long {
		long[i] = 'x'
	}
	m.Call("kernel32.dll", "SetEnvironmentVariableA", m.AString("V"), m.AString(string(long)))
	n, lastError, _ := m.Call("kernel32.dll", "ExpandEnvironmentStringsA", m.AString("%V%%V%%V%%V%%V%%V%"), 0, 0)
	if n != 0 || lastError != win.ErrNotEnoughMemory {
		t.Errorf("got %d, last error %d, want 0, %d", n, lastError, win.ErrNotEnoughMemory)
	}
}

func TestEnvironmentStrings(t *testing.T) {
	m := machine(t, nil)
	w, _, _ := m.Call("kernel32.dll", "GetEnvironmentStringsW")
	a, _, _ := m.Call("kernel32.dll", "GetEnvironmentStrings")
	const first = `ALLUSERSPROFILE=C:\ProgramData`
	if got := text(t, m, w); got != first {
		t.Errorf("wide: got %q, want %q", got, first)
	}
	if b, _ := m.Mem.CString(a); string(b) != first {
		t.Errorf("ANSI: got %q, want %q", b, first)
	}
	run(t, m, []call{
		{args(w), "FreeEnvironmentStringsW(penv={0}) = TRUE", 0},
		{args(w), failed("FreeEnvironmentStringsW(penv={0}) = FALSE", 87), win.ErrInvalidParameter},
	})
}
