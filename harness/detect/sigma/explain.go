package sigma

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/harness/detect/near"
	"sidetrace/harness/telemetry"
	"sidetrace/reports"
)

// Explain says why a rule did not fire: there is no event of its log source, or
// what misses on the event that came nearest. That is the event on which most
// parts of the condition hold, and of these the one with most items.
func (e *Engine) Explain(ctx context.Context, rule int, s *detect.Subject) reports.Silence {
	if e.rules[rule].correlation != nil {
		return e.explainCorrelation(ctx, rule, s, 0)
	}
	silence := e.explainRule(ctx, rule, s)
	if part := e.rules[rule].partOf; part != "" {
		silence.Reason = fmt.Sprintf("it is part of the correlation %q and does not report by itself (generate); %s", part, silence.Reason)
	}
	return silence
}

func (e *Engine) explainRule(ctx context.Context, rule int, s *detect.Subject) reports.Silence {
	r := e.rules[rule].rule
	x := &explanation{rule: r, subject: s}
	for i := range s.Events {
		if r.source.takes(s.Events[i].Source) {
			x.events = append(x.events, i)
		}
	}
	if len(x.events) == 0 {
		return reports.Silence{Reason: x.noEvent()}
	}
	x.bound = e.pool.Get().(*bound)
	defer e.pool.Put(x.bound)
	best, most := []int(nil), score{-1, 0} // events that come equally near
	for n, i := range x.events {
		if n%64 == 0 && ctx.Err() != nil {
			return reports.Silence{Reason: fmt.Sprintf("not explained: %v", ctx.Err())}
		}
		x.bound.bind(&s.Events[i])
		if r.cond.match(x.bound) { // nothing comes nearer than all of it
			return x.nearest(&s.Events[i])
		}
		switch got := r.cond.score(x.bound, false); {
		case got.more(most):
			best, most = []int{i}, got
		case got == most && len(best) < maxEqual:
			best = append(best, i)
		}
	}
	i := x.closest(best)
	x.bound.bind(&s.Events[i])
	return x.nearest(&s.Events[i])
}

// maxEqual bounds the events that are compared by their values.
const maxEqual = 200

// closest is the event, of several on which as much holds, whose values differ
// least from those wanted.
func (x *explanation) closest(events []int) int {
	best, least := events[0], far
	for _, i := range events {
		if len(events) == 1 {
			break
		}
		x.bound.bind(&x.subject.Events[i])
		for _, l := range x.rule.cond.leaves(x.bound, false, nil) {
			if l.negated || l.sel.match(x.bound) {
				continue
			}
			for _, t := range l.sel.nearest(x.bound).terms {
				if t.match(x.bound) || t.neg {
					continue
				}
				for k := t.start(x.bound); k != 0; k = x.bound.next[k-1] {
					for m := range t.matchers[:min(len(t.matchers), maxEqual)] {
						if d, _, _ := t.matchers[m].distance(x.bound.show(k - 1)); d < least {
							best, least = i, d
						}
					}
				}
			}
		}
	}
	return best
}

// explanation is why one rule is silent on one subject.
type explanation struct {
	rule    *Rule
	subject *detect.Subject
	events  []int // of the rule's log source
	bound   *bound
}

// noEvent names the log sources that there are.
func (x *explanation) noEvent() string {
	counts := map[telemetry.Logsource]int{}
	var order []telemetry.Logsource
	for i := range x.subject.Events {
		s := x.subject.Events[i].Source
		if s.Product != "" && !slices.ContainsFunc(x.rule.source, func(w telemetry.Logsource) bool { return w.Product == "" || strings.EqualFold(w.Product, s.Product) }) {
			s = telemetry.Logsource{Product: s.Product} // another product in one word
		}
		if counts[s] == 0 {
			order = append(order, s)
		}
		counts[s]++
	}
	reason := fmt.Sprintf("there is no event of %v", x.rule.source)
	if !emulated(x.rule.source) {
		reason += ", which no emulated sensor writes" + meant(x.rule.declared)
	}
	if len(order) == 0 {
		return reason + ", nor any other"
	}
	var have []string
	for _, s := range order[:min(len(order), 12)] {
		have = append(have, fmt.Sprintf("%s (%d)", describeSource(s), counts[s]))
	}
	if n := len(order) - len(have); n > 0 {
		have = append(have, fmt.Sprintf("%d more", n))
	}
	return reason + "; there are " + strings.Join(have, ", ")
}

// meant is a question after a category whose name is nearly that of one there is.
func meant(s telemetry.Logsource) string {
	var known []string
	for _, event := range telemetry.Sysmon() {
		known = append(known, event.Categories...)
	}
	category, _, ok := near.Best(s.Category, append(known, "proxy"), near.Limit(s.Category))
	if s.Category == "" || !ok || strings.EqualFold(category, s.Category) {
		return ""
	}
	return fmt.Sprintf(" (was %s meant?)", category)
}

// emulated says that a run can give rise to events of a log source.
func emulated(g gate) bool {
	if g.takes(telemetry.Logsource{Category: "proxy"}) || slices.ContainsFunc(g, func(s telemetry.Logsource) bool { return s.Product == telemetry.Product }) {
		return true
	}
	for _, event := range telemetry.Sysmon() {
		for _, category := range event.Categories {
			if g.takes(telemetry.Logsource{Category: category, Product: "windows", Service: "sysmon"}) {
				return true
			}
		}
	}
	return false
}

