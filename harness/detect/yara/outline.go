package yara

import (
	"bytes"
	"slices"
	"sort"
	"strings"
)

// outline is what a source's text holds, by the bytes at which it lies.
type outline struct {
	rules    []rule
	imports  []directive
	includes []directive
}

// directive is an import or include with its argument without the quotes.
type directive struct {
	span
	arg span
}

// span is a piece of source.
type span struct{ start, end int }

func (s span) of(src []byte) string { return string(src[s.start:s.end]) }

// rule is where a rule and its parts are.
type rule struct {
	span
	name            string
	nameAt          int
	private, global bool
	open            bool // its closing brace is missing
	strings         span // what stands between strings: and condition:
	condition       span
	modules         []string // words of the condition with a dot behind them
}

// parse finds the rules of a source. It takes any bytes: of what is broken it
// says what it can, and libyara has the last word.
func parse(src []byte) outline {
	p := parser{lexer: lexer{src: src}}
	p.advance()
	for p.now.kind != end {
		switch p.text() {
		case "import":
			p.directive(&p.out.imports)
		case "include":
			p.directive(&p.out.includes)
		case "rule", "private", "global":
			p.rule()
		default:
			p.advance()
		}
	}
	return p.out
}

type parser struct {
	lexer
	now token
	out outline
}

func (p *parser) advance() { p.now = p.next() }

// text is the word or sign at hand; "" for anything longer.
func (p *parser) text() string {
	if p.now.kind == word || p.now.kind == sign {
		return p.lexer.text(p.now)
	}
	return ""
}

func (p *parser) directive(list *[]directive) {
	d := directive{span: span{p.now.start, p.now.end}}
	p.advance()
	if p.now.kind != text || p.now.broken {
		return
	}
	d.end = p.now.end
	d.arg = span{p.now.start + 1, p.now.end - 1}
	*list = append(*list, d)
	p.advance()
}

// rule takes a rule from its modifiers to its closing brace. A rule whose brace
// is missing ends where the next one begins.
func (p *parser) rule() {
	var r rule
	r.start = p.now.start
	for ; p.text() == "private" || p.text() == "global"; p.advance() {
		r.private = r.private || p.text() == "private"
		r.global = r.global || p.text() == "global"
	}
	if p.text() != "rule" {
		return
	}
	p.advance()
	if p.now.kind != word {
		return
	}
	r.name, r.nameAt = p.lexer.text(p.now), p.now.start
	r.end = p.now.end
	for p.advance(); p.now.kind != end && p.text() != "{" && !p.atRule(); p.advance() {
		r.end = p.now.end
	}
	r.open = p.text() != "{"
	if !r.open {
		r.end = p.now.end
		p.advance()
		r.open = !p.body(&r)
	}
	p.out.rules = append(p.out.rules, r)
}

// atRule says that a rule begins here. Its words are reserved, so that they
// stand nowhere else.
func (p *parser) atRule() bool {
	t := p.text()
	return t == "rule" || t == "private" && p.section() || t == "global"
}

// section says that the word at hand is followed by another word, as the
// modifier of a rule is and that of a string, at its end, may not be.
func (p *parser) section() bool {
	ahead := p.lexer
	t := ahead.next()
	s := ahead.text(t)
	return t.kind == word && (s == "rule" || s == "global")
}

// body takes what stands between the braces, and says whether it ends.
func (p *parser) body(r *rule) bool {
	for ; ; p.advance() {
		switch p.text() {
		case "}":
			r.end = p.now.end
			r.close(p.now.start)
			p.advance()
			return true
		case "strings":
			if p.colon() && r.condition.start == 0 {
				r.strings = span{p.now.end, p.now.end}
			}
		case "condition":
			if at := p.now.start; p.colon() {
				r.close(at)
				r.condition = span{p.now.end, p.now.end}
			}
		case ".":
			if r.condition.start > 0 {
				p.module(r)
			}
		}
		if p.now.kind == end || p.atRule() {
			r.close(p.now.start)
			return false
		}
		r.end = p.now.end
	}
}

// colon says that a colon follows, and goes on to it.
func (p *parser) colon() bool {
	ahead := p.lexer
	if t := ahead.next(); t.kind != sign || ahead.text(t) != ":" {
		return false
	}
	p.advance()
	return true
}

// close ends the section that is open.
func (r *rule) close(at int) {
	if r.condition.start > 0 {
		r.condition.end = at
	} else if r.strings.start > 0 {
		r.strings.end = at
	}
}

// module notes the word before a dot. Fields of fields are noted as well, which
// does no harm.
func (p *parser) module(r *rule) {
	i := p.now.start
	for i > 0 && isWord(p.src[i-1]) {
		i--
	}
	if name := string(p.src[i:p.now.start]); name != "" && !slices.Contains(r.modules, name) {
		r.modules = append(r.modules, name)
	}
}

// lines are the offsets at which the lines of a source begin.
type lines []int

func linesOf(src []byte) lines {
	l := lines{0}
	for i := 0; ; {
		n := bytes.IndexByte(src[i:], '\n')
		if n < 0 {
			return l
		}
		i += n + 1
		l = append(l, i)
	}
}

// position is the line and column of an offset, both from 1.
func (l lines) position(offset int) (line, column int) {
	line = sort.SearchInts(l, offset+1)
	return line, offset - l[line-1] + 1
}

// blank overwrites a piece of source with spaces, so that lines stay in place.
func blank(src []byte, s span) {
	for i := s.start; i < s.end; i++ {
		if src[i] != '\n' {
			src[i] = ' '
		}
	}
}

// oneLine is a piece of source with its white space and comments made short, at
// most limit bytes.
func oneLine(src string, limit int) string {
	l := lexer{src: []byte(src)}
	var b strings.Builder
	last := 0
	for t := l.next(); t.kind != end; t = l.next() {
		if b.Len() > 0 && t.start > last {
			b.WriteByte(' ')
		}
		last = t.end
		b.WriteString(l.text(t))
		if b.Len() > limit {
			return strings.ToValidUTF8(b.String()[:limit], "") + "…"
		}
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}
