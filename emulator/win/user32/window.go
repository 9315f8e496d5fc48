package user32

import (
	"slices"

	"sidetrace/emulator/win"
)

var windowRows = win.Rows{
	win.Partial(win.Func4("AdjustWindowRectEx", adjustWindowRectEx, "lpRect dwStyle bMenu dwExStyle"), "frames have no width"),
	win.Func12("CreateWindowEx{A,W}", createWindowEx, "dwExStyle lpClassName lpWindowName dwStyle X Y nWidth nHeight hWndParent hMenu hInstance lpParam"),
	win.Func1("DestroyWindow", destroyWindow, "hWnd"),
	win.Func2("EnableWindow", enableWindow, "hWnd bEnable"),
	win.Func2("GetWindowLong{A,W}", getWindowLong, "hWnd nIndex"),
	win.Func2("GetWindowLongPtr{A,W}", getWindowLongPtr, "hWnd nIndex"),
	win.Func1("IsWindow", isWindow, "hWnd"),
	win.Func1("IsWindowEnabled", isWindowEnabled, "hWnd"),
	win.Func1("IsWindowUnicode", isWindowUnicode, "hWnd"),
	win.Func1("IsWindowVisible", isWindowVisible, "hWnd"),
	win.Func6("MoveWindow", moveWindow, "hWnd X Y nWidth nHeight bRepaint"),
	win.Func3("SetWindowLong{A,W}", setWindowLong, "hWnd nIndex dwNewLong"),
	win.Func3("SetWindowLongPtr{A,W}", setWindowLongPtr, "hWnd nIndex dwNewLong"),
	win.Func7("SetWindowPos", setWindowPos, "hWnd hWndInsertAfter X Y cx cy uFlags"),
	win.Func2("ShowWindow", showWindow, "hWnd nCmdShow"),
}

const (
	errInvalidWindow win.Error = 1400 // ERROR_INVALID_WINDOW_HANDLE

	styleChild   = 0x4000_0000
	styleVisible = 0x1000_0000

	useDefault = -0x8000_0000 // CW_USEDEFAULT
)

// Messages that windows get from here.
const (
	wmCreate          = 0x0001
	wmDestroy         = 0x0002
	wmSize            = 0x0005
	wmSetText         = 0x000C
	wmGetText         = 0x000D
	wmGetTextLength   = 0x000E
	wmPaint           = 0x000F
	wmClose           = 0x0010
	wmQueryEndSession = 0x0011
	wmQuit            = 0x0012
	wmEraseBackground = 0x0014
	wmShowWindow      = 0x0018
	wmGetMinMaxInfo   = 0x0024
	wmNCCreate        = 0x0081
	wmNCDestroy       = 0x0082
	wmNCCalcSize      = 0x0083
	wmSysCommand      = 0x0112
	wmTimer           = 0x0113
)

// at finds a window or says that there is none.
func at(c *win.Call, h win.Handle) (*window, win.Error) {
	if w := of(c).find(h); w != nil {
		return w, 0
	}
	return nil, errInvalidWindow
}

// createWindowEx makes a window and sends it the messages that ask whether it
// wants to be. Where it stands without saying so is the screen's corner.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-createwindowexw
func createWindowEx(c *win.Call, dwExStyle win.Hex, lpClassName, lpWindowName win.TStr, dwStyle win.Hex, X, Y, nWidth, nHeight win.Int,
	hWndParent, hMenu, hInstance win.Handle, lpParam win.Ptr) (win.Handle, win.Error) {
	d := of(c)
	k := d.class(lpClassName.Str)
	switch {
	case k == nil:
		return 0, errNoClass
	case len(d.windows) >= maxWindows:
		return 0, win.ErrNotEnoughMemory
	}
	w := &window{
		class: k, procedure: k.procedure, unicode: k.unicode, text: lpWindowName.Text, style: uint32(dwStyle), exStyle: uint32(dwExStyle),
		instance: uint64(hInstance), extra: make([]byte, k.extra), thread: c.T, rect: place(X, Y, nWidth, nHeight),
	}
	switch uint64(hWndParent) {
	case 0, desktopWindow:
	case messageParent, messageParent & 0xFFFFFFFF:
		w.messageOnly = true
	default:
		if w.parent = d.find(hWndParent); w.parent == nil {
			return 0, errInvalidWindow
		}
	}
	if w.style&styleChild != 0 {
		w.id = uint64(hMenu)
		if w.parent == nil && !w.messageOnly {
			return 0, win.Error(1406) // ERROR_TLW_WITH_WSCHILD
		}
	}
	w.handle = d.handle()
	d.windows = append(d.windows, w)

	create := createStructure(w, lpParam, lpWindowName.Addr, lpClassName.Addr, hWndParent, hMenu)
	refused := !w.askCreation(c, create)
	if c.Faulted() || w.destroyed {
		return 0, 0
	}
	if refused {
		d.remove(c, w)
		return 0, 0
	}
	if w.style&styleVisible != 0 {
		w.send(c, wmShowWindow, 1, 0)
		w.invalid = true
	}
	return w.handle, 0
}

