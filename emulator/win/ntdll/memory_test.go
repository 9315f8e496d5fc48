package ntdll_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/wintest"
)

func TestAllocate(t *testing.T) {
	for _, test := range []struct {
		name             string
		base, size       uint64
		typ, protect     uint64
		status           uint64
		gotBase, gotSize uint64
		behaviour        []string
	}{
		{"reserve and commit", 0, 5, 0x3000, 4, 0, 0x1E000000000, 0x1000, []string{"memory.alloc address=0x1e000000000 size=4096 protection=rw- type=reserve|commit"}},
		{"at an address", 0x20001234, 0x1000, 0x3000, 0x40, 0, 0x20000000, 0x3000, []string{"memory.alloc address=0x20000000 size=12288 protection=rwx type=reserve|commit"}},
		{"reserve only", 0, 0x2000, 0x2000, 1, 0, 0x1E000000000, 0x2000, []string{"memory.alloc address=0x1e000000000 size=8192 protection=--- type=reserve"}},
		{"commit alone reserves too", 0, 1, 0x1000, 4, 0, 0x1E000000000, 0x1000, []string{"memory.alloc address=0x1e000000000 size=4096 protection=rw- type=commit"}},
		{"no size", 0, 0, 0x3000, 4, 0xC00000F2, 0, 0, nil},
		{"too much", 0, 1 << 47, 0x3000, 4, 0xC00000F2, 0, 1 << 47, nil},
		{"more than there is", 0, 2 << 30, 0x3000, 4, 0xC000012D, 0, 2 << 30, nil},
		{"no type", 0, 1, 0, 4, 0xC00000F3, 0, 1, nil},
		{"no protection", 0, 1, 0x3000, 0, 0xC0000045, 0, 1, nil},
		{"two protections", 0, 1, 0x3000, 6, 0xC0000045, 0, 1, nil},
		{"the kernel's address", 1 << 63, 1, 0x3000, 4, 0xC00000F0, 1 << 63, 1, nil},
		{"taken", 0x7FFE0000, 1, 0x3000, 4, 0xC0000018, 0x7FFE0000, 1, nil},
		{"commit of nothing reserved", 0x30000000, 1, 0x1000, 4, 0xC0000018, 0x30000000, 1, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := machine(t)
			base, size := m.Bytes(le(test.base)), m.Bytes(le(test.size))
			want(t, m, test.status, "NtAllocateVirtualMemory", self, base, 0, size, test.typ, test.protect)
			same(t, "base and size", []uint64{m.Uint(base, 8), m.Uint(size, 8)}, []uint64{test.gotBase, test.gotSize})
			same(t, "behaviours", m.Behaviours("memory.alloc"), test.behaviour)
			if test.status == 0 && test.typ&0x1000 != 0 { // every page can be used
				same(t, "contents", m.Get(test.gotBase, int(test.gotSize)), make([]byte, test.gotSize))
			}
		})
	}
}

func TestAllocateTrace(t *testing.T) {
	m := machine(t)
	base, size := m.Bytes(le(0)), m.Bytes(le(1))
	_, _, line := m.Call(dll, "ZwAllocateVirtualMemory", self, base, 0, size, 0x3000, 0x40)
	same(t, "trace", line, fmt.Sprintf("ntdll.dll!NtAllocateVirtualMemory(ProcessHandle=0xffffffffffffffff, BaseAddress=%#x, ZeroBits=0x0, RegionSize=%#x, AllocationType=MEM_COMMIT|MEM_RESERVE, Protect=PAGE_EXECUTE_READWRITE) = 0x00000000", base, size))
}

// allocate takes pages and returns where.
func allocate(t *testing.T, m *wintest.Machine, size, typ, protect uint64) uint64 {
	t.Helper()
	base := m.Bytes(le(0))
	if got, _, line := m.Call(dll, "NtAllocateVirtualMemory", self, base, 0, m.Bytes(le(size)), typ, protect); got != 0 {
		t.Fatal(line)
	}
	return m.Uint(base, 8)
}

func TestFree(t *testing.T) {
	const release, decommit = 0x8000, 0x4000
	for _, test := range []struct {
		name         string
		offset, size uint64
		typ          uint64
		status       uint64
		free         bool // nothing is reserved afterwards
		gaps         []string
	}{
		{"release", 0, 0, release, 0, true, nil},
		{"release, with its size", 0, 0x3000, release, 0, true, nil},
		{"release, inside the first page", 8, 0, release, 0, true, nil},
		{"release, not at the base", 0x1000, 0, release, 0xC000009F, false, nil},
		{"release a part", 0x1000, 0x1000, release, 0, false, []string{"ntdll.dll!NtFreeVirtualMemory: part of an allocation is released: it stays reserved"}},
		{"release too much", 0, 0x4000, release, 0xC0000018, false, nil},
		{"decommit", 0, 0, decommit, 0, false, nil},
		{"decommit a page", 0x1000, 1, decommit, 0, false, nil},
		{"both", 0, 0, release | decommit, 0xC000000D, false, nil},
		{"neither", 0, 0, 0, 0xC000000D, false, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := machine(t)
			at := allocate(t, m, 0x3000, 0x3000, 4)
			want(t, m, test.status, "NtFreeVirtualMemory", self, m.Bytes(le(at+test.offset)), m.Bytes(le(test.size)), test.typ)
			if got := m.Mem.Find(at) == nil; got != test.free {
				t.Errorf("free: got %t, want %t", got, test.free)
			}
			same(t, "gaps", m.Gaps(), test.gaps)
		})
	}
	m := machine(t)
	for _, at := range []uint64{m.Alloc(1), m.PEB(), 0x30000000} {
		want(t, m, 0xC00000A0, "NtFreeVirtualMemory", self, m.Bytes(le(at)), m.Bytes(le(0)), release)
	}
}

