package crt

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"sidetrace/emulator/win"
)

var convertRows = win.Rows{
	win.Func1("btowc", btowc, "ch"),
	win.Func2("mblen", mblen, "mbstr count"),
	win.Func3("mbrlen", mbrlen, "str count mbstate"),
	win.Func4("mbrtowc", mbrtowc, "wchar mbchar count mbstate"),
	win.Func4("mbsrtowcs", mbsrtowcs, "wcstr mbstr count mbstate"),
	win.Func6("mbsrtowcs_s", mbsrtowcsS, "pReturnValue wcstr sizeInWords mbstr count mbstate"),
	win.Func3("mbstowcs", mbstowcs, "wcstr mbstr count"),
	win.Func5("mbstowcs_s", mbstowcsS, "pReturnValue wcstr sizeInWords mbstr count"),
	win.Func3("mbtowc", mbtowc, "wchar mbchar count"),
	win.Func3("wcrtomb", wcrtomb, "mbchar wchar mbstate"),
	win.Func5("wcrtomb_s", wcrtombS, "pReturnValue mbchar sizeOfmbchar wchar mbstate"),
	win.Func4("wcsrtombs", wcsrtombs, "mbstr wcstr count mbstate"),
	win.Func6("wcsrtombs_s", wcsrtombsS, "pReturnValue mbstr sizeInBytes wcstr count mbstate"),
	win.Func3("wcstombs", wcstombs, "mbstr wcstr count"),
	win.Func5("wcstombs_s", wcstombsS, "pReturnValue mbstr sizeInBytes wcstr count"),
	win.Func1("wctob", wctob, "wchar"),
	win.Func2("wctomb", wctomb, "mbchar wchar"),
	win.Func4("wctomb_s", wctombS, "pRetValue mbchar sizeInBytes wchar"),
}

// encode is a character in a code page; false if there is none. In the "C"
// locale, code page 0, a byte and the character of the same number are each
// other's translation.
func encode(codepage int, r rune) ([]byte, bool) {
	switch {
	case codepage == utf8CodePage:
		return utf8.AppendRune(nil, r), r == utf8.RuneError || utf8.ValidRune(r)
	case codepage == 0 || r < 0x80:
		return []byte{byte(r)}, r <= 0xFF
	}
	for i, ch := range ansiToUTF16 {
		if rune(ch) == r && i >= 0x80 {
			return []byte{byte(i)}, true
		}
	}
	return nil, false
}

// decode is the first character of bytes that are not none, and how many it
// takes; 0 if it is not whole, negative if there is none.
func decode(codepage int, b []byte) (r rune, n int) {
	switch codepage {
	case 0:
		return rune(b[0]), 1
	case utf8CodePage:
		r, n = utf8.DecodeRune(b)
		switch {
		case r != utf8.RuneError || n > 1:
			return r, n
		case !utf8.FullRune(b):
			return 0, 0
		}
		return 0, -1
	}
	return rune(ansiToUTF16[b[0]]), 1
}

// widen is bytes as characters; false if some are none.
func widen(codepage int, b []byte) ([]byte, bool) {
	w := make([]byte, 0, 2*len(b))
	for len(b) > 0 {
		r, n := decode(codepage, b)
		if n <= 0 {
			return w, false
		}
		for _, u := range utf16.AppendRune(nil, r) {
			w = binary.LittleEndian.AppendUint16(w, u)
		}
		b = b[n:]
	}
	return w, true
}

// narrow is characters as bytes; false if one has no translation.
func narrow(codepage int, w []byte) ([]byte, bool) {
	b := make([]byte, 0, len(w)/2)
	for i := 0; i+1 < len(w); i += 2 {
		r := rune(binary.LittleEndian.Uint16(w[i:]))
		if codepage == utf8CodePage && utf16.IsSurrogate(r) && i+3 < len(w) {
			r = utf16.DecodeRune(r, rune(binary.LittleEndian.Uint16(w[i+2:])))
			i += 2
		}
		one, ok := encode(codepage, r)
		if !ok {
			return b, false
		}
		b = append(b, one...)
	}
	return b, true
}

// failed is the result of a conversion that cannot be done.
const failed = ^win.Size(0)

// converted is a string of bytes as characters; false after an error.
func converted(c *win.Call, mbstr win.AText, limit uint64) ([]byte, bool) {
	w, ok := widen(of(c).current(c).codepage, bounded(c, mbstr, limit))
	if !ok {
		fail(c, eILSEQ)
	}
	return w, ok && !c.Faulted()
}

