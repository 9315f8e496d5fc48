package expect

import (
	"fmt"
	"slices"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/reports"
	"sidetrace/scenarios"
)

// volatile are the fields that a golden leaves out: where things lie in memory
// and which numbers they were given, which change with every build of the sample.
var volatile = []string{"address", "base", "entry", "entry_point", "start", "target", "parameter", "argument", "id", "process", "artifact"}

// Golden is a run as the file of expect.golden has it: a line for each behaviour,
// without what changes from build to build of a sample, under a heading for each
// stage of the chain. Lines that repeat are one. {app} stands for the program's folder; the loading of
// synthetic system DLLs is left out.
func Golden(s *scenarios.Scenario, run *trace.Run, steps []reports.Step) string {
	stages := map[uint64]string{}
	for _, step := range steps {
		if step.Stage != "" && step.Seq != 0 {
			stages[step.Seq] = step.Stage
		}
	}
	var lines []string
	repeats := 1
	for i := range run.Behaviours {
		b := &run.Behaviours[i]
		if stage, ok := stages[b.Seq]; ok {
			lines, repeats = append(lines, "# "+stage), 1
		}
		if load, ok := b.Fields.(trace.ModuleLoad); ok && load.System {
			continue
		}
		line := replaceFold(trace.SummaryBut(b.Fields, volatile), s.Run.App, "{app}")
		if last := len(lines) - 1; last >= 0 && strings.TrimSuffix(lines[last], times(repeats)) == line {
			repeats++
			lines[last] = line + times(repeats)
			continue
		}
		lines, repeats = append(lines, line), 1
	}
	return strings.Join(lines, "\n") + "\n"
}

// times is what a line ends in that stands for several.
func times(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf(" (%d times)", n)
}

// replaceFold replaces a guest path, whatever its case.
func replaceFold(text, path, by string) string {
	if path == "" {
		return text
	}
	var out strings.Builder
	lower, want := strings.ToLower(text), strings.ToLower(path)
	if len(lower) != len(text) {
		return text // letters whose lower case is of another length: leave it
	}
	for {
		i := strings.Index(lower, want)
		if i < 0 {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(text[:i] + by)
		text, lower = text[i+len(want):], lower[i+len(want):]
	}
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
