// Package yara is the engine of detections for YARA rules, on libyara. It is one
// of the two packages of the project that use cgo, and the only one that knows
// that library.
//
//	engine, problems := yara.Load([]detect.Source{{Path: "rules"}}, yara.Options{})
//	findings, _ := engine.Detect(ctx, subject)
//
// The rules are:
//
//   - Rules are loaded once and shared: an [Engine] does not change, and each
//     scan has a scanner of its own.
//   - Every file is a namespace. A rule that is broken, or that asks for what
//     libyara does not have, is a problem of loading and is left out alone.
//   - What a file includes lies in the folder that was loaded, or below it;
//     libyara itself opens no file.
//   - A rule that a file includes, and that is also loaded for itself, is one
//     rule and fires once.
//   - Private rules fire for others only, and are not listed.
//   - libyara says what was found, and not which part of a condition is false:
//     Explain compiles the parts as rules of their own and asks it.
//
// The external variables filename, filepath, extension, filetype and owner are
// set for each object; [Options] may set others. An image of a process is
// scanned as YARA scans a process: filesize is undefined.
package yara

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sidetrace/harness/detect"
	"sidetrace/reports"
)

// Options are what may be said about loading and scanning. The zero value works.
type Options struct {
	// Timeout bounds one scan of one object; 0 is a minute.
	Timeout time.Duration
	// Variables are external variables besides those of objects, or in their
	// place. A value is taken as the yara program takes it: true, false, an
	// integer, a decimal fraction, or else a string.
	Variables map[string]string
}

// Engine is a set of YARA rules. It is safe for concurrent use.
type Engine struct {
	rules      *compiled // nil where there are none
	list       []reports.Rule
	index      []int                 // from libyara's index of a rule to that in list; -1 for what is not listed
	places     []place               // of list
	namespaces map[*source]namespace // of units
	units      []*source
	bases      []int // libyara's index of the first rule of a unit, and one more
	apart      files
	vars       []variable // given by the user
	timeout    time.Duration

	ok, unsupported, broken int
}

// place is where a listed rule stands.
type place struct {
	unit *source // that was compiled
	stands
}

var _ detect.Engine = (*Engine)(nil)

// What a finding shows of matches.
const (
	evidencePerString = 4
	evidencePerScan   = 100_000
	evidencePerFire   = 64
)