// mbstowcs converts a string, or counts what it would become.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbstowcs-mbstowcs-l
func mbstowcs(c *win.Call, wcstr win.Ptr, mbstr win.AText, count win.Size) (win.Size, win.Error) {
	if mbstr == 0 {
		invalid(c, eINVAL)
		return failed, 0
	}
	limit := uint64(unlimited)
	if wcstr != 0 && of(c).current(c).codepage != utf8CodePage {
		limit = min(uint64(count), unlimited)
	}
	w, ok := converted(c, mbstr, limit)
	if !ok {
		return failed, 0
	}
	n := win.Size(len(w) / 2)
	if wcstr == 0 {
		return n, 0
	}
	if n < count {
		w = append(w, 0, 0)
	}
	c.Write(wcstr, w[:2*min(uint64(count), uint64(len(w)/2))])
	return min(n, count), 0
}

// wcstombs converts a string, or counts what it would become.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/wcstombs-wcstombs-l
func wcstombs(c *win.Call, mbstr win.Ptr, wcstr win.WText, count win.Size) (win.Size, win.Error) {
	if wcstr == 0 {
		invalid(c, eINVAL)
		return failed, 0
	}
	limit := min(uint64(count), unlimited)
	if mbstr == 0 {
		limit = unlimited
	}
	b, ok := narrow(of(c).current(c).codepage, bounded(c, wcstr, limit))
	if c.Faulted() {
		return 0, 0
	}
	if !ok {
		fail(c, eILSEQ)
		return failed, 0
	}
	n := win.Size(len(b))
	if mbstr != 0 {
		if n < count {
			b = append(b, 0)
		}
		c.Write(mbstr, b[:min(uint64(count), uint64(len(b)))])
		n = min(n, count)
	}
	return n, 0
}

