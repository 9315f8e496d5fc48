package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/harness/expect"
	"sidetrace/reports"
	"sidetrace/scenarios"
	"sidetrace/scenarios/match"
)

// Judge adds to a result the checks of a scenario. A rule that the scenario names
// and that is not there, or is broken, fails.
func (r *Result) Judge(ctx context.Context, d *scenarios.Detections, doubts expect.Doubts) {
	j := &judge{ctx: ctx, Result: r, doubts: doubts, declared: make([]bool, len(r.Rules))}
	for i := range d.MustFire {
		j.each(reports.MustFire, d.MustFire[i].Rule, d.MustFire[i].Place, func(c *reports.RuleCheck) { j.mustFire(c, &d.MustFire[i]) })
	}
	for _, s := range d.MustStaySilent {
		j.each(reports.MustStaySilent, s.Rule, s.Place, func(c *reports.RuleCheck) {
			c.Want, c.Why = "silence", s.Why
			j.silent(c)
		})
	}
	for _, n := range d.NotApplicable {
		j.each(reports.NotApplicable, n.Rule, n.Place, func(c *reports.RuleCheck) {
			c.Want, c.Why = n.Reason, n.Why
			j.notApplicable(c, detect.Limit(n.Reason))
		})
	}
	j.others(d)
}

type judge struct {
	*Result
	ctx      context.Context
	doubts   expect.Doubts
	declared []bool // rules that the scenario speaks of
}

// each makes a check of every rule of a name.
func (j *judge) each(kind reports.RuleCheckKind, name string, at scenarios.Place, judge func(*reports.RuleCheck)) {
	named := j.Named(name)
	if len(named) == 0 {
		j.Checks = append(j.Checks, j.unknown(kind, name, at))
		return
	}
	for _, i := range named {
		j.declared[i] = true
		c := reports.RuleCheck{Kind: kind, Line: at.Line, Rule: Name(&j.Rules[i].Rule), Index: i, Status: reports.Passed}
		judge(&c)
		c.Revisions = j.revisions(i)
		j.Checks = append(j.Checks, c)
	}
}

// unknown is the check of a rule that is not there: it was left out, or never
// was.
func (j *judge) unknown(kind reports.RuleCheckKind, name string, at scenarios.Place) reports.RuleCheck {
	c := reports.RuleCheck{Kind: kind, Line: at.Line, Rule: name, Index: -1, Want: "a rule of that name", Got: "none", Status: reports.Failed}
	if p := refused(name, j.loading); p != nil {
		c.Got = fmt.Sprintf("%s: %s", p.Severity, p.Message)
		return c
	}
	all := make([]reports.Rule, len(j.Rules))
	for i := range j.Rules {
		all[i] = j.Rules[i].Rule
	}
	c.Hint = closest(name, all)
	return c
}

func (j *judge) mustFire(c *reports.RuleCheck, want *scenarios.MustFire) {
	rule := &j.Rules[c.Index]
	c.Want, c.Why = wanted(want), want.Why
	var fitting []reports.Fire
	for _, f := range rule.Fires {
		if want.Kind != "" && !strings.EqualFold(want.Kind, f.Kind) || want.Stage != "" && want.Stage != f.Stage || !on(want.On, f.On) || !shows(want.Evidence, f.Evidence) {
			continue
		}
		fitting = append(fitting, f)
	}
	c.Got = fires(len(fitting))
	if n := len(rule.Fires); n > len(fitting) {
		c.Got += fmt.Sprintf(", and %d elsewhere: %s", n-len(fitting), elsewhere(rule.Fires, fitting))
	}
	switch {
	case len(fitting) < want.Min:
		c.Status = reports.Failed
		c.Doubt = j.doubts.Absence()
		if len(rule.Fires) == 0 {
			c.Got = "silence"
			if why := j.Explain(j.ctx, c.Index); why != nil {
				c.Got += ": " + why.Reason
			}
		}
	case want.Max >= 0 && len(fitting) > want.Max:
		c.Status = reports.Failed
		c.Doubt = j.doubts.At(decided(fitting[:want.Max+1]))
	case want.Max >= 0:
		c.Doubt = j.doubts.Absence() // there might have been more
	default:
		c.Doubt = j.doubts.At(decided(fitting[:want.Min]))
	}
	j.doubt(c)
}

// decided is the last behaviour behind some fires.
func decided(list []reports.Fire) uint64 {
	last := uint64(0)
	for _, f := range list {
		for _, seq := range f.Seqs {
			last = max(last, seq)
		}
	}
	return last
}

