package rules

import (
	"fmt"
	"slices"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/reports"
	"sidetrace/scenarios"
	"sidetrace/scenarios/match"
)

// Named lists the rules that have a name: an id, id@revision, or either behind
// engine: ; or a title, since ids of Sigma rules say nothing to a reader. * and ?
// are wildcards, and case does not matter.
func (r *Result) Named(name string) []int {
	is := named(name)
	var found []int
	for i := range r.Rules {
		if is(&r.Rules[i].Rule) {
			found = append(found, i)
		}
	}
	return found
}

// named makes the test for a name.
func named(name string) func(*reports.Rule) bool {
	engine, rest, ok := strings.Cut(name, ":")
	if !ok || !isLanguage(engine) {
		engine, rest = "", name
	}
	glob := match.Glob(rest)
	return func(r *reports.Rule) bool {
		if engine != "" && !strings.EqualFold(engine, r.Engine) {
			return false
		}
		full := Name(r)
		return strings.EqualFold(rest, r.ID) || strings.EqualFold(rest, full) || glob(r.ID) || glob(full) || r.Title != "" && glob(r.Title)
	}
}

func isLanguage(name string) bool {
	for _, l := range languages() {
		if strings.EqualFold(l.name, name) {
			return true
		}
	}
	return false
}

// Name is what tells a rule from others of its language: id@revision.
func Name(r *reports.Rule) string {
	if r.Revision == "" {
		return r.ID
	}
	return r.ID + "@" + r.Revision
}

// Named lists the rules that have a name, as [Result.Named] takes it.
func (s *Set) Named(name string) []reports.Rule {
	is := named(name)
	return slices.DeleteFunc(s.rules(), func(r reports.Rule) bool { return !is(&r) })
}

// Near is a hint at the rule that a misspelt name means; "" if none is near.
func (s *Set) Near(name string) string { return closest(name, s.rules()) }

func (s *Set) rules() []reports.Rule {
	var all []reports.Rule
	for _, e := range s.engines {
		all = append(all, e.Rules()...)
	}
	return all
}

// Unknown lists the names in a scenario's detections that no rule of the set has.
func (s *Set) Unknown(d *scenarios.Detections) []scenarios.Problem {
	all := s.rules()
	var problems []scenarios.Problem
	look := func(name string, at scenarios.Place) {
		is := named(name)
		for i := range all {
			if is(&all[i]) {
				return
			}
		}
		if p := refused(name, s.problems); p != nil {
			problems = append(problems, scenarios.Problem{
				Line: at.Line, Column: at.Column, Message: fmt.Sprintf("rule %q is %s: %s", name, p.Severity, p.Message),
			})
			return
		}
		problems = append(problems, scenarios.Problem{
			Line: at.Line, Column: at.Column, Message: fmt.Sprintf("no rule is named %q", name), Hint: closest(name, all),
		})
	}
	for _, f := range d.MustFire {
		look(f.Rule, f.Place)
	}
	for _, m := range d.MustStaySilent {
		look(m.Rule, m.Place)
	}
	for _, n := range d.NotApplicable {
		look(n.Rule, n.Place)
	}
	return problems
}

// refused is the problem for which a rule of a name was left out; nil if none was.
func refused(name string, problems []detect.Problem) *detect.Problem {
	is := named(name)
	for i := range problems {
		p := &problems[i]
		if p.Rule != "" && p.Severity != detect.Warning && is(&reports.Rule{Engine: languageOf(p.File), ID: p.Rule, Title: p.Title}) {
			return p
		}
	}
	return nil
}

// closest is a hint at the rule that a misspelt name means.
func closest(name string, all []reports.Rule) string {
	names := make([]string, len(all))
	for i := range all {
		names[i] = Name(&all[i])
	}
	if near := match.Closest(name, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}
