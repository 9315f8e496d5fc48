package reports

import (
	"io"
	"strings"
)

// WriteDiffJSON writes a difference as JSON.
func WriteDiffJSON(w io.Writer, d *Difference) error {
	return writeJSON(w, d)
}

// WriteDiffText writes a difference for people, as diff does: what only the first
// result has behind a minus, what only the second has behind a plus.
func WriteDiffText(w io.Writer, d *Difference, colour bool) error {
	p := newPrinter(w, TextOptions{Colour: colour})
	for i := range d.Scenarios {
		p.difference(&d.Scenarios[i])
	}
	for _, id := range d.Only[0] {
		p.edit("- " + id + "  (the whole scenario)")
	}
	for _, id := range d.Only[1] {
		p.edit("+ " + id + "  (the whole scenario)")
	}
	p.linef("%s with differences, %d without", plural(len(d.Scenarios)+len(d.Only[0])+len(d.Only[1]), "scenario"), d.Same)
	return p.out.Flush()
}

func (p *printer) difference(s *ScenarioDifference) {
	p.raw(p.paint(bold, Printable(s.ID)))
	if s.Verdicts[0] != s.Verdicts[1] {
		p.section("verdict")
		p.edit("- " + string(s.Verdicts[0]))
		p.edit("+ " + string(s.Verdicts[1]))
	}
	if len(s.Behaviours) > 0 {
		p.section("behaviours")
		for _, line := range s.Behaviours {
			p.edit(line)
		}
	}
	if len(s.Artifacts[0])+len(s.Artifacts[1]) > 0 {
		p.section("artifacts")
		for _, a := range s.Artifacts[0] {
			p.edit("- " + a)
		}
		for _, a := range s.Artifacts[1] {
			p.edit("+ " + a)
		}
	}
	if len(s.Calls) > 0 {
		p.section("calls")
		for _, c := range s.Calls {
			p.linef("    %-48s %6d %6d", c.Function, c.Counts[0], c.Counts[1])
		}
	}
	if len(s.Detections) > 0 {
		p.section("detections")
		for _, r := range s.Detections {
			p.linef("    %s: %s, %s", r.Rule, fired(r.Fires[0]), fired(r.Fires[1]))
		}
	}
	p.raw("")
}

func (p *printer) section(name string) { p.raw("  " + p.paint(faint, name)) }

// edit prints a line of a diff.
func (p *printer) edit(line string) {
	text := "    " + Printable(line)
	switch {
	case strings.HasPrefix(line, "-"):
		text = p.paint(red, text)
	case strings.HasPrefix(line, "+"):
		text = p.paint(green, text)
	case strings.HasPrefix(line, "@@"):
		text = p.paint(faint, text)
	}
	p.raw(text)
}

// fired is how often a rule fired, and -1 that there is none.
func fired(n int) string {
	switch n {
	case -1:
		return "no such rule"
	case 0:
		return "silent"
	}
	return plural(n, "fire")
}
