package ntdll

import (
	"math"
	"slices"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var waitRows = system(
	win.Func2("NtDelayExecution", ntDelayExecution, "Alertable DelayInterval"),
	win.Func4("NtSignalAndWaitForSingleObject", ntSignalAndWaitForSingleObject, "SignalHandle WaitHandle Alertable Timeout"),
	win.Func5("NtWaitForMultipleObjects", ntWaitForMultipleObjects, "Count Handles WaitType Alertable Timeout"),
	win.Func3("NtWaitForSingleObject", ntWaitForSingleObject, "Handle Alertable Timeout"),
	win.Func0("NtYieldExecution", ntYieldExecution),
)

// interval is a time as waits take it, in units of 100 ns: negative for that
// long from now, else a moment since 1601; null for ever.
type interval struct{ win.Ptr }

func (interval) Decode(_ *win.Call, s uint64) interval { return interval{win.Ptr(s)} }

// duration gives the time from now, negative for ever.
func (i interval) duration(c *win.Call) time.Duration {
	if i.Ptr == 0 {
		return -1
	}
	const longest = math.MaxInt64 / 200 // about 146 years: none outlives it
	v := int64(c.ReadUint(i.Ptr, 8))
	switch {
	case v == math.MinInt64:
		return -1
	case v < 0:
		v = -v
	default:
		v = max(v-int64(guest.FileTime(c.Clock.Now())), 0)
	}
	return time.Duration(min(v, longest)) * 100
}

// milliseconds is a duration as the trace has it.
func milliseconds(d time.Duration) int64 {
	if d < 0 {
		return -1
	}
	return d.Milliseconds()
}

// ntDelayExecution lets virtual time pass. It costs no real time.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kedelayexecutionthread
func ntDelayExecution(c *win.Call, Alertable win.BYTE, DelayInterval interval) (win.Status, win.Error) {
	if DelayInterval.Ptr == 0 {
		return win.StatusAccessViolation, 0
	}
	d := DelayInterval.duration(c)
	if c.Faulted() {
		return 0, 0
	}
	return Delay(c, Alertable != 0, d), 0
}

// Delay lets virtual time pass; a negative duration is for ever.
func Delay(c *win.Call, alertable bool, d time.Duration) win.Status {
	c.Emit(trace.Sleep{Milliseconds: milliseconds(d), API: c.Name()})
	if c.T.WaitFor(guest.Wait{Alertable: alertable, Timeout: d}) == guest.Alerted {
		return StatusUserAPC
	}
	return 0
}

// ntYieldExecution lets another ready thread run.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-switchtothread
func ntYieldExecution(c *win.Call) (win.Status, win.Error) {
	if !c.T.Others() {
		return statusNoYield, 0
	}
	c.T.Yield()
	return 0, 0
}

// ntWaitForSingleObject waits until the object is signalled or the time is
// over.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntwaitforsingleobject
func ntWaitForSingleObject(c *win.Call, Handle win.Handle, Alertable win.BYTE, Timeout interval) (win.Status, win.Error) {
	w, status := Waitable(c, Handle)
	if status != 0 {
		return status, 0
	}
	return wait(c, []guest.Waitable{w}, false, Alertable, Timeout), 0
}

// ntWaitForMultipleObjects waits for one of the objects, or for all of them.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-waitformultipleobjects
func ntWaitForMultipleObjects(c *win.Call, Count win.DWORD, Handles win.Ptr, WaitType win.DWORD, Alertable win.BYTE, Timeout interval) (win.Status, win.Error) {
	const waitAll, waitAny = 0, 1
	if WaitType != waitAll && WaitType != waitAny {
		return statusInvalidParameter3, 0
	}
	objects, status := Waitables(c, Count, Handles, WaitType == waitAll)
	if status != 0 || c.Faulted() {
		return status, 0
	}
	return wait(c, objects, WaitType == waitAll, Alertable, Timeout), 0
}

// ntSignalAndWaitForSingleObject signals one object and waits for another.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-signalobjectandwait
func ntSignalAndWaitForSingleObject(c *win.Call, SignalHandle, WaitHandle win.Handle, Alertable win.BYTE, Timeout interval) (win.Status, win.Error) {
	w, status := Waitable(c, WaitHandle)
	if status == 0 {
		status = SignalObject(c, SignalHandle)
	}
	if status != 0 {
		return status, 0
	}
	return wait(c, []guest.Waitable{w}, false, Alertable, Timeout), 0
}

// SignalObject sets an event, releases a mutex or adds 1 to a semaphore.
func SignalObject(c *win.Call, h win.Handle) win.Status {
	if g := h.Guest(); g == guest.CurrentThread || g == guest.CurrentProcess {
		return statusObjectTypeMismatch
	}
	o, status := object[guest.Object](c, h)
	if status != 0 {
		return status
	}
	switch o := o.(type) {
	case *guest.Event:
		o.Set = true
	case *guest.Mutex:
		if !o.Release(c.T) {
			return statusMutantNotOwned
		}
	case *guest.Semaphore:
		if _, ok := o.Release(1); !ok {
			return statusSemaphoreLimit
		}
	default:
		return statusObjectTypeMismatch
	}
	c.Signal()
	return 0
}

// Waitable finds what a handle lets wait for.
func Waitable(c *win.Call, h win.Handle) (guest.Waitable, win.Status) {
	switch h.Guest() {
	case guest.CurrentThread:
		return c.T, 0
	case guest.CurrentProcess:
		return ownEnd, 0
	}
	return object[guest.Waitable](c, h)
}

// ownEnd is the end of the process itself, which no thread of it lives to see.
var ownEnd = &guest.Condition{
	What:  func() string { return "the end of the process itself" },
	Holds: func(*guest.Thread) bool { return false },
}

// Waitables finds what an array of handles lets wait for. Nothing can be
// waited for twice at once.
func Waitables(c *win.Call, count win.DWORD, handles win.Ptr, all bool) ([]guest.Waitable, win.Status) {
	const most = 64 // MAXIMUM_WAIT_OBJECTS
	if count == 0 || count > most {
		return nil, statusInvalidParameter1
	}
	objects := make([]guest.Waitable, count)
	for i := range objects {
		h := c.ReadUint(handles+win.Ptr(8*i), 8)
		if c.Faulted() {
			return nil, 0
		}
		w, status := Waitable(c, win.Handle(h))
		if status != 0 {
			return nil, status
		}
		if all && slices.Contains(objects[:i], w) {
			return nil, statusInvalidParameterMix
		}
		objects[i] = w
	}
	return objects, 0
}

func wait(c *win.Call, objects []guest.Waitable, all bool, alertable win.BYTE, timeout interval) win.Status {
	d := timeout.duration(c)
	if c.Faulted() {
		return 0
	}
	return Wait(c, objects, all, alertable != 0, d)
}

// Wait waits. A wait that ends by its time-out, or by a timer, was a sleep.
func Wait(c *win.Call, objects []guest.Waitable, all, alertable bool, d time.Duration) win.Status {
	began := c.Clock.Elapsed()
	index := c.T.WaitFor(guest.Wait{Objects: objects, All: all, Alertable: alertable, Timeout: d})
	if index >= 0 {
		if _, timer := objects[index].(*guest.Timer); timer && c.Clock.Elapsed()-began >= time.Millisecond {
			c.Emit(trace.Sleep{Milliseconds: (c.Clock.Elapsed() - began).Milliseconds(), API: c.Name() + " of a timer"})
		}
	}
	switch {
	case index == guest.TimedOut:
		if d != 0 {
			c.Emit(trace.Sleep{Milliseconds: milliseconds(d), API: c.Name()})
		}
		return win.StatusTimeout
	case index == guest.Alerted:
		return StatusUserAPC
	case c.T.Abandoned():
		return statusAbandoned + win.Status(index)
	}
	return win.Status(index)
}
