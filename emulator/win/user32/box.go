package user32

import "sidetrace/emulator/win"

// Boxes are answered by their default button, at once.

var boxRows = win.Rows{
	win.Stub("MessageBeep", win.Bool(true), "uType"),
	win.Func4("MessageBox{A,W}", messageBox, "hWnd lpText lpCaption uType"),
	win.Func5("MessageBoxEx{A,W}", messageBoxEx, "hWnd lpText lpCaption uType wLanguageId"),
	win.Func1("MessageBoxIndirect{A,W}", messageBoxIndirect, "lpmbp"),
	win.Func6("MessageBoxTimeout{A,W}", messageBoxTimeout, "hWnd lpText lpCaption uType wLanguageId dwMilliseconds"),
}

// buttons are the answers of each kind of box, in their order.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-messageboxw
var buttons = [][]win.Int{
	{1},         // MB_OK: IDOK
	{1, 2},      // MB_OKCANCEL
	{3, 4, 5},   // MB_ABORTRETRYIGNORE
	{6, 7, 2},   // MB_YESNOCANCEL
	{6, 7},      // MB_YESNO
	{4, 2},      // MB_RETRYCANCEL
	{2, 10, 11}, // MB_CANCELTRYCONTINUE
}

func answer(c *win.Call, hWnd win.Handle, uType win.Hex) (win.Int, win.Error) {
	const errInvalidStyle = 1438 // ERROR_INVALID_MSGBOX_STYLE
	if hWnd != 0 && hWnd != desktopWindow && of(c).find(hWnd) == nil {
		return 0, errInvalidWindow
	}
	kind, choice := int(uType&0xF), int(uType>>8&0xF)
	if kind >= len(buttons) {
		return 0, errInvalidStyle
	}
	if choice >= len(buttons[kind]) {
		choice = 0
	}
	return buttons[kind][choice], 0
}

func messageBox(c *win.Call, hWnd win.Handle, lpText, lpCaption win.TStr, uType win.Hex) (win.Int, win.Error) {
	return answer(c, hWnd, uType)
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-messageboxexw
func messageBoxEx(c *win.Call, hWnd win.Handle, lpText, lpCaption win.TStr, uType win.Hex, wLanguageId win.WORD) (win.Int, win.Error) {
	return answer(c, hWnd, uType)
}

// messageBoxTimeout is not documented: MessageBoxEx with an end.
func messageBoxTimeout(c *win.Call, hWnd win.Handle, lpText, lpCaption win.TStr, uType win.Hex, wLanguageId win.WORD, dwMilliseconds win.Millis) (win.Int, win.Error) {
	return answer(c, hWnd, uType)
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-messageboxindirectw
func messageBoxIndirect(c *win.Call, lpmbp win.Ptr) (win.Int, win.Error) {
	const owner, style, size = 8, 40, 80 // of MSGBOXPARAMS
	b := c.Bytes(lpmbp, size)
	if c.Faulted() {
		return 0, 0
	}
	return answer(c, win.Handle(le.Uint64(b[owner:])), win.Hex(le.Uint32(b[style:])))
}
