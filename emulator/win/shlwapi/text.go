package shlwapi

import (
	"unicode"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// Functions of this DLL answer with places in the text they are given, so they
// work on its characters as they are stored: bytes of an ANSI string, units of
// UTF-16. Text longer than a path is no mistake; text without an end is.

// text is a string of the guest with its place.
type text struct {
	at    win.Ptr
	size  uint64 // bytes of a character
	chars []uint16
}

// read takes the string at p; empty, with at 0, for a null pointer.
func read(c *win.Call, p win.TText) text {
	t := text{at: win.Ptr(p), size: c.CharSize()}
	if p != 0 {
		t.chars = characters(c, win.Ptr(p))
	}
	return t
}

func characters(c *win.Call, p win.Ptr) []uint16 {
	if c.ANSI() {
		b, err := c.Mem.CString(uint64(p))
		if err != nil {
			c.Fail(err)
		}
		chars := make([]uint16, len(b))
		for i := range b {
			chars[i] = uint16(b[i])
		}
		return chars
	}
	b, err := c.Mem.WString(uint64(p))
	if err != nil {
		c.Fail(err)
	}
	chars := make([]uint16, len(b)/2)
	for i := range chars {
		chars[i] = le.Uint16(b[2*i:])
	}
	return chars
}

// place is the address of character i.
func (t text) place(i int) win.Ptr { return t.at + win.Ptr(uint64(i)*t.size) }

// write stores characters and their end at p.
func write(c *win.Call, p win.Ptr, chars []uint16) {
	size := c.CharSize()
	b := make([]byte, 0, (uint64(len(chars))+1)*size)
	for _, u := range chars {
		b = append(b, byte(u))
		if size == 2 {
			b = append(b, byte(u>>8))
		}
	}
	c.Write(p, append(b, make([]byte, size)...))
}

// decoded is what the characters say.
func decoded(c *win.Call, chars []uint16) string {
	b := make([]byte, 0, 2*len(chars))
	for _, u := range chars {
		b = append(b, byte(u))
		if !c.ANSI() {
			b = append(b, byte(u>>8))
		}
	}
	if c.ANSI() {
		return string(guest.AppendANSI(nil, b))
	}
	return string(guest.AppendUTF8(nil, b))
}

// fold makes characters that differ in case only the same.
func fold(u uint16) uint16 { return uint16(unicode.ToLower(rune(u))) }

func same(u uint16) uint16 { return u }

// equal compares characters as key sees them.
func equal(a, b []uint16, key func(uint16) uint16) bool {
	return len(a) == len(b) && hasPrefix(a, b, key)
}

func hasPrefix(s, prefix []uint16, key func(uint16) uint16) bool {
	if len(s) < len(prefix) {
		return false
	}
	for i, u := range prefix {
		if key(s[i]) != key(u) {
			return false
		}
	}
	return true
}

// ascii is a Go string as characters.
func ascii(s string) []uint16 {
	chars := make([]uint16, len(s))
	for i := range s {
		chars[i] = uint16(s[i])
	}
	return chars
}

func join(parts ...[]uint16) []uint16 {
	var all []uint16
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}
