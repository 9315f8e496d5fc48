package user32

import "sidetrace/emulator/win"

// Nothing is drawn, but programs draw all the same: they get a device context
// and are asked to paint what has become visible.

var paintRows = win.Rows{
	win.Func2("BeginPaint", beginPaint, "hWnd lpPaint"),
	win.Func2("EndPaint", endPaint, "hWnd lpPaint"),
	win.Func3("FillRect", fillRect, "hDC lprc hbr"),
	win.Func1("GetDC", getDC, "hWnd"),
	win.Func3("GetDCEx", getDCEx, "hWnd hrgnClip flags"),
	win.Func1("GetWindowDC", getDC, "hWnd"),
	win.Func3("InvalidateRect", invalidateRect, "hWnd lpRect bErase"),
	win.Stub("RedrawWindow", win.Bool(true), "hWnd lprcUpdate hrgnUpdate flags"),
	win.Func2("ReleaseDC", releaseDC, "hWnd hDC"),
	win.Func1("UpdateWindow", updateWindow, "hWnd"),
	win.Func2("ValidateRect", validateRect, "hWnd lpRect"),
}

// DeviceContext is the handle of all device contexts of windows.
const DeviceContext = 0x01010057

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getdc
func getDC(c *win.Call, hWnd win.Handle) (win.Handle, win.Error) {
	if hWnd != 0 && hWnd != desktopWindow && of(c).find(hWnd) == nil {
		return 0, errInvalidWindow
	}
	return DeviceContext, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getdcex
func getDCEx(c *win.Call, hWnd, hrgnClip win.Handle, flags win.Hex) (win.Handle, win.Error) {
	return getDC(c, hWnd)
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-releasedc
func releaseDC(_ *win.Call, hWnd, hDC win.Handle) (win.Int, win.Error) {
	if hDC != DeviceContext {
		return 0, 0
	}
	return 1, 0
}

// beginPaint makes the window valid.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-beginpaint
func beginPaint(c *win.Call, hWnd win.Handle, lpPaint win.Ptr) (win.Handle, win.Error) {
	const paintSize = 72 // PAINTSTRUCT
	w, err := at(c, hWnd)
	if err != 0 {
		return 0, err
	}
	w.invalid = false
	b := make([]byte, paintSize)
	le.PutUint64(b, DeviceContext)
	copy(b[12:], rectangle([4]int32{0, 0, w.rect[2] - w.rect[0], w.rect[3] - w.rect[1]}))
	c.Write(lpPaint, b)
	return DeviceContext, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-endpaint
func endPaint(*win.Call, win.Handle, win.Ptr) (win.Bool, win.Error) { return true, 0 }

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-fillrect
func fillRect(c *win.Call, hDC win.Handle, lprc win.Ptr, hbr win.Handle) (win.Int, win.Error) {
	c.Bytes(lprc, 16)
	return 1, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-invalidaterect
func invalidateRect(c *win.Call, hWnd win.Handle, lpRect win.Ptr, bErase win.Int) (win.Bool, win.Error) {
	return validity(c, hWnd, true)
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-validaterect
func validateRect(c *win.Call, hWnd win.Handle, lpRect win.Ptr) (win.Bool, win.Error) {
	return validity(c, hWnd, false)
}

func validity(c *win.Call, h win.Handle, invalid bool) (win.Bool, win.Error) {
	w, err := at(c, h)
	if err != 0 {
		return false, err
	}
	w.invalid = invalid
	return true, 0
}

// updateWindow has an invalid window paint itself now.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-updatewindow
func updateWindow(c *win.Call, hWnd win.Handle) (win.Bool, win.Error) {
	w, err := at(c, hWnd)
	if err != 0 {
		return false, err
	}
	if w.invalid && w.style&styleVisible != 0 {
		w.send(c, wmPaint, 0, 0)
	}
	return true, 0
}
