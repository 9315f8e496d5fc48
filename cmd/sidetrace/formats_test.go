package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode"

	"sidetrace/emulator/trace"
	"sidetrace/harness"
	"sidetrace/harness/detect"
	"sidetrace/harness/rules"
	"sidetrace/harness/telemetry"
	"sidetrace/reports"
)

// hostile is what a guest may put in a name.
const hostile = "a\x1b]0;x\x07\u009b31m\u202e\x00\xff\ufffe|\"</script>`\n::error::x"

// oneRun is a result with what was recorded.
func oneRun(id string) (*reports.Scenario, *detect.Subject) {
	run := &trace.Run{
		Image: `C:\App\` + hostile, PID: 4, Computer: hostile, User: hostile, Start: time.Date(2023, 3, 29, 9, 0, 0, 0, time.UTC), Calls: trace.NewCallLog(0),
		Behaviours: []trace.Behaviour{
			{Seq: 1, PID: 4, TID: 5, Fields: trace.FileCreate{Path: hostile}}, {Seq: 2, PID: 4, TID: 5, Fields: trace.DNSQuery{Name: hostile}},
			{Seq: 3, PID: 4, TID: 5, Fields: trace.Exit{Reason: hostile}},
		},
	}
	s := &reports.Scenario{ID: id, Title: hostile, File: id + "/scenario.yaml", Verdict: reports.Pass, Run: reports.NewRun(run), Trace: run}
	return s, rules.Subject(id, run, map[string][]byte{hostile: nil}, telemetry.Host{})
}

// TestFormats holds the table together: each format has a name, an extension and a
// writer of one kind, is in the help, and can be written of a hostile run so that a
// terminal only prints it.
func TestFormats(t *testing.T) {
	var help bytes.Buffer
	c := &command{stdout: &help, stderr: io.Discard, now: time.Now}
	c.run(context.Background(), []string{"run", "--help"})
	names := map[string]bool{}
	for _, f := range formats() {
		if names[f.Name] || f.Extension == "" || f.About == "" || (f.Write == nil) == (f.run == nil) {
			t.Errorf("%+v is no row", f)
		}
		names[f.Name] = true
		if !strings.Contains(help.String(), fmt.Sprintf("  %-10s %s\n", f.Name, f.About)) {
			t.Errorf("run --help has no %s", f.Name)
		}
		if got, err := formatNamed(f.Name); err != nil || got.Name != f.Name {
			t.Errorf("formatNamed(%q): got %q, %v", f.Name, got.Name, err)
		}
		var text strings.Builder
		s, subject := oneRun("a")
		err := f.suite(&text, reports.NewSuite("v", []reports.Scenario{*s}), reports.TextOptions{})
		if f.run != nil {
			err = f.run(&text, s, subject)
			for line := range strings.Lines(text.String()) {
				if !json.Valid([]byte(line)) {
					t.Errorf("%s: no JSON: %s", f.Name, line)
				}
			}
		}
		if err != nil || text.Len() == 0 {
			t.Errorf("%s: %d bytes, %v", f.Name, text.Len(), err)
		}
		for _, r := range text.String() {
			if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
				t.Errorf("%s: character %U", f.Name, r)
			}
		}
	}
	if _, err := formatNamed("xml"); err == nil {
		t.Error("there is a format xml")
	}
}

// TestRunReports ends runs in another order than they were started.
func TestRunReports(t *testing.T) {
	single := format{run: writeSysmon}
	tests := []struct {
		name, order string // of ends; capitals do not pass, "-" marks one that left no record
		failFast    bool
		want        string
	}{
		{"in order", "a b c", false, "a b c "},
		{"backwards", "c b a", false, "a b c "},
		{"cut short", "c a", false, "a c "},
		{"nothing recorded", "b- c a", false, "a c "},
		{"one fails", "c B a", false, "a B c "},
		{"one fails, fast", "c B a", true, "a B "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			entries := []harness.Entry{{File: "a"}, {File: "b"}, {File: "c"}}
			r := newRunReports([]runReport{{single, &out}}, entries, test.failFast)
			for id := range strings.FieldsSeq(test.order) {
				id, silent := strings.CutSuffix(id, "-")
				s := &reports.Scenario{ID: id, File: strings.ToLower(id), Verdict: reports.Pass}
				if id != s.File {
					s.Verdict = reports.Fail
				}
				if !silent {
					r.take(s, [][]byte{[]byte(s.ID + " ")})
				}
				r.done(s)
			}
			if err := r.finish(); err != nil || out.String() != test.want {
				t.Errorf("got %q, %v, want %q", out.String(), err, test.want)
			}
		})
	}
	if names := newRunReports([]runReport{{formats()[0], io.Discard}}, nil, false).formats(); names != nil {
		t.Errorf("%q are written while scenarios run", names)
	}
	r := newRunReports([]runReport{{single, full{}}}, []harness.Entry{{File: "a"}}, false)
	s := &reports.Scenario{ID: "a", File: "a"}
	r.take(s, [][]byte{{1}})
	r.done(s)
	if err := r.finish(); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a full disk: got %v", err)
	}
}

// BenchmarkRunReports writes the formats of single runs of 10,000 scenarios.
func BenchmarkRunReports(b *testing.B) {
	const scenarios = 10_000
	s, subject := oneRun("a")
	for _, f := range formats() {
		if f.run == nil {
			continue
		}
		b.Run(f.Name, func(b *testing.B) {
			for b.Loop() {
				var entries []harness.Entry
				for i := range scenarios {
					entries = append(entries, harness.Entry{File: fmt.Sprint(i)})
				}
				r := newRunReports([]runReport{{f, io.Discard}}, entries, false)
				var runner harness.Runner
				written := writeRuns(r.formats(), &runner)
				for _, e := range entries {
					s.File = e.File
					runner.Subject(s, subject)
					parts, err := written(s)
					if err != nil {
						b.Fatal(err)
					}
					r.take(s, parts)
					r.done(s)
				}
				if err := r.finish(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
