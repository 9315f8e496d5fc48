package sigma

import (
	"bytes"
	"unicode/utf8"
)

// glob is a text with wildcards that no simpler comparison can do. It is matched
// without going back over a *, so that time is at most the product of both
// lengths.
type glob struct {
	segments []segment // what stands between the *
	open     [2]bool   // it begins, it ends with a *
	longest  []byte    // literal; what lacks it cannot match
}

// segment is a part of a glob without *.
type segment []piece

// piece is a literal, then at most one wildcard of one character.
type piece struct {
	lit  []byte
	then partKind // literal for none, anyOne, anyDash
}

func newGlob(t text) *glob {
	g := &glob{}
	g.open[0] = len(t) > 0 && t[0].kind == anyMany
	g.open[1] = len(t) > 0 && t[len(t)-1].kind == anyMany
	var seg segment
	end := func() {
		if len(seg) > 0 {
			g.segments = append(g.segments, seg)
			seg = nil
		}
	}
	for _, p := range t {
		switch p.kind {
		case anyMany:
			end()
		case literal:
			seg = append(seg, piece{lit: []byte(p.text)})
			if len(p.text) > len(g.longest) {
				g.longest = []byte(p.text)
			}
		default:
			if n := len(seg); n > 0 && seg[n-1].then == literal {
				seg[n-1].then = p.kind
			} else {
				seg = append(seg, piece{then: p.kind})
			}
		}
	}
	end()
	return g
}

// match says that the whole of s is of the glob's form.
func (g *glob) match(s []byte) bool {
	if len(g.segments) == 0 {
		return g.open[0] || len(s) == 0
	}
	if len(g.longest) > 0 && !bytes.Contains(s, g.longest) {
		return false
	}
	segs := g.segments
	if !g.open[0] {
		n, ok := segs[0].prefix(s)
		if !ok {
			return false
		}
		if s, segs = s[n:], segs[1:]; len(segs) == 0 {
			return g.open[1] || len(s) == 0
		}
	}
	if !g.open[1] {
		last := segs[len(segs)-1]
		for _, seg := range segs[:len(segs)-1] {
			n, ok := seg.find(s)
			if !ok {
				return false
			}
			s = s[n:]
		}
		return last.suffix(s)
	}
	for _, seg := range segs {
		n, ok := seg.find(s)
		if !ok {
			return false
		}
		s = s[n:]
	}
	return true
}

// prefix matches a segment at the start of s; n is where it ends.
func (seg segment) prefix(s []byte) (n int, ok bool) {
	for _, p := range seg {
		if !bytes.HasPrefix(s[n:], p.lit) {
			return 0, false
		}
		n += len(p.lit)
		if p.then == literal {
			continue
		}
		r, size := utf8.DecodeRune(s[n:])
		if size == 0 || p.then == anyDash && !isDash(r) {
			return 0, false
		}
		n += size
	}
	return n, true
}

// find matches a segment as early in s as it can; n is where it ends.
func (seg segment) find(s []byte) (n int, ok bool) {
	for at := 0; ; {
		if lit := seg[0].lit; len(lit) > 0 {
			i := bytes.Index(s[at:], lit)
			if i < 0 {
				return 0, false
			}
			at += i
		}
		if n, ok := seg.prefix(s[at:]); ok {
			return at + n, true
		}
		if at >= len(s) {
			return 0, false
		}
		at += runeLen(s[at:])
	}
}

// suffix matches a segment at the end of s.
func (seg segment) suffix(s []byte) bool {
	for at := 0; ; at += runeLen(s[at:]) {
		if n, ok := seg.prefix(s[at:]); ok && at+n == len(s) {
			return true
		}
		if at >= len(s) {
			return false
		}
	}
}

// runeLen is the length of the first character.
func runeLen(s []byte) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, size := utf8.DecodeRune(s)
	return size
}
