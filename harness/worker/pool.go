package worker

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"sidetrace/emulator/trace"
	"sidetrace/harness"
	"sidetrace/harness/expect"
	"sidetrace/reports"
	"sidetrace/scenarios"
)

// Options is how a pool starts and uses its workers. Command is required.
type Options struct {
	// Command is a worker's, a program that calls [Serve]. It is called for each
	// one.
	Command func() *exec.Cmd
	Setup   Setup

	// Grace is how long a worker may take beyond the scenario's wall limit until
	// it is killed, for reading the scenario and for running it. Default 10 s.
	Grace time.Duration

	// Died is called with what a worker left on standard error when it died, or
	// with the stack of a panic in it. Possibly several at a time, as the others.
	Died func(id string, stderr []byte)
	// NotKept is called with what could not be kept.
	NotKept func(error)
	// Written is called with what Job.Write made, before the result is returned.
	Written func(*reports.Scenario, [][]byte)
	// Lacks is called with what the kernel lacks to fence a worker in.
	Lacks func([]string)
}

// judgeGrace is how long a worker may take beyond the wall limit to judge a run:
// the first time it loads the rules, which may be thousands.
const judgeGrace = 5 * time.Minute

// Pool is workers that wait for scenarios. Its methods may be called at the same
// time.
type Pool struct {
	options Options
	starts  chan chan<- started

	mu   sync.Mutex
	idle []*process
}

type started struct {
	p   *process
	err error
}

// NewPool starts as many workers. More are started when they are needed, and in
// the place of those that died.
func NewPool(workers int, o Options) *Pool {
	if o.Grace == 0 {
		o.Grace = 10 * time.Second
	}
	p := &Pool{options: o, starts: make(chan chan<- started)}
	go p.start()
	for range workers {
		if w, err := p.newProcess(); err == nil { // else Run says so
			p.idle = append(p.idle, w)
		}
	}
	return p
}

// start starts workers, on one thread as long as the pool lives: the kernel
// kills them when the thread that made them ends.
func (p *Pool) start() {
	runtime.LockOSThread()
	for to := range p.starts {
		w, err := start(p.options.Command(), p.options.Setup)
		to <- started{w, err}
	}
}

func (p *Pool) newProcess() (*process, error) {
	to := make(chan started)
	p.starts <- to
	s := <-to
	return s.p, s.err
}

// Close ends the workers. No scenario may be running.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.idle {
		w.end()
	}
	p.idle = nil
	close(p.starts)
}

// take gets a worker that waits, or a new one.
func (p *Pool) take() (*process, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		w := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return w, nil
	}
	p.mu.Unlock()
	return p.newProcess()
}

func (p *Pool) give(w *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, w)
}

// errIdle is of a worker that was dead before it had accepted a scenario, so
// that it is not the scenario's doing.
var errIdle = errors.New("it ended while it waited")

// Run runs and judges a scenario that could be read. It returns nil if the
// context ended it. The worker's end is the scenario's: its verdict is crashed,
// or timeout if the worker had to be killed for being late.
func (p *Pool) Run(ctx context.Context, e harness.Entry) *reports.Scenario {
	const tries = 3
	var why string
	for range tries {
		w, err := p.take()
		if err != nil {
			return cut(e, trace.StopInternal, "no worker process could be started: "+err.Error(), nil)
		}
		s, err := p.run(ctx, w, e)
		if err == nil {
			return s
		}
		why = err.Error()
	}
	return cut(e, trace.StopInternal, why, nil)
}

