package yara

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/reports"
)

// loader compiles sources and leaves out what is broken. libyara cannot go on
// after an error, so what it complains of is blanked in the text and the text
// compiled again, until there is no complaint. A good set is compiled once; one
// with a broken file first file by file, to find what is broken in each, and
// then whole.
type loader struct {
	vars     []variable
	units    []*source         // to be compiled, each with what it includes
	blanked  map[string]string // name of a rule left out, to where it stood
	broken   int               // rules
	unfit    int               // rules that ask for what is not there
	problems []detect.Problem
}

// unfit are modules whose answers are not the object's alone.
var unfit = map[string]string{
	"time":   "the time module reads the clock of this machine, and a scan must say the same every time",
	"cuckoo": "the cuckoo module reads the report of a Cuckoo sandbox, which there is none of",
	"magic":  "the magic module asks this machine's libmagic, whose answers differ from one release to the next",
}

// compile makes rules of the units, or nil if there are none.
func (l *loader) compile() *compiled {
	for _, u := range l.units {
		for _, s := range u.closure() {
			l.screen(s)
		}
	}
	rules, messages, err := l.attempt(l.units, true)
	if err != nil {
		var good []*source
		for _, u := range l.units {
			if l.repair(u) {
				good = append(good, u)
			}
		}
		if rules, messages, err = l.attempt(good, true); err != nil {
			l.report(detect.Broken, nil, message{text: "the files of rules cannot be compiled together: " + err.Error()})
			return nil
		}
	}
	l.warn(messages)
	return rules
}

// attempt compiles units together. An error means that there are messages to
// look at, or that libyara cannot go on at all. Whether they compile is known
// without the rules, which take as long again to make.
func (l *loader) attempt(units []*source, finish bool) (*compiled, []message, error) {
	c, err := newCompiler(l.vars)
	if err != nil {
		return nil, nil, err
	}
	defer c.close()
	known := map[*source]bool{}
	for _, u := range units {
		for _, s := range u.closure() {
			if known[s] {
				continue
			}
			known[s] = true
			if err := c.source(s.number, s.text); err != nil {
				return nil, nil, err
			}
		}
		if !c.add(u.number) {
			return nil, c.messages(), errors.New(u.name + " does not compile")
		}
	}
	if !finish {
		return nil, nil, nil
	}
	rules, err := c.finish()
	return rules, c.messages(), err
}

// repair blanks what is broken in a unit and says whether it then compiles.
func (l *loader) repair(u *source) bool {
	for {
		_, messages, err := l.attempt([]*source{u}, false)
		if err == nil {
			return true
		}
		// One error may bring others after it, of the same rule or of rules that
		// build on it, so that a round without progress is the end.
		progress := false
		for _, m := range messages {
			if !m.warning && l.leaveOut(u, m) {
				progress = true
			}
		}
		if !progress {
			m := message{text: err.Error()}
			if i := slices.IndexFunc(messages, func(m message) bool { return !m.warning }); i >= 0 {
				m = messages[i]
			}
			l.report(detect.Broken, u, m)
			l.broken += len(u.outline.rules)
			return false
		}
	}
}

// leaveOut blanks the rule or directive that a message is about, and says
// whether there was one.
func (l *loader) leaveOut(u *source, m message) bool {
	s := u
	for _, other := range u.closure() {
		if other.number == m.source {
			s = other
		}
	}
	if i := s.concerned(m); i >= 0 {
		r := s.outline.rules[i]
		m.rule = r.name
		if m.line == 0 {
			m.line, _ = s.lines.position(r.nameAt)
		}
		if name, ok := strings.CutPrefix(m.text, "unreferenced string "); ok { // noticed at the end of the rule
			if i := strings.Index(r.strings.of(s.text), strings.Trim(name, `"`)); i >= 0 {
				m.line, _ = s.lines.position(r.strings.start + i)
			}
		}
		l.report(detect.Broken, s, m)
		l.blank(s, i)
		l.broken++
		return true
	}
	for _, list := range []*[]directive{&s.outline.imports, &s.outline.includes} {
		for i, d := range *list {
			if line, _ := s.lines.position(d.start); line == m.line {
				l.directive(u, s, d, m)
				*list = slices.Delete(*list, i, i+1)
				return true
			}
		}
	}
	return false
}

