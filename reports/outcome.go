package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// outcome is what formats for machines say of one thing that a scenario checks,
// or of what kept it from being checked.
type outcome struct {
	kind    *outcomeKind
	status  Status
	warning bool     // it does not hold and does not fail the scenario
	name    string   // what was expected, on one line
	text    string   // what was found instead, on one line; "" where it holds
	details []string // the explanation, line by line, printable; nil where it holds
	at      location
	rule    *Rule // of a check of rules; nil if there is none
}

// location is where in a file the reader can change something.
type location struct {
	file         string
	line, column int // from 1; 0 for none
}

// outcomeKind is a kind of outcome: the part of a scenario that it stands in.
type outcomeKind struct {
	id, about string
	level     string // of one that does not hold: "error", "warning", "note"
}

// outcomeKinds lists the kinds. Reports are compared by their ids, which stay.
func outcomeKinds() []*outcomeKind { return outcomeTable[:] }

var outcomeTable = [...]*outcomeKind{
	{"scenario", "The scenario can be read and run", "error"},
	{"run", "The run comes to its end", "error"},
	{"expect.in_order", "A behaviour was seen, after those before it", "error"},
	{"expect.never", "A behaviour was not seen", "error"},
	{"expect.count", "A behaviour was seen as often as it should", "error"},
	{"expect.artifacts", "An artifact is what it should be", "error"},
	{"expect.exit", "The program ended as it should", "error"},
	{"expect.stop", "The run stopped for the reason that it should", "error"},
	{"expect.console", "The program wrote what it should", "error"},
	{"expect.golden", "The behaviours are those that were recorded", "error"},
	{"detections.must_fire", "A rule fires", "error"},
	{"detections.must_stay_silent", "A rule stays silent", "error"},
	{"detections.not_applicable", "A rule cannot fire, for the reason that is given", "error"},
	{"detections.others", "No rule fires that the scenario does not speak of", "error"},
	{"detections.rules", "A rule can be loaded and run", "error"},
	{"coverage.stage", "A rule fires in every stage of the chain", "note"},
}

// kindOf finds a kind by its id.
func kindOf(id string) *outcomeKind {
	i := slices.IndexFunc(outcomeTable[:], func(k *outcomeKind) bool { return k.id == id })
	if i < 0 {
		return outcomeTable[1] // of a report that a later version wrote
	}
	return outcomeTable[i]
}

// holds says that there is nothing to report.
func (o *outcome) holds() bool { return o.status == Passed || o.status == Skipped }

// level is how bad it is that the outcome does not hold.
func (o *outcome) level() string {
	if o.kind.level == "error" && (o.warning || o.status == Doubtful) {
		return "warning"
	}
	return o.kind.level
}

// message is the outcome and what was found instead, on one line.
func (o *outcome) message() string {
	if o.text == "" {
		return o.name
	}
	return o.name + ": " + o.text
}

// outcomes lists what there is to say of a scenario, in the order of its file. At
// least one does not hold where the verdict is not pass.
func outcomes(s *Scenario) []outcome {
	list := slices.Concat(problemOutcomes(s), expectOutcomes(s), endOutcomes(s), ruleOutcomes(s))
	if s.Verdict != Pass && !slices.ContainsFunc(list, func(o outcome) bool { return !o.holds() && !o.warning }) {
		o := outcome{kind: kindOf("run"), status: Failed, name: string(s.Verdict), text: s.Reason, at: location{file: s.File}}
		if s.Verdict == Inconclusive {
			o.status = Doubtful
		}
		if s.Run != nil {
			o.details = explain(func(p *printer) { p.detail(2, "stop", stopText(s.Run)) })
		}
		list = append(list, o)
	}
	return list
}

// failed lists the outcomes that do not hold.
func failed(s *Scenario) []outcome {
	return slices.DeleteFunc(outcomes(s), func(o outcome) bool { return o.holds() })
}

// explain is what a printer writes, without the indentation.
func explain(write func(*printer)) []string {
	var b strings.Builder
	p := newPrinter(&b, TextOptions{})
	write(p)
	p.out.Flush() // a strings.Builder has no errors
	text := strings.TrimRight(b.String(), "\n")
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "    ")
	}
	return lines
}

func problemOutcomes(s *Scenario) []outcome {
	var list []outcome
	for _, p := range s.Problems {
		list = append(list, problemOutcome("scenario", p))
	}
	return list
}

func problemOutcome(kind string, p Problem) outcome {
	o := outcome{kind: kindOf(kind), status: Failed, name: p.Message, at: location{p.File, p.Line, p.Column}}
	if p.Hint != "" {
		o.details = explain(func(out *printer) { out.detail(2, "hint", p.Hint) })
	}
	return o
}

