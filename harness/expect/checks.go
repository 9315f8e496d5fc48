package expect

import (
	"fmt"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/reports"
	"sidetrace/scenarios"
)

// never looks for what must not be.
func (j *judge) never(nevers []scenarios.Never) []reports.Never {
	var out []reports.Never
	for i := range nevers {
		n := &nevers[i]
		r := reports.Never{Line: n.Line, Kind: n.Set.Kind, Expected: n.Set.String(), Why: n.Why, Status: reports.Failed}
		if at := j.first(&n.Set, 0); at >= 0 {
			r.Seq = j.run.Behaviours[at].Seq
		} else {
			r.Doubt = j.doubts.absence()
			r.Status = status(true, r.Doubt)
		}
		out = append(out, r)
	}
	return out
}

// countMatches lists for each entry of count the behaviours that match it.
func (j *judge) countMatches(counts []scenarios.Count) [][]int {
	out := make([][]int, len(counts))
	for i := range counts {
		for at := j.first(&counts[i].Set, 0); at >= 0; at = j.first(&counts[i].Set, at+1) {
			out[i] = append(out[i], at)
		}
	}
	return out
}

func (j *judge) count(counts []scenarios.Count, matches [][]int) []reports.Total {
	const shown = 16
	var out []reports.Total
	for i := range counts {
		c, found := &counts[i], matches[i]
		r := reports.Total{Line: c.Line, Kind: c.Set.Kind, Expected: c.Set.String(), Want: wanted(c), Got: len(found)}
		for _, at := range found[:min(len(found), shown)] {
			r.Seqs = append(r.Seqs, j.run.Behaviours[at].Seq)
		}
		switch {
		case c.Max >= 0 && len(found) > c.Max:
			r.Status = reports.Failed
		case len(found) < c.Min:
			r.Doubt = j.doubts.atEnd()
			r.Status = status(false, r.Doubt)
			r.Near = j.nearestMiss(c)
		case c.Max < 0 && c.Min > 0:
			r.Doubt = j.doubts.at(j.run.Behaviours[found[c.Min-1]].Seq)
			r.Status = status(true, r.Doubt)
		default:
			r.Doubt = j.doubts.absence()
			r.Status = status(true, r.Doubt)
		}
		out = append(out, r)
	}
	return out
}

// nearestMiss is the nearest behaviour that is not counted.
func (j *judge) nearestMiss(c *scenarios.Count) *reports.Near {
	near := j.nearest(&c.Set, -1)
	if near != nil && len(near.Fields) == 0 {
		return nil // the nearest is one that counts
	}
	return near
}

func wanted(c *scenarios.Count) string {
	switch {
	case c.Max == 0:
		return "none"
	case c.Max < 0:
		return fmt.Sprintf("at least %d", c.Min)
	case c.Min == c.Max:
		return fmt.Sprintf("exactly %d", c.Min)
	case c.Min == 0:
		return fmt.Sprintf("at most %d", c.Max)
	default:
		return fmt.Sprintf("%d to %d", c.Min, c.Max)
	}
}

// ends checks how the run ended and what it printed.
func (j *judge) ends(x *scenarios.Expect) []reports.Check {
	var out []reports.Check
	stop := j.run.Stop
	if x.Exit != nil {
		holds := stop.Reason == trace.StopExit && stop.ExitCode == x.Exit.Code
		c := reports.Check{Line: x.Exit.Line, Name: "exit", Want: code(x.Exit.Code), Got: stopText(stop), Doubt: j.doubts.atEnd()}
		c.Status = status(holds, c.Doubt)
		out = append(out, c)
	}
	if x.Stop != "" {
		c := reports.Check{Line: x.StopLine, Name: "stop", Want: x.Stop, Got: stopText(stop), Doubt: j.doubts.atEnd()}
		c.Status = status(string(stop.Reason) == x.Stop, c.Doubt)
		out = append(out, c)
	}
	text := string(j.run.Console)
	for _, condition := range x.Console {
		holds := condition.Holds(text)
		c := reports.Check{Line: condition.Line, Name: condition.Key, Want: condition.Want, Got: safe(text), Doubt: j.doubts.atEnd("console")}
		c.Status = status(holds, c.Doubt)
		if want, ok := condition.Equals(); ok && !holds {
			c.Diff = diff(lines(want.(string)), lines(text))
		}
		out = append(out, c)
	}
	return out
}

func lines(s string) []string { return strings.SplitAfter(cut(s, maxSide), "\n") }

func stopText(s trace.Stop) string {
	if s.Reason == trace.StopExit {
		return code(s.ExitCode)
	}
	text := string(s.Reason)
	if s.Reason == trace.StopException {
		text += " " + code(s.ExitCode)
	}
	if s.Detail != "" {
		text += " (" + sentence(s.Detail) + ")"
	}
	return text
}

func code(v uint32) string {
	if v >= 0x10000 {
		return fmt.Sprintf("%#08x", v)
	}
	return fmt.Sprint(v)
}