// mbstowcsS converts a string that fits, and always terminates it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbstowcs-s-mbstowcs-s-l
func mbstowcsS(c *win.Call, pReturnValue win.Out[uint64], wcstr win.Ptr, sizeInWords win.Size, mbstr win.AText, count win.Size) (win.Int, win.Error) {
	if (wcstr == 0) != (sizeInWords == 0) {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	if mbstr == 0 {
		if wcstr != 0 {
			terminate[win.WText](c, wcstr)
		}
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	if wcstr == 0 {
		count = truncate // all is counted
	}
	w, ok := converted(c, mbstr, min(uint64(count), unlimited))
	if c.Faulted() {
		return 0, 0
	}
	if !ok {
		if wcstr != 0 {
			terminate[win.WText](c, wcstr)
		}
		pReturnValue.Set(c, 0)
		return win.Int(eILSEQ), 0
	}
	return settle[win.WText](c, pReturnValue, wcstr, sizeInWords, w, count == truncate)
}

// wcstombsS converts a string that fits, and always terminates it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/wcstombs-s-wcstombs-s-l
func wcstombsS(c *win.Call, pReturnValue win.Out[uint64], mbstr win.Ptr, sizeInBytes win.Size, wcstr win.WText, count win.Size) (win.Int, win.Error) {
	if (mbstr == 0) != (sizeInBytes == 0) {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	if wcstr == 0 {
		if mbstr != 0 {
			terminate[win.AText](c, mbstr)
		}
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	if mbstr == 0 {
		count = truncate // all is counted
	}
	b, ok := narrow(of(c).current(c).codepage, bounded(c, wcstr, min(uint64(count), unlimited)))
	if c.Faulted() {
		return 0, 0
	}
	if !ok {
		if mbstr != 0 {
			terminate[win.AText](c, mbstr)
		}
		pReturnValue.Set(c, 0)
		fail(c, eILSEQ)
		return win.Int(eILSEQ), 0
	}
	return settle[win.AText](c, pReturnValue, mbstr, sizeInBytes, b, count == truncate)
}

// settle stores a converted string and the number of its characters with the
// terminator.
func settle[T text](c *win.Call, pReturnValue win.Out[uint64], to win.Ptr, size win.Size, b []byte, cut bool) (win.Int, win.Error) {
	n := win.Size(count[T](b)) + 1
	e := errno(0)
	if to != 0 {
		if n > size && !cut {
			terminate[T](c, to)
			pReturnValue.Set(c, 0)
			invalid(c, eRANGE)
			return win.Int(eRANGE), 0
		}
		if n > size {
			n, e = size, eTRUNC
			b = b[:step[T](uint64(size-1))]
		}
		transfer[T](c, to, b)
	}
	pReturnValue.Set(c, uint64(n))
	return win.Int(e), 0
}

// oneCharacter is the character at a pointer, of at most count bytes: its
// length, 0 for the terminator, -1 if there is none, -2 if it is not whole.
func oneCharacter(c *win.Call, codepage int, at win.Ptr, count win.Size) (r rune, n int) {
	var b []byte
	for win.Size(len(b)) < min(count, utf8.UTFMax) {
		b = append(b, byte(c.ReadUint(at+win.Ptr(len(b)), 1)))
		if c.Faulted() {
			return 0, -1
		}
		if r, n = decode(codepage, b); n != 0 {
			break
		}
	}
	switch {
	case n < 0:
		return 0, -1
	case n == 0:
		return 0, -2
	case r == 0:
		return 0, 0
	}
	return r, n
}

// mbtowc converts one character.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbtowc-mbtowc-l
func mbtowc(c *win.Call, wchar win.Out[uint16], mbchar win.Ptr, count win.Size) (win.Int, win.Error) {
	if mbchar == 0 || count == 0 {
		return 0, 0
	}
	r, n := oneCharacter(c, of(c).current(c).codepage, mbchar, count)
	if n < 0 {
		fail(c, eILSEQ)
		return -1, 0
	}
	wchar.Set(c, uint16(r))
	return win.Int(n), 0
}

// mblen returns the length of a character, or 0 for the terminator.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbclen-mblen-mblen-l-mbrlen
func mblen(c *win.Call, mbstr win.Ptr, count win.Size) (win.Int, win.Error) {
	return mbtowc(c, win.Out[uint16]{}, mbstr, count)
}

// mbrtowc converts one character. One that is not whole has to be given again:
// its beginning is not kept.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbrtowc
func mbrtowc(c *win.Call, wchar win.Out[uint16], mbchar win.Ptr, count win.Size, mbstate win.Ptr) (win.Size, win.Error) {
	if mbchar == 0 {
		return 0, 0
	}
	if count == 0 {
		return ^win.Size(1), 0
	}
	r, n := oneCharacter(c, of(c).current(c).codepage, mbchar, count)
	if n < 0 {
		if n == -1 {
			fail(c, eILSEQ)
		}
		return win.Size(n), 0
	}
	wchar.Set(c, uint16(r))
	return win.Size(n), 0
}

// mbrlen is mbrtowc without a result.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbclen-mblen-mblen-l-mbrlen
func mbrlen(c *win.Call, str win.Ptr, count win.Size, mbstate win.Ptr) (win.Size, win.Error) {
	return mbrtowc(c, win.Out[uint16]{}, str, count, mbstate)
}

// mbsrtowcs converts a string whose pointer is given by its address, and sets
// that to null once the terminator was converted.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbsrtowcs
func mbsrtowcs(c *win.Call, wcstr win.Ptr, mbstr win.Out[uint64], count win.Size, mbstate win.Ptr) (win.Size, win.Error) {
	if mbstr.Null() || mbstr.Get(c) == 0 {
		invalid(c, eINVAL)
		return failed, 0
	}
	from := mbstr.Get(c)
	n, err := mbstowcs(c, wcstr, win.AText(from), count)
	if wcstr != 0 && n != failed && !c.Faulted() {
		if n < count {
			mbstr.Set(c, 0)
		} else {
			mbstr.Set(c, from+uint64(n))
		}
	}
	return n, err
}

// wcsrtombs is its inverse.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/wcsrtombs
func wcsrtombs(c *win.Call, mbstr win.Ptr, wcstr win.Out[uint64], count win.Size, mbstate win.Ptr) (win.Size, win.Error) {
	if wcstr.Null() || wcstr.Get(c) == 0 {
		invalid(c, eINVAL)
		return failed, 0
	}
	from := wcstr.Get(c)
	n, err := wcstombs(c, mbstr, win.WText(from), count)
	if mbstr != 0 && n != failed && !c.Faulted() {
		if n < count {
			wcstr.Set(c, 0)
		} else {
			wcstr.Set(c, from+2*uint64(n))
		}
	}
	return n, err
}

// mbsrtowcsS is mbstowcsS with the address of a pointer.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbsrtowcs-s
func mbsrtowcsS(c *win.Call, pReturnValue win.Out[uint64], wcstr win.Ptr, sizeInWords win.Size, mbstr win.Out[uint64], count win.Size, mbstate win.Ptr) (win.Int, win.Error) {
	e, err := mbstowcsS(c, pReturnValue, wcstr, sizeInWords, win.AText(mbstr.Get(c)), count)
	if e == 0 && wcstr != 0 {
		mbstr.Set(c, 0)
	}
	return e, err
}

// wcsrtombsS is its inverse.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/wcsrtombs-s
func wcsrtombsS(c *win.Call, pReturnValue win.Out[uint64], mbstr win.Ptr, sizeInBytes win.Size, wcstr win.Out[uint64], count win.Size, mbstate win.Ptr) (win.Int, win.Error) {
	e, err := wcstombsS(c, pReturnValue, mbstr, sizeInBytes, win.WText(wcstr.Get(c)), count)
	if e == 0 && mbstr != 0 {
		wcstr.Set(c, 0)
	}
	return e, err
}

// wctomb converts one character.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/wctomb-wctomb-l
func wctomb(c *win.Call, mbchar win.Ptr, wchar win.WORD) (win.Int, win.Error) {
	if mbchar == 0 {
		return 0, 0
	}
	b, ok := encode(of(c).current(c).codepage, rune(wchar))
	if !ok {
		fail(c, eILSEQ)
		return -1, 0
	}
	c.Write(mbchar, b)
	return win.Int(len(b)), 0
}

// wctombS converts one character that fits.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/wctomb-s-wctomb-s-l
func wctombS(c *win.Call, pRetValue win.Out[int32], mbchar win.Ptr, sizeInBytes win.Size, wchar win.WORD) (win.Int, win.Error) {
	if mbchar == 0 {
		pRetValue.Set(c, 0)
		return 0, 0
	}
	b, ok := encode(of(c).current(c).codepage, rune(wchar))
	if !ok {
		pRetValue.Set(c, -1)
		fail(c, eILSEQ)
		return win.Int(eILSEQ), 0
	}
	if win.Size(len(b)) > sizeInBytes {
		pRetValue.Set(c, -1)
		invalid(c, eRANGE)
		return win.Int(eRANGE), 0
	}
	c.Write(mbchar, b)
	pRetValue.Set(c, int32(len(b)))
	return 0, 0
}

// wcrtomb converts one character.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/wcrtomb
func wcrtomb(c *win.Call, mbchar win.Ptr, wchar win.WORD, mbstate win.Ptr) (win.Size, win.Error) {
	if mbchar == 0 {
		return 1, 0
	}
	n, err := wctomb(c, mbchar, wchar)
	return win.Size(int64(n)), err
}

// wcrtombS converts one character that fits.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/wcrtomb-s
func wcrtombS(c *win.Call, pReturnValue win.Out[uint64], mbchar win.Ptr, sizeOfmbchar win.Size, wchar win.WORD, mbstate win.Ptr) (win.Int, win.Error) {
	b, ok := encode(of(c).current(c).codepage, rune(wchar))
	if !ok {
		pReturnValue.Set(c, uint64(failed))
		fail(c, eILSEQ)
		return win.Int(eILSEQ), 0
	}
	if mbchar != 0 {
		if win.Size(len(b)) > sizeOfmbchar {
			invalid(c, eRANGE)
			return win.Int(eRANGE), 0
		}
		c.Write(mbchar, b)
	}
	pReturnValue.Set(c, uint64(len(b)))
	return 0, 0
}

// btowc converts one byte.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/btowc
func btowc(c *win.Call, ch win.Int) (win.WORD, win.Error) {
	codepage := of(c).current(c).codepage
	if ch < 0 || ch > 0xFF || codepage == utf8CodePage && ch > 0x7F {
		return wideEOF, 0
	}
	r, _ := decode(codepage, []byte{byte(ch)})
	return win.WORD(r), 0
}

// wctob converts a character that is one byte.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/wctob
func wctob(c *win.Call, wchar win.WORD) (win.Int, win.Error) {
	if b, ok := encode(of(c).current(c).codepage, rune(wchar)); ok && len(b) == 1 && wchar != wideEOF {
		return win.Int(b[0]), 0
	}
	return eof, 0
}
