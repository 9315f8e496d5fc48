package ntdll

import (
	"slices"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var timerQueueRows = win.Rows{
	win.Partial(win.Func7("RtlCreateTimer", rtlCreateTimer, "TimerQueue Handle Function Context DueTime Period Flags"), "flags choose nothing: every worker is alike"),
	win.Func1("RtlCreateTimerQueue", rtlCreateTimerQueue, "TimerQueue"),
	win.Func3("RtlDeleteTimer", rtlDeleteTimer, "TimerQueue Timer CompletionEvent"),
	win.Func1("RtlDeleteTimerQueue", rtlDeleteTimerQueue, "TimerQueue"),
	win.Func2("RtlDeleteTimerQueueEx", rtlDeleteTimerQueueEx, "TimerQueue CompletionEvent"),
	win.Func1("RtlDeregisterWait", rtlDeregisterWait, "WaitHandle"),
	win.Func2("RtlDeregisterWaitEx", rtlDeregisterWaitEx, "WaitHandle CompletionEvent"),
	win.Partial(win.Func6("RtlRegisterWait", rtlRegisterWait, "WaitHandle Handle Function Context Milliseconds Flags"), "of the flags only WT_EXECUTEONLYONCE has an effect"),
	win.Func4("RtlUpdateTimer", rtlUpdateTimer, "TimerQueue Timer DueTime Period"),
}

// timerQueue is a timer queue: a list of timers that are deleted together. Its
// structure is made like those of the pool.
type timerQueue struct{ timers []*item }

type queueKey struct{ at win.Ptr }

// queueOf finds a timer queue, 0 for the process's own.
func queueOf(c *win.Call, at win.Ptr) *timerQueue {
	q, _ := c.State[queueKey{at}].(*timerQueue)
	if q == nil && at == 0 {
		q = &timerQueue{}
		c.State[queueKey{}] = q
	}
	return q
}

// rtlCreateTimerQueue makes a timer queue.
//
// https://learn.microsoft.com/windows/win32/api/threadpoollegacyapiset/nf-threadpoollegacyapiset-createtimerqueue
func rtlCreateTimerQueue(c *win.Call, TimerQueue win.Out[uint64]) (win.Status, win.Error) {
	return store(c, TimerQueue, func() (win.Ptr, win.Status) { return NewTimerQueue(c) }), 0
}

// NewTimerQueue makes a timer queue.
func NewTimerQueue(c *win.Call) (win.Ptr, win.Status) {
	at, status := structure(c)
	if status == 0 {
		c.State[queueKey{at}] = &timerQueue{}
	}
	return at, status
}

// rtlCreateTimer has a worker call a function at a time, and after each period.
//
// https://learn.microsoft.com/windows/win32/api/threadpoollegacyapiset/nf-threadpoollegacyapiset-createtimerqueuetimer
func rtlCreateTimer(c *win.Call, TimerQueue win.Ptr, Handle win.Out[uint64], Function, Context win.Ptr, DueTime, Period win.DWORD, Flags win.Hex) (win.Status, win.Error) {
	return CreateQueueTimer(c, TimerQueue, Handle, Function, Context, DueTime, Period, Flags), 0
}

const onlyOnce = 8 // WT_EXECUTEONLYONCE

// CreateQueueTimer has a worker call a function at a time.
func CreateQueueTimer(c *win.Call, queue win.Ptr, out win.Out[uint64], function, context win.Ptr, due, period win.DWORD, flags win.Hex) win.Status {
	q := queueOf(c, queue)
	switch {
	case q == nil:
		return win.StatusInvalidHandle
	case function == 0:
		return win.StatusInvalidParameter
	}
	if flags&onlyOnce != 0 {
		period = 0
	}
	x := newItem(c, kindQueueTimer, function, context, 0)
	const fired = 1 // TimerOrWaitFired
	x.call = func(c *win.Call, _ *instance, _ win.DWORD) { c.CallGuest(function, uint64(context), fired) }
	if status := store(c, out, func() (win.Ptr, win.Status) { return x.keep(c) }); status != 0 || c.Faulted() {
		return status
	}
	q.timers = append(q.timers, x)
	return x.setTimer(c, time.Duration(due)*time.Millisecond, time.Duration(period)*time.Millisecond)
}

// rtlUpdateTimer changes the times of a timer, unless it was to be due once and
// has been.
//
// https://learn.microsoft.com/windows/win32/api/threadpoollegacyapiset/nf-threadpoollegacyapiset-changetimerqueuetimer
func rtlUpdateTimer(c *win.Call, TimerQueue, Timer win.Ptr, DueTime, Period win.DWORD) (win.Status, win.Error) {
	return ChangeQueueTimer(c, TimerQueue, Timer, DueTime, Period), 0
}

// ChangeQueueTimer changes the times of a timer.
func ChangeQueueTimer(c *win.Call, queue, timer win.Ptr, due, period win.DWORD) win.Status {
	x := itemOf(c, timer, kindQueueTimer)
	if queueOf(c, queue) == nil || x == nil {
		return win.StatusInvalidHandle
	}
	if !x.set {
		return 0
	}
	return x.setTimer(c, time.Duration(due)*time.Millisecond, time.Duration(period)*time.Millisecond)
}

// rtlDeleteTimer ends a timer. INVALID_HANDLE_VALUE for an event waits until
// its calls have returned.
//
// https://learn.microsoft.com/windows/win32/api/threadpoollegacyapiset/nf-threadpoollegacyapiset-deletetimerqueuetimer
func rtlDeleteTimer(c *win.Call, TimerQueue, Timer win.Ptr, CompletionEvent win.Handle) (win.Status, win.Error) {
	return DeleteQueueTimer(c, TimerQueue, Timer, CompletionEvent), 0
}

// DeleteQueueTimer ends a timer.
func DeleteQueueTimer(c *win.Call, queue, timer win.Ptr, event win.Handle) win.Status {
	q, x := queueOf(c, queue), itemOf(c, timer, kindQueueTimer)
	if q == nil || x == nil {
		return win.StatusInvalidHandle
	}
	q.timers = slices.DeleteFunc(q.timers, func(y *item) bool { return y == x })
	return x.finish(c, event)
}

// finish closes an item. With an event that is set, or INVALID_HANDLE_VALUE for
// waiting, when its calls have returned; else the result tells whether any
// have not.
func (x *item) finish(c *win.Call, event win.Handle) win.Status {
	const waitForAll = ^win.Handle(0)
	x.pool.unwatch(x)
	x.repeat = false
	x.cancel()
	if event == waitForAll {
		x.wait(c)
	} else if event != 0 {
		e, status := object[*guest.Event](c, event)
		if status != 0 {
			return status
		}
		x.completion = append(x.completion, e)
	}
	busy := x.running > 0
	x.close(c)
	c.Signal()
	if busy {
		return StatusPending
	}
	return 0
}

func rtlDeleteTimerQueue(c *win.Call, TimerQueue win.Ptr) (win.Status, win.Error) {
	return DeleteTimerQueue(c, TimerQueue, 0), 0
}

// rtlDeleteTimerQueueEx ends all timers of a queue, and the queue.
//
// https://learn.microsoft.com/windows/win32/api/threadpoollegacyapiset/nf-threadpoollegacyapiset-deletetimerqueueex
func rtlDeleteTimerQueueEx(c *win.Call, TimerQueue win.Ptr, CompletionEvent win.Handle) (win.Status, win.Error) {
	return DeleteTimerQueue(c, TimerQueue, CompletionEvent), 0
}

// DeleteTimerQueue ends all timers of a queue. An event is set when the last of
// their calls has returned.
func DeleteTimerQueue(c *win.Call, queue win.Ptr, event win.Handle) win.Status {
	q := queueOf(c, queue)
	if queue == 0 || q == nil {
		return win.StatusInvalidHandle
	}
	delete(c.State, queueKey{queue})
	result := win.Status(0)
	busy := slices.DeleteFunc(slices.Clone(q.timers), func(x *item) bool { return x.running == 0 })
	for _, x := range q.timers {
		own := event
		if own != ^win.Handle(0) && (len(busy) == 0 || x != busy[len(busy)-1]) {
			own = 0 // the event is for the last that runs
		}
		if status := x.finish(c, own); status != 0 {
			result = status
		}
	}
	if e, status := object[*guest.Event](c, event); status == 0 && len(busy) == 0 {
		e.Set = true
		c.Signal()
	}
	c.Heap.Free(uint64(queue))
	return result
}

// rtlRegisterWait has a worker call a function whenever the object is
// signalled or the time is over.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-registerwaitforsingleobject
func rtlRegisterWait(c *win.Call, WaitHandle win.Out[uint64], Handle win.Handle, Function, Context win.Ptr, Milliseconds win.Millis, Flags win.Hex) (win.Status, win.Error) {
	return RegisterWait(c, WaitHandle, Handle, Function, Context, Milliseconds, Flags), 0
}

// RegisterWait has a worker call a function whenever the object is signalled.
func RegisterWait(c *win.Call, out win.Out[uint64], h win.Handle, function, context win.Ptr, ms win.Millis, flags win.Hex) win.Status {
	o, status := Waitable(c, h)
	if status != 0 {
		return status
	}
	x := newItem(c, kindRegistered, function, context, 0)
	x.repeat = flags&onlyOnce == 0
	x.call = func(c *win.Call, _ *instance, result win.DWORD) {
		c.CallGuest(function, uint64(context), uint64(one(result != 0)))
	}
	if status := store(c, out, func() (win.Ptr, win.Status) { return x.keep(c) }); status != 0 || c.Faulted() {
		return status
	}
	d := time.Duration(-1)
	if ms != 0xFFFFFFFF {
		d = time.Duration(ms) * time.Millisecond
	}
	x.period = d
	return x.setWait(c, o, d)
}

func rtlDeregisterWait(c *win.Call, WaitHandle win.Ptr) (win.Status, win.Error) {
	return UnregisterWait(c, WaitHandle, 0), 0
}

// rtlDeregisterWaitEx ends a registered wait.
//
// https://learn.microsoft.com/windows/win32/api/threadpoollegacyapiset/nf-threadpoollegacyapiset-unregisterwaitex
func rtlDeregisterWaitEx(c *win.Call, WaitHandle win.Ptr, CompletionEvent win.Handle) (win.Status, win.Error) {
	return UnregisterWait(c, WaitHandle, CompletionEvent), 0
}

// UnregisterWait ends a registered wait.
func UnregisterWait(c *win.Call, wait win.Ptr, event win.Handle) win.Status {
	x := itemOf(c, wait, kindRegistered)
	if x == nil {
		return win.StatusInvalidHandle
	}
	return x.finish(c, event)
}
