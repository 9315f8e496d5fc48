package user32

import (
	"slices"

	"sidetrace/emulator/win"
)

var classRows = win.Rows{
	win.Func3("GetClassInfo{A,W}", getClassInfo, "hInstance lpClassName lpWndClass"),
	win.Func3("GetClassInfoEx{A,W}", getClassInfoEx, "hInstance lpszClass lpwcx"),
	win.Func2("GetClassLong{A,W}", getClassLong, "hWnd nIndex"),
	win.Func2("GetClassLongPtr{A,W}", getClassLongPtr, "hWnd nIndex"),
	win.Func3("GetClassName{A,W}", getClassName, "hWnd lpClassName nMaxCount"),
	win.Func2("GetClassWord", getClassWord, "hWnd nIndex"),
	win.Func1("RegisterClass{A,W}", registerClass, "lpWndClass"),
	win.Func1("RegisterClassEx{A,W}", registerClassEx, "lpwcx"),
	win.Func3("SetClassLongPtr{A,W}", setClassLongPtr, "hWnd nIndex dwNewLong"),
	win.Func2("UnregisterClass{A,W}", unregisterClass, "lpClassName hInstance"),
}

const (
	errClassExists     win.Error = 1410 // ERROR_CLASS_ALREADY_EXISTS
	errClassMissing    win.Error = 1411 // ERROR_CLASS_DOES_NOT_EXIST
	errClassHasWindows win.Error = 1412
	errNoClass         win.Error = 1407 // ERROR_CANNOT_FIND_WND_CLASS
	errInvalidIndex    win.Error = 1413
	maxExtra                     = 0x10000
)

