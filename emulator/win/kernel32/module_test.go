package kernel32_test

import (
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/kernel32"
	"sidetrace/emulator/win/wintest"
)

// modules is a process with one more DLL to load.
func modules(t *testing.T) *wintest.Machine {
	t.Helper()
	tables := append(kernel32.Tables(), win.DLL("extra.dll",
		win.Ordinal(win.Stub("Seven", win.DWORD(7), ""), 7), win.Forward("Elsewhere", "kernel32.GetLastError")))
	return wintest.New(t, guest.Config{}, tables...)
}

func base(m *wintest.Machine, dll string) string { return hex(m.System().Module(dll).Base) }

func TestGetModuleHandle(t *testing.T) {
	m := modules(t)
	run(t, m, []call{
		{args(0), "GetModuleHandleW(lpModuleName=NULL) = " + base(m, guest.StandInHost), 0},
		{args("kernel32"), "GetModuleHandleA(lpModuleName=kernel32) = " + base(m, "kernel32.dll"), 0},
		{args("KERNEL32.DLL"), "GetModuleHandleW(lpModuleName=KERNEL32.DLL) = " + base(m, "kernel32.dll"), 0},
		{args(`C:\Windows\System32\ntdll.dll`), `GetModuleHandleW(lpModuleName=C:\Windows\System32\ntdll.dll) = ` + base(m, "ntdll.dll"), 0},
		{args("extra.dll"), failed("GetModuleHandleW(lpModuleName=extra.dll) = 0x0", 126), win.ErrModNotFound},
		{args(""), failed(`GetModuleHandleA(lpModuleName="") = 0x0`, 126), win.ErrModNotFound},
	})
}

func TestGetModuleHandleEx(t *testing.T) {
	m := modules(t)
	out := m.Alloc(8)
	name, code := m.WString("kernel32.dll"), m.System().Module("ntdll.dll").Base+0x123
	run(t, m, []call{
		{args(2, name, out), "GetModuleHandleExW(dwFlags=0x2, lpModuleName={1}, phModule={2}) = TRUE", 0},
		{args(6, code, out), "GetModuleHandleExW(dwFlags=0x6, lpModuleName={1}, phModule={2}) = TRUE", 0},
	})
	if got, want := m.Uint(out, 8), m.System().Module("ntdll.dll").Base; got != want {
		t.Errorf("the module of an address: got %#x, want %#x", got, want)
	}
	run(t, m, []call{
		{args(3, name, out), failed("GetModuleHandleExW(dwFlags=0x3, lpModuleName={1}, phModule={2}) = FALSE", 87), win.ErrInvalidParameter},
		{args(8, name, out), failed("GetModuleHandleExW(dwFlags=0x8, lpModuleName={1}, phModule={2}) = FALSE", 87), win.ErrInvalidParameter},
		{args(4, 0x12345, out), failed("GetModuleHandleExW(dwFlags=0x4, lpModuleName=0x12345, phModule={2}) = FALSE", 126), win.ErrModNotFound},
		{args(0, name, 0), failed("GetModuleHandleExW(dwFlags=0x0, lpModuleName={1}, phModule=NULL) = FALSE", 87), win.ErrInvalidParameter},
	})
	if got := m.Uint(out, 8); got != 0 {
		t.Errorf("after a failure: got %#x, want 0", got)
	}
}

// TestGetModuleFileName cuts a path that does not fit.
func TestGetModuleFileName(t *testing.T) {
	const path = `C:\Windows\System32\rundll32.exe` // 32 characters
	m := modules(t)
	for _, c := range []struct {
		size      int
		want      string
		result    string
		lastError win.Error
	}{
		{260, path + "\x00?", "32", 0},
		{33, path + "\x00?", "32", 0},
		{32, path[:31] + "\x00?", "32", win.ErrInsufficientBuffer},
		{1, "\x00?", "1", win.ErrInsufficientBuffer},
		{0, "?", "0", win.ErrInsufficientBuffer},
	} {
		narrow, two := m.Alloc(64), m.Alloc(128)
		want := func(name string) string {
			line := name + "(hModule=0x0, lpFilename={1}, nSize=" + decimal(c.size) + ") = " + c.result
			if c.lastError != 0 {
				line = failed(line, c.lastError)
			}
			return line
		}
		run(t, m, []call{
			{args(0, narrow, c.size), want("GetModuleFileNameA"), c.lastError},
			{args(0, two, c.size), want("GetModuleFileNameW"), c.lastError},
		})
		if got := string(m.Get(narrow, len(c.want))); got != c.want {
			t.Errorf("ANSI, size %d: got %q, want %q", c.size, got, c.want)
		}
		n := len(c.want) - 1 // the last is half a character of filler
		if got := wide(t, m, two, n); got != c.want[:n] {
			t.Errorf("wide, size %d: got %q, want %q", c.size, got, c.want[:n])
		}
		if got := m.Get(two+2*uint64(n), 1)[0]; got != wintest.Fill {
			t.Errorf("wide, size %d: written behind the end", c.size)
		}
	}
	run(t, m, []call{
		{args(0x1234, m.Alloc(8), 8), failed("GetModuleFileNameA(hModule=0x1234, lpFilename={1}, nSize=8) = 0", 126), win.ErrModNotFound},
	})
}

