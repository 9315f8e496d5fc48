package reports

import (
	"fmt"
	"strings"

	"sidetrace/emulator/trace"
)

// volatile are fields that say where things lie in memory and which numbers they
// were given, which change with every build of a sample.
var volatile = []string{"address", "base", "entry", "entry_point", "start", "target", "parameter", "argument", "id", "process", "artifact"}

// Lines is behaviours as goldens and comparisons have them: a line for each,
// without what changes from build to build of a sample, under a heading for each
// stage of the chain. Lines that repeat are one. {app} stands for the program's
// folder; the loading of synthetic system DLLs is left out.
func Lines(behaviours []trace.Behaviour, app string, steps []Step) []string {
	stages := map[uint64]string{}
	for _, step := range steps {
		if step.Stage != "" && step.Seq != 0 {
			stages[step.Seq] = step.Stage
		}
	}
	var lines []string
	repeats := 1
	for i := range behaviours {
		b := &behaviours[i]
		if stage, ok := stages[b.Seq]; ok {
			lines, repeats = append(lines, "# "+stage), 1
		}
		if load, ok := b.Fields.(trace.ModuleLoad); ok && load.System {
			continue
		}
		line := replaceFold(trace.SummaryBut(b.Fields, volatile), app, "{app}")
		line = replaceFold(line, strings.ReplaceAll(app, `\`, `\\`), "{app}") // within quotes
		if last := len(lines) - 1; last >= 0 && strings.TrimSuffix(lines[last], times(repeats)) == line {
			repeats++
			lines[last] = line + times(repeats)
			continue
		}
		lines, repeats = append(lines, line), 1
	}
	return lines
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
	lower, want := strings.ToLower(text), strings.ToLower(path)
	if path == "" || len(lower) != len(text) { // letters whose lower case is of another length
		return text
	}
	var out strings.Builder
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