// WNDCLASS without its first field, which WNDCLASSEX has a size before.
//
// https://learn.microsoft.com/windows/win32/api/winuser/ns-winuser-wndclassw
const (
	classStyle      = 0
	classProcedure  = 8 // from here on WNDCLASSEX is the same 8 bytes later
	classExtra      = 16
	windowExtra     = 20
	classInstance   = 24
	classIcon       = 32
	classCursor     = 40
	classBackground = 48
	classMenu       = 56
	className       = 64
	classSize       = 72
	classIconSmall  = 72 // WNDCLASSEX, less the 8 bytes
	classExSize     = 80
)

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-registerclassw
func registerClass(c *win.Call, lpWndClass win.Ptr) (win.WORD, win.Error) {
	b := c.Bytes(lpWndClass, classSize)
	if c.Faulted() {
		return 0, 0
	}
	return register(c, le.Uint32(b), b, 0)
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-registerclassexw
func registerClassEx(c *win.Call, lpwcx win.Ptr) (win.WORD, win.Error) {
	b := c.Bytes(lpwcx, classExSize)
	if c.Faulted() {
		return 0, 0
	}
	if le.Uint32(b) != classExSize {
		return 0, win.ErrInvalidParameter
	}
	return register(c, le.Uint32(b[4:]), b[0:], le.Uint64(b[classIconSmall:]))
}

// register makes a class of a structure whose fields lie as in WNDCLASS: there
// the style has four bytes of padding behind it, in WNDCLASSEX the size before.
func register(c *win.Call, style uint32, b []byte, iconSmall uint64) (win.WORD, win.Error) {
	d := of(c)
	name := win.Str{Addr: win.Ptr(le.Uint64(b[className:]))}
	if name.Addr >= 0x10000 {
		name.Text = c.TString(name.Addr)
	}
	k := &class{
		name: name.Text, style: style, procedure: win.Ptr(le.Uint64(b[classProcedure:])), unicode: !c.ANSI(),
		extra: le.Uint32(b[windowExtra:]), instance: le.Uint64(b[classInstance:]), icon: le.Uint64(b[classIcon:]), cursor: le.Uint64(b[classCursor:]),
		background: le.Uint64(b[classBackground:]), menu: le.Uint64(b[classMenu:]), iconSmall: iconSmall,
	}
	extra := le.Uint32(b[classExtra:])
	switch found := d.class(name); {
	case c.Faulted():
		return 0, 0
	case name.Addr == 0 || extra > maxExtra || k.extra > maxExtra:
		return 0, win.ErrInvalidParameter
	case found != nil && !found.system:
		return 0, errClassExists
	case len(d.classes) >= 0x3FF0:
		return 0, win.ErrNotEnoughMemory
	}
	k.classExtra = make([]byte, extra)
	k.atom = uint16(0xC020 + len(d.classes))
	if name.Addr < 0x10000 {
		k.atom = uint16(name.Addr)
	}
	if k.instance == 0 {
		k.instance = c.Program().Base
	}
	d.classes = slices.Insert(d.classes, 0, k) // a program's own hide the system's
	return win.WORD(k.atom), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-unregisterclassw
func unregisterClass(c *win.Call, lpClassName win.TStr, hInstance win.Handle) (win.Bool, win.Error) {
	d := of(c)
	k := d.class(lpClassName.Str)
	switch {
	case k == nil || k.system:
		return false, errClassMissing
	case slices.ContainsFunc(d.windows, func(w *window) bool { return w.class == k }):
		return false, errClassHasWindows
	}
	d.classes = slices.DeleteFunc(d.classes, func(x *class) bool { return x == k })
	return true, 0
}

// store writes a class as WNDCLASS has it.
func (k *class) store(b []byte) {
	le.PutUint32(b[classStyle:], k.style)
	le.PutUint64(b[classProcedure:], uint64(k.procedure))
	le.PutUint32(b[classExtra:], uint32(len(k.classExtra)))
	le.PutUint32(b[windowExtra:], k.extra)
	for at, v := range map[int]uint64{classInstance: k.instance, classIcon: k.icon, classCursor: k.cursor, classBackground: k.background, classMenu: k.menu} {
		le.PutUint64(b[at:], v)
	}
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getclassinfow
func getClassInfo(c *win.Call, hInstance win.Handle, lpClassName win.TStr, lpWndClass win.Ptr) (win.WORD, win.Error) {
	k := of(c).class(lpClassName.Str)
	if k == nil {
		return 0, errClassMissing
	}
	b := make([]byte, classSize)
	k.store(b)
	le.PutUint64(b[className:], uint64(lpClassName.Addr))
	c.Write(lpWndClass, b)
	return win.WORD(k.atom), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getclassinfoexw
func getClassInfoEx(c *win.Call, hInstance win.Handle, lpszClass win.TStr, lpwcx win.Ptr) (win.WORD, win.Error) {
	k := of(c).class(lpszClass.Str)
	if k == nil {
		return 0, errClassMissing
	}
	b := make([]byte, classExSize)
	k.store(b)
	le.PutUint32(b, classExSize)
	le.PutUint32(b[4:], k.style)
	le.PutUint64(b[className:], uint64(lpszClass.Addr))
	le.PutUint64(b[classIconSmall:], k.iconSmall)
	c.Write(lpwcx, b)
	return win.WORD(k.atom), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getclassnamew
func getClassName(c *win.Call, hWnd win.Handle, lpClassName win.Ptr, nMaxCount win.Int) (win.Int, win.Error) {
	w, err := at(c, hWnd)
	if err != 0 {
		return 0, err
	}
	return win.Int(fill(c, lpClassName, nMaxCount, w.class.name)), 0
}

// Indexes of a class's own values; others are bytes of its extra memory.
const (
	gclMenu       = -8
	gclBackground = -10
	gclCursor     = -12
	gclIcon       = -14
	gclModule     = -16
	gclWindow     = -18
	gclClass      = -20
	gclProcedure  = -24
	gclStyle      = -26
	gcwAtom       = -32
	gclIconSmall  = -34
)

// value is the place of one of a class's values.
func (k *class) value(index int) *uint64 {
	switch index {
	case gclMenu:
		return &k.menu
	case gclBackground:
		return &k.background
	case gclCursor:
		return &k.cursor
	case gclIcon:
		return &k.icon
	case gclModule:
		return &k.instance
	case gclIconSmall:
		return &k.iconSmall
	case gclProcedure:
		return (*uint64)(&k.procedure)
	}
	return nil
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getclasslongptrw
func getClassLongPtr(c *win.Call, hWnd win.Handle, nIndex win.Int) (win.Size, win.Error) {
	w, err := at(c, hWnd)
	if err != 0 {
		return 0, err
	}
	k := w.class
	switch i := int(nIndex); {
	case i == gclStyle:
		return win.Size(k.style), 0
	case i == gclWindow:
		return win.Size(k.extra), 0
	case i == gclClass:
		return win.Size(len(k.classExtra)), 0
	case i == gcwAtom:
		return win.Size(k.atom), 0
	case i >= 0 && i+8 <= len(k.classExtra):
		return win.Size(le.Uint64(k.classExtra[i:])), 0
	default:
		if v := k.value(i); v != nil {
			return win.Size(*v), 0
		}
	}
	return 0, errInvalidIndex
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getclasslongw
func getClassLong(c *win.Call, hWnd win.Handle, nIndex win.Int) (win.DWORD, win.Error) {
	v, err := getClassLongPtr(c, hWnd, nIndex)
	return win.DWORD(v), err
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getclassword
func getClassWord(c *win.Call, hWnd win.Handle, nIndex win.Int) (win.WORD, win.Error) {
	v, err := getClassLongPtr(c, hWnd, nIndex)
	return win.WORD(v), err
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-setclasslongptrw
func setClassLongPtr(c *win.Call, hWnd win.Handle, nIndex win.Int, dwNewLong win.Size) (win.Size, win.Error) {
	old, err := getClassLongPtr(c, hWnd, nIndex)
	if err != 0 {
		return 0, err
	}
	k := of(c).find(hWnd).class
	switch i := int(nIndex); {
	case i == gclStyle:
		k.style = uint32(dwNewLong)
	case i >= 0:
		le.PutUint64(k.classExtra[i:], uint64(dwNewLong))
	default:
		if v := k.value(i); v != nil {
			*v = uint64(dwNewLong)
		}
	}
	return old, 0
}
