package crt

import "sidetrace/emulator/win"

// lineRows are the functions for characters and lines of streams.
var lineRows = win.Rows{
	win.Func0("_fgetchar", getchar),
	win.Func1("_filbuf", fgetc, "stream"),    // behind the macro getc
	win.Func2("_flsbuf", fputc, "ch stream"), // behind the macro putc
	win.Func1("_fputchar", putchar, "ch"),
	win.Func1("_getw", getw, "stream"),
	win.Func2("_putw", putw, "binint stream"),
	win.Func1("_putws", putws, "str"),
	win.Func1("fgetc", fgetc, "stream"),
	win.Func3("fgets", fgets, "str numChars stream"),
	win.Func1("fgetwc", fgetwc, "stream"),
	win.Func3("fgetws", fgetws, "str numChars stream"),
	win.Func2("fputc", fputc, "ch stream"),
	win.Func2("fputs", fputs, "str stream"),
	win.Func2("fputwc", fputwc, "ch stream"),
	win.Func2("fputws", fputws, "str stream"),
	win.Func1("getc", fgetc, "stream"),
	win.Func0("getchar", getchar),
	win.Func1("gets", gets, "buffer"),
	win.Func1("getwc", fgetwc, "stream"),
	win.Func0("getwchar", getwchar),
	win.Func2("putc", fputc, "ch stream"),
	win.Func1("putchar", putchar, "ch"),
	win.Func1("puts", puts, "str"),
	win.Func2("putwc", fputwc, "ch stream"),
	win.Func1("putwchar", putwchar, "ch"),
	win.Func2("ungetc", ungetc, "ch stream"),
}

const wideEOF = win.WORD(0xFFFF)

// fgetc reads a character, or EOF.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fgetc-fgetwc
func fgetc(c *win.Call, stream win.Ptr) (win.Int, win.Error) {
	s := of(c)
	st := s.stream(c, stream)
	if st == nil {
		return eof, 0
	}
	b, _, _ := s.read(c, st, 1, -1)
	if len(b) == 0 {
		return eof, 0
	}
	return win.Int(b[0]), 0
}

// getchar reads a character of stdin. The console has none.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/getchar-getwchar
func getchar(c *win.Call) (win.Int, win.Error) { return fgetc(c, win.Ptr(of(c).file(stdin).addr)) }

// fgetwc reads a character, or WEOF.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fgetc-fgetwc
func fgetwc(c *win.Call, stream win.Ptr) (win.WORD, win.Error) {
	s := of(c)
	if st := s.stream(c, stream); st != nil {
		if ch, ok := s.readWide(c, st); ok {
			return win.WORD(ch), 0
		}
	}
	return wideEOF, 0
}

// getwchar reads a character of stdin.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/getchar-getwchar
func getwchar(c *win.Call) (win.WORD, win.Error) { return fgetwc(c, win.Ptr(of(c).file(stdin).addr)) }

// getw reads an int.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/getw
func getw(c *win.Call, stream win.Ptr) (win.Int, win.Error) {
	s := of(c)
	st := s.stream(c, stream)
	if st == nil {
		return eof, 0
	}
	b, _, _ := s.read(c, st, 4, -1)
	if len(b) < 4 {
		return eof, 0
	}
	return win.Int(uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24), 0
}

// putw writes an int.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/putw
func putw(c *win.Call, binint win.Int, stream win.Ptr) (win.Int, win.Error) {
	s := of(c)
	v := uint32(binint)
	if !s.write(c, s.stream(c, stream), []byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24)}) {
		return eof, 0
	}
	return binint, 0
}

// fgets reads a line, its end included.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fgets-fgetws
func fgets(c *win.Call, str win.Ptr, numChars win.Int, stream win.Ptr) (win.Ptr, win.Error) {
	s := of(c)
	st := s.stream(c, stream)
	if st == nil || str == 0 || numChars <= 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	b, _, _ := s.read(c, st, uint64(numChars-1), '\n')
	if len(b) == 0 && numChars > 1 {
		return 0, 0
	}
	transfer[win.AText](c, str, b)
	return str, 0
}

