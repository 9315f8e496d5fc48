package scenarios

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"sidetrace/emulator/trace"
	"sidetrace/scenarios/match"
)

// detectionKeys is the table of the keys of detections.
func (r *reader) detectionKeys(d *Detections) []key {
	return []key{
		{name: "rules", required: true, doc: "files and folders of rules: .yar, .yml, .csv, .sql and their likes; relative to the scenario", schema: ruleSourcesSchema(),
			read: func(n ast.Node) { d.Rules = r.ruleSources(n, "detections.rules") }},
		{name: "mappings", doc: "files that map fields and logsources of Sigma rules", schema: ruleSourcesSchema(),
			read: func(n ast.Node) { d.Mappings = r.ruleSources(n, "detections.mappings") }},
		{name: "variables", doc: "values of $$name$$ in hunts, of Sigma's placeholders and of YARA's external variables", schema: mapOf(scalarSchema()),
			read: func(n ast.Node) { d.Variables = r.ruleVariables(n) }},
		{name: "must_fire", doc: "rules that have to fire", schema: listOf(either(stringSchema(), objectOf(r.mustFireKeys(&MustFire{})))),
			read: func(n ast.Node) {
				for _, item := range r.items(n, "must_fire") {
					d.MustFire = append(d.MustFire, r.mustFire(item))
				}
			}},
		{name: "must_stay_silent", doc: "rules that must not fire, each with why", schema: listOf(objectOf(r.silentKeys(&MustStaySilent{}))),
			read: func(n ast.Node) {
				for _, item := range r.items(n, "must_stay_silent") {
					s := MustStaySilent{Place: position(item)}
					r.object(item, "an entry of must_stay_silent", r.silentKeys(&s))
					d.MustStaySilent = append(d.MustStaySilent, s)
				}
			}},
		{name: "not_applicable", doc: "rules that cannot fire on a replica, each with a reason, which is checked", schema: listOf(objectOf(r.notApplicableKeys(&NotApplicable{}))),
			read: func(n ast.Node) {
				for _, item := range r.items(n, "not_applicable") {
					a := NotApplicable{Place: position(item)}
					r.object(item, "an entry of not_applicable", r.notApplicableKeys(&a))
					d.NotApplicable = append(d.NotApplicable, a)
				}
			}},
		{name: "others", doc: "what a fire is that nothing speaks of; default fail", schema: oneOf(others()),
			read: func(n ast.Node) { d.Others = r.word(n, "others", others()) }},
	}
}

func others() []string { return []string{OthersFail, OthersWarn, OthersAllow} }

// detections reads the section.
func (r *reader) detections(n ast.Node) *Detections {
	d := new(Detections)
	r.object(n, "detections", r.detectionKeys(d))
	return d
}

// firing checks what must_fire says of the fires: there have to be such kinds
// and stages. It is asked once the whole scenario is read.
func (r *reader) firing(s *Scenario) {
	if s.Detections == nil {
		return
	}
	var stages []string
	for _, step := range s.Expect.InOrder {
		if step.Stage != "" {
			stages = append(stages, step.Stage)
		}
	}
	for _, f := range s.Detections.MustFire {
		if f.Stage != "" && !slices.Contains(stages, f.Stage) {
			r.unknown(f.Place, "stage", f.Stage, stages, "a step of in_order begins one with stage: "+f.Stage)
		}
		if kinds := fireKinds(); f.Kind != "" && !slices.Contains(kinds, strings.ToLower(f.Kind)) {
			r.unknown(f.Place, "kind", f.Kind, kinds, "event, row, file, or a kind of behaviour")
		}
	}
}

// unknown says that a word is none of those there are.
func (r *reader) unknown(at Place, what, word string, words []string, hint string) {
	if near := match.Closest(word, words); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	r.add(Problem{File: r.file, Line: at.Line, Column: at.Column, Message: fmt.Sprintf("there is no %s %q", what, word), Hint: hint})
}

// fireKinds lists what rules fire on: an event, a row of a query, an object.
func fireKinds() []string {
	kinds := []string{"event", "row", "file"}
	for _, k := range trace.Kinds() {
		kinds = append(kinds, k.Kind)
	}
	return kinds
}

// word reads one of several words.
func (r *reader) word(n ast.Node, what string, words []string) string {
	s, ok := r.text(n, what)
	if ok && !slices.Contains(words, s) {
		r.problem(place(n), "one of "+strings.Join(words, ", "), "%s is %q", what, s)
	}
	return s
}

func (r *reader) ruleSources(n ast.Node, what string) []RuleSource {
	var list []RuleSource
	for _, item := range r.items(n, what) {
		s := RuleSource{Place: position(item)}
		if isMapping(item) {
			r.object(item, "an entry of "+what, r.ruleSourceKeys(&s))
		} else {
			s.Path, _ = r.text(item, "an entry of "+what)
		}
		list = append(list, s)
	}
	return list
}

func (r *reader) ruleSourceKeys(s *RuleSource) []key {
	return []key{
		{name: "path", required: true, doc: "file or folder, relative to the scenario", schema: stringSchema(),
			read: func(n ast.Node) { s.Path, _ = r.text(n, "path") }},
		{name: "revision", doc: "name of this state of the rules, for rule@revision", schema: matching(namePattern),
			read: func(n ast.Node) { s.Revision = r.matching(n, "revision", namePattern) }},
	}
}

