package worker_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"sidetrace/harness"
	"sidetrace/harness/worker"
	"sidetrace/reports"
)

// BenchmarkIsolation runs the scenarios of the repository, rules and all, in
// workers and in this process, turn by turn, and says how fast the one is of the
// other. Both are warm.
func BenchmarkIsolation(b *testing.B) {
	entries := load(b, "../../scenarios")
	var many []harness.Entry
	for range 5 {
		many = append(many, entries...)
	}
	pool := newPool(b, runtime.NumCPU(), entries, worker.Options{})
	here, there := inProcess(b), harness.Runner{Isolated: pool.Run}
	here.Jobs, there.Jobs = runtime.NumCPU(), runtime.NumCPU()
	run := func(r *harness.Runner) time.Duration {
		started := time.Now()
		if suite := r.Run(context.Background(), many); suite.Verdict != reports.Pass {
			b.Fatal(suite.Verdict)
		}
		return time.Since(started)
	}
	run(&here)
	run(&there)
	var process, none time.Duration
	for b.Loop() {
		none += run(&here)
		process += run(&there)
	}
	b.ReportMetric(100*none.Seconds()/process.Seconds(), "%-of-in-process")
	b.ReportMetric(process.Seconds()*1000/float64(b.N*len(many)), "ms/scenario")
}
