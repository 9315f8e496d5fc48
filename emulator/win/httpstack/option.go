package httpstack

import (
	"encoding/binary"

	"sidetrace/emulator/win"
)

// StoreOption stores an option's value, whose terminator does not count in its
// length. For a buffer that is too short, the size that is needed is told.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpqueryoption
func StoreOption(c *win.Call, value []byte, terminator uint64, buffer win.Ptr, length win.Out[uint32]) (win.Bool, win.Error) {
	size := uint32(len(value))
	if space := length.Get(c); buffer == 0 || space < size {
		length.Set(c, size)
		return false, win.ErrInsufficientBuffer
	}
	c.Write(buffer, value)
	length.Set(c, size-uint32(terminator))
	return true, 0
}

// ParentOption is the value of the option for the handle that an object was
// opened through: NULL for a session.
func ParentOption(o Object) []byte {
	h := win.Handle(0)
	if p := o.Self().Parent; p != nil {
		h = p.Handle
	}
	return binary.LittleEndian.AppendUint64(nil, uint64(h))
}
