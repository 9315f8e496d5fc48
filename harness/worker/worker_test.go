package worker_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator"
	"sidetrace/harness"
	"sidetrace/harness/worker"
	"sidetrace/reports"
	"sidetrace/reports/html"
)

// asWorker is what has the test binary be a worker.
const asWorker = "SIDETRACE_TEST_WORKER"

func TestMain(m *testing.M) {
	folder := os.Getenv(asParent)
	switch {
	case os.Getenv(asWorker) != "":
	case folder != "":
		if err := parent(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		return
	default:
		os.Exit(m.Run())
	}
	system, err := emulator.NewSystem()
	if err == nil {
		err = worker.Serve(func(told worker.Setup) (*worker.Job, error) {
			return &worker.Job{Runner: harness.Runner{Machine: chaos(harness.Emulator(system)), WithoutRules: told.WithoutRules}}, nil
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func command() *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), asWorker+"=1")
	return c
}

// newPool starts workers that may read the scenarios.
func newPool(t testing.TB, n int, entries []harness.Entry, o worker.Options) *worker.Pool {
	o.Command = command
	o.Setup.Files.Read = harness.Inputs(entries)
	p := worker.NewPool(n, o)
	t.Cleanup(p.Close)
	return p
}

func load(t testing.TB, path string) []harness.Entry {
	t.Helper()
	entries, err := harness.Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

var system = sync.OnceValues(emulator.NewSystem)

// inProcess runs scenarios without workers.
func inProcess(t testing.TB) harness.Runner {
	t.Helper()
	system, err := system()
	if err != nil {
		t.Fatal(err)
	}
	return harness.Runner{Machine: harness.Emulator(system)}
}

// written is a suite as JSON, and as text with all there is to show.
func written(t testing.TB, s *reports.Suite) string {
	t.Helper()
	var out bytes.Buffer
	if err := reports.WriteJSON(&out, s); err != nil {
		t.Fatal(err)
	}
	all := reports.Show{Behaviours: true, Calls: true, Gaps: true, Detections: true}
	if err := reports.WriteText(&out, s, reports.TextOptions{Show: all}); err != nil {
		t.Fatal(err)
	}
	if err := html.Write(&out, s); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestSame runs every scenario of the repository in this process and in
// workers: reports are the same to the byte, calls and artifacts included.
func TestSame(t *testing.T) {
	entries := load(t, "../../scenarios")
	here := inProcess(t)
	here.KeepTraces = true
	want := written(t, here.Run(context.Background(), entries))
	pool := newPool(t, 2, entries, worker.Options{Setup: worker.Setup{Calls: true, Artifacts: true}})
	there := harness.Runner{Isolated: pool.Run, Jobs: 2, KeepTraces: true}
	suite := there.Run(context.Background(), entries)
	if suite.Verdict != reports.Pass {
		t.Errorf("got %s, want pass", suite.Verdict)
	}
	if diff := cmp.Diff(want, written(t, suite)); diff != "" {
		t.Errorf("in workers (-here +there):\n%s", diff)
	}
}

// TestDeadWhileIdle: a worker that dies while it waits costs no scenario.
func TestDeadWhileIdle(t *testing.T) {
	folder := t.TempDir()
	scenario(t, folder, "one", "")
	entries := load(t, folder)
	pool := newPool(t, 2, entries, worker.Options{})
	r := harness.Runner{Isolated: pool.Run}
	for i := range 3 {
		if suite := r.Run(context.Background(), entries); suite.Verdict != reports.Pass {
			t.Fatalf("run %d: %s", i, suite.Scenarios[0].Reason)
		}
		if pool.KillIdle() == 0 {
			t.Fatal("no worker was left")
		}
	}
}

// TestInterrupted: the end of the context ends the worker, and the scenario is
// not run rather than failed.
func TestInterrupted(t *testing.T) {
	folder := t.TempDir()
	scenario(t, folder, "long", "chaos hang")
	entries := load(t, folder)
	pool := newPool(t, 1, entries, worker.Options{Grace: time.Minute})
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	r := harness.Runner{Isolated: pool.Run}
	suite := r.Run(ctx, entries)
	if diff := cmp.Diff([]string{"long"}, suite.NotRun); diff != "" {
		t.Errorf("not run (-want +got):\n%s", diff)
	}
}

// TestNoWorker: a program that is no worker makes every scenario crashed, with
// the reason, and the run ends.
func TestNoWorker(t *testing.T) {
	folder := t.TempDir()
	scenario(t, folder, "one", "")
	entries := load(t, folder)
	for program, want := range map[string]string{
		"/bin/false":     "a worker process did not start: exit status 1",
		"/no/such/thing": "no worker process could be started: fork/exec /no/such/thing: no such file or directory",
	} {
		pool := worker.NewPool(1, worker.Options{Command: func() *exec.Cmd { return exec.Command(program) }})
		r := harness.Runner{Isolated: pool.Run}
		s := r.Run(context.Background(), entries).Scenarios[0]
		pool.Close()
		if s.Verdict != reports.Crashed || s.Reason != want {
			t.Errorf("%s: got %s, %q, want %q", program, s.Verdict, s.Reason, want)
		}
	}
}
