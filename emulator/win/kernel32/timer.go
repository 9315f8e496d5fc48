package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var timerRows = win.Rows{
	win.Func1("CancelWaitableTimer", cancelWaitableTimer, "hTimer"),
	win.Func3("CreateWaitableTimer{A,W}", createWaitableTimer, "lpTimerAttributes bManualReset lpTimerName"),
	win.Func4("CreateWaitableTimerEx{A,W}", createWaitableTimerEx, "lpTimerAttributes lpTimerName dwFlags dwDesiredAccess"),
	win.Func3("OpenWaitableTimer{A,W}", openWaitableTimer, "dwDesiredAccess bInheritHandle lpTimerName"),
	win.Func3("QueueUserAPC", queueUserAPC, "pfnAPC hThread dwData"),
	win.Partial(win.Func4("QueueUserAPC2", queueUserAPC2, "ApcRoutine Thread Data Flags"), "a special user APC is made when the thread next runs, at the end of a turn on the processor, not within a wait"),
	win.Func6("SetWaitableTimer", setWaitableTimer, "hTimer lpDueTime lPeriod pfnCompletionRoutine lpArgToCompletionRoutine fResume"),
	win.Func7("SetWaitableTimerEx", setWaitableTimerEx, "hTimer lpDueTime lPeriod pfnCompletionRoutine lpArgToCompletionRoutine WakeContext TolerableDelay"),
}

// createWaitableTimer makes a timer or opens the one of that name.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-createwaitabletimerw
func createWaitableTimer(c *win.Call, lpTimerAttributes win.Ptr, bManualReset win.Int, lpTimerName win.TStr) (win.Handle, win.Error) {
	tm, exists, ok := named[*guest.Timer](c, lpTimerName.Text)
	if !ok {
		return 0, win.ErrInvalidHandle
	}
	if !exists {
		tm = c.NewTimer(lpTimerName.Text, bManualReset != 0)
		if tm.Name != "" {
			c.Names.Set(tm.Name, tm)
		}
	}
	return created(c, tm, exists, nil), 0
}

func createWaitableTimerEx(c *win.Call, lpTimerAttributes win.Ptr, lpTimerName win.TStr, dwFlags, dwDesiredAccess win.Hex) (win.Handle, win.Error) {
	const manual = 1 // CREATE_WAITABLE_TIMER_MANUAL_RESET
	return createWaitableTimer(c, lpTimerAttributes, win.Int(dwFlags&manual), lpTimerName)
}

func openWaitableTimer(c *win.Call, dwDesiredAccess win.Hex, bInheritHandle win.Int, lpTimerName win.TStr) (win.Handle, win.Error) {
	return open[*guest.Timer](c, lpTimerName.Text)
}

// setWaitableTimer arms a timer. Waking the machine has no effect.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-setwaitabletimer
func setWaitableTimer(c *win.Call, hTimer win.Handle, lpDueTime win.Ptr, lPeriod win.Int, pfnCompletionRoutine win.Ptr, lpArgToCompletionRoutine win.Size, fResume win.Int) (win.Bool, win.Error) {
	if lpDueTime == 0 {
		return false, win.ErrInvalidParameter
	}
	return done(ntdll.SetTimer(c, hTimer, lpDueTime, pfnCompletionRoutine, lpArgToCompletionRoutine, lPeriod, win.Out[uint8]{}))
}

func setWaitableTimerEx(c *win.Call, hTimer win.Handle, lpDueTime win.Ptr, lPeriod win.Int, pfnCompletionRoutine win.Ptr, lpArgToCompletionRoutine win.Size, WakeContext win.Ptr, TolerableDelay win.DWORD) (win.Bool, win.Error) {
	return setWaitableTimer(c, hTimer, lpDueTime, lPeriod, pfnCompletionRoutine, lpArgToCompletionRoutine, 0)
}

// cancelWaitableTimer stops a timer and leaves its state.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-cancelwaitabletimer
func cancelWaitableTimer(c *win.Call, hTimer win.Handle) (win.Bool, win.Error) {
	return done(ntdll.CancelTimer(c, hTimer, win.Out[uint8]{}))
}

// queueUserAPC gives a thread a call to make when it waits alertably, or before
// its own function when it has not begun.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-queueuserapc
func queueUserAPC(c *win.Call, pfnAPC win.Ptr, hThread win.Handle, dwData win.Size) (win.Bool, win.Error) {
	return done(ntdll.QueueAPC(c, hThread, pfnAPC, false, uint64(dwData)))
}

// queueUserAPC2 is the same with flags; a special user APC needs no alertable
// wait.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-queueuserapc2
func queueUserAPC2(c *win.Call, ApcRoutine win.Ptr, Thread win.Handle, Data win.Size, Flags win.Hex) (win.Bool, win.Error) {
	const special = 1 // QUEUE_USER_APC_FLAGS_SPECIAL_USER_APC
	return done(ntdll.QueueAPC(c, Thread, ApcRoutine, Flags&special != 0, uint64(Data)))
}
