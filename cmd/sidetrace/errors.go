package main

import (
	"errors"
	"fmt"
	"strings"

	"sidetrace/reports"
)

// This file is how sidetrace fails. The rules are:
//
//   - an error goes to standard error as "sidetrace: …", each further line of
//     it indented, and what the user can do about it as "hint: …" below;
//   - the exit code says whose turn it is: 1 the detection engineer's, 2 that
//     of who wrote the command line or the scenario, 3 ours;
//   - a result that has been printed already is not printed again.

// The exit codes.
const (
	exitPassed   = 0
	exitFailed   = 1
	exitUsage    = 2
	exitInternal = 3
)

// failure is an error with its exit code.
type failure struct {
	code int
	err  error // nil if everything has been said
	hint string
}

func (f *failure) Error() string {
	if f.err == nil {
		return fmt.Sprintf("exit code %d", f.code)
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// usage is a mistake in the command line or in a file it names.
func usage(err error, hint string) error { return &failure{exitUsage, err, hint} }

// internal is a failure of sidetrace or of the machine it runs on.
func internal(err error, hint string) error { return &failure{exitInternal, err, hint} }

// verdict ends the command with a code and without a word, for the reports
// have said it.
func verdict(code int) error {
	if code == exitPassed {
		return nil
	}
	return &failure{code: code}
}

// report prints an error and returns its exit code. What is no failure comes
// from reading the command line.
func (c *command) report(err error) int {
	if err == nil {
		return exitPassed
	}
	var f *failure
	if !errors.As(err, &f) {
		f = &failure{exitUsage, err, "sidetrace --help lists the commands and their flags"}
	}
	if f.err != nil {
		c.say("%v", f.err)
	}
	if f.hint != "" {
		c.hint("%s", f.hint)
	}
	return f.code
}

// say prints a message for people.
func (c *command) say(format string, args ...any) {
	lines := strings.Split(strings.TrimRight(fmt.Sprintf(format, args...), "\n"), "\n")
	for i := range lines {
		lines[i] = reports.Printable(lines[i])
	}
	fmt.Fprintln(c.stderr, "sidetrace: "+strings.Join(lines, "\n  "))
}

// hint prints what the user can do.
func (c *command) hint(format string, args ...any) {
	fmt.Fprintln(c.stderr, "hint: "+reports.Printable(fmt.Sprintf(format, args...)))
}
