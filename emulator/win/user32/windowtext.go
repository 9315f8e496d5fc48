package user32

import (
	"unicode/utf16"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var windowTextRows = win.Rows{
	win.Func3("GetWindowText{A,W}", getWindowText, "hWnd lpString nMaxCount"),
	win.Func1("GetWindowTextLength{A,W}", getWindowTextLength, "hWnd"),
	win.Func3("InternalGetWindowText", internalGetWindowText, "hWnd pString cchMaxCount"),
	win.Func2("SetWindowText{A,W}", setWindowText, "hWnd lpString"),
}

// fill stores text, cut to size characters with the terminator, and returns
// how many it stored without it.
func fill(c *win.Call, buffer win.Ptr, size win.Int, text string) int {
	if size <= 0 || buffer == 0 {
		return 0
	}
	b, width := c.Encode(text), int(c.CharSize())
	n := min(len(b)/width, int(size)) - 1
	c.Write(buffer, append(b[:n*width:n*width], make([]byte, width)...))
	return n
}

// getWindowText asks the window's procedure, in its own version.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getwindowtextw
func getWindowText(c *win.Call, hWnd win.Handle, lpString win.Ptr, nMaxCount win.Int) (win.Int, win.Error) {
	const most = 1 << 14 // characters translated at once
	w, err := at(c, hWnd)
	if err != 0 {
		return 0, err
	}
	if nMaxCount <= 0 || lpString == 0 {
		return 0, 0
	}
	c.Write(lpString, make([]byte, c.CharSize()))
	if w.unicode != c.ANSI() {
		return win.Int(w.send(c, wmGetText, uint64(nMaxCount), uint64(lpString))), 0
	}
	size := 2 * int(min(nMaxCount, most))
	at, failed := c.T.Push(make([]byte, size))
	if failed != nil {
		c.Fail(failed)
		return 0, 0
	}
	w.callOver(c, uint64(size)+16, wmGetText, uint64(min(nMaxCount, most)), at)
	return win.Int(fill(c, lpString, nMaxCount, w.translated(c, win.Ptr(at)))), 0
}

// translated reads a string in the version of the window's procedure.
func (w *window) translated(c *win.Call, p win.Ptr) string {
	if w.unicode {
		return c.WString(p)
	}
	return c.AString(p)
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getwindowtextlengthw
func getWindowTextLength(c *win.Call, hWnd win.Handle) (win.Int, win.Error) {
	w, err := at(c, hWnd)
	if err != 0 {
		return 0, err
	}
	return win.Int(w.send(c, wmGetTextLength, 0, 0)), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-internalgetwindowtext
func internalGetWindowText(c *win.Call, hWnd win.Handle, pString win.Ptr, cchMaxCount win.Int) (win.Int, win.Error) {
	w, err := at(c, hWnd)
	if err != 0 {
		return 0, err
	}
	return win.Int(fill(c, pString, cchMaxCount, w.text)), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-setwindowtextw
func setWindowText(c *win.Call, hWnd win.Handle, lpString win.TStr) (win.Bool, win.Error) {
	w, err := at(c, hWnd)
	if err != 0 {
		return false, err
	}
	if w.unicode != c.ANSI() {
		return w.send(c, wmSetText, 0, uint64(lpString.Addr)) != 0, 0
	}
	text := guest.ANSI(lpString.Text)
	if w.unicode {
		text = guest.UTF16(lpString.Text)
	}
	return w.sendWith(c, wmSetText, 0, text) != 0, 0
}

// length is the number of characters of a text.
func length(c *win.Call, text string) int {
	if c.ANSI() {
		return len(guest.ANSI(text)) - 1
	}
	return len(utf16.Encode([]rune(text)))
}
