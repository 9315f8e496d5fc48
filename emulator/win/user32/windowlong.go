package user32

import "sidetrace/emulator/win"

// Values of a window by index; others are bytes of its extra memory.
const (
	gwlpProcedure = -4
	gwlpInstance  = -6
	gwlpParent    = -8
	gwlpID        = -12
	gwlStyle      = -16
	gwlExStyle    = -20
	gwlpUserData  = -21
)

// value reads one, of size bytes where it is in the extra memory.
func (w *window) value(index, size int) (uint64, bool) {
	switch index {
	case gwlpProcedure:
		return uint64(w.procedure), true
	case gwlpInstance:
		return w.instance, true
	case gwlpParent:
		if w.parent == nil {
			return 0, true
		}
		return uint64(w.parent.handle), true
	case gwlpID:
		return w.id, true
	case gwlStyle:
		return uint64(w.style), true
	case gwlExStyle:
		return uint64(w.exStyle), true
	case gwlpUserData:
		return w.userData, true
	}
	if index < 0 || index+size > len(w.extra) {
		return 0, false
	}
	if size == 4 {
		return uint64(le.Uint32(w.extra[index:])), true
	}
	return le.Uint64(w.extra[index:]), true
}

// set changes one, and reports whether it can be.
func (w *window) set(c *win.Call, index, size int, v uint64) bool {
	switch index {
	case gwlpProcedure:
		w.procedure, w.unicode = win.Ptr(v), !c.ANSI()
	case gwlpInstance:
		w.instance = v
	case gwlpParent:
		w.parent = of(c).find(win.Handle(v))
	case gwlpID:
		w.id = v
	case gwlStyle:
		w.style = uint32(v)
	case gwlExStyle:
		w.exStyle = uint32(v)
	case gwlpUserData:
		w.userData = v
	default:
		if index < 0 || index+size > len(w.extra) {
			return false
		}
		if size == 4 {
			le.PutUint32(w.extra[index:], uint32(v))
		} else {
			le.PutUint64(w.extra[index:], v)
		}
	}
	return true
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getwindowlongptrw
func getWindowLongPtr(c *win.Call, hWnd win.Handle, nIndex win.Int) (win.Size, win.Error) {
	v, err := long(c, hWnd, int(nIndex), 8)
	return win.Size(v), err
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getwindowlongw
func getWindowLong(c *win.Call, hWnd win.Handle, nIndex win.Int) (win.Int, win.Error) {
	v, err := long(c, hWnd, int(nIndex), 4)
	return win.Int(v), err
}

func long(c *win.Call, h win.Handle, index, size int) (uint64, win.Error) {
	w, err := at(c, h)
	if err != 0 {
		return 0, err
	}
	v, ok := w.value(index, size)
	if !ok {
		return 0, errInvalidIndex
	}
	return v, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-setwindowlongptrw
func setWindowLongPtr(c *win.Call, hWnd win.Handle, nIndex win.Int, dwNewLong win.Size) (win.Size, win.Error) {
	v, err := setLong(c, hWnd, int(nIndex), 8, uint64(dwNewLong))
	return win.Size(v), err
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-setwindowlongw
func setWindowLong(c *win.Call, hWnd win.Handle, nIndex, dwNewLong win.Int) (win.Int, win.Error) {
	v, err := setLong(c, hWnd, int(nIndex), 4, uint64(int64(dwNewLong)))
	return win.Int(v), err
}

func setLong(c *win.Call, h win.Handle, index, size int, v uint64) (uint64, win.Error) {
	w, err := at(c, h)
	if err != 0 {
		return 0, err
	}
	old, ok := w.value(index, size)
	if !ok || !w.set(c, index, size, v) {
		return 0, errInvalidIndex
	}
	return old, 0
}
