package guest

import (
	"context"
	"fmt"
	"slices"
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
			p.setStop(trace.Stop{Reason: trace.StopWall, Detail: "cancelled"})
			return
		}
		p.Signal()
		t := p.pick(next)
		if t == nil {
			if !p.idle() {
				return
			}
			continue
		}
		next = p.turn(t)
		p.reap()
	}
}

// turn gives a thread the processor and returns where to look for the next.
func (p *Process) turn(t *Thread) int {
	p.Clock.publish()
	p.running = t
	p.cpu.SetLimit(p.cpu.Blocks() + min(p.Config.Limits.Quantum, p.Config.Limits.Blocks-min(p.spent(), p.Config.Limits.Blocks)))
	began := p.Clock.Elapsed()
	for again := true; again; again = t.switched {
		t.switched = false
		p.cpu.SetStack(t.stack.Base, t.stack.host)
		p.Mem.grow = t.fiber.growStack
		t.fiber.resume()
	}
	p.running = nil
	t.Used += p.Clock.Elapsed() - began
	return slices.Index(p.threads, t) + 1
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
		if t.state != threadWaiting || t.suspended > 0 {
			continue
		}
		if due := t.wakes(); due >= 0 && (first < 0 || due < first) {
			first = due
		}
	}
	switch {
	case !alive:
		// The last thread has ended without ExitProcess.
		p.recordExit(p.threads[0].ExitCode, "return")
		return false
	case first < 0:
		p.setStop(trace.Stop{Reason: trace.StopDeadlock, Detail: p.whoWaits(nil)})
		return false
	case first > p.Config.Limits.Virtual:
		p.Clock.Advance(p.Config.Limits.Virtual - p.Clock.Elapsed())
		p.setStop(trace.Stop{Reason: trace.StopTime, Detail: fmt.Sprintf("the next thread wakes after %s, the limit is %s%s", first, p.Config.Limits.Virtual, p.othersWait(nil))})
		return false
	}
	p.Clock.Advance(first - p.Clock.Elapsed())
	return true
}

// othersWait tells, at the end of a run that one thread has used up, what the
// others were kept from; nothing if there are none.
func (p *Process) othersWait(busy *Thread) string {
	if text := p.whoWaits(busy); text != "" {
		return "; " + text
	}
	return ""
}

// whoWaits tells of every thread what it waits for and where it was called to.
func (p *Process) whoWaits(but *Thread) string {
	var parts []string
	for _, t := range p.threads {
		if t.state == threadEnded || t == but {
			continue
		}
		var what []string
		for _, o := range t.wait.Objects {
			what = append(what, Describe(o))
		}
		switch {
		case t.suspended > 0:
			what = []string{"a resume"}
		case t.state == threadReady:
			what = []string{"the processor"}
		case t.wait.Alertable && len(what) == 0:
			what = []string{"a call to make"}
		case len(what) == 0 && t.wait.deadline >= 0:
			what = []string{"time to pass"}
		case len(what) == 0:
			what = []string{"ever"}
		}
		joint := ", "
		if t.wait.All {
			joint = " and "
		}
		text := fmt.Sprintf("thread %d waits for %s", t.ID, strings.Join(what, joint))
		if t.Call != 0 {
			text += fmt.Sprintf(" in %s, called at %s", t.API, p.Place(t.From))
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// Describe says what an object is, for the report of a deadlock.
func Describe(o Waitable) string {
	switch o := o.(type) {
	case *Condition:
		return o.What()
	case *Event:
		return "event " + trace.Quote(o.Name)
	case *Semaphore:
		return "semaphore " + trace.Quote(o.Name)
	case *Timer:
		return "timer " + trace.Quote(o.Name)
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