// Load reads and compiles files and folders of rules. There is always an engine;
// what is not in it is in the problems, in the order of files.
func Load(sources []detect.Source, opts Options) (*Engine, []detect.Problem) {
	e := &Engine{vars: fixed(opts.Variables), timeout: opts.Timeout}
	if e.timeout <= 0 {
		e.timeout = time.Minute
	}
	var r reader
	for _, s := range sources {
		r.read(s)
	}
	l := loader{vars: e.variables(detect.Object{}), blanked: map[string]string{}}
	for _, s := range r.sources {
		if s.wanted && !s.indexOnly() {
			l.units = append(l.units, s)
		}
	}
	if len(l.units) > 0 {
		e.rules = l.compile()
	}
	e.units = l.units
	e.catalogue()
	e.unsupported, e.broken = l.unfit, l.broken
	problems := append(r.problems, l.problems...)
	slices.SortStableFunc(problems, func(a, b detect.Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return e, problems
}

// variables are all that rules may ask for of an object.
func (e *Engine) variables(o detect.Object) []variable {
	vars := ofObject(o)
	vars = slices.DeleteFunc(vars, func(v variable) bool {
		return slices.ContainsFunc(e.vars, func(given variable) bool { return given.name == v.name })
	})
	return append(vars, e.vars...)
}

// catalogue lists the rules that were compiled, each where it stands.
func (e *Engine) catalogue() {
	if e.rules == nil {
		return
	}
	unitOf := map[int]*source{}
	e.namespaces = map[*source]namespace{}
	e.bases = []int{0}
	for _, u := range e.units {
		unitOf[u.number] = u
		names := namespace{} // in which there is one rule of a name
		e.namespaces[u] = names
		for _, s := range u.closure() {
			for i, r := range s.outline.rules {
				names[r.name] = stands{source: s, rule: i}
			}
		}
	}
	listed := map[*rule]bool{}
	for i := range e.rules.count {
		info := e.rules.rule(i)
		unit := unitOf[info.source]
		for e.units[len(e.bases)-1] != unit { // rules come unit by unit
			e.bases = append(e.bases, i)
		}
		e.index = append(e.index, -1)
		at, known := e.namespaces[unit][info.name]
		if !known {
			continue
		}
		at.order = i
		e.namespaces[unit][info.name] = at
		if listed[at.outline()] {
			continue
		}
		listed[at.outline()] = true
		e.ok++
		if info.private {
			continue
		}
		e.index[i] = len(e.list)
		r := reports.Rule{Engine: e.Name(), ID: info.name, Revision: unit.revision, File: at.source.name, Tags: info.tags}
		r.Line, _ = at.source.lines.position(at.outline().nameAt)
		describe(&r, info)
		e.list = append(e.list, r)
		e.places = append(e.places, place{unit, at})
	}
	for len(e.bases) <= len(e.units) {
		e.bases = append(e.bases, e.rules.count)
	}
}

// Name is the language of rules.
func (e *Engine) Name() string { return "yara" }

// Rules lists the rules that can fire, in the order of their files.
func (e *Engine) Rules() []reports.Rule { return e.list }

// Count says how many rules were loaded, private ones included, and how many
// were left out.
func (e *Engine) Count() (ok, unsupported, broken int) { return e.ok, e.unsupported, e.broken }

// Detect scans every object of the subject.
func (e *Engine) Detect(ctx context.Context, s *detect.Subject) ([]detect.Finding, []detect.Problem) {
	if e.rules == nil {
		return nil, nil
	}
	var findings []detect.Finding
	var problems []detect.Problem
	lim := limits{timeout: e.timeout, keep: evidencePerString, room: evidencePerScan}
	for i := range s.Objects {
		o := &s.Objects[i]
		out, err := e.rules.scan(ctx, o.Data, isProcess(o), e.variables(*o), lim)
		for _, n := range out.notices {
			problems = append(problems, e.notice(n, o))
		}
		if errors.Is(err, errTimeout) {
			var more []detect.Problem
			out.hits, more = e.piecewise(ctx, o, lim)
			problems = append(problems, more...)
		} else if err != nil {
			problems = append(problems, e.failure(ctx, err, o))
		}
		for _, h := range out.hits {
			if rule := e.index[h.rule]; rule >= 0 {
				findings = append(findings, detect.Finding{Rule: rule, Fire: e.fire(rule, h, o)})
			}
		}
	}
	// Objects come in the order in which they arose, and stay in it.
	slices.SortStableFunc(findings, func(a, b detect.Finding) int { return cmp.Compare(a.Rule, b.Rule) })
	return findings, problems
}

// isProcess says that an object is to be scanned as a process.
func isProcess(o *detect.Object) bool { return o.Kind == "process.image" }

// notice is what libyara says of a string, as a problem of its rule.
func (e *Engine) notice(n notice, o *detect.Object) detect.Problem {
	text := fmt.Sprintf("%s: %s is found too often, more matches than libyara keeps", o.Name, n.name)
	if n.slow {
		text = fmt.Sprintf("%s: %s is too slow to look for in this object, and was given up", o.Name, n.name)
	}
	p := detect.Problem{Severity: detect.Warning, Problem: reports.Problem{Message: text, Hint: "make the string longer or less repetitive"}}
	if rule := e.index[n.rule]; rule >= 0 {
		r := e.list[rule]
		p.Rule, p.File, p.Line = r.ID, r.File, r.Line
	}
	return p
}

// costly says what makes scans long.
const costly = "a loop over filesize or a regular expression without a fixed part costs this much"

// failure is a scan that did not come to its end, as a problem.
func (e *Engine) failure(ctx context.Context, err error, o *detect.Object) detect.Problem {
	p := detect.Problem{Severity: detect.Broken, Problem: reports.Problem{Message: fmt.Sprintf("%s: %s", o.Name, err)}}
	switch {
	case errors.Is(err, errTimeout) && ctx.Err() != nil:
		p.Message = o.Name + ": not scanned to its end: interrupted"
	case errors.Is(err, errTimeout):
		p.Message = fmt.Sprintf("%s: not scanned to its end within %s", o.Name, e.timeout)
		p.Hint = costly
	}
	return p
}
