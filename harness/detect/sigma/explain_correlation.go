package sigma

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/reports"
)

// Bounds on explaining correlations of correlations, which branch.
const (
	maxExplained = 3  // levels
	maxParts     = 10 // rules of one
)

// explainCorrelation says which rules of a correlation found nothing, or how near
// what they found comes to its condition.
func (e *Engine) explainCorrelation(ctx context.Context, rule int, s *detect.Subject, depth int) reports.Silence {
	wanted := make([]bool, len(e.rules))
	e.want(rule, wanted)
	r := e.run(ctx, s.Events, wanted)
	if r.stopped != nil {
		return reports.Silence{Reason: fmt.Sprintf("not explained: %v", r.stopped)}
	}
	chains := e.correlate(r)
	cr := e.rules[rule].correlation
	links := e.links(rule, chains, r)
	counts := make([]int, len(cr.rules))
	for _, l := range links {
		counts[l.ref]++
	}
	silence := reports.Silence{}
	for ref, k := range cr.rules {
		t := reports.Term{Name: cr.refs[ref], Holds: counts[ref] > 0}
		if !t.Holds && ref < maxParts {
			below := e.explainPart(ctx, k, s, depth+1)
			t.Misses = []string{below.Reason}
			if len(below.Terms) > 0 {
				t.On, t.Seq = below.Terms[0].On, below.Terms[0].Seq
			}
			if silence.Reason == "" {
				silence.Reason = fmt.Sprintf("its rule %s finds nothing: %s", cr.refs[ref], below.Reason)
			}
		}
		silence.Terms = append(silence.Terms, t)
	}
	silence.Terms = failedFirst(silence.Terms)
	if silence.Reason != "" && (len(links) == 0 || cr.kind == temporal || cr.kind == temporalOrdered) {
		return silence
	}
	if part := e.rules[rule].partOf; part != "" && len(chains[rule]) > 0 {
		silence.Reason = fmt.Sprintf("it is part of the correlation %q and does not report by itself (generate)", part)
		return silence
	}
	silence.Reason = cr.explain(links, r)
	silence.Terms = append([]reports.Term{{Name: cr.kind.String(), Misses: []string{silence.Reason}}}, silence.Terms...)
	return silence
}

// explainPart explains a rule without saying that it is one of a correlation.
func (e *Engine) explainPart(ctx context.Context, rule int, s *detect.Subject, depth int) reports.Silence {
	switch {
	case depth > maxExplained:
		return reports.Silence{Reason: "its own rules find nothing"}
	case e.rules[rule].correlation != nil:
		return e.explainCorrelation(ctx, rule, s, depth)
	}
	return e.explainRule(ctx, rule, s)
}

// want marks the rules that a correlation depends on.
func (e *Engine) want(rule int, wanted []bool) {
	if wanted[rule] {
		return
	}
	wanted[rule] = true
	if cr := e.rules[rule].correlation; cr != nil {
		for _, k := range cr.rules {
			e.want(k, wanted)
		}
	}
}

// explain says what the correlation made of what its rules found.
func (cr *correlation) explain(links []link, r *run) string {
	for _, name := range cr.groupBy {
		has := false
		for i := range links {
			_, ok := cr.field(&links[i], name, r.events)
			has = has || ok
		}
		if !has {
			return fmt.Sprintf("none of %s that its rules found has the field %q of group-by", plural(len(links), "event"), name)
		}
	}
	groups := cr.group(links, r.events)
	if len(groups) == 0 {
		return fmt.Sprintf("none of %s that its rules found has all fields of group-by", plural(len(links), "event"))
	}
	best, which := -1.0, groups[0]
	for _, g := range groups {
		if v := cr.most(g.links); v > best {
			best, which = v, g
		}
	}
	text := fmt.Sprintf("%v comes to %s within %s at the most, and %v is asked for", cr.kind, strconv.FormatFloat(best, 'f', -1, 64), short(cr.timespan), cr)
	if cr.kind == valueAvg || cr.kind == valuePercentile {
		text = fmt.Sprintf("no window of %s has a %v with %v", short(cr.timespan), cr.kind, cr)
	}
	if len(cr.groupBy) > 0 {
		var values []string
		for _, name := range cr.groupBy {
			values = append(values, name+" "+quoted(which.values[name]))
		}
		text += fmt.Sprintf(" (%s; nearest is %s)", plural(len(groups), "group"), strings.Join(values, ", "))
	}
	return text
}

// most is the largest value that the links of a group come to.
func (cr *correlation) most(links []link) (most float64) {
	if cr.kind == temporalOrdered {
		for n := len(cr.rules); n > 1; n-- {
			if len((&correlation{kind: cr.kind, rules: cr.rules[:n], timespan: cr.timespan}).ordered(first(links, n))) > 0 {
				return float64(n)
			}
		}
		return 1
	}
	w := cr.window()
	for _, l := range links {
		w.add(l)
		for l.at.Sub(w.links[0].at) > cr.timespan {
			w.shift()
		}
		most = max(most, w.value())
	}
	return most
}

// first leaves the links of the first rules.
func first(links []link, rules int) (out []link) {
	for _, l := range links {
		if l.ref < rules {
			out = append(out, l)
		}
	}
	return out
}
