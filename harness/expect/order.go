package expect

import (
	"fmt"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/reports"
	"sidetrace/scenarios"
	"sidetrace/scenarios/match"
)

// around is how many behaviours before and after the last matched one a miss
// shows.
const around = 3

// inOrder matches the steps.
func (j *judge) inOrder(steps []scenarios.Step) []reports.Step {
	out := make([]reports.Step, len(steps))
	last, failed := -1, false // index of the last behaviour that matched
	for i := range steps {
		s := &steps[i]
		out[i] = reports.Step{
			Index: i + 1, Line: s.Line, Kind: s.Set.Kind, Expected: s.Set.String(),
			Status: reports.Skipped, SaveAs: s.SaveAs, Stage: s.Stage, Why: s.Why,
		}
		if failed {
			continue
		}
		at := j.first(&s.Set, last+1)
		if at < 0 {
			failed = true
			out[i].Doubt = j.doubts.atEnd()
			out[i].Status = status(false, out[i].Doubt)
			out[i].Miss = j.miss(&s.Set, last)
			continue
		}
		last = at
		b := &j.run.Behaviours[at]
		out[i].Seq = b.Seq
		out[i].Doubt = j.doubts.at(b.Seq)
		out[i].Status = status(true, out[i].Doubt)
		if s.SaveAs != "" {
			j.saved[s.SaveAs] = at
			out[i].Artifact = artifactName(b)
		}
	}
	return out
}

// first finds the first behaviour from an index on that matches, or -1.
func (j *judge) first(set *match.Set, from int) int {
	for i := from; i < len(j.run.Behaviours); i++ {
		if set.Match(j.run.Behaviours[i].Fields) {
			return i
		}
	}
	return -1
}

// miss explains why nothing behind index last matches.
func (j *judge) miss(set *match.Set, last int) *reports.Miss {
	m := &reports.Miss{}
	behind := ""
	if last >= 0 {
		m.After = j.run.Behaviours[last].Seq
		behind = fmt.Sprintf(" after #%d", m.After)
	}
	for i := max(last-around, 0); i <= min(max(last, 0)+around, len(j.run.Behaviours)-1); i++ {
		m.Around = append(m.Around, j.run.Behaviours[i].Seq)
	}
	m.Near = j.nearest(set, last)
	switch {
	case m.Near == nil:
		m.Reason = "the run has no " + set.Kind
	case m.Near.Earlier && len(m.Near.Fields) == 0:
		m.Reason = fmt.Sprintf("no %s%s; #%d fits but came earlier", set.Kind, behind, m.Near.Seq)
	case m.Near.Earlier:
		m.Reason = fmt.Sprintf("no %s%s; the nearest came earlier, #%d, and differs in %s", set.Kind, behind, m.Near.Seq, fieldNames(m.Near))
	default:
		m.Reason = fmt.Sprintf("no %s%s fits; the nearest, #%d, differs in %s", set.Kind, behind, m.Near.Seq, fieldNames(m.Near))
		if at := j.first(set, 0); at >= 0 {
			m.Reason += fmt.Sprintf("; #%d fits but came earlier", j.run.Behaviours[at].Seq)
		}
	}
	for _, g := range j.doubts.urls {
		if g.Seq > m.After {
			m.Reason += "; the scenario has no answer for " + safe(g.Name)
			break
		}
	}
	return m
}

func fieldNames(n *reports.Near) string {
	var names []string
	for i, f := range n.Fields {
		if i == 0 || f.Field != n.Fields[i-1].Field {
			names = append(names, f.Field)
		}
	}
	return strings.Join(names, ", ")
}

// nearest is the behaviour of the kind that satisfies most conditions: among
// those behind index last if there are any, else among all. The first wins
// among equals.
func (j *judge) nearest(set *match.Set, last int) *reports.Near {
	best, earlier := j.closest(set, last+1, len(j.run.Behaviours)), false
	if best < 0 {
		best, earlier = j.closest(set, 0, last+1), true
	}
	if best < 0 {
		return nil
	}
	b := &j.run.Behaviours[best]
	missed := set.Misses(b.Fields)
	near := &reports.Near{
		Seq: b.Seq, Earlier: earlier,
		Matched: len(set.Conditions) - len(missed), Total: len(set.Conditions),
		Diff: fieldDiff(missed, b.Fields),
	}
	values := map[string]any{}
	for _, f := range trace.Fields(b.Fields) {
		values[f.Name] = f.Value
	}
	for _, c := range missed {
		near.Fields = append(near.Fields, reports.FieldMiss{Condition: c.Text, Field: c.Field, Got: show(values[c.Field])})
	}
	return near
}

func (j *judge) closest(set *match.Set, from, to int) int {
	best, fewest := -1, 0
	for i := from; i < to; i++ {
		p := j.run.Behaviours[i].Fields
		if p.Kind() != set.Kind {
			continue
		}
		if n := len(set.Misses(p)); best < 0 || n < fewest {
			best, fewest = i, n
		}
	}
	return best
}

func artifactName(b *trace.Behaviour) string {
	for _, f := range trace.Fields(b.Fields) {
		if f.Name == "artifact" {
			name, _ := f.Value.(string)
			return name
		}
	}
	return ""
}
