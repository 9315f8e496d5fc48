package user32

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/crt"
)

var formatRows = win.Rows{
	win.Func2("wsprintfA", wsprintfA, "unnamedParam1 unnamedParam2"),
	win.Func2("wsprintfW", wsprintfW, "unnamedParam1 unnamedParam2"),
	win.Func3("wvsprintfA", wvsprintfA, "unnamedParam1 unnamedParam2 arglist"),
	win.Func3("wvsprintfW", wvsprintfW, "unnamedParam1 unnamedParam2 arglist"),
}

// print cuts at 1024 characters, with the terminator.
func print(c *win.Call, wide bool, buffer, format, list win.Ptr) win.Int {
	const most = 1024
	out := crt.Wsprintf(c, wide, format, 2, list)
	cut := len(out) >= most
	out = out[:min(len(out), most-1)]
	if c.Faulted() {
		return 0
	}
	c.Write(buffer, crt.Bytes(wide, out))
	if cut {
		return most
	}
	return win.Int(len(out))
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-wsprintfa
func wsprintfA(c *win.Call, unnamedParam1 win.Ptr, unnamedParam2 win.AText) (win.Int, win.Error) {
	return print(c, false, unnamedParam1, win.Ptr(unnamedParam2), 0), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-wsprintfw
func wsprintfW(c *win.Call, unnamedParam1 win.Ptr, unnamedParam2 win.WText) (win.Int, win.Error) {
	return print(c, true, unnamedParam1, win.Ptr(unnamedParam2), 0), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-wvsprintfa
func wvsprintfA(c *win.Call, unnamedParam1 win.Ptr, unnamedParam2 win.AText, arglist win.Ptr) (win.Int, win.Error) {
	return print(c, false, unnamedParam1, win.Ptr(unnamedParam2), arglist), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-wvsprintfw
func wvsprintfW(c *win.Call, unnamedParam1 win.Ptr, unnamedParam2 win.WText, arglist win.Ptr) (win.Int, win.Error) {
	return print(c, true, unnamedParam1, win.Ptr(unnamedParam2), arglist), 0
}
