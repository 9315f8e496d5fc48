package hunt

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// This file takes the text of a query apart, as far as is needed to bind its
// variables, to find its conditions and to tell in which line something is. SQL
// itself is left to SQLite.

// tokenKind is what a token is.
type tokenKind uint8

const (
	wordToken     tokenKind = iota // a keyword or a bare name
	nameToken                      // "…", `…` or […]
	stringToken                    // '…'
	numberToken                    //
	variableToken                  // $$…$$
	markToken                      // anything else, one character or an operator
)

// token is a piece of a query.
type token struct {
	kind       tokenKind
	text       string // as it is written
	start, end int    // bytes of the query
	line       int
	depth      int // parentheses it is in; one of its own for each
}

// is says that a token is a keyword or an operator.
func (t *token) is(s string) bool {
	return (t.kind == wordToken || t.kind == markToken) && strings.EqualFold(t.text, s)
}

func (t *token) isAny(words ...string) bool {
	for _, w := range words {
		if t.is(w) {
			return true
		}
	}
	return false
}

// name is the name that a token is, or "".
func (t *token) name() string {
	switch t.kind {
	case wordToken:
		return t.text
	case nameToken:
		q := t.text[len(t.text)-1:]
		return strings.ReplaceAll(t.text[1:len(t.text)-1], q+q, q)
	}
	return ""
}

// value is the text that a string stands for.
func (t *token) value() string {
	if t.kind != stringToken && t.kind != nameToken {
		return t.text
	}
	q := t.text[len(t.text)-1:]
	return strings.ReplaceAll(t.text[1:len(t.text)-1], q+q, q)
}

// scanError is where a query cannot be taken apart.
type scanError struct {
	line, column int
	message      string
}

func (e *scanError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.message) }

// longestVariable is how long the name of a variable may be.
const longestVariable = 100

// scan takes a query apart. Comments are left out.
func scan(s string) ([]token, *scanError) {
	var tokens []token
	line, lineStart, depth := 1, 0, 0
	fail := func(at int, format string, args ...any) *scanError {
		return &scanError{line, utf8.RuneCountInString(s[lineStart:at]) + 1, fmt.Sprintf(format, args...)}
	}
	for i := 0; i < len(s); {
		start, startLine := i, line
		c := s[i]
		add := func(kind tokenKind, end int) {
			d := depth
			tokens = append(tokens, token{kind, s[start:end], start, end, startLine, d})
			for k := start; k < end; k++ {
				if s[k] == '\n' {
					line++
					lineStart = k + 1
				}
			}
			i = end
		}
		switch {
		case c == '\n':
			line++
			i++
			lineStart = i
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v':
			i++
		case strings.HasPrefix(s[i:], "\ufeff") || strings.HasPrefix(s[i:], "\u00a0"):
			_, n := utf8.DecodeRuneInString(s[i:])
			i += n
		case strings.HasPrefix(s[i:], "--"):
			n := strings.IndexByte(s[i:], '\n')
			if n < 0 {
				n = len(s) - i
			}
			i += n
		case strings.HasPrefix(s[i:], "/*"):
			n := strings.Index(s[i+2:], "*/")
			if n < 0 {
				return nil, fail(i, "a comment is not closed")
			}
			end := i + 2 + n + 2
			for ; i < end; i++ {
				if s[i] == '\n' {
					line++
					lineStart = i + 1
				}
			}
		case strings.HasPrefix(s[i:], "$$"):
			n := strings.Index(s[i+2:], "$$")
			if n <= 0 || n > longestVariable || strings.ContainsRune(s[i+2:i+2+n], '\n') {
				return nil, fail(i, "a variable is not closed: it is written $$name$$")
			}
			add(variableToken, i+2+n+2)
		case c == '\'' || c == '"' || c == '`' || c == '[':
			quote := c
			if c == '[' {
				quote = ']'
			}
			k := i + 1
			for k < len(s) && (s[k] != quote || c != '[' && k+1 < len(s) && s[k+1] == quote) {
				if s[k] == quote {
					k++
				}
				k++
			}
			if k >= len(s) {
				return nil, fail(i, "a text in %c is not closed", c)
			}
			kind := nameToken
			if c == '\'' {
				kind = stringToken
			}
			add(kind, k+1)
		case c >= '0' && c <= '9' || c == '.' && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9':
			k := i + 1
			for k < len(s) && (letter(s[k]) || s[k] == '.' || (s[k] == '+' || s[k] == '-') && (s[k-1]|0x20) == 'e' && !strings.HasPrefix(s[i:], "0x")) {
				k++
			}
			add(numberToken, k)
		case letter(c):
			k := i + 1
			for k < len(s) && (letter(s[k]) || s[k] == '$' && !strings.HasPrefix(s[k:], "$$")) {
				k++
			}
			add(wordToken, k)
		case c == '(':
			depth++
			add(markToken, i+1)
		case c == ')':
			add(markToken, i+1)
			depth = max(depth-1, 0)
		default:
			n := 1
			for _, operator := range []string{"->>", "||", "<=", ">=", "<>", "!=", "==", "<<", ">>", "->"} {
				if strings.HasPrefix(s[i:], operator) {
					n = len(operator)
					break
				}
			}
			add(markToken, i+n)
		}
	}
	return tokens, nil
}

func letter(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}
