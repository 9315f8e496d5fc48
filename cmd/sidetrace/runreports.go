package main

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"sync"

	"sidetrace/harness"
	"sidetrace/harness/detect"
	"sidetrace/reports"
)

// runReports writes the formats of single runs while scenarios run, in the order of
// the scenarios, in which they do not end. What waits for its turn is as much as
// runs at a time, since scenarios are started in their order.
type runReports struct {
	outs     []runReport
	order    []string // the scenarios' files
	failFast bool
	whole    bool // an output shows calls and the bytes of artifacts

	mu    sync.Mutex // guards what follows
	ready map[string][][]byte
	ended map[string]*reports.Scenario
	next  int // index in order
	err   error
}

// runReport is one output, and what it is written in.
type runReport struct {
	format format
	w      io.Writer
}

// newRunReports leaves out the outputs whose format is of the whole suite.
func newRunReports(outs []runReport, chosen []harness.Entry, failFast bool) *runReports {
	r := &runReports{failFast: failFast, ready: map[string][][]byte{}, ended: map[string]*reports.Scenario{}}
	for _, out := range outs {
		r.whole = r.whole || out.format.whole
		if out.format.run != nil {
			r.outs = append(r.outs, out)
		}
	}
	for _, e := range chosen {
		r.order = append(r.order, filepath.ToSlash(e.File))
	}
	return r
}

// formats names those that a run is to be written in.
func (r *runReports) formats() []string {
	var names []string
	for _, out := range r.outs {
		names = append(names, out.format.Name)
	}
	return names
}

// take gets what was written of a run, in each of the formats.
func (r *runReports) take(s *reports.Scenario, parts [][]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(parts) == len(r.outs) {
		r.ready[filepath.ToSlash(s.File)] = parts
	}
}

// done writes what is complete now that a scenario has ended.
func (r *runReports) done(s *reports.Scenario) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended[filepath.ToSlash(s.File)] = s
	for r.next < len(r.order) && r.ended[r.order[r.next]] != nil {
		r.flush()
	}
}

// finish writes what was still waiting: a scenario before it was cut short.
func (r *runReports) finish() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.next < len(r.order) {
		r.flush()
	}
	return r.err
}

// flush writes what there is of the next scenario. Behind the first that did not
// pass, --fail-fast takes nothing for run.
func (r *runReports) flush() {
	file := r.order[r.next]
	r.next++
	s := r.ended[file]
	if s == nil {
		return
	}
	for i, part := range r.ready[file] {
		if _, err := r.outs[i].w.Write(part); err != nil {
			r.err = errors.Join(r.err, err)
		}
	}
	delete(r.ready, file)
	delete(r.ended, file)
	if r.failFast && s.Verdict != reports.Pass {
		r.next = len(r.order)
	}
}

// writeRuns has a runner write each run in formats of single runs. It returns what
// gives the parts of a result, none if there was no run to judge.
func writeRuns(names []string, runner *harness.Runner) func(*reports.Scenario) ([][]byte, error) {
	if len(names) == 0 {
		return func(*reports.Scenario) ([][]byte, error) { return nil, nil }
	}
	type written struct {
		parts [][]byte
		err   error
	}
	var mu sync.Mutex
	runs := map[string]written{} // by the scenarios' files
	keep := runner.Subject
	runner.Subject = func(s *reports.Scenario, subject *detect.Subject) {
		if keep != nil {
			keep(s, subject)
		}
		var w written
		for _, name := range names {
			var b bytes.Buffer
			f, err := formatNamed(name)
			if err == nil {
				err = f.run(&b, s, subject)
			}
			w.parts, w.err = append(w.parts, b.Bytes()), errors.Join(w.err, err)
		}
		mu.Lock()
		defer mu.Unlock()
		runs[filepath.ToSlash(s.File)] = w
	}
	return func(s *reports.Scenario) ([][]byte, error) {
		mu.Lock()
		defer mu.Unlock()
		file := filepath.ToSlash(s.File)
		w := runs[file]
		delete(runs, file)
		return w.parts, w.err
	}
}
