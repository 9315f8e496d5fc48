package advapi32

import "sidetrace/emulator/win"

var userRows = win.Rows{
	win.Func2("GetUserName{A,W}", getUserName, "lpBuffer pcbBuffer"),
}

// getUserName gives the name of the machine's user. The size is in characters,
// with the terminator.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getusernamew
func getUserName(c *win.Call, lpBuffer win.Ptr, pcbBuffer win.Out[uint32]) (win.Bool, win.Error) {
	if pcbBuffer.Null() {
		return false, win.ErrInvalidParameter
	}
	b := c.Encode(c.Config.User)
	n := uint32(uint64(len(b)) / c.CharSize())
	space := pcbBuffer.Get(c)
	pcbBuffer.Set(c, n)
	if lpBuffer == 0 || space < n {
		return false, win.ErrInsufficientBuffer
	}
	c.Write(lpBuffer, b)
	return true, 0
}
