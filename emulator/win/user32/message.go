package user32

import (
	"slices"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var messageRows = win.Rows{
	win.Func4("GetMessage{A,W}", getMessage, "lpMsg hWnd wMsgFilterMin wMsgFilterMax"),
	win.Stub("GetMessageExtraInfo", win.Size(0), ""),
	win.Func0("GetMessagePos", getMessagePos),
	win.Func0("GetMessageTime", getMessageTime),
	win.Func1("GetQueueStatus", getQueueStatus, "flags"),
	win.Func0("GetInputState", getInputState),
	win.Func5("MsgWaitForMultipleObjects", msgWaitForMultipleObjects, "nCount pHandles fWaitAll dwMilliseconds dwWakeMask"),
	win.Func5("MsgWaitForMultipleObjectsEx", msgWaitForMultipleObjectsEx, "nCount pHandles dwMilliseconds dwWakeMask dwFlags"),
	win.Func5("PeekMessage{A,W}", peekMessage, "lpMsg hWnd wMsgFilterMin wMsgFilterMax wRemoveMsg"),
	win.Func4("PostMessage{A,W}", postMessage, "hWnd Msg wParam lParam"),
	win.Func1("PostQuitMessage", postQuitMessage, "nExitCode"),
	win.Func4("PostThreadMessage{A,W}", postThreadMessage, "idThread Msg wParam lParam"),
	win.Func1("RegisterWindowMessage{A,W}", registerWindowMessage, "lpString"),
	win.Func1("TranslateMessage", translateMessage, "lpMsg"),
	win.Func0("WaitMessage", waitMessage),
	win.Func2("WaitForInputIdle", waitForInputIdle, "hProcess dwMilliseconds"),
}

const (
	messageSize     = 48     // MSG
	registeredFirst = 0xC000 // of RegisterWindowMessage
	maxPosted       = 10_000 // of a queue, as Windows has it by default
)

func loadMessage(b []byte) message {
	return message{
		window: win.Handle(le.Uint64(b)), number: le.Uint32(b[8:]), wParam: le.Uint64(b[16:]), lParam: le.Uint64(b[24:]), time: le.Uint32(b[32:]),
	}
}

func (m message) store(d *desktop) []byte {
	b := make([]byte, messageSize)
	le.PutUint64(b, uint64(m.window))
	le.PutUint32(b[8:], m.number)
	le.PutUint64(b[16:], m.wParam)
	le.PutUint64(b[24:], m.lParam)
	le.PutUint32(b[32:], m.time)
	le.PutUint32(b[36:], uint32(d.cursor[0]))
	le.PutUint32(b[40:], uint32(d.cursor[1]))
	return b
}

// filter is which messages a caller wants. Quit messages always pass.
type filter struct {
	window      win.Handle
	first, last uint32
}

func (f filter) takes(d *desktop, m message) bool {
	switch {
	case int32(f.window) == -1 && m.window != 0: // messages of the thread alone
		return false
	case f.window != 0 && int32(f.window) != -1 && m.window != f.window && !d.find(m.window).below(d.find(f.window)):
		return false
	case f.first == 0 && f.last == 0:
		return true
	}
	return m.number >= f.first && m.number <= f.last
}

// next takes the next message of a thread: posted ones, the end, windows to be
// painted, timers.
func (d *desktop) next(c *win.Call, f filter, remove bool) (message, bool) {
	q := d.queue(c.T)
	if i := slices.IndexFunc(q.posted, func(m message) bool { return f.takes(d, m) }); i >= 0 {
		m := q.posted[i]
		if remove {
			q.posted = slices.Delete(q.posted, i, i+1)
		}
		return m, true
	}
	if q.quit != nil {
		m := message{number: wmQuit, wParam: *q.quit, time: ticks(c)}
		if remove {
			q.quit = nil
		}
		return m, true
	}
	for _, w := range d.windows {
		m := message{window: w.handle, number: wmPaint, time: ticks(c)}
		if w.thread == c.T && w.invalid && w.style&styleVisible != 0 && f.takes(d, m) {
			return m, true // it stays invalid until it has been painted
		}
	}
	for _, t := range d.timers {
		m := message{window: t.window, number: wmTimer, wParam: t.id, lParam: uint64(t.procedure), time: ticks(c)}
		if t.thread == c.T && t.due <= c.Clock.Elapsed() && f.takes(d, m) {
			if remove {
				t.due = c.Clock.Elapsed() + t.period
			}
			return m, true
		}
	}
	return message{}, false
}

// waiting is how long a thread waits for its next timer; negative is for ever.
func (d *desktop) untilTimer(c *win.Call) time.Duration {
	wait := time.Duration(-1)
	for _, t := range d.timers {
		if left := max(t.due-c.Clock.Elapsed(), 0); t.thread == c.T && (wait < 0 || left < wait) {
			wait = left
		}
	}
	return wait
}

// wake is the wait for anything in a thread's queue.
func (d *desktop) wake(t *guest.Thread) []guest.Waitable {
	q := d.queue(t)
	return guest.Until("a message", func() bool { return len(q.posted) > 0 || len(q.sent) > 0 || q.quit != nil })
}

// getMessage waits for a message. Messages other threads send are answered
// meanwhile.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getmessagew
func getMessage(c *win.Call, lpMsg win.Ptr, hWnd win.Handle, wMsgFilterMin, wMsgFilterMax win.Hex) (win.Int, win.Error) {
	d := of(c)
	f := filter{hWnd, uint32(wMsgFilterMin), uint32(wMsgFilterMax)}
	if hWnd != 0 && int32(hWnd) != -1 && d.find(hWnd) == nil {
		c.SetLastError(errInvalidWindow)
		return -1, 0
	}
	q := d.queue(c.T)
	for !c.Faulted() {
		d.answerSent(c)
		if m, ok := d.next(c, f, true); ok {
			c.Write(lpMsg, m.store(d))
			if m.number == wmQuit {
				return 0, 0
			}
			return 1, 0
		}
		seen := len(q.posted)
		more := guest.Until("a message", func() bool { return len(q.posted) > seen || len(q.sent) > 0 || q.quit != nil })
		c.T.Wait(more, false, d.untilTimer(c))
	}
	return -1, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-peekmessagew
func peekMessage(c *win.Call, lpMsg win.Ptr, hWnd win.Handle, wMsgFilterMin, wMsgFilterMax, wRemoveMsg win.Hex) (win.Bool, win.Error) {
	const remove = 1
	d := of(c)
	d.answerSent(c)
	m, ok := d.next(c, filter{hWnd, uint32(wMsgFilterMin), uint32(wMsgFilterMax)}, wRemoveMsg&remove != 0)
	if ok {
		c.Write(lpMsg, m.store(d))
	} else if c.T.Others() {
		c.T.Yield() // a loop over this lets others run
	}
	return win.Bool(ok), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-waitmessage
func waitMessage(c *win.Call) (win.Bool, win.Error) {
	d := of(c)
	c.T.Wait(d.wake(c.T), false, d.untilTimer(c))
	return true, 0
}

// post puts a message into a thread's queue.
func (d *desktop) post(c *win.Call, t *guest.Thread, m message) win.Error {
	q := d.queue(t)
	if len(q.posted) >= maxPosted {
		return 1816 // ERROR_NOT_ENOUGH_QUOTA
	}
	m.time = ticks(c)
	q.posted = append(q.posted, m)
	return 0
}

// postMessage with HWND_BROADCAST reaches every window of the process.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-postmessagew
func postMessage(c *win.Call, hWnd win.Handle, Msg win.Hex, wParam, lParam win.Size) (win.Bool, win.Error) {
	d := of(c)
	m := message{window: hWnd, number: uint32(Msg), wParam: uint64(wParam), lParam: uint64(lParam)}
	if hWnd == 0 {
		err := d.post(c, c.T, m)
		return err == 0, err
	}
	if hWnd == broadcast {
		for _, w := range d.windows {
			if m.window = w.handle; w.isTop() && !w.messageOnly {
				if err := d.post(c, w.thread, m); err != 0 {
					return false, err
				}
			}
		}
		return true, 0
	}
	w, err := at(c, hWnd)
	if err == 0 {
		err = d.post(c, w.thread, m)
	}
	return err == 0, err
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-postthreadmessagew
func postThreadMessage(c *win.Call, idThread win.DWORD, Msg win.Hex, wParam, lParam win.Size) (win.Bool, win.Error) {
	const errInvalidThread = 1444 // ERROR_INVALID_THREAD_ID
	for _, t := range c.Threads() {
		if t.ID == uint32(idThread) && !t.Ended() {
			err := of(c).post(c, t, message{number: uint32(Msg), wParam: uint64(wParam), lParam: uint64(lParam)})
			return err == 0, err
		}
	}
	return false, errInvalidThread
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-postquitmessage
func postQuitMessage(c *win.Call, nExitCode win.Int) (win.Void, win.Error) {
	code := uint64(uint32(nExitCode))
	of(c).queue(c.T).quit = &code
	return win.Void{}, 0
}

// registerWindowMessage gives the same number for the same name.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-registerwindowmessagew
func registerWindowMessage(c *win.Call, lpString win.TStr) (win.DWORD, win.Error) {
	const most = 0x3FFF
	d := of(c)
	if lpString.Text == "" {
		return 0, win.ErrInvalidParameter
	}
	i := slices.Index(d.messages, lpString.Text)
	if i < 0 {
		if len(d.messages) >= most {
			return 0, win.ErrNotEnoughMemory
		}
		i = len(d.messages)
		d.messages = append(d.messages, lpString.Text)
	}
	return win.DWORD(registeredFirst + i), 0
}

// translateMessage has nothing to do: nobody presses a key.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-translatemessage
func translateMessage(c *win.Call, lpMsg win.Ptr) (win.Bool, win.Error) {
	const keyDown, sysKeyUp = 0x100, 0x105
	b := c.Bytes(lpMsg, messageSize)
	if c.Faulted() {
		return false, 0
	}
	number := le.Uint32(b[8:])
	return number >= keyDown && number <= sysKeyUp, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getmessagepos
func getMessagePos(c *win.Call) (win.DWORD, win.Error) {
	d := of(c)
	return win.DWORD(uint32(uint16(d.cursor[0])) | uint32(uint16(d.cursor[1]))<<16), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getmessagetime
func getMessageTime(c *win.Call) (win.DWORD, win.Error) { return win.DWORD(ticks(c)), 0 }

// Bits of GetQueueStatus and of wake masks.
const (
	qsPaint   = 0x20
	qsTimer   = 0x10
	qsPosted  = 0x08
	qsSent    = 0x40
	qsAllPost = 0x100
)

// status tells what is in a thread's queue.
func (d *desktop) status(c *win.Call) uint32 {
	q, bits := d.queue(c.T), uint32(0)
	if len(q.posted) > 0 || q.quit != nil {
		bits |= qsPosted | qsAllPost
	}
	if len(q.sent) > 0 {
		bits |= qsSent
	}
	for _, w := range d.windows {
		if w.thread == c.T && w.invalid && w.style&styleVisible != 0 {
			bits |= qsPaint
		}
	}
	for _, t := range d.timers {
		if t.thread == c.T && t.due <= c.Clock.Elapsed() {
			bits |= qsTimer
		}
	}
	return bits
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getqueuestatus
func getQueueStatus(c *win.Call, flags win.Hex) (win.DWORD, win.Error) {
	bits := of(c).status(c) & uint32(flags)
	return win.DWORD(bits | bits<<16), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getinputstate
func getInputState(*win.Call) (win.Bool, win.Error) { return false, 0 }

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-waitforinputidle
func waitForInputIdle(_ *win.Call, hProcess win.Handle, dwMilliseconds win.Millis) (win.WaitCode, win.Error) {
	return 0, 0
}
