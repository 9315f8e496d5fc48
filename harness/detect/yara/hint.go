package yara

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"sidetrace/harness/detect"
)

// hinter tells of strings that were not found what was found instead.
type hinter struct {
	e      *Engine
	object *detect.Object
	search searcher
	forms  map[string][]match // where other forms of the strings are, by the names of rewritten
}

// maxHints is how many strings are looked for in other forms.
const maxHints = 32

// rewritten are forms of a string in which it might have been found, and what
// the string lacks or has too much.
var rewritten = []struct{ prefix, modifiers string }{
	{"$case_", "nocase ascii wide"},
	{"$xor_", "xor ascii wide"},
	{"$base_", "base64"},
}

// newHinter looks for the strings in the object in all forms at once.
func (e *Engine) newHinter(ctx context.Context, o *detect.Object, missing []stringDef) *hinter {
	h := &hinter{e: e, object: o, search: searcher{budget: 1 << 30}, forms: map[string][]match{}}
	var b strings.Builder
	for i, d := range missing[:min(len(missing), maxHints)] {
		for _, form := range rewritten {
			// Short strings are in any bytes in some encoding.
			if d.kind == hexString || form.prefix != "$case_" && (d.kind != text || len(d.letters()) < 6) {
				continue
			}
			fmt.Fprintf(&b, "%s%d = %s %s\n", form.prefix, i, d.value, form.modifiers)
		}
	}
	if b.Len() == 0 {
		return h
	}
	rules, _, err := compileText("rule forms {\nstrings:\n"+b.String()+"condition: any of them\n}", nil)
	if err != nil {
		return h
	}
	out, err := rules.scan(ctx, o.Data, isProcess(o), nil, limits{timeout: e.timeout, keep: 64, room: 10_000})
	if err != nil {
		return h
	}
	for _, hit := range out.hits {
		for _, s := range hit.strings {
			h.forms[s.name] = append(h.forms[s.name], s.matches...)
		}
	}
	return h
}

// hint says what comes nearest to a string in the object, or "".
func (h *hinter) hint(i int, d *stringDef) string {
	if i < maxHints && d.kind != hexString {
		if s := h.inForm(i, d); s != "" {
			return s
		}
	}
	switch d.kind {
	case hexString:
		return h.hexNear(d)
	case text:
		return h.textNear(d)
	}
	return ""
}

// inForm tells of the form in which the string is there.
func (h *hinter) inForm(i int, d *stringDef) string {
	best, lacks := "", 100
	for _, m := range h.forms[fmt.Sprintf("$case_%d", i)] {
		if s, n := h.differs(d, m); n < lacks {
			best, lacks = s, n
		}
	}
	if best != "" {
		return best
	}
	if xored := h.forms[fmt.Sprintf("$xor_%d", i)]; len(xored) > 0 {
		at := xored[0].offset
		why := "it has no xor"
		if d.has("xor") {
			why = "its range leaves that out"
		}
		return fmt.Sprintf("it is at %#x, xored with 0x%02x: %s", at, h.object.Data[at]^d.letters()[0], why)
	}
	if based := h.forms[fmt.Sprintf("$base_%d", i)]; len(based) > 0 {
		return fmt.Sprintf("it is at %#x in base64: it has no base64", based[0].offset)
	}
	return ""
}

// differs says in what a match that ignores case, width and words is not one of
// the string, and in how many ways.
func (h *hinter) differs(d *stringDef, m match) (string, int) {
	data := h.object.Data
	if m.offset < 0 || m.offset+m.length > int64(len(data)) {
		return "", 100
	}
	got := data[m.offset : m.offset+m.length]
	narrow := narrowed(got)
	wide := narrow != nil
	if !wide {
		narrow = got
	}
	var ways []string
	switch {
	case wide && !d.has("wide"):
		ways = append(ways, "in UTF-16: it has no wide")
	case !wide && d.has("wide") && !d.has("ascii"):
		ways = append(ways, "in ASCII: it is wide alone")
	}
	if d.kind == text && !bytes.Equal(narrow, d.letters()) || d.kind == regex && !d.has("nocase") && len(ways) == 0 && !d.has("fullword") {
		ways = append(ways, fmt.Sprintf("in other case, %q: it has no nocase", printable(got[:min(len(got), shown)])))
	}
	if d.has("fullword") && !bounded(data, m, wide) {
		from, to := max(m.offset-8, 0), min(m.offset+m.length+8, int64(len(data)))
		ways = append(ways, fmt.Sprintf("inside a longer word, %q: it has fullword", dotted(data[from:to])))
	}
	if d.has("xor") || d.has("base64") || d.has("base64wide") {
		ways = append(ways, "not encoded")
	}
	if len(ways) == 0 {
		return "", 100
	}
	return fmt.Sprintf("it is at %#x %s", m.offset, strings.Join(ways, ", ")), len(ways)
}