// run has a worker run a scenario. An error says that it did not come to it.
func (p *Pool) run(ctx context.Context, w *process, e harness.Entry) (*reports.Scenario, error) {
	limit := e.Scenario.Run.Limits.Wall
	if limit == 0 {
		limit = scenarios.DefaultWall
	}
	timer := time.NewTimer(limit + p.options.Grace)
	defer timer.Stop()
	if !w.ready {
		if err := p.greet(ctx, w, timer); err != nil {
			return nil, err
		}
		if !w.ready {
			return nil, nil
		}
	}
	if err := send(w.tasks, job, task{e.File}); err != nil {
		return nil, fmt.Errorf("%w: %s", errIdle, w.end())
	}
	begun := w.runs // before this scenario
	heard := false
	var log *trace.CallLog
	for {
		select {
		case <-ctx.Done():
			w.end()
			return nil, nil
		case <-timer.C:
			last := w.last(begun)
			w.end()
			return cut(e, trace.StopWall, limit.String()+"; its worker process did not stop and was killed", last), nil
		case m, ok := <-w.messages:
			switch {
			case !ok && !heard:
				return nil, fmt.Errorf("%w: %s", errIdle, w.end())
			case !ok:
				last := w.last(begun)
				why := w.end()
				p.died(e, w.stderr.bytes())
				return cut(e, trace.StopInternal, "its worker process ended: "+why, last), nil
			}
			heard = true
			switch m.kind {
			case running:
				w.runs++
				timer.Reset(limit + p.options.Grace)
			case judging:
				timer.Reset(limit + judgeGrace)
			case calls:
				log = new(trace.CallLog)
				if err := log.UnmarshalBinary(m.body); err != nil {
					return p.broken(w, e, begun, err), nil
				}
			case result:
				s, err := p.finish(e, m.body, log)
				if err != nil {
					return p.broken(w, e, begun, err), nil
				}
				p.give(w)
				return s, nil
			}
		}
	}
}

// greet waits for a worker's answer to its setup. It leaves w.ready false, and
// returns no error, if the context has ended.
func (p *Pool) greet(ctx context.Context, w *process, timer *time.Timer) error {
	select {
	case <-ctx.Done():
		w.end()
		return nil
	case <-timer.C:
		w.end()
		return errors.New("a worker process did not start in time")
	case m, ok := <-w.messages:
		if !ok {
			return errors.New("a worker process did not start: " + w.end())
		}
		var a answer
		if err := decode(m.body, &a); err != nil || m.kind != ready {
			w.end()
			return errors.New("a worker process did not start as it should")
		}
		if a.Error != "" {
			w.end()
			return errors.New("a worker process cannot work: " + a.Error)
		}
		if len(a.Lacks) > 0 && p.options.Lacks != nil {
			p.options.Lacks(a.Lacks)
		}
		w.ready = true
		return nil
	}
}

// finish reads a result.
func (p *Pool) finish(e harness.Entry, body []byte, log *trace.CallLog) (*reports.Scenario, error) {
	var out outcome
	if err := decode(body, &out); err != nil {
		return nil, err
	}
	s := out.Scenario
	if s == nil || s.ID != e.Scenario.ID {
		return nil, errors.New("the result is of another scenario")
	}
	if s.Run != nil && len(out.Artifacts) == len(s.Run.Artifacts) {
		for i := range out.Artifacts {
			s.Run.Artifacts[i].Data = out.Artifacts[i]
		}
	}
	if log != nil && s.Run != nil {
		s.Trace = &trace.Run{Image: s.Run.Image, Modules: s.Run.Modules, Calls: log}
	}
	if out.Parts != nil && p.options.Written != nil {
		p.options.Written(s, out.Parts)
	}
	if out.Stack != "" {
		p.died(e, []byte(out.Stack))
	}
	if out.Error != "" && p.options.NotKept != nil {
		p.options.NotKept(errors.New(out.Error))
	}
	return s, nil
}

// broken ends a worker whose messages make no sense.
func (p *Pool) broken(w *process, e harness.Entry, begun uint64, err error) *reports.Scenario {
	last := w.last(begun)
	w.end()
	return cut(e, trace.StopInternal, "its worker process sent what cannot be read: "+err.Error(), last)
}

func (p *Pool) died(e harness.Entry, stderr []byte) {
	if p.options.Died != nil && len(stderr) > 0 {
		p.options.Died(e.ID(), stderr)
	}
}

// cut is the result of a scenario whose worker did not come to an end: nothing
// is judged, and the last behaviours that were recorded are there.
func cut(e harness.Entry, reason trace.StopReason, why string, last []trace.Behaviour) *reports.Scenario {
	s := e.Scenario
	out := expect.Judge(s, &trace.Run{
		Image: s.Run.Image, Start: s.Machine.Clock, Behaviours: last,
		Stop: trace.Stop{Reason: reason, Detail: why},
	})
	if reason == trace.StopInternal {
		out.Reason = why // the engine did not fail, as far as one knows
	}
	if last == nil {
		out.Run = nil
	}
	out.File = filepath.ToSlash(out.File)
	return &out
}
