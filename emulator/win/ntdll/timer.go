package ntdll

import (
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var timerRows = system(
	win.Func2("NtCancelTimer", ntCancelTimer, "TimerHandle CurrentState"),
	win.Func4("NtCreateTimer", ntCreateTimer, "TimerHandle DesiredAccess ObjectAttributes TimerType"),
	win.Func3("NtOpenTimer", ntOpenTimer, "TimerHandle DesiredAccess ObjectAttributes"),
	win.Partial(win.Func5("NtQueryTimer", ntQueryTimer, "TimerHandle TimerInformationClass TimerInformation TimerInformationLength ReturnLength"), "TimerBasicInformation"),
	win.Func7("NtSetTimer", ntSetTimer, "TimerHandle DueTime TimerApcRoutine TimerContext ResumeTimer Period PreviousState"),
)

// ntCreateTimer makes a waitable timer or opens the one of that name.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-createwaitabletimerw
func ntCreateTimer(c *win.Call, TimerHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes attributes, TimerType win.DWORD) (win.Status, win.Error) {
	const notification, synchronization = 0, 1
	if TimerType != notification && TimerType != synchronization {
		return statusInvalidParameter4, 0
	}
	return create(c, TimerHandle, ObjectAttributes, func(name string) (*guest.Timer, win.Status) {
		return c.NewTimer(name, TimerType == notification), 0
	}, nil), 0
}

func ntOpenTimer(c *win.Call, TimerHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes attributes) (win.Status, win.Error) {
	return open[*guest.Timer](c, TimerHandle, ObjectAttributes), 0
}

// ntSetTimer arms a timer. Waking a machine from sleep has no effect.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-setwaitabletimer
func ntSetTimer(c *win.Call, TimerHandle win.Handle, DueTime interval, TimerApcRoutine win.Ptr, TimerContext win.Size, ResumeTimer win.BYTE, Period win.Int, PreviousState win.Out[uint8]) (win.Status, win.Error) {
	if DueTime.Ptr == 0 {
		return win.StatusAccessViolation, 0
	}
	return SetTimer(c, TimerHandle, DueTime.Ptr, TimerApcRoutine, TimerContext, Period, PreviousState), 0
}

// SetTimer arms a timer for the LARGE_INTEGER at due.
func SetTimer(c *win.Call, h win.Handle, due, routine win.Ptr, argument win.Size, period win.Int, previous win.Out[uint8]) win.Status {
	after := interval{due}.duration(c)
	if c.Faulted() {
		return 0
	}
	if period < 0 {
		return win.StatusInvalidParameter
	}
	tm, status := object[*guest.Timer](c, h)
	if status != 0 {
		return status
	}
	var call *guest.APC
	if routine != 0 {
		call = &guest.APC{Function: uint64(routine), Arguments: []uint64{uint64(argument)}}
	}
	was, _ := tm.State()
	previous.Set(c, uint8(one(was)))
	tm.Arm(after, time.Duration(period)*time.Millisecond, c.T, call)
	return 0
}

// ntCancelTimer stops a timer and leaves its state.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-cancelwaitabletimer
func ntCancelTimer(c *win.Call, TimerHandle win.Handle, CurrentState win.Out[uint8]) (win.Status, win.Error) {
	return CancelTimer(c, TimerHandle, CurrentState), 0
}

// CancelTimer stops a timer and leaves its state.
func CancelTimer(c *win.Call, h win.Handle, state win.Out[uint8]) win.Status {
	tm, status := object[*guest.Timer](c, h)
	if status == 0 {
		tm.Disarm()
		was, _ := tm.State()
		state.Set(c, uint8(one(was)))
	}
	return status
}

// ntQueryTimer tells when a timer will be due, and whether it was.
func ntQueryTimer(c *win.Call, TimerHandle win.Handle, TimerInformationClass win.DWORD, TimerInformation win.Ptr, TimerInformationLength win.DWORD, ReturnLength win.Out[uint32]) (win.Status, win.Error) {
	if TimerInformationClass != 0 {
		return win.StatusInvalidInfoClass, 0
	}
	if TimerInformationLength != 16 {
		return win.StatusInfoLengthMismatch, 0
	}
	tm, status := object[*guest.Timer](c, TimerHandle)
	if status != 0 {
		return status, 0
	}
	set, remaining := tm.State()
	b := le.AppendUint64(nil, uint64(remaining/100))
	b = le.AppendUint64(b, uint64(one(set)))
	return answer(c, b, TimerInformation, TimerInformationLength, ReturnLength), 0
}
