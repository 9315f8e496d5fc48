package ntdll_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
	"sidetrace/emulator/win/wintest"
)

const second = 10_000_000 // in units of 100 ns

func TestDelayExecution(t *testing.T) {
	m := machine(t)
	for _, test := range []struct {
		name      string
		interval  int64
		wantSleep time.Duration
		behaviour string
	}{
		{"from now", -5 * second, 5 * time.Second, "sleep milliseconds=5000 api=NtDelayExecution"},
		{"until a moment", int64(guest.FileTime(m.Clock.Now())) + 8*second, 3 * time.Second, "sleep milliseconds=3000 api=NtDelayExecution"},
		{"until a moment that is over", second, 0, "sleep api=NtDelayExecution"},
		{"no time", 0, 0, "sleep api=NtDelayExecution"},
	} {
		before := m.Clock.Elapsed()
		n := len(m.Behaviours("sleep"))
		want(t, m, 0, "NtDelayExecution", 0, m.Bytes(le(uint64(test.interval))))
		const slack = 100 * time.Microsecond // of the clock while calls are made
		if got := m.Clock.Elapsed() - before; got < test.wantSleep-slack || got > test.wantSleep+slack {
			t.Errorf("%s: got %v, want %v", test.name, got, test.wantSleep)
		}
		same(t, test.name, m.Behaviours("sleep")[n:], []string{test.behaviour})
	}
	if stop := m.Ends(dll, "NtDelayExecution", 0, m.Bytes(le(1<<63))); stop.Reason != "deadlock" {
		t.Errorf("for ever: got %+v", stop)
	}
}

