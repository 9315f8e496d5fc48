package crt

import "sidetrace/emulator/win"

// Wsprintf makes the text of a format as wsprintf of user32.dll does, which is
// printf for integers, characters and text. The arguments are those of the
// call itself from a slot on, or those a va_list leads to if it is not 0. The
// text is in code units: bytes, or UTF-16 if wide.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-wsprintfw
func Wsprintf(c *win.Call, wide bool, format win.Ptr, slot int, list win.Ptr) []uint16 {
	p := printer{dialect: dialect{wide: wide, old: true, plain: true}, c: c, args: variadic{c: c, slot: slot, list: list}}
	read, units := c.Mem.CString, narrowUnits
	if wide {
		read, units = c.Mem.WString, wideUnits
	}
	text, err := read(uint64(format))
	if err != nil {
		c.Fail(err)
		return nil
	}
	out, _ := p.print(units(text))
	return out
}

// Bytes are code units as they are stored, with a terminator.
func Bytes(wide bool, units []uint16) []byte {
	if wide {
		return append(wideBytes(units), 0, 0)
	}
	return append(narrowBytes(units), 0)
}