// fgetws reads a line, its end included.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fgets-fgetws
func fgetws(c *win.Call, str win.Ptr, numChars win.Int, stream win.Ptr) (win.Ptr, win.Error) {
	s := of(c)
	st := s.stream(c, stream)
	if st == nil || str == 0 || numChars <= 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	var line []byte
	for len(line) < 2*int(numChars-1) {
		ch, ok := s.readWide(c, st)
		if !ok {
			break
		}
		line = append(line, byte(ch), byte(ch>>8))
		if ch == '\n' {
			break
		}
	}
	if len(line) == 0 && numChars > 1 {
		return 0, 0
	}
	transfer[win.WText](c, str, line)
	return str, 0
}

// gets reads a line of stdin. The console has none.
//
// https://learn.microsoft.com/cpp/c-runtime-library/gets-getws
func gets(c *win.Call, buffer win.Ptr) (win.Ptr, win.Error) {
	s := of(c)
	b, _, _ := s.read(c, s.file(stdin), unlimited, '\n')
	if len(b) == 0 {
		return 0, 0
	}
	if b[len(b)-1] == '\n' {
		b = b[:len(b)-1]
	}
	transfer[win.AText](c, buffer, b)
	return buffer, 0
}

// fputc writes a character.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fputc-fputwc
func fputc(c *win.Call, ch win.Int, stream win.Ptr) (win.Int, win.Error) {
	s := of(c)
	if !s.write(c, s.stream(c, stream), []byte{byte(ch)}) {
		return eof, 0
	}
	return win.Int(byte(ch)), 0
}

// putchar writes a character to stdout.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/putchar-putwchar
func putchar(c *win.Call, ch win.Int) (win.Int, win.Error) {
	return fputc(c, ch, win.Ptr(of(c).file(stdout).addr))
}

// fputwc writes a character.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fputc-fputwc
func fputwc(c *win.Call, ch win.WORD, stream win.Ptr) (win.WORD, win.Error) {
	s := of(c)
	if !s.writeWide(c, s.stream(c, stream), []byte{byte(ch), byte(ch >> 8)}) {
		return wideEOF, 0
	}
	return ch, 0
}

// putwchar writes a character to stdout.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/putchar-putwchar
func putwchar(c *win.Call, ch win.WORD) (win.WORD, win.Error) {
	return fputwc(c, ch, win.Ptr(of(c).file(stdout).addr))
}

// fputs writes a string.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fputs-fputws
func fputs(c *win.Call, str win.AText, stream win.Ptr) (win.Int, win.Error) {
	s := of(c)
	b := whole(c, str)
	if c.Faulted() || !s.write(c, s.stream(c, stream), b) {
		return eof, 0
	}
	return 0, 0
}

// fputws writes a string.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fputs-fputws
func fputws(c *win.Call, str win.WText, stream win.Ptr) (win.Int, win.Error) {
	s := of(c)
	b := whole(c, str)
	if c.Faulted() || !s.writeWide(c, s.stream(c, stream), b) {
		return eof, 0
	}
	return 0, 0
}

// puts writes a line to stdout.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/puts-putws
func puts(c *win.Call, str win.AText) (win.Int, win.Error) {
	s := of(c)
	b := whole(c, str)
	out := s.file(stdout)
	if c.Faulted() || !s.write(c, out, b) || !s.write(c, out, []byte("\n")) {
		return eof, 0
	}
	return 0, 0
}

// putws writes a line to stdout.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/puts-putws
func putws(c *win.Call, str win.WText) (win.Int, win.Error) {
	s := of(c)
	b := whole(c, str)
	out := s.file(stdout)
	if c.Faulted() || !s.writeWide(c, out, b) || !s.writeWide(c, out, []byte("\n\x00")) {
		return eof, 0
	}
	return 0, 0
}

// ungetc gives a character back to be read again.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ungetc-ungetwc
func ungetc(c *win.Call, ch win.Int, stream win.Ptr) (win.Int, win.Error) {
	s := of(c)
	st := s.stream(c, stream)
	if st == nil || ch == eof || len(st.pushed) == maxPushed {
		return eof, 0
	}
	st.pushed = append(st.pushed, byte(ch))
	s.unmark(st, ioEOF)
	return win.Int(byte(ch)), 0
}
