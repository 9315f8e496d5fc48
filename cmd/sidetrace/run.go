package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/harness"
	"sidetrace/harness/detect"
	"sidetrace/harness/rules"
	"sidetrace/harness/worker"
	"sidetrace/reports"
)

// running is the flags of sidetrace run.
type running struct {
	selection
	sharding
	jobs     int
	format   string
	reports  []string
	keep     string
	failFast bool
	show     showValue

	isolation    string
	withoutRules bool
	update       bool
	repeat       int
	times        bool
}

func (c *command) runCommand() *cobra.Command {
	var r running
	cmd := &cobra.Command{
		Use:   "run [flags] [PATH|ID ...]",
		Short: "Run scenarios and judge them",
		Long: fmt.Sprintf(`Runs the scenarios that are named by file, folder or id, or all below the folder
"scenarios", and says of each whether it behaved as it expects. Exit code 0 if
all passed, 1 if one failed or is inconclusive, 2 if one is broken, 3 if
sidetrace failed. Ctrl-C ends the run: reports are written all the same, what was
not run is listed in them, and the exit code is 1 at the least.

Formats of reports:
%s
The last two are written while scenarios run, and hold those that were judged.`, formatsHelp()),
		Example: `  sidetrace run
  sidetrace run --format json 3cx-2023
  sidetrace run --report junit=out/junit.xml --report markdown="$GITHUB_STEP_SUMMARY"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runScenarios(cmd.Context(), &r, args)
		},
	}
	r.selection.flags(cmd)
	r.sharding.flags(cmd)
	f := cmd.Flags()
	f.IntVarP(&r.jobs, "jobs", "j", runtime.NumCPU(), "`number` of scenarios to run at a time")
	f.StringVar(&r.format, "format", "text", "`FORMAT` of standard output")
	f.StringArrayVar(&r.reports, "report", nil, "write a report to a file too, as `FORMAT=FILE`; may be repeated")
	f.StringVar(&r.keep, "keep", "", "`folder` to keep every trace, artifact, what rules look at and the database of hunts in, by scenario")
	f.BoolVar(&r.times, "times", false, "add to results how long each scenario took, which differs from run to run")
	f.IntVar(&r.repeat, "repeat", 1, "`number` of times to run each scenario; a result that differs is a failure")
	f.BoolVar(&r.update, "update", false, "write the golden files of scenarios (expect.golden) instead of comparing with them")
	f.BoolVar(&r.withoutRules, "without-rules", false, "leave the detections of scenarios out")
	f.StringVar(&r.isolation, "isolation", isolationProcess, "`what` scenarios run in: process, worker processes that may crash, or none, this one")
	f.BoolVar(&r.failFast, "fail-fast", false, "start no further scenario once one has not passed")
	f.Var(&r.show, "show", "what text lists of every scenario: behaviours, calls, gaps, detections, with commas between")
	return cmd
}

func (c *command) runScenarios(ctx context.Context, r *running, args []string) error {
	format, err := formatNamed(r.format)
	if err != nil {
		return err
	}
	if r.jobs < 1 {
		return usage(errors.New("--jobs: at least 1"), "")
	}
	if r.repeat < 1 {
		return usage(errors.New("--repeat: at least 1"), "")
	}
	if err := checkIsolation(r.isolation); err != nil {
		return err
	}
	chosen, err := r.choose(args)
	if err == nil {
		chosen, err = r.apply(chosen)
	}
	if err != nil {
		return err
	}
	files, err := createReports(r.reports, formatNamed)
	if err != nil {
		return err
	}
	defer files.abandon()
	outs := []runReport{{format, c.stdout}}
	for _, f := range files {
		outs = append(outs, runReport{f.format, f.file.file})
	}
	single := newRunReports(outs, chosen, r.failFast)
	suite, err := c.judge(ctx, r, chosen, single)
	if err != nil {
		return err
	}
	if err := single.finish(); err != nil {
		return internal(err, "")
	}
	text := reports.TextOptions{Colour: c.colour, Show: r.show.Show}
	err = errors.Join(format.suite(c.stdout, suite, text), files.commit(suite, r.show.Show))
	if err != nil {
		return internal(err, "")
	}
	if ctx.Err() != nil {
		c.say("interrupted, %s not run", count(len(suite.NotRun), "scenario"))
	}
	return verdict(suite.ExitCode())
}

// judge runs the scenarios, and keeps what is to be kept as each ends.
func (c *command) judge(ctx context.Context, r *running, chosen []harness.Entry, single *runReports) (suite *reports.Suite, err error) {
	if r.keep != "" {
		// Found out now, and not when the work is done.
		if err := os.MkdirAll(r.keep, 0o755); err != nil {
			return nil, usage(err, "")
		}
	}
	var kept error
	var mu sync.Mutex // guards kept
	keep := func(err error) {
		mu.Lock()
		kept = errors.Join(kept, err)
		mu.Unlock()
	}
	runner := harness.Runner{
		Jobs: r.jobs, FailFast: r.failFast, Version: toolVersion(),
		KeepTraces: r.show.Calls || single.whole,
		Panicked:   c.crashed,
		Done:       single.done,
	}
	if r.times {
		runner.Now = time.Now
	}
	if r.isolation == isolationProcess {
		pool := c.pool(min(r.jobs, len(chosen)), worker.Setup{
			Keep: r.keep, Formats: single.formats(), Calls: r.show.Calls || single.whole, Artifacts: single.whole,
			WithoutRules: r.withoutRules, Update: r.update, Repeat: r.repeat,
		}, chosen, keep, single.take)
		defer pool.Close()
		runner.Isolated = pool.Run
		suite = runner.Run(ctx, chosen)
	} else {
		runner.WithoutRules, runner.Update, runner.Repeat = r.withoutRules, r.update, r.repeat
		after, written := keepRuns(r.keep, &runner), writeRuns(single.formats(), &runner)
		runner.Done = func(s *reports.Scenario) {
			keep(after(s))
			parts, err := written(s)
			keep(err)
			single.take(s, parts)
			single.done(s)
		}
		err = withMachine(func(run func(context.Context, guest.Config) (*trace.Run, error)) error {
			runner.Machine = run
			suite = runner.Run(ctx, chosen)
			return nil
		})
	}
	if suite != nil && kept != nil {
		c.report(kept) // what was run is reported all the same
	}
	return suite, err
}

// keepRuns has a runner keep, below a folder, what rules look at of each run. It
// returns what keeps the rest of a result, and tells what could not be kept.
// Nothing is kept if there is no folder.
func keepRuns(folder string, runner *harness.Runner) func(*reports.Scenario) error {
	if folder == "" {
		return func(*reports.Scenario) error { return nil }
	}
	var mu sync.Mutex // guards lost
	var lost error
	runner.Subject = func(s *reports.Scenario, subject *detect.Subject) {
		err := keepSubject(filepath.Join(folder, s.ID), subject)
		mu.Lock()
		defer mu.Unlock()
		lost = errors.Join(lost, err)
	}
	return func(s *reports.Scenario) error {
		mu.Lock()
		err := lost
		lost = nil
		mu.Unlock()
		if s.Trace != nil {
			err = errors.Join(err, keepTrace(filepath.Join(folder, s.ID), s.Trace))
		}
		return err
	}
}

// keepTrace writes a record and its artifacts to a folder.
func keepTrace(folder string, run *trace.Run) error {
	f, err := createFile(filepath.Join(folder, "trace.jsonl"))
	if err != nil {
		return err
	}
	if err := f.commit(func(w io.Writer) error { return reports.WriteRunJSONLines(w, run) }); err != nil {
		return err
	}
	return writeArtifacts(folder, run)
}

// keepSubject writes what rules look at to a folder.
func keepSubject(folder string, s *detect.Subject) error {
	err := rules.Keep(s, func(name string, data []byte) error {
		return writeFile(filepath.Join(folder, filepath.FromSlash(name)), data)
	})
	return errors.Join(err, keepDatabase(folder, s))
}
