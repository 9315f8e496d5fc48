package emulator

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// TestMemoryLimit asks for 1 TiB: reserving it is allowed, committing it is not
// and says so with the error Windows gives.
func TestMemoryLimit(t *testing.T) {
	s := newSystem(t)
	alloc, last := s.address(t, "kernel32.dll", "VirtualAlloc"), s.address(t, "kernel32.dll", "GetLastError")
	const tib = 1 << 40
	for _, test := range []struct {
		name    string
		request uint64 // allocation type
		error   uint32
	}{
		{"reserved", 0x2000, 0},
		{"committed", 0x3000, 1455}, // ERROR_COMMITMENT_LIMIT
	} {
		t.Run(test.name, func(t *testing.T) {
			code := join(enter, call(alloc, 0, tib, test.request, 4), call(last), leave[2:]) // leave keeps RAX
			run := runRaw(t, s, code, nil)
			if run.Stop.Reason != trace.StopExit || run.Stop.ExitCode != test.error {
				t.Errorf("got %+v, want last error %d", run.Stop, test.error)
			}
		})
	}
}

// TestTimeAndWaits runs code that waits in one way or another.
func TestTimeAndWaits(t *testing.T) {
	s := newSystem(t)
	sleep, event := s.address(t, "kernel32.dll", "Sleep"), s.address(t, "kernel32.dll", "CreateEventA")
	wait := s.address(t, "kernel32.dll", "WaitForSingleObject")
	day := uint64(24 * time.Hour / time.Millisecond)
	forever := uint64(0xFFFFFFFF)
	for _, test := range []struct {
		name    string
		code    []byte
		reason  trace.StopReason
		elapsed time.Duration // at least
		detail  string
	}{
		{"a day's sleep", call(sleep, day), trace.StopExit, 24 * time.Hour, ""},
		{"a sleep beyond the limit", join(call(sleep, 40*day), call(sleep, 40*day)), trace.StopTime, 48 * time.Hour, "the limit is 48h0m0s"},
		{"a wait for an event nobody sets", join(call(event, 0, 0, 0, 0), keep, call(wait, rbx, forever)), trace.StopDeadlock, 0, "waits for event"},
		{"the same with a time-out", join(call(event, 0, 0, 0, 0), keep, call(wait, rbx, 5000)), trace.StopExit, 5 * time.Second, ""},
		{"sleep for ever", call(sleep, forever), trace.StopDeadlock, 0, "waits for ever"},
	} {
		t.Run(test.name, func(t *testing.T) {
			run := runRaw(t, s, join(enter, test.code, leave), func(c *guest.Config) { c.Limits.Virtual = 48 * time.Hour })
			if run.Stop.Reason != test.reason || run.Elapsed < test.elapsed || !strings.Contains(run.Stop.Detail, test.detail) {
				t.Errorf("got %+v after %s, want %s after %s or more, %q", run.Stop, run.Elapsed, test.reason, test.elapsed, test.detail)
			}
		})
	}
}

// TestNestedCallbacks enters a callback from itself for ever: it uses the stack
// up, as on Windows, and nothing of the emulator fails.
func TestNestedCallbacks(t *testing.T) {
	s := newSystem(t)
	enum := s.address(t, "kernel32.dll", "EnumSystemLocalesW")
	code := join([]byte{0x48, 0x8D, 0x0D}, imm(uint64(0xFFFFFFFFFFFFFFF9), 4), // lea rcx, of this instruction
		enter, []byte{0xBA, 2, 0, 0, 0, 0x48, 0xB8}, imm(enum, 8), []byte{0xFF, 0xD0}, leave)
	run := runRaw(t, s, code, nil)
	if run.Stop.Reason != trace.StopException || run.Stop.ExitCode != guest.StatusStackOverflow {
		t.Errorf("got %+v, want STATUS_STACK_OVERFLOW", run.Stop)
	}
}