// place is a window's rectangle.
func place(x, y, width, height win.Int) [4]int32 {
	if x == useDefault {
		x, y = 0, 0
	}
	if width == useDefault {
		width, height = 1024, 768
	}
	return [4]int32{int32(x), int32(y), int32(x + width), int32(y + height)}
}

// createStructure is a CREATESTRUCT.
//
// https://learn.microsoft.com/windows/win32/api/winuser/ns-winuser-createstructw
func createStructure(w *window, param, name, class win.Ptr, parent, menu win.Handle) []byte {
	b := make([]byte, 0, 80)
	for _, v := range [...]uint64{uint64(param), w.instance, uint64(menu), uint64(parent)} {
		b = le.AppendUint64(b, v)
	}
	for _, v := range [...]int32{w.rect[3] - w.rect[1], w.rect[2] - w.rect[0], w.rect[1], w.rect[0], int32(w.style), 0} {
		b = le.AppendUint32(b, uint32(v))
	}
	b = le.AppendUint64(b, uint64(name))
	b = le.AppendUint64(b, uint64(class))
	return le.AppendUint64(b, uint64(w.exStyle))
}

// askCreation sends what a window is told while it is made. It reports whether
// the window accepts.
func (w *window) askCreation(c *win.Call, create []byte) bool {
	if w.style&(styleChild) == 0 && !w.messageOnly {
		w.sendWith(c, wmGetMinMaxInfo, 0, make([]byte, 40))
	}
	if w.sendWith(c, wmNCCreate, 0, create) == 0 || c.Faulted() {
		return false
	}
	w.sendWith(c, wmNCCalcSize, 0, rectangle(w.rect))
	return !c.Faulted() && int32(w.sendWith(c, wmCreate, 0, create)) != -1
}

func rectangle(r [4]int32) []byte {
	var b []byte
	for _, v := range r {
		b = le.AppendUint32(b, uint32(v))
	}
	return b
}

