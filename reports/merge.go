package reports

import (
	"cmp"
	"fmt"
	"slices"
)

// Merge joins the results of shards into one: scenarios in the order of their
// files, with the wall-clock figures of those that have some. It is an error if
// two results have the same scenario.
func Merge(suites []*Suite) (*Suite, error) {
	var scenarios []Scenario
	var notRun []string
	version := ""
	var wall *Wall
	seen := map[string]bool{}
	for _, s := range suites {
		for _, sc := range s.Scenarios {
			if seen[sc.ID] {
				return nil, fmt.Errorf("scenario %q is in two of the results", sc.ID)
			}
			seen[sc.ID] = true
		}
		scenarios, notRun = append(scenarios, s.Scenarios...), append(notRun, s.NotRun...)
		version = cmp.Or(version, s.Version)
		if s.Wall != nil {
			if wall == nil {
				wall = &Wall{}
			}
			wall.ElapsedNS = max(wall.ElapsedNS, s.Wall.ElapsedNS) // they ran beside one another
			wall.Jobs += s.Wall.Jobs
			wall.Scenarios = append(wall.Scenarios, s.Wall.Scenarios...)
		}
	}
	slices.SortStableFunc(scenarios, func(a, b Scenario) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.ID, b.ID)) })
	if wall != nil {
		slices.SortStableFunc(wall.Scenarios, func(a, b WallScenario) int { return cmp.Compare(a.ID, b.ID) })
	}
	slices.Sort(notRun)
	out := NewSuite(version, scenarios)
	out.NotRun, out.Wall = notRun, wall
	return out, nil
}
