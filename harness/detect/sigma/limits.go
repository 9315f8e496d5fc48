package sigma

import (
	"slices"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
)

// Limits says that the subject has no events of the rule's log source, and that
// the rule cannot hold without a digest that it names. Of correlations nothing is
// said.
func (e *Engine) Limits(rule int, s *detect.Subject) []detect.Limit {
	r := e.rules[rule].rule
	if r == nil {
		return nil
	}
	var limits []detect.Limit
	if r.cond.needsHash() {
		limits = append(limits, detect.HashOnly)
	}
	if !slices.ContainsFunc(s.Events, func(ev telemetry.Event) bool { return r.source.takes(ev.Source) }) {
		limits = append(limits, detect.NoTelemetry)
	}
	return limits
}

// needsHash says that the condition can hold with a digest alone.
func (c *condition) needsHash() bool {
	switch c.op {
	case opAnd:
		return slices.ContainsFunc(c.parts, (*condition).needsHash)
	case opOr:
		return len(c.parts) > 0 && !slices.ContainsFunc(c.parts, func(p *condition) bool { return !p.needsHash() })
	case opNot:
		return false
	}
	return c.sel != nil && len(c.sel.groups) > 0 && !slices.ContainsFunc(c.sel.groups, func(g items) bool {
		return !slices.ContainsFunc(g.terms, (*term).isHash)
	})
}

// isHash says that the term compares the digest of a file.
func (t *term) isHash() bool {
	field, _, _ := strings.Cut(strings.ToLower(t.label), "|")
	switch field {
	case "hashes", "hash", "md5", "sha1", "sha256", "imphash":
		return !t.neg
	}
	return strings.HasSuffix(field, ".md5") || strings.HasSuffix(field, ".sha1") || strings.HasSuffix(field, ".sha256")
}
