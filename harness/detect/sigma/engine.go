package sigma

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
	"sidetrace/reports"
)

// Bounds on what one subject may bring about.
const (
	maxFindings = 1_000   // of one rule
	maxHits     = 1 << 20 // of one rule that is part of a correlation
)

// Engine is a set of compiled rules. It does not change.
type Engine struct {
	rules []loaded
	infos []reports.Rule
	order []int // correlations, each behind those it refers to
	part  []bool
	names *names
	pool  *sync.Pool
	gates []gated

	unsupported, broken int
}

// gated is the rules of one log source.
type gated struct {
	gate
	rules []int
}

func newEngine(l *loader) *Engine {
	e := &Engine{rules: l.rules, order: l.order, names: l.names, unsupported: l.unsupported, broken: l.broken}
	e.pool = &sync.Pool{New: func() any { return newBound(l.names) }}
	e.part = make([]bool, len(e.rules))
	for _, i := range e.order {
		for _, r := range e.rules[i].correlation.rules {
			e.part[r] = true
		}
	}
	index := map[string]int{}
	for i, r := range e.rules {
		e.infos = append(e.infos, r.info)
		if r.rule == nil {
			continue
		}
		key := fmt.Sprintf("%q", r.rule.source)
		k, ok := index[key]
		if !ok {
			k = len(e.gates)
			index[key] = k
			e.gates = append(e.gates, gated{gate: r.rule.source})
		}
		e.gates[k].rules = append(e.gates[k].rules, i)
	}
	return e
}

// Name is "sigma".
func (e *Engine) Name() string { return "sigma" }

// Rules lists the rules. Those that are but part of a correlation are among
// them.
func (e *Engine) Rules() []reports.Rule { return e.infos }

// Count tells how many rules, correlations and filters were loaded, are valid and
// not supported, and are not valid.
func (e *Engine) Count() (ok, unsupported, broken int) {
	return len(e.rules), e.unsupported, e.broken
}

// route lists the rules that see the events of a log source, in their order.
func (e *Engine) route(s telemetry.Logsource) []int {
	var out []int
	for i := range e.gates {
		if e.gates[i].takes(s) {
			out = append(out, e.gates[i].rules...)
		}
	}
	slices.Sort(out)
	return out
}

// run evaluates the rules of detection: for each, the events it fires on.
type run struct {
	events  []telemetry.Event
	hits    [][]int32
	dropped []int // hits that are not in hits
	stopped error
	done    int // events
}

func (e *Engine) run(ctx context.Context, events []telemetry.Event) *run {
	r := &run{events: events, hits: make([][]int32, len(e.rules)), dropped: make([]int, len(e.rules))}
	routes := map[telemetry.Logsource][]int{}
	b := e.pool.Get().(*bound)
	defer e.pool.Put(b)
	for i := range events {
		if i%64 == 0 {
			if r.stopped = ctx.Err(); r.stopped != nil {
				break
			}
		}
		rules, ok := routes[events[i].Source]
		if !ok {
			rules = e.route(events[i].Source)
			routes[events[i].Source] = rules
		}
		r.done++
		if len(rules) == 0 {
			continue
		}
		b.bind(&events[i])
		for _, k := range rules {
			if !e.rules[k].rule.match(b) {
				continue
			}
			if n := len(r.hits[k]); n < maxFindings || e.part[k] && n < maxHits {
				r.hits[k] = append(r.hits[k], int32(i))
			} else {
				r.dropped[k]++
			}
		}
	}
	return r
}

// Detect runs all rules over the subject's events.
func (e *Engine) Detect(ctx context.Context, s *detect.Subject) ([]detect.Finding, []detect.Problem) {
	r := e.run(ctx, s.Events)
	var problems []detect.Problem
	if r.stopped != nil {
		problems = append(problems, detect.Problem{
			Problem:  reports.Problem{File: s.Name, Message: fmt.Sprintf("Sigma rules saw %d of %d events: %v", r.done, len(s.Events), r.stopped)},
			Severity: detect.Warning,
		})
	}
	chains := e.correlate(r)
	b := e.pool.Get().(*bound)
	defer e.pool.Put(b)
	var findings []detect.Finding
	for i := range e.rules {
		rule := &e.rules[i]
		if rule.partOf != "" {
			continue
		}
		n := 0
		if rule.rule != nil {
			n = len(r.hits[i])
			for _, k := range r.hits[i][:min(n, maxFindings)] {
				b.bind(&s.Events[k])
				findings = append(findings, detect.Finding{Rule: i, Fire: rule.rule.fire(b)})
			}
		} else {
			n = len(chains[i])
			for _, c := range chains[i][:min(n, maxFindings)] {
				findings = append(findings, detect.Finding{Rule: i, Fire: e.fireChain(i, c, s.Events)})
			}
		}
		if n += r.dropped[i]; n > maxFindings {
			problems = append(problems, detect.Problem{
				Problem:  reports.Problem{File: rule.info.File, Line: rule.info.Line, Message: fmt.Sprintf("fires %d times: the first %d are listed", n, maxFindings)},
				Severity: detect.Warning, Rule: rule.info.ID,
			})
		}
	}
	return findings, problems
}
