package user32

import (
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var sendRows = win.Rows{
	win.Func0("InSendMessage", inSendMessage),
	win.Func1("InSendMessageEx", inSendMessageEx, "lpReserved"),
	win.Func1("ReplyMessage", replyMessage, "lResult"),
	win.Func5("SendDlgItemMessage{A,W}", sendDlgItemMessage, "hDlg nIDDlgItem Msg wParam lParam"),
	win.Func4("SendMessage{A,W}", sendMessage, "hWnd Msg wParam lParam"),
	win.Func6("SendMessageCallback{A,W}", sendMessageCallback, "hWnd Msg wParam lParam lpResultCallBack dwData"),
	win.Func7("SendMessageTimeout{A,W}", sendMessageTimeout, "hWnd Msg wParam lParam fuFlags uTimeout lpdwResult"),
	win.Func4("SendNotifyMessage{A,W}", sendNotifyMessage, "hWnd Msg wParam lParam"),
}

// send calls the procedure of a window, on the thread that made it: another
// thread's window answers when that thread looks for messages.
func (w *window) send(c *win.Call, number uint32, wParam, lParam uint64) uint64 {
	result, _ := w.sendFor(c, number, wParam, lParam, -1)
	return result
}

// sendFor is send with a time-out, never if negative. It is false when there
// was no answer in time.
func (w *window) sendFor(c *win.Call, number uint32, wParam, lParam uint64, timeout time.Duration) (uint64, bool) {
	if w.thread == c.T {
		return w.call(c, number, wParam, lParam), true
	}
	if w.thread.Ended() {
		return 0, false
	}
	d := of(c)
	s := &sending{message: message{w.handle, number, wParam, lParam, ticks(c)}}
	q, own := d.queue(w.thread), d.queue(c.T)
	q.sent = append(q.sent, s)
	end := c.Clock.Elapsed() + timeout
	for !s.done && !w.thread.Ended() && !c.Faulted() {
		left := time.Duration(-1)
		if timeout >= 0 {
			if left = end - c.Clock.Elapsed(); left <= 0 {
				return 0, false
			}
		}
		// Who waits for an answer answers others.
		c.T.Wait(guest.Until("the answer to a message", func() bool { return s.done || w.thread.Ended() || len(own.sent) > 0 }), false, left)
		d.answerSent(c)
	}
	return s.result, s.done
}

// answerSent handles the messages other threads have sent to this one.
func (d *desktop) answerSent(c *win.Call) {
	q := d.queue(c.T)
	for len(q.sent) > 0 && !c.Faulted() {
		s := q.sent[0]
		q.sent = q.sent[1:]
		if w := d.find(s.window); w != nil {
			q.answering = append(q.answering, s)
			result := w.call(c, s.number, s.wParam, s.lParam)
			q.answering = q.answering[:len(q.answering)-1]
			if !s.done {
				s.result = result
			}
		}
		s.done = true
		if s.answer != nil {
			s.answer(c, s.result)
		}
	}
}

// sendMessage to HWND_BROADCAST calls every window of the process.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-sendmessagew
func sendMessage(c *win.Call, hWnd win.Handle, Msg win.Hex, wParam, lParam win.Size) (win.Size, win.Error) {
	if hWnd == broadcast {
		for _, w := range of(c).windows {
			if w.isTop() && !w.messageOnly && !w.destroyed && !c.Faulted() {
				w.send(c, uint32(Msg), uint64(wParam), uint64(lParam))
			}
		}
		return 1, 0
	}
	w, err := at(c, hWnd)
	if err != 0 {
		return 0, err
	}
	return win.Size(w.send(c, uint32(Msg), uint64(wParam), uint64(lParam))), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-senddlgitemmessagew
func sendDlgItemMessage(c *win.Call, hDlg win.Handle, nIDDlgItem win.Int, Msg win.Hex, wParam, lParam win.Size) (win.Size, win.Error) {
	item, err := getDlgItem(c, hDlg, nIDDlgItem)
	if err != 0 {
		return 0, err
	}
	return sendMessage(c, item, Msg, wParam, lParam)
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-sendmessagetimeoutw
func sendMessageTimeout(c *win.Call, hWnd win.Handle, Msg win.Hex, wParam, lParam win.Size, fuFlags win.Hex, uTimeout win.Millis, lpdwResult win.Out[uint64]) (win.Size, win.Error) {
	w, err := at(c, hWnd)
	if err != 0 {
		return 0, err
	}
	result, ok := w.sendFor(c, uint32(Msg), uint64(wParam), uint64(lParam), time.Duration(uTimeout)*time.Millisecond)
	if !ok {
		return 0, win.ErrTimeout
	}
	lpdwResult.Set(c, result)
	return 1, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-sendnotifymessagew
func sendNotifyMessage(c *win.Call, hWnd win.Handle, Msg win.Hex, wParam, lParam win.Size) (win.Bool, win.Error) {
	return sendLater(c, hWnd, Msg, wParam, lParam, nil)
}

// sendLater sends a message whose answer nobody waits for.
func sendLater(c *win.Call, hWnd win.Handle, Msg win.Hex, wParam, lParam win.Size, answer func(*win.Call, uint64)) (win.Bool, win.Error) {
	w, err := at(c, hWnd)
	switch {
	case err != 0:
		return false, err
	case w.thread == c.T:
		result := w.call(c, uint32(Msg), uint64(wParam), uint64(lParam))
		if answer != nil && !c.Faulted() {
			answer(c, result)
		}
		return true, 0
	}
	q := of(c).queue(w.thread)
	q.sent = append(q.sent, &sending{message: message{w.handle, uint32(Msg), uint64(wParam), uint64(lParam), ticks(c)}, answer: answer})
	return true, 0
}

// sendMessageCallback calls back on the thread that sent the message, when it
// looks for messages.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-sendmessagecallbackw
func sendMessageCallback(c *win.Call, hWnd win.Handle, Msg win.Hex, wParam, lParam win.Size, lpResultCallBack win.Ptr, dwData win.Size) (win.Bool, win.Error) {
	return sendLater(c, hWnd, Msg, wParam, lParam, func(c *win.Call, result uint64) {
		c.CallGuest(lpResultCallBack, uint64(hWnd), uint64(Msg), uint64(dwData), result)
	})
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-insendmessage
func inSendMessage(c *win.Call) (win.Bool, win.Error) { return len(of(c).queue(c.T).answering) > 0, 0 }

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-insendmessageex
func inSendMessageEx(c *win.Call, lpReserved win.Ptr) (win.DWORD, win.Error) {
	const send = 1 // ISMEX_SEND
	if len(of(c).queue(c.T).answering) > 0 {
		return send, 0
	}
	return 0, 0
}

// replyMessage lets the sender of the message being handled go on.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-replymessage
func replyMessage(c *win.Call, lResult win.Size) (win.Bool, win.Error) {
	answering := of(c).queue(c.T).answering
	if len(answering) == 0 {
		return false, 0
	}
	s := answering[len(answering)-1]
	s.result, s.done = uint64(lResult), true
	return true, 0
}
