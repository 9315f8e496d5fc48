package match

import "strings"

// pattern is text with wildcards.
type pattern []element

type element struct {
	char rune
	wild wildcard
}

type wildcard uint8

const (
	none wildcard = iota
	one           // ?
	many          // *
)

// parsePattern reads wildcards and escapes as Sigma does: a backslash escapes
// * ? and itself, and stands for itself before anything else.
func parsePattern(s string) pattern {
	var p pattern
	escaped := false
	for _, r := range s {
		switch {
		case escaped && (r == '*' || r == '?' || r == '\\'):
			p = append(p, element{char: r})
			escaped = false
			continue
		case escaped:
			p = append(p, element{char: '\\'})
			escaped = false
		}
		switch r {
		case '\\':
			escaped = true
		case '*':
			p = append(p, element{wild: many})
		case '?':
			p = append(p, element{wild: one})
		default:
			p = append(p, element{char: r})
		}
	}
	if escaped {
		p = append(p, element{char: '\\'})
	}
	return p
}

// around adds the wildcards that an operator means.
func (p pattern) around(operator string) pattern {
	star := element{wild: many}
	if operator == "contains" || operator == "endswith" {
		p = append(pattern{star}, p...)
	}
	if operator == "contains" || operator == "startswith" {
		p = append(p[:len(p):len(p)], star)
	}
	return p
}

func (p pattern) lower() pattern {
	out := make(pattern, 0, len(p))
	for _, e := range p {
		if e.wild != none {
			out = append(out, e)
			continue
		}
		for _, r := range strings.ToLower(string(e.char)) {
			out = append(out, element{char: r})
		}
	}
	return out
}

// literal is the text of a pattern without wildcards.
func (p pattern) literal() (any, bool) {
	var b strings.Builder
	for _, e := range p {
		if e.wild != none {
			return nil, false
		}
		b.WriteRune(e.char)
	}
	return b.String(), true
}

// match walks text and pattern once, going back only to the last *, so that it
// takes at most len(text) times len(pattern) steps.
func (p pattern) match(s string) bool {
	text := []rune(s)
	i, j := 0, 0
	star, resume := -1, 0
	for i < len(text) {
		switch {
		case j < len(p) && p[j].wild == many:
			star, resume = j, i
			j++
		case j < len(p) && (p[j].wild == one || p[j].char == text[i]):
			i++
			j++
		case star >= 0:
			resume++
			i, j = resume, star+1
		default:
			return false
		}
	}
	for j < len(p) && p[j].wild == many {
		j++
	}
	return j == len(p)
}

// Glob compiles a text with wildcards into a test that disregards case.
func Glob(text string) func(string) bool {
	p := parsePattern(text).lower()
	return func(s string) bool { return p.match(strings.ToLower(s)) }
}
