package crt

import (
	"bytes"
	"encoding/binary"

	"sidetrace/emulator/win"
)

// vcruntimeRows is what all DLLs of the runtime export: blocks of memory and
// the searches that compilers take from vcruntime140.dll, jumps, exceptions.
var vcruntimeRows = win.Rows{
	win.Func2("_CxxThrowException", cxxThrowException, "pExceptionObject pThrowInfo"),
	win.Func4("__C_specific_handler", cSpecificHandler, "ExceptionRecord EstablisherFrame ContextRecord DispatcherContext"),
	win.Func4("__CxxFrameHandler3", cxxFrameHandler, "ExceptionRecord EstablisherFrame ContextRecord DispatcherContext"),
	win.Func1("_set_se_translator", setSeTranslator, "seTransFunction"),
	win.Func2("longjmp", longjmp, "env value"),
	win.Func3("memchr", memchr, "buffer ch count"),
	win.Func3("memcmp", memcmp, "buffer1 buffer2 count"),
	win.Func3("memcpy", memmove, "dest src count"),
	win.Func3("memmove", memmove, "dest src count"),
	win.Func3("memset", memset, "dest ch count"),
	win.Func2("strchr", strchr[win.AText], "str ch"),
	win.Func2("strrchr", strrchr[win.AText], "str ch"),
	win.Func2("strstr", strstr[win.AText], "str strSearch"),
	win.Func2("wcschr", strchr[win.WText], "str ch"),
	win.Func2("wcsrchr", strrchr[win.WText], "str ch"),
	win.Func2("wcsstr", strstr[win.WText], "str strSearch"),
}

// memmove copies a block; the two may overlap. memcpy is the same function, as
// in msvcrt.dll.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/memmove-wmemmove
func memmove(c *win.Call, dest, src win.Ptr, count win.Size) (win.Ptr, win.Error) {
	from := c.Bytes(src, uint64(count))
	to := c.Buffer(dest, uint64(count))
	if !c.Faulted() {
		copy(to, from)
	}
	return dest, 0
}

// memset fills a block with a byte.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/memset-wmemset
func memset(c *win.Call, dest win.Ptr, ch win.Int, count win.Size) (win.Ptr, win.Error) {
	b := c.Buffer(dest, uint64(count))
	if byte(ch) == 0 {
		clear(b)
		return dest, 0
	}
	for i := range b {
		b[i] = byte(ch)
	}
	return dest, 0
}

// memcmp compares two blocks.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/memcmp-wmemcmp
func memcmp(c *win.Call, buffer1, buffer2 win.Ptr, count win.Size) (win.Int, win.Error) {
	a := c.Bytes(buffer1, uint64(count))
	b := c.Bytes(buffer2, uint64(count))
	if c.Faulted() {
		return 0, 0
	}
	return win.Int(bytes.Compare(a, b)), 0
}

// memchr finds a byte in a block. What lies behind it need not be readable.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/memchr-wmemchr
func memchr(c *win.Call, buffer win.Ptr, ch win.Int, count win.Size) (win.Ptr, win.Error) {
	n, found := find(c, buffer, 1, uint64(count), uint16(byte(ch)))
	if !found {
		return 0, 0
	}
	return buffer + win.Ptr(n), 0
}

// memoryRows are the blocks' further functions.
var memoryRows = win.Rows{
	win.Func4("_memccpy", memccpy, "dest src ch count"),
	win.Func3("_memicmp", memicmp, "buffer1 buffer2 count"),
	win.Func3("_swab", swab, "src dest n"),
	win.Func4("memcpy_s", memcpyS, "dest destSize src count"),
	win.Func4("memmove_s", memmoveS, "dest destSize src count"),
}

// memcpyS copies a block that fits. One that does not clears the destination.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/memcpy-s-wmemcpy-s
func memcpyS(c *win.Call, dest win.Ptr, destSize win.Size, src win.Ptr, count win.Size) (win.Int, win.Error) {
	if count != 0 && dest != 0 && (src == 0 || destSize < count) {
		clear(c.Buffer(dest, uint64(destSize)))
	}
	return memmoveS(c, dest, destSize, src, count)
}

// memmoveS copies a block that fits.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/memmove-s-wmemmove-s
func memmoveS(c *win.Call, dest win.Ptr, destSize win.Size, src win.Ptr, count win.Size) (win.Int, win.Error) {
	switch {
	case count == 0:
		return 0, 0
	case dest == 0 || src == 0:
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	case destSize < count:
		invalid(c, eRANGE)
		return win.Int(eRANGE), 0
	}
	_, _ = memmove(c, dest, src, count) // returns dest
	return 0, 0
}

// memicmp compares two blocks without regard to the case of ASCII letters.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/memicmp-memicmp-l
func memicmp(c *win.Call, buffer1, buffer2 win.Ptr, count win.Size) (win.Int, win.Error) {
	a := c.Bytes(buffer1, uint64(count))
	b := c.Bytes(buffer2, uint64(count))
	for i := 0; i < min(len(a), len(b)); i++ {
		if d := win.Int(lower(uint16(a[i]))) - win.Int(lower(uint16(b[i]))); d != 0 {
			return d, 0
		}
	}
	return 0, 0
}

// memccpy copies up to and with a byte, and returns the place behind it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/memccpy
func memccpy(c *win.Call, dest, src win.Ptr, ch win.Int, count win.Size) (win.Ptr, win.Error) {
	n, found := find(c, src, 1, uint64(count), uint16(byte(ch)))
	if found {
		n++
	}
	_, _ = memmove(c, dest, src, win.Size(n)) // returns dest
	if !found {
		return 0, 0
	}
	return dest + win.Ptr(n), 0
}

// swab copies and swaps the bytes of each pair.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/swab
func swab(c *win.Call, src, dest win.Ptr, n win.Int) (win.Void, win.Error) {
	if n < 2 {
		return win.Void{}, 0
	}
	size := uint64(n) &^ 1
	from := c.Bytes(src, size)
	to := c.Buffer(dest, size)
	if !c.Faulted() {
		for i := 0; i < len(from); i += 2 {
			to[i], to[i+1] = from[i+1], from[i]
		}
	}
	return win.Void{}, 0
}

// pageSize is as far as memory is the same for all bytes of an access.
const pageSize = 0x1000

// find looks for a character of 1 or 2 bytes among the count that start at p
// and returns its index, or how many there were. Only what comes before it is
// read, page by page.
func find(c *win.Call, p win.Ptr, width int, count uint64, ch uint16) (index uint64, found bool) {
	for index < count {
		at := p + win.Ptr(index*uint64(width))
		n := max((pageSize-uint64(at)%pageSize)/uint64(width), 1)
		n = min(n, count-index)
		b := c.Bytes(at, n*uint64(width))
		if c.Faulted() {
			return index, false
		}
		if i := indexUnit(b, width, ch); i >= 0 {
			return index + uint64(i), true
		}
		index += n
	}
	return index, false
}

func indexUnit(b []byte, width int, ch uint16) int {
	if width == 1 {
		return bytes.IndexByte(b, byte(ch))
	}
	for i := 0; i+1 < len(b); i += 2 {
		if binary.LittleEndian.Uint16(b[i:]) == ch {
			return i / 2
		}
	}
	return -1
}
