package detect

import (
	"fmt"
	"time"

	"sidetrace/harness/telemetry"
)

// EventName is an event of the subject in short, for [reports.Fire] and
// [reports.Term]: its category, and when it happened since the first one.
// An event of a log is told by its line.
func (s *Subject) EventName(e *telemetry.Event) string {
	what := e.Source.Category
	switch {
	case what != "":
	case e.ID != 0:
		what = fmt.Sprintf("event %d", e.ID)
	case e.Source.Service != "":
		what = e.Source.Service
	default:
		what = "event"
	}
	if e.Line != 0 {
		return fmt.Sprintf("%s in line %d", what, e.Line)
	}
	if e.Time.IsZero() || len(s.Events) == 0 || s.Events[0].Time.IsZero() {
		return what
	}
	d := e.Time.Sub(s.Events[0].Time).Truncate(time.Millisecond)
	if d < 0 {
		d = 0
	}
	if d >= time.Hour {
		return fmt.Sprintf("%s at %d:%02d:%06.3f", what, d/time.Hour, d/time.Minute%60, (d % time.Minute).Seconds())
	}
	return fmt.Sprintf("%s at %02d:%06.3f", what, d/time.Minute, (d % time.Minute).Seconds())
}
