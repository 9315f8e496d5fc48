package yara

import (
	"slices"
	"strings"
)

// term is a part of a condition: a leaf, or several parts of which all (and) or
// one (or) must hold.
type term struct {
	text   string
	or     bool
	kids   []*term
	of     *anatomy // the rule whose strings it speaks of
	global bool     // a global rule of the namespace
	rule   string   // the other rule that this leaf names, whose condition the kids are
	id     int      // of the rule it is compiled as; -1 if it is not
	hold   bool     // on the object looked at
}

// maxDepth is how deep parentheses are taken apart, and rules that name rules.
const maxDepth = 24

// split takes a condition apart at its ands and ors. Anything else, a loop or a
// negation as well, is a leaf: libyara says whether it holds.
func split(src string, of *anatomy, depth int) *term {
	src = strings.TrimSpace(src)
	if depth > 0 {
		src = unwrap(src)
		if parts := splitAt(src, "or"); len(parts) > 1 {
			return &term{text: src, or: true, of: of, kids: splitAll(parts, of, depth-1), id: -1}
		}
		if parts := splitAt(src, "and"); len(parts) > 1 {
			return &term{text: src, of: of, kids: splitAll(parts, of, depth-1), id: -1}
		}
	}
	return &term{text: src, of: of, id: -1}
}

func splitAll(parts []string, of *anatomy, depth int) []*term {
	var kids []*term
	for _, part := range parts {
		kids = append(kids, split(part, of, depth))
	}
	return kids
}

// splitAt splits at a word outside of parentheses.
func splitAt(src, word_ string) []string {
	var parts []string
	l := lexer{src: []byte(src)}
	depth, from := 0, 0
	for t := l.next(); t.kind != end; t = l.next() {
		switch s := l.text(t); {
		case t.kind == sign && (s == "(" || s == "["):
			depth++
		case t.kind == sign && (s == ")" || s == "]"):
			depth--
		case t.kind == word && s == word_ && depth == 0:
			parts = append(parts, src[from:t.start])
			from = t.end
		}
	}
	return append(parts, src[from:])
}

// unwrap takes away parentheses around the whole.
func unwrap(src string) string {
	for {
		l := lexer{src: []byte(src)}
		first := l.next()
		if l.text(first) != "(" {
			return src
		}
		depth := 1
		last := first
		for depth > 0 {
			last = l.next()
			switch {
			case last.kind == end:
				return src
			case last.kind == sign && l.text(last) == "(":
				depth++
			case last.kind == sign && l.text(last) == ")":
				depth--
			}
		}
		if after := l.next(); after.kind != end {
			return src
		}
		src = strings.TrimSpace(src[first.end:last.start])
	}
}

// compares are the operators between two values.
var compares = []string{"==", "!=", "<", ">", "<=", ">=", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "iequals", "matches"}

// compared is what stands left of the comparison of a leaf, or "".
func compared(src string) string {
	l := lexer{src: []byte(src)}
	depth := 0
	for t := l.next(); t.kind != end; t = l.next() {
		s := ""
		if t.kind == word || t.kind == sign {
			s = l.text(t)
		}
		switch {
		case s == "not" || s == "for" || s == "of" || s == "and" || s == "or": // loops and sets have no one value
			return ""
		case s == "(" || s == "[":
			depth++
		case s == ")" || s == "]":
			depth--
		case depth == 0 && slices.Contains(compares, s):
			return strings.TrimSpace(src[:t.start])
		}
	}
	return ""
}

// mentions are what a condition speaks of.
type mentions struct {
	strings []string // names such as $a, prefixes such as $a*; "*" for all
	words   []string // rules, among other things; prefixes such as a*
}

func mentioned(src string) mentions {
	var m mentions
	l := lexer{src: []byte(src)}
	dot := false
	for t := l.next(); t.kind != end; t = l.next() {
		s := l.text(t)
		switch {
		case t.kind == stringName && len(s) == 1: // of a loop over a set that is named as well
		case t.kind == stringName:
			m.strings = append(m.strings, "$"+s[1:])
		case t.kind == word && s == "them":
			m.strings = append(m.strings, "*")
		case t.kind == word && !dot:
			if l.pos < len(src) && src[l.pos] == '*' {
				s += "*"
			}
			m.words = append(m.words, s)
		}
		dot = t.kind == sign && s == "."
	}
	return m
}

// fits says that a name is one of those mentioned.
func fits(name string, patterns []string) bool {
	for _, p := range patterns {
		if prefix, ok := strings.CutSuffix(p, "*"); ok && strings.HasPrefix(name, prefix) || name == p {
			return true
		}
	}
	return false
}
