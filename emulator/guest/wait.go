package guest

import (
	"slices"
	"time"
)

// Wait is what a thread waits for: one of the objects, or all of them. No
// objects are a sleep.
type Wait struct {
	Objects   []Waitable
	All       bool
	Alertable bool          // asynchronous procedure calls are made, and end it
	Timeout   time.Duration // never if negative
	Reason    string        // for the report of a deadlock, where the objects do not say it
}

// Ends of a wait other than the index of an object.
const (
	TimedOut = -1
	Alerted  = -2
)

// waiting is the wait a thread is in, or was in last.
type waiting struct {
	Wait
	deadline  time.Duration // elapsed virtual time; never if negative
	index     int           // of the object that ended it, or TimedOut or Alerted
	abandoned bool          // a mutex it took had been abandoned
}

// Wait waits until one of the objects, or all of them, are signalled, or until
// the time-out has passed; a negative one never does. It reports which object
// ended the wait, or false for the time-out.
func (t *Thread) Wait(objects []Waitable, all bool, timeout time.Duration) (index int, ok bool) {
	index = t.WaitFor(Wait{Objects: objects, All: all, Timeout: timeout})
	return index, index >= 0
}

// Sleep lets virtual time pass; other threads run meanwhile. A negative
// duration is for ever.
func (t *Thread) Sleep(d time.Duration) { t.WaitFor(Wait{Timeout: d}) }

// WaitFor waits and returns the index of the object that ended the wait, 0 for
// all of them, or [TimedOut] or [Alerted]. Calls that an alertable wait let in
// have been made when it returns.
func (t *Thread) WaitFor(w Wait) int {
	p := t.p
	t.wait = waiting{Wait: w, deadline: -1, index: TimedOut}
	if w.Timeout >= 0 {
		t.wait.deadline = p.Clock.Elapsed() + w.Timeout
	}
	p.Signal() // who waits already comes first
	switch {
	case t.satisfied():
	case w.Timeout == 0 && len(w.Objects) > 0:
	default:
		t.state = threadWaiting
		p.waiters = append(p.waiters, t)
		t.pause()
	}
	index := t.wait.index
	if index == Alerted {
		t.TestAlert()
	}
	return index
}

// Abandoned reports whether the wait that ended last took a mutex whose owner
// had ended without releasing it.
func (t *Thread) Abandoned() bool { return t.wait.abandoned }

// satisfied takes the objects the thread waits for, if they are there, or
// notices that an alertable wait is to end.
func (t *Thread) satisfied() bool {
	w := &t.wait
	ready := func(o Waitable) bool { return o.ready(t) }
	first := slices.IndexFunc(w.Objects, ready)
	switch {
	case first < 0, w.All && slices.ContainsFunc(w.Objects, func(o Waitable) bool { return !ready(o) }):
		if w.Alertable && t.alerted() {
			w.index = Alerted
			return true
		}
		return false
	case w.All:
		for _, o := range w.Objects {
			w.take(t, o)
		}
		w.index = 0
	default:
		w.take(t, w.Objects[first])
		w.index = first
	}
	return true
}

func (w *waiting) take(t *Thread, o Waitable) {
	if m, ok := o.(*Mutex); ok && m.Abandoned {
		m.Abandoned, w.abandoned = false, true
	}
	o.acquire(t)
}

// wakes is when the wait may end by itself, negative for never. It is not called
// next: a thread is an object too, and signals nothing by itself.
func (t *Thread) wakes() time.Duration {
	first := t.wait.deadline
	sooner := func(due time.Duration) {
		if due >= 0 && (first < 0 || due < first) {
			first = due
		}
	}
	for _, o := range t.wait.Objects {
		if o, ok := o.(timed); ok {
			sooner(o.next())
		}
	}
	if t.wait.Alertable {
		for _, timer := range t.timers {
			sooner(timer.next())
		}
	}
	return first
}

// Signal ends the waits that what has changed satisfies, the longest first, as
// Windows serves those who wait for an object in their order.
func (p *Process) Signal() {
	if len(p.waiters) == 0 {
		return
	}
	now := p.Clock.Elapsed()
	p.waiters = slices.DeleteFunc(p.waiters, func(t *Thread) bool {
		switch {
		case t.state != threadWaiting:
			return true
		case t.suspended > 0:
			return false
		case t.satisfied() || t.wait.deadline >= 0 && t.wait.deadline <= now:
			t.state = threadReady
			return true
		}
		return false
	})
}
