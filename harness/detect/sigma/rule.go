package sigma

import (
	"path"
	"slices"
	"strings"
	"sync"

	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
	"sidetrace/reports"
)

// Options are how rules are read. The zero value takes the specification's
// taxonomy, and no placeholder has values.
type Options struct {
	Placeholders map[string][]string // values of %name%, which may have wildcards; for the modifier expand
	Mappings     []string            // files that map names of fields and log sources
}

// Rule is a compiled rule. It may be used by several goroutines.
type Rule struct {
	reports.Rule
	Name   string // by which correlations refer to it; "" for none
	Status string // "stable", "test", …

	declared telemetry.Logsource // as the rule has it
	source   gate                // as events have it
	cond     *condition
	sels     []*selection // in the order of the file
	filters  []*filter
	names    *names
	pool     *sync.Pool
}

// Parse compiles the one rule of a file.
func Parse(data []byte, opt Options) (*Rule, []detect.Problem) {
	l := newLoader(opt)
	l.file("", "", data)
	l.finish()
	switch {
	case len(l.problems) > 0 && len(l.rules) == 0:
		return nil, l.problems
	case len(l.rules) != 1 || l.rules[0].rule == nil:
		return nil, append(l.problems, problem(broken(nil, "one rule is expected, without correlations and filters"), "", ""))
	}
	return l.rules[0].rule, l.problems
}

// Match says whether the rule fires on an event: the event is of the rule's log
// source, and fulfils its condition and its filters.
func (r *Rule) Match(e *telemetry.Event) bool {
	if !r.source.takes(e.Source) {
		return false
	}
	b := r.pool.Get().(*bound)
	defer r.pool.Put(b)
	b.bind(e)
	return r.match(b)
}

func (r *Rule) match(b *bound) bool {
	if !r.cond.match(b) {
		return false
	}
	for _, f := range r.filters {
		if !f.cond.match(b) {
			return false
		}
	}
	return true
}

// compiler compiles one document.
type compiler struct {
	opt     *Options
	mapping *mapping
	names   *names
	source  telemetry.Logsource // of the document, before it is mapped
	fault   []*fault            // warnings
}

func (c *compiler) warn(at *value, format string, args ...any) *fault {
	f := broken(at, format, args...)
	f.severity = detect.Warning
	c.fault = append(c.fault, f)
	return f
}

// slot is the number of a field of the rule, under its name in events.
func (c *compiler) slot(field string) int32 {
	return c.names.slot(c.mapping.field(c.source, field))
}

// rule compiles a rule of detection.
func (c *compiler) rule(doc *value) (*Rule, *fault) {
	r := &Rule{Rule: describe(doc), Name: doc.str("name"), Status: doc.str("status"), names: c.names}
	if f := c.head(doc, &r.source); f != nil {
		return nil, f
	}
	r.declared = c.source
	if r.Status == "unsupported" {
		c.warn(doc.get("status"), "its author calls the rule unsupported: it cannot be used in its current state")
	}
	det := doc.get("detection")
	if det.kind != mapValue {
		return nil, broken(det, "detection is %v, not a map", det.kind)
	}
	if det.get("timeframe") != nil {
		return nil, unsupported(det.get("timeframe"), "timeframe is of Sigma 1").because("a timespan belongs to a correlation rule")
	}
	var f *fault
	r.sels, r.cond, f = c.detection(det, nil)
	return r, f
}

// head reads what rules and filters have in common: title, taxonomy, log source.
func (c *compiler) head(doc *value, source *gate) *fault {
	if doc.str("title") == "" {
		return broken(doc, "the rule has no title")
	}
	if t := doc.str("taxonomy"); t != "" && t != "sigma" && !c.mapping.knows(t) {
		return unsupported(doc.get("taxonomy"), "taxonomy %q", t).because("map it by a file that says taxonomy: " + t)
	}
	ls := doc.get("logsource")
	if ls == nil {
		return broken(doc, "the rule has no logsource")
	}
	if ls.kind != mapValue {
		return broken(ls, "logsource is %v, not a map", ls.kind)
	}
	c.source = telemetry.Logsource{Category: fold(ls.str("category")), Product: fold(ls.str("product")), Service: fold(ls.str("service"))}
	if c.source == (telemetry.Logsource{}) {
		return broken(ls, "logsource has neither category nor product nor service")
	}
	*source = c.mapping.gate(c.source)
	return nil
}