func expectOutcomes(s *Scenario) []outcome {
	var list []outcome
	add := func(kind string, status Status, line int, name, text string, why func(*printer)) {
		o := outcome{kind: kindOf(kind), status: status, name: name, at: location{file: s.File, line: line}}
		if !o.holds() {
			o.text, o.details = text, explain(why)
			o.details = slices.DeleteFunc(o.details, func(line string) bool { return line == "doubt: "+Printable(text) })
		}
		list = append(list, o)
	}
	for i := range s.Steps {
		step := &s.Steps[i]
		text := doubtText(step.Doubt)
		if step.Miss != nil {
			text = cmp.Or(step.Miss.Reason, text)
		}
		add("expect.in_order", step.Status, step.Line, fmt.Sprintf("step %d: %s", step.Index, step.Expected), text, func(p *printer) {
			p.note("why", step.Why)
			p.miss(&Scenario{Reason: text, Run: s.Run, Steps: s.Steps, Never: s.Never}, step.Miss)
			p.doubt(step.Doubt)
		})
	}
	for i := range s.Never {
		n := &s.Never[i]
		add("expect.never", n.Status, n.Line, "never "+n.Expected, cmp.Or(doubtText(n.Doubt), "it was seen"), func(p *printer) {
			p.note("why", n.Why)
			p.behaviour(s, "but saw", n.Seq)
			p.doubt(n.Doubt)
		})
	}
	for i := range s.Totals {
		n := &s.Totals[i]
		add("expect.count", n.Status, n.Line, "count of "+n.Expected, fmt.Sprintf("want %s, got %d", n.Want, n.Got), func(p *printer) {
			for _, seq := range n.Seqs {
				p.behaviour(s, "counted", seq)
			}
			p.near(s, n.Near)
			p.doubt(n.Doubt)
		})
	}
	for i := range s.Artifacts {
		a := &s.Artifacts[i]
		if a.Artifact == "" {
			add("expect.artifacts", a.Status, a.Line, "artifact "+a.Name, "no step bound that name", func(*printer) {})
			continue
		}
		for k := range a.Checks {
			c := &a.Checks[k]
			add("expect.artifacts", c.Status, c.Line, "artifact "+a.Name+": "+c.Name, checkText(c), c.explain)
		}
	}
	return list
}

func endOutcomes(s *Scenario) []outcome {
	var list []outcome
	for i := range s.Ends {
		c := &s.Ends[i]
		kind, _, _ := strings.Cut(c.Name, "|")
		o := outcome{kind: kindOf("expect." + kind), status: c.Status, name: c.Name, at: location{file: s.File, line: c.Line}}
		if !o.holds() {
			o.text, o.details = checkText(c), explain(c.explain)
		}
		list = append(list, o)
	}
	return list
}

// checkText is short: what is long stands in the explanation.
func checkText(c *Check) string {
	if c.Diff != "" {
		return "the text is another"
	}
	return "want " + c.Want + ", got " + c.Got
}

func (c *Check) explain(p *printer) {
	p.diff(c.Diff)
	p.doubt(c.Doubt)
}

func doubtText(d *Doubt) string {
	if d == nil {
		return ""
	}
	return d.Text
}

// note prints a labelled line if there is something to say.
func (p *printer) note(label, text string) {
	if text != "" {
		p.detail(2, label, text)
	}
}

func ruleOutcomes(s *Scenario) []outcome {
	d := s.Detections
	if d == nil {
		return nil
	}
	var list []outcome
	for i := range d.Checks {
		c := &d.Checks[i]
		o := outcome{
			kind: kindOf("detections." + string(c.Kind)), status: c.Status, warning: c.Warning,
			name: ruleCheckName(d, c), at: location{file: s.File, line: c.Line},
		}
		if c.Index >= 0 {
			o.rule = &d.Rules[c.Index].Rule
			if c.Kind == Undeclared {
				o.at = location{file: o.rule.File, line: o.rule.Line}
			}
		}
		if !o.holds() {
			o.text = "want " + c.Want + ", got " + c.Got
			o.details = explain(func(p *printer) {
				p.note("why", c.Why)
				p.ruleCheck(d, c)
			})
		}
		list = append(list, o)
	}
	for _, p := range d.Problems {
		if p.Severity == "broken" {
			list = append(list, problemOutcome("detections.rules", p.Problem))
		}
	}
	return list
}

// stageOutcomes lists the stages of a chain that no rule fires in. There are none
// where no rules were run, and in a scenario without techniques, which is no attack:
// there silence is right.
func stageOutcomes(s *Scenario) []outcome {
	if s.Detections == nil || len(s.Attack) == 0 {
		return nil
	}
	var c Coverage
	c.scenario(s)
	var list []outcome
	for i := range c.Stages {
		stage := &c.Stages[i]
		if !stage.Hole() {
			continue
		}
		o := outcome{kind: kindOf("coverage.stage"), status: Failed, warning: true, name: "stage " + stage.Stage, text: "no rule fires here", at: location{file: s.File}}
		if k := slices.IndexFunc(s.Steps, func(step Step) bool { return step.Stage == stage.Stage }); k >= 0 {
			o.at.line = s.Steps[k].Line
		}
		list = append(list, o)
	}
	return list
}
