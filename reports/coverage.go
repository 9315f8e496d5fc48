package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Coverage is which rules see which stage of which chain, and what none sees.
type Coverage struct {
	Engines    []string            `json:"engines"` // that have rules, in the order of results
	Stages     []StageCoverage     `json:"stages"`  // of every scenario with rules
	Nowhere    []string            `json:"nowhere"` // rules that fire in no scenario
	Techniques []TechniqueCoverage `json:"techniques"`
}

// StageCoverage is one stage of a scenario with the rules that fire there. What
// was there before the run, or lies before the first stage, has the stage "".
type StageCoverage struct {
	Scenario string              `json:"scenario"`
	Attack   bool                `json:"attack"` // the scenario is of techniques, so that a stage without rules is a hole
	Stage    string              `json:"stage"`
	Rules    map[string][]string `json:"rules"` // names, by engine
	Steps    []StepCoverage      `json:"steps"` // of the scenario, that lie in the stage
}

// StepCoverage is one step of a stage with the telemetries that show it.
type StepCoverage struct {
	Step    int      `json:"step"` // from 1
	Kind    string   `json:"kind"`
	Sensors []string `json:"sensors"` // "sysmon", "proxy", "ocsf", "api"; empty where no event of any shows it
}

// Hole says that no rule fires in the stage of an attack.
func (s *StageCoverage) Hole() bool { return s.Attack && len(s.Rules) == 0 }

// TechniqueCoverage is an ATT&CK technique with the rules that are tagged with it.
type TechniqueCoverage struct {
	ID        string   `json:"id"`        // of ATT&CK v19
	Scenarios []string `json:"scenarios"` // that have it
	Seen      []string `json:"seen"`      // those of them in which a rule tagged with it fires
	Fired     []string `json:"fired"`     // rules tagged with it that fire somewhere
	Silent    []string `json:"silent"`    // and those that never do
}

// renamed are techniques whose number is another one in ATT&CK v19.
//
// https://attack.mitre.org/resources/updates/ : DLL side-loading was merged into
// "Hijack Execution Flow: DLL" in v17.
var renamed = map[string]string{"T1574.002": "T1574.001"}

// Technique is a technique's number in ATT&CK v19, upper-case.
func Technique(id string) string {
	id = strings.ToUpper(id)
	return cmp.Or(renamed[id], id)
}

// NewCoverage makes the coverage of a suite whose scenarios have run their rules.
func NewCoverage(s *Suite) *Coverage {
	c := &Coverage{Engines: []string{}, Stages: []StageCoverage{}, Nowhere: []string{}, Techniques: []TechniqueCoverage{}}
	fired, known := map[string]bool{}, []*Rule{}
	seen := map[string]bool{}
	for i := range s.Scenarios {
		sc := &s.Scenarios[i]
		if sc.Detections == nil {
			continue
		}
		c.scenario(sc)
		for _, e := range sc.Detections.Engines {
			if !slices.Contains(c.Engines, e.Name) {
				c.Engines = append(c.Engines, e.Name)
			}
		}
		for k := range sc.Detections.Rules {
			r := &sc.Detections.Rules[k]
			key := ruleKey(&r.Rule)
			if !seen[key] {
				seen[key] = true
				known = append(known, &r.Rule)
			}
			fired[key] = fired[key] || r.Fired()
		}
	}
	for _, r := range known {
		if !fired[ruleKey(r)] {
			c.Nowhere = append(c.Nowhere, r.Engine+" "+r.Name())
		}
	}
	c.techniques(s, known, fired)
	return c
}

func ruleKey(r *Rule) string { return r.Engine + "\x00" + r.ID + "\x00" + r.Revision }

func (c *Coverage) scenario(s *Scenario) {
	stages := []StageCoverage{newStage(s, "")}
	for _, step := range s.Steps {
		if step.Stage != "" {
			stages = append(stages, newStage(s, step.Stage))
		}
		last := &stages[len(stages)-1]
		last.Steps = append(last.Steps, StepCoverage{step.Index, step.Kind, orEmpty(step.Sensors)})
	}
	for i := range s.Detections.Rules {
		r := &s.Detections.Rules[i]
		for _, f := range r.Fires {
			at := slices.IndexFunc(stages, func(st StageCoverage) bool { return st.Stage == f.Stage })
			if at < 0 {
				continue
			}
			if names := stages[at].Rules[r.Engine]; !slices.Contains(names, r.Name()) {
				stages[at].Rules[r.Engine] = append(names, r.Name())
			}
		}
	}
	if len(stages[0].Rules) == 0 {
		stages = stages[1:] // what is at rest need not be seen
	}
	c.Stages = append(c.Stages, stages...)
}

func newStage(s *Scenario, stage string) StageCoverage {
	return StageCoverage{Scenario: s.ID, Attack: len(s.Attack) > 0, Stage: stage, Rules: map[string][]string{}, Steps: []StepCoverage{}}
}

// blind lists the kinds of the stage's steps that a sensor has no event of, each
// once.
func (s *StageCoverage) blind(sensor string) []string {
	var kinds []string
	for _, step := range s.Steps {
		if !slices.Contains(step.Sensors, sensor) && !slices.Contains(kinds, step.Kind) {
			kinds = append(kinds, step.Kind)
		}
	}
	return kinds
}