func TestEvent(t *testing.T) {
	m := machine(t)
	handle, state := m.Alloc(8), m.Alloc(4)
	open := func(name string, flags, kind, set, status uint64) uint64 {
		t.Helper()
		want(t, m, status, "NtCreateEvent", handle, 0x1F0003, attributes(m, name, flags), kind, set)
		return m.Uint(handle, 8)
	}
	const openIf, synchronization = 0x80, 1
	e := open(`\Sessions\1\BaseNamedObjects\Gate`, 0, synchronization, 1, 0)
	want(t, m, 0, "NtWaitForSingleObject", e, 0, m.Bytes(le(0)))
	want(t, m, 0x102, "NtWaitForSingleObject", e, 0, m.Bytes(le(0))) // reset by the wait before
	want(t, m, 0, "NtSetEvent", e, state)
	same(t, "state before", m.Uint(state, 4), uint64(0))
	want(t, m, 0, "NtResetEvent", e, state)
	same(t, "state before", m.Uint(state, 4), uint64(1))

	// A second one of the name is the first.
	open(`\sessions\1\basenamedobjects\gate`, 0, 0, 0, 0xC0000035)
	second := open(`\Sessions\1\BaseNamedObjects\Gate`, openIf, 0, 0, 0x40000000)
	want(t, m, 0, "NtSetEvent", second, 0)
	want(t, m, 0, "NtWaitForSingleObject", e, 0, 0)
	want(t, m, 0, "NtOpenEvent", handle, 0, attributes(m, `\Sessions\1\BaseNamedObjects\Gate`, 0))
	want(t, m, 0xC0000034, "NtOpenEvent", handle, 0, attributes(m, `\BaseNamedObjects\Gate`, 0))
	want(t, m, typeMismatch, "NtOpenMutant", handle, 0, attributes(m, `\Sessions\1\BaseNamedObjects\Gate`, 0))
	if _, ok := m.Names.Get("Gate").(*guest.Event); !ok {
		t.Error("kernel32 would not find the event")
	}
	open(`\BaseNamedObjects\Gate`, 0, 0, 0, 0)
	if m.Names.Get(`Global\Gate`) == nil {
		t.Error(`kernel32 would not find Global\Gate`)
	}

	open("Gate", 0, 0, 0, 0xC000003B)
	open(`\Device\Gate`, 0, 0, 0, 0xC000003A)
	open(`\BaseNamedObjects\`, 0, 0, 0, 0xC0000033)
	open(``, 0, 2, 0, uint64(win.StatusInvalidParameter))
	same(t, "behaviours", m.Behaviours("event.create"), []string{
		"event.create name=Gate existed=false", "event.create name=gate existed=true", "event.create name=Gate existed=true",
		`event.create name=Global\Gate existed=false`,
	})

	want(t, m, 0, "NtClose", e)
	want(t, m, invalidHandle, "NtClose", e)
	want(t, m, invalidHandle, "NtSetEvent", e, 0)
	want(t, m, invalidHandle, "NtWaitForSingleObject", e, 0, 0)
	want(t, m, 0, "NtClose", self)
}

func TestMutant(t *testing.T) {
	m := wintest.New(t, guest.Config{Mutexes: []string{"Taken"}}, ntdll.Table())
	handle, count := m.Alloc(8), m.Alloc(4)
	want(t, m, 0, "NtCreateMutant", handle, 0, 0, 1)
	h := m.Uint(handle, 8)
	want(t, m, 0, "NtWaitForSingleObject", h, 0, 0)
	for _, before := range []uint64{0xFFFFFFFF, 0} { // owned twice, then once
		want(t, m, 0, "NtReleaseMutant", h, count)
		same(t, "count before", m.Uint(count, 4), before)
	}
	want(t, m, 0xC0000046, "NtReleaseMutant", h, count)
	want(t, m, typeMismatch, "NtSetEvent", h, 0)
	want(t, m, 0xC0000035, "NtCreateMutant", handle, 0, attributes(m, `\Sessions\1\BaseNamedObjects\Taken`, 0), 0)
	same(t, "behaviours", m.Behaviours("mutex.create"), []string{"mutex.create existed=false", "mutex.create name=Taken existed=true"})
}

func TestWaitForMultipleObjects(t *testing.T) {
	m := machine(t)
	handle := m.Alloc(8)
	event := func(set uint64) uint64 {
		want(t, m, 0, "NtCreateEvent", handle, 0, 0, 0, set)
		return m.Uint(handle, 8)
	}
	both := m.Bytes(le(event(0), event(1)))
	const all, one = 0, 1
	want(t, m, 1, "NtWaitForMultipleObjects", 2, both, one, 0, 0)
	want(t, m, 0x102, "NtWaitForMultipleObjects", 2, both, all, 0, m.Bytes(le(math.MaxUint64-20_000+1)))
	same(t, "sleep", m.Behaviours("sleep"), []string{"sleep milliseconds=2 api=NtWaitForMultipleObjects"})
	want(t, m, 0xC00000EF, "NtWaitForMultipleObjects", 0, both, one, 0, 0)
	want(t, m, 0xC00000EF, "NtWaitForMultipleObjects", 65, both, one, 0, 0)
	want(t, m, 0xC00000F1, "NtWaitForMultipleObjects", 2, both, 2, 0, 0)
	want(t, m, invalidHandle, "NtWaitForMultipleObjects", 1, m.Bytes(le(bad)), one, 0, 0)
}

func TestThread(t *testing.T) {
	m := machine(t)
	handle, n := m.Alloc(8), m.Alloc(4)
	code := allocate(t, m, 0x1000, 0x3000, 0x40)
	m.Put(code, []byte{0x89, 0xC8, 0xC3}) // mov eax, ecx; ret
	const suspended = 1
	_, _, line := m.Call(dll, "NtCreateThreadEx", handle, 0x1FFFFF, 0, self, code, 42, suspended, 0, 0, 0, 0)
	same(t, "trace", line, fmt.Sprintf("ntdll.dll!NtCreateThreadEx(ThreadHandle=%#x, DesiredAccess=0x1fffff, ObjectAttributes=NULL, ProcessHandle=0xffffffffffffffff, StartRoutine=%#x, Argument=0x2a, CreateFlags=0x1, ZeroBits=0x0, StackSize=0x0, MaximumStackSize=0x0, AttributeList=NULL) = 0x00000000", handle, code))
	h := m.Uint(handle, 8)
	id := m.Threads()[1].ID
	same(t, "behaviours", m.Behaviours("thread.create"), []string{fmt.Sprintf("thread.create id=%d start=%#x parameter=42 suspended=true", id, code)})

	info := m.Alloc(48)
	basic := func() uint64 {
		want(t, m, 0, "NtQueryInformationThread", h, 0, info, 48, 0)
		same(t, "thread", m.Uint(info+24, 8), uint64(id))
		return m.Uint(info, 4)
	}
	same(t, "status", basic(), uint64(0x103))
	want(t, m, 0, "NtQueryInformationThread", h, 9, info, 8, n)
	same(t, "start", m.Uint(info, 8), code)

	want(t, m, 0, "NtSuspendThread", h, n)
	same(t, "suspended before", m.Uint(n, 4), uint64(1))
	want(t, m, 0, "NtResumeThread", h, 0)
	want(t, m, 0, "NtResumeThread", h, n)
	same(t, "suspended before", m.Uint(n, 4), uint64(1))
	want(t, m, 0, "NtWaitForSingleObject", h, 0, 0)
	same(t, "status", basic(), uint64(42))

	const hide = 17
	want(t, m, 0, "NtQueryInformationThread", self-1, hide, info, 1, 0)
	same(t, "hidden", m.Uint(info, 1), uint64(0))
	want(t, m, lengthMismatch, "NtSetInformationThread", self-1, hide, info, 4)
	want(t, m, invalidHandle, "NtSetInformationThread", bad, hide, 0, 0)
	want(t, m, 0, "NtSetInformationThread", self-1, hide, 0, 0)
	want(t, m, 0, "NtQueryInformationThread", self-1, hide, info, 1, 0)
	same(t, "hidden", m.Uint(info, 1), uint64(1))
	same(t, "gaps", m.Gaps(), []string(nil))

	client := m.Alloc(16)
	want(t, m, 0, "RtlCreateUserThread", self, 0, 1, 0, 0, 0, code, 0, handle, client)
	same(t, "client", m.Uint(client+8, 8), uint64(m.Threads()[2].ID))
	want(t, m, 0, "NtTerminateThread", m.Uint(handle, 8), 7)
	want(t, m, 0, "NtWaitForSingleObject", m.Uint(handle, 8), 0, 0)
	want(t, m, typeMismatch, "NtTerminateThread", eventHandle(t, m), 7)
}

func eventHandle(t *testing.T, m *wintest.Machine) uint64 {
	handle := m.Alloc(8)
	want(t, m, 0, "NtCreateEvent", handle, 0, 0, 0, 0)
	return m.Uint(handle, 8)
}
