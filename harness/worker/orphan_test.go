package worker_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidetrace/harness"
	"sidetrace/harness/sandbox"
	"sidetrace/harness/worker"
)

// asParent has the test binary run, in a worker, the scenarios of the folder that
// it names.
const asParent = "SIDETRACE_TEST_PARENT"

func parent(folder string) error {
	entries, err := harness.Load(folder, nil)
	if err != nil {
		return err
	}
	o := worker.Options{Command: command}
	o.Setup.Files.Read = harness.Inputs(entries)
	pool := worker.NewPool(1, o)
	defer pool.Close()
	r := harness.Runner{Isolated: pool.Run}
	r.Run(context.Background(), entries)
	return nil
}

// TestOrphan: a worker does not outlive the process it works for, even if it
// never leaves libunicorn and that process is killed.
func TestOrphan(t *testing.T) {
	folder := t.TempDir()
	if sandbox.Examine().Lacks() != nil {
		t.Skip("whether a worker runs is seen by its sandbox, which this kernel has not")
	}
	scenario(t, folder, "long", "chaos hang")
	p := exec.Command(os.Args[0])
	p.Env = append(os.Environ(), asParent+"="+folder)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Process.Kill() }() // where the test fails early
	child := ""
	within(t, "the worker runs", func() bool {
		lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", p.Process.Pid))
		for _, name := range lists {
			if list, _ := os.ReadFile(name); len(list) > 0 {
				child = strings.Fields(string(list))[0]
			}
		}
		// It has its sandbox, so it is about to run or does.
		status, _ := os.ReadFile("/proc/" + child + "/status")
		return child != "" && bytes.Contains(status, []byte("Seccomp:\t2"))
	})
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait() // it was killed
	within(t, "the worker ends", func() bool {
		status, err := os.ReadFile("/proc/" + child + "/status")
		return err != nil || bytes.Contains(status, []byte("State:\tZ")) // nobody may be there to bury it
	})
}

func within(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 500 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("not within 5 seconds: %s", what)
}
