// Package rules loads the rules of detections, of whatever language they are,
// runs them over what a run left behind, and judges what they say.
//
//	set, problems := rules.Load([]detect.Source{{Path: "rules"}}, rules.Options{})
//	subject := rules.Subject(run, files)
//	result := set.Run(ctx, subject)
//	…
//	checks := rules.Judge(scenario, &result, doubts)
//
// The languages are told apart by the extensions of files; the engines are the
// packages below harness/detect, and this one is all that knows them together.
package rules

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/harness/detect/hunt"
	"sidetrace/harness/detect/ioc"
	"sidetrace/harness/detect/sigma"
	"sidetrace/harness/detect/yara"
	"sidetrace/reports"
)

// Engine is an engine as every language has it.
type Engine interface {
	detect.Engine
	// Count says how many rules there are, and how many were left out.
	Count() (ok, unsupported, broken int)
}

// Options are what may be said of loading and running rules.
type Options struct {
	Variables map[string]string // of hunts, of Sigma's placeholders, of YARA's externals
	Mappings  []string          // files that map fields and logsources of Sigma rules
}

// language is one language of rules.
type language struct {
	name       string
	extensions []string
	load       func([]detect.Source, Options) (Engine, []detect.Problem)
}

// languages lists them in the order in which results are shown.
func languages() []language {
	return []language{
		{"yara", []string{".yar", ".yara"}, func(s []detect.Source, o Options) (Engine, []detect.Problem) {
			return engine(yara.Load(s, yara.Options{Variables: o.Variables}))
		}},
		{"sigma", []string{".yml", ".yaml"}, func(s []detect.Source, o Options) (Engine, []detect.Problem) {
			placeholders := make(map[string][]string, len(o.Variables))
			for name, value := range o.Variables {
				placeholders[name] = []string{value}
			}
			return engine(sigma.Load(s, sigma.Options{Placeholders: placeholders, Mappings: o.Mappings}))
		}},
		{"ioc", []string{".csv", ".tsv", ".txt", ".ioc"}, func(s []detect.Source, _ Options) (Engine, []detect.Problem) {
			return engine(ioc.Load(s, ioc.Options{}))
		}},
		{"hunt", []string{".sql"}, func(s []detect.Source, o Options) (Engine, []detect.Problem) {
			return engine(hunt.Load(s, hunt.Options{Variables: o.Variables}))
		}},
	}
}

func engine[E Engine](e E, problems []detect.Problem) (Engine, []detect.Problem) { return e, problems }

// Languages lists the names of the languages.
func Languages() []string {
	var names []string
	for _, l := range languages() {
		names = append(names, l.name)
	}
	return names
}

// Set is rules that were loaded. It does not change and may be shared.
type Set struct {
	engines  []Engine
	problems []detect.Problem
}

// Source is a file or folder of rules.
type Source struct {
	detect.Source
	Language string // of the rules that are wanted; "" to tell it by the extensions
}

// Load loads rules from files and folders. What is wrong with them is in the
// problems as well as in each result of the set.
func Load(sources []Source, options Options) (*Set, []detect.Problem) {
	s := &Set{}
	byLanguage := map[string][]detect.Source{}
	for _, src := range sources {
		if src.Language != "" {
			byLanguage[src.Language] = append(byLanguage[src.Language], src.Source)
			continue
		}
		names, err := spoken(src.Path)
		if err != nil {
			s.problems = append(s.problems, sourceProblem(src.Path, detect.Broken, plain(err), ""))
			continue
		}
		if len(names) == 0 {
			s.problems = append(s.problems, sourceProblem(src.Path, detect.Warning, "no rules are there", "rules are files that end in "+endings()))
		}
		for _, name := range names {
			byLanguage[name] = append(byLanguage[name], src.Source)
		}
	}
	for _, l := range languages() {
		if of := byLanguage[l.name]; len(of) > 0 {
			e, problems := l.load(of, options)
			s.engines, s.problems = append(s.engines, e), append(s.problems, problems...)
		}
	}
	return s, s.problems
}

