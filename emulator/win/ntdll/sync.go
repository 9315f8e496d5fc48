package ntdll

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var syncRows = system(
	win.Func1("NtClearEvent", ntClearEvent, "EventHandle"),
	win.Func1("NtClose", ntClose, "Handle"),
	win.Func5("NtCreateEvent", ntCreateEvent, "EventHandle DesiredAccess ObjectAttributes EventType InitialState"),
	win.Func4("NtCreateMutant", ntCreateMutant, "MutantHandle DesiredAccess ObjectAttributes InitialOwner"),
	win.Func3("NtOpenEvent", ntOpenEvent, "EventHandle DesiredAccess ObjectAttributes"),
	win.Func3("NtOpenMutant", ntOpenMutant, "MutantHandle DesiredAccess ObjectAttributes"),
	win.Func2("NtPulseEvent", ntPulseEvent, "EventHandle PreviousState"),
	win.Partial(win.Func5("NtQueryEvent", ntQueryEvent, "EventHandle EventInformationClass EventInformation EventInformationLength ReturnLength"), "EventBasicInformation"),
	win.Partial(win.Func5("NtQueryMutant", ntQueryMutant, "MutantHandle MutantInformationClass MutantInformation MutantInformationLength ReturnLength"), "MutantBasicInformation"),
	win.Func2("NtReleaseMutant", ntReleaseMutant, "MutantHandle PreviousCount"),
	win.Func2("NtResetEvent", ntResetEvent, "EventHandle PreviousState"),
	win.Func2("NtSetEvent", ntSetEvent, "EventHandle PreviousState"),
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
		m := &guest.Mutex{Name: name}
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
	c.Signal()
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

// ntPulseEvent sets an event for those who wait for it now.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-pulseevent
func ntPulseEvent(c *win.Call, EventHandle win.Handle, PreviousState win.Out[int32]) (win.Status, win.Error) {
	e, status := object[*guest.Event](c, EventHandle)
	if status == 0 {
		PreviousState.Set(c, one(e.Set))
		c.Pulse(e)
	}
	return status, 0
}

// ntQueryEvent tells an event's type and state.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-createeventw
func ntQueryEvent(c *win.Call, EventHandle win.Handle, EventInformationClass win.DWORD, EventInformation win.Ptr, EventInformationLength win.DWORD, ReturnLength win.Out[uint32]) (win.Status, win.Error) {
	if EventInformationClass != 0 {
		return win.StatusInvalidInfoClass, 0
	}
	if EventInformationLength != 8 {
		return win.StatusInfoLengthMismatch, 0
	}
	e, status := object[*guest.Event](c, EventHandle)
	if status != 0 {
		return status, 0
	}
	b := le.AppendUint32(nil, uint32(one(!e.Manual)))
	return answer(c, le.AppendUint32(b, uint32(one(e.Set))), EventInformation, EventInformationLength, ReturnLength), 0
}

// ntQueryMutant tells how often a mutex may be taken yet, whether the caller
// owns it, and whether it was abandoned.
func ntQueryMutant(c *win.Call, MutantHandle win.Handle, MutantInformationClass win.DWORD, MutantInformation win.Ptr, MutantInformationLength win.DWORD, ReturnLength win.Out[uint32]) (win.Status, win.Error) {
	if MutantInformationClass != 0 {
		return win.StatusInvalidInfoClass, 0
	}
	if MutantInformationLength != 8 {
		return win.StatusInfoLengthMismatch, 0
	}
	m, status := object[*guest.Mutex](c, MutantHandle)
	if status != 0 {
		return status, 0
	}
	b := le.AppendUint32(nil, uint32(1-m.Owned()))
	b = append(b, byte(one(m.OwnedBy(c.T))), byte(one(m.Abandoned)), 0, 0)
	return answer(c, b, MutantInformation, MutantInformationLength, ReturnLength), 0
}

func one(b bool) int32 {
	if b {
		return 1
	}
	return 0
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
	c.Signal()
	previous.Set(c, was)
	return 0
}
