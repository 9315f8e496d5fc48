package winhttp

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

var requestRows = win.Rows{
	win.Func4("WinHttpAddRequestHeaders", winHTTPAddRequestHeaders, "hRequest lpszHeaders dwHeadersLength dwModifiers"),
	win.Func7("WinHttpOpenRequest", winHTTPOpenRequest, "hConnect pwszVerb pwszObjectName pwszVersion pwszReferrer ppwszAcceptTypes dwFlags"),
	win.Func7("WinHttpSendRequest", winHTTPSendRequest, "hRequest lpszHeaders dwHeadersLength lpOptional dwOptionalLength dwTotalLength dwContext"),
	win.Func4("WinHttpWriteData", winHTTPWriteData, "hRequest lpBuffer dwNumberOfBytesToWrite lpdwNumberOfBytesWritten"),
}

// winHTTPOpenRequest prepares a request.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpopenrequest
func winHTTPOpenRequest(c *win.Call, hConnect win.Handle, pwszVerb, pwszObjectName, pwszVersion, pwszReferrer win.WStr, ppwszAcceptTypes win.Ptr, dwFlags win.Hex) (win.Handle, win.Error) {
	conn, err := lookup[*httpstack.Connection](c, hConnect)
	if err != 0 {
		return 0, err
	}
	const (
		flagSecure  = 0x0080_0000 // WINHTTP_FLAG_SECURE
		flagRefresh = 0x0000_0100 // WINHTTP_FLAG_REFRESH
	)
	r := &request{Request: conn.NewRequest(pwszVerb.Text, pwszObjectName.Text, dwFlags&flagSecure != 0)}
	r.NoCache = dwFlags&flagRefresh != 0
	if !pwszReferrer.Null() {
		r.Headers = append(r.Headers, httpstack.Header{Name: "Referer", Value: pwszReferrer.Text})
	}
	r.Accept = httpstack.AcceptTypes(c, ppwszAcceptTypes)
	return handles(c).Add(r)
}

// winHTTPAddRequestHeaders changes the headers of a request.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpaddrequestheaders
func winHTTPAddRequestHeaders(c *win.Call, hRequest win.Handle, lpszHeaders win.TText, dwHeadersLength win.DWORD, dwModifiers win.Hex) (win.Bool, win.Error) {
	r, err := lookup[*request](c, hRequest)
	if err != 0 {
		return false, err
	}
	if lpszHeaders == 0 || dwHeadersLength == 0 {
		return false, win.ErrInvalidParameter
	}
	err = r.Headers.Change(httpstack.Text(c, lpszHeaders, dwHeadersLength), uint32(dwModifiers))
	return err == 0, err
}

// winHTTPSendRequest sends a request. If more of a body was announced than is
// there, the request goes out with the last of it, or when the answer is asked
// for.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpsendrequest
func winHTTPSendRequest(c *win.Call, hRequest win.Handle, lpszHeaders win.TText, dwHeadersLength win.DWORD, lpOptional win.Ptr, dwOptionalLength, dwTotalLength win.DWORD, dwContext win.Ptr) (win.Bool, win.Error) {
	r, err := lookup[*request](c, hRequest)
	if err != 0 {
		return false, err
	}
	if dwTotalLength < dwOptionalLength && dwTotalLength != 0 {
		return false, win.ErrInvalidParameter
	}
	if err := r.Headers.Change(httpstack.Text(c, lpszHeaders, dwHeadersLength), httpstack.Add); err != 0 {
		return false, err
	}
	r.ResetBody()
	if lpOptional != 0 {
		r.Write(c.Bytes(lpOptional, uint64(dwOptionalLength)))
	}
	if c.Faulted() {
		return false, 0
	}
	r.begun, r.received, r.total = true, false, uint32(dwTotalLength)
	r.Response = nil
	if dwContext != 0 {
		r.Status.Context = uint64(dwContext)
	}
	return r.begin(c, apiSendRequest, func(c *win.Call) win.Error {
		err := r.sendIfWhole(c)
		if err == 0 && r.Status.Async {
			r.tell(c, sendComplete, nil)
		}
		return err
	})
}

// sendIfWhole sends a request whose body is complete.
func (r *request) sendIfWhole(c *win.Call) win.Error {
	if r.BodySize() < int(r.total) {
		return 0
	}
	err := r.send(c)
	r.begun = err == 0
	return err
}

// winHTTPWriteData adds to the body of a request that was announced to have
// more.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpwritedata
func winHTTPWriteData(c *win.Call, hRequest win.Handle, lpBuffer win.Ptr, dwNumberOfBytesToWrite win.DWORD, lpdwNumberOfBytesWritten win.Out[uint32]) (win.Bool, win.Error) {
	r, err := lookup[*request](c, hRequest)
	if err != 0 {
		return false, err
	}
	data := c.Bytes(lpBuffer, uint64(dwNumberOfBytesToWrite))
	switch {
	case c.Faulted():
		return false, 0
	case !r.begun || r.Response != nil:
		return false, httpstack.ErrIncorrectHandleState
	case r.BodySize()+len(data) > int(r.total):
		return false, win.ErrInvalidParameter
	}
	r.Write(data)
	lpdwNumberOfBytesWritten.Set(c, uint32(dwNumberOfBytesToWrite))
	return r.begin(c, apiWriteData, func(c *win.Call) win.Error {
		err := r.sendIfWhole(c)
		if err == 0 && r.Status.Async {
			r.tell(c, writeComplete, dword(uint32(dwNumberOfBytesToWrite)))
		}
		return err
	})
}
