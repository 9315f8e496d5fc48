package yara

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sidetrace/harness/detect"
	"sidetrace/reports"
)

// files are the rules of each file by themselves. They are compiled only when a
// scan with all of them has timed out.
type files struct {
	mutex sync.Mutex
	alone map[*source]*compiled // nil for what cannot be compiled
}

// of compiles a file once.
func (f *files) of(u *source, vars []variable) *compiled {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	rules, ok := f.alone[u]
	if !ok {
		l := loader{vars: vars}
		rules, _, _ = l.attempt([]*source{u}, true)
		if f.alone == nil {
			f.alone = map[*source]*compiled{}
		}
		f.alone[u] = rules
	}
	return rules
}

// piecewise scans an object file by file, so that a rule which takes too long
// silences those of its own file and no others. libyara does not say which rule
// it was at. All files together get the time of one scan, and each a quarter.
func (e *Engine) piecewise(ctx context.Context, o *detect.Object, lim limits) ([]hit, []detect.Problem) {
	if len(e.units) < 2 || ctx.Err() != nil {
		return nil, []detect.Problem{e.failure(ctx, errTimeout, o)}
	}
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	lim.timeout = max(e.timeout/4, time.Millisecond)
	var hits []hit
	var problems []detect.Problem
	vars := e.variables(*o)
	for i, u := range e.units {
		if e.bases[i+1] == e.bases[i] {
			continue
		}
		rules := e.apart.of(u, vars)
		if rules == nil {
			continue
		}
		out, err := rules.scan(ctx, o.Data, isProcess(o), vars, lim)
		for _, h := range out.hits {
			h.rule += e.bases[i]
			hits = append(hits, h)
		}
		if err == nil {
			continue
		}
		p := detect.Problem{Severity: detect.Broken, Problem: reports.Problem{File: u.name, Message: fmt.Sprintf("%s: %s", o.Name, err)}}
		if errors.Is(err, errTimeout) {
			p.Message = fmt.Sprintf("%s: the rules of this file did not come to an end within %s", o.Name, lim.timeout)
			p.Hint = costly
			if ctx.Err() != nil {
				p.Message = fmt.Sprintf("%s: the rules of this file had no time left", o.Name)
			}
		}
		problems = append(problems, p)
	}
	return hits, problems
}
