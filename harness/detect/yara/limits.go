package yara

import (
	"slices"

	"sidetrace/harness/detect"
)

// Limits says that a rule has no strings and asks for digests, and that its
// strings are all given as bytes.
func (e *Engine) Limits(n int, s *detect.Subject) []detect.Limit {
	p := e.places[n]
	a := dissect(p.source, &p.source.outline.rules[p.rule])
	var limits []detect.Limit
	if len(a.strings) == 0 && asksForDigest(a.condition) {
		limits = append(limits, detect.HashOnly)
	}
	if len(a.strings) > 0 && !slices.ContainsFunc(a.strings, func(d stringDef) bool { return d.kind != hexString }) {
		limits = append(limits, detect.CodeBytesOnly)
	}
	if len(s.Objects) == 0 {
		limits = append(limits, detect.NoTelemetry)
	}
	return limits
}

// asksForDigest says that a condition names a function of the module hash, or an
// import hash.
func asksForDigest(condition string) bool {
	l := lexer{src: []byte(condition)}
	for t := l.next(); t.kind != end; t = l.next() {
		if t.kind == word {
			switch l.text(t) {
			case "hash", "imphash":
				return true
			}
		}
	}
	return false
}