// sendWith sends a message whose LPARAM is a structure, on the guest's stack.
func (w *window) sendWith(c *win.Call, number uint32, wParam uint64, structure []byte) uint64 {
	at, err := c.T.Push(structure)
	if err != nil {
		c.Fail(err)
		return 0
	}
	return w.callOver(c, uint64(len(structure))+16, number, wParam, at)
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-destroywindow
func destroyWindow(c *win.Call, hWnd win.Handle) (win.Bool, win.Error) {
	w, err := at(c, hWnd)
	switch {
	case err != 0:
		return false, err
	case w.thread != c.T:
		return false, win.ErrAccessDenied
	}
	d := of(c)
	w.send(c, wmDestroy, 0, 0)
	for _, child := range slices.Clone(d.windows) {
		if child.parent == w && !child.destroyed && !c.Faulted() {
			child.send(c, wmDestroy, 0, 0)
			d.remove(c, child)
		}
	}
	if !c.Faulted() && !w.destroyed {
		d.remove(c, w)
	}
	return true, 0
}

// remove tells a window that it is gone, and forgets it.
func (d *desktop) remove(c *win.Call, w *window) {
	w.destroyed = true
	w.call(c, wmNCDestroy, 0, 0)
	d.windows = slices.DeleteFunc(d.windows, func(x *window) bool { return x == w })
	d.timers = slices.DeleteFunc(d.timers, func(t *timer) bool { return t.window == w.handle })
	q := d.queue(w.thread)
	q.posted = slices.DeleteFunc(q.posted, func(m message) bool { return m.window == w.handle })
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-iswindow
func isWindow(c *win.Call, hWnd win.Handle) (win.Bool, win.Error) {
	if hWnd == desktopWindow || of(c).find(hWnd) != nil {
		return true, 0
	}
	return false, errInvalidWindow
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-iswindowvisible
func isWindowVisible(c *win.Call, hWnd win.Handle) (win.Bool, win.Error) {
	if hWnd == desktopWindow {
		return true, 0
	}
	w, err := at(c, hWnd)
	for ; err == 0 && w != nil; w = w.parent {
		if w.style&styleVisible == 0 {
			return false, 0
		}
	}
	return err == 0, err
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-iswindowenabled
func isWindowEnabled(c *win.Call, hWnd win.Handle) (win.Bool, win.Error) {
	w, err := at(c, hWnd)
	return win.Bool(err == 0 && !w.disabled), err
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-iswindowunicode
func isWindowUnicode(c *win.Call, hWnd win.Handle) (win.Bool, win.Error) {
	w, err := at(c, hWnd)
	return win.Bool(err == 0 && w.unicode), err
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-enablewindow
func enableWindow(c *win.Call, hWnd win.Handle, bEnable win.Int) (win.Bool, win.Error) {
	w, err := at(c, hWnd)
	if err != 0 {
		return false, err
	}
	was := w.disabled
	w.disabled = bEnable == 0
	return win.Bool(was), 0
}

// showWindow tells the window of a change, and answers whether it was visible.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-showwindow
func showWindow(c *win.Call, hWnd win.Handle, nCmdShow win.Int) (win.Bool, win.Error) {
	w, err := at(c, hWnd)
	if err != 0 {
		return false, err
	}
	was, show := w.style&styleVisible != 0, nCmdShow != 0
	if was == show {
		return win.Bool(was), 0
	}
	w.style ^= styleVisible
	w.invalid = show
	shown := uint64(0)
	if show {
		shown = 1
	}
	w.send(c, wmShowWindow, shown, 0)
	return win.Bool(was), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-movewindow
func moveWindow(c *win.Call, hWnd win.Handle, X, Y, nWidth, nHeight, bRepaint win.Int) (win.Bool, win.Error) {
	w, err := at(c, hWnd)
	if err != 0 {
		return false, err
	}
	w.move(c, place(X, Y, nWidth, nHeight))
	return true, 0
}

// move gives a window its place, and tells it of a new size.
func (w *window) move(c *win.Call, r [4]int32) {
	width, height := r[2]-r[0], r[3]-r[1]
	changed := width != w.rect[2]-w.rect[0] || height != w.rect[3]-w.rect[1]
	w.rect = r
	if changed {
		w.sendWith(c, wmNCCalcSize, 0, rectangle(r))
		w.send(c, wmSize, 0, uint64(uint16(width))|uint64(uint16(height))<<16)
	}
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-setwindowpos
func setWindowPos(c *win.Call, hWnd, hWndInsertAfter win.Handle, X, Y, cx, cy win.Int, uFlags win.Hex) (win.Bool, win.Error) {
	const noSize, noMove, show, hide = 0x01, 0x02, 0x40, 0x80
	w, err := at(c, hWnd)
	if err != 0 {
		return false, err
	}
	r := w.rect
	width, height := r[2]-r[0], r[3]-r[1]
	if uFlags&noSize == 0 {
		width, height = int32(cx), int32(cy)
	}
	if uFlags&noMove == 0 {
		r[0], r[1] = int32(X), int32(Y)
	}
	w.move(c, [4]int32{r[0], r[1], r[0] + width, r[1] + height})
	switch {
	case c.Faulted():
	case uFlags&show != 0:
		return win.Bool(true), second(showWindow(c, hWnd, 1))
	case uFlags&hide != 0:
		return win.Bool(true), second(showWindow(c, hWnd, 0))
	}
	return true, 0
}

func second(_ win.Bool, err win.Error) win.Error { return err }

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-adjustwindowrectex
func adjustWindowRectEx(c *win.Call, lpRect win.Ptr, dwStyle win.Hex, bMenu win.Int, dwExStyle win.Hex) (win.Bool, win.Error) {
	c.Buffer(lpRect, 16)
	return true, 0
}