// narrowed is UTF-16 as ASCII, nil for what is not.
func narrowed(b []byte) []byte {
	if len(b) < 2 || len(b)%2 != 0 {
		return nil
	}
	out := []byte{}
	for i := 0; i < len(b); i += 2 {
		if b[i+1] != 0 {
			return nil
		}
		out = append(out, b[i])
	}
	return out
}

// bounded says that a match is a word by itself, as fullword asks.
func bounded(data []byte, m match, wide bool) bool {
	letter := func(at int64) bool {
		return at >= 0 && at < int64(len(data)) && isWord(data[at]) && data[at] != '_'
	}
	before, after := m.offset-1, m.offset+m.length
	if wide {
		before--
	}
	return !letter(before) && !letter(after)
}

// dotted shows bytes as text, each that is none as a dot.
func dotted(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '.'
		}
		return r
	}, string(bytes.ToValidUTF8(b, []byte{'.'})))
}

// forms are the bytes a text string is looked for as: of eight bits, of sixteen,
// or both.
func (d *stringDef) forms() [][]cell {
	letters := d.letters()
	switch {
	case !d.has("wide"):
		return [][]cell{plain(letters, false)}
	case !d.has("ascii"):
		return [][]cell{plain(letters, true)}
	}
	return [][]cell{plain(letters, false), plain(letters, true)}
}

// textNear tells where most of the letters of a string are.
func (h *hinter) textNear(d *stringDef) string {
	var best spot
	var cells []cell
	for _, form := range d.forms() {
		near, ok := h.search.nearest(form, h.object.Data)
		if ok && 2*near.fit >= len(form) && near.fit*len(cells) >= best.fit*len(form) {
			best, cells = near, form
		}
	}
	if cells == nil {
		return ""
	}
	from := max(best.offset, 0)
	to := min(best.offset+min(len(cells), shown), len(h.object.Data))
	return fmt.Sprintf("the nearest is at %#x, %q: %s", from, dotted(h.object.Data[from:to]), h.difference(cells, best))
}

// hexNear tells which piece of a string is not there and what comes nearest.
func (h *hinter) hexNear(d *stringDef) string {
	pieces := hexPieces(d.value)
	var places []string
	for i, cells := range pieces {
		near, ok := h.search.nearest(cells, h.object.Data)
		if !ok || near.first >= 0 {
			if _, long := solidRun(cells); !long {
				continue // too short to be looked for
			}
			part := ""
			if len(pieces) > 1 {
				part = fmt.Sprintf("part %d of %d, %s: ", i+1, len(pieces), pattern(cells))
			}
			if !ok || 2*near.fit < len(cells) {
				if part == "" {
					return ""
				}
				return part + "nothing like it"
			}
			return fmt.Sprintf("%sat %#x %s", part, max(near.offset, 0), h.difference(cells, near))
		}
		places = append(places, fmt.Sprintf("%#x", near.offset))
	}
	if len(pieces) < 2 || len(places) == 0 {
		return ""
	}
	return fmt.Sprintf("its parts are there, at %s, and not in this order, at these distances or with one of the alternatives", strings.Join(places, ", "))
}

// difference says how much fits and where it first does not.
func (h *hinter) difference(cells []cell, near spot) string {
	s := fmt.Sprintf("%d of %d bytes match, byte %d should be %s and ", near.fit, len(cells), near.first, pattern(cells[near.first:near.first+1]))
	at := near.offset + near.first
	if at < 0 || at >= len(h.object.Data) {
		return s + "is outside"
	}
	return s + fmt.Sprintf("is %02X", h.object.Data[at])
}

// solidRun says that cells have a window without wildcards.
func solidRun(cells []cell) (at int, ok bool) {
	for i := 0; i+window <= len(cells); i++ {
		if _, ok := solid(cells[i : i+window]); ok {
			return i, true
		}
	}
	return 0, false
}

// pattern writes cells as a rule does.
func pattern(cells []cell) string {
	var b strings.Builder
	for i, c := range cells {
		if i == 8 {
			b.WriteString(" …")
			break
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		for _, half := range [2]struct{ value, mask byte }{{c.value >> 4, c.mask >> 4}, {c.value & 0xF, c.mask & 0xF}} {
			if half.mask == 0 {
				b.WriteByte('?')
			} else {
				fmt.Fprintf(&b, "%X", half.value)
			}
		}
	}
	return b.String()
}
