package reports

import (
	"fmt"
	"strings"
	"time"

	"sidetrace/emulator/trace"
)

// duration is the guest's time from the first instruction to the stop.
func (r *Run) duration() time.Duration { return time.Duration(r.ElapsedNS) }

// most is how many gaps are listed below a scenario that did not pass; the
// rest is counted. All are in JSON, and in text when asked for.
const most = 10

// failure explains a scenario that did not pass: the reason, each check that
// does not hold with the nearest miss, and how the run ended.
func (p *printer) failure(s *Scenario) {
	if s.Reason != "" && len(s.Problems) == 0 { // the problems say it all
		p.detail(1, "reason", s.Reason)
	}
	for _, problem := range s.Problems {
		p.problem(problem)
	}
	held := 0
	for i := range s.Steps {
		switch step := &s.Steps[i]; step.Status {
		case Passed:
			held++
		case Skipped: // what comes after the first miss was not looked for
		default:
			p.check(s, step.Line, step.Status, fmt.Sprintf("step %d of %d (%d held): %s", step.Index, len(s.Steps), held, step.Expected), step.Why)
			p.miss(s, step.Miss)
			p.doubt(step.Doubt)
		}
	}
	for i := range s.Never {
		if n := &s.Never[i]; n.Status == Failed || n.Status == Doubtful {
			p.check(s, n.Line, n.Status, "never: "+n.Expected, n.Why)
			p.behaviour(s, "but saw", n.Seq)
			p.doubt(n.Doubt)
		}
	}
	for i := range s.Totals {
		if n := &s.Totals[i]; n.Status == Failed || n.Status == Doubtful {
			p.check(s, n.Line, n.Status, fmt.Sprintf("count: %s: want %s, got %d", n.Expected, n.Want, n.Got), "")
			for _, seq := range n.Seqs {
				p.behaviour(s, "counted", seq)
			}
			p.near(s, n.Near)
			p.doubt(n.Doubt)
		}
	}
	for i := range s.Artifacts {
		if a := &s.Artifacts[i]; a.Status == Failed || a.Status == Doubtful {
			if a.Artifact == "" {
				p.check(s, a.Line, a.Status, "artifact "+a.Name+": no step bound that name", "")
			}
			p.checks(s, fmt.Sprintf("artifact %s (%s): ", a.Name, a.Artifact), a.Checks)
		}
	}
	p.checks(s, "", s.Ends)
	p.ruleChecks(s)
	if s.Run != nil {
		p.detail(1, "stop", stopText(s.Run))
		if !p.show.Gaps {
			p.gaps(s.Run.Gaps)
		}
	}
	p.raw("")
}

// detail prints a labelled line, indented by level.
func (p *printer) detail(level int, label, text string) {
	p.raw(strings.Repeat("  ", level) + p.paint(faint, Printable(label)+": ") + Printable(text))
}

func (p *printer) problem(problem Problem) {
	place := problem.File
	if problem.Line > 0 {
		place += fmt.Sprintf(":%d", problem.Line)
	}
	if problem.Line > 0 && problem.Column > 0 {
		place += fmt.Sprintf(":%d", problem.Column)
	}
	p.linef("  %s: %s", place, problem.Message)
	if problem.Hint != "" {
		p.detail(2, "hint", problem.Hint)
	}
}

// check heads an expectation that does not hold.
func (p *printer) check(s *Scenario, line int, status Status, text, why string) {
	colour := red
	if status == Doubtful {
		colour = yellow
	}
	p.raw("  " + p.paint(colour, string(status)) + "  " + Printable(text) + p.paint(faint, "  "+Printable(fmt.Sprintf("%s:%d", s.File, line))))
	if why != "" {
		p.detail(2, "why", why)
	}
}

// checks prints the properties that do not hold; subject says of what.
func (p *printer) checks(s *Scenario, subject string, list []Check) {
	for i := range list {
		c := &list[i]
		if c.Status != Failed && c.Status != Doubtful {
			continue
		}
		p.check(s, c.Line, c.Status, subject+c.Name, "")
		if c.Diff == "" {
			p.detail(2, "want", c.Want)
			p.detail(2, "got", c.Got)
		}
		p.diff(c.Diff)
		p.doubt(c.Doubt)
	}
}

func (p *printer) miss(s *Scenario, m *Miss) {
	if m == nil {
		return
	}
	if !strings.HasSuffix(s.Reason, m.Reason) { // else it heads the scenario
		p.detail(2, "reason", m.Reason)
	}
	p.near(s, m.Near)
	p.around(s, m)
}

// near prints the nearest miss.
func (p *printer) near(s *Scenario, n *Near) {
	if n == nil {
		return
	}
	label := fmt.Sprintf("nearest (%d of %d conditions hold)", n.Matched, n.Total)
	if n.Earlier {
		label = "nearest, but too early" + strings.TrimPrefix(label, "nearest")
	}
	p.behaviour(s, label, n.Seq)
	for _, f := range n.Fields {
		p.linef("      %s  got %s", f.Condition, f.Got)
	}
	p.diff(n.Diff)
}

// around prints the behaviours before and after the last step that held.
func (p *printer) around(s *Scenario, m *Miss) {
	if s.Run == nil || len(m.Around) == 0 || p.show.Behaviours {
		return
	}
	p.detail(2, "around", "behaviours next to the last step that held")
	marks := stepMarks(s)
	var list []trace.Behaviour
	for _, seq := range m.Around {
		if b := s.Run.Behaviour(seq); b != nil {
			list = append(list, *b)
		}
	}
	for _, r := range behaviourRows(list, applicationFolder(s.Run.Image), marks) {
		p.row(r, marks)
	}
}

// behaviour prints one behaviour with every field, for a condition may be on
// any of them.
func (p *printer) behaviour(s *Scenario, label string, seq uint64) {
	if s.Run == nil || seq == 0 {
		return
	}
	if b := s.Run.Behaviour(seq); b != nil {
		p.detail(2, label, fmt.Sprintf("#%d at %s %s", b.Seq, clock(b.Time), trace.Summary(b.Fields)))
	}
}

func (p *printer) doubt(d *Doubt) {
	if d != nil {
		p.detail(2, "doubt", d.Text)
	}
}

func (p *printer) diff(text string) {
	lines := cleanLines(text)
	if len(lines) > 0 {
		p.raw("    " + p.paint(faint, "diff (- want, + got):"))
	}
	for _, line := range lines {
		switch {
		case strings.HasPrefix(line, "-"):
			line = p.paint(red, line)
		case strings.HasPrefix(line, "+"):
			line = p.paint(green, line)
		}
		p.raw("      " + line)
	}
}

func (p *printer) gaps(gaps []trace.Gap) {
	for i, r := range gapRows(gaps) {
		if i == most {
			p.linef("  and %s more", plural(len(gaps)-most, "gap"))
			return
		}
		p.raw("  " + p.paint(yellow, r.kind) + "  " + Printable(r.text))
	}
}
