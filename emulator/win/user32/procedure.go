package user32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var procedureRows = win.Rows{
	win.Hidden(win.Func4("ControlProc", defWindowProc, "hWnd Msg wParam lParam")), // of the system's classes
	win.Func5("CallWindowProc{A,W}", callWindowProc, "lpPrevWndFunc hWnd Msg wParam lParam"),
	win.Func4("DefDlgProc{A,W}", defWindowProc, "hWnd Msg wParam lParam"),
	win.Func4("DefWindowProc{A,W}", defWindowProc, "hWnd Msg wParam lParam"),
	win.Func1("DispatchMessage{A,W}", dispatchMessage, "lpMsg"),
}

// call calls the window's procedure.
func (w *window) call(c *win.Call, number uint32, wParam, lParam uint64) uint64 {
	return c.CallGuest(w.procedure, uint64(w.handle), uint64(number), wParam, lParam)
}

// callOver is call with a structure below the stack pointer.
func (w *window) callOver(c *win.Call, n uint64, number uint32, wParam, lParam uint64) uint64 {
	return c.T.CallOver(n, uint64(w.procedure), uint64(w.handle), uint64(number), wParam, lParam)
}

// callWindowProc calls a procedure that a window had before.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-callwindowprocw
func callWindowProc(c *win.Call, lpPrevWndFunc win.Ptr, hWnd win.Handle, Msg win.Hex, wParam, lParam win.Size) (win.Size, win.Error) {
	return win.Size(c.CallGuest(lpPrevWndFunc, uint64(hWnd), uint64(Msg), uint64(wParam), uint64(lParam))), 0
}

// dispatchMessage calls the procedure of a message's window, or that of its
// timer.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-dispatchmessagew
func dispatchMessage(c *win.Call, lpMsg win.Ptr) (win.Size, win.Error) {
	b := c.Bytes(lpMsg, messageSize)
	if c.Faulted() {
		return 0, 0
	}
	m := loadMessage(b)
	if m.number == wmTimer && m.lParam != 0 {
		return win.Size(c.CallGuest(win.Ptr(m.lParam), uint64(m.window), uint64(m.number), m.wParam, uint64(ticks(c)))), 0
	}
	w := of(c).find(m.window)
	if w == nil {
		return 0, 0
	}
	return win.Size(w.call(c, m.number, m.wParam, m.lParam)), 0
}

// defWindowProc does what windows do by default, as far as it can be noticed.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-defwindowprocw
func defWindowProc(c *win.Call, hWnd win.Handle, Msg win.Hex, wParam, lParam win.Size) (win.Size, win.Error) {
	const sysClose = 0xF060 // SC_CLOSE
	w := of(c).find(hWnd)
	if w == nil {
		return 0, 0
	}
	switch uint32(Msg) {
	case wmNCCreate, wmEraseBackground, wmQueryEndSession:
		return 1, 0
	case wmClose:
		destroyWindow(c, hWnd)
	case wmPaint:
		w.invalid = false
	case wmSysCommand:
		if wParam&0xFFF0 == sysClose {
			return win.Size(w.send(c, wmClose, 0, 0)), 0
		}
	case wmSetText:
		w.text = ""
		if lParam != 0 {
			w.text = c.TString(win.Ptr(lParam))
		}
		return 1, 0
	case wmGetText:
		return win.Size(fill(c, win.Ptr(lParam), win.Int(min(uint64(wParam), guest.MaxString)), w.text)), 0
	case wmGetTextLength:
		return win.Size(length(c, w.text)), 0
	}
	return 0, 0
}
