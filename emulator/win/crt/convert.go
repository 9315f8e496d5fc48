package crt

import (
	"encoding/binary"

	"sidetrace/emulator/win"
)

// The locale is "C": a byte and the character of the same number are each
// other's translation, and other characters have none.

var convertRows = win.Rows{
	win.Func1("btowc", btowc, "ch"),
	win.Func2("mblen", mblen, "mbstr count"),
	win.Func3("mbstowcs", mbstowcs, "wcstr mbstr count"),
	win.Func5("mbstowcs_s", mbstowcsS, "pReturnValue wcstr sizeInWords mbstr count"),
	win.Func3("mbtowc", mbtowc, "wchar mbchar count"),
	win.Func3("wcstombs", wcstombs, "mbstr wcstr count"),
	win.Func5("wcstombs_s", wcstombsS, "pReturnValue mbstr sizeInBytes wcstr count"),
	win.Func2("wctomb", wctomb, "mbchar wchar"),
}

// widen is bytes as characters.
func widen(b []byte) []byte {
	w := make([]byte, 0, 2*len(b))
	for _, ch := range b {
		w = binary.LittleEndian.AppendUint16(w, uint16(ch))
	}
	return w
}

// narrow is characters as bytes; false if one has no translation.
func narrow(w []byte) ([]byte, bool) {
	b := make([]byte, 0, len(w)/2)
	for i := 0; i+1 < len(w); i += 2 {
		ch := binary.LittleEndian.Uint16(w[i:])
		if ch > 0xFF {
			return b, false
		}
		b = append(b, byte(ch))
	}
	return b, true
}

// failed is the result of a conversion that cannot be done.
const failed = ^win.Size(0)

// mbstowcs converts a string, or counts what it would become.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbstowcs-mbstowcs-l
func mbstowcs(c *win.Call, wcstr win.Ptr, mbstr win.AText, count win.Size) (win.Size, win.Error) {
	if mbstr == 0 {
		invalid(c, eINVAL)
		return failed, 0
	}
	if wcstr == 0 {
		return win.Size(length(c, mbstr, unlimited)), 0
	}
	b := bounded(c, mbstr, min(uint64(count), unlimited))
	if c.Faulted() {
		return 0, 0
	}
	w := widen(b)
	if uint64(len(b)) < uint64(count) {
		w = append(w, 0, 0)
	}
	c.Write(wcstr, w)
	return win.Size(len(b)), 0
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
	b, ok := narrow(bounded(c, wcstr, limit))
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
		c.Write(mbstr, b)
	}
	return n, 0
}

// mbstowcsS converts a string that fits, and always terminates it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbstowcs-s-mbstowcs-s-l
func mbstowcsS(c *win.Call, pReturnValue win.Out[uint64], wcstr win.Ptr, sizeInWords win.Size, mbstr win.AText, count win.Size) (win.Int, win.Error) {
	if mbstr == 0 || (wcstr == 0) != (sizeInWords == 0) {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	b := bounded(c, mbstr, min(uint64(count), unlimited))
	if c.Faulted() {
		return 0, 0
	}
	return settle[win.WText](c, pReturnValue, wcstr, sizeInWords, widen(b), count == truncate)
}

// wcstombsS converts a string that fits, and always terminates it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/wcstombs-s-wcstombs-s-l
func wcstombsS(c *win.Call, pReturnValue win.Out[uint64], mbstr win.Ptr, sizeInBytes win.Size, wcstr win.WText, count win.Size) (win.Int, win.Error) {
	if wcstr == 0 || (mbstr == 0) != (sizeInBytes == 0) {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	b, ok := narrow(bounded(c, wcstr, min(uint64(count), unlimited)))
	if c.Faulted() {
		return 0, 0
	}
	if !ok {
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

// mbtowc converts one character.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbtowc-mbtowc-l
func mbtowc(c *win.Call, wchar win.Out[uint16], mbchar win.Ptr, count win.Size) (win.Int, win.Error) {
	if mbchar == 0 || count == 0 {
		return 0, 0
	}
	ch := c.ReadUint(mbchar, 1)
	wchar.Set(c, uint16(ch))
	if ch == 0 {
		return 0, 0
	}
	return 1, 0
}

// mblen returns the length of a character: 1, or 0 for the terminator.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mbclen-mblen-mblen-l-mbrlen
func mblen(c *win.Call, mbstr win.Ptr, count win.Size) (win.Int, win.Error) {
	return mbtowc(c, win.Out[uint16]{}, mbstr, count)
}

// wctomb converts one character.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/wctomb-wctomb-l
func wctomb(c *win.Call, mbchar win.Ptr, wchar win.WORD) (win.Int, win.Error) {
	if mbchar == 0 {
		return 0, 0
	}
	if wchar > 0xFF {
		fail(c, eILSEQ)
		return -1, 0
	}
	c.WriteUint(mbchar, 1, uint64(wchar))
	return 1, 0
}

// btowc converts one byte.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/btowc
func btowc(c *win.Call, ch win.Int) (win.WORD, win.Error) {
	if ch < 0 || ch > 0xFF {
		return 0xFFFF, 0 // WEOF
	}
	return win.WORD(ch), 0
}
