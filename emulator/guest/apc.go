package guest

import "slices"

// APC is an asynchronous procedure call: a function of the guest that a thread
// calls when it waits alertably.
//
// https://learn.microsoft.com/windows/win32/sync/asynchronous-procedure-calls
type APC struct {
	Function  uint64
	Arguments []uint64
	Before    func() // run by the thread just before the call; may be nil

	timer *Timer // whose call it is
}

// QueueAPC gives a thread a call to make; false means that it has ended.
func (t *Thread) QueueAPC(a APC) bool {
	if t.state == threadEnded {
		return false
	}
	t.apcs = append(t.apcs, a)
	t.p.Signal()
	return true
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
		t.CallGuest(a.Function, a.Arguments...)
	}
	return any
}
