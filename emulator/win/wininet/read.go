package wininet

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

var readRows = win.Rows{
	win.Func4("InternetQueryDataAvailable", internetQueryDataAvailable, "hFile lpdwNumberOfBytesAvailable dwFlags dwContext"),
	win.Func4("InternetReadFile", internetReadFile, "hFile lpBuffer dwNumberOfBytesToRead lpdwNumberOfBytesRead"),
}

// answer finds the answer behind a handle.
func answer(c *win.Call, h win.Handle) (*httpstack.Response, win.Error) {
	r, err := lookup[*httpstack.Request](c, h)
	switch {
	case err != 0:
		return nil, err
	case r.Response == nil:
		return nil, httpstack.ErrIncorrectHandleState
	}
	return r.Response, 0
}

// internetReadFile reads from the body of an answer. At its end it succeeds
// with no bytes.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetreadfile
func internetReadFile(c *win.Call, hFile win.Handle, lpBuffer win.Ptr, dwNumberOfBytesToRead win.DWORD, lpdwNumberOfBytesRead win.Out[uint32]) (win.Bool, win.Error) {
	r, err := answer(c, hFile)
	if err != 0 {
		return false, err
	}
	if lpdwNumberOfBytesRead.Null() {
		return false, win.ErrInvalidParameter
	}
	if buffer := c.Buffer(lpBuffer, uint64(min(int(dwNumberOfBytesToRead), r.Available()))); !c.Faulted() {
		n := copy(buffer, r.Read(c, uint64(len(buffer))))
		lpdwNumberOfBytesRead.Set(c, uint32(n))
	}
	return true, 0
}

// internetQueryDataAvailable tells how much can be read at once: all of it,
// since answers come whole.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetquerydataavailable
func internetQueryDataAvailable(c *win.Call, hFile win.Handle, lpdwNumberOfBytesAvailable win.Out[uint32], dwFlags win.Hex, dwContext win.Ptr) (win.Bool, win.Error) {
	r, err := answer(c, hFile)
	if err != 0 {
		return false, err
	}
	lpdwNumberOfBytesAvailable.Set(c, uint32(r.Available()))
	return true, 0
}
