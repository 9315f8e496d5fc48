package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// markdownRoom is how long a report may be: GitHub drops a step summary of more
// than 1 MiB altogether. What is cut is counted.
//
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
const markdownRoom = 1<<20 - 4096

// markdown collects blocks as long as there is room. The first error of the writer
// is kept for the end.
type markdown struct {
	w    io.Writer
	err  error
	size int
	left int // blocks that found no room
}

// block writes lines that belong together, or nothing of them.
func (m *markdown) block(lines ...string) bool {
	text := strings.Join(lines, "\n") + "\n"
	if m.left > 0 || m.size+len(text) > markdownRoom {
		m.left++
		return false
	}
	m.size += len(text)
	if m.err == nil {
		_, m.err = io.WriteString(m.w, text)
	}
	return true
}

// WriteMarkdown writes a suite as GitHub-flavoured Markdown: which scenarios
// passed; what the others missed, and what came nearest; which rules saw which
// stage. A name from a scenario or a guest cannot become markup.
//
// https://github.github.com/gfm/
func WriteMarkdown(w io.Writer, s *Suite) error {
	m := &markdown{w: w}
	m.block("# "+md(sum(s)), "")
	m.scenarios(s)
	for i := range s.Scenarios {
		if s.Scenarios[i].Verdict != Pass {
			m.failure(&s.Scenarios[i])
		}
	}
	m.coverage(s)
	if m.left > 0 {
		left := m.left
		m.size, m.left = 0, 0 // this line has its own room
		m.block("", fmt.Sprintf("%d more parts of this report were left out: GitHub takes 1 MiB.", left))
	}
	return m.err
}

// scenarios is the table of verdicts, those that did not pass first.
func (m *markdown) scenarios(s *Suite) {
	if len(s.Scenarios)+len(s.NotRun) == 0 {
		return
	}
	order := make([]*Scenario, len(s.Scenarios))
	for i := range s.Scenarios {
		order[i] = &s.Scenarios[i]
	}
	slices.SortStableFunc(order, func(a, b *Scenario) int { return b.Verdict.rank() - a.Verdict.rank() })
	m.block("| verdict | scenario | title | reason |", "|---|---|---|---|")
	// Half of the room is for what explains.
	const most = 1000
	for i, sc := range order {
		if i == most {
			m.block("", fmt.Sprintf("and %s more", plural(len(order)-most, "scenario")))
			break
		}
		m.block(fmt.Sprintf("| %s | %s | %s | %s |", mdVerdict(sc.Verdict), code(sc.ID), md(sc.Title), md(sc.Reason)))
	}
	if len(order) <= most {
		for _, id := range s.NotRun {
			m.block(fmt.Sprintf("| not run | %s | | |", code(id)))
		}
	}
	m.block("")
}

func mdVerdict(v Verdict) string {
	if v == Pass {
		return md(string(v))
	}
	return "**" + md(string(v)) + "**"
}

func (m *markdown) failure(s *Scenario) {
	lines := []string{"## " + code(s.ID) + " " + md(string(s.Verdict)), ""}
	for _, o := range failed(s) {
		lines = append(lines, fmt.Sprintf("- **%s** %s", md(o.level()), code(o.name)))
		if o.text != "" {
			lines = append(lines, "  "+mdBreak+md(o.text))
		}
		lines = append(lines, "  "+mdBreak+code(o.at.String()), "")
		if len(o.details) > 0 {
			lines = append(lines, fenced("  ", o.details)...)
		}
	}
	m.block(lines...)
}

const mdBreak = "<br>"

// coverage is a table of rules by stage.
func (m *markdown) coverage(s *Suite) {
	c := NewCoverage(s)
	if len(c.Stages) == 0 {
		return
	}
	attack := map[string]bool{} // scenarios in which a stage without rules is a gap
	for i := range s.Scenarios {
		attack[s.Scenarios[i].ID] = len(s.Scenarios[i].Attack) > 0
	}
	head, rule := "| scenario | stage |", "|---|---|"
	for _, e := range c.Engines {
		head, rule = head+" "+md(e)+" |", rule+"---:|"
	}
	if !m.block("## Rules that fire", "", head, rule) {
		return
	}
	for i := range c.Stages {
		st := &c.Stages[i]
		stage := "at rest"
		if st.Stage != "" {
			stage = md(st.Stage)
		}
		if st.Hole() && attack[st.Scenario] {
			stage = "**" + stage + ": no rule**"
		}
		row := fmt.Sprintf("| %s | %s |", code(st.Scenario), stage)
		for _, e := range c.Engines {
			row += fmt.Sprintf(" %d |", len(st.Rules[e]))
		}
		m.block(row)
	}
}

// md is text that is nothing but text. What GitHub links after rendering, people
// and issues, it leaves alone in code only.
func md(s string) string {
	if strings.ContainsAny(s, "@#") {
		return code(s)
	}
	return references(s)
}

// code is text in the type of code. Between backquotes a bar would end a table's
// cell, and a backquote the code.
func code(s string) string { return "<code>" + references(s) + "</code>" }

// references writes every character that Markdown or HTML gives a meaning as a
// numeric reference, which the specification keeps from being markup. It is for
// text that does not begin a line.
func references(s string) string {
	s = Printable(s)
	var b strings.Builder
	for i, r := range s {
		if strings.ContainsRune("\\`*_[]<>#|~&@:$", r) || r == '.' && strings.HasSuffix(strings.ToLower(s[:i]), "www") {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// fenced is a block of lines as they are. The fence is longer than any in them.
func fenced(indent string, lines []string) []string {
	fence := 3
	for _, line := range lines {
		run := 0
		for _, r := range line {
			if r != '`' {
				run = 0
				continue
			}
			run++
			fence = max(fence, run+1)
		}
	}
	mark := indent + strings.Repeat("`", fence)
	out := append(make([]string, 0, len(lines)+3), mark+"text")
	for _, line := range lines {
		out = append(out, indent+line)
	}
	return append(out, mark, "")
}