// describe reads what reports show of a rule.
func describe(doc *value) reports.Rule {
	r := reports.Rule{
		Engine: "sigma", Title: strings.TrimSpace(doc.str("title")), Level: doc.str("level"), Tags: doc.list("tags"), Line: doc.line,
	}
	for _, id := range []string{doc.str("id"), doc.str("name"), r.Title} {
		if r.ID == "" {
			r.ID = id
		}
	}
	for _, tag := range r.Tags {
		if t, ok := strings.CutPrefix(strings.ToLower(tag), "attack.t"); ok && isTechnique(t) {
			r.Attack = append(r.Attack, "T"+t)
		}
	}
	return r
}

// isTechnique recognises "1574" and "1574.001".
func isTechnique(s string) bool {
	ok, _ := path.Match("[0-9][0-9][0-9][0-9]", s)
	sub, _ := path.Match("[0-9][0-9][0-9][0-9].[0-9][0-9][0-9]", s)
	return ok || sub
}

// detection compiles search identifiers and condition. Some keys of the map are
// none.
func (c *compiler) detection(det *value, skip []string) ([]*selection, *condition, *fault) {
	var sels []*selection
	var cond *value
	for _, e := range det.entries {
		switch {
		case e.key == "condition":
			cond = e.value
		case !slices.Contains(skip, e.key):
			s, f := c.selection(e)
			if f != nil {
				return nil, nil, f
			}
			s.index = len(sels)
			sels = append(sels, s)
		}
	}
	if cond == nil {
		return nil, nil, broken(det, "detection has no condition")
	}
	conds := []*value{cond}
	if cond.kind == listValue {
		conds = cond.items
	}
	byName := make(map[string]*selection, len(sels))
	for _, s := range sels {
		byName[s.name] = s
	}
	used := map[*selection]bool{}
	all := &condition{op: opOr}
	for _, v := range conds {
		if v.kind == listValue || v.kind == mapValue || v.kind == nullValue {
			return nil, nil, broken(v, "a condition is %v, not a string", v.kind)
		}
		p := conditionParser{at: v, lookup: func(name string) *selection { return byName[name] }, all: sels, used: used}
		one, f := p.parse(v.text)
		if f != nil {
			return nil, nil, f
		}
		all.parts = append(all.parts, one)
	}
	switch len(all.parts) {
	case 0:
		return nil, nil, broken(cond, "the condition is empty")
	case 1:
		all = all.parts[0]
	}
	for _, s := range sels {
		if !used[s] && !strings.HasPrefix(s.name, "_") {
			c.warn(&value{line: s.line, column: 1}, "the condition does not use %q", s.name)
		}
	}
	all.sort()
	return sels, all, nil
}

// selection compiles one search identifier.
func (c *compiler) selection(e entry) (*selection, *fault) {
	s := &selection{name: e.key, line: e.at.line}
	switch e.value.kind {
	case mapValue:
		g, f := c.group(e.value)
		if f != nil {
			return nil, f
		}
		s.groups = []items{g}
	case listValue:
		words := &value{kind: listValue, line: e.value.line, column: e.value.column}
		for _, item := range e.value.items {
			switch item.kind {
			case mapValue:
				g, f := c.group(item)
				if f != nil {
					return nil, f
				}
				s.groups = append(s.groups, g)
			case listValue:
				return nil, broken(item, "%s: a list in a list", e.key)
			default:
				words.items = append(words.items, item)
			}
		}
		if len(words.items) > 0 {
			t, f := c.term(e.at, "", words)
			if f != nil {
				return nil, f
			}
			s.groups = append(s.groups, items{[]*term{t}, []*term{t}})
		}
	case nullValue:
		return nil, broken(e.at, "%s is empty", e.key)
	default:
		t, f := c.term(e.at, "", e.value)
		if f != nil {
			return nil, f
		}
		s.groups = []items{{[]*term{t}, []*term{t}}}
	}
	if len(s.groups) == 0 {
		return nil, broken(e.at, "%s is empty", e.key)
	}
	for _, g := range s.groups {
		for _, t := range g.terms {
			s.cost += t.cost
		}
	}
	return s, nil
}

// group compiles one map of items.
func (c *compiler) group(m *value) (items, *fault) {
	var g items
	if len(m.entries) == 0 {
		return g, broken(m, "an empty map")
	}
	for _, e := range m.entries {
		if e.value.kind == mapValue {
			return g, broken(e.at, "%s: a map where a value is expected", e.key)
		}
		t, f := c.term(e.at, e.key, e.value)
		if f != nil {
			return g, f
		}
		g.terms = append(g.terms, t)
	}
	g.quick = slices.Clone(g.terms)
	slices.SortStableFunc(g.quick, func(a, b *term) int { return a.cost - b.cost })
	return g, nil
}
