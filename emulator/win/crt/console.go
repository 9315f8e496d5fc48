package crt

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// consoleRows are the functions of conio.h. What they print goes where stdout
// does; nobody sits at the keyboard.
//
// https://learn.microsoft.com/cpp/c-runtime-library/console-and-port-i-o
var consoleRows = win.Rows{
	win.Func1("_cgets", cgets, "buffer"),
	win.Func3("_cgets_s", cgetsS, "buffer numberOfElements pSizeRead"),
	win.Func1("_cgetws", cgets, "buffer"),
	win.Func3("_cgetws_s", cgetsS, "buffer numberOfElements pSizeRead"),
	win.Func1("_cputs", cputs[win.AText], "str"),
	win.Func1("_cputws", cputs[win.WText], "str"),
	win.Func0("_getch", getch),
	win.Func0("_getche", getch),
	win.Func0("_getwch", getwch),
	win.Func0("_getwche", getwch),
	win.Stub("_kbhit", win.Int(0), ""),
	win.Func1("_putch", putch, "ch"),
	win.Func1("_putwch", putwch, "ch"),
	win.Func1("_ungetch", ungetch, "ch"),
	win.Func1("_ungetwch", ungetwch, "ch"),
	win.Stub("_beep", win.Void{}, "frequency duration"),
	win.Func1("_sleep", sleep, "duration"),
}

// consoleOutput is the console, or what stdout leads to if there is none.
func consoleOutput(c *win.Call, data []byte) bool {
	s := of(c)
	return s.write(c, s.file(stdout), data)
}

// cputs prints a string.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/cputs-cputws
func cputs[T text](c *win.Call, str T) (win.Int, win.Error) {
	if str == 0 {
		invalid(c, eINVAL)
		return -1, 0
	}
	b := whole(c, str)
	if c.Faulted() {
		return -1, 0
	}
	if width[T]() == 2 {
		b = guest.ANSI(guest.FromUTF16(b))
		b = b[:len(b)-1]
	}
	if !consoleOutput(c, b) {
		return -1, 0
	}
	return 0, 0
}

// putch prints a character.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/putch-putwch
func putch(c *win.Call, ch win.Int) (win.Int, win.Error) {
	if !consoleOutput(c, []byte{byte(ch)}) {
		return eof, 0
	}
	return ch, 0
}

// putwch prints a character.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/putch-putwch
func putwch(c *win.Call, ch win.WORD) (win.WORD, win.Error) {
	b := guest.ANSI(string(rune(ch)))
	if !consoleOutput(c, b[:len(b)-1]) {
		return wideEOF, 0
	}
	return ch, 0
}

// getch reads a key: one given back, or none, for which a program on Windows
// would wait.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/getch-getwch
func getch(c *win.Call) (win.Int, win.Error) {
	s := of(c)
	if ch := s.key; ch >= 0 {
		s.key = eof
		return ch, 0
	}
	c.Gap("a key is waited for")
	return eof, 0
}

// getwch reads a key.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/getch-getwch
func getwch(c *win.Call) (win.WORD, win.Error) {
	ch, err := getch(c)
	return win.WORD(ch), err
}

// ungetch gives a key back, one at most.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ungetch-ungetwch-ungetch-nolock-ungetwch-nolock
func ungetch(c *win.Call, ch win.Int) (win.Int, win.Error) {
	s := of(c)
	if ch == eof || s.key >= 0 {
		return eof, 0
	}
	s.key = ch & 0xFFFF
	return ch, 0
}

// ungetwch gives a key back.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ungetch-ungetwch-ungetch-nolock-ungetwch-nolock
func ungetwch(c *win.Call, ch win.WORD) (win.WORD, win.Error) {
	r, err := ungetch(c, win.Int(ch))
	return win.WORD(r), err
}

// cgets reads a line: there is none.
//
// https://learn.microsoft.com/cpp/c-runtime-library/cgets-cgetws
func cgets(c *win.Call, buffer win.Ptr) (win.Ptr, win.Error) {
	if buffer == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	c.Gap("a line from the keyboard is waited for")
	return 0, 0
}

// cgetsS reads a line: there is none.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/cgets-s-cgetws-s
func cgetsS(c *win.Call, buffer win.Ptr, numberOfElements win.Size, pSizeRead win.Out[uint64]) (win.Int, win.Error) {
	if buffer == 0 || numberOfElements == 0 || pSizeRead.Null() {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	pSizeRead.Set(c, 0)
	c.Gap("a line from the keyboard is waited for")
	return 0, 0
}

// sleep waits for some milliseconds, at least one.
//
// https://learn.microsoft.com/cpp/c-runtime-library/sleep
func sleep(c *win.Call, duration win.DWORD) (win.Void, win.Error) {
	_, _ = c.Invoke("kernel32.dll", "Sleep", max(uint64(duration), 1)) // returns nothing
	return win.Void{}, 0
}
