package ioc

import (
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"sidetrace/harness/detect"
	"sidetrace/reports"
)

// This file reads lists. The rules are:
//
//   - a list of columns has a head, which may be a comment, or rows whose
//     columns can be told from what is in them; commas, semicolons, tabs or bars
//     stand between columns, whichever the first lines have most of;
//   - any other list has one indicator a line, and what follows a blank and # is
//     a note;
//   - lines that are empty or begin with #, ; or // are comments;
//   - a line that cannot be read is a problem and left out, and no other is.

// item is one indicator as a list has it.
type item struct {
	value, note  string
	kind         Kind // Unknown where the list does not say
	exact        bool
	line, column int
}

// limits on one list.
const (
	mostProblems = 200     // told of one list
	longestLine  = 1 << 16 // bytes
	mostLines    = 20      // that one quoted row may have
)

// list is one being read.
type list struct {
	file     string
	title    string
	exact    bool
	items    []item
	problems []detect.Problem
	untold   int
	separate rune // between columns; 0 for plain text
	columns  *columns
	last     string // the last comment, which may be the head
}

// problem notes what is wrong with a line.
func (l *list) problem(severity detect.Severity, line, column int, message, hint string) {
	if len(l.problems) >= mostProblems {
		l.untold++
		return
	}
	l.problems = append(l.problems, detect.Problem{Severity: severity, Problem: reports.Problem{
		File: l.file, Line: line, Column: column, Message: message, Hint: hint,
	}})
}

// parse reads a list.
func parse(file string, data []byte) *list {
	l := &list{file: file}
	text, encoding := detect.Decode(data)
	switch encoding {
	case detect.UTF16LE, detect.UTF16BE:
		l.problem(detect.Warning, 1, 0, fmt.Sprintf("the list is in %s, which most tools that import lists take for garbage; it was read as such", encoding), "save it as UTF-8")
	case detect.Windows:
		l.problem(detect.Warning, 1, 0, "the list is no valid UTF-8; it was read as Windows-1252", "save it as UTF-8")
	}
	lines := strings.Split(text, "\n")
	l.separate = separator(file, lines)
	for i := 0; i < len(lines); i++ {
		if len(lines[i]) > longestLine {
			l.problem(detect.Broken, i+1, 0, fmt.Sprintf("a line of %d bytes; more than %d are not read", len(lines[i]), longestLine), "")
			continue
		}
		line := i + 1
		text, column, what := clean(lines[i])
		if column > 0 && strings.TrimSpace(text) != "" {
			l.problem(detect.Warning, line, column, "there is "+what+", which cannot be seen; it was left out", "a tool that keeps it will never match this line")
		}
		trimmed := strings.TrimSpace(text)
		switch {
		case trimmed == "":
		case comment(trimmed):
			l.directive(trimmed)
		case l.separate == 0:
			l.plain(text, line)
		default:
			row, more := text, 0
			for unbalanced(row) && i+more+1 < len(lines) && more < mostLines {
				more++
				next, _, _ := clean(lines[i+more])
				row += "\n" + next
			}
			if unbalanced(row) {
				l.problem(detect.Broken, line, strings.IndexByte(text, '"')+1, "a quotation mark is not closed", `inside quotes it is written twice: ""`)
				continue
			}
			i += more
			l.row(row, line)
		}
	}
	return l
}

func comment(s string) bool {
	return s[0] == '#' || s[0] == ';' || strings.HasPrefix(s, "//")
}

// directive reads what a comment asks for: "match: exact" makes the domains of
// the list match themselves alone.
func (l *list) directive(s string) {
	s = strings.TrimSpace(strings.TrimLeft(s, "#;/ \t"))
	l.last = s
	if key, value, ok := strings.Cut(s, ":"); ok && strings.EqualFold(strings.TrimSpace(key), "match") {
		l.exact = strings.EqualFold(strings.TrimSpace(value), "exact")
	}
}

// unbalanced says that a quoted column goes on in the next line.
func unbalanced(row string) bool { return strings.Count(row, `"`)%2 == 1 }

// separator finds out what stands between the columns of a list; 0 if there are
// none. A file that is called .csv or .tsv has columns as soon as a line has two.
func separator(file string, lines []string) rune {
	counts := map[rune]int{}
	seen, commented := 0, ""
	for _, line := range lines {
		line, _, _ = clean(line[:min(len(line), longestLine)])
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if comment(line) {
			commented = line
			continue
		}
		if seen == 0 && commented != "" && knownHeads(commented, ',') > 1 {
			return ','
		}
		for _, r := range ",;\t|" {
			if strings.ContainsRune(line, r) {
				counts[r]++
			}
		}
		if seen++; seen == 10 {
			break
		}
	}
	var best rune
	for _, r := range ",;\t|" { // the first of those that most lines have
		if counts[r] > counts[best] {
			best = r
		}
	}
	switch ext := strings.ToLower(path.Ext(file)); {
	case ext == ".csv" && best == 0:
		return ','
	case ext == ".tsv" && best == 0:
		return '\t'
	case best == 0 || ext == ".csv" || ext == ".tsv":
		return best
	}
	// A list of lines may have a comma here and there, in notes and URLs.
	first := ""
	for _, line := range lines {
		if line, _, _ = clean(line); strings.TrimSpace(line) != "" && !comment(strings.TrimSpace(line)) {
			first = line
			break
		}
	}
	if knownHeads(first, best) > 0 || counts[best] == seen && strings.ContainsRune(first, best) {
		return best
	}
	return 0
}

