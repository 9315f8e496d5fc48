// Sidetrace emulates a DLL side-loading chain on Linux and says whether the
// chain, and what should detect it, behaved as its scenario expects.
//
// Usage:
//
//	sidetrace run    [flags] [PATH|ID ...]    run scenarios and judge them
//	sidetrace trace  [flags] IMAGE [-- ARGS]  run one program and print what it does
//	sidetrace check  [PATH ...]               read scenarios without running them
//	sidetrace list   [PATH ...]               scenarios, tags and ATT&CK techniques
//	sidetrace replicas build [flags] NAME     make a benign replica of a chain
//	sidetrace apis   [DLL ...]                Windows functions and their support level
//	sidetrace doctor                          whether this machine can run scenarios
//	sidetrace version
//
// The exit code is 0 if every scenario passed, 1 if one failed or is
// inconclusive, 2 for a mistake in the command, a scenario or a sample, and 3
// if sidetrace itself failed. What a machine reads goes to standard output and
// stands there alone; everything else goes to standard error, as
// "sidetrace: what" and, where the user can act, "hint: how".
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/term"
)

func main() { os.Exit(mainCode()) }

// mainCode runs the command of this process, for main and for command tests.
func mainCode() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// The first signal ends the run and still writes the reports; a later one,
	// sent by somebody who cannot wait, kills. Programs like timeout send theirs
	// twice, so that one which follows at once is the same.
	context.AfterFunc(ctx, func() { time.AfterFunc(patience, stop) })

	c := &command{
		stdout: os.Stdout,
		stderr: os.Stderr,
		colour: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(os.Stdout.Fd())),
		now:    time.Now,
	}
	return c.run(ctx, os.Args[1:])
}

// patience is how long after the first signal a second one does not kill.
const patience = 3 * time.Second

// command is one run of sidetrace and all it touches of its surroundings.
type command struct {
	stdout, stderr io.Writer
	colour         bool             // standard output is a terminal and NO_COLOR is not set
	now            func() time.Time // wall clock, for measuring only
}

// run executes the command line and returns the exit code.
func (c *command) run(ctx context.Context, args []string) (code int) {
	defer func() {
		// Go's own exit code for a panic is that of a mistake of the user.
		if p := recover(); p != nil {
			c.say("internal error: %v\n%s", p, debug.Stack())
			code = exitInternal
		}
	}()
	out := &output{Writer: c.stdout}
	c.stdout = out
	root := c.root()
	root.SetArgs(args)
	root.SetOut(c.stdout)
	root.SetErr(c.stderr)
	err := root.ExecuteContext(ctx)
	if out.err != nil {
		err = internal(fmt.Errorf("standard output: %w", plain(out.err)), "")
	}
	return c.report(err)
}

// output is standard output. It remembers that it could not be written, since
// a result that nobody can read is none, whatever a command makes of it.
type output struct {
	io.Writer
	err error // the first
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if o.err == nil {
		o.err = err
	}
	return n, err
}
