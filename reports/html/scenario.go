package html

import (
	"cmp"
	"fmt"
	"slices"

	"sidetrace/reports"
)

// scenario is a result with what the page shows beside the model.
type scenario struct {
	*reports.Scenario
	N       int
	Chain   *picture // nil if nothing was run
	Stages  []stage
	Rules   []rule
	Blocks  []block
	Omitted []string // what was left out, one line each
}

// stage is a column of the detection matrix.
type stage struct {
	Name  string // "" for what rules see before the program starts
	Rules int    // that fired in it
}

// Title is the heading of the column.
func (s stage) Title() string { return cmp.Or(s.Name, "at rest") }

// rule is a row of the detection matrix.
type rule struct {
	*reports.RuleResult
	Cells  []int // fires by stage
	Checks []*reports.RuleCheck
}

// Name is what people know the rule by: its title behind an id that says nothing.
func (r rule) Name() string {
	name := r.ID
	if r.Engine == "sigma" && r.Title != "" {
		name = r.Title
	}
	if r.Revision != "" {
		name += " @" + r.Revision
	}
	return name
}

// State is the worst of the rule's checks, or "" if the scenario does not speak
// of it.
func (r rule) State() string {
	state := ""
	for _, c := range r.Checks {
		switch {
		case c.Status == reports.Failed && !c.Warning:
			return "fail"
		case c.Status != reports.Passed:
			state = "inconclusive"
		case state == "":
			state = "pass"
		}
	}
	return state
}

func newScenario(n int, r *reports.Scenario) *scenario {
	s := &scenario{Scenario: r, N: n}
	if r.Run != nil {
		s.Chain = draw(newChain(r), n)
	}
	if r.Detections != nil {
		s.matrix(r.Detections)
	}
	return s
}

// matrix sorts fires into stages, and rules: those that are not as they should
// be first, then those that fired.
func (s *scenario) matrix(d *reports.Detections) {
	s.Stages = []stage{{}}
	for _, step := range s.Steps {
		if step.Stage != "" {
			s.stage(step.Stage)
		}
	}
	for i := range d.Rules {
		for _, f := range d.Rules[i].Fires {
			s.stage(f.Stage)
		}
	}
	for i := range d.Rules {
		r := rule{RuleResult: &d.Rules[i], Cells: make([]int, len(s.Stages))}
		for _, f := range r.Fires {
			r.Cells[s.stage(f.Stage)]++
		}
		for at, n := range r.Cells {
			s.Stages[at].Rules += min(n, 1)
		}
		for k := range d.Checks {
			if d.Checks[k].Index == i {
				r.Checks = append(r.Checks, &d.Checks[k])
			}
		}
		s.Rules = append(s.Rules, r)
	}
	rank := func(r rule) int {
		switch {
		case r.State() == "fail":
			return 0
		case r.State() == "inconclusive":
			return 1
		case r.Fired():
			return 2
		}
		return 3
	}
	slices.SortStableFunc(s.Rules, func(a, b rule) int { return cmp.Compare(rank(a), rank(b)) })
}

// stage is the column of a stage, which is added if there is none.
func (s *scenario) stage(name string) int {
	i := slices.IndexFunc(s.Stages, func(st stage) bool { return st.Name == name })
	if i < 0 {
		i = len(s.Stages)
		s.Stages = append(s.Stages, stage{Name: name})
	}
	return i
}

// Unbound lists checks of rules that no rule answers to.
func (s *scenario) Unbound() []*reports.RuleCheck {
	var list []*reports.RuleCheck
	for i := range s.Detections.Checks {
		if c := &s.Detections.Checks[i]; c.Index < 0 {
			list = append(list, c)
		}
	}
	return list
}

// Fired counts the rules that fired.
func (s *scenario) Fired() int {
	n := 0
	for _, r := range s.Rules {
		if r.Fired() {
			n++
		}
	}
	return n
}

// Seen is a behaviour in words, for a check that points at it.
func (s *scenario) Seen(seq uint64) string {
	if s.Run == nil {
		return ""
	}
	b := s.Run.Behaviour(seq)
	if b == nil {
		return ""
	}
	return fmt.Sprintf("%s %s", b.Kind(), reports.Line(b.Fields))
}
