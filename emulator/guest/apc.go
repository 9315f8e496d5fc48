package guest

import (
	"slices"

	"sidetrace/emulator/trace"
)

// APC is an asynchronous procedure call: a function of the guest that a thread
// calls when it waits alertably.
//
// https://learn.microsoft.com/windows/win32/sync/asynchronous-procedure-calls
type APC struct {
	Function  uint64
	Arguments []uint64
	Before    func() // run by the thread just before the call; may be nil
	Special   bool   // made when the thread next runs, without an alertable wait

	api   string // it was handed to
	timer *Timer // whose call it is
}

// maxAPCs bounds the calls that wait for a thread, as Windows' memory for them
// does.
const maxAPCs = 1 << 14

// QueueAPC gives a thread a call to make; false means that it has ended, or
// that too many wait already.
func (t *Thread) QueueAPC(a APC) bool {
	if t.state == threadEnded || len(t.apcs) >= maxAPCs {
		return false
	}
	if by := t.p.running; by != nil && a.api == "" {
		a.api = by.API
	}
	t.apcs = append(t.apcs, a)
	t.p.Signal()
	return true
}

func (a *APC) argument() uint64 {
	if len(a.Arguments) == 0 {
		return 0
	}
	return a.Arguments[0]
}

// callback is a function that is run by some way other than a thread of its
// own.
type callback struct {
	method  string
	address uint64
}

// NoteCallback records that a function is about to be run without a thread
// made for it, the first time it is by that way.
func (p *Process) NoteCallback(method, api string, address, argument uint64) {
	const most = 1 << 12 // functions; a program that has more has been told of often enough
	key := callback{method, address}
	if p.callbacks[key] || len(p.callbacks) >= most {
		return
	}
	if p.callbacks == nil {
		p.callbacks = map[callback]bool{}
	}
	p.callbacks[key] = true
	b := trace.ThreadCallback{Method: method, API: api, Address: address, Argument: argument}
	if m := p.ModuleAt(address); m != nil {
		b.Module = m.Name()
	}
	p.Emit(b)
}

// alerted reports whether there are calls to make.
func (t *Thread) alerted() bool {
	for _, timer := range t.timers {
		timer.advance()
	}
	return len(t.apcs) > 0
}

// TestAlert makes the calls that wait, and those they add, and reports whether
// there were any.
func (t *Thread) TestAlert() bool {
	any := false
	for t.alerted() {
		a := t.apcs[0]
		t.apcs = slices.Delete(t.apcs, 0, 1)
		any = true
		if a.Before != nil {
			a.Before()
		}
		if a.Function != 0 {
			t.p.NoteCallback("apc", a.api, a.Function, a.argument())
			t.CallGuest(a.Function, a.Arguments...)
		}
	}
	return any
}

// special makes the calls that need no alertable wait, between any two
// instructions: all registers are kept.
func (t *Thread) special() {
	p := t.p
	next := func() int { return slices.IndexFunc(t.apcs, func(a APC) bool { return a.Special }) }
	for i := next(); i >= 0; i = next() {
		a := t.apcs[i]
		t.apcs = slices.Delete(t.apcs, i, i+1)
		kept, err := p.cpu.NewContext()
		if err != nil {
			p.fail(err)
		}
		p.NoteCallback("apc", a.api, a.Function, a.argument())
		t.CallGuest(a.Function, a.Arguments...)
		err = p.cpu.Restore(kept)
		kept.Free()
		if err != nil {
			p.fail(err)
		}
	}
}
