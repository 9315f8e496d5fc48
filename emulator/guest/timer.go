package guest

import (
	"slices"
	"time"
)

// timed is what becomes signalled by itself.
type timed interface {
	// next is the elapsed virtual time of that, negative for never.
	next() time.Duration
}

// Timer is a waitable timer.
type Timer struct {
	Name   string
	Manual bool // stays set until it is set again

	p      *Process
	set    bool
	armed  bool
	due    time.Duration
	period time.Duration
	thread *Thread // makes the call
	call   *APC
	queued bool
}

func (*Timer) Type() string { return "Timer" }

// NewTimer makes a waitable timer.
func (p *Process) NewTimer(name string, manual bool) *Timer {
	return &Timer{Name: name, Manual: manual, p: p}
}

func (tm *Timer) ready(*Thread) bool {
	tm.advance()
	return tm.set
}

func (tm *Timer) acquire(*Thread) {
	if !tm.Manual {
		tm.set = false
	}
}

func (tm *Timer) next() time.Duration {
	if !tm.armed {
		return -1
	}
	return tm.due
}

// advance signals the timer as often as it has been due. There is one call in
// the thread's queue at most, as on Windows.
func (tm *Timer) advance() {
	now := tm.p.Clock.Elapsed()
	if !tm.armed || tm.due > now {
		return
	}
	tm.set = true
	at := tm.due
	if tm.period > 0 {
		times := (now - tm.due) / tm.period
		at += times * tm.period
		tm.due += (times + 1) * tm.period
	} else {
		tm.armed = false
	}
	if tm.call == nil || tm.queued {
		return
	}
	tm.queued = true
	when := FileTime(tm.p.Config.Clock.Add(at))
	tm.thread.apcs = append(tm.thread.apcs, APC{
		Function: tm.call.Function, Arguments: []uint64{tm.call.Arguments[0], when & 0xFFFFFFFF, when >> 32},
		Before: func() { tm.queued = false }, timer: tm, api: tm.call.api,
	})
}

// Arm sets the timer for a time from now, and again after each period unless
// that is 0. The thread makes the call, if there is one, with its argument and
// the time at which the timer became due. It reports whether the timer was
// set before.
func (tm *Timer) Arm(after, period time.Duration, thread *Thread, call *APC) bool {
	was := tm.Disarm()
	tm.set, tm.armed = false, true
	tm.due, tm.period = tm.p.Clock.Elapsed()+max(after, 0), period
	if call != nil {
		call.api = thread.API
		tm.thread, tm.call = thread, call
		thread.timers = append(thread.timers, tm)
	}
	tm.p.Signal()
	return was
}

// Disarm stops the timer, and takes its call back, but leaves its state.
func (tm *Timer) Disarm() bool {
	tm.advance()
	was := tm.armed
	tm.armed = false
	if t := tm.thread; t != nil {
		t.timers = slices.DeleteFunc(t.timers, func(x *Timer) bool { return x == tm })
		t.apcs = slices.DeleteFunc(t.apcs, func(a APC) bool { return a.timer == tm })
	}
	tm.thread, tm.call, tm.queued = nil, nil, false
	return was
}

// State tells whether the timer is signalled, and how long it is until it will
// be, negative if that is over.
func (tm *Timer) State() (signalled bool, remaining time.Duration) {
	tm.advance()
	return tm.set, tm.due - tm.p.Clock.Elapsed()
}
