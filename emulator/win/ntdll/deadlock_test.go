package ntdll_test

import (
	"fmt"
	"strings"
	"testing"

	"sidetrace/emulator/trace"
)

// TestDeadlock has the only thread wait for what only it could give: the report
// says for what, who has it, and where it was called from.
func TestDeadlock(t *testing.T) {
	const never = 0
	for _, test := range []struct {
		name string
		run  func(at uint64, call func(name string, args ...uint64)) (last string, args []uint64)
		want string // with the address for %#x
	}{
		{"exclusive twice", func(at uint64, call func(string, ...uint64)) (string, []uint64) {
			call("RtlAcquireSRWLockExclusive", at)
			return "RtlAcquireSRWLockExclusive", []uint64{at}
		}, "SRW lock %#x, held by thread MAIN in RtlAcquireSRWLockExclusive, called at"},
		{"shared, then exclusive", func(at uint64, call func(string, ...uint64)) (string, []uint64) {
			call("RtlAcquireSRWLockShared", at)
			return "RtlAcquireSRWLockExclusive", []uint64{at}
		}, "SRW lock %#x, shared by 1 in RtlAcquireSRWLockExclusive"},
		{"condition variable", func(at uint64, call func(string, ...uint64)) (string, []uint64) {
			call("RtlInitializeCriticalSection", at+16)
			call("RtlEnterCriticalSection", at+16)
			return "RtlSleepConditionVariableCS", []uint64{at, at + 16, never}
		}, "condition variable %#x in RtlSleepConditionVariableCS"},
		{"address", func(at uint64, call func(string, ...uint64)) (string, []uint64) {
			return "RtlWaitOnAddress", []uint64{at, at + 8, 8, never}
		}, "a change at %#x in RtlWaitOnAddress"},
		{"one-time initialisation", func(at uint64, call func(string, ...uint64)) (string, []uint64) {
			call("RtlRunOnceBeginInitialize", at, 0, 0)
			return "RtlRunOnceBeginInitialize", []uint64{at, 0, 0}
		}, "one-time initialisation %#x, begun by thread MAIN"},
		{"keyed event", func(at uint64, call func(string, ...uint64)) (string, []uint64) {
			return "NtWaitForKeyedEvent", []uint64{0, at, 0, never}
		}, "a release of key %#x"},
		{"barrier", func(at uint64, call func(string, ...uint64)) (string, []uint64) {
			call("RtlInitBarrier", at, 2, ^uint64(0))
			return "RtlBarrier", []uint64{at, 0}
		}, "barrier %#x in RtlBarrier"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := machine(t)
			at := m.Bytes(make([]byte, 128)) &^ 15
			name, args := test.run(at, func(name string, args ...uint64) { m.Call(dll, name, args...) })
			stop := m.Ends(dll, name, args...)
			want := strings.ReplaceAll(fmt.Sprintf(test.want, at), "MAIN", fmt.Sprint(m.Threads()[0].ID))
			if stop.Reason != trace.StopDeadlock || !strings.Contains(stop.Detail, want) {
				t.Errorf("got %+v, want a deadlock: %s", stop, want)
			}
		})
	}
}

// TestCriticalLayout looks at a critical section as a debugger does.
func TestCriticalLayout(t *testing.T) {
	m := machine(t)
	at := m.Alloc(40)
	fields := func() string {
		return fmt.Sprintf("debug %#x, lock %#x, recursion %d, owner %d, semaphore %d, spin %#x", m.Uint(at, 8), m.Uint(at+8, 4),
			m.Uint(at+12, 4), m.Uint(at+16, 8), m.Uint(at+24, 8), m.Uint(at+32, 8))
	}
	m.Call(dll, "RtlInitializeCriticalSection", at)
	same(t, "new", fields(), "debug 0xffffffffffffffff, lock 0xffffffff, recursion 0, owner 0, semaphore 0, spin 0x20007d0")
	m.Call(dll, "RtlEnterCriticalSection", at)
	m.Call(dll, "RtlEnterCriticalSection", at)
	same(t, "entered twice", fields(), fmt.Sprintf("debug 0xffffffffffffffff, lock 0xfffffffe, recursion 2, owner %d, semaphore 0, spin 0x20007d0", m.Threads()[0].ID))
	m.Call(dll, "RtlLeaveCriticalSection", at)
	m.Call(dll, "RtlLeaveCriticalSection", at)
	same(t, "left", fields(), "debug 0xffffffffffffffff, lock 0xffffffff, recursion 0, owner 0, semaphore 0, spin 0x20007d0")
	m.Call(dll, "RtlInitializeCriticalSectionEx", at, 4000, 0x10000000)
	if debug := m.Uint(at, 8); m.Uint(debug+8, 8) != at {
		t.Error("the debug information does not lead back to the section")
	}
	same(t, "spin count", m.Uint(at+32, 8), uint64(4000))
	want(t, m, uint64(0xC00000F1), "RtlInitializeCriticalSectionEx", at, 0, 0x80000000)
}

// TestSRWLayout looks at the lock's pointer.
func TestSRWLayout(t *testing.T) {
	m := machine(t)
	at := m.Bytes(make([]byte, 8))
	for _, step := range []struct {
		name string
		want uint64
	}{
		{"RtlAcquireSRWLockShared", 0x11}, {"RtlAcquireSRWLockShared", 0x21}, {"RtlReleaseSRWLockShared", 0x11},
		{"RtlReleaseSRWLockShared", 0}, {"RtlAcquireSRWLockExclusive", 1}, {"RtlReleaseSRWLockExclusive", 0},
	} {
		m.Call(dll, step.name, at)
		same(t, step.name, m.Uint(at, 8), step.want)
	}
	if stop := m.Ends(dll, "RtlReleaseSRWLockExclusive", at); stop.Reason != trace.StopException || stop.ExitCode != 0xC0000264 {
		t.Errorf("a lock that is free is released: got %+v, want STATUS_RESOURCE_NOT_OWNED", stop)
	}
}
