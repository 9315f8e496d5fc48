package ntdll

import (
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var poolWorkRows = win.Rows{
	win.Partial(win.Func3("RtlQueueWorkItem", rtlQueueWorkItem, "Function Context Flags"), "flags choose nothing: every worker is alike"),
	win.Func4("TpAllocTimer", tpAllocTimer, "Timer Callback Context CallbackEnviron"),
	win.Func4("TpAllocWait", tpAllocWait, "Wait Callback Context CallbackEnviron"),
	win.Func4("TpAllocWork", tpAllocWork, "Work Callback Context CallbackEnviron"),
	win.Func1("TpIsTimerSet", tpIsTimerSet, "Timer"),
	win.Func1("TpPostWork", tpPostWork, "Work"),
	win.Func1("TpReleaseTimer", tpReleaseTimer, "Timer"),
	win.Func1("TpReleaseWait", tpReleaseWait, "Wait"),
	win.Func1("TpReleaseWork", tpReleaseWork, "Work"),
	win.Func4("TpSetTimer", tpSetTimer, "Timer DueTime Period WindowLength"),
	win.Func4("TpSetTimerEx", tpSetTimerEx, "Timer DueTime Period WindowLength"),
	win.Func3("TpSetWait", tpSetWait, "Wait Handle Timeout"),
	win.Func4("TpSetWaitEx", tpSetWaitEx, "Wait Handle Timeout Reserved"),
	win.Func3("TpSimpleTryPost", tpSimpleTryPost, "Callback Context CallbackEnviron"),
	win.Func2("TpWaitForTimer", tpWaitForTimer, "Timer CancelPendingCallbacks"),
	win.Func2("TpWaitForWait", tpWaitForWait, "Wait CancelPendingCallbacks"),
	win.Func2("TpWaitForWork", tpWaitForWork, "Work CancelPendingCallbacks"),
}

// Kinds of items, as the report of a deadlock names them.
const (
	kindWork       = "work object"
	kindTimer      = "thread pool timer"
	kindWait       = "thread pool wait"
	kindQueueTimer = "timer-queue timer"
	kindRegistered = "registered wait"
)

// allocItem makes a work object, a timer or a wait, whose calls have the
// item's address as the third argument.
func allocItem(c *win.Call, kind string, callback, context, environment win.Ptr) (win.Ptr, win.Status) {
	if callback == 0 {
		return 0, win.StatusInvalidParameter
	}
	x := newItem(c, kind, callback, context, environment)
	x.call = func(c *win.Call, i *instance, result win.DWORD) {
		c.CallGuest(callback, uint64(i.at), uint64(context), uint64(x.at), uint64(result))
	}
	if c.Faulted() {
		return 0, 0
	}
	return x.keep(c)
}

// NewWork, NewPoolTimer and NewPoolWait make these, for a callback environment
// that may be null.
func NewWork(c *win.Call, callback, context, environment win.Ptr) (win.Ptr, win.Status) {
	return allocItem(c, kindWork, callback, context, environment)
}

func NewPoolTimer(c *win.Call, callback, context, environment win.Ptr) (win.Ptr, win.Status) {
	return allocItem(c, kindTimer, callback, context, environment)
}

func NewPoolWait(c *win.Call, callback, context, environment win.Ptr) (win.Ptr, win.Status) {
	return allocItem(c, kindWait, callback, context, environment)
}

// known finds an item, or says that there is none, which Windows would notice
// by crashing.
func known(c *win.Call, at win.Ptr, kind string) *item {
	x := itemOf(c, at, kind)
	if x == nil {
		c.Gap("the address is not a " + kind + "'s")
	}
	return x
}

func release(c *win.Call, at win.Ptr, kind string) {
	if x := known(c, at, kind); x != nil {
		x.close(c)
	}
}

func waitFor(c *win.Call, at win.Ptr, kind string, cancel win.Int) {
	x := known(c, at, kind)
	if x == nil {
		return
	}
	if cancel != 0 {
		x.cancel()
	}
	x.wait(c)
}

// tpAllocWork makes a work object.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-createthreadpoolwork
func tpAllocWork(c *win.Call, Work win.Out[uint64], Callback, Context, CallbackEnviron win.Ptr) (win.Status, win.Error) {
	return store(c, Work, func() (win.Ptr, win.Status) { return NewWork(c, Callback, Context, CallbackEnviron) }), 0
}

// tpPostWork has a worker make the call once more.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-submitthreadpoolwork
func tpPostWork(c *win.Call, Work win.Ptr) (win.Void, win.Error) {
	if x := known(c, Work, kindWork); x != nil {
		x.pool.post(c, &task{of: x})
	}
	return win.Void{}, 0
}

// tpWaitForWork waits until no calls are left; those that have not begun may
// be taken back.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-waitforthreadpoolworkcallbacks
func tpWaitForWork(c *win.Call, Work win.Ptr, CancelPendingCallbacks win.Int) (win.Void, win.Error) {
	waitFor(c, Work, kindWork, CancelPendingCallbacks)
	return win.Void{}, 0
}

// tpReleaseWork closes a work object; calls that were asked for are still made.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-closethreadpoolwork
func tpReleaseWork(c *win.Call, Work win.Ptr) (win.Void, win.Error) {
	release(c, Work, kindWork)
	return win.Void{}, 0
}

// tpSimpleTryPost has a worker call a function, without a work object.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-trysubmitthreadpoolcallback
func tpSimpleTryPost(c *win.Call, Callback, Context, CallbackEnviron win.Ptr) (win.Status, win.Error) {
	return SimplePost(c, Callback, Context, CallbackEnviron), 0
}

// SimplePost has a worker call a function, without a work object.
func SimplePost(c *win.Call, callback, context, environment win.Ptr) win.Status {
	x := newItem(c, kindWork, callback, context, environment)
	if c.Faulted() {
		return 0
	}
	x.closed = true
	if x.group != nil {
		x.group.members = append(x.group.members, x)
	}
	x.call = func(c *win.Call, i *instance, _ win.DWORD) { c.CallGuest(callback, uint64(i.at), uint64(context)) }
	return x.pool.post(c, &task{of: x})
}

// rtlQueueWorkItem has a worker call a function of one parameter.
//
// https://learn.microsoft.com/windows/win32/api/threadpoollegacyapiset/nf-threadpoollegacyapiset-queueuserworkitem
func rtlQueueWorkItem(c *win.Call, Function, Context win.Ptr, Flags win.Hex) (win.Status, win.Error) {
	return QueueWorkItem(c, Function, Context), 0
}

// QueueWorkItem has a worker call a function of one parameter.
func QueueWorkItem(c *win.Call, function, context win.Ptr) win.Status {
	x := newItem(c, kindWork, function, context, 0)
	x.closed = true
	x.call = func(c *win.Call, _ *instance, _ win.DWORD) { c.CallGuest(function, uint64(context)) }
	return x.pool.post(c, &task{of: x})
}

// tpAllocTimer makes a timer.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-createthreadpooltimer
func tpAllocTimer(c *win.Call, Timer win.Out[uint64], Callback, Context, CallbackEnviron win.Ptr) (win.Status, win.Error) {
	return store(c, Timer, func() (win.Ptr, win.Status) { return NewPoolTimer(c, Callback, Context, CallbackEnviron) }), 0
}

// tpSetTimer has a worker make the call at a time, and after each period. A
// null time stops the timer. How late it may be has no effect: it never is.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-setthreadpooltimer
func tpSetTimer(c *win.Call, Timer win.Ptr, DueTime interval, Period, WindowLength win.DWORD) (win.Void, win.Error) {
	setPoolTimer(c, Timer, DueTime, Period)
	return win.Void{}, 0
}

// tpSetTimerEx is the same and tells whether the timer was set.
func tpSetTimerEx(c *win.Call, Timer win.Ptr, DueTime interval, Period, WindowLength win.DWORD) (win.Bool, win.Error) {
	return win.Bool(setPoolTimer(c, Timer, DueTime, Period)), 0
}

func setPoolTimer(c *win.Call, at win.Ptr, due interval, period win.DWORD) (was bool) {
	x := known(c, at, kindTimer)
	if x == nil {
		return false
	}
	was = x.set
	x.pool.unwatch(x)
	if x.armed = due.Ptr != 0; !x.armed {
		return was
	}
	d := max(due.duration(c), 0)
	if !c.Faulted() {
		x.setTimer(c, d, time.Duration(period)*time.Millisecond)
	}
	return was
}

func (x *item) setTimer(c *win.Call, after, period time.Duration) win.Status {
	x.after, x.period, x.api = after, period, c.Name()
	x.due = c.Clock.Elapsed() + after
	return x.pool.watch(c, x)
}

// tpIsTimerSet tells whether the timer has been set and not stopped.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-isthreadpooltimerset
func tpIsTimerSet(c *win.Call, Timer win.Ptr) (win.Bool, win.Error) {
	x := known(c, Timer, kindTimer)
	return win.Bool(x != nil && x.armed), 0
}

func tpWaitForTimer(c *win.Call, Timer win.Ptr, CancelPendingCallbacks win.Int) (win.Void, win.Error) {
	waitFor(c, Timer, kindTimer, CancelPendingCallbacks)
	return win.Void{}, 0
}

func tpReleaseTimer(c *win.Call, Timer win.Ptr) (win.Void, win.Error) {
	release(c, Timer, kindTimer)
	return win.Void{}, 0
}

// tpAllocWait makes a wait.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-createthreadpoolwait
func tpAllocWait(c *win.Call, Wait win.Out[uint64], Callback, Context, CallbackEnviron win.Ptr) (win.Status, win.Error) {
	return store(c, Wait, func() (win.Ptr, win.Status) { return NewPoolWait(c, Callback, Context, CallbackEnviron) }), 0
}

// tpSetWait has a worker make the call when the object is signalled or the time
// is over. A null handle ends the wait.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-setthreadpoolwait
func tpSetWait(c *win.Call, Wait win.Ptr, Handle win.Handle, Timeout interval) (win.Void, win.Error) {
	setPoolWait(c, Wait, Handle, Timeout)
	return win.Void{}, 0
}

// tpSetWaitEx is the same and tells whether the wait was set.
func tpSetWaitEx(c *win.Call, Wait win.Ptr, Handle win.Handle, Timeout interval, Reserved win.Ptr) (win.Bool, win.Error) {
	return win.Bool(setPoolWait(c, Wait, Handle, Timeout)), 0
}

func setPoolWait(c *win.Call, at win.Ptr, h win.Handle, timeout interval) (was bool) {
	x := known(c, at, kindWait)
	if x == nil {
		return false
	}
	was = x.set
	x.pool.unwatch(x)
	d := timeout.duration(c)
	if h == 0 || c.Faulted() {
		return was
	}
	o, status := Waitable(c, h)
	if status != 0 {
		c.T.RaiseCode(uint32(status)) // as on Windows
		return was
	}
	x.setWait(c, o, d)
	return was
}

func (x *item) setWait(c *win.Call, o guest.Waitable, d time.Duration) win.Status {
	x.object, x.timed, x.after, x.api = o, d >= 0, d, c.Name()
	x.due = c.Clock.Elapsed() + d
	return x.pool.watch(c, x)
}

func tpWaitForWait(c *win.Call, Wait win.Ptr, CancelPendingCallbacks win.Int) (win.Void, win.Error) {
	waitFor(c, Wait, kindWait, CancelPendingCallbacks)
	return win.Void{}, 0
}

func tpReleaseWait(c *win.Call, Wait win.Ptr) (win.Void, win.Error) {
	release(c, Wait, kindWait)
	return win.Void{}, 0
}
