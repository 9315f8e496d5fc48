package yara

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/reports"
)

// silence puts into words what an inquiry found.
func (x *inquiry) silence(ctx context.Context) reports.Silence {
	var no, yes []reports.Term
	w := words{inquiry: x, ctx: ctx}
	for _, t := range x.tops {
		term := reports.Term{Name: oneLine(t.text, 120), Holds: t.hold, On: x.object.Name, Seq: x.object.Seq}
		if t.hold {
			yes = append(yes, term)
			continue
		}
		term.Misses = w.misses(t)
		no = append(no, term)
	}
	var missing []stringDef
	shown := 0
	for _, d := range x.anatomy.strings {
		if f, ok := x.found[d.name]; ok {
			if shown++; shown > maxShown {
				continue
			}
			yes = append(yes, reports.Term{Name: d.shown + ", " + where(f), Holds: true, On: x.object.Name, Seq: x.object.Seq})
		} else {
			missing = append(missing, d)
		}
	}
	parts := len(no)
	missing = missing[:min(len(missing), maxShown)]
	h := x.e.newHinter(ctx, x.object, missing)
	for i := range missing {
		d := &missing[i]
		term := reports.Term{Name: d.shown, On: x.object.Name, Seq: x.object.Seq, Misses: []string{"not found"}}
		if hint := h.hint(i, d); hint != "" {
			term.Misses[0] += "; " + hint
		}
		if other := x.elsewhere[d.name]; other != "" {
			term.Misses = append(term.Misses, "found in "+other)
		}
		no = append(no, term)
	}
	return reports.Silence{Reason: x.reason(no[:parts]), Terms: append(no, yes...)}
}

// fires says that the rule fires on the object: its condition holds, and so do
// the global rules.
func (x *inquiry) fires() bool {
	return x.root.hold && !slices.ContainsFunc(x.tops, func(t *term) bool { return t.global && !t.hold })
}

// reason is the explanation in one line.
func (x *inquiry) reason(no []reports.Term) string {
	s := "on " + x.object.Name
	if x.objects > 1 {
		s = fmt.Sprintf("nearest of %d objects is %s", x.objects, x.object.Name)
	}
	if n := len(x.anatomy.strings); n > 0 {
		s += fmt.Sprintf(", with %d of %d strings", len(x.found), n)
	}
	switch {
	case x.fires():
		return s + ": the condition holds there"
	case x.root.or && len(x.root.kids) > 0 && len(no) >= len(x.root.kids):
		return s + fmt.Sprintf(": none of the %d alternatives holds", len(x.root.kids))
	case len(no) == 0: // more parts than are looked at
		return s + ": the condition is false"
	}
	s += ": false is " + no[0].Name
	if n := len(no) - 1; n > 0 {
		s += fmt.Sprintf(", and %d more", n)
	}
	return s
}

// where tells of the matches of a string.
func where(f found) string {
	var offsets []string
	for _, m := range f.matches {
		offsets = append(offsets, fmt.Sprintf("%#x", m.offset))
	}
	s := "at " + strings.Join(offsets, ", ")
	if rest := f.total - len(f.matches); rest > 0 {
		s += fmt.Sprintf(" and %d more", rest)
	}
	return s
}

// words says of parts of a condition why they are false.
type words struct {
	*inquiry
	ctx    context.Context
	values int // asked for
}

// misses tells, one a line, what is false about a part and what is there.
func (w *words) misses(t *term) []string {
	var lines []string
	if len(t.kids) == 0 {
		return w.leaf(t)
	}
	for _, kid := range t.kids {
		if kid.hold {
			continue
		}
		name := oneLine(kid.text, 80)
		below := w.misses(kid)
		if len(below) == 0 {
			below = []string{"false"}
		}
		for _, line := range below {
			lines = append(lines, name+": "+line)
		}
		if len(lines) > maxLines {
			return append(lines[:maxLines], "and so on")
		}
	}
	return lines
}

// leaf tells of a part that is not taken apart: the value that is compared, and
// what became of the strings it speaks of.
func (w *words) leaf(t *term) []string {
	if t.id < 0 {
		return []string{"not judged by itself"}
	}
	var lines []string
	if left := compared(t.text); left != "" {
		if value := w.value(t, left); value != "" {
			lines = append(lines, oneLine(left, 60)+" "+value)
		}
	}
	if inner, ok := strings.CutPrefix(t.text, "not "); ok && len(mentioned(inner).strings) == 0 {
		lines = append(lines, oneLine(inner, 60)+" is true")
	}
	if t.of == w.anatomy {
		lines = append(lines, w.strings(t)...)
	}
	return lines
}

// strings tells which strings of a part are there.
func (w *words) strings(t *term) []string {
	m := mentioned(t.text)
	var there, missing []string
	for _, d := range w.anatomy.strings {
		if !fits(d.name, m.strings) {
			continue
		}
		name, _, _ := strings.Cut(d.shown, " ")
		if f, ok := w.found[d.name]; ok {
			there = append(there, name+" "+where(f))
		} else {
			missing = append(missing, name)
		}
	}
	all := len(there) + len(missing)
	var lines []string
	if all > 1 {
		lines = append(lines, fmt.Sprintf("%d of %d strings found", len(there), all))
	}
	if len(there) > 0 {
		lines = append(lines, "found: "+few(there, "; "))
	}
	if len(missing) > 0 {
		lines = append(lines, "not found: "+few(missing, ", "))
	}
	return lines
}

// few joins the first of many.
func few(list []string, separator string) string {
	if rest := len(list) - maxNames; rest > 0 {
		return strings.Join(list[:maxNames], separator) + fmt.Sprintf("%sand %d more", separator, rest)
	}
	return strings.Join(list, separator)
}

// value asks libyara for the value of an expression on the object, by having its
// console module print it: in hexadecimal where the rule is written so.
func (w *words) value(t *term, expression string) string {
	if w.values++; w.values > maxValues {
		return ""
	}
	function := "log"
	if strings.Contains(strings.ToLower(t.text), "0x") {
		function = "hex"
	}
	for _, f := range slices.Compact([]string{function, "log"}) {
		condition := fmt.Sprintf(`console.%s("", %s)`, f, expression)
		var b strings.Builder
		t.of.write(&b, "sidetrace_value", condition)
		text := "import \"console\"\n" + w.e.surroundings(w.place, mentioned(expression).words) + b.String()
		rules, _, err := compileText(text, w.e.variables(detect.Object{}))
		if err != nil {
			continue // another type
		}
		out, err := rules.scan(w.ctx, w.object.Data, isProcess(w.object), w.e.variables(*w.object), limits{timeout: w.e.timeout, keep: 1, room: 100, logs: 1})
		switch {
		case err != nil:
			return ""
		case len(out.logs) == 0:
			return "is undefined here"
		case f == "log" && !numeric(out.logs[0]):
			return fmt.Sprintf("is %q", printable([]byte(out.logs[0][:min(len(out.logs[0]), 200)])))
		}
		return "is " + out.logs[0]
	}
	return ""
}

// numeric says that a value is a number, as libyara prints them.
func numeric(s string) bool {
	return s != "" && strings.Trim(s, "0123456789.-") == ""
}