// plain reads a line of a list of lines.
func (l *list) plain(text string, line int) {
	value, note := text, ""
	for _, mark := range []string{" #", "\t#", " //", " ; "} {
		if i := strings.Index(value, mark); i > 0 {
			value, note = value[:i], strings.TrimSpace(value[i+len(mark):])
		}
	}
	column := len(value) - len(strings.TrimLeft(value, " \t")) + 1
	value = strings.TrimSpace(value)
	value = strings.TrimSpace(strings.TrimLeft(value, "-*•· ")) // the marks of lists in prose
	if value == "" {
		return
	}
	if len(l.items) == 0 && roles[word(value)] != "" { // the head of a list of one column
		return
	}
	kind := Unknown
	// "sha256: 11be…", as reports write it.
	if before, after, ok := strings.Cut(value, ":"); ok && !strings.HasPrefix(after, "/") && !strings.HasPrefix(after, `\`) && len(before) > 1 {
		if t, known := types[word(before)]; known && !strings.ContainsAny(before, "./") {
			if t.reason != "" {
				l.problem(detect.Unsupported, line, column, before+": "+t.reason, "")
				return
			}
			kind, value = t.kind, strings.TrimSpace(after)
		}
	}
	l.items = append(l.items, item{value: value, note: note, kind: kind, exact: l.exact, line: line, column: column})
}

// row reads a line of a list of columns, which may be its head.
func (l *list) row(text string, line int) {
	cells, starts := split(text, l.separate)
	at := func(i int) int { return utf8.RuneCountInString(text[:starts[i]]) + 1 }
	if l.columns == nil {
		if c := readHead(cells); c != nil {
			l.columns = c
			return
		}
		if knownHeads(l.last, l.separate) > 1 {
			l.columns = readHead(splitHead(l.last, l.separate))
		}
	} else if c := readHead(cells); c != nil && c.same(l.columns) {
		return // lists that were put together have a head in the middle
	}
	c := l.columns
	if c == nil || c.value < 0 && len(c.typed) == 0 {
		c = guessColumns(cells)
	}
	l.take(c, cells, line, at)
}

// split takes a row apart (RFC 4180), and says at which byte each cell begins.
// Blanks around a cell do not count; what follows a closing quote belongs to it.
func split(row string, separate rune) (cells []string, starts []int) {
	sep := byte(separate)
	for i := 0; ; {
		for i < len(row) && (row[i] == ' ' || row[i] == '\t' && sep != '\t') {
			i++
		}
		start := i
		if i < len(row) && row[i] == '"' {
			var b strings.Builder
			quoted := true
			for i++; i < len(row) && (quoted || row[i] != sep); i++ {
				switch {
				case row[i] != '"':
					b.WriteByte(row[i])
				case quoted && i+1 < len(row) && row[i+1] == '"':
					b.WriteByte('"')
					i++
				default:
					quoted = !quoted
				}
			}
			cells = append(cells, strings.TrimSpace(b.String()))
		} else {
			end := strings.IndexByte(row[i:], sep)
			if end < 0 {
				end = len(row) - i
			}
			i += end
			cells = append(cells, strings.TrimSpace(row[start:i]))
		}
		starts = append(starts, start)
		if i >= len(row) {
			return cells, starts
		}
		i++ // the separator
	}
}

// take makes items of a row whose columns are known.
func (l *list) take(c *columns, cells []string, line int, at func(int) int) {
	cell := func(i int) string {
		if i < 0 || i >= len(cells) {
			return ""
		}
		return cells[i]
	}
	note := cell(c.note)
	exact := l.exact || strings.EqualFold(cell(c.match), "exact")
	for i, kind := range c.typed {
		if kind != Unknown && cell(i) != "" {
			l.items = append(l.items, item{value: cell(i), note: note, kind: kind, exact: exact, line: line, column: at(i)})
		}
	}
	if c.value < 0 {
		return
	}
	value, named := cell(c.value), cell(c.kind)
	t, known := types[word(named)]
	switch {
	case value == "" && strings.Join(cells, "") == "":
		return
	case aside[word(named)]:
		if l.title == "" {
			l.title = strings.TrimSpace(note)
		}
		return
	case value == "":
		l.problem(detect.Warning, line, 0, "the row has no indicator", "")
		return
	case t.reason != "":
		l.problem(detect.Unsupported, line, at(c.value), named+": "+t.reason, "")
		return
	}
	add := func(kind Kind, value string) {
		l.items = append(l.items, item{value: strings.TrimSpace(value), note: note, kind: kind, exact: exact, line: line, column: at(c.value)})
	}
	// MISP joins two: filename|sha256, domain|ip, ip-dst|port, regkey|value.
	if first, second, ok := strings.Cut(named, "|"); ok {
		if a, b, both := strings.Cut(value, "|"); both {
			if t := types[word(first)]; t.reason == "" {
				add(t.kind, a)
			}
			if t, known := types[word(second)]; known && t.reason == "" && word(second) != "port" {
				add(t.kind, b)
			}
			return
		}
	}
	if !known && named != "" && c.head {
		l.problem(detect.Warning, line, at(c.kind), fmt.Sprintf("%q is no type that is known; the indicator is taken for what it looks like", shorten(named)), "")
	}
	add(t.kind, value)
}
