package reports

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCoverage: older numbers of techniques are today's, a rule that fires in one
// scenario is not silent, and a stage that no rule sees is a hole.
func TestCoverage(t *testing.T) {
	rule := func(id string, attack []string, stages ...string) RuleResult {
		r := RuleResult{Rule: Rule{Engine: "sigma", ID: id, Attack: attack}}
		for _, s := range stages {
			r.Fires = append(r.Fires, Fire{On: id, Stage: s})
		}
		return r
	}
	steps := []Step{{Index: 1, Kind: "module.load", Stage: "load", Sensors: []string{"sysmon"}}, {Index: 2, Kind: "file.read"}, {Index: 3, Kind: "exit", Stage: "end"}}
	suite := NewSuite("test", []Scenario{
		{ID: "chain", Verdict: Pass, Attack: []string{"T1574.002", "T1140"}, Steps: steps, Detections: &Detections{
			Engines: []Engine{{Name: "sigma"}}, Rules: []RuleResult{rule("a", []string{"T1574.001"}, "load", "load"), rule("b", []string{"t1140"})},
		}},
		{ID: "twin", Verdict: Pass, Detections: &Detections{Rules: []RuleResult{rule("a", nil), rule("b", []string{"T1140"}), rule("c", nil, "")}}},
		{ID: "without", Verdict: Pass},
	})
	want := &Coverage{
		Engines: []string{"sigma"},
		Stages: []StageCoverage{
			{"chain", true, "load", map[string][]string{"sigma": {"a"}}, []StepCoverage{{1, "module.load", []string{"sysmon"}}, {2, "file.read", []string{}}}},
			{"chain", true, "end", map[string][]string{}, []StepCoverage{{3, "exit", []string{}}}},
			{"twin", false, "", map[string][]string{"sigma": {"c"}}, []StepCoverage{}},
		},
		Nowhere: []string{"sigma b"},
		Techniques: []TechniqueCoverage{
			{"T1140", []string{"chain"}, []string{}, []string{}, []string{"sigma b"}},
			{"T1574.001", []string{"chain"}, []string{"chain"}, []string{"sigma a"}, []string{}},
		},
	}
	got := NewCoverage(suite)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("(-want +got)\n", diff)
	}
	if got.Stages[0].Hole() || !got.Stages[1].Hole() {
		t.Error("a stage with rules is a hole, or one without is none")
	}
	if blind := got.Stages[0].blind("sysmon"); !cmp.Equal(blind, []string{"file.read"}) {
		t.Errorf("Sysmon is blind to %v, want file.read alone", blind)
	}
}
