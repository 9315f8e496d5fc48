package winhttp

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

var responseRows = win.Rows{
	win.Func2("WinHttpQueryDataAvailable", winHTTPQueryDataAvailable, "hRequest lpdwNumberOfBytesAvailable"),
	win.Partial(win.Func6("WinHttpQueryHeaders", winHTTPQueryHeaders, "hRequest dwInfoLevel pwszName lpBuffer lpdwBufferLength lpdwIndex"),
		"not as SYSTEMTIME"),
	win.Func4("WinHttpReadData", winHTTPReadData, "hRequest lpBuffer dwNumberOfBytesToRead lpdwNumberOfBytesRead"),
	win.Func2("WinHttpReceiveResponse", winHTTPReceiveResponse, "hRequest lpReserved"),
}

// winHTTPReceiveResponse takes the answer of a request that was sent.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpreceiveresponse
func winHTTPReceiveResponse(c *win.Call, hRequest win.Handle, lpReserved win.Ptr) (win.Bool, win.Error) {
	r, err := lookup[*request](c, hRequest)
	switch {
	case err != 0:
		return false, err
	case !r.begun && !r.Status.Async:
		return false, httpstack.ErrIncorrectHandleState
	}
	return r.begin(c, apiReceiveResponse, func(c *win.Call) win.Error {
		r.tell(c, receivingResponse, nil)
		if r.Response == nil { // the body is shorter than announced
			if err := r.send(c); err != 0 {
				return err
			}
		}
		r.received = true
		r.tell(c, responseReceived, dword(uint32(r.Response.Available())))
		r.tell(c, headersAvailable, nil)
		return 0
	})
}

// winHTTPQueryHeaders reads a header of the answer, or of the request.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpqueryheaders
func winHTTPQueryHeaders(c *win.Call, hRequest win.Handle, dwInfoLevel win.Hex, pwszName win.WStr, lpBuffer win.Ptr, lpdwBufferLength, lpdwIndex win.Out[uint32]) (win.Bool, win.Error) {
	const requestHeaders = 0x8000_0000 // WINHTTP_QUERY_FLAG_REQUEST_HEADERS
	r, err := lookup[*request](c, hRequest)
	switch {
	case err != 0:
		return false, err
	case !r.received && dwInfoLevel&requestHeaders == 0:
		return false, httpstack.ErrIncorrectHandleState
	}
	err = r.Query(c, uint32(dwInfoLevel), pwszName.Text, lpBuffer, lpdwBufferLength, lpdwIndex)
	return err == 0, err
}

// winHTTPQueryDataAvailable tells how much can be read at once; 0 is the end of
// the body. It hands out no more than the buffer Windows reads into holds.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpquerydataavailable
func winHTTPQueryDataAvailable(c *win.Call, hRequest win.Handle, lpdwNumberOfBytesAvailable win.Out[uint32]) (win.Bool, win.Error) {
	r, err := answered(c, hRequest)
	if err != 0 {
		return false, err
	}
	return r.begin(c, apiQueryData, func(c *win.Call) win.Error {
		const readBuffer = 8 << 10
		n := uint32(min(r.Response.Available(), readBuffer))
		if n == 0 {
			r.Response.Read(c, 0) // a loop that asks first never reads nothing
		}
		if r.Status.Async {
			r.tell(c, dataAvailable, dword(n))
		} else {
			lpdwNumberOfBytesAvailable.Set(c, n)
		}
		return 0
	})
}

// winHTTPReadData reads from the body of an answer. At its end it succeeds with
// no bytes.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpreaddata
func winHTTPReadData(c *win.Call, hRequest win.Handle, lpBuffer win.Ptr, dwNumberOfBytesToRead win.DWORD, lpdwNumberOfBytesRead win.Out[uint32]) (win.Bool, win.Error) {
	r, err := answered(c, hRequest)
	if err != 0 {
		return false, err
	}
	return r.begin(c, apiReadData, func(c *win.Call) win.Error {
		buffer := c.Buffer(lpBuffer, uint64(min(int(dwNumberOfBytesToRead), r.Response.Available())))
		if c.Faulted() {
			return 0
		}
		n := copy(buffer, r.Response.Read(c, uint64(len(buffer))))
		if !r.Status.Async {
			lpdwNumberOfBytesRead.Set(c, uint32(n))
		} else if r.Status.Mask&readComplete != 0 {
			r.TellAt(c, readComplete, uint64(lpBuffer), uint64(n))
		}
		return 0
	})
}
