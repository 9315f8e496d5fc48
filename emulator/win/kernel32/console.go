package kernel32

import (
	"bytes"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var consoleRows = win.Rows{
	win.Stub("AllocConsole", win.Bool(true), ""),
	win.Stub("AttachConsole", win.Bool(true), "dwProcessId"),
	win.Stub("FreeConsole", win.Bool(true), ""),
	win.Func0("GetConsoleCP", getConsoleCP),
	win.Func2("GetConsoleMode", getConsoleMode, "hConsoleHandle lpMode"),
	win.Func0("GetConsoleOutputCP", getConsoleCP),
	win.Stub("GetConsoleWindow", win.Handle(0), ""),
	win.Func1("GetStdHandle", getStdHandle, "nStdHandle"),
	win.Func5("ReadConsole{A,W}", readConsole, "hConsoleInput lpBuffer nNumberOfCharsToRead lpNumberOfCharsRead pInputControl"),
	win.Stub("SetConsoleCP", win.Bool(true), "wCodePageID"),
	win.Stub("SetConsoleCtrlHandler", win.Bool(true), "HandlerRoutine Add"),
	win.Func2("SetConsoleMode", setConsoleMode, "hConsoleHandle dwMode"),
	win.Stub("SetConsoleOutputCP", win.Bool(true), "wCodePageID"),
	win.Stub("SetConsoleTextAttribute", win.Bool(true), "hConsoleOutput wAttributes"),
	win.Stub("SetConsoleTitle{A,W}", win.Bool(true), "lpConsoleTitle"),
	win.Func2("SetStdHandle", setStdHandle, "nStdHandle hHandle"),
	win.Func5("WriteConsole{A,W}", writeConsole, "hConsoleOutput lpBuffer nNumberOfCharsToWrite lpNumberOfCharsWritten lpReserved"),
}

func getConsoleCP(*win.Call) (win.DWORD, win.Error) { return oemCodePage, 0 }

// console finds an end of the console: its input or one of its outputs.
func console(c *win.Call, h win.Handle) (*guest.Console, win.Error) {
	if o, ok := guest.Lookup[*guest.Console](c.Handles, h.Guest()); ok {
		return o, 0
	}
	return nil, win.ErrInvalidHandle
}

const consoleInput = "stdin"

// modeKey is where a console's mode is kept once it was set.
type modeKey struct{ *guest.Console }

// getConsoleMode stores the mode of a console; handles of files and pipes are
// refused, which is how programs find out that output is redirected.
//
// https://learn.microsoft.com/windows/console/getconsolemode
func getConsoleMode(c *win.Call, hConsoleHandle win.Handle, lpMode win.Out[uint32]) (win.Bool, win.Error) {
	const (
		input  = 0x1F7 // what a new console has: ENABLE_PROCESSED_INPUT, …
		output = 0x003 // ENABLE_PROCESSED_OUTPUT | ENABLE_WRAP_AT_EOL_OUTPUT
	)
	o, err := console(c, hConsoleHandle)
	if err != 0 {
		return false, err
	}
	mode, set := c.State[modeKey{o}].(uint32)
	switch {
	case set:
	case o.Stream == consoleInput:
		mode = input
	default:
		mode = output
	}
	lpMode.Set(c, mode)
	return true, 0
}

// setConsoleMode keeps the mode and does nothing with it.
//
// https://learn.microsoft.com/windows/console/setconsolemode
func setConsoleMode(c *win.Call, hConsoleHandle win.Handle, dwMode win.Hex) (win.Bool, win.Error) {
	o, err := console(c, hConsoleHandle)
	if err != 0 {
		return false, err
	}
	c.State[modeKey{o}] = uint32(dwMode)
	return true, 0
}

// standard is the variable behind STD_INPUT_HANDLE (-10) and its kin.
func standard(c *win.Call, n win.Int) *guest.Handle {
	switch n {
	case -10:
		return &c.Stdin
	case -11:
		return &c.Stdout
	case -12:
		return &c.Stderr
	}
	return nil
}

// getStdHandle is one of the standard handles.
//
// https://learn.microsoft.com/windows/console/getstdhandle
func getStdHandle(c *win.Call, nStdHandle win.Int) (win.FileHandle, win.Error) {
	h := standard(c, nStdHandle)
	if h == nil {
		return 0, win.ErrInvalidHandle
	}
	return win.FileHandle(*h), 0
}

// setStdHandle changes one of the standard handles; it need not be a handle.
//
// https://learn.microsoft.com/windows/console/setstdhandle
func setStdHandle(c *win.Call, nStdHandle win.Int, hHandle win.Handle) (win.Bool, win.Error) {
	h := standard(c, nStdHandle)
	if h == nil {
		return false, win.ErrInvalidHandle
	}
	*h = hHandle.Guest()
	return true, 0
}

// readConsole finds the input at its end: nobody types.
//
// https://learn.microsoft.com/windows/console/readconsole
func readConsole(c *win.Call, hConsoleInput win.Handle, lpBuffer win.Ptr, nNumberOfCharsToRead win.DWORD, lpNumberOfCharsRead win.Out[uint32], pInputControl win.Ptr) (win.Bool, win.Error) {
	o, err := console(c, hConsoleInput)
	if err != 0 {
		return false, err
	}
	if o.Stream != consoleInput {
		return false, win.ErrInvalidHandle
	}
	lpNumberOfCharsRead.Set(c, 0)
	return true, 0
}

// writeConsole records text that the guest shows. Characters outside of the
// ANSI code page become question marks.
//
// https://learn.microsoft.com/windows/console/writeconsole
func writeConsole(c *win.Call, hConsoleOutput win.Handle, lpBuffer win.Ptr, nNumberOfCharsToWrite win.DWORD, lpNumberOfCharsWritten win.Out[uint32], lpReserved win.Ptr) (win.Bool, win.Error) {
	o, err := console(c, hConsoleOutput)
	if err != 0 {
		return false, err
	}
	if o.Stream == consoleInput {
		return false, win.ErrInvalidHandle
	}
	text := c.Bytes(lpBuffer, uint64(nNumberOfCharsToWrite)*c.CharSize())
	if c.Faulted() {
		return false, 0
	}
	if !c.ANSI() {
		text = bytes.TrimSuffix(guest.ANSI(string(guest.AppendUTF8(nil, text))), []byte{0})
	}
	c.Print(o, text)
	lpNumberOfCharsWritten.Set(c, uint32(nNumberOfCharsToWrite))
	return true, 0
}