func TestGetProcAddress(t *testing.T) {
	m := modules(t)
	h, _, _ := m.Call("kernel32.dll", "LoadLibraryA", m.AString("extra"))
	address := func(dll, name string) string {
		x, ok := m.System().Module(dll).Image.Exports.Lookup(name)
		if !ok {
			t.Fatalf("%s has no %s", dll, name)
		}
		return hex(m.System().Module(dll).Base + uint64(x.RVA))
	}
	run(t, m, []call{
		{args(h, "Seven"), "GetProcAddress(hModule=" + hex(h) + ", lpProcName=Seven) = " + address("extra.dll", "Seven"), 0},
		{args(h, 7), "GetProcAddress(hModule=" + hex(h) + ", lpProcName=0x7) = " + address("extra.dll", "Seven"), 0},
		{args(h, "Elsewhere"), "GetProcAddress(hModule=" + hex(h) + ", lpProcName=Elsewhere) = " + address("kernel32.dll", "GetLastError"), 0},
		{args(h, 99), failed("GetProcAddress(hModule="+hex(h)+", lpProcName=0x63) = NULL", 182), win.ErrInvalidOrdinal},
		{args(h, "Unheard"), failed("GetProcAddress(hModule="+hex(h)+", lpProcName=Unheard) = NULL", 127), win.ErrProcNotFound},
		{args(h, ""), failed("GetProcAddress(hModule="+hex(h)+`, lpProcName="") = NULL`, 127), win.ErrProcNotFound},
		{args(0x1234, "Seven"), failed("GetProcAddress(hModule=0x1234, lpProcName=Seven) = NULL", 126), win.ErrModNotFound},
	})
}

func TestLoadLibrary(t *testing.T) {
	m := modules(t)
	extra := base(m, "extra.dll")
	run(t, m, []call{
		{args("extra"), "LoadLibraryW(lpLibFileName=extra) = " + extra, 0},
		{args("extra.dll"), "LoadLibraryA(lpLibFileName=extra.dll) = " + extra, 0},
		{args("missing.dll"), failed("LoadLibraryA(lpLibFileName=missing.dll) = 0x0", 126), win.ErrModNotFound},
		{args(0), failed("LoadLibraryA(lpLibFileName=NULL) = 0x0", 87), win.ErrInvalidParameter},
		{args(program), failed(`LoadLibraryW(lpLibFileName=`+program+`) = 0x0`, 193), win.ErrBadExeFormat},
		{args("extra.dll", 0, 0x800), "LoadLibraryExW(lpLibFileName=extra.dll, hFile=0x0, dwFlags=0x800) = " + extra, 0},
		{args("missing.dll", 0, 0x1000), failed("LoadLibraryExW(lpLibFileName=missing.dll, hFile=0x0, dwFlags=0x1000) = 0x0", 126), win.ErrModNotFound},
		{args("extra.dll", 0, 0x808), failed("LoadLibraryExW(lpLibFileName=extra.dll, hFile=0x0, dwFlags=0x808) = 0x0", 87), win.ErrInvalidParameter},
		{args("extra.dll", 0, 2), "LoadLibraryExW(lpLibFileName=extra.dll, hFile=0x0, dwFlags=0x2) = 0x20000000001", 0},
		{args(0x20000000001), "FreeLibrary(hLibModule=0x20000000001) = TRUE", 0},
		{args("extra.dll", 0, 0x42), failed("LoadLibraryExW(lpLibFileName=extra.dll, hFile=0x0, dwFlags=0x42) = 0x0", 87), win.ErrInvalidParameter},
		{args(m.System().Module("extra.dll").Base), "FreeLibrary(hLibModule=" + extra + ") = TRUE", 0},
		{args(0), failed("FreeLibrary(hLibModule=0x0) = FALSE", 6), win.ErrInvalidHandle},
		{args(0x1234), failed("FreeLibrary(hLibModule=0x1234) = FALSE", 126), win.ErrModNotFound},
		{args(m.System().Module("extra.dll").Base), "DisableThreadLibraryCalls(hLibModule=" + extra + ") = TRUE", 0},
	})
}

// program is the file the process was made of, which is no PE.
const program = `C:\Test\test.bin`
