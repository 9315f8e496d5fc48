package expect

import (
	"fmt"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/reports"
	"sidetrace/scenarios"
	"sidetrace/scenarios/match"
)

// doubts are the reasons of a run not to trust what it shows. The rules are in
// the package comment.
type doubts struct {
	gaps    []trace.Gap // that change what the program does, by sequence
	limits  []trace.Gap // that cut the record
	urls    []trace.Gap // requests without an answer
	cut     *reports.Doubt
	excused map[string]bool // by lower-case name of the gap
}

func (d *doubts) collect(s *scenarios.Scenario, run *trace.Run) {
	for _, g := range run.Gaps {
		switch {
		case s.Gaps.Allows(g.Name):
		case g.Kind == trace.GapURL:
			d.urls = append(d.urls, g)
		case g.Kind == trace.GapLimit:
			d.limits = append(d.limits, g)
		default:
			d.gaps = append(d.gaps, g)
		}
	}
	text := map[trace.StopReason]string{
		trace.StopBlocks: "the run was cut when its block budget was used up",
		trace.StopTime:   "the run was cut at its limit of virtual time",
		trace.StopWall:   "the run was cut at its wall-clock limit",
	}[run.Stop.Reason]
	if text != "" && s.Expect.Stop != string(run.Stop.Reason) {
		d.cut = &reports.Doubt{Kind: "stop", Name: string(run.Stop.Reason), Text: text}
	}
}

// excuse takes the requests out that were expected to stay unanswered.
func (d *doubts) excuse(names map[string]bool) { d.excused = names }

// at is the doubt on what was seen at a point of the run.
func (d *doubts) at(seq uint64) *reports.Doubt {
	if len(d.gaps) > 0 && d.gaps[0].Seq < seq {
		return explain(d.gaps[0])
	}
	return nil
}

// atEnd is the doubt on what is decided at the end. Limits of the record count
// if they are one of those named, or, as most do, concern behaviours.
func (d *doubts) atEnd(limits ...string) *reports.Doubt {
	if len(d.gaps) > 0 {
		return explain(d.gaps[0])
	}
	if d.cut != nil {
		return d.cut
	}
	return d.limited(limits...)
}

func (d *doubts) limited(limits ...string) *reports.Doubt {
	for _, g := range d.limits {
		matters := true
		switch g.Name {
		case "calls", "console", "artifacts", "artifact bytes", trace.ProcessImage{}.Kind():
			matters = false
		}
		for _, name := range limits {
			matters = matters || g.Name == name
		}
		if matters {
			return explain(g)
		}
	}
	return nil
}

// absence is the doubt on what passes because something is not there. Limits are
// as for atEnd.
func (d *doubts) absence(limits ...string) *reports.Doubt {
	if doubt := d.atEnd(limits...); doubt != nil {
		return doubt
	}
	for _, g := range d.urls {
		if !d.excused[strings.ToLower(g.Name)] {
			return explain(g)
		}
	}
	return nil
}

func explain(g trace.Gap) *reports.Doubt {
	name := sentence(g.Name)
	text := map[trace.GapKind]string{
		trace.GapAPI:         name + " is not implemented",
		trace.GapURL:         "the scenario has no answer for " + name,
		trace.GapBehaviour:   name + " is not modelled",
		trace.GapInstruction: "the instruction " + name + " is not modelled",
		trace.GapLimit:       "the record of " + name + " was cut",
	}[g.Kind]
	if g.Kind == trace.GapLimit && g.Detail != "" {
		text += ", " + sentence(g.Detail)
	}
	return &reports.Doubt{Kind: string(g.Kind), Name: g.Name, Seq: g.Seq, Text: fmt.Sprintf("%s (gap #%d)", text, g.Seq)}
}

// Doubts is what casts doubt on further checks of a run: on what was seen by a
// point of it, and on what passes because there is no sign of something. Both
// give nil where nothing does.
type Doubts struct {
	At      func(seq uint64) *reports.Doubt
	Absence func() *reports.Doubt
}

// DoubtsOf are the doubts on a run that was judged.
func DoubtsOf(s *scenarios.Scenario, run *trace.Run, judged *reports.Scenario) Doubts {
	j := &judge{scenario: s, run: run}
	j.doubts.collect(s, run)
	j.doubts.excuse(j.expectedUnanswered(judged.Steps, j.countMatches(s.Expect.Count)))
	// A rule that stays silent may do so because the data were not kept.
	absence := func() *reports.Doubt {
		return j.doubts.absence("artifacts", "artifact bytes", trace.ProcessImage{}.Kind())
	}
	return Doubts{At: j.doubts.at, Absence: absence}
}

// expectedUnanswered collects the names - URLs, hosts - of the behaviours that
// matched a step or count which says answered: false.
func (j *judge) expectedUnanswered(steps []reports.Step, counted [][]int) map[string]bool {
	names := map[string]bool{}
	add := func(set *match.Set, index int) {
		if !saysUnanswered(set) {
			return
		}
		for _, f := range trace.Fields(j.run.Behaviours[index].Fields) {
			if s, ok := f.Value.(string); ok && s != "" {
				names[strings.ToLower(s)] = true
			}
		}
	}
	next := 0
	for i, s := range steps {
		if s.Seq == 0 {
			break
		}
		for j.run.Behaviours[next].Seq != s.Seq {
			next++
		}
		add(&j.scenario.Expect.InOrder[i].Set, next)
	}
	for i, indices := range counted {
		for _, index := range indices {
			add(&j.scenario.Expect.Count[i].Set, index)
		}
	}
	return names
}

func saysUnanswered(set *match.Set) bool {
	for _, c := range set.Conditions {
		if v, ok := c.Equals(); ok && c.Field == "answered" && v == false {
			return true
		}
	}
	return false
}