// spoken is the languages of the rules of a file or folder.
func spoken(path string) ([]string, error) {
	found := map[string]bool{}
	err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if l := languageOf(name); l != "" {
			found[l] = true
		}
		return nil
	})
	var names []string
	for _, l := range languages() {
		if found[l.name] {
			names = append(names, l.name)
		}
	}
	return names, err
}

func languageOf(name string) string {
	ext := strings.ToLower(filepath.Ext(name))
	for _, l := range languages() {
		if slices.Contains(l.extensions, ext) {
			return l.name
		}
	}
	return ""
}

// IsRuleFile says whether a file is one of rules, by its extension.
func IsRuleFile(name string) bool { return languageOf(name) != "" }

func endings() string {
	var all []string
	for _, l := range languages() {
		all = append(all, l.extensions...)
	}
	return strings.Join(all, ", ")
}

// plain is an error of the file system without the path, which is said already.
func plain(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "no such file or folder"
	}
	return err.Error()
}

func sourceProblem(path string, severity detect.Severity, message, hint string) detect.Problem {
	return detect.Problem{Severity: severity, Problem: reports.Problem{File: filepath.ToSlash(path), Message: message, Hint: hint}}
}

// Problems is what was found wrong in loading.
func (s *Set) Problems() []detect.Problem { return s.problems }

// Counts is how many rules there are, and how many were left out.
func (s *Set) Counts() []reports.Engine {
	counts := []reports.Engine{}
	for _, e := range s.engines {
		ok, unsupported, broken := e.Count()
		counts = append(counts, reports.Engine{Name: e.Name(), Rules: ok, Unsupported: unsupported, Broken: broken})
	}
	return counts
}

// Engines lists the engines that have rules, or had.
func (s *Set) Engines() []Engine { return s.engines }

// explained is how many silent rules a result explains: to explain one may cost
// as much as to run it, and nobody reads thousands.
const explained = 200

// Result is what a set of rules said of a subject.
type Result struct {
	reports.Detections
	places  []place          // of each rule of Detections.Rules
	loading []detect.Problem // of the rules, whatever they ran over
	running []detect.Problem
	on      *detect.Subject
}

// place is where a rule is.
type place struct {
	engine Engine
	index  int
}

// Run runs every rule over a subject. Where there are few, each that stays
// silent is explained; [Result.Explain] explains any.
func (s *Set) Run(ctx context.Context, subject *detect.Subject) *Result {
	r := &Result{on: subject, loading: s.problems}
	r.Rules = []reports.RuleResult{}
	r.Engines = s.Counts()
	for _, e := range s.engines {
		first := len(r.Rules)
		for i, rule := range e.Rules() {
			r.Rules = append(r.Rules, reports.RuleResult{Rule: rule})
			r.places = append(r.places, place{e, i})
		}
		findings, wrong := e.Detect(ctx, subject)
		for _, f := range findings {
			rule := &r.Rules[first+f.Rule]
			rule.Fires = append(rule.Fires, f.Fire)
		}
		r.running = append(r.running, wrong...)
	}
	for _, p := range slices.Concat(s.problems, r.running) {
		r.Problems = append(r.Problems, reports.RuleProblem{Problem: p.Problem, Severity: string(p.Severity), Rule: p.Rule})
	}
	silent := 0
	for i := range r.Rules {
		if !r.Rules[i].Fired() {
			silent++
		}
	}
	for i := range r.Rules {
		if silent <= explained && !r.Rules[i].Fired() {
			r.Explain(ctx, i)
		}
	}
	return r
}

// Explain says why a rule, by its index in Rules, did not fire.
func (r *Result) Explain(ctx context.Context, rule int) *reports.Silence {
	if r.Rules[rule].Silence == nil {
		at := r.places[rule]
		why := at.engine.Explain(ctx, at.index, r.on)
		r.Rules[rule].Silence = &why
	}
	return r.Rules[rule].Silence
}

// limits is the reasons for which a rule cannot fire on the subject.
func (r *Result) limits(rule int) []detect.Limit {
	at := r.places[rule]
	if l, ok := at.engine.(detect.Limiter); ok {
		return l.Limits(at.index, r.on)
	}
	return nil
}

// RunProblems is what went wrong in running the rules.
func (r *Result) RunProblems() []detect.Problem { return r.running }
