package main

import (
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// unhex is a script command: it turns files of hexadecimal digits into the
// bytes they stand for. A "#" starts a comment.
//
//	unhex code.bin
func unhex(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: unhex FILE...")
	}
	for _, name := range args {
		var digits strings.Builder
		for line := range strings.Lines(ts.ReadFile(name)) {
			line, _, _ = strings.Cut(line, "#")
			digits.WriteString(strings.Join(strings.Fields(line), ""))
		}
		data, err := hex.DecodeString(digits.String())
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name), data, 0o644))
	}
}

// exits is a script command: it runs a program and expects an exit code.
//
//	exits 2 sidetrace run missing
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGS...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code: got %d, want %d", got, want)
	}
}

// await is a script command: it waits until a file matches each pattern.
//
//	await out/.report.json.*
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: await PATTERN...")
	}
	const patience = 30 * time.Second
	for _, pattern := range args {
		for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
			found, err := filepath.Glob(ts.MkAbs(pattern))
			ts.Check(err)
			if len(found) > 0 {
				break
			}
			if time.Now().After(deadline) {
				ts.Fatalf("no file matches %s after %s", pattern, patience)
			}
		}
	}
}

// sameReports is a script command: it runs all scenarios for each format and
// expects on standard output what a file of the folder "all" has.
//
//	sameReports junit a.xml sarif a.sarif
func sameReports(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 || len(args)%2 != 0 {
		ts.Fatalf("usage: sameReports FORMAT FILE...")
	}
	for i := 0; i < len(args); i += 2 {
		_ = ts.Exec("sidetrace", "run", "--format", args[i]) // a scenario fails
		if ts.ReadFile("stdout") != ts.ReadFile(filepath.Join("all", args[i+1])) {
			ts.Fatalf("--format %s writes another report than --report", args[i])
		}
	}
}