func (c *Coverage) techniques(s *Suite, known []*Rule, fired map[string]bool) {
	byID := map[string]*TechniqueCoverage{}
	of := func(id string) *TechniqueCoverage {
		id = Technique(id)
		if byID[id] == nil {
			byID[id] = &TechniqueCoverage{ID: id, Scenarios: []string{}, Seen: []string{}, Fired: []string{}, Silent: []string{}}
		}
		return byID[id]
	}
	for i := range s.Scenarios {
		for _, id := range s.Scenarios[i].Attack {
			t := of(id)
			t.Scenarios = append(t.Scenarios, s.Scenarios[i].ID)
			if s.Scenarios[i].Detections.sees(t.ID) {
				t.Seen = append(t.Seen, s.Scenarios[i].ID)
			}
		}
	}
	for _, r := range known {
		for _, id := range r.Attack {
			t := of(id)
			list := &t.Silent
			if fired[ruleKey(r)] {
				list = &t.Fired
			}
			if name := r.Engine + " " + r.Name(); !slices.Contains(*list, name) {
				*list = append(*list, name)
			}
		}
	}
	for _, t := range byID {
		c.Techniques = append(c.Techniques, *t)
	}
	slices.SortFunc(c.Techniques, func(a, b TechniqueCoverage) int { return cmp.Compare(a.ID, b.ID) })
}

// sees says whether a rule that is tagged with a technique fires.
func (d *Detections) sees(technique string) bool {
	return d != nil && slices.ContainsFunc(d.Rules, func(r RuleResult) bool {
		return r.Fired() && slices.ContainsFunc(r.Attack, func(id string) bool { return Technique(id) == technique })
	})
}

// WriteCoverageJSON writes the coverage as JSON.
func WriteCoverageJSON(w io.Writer, c *Coverage) error {
	return writeJSON(w, c)
}

// WriteCoverageText writes the coverage for people: for each scenario a row for
// each stage with the number of rules of each engine, and their names below; then
// what is seen by nobody.
func WriteCoverageText(w io.Writer, c *Coverage, colour bool) error {
	p := newPrinter(w, TextOptions{Colour: colour})
	last := ""
	for i := range c.Stages {
		s := &c.Stages[i]
		if s.Scenario != last {
			if last != "" {
				p.blindStages(c.of(last))
				p.raw("")
			}
			last = s.Scenario
			head := fmt.Sprintf("  %-12s", "stage")
			for _, e := range c.Engines {
				head += fmt.Sprintf(" %6s", e)
			}
			p.raw(p.paint(bold, Printable(s.Scenario)))
			p.raw(p.paint(faint, Printable(head)))
		}
		p.stage(c, s)
	}
	p.blindStages(c.of(last))
	p.raw("")
	p.list("fire in no scenario", c.Nowhere)
	var blind []string
	for _, t := range c.Techniques {
		if len(t.Scenarios) > 0 && len(t.Fired) == 0 {
			blind = append(blind, t.ID+" ("+strings.Join(t.Scenarios, ", ")+")")
		}
	}
	p.list("techniques of scenarios that no rule which fires is tagged with", blind)
	p.raw(p.paint(faint, "  technique  scenarios  rules that fire  silent"))
	for _, t := range c.Techniques {
		p.linef("  %-10s %10d %16d %7d", t.ID, len(t.Scenarios), len(t.Fired), len(t.Silent))
	}
	return p.out.Flush()
}

// of lists the stages of a scenario.
func (c *Coverage) of(scenario string) []StageCoverage {
	return slices.DeleteFunc(slices.Clone(c.Stages), func(s StageCoverage) bool { return s.Scenario != scenario })
}

func (p *printer) stage(c *Coverage, s *StageCoverage) {
	line := fmt.Sprintf("  %-12s", cmp.Or(s.Stage, "at rest"))
	var names []string
	for _, e := range c.Engines {
		line += fmt.Sprintf(" %6d", len(s.Rules[e]))
		for _, n := range s.Rules[e] {
			names = append(names, e+" "+n)
		}
	}
	if s.Hole() {
		p.raw(p.paint(yellow, Printable(line+"   no rule fires here")))
		return
	}
	p.linef("%s", line)
	for _, n := range names {
		p.raw("      " + p.paint(faint, Printable(n)))
	}
}

// sensors are the telemetries whose blind stages are listed.
func sensors() []string { return []string{"sysmon", "proxy", "ocsf", "api"} }

// blindStages lists, for each telemetry, the steps of a scenario that no event of
// it shows, by stage: no rule on it can see them.
func (p *printer) blindStages(stages []StageCoverage) {
	for _, sensor := range sensors() {
		var parts []string
		for i := range stages {
			if kinds := stages[i].blind(sensor); len(kinds) > 0 {
				parts = append(parts, cmp.Or(stages[i].Stage, "at rest")+" ("+strings.Join(kinds, ", ")+")")
			}
		}
		if len(parts) > 0 {
			p.detail(1, "no "+sensor+" event of", strings.Join(parts, ", "))
		}
	}
}

func (p *printer) list(title string, items []string) {
	if len(items) == 0 {
		return
	}
	p.raw(p.paint(yellow, Printable(title)))
	for _, item := range items {
		p.linef("  %s", item)
	}
}