func TestProtect(t *testing.T) {
	m := machine(t)
	at := allocate(t, m, 0x3000, 0x3000, 4)
	reserved := allocate(t, m, 0x1000, 0x2000, 4)
	for _, test := range []struct {
		name               string
		base, size, prot   uint64
		status, old, pages uint64
	}{
		{"executable", at + 0x1FFF, 2, 0x20, 0, 4, 0x2000},
		{"again", at + 0x1000, 1, 0x40, 0, 0x20, 0x1000},
		{"no size", at, 0, 4, 0xC00000F1, 0x3F3F3F3F, 0},
		{"no protection", at, 1, 0, 0xC0000045, 0x3F3F3F3F, 1},
		{"only reserved", reserved, 1, 4, 0xC000002D, 0x3F3F3F3F, 1},
		{"nothing there", 0x30000000, 1, 4, 0xC0000018, 0x3F3F3F3F, 1},
		{"too long", at, 0x3001, 4, 0xC0000018, 0x3F3F3F3F, 0x3001},
	} {
		base, size, old := m.Bytes(le(test.base)), m.Bytes(le(test.size)), m.Alloc(4)
		want(t, m, test.status, "NtProtectVirtualMemory", self, base, size, test.prot, old)
		same(t, test.name, []uint64{m.Uint(old, 4), m.Uint(size, 8)}, []uint64{test.old, test.pages})
	}
	same(t, "behaviours", m.Behaviours("memory.protect"), []string{
		fmt.Sprintf("memory.protect address=%#x size=2 protection=r-x old_protection=rw- region=private", at+0x1FFF),
		fmt.Sprintf("memory.protect address=%#x size=1 protection=rwx old_protection=r-x region=private", at+0x1000),
	})
	// A system DLL's code: it can be made writable, which changes nothing.
	base := m.FindModule("ntdll").Base + guest.PageSize
	want(t, m, 0, "NtProtectVirtualMemory", self, m.Bytes(le(base)), m.Bytes(le(1)), 0x40, m.Alloc(4))
	same(t, "gaps", m.Gaps(), []string(nil))
}

func TestQueryMemory(t *testing.T) {
	m := machine(t)
	at := allocate(t, m, 0x3000, 0x3000, 0x40)
	want(t, m, 0, "NtProtectVirtualMemory", self, m.Bytes(le(at+0x1000)), m.Bytes(le(1)), 2, m.Alloc(4))
	reserved := allocate(t, m, 0x5000, 0x2000, 4)
	module := m.FindModule("ntdll").Base
	type info struct{ Base, Allocation, Initial, Size, State, Protect, Type uint64 }
	for _, test := range []struct {
		name string
		addr uint64
		want info
	}{
		{"committed", at + 0x1001, info{at + 0x1000, at, 0x40, 0x1000, 0x1000, 2, 0x20000}},
		{"reserved", reserved, info{reserved, reserved, 4, 0x5000, 0x2000, 0, 0x20000}},
		{"free", 0x12345, info{0x12000, 0, 0, 0x7FFE0000 - 0x12000, 0x10000, 1, 0}},
		{"image", module, info{module, module, 0x80, 0x1000, 0x1000, 2, 0x1000000}},
	} {
		out, returned := m.Alloc(48), m.Alloc(8)
		want(t, m, 0, "NtQueryVirtualMemory", self, test.addr, 0, out, 48, returned)
		got := info{m.Uint(out, 8), m.Uint(out+8, 8), m.Uint(out+16, 4), m.Uint(out+24, 8), m.Uint(out+32, 4), m.Uint(out+36, 4), m.Uint(out+40, 4)}
		same(t, test.name, got, test.want)
		same(t, "length", m.Uint(returned, 8), uint64(48))
	}
	out := m.Alloc(48)
	want(t, m, lengthMismatch, "NtQueryVirtualMemory", self, at, 0, out, 47, 0)
	want(t, m, 0xC000000D, "NtQueryVirtualMemory", self, 1<<47, 0, out, 48, 0)
	want(t, m, invalidHandle, "NtQueryVirtualMemory", bad, at, 0, out, 48, 0)
	same(t, "gaps", m.Gaps(), []string(nil))
	want(t, m, uint64(win.StatusInvalidInfoClass), "NtQueryVirtualMemory", self, at, 2, out, 48, 0)
	same(t, "gaps", m.Gaps(), []string{"ntdll.dll!NtQueryVirtualMemory: information class 2"})
}

