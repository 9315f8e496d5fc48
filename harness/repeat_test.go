package harness_test

import (
	"context"
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/harness"
	"sidetrace/reports"
)

// TestRepeat: a machine that does not do the same each time is found out, and one
// that does is not.
func TestRepeat(t *testing.T) {
	entries := load(t, "../scenarios", "3cx-2023-benign")
	real := newMachine(t)
	runs := 0
	machine := func(drift bool) harness.Machine {
		return func(ctx context.Context, c guest.Config) (*trace.Run, error) {
			run, err := real(ctx, c)
			if runs++; err == nil && drift && runs == 3 {
				run.Blocks++
			}
			return run, err
		}
	}
	for _, drift := range []bool{false, true} {
		runs = 0
		r := harness.Runner{Machine: machine(drift), Repeat: 3}
		s := r.Run(context.Background(), entries).Scenarios[0]
		if runs != 3 {
			t.Errorf("%d runs, want 3", runs)
		}
		if failed := s.Verdict == reports.Fail && strings.HasPrefix(s.Reason, `run 3 of 3 differs from the first: it has "blocks": `); failed != drift {
			t.Errorf("drift %t: %s: %s", drift, s.Verdict, s.Reason)
		}
	}
}
