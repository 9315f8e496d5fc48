package winmm

import (
	"slices"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var timerRows = win.Rows{
	win.Func1("timeKillEvent", timeKillEvent, "uTimerID"),
	win.Func5("timeSetEvent", timeSetEvent, "uDelay uResolution fptc dwUser fuEvent"),
	win.Hidden(win.Func1(timerThread, serveTimers, "lpParameter")),
}

const timerThread = "TimerThread"

// timer is one of timeSetEvent's.
type timer struct {
	id       uint32
	due      time.Duration // elapsed virtual time
	period   time.Duration // 0: it fires once
	function win.Ptr       // or the event's handle
	user     uint64
	flags    win.Hex
}

// timers are served by one thread, as on Windows.
type timers struct {
	list   []*timer
	made   uint32
	thread bool
	moved  bool // there is something the thread has not seen
}

type timersKey struct{}

func of(c *win.Call) *timers {
	t, ok := c.State[timersKey{}].(*timers)
	if !ok {
		t = &timers{}
		c.State[timersKey{}] = t
	}
	return t
}

// Flags of timeSetEvent.
const (
	periodic   = 0x01
	eventSet   = 0x10
	eventPulse = 0x20
)

// timeSetEvent has a function called, or an event signalled, after a delay,
// and after each further one if that is wanted.
//
// https://learn.microsoft.com/previous-versions/dd757634(v=vs.85)
func timeSetEvent(c *win.Call, uDelay, uResolution win.DWORD, fptc win.Ptr, dwUser win.Size, fuEvent win.Hex) (win.DWORD, win.Error) {
	const most = 1024
	t := of(c)
	if uDelay < shortest || uDelay > longest || len(t.list) >= most {
		return 0, 0
	}
	if !t.thread {
		if _, err := c.NewThread(uint64(c.Stub(dll, timerThread)), 0, 0, false); err != nil {
			return 0, 0
		}
		t.thread = true
	}
	delay := time.Duration(uDelay) * time.Millisecond
	t.made++
	x := &timer{id: t.made, due: c.Clock.Elapsed() + delay, function: fptc, user: uint64(dwUser), flags: fuEvent}
	if fuEvent&periodic != 0 {
		x.period = delay
	}
	t.list = append(t.list, x)
	t.moved = true
	c.Signal()
	return win.DWORD(x.id), 0
}

// https://learn.microsoft.com/previous-versions/dd757630(v=vs.85)
func timeKillEvent(c *win.Call, uTimerID win.DWORD) (win.DWORD, win.Error) {
	t := of(c)
	if i := t.find(uint32(uTimerID)); i >= 0 {
		t.list = slices.Delete(t.list, i, i+1)
		return 0, 0
	}
	return badParameter, 0
}

func (t *timers) find(id uint32) int {
	return slices.IndexFunc(t.list, func(x *timer) bool { return x.id == id })
}

// next is the timer that is due first.
func (t *timers) next() *timer {
	if len(t.list) == 0 {
		return nil
	}
	return slices.MinFunc(t.list, func(a, b *timer) int {
		if a.due != b.due {
			return int(min(max(a.due-b.due, -1), 1))
		}
		return int(a.id) - int(b.id)
	})
}

// serveTimers fires what is due and ends some time after the last timer.
func serveTimers(c *win.Call, lpParameter win.Ptr) (win.DWORD, win.Error) {
	const linger = 30 * time.Second
	t := of(c)
	changed := guest.Until("timers", func() bool { return t.moved })
	for !c.Faulted() {
		x, wait := t.next(), linger
		if x != nil {
			wait = max(x.due-c.Clock.Elapsed(), 0)
		}
		_, woken := c.T.Wait(changed, false, wait)
		t.moved = false
		switch {
		case woken:
			continue
		case x == nil:
			t.thread = false
			return 0, 0
		case t.find(x.id) < 0: // killed meanwhile
			continue
		}
		if x.period == 0 {
			t.list = slices.Delete(t.list, t.find(x.id), t.find(x.id)+1)
		} else {
			x.due += x.period
		}
		x.fire(c)
	}
	t.thread = false
	return 0, 0
}

func (x *timer) fire(c *win.Call) {
	switch {
	case x.flags&eventSet != 0:
		set(c, x.function, false)
	case x.flags&eventPulse != 0:
		set(c, x.function, true)
	default:
		c.CallGuest(x.function, uint64(x.id), 0, x.user, 0, 0)
	}
}
