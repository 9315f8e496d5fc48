package yara

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/reports"
)

// What an explanation looks at, at most.
const (
	maxParts   = 64     // of a condition
	maxWritten = 20_000 // strings of all parts
	maxShown   = 64     // strings that are told of, of those found and those not
	maxValues  = 12     // that are asked for
	maxLines   = 12     // about one part
	maxNames   = 8      // of strings in one line
)

// Explain says why a rule did not fire: which of its strings are in the object
// where most of them are, which parts of the condition are false there, and what
// comes nearest to each string that is missing. The parts are compiled as rules
// of their own, so that the answers are libyara's.
func (e *Engine) Explain(ctx context.Context, rule int, s *detect.Subject) reports.Silence {
	if rule < 0 || rule >= len(e.list) {
		return reports.Silence{Reason: "there is no such rule"}
	}
	if len(s.Objects) == 0 {
		return reports.Silence{Reason: "there was nothing to scan: no file, download or dump"}
	}
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	x := inquiry{e: e, place: e.places[rule], elsewhere: map[string]string{}}
	x.anatomy = dissect(x.source, x.outline())
	x.takeApart()
	if err := x.compile(); err != nil {
		return reports.Silence{Reason: "its condition could not be taken apart: " + err.Error()}
	}
	if err := x.scan(ctx, s); err != nil {
		return reports.Silence{Reason: err.Error()}
	}
	return x.silence(ctx)
}

// inquiry is one explanation.
type inquiry struct {
	e *Engine
	place
	anatomy *anatomy
	root    *term
	tops    []*term // parts that are told of: those of the condition, and global rules
	parts   []*term // all that are compiled, by their ids
	rules   *compiled

	objects   int
	object    *detect.Object // that came nearest
	found     map[string]found
	elsewhere map[string]string // strings, to the object and offset where they are
}

// takeApart makes the parts of the condition.
func (x *inquiry) takeApart() {
	for _, name := range x.e.namespaces[x.unit].globals() {
		if at := x.e.namespaces[x.unit][name]; at.source != x.source || at.rule != x.rule {
			t := x.named("global rule "+name, name, 3)
			t.global = true
			x.tops = append(x.tops, t)
		}
	}
	x.root = split(x.anatomy.condition, x.anatomy, maxDepth)
	x.expand(x.root, 3)
	if len(x.root.kids) > 0 && x.root.rule == "" {
		x.tops = append(x.tops, x.root.kids...)
	} else {
		x.tops = append(x.tops, x.root)
	}
	level := append([]*term{x.root}, x.tops...)
	for len(level) > 0 && len(x.parts) < maxParts {
		var below []*term
		for _, t := range level {
			if len(x.parts) < maxParts && t.id < 0 {
				t.id = len(x.parts)
				x.parts = append(x.parts, t)
			}
			below = append(below, t.kids...)
		}
		level = below
	}
}

// expand gives leaves that name another rule that rule's condition.
func (x *inquiry) expand(t *term, depth int) {
	for i, kid := range t.kids {
		if len(kid.kids) > 0 {
			x.expand(kid, depth)
		} else if n := x.e.namespaces[x.unit]; n[kid.text].source != nil && n[kid.text].order < x.order && depth > 0 {
			t.kids[i] = x.named(kid.text, kid.text, depth)
		}
	}
	if n := x.e.namespaces[x.unit]; len(t.kids) == 0 && t.rule == "" && n[t.text].source != nil && n[t.text].order < x.order && depth > 0 {
		*t = *x.named(t.text, t.text, depth)
	}
}

// named is a part that stands for another rule.
func (x *inquiry) named(text, name string, depth int) *term {
	at := x.e.namespaces[x.unit][name]
	of := dissect(at.source, at.outline())
	inner := split(of.condition, of, maxDepth)
	x.expand(inner, depth-1)
	t := &term{text: text, rule: name, of: of, id: -1, or: inner.or, kids: inner.kids}
	if len(inner.kids) == 0 {
		t.kids = []*term{inner}
	}
	return t
}

const (
	partPrefix  = "sidetrace_part_"
	stringsRule = "sidetrace_strings"
)

// condition is what a part is compiled as.
func (t *term) condition() string {
	if t.rule != "" {
		return t.rule
	}
	return t.text
}

