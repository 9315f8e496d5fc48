package ntdll_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
	"sidetrace/emulator/win/wintest"
)

const (
	dll  = "ntdll.dll"
	self = ^uint64(0) // the process's own handle
	bad  = 0x1234     // no memory, no handle

	accessViolation = uint64(win.StatusAccessViolation)
	invalidHandle   = uint64(win.StatusInvalidHandle)
	typeMismatch    = 0xC0000024
	lengthMismatch  = uint64(win.StatusInfoLengthMismatch)
)

func machine(t *testing.T) *wintest.Machine {
	t.Helper()
	return wintest.New(t, guest.Config{}, ntdll.Table())
}

// want calls an export and compares its result.
func want(t *testing.T, m *wintest.Machine, result uint64, name string, args ...uint64) {
	t.Helper()
	if got, _, line := m.Call(dll, name, args...); got != result {
		t.Errorf("%s: got %#x, want %#x", line, got, result)
	}
}

// same compares anything.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// le lays out integers of eight bytes.
func le(values ...uint64) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}

// unicode puts a UNICODE_STRING into memory, without a terminator.
func unicode(m *wintest.Machine, s string) uint64 {
	text := guest.UTF16(s)
	return counted(m, text[:len(text)-2])
}

// ansi puts an ANSI_STRING into memory, without a terminator.
func ansi(m *wintest.Machine, s string) uint64 {
	text := guest.ANSI(s)
	return counted(m, text[:len(text)-1])
}

func counted(m *wintest.Machine, text []byte) uint64 {
	return m.Bytes(le(uint64(len(text))|uint64(len(text))<<16, m.Bytes(text)))
}

// attributes puts OBJECT_ATTRIBUTES into memory.
func attributes(m *wintest.Machine, name string, flags uint64) uint64 {
	return m.Bytes(le(48, 0, unicode(m, name), flags, 0, 0))
}

// TestServices checks that each system service has both of its names, and that
// they are one address.
func TestServices(t *testing.T) {
	m := machine(t)
	exports := m.System().Module(dll).Image.Exports
	for _, r := range ntdll.Table().Rows {
		rest, ok := strings.CutPrefix(r.Name, "Nt")
		if !ok {
			continue
		}
		nt, _ := exports.Lookup(r.Name)
		zw, ok := exports.Lookup("Zw" + rest)
		if !ok || nt.RVA != zw.RVA {
			t.Errorf("Zw%s: got %+v, want the address of %+v", rest, zw, nt)
		}
	}
}

func TestBadPointers(t *testing.T) {
	m := machine(t)
	ok := m.Bytes(le(0)) // an argument that is fine
	for _, test := range []struct {
		name string
		args []uint64
	}{
		{"NtAllocateVirtualMemory", []uint64{self, bad, 0, ok, 0x3000, 4}},
		{"NtAllocateVirtualMemory", []uint64{self, ok, 0, 0, 0x3000, 4}},
		{"NtCreateEvent", []uint64{bad, 0, 0, 0, 0}},
		{"NtCreateEvent", []uint64{ok, 0, bad, 0, 0}},
		{"NtDelayExecution", []uint64{0, 0}},
		{"NtDelayExecution", []uint64{0, bad}},
		{"NtProtectVirtualMemory", []uint64{self, ok, ok, 4, 0}},
		{"NtQueryInformationProcess", []uint64{self, 7, bad, 8, 0}},
		{"NtQueryPerformanceCounter", []uint64{0, 0}},
		{"NtQuerySystemTime", []uint64{0}},
		{"NtWaitForMultipleObjects", []uint64{1, bad, 1, 0, 0}},
	} {
		want(t, m, accessViolation, test.name, test.args...)
	}
	same(t, "allocations", m.Behaviours("memory.alloc"), []string(nil))
	same(t, "sleeps", m.Behaviours("sleep"), []string(nil))
	if stop := m.Ends(dll, "RtlMoveMemory", bad, ok, 8); stop.ExitCode != guest.StatusAccessViolation {
		t.Errorf("RtlMoveMemory is no system service: got %+v", stop)
	}
}
