// Package ioc looks for the indicators of lists in what a run shows: domains,
// URLs, addresses, hashes, names of files, keys of the registry, mutexes, events
// and pipes.
//
// Lists are read as they are found: as CSV of any head or none, or as lines, of
// any encoding, defanged or not. Each indicator is a rule, by the value that is
// compared ("akamaicontainer.com" for "akamaicontainer[.]com"). What is wrong with
// a list, or would make it match ordinary machines, is a warning with its line.
//
//	engine, problems := ioc.Load([]detect.Source{{Path: "lists"}}, ioc.Options{})
//	findings, _ := engine.Detect(ctx, subject)
package ioc

import (
	"context"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/reports"
)

// lists are the extensions of the files that are read of a folder.
var lists = []string{".csv", ".tsv", ".txt", ".ioc", ".iocs", ".lst"}

// Limits on lists.
const (
	longestFile = 90 << 20 // bytes
	mostFires   = 100      // of one indicator
)

// Options change how lists are taken.
type Options struct {
	Exact bool // domains match themselves alone, and not what is below them
}

// Engine is a set of lists. It implements [detect.Engine].
type Engine struct {
	rules  []rule
	files  []detect.File // without their data
	index  index
	memo   detect.Memo[*observables]
	counts [3]int // ok, unsupported, broken
}

// rule is an indicator and where it stands.
type rule struct {
	indicator
	note       string
	file, line int32
}

// Load reads lists: files, whatever they are called, and folders of them.
func Load(sources []detect.Source, options Options) (*Engine, []detect.Problem) {
	files, problems := detect.ReadFiles(sources, longestFile, lists...)
	e := &Engine{}
	for _, f := range files {
		problems = append(problems, e.load(f, options)...)
	}
	for _, p := range problems {
		switch p.Severity {
		case detect.Unsupported:
			e.counts[1]++
		case detect.Broken:
			e.counts[2]++
		}
	}
	e.counts[0] = len(e.rules)
	return e, problems
}

// load reads one list.
func (e *Engine) load(f detect.File, options Options) []detect.Problem {
	l := parse(f.Path, f.Data)
	file := int32(len(e.files))
	f.Data = nil
	e.files = append(e.files, f)
	type key struct {
		kind  Kind
		value string
	}
	seen := make(map[key]int, len(l.items))
	for _, it := range l.items {
		in, err := classify(it.value, it.kind)
		if err != nil {
			l.problem(detect.Broken, it.line, it.column, err.Error(), "")
			continue
		}
		in.exact = it.exact || options.Exact
		for _, d := range in.doubts {
			l.problem(detect.Warning, it.line, it.column, d.message, d.hint)
		}
		in.doubts = nil
		k := key{in.kind, in.value}
		if first, ok := seen[k]; ok {
			l.problem(detect.Warning, it.line, it.column, fmt.Sprintf("%s is in line %d already", shorten(in.value), first), "")
			continue
		}
		seen[k] = it.line
		e.index.add(int32(len(e.rules)), &in)
		e.rules = append(e.rules, rule{in, it.note, file, int32(it.line)})
	}
	if len(l.items) == 0 {
		l.problem(detect.Warning, 0, 0, "the list has no indicators", "")
	}
	// What was found in reading and what was found of the indicators, by line.
	sort.SliceStable(l.problems, func(i, j int) bool {
		a, b := l.problems[i], l.problems[j]
		return a.Line != 0 && (b.Line == 0 || a.Line < b.Line)
	})
	if l.untold > 0 {
		l.problems = append(l.problems, detect.Problem{Severity: detect.Warning, Problem: reports.Problem{
			File: l.file, Message: fmt.Sprintf("%d more problems of this list are not shown", l.untold),
		}})
	}
	return l.problems
}

// Name is "ioc".
func (e *Engine) Name() string { return "ioc" }

// Count is how many indicators there are, and how many were left out because
// nothing can show them or because they are not valid.
func (e *Engine) Count() (ok, unsupported, broken int) {
	return e.counts[0], e.counts[1], e.counts[2]
}

// Rules lists the indicators in the order of their lists.
func (e *Engine) Rules() []reports.Rule {
	rules := make([]reports.Rule, len(e.rules))
	for i := range e.rules {
		r := &e.rules[i]
		title := r.note
		if title == "" {
			title = r.kind.String()
		}
		id := r.value
		if r.below {
			id = "*." + id
		}
		rules[i] = reports.Rule{Engine: "ioc", ID: id, Revision: e.files[r.file].Revision, Title: title,
			File: e.files[r.file].Path, Line: int(r.line), Tags: kindTags[r.kind]}
		if strings.Contains(r.note, "T1") {
			rules[i].Attack = technique.FindAllString(r.note, -1)
		}
	}
	return rules
}

// technique finds the ATT&CK techniques that a note names; lists have no column
// for them.
var technique = regexp.MustCompile(`\bT1\d{3}(?:\.\d{3})?\b`)

// kindTags are the tags of indicators, made once.
var kindTags = func() (tags [kinds][]string) {
	for k := range kinds {
		tags[k] = []string{k.String()}
	}
	return tags
}()

// observables are those of a subject, made once.
func (e *Engine) observables(s *detect.Subject) *observables {
	return e.memo.Get(s, func() *observables { return observe(s) }, nil)
}

// Detect finds the indicators that the subject shows, each wherever it was seen.
func (e *Engine) Detect(ctx context.Context, s *detect.Subject) ([]detect.Finding, []detect.Problem) {
	found := map[int32][]sighting{}
	for _, o := range e.observables(s).list {
		if ctx.Err() != nil {
			break
		}
		e.index.find(o, func(r int32) {
			if matches(&e.rules[r].indicator, o) {
				found[r] = append(found[r], o.seen...)
			}
		})
	}
	order := make([]int32, 0, len(found))
	for r := range found {
		order = append(order, r)
	}
	sort.Slice(order, func(i, j int) bool { return order[i] < order[j] })
	var findings []detect.Finding
	for _, r := range order {
		findings = append(findings, e.fires(r, found[r])...)
	}
	return findings, nil
}

// fires are the firings of one indicator: one for each event or object, in the
// order in which they happened. Several sensors may tell of one behaviour; the
// first of them counts.
func (e *Engine) fires(r int32, seen []sighting) []detect.Finding {
	sort.SliceStable(seen, func(i, j int) bool {
		if seen[i].line != seen[j].line {
			return seen[i].line < seen[j].line
		}
		return seen[i].seq < seen[j].seq
	})
	type place struct {
		on   string
		seq  uint64
		line int
	}
	at := map[place]bool{}
	var findings []detect.Finding
	for _, s := range seen {
		p := place{s.on, s.seq, s.line}
		if s.seq != 0 {
			p.on = ""
		}
		if at[p] || len(findings) == mostFires {
			continue
		}
		at[p] = true
		fire := reports.Fire{On: s.on, Kind: s.kind, Line: s.line, Evidence: []reports.Evidence{{Term: s.term, Text: bounded(s.text)}}}
		if s.seq != 0 {
			fire.Seqs = []uint64{s.seq}
		}
		findings = append(findings, detect.Finding{Rule: int(r), Fire: fire})
	}
	return findings
}

// bounded is evidence, of which enough is kept.
func bounded(s string) string {
	const most = 500
	if len(s) <= most {
		return s
	}
	return shortenTo(s, most)
}