// concerned is the rule that a message is about, or -1. libyara notices some
// errors of a rule only behind its end, and then names it.
func (s *source) concerned(m message) int {
	near := s.on(m.line)
	for _, i := range near {
		if m.rule == "" || s.outline.rules[i].name == m.rule {
			return i
		}
	}
	for i := len(s.outline.rules) - 1; i >= 0; i-- {
		if r := s.outline.rules[i]; r.name == m.rule {
			if line, _ := s.lines.position(r.start); line <= m.line {
				return i
			}
		}
	}
	if len(near) > 0 {
		return near[0]
	}
	return -1
}

// directive leaves out an import or include. With an unknown module go the rules
// that use it.
func (l *loader) directive(u, s *source, d directive, m message) {
	module := d.arg.of(s.text)
	blank(s.text, d.span)
	if !strings.HasPrefix(m.text, "unknown module") {
		l.report(detect.Broken, s, m)
		return
	}
	found := false
	for _, other := range u.closure() {
		for i := len(other.outline.rules) - 1; i >= 0; i-- {
			if slices.Contains(other.outline.rules[i].modules, module) {
				found = true
				l.unsupported(other, i, fmt.Sprintf("libyara %s has no module %q", Version(), module))
			}
		}
	}
	if !found {
		l.report(detect.Warning, s, m)
	}
}

// unsupported leaves out a rule that is valid and asks for what there is not.
func (l *loader) unsupported(s *source, i int, why string) {
	r := s.outline.rules[i]
	line, _ := s.lines.position(r.nameAt)
	l.report(detect.Unsupported, s, message{line: line, rule: r.name, text: why})
	l.blank(s, i)
	l.unfit++
}

// blank takes a rule out of a source.
func (l *loader) blank(s *source, i int) {
	r := s.outline.rules[i]
	line, _ := s.lines.position(r.nameAt)
	l.blanked[r.name] = fmt.Sprintf("%s:%d", s.name, line)
	blank(s.text, r.span)
	s.outline.rules = slices.Delete(s.outline.rules, i, i+1)
}

// screen leaves out what can be seen without compiling: rules that do not end,
// and rules with modules that do not fit here.
func (l *loader) screen(s *source) {
	for i := len(s.outline.rules) - 1; i >= 0; i-- {
		r := s.outline.rules[i]
		if r.open {
			line, _ := s.lines.position(r.nameAt)
			l.report(detect.Broken, s, message{line: line, rule: r.name, text: "the rule has no closing brace"})
			l.blank(s, i)
			l.broken++
			continue
		}
		for _, module := range r.modules {
			if why := unfit[module]; why != "" && s.imported(module) {
				l.unsupported(s, i, why)
				break
			}
		}
	}
}

// imported says that a source imports a module itself.
func (s *source) imported(module string) bool {
	return slices.ContainsFunc(s.outline.imports, func(d directive) bool { return d.arg.of(s.text) == module })
}

// report adds a problem of a source; nil is none of them.
func (l *loader) report(severity detect.Severity, s *source, m message) {
	p := detect.Problem{
		Problem:  reports.Problem{Line: m.line, Message: m.text, Hint: l.hint(m.text)},
		Severity: severity,
		Rule:     m.rule,
	}
	if s != nil {
		p.File = s.name
	}
	l.problems = append(l.problems, p)
}

// hint says what can be done about a message of libyara.
func (l *loader) hint(text string) string {
	name := ""
	if parts := strings.Split(text, `"`); len(parts) > 2 {
		name = parts[1]
	}
	switch {
	case strings.HasPrefix(text, "undefined identifier"):
		if where := l.blanked[name]; where != "" {
			return "the rule of this name, at " + where + ", was left out"
		}
		return "import the module, or give it a value as an external variable"
	case strings.HasPrefix(text, "invalid field name"):
		return "releases of YARA after " + Version() + " may have it"
	}
	return ""
}

// warn reports the warnings of what was compiled.
func (l *loader) warn(messages []message) {
	byNumber := map[int]*source{}
	for _, u := range l.units {
		for _, s := range u.closure() {
			byNumber[s.number] = s
		}
	}
	for _, m := range messages {
		s := byNumber[m.source]
		if s == nil || !m.warning {
			continue
		}
		if i := s.concerned(m); i >= 0 {
			m.rule = s.outline.rules[i].name
		}
		l.report(detect.Warning, s, m)
	}
}