func ruleSourcesSchema() schema {
	return listOf(either(stringSchema(), objectOf((&reader{}).ruleSourceKeys(&RuleSource{}))))
}

func (r *reader) ruleVariables(n ast.Node) []Variable {
	var list []Variable
	for _, e := range r.entries(n, "detections.variables") {
		v, ok := r.scalar(e.value, "variable "+e.key)
		if ok {
			list = append(list, Variable{e.key, r.expand(v)})
		}
	}
	return list
}

func (r *reader) mustFire(n ast.Node) MustFire {
	f := MustFire{Place: position(n), Min: 1, Max: -1}
	if !isMapping(n) {
		f.Rule, _ = r.text(n, "an entry of must_fire")
		return f
	}
	present := r.object(n, "an entry of must_fire", r.mustFireKeys(&f))
	switch at, exactly := present["exactly"]; {
	case exactly && (present["min"] != nil || present["max"] != nil):
		r.problem(at, "", "exactly excludes min and max")
	case exactly && f.Max == 0:
		r.problem(at, "write it into must_stay_silent", "a rule that has to fire 0 times does not have to fire")
	case f.Max >= 0 && f.Min > f.Max:
		r.problem(present["max"], "", "min %d is more than max %d", f.Min, f.Max)
	case f.Min == 0:
		r.problem(place(n), "", "min: 0 holds always")
	}
	return f
}

func (r *reader) mustFireKeys(f *MustFire) []key {
	number := func(name string, set func(v int)) func(ast.Node) {
		return func(n ast.Node) {
			if v, ok := r.unsigned(n, name, math.MaxInt32); ok {
				set(int(v))
			}
		}
	}
	return []key{
		{name: "rule", required: true, doc: "id, id@revision, engine:id or title; * and ? are wildcards", schema: stringSchema(),
			read: func(n ast.Node) { f.Rule, _ = r.text(n, "rule") }},
		{name: "on", doc: "what it fires on: names of objects or events in short, with wildcards", schema: either(stringSchema(), listOf(stringSchema())),
			read: func(n ast.Node) { f.On = r.oneOrMore(n, "on") }},
		{name: "kind", doc: "event, row, file, or the kind of the behaviour that made the object", schema: stringSchema(),
			read: func(n ast.Node) { f.Kind, _ = r.text(n, "kind") }},
		{name: "stage", doc: "stage of the chain, as steps name them", schema: matching(idPattern),
			read: func(n ast.Node) { f.Stage = r.matching(n, "stage", idPattern) }},
		{name: "evidence", doc: "what a fire must show, as 'term: text' with wildcards: a column of a hunt's row, a field, a string; all of them", schema: either(stringSchema(), listOf(stringSchema())),
			read: func(n ast.Node) { f.Evidence = r.oneOrMore(n, "evidence") }},
		{name: "exactly", doc: "how many fires", schema: integerSchema(), read: number("exactly", func(v int) { f.Min, f.Max = v, v })},
		{name: "min", doc: "at least how many fires; default 1", schema: integerSchema(), read: number("min", func(v int) { f.Min = v })},
		{name: "max", doc: "at most how many fires", schema: integerSchema(), read: number("max", func(v int) { f.Max = v })},
		{name: "why", doc: "a note for the reader", schema: stringSchema(), read: func(n ast.Node) { f.Why, _ = r.text(n, "why") }},
	}
}

// oneOrMore reads a string or a list of them.
func (r *reader) oneOrMore(n ast.Node, what string) []string {
	list := []string{}
	if _, ok := n.(*ast.SequenceNode); ok {
		list = r.texts(n, what)
	} else if s, ok := r.text(n, what); ok {
		list = append(list, s)
	}
	for i := range list {
		list[i] = r.expand(list[i])
	}
	return list
}

func (r *reader) silentKeys(s *MustStaySilent) []key {
	return []key{
		{name: "rule", required: true, doc: "id, id@revision, engine:id or title; * and ? are wildcards", schema: stringSchema(),
			read: func(n ast.Node) { s.Rule, _ = r.text(n, "rule") }},
		{name: "why", required: true, doc: "why it must stay silent", schema: stringSchema(),
			read: func(n ast.Node) { s.Why, _ = r.text(n, "why") }},
	}
}

func (r *reader) notApplicableKeys(a *NotApplicable) []key {
	return []key{
		{name: "rule", required: true, doc: "id, id@revision, engine:id or title; * and ? are wildcards", schema: stringSchema(),
			read: func(n ast.Node) { a.Rule, _ = r.text(n, "rule") }},
		{name: "reason", required: true, doc: "why it cannot fire: " + strings.Join(Reasons(), ", "), schema: oneOf(Reasons()),
			read: func(n ast.Node) { a.Reason = r.word(n, "reason", Reasons()) }},
		{name: "why", doc: "a note for the reader", schema: stringSchema(),
			read: func(n ast.Node) { a.Why, _ = r.text(n, "why") }},
	}
}
