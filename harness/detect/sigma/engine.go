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
	pool  *sync.Pool
	gates []gated

	filters, unsupported, broken int
}

// gated is the rules of one log source.
type gated struct {
	gate
	rules []int
}

func newEngine(l *loader) *Engine {
	e := &Engine{rules: l.rules, order: l.order, filters: len(l.filters), unsupported: l.unsupported, broken: l.broken}
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
	return len(e.rules) + e.filters, e.unsupported, e.broken
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

// batch is how many events are bound at a time: a rule that was fetched into the
// processor's cache is then matched with all of them.
const batch = 128

// run matches the rules wanted with all events; nil stands for all rules.
func (e *Engine) run(ctx context.Context, events []telemetry.Event, wanted []bool) *run {
	r := &run{events: events, hits: make([][]int32, len(e.rules)), dropped: make([]int, len(e.rules))}
	routes := map[telemetry.Logsource][]int{}
	var bounds [batch]*bound
	for i := range bounds[:min(batch, len(events))] {
		bounds[i] = e.pool.Get().(*bound)
		defer e.pool.Put(bounds[i])
	}
	for from := 0; from < len(events); from += batch {
		if r.stopped = ctx.Err(); r.stopped != nil {
			break
		}
		part := events[from:min(from+batch, len(events))]
		for i := range part {
			bounds[i].bind(&part[i])
		}
		var done [batch]bool
		for i := range part {
			if done[i] {
				continue
			}
			// All events of the batch that the same rules see.
			source := part[i].Source
			var same [batch]int
			n := 0
			for k := i; k < len(part); k++ {
				if part[k].Source == source {
					same[n], done[k] = k, true
					n++
				}
			}
			rules, ok := routes[source]
			if !ok {
				rules = e.route(source)
				if wanted != nil {
					rules = slices.DeleteFunc(rules, func(k int) bool { return !wanted[k] })
				}
				routes[source] = rules
			}
			for _, rule := range rules {
				compiled := e.rules[rule].rule
				for _, k := range same[:n] {
					if compiled.match(bounds[k]) {
						r.hit(rule, int32(from+k), e.part[rule])
					}
				}
			}
		}
		r.done += len(part)
	}
	for _, hits := range r.hits {
		slices.Sort(hits) // a rule may see several sources of one batch
	}
	return r
}

// hit notes that a rule fires on an event.
func (r *run) hit(rule int, event int32, part bool) {
	if n := len(r.hits[rule]); n < maxFindings || part && n < maxHits {
		r.hits[rule] = append(r.hits[rule], event)
	} else {
		r.dropped[rule]++
	}
}

// Detect runs all rules over the subject's events.
func (e *Engine) Detect(ctx context.Context, s *detect.Subject) ([]detect.Finding, []detect.Problem) {
	r := e.run(ctx, s.Events, nil)
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
				findings = append(findings, detect.Finding{Rule: i, Fire: rule.rule.fire(b, s)})
			}
		} else {
			n = len(chains[i])
			for _, c := range chains[i][:min(n, maxFindings)] {
				findings = append(findings, detect.Finding{Rule: i, Fire: e.fireChain(i, c, s)})
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
