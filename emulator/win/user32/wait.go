package user32

import (
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-msgwaitformultipleobjects
func msgWaitForMultipleObjects(c *win.Call, nCount win.DWORD, pHandles win.Ptr, fWaitAll win.Int, dwMilliseconds win.Millis, dwWakeMask win.Hex) (win.WaitCode, win.Error) {
	return messageWait(c, nCount, pHandles, fWaitAll != 0, false, dwMilliseconds, uint32(dwWakeMask))
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-msgwaitformultipleobjectsex
func msgWaitForMultipleObjectsEx(c *win.Call, nCount win.DWORD, pHandles win.Ptr, dwMilliseconds win.Millis, dwWakeMask, dwFlags win.Hex) (win.WaitCode, win.Error) {
	const waitAll, alertable = 1, 2
	return messageWait(c, nCount, pHandles, dwFlags&waitAll != 0, dwFlags&alertable != 0, dwMilliseconds, uint32(dwWakeMask))
}

// messageWait waits for objects and for messages, which are the last of them.
func messageWait(c *win.Call, count win.DWORD, handles win.Ptr, all, alertable bool, timeout win.Millis, mask uint32) (win.WaitCode, win.Error) {
	const (
		most           = 63 // one less than MAXIMUM_WAIT_OBJECTS
		infinite       = 0xFFFFFFFF
		ioCompletion   = 0xC0
		waitTimeout    = 0x102
		abandonedFirst = 0x80
	)
	if count > most {
		return 0, win.ErrInvalidParameter
	}
	var objects []guest.Waitable
	for i := range uint64(count) {
		o, ok := c.Handles.Get(guest.Handle(c.ReadUint(handles+win.Ptr(8*i), 8))).(guest.Waitable)
		if c.Faulted() {
			return 0, 0
		}
		if !ok {
			return 0, win.ErrInvalidHandle
		}
		objects = append(objects, o)
	}
	d := of(c)
	messages := guest.Until("a message", func() bool { return d.status(c)&mask != 0 })
	objects = append(objects, messages...)
	w := guest.Wait{Objects: objects, All: all, Alertable: alertable, Timeout: -1}
	if timeout != infinite {
		w.Timeout = time.Duration(timeout) * time.Millisecond
	}
	if due := d.untilTimer(c); mask&qsTimer != 0 && due >= 0 && (w.Timeout < 0 || due < w.Timeout) {
		w.Timeout = due // then the condition holds
		if i := c.T.WaitFor(w); i != guest.TimedOut {
			return ended(c, i, int(count)), 0
		}
		return win.WaitCode(count), 0
	}
	switch i := c.T.WaitFor(w); i {
	case guest.TimedOut:
		return waitTimeout, 0
	case guest.Alerted:
		return ioCompletion, 0
	default:
		return ended(c, i, int(count)), 0
	}
}

// ended is the code of the object that ended a wait.
func ended(c *win.Call, index, count int) win.WaitCode {
	const abandonedFirst = 0x80
	if index < count && c.T.Abandoned() {
		return win.WaitCode(abandonedFirst + index)
	}
	return win.WaitCode(index)
}
