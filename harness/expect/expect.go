// Package expect judges a recorded run by what its scenario expects. It runs
// nothing and knows no emulator.
//
// # Checks
//
// A scenario's expectations are checks, and each check has a deciding point: the
// moment of the run at which it could be said how the check ends.
//
//   - A step of in_order passes at the behaviour that matches it. Steps are
//     matched greedily: each by the first behaviour after the one that matched
//     the step before. Whenever the steps can be matched in order at all, this
//     finds a way, and the earliest one. A step that nothing matches fails at
//     the end of the run, and the steps behind it are skipped.
//   - An entry of never fails at the behaviour it forbids, and passes at the end.
//   - An entry of count fails at the first behaviour too many, passes at the
//     behaviour that reaches its minimum if it has no maximum, and is otherwise
//     decided at the end.
//   - An artifact is decided where the step that saved it is; it is skipped if
//     that step is not passed. exit, stop and console are decided at the end.
//
// # Doubt
//
// Where the emulation is not faithful, what follows proves little. A check is
// inconclusive, whether it would pass or fail, if before its deciding point
//
//   - there was a gap of kind api, behaviour or instruction; or
//   - the check is decided at the end, and the end is not the program's own: the
//     block budget or the limit of virtual time cut the run, and expect.stop
//     does not say so; or
//   - the check is decided at the end, and a gap of kind limit says that
//     behaviours were not recorded. The gap "calls" is none of these, since
//     calls are not judged; "console" matters to console only, and "artifacts"
//     and "artifact bytes" matter to artifacts only; or
//   - the check passes because something is absent, and a request that the
//     scenario has no answer for (kind url) may be why it is. A request that the
//     scenario expects to stay unanswered - a matched step or count says
//     answered: false - is no such reason. A failing check is never in doubt for
//     a missing answer: the network is the scenario's to describe, and a machine
//     without an answer is a machine like any other.
//
// Seeing what is forbidden, by never or by the maximum of a count, is conclusive
// whatever came before. Gaps that the scenario allows (gaps: allow, or a list of
// names) do not count at all.
//
// # Verdicts
//
//   - error: the image or one of its imports could not be loaded, and
//     expect.stop does not say load. (The harness gives it as well, to scenarios
//     that cannot be read or prepared.)
//   - crashed: the engine failed.
//   - timeout: the wall-clock limit was reached. How far a run gets until then
//     differs from machine to machine.
//   - fail: a check failed beyond doubt.
//   - inconclusive: no check failed beyond doubt, and one is in doubt.
//   - pass: every check passed.
//
// With error, crashed and timeout the run proves nothing, and all checks are
// skipped.
package expect

import (
	"fmt"

	"sidetrace/emulator/trace"
	"sidetrace/reports"
	"sidetrace/scenarios"
)

// Judge judges a run by a scenario's expectations.
func Judge(s *scenarios.Scenario, run *trace.Run) reports.Scenario {
	j := &judge{scenario: s, run: run, saved: map[string]int{}}
	j.doubts.collect(s, run)
	out := Describe(s)
	out.Run, out.Trace = reports.NewRun(run), run

	out.Steps = j.inOrder(s.Expect.InOrder)
	counted := j.countMatches(s.Expect.Count)
	j.doubts.excuse(j.expectedUnanswered(out.Steps, counted))
	out.Never = j.never(s.Expect.Never)
	out.Totals = j.count(s.Expect.Count, counted)
	out.Artifacts = j.artifacts(s.Expect.Artifacts, out.Steps)
	out.Ends = j.ends(&s.Expect)
	out.Verdict, out.Reason = j.verdict(&out)
	switch out.Verdict {
	case reports.Error, reports.Crashed, reports.Timeout:
		skip(&out)
	}
	return out
}

// skip takes back what checks say of a run that proves nothing.
func skip(out *reports.Scenario) {
	for i := range out.Steps {
		s := &out.Steps[i]
		s.Status, s.Seq, s.Artifact, s.Miss, s.Doubt = reports.Skipped, 0, "", nil, nil
	}
	for i := range out.Never {
		n := &out.Never[i]
		n.Status, n.Seq, n.Doubt = reports.Skipped, 0, nil
	}
	for i := range out.Totals {
		t := &out.Totals[i]
		t.Status, t.Got, t.Seqs, t.Near, t.Doubt = reports.Skipped, 0, nil, nil, nil
	}
	for i := range out.Artifacts {
		a := &out.Artifacts[i]
		a.Status, a.Artifact, a.Checks = reports.Skipped, "", []reports.Check{}
	}
	for i := range out.Ends {
		c := &out.Ends[i]
		c.Status, c.Got, c.Diff, c.Doubt = reports.Skipped, "", "", nil
	}
}

