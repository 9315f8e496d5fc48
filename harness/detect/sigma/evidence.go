package sigma

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
	"sidetrace/reports"
)

// Bounds on what a report shows.
const (
	maxShown    = 200 // bytes of a value
	maxEvidence = 64  // of one firing
)

// clip shortens a value for a report.
func clip(s string) string {
	if len(s) <= maxShown {
		return s
	}
	cut := maxShown
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

func seqs(events []telemetry.Event, indexes []int32) []uint64 {
	var out []uint64
	for _, i := range indexes {
		if s := events[i].Seq; s != 0 {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// fire reports that the rule fires on the event bound.
func (r *Rule) fire(b *bound, s *detect.Subject) reports.Fire {
	f := reports.Fire{On: s.EventName(b.event), Kind: "event", Line: b.event.Line, Evidence: []reports.Evidence{}}
	if b.event.Seq != 0 {
		f.Seqs = []uint64{b.event.Seq}
	}
	wanted := map[*selection]bool{}
	r.cond.uses(false, func(s *selection, negated bool) { wanted[s] = wanted[s] || !negated })
	for _, s := range r.sels {
		if !wanted[s] {
			continue
		}
		for _, text := range s.found(b) {
			if len(f.Evidence) < maxEvidence {
				f.Evidence = append(f.Evidence, reports.Evidence{Term: s.name, Text: text})
			}
		}
	}
	return f
}

func (g *items) match(b *bound) bool {
	return !slices.ContainsFunc(g.quick, func(t *term) bool { return !t.match(b) })
}

// found says what makes a term hold: one line, or one for each value of "all".
func (t *term) found(b *bound) []string {
	if t.neg {
		var have []string
		for i := t.start(b); i != 0; i = b.next[i-1] {
			have = append(have, clip(b.show(i-1)))
		}
		if have == nil {
			have = []string{"absent"}
		}
		return []string{t.item(-1) + ": " + strings.Join(have, ", ")}
	}
	var out []string
	for k := range t.matchers {
		i := t.one(b, &t.matchers[k])
		if i < 0 {
			continue
		}
		text := "absent"
		if i != absent {
			text = clip(b.show(i))
		}
		out = append(out, t.item(k)+": "+text)
		if !t.all {
			break
		}
	}
	return out
}

// start is the first value of the term's field, as bound.first has it.
func (t *term) start(b *bound) int32 {
	if t.slot < 0 {
		return 0
	}
	return b.first[t.slot]
}

// item is a term with one of its values, such as "Image|endswith '\a.exe'"; -1
// for all of them.
func (t *term) item(k int) string {
	label := t.label
	if t.slot < 0 {
		label = "keyword" + label
	}
	if k >= 0 {
		return label + " " + t.values[k]
	}
	values := slices.Compact(slices.Clone(t.values))
	if n := len(values); n > 4 {
		values = append(values[:4:4], fmt.Sprintf("… (%d values)", n))
	}
	word := " or "
	if t.all {
		word = " and "
	}
	return label + " " + strings.Join(values, word)
}

// fireChain reports that a correlation fires.
func (e *Engine) fireChain(rule int, c *chain, s *detect.Subject) reports.Fire {
	cr, events := e.rules[rule].correlation, s.Events
	last := &events[c.last()]
	f := reports.Fire{On: s.EventName(&events[c.events[0]]), Kind: "event", Line: last.Line, Seqs: seqs(events, c.events)}
	if len(c.events) > 1 {
		f.On = plural(len(c.events), "event") + ", " + f.On + " to " + s.EventName(last)
	}
	f.Evidence = []reports.Evidence{{
		Term: cr.kind.String(), Text: strconv.FormatFloat(c.value, 'f', -1, 64) + " where " + cr.String() + " within " + short(cr.timespan) + " is asked for",
	}}
	for _, name := range cr.groupBy {
		f.Evidence = append(f.Evidence, reports.Evidence{Term: "group-by", Text: name + ": " + clip(c.groups[name])})
	}
	b := e.pool.Get().(*bound)
	defer e.pool.Put(b)
	for i, k := range c.events {
		if len(f.Evidence) >= maxEvidence {
			break
		}
		r := &e.rules[c.refs[i]]
		name := r.name
		if name == "" {
			name = r.info.Title
		}
		b.bind(&events[k])
		var texts []string
		for _, ev := range r.rule.fire(b, s).Evidence {
			texts = append(texts, ev.Text)
		}
		f.Evidence = append(f.Evidence, reports.Evidence{Term: name, Text: s.EventName(&events[k]) + ": " + clip(strings.Join(texts, "; "))})
	}
	return f
}

// short is a timespan as rules write it.
func short(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d%u.unit == 0 {
			return strconv.FormatInt(int64(d/u.unit), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(d/time.Second), 10) + "s"
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