// nearest explains by the event that is bound.
func (x *explanation) nearest(event *telemetry.Event) reports.Silence {
	on := x.subject.EventName(event)
	lead := fmt.Sprintf("of %s of %v, %s comes nearest", plural(len(x.events), "event"), x.rule.source, on)
	if len(x.events) == 1 {
		lead = "on " + on + ", the only event of " + x.rule.source.String()
	}
	if x.rule.cond.match(x.bound) {
		for _, f := range x.rule.filters {
			if f.cond.match(x.bound) {
				continue
			}
			terms := x.terms(f.cond, on, event.Seq)
			reason := fmt.Sprintf("the rule's condition holds on %s, and the filter %q suppresses it", on, f.title)
			if len(terms) > 0 && len(terms[0].Misses) > 0 {
				reason += ": " + terms[0].Misses[0]
			}
			return reports.Silence{Reason: reason, Terms: terms}
		}
		return reports.Silence{Reason: "it fires on " + on}
	}
	terms := x.terms(x.rule.cond, on, event.Seq)
	first := terms[0]
	verb := "does not hold"
	if strings.HasPrefix(first.Name, "not ") {
		verb = "suppresses it"
		first.Name = strings.TrimPrefix(first.Name, "not ")
	}
	reason := fmt.Sprintf("%s: %s %s", lead, first.Name, verb)
	if len(first.Misses) > 0 {
		reason += ": " + first.Misses[0]
	}
	return reports.Silence{Reason: reason, Terms: terms}
}

// terms judges the parts of a condition, in the order of the file.
func (x *explanation) terms(c *condition, on string, seq uint64) []reports.Term {
	leaves := c.leaves(x.bound, false, nil)
	slices.SortStableFunc(leaves, func(a, b leaf) int { return a.sel.index - b.sel.index })
	var terms []reports.Term
	for _, l := range leaves {
		terms = append(terms, x.term(l, on, seq))
	}
	return failedFirst(terms)
}

// failedFirst puts the terms that do not hold before the others.
func failedFirst(terms []reports.Term) []reports.Term {
	slices.SortStableFunc(terms, func(a, b reports.Term) int {
		switch {
		case a.Holds == b.Holds:
			return 0
		case a.Holds:
			return 1
		}
		return -1
	})
	return terms
}

// term judges one part of a condition.
func (x *explanation) term(l leaf, on string, seq uint64) reports.Term {
	holds := l.sel.match(x.bound)
	t := reports.Term{Name: l.sel.name, Holds: holds != l.negated, On: on, Seq: seq}
	if l.negated {
		t.Name = "not " + t.Name
	}
	if t.Holds {
		return t
	}
	if l.negated {
		t.Misses = l.sel.found(x.bound)
		return t
	}
	g := l.sel.nearest(x.bound)
	for _, item := range g.terms {
		if !item.match(x.bound) {
			t.Misses = append(t.Misses, x.miss(item))
		}
	}
	if n := len(l.sel.groups); n > 1 {
		t.Misses[0] = fmt.Sprintf("of %d alternatives the nearest lacks %s", n, t.Misses[0])
	}
	return t
}

// score is how much of a condition holds: parts, and items of those parts.
type score struct{ parts, items int }

func (s score) more(o score) bool {
	return s.parts > o.parts || s.parts == o.parts && s.items > o.items
}

// score counts what holds of a condition, or of its opposite.
func (c *condition) score(b *bound, negated bool) (s score) {
	switch {
	case c.op == opSelection:
		holds := c.sel.match(b)
		if holds != negated {
			s.parts = 1
		}
		if !negated {
			s.items = c.sel.nearest(b).held(b)
		}
	case c.op == opNot:
		return c.parts[0].score(b, !negated)
	case (c.op == opAnd) != negated:
		for _, p := range c.parts {
			one := p.score(b, negated)
			s.parts += one.parts
			s.items += one.items
		}
	default:
		return c.best(b, negated).score(b, negated)
	}
	return s
}

// best is the alternative of which most holds.
func (c *condition) best(b *bound, negated bool) *condition {
	best, most := c.parts[0], score{-1, 0}
	for _, p := range c.parts {
		if s := p.score(b, negated); s.more(most) {
			best, most = p, s
		}
	}
	return best
}

// leaf is a selection in a condition, and whether it must not hold.
type leaf struct {
	sel     *selection
	negated bool
}

// leaves lists the selections that decide on the event bound: of alternatives
// those of the best one.
func (c *condition) leaves(b *bound, negated bool, out []leaf) []leaf {
	switch {
	case c.op == opSelection:
		if l := (leaf{c.sel, negated}); !slices.Contains(out, l) {
			out = append(out, l)
		}
	case c.op == opNot:
		return c.parts[0].leaves(b, !negated, out)
	case (c.op == opAnd) != negated:
		for _, p := range c.parts {
			out = p.leaves(b, negated, out)
		}
	default:
		return c.best(b, negated).leaves(b, negated, out)
	}
	return out
}

// nearest is the alternative of which most items hold.
func (s *selection) nearest(b *bound) *items {
	best, most := &s.groups[0], -1
	for i := range s.groups {
		// Of equals the one with least to miss.
		if n := s.groups[i].held(b)*1000 - len(s.groups[i].terms); i == 0 || n > most {
			best, most = &s.groups[i], n
		}
	}
	return best
}

func (g *items) held(b *bound) (n int) {
	for _, t := range g.terms {
		if t.match(b) {
			n++
		}
	}
	return n
}
