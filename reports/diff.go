package reports

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"sidetrace/emulator/trace"
)

// Difference is what tells two results apart, scenario by scenario.
type Difference struct {
	Scenarios []ScenarioDifference `json:"scenarios"` // that differ
	Only      [2][]string          `json:"only"`      // ids that only the first, or the second, result has
	Same      int                  `json:"same"`      // scenarios that do not differ
}

// ScenarioDifference is what tells two results of a scenario apart; what is the
// same is empty.
type ScenarioDifference struct {
	ID         string           `json:"id"`
	Verdicts   [2]Verdict       `json:"verdicts"`
	Behaviours []string         `json:"behaviours,omitempty"` // lines of a unified diff: "- …", "+ …", "  …" and "@@ …"
	Artifacts  [2][]string      `json:"artifacts"`            // kind and digest of those that only one has
	Calls      []CallDifference `json:"calls,omitempty"`
	Detections []RuleDifference `json:"detections,omitempty"`
}

// CallDifference is a function that was not called as often.
type CallDifference struct {
	Function string `json:"function"`
	Counts   [2]int `json:"counts"`
}

// RuleDifference is a rule that did not fire as often, or that only one result
// has; then its number is -1.
type RuleDifference struct {
	Rule  string `json:"rule"`
	Fires [2]int `json:"fires"`
}

// ReadResult reads a suite, or a run alone, that was written as JSON. A run
// becomes a suite with one scenario, whose id is the program's name.
func ReadResult(r io.Reader) (*Suite, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxResult+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxResult:
		return nil, fmt.Errorf("the result has more than %d MiB", maxResult>>20)
	}
	var s Suite
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("no result of sidetrace: %w", err)
	}
	if s.SchemaVersion == SchemaVersion {
		return &s, nil
	}
	if s.SchemaVersion != 0 {
		return nil, fmt.Errorf("a result of version %d; this sidetrace reads version %d", s.SchemaVersion, SchemaVersion)
	}
	var run Run
	if err := json.Unmarshal(data, &run); err != nil || run.Image == "" {
		return nil, errors.New("no result of sidetrace: neither a suite nor a run")
	}
	return NewSuite("", []Scenario{{ID: trace.BaseName(run.Image), Verdict: Pass, Run: &run}}), nil
}

const maxResult = 1 << 30

// Diff compares two results.
func Diff(a, b *Suite) *Difference {
	d := &Difference{Scenarios: []ScenarioDifference{}, Only: [2][]string{{}, {}}}
	in := func(s *Suite, id string) *Scenario {
		for i := range s.Scenarios {
			if s.Scenarios[i].ID == id {
				return &s.Scenarios[i]
			}
		}
		return nil
	}
	if len(a.Scenarios) == 1 && len(b.Scenarios) == 1 { // two samples, whatever they are called
		d.add(&a.Scenarios[0], &b.Scenarios[0])
		return d
	}
	for i := range a.Scenarios {
		if other := in(b, a.Scenarios[i].ID); other != nil {
			d.add(&a.Scenarios[i], other)
		} else {
			d.Only[0] = append(d.Only[0], a.Scenarios[i].ID)
		}
	}
	for i := range b.Scenarios {
		if in(a, b.Scenarios[i].ID) == nil {
			d.Only[1] = append(d.Only[1], b.Scenarios[i].ID)
		}
	}
	return d
}

// Empty says that the results do not differ.
func (d *Difference) Empty() bool { return len(d.Scenarios)+len(d.Only[0])+len(d.Only[1]) == 0 }

func (d *Difference) add(a, b *Scenario) {
	s := ScenarioDifference{ID: a.ID, Verdicts: [2]Verdict{a.Verdict, b.Verdict}, Artifacts: [2][]string{{}, {}}}
	if b.ID != a.ID {
		s.ID += " and " + b.ID
	}
	s.Behaviours = behaviourDiff(a, b)
	s.Artifacts[0], s.Artifacts[1] = apart(artifactsOf(a), artifactsOf(b))
	s.Calls = callDiff(a, b)
	s.Detections = ruleDiff(a, b)
	if a.Verdict == b.Verdict && len(s.Behaviours)+len(s.Artifacts[0])+len(s.Artifacts[1])+len(s.Calls)+len(s.Detections) == 0 {
		d.Same++
		return
	}
	d.Scenarios = append(d.Scenarios, s)
}

func behaviourDiff(a, b *Scenario) []string {
	text := func(s *Scenario) []byte {
		if s.Run == nil {
			return nil
		}
		return []byte(strings.Join(Lines(s.Run.Behaviours, applicationFolder(s.Run.Image), s.Steps), "\n") + "\n")
	}
	lines := strings.Split(strings.TrimSuffix(string(diff.Diff("a", text(a), "b", text(b))), "\n"), "\n")
	if len(lines) < 4 {
		return nil
	}
	return lines[3:] // behind the names
}

func artifactsOf(s *Scenario) []string {
	list := []string{}
	if s.Run != nil {
		for _, a := range s.Run.Artifacts {
			list = append(list, path.Join(a.Kind, a.SHA256))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// apart is what only one of two sorted lists has.
func apart(a, b []string) (onlyA, onlyB []string) {
	in := func(list []string) func(string) bool {
		return func(s string) bool { _, ok := slices.BinarySearch(list, s); return ok }
	}
	return slices.DeleteFunc(slices.Clone(a), in(b)), slices.DeleteFunc(slices.Clone(b), in(a))
}

func callDiff(a, b *Scenario) []CallDifference {
	counts := func(s *Scenario) map[string]int {
		all := map[string]int{}
		if s.Run != nil {
			for _, c := range s.Run.CallCounts {
				all[c.Function] += c.Count
			}
		}
		return all
	}
	left, right := counts(a), counts(b)
	var list []CallDifference
	for _, f := range keysOf(left, right) {
		if left[f] != right[f] {
			list = append(list, CallDifference{f, [2]int{left[f], right[f]}})
		}
	}
	return list
}

func ruleDiff(a, b *Scenario) []RuleDifference {
	fires := func(s *Scenario) map[string]int {
		all := map[string]int{}
		if s.Detections != nil {
			for i := range s.Detections.Rules {
				r := &s.Detections.Rules[i]
				all[hitName(r)] = len(r.Fires)
			}
		}
		return all
	}
	left, right := fires(a), fires(b)
	var list []RuleDifference
	for _, name := range keysOf(left, right) {
		n := [2]int{-1, -1}
		if v, ok := left[name]; ok {
			n[0] = v
		}
		if v, ok := right[name]; ok {
			n[1] = v
		}
		if n[0] != n[1] {
			list = append(list, RuleDifference{name, n})
		}
	}
	return list
}

// keysOf is the keys of two maps, sorted.
func keysOf(a, b map[string]int) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]int{}
	}
	maps.Copy(all, b)
	return slices.SortedFunc(maps.Keys(all), cmp.Compare[string])
}
