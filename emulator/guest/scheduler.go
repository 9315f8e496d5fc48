package guest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sidetrace/emulator/trace"
)

// schedule runs threads one after another until the process has stopped. The
// order is round robin over the order of creation; time passes by itself only
// when every thread waits.
func (p *Process) schedule(ctx context.Context) {
	defer context.AfterFunc(ctx, p.cpu.Interrupt)()
	next := 0
	for p.stop == nil {
		if ctx.Err() != nil {
			p.setStop(trace.Stop{Reason: trace.StopWall, Detail: ctx.Err().Error()})
			return
		}
		p.wake()
		t := p.pick(next)
		if t == nil {
			if !p.idle() {
				return
			}
			continue
		}
		next = p.turn(t)
	}
}

// turn gives a thread the processor and returns where to look for the next.
func (p *Process) turn(t *Thread) int {
	p.Clock.publish()
	p.running = t
	p.cpu.SetStack(t.stack.Base, t.stack.host)
	p.cpu.SetLimit(p.cpu.Blocks() + min(p.Config.Limits.Quantum, p.Config.Limits.Blocks-min(p.spent(), p.Config.Limits.Blocks)))
	t.resume()
	p.running = nil
	for i, x := range p.threads {
		if x == t {
			return i + 1
		}
	}
	return 0
}

// wake makes threads ready whose wait is over.
func (p *Process) wake() {
	now := p.Clock.Elapsed()
	for _, t := range p.threads {
		if t.state != threadWaiting {
			continue
		}
		if t.satisfied() || t.wait.deadline >= 0 && t.wait.deadline <= now {
			t.state = threadReady
		}
	}
}

func (p *Process) pick(from int) *Thread {
	for i := range p.threads {
		if t := p.threads[(from+i)%len(p.threads)]; t.state == threadReady && t.suspended == 0 {
			return t
		}
	}
	return nil
}

// idle lets time pass to the next deadline. It reports false when there is
// none, or when the process is at its end.
func (p *Process) idle() bool {
	first := time.Duration(-1)
	alive := false
	for _, t := range p.threads {
		if t.state == threadEnded {
			continue
		}
		alive = true
		if t.state == threadWaiting && t.suspended == 0 && t.wait.deadline >= 0 && (first < 0 || t.wait.deadline < first) {
			first = t.wait.deadline
		}
	}
	switch {
	case !alive:
		// The last thread has ended without ExitProcess.
		p.recordExit(p.threads[0].ExitCode, "return")
		return false
	case first < 0:
		p.setStop(trace.Stop{Reason: trace.StopDeadlock, Detail: p.whoWaits()})
		return false
	case first > p.Config.Limits.Virtual:
		p.Clock.Advance(p.Config.Limits.Virtual - p.Clock.Elapsed())
		p.setStop(trace.Stop{Reason: trace.StopTime, Detail: fmt.Sprintf("the next thread wakes after %s, the limit is %s", first, p.Config.Limits.Virtual)})
		return false
	}
	p.Clock.Advance(first - p.Clock.Elapsed())
	return true
}

func (p *Process) whoWaits() string {
	var parts []string
	for _, t := range p.threads {
		if t.state == threadEnded {
			continue
		}
		var what []string
		for _, o := range t.wait.objects {
			what = append(what, describe(o))
		}
		switch {
		case t.suspended > 0:
			what = []string{"a resume"}
		case len(what) == 0:
			what = []string{"ever"}
		}
		parts = append(parts, fmt.Sprintf("thread %d waits for %s", t.ID, strings.Join(what, ", ")))
	}
	return strings.Join(parts, "; ")
}

func describe(o Waitable) string {
	switch o := o.(type) {
	case *Event:
		return "event " + trace.Quote(o.Name)
	case *Mutex:
		if o.owner != nil {
			return fmt.Sprintf("mutex %s, held by thread %d", trace.Quote(o.Name), o.owner.ID)
		}
		return "mutex " + trace.Quote(o.Name)
	case *Thread:
		return fmt.Sprintf("thread %d", o.ID)
	}
	return strings.ToLower(o.Type())
}