// TestOwnUnhandledFilter sets the system's filter as a real ntdll.dll does when
// it starts. It asks the program's filter, and so must not become that.
func TestOwnUnhandledFilter(t *testing.T) {
	s := newSystem(t)
	set, own := s.address(t, "kernel32.dll", "SetUnhandledExceptionFilter"), s.address(t, "kernel32.dll", "UnhandledExceptionFilter")
	rtlSet := s.address(t, "ntdll.dll", "RtlSetUnhandledExceptionFilter")
	for _, test := range []struct{ filter, want uint64 }{{own, 0x1234}, {0x5678, 0x5678}} {
		code := join(enter, call(set, 0x1234), call(rtlSet, test.filter), call(set, 0), leave[2:]) // leave keeps RAX
		run := runRaw(t, s, code, nil)
		if run.Stop.Reason != trace.StopExit || uint64(run.Stop.ExitCode) != test.want {
			t.Errorf("%#x: got %+v, want the filter %#x", test.filter, run.Stop, test.want)
		}
	}
}

// TestManyRanges reserves until it is refused, and is told that no Windows
// would have.
func TestManyRanges(t *testing.T) {
	s := newSystem(t)
	alloc := s.address(t, "kernel32.dll", "VirtualAlloc")
	again := []byte{0x48, 0x85, 0xC0, 0x75} // test rax, rax; jnz
	for _, kind := range []uint64{0x2000} { // committed ones: TestManyAllocations
		body := join(call(alloc, 0, 4096, kind, 4), again)
		run := runRaw(t, s, join(enter, body, []byte{byte(-len(body) - 1)}, leave), nil)
		if run.Stop.Reason != trace.StopExit || len(run.Gaps) != 1 || run.Gaps[0].Name != "memory ranges" {
			t.Errorf("%#x: got %+v and gaps %+v, want an exit and a gap about memory ranges", kind, run.Stop, run.Gaps)
		}
	}
}

