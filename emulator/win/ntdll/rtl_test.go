package ntdll_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
	"sidetrace/emulator/win/wintest"
)

func TestMemoryBlocks(t *testing.T) {
	m := machine(t)
	at := m.Bytes([]byte("0123456789"))
	want(t, m, 0, "RtlMoveMemory", at+2, at, 8) // the two overlap
	same(t, "moved", string(m.Get(at, 11)), "0101234567?")
	want(t, m, 0, "RtlFillMemory", at, 3, 0x141)
	want(t, m, 0, "RtlZeroMemory", at+3, 2)
	same(t, "filled", string(m.Get(at, 11)), "AAA\x00\x0034567?")
	want(t, m, 0, "RtlMoveMemory", bad, bad, 0)

	other := m.Bytes([]byte("AAA\x00\x00x"))
	want(t, m, 5, "RtlCompareMemory", at, other, 6)
	want(t, m, 5, "RtlCompareMemory", at, other, 5)
	want(t, m, 0, "RtlCompareMemory", at, other+3, 2)
}

func TestInitString(t *testing.T) {
	m := machine(t)
	ansiText, wideText := m.AString("café"), m.WString("café")
	long := make([]byte, 0x20002)
	for i := range 0xFFFF {
		long[2*i] = 'a'
	}
	longText := m.Bytes(long)
	for _, test := range []struct {
		name            string
		source          uint64
		status          uint64
		length, maximum uint64
	}{
		{"RtlInitUnicodeString", wideText, 0, 8, 10},
		{"RtlInitUnicodeString", 0, 0, 0, 0},
		{"RtlInitUnicodeString", longText, 0, 0xFFFC, 0xFFFE},
		{"RtlInitUnicodeStringEx", wideText, 0, 8, 10},
		{"RtlInitUnicodeStringEx", longText, 0xC0000106, 0x3F3F, 0x3F3F},
		{"RtlInitAnsiString", ansiText, 0, 4, 5},
		{"RtlInitString", ansiText, 0, 4, 5},
		{"RtlInitAnsiString", 0, 0, 0, 0},
	} {
		out := m.Alloc(16)
		want(t, m, test.status, test.name, out, test.source)
		same(t, test.name, []uint64{m.Uint(out, 2), m.Uint(out+2, 2)}, []uint64{test.length, test.maximum})
		if test.status == 0 {
			same(t, test.name+": buffer", m.Uint(out+8, 8), test.source)
		}
	}
	_, _, line := m.Call(dll, "RtlInitUnicodeString", m.Alloc(16), wideText)
	if !strings.HasSuffix(line, ", SourceString=café)") {
		t.Errorf("trace: got %q", line)
	}
}

func TestConvertString(t *testing.T) {
	m := machine(t)
	out := m.Alloc(16)
	_, _, line := m.Call(dll, "RtlUnicodeStringToAnsiString", out, unicode(m, "naïve 学"), 1)
	if !strings.HasSuffix(line, `, SourceString="naïve 学", AllocateDestinationString=0x1) = 0x00000000`) {
		t.Errorf("trace: got %q", line)
	}
	same(t, "header", m.Uint(out, 4), uint64(7|8<<16))
	buffer := m.Uint(out+8, 8)
	same(t, "text", string(m.Get(buffer, 8)), "na\xEFve ?\x00")
	want(t, m, 0, "RtlFreeAnsiString", out)
	same(t, "freed", m.Get(out, 16), make([]byte, 16))
	if _, ok := m.Heap.Size(buffer); ok {
		t.Error("the buffer is still there")
	}

	// Into the caller's buffer, where it fits with its terminator.
	for _, test := range []struct{ capacity, status uint64 }{{8, 0}, {7, 0x80000005}} {
		room := m.Alloc(8)
		target := m.Bytes(le(test.capacity<<16, room))
		want(t, m, test.status, "RtlAnsiStringToUnicodeString", target, ansi(m, "abc"), 0)
		if test.status == 0 {
			same(t, "text", string(m.Get(room, 9)), "a\x00b\x00c\x00\x00\x00?")
			same(t, "header", m.Uint(target, 4), uint64(6|8<<16))
		} else {
			same(t, "nothing stored", m.Uint(room, 1), uint64(wintest.Fill))
		}
	}
}

