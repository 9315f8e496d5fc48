package worker_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"sidetrace/emulator/cpu"
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/harness"
	"sidetrace/harness/worker"
	"sidetrace/reports"
)

// disasters are what ends a worker in the middle of a run, by the arguments of
// the scenario's program.
var disasters = map[string]struct {
	strike  func()
	verdict reports.Verdict
	reason  string
}{
	// The guest's memory is gone when libunicorn's translated code writes to it.
	"segv": {func() { runAlone(true, 0x89, 0x00, 0xEB, 0xFE) }, reports.Crashed, "its worker process ended: SIGSEGV: segmentation violation"}, // mov [rax], eax; jmp $
	"kill": {func() { _ = unix.Tgkill(os.Getpid(), unix.Gettid(), unix.SIGKILL) }, reports.Crashed, "its worker process ended: signal: killed"},
	"memory": {func() {
		for list := [][]byte{}; ; {
			list = append(list, make([]byte, 64<<20)) // never touched: the limit counts what may be
		}
	}, reports.Crashed, "its worker process ended: " + outOfMemory},
	"panic": {func() { panic("at sea") }, reports.Crashed, "sidetrace failed: at sea"},
	"exit":  {func() { os.Exit(5) }, reports.Crashed, "its worker process ended: exit status 5"},
	"hang":  {func() { runAlone(false, 0xEB, 0xFE) }, reports.Timeout, "the wall-clock limit was reached: 1s; its worker process did not stop and was killed"},
}

// runAlone runs code in an engine of its own, over memory that may be gone.
func runAlone(gone bool, code ...byte) {
	mem, err := unix.Mmap(-1, 0, 2*cpu.PageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		panic(err)
	}
	c, err := cpu.New(cpu.Config{StubStart: 0x7F0000, StubEnd: 0x7F0000 + cpu.PageSize})
	if err != nil {
		panic(err)
	}
	copy(mem, code)
	if err := c.Map(0x10000, mem[:cpu.PageSize], cpu.Read|cpu.Exec); err != nil {
		panic(err)
	}
	if err := c.Map(0x20000, mem[cpu.PageSize:], cpu.Read|cpu.Write); err != nil {
		panic(err)
	}
	if gone {
		if err := unix.Mprotect(mem[cpu.PageSize:], unix.PROT_NONE); err != nil {
			panic(err)
		}
	}
	c.SetReg(cpu.RAX, 0x20000)
	c.SetIP(0x10000)
	c.Run()
}

// chaos is a machine on which the disasters strike that scenarios ask for, when
// the program has been loaded.
func chaos(m harness.Machine) harness.Machine {
	return func(ctx context.Context, c guest.Config) (*trace.Run, error) {
		name, asked := strings.CutPrefix(c.Arguments, "chaos ")
		if name == "sandbox" {
			run, err := m(ctx, c)
			run.Console = []byte(attempts())
			return run, err
		}
		if observe := c.Observe; asked {
			seen := 0
			c.Observe = func(b *trace.Behaviour) {
				observe(b)
				if seen++; seen == 3 {
					disasters[name].strike()
				}
			}
		}
		return m(ctx, c)
	}
}

// scenario writes one, whose program returns 0, with the arguments.
func scenario(t testing.TB, folder, id, arguments string) {
	t.Helper()
	file := filepath.Join(folder, id, "scenario.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`id: %s
title: It returns 0
why: For tests.
machine:
  files: {'{app}\a.bin': 'hex:31c0c3'}
run:
  image: '{app}\a.bin'
  args: %q
  limits: {wall: 1s}
expect:
  in_order:
    - module.load: {name: rundll32.exe}
  exit: 0
`, id, arguments)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestChaos has every disaster strike twice in the middle of 200 scenarios. Each
// costs its scenario alone; the others give what they give undisturbed, to the
// byte.
func TestChaos(t *testing.T) {
	folder := t.TempDir()
	struck := map[string]string{} // disaster by id
	var names []string
	for name := range disasters {
		names = append(names, name, name)
	}
	for i := range 200 {
		id, arguments := fmt.Sprintf("s%03d", i), ""
		if i%15 == 7 && i/15 < len(names) {
			struck[id] = names[i/15]
			arguments = "chaos " + struck[id]
		}
		scenario(t, folder, id, arguments)
	}
	entries := load(t, folder)
	here := inProcess(t)
	undisturbed := here.Run(context.Background(), entries)

	pool := newPool(t, 2, entries, worker.Options{Grace: 500 * time.Millisecond})
	there := harness.Runner{Isolated: pool.Run, Jobs: 2}
	suite := there.Run(context.Background(), entries)
	if len(suite.Scenarios) != len(entries) {
		t.Fatalf("%d results of %d scenarios", len(suite.Scenarios), len(entries))
	}
	for i := range suite.Scenarios {
		s, want := &suite.Scenarios[i], &undisturbed.Scenarios[i]
		name, hit := struck[s.ID]
		if !hit {
			if diff := cmp.Diff(asJSON(t, want), asJSON(t, s)); diff != "" {
				t.Errorf("%s (-undisturbed +disturbed):\n%s", s.ID, diff)
			}
			continue
		}
		// Go says behind it what it had no memory for.
		if d := disasters[name]; s.Verdict != d.verdict || !strings.HasPrefix(s.Reason, d.reason) {
			t.Errorf("%s: got %s, %q, want %s, %q", name, s.Verdict, s.Reason, d.verdict, d.reason)
		}
		if name == "panic" {
			continue // the worker lives, and tells of it as this process does
		}
		if diff := cmp.Diff(want.Run.Behaviours[:3], s.Run.Behaviours); diff != "" {
			t.Errorf("%s: last behaviours (-undisturbed +kept):\n%s", name, diff)
		}
	}
	if suite.Counts.Pass != 200-len(struck) || len(struck) != 2*len(disasters) {
		t.Errorf("%d pass, %d struck", suite.Counts.Pass, len(struck))
	}
	if text := written(t, suite); !strings.Contains(text, "s199") {
		t.Error("the last scenario is not in the reports")
	}
}

func asJSON(t testing.TB, s *reports.Scenario) string {
	t.Helper()
	var out bytes.Buffer
	if err := reports.WriteJSON(&out, reports.NewSuite("", []reports.Scenario{*s})); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
