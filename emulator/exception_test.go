package emulator

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/trace"
)

// runRecorded runs one of the programs compared with Wine for what it leaves in
// the trace.
func runRecorded(t *testing.T, name string) *trace.Run {
	t.Helper()
	for _, p := range findPrograms(t) {
		if p.name == name {
			return p.run(t, newSystem(t))
		}
	}
	t.Fatalf("no program %s", name)
	return nil
}

func exceptionsOf(run *trace.Run) []trace.Exception {
	var list []trace.Exception
	for i := range run.Behaviours {
		if e, ok := run.Behaviours[i].Fields.(trace.Exception); ok {
			list = append(list, e)
		}
	}
	return list
}

// An exception is recorded when it is raised, with who handled it.
func TestExceptionTrace(t *testing.T) {
	type summary struct {
		Code      uint32
		HandledBy string
		Count     int
	}
	tests := []struct {
		program string
		stop    trace.StopReason
		want    []summary
	}{
		{"exceptions/unhandled", trace.StopException, []summary{{0xE0000011, trace.HandledFilter, 1}, {0xE0000042, "", 1}}},
		{"exceptions/thread_fault", trace.StopException, []summary{{0xC0000005, "", 1}}},
		{"exceptions/loader", trace.StopExit, []summary{{0xC0000005, trace.HandledLoader, 1}, {0xC0000005, trace.HandledLoader, 1}, {0xE0000022, trace.HandledLoader, 1}}},
		{"exceptions/context", trace.StopExit, []summary{
			{0xE0000031, trace.HandledVectored, 1}, {0xE0000032, trace.HandledVectored, 1},
			{0xE0000033, trace.HandledFrame, 1}, {0xE0000033, trace.HandledFrame, 1}, {0xE0000033, trace.HandledFrame, 1}, // left by NtContinue
		}},
		// GCC raises a second exception for each function that only destroys.
		{"exceptions/cxx_dll", trace.StopExit, []summary{
			{0x20474343, trace.HandledFrame, 1}, {0x21474343, trace.HandledFrame, 1}, {0x20474343, trace.HandledFrame, 1}, {0x21474343, trace.HandledFrame, 1},
			{0x20474343, trace.HandledFrame, 1}, {0x21474343, trace.HandledFrame, 1}, {0x21474343, trace.HandledFrame, 1},
			{0x20474343, trace.HandledFrame, 1}, {0x21474343, trace.HandledFrame, 1}, {0x20474343, trace.HandledFrame, 1}, {0x21474343, trace.HandledFrame, 1},
		}},
	}
	for _, test := range tests {
		run := runRecorded(t, test.program)
		var got []summary
		for _, e := range exceptionsOf(run) {
			got = append(got, summary{e.Code, e.HandledBy, e.Count})
			if e.Handled != (e.HandledBy != "") {
				t.Errorf("%s: handled is %t and handled by %q", test.program, e.Handled, e.HandledBy)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" || run.Stop.Reason != test.stop {
			t.Errorf("%s: stop %v (-want +got):\n%s", test.program, run.Stop, diff)
		}
	}
}

// A program that steps through itself leaves few records.
func TestStepsAreCounted(t *testing.T) {
	list := exceptionsOf(runRecorded(t, "exceptions/step"))
	steps, most := 0, 0
	for _, e := range list {
		if e.Code == 0x80000004 {
			steps += e.Count
			most = max(most, e.Count)
		}
	}
	if len(list) > 20 || steps != 3014 || most != 3000 {
		t.Errorf("got %d records, %d steps, %d in one; want at most 20, 3014 and 3000", len(list), steps, most)
	}
}

// Calls that an exception leaves have not returned, and those after them are
// whole.
func TestCallsLeft(t *testing.T) {
	run := runRecorded(t, "exceptions/msvc")
	left := map[string]int{}
	returned := 0
	for c := range run.Calls.All() {
		if c.Returned {
			returned++
		} else {
			left[c.API.Name]++
		}
	}
	if left["qsort"] != 1 || left["fflush"] != 0 || left["putchar"] != 0 || returned < 50 {
		t.Errorf("got %v left and %d returned, want one qsort among those left", left, returned)
	}
	for i := range run.Behaviours {
		if b := &run.Behaviours[i]; b.Kind() == "console.write" && len(b.Calls) == 0 {
			t.Errorf("output without a call: %+v", b)
		}
	}
}
