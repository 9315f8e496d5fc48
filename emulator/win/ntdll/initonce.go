package ntdll

import (
	"fmt"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var initOnceRows = win.Rows{
	win.Func3("RtlRunOnceBeginInitialize", rtlRunOnceBeginInitialize, "RunOnce Flags Context"),
	win.Func3("RtlRunOnceComplete", rtlRunOnceComplete, "RunOnce Flags Context"),
	win.Func4("RtlRunOnceExecuteOnce", rtlRunOnceExecuteOnce, "RunOnce InitFn Parameter Context"),
	win.Func1("RtlRunOnceInitialize", rtlRunOnceInitialize, "RunOnce"),
}

// RTL_RUN_ONCE is one pointer: the state in the low two bits, above them the
// context once the initialisation is complete. Who waits is not kept in it.
//
// https://learn.microsoft.com/windows/win32/sync/one-time-initialization
const (
	onceNone    = 0
	onceRunning = 1
	onceDone    = 2
	onceAsync   = 3
	onceState   = 3

	onceCheckOnly  = 1 // RTL_RUN_ONCE_*
	onceAsyncFlag  = 2
	onceInitFailed = 4

	StatusPending win.Status = 0x103
)

// rtlRunOnceInitialize clears the structure.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initonceinitialize
func rtlRunOnceInitialize(c *win.Call, RunOnce win.Ptr) (win.Void, win.Error) {
	c.WriteUint(RunOnce, 8, 0)
	return win.Void{}, 0
}

// rtlRunOnceBeginInitialize begins the initialisation, for which the result is
// STATUS_PENDING, or waits for the thread that has begun it.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initoncebegininitialize
func rtlRunOnceBeginInitialize(c *win.Call, RunOnce win.Ptr, Flags win.Hex, Context win.Out[uint64]) (win.Status, win.Error) {
	return BeginOnce(c, RunOnce, Flags, Context), 0
}

// BeginOnce begins an initialisation or waits for the thread that has begun it.
func BeginOnce(c *win.Call, at win.Ptr, flags win.Hex, context win.Out[uint64]) win.Status {
	if flags&^(onceCheckOnly|onceAsyncFlag) != 0 || flags == onceCheckOnly|onceAsyncFlag {
		return win.StatusInvalidParameter
	}
	async := flags&onceAsyncFlag != 0
	for {
		v := c.ReadUint(at, 8)
		state := v & onceState
		switch {
		case c.Faulted():
			return 0
		case state == onceDone:
			context.Set(c, v&^onceState)
			return 0
		case flags&onceCheckOnly != 0:
			return win.StatusUnsuccessful
		case state == onceNone && async:
			c.WriteUint(at, 8, onceAsync)
			return StatusPending
		case state == onceNone:
			c.WriteUint(at, 8, onceRunning)
			c.State[onceKey{at}] = c.T
			return StatusPending
		case async != (state == onceAsync):
			return win.StatusInvalidParameter
		case async:
			return StatusPending
		}
		waitOnce(c, at)
	}
}

// onceKey is where the thread that initialises is kept, for the report of a
// deadlock.
type onceKey struct{ at win.Ptr }

func waitOnce(c *win.Call, at win.Ptr) {
	mem, by := c.Mem, c.State[onceKey{at}]
	c.T.WaitFor(guest.Wait{Timeout: -1, Objects: []guest.Waitable{&guest.Condition{
		What: func() string {
			text := fmt.Sprintf("one-time initialisation %#x", uint64(at))
			if t, ok := by.(*guest.Thread); ok {
				text += fmt.Sprintf(", begun by thread %d", t.ID)
			}
			return text
		},
		Holds: func(*guest.Thread) bool { return peek(mem, at, 8)&onceState != onceRunning },
	}}})
}

// rtlRunOnceComplete ends an initialisation.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initoncecomplete
func rtlRunOnceComplete(c *win.Call, RunOnce win.Ptr, Flags win.Hex, Context win.Ptr) (win.Status, win.Error) {
	return CompleteOnce(c, RunOnce, Flags, Context), 0
}

// CompleteOnce ends an initialisation.
func CompleteOnce(c *win.Call, at win.Ptr, flags win.Hex, context win.Ptr) win.Status {
	failed, async := flags&onceInitFailed != 0, flags&onceAsyncFlag != 0
	if context&onceState != 0 || flags&^(onceAsyncFlag|onceInitFailed) != 0 || failed && (async || context != 0) {
		return win.StatusInvalidParameter
	}
	next := uint64(context) | onceDone
	if failed {
		next = onceNone
	}
	state := c.ReadUint(at, 8) & onceState
	switch {
	case c.Faulted():
		return 0
	case state == onceNone || state == onceDone:
		return win.StatusUnsuccessful
	case async != (state == onceAsync):
		return win.StatusInvalidParameter
	}
	c.WriteUint(at, 8, next)
	delete(c.State, onceKey{at})
	c.Signal()
	return 0
}

// rtlRunOnceExecuteOnce calls the function unless that has been done. Other
// threads wait meanwhile.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initonceexecuteonce
func rtlRunOnceExecuteOnce(c *win.Call, RunOnce, InitFn, Parameter win.Ptr, Context win.Out[uint64]) (win.Status, win.Error) {
	return ExecuteOnce(c, RunOnce, InitFn, Parameter, Context), 0
}

// ExecuteOnce calls the function unless that has been done.
func ExecuteOnce(c *win.Call, at, fn, parameter win.Ptr, context win.Out[uint64]) win.Status {
	status := BeginOnce(c, at, 0, context)
	if status != StatusPending {
		return status
	}
	if uint32(c.CallGuest(fn, uint64(at), uint64(parameter), uint64(context.Addr))) == 0 {
		CompleteOnce(c, at, onceInitFailed, 0)
		return win.StatusUnsuccessful
	}
	return CompleteOnce(c, at, 0, win.Ptr(context.Get(c)))
}
