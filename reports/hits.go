package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// TargetDetections is what rules said of one target that is no scenario's run.
type TargetDetections struct {
	Target     string      `json:"target"`
	Detections *Detections `json:"detections"`
}

// WriteTargetsJSON writes what rules said of targets as JSON.
func WriteTargetsJSON(w io.Writer, list []TargetDetections) error { return writeJSON(w, list) }

// WriteHits writes what rules said of one target, a line for each hit: where it
// is, the rule's id and title. Rules to be explained, by index, have their
// evidence or the reason of their silence below.
func WriteHits(w io.Writer, target string, d *Detections, explained []int) error {
	p := newPrinter(w, TextOptions{})
	for i := range d.Rules {
		r := &d.Rules[i]
		explain := slices.Contains(explained, i)
		for k := range r.Fires {
			p.hit(target, r, &r.Fires[k])
			if explain {
				p.why(&r.Fires[k])
			}
		}
		if explain && !r.Fired() {
			p.linef("%s: %s is silent: %s", target, hitName(r), r.Silence.Reason)
			p.silence(r.Silence)
		}
	}
	return p.out.Flush()
}

func (p *printer) hit(target string, r *RuleResult, f *Fire) {
	place := target
	if f.On != target {
		place += ": " + f.On
	}
	if len(f.Evidence) > 0 && f.Evidence[0].Offset != nil {
		place += fmt.Sprintf(" at 0x%X", *f.Evidence[0].Offset)
	}
	p.linef("%s: %s", place, hitName(r))
}

// hitName is a rule by its language, id and title.
func hitName(r *RuleResult) string {
	name := r.Engine + " " + r.ID
	if r.Revision != "" {
		name += "@" + r.Revision
	}
	if r.Title != "" && r.Title != r.ID {
		name += " (" + strings.TrimSuffix(r.Title, ".") + ")"
	}
	return name
}

func (p *printer) why(f *Fire) {
	for _, e := range f.Evidence {
		at := ""
		if e.Offset != nil {
			at = fmt.Sprintf(" at 0x%X", *e.Offset)
		}
		p.linef("    %s%s: %s", e.Term, at, e.Text)
	}
}
