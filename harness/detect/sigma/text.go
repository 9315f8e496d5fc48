package sigma

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// partKind is what one part of a text stands for.
type partKind uint8

const (
	literal partKind = iota
	anyOne           // ?: one character
	anyMany          // *: any number of characters
	anyDash          // one of dashes
)

// part is one part of a text: literal, or a wildcard.
type part struct {
	kind partKind
	text string // for literal
}

// text is a string of a rule: literals and wildcards. No two literals follow
// each other.
type text []part

// dashes are what begins an option on a command line of Windows, and what
// programs take for it.
var dashes = []string{"-", "/", "\u2013", "\u2014", "\u2015"}

// parseText reads the wildcards of a string: a backslash escapes a wildcard and
// a backslash, and stands for itself before anything else (specification,
// section "Escaping").
func parseText(s string) text {
	var t text
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && strings.IndexByte(`\*?`, s[i+1]) >= 0:
			i++
			b.WriteByte(s[i])
		case c == '*' || c == '?':
			t = t.literal(b.String())
			b.Reset()
			if c == '*' {
				t = t.many()
			} else {
				t = append(t, part{kind: anyOne})
			}
		default:
			b.WriteByte(c)
		}
	}
	return t.literal(b.String())
}

// literal adds a literal to the end.
func (t text) literal(s string) text {
	if s == "" {
		return t
	}
	if n := len(t); n > 0 && t[n-1].kind == literal {
		t[n-1].text += s
		return t
	}
	return append(t, part{literal, s})
}

// many adds * to the end; two are one.
func (t text) many() text {
	if n := len(t); n > 0 && t[n-1].kind == anyMany {
		return t
	}
	return append(t, part{kind: anyMany})
}

// plain is the text if it has no wildcards.
func (t text) plain() (string, bool) {
	switch {
	case len(t) == 0:
		return "", true
	case len(t) == 1 && t[0].kind == literal:
		return t[0].text, true
	}
	return "", false
}

// mapped is a copy with every literal changed.
func (t text) mapped(change func(string) string) text {
	var out text
	for _, p := range t {
		if p.kind == literal {
			out = out.literal(change(p.text))
		} else {
			out = append(out, p)
		}
	}
	return out
}

// windash replaces the dashes that begin an option by any of dashes: those that
// a word follows and none precedes.
func (t text) windash() text {
	var out text
	for _, p := range t {
		if p.kind != literal {
			out = append(out, p)
			continue
		}
		from, before := 0, ' '
		for i, r := range p.text {
			size := utf8.RuneLen(r)
			if isDash(r) && !isWord(before) {
				if next, _ := utf8.DecodeRuneInString(p.text[i+size:]); isWord(next) {
					out = append(out.literal(p.text[from:i]), part{kind: anyDash})
					from = i + size
				}
			}
			before = r
		}
		out = out.literal(p.text[from:])
	}
	return out
}

func isDash(r rune) bool { return r == '-' || r == '/' || r >= '\u2013' && r <= '\u2015' }

func isWord(r rune) bool {
	return r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// maxDashes bounds how many dashes are written out in all their forms.
const maxDashes = 4

// spelled writes out every form of anyDash, for encodings that need the bytes.
func (t text) spelled() ([]text, bool) {
	n := 0
	for _, p := range t {
		if p.kind == anyDash {
			n++
		}
	}
	if n > maxDashes {
		return nil, false
	}
	out := []text{nil}
	for _, p := range t {
		if p.kind != anyDash {
			for i := range out {
				if p.kind == literal {
					out[i] = out[i].literal(p.text)
				} else {
					out[i] = append(out[i], p)
				}
			}
			continue
		}
		var next []text
		for _, o := range out {
			for _, d := range dashes {
				next = append(next, append(text(nil), o...).literal(d))
			}
		}
		out = next
	}
	return out, true
}

// base64Offsets are the encodings of data at the three places it may have among
// groups of three bytes, without the characters that its neighbours share.
func base64Offsets(data string) [3]string {
	var out [3]string
	for shift := range 3 {
		enc := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", shift) + data))
		from := [3]int{0, 2, 3}[shift]               // characters that bytes before share
		drop := [3]int{0, 3, 2}[(shift+len(data))%3] // "=" and the character that bytes behind share
		out[shift] = enc[min(from, len(enc)-drop) : len(enc)-drop]
	}
	return out
}

// utf16Bytes encodes to UTF-16, little or big-endian.
func utf16Bytes(s string, big bool) string {
	units := utf16.Encode([]rune(s))
	b := make([]byte, 0, 2*len(units))
	for _, u := range units {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

// appendFold appends a string's lower-case form, character by character. Bytes
// that are not UTF-8 stay as they are.
func appendFold(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			b = append(b, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			b = append(b, c)
		} else {
			b = utf8.AppendRune(b, unicode.ToLower(r))
		}
		i += size
	}
	return b
}

func fold(s string) string { return string(appendFold(nil, s)) }
