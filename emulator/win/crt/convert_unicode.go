package crt

import (
	"unicode/utf16"
	"unicode/utf8"

	"sidetrace/emulator/win"
)

// unicodeRows are the functions of uchar.h. Their bytes are UTF-8, whatever the
// locale. A mbstate_t keeps the second half of a surrogate pair.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbrtoc16-mbrtoc323
var unicodeRows = win.Rows{
	win.Func3("c16rtomb", c16rtomb, "mbchar wchar state"),
	win.Func3("c32rtomb", c32rtomb, "mbchar wchar state"),
	win.Func4("mbrtoc16", mbrtoc16, "destination source max_bytes state"),
	win.Func4("mbrtoc32", mbrtoc32, "destination source max_bytes state"),
}

const (
	incomplete = ^win.Size(1) // -2
	secondHalf = ^win.Size(2) // -3
)

// mbrtoc32 converts one character of UTF-8. One that is not whole has to be
// given again: its beginning is not kept.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbrtoc16-mbrtoc323
func mbrtoc32(c *win.Call, destination win.Out[uint32], source win.Ptr, max_bytes win.Size, state win.Ptr) (win.Size, win.Error) {
	r, n := unicodeCharacter(c, source, max_bytes)
	if n == 0 || n <= 4 {
		destination.Set(c, uint32(r))
	}
	return n, 0
}

// mbrtoc16 converts one character of UTF-8 to UTF-16; the second half of a pair
// comes with the next call.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbrtoc16-mbrtoc323
func mbrtoc16(c *win.Call, destination win.Out[uint16], source win.Ptr, max_bytes win.Size, state win.Out[uint32]) (win.Size, win.Error) {
	if half := state.Get(c); half != 0 && source != 0 {
		state.Set(c, 0)
		destination.Set(c, uint16(half))
		return secondHalf, 0
	}
	r, n := unicodeCharacter(c, source, max_bytes)
	if n > 4 {
		return n, 0
	}
	units := utf16.AppendRune(nil, r)
	destination.Set(c, units[0])
	if len(units) > 1 {
		state.Set(c, uint32(units[1]))
	}
	return n, 0
}

// unicodeCharacter is the character at source and how many bytes it has, or
// what the functions return instead.
func unicodeCharacter(c *win.Call, source win.Ptr, most win.Size) (rune, win.Size) {
	if source == 0 {
		return 0, 0
	}
	if most == 0 {
		return 0, incomplete
	}
	r, n := oneCharacter(c, utf8CodePage, source, most)
	switch n {
	case -1:
		fail(c, eILSEQ)
		return 0, failed
	case -2:
		return 0, incomplete
	}
	return r, win.Size(n)
}

// c32rtomb converts one character to UTF-8.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/c16rtomb-c32rtomb1
func c32rtomb(c *win.Call, mbchar win.Ptr, wchar win.DWORD, state win.Ptr) (win.Size, win.Error) {
	if mbchar == 0 {
		return 1, 0
	}
	if wchar > utf8.MaxRune || utf16.IsSurrogate(rune(wchar)) {
		fail(c, eILSEQ)
		return failed, 0
	}
	b := utf8.AppendRune(nil, rune(wchar))
	c.Write(mbchar, b)
	return win.Size(len(b)), 0
}

// c16rtomb converts one character to UTF-8; the first half of a pair gives
// nothing yet.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/c16rtomb-c32rtomb1
func c16rtomb(c *win.Call, mbchar win.Ptr, wchar win.WORD, state win.Out[uint32]) (win.Size, win.Error) {
	const firstHalf, secondHalves = 0xD800, 0xDC00
	if mbchar == 0 {
		return 1, 0
	}
	r := rune(wchar)
	if half := state.Get(c); half != 0 {
		r = utf16.DecodeRune(rune(half), r)
		state.Set(c, 0)
	} else if r >= firstHalf && r < secondHalves && !state.Null() {
		state.Set(c, uint32(r))
		return 0, 0
	}
	if r == utf8.RuneError && wchar != utf8.RuneError {
		fail(c, eILSEQ)
		return failed, 0
	}
	return c32rtomb(c, mbchar, win.DWORD(r), 0)
}
