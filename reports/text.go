package reports

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"sidetrace/emulator/trace"
)

// TextOptions say what text shows. The zero value is one line per scenario,
// with the reasons of those that did not pass, in plain characters.
type TextOptions struct {
	Colour bool // the writer is a terminal that understands ANSI colours
	Show   Show // what to list of every run
}

// printer writes lines; the first error of the writer is kept for the end.
type printer struct {
	palette
	out  *bufio.Writer
	show Show
}

func newPrinter(w io.Writer, o TextOptions) *printer {
	return &printer{palette: palette(o.Colour), out: bufio.NewWriter(w), show: o.Show}
}

// raw prints a line of which every foreign part has been cleaned.
func (p *printer) raw(line string) {
	p.out.WriteString(strings.TrimRight(line, " "))
	p.out.WriteByte('\n')
}

// linef prints a line and cleans it, so it takes no colours.
func (p *printer) linef(format string, args ...any) { p.raw(Printable(fmt.Sprintf(format, args...))) }

// WriteText writes a suite for people: one line per scenario, below it what a
// scenario that did not pass missed, and a sum at the end.
func WriteText(w io.Writer, s *Suite, o TextOptions) error {
	p := newPrinter(w, o)
	width := 0
	for i := range s.Scenarios {
		width = max(width, len(Printable(s.Scenarios[i].ID)))
	}
	var gaps []trace.Gap
	for i := range s.Scenarios {
		p.scenario(&s.Scenarios[i], min(width, 40))
		if run := s.Scenarios[i].Run; run != nil {
			gaps = append(gaps, run.Gaps...)
		}
	}
	p.unhandled(gaps)
	p.gapLine(gaps)
	p.summary(s)
	return p.out.Flush()
}

// WriteRunText writes one run for people: what was selected, in order, and
// how the run ended.
func WriteRunText(w io.Writer, record *trace.Run, o TextOptions) error {
	p := newPrinter(w, o)
	run := NewRun(record)
	if o.Show == (Show{Gaps: true}) {
		run.Gaps = otherGaps(run.Gaps)
	}
	p.timeline(run, record, o.Show, nil)
	if o.Show.Behaviours || o.Show.Calls {
		p.raw("")
		p.raw(p.paint(bold, "stop") + "  " + Printable(stopText(run)) + ", " + figures(run))
	}
	if o.Show != (Show{Gaps: true}) || len(run.Gaps) > 0 {
		p.gapLine(record.Gaps)
	}
	p.unhandled(record.Gaps)
	return p.out.Flush()
}

func (p *printer) scenario(s *Scenario, width int) {
	id := Printable(s.ID)
	tail := Printable(s.Title)
	if s.Run != nil {
		tail += p.paint(faint, "  ("+figures(s.Run)+")")
	}
	if tail != "" {
		tail = strings.Repeat(" ", max(0, width-len(id))+2) + tail
	}
	p.raw(p.verdict(s.Verdict) + " " + p.paint(bold, id) + tail)
	streams := p.show
	streams.Detections = false
	if s.Run != nil && streams != (Show{}) {
		p.raw("")
		p.timeline(s.Run, s.Trace, streams, stepMarks(s))
		p.raw("")
	}
	if p.show.Detections && s.Detections != nil {
		p.detections(s)
		p.raw("")
	}
	if s.Verdict != Pass {
		p.failure(s)
	}
}

// stepMarks names the behaviours that steps matched by the step's number, and
// those that should not have been by an exclamation mark.
func stepMarks(s *Scenario) map[uint64]string {
	marks := map[uint64]string{}
	for _, step := range s.Steps {
		if step.Seq != 0 {
			marks[step.Seq] = join(",", marks[step.Seq], fmt.Sprint(step.Index))
		}
	}
	for _, n := range s.Never {
		if n.Seq != 0 {
			marks[n.Seq] = join(",", marks[n.Seq], "!")
		}
	}
	return marks
}

// figures sums a run up.
func figures(r *Run) string {
	text := plural(len(r.Behaviours), "behaviour") + ", " + plural(r.Calls+int(r.CallsDropped), "call")
	if n := len(r.Gaps); n > 0 {
		text += ", " + plural(n, "gap")
	}
	return text + ", " + clock(r.duration()) + " of guest time"
}

func stopText(r *Run) string {
	if r.Stop.Reason == trace.StopExit {
		return "exit with code " + exitCode(r.Stop.ExitCode)
	}
	return string(r.Stop.Reason) + notes(r.Stop.Detail)
}

// sum is "4 scenarios: 3 passed, 1 failed".
func sum(s *Suite) string {
	words := map[Verdict]string{Pass: "passed", Fail: "failed", Inconclusive: "inconclusive", Error: "broken", Crashed: "crashed", Timeout: "timed out"}
	var parts []string
	for _, v := range Verdicts() {
		if n := s.Counts.Of(v); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, words[v]))
		}
	}
	if n := len(s.NotRun); n > 0 {
		parts = append(parts, fmt.Sprintf("%d not run", n))
	}
	text := plural(len(s.Scenarios)+len(s.NotRun), "scenario")
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text
}

// summary prints what became of how many, and what was not run.
func (p *printer) summary(s *Suite) {
	colour := green
	if s.ExitCode() != 0 {
		colour = red
	}
	p.raw(p.paint(colour, sum(s)))
	for _, id := range s.NotRun {
		p.linef("%s not run: %s", strings.Repeat(" ", 12), id)
	}
	if s.Wall != nil {
		p.linef("took %.1f s, %s at a time", float64(s.Wall.ElapsedNS)/1e9, plural(s.Wall.Jobs, "scenario"))
	}
}
