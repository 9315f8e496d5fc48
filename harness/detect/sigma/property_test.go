package sigma

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sidetrace/harness/detect"
)

// slowMatch is what a text with wildcards means, told as simply as can be.
func slowMatch(t text, s string) bool {
	if len(t) == 0 {
		return s == ""
	}
	rest := t[1:]
	switch t[0].kind {
	case literal:
		return strings.HasPrefix(s, t[0].text) && slowMatch(rest, s[len(t[0].text):])
	case anyMany:
		for i := 0; ; {
			if slowMatch(rest, s[i:]) {
				return true
			}
			if i == len(s) {
				return false
			}
			_, size := utf8.DecodeRuneInString(s[i:])
			i += size
		}
	default:
		r, size := utf8.DecodeRuneInString(s)
		return size > 0 && (t[0].kind == anyOne || isDash(r)) && slowMatch(rest, s[size:])
	}
}

// fast is the matcher that the engine chooses.
func fast(t text, s string) bool {
	m := simplest(t)
	r := event(processCreation, "F", s)
	n := newNames()
	n.slot("F")
	b := newBound(n)
	b.bind(r)
	return b.compare(&m, 0, true)
}

// TestWildcards compares the engine's matchers with slowMatch.
func TestWildcards(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	pick := func(n int, from ...string) string {
		var b strings.Builder
		for range r.IntN(n) {
			b.WriteString(from[r.IntN(len(from))])
		}
		return b.String()
	}
	hits := 0
	for range 30_000 {
		pattern := parseText(pick(8, "a", "b", "-a", "é", "*", "?", `\*`, `\\`))
		if r.IntN(2) == 0 {
			pattern = pattern.windash()
		}
		s := pick(10, "a", "b", "-", "/", "é", "—", "*", `\`)
		want := slowMatch(pattern, s)
		if want {
			hits++
		}
		if got := fast(pattern, s); got != want {
			t.Fatalf("%+v on %q: got %v, want %v", pattern, s, got, want)
		}
	}
	if hits < 1_000 {
		t.Errorf("only %d of the pairs match: the test shows little", hits)
	}
}

// TestWildcardsOfHostileLength: time does not grow without bounds.
func TestWildcardsOfHostileLength(t *testing.T) {
	g := newGlob(parseText(strings.Repeat("a*", 50) + "b?c"))
	start := time.Now()
	if g.match([]byte(strings.Repeat("a", 100_000) + "bxd")) {
		t.Error("matches")
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("took %v", d)
	}
}

// TestWindash compares with every spelling written out.
func TestWindash(t *testing.T) {
	for _, value := range []string{" -a", "-a /b", "a-b -c", "x --flag", "- a", "a/-b", "—x"} {
		forms := map[string]bool{"": true}
		before := ' '
		for i, c := range value {
			next, _ := utf8.DecodeRuneInString(value[i+utf8.RuneLen(c):])
			grown := map[string]bool{}
			for f := range forms {
				if isDash(c) && !isWord(before) && isWord(next) {
					for _, d := range dashes {
						grown[f+d] = true
					}
				} else {
					grown[f+string(c)] = true
				}
			}
			forms, before = grown, c
		}
		pattern := parseText(value).windash()
		for f := range forms {
			if !fast(pattern, f) {
				t.Errorf("%q does not match %q", value, f)
			}
		}
		spelled, ok := pattern.spelled()
		if !ok || len(spelled) != len(forms) {
			t.Errorf("%q: %d forms, want %d", value, len(spelled), len(forms))
		}
		for _, s := range spelled {
			if p, _ := s.plain(); !forms[p] {
				t.Errorf("%q: form %q", value, p)
			}
		}
	}
}

// TestBase64Offset: whatever stands around a value, one of its three forms is in
// the encoding; and no form is longer than it may be.
func TestBase64Offset(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	random := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.UintN(256))
		}
		return string(b)
	}
	for range 5_000 {
		value := random(3 + r.IntN(12))
		forms := base64Offsets(value)
		before := random(r.IntN(7))
		enc := base64.StdEncoding.EncodeToString([]byte(before + value + random(r.IntN(7))))
		if form := forms[len(before)%3]; !strings.Contains(enc, form) {
			t.Fatalf("%q: form %q is not in %q", value, form, enc)
		}
		for shift, form := range forms {
			// The form is all of the value's own characters: 6 bits each, none shared.
			bits := 8 * len(value)
			first := (6 - 8*shift%6) % 6
			if want := (bits - first) / 6; len(form) != want {
				t.Fatalf("%q at %d: form of %d characters, want %d", value, shift, len(form), want)
			}
		}
	}
}

// TestFold: the lower-case form is that of each character alone.
func TestFold(t *testing.T) {
	for _, s := range []string{"ABC", "ÄÖ", "\xff\xfeA\x00", "İ", "ẞ"} {
		if utf8.ValidString(s) {
			var want strings.Builder
			for _, r := range s {
				want.WriteString(strings.ToLower(string(r)))
			}
			if s != "İ" && fold(s) != want.String() { // package strings knows of a special case here
				t.Errorf("%q: got %q, want %q", s, fold(s), want.String())
			}
		}
	}
	if got := fold("\xff\xfeA\x00"); got != "\xff\xfea\x00" {
		t.Errorf("bytes that are no UTF-8 became %q", got)
	}
}

// FuzzParse: no rule, whatever it is, brings the engine down; what is accepted
// can be matched and explained.
func FuzzParse(f *testing.F) {
	for _, r := range generated(5) {
		f.Add([]byte(r))
	}
	f.Add([]byte(base("a", "b") + "title: c\ncorrelation: {type: temporal, rules: [a, b], timespan: 1m}\n"))
	f.Add([]byte("title: f\nlogsource: {product: windows}\nfilter: {rules: any, s: {A: b}, condition: not s}\n"))
	f.Add([]byte(rule("s: {'F|re|i': 'a(b|c)+', 'G|windash|base64offset|contains': ' -x', 'H|cidr': 10.0.0.0/8}\ncondition: 1 of s* and not (s or s)")))
	f.Add([]byte("a: &x [*x]\n--- \n...\n%YAML 1.2\n"))
	subject := timeline("0 a User=x", "1 b User=y")
	subject.Events = append(subject.Events, sysmonEvents(4)...)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<14 {
			return
		}
		l := newLoader(Options{Placeholders: placeholders})
		l.file("f.yml", "", data)
		l.finish()
		e := newEngine(l)
		e.Detect(t.Context(), subject)
		for i := range e.Rules() {
			if silence := e.Explain(t.Context(), i, subject); silence.Reason == "" {
				t.Errorf("no reason")
			}
		}
	})
}

// FuzzGlob compares wildcards with slowMatch.
func FuzzGlob(f *testing.F) {
	f.Add(`a*b?c`, "axxbxc", false)
	f.Add(`\\*\?`, `\x?`, true)
	f.Fuzz(func(t *testing.T, pattern, s string, windash bool) {
		if len(pattern) > 20 || len(s) > 40 {
			return
		}
		p := parseText(pattern)
		if windash {
			p = p.windash()
		}
		if got, want := fast(p, s), slowMatch(p, s); got != want {
			t.Errorf("%q on %q: got %v, want %v", pattern, s, got, want)
		}
	})
}

// TestConcurrent: an engine is shared, under the race detector.
func TestConcurrent(t *testing.T) {
	e := mustLoad(t, strings.Join(generated(50), "---\n"))
	s := &detect.Subject{Events: sysmonEvents(100)}
	want := fmt.Sprint(fired(e, s))
	done := make(chan string)
	for range 8 {
		go func() {
			got := fmt.Sprint(fired(e, s))
			e.Explain(t.Context(), 3, s)
			done <- got
		}()
	}
	for range 8 {
		if got := <-done; got != want {
			t.Error("differs")
		}
	}
}
