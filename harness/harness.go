// Package harness runs scenarios and judges them.
//
//	entries, err := harness.Load("scenarios", nil)
//	…
//	runner := harness.Runner{Machine: machine, Jobs: 2}
//	suite := runner.Run(ctx, entries)
//	os.Exit(suite.ExitCode())
//
// It reads scenarios (package scenarios), builds the replicas they name
// (package replicas), makes of each a machine, has that run, and judges the
// record (package expect). The machine itself is passed in, so that the package
// works with any emulator and its tests with none.
//
// The result does not depend on the number of jobs, on timing or on the order
// in which scenarios end.
package harness

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/harness/detect"
	"sidetrace/harness/expect"
	"sidetrace/reports"
	"sidetrace/scenarios"
)

// Machine runs what a configuration says and returns the record. When the
// context is done it stops soon, with the reason "wall". An error means that
// there is nothing to judge: the configuration is wrong or the program is none.
type Machine func(ctx context.Context, config guest.Config) (*trace.Run, error)

// Runner runs scenarios. Machine or Isolated is required; the zero value of
// every other field works.
type Runner struct {
	Machine  Machine
	Replicas BuildReplicas // default: package replicas

	// Isolated, if set, runs and judges scenarios in the place of Machine, outside
	// of this process; see package worker. It returns nil if the context ended it.
	Isolated func(context.Context, Entry) *reports.Scenario

	Jobs     int    // scenarios at a time, default 1
	FailFast bool   // leave out what comes after the first scenario that does not pass
	Version  string // of the tool, for the suite

	// KeepTraces leaves the whole record, calls and artifact bytes included, in
	// each result. Otherwise it is dropped once Done has returned, since records
	// are large.
	KeepTraces bool

	// Done is called with each result as soon as it is there, in the order in
	// which scenarios end, one at a time.
	Done func(*reports.Scenario)

	// Subject, if set, is called with what rules look at of each run that was
	// judged, before its rules are run; possibly several at a time.
	Subject func(*reports.Scenario, *detect.Subject)

	// Panicked is called with the stack where running a scenario panicked; its
	// verdict is then "crashed". Default: the stack is dropped.
	Panicked func(id string, stack []byte)

	// Now, if set, is the wall clock of the suite's section wall.
	Now func() time.Time

	Repeat int  // how often to run each scenario, which must give the same each time; default once
	Update bool // write the golden files of scenarios instead of comparing with them

	// WithoutRules leaves the detections of scenarios out.
	WithoutRules bool

	built builtReplicas // sets already built: scenarios share them
	rules ruleSets      // and rules already loaded
}

// Run runs the scenarios and returns a result for each, in their order. When
// the context is done no further scenario is started, and the suite names those
// that were left out or cut short.
func (r *Runner) Run(ctx context.Context, entries []Entry) *reports.Suite {
	started := r.now()
	results := r.all(ctx, entries)

	var scenarios []reports.Scenario
	var times []reports.WallScenario
	var notRun []string
	failed := false
	for i, res := range results {
		if res.scenario == nil || failed {
			notRun = append(notRun, entries[i].ID())
			continue
		}
		scenarios = append(scenarios, *res.scenario)
		times = append(times, reports.WallScenario{ID: res.scenario.ID, ElapsedNS: res.elapsed})
		failed = r.FailFast && res.scenario.Verdict != reports.Pass
	}
	suite := reports.NewSuite(r.Version, scenarios)
	suite.NotRun = notRun
	if r.Now != nil {
		suite.Wall = &reports.Wall{ElapsedNS: int64(r.now().Sub(started)), Jobs: r.jobs(), Scenarios: times}
	}
	return suite
}

func (r *Runner) now() time.Time {
	if r.Now == nil {
		return time.Time{}
	}
	return r.Now()
}

func (r *Runner) jobs() int { return max(r.Jobs, 1) }

// result is what became of one entry; scenario is nil if it was not run.
type result struct {
	scenario *reports.Scenario
	elapsed  int64
}

// all hands the entries out in order, so that whatever is in front of an entry
// has been started when it is.
func (r *Runner) all(ctx context.Context, entries []Entry) []result {
	results := make([]result, len(entries))
	var (
		mu     sync.Mutex // guards next, failed and the calls of Done
		next   int
		failed bool
		wait   sync.WaitGroup
	)
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(entries) || failed && r.FailFast || ctx.Err() != nil {
			return 0, false
		}
		next++
		return next - 1, true
	}
	worker := func() {
		for i, ok := take(); ok; i, ok = take() {
			started := r.now()
			s := r.One(ctx, entries[i])
			if s == nil {
				continue
			}
			mu.Lock()
			results[i] = result{s, int64(r.now().Sub(started))}
			failed = failed || s.Verdict != reports.Pass
			if r.Done != nil {
				r.Done(s)
			}
			if !r.KeepTraces {
				s.Trace = nil
			}
			mu.Unlock()
		}
	}
	for range min(r.jobs(), len(entries)) {
		wait.Go(worker)
	}
	wait.Wait()
	return results
}

// one runs and judges one scenario, for the first time or again. It returns nil if
// the context ended it.
func (r *Runner) one(ctx context.Context, e Entry, first bool) (out *reports.Scenario) {
	defer func() {
		if p := recover(); p != nil {
			if r.Panicked != nil {
				r.Panicked(e.ID(), debug.Stack())
			}
			crashed := e.describe()
			crashed.Verdict, crashed.Reason = reports.Crashed, fmt.Sprintf("sidetrace failed: %v", p)
			out = &crashed
		}
	}()
	if e.Err != nil {
		return broken(e, e.Err)
	}
	config, err := r.Prepare(e.Scenario)
	if err != nil {
		return broken(e, err)
	}
	limit := e.Scenario.Run.Limits.Wall
	if limit == 0 {
		limit = scenarios.DefaultWall
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	run, err := r.Machine(limited, config)
	cut := err == nil && run.Stop.Reason == trace.StopWall
	switch {
	case (err != nil || cut) && ctx.Err() != nil:
		return nil
	case cut:
		run.Stop.Detail = limit.String() // says more than the machine can know
	case errors.Is(err, context.DeadlineExceeded):
		late := e.describe()
		late.Verdict, late.Reason = reports.Timeout, "the wall-clock limit was reached: "+limit.String()
		return &late
	case err != nil:
		return broken(e, err)
	}
	judged := expect.Judge(e.Scenario, run)
	if err := r.golden(e.Scenario, run, &judged); err != nil {
		return broken(e, err)
	}
	r.detect(limited, e.Scenario, &config, run, &judged, first)
	judged.File = filepath.ToSlash(judged.File)
	return &judged
}

// broken is the result of a scenario that cannot be run.
func broken(e Entry, err error) *reports.Scenario {
	out := e.describe()
	out.Verdict = reports.Error
	var list *scenarios.Error
	if errors.As(err, &list) {
		for _, p := range list.Problems {
			out.Problems = append(out.Problems, reports.Problem(p))
		}
	} else {
		out.Problems = []reports.Problem{{File: out.File, Message: err.Error()}}
	}
	out.Reason = out.Problems[0].Message
	if n := len(out.Problems) - 1; n > 0 {
		out.Reason += fmt.Sprintf(" (and %d more)", n)
	}
	return &out
}
