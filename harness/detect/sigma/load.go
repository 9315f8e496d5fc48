package sigma

import (
	"cmp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"sidetrace/harness/detect"
	"sidetrace/reports"
)

// Load compiles the rules of files and of folders, of which every .yml and .yaml
// file is read. What is wrong with a rule is a
// problem, and the others are still there.
func Load(sources []detect.Source, opt Options) (*Engine, []detect.Problem) {
	l := newLoader(opt)
	files, problems := detect.ReadFiles(sources, maxFileSize, ".yml", ".yaml")
	l.problems = append(l.problems, problems...)
	for _, p := range problems {
		if p.Severity == detect.Broken {
			l.broken++
		}
	}
	// Reading YAML is most of the work, and each file's is its own.
	docs := make([][]parsed, len(files))
	var wg sync.WaitGroup
	var next atomic.Int64
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(files); i = int(next.Add(1)) - 1 {
				docs[i] = parseAll(files[i].Data)
			}
		})
	}
	wg.Wait()
	for i, f := range files {
		l.documents(f.Path, f.Revision, docs[i])
		docs[i], files[i].Data = nil, nil
	}
	l.finish()
	return newEngine(l), l.problems
}

// parsed is a document, or why it is none.
type parsed struct {
	value *value
	fault *fault
}

func parseAll(data []byte) []parsed {
	text := strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r\n", "\n")
	var out []parsed
	for i, d := range split(text) {
		if i == maxDocuments {
			return append(out, parsed{fault: broken(&value{line: d.line + 1, column: 1}, "the file has more than %d documents", maxDocuments)})
		}
		v, f := d.read()
		out = append(out, parsed{v, f})
	}
	return out
}

// loader gathers what files hold.
type loader struct {
	opt      Options
	mapping  mapping
	names    *names
	rules    []loaded
	filters  []loadedFilter
	order    []int // correlations, each behind those it refers to
	problems []detect.Problem

	unsupported, broken int
}

// loaded is a rule of either kind.
type loaded struct {
	info        reports.Rule
	name        string
	rule        *Rule        // of detection, or
	correlation *correlation // of correlation
	partOf      string       // title of the correlation that it is a part of, and says nothing without
}

type loadedFilter struct {
	*filter
	file, revision string
}

func newLoader(opt Options) *loader {
	l := &loader{opt: opt, names: newNames()}
	for _, name := range opt.Mappings {
		l.problems = append(l.problems, l.mapping.load(name)...)
	}
	return l
}

// problem is a fault as the command shows it.
func problem(f *fault, file, rule string) detect.Problem {
	return detect.Problem{
		Problem:  reports.Problem{File: file, Line: f.line, Column: f.column, Message: f.message, Hint: f.hint},
		Severity: f.severity, Rule: rule,
	}
}

func (l *loader) add(f *fault, file, rule string) {
	l.problems = append(l.problems, problem(f, file, rule))
}

// refuse counts a document that becomes no rule.
func (l *loader) refuse(f *fault, file string, rule *reports.Rule) {
	if f.severity == detect.Unsupported {
		l.unsupported++
	} else {
		l.broken++
	}
	p := problem(f, file, rule.ID)
	p.Title = rule.Title
	l.problems = append(l.problems, p)
}

// file compiles the documents of one file.
func (l *loader) file(name, revision string, data []byte) {
	l.documents(name, revision, parseAll(data))
}

func (l *loader) documents(file, revision string, docs []parsed) {
	global := 0 // line of an "action: global"
	for _, d := range docs {
		if d.fault != nil {
			l.refuse(d.fault, file, &reports.Rule{})
			continue
		}
		doc := d.value
		info := describe(doc)
		info.File, info.Revision = file, revision
		c := &compiler{opt: &l.opt, mapping: &l.mapping, names: l.names}
		var f *fault
		switch {
		case doc.kind != mapValue:
			f = broken(doc, "the rule is %v, not a map", doc.kind)
		case doc.get("action") != nil:
			global = doc.line
			f = unsupported(doc.get("action"), "action: %s is of Sigma 1", doc.str("action")).because("write each rule out")
		case doc.get("correlation") != nil:
			var cr *correlation
			if cr, f = c.correlation(doc); f == nil {
				l.rules = append(l.rules, loaded{info: info, name: doc.str("name"), correlation: cr})
			}
		case doc.get("filter") != nil:
			var fl *filter
			if fl, f = c.filter(doc); f == nil {
				l.filters = append(l.filters, loadedFilter{fl, file, revision})
			}
		case global > 0 && (doc.get("detection") == nil || doc.get("logsource") == nil):
			f = unsupported(doc, "the rule depends on the action: global of line %d", global).because("write each rule out")
		case doc.get("detection") != nil:
			var r *Rule
			if r, f = c.rule(doc); f == nil {
				r.Rule = info
				l.rules = append(l.rules, loaded{info: info, name: r.Name, rule: r})
			}
		default:
			f = broken(doc, "this is no Sigma rule: it has neither detection nor correlation nor filter")
		}
		if f != nil {
			l.refuse(f, file, &info)
			continue
		}
		for _, w := range c.fault {
			l.add(w, file, info.ID)
		}
	}
}

// finish ties rules, filters and correlations together.
func (l *loader) finish() {
	l.resolve()
	for _, fl := range l.filters {
		var rules []*Rule
		for i := range l.rules {
			if r := l.rules[i].rule; r != nil && (fl.revision == "" || fl.revision == r.Revision) {
				rules = append(rules, r)
			}
		}
		for _, f := range fl.apply(rules) {
			l.add(f, fl.file, "")
		}
	}
	seen := map[[2]string]*reports.Rule{}
	for i := range l.rules {
		info := &l.rules[i].info
		key := [2]string{info.Revision, info.ID}
		if first, ok := seen[key]; ok {
			f := broken(&value{line: info.Line, column: 1}, "rule %s is already in %s, line %d", info.ID, first.File, first.Line)
			f.severity = detect.Warning
			l.add(f, info.File, info.ID)
			continue
		}
		seen[key] = info
	}
	pool := &sync.Pool{New: func() any { return newBound(l.names) }}
	for i := range l.rules {
		if r := l.rules[i].rule; r != nil {
			r.pool = pool
		}
	}
	slices.SortStableFunc(l.problems, func(a, b detect.Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line)
	})
}