func TestCompareString(t *testing.T) {
	m := machine(t)
	for _, test := range []struct {
		a, b    string
		fold    uint64
		equal   uint64
		compare int32
	}{
		{"ntdll.dll", "NTDLL.DLL", 1, 1, 0},
		{"ntdll.dll", "NTDLL.DLL", 0, 0, 1},
		{"é", "É", 1, 1, 0},
		{"abc", "abcd", 1, 0, -1},
		{"", "", 0, 1, 0},
	} {
		a, b := unicode(m, test.a), unicode(m, test.b)
		want(t, m, test.equal, "RtlEqualUnicodeString", a, b, test.fold)
		want(t, m, uint64(uint32(test.compare)), "RtlCompareUnicodeString", a, b, test.fold)
	}
}

func TestVersion(t *testing.T) {
	m := wintest.New(t, guest.Config{Version: guest.OSVersion{Major: 10, Build: 22631}}, ntdll.Table())
	for _, size := range []uint64{276, 284} {
		at := m.Alloc(284)
		m.Put(at, binary.LittleEndian.AppendUint32(nil, uint32(size)))
		want(t, m, 0, "RtlGetVersion", at)
		same(t, "version", []uint64{m.Uint(at, 4), m.Uint(at+4, 4), m.Uint(at+8, 4), m.Uint(at+12, 4), m.Uint(at+16, 4), m.Uint(at+20, 2)}, []uint64{size, 10, 0, 22631, 2, 0})
		ex := []uint64{0x3F3F, 0x3F}
		if size == 284 {
			ex = []uint64{0x100, 1}
		}
		same(t, "suite and product type", []uint64{m.Uint(at+280, 2), m.Uint(at+282, 1)}, ex)
	}
	out := m.Alloc(12)
	want(t, m, 0, "RtlGetNtVersionNumbers", out, out+4, out+8)
	same(t, "numbers", []uint64{m.Uint(out, 4), m.Uint(out+4, 4), m.Uint(out+8, 4)}, []uint64{10, 0, 0xF0000000 | 22631})
}

func TestRandom(t *testing.T) {
	m := machine(t)
	seed := m.Bytes(binary.LittleEndian.AppendUint32(nil, 1))
	want(t, m, 0x7FFFFFB1, "RtlUniform", seed) // (1 * 0x7FFFFFED + 0x7FFFFFC3) mod (2^31 - 1)
	same(t, "seed", m.Uint(seed, 4), uint64(0x7FFFFFB1))
	a, _, _ := m.Call(dll, "RtlRandomEx", seed)
	b, _, _ := m.Call(dll, "RtlRandomEx", seed)
	if a == b || a > 0x7FFFFFFE || b > 0x7FFFFFFE {
		t.Errorf("RtlRandomEx: got %#x, %#x", a, b)
	}
}

func TestEncodePointer(t *testing.T) {
	m := machine(t)
	p, _, _ := m.Call(dll, "RtlEncodePointer", 0x7FF600001000)
	if p == 0x7FF600001000 {
		t.Error("the pointer is not changed")
	}
	want(t, m, 0x7FF600001000, "RtlDecodePointer", p)
}

func TestWin32Error(t *testing.T) {
	for _, test := range []struct {
		status win.Status
		want   win.Error
	}{
		{0, 0},
		{0xC0000005, win.ErrNoAccess},
		{0xC0000034, win.ErrFileNotFound},
		{0xC0000018, win.ErrInvalidAddress},
		{0xC0000045, win.ErrInvalidParameter},
		{0x80000005, win.ErrMoreData},
		{0xC0010057, 0x57},       // a Win32 error in a status
		{0x80070005, 5},          // and in an HRESULT
		{0xE0434352, 0xE0434352}, // somebody's own code
		{0xC000FFFF, 317},
	} {
		if got := ntdll.Win32Error(test.status); got != test.want {
			t.Errorf("%#x: got %d, want %d", uint32(test.status), got, test.want)
		}
	}
	m := machine(t)
	_, _, line := m.Call(dll, "RtlNtStatusToDosError", 0xC0000022)
	same(t, "trace", line, "ntdll.dll!RtlNtStatusToDosError(Status=0xc0000022) = 5")
	if _, err, _ := m.Call(dll, "RtlSetLastWin32Error", 1234); err != 1234 {
		t.Errorf("last error: got %d", err)
	}
}

