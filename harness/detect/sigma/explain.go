package sigma

import (
	"context"
	"fmt"

	"sidetrace/harness/detect"
	"sidetrace/reports"
)

// Explain says why a rule did not fire on the subject.
func (e *Engine) Explain(_ context.Context, rule int, s *detect.Subject) reports.Silence {
	r := e.rules[rule].rule
	if r == nil {
		return reports.Silence{Reason: "the correlation's condition does not hold"}
	}
	n := 0
	for i := range s.Events {
		if r.source.takes(s.Events[i].Source) {
			n++
		}
	}
	if n == 0 {
		return reports.Silence{Reason: fmt.Sprintf("no event of %v", r.source)}
	}
	return reports.Silence{Reason: fmt.Sprintf("the condition does not hold for any of %s of %v", plural(n, "event"), r.source)}
}
