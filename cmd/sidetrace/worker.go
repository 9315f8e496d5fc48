package main

import (
	"context"
	"fmt"
	"os/exec"
	"sync"

	"github.com/spf13/cobra"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/harness"
	"sidetrace/harness/worker"
	"sidetrace/reports"
)

// What scenarios run in.
const (
	isolationProcess = "process"
	isolationNone    = "none"
)

func checkIsolation(name string) error {
	if name != isolationProcess && name != isolationNone {
		return usage(fmt.Errorf("--isolation %s: not known", name), "process or none")
	}
	return nil
}

// workerCommand is what a pool runs: this program, as a worker.
func (c *command) workerCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "worker",
		Short:  "Run the scenarios that sidetrace run sends",
		Hidden: true,
		Args:   none,
		RunE: func(*cobra.Command, []string) error {
			err := withMachine(func(run func(context.Context, guest.Config) (*trace.Run, error)) error {
				return worker.Serve(func(told worker.Setup) (*worker.Job, error) {
					j := &worker.Job{Runner: harness.Runner{Machine: run, WithoutRules: told.WithoutRules, Update: told.Update, Repeat: told.Repeat}}
					j.Keep = keepRuns(told.Keep, &j.Runner)
					j.Write = writeRuns(told.Formats, &j.Runner)
					return j, nil
				})
			})
			if err != nil {
				return internal(err, "sidetrace run starts workers, with the files they need")
			}
			return nil
		},
	}
}

// pool starts workers for scenarios.
func (c *command) pool(workers int, told worker.Setup, chosen []harness.Entry, notKept func(error), written func(*reports.Scenario, [][]byte)) *worker.Pool {
	told.Files.Read = harness.Inputs(chosen)
	if told.Keep != "" {
		told.Files.Write = append(told.Files.Write, told.Keep)
	}
	if told.Update {
		told.Files.Write = append(told.Files.Write, harness.Folders(chosen)...)
	}
	var warned sync.Once
	return worker.NewPool(workers, worker.Options{
		Command: workerProcess,
		Setup:   told,
		Died:    c.crashed,
		NotKept: notKept,
		Written: written,
		Lacks: func(lacks []string) {
			warned.Do(func() {
				for _, what := range lacks {
					c.say("warning: scenarios run without a part of their sandbox; this kernel has no %s", what)
				}
			})
		},
	})
}

// workerProcess is this program, wherever its file is by now, as a worker.
func workerProcess() *exec.Cmd {
	return &exec.Cmd{Path: "/proc/self/exe", Args: []string{"sidetrace", "worker"}}
}

// crashed says what is known of a failure of sidetrace.
func (c *command) crashed(id string, said []byte) { c.say("%s: crashed\n%s", id, said) }