func TestLoader(t *testing.T) {
	m := wintest.New(t, guest.Config{}, ntdll.Table(), win.DLL("other.dll", win.Ordinal(win.Forward("Copy", "ntdll.RtlMoveMemory"), 7)))
	out := m.Alloc(8)
	_, _, line := m.Call(dll, "LdrLoadDll", 0, 0, unicode(m, "other"), out)
	same(t, "trace", line, fmt.Sprintf("ntdll.dll!LdrLoadDll(SearchPath=NULL, DllCharacteristics=NULL, DllName=other, BaseAddress=%#x) = 0x00000000", out))
	base := m.Uint(out, 8)
	if other := m.FindModule("other.dll"); other == nil || other.Base != base {
		t.Fatalf("other.dll is not loaded at %#x", base)
	}
	same(t, "behaviours", len(m.Behaviours("module.load")), 5) // the program and three system DLLs before

	ntdllBase := m.FindModule("ntdll").Base
	want(t, m, 0, "LdrGetDllHandle", 0, 0, unicode(m, "NTDLL.dll"), out)
	same(t, "handle", m.Uint(out, 8), ntdllBase)
	want(t, m, 0xC0000135, "LdrGetDllHandle", 0, 0, unicode(m, "absent.dll"), out)
	want(t, m, 0xC0000135, "LdrLoadDll", 0, 0, unicode(m, "absent.dll"), out)
	want(t, m, 0xC0000135, "LdrLoadDll", 0, 0, unicode(m, ""), out)
	want(t, m, 0xC00000EF, "LdrGetDllHandleEx", 3, 0, 0, unicode(m, "ntdll"), out)

	proc := func(name string) uint64 {
		want(t, m, 0, "LdrGetProcedureAddress", ntdllBase, ansi(m, name), 0, out)
		return m.Uint(out, 8)
	}
	target := proc("RtlMoveMemory")
	for _, ask := range [][]uint64{{base, ansi(m, "Copy"), 0, out}, {base, 0, 7, out}} { // through the forwarder
		m.Put(out, le(0))
		want(t, m, 0, "LdrGetProcedureAddress", ask...)
		same(t, "forwarded", m.Uint(out, 8), target)
	}
	want(t, m, 0xC0000138, "LdrGetProcedureAddress", base, 0, 8, out)
	want(t, m, 0xC000000D, "LdrGetProcedureAddress", base, 0, 0, out)
	want(t, m, 0xC0000135, "LdrGetProcedureAddress", bad, ansi(m, "Copy"), 0, out)

	want(t, m, ntdllBase, "RtlPcToFileHeader", target, out)
	want(t, m, 0, "RtlPcToFileHeader", out, out)
	same(t, "base", m.Uint(out, 8), uint64(0))
	want(t, m, ntdllBase+0x80, "RtlImageNtHeader", ntdllBase)
	want(t, m, 0, "RtlImageNtHeader", out)

	want(t, m, 0, "LdrAddRefDll", 0, base)
	want(t, m, 0, "LdrUnloadDll", base)
	want(t, m, 0, "LdrUnloadDll", base)
	want(t, m, 0xC0000135, "LdrUnloadDll", base)
	want(t, m, 0, "LdrDisableThreadCalloutsForDll", ntdllBase)
	want(t, m, 0xC0000135, "LdrDisableThreadCalloutsForDll", bad)
}

func TestDecompressBuffer(t *testing.T) {
	m := machine(t)
	const lznt1, maximum, huffman = 2, 0x100, 4
	src := m.Bytes([]byte{0x03, 0xB0, 0x02, 'a', 0x05, 0x00}) // "a" and eight more
	out, size := m.Alloc(20), m.Alloc(4)
	_, _, line := m.Call(dll, "RtlDecompressBuffer", lznt1|maximum, out, 20, src, 6, size)
	same(t, "trace", line, fmt.Sprintf("ntdll.dll!RtlDecompressBuffer(CompressionFormat=0x102, UncompressedBuffer=%#x, UncompressedBufferSize=20, CompressedBuffer=%#x, CompressedBufferSize=6, FinalUncompressedSize=%#x) = 0x00000000", out, src, size))
	same(t, "text", string(m.Get(out, 10)), "aaaaaaaaa?")
	same(t, "size", m.Uint(size, 4), uint64(9))
	want(t, m, 0xC0000242, "RtlDecompressBuffer", lznt1, out, 20, src, 5, size)
	want(t, m, 0xC000000D, "RtlDecompressBuffer", 0, out, 20, src, 6, size)
	want(t, m, 0xC000025F, "RtlDecompressBuffer", 9, out, 20, src, 6, size)
	want(t, m, 0xC0000242, "RtlDecompressBufferEx", huffman, out, 20, src, 6, size, 0) // no room for the codes' lengths
	same(t, "gaps", m.Gaps(), []string(nil))
	want(t, m, 0xC000025F, "RtlCompressBuffer", huffman, src, 6, out, 20, 4096, size, 0)
	same(t, "gaps", m.Gaps(), []string{"ntdll.dll!RtlCompressBuffer: Xpress compression"})
}
