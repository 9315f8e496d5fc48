package crypt32

import (
	"encoding/binary"
	"fmt"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var stringRows = win.Rows{
	win.Partial(win.Func5("CryptBinaryToString{A,W}", cryptBinaryToString, "pbBinary cbBinary dwFlags pszString pcchString"),
		"base64 and plain hexadecimal; not the formats with addresses or characters beside"),
	win.Partial(win.Func7("CryptStringToBinary{A,W}", cryptStringToBinary, "pszString cchString dwFlags pbBinary pcbBinary pdwSkip pdwFlags"),
		"base64, plain hexadecimal and binary; not the formats with addresses or characters beside"),
}

// cryptStringToBinary decodes text. The string need not end in a NUL if its
// length is given.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptstringtobinaryw
func cryptStringToBinary(c *win.Call, pszString win.TText, cchString win.DWORD, dwFlags win.Hex, pbBinary win.Ptr, pcbBinary, pdwSkip, pdwFlags win.Out[uint32]) (win.Bool, win.Error) {
	if pszString == 0 || pcbBinary.Null() {
		return false, win.ErrInvalidParameter
	}
	if dwFlags&(noCR|noCRLF) != 0 {
		return false, win.ErrInvalidData // these are for encoding
	}
	format := uint32(dwFlags) &^ strict
	if !modelled(format) {
		c.Gap(fmt.Sprintf("format %#x", format))
		return false, win.ErrInvalidData
	}
	text, ok := characters(c, win.Ptr(pszString), uint64(cchString))
	if c.Faulted() {
		return false, 0
	}
	if !ok {
		return false, win.ErrInvalidData
	}
	d, ok := decode(text, format)
	if !ok {
		return false, win.ErrInvalidData
	}
	if pbBinary != 0 {
		if uint64(pcbBinary.Get(c)) < uint64(len(d.data)) {
			return false, win.ErrMoreData
		}
		c.Write(pbBinary, d.data)
	}
	pcbBinary.Set(c, uint32(len(d.data)))
	pdwSkip.Set(c, uint32(d.skip))
	pdwFlags.Set(c, d.format)
	return true, 0
}

// characters reads n characters, or up to a NUL if n is 0, as bytes. In a wide
// string, one that is no byte makes it false.
func characters(c *win.Call, at win.Ptr, n uint64) (string, bool) {
	if c.ANSI() {
		if n == 0 {
			b, err := c.Mem.CString(uint64(at))
			if err != nil {
				c.Fail(err)
			}
			return string(b), true
		}
		return string(c.Bytes(at, n)), true
	}
	var wide []byte
	if n == 0 {
		var err error
		if wide, err = c.Mem.WString(uint64(at)); err != nil {
			c.Fail(err)
		}
	} else {
		wide = c.Bytes(at, 2*n)
	}
	text := make([]byte, 0, len(wide)/2)
	for i := 0; i+1 < len(wide); i += 2 {
		u := binary.LittleEndian.Uint16(wide[i:])
		if u > 0xFF {
			return "", false
		}
		text = append(text, byte(u))
	}
	return string(text), true
}

// cryptBinaryToString encodes bytes. A buffer that is too small is not written
// to; on Windows the ANSI version fills it first.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptbinarytostringw
func cryptBinaryToString(c *win.Call, pbBinary win.Ptr, cbBinary win.DWORD, dwFlags win.Hex, pszString win.Ptr, pcchString win.Out[uint32]) (win.Bool, win.Error) {
	if pbBinary == 0 || cbBinary == 0 || pcchString.Null() {
		return false, win.ErrInvalidParameter
	}
	const longest = 64 << 20 // of the data; no text of it would fit the memory
	if cbBinary > longest {
		return false, win.ErrNotEnoughMemory
	}
	data := c.Bytes(pbBinary, uint64(cbBinary))
	if c.Faulted() {
		return false, 0
	}
	if uint32(dwFlags)&^(noCR|noCRLF|strict) == formatBinary {
		return put(c, data, len(data), pszString, pcchString, false)
	}
	text, ok := encode(data, uint32(dwFlags))
	if !ok {
		c.Gap(fmt.Sprintf("format %#x", uint32(dwFlags)))
		return false, win.ErrInvalidParameter
	}
	encoded := guest.UTF16(text)
	if c.ANSI() {
		encoded = guest.ANSI(text)
	}
	return put(c, encoded, len(text)+1, pszString, pcchString, true)
}

// put hands out size characters, of which the last is a terminator that does
// not count in the result.
func put(c *win.Call, text []byte, size int, pszString win.Ptr, pcchString win.Out[uint32], terminated bool) (win.Bool, win.Error) {
	if pszString == 0 {
		pcchString.Set(c, uint32(size))
		return true, 0
	}
	if uint64(pcchString.Get(c)) < uint64(size) {
		pcchString.Set(c, uint32(size))
		return false, win.ErrMoreData
	}
	c.Write(pszString, text)
	if terminated {
		size--
	}
	pcchString.Set(c, uint32(size))
	return true, 0
}
