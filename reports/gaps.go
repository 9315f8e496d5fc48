package reports

import (
	"fmt"
	"slices"
	"strings"

	"sidetrace/emulator/trace"
)

// unhandled prints calls that nobody handles as a table, the most frequent
// first. Scenarios that made the same call share a line.
func (p *printer) unhandled(gaps []trace.Gap) {
	rows := unhandledRows(gaps)
	if len(rows) == 0 {
		return
	}
	head := [...]string{"DLL", "function", "calls", "first caller", "first arguments"}
	var width [len(head)]int
	for _, row := range append(rows, head) {
		for i, cell := range row {
			width[i] = max(width[i], len(Printable(cell)))
		}
	}
	line := func(row [len(head)]string) string {
		for i, cell := range row {
			if cell = Printable(cell); i == 2 {
				row[i] = strings.Repeat(" ", width[i]-len(cell)) + cell // a number
			} else {
				row[i] = cell + strings.Repeat(" ", width[i]-len(cell))
			}
		}
		return strings.Join(row[:], "  ")
	}
	p.raw(p.paint(yellow, "calls without a handler"))
	p.raw("  " + p.paint(faint, line(head)))
	for _, row := range rows {
		p.raw("  " + line(row))
	}
}

func unhandledRows(gaps []trace.Gap) [][5]string {
	counts := map[string]int{}
	var first []trace.Gap
	for _, g := range gaps {
		if g.Kind != trace.GapAPI {
			continue
		}
		if counts[g.Name] == 0 {
			first = append(first, g)
		}
		counts[g.Name] += g.Count
	}
	slices.SortStableFunc(first, func(a, b trace.Gap) int { return counts[b.Name] - counts[a.Name] })
	rows := make([][5]string, len(first))
	for i, g := range first {
		dll, function, _ := strings.Cut(g.Name, "!")
		rows[i] = [...]string{dll, function, fmt.Sprint(counts[g.Name]), g.Caller, strings.Join(g.Args, ", ")}
	}
	return rows
}

// otherGaps are those the table does not show.
func otherGaps(gaps []trace.Gap) []trace.Gap {
	return slices.DeleteFunc(slices.Clone(gaps), func(g trace.Gap) bool { return g.Kind == trace.GapAPI })
}

// gapLine is an empty line beside the table, where there is one.
func (p *printer) gapLine(gaps []trace.Gap) {
	if len(unhandledRows(gaps)) > 0 {
		p.raw("")
	}
}
