package yara

import (
	"fmt"
	"slices"
	"strings"
)

// anatomy is a rule taken apart.
type anatomy struct {
	name      string
	strings   []stringDef
	condition string
}

// stringDef is one string of a rule.
type stringDef struct {
	name      string // such as $a; of an anonymous one, one that no rule has
	shown     string // such as $a, and what it looks for
	kind      kind   // text, regex or hexString
	value     string // as written
	modifiers string // as written, without private
}

// has says that a string has a modifier.
func (d *stringDef) has(modifier string) bool {
	l := lexer{src: []byte(d.modifiers)}
	for t := l.next(); t.kind != end; t = l.next() {
		if t.kind == word && l.text(t) == modifier {
			return true
		}
	}
	return false
}

// dissect takes a rule of a source apart.
func dissect(s *source, r *rule) *anatomy {
	return &anatomy{name: r.name, condition: r.condition.of(s.text), strings: stringDefs(r.strings.of(s.text))}
}

// stringDefs reads the strings section of a rule.
func stringDefs(src string) []stringDef {
	var defs []stringDef
	l := lexer{src: []byte(src)}
	t := l.next()
	for t.kind != end {
		if t.kind != stringName {
			t = l.next()
			continue
		}
		d := stringDef{name: l.text(t)}
		t = l.next()
		if l.text(t) != "=" {
			continue
		}
		t = l.next()
		if t.kind != text && t.kind != regex && t.kind != hexString {
			continue
		}
		d.kind, d.value = t.kind, l.text(t)
		var modifiers []string
		for t = l.next(); t.kind != end && t.kind != stringName; t = l.next() {
			if m := l.text(t); m != "private" {
				modifiers = append(modifiers, m)
			}
		}
		d.modifiers = strings.Join(modifiers, " ")
		d.shown = d.name + " = " + oneLine(d.value, 60)
		if d.name == "$" {
			d.name = fmt.Sprintf("$sidetrace_%d", len(defs))
		}
		defs = append(defs, d)
	}
	return defs
}

// letters are the bytes of a text string.
func (d *stringDef) letters() []byte {
	if len(d.value) < 2 {
		return nil
	}
	raw := d.value[1 : len(d.value)-1]
	var out []byte
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if c == '\\' && i+1 < len(raw) {
			i++
			switch c = raw[i]; c {
			case 't':
				c = '\t'
			case 'n':
				c = '\n'
			case 'r':
				c = '\r'
			case 'x':
				var b byte
				if n, err := fmt.Sscanf(raw[min(i+1, len(raw)):min(i+3, len(raw))], "%02x", &b); n == 1 && err == nil {
					c = b
					i += 2
				}
			}
		}
		out = append(out, c)
	}
	return out
}

// write adds a rule with the strings that its condition speaks of, each of which
// a rule must use, and says how many these are.
func (a *anatomy) write(b *strings.Builder, name, condition string) int {
	m := mentioned(condition)
	fmt.Fprintf(b, "rule %s {\n", name)
	used := 0
	for _, d := range a.strings {
		if !fits(d.name, m.strings) {
			continue
		}
		if used == 0 {
			b.WriteString("strings:\n")
		}
		used++
		fmt.Fprintf(b, "%s = %s %s\n", d.name, d.value, d.modifiers)
	}
	if used > 0 {
		fmt.Fprintf(b, "condition: (any of them or true) and (%s\n)\n}\n", condition)
	} else {
		fmt.Fprintf(b, "condition: %s\n}\n", condition)
	}
	return used
}

// surroundings is the text that parts of a rule need before them: imports and
// the rules named, those they name in turn, in their order. Global rules are
// made ordinary ones.
func (e *Engine) surroundings(p place, wanted []string) string {
	var b strings.Builder
	imported := map[string]bool{}
	for _, s := range p.unit.closure() {
		for _, d := range s.outline.imports {
			if module := d.arg.of(s.text); !imported[module] {
				imported[module] = true
				fmt.Fprintf(&b, "import \"%s\"\n", module)
			}
		}
	}
	unit := e.namespaces[p.unit]
	needed := map[string]bool{}
	for todo := wanted; len(todo) > 0; {
		name := todo[0]
		todo = todo[1:]
		for _, match := range unit.fitting(name) {
			if at := unit[match]; !needed[match] && at.order < p.order {
				needed[match] = true
				todo = append(todo, mentioned(at.outline().condition.of(at.source.text)).words...)
			}
		}
	}
	var names []string
	for name := range needed {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return unit[a].order - unit[b].order })
	for _, name := range names {
		at := unit[name]
		r := at.outline()
		fmt.Fprintf(&b, "private rule %s\n", at.source.text[r.nameAt:r.end])
	}
	return b.String()
}

// namespace is the rules of a unit by name.
type namespace map[string]stands

// stands is where a rule stands, and its number in the order of compiling.
type stands struct {
	source *source
	rule   int
	order  int
}

func (s stands) outline() *rule { return &s.source.outline.rules[s.rule] }

// fitting are the rules that a word of a condition means: one, or with an
// asterisk all that begin so.
func (n namespace) fitting(word string) []string {
	prefix, many := strings.CutSuffix(word, "*")
	if !many {
		if _, ok := n[word]; ok {
			return []string{word}
		}
		return nil
	}
	var names []string
	for name := range n {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	return names
}

// globals are the global rules of a unit, without which none of it fires.
func (n namespace) globals() []string {
	var names []string
	for name, at := range n {
		if at.outline().global {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return n[a].order - n[b].order })
	return names
}
