package kernel32_test

import (
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/kernel32"
	"sidetrace/emulator/win/ntdll"
	"sidetrace/emulator/win/wintest"
)

func TestVirtualMemory(t *testing.T) {
	m := machine(t, nil)
	const self = ^uint64(0)
	const at = 0x1E000000000
	info, old := m.Alloc(48), m.Alloc(4)
	reserve, release := uint64(0x2000), uint64(0x8000)
	for _, step := range []struct {
		name      string
		args      []uint64
		want      uint64
		lastError win.Error
	}{
		{"VirtualAlloc", []uint64{0, 0x2000, 0x3000, 4}, at, 0},
		{"VirtualAlloc", []uint64{0, 0, 0x3000, 4}, 0, win.ErrInvalidParameter},
		{"VirtualAlloc", []uint64{0, 1, 0x3000, 3}, 0, win.ErrInvalidParameter},
		{"VirtualAlloc", []uint64{at, 1, reserve, 4}, 0, win.ErrInvalidAddress},
		{"VirtualAlloc", []uint64{0, 2 << 30, 0x3000, 4}, 0, win.ErrCommitmentLimit},
		{"VirtualAllocEx", []uint64{self, 0, 1, reserve, 4}, at + 0x10000, 0},
		{"VirtualAllocEx", []uint64{0x1234, 0, 1, reserve, 4}, 0, win.ErrInvalidHandle},
		{"VirtualProtect", []uint64{at, 1, 0x40, old}, 1, 0},
		{"VirtualProtect", []uint64{at, 1, 0x40, 0}, 0, win.ErrNoAccess},
		{"VirtualProtect", []uint64{at, 1, 0x40, 0x1234}, 0, win.ErrNoAccess},
		{"VirtualProtect", []uint64{at, 1, 3, old}, 0, win.ErrInvalidParameter},
		{"VirtualProtect", []uint64{at + 0x10000, 1, 4, old}, 0, win.ErrInvalidAddress},
		{"VirtualQuery", []uint64{at, info, 48}, 48, 0},
		{"VirtualQuery", []uint64{at, info, 47}, 0, 24}, // ERROR_BAD_LENGTH
		{"WriteProcessMemory", []uint64{self, at, info, 48, 0}, 1, 0},
		{"WriteProcessMemory", []uint64{self, at + 0x2000, info, 1, 0}, 0, 299}, // ERROR_PARTIAL_COPY
		{"ReadProcessMemory", []uint64{self, at, info, 48, 0}, 1, 0},
		{"VirtualFree", []uint64{at, 1, release}, 0, win.ErrInvalidParameter},
		{"VirtualFree", []uint64{at + 0x1000, 0, release}, 0, win.ErrInvalidAddress},
		{"VirtualFree", []uint64{at, 0, release}, 1, 0},
		{"VirtualFree", []uint64{at, 0, release}, 0, win.ErrInvalidAddress},
	} {
		got, lastError, line := m.Call("kernel32.dll", step.name, step.args...)
		if got != step.want || lastError != step.lastError {
			t.Errorf("%s: got last error %d, want %#x with %d", line, lastError, step.want, step.lastError)
		}
	}
	if got := m.Uint(old, 4); got != 4 {
		t.Errorf("old protection: got %#x, want 4", got)
	}
}

// TestForwarders checks that names of kernel32 lead where Windows leads them,
// through GetProcAddress as well, and that ntdll has each.
func TestForwarders(t *testing.T) {
	m := wintest.New(t, guest.Config{}, append(kernel32.Tables(), ntdll.Table())...)
	base := m.FindModule("kernel32").Base
	found := 0
	for _, row := range kernel32.Tables()[0].Rows {
		if row.Support != win.Forwarded {
			continue
		}
		found++
		at, lastError, _ := m.Call("kernel32.dll", "GetProcAddress", base, m.AString(row.Name))
		if spare := m.Unhandled(at); spare != nil {
			t.Errorf("%s leads to %s!%s, which has no handler", row.Name, spare.DLL, spare.Name)
			continue
		}
		if owner := m.ModuleAt(at); lastError != 0 || owner == nil || owner.Name() != "ntdll.dll" {
			t.Errorf("%s: got %#x, last error %d", row.Name, at, lastError)
		}
	}
	if found < 9 {
		t.Errorf("only %d names lead to ntdll", found)
	}
	heapAlloc, _, _ := m.Call("kernel32.dll", "GetProcAddress", base, m.AString("HeapAlloc"))
	target := m.Resolve(m.FindModule("ntdll"), guest.Export{Name: "RtlAllocateHeap"})
	if heapAlloc != target {
		t.Errorf("HeapAlloc: got %#x, want %#x", heapAlloc, target)
	}
	if len(m.Gaps()) > 0 {
		t.Errorf("gaps: %s", strings.Join(m.Gaps(), ", "))
	}
}

func TestHeap(t *testing.T) {
	m := machine(t, nil)
	heap, _, _ := m.Call("kernel32.dll", "GetProcessHeap")
	other, _, _ := m.Call("kernel32.dll", "HeapCreate", 0, 0, 0)
	for _, step := range []struct {
		name      string
		args      []uint64
		want      uint64
		lastError win.Error
	}{
		{"HeapValidate", []uint64{heap, 0, 0}, 1, 0},
		{"HeapValidate", []uint64{0x1234, 0, 0}, 0, 0},
		{"HeapFree", []uint64{heap, 0, 0x1234}, 0, win.ErrInvalidParameter},
		{"HeapFree", []uint64{0x1234, 0, 0}, 0, win.ErrInvalidHandle},
		{"HeapFree", []uint64{heap, 0, m.Alloc(1)}, 1, 0},
		{"HeapDestroy", []uint64{other}, 1, 0},
		{"HeapDestroy", []uint64{other}, 0, win.ErrInvalidHandle},
		{"HeapDestroy", []uint64{heap}, 0, win.ErrInvalidHandle},
	} {
		got, lastError, line := m.Call("kernel32.dll", step.name, step.args...)
		if got != step.want || lastError != step.lastError {
			t.Errorf("%s: got last error %d, want %#x with %d", line, lastError, step.want, step.lastError)
		}
	}
}
