package kernel32_test

import (
	"encoding/binary"
	"testing"

	"sidetrace/emulator/win"
)

func TestSystem(t *testing.T) {
	m := machine(t, nil)
	size, name, info := m.Bytes([]byte{12, 0, 0, 0}), m.Alloc(32), m.Alloc(64)
	run(t, m, []call{
		{args(name, size), "GetComputerNameA(lpBuffer={0}, nSize={1}) = TRUE", 0},
		{args(name, m.Bytes([]byte{11, 0, 0, 0})), failed("GetComputerNameA(lpBuffer={0}, nSize={1}) = FALSE", 111), win.ErrBufferOverflow},
		{args(99, name, size), failed("GetComputerNameExA(NameType=99, lpBuffer={1}, nSize={2}) = FALSE", 87), win.ErrInvalidParameter},
		{args(), "GetVersion() = 1248133130", 0}, // 10.0.19045
		{args(info), "GetSystemInfo(lpSystemInfo={0})", 0},
		{args(10), "IsProcessorFeaturePresent(ProcessorFeature=10) = TRUE", 0},
		{args(63), "IsProcessorFeaturePresent(ProcessorFeature=63) = FALSE", 0},
		{args(1 << 20), "IsProcessorFeaturePresent(ProcessorFeature=1048576) = FALSE", 0},
		{args(m.Bytes([]byte{63, 0, 0, 0})), failed("GlobalMemoryStatusEx(lpBuffer={0}) = FALSE", 87), win.ErrInvalidParameter},
		{args(m.Bytes(append([]byte{64}, make([]byte, 63)...))), "GlobalMemoryStatusEx(lpBuffer={0}) = TRUE", 0},
	})
	if got, want := m.Uint(size, 4), uint64(11); got != want {
		t.Errorf("length of the name: got %d, want %d", got, want)
	}
	if b, _ := m.Mem.CString(name); string(b) != "WORKSTATION" {
		t.Errorf("name: got %q", b)
	}
	if got := m.Uint(info+32, 4); got != 2 {
		t.Errorf("processors: got %d, want 2", got)
	}
	if got := string(m.Get(info+48, 4)); got != "????" {
		t.Error("written behind SYSTEM_INFO")
	}
}

func TestGetVersionEx(t *testing.T) {
	m := machine(t, nil)
	for _, c := range []struct {
		name string
		size uint32
		ok   uint64
	}{
		{"GetVersionExA", 148, 1}, {"GetVersionExA", 156, 1}, {"GetVersionExA", 276, 0},
		{"GetVersionExW", 276, 1}, {"GetVersionExW", 284, 1}, {"GetVersionExW", 148, 0},
	} {
		at := m.Alloc(300)
		m.Put(at, binary.LittleEndian.AppendUint32(nil, c.size))
		ok, lastError, _ := m.Call("kernel32.dll", c.name, at)
		if ok != c.ok || (ok == 0) != (lastError == win.ErrInsufficientBuffer) {
			t.Errorf("%s of %d bytes: got %d, last error %d, want %d", c.name, c.size, ok, lastError, c.ok)
		}
		if ok == 1 && (m.Uint(at+4, 4) != 10 || m.Uint(at+12, 4) != 19045) {
			t.Errorf("%s of %d bytes: got version %d build %d", c.name, c.size, m.Uint(at+4, 4), m.Uint(at+12, 4))
		}
		if got := m.Get(at+uint64(c.size), 1)[0]; got != '?' {
			t.Errorf("%s of %d bytes: written behind the structure", c.name, c.size)
		}
	}
}

// TestVerifyVersionInfo asks what IsWindowsVersionOrGreater asks of 10.0.
func TestVerifyVersionInfo(t *testing.T) {
	const major, minor, servicePack, build = 2, 1, 0x20, 4
	for _, c := range []struct {
		name                string
		major, minor, build uint32
		types               uint64
		want                uint64
	}{
		{"older", 6, 3, 0, major | minor | servicePack, 1},
		{"the same", 10, 0, 0, major | minor | servicePack, 1},
		{"newer minor", 10, 1, 0, major | minor | servicePack, 0},
		{"newer major", 11, 0, 0, major | minor | servicePack, 0},
		{"build reached", 0, 0, 19045, build, 1},
		{"build not reached", 0, 0, 22000, build, 0},
	} {
		m := machine(t, nil)
		info := make([]byte, 284)
		binary.LittleEndian.PutUint32(info[4:], c.major)
		binary.LittleEndian.PutUint32(info[8:], c.minor)
		binary.LittleEndian.PutUint32(info[12:], c.build)
		const greaterEqual = 3
		mask := uint64(0)
		for _, bit := range []uint64{major, minor, servicePack, build} {
			mask, _, _ = m.Call("kernel32.dll", "VerSetConditionMask", mask, bit, greaterEqual)
		}
		got, lastError, _ := m.Call("kernel32.dll", "VerifyVersionInfoW", m.Bytes(info), c.types, mask)
		if got != c.want || (got == 0) != (lastError == win.ErrOldVersion) {
			t.Errorf("%s: got %d, last error %d, want %d", c.name, got, lastError, c.want)
		}
	}
}
