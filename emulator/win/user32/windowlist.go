package user32

import (
	"slices"
	"strings"

	"sidetrace/emulator/win"
)

var windowListRows = win.Rows{
	win.Func3("EnumChildWindows", enumChildWindows, "hWndParent lpEnumFunc lParam"),
	win.Func3("EnumThreadWindows", enumThreadWindows, "dwThreadId lpfn lParam"),
	win.Func2("EnumWindows", enumWindows, "lpEnumFunc lParam"),
	win.Func2("FindWindow{A,W}", findWindow, "lpClassName lpWindowName"),
	win.Func4("FindWindowEx{A,W}", findWindowEx, "hWndParent hWndChildAfter lpszClass lpszWindow"),
	win.Func0("GetActiveWindow", getForegroundWindow),
	win.Func2("GetAncestor", getAncestor, "hwnd gaFlags"),
	win.Func2("GetClientRect", getClientRect, "hWnd lpRect"),
	win.Func0("GetDesktopWindow", getDesktopWindow),
	win.Func2("GetDlgItem", getDlgItem, "hDlg nIDDlgItem"),
	win.Func1("GetDlgCtrlID", getDlgCtrlID, "hWnd"),
	win.Func0("GetFocus", getForegroundWindow),
	win.Func0("GetForegroundWindow", getForegroundWindow),
	win.Func1("GetParent", getParent, "hWnd"),
	win.Stub("GetShellWindow", win.Handle(0), ""),
	win.Func1("GetTopWindow", getTopWindow, "hWnd"),
	win.Func2("GetWindow", getWindow, "hWnd uCmd"),
	win.Func2("GetWindowRect", getWindowRect, "hWnd lpRect"),
	win.Func2("GetWindowThreadProcessId", getWindowThreadProcessID, "hWnd lpdwProcessId"),
	win.Func2("IsChild", isChild, "hWndParent hWnd"),
	win.Func1("BringWindowToTop", bringToTop, "hWnd"),
	win.Func1("SetActiveWindow", setActiveWindow, "hWnd"),
	win.Func1("SetFocus", setActiveWindow, "hWnd"),
	win.Func1("SetForegroundWindow", bringToTop, "hWnd"),
	win.Func2("SetParent", setParent, "hWndChild hWndNewParent"),
}

// enumerate calls the guest with each of the windows, until it says no more.
func enumerate(c *win.Call, f win.Ptr, lParam win.Size, takes func(*window) bool) win.Bool {
	d := of(c)
	for _, w := range slices.Clone(d.windows) {
		if w.destroyed || w.messageOnly || !takes(w) {
			continue
		}
		if uint32(c.CallGuest(f, uint64(w.handle), uint64(lParam))) == 0 {
			return false
		}
	}
	return true
}

func (w *window) isTop() bool { return w.style&styleChild == 0 }

