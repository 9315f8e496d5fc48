package user32

import (
	"slices"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var timerRows = win.Rows{
	win.Func2("KillTimer", killTimer, "hWnd uIDEvent"),
	win.Func4("SetTimer", setTimer, "hWnd nIDEvent uElapse lpTimerFunc"),
}

// timer posts WM_TIMER when its thread has nothing else to do.
type timer struct {
	window    win.Handle
	id        uint64
	thread    *guest.Thread
	period    time.Duration
	due       time.Duration // elapsed virtual time
	procedure win.Ptr
}

const (
	shortest  = 10 // USER_TIMER_MINIMUM, milliseconds
	longest   = 0x7FFFFFFF
	maxTimers = 10_000
)

// setTimer makes a timer, or changes one of the same window and number.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-settimer
func setTimer(c *win.Call, hWnd win.Handle, nIDEvent win.Size, uElapse win.DWORD, lpTimerFunc win.Ptr) (win.Size, win.Error) {
	d := of(c)
	id := uint64(nIDEvent)
	if hWnd != 0 && d.find(hWnd) == nil {
		return 0, errInvalidWindow
	}
	i := slices.IndexFunc(d.timers, func(t *timer) bool { return t.window == hWnd && t.id == id })
	if i < 0 {
		if len(d.timers) >= maxTimers {
			return 0, win.ErrNotEnoughMemory
		}
		if hWnd == 0 { // the number of a timer without a window is the system's choice
			d.made++
			id = 0x7FFF - uint64(d.made)&0x3FFF
		}
		d.timers = append(d.timers, &timer{window: hWnd, id: id, thread: c.T})
		i = len(d.timers) - 1
	}
	t := d.timers[i]
	t.period = time.Duration(min(max(uElapse, shortest), longest)) * time.Millisecond
	t.due, t.procedure = c.Clock.Elapsed()+t.period, lpTimerFunc
	if hWnd != 0 && id == 0 {
		return 1, 0
	}
	return win.Size(id), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-killtimer
func killTimer(c *win.Call, hWnd win.Handle, uIDEvent win.Size) (win.Bool, win.Error) {
	d := of(c)
	before := len(d.timers)
	d.timers = slices.DeleteFunc(d.timers, func(t *timer) bool { return t.window == hWnd && t.id == uint64(uIDEvent) })
	if len(d.timers) == before {
		return false, win.ErrInvalidParameter
	}
	return true, 0
}
