package expect

import (
	"slices"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/reports"
	"sidetrace/scenarios"
)

// Golden is a run as the file of expect.golden has it.
func Golden(s *scenarios.Scenario, run *trace.Run, steps []reports.Step) string {
	return strings.Join(reports.Lines(run.Behaviours, s.Run.App, steps), "\n") + "\n"
}

// CheckGolden adds to the result of a scenario whether its run is that of its
// golden file.
func CheckGolden(s *scenarios.Scenario, run *trace.Run, golden string, out *reports.Scenario) {
	got := Golden(s, run, out.Steps)
	c := reports.Check{Line: s.Expect.Golden.Line, Name: "golden", Want: s.Expect.Golden.Path, Got: "the same behaviours"}
	if got != golden {
		want, have := strings.Split(strings.TrimSuffix(golden, "\n"), "\n"), strings.Split(strings.TrimSuffix(got, "\n"), "\n")
		c.Got, c.Diff = "other behaviours; run --update accepts them", diff(bounded(want), bounded(have))
	}
	if doubts := DoubtsOf(s, run, out); got != golden {
		c.Doubt = doubts.Absence()
	}
	c.Status = status(got == golden, c.Doubt)
	out.Ends = append(out.Ends, c)
	Decide(out)
}

// bounded is a list of lines that is not too long to be compared for people.
func bounded(lines []string) []string {
	const most = 2000
	if len(lines) > most {
		return append(slices.Clone(lines[:most]), "…")
	}
	return lines
}