// enumWindows calls back for the process's own windows; there are no others.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-enumwindows
func enumWindows(c *win.Call, lpEnumFunc win.Ptr, lParam win.Size) (win.Bool, win.Error) {
	return enumerate(c, lpEnumFunc, lParam, (*window).isTop), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-enumthreadwindows
func enumThreadWindows(c *win.Call, dwThreadId win.DWORD, lpfn win.Ptr, lParam win.Size) (win.Bool, win.Error) {
	return enumerate(c, lpfn, lParam, func(w *window) bool { return w.isTop() && w.thread.ID == uint32(dwThreadId) }), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-enumchildwindows
func enumChildWindows(c *win.Call, hWndParent win.Handle, lpEnumFunc win.Ptr, lParam win.Size) (win.Bool, win.Error) {
	if hWndParent == 0 || hWndParent == desktopWindow {
		return enumerate(c, lpEnumFunc, lParam, (*window).isTop), 0
	}
	parent, err := at(c, hWndParent)
	if err != 0 {
		return false, err
	}
	enumerate(c, lpEnumFunc, lParam, func(w *window) bool { return w.below(parent) })
	return true, 0
}

// below reports whether a window is a child of another, or of its children.
func (w *window) below(parent *window) bool {
	for ; w != nil && w.style&styleChild != 0; w = w.parent {
		if w.parent == parent {
			return true
		}
	}
	return false
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-ischild
func isChild(c *win.Call, hWndParent, hWnd win.Handle) (win.Bool, win.Error) {
	d := of(c)
	parent, w := d.find(hWndParent), d.find(hWnd)
	return win.Bool(parent != nil && w.below(parent)), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-findwindoww
func findWindow(c *win.Call, lpClassName, lpWindowName win.TStr) (win.Handle, win.Error) {
	return search(c, 0, 0, lpClassName.Str, lpWindowName.Str)
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-findwindowexw
func findWindowEx(c *win.Call, hWndParent, hWndChildAfter win.Handle, lpszClass, lpszWindow win.TStr) (win.Handle, win.Error) {
	return search(c, hWndParent, hWndChildAfter, lpszClass.Str, lpszWindow.Str)
}

// search finds a window of a class and a title, where these are given. A class
// nobody has registered is an error.
func search(c *win.Call, parent, after win.Handle, class, title win.Str) (win.Handle, win.Error) {
	d := of(c)
	if !class.Null() && d.class(class) == nil {
		return 0, 0
	}
	passed := after == 0
	for _, w := range d.windows {
		switch {
		case uint64(parent) == messageParent && !w.messageOnly, uint64(parent) != messageParent && w.messageOnly:
			continue
		case (parent == 0 || parent == desktopWindow) && !w.isTop(), parent != 0 && parent != desktopWindow && uint64(parent) != messageParent && w.parent != d.find(parent):
			continue
		case !passed:
			passed = w.handle == after
			continue
		case !class.Null() && d.class(class) != w.class, !title.Null() && !strings.EqualFold(title.Text, w.text):
			continue
		}
		return w.handle, 0
	}
	return 0, 0
}

// getForegroundWindow is the last window that was made and is shown, else the
// desktop.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getforegroundwindow
func getForegroundWindow(c *win.Call) (win.Handle, win.Error) {
	for _, w := range slices.Backward(of(c).windows) {
		if w.isTop() && w.style&styleVisible != 0 {
			return w.handle, 0
		}
	}
	return desktopWindow, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getdesktopwindow
func getDesktopWindow(*win.Call) (win.Handle, win.Error) { return desktopWindow, 0 }

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-setforegroundwindow
func bringToTop(c *win.Call, hWnd win.Handle) (win.Bool, win.Error) {
	d := of(c)
	w, err := at(c, hWnd)
	if err != 0 {
		return false, err
	}
	d.windows = append(slices.DeleteFunc(d.windows, func(x *window) bool { return x == w }), w)
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-setactivewindow
func setActiveWindow(c *win.Call, hWnd win.Handle) (win.Handle, win.Error) {
	was, _ := getForegroundWindow(c)
	_, err := bringToTop(c, hWnd)
	if err != 0 {
		return 0, err
	}
	return was, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getparent
func getParent(c *win.Call, hWnd win.Handle) (win.Handle, win.Error) {
	const popup = 0x8000_0000
	w, err := at(c, hWnd)
	if err != 0 || w.parent == nil || w.style&(styleChild|popup) == 0 {
		return 0, err
	}
	return w.parent.handle, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-setparent
func setParent(c *win.Call, hWndChild, hWndNewParent win.Handle) (win.Handle, win.Error) {
	w, err := at(c, hWndChild)
	if err != 0 {
		return 0, err
	}
	was := win.Handle(desktopWindow)
	if w.parent != nil {
		was = w.parent.handle
	}
	parent := of(c).find(hWndNewParent)
	for p := parent; p != nil; p = p.parent {
		if p == w {
			return 0, win.ErrInvalidParameter
		}
	}
	w.parent = parent
	return was, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getancestor
func getAncestor(c *win.Call, hwnd win.Handle, gaFlags win.DWORD) (win.Handle, win.Error) {
	const parent, root, rootOwner = 1, 2, 3
	w, err := at(c, hwnd)
	if err != 0 {
		return 0, err
	}
	switch gaFlags {
	case parent:
		if w.isTop() || w.parent == nil {
			return desktopWindow, 0
		}
		return w.parent.handle, 0
	case root, rootOwner:
		for w.parent != nil && (!w.isTop() || gaFlags == rootOwner) {
			w = w.parent
		}
		return w.handle, 0
	}
	return 0, win.ErrInvalidParameter
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getdlgitem
func getDlgItem(c *win.Call, hDlg win.Handle, nIDDlgItem win.Int) (win.Handle, win.Error) {
	parent, err := at(c, hDlg)
	if err != 0 {
		return 0, err
	}
	for _, w := range of(c).windows {
		if w.parent == parent && !w.isTop() && int32(w.id) == int32(nIDDlgItem) {
			return w.handle, 0
		}
	}
	return 0, 1421 // ERROR_CONTROL_ID_NOT_FOUND
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getdlgctrlid
func getDlgCtrlID(c *win.Call, hWnd win.Handle) (win.Int, win.Error) {
	w, err := at(c, hWnd)
	if err != 0 {
		return 0, err
	}
	return win.Int(w.id), 0
}

// siblings are the windows below the same parent, the last made first.
func (d *desktop) siblings(w *window) []*window {
	var list []*window
	for _, x := range slices.Backward(d.windows) {
		if x.isTop() == w.isTop() && (x.isTop() || x.parent == w.parent) && !x.messageOnly {
			list = append(list, x)
		}
	}
	return list
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-gettopwindow
func getTopWindow(c *win.Call, hWnd win.Handle) (win.Handle, win.Error) {
	d := of(c)
	parent := d.find(hWnd)
	if hWnd != 0 && hWnd != desktopWindow && parent == nil {
		return 0, errInvalidWindow
	}
	for _, w := range slices.Backward(d.windows) {
		if !w.messageOnly && (parent == nil && w.isTop() || parent != nil && !w.isTop() && w.parent == parent) {
			return w.handle, 0
		}
	}
	return 0, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getwindow
func getWindow(c *win.Call, hWnd win.Handle, uCmd win.DWORD) (win.Handle, win.Error) {
	const first, last, next, previous, owner, child = 0, 1, 2, 3, 4, 5
	d := of(c)
	w, err := at(c, hWnd)
	if err != 0 {
		return 0, err
	}
	list := d.siblings(w)
	i := slices.Index(list, w)
	switch uCmd {
	case first:
		i = 0
	case last:
		i = len(list) - 1
	case next:
		i++
	case previous:
		i--
	case owner:
		if w.isTop() && w.parent != nil {
			return w.parent.handle, 0
		}
		return 0, 0
	case child:
		return getTopWindow(c, hWnd)
	default:
		return 0, win.ErrInvalidParameter
	}
	if i < 0 || i >= len(list) {
		return 0, 0
	}
	return list[i].handle, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getwindowrect
func getWindowRect(c *win.Call, hWnd win.Handle, lpRect win.Ptr) (win.Bool, win.Error) {
	r, err := rectOf(c, hWnd)
	if err != 0 {
		return false, err
	}
	c.Write(lpRect, rectangle(r))
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getclientrect
func getClientRect(c *win.Call, hWnd win.Handle, lpRect win.Ptr) (win.Bool, win.Error) {
	r, err := rectOf(c, hWnd)
	if err != 0 {
		return false, err
	}
	c.Write(lpRect, rectangle([4]int32{0, 0, r[2] - r[0], r[3] - r[1]}))
	return true, 0
}

func rectOf(c *win.Call, h win.Handle) ([4]int32, win.Error) {
	if h == desktopWindow {
		return [4]int32{0, 0, screenWidth, screenHeight}, 0
	}
	w, err := at(c, h)
	if err != 0 {
		return [4]int32{}, err
	}
	return w.rect, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getwindowthreadprocessid
func getWindowThreadProcessID(c *win.Call, hWnd win.Handle, lpdwProcessId win.Out[uint32]) (win.DWORD, win.Error) {
	w, err := at(c, hWnd)
	if err != 0 {
		return 0, err
	}
	lpdwProcessId.Set(c, c.ID)
	return win.DWORD(w.thread.ID), 0
}