// Describe is a result with nothing in it but what the scenario says of
// itself.
func Describe(s *scenarios.Scenario) reports.Scenario {
	return reports.Scenario{ID: s.ID, Title: s.Title, Why: s.Why, File: s.File, Attack: s.Attack, Tags: s.Tags}
}

// judge is the work on one run.
type judge struct {
	scenario *scenarios.Scenario
	run      *trace.Run
	doubts   doubts
	saved    map[string]int // index in run.Behaviours, by save_as name
}

// status combines whether a check holds with what casts doubt on it.
func status(holds bool, doubt *reports.Doubt) reports.Status {
	switch {
	case doubt != nil:
		return reports.Doubtful
	case holds:
		return reports.Passed
	default:
		return reports.Failed
	}
}

func (j *judge) verdict(out *reports.Scenario) (reports.Verdict, string) {
	stop := j.run.Stop
	switch {
	case stop.Reason == trace.StopInternal:
		return reports.Crashed, "the engine failed: " + sentence(stop.Detail)
	case stop.Reason == trace.StopWall:
		return reports.Timeout, "the wall-clock limit was reached: " + sentence(stop.Detail)
	case stop.Reason == trace.StopLoad && j.scenario.Expect.Stop != string(trace.StopLoad):
		return reports.Error, "the program could not be loaded: " + sentence(stop.Detail)
	}
	return decide(out)
}

// Decide gives a scenario whose run proves something its verdict, once more has
// been judged than the run: its detections. A rule that cannot be loaded makes it
// an error, for what the rule would have said is not known.
func Decide(out *reports.Scenario) {
	out.Verdict, out.Reason = decide(out)
	if out.Verdict == reports.Fail || out.Detections == nil {
		return
	}
	for _, p := range out.Detections.Problems {
		if p.Severity == "broken" {
			place := p.File
			if p.Line > 0 {
				place = fmt.Sprintf("%s:%d", p.File, p.Line)
			}
			out.Verdict, out.Reason = reports.Error, place+": "+p.Message
			return
		}
	}
}

func decide(out *reports.Scenario) (reports.Verdict, string) {
	findings := list(out)
	for _, f := range findings {
		if f.status == reports.Failed {
			return reports.Fail, f.text
		}
	}
	for _, f := range findings {
		if f.status == reports.Doubtful {
			return reports.Inconclusive, f.text
		}
	}
	return reports.Pass, ""
}

// finding is the outcome of one check as a line of text.
type finding struct {
	status reports.Status
	text   string
}

// list gives the checks that did not pass, in the order of the scenario's
// sections.
func list(out *reports.Scenario) []finding {
	var all []finding
	add := func(status reports.Status, doubt *reports.Doubt, name, failure string) {
		if status == reports.Passed || status == reports.Skipped {
			return
		}
		text := name + ": " + failure
		if doubt != nil {
			text = name + " is in doubt: " + doubt.Text
		}
		all = append(all, finding{status, text})
	}
	for _, s := range out.Steps {
		failure := ""
		if s.Miss != nil {
			failure = s.Miss.Reason
		}
		add(s.Status, s.Doubt, fmt.Sprintf("step %d of %d (%s)", s.Index, len(out.Steps), s.Kind), failure)
	}
	for _, n := range out.Never {
		add(n.Status, n.Doubt, "never "+n.Kind, fmt.Sprintf("#%d is one", n.Seq))
	}
	for _, t := range out.Totals {
		add(t.Status, t.Doubt, "count of "+t.Kind, fmt.Sprintf("got %d, want %s", t.Got, t.Want))
	}
	for _, a := range out.Artifacts {
		for _, c := range a.Checks {
			add(c.Status, c.Doubt, "artifact "+a.Name+", "+c.Name, fmt.Sprintf("got %s, want %s", c.Got, c.Want))
		}
	}
	for _, c := range out.Ends {
		add(c.Status, c.Doubt, c.Name, fmt.Sprintf("got %s, want %s", c.Got, c.Want))
	}
	if out.Detections != nil {
		for _, c := range out.Detections.Checks {
			if !c.Warning {
				name := c.Rule
				if c.Index >= 0 {
					name = out.Detections.Rules[c.Index].Name()
				}
				add(c.Status, c.Doubt, ruleCheck[c.Kind]+name, fmt.Sprintf("got %s, want %s", c.Got, c.Want))
			}
		}
	}
	return all
}

// ruleCheck begins the line of a check of rules.
var ruleCheck = map[reports.RuleCheckKind]string{
	reports.MustFire: "must fire: ", reports.MustStaySilent: "must stay silent: ", reports.NotApplicable: "not applicable: ", reports.Undeclared: "not spoken of: ",
}
