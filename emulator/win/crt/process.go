package crt

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// processRows are the functions that start programs, and those that end this
// one because something is wrong.
var processRows = win.Rows{
	win.Func3("_assert", assert[win.AStr], "message filename line"),
	win.Func3("_wassert", assert[win.WStr], "message filename line"),
	win.Partial(win.Func1("_wsystem", system[win.WStr], "command"), "the command is recorded and not run"),
	win.Partial(win.Func1("system", system[win.AStr], "command"), "the command is recorded and not run"),
}

// system has the command interpreter run a command, and returns its exit code.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/system-wsystem
func system[T decoded](c *win.Call, command T) (win.Int, win.Error) {
	line, _ := textOf(command)
	if line.Null() {
		return 1, 0 // there is an interpreter
	}
	path, full := of(c).shell(line.Text)
	h := start(c, path, full)
	if h == 0 {
		return -1, 0
	}
	_, _ = c.Invoke("kernel32.dll", "CloseHandle", h) // open: cannot fail
	return 0, 0
}

// assert says which assertion failed and aborts.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/assert-macro-assert-wassert
func assert[T decoded](c *win.Call, message, filename T, line win.DWORD) (win.Void, win.Error) {
	m, _ := textOf(message)
	f, _ := textOf(filename)
	text := "Assertion failed: " + m.Text + ", file " + f.Text + ", line " + trace.Dec.Format(uint64(line)) + "\n"
	ansi := guest.ANSI(text)
	s := of(c)
	s.write(c, s.file(stderr), ansi[:len(ansi)-1])
	return abort(c)
}