func (j *judge) silent(c *reports.RuleCheck) {
	rule := &j.Rules[c.Index]
	c.Got = "silence"
	if rule.Fired() {
		c.Status = reports.Failed
		c.Got = fires(len(rule.Fires)) + ": " + elsewhere(rule.Fires, nil)
		c.Doubt = j.doubts.At(decided(rule.Fires[:1]))
	} else {
		c.Doubt = j.doubts.Absence()
	}
	j.doubt(c)
}

// notApplicable holds if the rule stays silent and its engine says that, for the
// reason given, it cannot do otherwise.
func (j *judge) notApplicable(c *reports.RuleCheck, reason detect.Limit) {
	rule := &j.Rules[c.Index]
	limits := j.limits(c.Index)
	switch {
	case rule.Fired():
		c.Status, c.Got = reports.Failed, fires(len(rule.Fires))+": "+elsewhere(rule.Fires, nil)
		c.Hint = "it applies: say must_fire"
	case !slices.Contains(limits, reason):
		c.Status, c.Got = reports.Failed, "the rule asks for more than that"
		if len(limits) > 0 {
			c.Got = "not that, but " + join(limits)
		}
	default:
		c.Got = string(reason)
	}
}

func join(limits []detect.Limit) string {
	words := make([]string, len(limits))
	for i, l := range limits {
		words[i] = string(l)
	}
	return strings.Join(words, ", ")
}

// others judges the rules that fired and that the scenario does not speak of.
func (j *judge) others(d *scenarios.Detections) {
	if d.Others == scenarios.OthersAllow {
		return
	}
	line := 0
	if len(d.Rules) > 0 {
		line = d.Rules[0].Line
	}
	for i := range j.Rules {
		rule := &j.Rules[i]
		if j.declared[i] || !rule.Fired() {
			continue
		}
		c := reports.RuleCheck{
			Kind: reports.Undeclared, Line: line, Rule: Name(&rule.Rule), Index: i, Status: reports.Failed, Warning: d.Others == scenarios.OthersWarn,
			Want: "no fire that the scenario does not speak of", Got: fires(len(rule.Fires)) + ": " + elsewhere(rule.Fires, nil),
			Hint: "write it into must_fire or must_stay_silent, or set others", Revisions: j.revisions(i),
		}
		j.Checks = append(j.Checks, c)
	}
}

// doubt makes a check inconclusive that has a doubt.
func (j *judge) doubt(c *reports.RuleCheck) {
	if c.Doubt != nil {
		c.Status = reports.Doubtful
	}
}

// revisions says what other revisions of a rule do.
func (j *judge) revisions(rule int) []string {
	var list []string
	self := &j.Rules[rule].Rule
	if self.Revision == "" {
		return nil
	}
	for i := range j.Rules {
		o := &j.Rules[i]
		if i == rule || o.Engine != self.Engine || o.ID != self.ID {
			continue
		}
		text := o.Revision + ": silent"
		if o.Fired() {
			text = o.Revision + ": " + fires(len(o.Fires))
		} else if o.Silence != nil {
			text += ", " + o.Silence.Reason
		}
		list = append(list, text)
	}
	return list
}

func on(patterns []string, name string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return match.Glob(p)(name) })
}

// shows says whether each pattern fits some of what a fire shows.
func shows(patterns []string, evidence []reports.Evidence) bool {
	for _, p := range patterns {
		fits := match.Glob(p)
		if !slices.ContainsFunc(evidence, func(e reports.Evidence) bool { return fits(e.Term + ": " + e.Text) }) {
			return false
		}
	}
	return true
}

// wanted says what a must_fire asks for.
func wanted(w *scenarios.MustFire) string {
	var text string
	switch {
	case w.Max < 0:
		text = fmt.Sprintf("at least %s", fires(w.Min))
	case w.Min == w.Max:
		text = fmt.Sprintf("exactly %s", fires(w.Min))
	default:
		text = fmt.Sprintf("%d to %s", w.Min, fires(w.Max))
	}
	if w.Kind != "" {
		text += " of kind " + w.Kind
	}
	if len(w.On) > 0 {
		text += " on " + strings.Join(w.On, " or ")
	}
	if len(w.Evidence) > 0 {
		text += " with " + strings.Join(w.Evidence, " and ")
	}
	if w.Stage != "" {
		text += " in stage " + w.Stage
	}
	return text
}

func fires(n int) string {
	if n == 1 {
		return "1 fire"
	}
	return fmt.Sprintf("%d fires", n)
}

// elsewhere names what rules fired on, a few of them, but for those of a list.
func elsewhere(all, but []reports.Fire) string {
	const most = 3
	var names []string
	for _, f := range all {
		if slices.Contains(names, f.On) || slices.ContainsFunc(but, func(b reports.Fire) bool { return b.On == f.On }) {
			continue
		}
		if len(names) == most {
			return strings.Join(names, ", ") + ", …"
		}
		names = append(names, f.On)
	}
	return strings.Join(names, ", ")
}
