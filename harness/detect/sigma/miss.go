package sigma

import (
	"fmt"
	"slices"
	"strings"

	"sidetrace/harness/detect/near"
	"sidetrace/harness/telemetry"
)

// Bounds on looking for a value that is nearly the one wanted.
const (
	maxValues      = 1_000 // different ones of a field
	maxComparisons = 5_000 // of a value with one of the rule
)

// miss says why an item does not hold on the event bound: what was found instead,
// and what other events have that comes near.
func (x *explanation) miss(t *term) string {
	if t.all && !t.neg {
		t = x.lacking(t)
	}
	text := t.item(-1)
	switch {
	case t.neg:
		return text + ": found " + strings.Join(x.have(t), ", ")
	case t.slot < 0:
		return text + ": in no value of the event" + x.near(t)
	}
	if have := x.have(t); len(have) > 0 {
		return text + ": found " + strings.Join(have, ", ") + x.near(t)
	}
	name := x.bound.names.list[t.slot]
	if fields := x.fields(); !slices.Contains(fields, name) {
		text = fmt.Sprintf("%s: no event of %v has a field %q", text, x.rule.source, name)
		if hint := didYouMean(name, fields); hint != "" {
			text += "; " + hint
		}
		return text
	}
	return text + ": the event has no " + name + x.near(t)
}

// lacking is an item with "all" without the values that hold.
func (x *explanation) lacking(t *term) *term {
	left := *t
	left.matchers, left.values = nil, nil
	for k := range t.matchers {
		if t.one(x.bound, &t.matchers[k]) < 0 {
			left.matchers = append(left.matchers, t.matchers[k])
			left.values = append(left.values, t.values[k])
		}
	}
	return &left
}

// have is what the event bound has in the field of an item.
func (x *explanation) have(t *term) (out []string) {
	for i := t.start(x.bound); i != 0; i = x.bound.next[i-1] {
		out = append(out, quoted(x.bound.show(i-1)))
	}
	return out
}

func quoted(s string) string { return "'" + clip(s) + "'" }

// fields lists the fields that events of the log source have.
func (x *explanation) fields() (out []string) {
	seen := map[string]bool{}
	for _, i := range x.events {
		for _, f := range x.subject.Events[i].Fields {
			if !seen[f.Name] {
				seen[f.Name] = true
				out = append(out, f.Name)
			}
		}
	}
	return out
}

// near points out an event on which the item holds, or a value that differs by a
// few characters from one that the rule asks for.
func (x *explanation) near(t *term) string {
	other := newBound(x.bound.names)
	seen := map[string]bool{}
	best, value, at, on := far, "", 0, (*telemetry.Event)(nil)
	comparisons := 0
	for _, i := range x.events {
		event := &x.subject.Events[i]
		other.bind(event)
		if t.match(other) {
			return "; it holds on another event, " + x.subject.EventName(event)
		}
		for k := range other.values {
			if t.slot >= 0 && !other.of(int32(k), t.slot) || t.slot < 0 && k >= len(event.Fields) {
				continue
			}
			text := other.show(int32(k))
			if seen[text] || len(seen) >= maxValues {
				continue
			}
			seen[text] = true
			for m := range t.matchers {
				if comparisons++; comparisons > maxComparisons {
					break
				}
				if d, part, first := t.matchers[m].distance(text); d < best {
					best, value, at, on = d, part, first, event
				}
			}
		}
	}
	if value == "" {
		return ""
	}
	if have := x.have(t); best > 0 && len(have) == 1 && have[0] == quoted(value) {
		return fmt.Sprintf(", which differs at character %d", at)
	}
	seenOn := "; seen"
	if on != x.bound.event {
		seenOn += " on " + x.subject.EventName(on)
	}
	if best == 0 {
		return fmt.Sprintf("%s: %s, differs in case alone", seenOn, quoted(value))
	}
	return fmt.Sprintf("%s: %s, differs at character %d", seenOn, quoted(value), at)
}

// of says that a value is of a slot.
func (b *bound) of(value, slot int32) bool {
	for i := b.first[slot]; i != 0; i = b.next[i-1] {
		if i-1 == value {
			return true
		}
	}
	return false
}

// far is a distance that is none.
const far = 1 << 30

// distance is how far a value is from one that the rule asks for, the part of it
// that is compared, and the first character, from 1, that differs.
func (m *matcher) distance(text string) (distance int, part string, first int) {
	lit := string(m.lit)
	wanted := len([]rune(lit))
	limit := near.Limit(lit)
	runes := []rune(text)
	switch {
	case wanted < 4 || m.kind > matchContains:
		return far, "", 0
	case m.kind == matchEqual:
		if distance, part = near.Distance(lit, text, limit), text; distance > limit {
			return far, "", 0
		}
	default:
		switch n := wanted + limit; {
		case m.kind == matchPrefix:
			runes = runes[:min(n, len(runes))]
		case m.kind == matchSuffix:
			runes = runes[max(len(runes)-n, 0):]
		}
		if part, distance = near.Within(lit, string(runes), limit); distance > limit {
			return far, "", 0
		}
	}
	a, b := []rune(lit), []rune(fold(part))
	for first < len(a) && first < len(b) && a[first] == b[first] {
		first++
	}
	return distance, part, first + 1
}

// found says what makes a selection hold.
func (s *selection) found(b *bound) (out []string) {
	for i := range s.groups {
		if s.groups[i].match(b) {
			for _, t := range s.groups[i].terms {
				out = append(out, t.found(b)...)
			}
			return out
		}
	}
	return nil
}