// compile makes rules of the parts. One that does not stand alone is left out.
func (x *inquiry) compile() error {
	for {
		var words []string
		var rules strings.Builder
		if len(x.anatomy.strings) > 0 {
			x.anatomy.write(&rules, stringsRule, "any of them")
		}
		written := 0
		for _, t := range x.parts {
			if written > maxWritten {
				t.id = -1
			}
			if t.id >= 0 {
				words = append(words, mentioned(t.condition()).words...)
				written += t.of.write(&rules, fmt.Sprint(partPrefix, t.id), t.condition())
			}
		}
		limit := x.place
		if len(x.tops) > 0 && x.tops[0].global { // global rules may stand behind this one
			limit.order = x.e.rules.count
		}
		compiled, messages, err := compileText(x.e.surroundings(limit, words)+rules.String(), x.e.variables(detect.Object{}))
		if err == nil {
			x.rules = compiled
			return nil
		}
		dropped := false
		for _, m := range messages {
			var id int
			if _, scanned := fmt.Sscanf(m.rule, partPrefix+"%d", &id); !m.warning && scanned == nil && id < len(x.parts) && x.parts[id].id >= 0 {
				x.parts[id].id = -1
				dropped = true
			}
		}
		if !dropped {
			for _, m := range messages {
				if !m.warning {
					return errors.New(m.text)
				}
			}
			return err
		}
	}
}

// compileText compiles a text of its own.
func compileText(text string, vars []variable) (*compiled, []message, error) {
	c, err := newCompiler(vars)
	if err != nil {
		return nil, nil, err
	}
	defer c.close()
	if err := c.source(0, []byte(text)); err != nil {
		return nil, nil, err
	}
	if !c.add(0) {
		return nil, c.messages(), errors.New("it does not compile")
	}
	rules, err := c.finish()
	return rules, nil, err
}

// scan finds the object that comes nearest: where most of the strings are, then
// where most parts of the condition hold, then, where no string is, what is most
// like one of them, then the first.
func (x *inquiry) scan(ctx context.Context, s *detect.Subject) error {
	bestStrings, bestParts, bestLike := -1, -1, -1.0
	search := searcher{budget: 1 << 26}
	var last error
	for i := range s.Objects {
		o := &s.Objects[i]
		out, err := x.rules.scan(ctx, o.Data, isProcess(o), x.e.variables(*o), limits{timeout: x.e.timeout, keep: 4, room: 10_000})
		if err != nil {
			last = fmt.Errorf("%s: %w", o.Name, err)
			continue
		}
		x.objects++
		holds := map[int]bool{}
		strs := map[string]found{}
		for _, h := range out.hits {
			name := x.rules.rule(h.rule).name
			var id int
			if name == stringsRule {
				for _, s := range h.strings {
					if old, ok := strs[s.name]; !ok || old.total < s.total { // several forms may have one name
						strs[s.name] = s
					}
				}
			} else if _, err := fmt.Sscanf(name, partPrefix+"%d", &id); err == nil {
				holds[id] = true
			}
		}
		for name, s := range strs {
			if x.elsewhere[name] == "" {
				x.elsewhere[name] = fmt.Sprintf("%s at %#x", o.Name, s.matches[0].offset)
			}
		}
		parts := 0
		for _, t := range x.tops {
			if t.id >= 0 && holds[t.id] {
				parts++
			}
		}
		like := 0.0
		if len(strs) == 0 {
			like = x.likeness(&search, o)
		}
		if cmp.Or(cmp.Compare(len(strs), bestStrings), cmp.Compare(parts, bestParts), cmp.Compare(like, bestLike)) > 0 {
			bestStrings, bestParts, bestLike = len(strs), parts, like
			x.object, x.found = o, strs
			for _, t := range x.parts {
				t.hold = t.id >= 0 && holds[t.id]
			}
		}
	}
	if x.object == nil {
		return last
	}
	for _, t := range append(slices.Clone(x.tops), x.root) {
		t.infer()
	}
	return nil
}

// likeness is how much is there, at most, of one of the rule's texts: a share of
// its bytes.
func (x *inquiry) likeness(search *searcher, o *detect.Object) float64 {
	most := 0.0
	for i := range x.anatomy.strings[:min(len(x.anatomy.strings), maxHints)] {
		if d := &x.anatomy.strings[i]; d.kind == text {
			for _, cells := range d.forms() {
				if near, ok := search.nearest(cells, o.Data); ok {
					most = max(most, float64(near.fit)/float64(len(cells)))
				}
			}
		}
	}
	return most
}

// infer says of parts that were not compiled what follows from theirs.
func (t *term) infer() {
	any, all := false, true
	for _, kid := range t.kids {
		kid.infer()
		any = any || kid.hold
		all = all && kid.hold
	}
	if t.id < 0 && len(t.kids) > 0 {
		t.hold = t.or && any || !t.or && all
	}
}