// TestCancel stops an endless loop from outside.
func TestCancel(t *testing.T) {
	s := newSystem(t)
	m, err := New(s, guest.Config{Image: `C:\a.bin`, Files: map[string][]byte{`C:\a.bin`: {0xEB, 0xFE}}, Limits: guest.Limits{Blocks: 1 << 60}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	if run := m.Run(ctx); run.Stop.Reason != trace.StopWall {
		t.Errorf("got %+v, want the reason %s", run.Stop, trace.StopWall)
	}
}

// TestGap calls an export nobody implements.
func TestGap(t *testing.T) {
	s := newSystem(t)
	resolve, load := s.address(t, "kernel32.dll", "GetProcAddress"), s.address(t, "kernel32.dll", "LoadLibraryA")
	text := func(s string) []byte {
		return join([]byte{0xEB, byte(len(s) + 1)}, []byte(s), []byte{0}, []byte{0x48, 0x8D, 0x0D}, imm(uint64(-int64(len(s)+1+7)), 4))
	}
	run := runRaw(t, s, join(enter,
		text("comctl32.dll"), []byte{0x48, 0xB8}, imm(load, 8), []byte{0xFF, 0xD0}, keep,
		text("PropertySheetA"), []byte{0x48, 0x89, 0xCA, 0x48, 0x89, 0xD9, 0x48, 0xB8}, imm(resolve, 8), []byte{0xFF, 0xD0}, keep,
		[]byte{0xB9, 7, 0, 0, 0}, callRBX, []byte{0xB9, 8, 0, 0, 0}, callRBX, leave), nil)
	if run.Stop.Reason != trace.StopExit || len(run.Gaps) != 1 {
		t.Fatalf("got %+v and gaps %+v, want an exit and one gap", run.Stop, run.Gaps)
	}
	got := run.Gaps[0]
	got.Seq, got.Caller, got.Detail = 0, "", ""
	got.Args = got.Args[:1]
	want := trace.Gap{Kind: trace.GapAPI, Name: "comctl32.dll!PropertySheetA", Args: []string{"0x7"}, Count: 2}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("gap (-want +got):\n%s", d)
	}
}

// TestDeterministic runs the same program twice and compares the records byte
// by byte.
func TestDeterministic(t *testing.T) {
	s := newSystem(t)
	alloc, tick := s.address(t, "kernel32.dll", "VirtualAlloc"), s.address(t, "kernel32.dll", "QueryPerformanceCounter")
	code := join(enter, call(alloc, 0, 100, 0x3000, 0x40), keep, call(tick, rbx), decode(returns(1), 3), callRBX, leave)
	var records [2]bytes.Buffer
	for i := range records {
		if err := runRaw(t, s, code, nil).WriteJSONLines(&records[i]); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(records[0].String(), records[1].String()); d != "" || records[0].Len() == 0 {
		t.Errorf("two runs differ, or are empty:\n%s", d)
	}
}

// TestManyAllocations asks for page after page: there is an end to it, and it
// comes soon.
func TestManyAllocations(t *testing.T) {
	s := newSystem(t)
	alloc := s.address(t, "kernel32.dll", "VirtualAlloc")
	again := join(call(alloc, 0, 0x1000, 0x3000, 4), []byte{0x48, 0x85, 0xC0}) // test rax, rax
	loop := join(again, []byte{0x75, byte(-len(again) - 2)})                   // jnz again
	run := runRaw(t, s, join(enter, loop, leave), nil)
	if n := run.Calls.Len(); run.Stop.Reason != trace.StopExit || n < 500 || n > 2000 {
		t.Errorf("got %+v after %d allocations, want an exit after about a thousand", run.Stop, n)
	}
}

// TestManyProtections makes every other page of an allocation executable: the
// engine splits its regions and never joins them, so there is an end to it.
func TestManyProtections(t *testing.T) {
	s := newSystem(t)
	alloc, protect := s.address(t, "kernel32.dll", "VirtualAlloc"), s.address(t, "kernel32.dll", "VirtualProtect")
	const scratch = 0x0000_00E1_0000_0000 + 0x3F_0000
	again := join(call(protect, rbx, 1, 0x20, scratch), call(protect, rbx, 1, 4, scratch),
		[]byte{0x48, 0x81, 0xC3, 0x00, 0x20, 0, 0, 0x85, 0xC0}) // add rbx, 0x2000; test eax, eax
	loop := join(again, []byte{0x0F, 0x85}, imm(uint64(-int64(len(again)+6)), 4)) // jnz again
	run := runRaw(t, s, join(enter, call(alloc, 0, 64<<20, 0x3000, 4), keep, loop, leave), nil)
	if n := run.Calls.Len(); run.Stop.Reason != trace.StopExit || n < 500 || n > 2500 {
		t.Errorf("got %+v after %d calls, want an exit after about a thousand", run.Stop, n)
	}
}

// TestRewrittenCode changes itself all the time, which costs a thousand times
// what its blocks do: it is ended before it has used them up.
func TestRewrittenCode(t *testing.T) {
	s := newSystem(t)
	code := join([]byte{0x48, 0x8D, 0x1D, 0, 0, 0, 0}, //       lea rbx, [rip]
		[]byte{0xFE, 0x83}, imm(uint64(7+300), 4), //              inc byte [rbx+7+300]
		bytes.Repeat([]byte{0x90}, 300), []byte{0xB1, 0, 0xE9}, // nop …; mov cl, 0
		imm(uint64(0x100000000-313), 4)) //                        jmp to the inc
	run := runRaw(t, s, code, func(c *guest.Config) { c.Limits.Blocks = 1_000_000 })
	if run.Stop.Reason != trace.StopBlocks || !strings.Contains(run.Stop.Detail, "instructions translated") || run.Blocks > 50_000 {
		t.Errorf("got %+v after %d blocks, want the limit of translation", run.Stop, run.Blocks)
	}
}

// TestUnreadableTLS has thread-local data that cannot be read: the loader gives
// up, and not the emulator.
func TestUnreadableTLS(t *testing.T) {
	image, err := os.ReadFile("../replicas/prebuilt/ffmpeg.clean.dll")
	if err != nil {
		t.Fatal(err)
	}
	header := bytes.Index(image, []byte(".tls\x00"))
	image[header+39] = 0 // no right at all
	run := fuzzRun(t, newSystem(t), "damaged.dll", image)
	if run == nil || run.Stop.Reason != trace.StopLoad || run.Stop.ExitCode != guest.StatusAccessViolation {
		t.Errorf("got %+v, want an access violation of the loader", run)
	}
}
