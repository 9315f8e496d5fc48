package kernel32

import (
	"encoding/binary"

	"sidetrace/emulator/win"
)

// fill stores text in the caller's buffer of size characters, by the
// convention of most functions that return text: the result is its length
// without the terminator, or, when it does not fit, the size it needs with
// the terminator.
func fill(c *win.Call, buffer win.Ptr, size win.DWORD, text string) win.DWORD {
	b := c.Encode(text)
	need := win.DWORD(uint64(len(b)) / c.CharSize())
	if need > size || buffer == 0 {
		return need
	}
	c.Write(buffer, b)
	return need - 1
}

// le is the byte order of everything the guest sees.
var le = binary.LittleEndian
