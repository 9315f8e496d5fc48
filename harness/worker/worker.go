// Package worker runs scenarios in processes of their own, so that one which
// kills its process costs no other:
//
//	pool := worker.NewPool(worker.Options{Command: …, Setup: worker.Setup{…}})
//	defer pool.Close()
//	runner := harness.Runner{Jobs: 2, Isolated: pool.Run}
//
// A worker is a process that runs one scenario after another, each on a fresh
// machine, and keeps what is costly to make: the system DLLs, replicas, rules.
// It is told what to run, and tells what came of it, by messages over two
// pipes; a memory file has the last behaviours of the present run, for the case
// that the worker does not live to tell. [Serve] is the worker's side, [Pool]
// the other one.
//
// A result is the same to the byte as that of the same scenario without a
// worker. Before its first scenario a worker goes into a sandbox (package
// sandbox), where it stays.
package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/harness"
	"sidetrace/harness/sandbox"
	"sidetrace/reports"
	"sidetrace/scenarios"
)

// Setup is what a worker is told once.
type Setup struct {
	Files        sandbox.Files // what may be read and written; Keep is to be in it
	Keep         string        // folder to keep what runs leave behind in; "" for none
	Formats      []string      // that Job.Write writes each run in
	Calls        bool          // send the calls of each run
	Artifacts    bool          // send the bytes of its artifacts
	WithoutRules bool
	Update       bool // write the golden files of scenarios
	Repeat       int  // how often to run each scenario
}

// Job is how a worker runs scenarios.
type Job struct {
	Runner harness.Runner

	// Keep, if set, is called with each result before it is sent.
	Keep func(*reports.Scenario) error

	// Write, if set, is what to send beside each result, one part for each of
	// Setup.Formats. The record, of which it is made, stays here.
	Write func(*reports.Scenario) (parts [][]byte, err error)
}

// The files a worker is started with, besides the standard ones. Standard output
// is not the way for messages, since anything may print there.
const (
	fdTasks   = 3 // messages to the worker
	fdResults = 4 // messages from it
	fdRecent  = 5 // memory file of the last behaviours
)

// Serve is a worker: it gets its setup, has prepare make of it how scenarios are
// run, and runs those it is sent until there are no more. It returns when the
// other end closes the pipe or is gone.
func Serve(prepare func(Setup) (*Job, error)) error {
	// A terminal's Ctrl-C goes to every process of the group. Here it is for the
	// other end to say what becomes of the run.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	s := &server{
		results: os.NewFile(fdResults, "results"),
		recent:  recent{os.NewFile(fdRecent, "recent")},
	}
	tasks := bufio.NewReader(os.NewFile(fdTasks, "tasks"))
	err := expectMessage(tasks, setup, &s.setup)
	if err != nil {
		return err
	}
	if s.job, err = prepare(s.setup); err != nil {
		return send(s.results, ready, answer{Error: err.Error()})
	}
	s.watch()
	if err := limitProcess(); err != nil {
		return send(s.results, ready, answer{Error: err.Error()})
	}
	lacks, err := sandbox.Apply(s.setup.Files)
	if err != nil {
		return send(s.results, ready, answer{Error: err.Error()})
	}
	if err := send(s.results, ready, answer{Lacks: lacks}); err != nil {
		return err
	}
	return s.serve(tasks)
}

// server is the state of a worker.
type server struct {
	setup   Setup
	job     *Job
	results *os.File
	recent  recent
	runs    uint64 // that were started
	stack   string // of its panic
}

// watch has the runner tell how far it is.
func (s *server) watch() {
	machine := s.job.Runner.Machine
	s.job.Runner.Machine = func(ctx context.Context, config guest.Config) (*trace.Run, error) {
		s.runs++
		config.Observe = (&recording{recent: s.recent, run: s.runs}).add
		if err := send(s.results, running, nil); err != nil {
			return nil, err
		}
		run, err := machine(ctx, config)
		if err := send(s.results, judging, nil); err != nil {
			return nil, err
		}
		return run, err
	}
	s.job.Runner.Panicked = func(_ string, stack []byte) { s.stack = string(stack) }
}

// serve runs what it is sent. Tasks are read beside the run, so that the end of
// the other process ends this one at any time.
func (s *server) serve(tasks *bufio.Reader) error {
	next := make(chan task)
	go func() {
		for {
			var t task
			if err := expectMessage(tasks, job, &t); err != nil {
				os.Exit(0)
			}
			next <- t
		}
	}()
	for t := range next {
		if err := s.run(t); err != nil {
			return err
		}
	}
	return nil
}

// run does a task and sends what came of it.
func (s *server) run(t task) error {
	if err := send(s.results, accepted, nil); err != nil {
		return err
	}
	s.stack = ""
	parsed, err := scenarios.ParseFile(t.File)
	if err == nil {
		if err := limitMemory(parsed.Run.Limits.Memory); err != nil {
			return err
		}
	}
	out := outcome{Scenario: s.job.Runner.One(context.Background(), harness.Entry{File: t.File, Scenario: parsed, Err: err})}
	var lost error
	if s.job.Keep != nil {
		lost = s.job.Keep(out.Scenario)
	}
	if s.job.Write != nil {
		parts, err := s.job.Write(out.Scenario)
		lost = errors.Join(lost, err)
		out.Parts = parts
	}
	if lost != nil {
		out.Error = lost.Error()
	}
	out.Stack = s.stack
	if run := out.Scenario.Run; s.setup.Artifacts && run != nil {
		for i := range run.Artifacts {
			out.Artifacts = append(out.Artifacts, run.Artifacts[i].Data)
		}
	}
	if run := out.Scenario.Trace; s.setup.Calls && run != nil && run.Calls != nil {
		log, err := run.Calls.MarshalBinary()
		if err != nil {
			return err
		}
		if err := sendBytes(s.results, calls, log); err != nil {
			return err
		}
	}
	return send(s.results, result, out)
}

// expectMessage reads a message that can only be of one kind.
func expectMessage(r *bufio.Reader, want kind, into any) error {
	k, body, err := receive(r)
	if err != nil {
		return err
	}
	if k != want {
		return fmt.Errorf("a message of kind %d, not %d", k, want)
	}
	return decode(body, into)
}
