package yara

import "bytes"

// Kinds of tokens of a rule's source.
type kind uint8

const (
	end        kind = iota
	word            // identifier, keyword or number
	stringName      // $a, $a*, #a, @a, !a, and the bare sign
	text            // "…"
	regex           // /…/ with its flags
	hexString       // { … } behind an equals sign
	sign            // any other byte, and .. == != <= >= << >>
)

// token is a piece of source.
type token struct {
	kind       kind
	start, end int  // bytes of the source
	broken     bool // not closed
}

// lexer splits a source as libyara's own does, as far as is needed to know
// where rules and their parts begin and end. It takes any bytes.
type lexer struct {
	src    []byte
	pos    int
	equals bool // the last token was =
}

func (l *lexer) text(t token) string { return string(l.src[t.start:t.end]) }

// next reads a token; at the end of the source it is of kind end.
func (l *lexer) next() token {
	l.space()
	t := token{start: l.pos}
	if l.pos >= len(l.src) {
		t.end = l.pos
		return t
	}
	equals := l.equals
	l.equals = false
	switch c := l.src[l.pos]; {
	case isWord(c):
		t.kind = word
		l.word()
	case c == '$' || c == '#' || c == '@':
		t.kind = stringName
		l.pos++
		l.word()
		l.star(c)
	case c == '!' && l.pos+1 < len(l.src) && isWord(l.src[l.pos+1]):
		t.kind = stringName
		l.pos++
		l.word()
	case c == '"':
		t.kind = text
		t.broken = !l.quoted('"')
	case c == '/':
		t.kind = regex
		t.broken = !l.quoted('/')
		if !t.broken {
			l.word() // flags
		}
	case c == '{' && equals:
		t.kind = hexString
		t.broken = !l.hex()
	default:
		t.kind = sign
		l.pos++
		if l.pos < len(l.src) {
			switch string(l.src[l.pos-1 : l.pos+1]) {
			case "..", "==", "!=", "<=", ">=", "<<", ">>":
				l.pos++
			}
		}
		l.equals = l.pos-t.start == 1 && c == '='
	}
	t.end = l.pos
	return t
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

func (l *lexer) word() {
	for l.pos < len(l.src) && isWord(l.src[l.pos]) {
		l.pos++
	}
}

// star takes the asterisk of $a*, which stands for every string that begins so.
func (l *lexer) star(c byte) {
	if c == '$' && l.pos < len(l.src) && l.src[l.pos] == '*' {
		l.pos++
	}
}

// space skips white space and comments.
func (l *lexer) space() {
	for l.pos < len(l.src) {
		rest := l.src[l.pos:]
		switch {
		case rest[0] == ' ' || '\t' <= rest[0] && rest[0] <= '\r':
			l.pos++
		case bytes.HasPrefix(rest, []byte("//")):
			l.skipTo(rest, "\n")
		case bytes.HasPrefix(rest, []byte("/*")):
			l.pos += 2
			l.skipTo(rest[2:], "*/")
		default:
			return
		}
	}
}

func (l *lexer) skipTo(rest []byte, mark string) {
	if i := bytes.Index(rest, []byte(mark)); i >= 0 {
		l.pos += i + len(mark)
	} else {
		l.pos = len(l.src)
	}
}

// quoted skips to the closing quote, which must be on the same line.
func (l *lexer) quoted(quote byte) bool {
	for l.pos++; l.pos < len(l.src); l.pos++ {
		switch l.src[l.pos] {
		case quote:
			l.pos++
			return true
		case '\\':
			l.pos++
			if l.pos < len(l.src) && l.src[l.pos] == '\n' {
				return false
			}
		case '\n':
			return false
		}
	}
	l.pos = min(l.pos, len(l.src))
	return false
}

// hex skips to the closing brace of a hexadecimal string. It gives up at what
// shows that the brace is missing.
func (l *lexer) hex() bool {
	for l.pos++; l.pos < len(l.src); {
		l.space()
		if l.pos >= len(l.src) {
			break
		}
		switch l.src[l.pos] {
		case '}':
			l.pos++
			return true
		case '$', ':', '"', '{', '=':
			return false
		}
		l.pos++
	}
	return false
}
