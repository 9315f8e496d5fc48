package emulator

import (
	"context"
	"strings"
	"testing"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// Two threads that hand the processor to each other: SignalObjectAndWait on
// two events. The markers stand for addresses and the number of rounds.
//
//	main:   CreateEventA twice, CreateThread, n times SignalObjectAndWait, ExitProcess
//	thread: WaitForSingleObject, SignalObjectAndWait for ever
func pingPong(s *System, b testing.TB, n uint64) []byte {
	address := func(name string) []byte { return imm(s.address(b, "kernel32.dll", name), 8) }
	createEvent := []byte{0x31, 0xC9, 0x31, 0xD2, 0x45, 0x31, 0xC0, 0x45, 0x31, 0xC9, 0xFF, 0xD3} // all arguments 0; call rbx
	return join(
		[]byte{0x48, 0x83, 0xEC, 0x38, 0x48, 0xBB}, address("CreateEventA"), // sub rsp, 38h; mov rbx, …
		createEvent, []byte{0x49, 0x89, 0xC4}, // mov r12, rax
		createEvent, []byte{0x49, 0x89, 0xC5}, // mov r13, rax
		[]byte{
			0x4D, 0x89, 0xE6, 0x49, 0xC1, 0xE6, 0x20, 0x4D, 0x09, 0xEE, // r14 = r12 << 32 | r13
			0x31, 0xC9, 0x31, 0xD2, 0x4C, 0x8D, 0x05, 0x4D, 0, 0, 0, 0x4D, 0x89, 0xF1, // xor ecx, ecx; xor edx, edx; lea r8, [thread]; mov r9, r14
			0x31, 0xC0, 0x48, 0x89, 0x44, 0x24, 0x20, 0x48, 0x89, 0x44, 0x24, 0x28, // the other two arguments 0
			0x48, 0xB8,
		}, address("CreateThread"), []byte{0xFF, 0xD0, 0xBE}, imm(n, 4), // call rax; mov esi, n
		[]byte{0x48, 0xBB}, address("SignalObjectAndWait"),
		[]byte{
			0x4C, 0x89, 0xE1, 0x4C, 0x89, 0xEA, 0x41, 0xB8, 0xFF, 0xFF, 0xFF, 0xFF, 0x45, 0x31, 0xC9, 0xFF, 0xD3, // rcx = r12, rdx = r13, r8d = -1, r9d = 0; call rbx
			0xFF, 0xCE, 0x75, 0xEB, 0x31, 0xC9, 0x48, 0xB8, // dec esi; jnz; xor ecx, ecx; mov rax, …
		}, address("ExitProcess"), []byte{0xFF, 0xD0},
		// thread:
		[]byte{
			0x48, 0x83, 0xEC, 0x28, 0x49, 0x89, 0xCC, 0x41, 0x89, 0xCD, 0x49, 0xC1, 0xEC, 0x20, // r12 = rcx >> 32, r13d = ecx
			0x4C, 0x89, 0xE1, 0xBA, 0xFF, 0xFF, 0xFF, 0xFF, 0x48, 0xB8, // rcx = r12, edx = -1
		}, address("WaitForSingleObject"), []byte{0xFF, 0xD0, 0x48, 0xBB}, address("SignalObjectAndWait"),
		[]byte{0x4C, 0x89, 0xE9, 0x4C, 0x89, 0xE2, 0x41, 0xB8, 0xFF, 0xFF, 0xFF, 0xFF, 0x45, 0x31, 0xC9, 0xFF, 0xD3, 0xEB, 0xED}, // and the other way round, for ever
	)
}

// BenchmarkThreadSwitch hands the processor to another thread and back: two
// calls and two switches each time.
func BenchmarkThreadSwitch(b *testing.B) {
	s := newSystem(b)
	b.ReportAllocs()
	m := benchMachine(b, s, pingPong(s, b, uint64(b.N)), nil)
	defer m.Close()
	b.ResetTimer()
	run := m.Run(context.Background())
	b.StopTimer()
	if run.Stop.Reason != trace.StopExit || run.Calls.Len() < 2*b.N {
		b.Fatalf("got %d calls recorded; stop %+v", run.Calls.Len(), run.Stop)
	}
}

// TestThreadSwitch makes sure that the benchmark measures switches, and that
// two runs are the same.
func TestThreadSwitch(t *testing.T) {
	s := newSystem(t)
	var first string
	for range 2 {
		run := runRaw(t, s, pingPong(s, t, 100), nil)
		if run.Stop.Reason != trace.StopExit || run.Stop.ExitCode != 0 {
			t.Fatalf("got %+v", run.Stop)
		}
		var text strings.Builder
		switches := 0
		last := uint32(0)
		for c := range run.Calls.All() {
			if c.TID != last {
				switches++
			}
			last = c.TID
			text.WriteString(run.CallText(c))
		}
		if switches < 200 {
			t.Errorf("got %d switches", switches)
		}
		if first != "" && first != text.String() {
			t.Error("the second run differs")
		}
		first = text.String()
	}
}

// TestSpin has one thread wait for another in a loop without a call: the other
// one gets its turn all the same.
func TestSpin(t *testing.T) {
	s := newSystem(t)
	code := join(
		[]byte{
			0x48, 0x83, 0xEC, 0x38, // sub rsp, 38h
			0x48, 0xC7, 0x44, 0x24, 0x30, 0, 0, 0, 0, // mov qword [rsp+30h], 0
			0x31, 0xC9, 0x31, 0xD2, 0x4C, 0x8D, 0x05, 0x30, 0, 0, 0, // xor ecx, ecx; xor edx, edx; lea r8, [thread]
			0x4C, 0x8D, 0x4C, 0x24, 0x30, // lea r9, [rsp+30h]
			0x31, 0xC0, 0x48, 0x89, 0x44, 0x24, 0x20, 0x48, 0x89, 0x44, 0x24, 0x28, // the other two arguments 0
			0x48, 0xB8,
		}, imm(s.address(t, "kernel32.dll", "CreateThread"), 8), []byte{
			0xFF, 0xD0, // call rax
			0x48, 0x83, 0x7C, 0x24, 0x30, 0x00, 0x74, 0xF8, // cmp qword [rsp+30h], 0; je
			0xB8, 0x2A, 0, 0, 0, 0x48, 0x83, 0xC4, 0x38, 0xC3, // mov eax, 42; add rsp, 38h; ret
			0x48, 0xFF, 0x01, 0x31, 0xC0, 0xC3, // thread: inc qword [rcx]; xor eax, eax; ret
		})
	// The displacement leads from the end of the LEA to the thread.
	code[20] = byte(len(code) - 6 - 24)
	run := runRaw(t, s, code, nil)
	if run.Stop.Reason != trace.StopExit || run.Stop.ExitCode != 42 {
		t.Errorf("got %+v, want exit 42", run.Stop)
	}
	// Alone, it uses up the budget.
	code[len(code)-6] = 0xC3 // the thread returns at once
	code[len(code)-5] = 0xC3
	run = runRaw(t, s, code, func(c *guest.Config) { c.Limits.Blocks = 1_000_000 })
	if run.Stop.Reason != trace.StopBlocks {
		t.Errorf("got %+v, want the budget used up", run.Stop)
	}
	if run.Elapsed > time.Second {
		t.Errorf("%s of virtual time passed", run.Elapsed)
	}
}

// TestCallbacks looks at how programs had their functions run without making a
// thread, and at what they slept by.
func TestCallbacks(t *testing.T) {
	s := newSystem(t)
	callbacks, sleeps := map[string]bool{}, map[string]bool{}
	for _, p := range findPrograms(t) {
		switch p.name {
		case "threads/early", "threads/waits", "threads/fibers", "threads/pool", "threads/pooltimer", "threads/native", "threads/async", "threads/once", "threads/srwlock":
			run := p.run(t, s)
			for i := range run.Behaviours {
				switch b := run.Behaviours[i].Fields.(type) {
				case trace.ThreadCallback:
					callbacks[b.Method+" "+b.API] = true
					if b.Module != strings.TrimPrefix(p.name, "threads/")+".exe" {
						t.Errorf("%s: %+v", p.name, b)
					}
				case trace.Sleep:
					sleeps[b.API] = true
				}
			}
		}
	}
	for _, want := range []string{
		"apc QueueUserAPC", "apc NtQueueApcThread", "apc SetWaitableTimer", "apc WriteFileEx", "fiber CreateFiber",
		"thread pool TrySubmitThreadpoolCallback", "thread pool QueueUserWorkItem", "thread pool CreateThreadpoolWork", "thread pool CreateThreadpoolTimer",
		"thread pool CreateThreadpoolWait", "thread pool CreateTimerQueueTimer", "thread pool RegisterWaitForSingleObject", "thread pool TpAllocWork",
		"thread pool TpSimpleTryPost", "thread pool RtlQueueWorkItem", "thread pool TpAllocTimer", "thread pool RtlCreateTimer",
	} {
		if !callbacks[want] {
			t.Errorf("no callback %q", want)
		}
	}
	for _, want := range []string{
		"Sleep", "SleepEx", "WaitForSingleObject", "WaitForMultipleObjects", "SignalObjectAndWait", "NtDelayExecution", "NtWaitForSingleObject", "NtWaitForKeyedEvent",
		"WaitForSingleObject of a timer", "TpSetTimer", "TpSetWait", "CreateTimerQueueTimer", "RegisterWaitForSingleObject", "SleepConditionVariableCS",
		"SleepConditionVariableSRW", "WaitOnAddress",
	} {
		if !sleeps[want] {
			t.Errorf("no sleep by %q", want)
		}
	}
}
