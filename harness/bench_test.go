package harness_test

import (
	"context"
	"testing"

	"golang.org/x/sys/unix"

	"sidetrace/emulator/cpu/bare"
	"sidetrace/emulator/guest"
	"sidetrace/harness"
	"sidetrace/reports"
)

// BenchmarkScenario runs and judges the whole chain on a warm system, without
// its rules. Its twin opens an engine, maps a page, runs ten instructions and
// closes it.
func BenchmarkScenario(b *testing.B) {
	entries, err := harness.Load("../scenarios", []string{"3cx-2023"})
	if err != nil {
		b.Fatal(err)
	}
	r := harness.Runner{Machine: newMachine(b), WithoutRules: true}
	page, err := unix.Mmap(-1, 0, guest.PageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Munmap(page)
	bare.Compare(b, 20, func(b *testing.B, n int) (run, done func()) {
		return func() {
			for range n {
				if suite := r.Run(context.Background(), entries); suite.Verdict != reports.Pass {
					b.Fatal(suite.Scenarios[0].Reason)
				}
			}
		}, func() {}
	}, func(b *testing.B, n int) (run, done func()) {
		return func() {
			for range n {
				if err := bare.TenInstructions(page); err != nil {
					b.Fatal(err)
				}
			}
		}, func() {}
	})
}

// BenchmarkDetections runs and judges the whole chain with its rules, which are
// loaded once, and has each silent one explained.
func BenchmarkDetections(b *testing.B) {
	entries, err := harness.Load("../scenarios", []string{"3cx-2023"})
	if err != nil {
		b.Fatal(err)
	}
	r := harness.Runner{Machine: newMachine(b)}
	for b.Loop() {
		if suite := r.Run(context.Background(), entries); suite.Verdict != reports.Pass {
			b.Fatal(suite.Scenarios[0].Reason)
		}
	}
}
