package sigma

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"sidetrace/harness/detect"
	"sidetrace/reports"
)

// Load compiles the rules of files and of folders, of which every .yml and .yaml
// file is read, those of hidden folders aside. What is wrong with a rule is a
// problem, and the others are still there.
func Load(sources []detect.Source, opt Options) (*Engine, []detect.Problem) {
	l := newLoader(opt)
	type file struct {
		name, revision string
		docs           []parsed
		fault          *fault
	}
	var files []*file
	for _, s := range sources {
		names, f := list(s.Path)
		if f != nil {
			l.add(f, filepath.ToSlash(s.Path), "")
		}
		for _, name := range names {
			files = append(files, &file{name: name, revision: s.Revision})
		}
	}
	// Reading YAML is most of the work, and each file's is its own.
	var wg sync.WaitGroup
	work := make(chan *file)
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		wg.Go(func() {
			for f := range work {
				var text string
				if text, f.fault = readFile(f.name); f.fault == nil {
					f.docs = parseAll(text)
				}
			}
		})
	}
	for _, f := range files {
		work <- f
	}
	close(work)
	wg.Wait()
	for _, f := range files {
		show := filepath.ToSlash(f.name)
		if f.fault != nil {
			l.broken++
			l.add(f.fault, show, "")
		}
		l.documents(show, f.revision, f.docs)
		f.docs = nil
	}
	l.finish()
	return newEngine(l), l.problems
}

// list is the files of a source, in the order of their names.
func list(root string) ([]string, *fault) {
	info, err := os.Stat(root)
	if err != nil {
		return nil, broken(nil, "%v", err)
	}
	if !info.IsDir() {
		return []string{root}, nil
	}
	var names []string
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.IsDir() && slices.Contains([]string{".yml", ".yaml"}, strings.ToLower(filepath.Ext(name))):
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return names, broken(nil, "%v", err)
	}
	return names, nil
}

// parsed is a document, or why it is none.
type parsed struct {
	value *value
	fault *fault
}

func parseAll(text string) []parsed {
	var out []parsed
	for _, d := range split(text) {
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

func (l *loader) problem(f *fault, file, rule string) detect.Problem { return problem(f, file, rule) }

func (l *loader) add(f *fault, file, rule string) {
	l.problems = append(l.problems, problem(f, file, rule))
}

// refuse counts a document that becomes no rule.
func (l *loader) refuse(f *fault, file, rule string) {
	if f.severity == detect.Unsupported {
		l.unsupported++
	} else {
		l.broken++
	}
	l.add(f, file, rule)
}

// file compiles the documents of one file.
func (l *loader) file(name, revision string, data []byte) {
	text := strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r\n", "\n")
	l.documents(name, revision, parseAll(text))
}

func (l *loader) documents(file, revision string, docs []parsed) {
	global := 0 // line of an "action: global"
	for _, d := range docs {
		if d.fault != nil {
			l.refuse(d.fault, file, "")
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
			l.refuse(f, file, info.ID)
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
