package kernel32_test

import (
	"testing"

	"sidetrace/emulator/win"
)

// There is no extended state, as CPUID says, and a program that asks is told.
func TestExtendedState(t *testing.T) {
	const all, extended = 0x10001F, 0x100040
	m := machine(t, nil)
	length, at := m.Bytes([]byte{0, 0x10, 0, 0}), m.Alloc(8)
	buffer := m.Alloc(0x1000)
	if r, _, _ := m.Call("kernel32.dll", "GetEnabledXStateFeatures"); r != 3 {
		t.Errorf("features %#x, want x87 and SSE", r)
	}
	for _, c := range []struct {
		name string
		args []uint64
	}{
		{"InitializeContext", []uint64{buffer, all | extended, at, length}},
		{"InitializeContext2", []uint64{buffer, extended, at, length, 4}},
		{"CopyContext", []uint64{buffer, extended, buffer}},
	} {
		if r, lastError, _ := m.Call("kernel32.dll", c.name, c.args...); r != 0 || lastError != win.ErrNotSupported {
			t.Errorf("%s: %d, error %d", c.name, r, lastError)
		}
	}
	if r, _, _ := m.Call("kernel32.dll", "InitializeContext", buffer+1, all, at, length); r != 1 {
		t.Fatal("no context")
	}
	context := m.Uint(at, 8)
	mask := m.Alloc(8)
	m.Call("kernel32.dll", "GetXStateFeaturesMask", context, mask)
	if got := m.Uint(mask, 8); got != 3 {
		t.Errorf("mask %#x", got)
	}
}
