package ntdll

import (
	"math"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var syncRows = system(
	win.Func1("NtClearEvent", ntClearEvent, "EventHandle"),
	win.Func1("NtClose", ntClose, "Handle"),
	win.Func5("NtCreateEvent", ntCreateEvent, "EventHandle DesiredAccess ObjectAttributes EventType InitialState"),
	win.Func4("NtCreateMutant", ntCreateMutant, "MutantHandle DesiredAccess ObjectAttributes InitialOwner"),
	win.Func2("NtDelayExecution", ntDelayExecution, "Alertable DelayInterval"),
	win.Func3("NtOpenEvent", ntOpenEvent, "EventHandle DesiredAccess ObjectAttributes"),
	win.Func3("NtOpenMutant", ntOpenMutant, "MutantHandle DesiredAccess ObjectAttributes"),
	win.Func2("NtReleaseMutant", ntReleaseMutant, "MutantHandle PreviousCount"),
	win.Func2("NtResetEvent", ntResetEvent, "EventHandle PreviousState"),
	win.Func2("NtSetEvent", ntSetEvent, "EventHandle PreviousState"),
	win.Func5("NtWaitForMultipleObjects", ntWaitForMultipleObjects, "Count Handles WaitType Alertable Timeout"),
	win.Func3("NtWaitForSingleObject", ntWaitForSingleObject, "Handle Alertable Timeout"),
	win.Func0("NtYieldExecution", ntYieldExecution),
)

// ntClose closes a handle, and what it stands for if that was the last.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntclose
func ntClose(c *win.Call, Handle win.Handle) (win.Status, win.Error) {
	return Close(c, Handle), 0
}

// ntCreateEvent makes an event or opens the one of that name.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwcreateevent
func ntCreateEvent(c *win.Call, EventHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes attributes, EventType win.DWORD, InitialState win.BYTE) (win.Status, win.Error) {
	const notification, synchronization = 0, 1
	if EventType != notification && EventType != synchronization {
		return win.StatusInvalidParameter, 0
	}
	return create(c, EventHandle, ObjectAttributes, func(name string) (*guest.Event, win.Status) {
		return &guest.Event{Name: name, Manual: EventType == notification, Set: InitialState != 0}, 0
	}, func(name string, existed bool) trace.Payload { return trace.EventCreate{Name: name, Existed: existed} }), 0
}

// ntOpenEvent opens an event that exists.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-openeventw
func ntOpenEvent(c *win.Call, EventHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes attributes) (win.Status, win.Error) {
	return open[*guest.Event](c, EventHandle, ObjectAttributes), 0
}

// ntCreateMutant makes a mutex or opens the one of that name.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-createmutexw
func ntCreateMutant(c *win.Call, MutantHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes attributes, InitialOwner win.BYTE) (win.Status, win.Error) {
	return create(c, MutantHandle, ObjectAttributes, func(name string) (*guest.Mutex, win.Status) {
		m := c.NewMutex(name)
		if InitialOwner != 0 {
			m.Own(c.T)
		}
		return m, 0
	}, func(name string, existed bool) trace.Payload { return trace.MutexCreate{Name: name, Existed: existed} }), 0
}

func ntOpenMutant(c *win.Call, MutantHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes attributes) (win.Status, win.Error) {
	return open[*guest.Mutex](c, MutantHandle, ObjectAttributes), 0
}

// ntReleaseMutant gives a mutex back once. The count before is 1 less the
// times it was owned.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-releasemutex
func ntReleaseMutant(c *win.Call, MutantHandle win.Handle, PreviousCount win.Out[int32]) (win.Status, win.Error) {
	m, status := object[*guest.Mutex](c, MutantHandle)
	if status != 0 {
		return status, 0
	}
	owned := m.Owned()
	if !m.Release(c.T) {
		return statusMutantNotOwned, 0
	}
	PreviousCount.Set(c, int32(1-owned))
	return 0, 0
}

// ntSetEvent and ntResetEvent change an event's state and tell the one before.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwsetevent
func ntSetEvent(c *win.Call, EventHandle win.Handle, PreviousState win.Out[int32]) (win.Status, win.Error) {
	return changeEvent(c, EventHandle, PreviousState, true), 0
}

func ntResetEvent(c *win.Call, EventHandle win.Handle, PreviousState win.Out[int32]) (win.Status, win.Error) {
	return changeEvent(c, EventHandle, PreviousState, false), 0
}

func ntClearEvent(c *win.Call, EventHandle win.Handle) (win.Status, win.Error) {
	return changeEvent(c, EventHandle, win.Out[int32]{}, false), 0
}

func changeEvent(c *win.Call, h win.Handle, previous win.Out[int32], set bool) win.Status {
	e, status := object[*guest.Event](c, h)
	if status != 0 {
		return status
	}
	was := int32(0)
	if e.Set {
		was = 1
	}
	e.Set = set
	previous.Set(c, was)
	return 0
}

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
	c.Emit(trace.Sleep{Milliseconds: milliseconds(d), API: c.Name()})
	c.T.Sleep(d)
	return 0, 0
}

// ntYieldExecution lets another ready thread run.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-switchtothread
func ntYieldExecution(c *win.Call) (win.Status, win.Error) {
	c.T.Yield()
	return 0, 0
}

// ntWaitForSingleObject waits until the object is signalled or the time is
// over.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntwaitforsingleobject
func ntWaitForSingleObject(c *win.Call, Handle win.Handle, Alertable win.BYTE, Timeout interval) (win.Status, win.Error) {
	w, status := waitable(c, Handle)
	if status != 0 {
		return status, 0
	}
	return wait(c, []guest.Waitable{w}, false, Timeout), 0
}

// ntWaitForMultipleObjects waits for one of the objects, or for all of them.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-waitformultipleobjects
func ntWaitForMultipleObjects(c *win.Call, Count win.DWORD, Handles win.Ptr, WaitType win.DWORD, Alertable win.BYTE, Timeout interval) (win.Status, win.Error) {
	const most = 64 // MAXIMUM_WAIT_OBJECTS
	const waitAll, waitAny = 0, 1
	switch {
	case Count == 0 || Count > most:
		return statusInvalidParameter1, 0
	case WaitType != waitAll && WaitType != waitAny:
		return statusInvalidParameter3, 0
	}
	objects := make([]guest.Waitable, Count)
	for i := range objects {
		h := c.ReadUint(Handles+win.Ptr(8*i), 8)
		if c.Faulted() {
			return 0, 0
		}
		w, status := waitable(c, win.Handle(h))
		if status != 0 {
			return status, 0
		}
		objects[i] = w
	}
	return wait(c, objects, WaitType == waitAll, Timeout), 0
}

func waitable(c *win.Call, h win.Handle) (guest.Waitable, win.Status) {
	if h.Guest() == guest.CurrentThread {
		return c.T, 0
	}
	return object[guest.Waitable](c, h)
}

// wait waits. A wait that ends by its time-out was a sleep.
func wait(c *win.Call, objects []guest.Waitable, all bool, timeout interval) win.Status {
	d := timeout.duration(c)
	if c.Faulted() {
		return 0
	}
	index, ok := c.T.Wait(objects, all, d)
	if !ok {
		if d != 0 {
			c.Emit(trace.Sleep{Milliseconds: milliseconds(d), API: c.Name()})
		}
		return win.StatusTimeout
	}
	if m, isMutex := objects[index].(*guest.Mutex); isMutex && m.Abandoned {
		m.Abandoned = false
		return statusAbandoned + win.Status(index)
	}
	return win.Status(index)
}