func TestCopyMemory(t *testing.T) {
	m := machine(t)
	at := allocate(t, m, 0x2000, 0x3000, 4)
	copied := m.Alloc(8)
	text := m.Bytes([]byte("payload"))
	want(t, m, 0, "NtWriteVirtualMemory", self, at+0xFFE, text, 7, copied)
	same(t, "copied", m.Uint(copied, 8), uint64(7))
	out := m.Alloc(7)
	want(t, m, 0, "NtReadVirtualMemory", self, at+0xFFE, out, 7, 0)
	same(t, "text", string(m.Get(out, 8)), "payload?")

	// Up to the end of what is there, and not at all where it cannot be written.
	want(t, m, 0x8000000D, "NtReadVirtualMemory", self, at+0x1FFE, out, 7, copied)
	same(t, "copied", m.Uint(copied, 8), uint64(2))
	same(t, "text", string(m.Get(out, 8)), "\x00\x00yload?")
	want(t, m, 0x8000000D, "NtWriteVirtualMemory", self, m.FindModule("ntdll").Base, text, 7, copied)
	same(t, "copied", m.Uint(copied, 8), uint64(0))
	want(t, m, 0x8000000D, "NtReadVirtualMemory", self, at, at, 1<<60, copied)
	same(t, "copied", m.Uint(copied, 8), uint64(0x2000))
}

func TestHeap(t *testing.T) {
	m := machine(t)
	heap := m.Heap.Base
	at, _, line := m.Call(dll, "RtlAllocateHeap", heap, 8, 20)
	same(t, "trace", line, fmt.Sprintf("ntdll.dll!RtlAllocateHeap(HeapHandle=%#x, Flags=0x8, Size=0x14) = %#x", heap, at))
	same(t, "zeros", m.Get(at, 20), make([]byte, 20))
	want(t, m, 20, "RtlSizeHeap", heap, 0, at)
	m.Put(at, []byte("some text of a block"))
	moved, _, _ := m.Call(dll, "RtlReAllocateHeap", heap, 8, at, 200)
	same(t, "moved", string(m.Get(moved, 21)), "some text of a block\x00")
	want(t, m, ^uint64(0), "RtlSizeHeap", heap, 0, at)
	want(t, m, 1, "RtlValidateHeap", heap, 0, moved)
	want(t, m, 1, "RtlFreeHeap", heap, 0, moved)
	want(t, m, 0, "RtlFreeHeap", heap, 0, moved)
	want(t, m, 0, "RtlValidateHeap", heap, 0, moved)
	want(t, m, 1, "RtlFreeHeap", heap, 0, 0)
	want(t, m, 0, "RtlAllocateHeap", bad, 0, 1)
	want(t, m, 0, "RtlAllocateHeap", heap, 0, 1<<50)

	second, _, _ := m.Call(dll, "RtlCreateHeap", 2, 0, 0, 0, 0, 0)
	if second == 0 || second == heap {
		t.Errorf("RtlCreateHeap: got %#x", second)
	}
	want(t, m, 0, "RtlFreeHeap", second, 0, m.Alloc(1))
	want(t, m, 0, "RtlDestroyHeap", second)
	want(t, m, second, "RtlDestroyHeap", second)
	want(t, m, heap, "RtlDestroyHeap", heap)
}

func TestCriticalSection(t *testing.T) {
	m := machine(t)
	at := m.Alloc(40)
	fields := func() []uint64 {
		return []uint64{m.Uint(at+8, 4), m.Uint(at+12, 4), m.Uint(at+16, 8), m.Uint(at+32, 8)}
	}
	tid := uint64(binary.LittleEndian.Uint32(m.Get(m.Thread().TEB+guest.TEBClientID+8, 4)))
	const free, held = 0xFFFFFFFF, 0xFFFFFFFE
	for _, step := range []struct {
		name string
		args []uint64
		want uint64
		then []uint64
	}{
		{"RtlInitializeCriticalSectionAndSpinCount", []uint64{at, 4000}, 0, []uint64{free, 0, 0, 4000}},
		{"RtlEnterCriticalSection", []uint64{at}, 0, []uint64{held, 1, tid, 4000}},
		{"RtlTryEnterCriticalSection", []uint64{at}, 1, []uint64{held, 2, tid, 4000}},
		{"RtlLeaveCriticalSection", []uint64{at}, 0, []uint64{held, 1, tid, 4000}},
		{"RtlLeaveCriticalSection", []uint64{at}, 0, []uint64{free, 0, 0, 4000}},
		{"RtlDeleteCriticalSection", []uint64{at}, 0, []uint64{0, 0, 0, 0}},
	} {
		want(t, m, step.want, step.name, step.args...)
		same(t, step.name, fields(), step.then)
	}
	same(t, "gaps", m.Gaps(), []string(nil))
	want(t, m, 0, "RtlLeaveCriticalSection", at)
	same(t, "gaps", m.Gaps(), []string{"ntdll.dll!RtlLeaveCriticalSection: a critical section is left that nobody has entered"})
	same(t, "margin", string(m.Get(at+40, 4)), "????")
}
