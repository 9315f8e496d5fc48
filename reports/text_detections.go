package reports

import (
	"fmt"
	"slices"
	"strings"
)

// detections lists what rules said: how many there are, each that fired by the
// stage of the chain, and why the others did not.
func (p *printer) detections(s *Scenario) {
	d := s.Detections
	if d == nil {
		return
	}
	var counts []string
	for _, e := range d.Engines {
		text := fmt.Sprintf("%s %s", e.Name, plural(e.Rules, "rule"))
		if e.Unsupported+e.Broken > 0 {
			text += fmt.Sprintf(" (%d left out)", e.Unsupported+e.Broken)
		}
		counts = append(counts, text)
	}
	p.detail(1, "rules", strings.Join(counts, ", "))
	app := func(text string) string { return text }
	if s.Run != nil && applicationFolder(s.Run.Image) != "" {
		app = func(text string) string { return strings.ReplaceAll(text, applicationFolder(s.Run.Image), "{app}") }
	}
	stages := []string{""}
	for _, step := range s.Steps {
		if step.Stage != "" && !slices.Contains(stages, step.Stage) {
			stages = append(stages, step.Stage)
		}
	}
	for _, stage := range stages {
		for i := range d.Rules {
			p.firesIn(&d.Rules[i], stage, app)
		}
	}
	for i := 0; i < len(d.Rules); {
		r := &d.Rules[i]
		if i++; r.Fired() {
			continue
		}
		n := 1 // rules that are silent for the same reason, which lists of indicators have many of
		for ; i < len(d.Rules) && alike(r, &d.Rules[i]); i++ {
			n++
		}
		name := r.Name()
		if n > 1 {
			name += fmt.Sprintf(" and %d more", n-1)
		}
		text := "silent"
		if r.Silence != nil {
			reason, _, _ := strings.Cut(r.Silence.Reason, "; ")
			text += ": " + cut(app(reason), 160)
		}
		p.raw("  " + p.paint(faint, Printable(fmt.Sprintf("%-12s %-5s %s  %s", "-", r.Engine, name, text))))
	}
}

// alike says that rules of a language are silent for the same reason.
func alike(a, b *RuleResult) bool {
	reason := func(r *RuleResult) string { return strings.ReplaceAll(r.Silence.Reason, r.ID, "") }
	return a.Engine == b.Engine && !b.Fired() && a.Silence != nil && b.Silence != nil && reason(a) == reason(b)
}

// cut shortens a text to a number of characters.
func cut(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most-1]) + "…"
}

// firesIn lists the fires of a rule in one stage, on one line. app shortens paths.
func (p *printer) firesIn(r *RuleResult, stage string, app func(string) string) {
	const most = 3
	var on []string
	n := 0
	for _, f := range r.Fires {
		if f.Stage != stage {
			continue
		}
		n++
		if len(on) < most && !slices.Contains(on, f.On) {
			on = append(on, f.On)
		}
	}
	if n == 0 {
		return
	}
	if stage == "" {
		stage = "at rest"
	}
	text := app(strings.Join(on, ", "))
	if n > len(on) {
		text += fmt.Sprintf(" (%d fires)", n)
	}
	p.raw(Printable(fmt.Sprintf("  %-12s %-5s ", stage, r.Engine)) + p.paint(bold, Printable(r.Name())) + Printable("  "+text))
}

// ruleChecks explains the checks of rules that do not hold.
func (p *printer) ruleChecks(s *Scenario) {
	d := s.Detections
	if d == nil {
		return
	}
	for i := range d.Checks {
		c := &d.Checks[i]
		if c.Status == Passed || c.Status == Skipped {
			continue
		}
		if name := ruleCheckName(d, c); c.Warning {
			p.detail(1, "warning", name)
		} else {
			p.check(s, c.Line, c.Status, name, c.Why)
		}
		p.detail(2, "want", c.Want)
		p.detail(2, "got", c.Got)
		p.ruleCheck(d, c)
	}
	for _, problem := range d.Problems {
		if problem.Severity == "broken" {
			p.problem(problem.Problem)
		}
	}
}

// ruleCheckName is a check of a rule on one line.
func ruleCheckName(d *Detections, c *RuleCheck) string {
	name := c.Rule
	if c.Index >= 0 && d.Rules[c.Index].Title != "" && d.Rules[c.Index].Title != c.Rule {
		name += " (" + d.Rules[c.Index].Title + ")"
	}
	if c.Kind == Undeclared {
		return "fires, and the scenario does not speak of it: " + name
	}
	return strings.ReplaceAll(string(c.Kind), "_", " ") + ": " + name
}

// ruleCheck explains a check of a rule that does not hold.
func (p *printer) ruleCheck(d *Detections, c *RuleCheck) {
	if c.Index >= 0 {
		p.detail(2, "rule", fmt.Sprintf("%s:%d", d.Rules[c.Index].File, max(d.Rules[c.Index].Line, 1)))
		if c.Kind == MustFire {
			p.silence(d.Rules[c.Index].Silence)
		} else {
			p.evidence(d.Rules[c.Index].Fires)
		}
	}
	for _, r := range c.Revisions {
		p.detail(2, "revision", r)
	}
	if c.Hint != "" {
		p.detail(2, "hint", c.Hint)
	}
	p.doubt(c.Doubt)
}

// silence says term by term why a rule did not fire.
func (p *printer) silence(why *Silence) {
	if why == nil {
		return
	}
	for _, t := range why.Terms {
		state := "does not hold"
		if t.Holds {
			state = "holds"
		}
		if t.On != "" {
			state += ", nearest " + t.On
		}
		p.detail(2, t.Name, state)
		for _, miss := range t.Misses {
			p.linef("      %s", miss)
		}
	}
}

// evidence says of the first fires what made them.
func (p *printer) evidence(fires []Fire) {
	const most = 3
	for i, f := range fires {
		if i == most {
			return
		}
		p.detail(2, "on", f.On)
		for k, e := range f.Evidence {
			if k == 2*most {
				p.linef("      … and %d more", len(f.Evidence)-k)
				break
			}
			text := e.Term
			if e.Offset != nil {
				text += fmt.Sprintf(" at 0x%X", *e.Offset)
			}
			p.linef("      %s: %s", text, e.Text)
		}
	}
}
