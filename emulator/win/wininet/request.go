package wininet

import (
	"errors"
	"strings"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

var requestRows = win.Rows{
	win.Func4("HttpAddRequestHeaders{A,W}", httpAddRequestHeaders, "hRequest lpszHeaders dwHeadersLength dwModifiers"),
	win.Func4("HttpEndRequest{A,W}", httpEndRequest, "hRequest lpBuffersOut dwFlags dwContext"),
	win.Func8("HttpOpenRequest{A,W}", httpOpenRequest, "hConnect lpszVerb lpszObjectName lpszVersion lpszReferrer lplpszAcceptTypes dwFlags dwContext"),
	win.Partial(win.Func5("HttpQueryInfo{A,W}", httpQueryInfo, "hRequest dwInfoLevel lpBuffer lpdwBufferLength lpdwIndex"),
		"not as SYSTEMTIME"),
	win.Func5("HttpSendRequest{A,W}", httpSendRequest, "hRequest lpszHeaders dwHeadersLength lpOptional dwOptionalLength"),
	win.Func5("HttpSendRequestEx{A,W}", httpSendRequestEx, "hRequest lpBuffersIn lpBuffersOut dwFlags dwContext"),
	win.Partial(win.Func6("InternetOpenUrl{A,W}", internetOpenURL, "hInternet lpszUrl lpszHeaders dwHeadersLength dwFlags dwContext"),
		"http and https"),
	win.Func4("InternetWriteFile", internetWriteFile, "hFile lpBuffer dwNumberOfBytesToWrite lpdwNumberOfBytesWritten"),
}

// Flags of a request, INTERNET_FLAG_*.
const (
	flagSecure     = 0x0080_0000
	flagNoCookies  = 0x0008_0000
	flagNoRedirect = 0x0020_0000
	flagReload     = 0x8000_0000
	flagNoCache    = 0x0000_0100 // INTERNET_FLAG_PRAGMA_NOCACHE
)

// setFlags sets what the flags of a request mean.
func setFlags(r *httpstack.Request, flags win.Hex) {
	r.NoCookies = flags&flagNoCookies != 0
	r.Stay = flags&flagNoRedirect != 0
	r.NoCache = flags&(flagReload|flagNoCache) != 0
}

// internetOpenURL requests a URL; what is returned is a handle of the request,
// to read the body from. A request that the machine's network does not answer
// fails at the name or at the connection.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetopenurlw
func internetOpenURL(c *win.Call, hInternet win.Handle, lpszUrl win.TStr, lpszHeaders win.TText, dwHeadersLength win.DWORD, dwFlags win.Hex, dwContext win.Ptr) (win.Handle, win.Error) {
	s, err := lookup[*httpstack.Session](c, hInternet)
	if err != 0 {
		return 0, err
	}
	if lpszUrl.Null() {
		return 0, win.ErrInvalidParameter
	}
	u, problem := httpstack.ParseURL(lpszUrl.Text)
	switch {
	case errors.Is(problem, httpstack.ErrNoScheme):
		return 0, httpstack.ErrUnrecognizedScheme
	case problem != nil:
		return 0, httpstack.ErrInvalidURL
	case strings.EqualFold(u.Scheme, "ftp"), strings.EqualFold(u.Scheme, "file"):
		c.Gap("a URL of scheme " + strings.ToLower(u.Scheme))
		return 0, httpstack.ErrCannotConnect
	case !u.HTTP():
		return 0, httpstack.ErrUnrecognizedScheme
	}
	server := &httpstack.Connection{Session: s, Host: u.Host, Port: u.Port}
	r := server.NewRequest("", u.Path+u.Extra, u.Secure())
	r.Parent = &s.Node
	setFlags(&r, dwFlags)
	if err := addHeaders(c, &r, lpszHeaders, dwHeadersLength); err != 0 {
		return 0, err
	}
	if c.Faulted() {
		return 0, 0
	}
	r.Status.Context = uint64(dwContext)
	h, err := handles(c).Add(&r)
	if err != 0 {
		return 0, err
	}
	if waits(&r) {
		r.Tell(c, handleCreated, httpstack.AsyncResult(uint64(h), 0))
		return 0, begin(c, &r, func(c *win.Call) (uint64, win.Error) { return uint64(h), send(c, &r) })
	}
	if err := send(c, &r); err != 0 {
		_ = handles(c).Close(h) // it was just opened
		return 0, err
	}
	return h, 0
}

// addHeaders adds the headers that come with sending.
func addHeaders(c *win.Call, r *httpstack.Request, headers win.TText, length win.DWORD) win.Error {
	return r.Headers.Change(httpstack.Text(c, headers, length), httpstack.Add|httpstack.Replace)
}

// httpOpenRequest prepares a request. Headers and body follow.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-httpopenrequestw
func httpOpenRequest(c *win.Call, hConnect win.Handle, lpszVerb, lpszObjectName, lpszVersion, lpszReferrer win.TStr, lplpszAcceptTypes win.Ptr, dwFlags win.Hex, dwContext win.Ptr) (win.Handle, win.Error) {
	conn, err := lookup[*httpstack.Connection](c, hConnect)
	if err != 0 {
		return 0, err
	}
	r := conn.NewRequest(lpszVerb.Text, lpszObjectName.Text, dwFlags&flagSecure != 0)
	setFlags(&r, dwFlags)
	if !lpszReferrer.Null() {
		r.Headers = append(r.Headers, httpstack.Header{Name: "Referer", Value: lpszReferrer.Text})
	}
	r.Accept = httpstack.AcceptTypes(c, lplpszAcceptTypes)
	r.Status.Context = uint64(dwContext)
	h, err := handles(c).Add(&r)
	if err == 0 {
		r.Tell(c, handleCreated, httpstack.AsyncResult(uint64(h), 0))
	}
	return h, err
}

// httpAddRequestHeaders changes the headers of a request.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-httpaddrequestheadersw
func httpAddRequestHeaders(c *win.Call, hRequest win.Handle, lpszHeaders win.TText, dwHeadersLength win.DWORD, dwModifiers win.Hex) (win.Bool, win.Error) {
	r, err := lookup[*httpstack.Request](c, hRequest)
	if err != 0 {
		return false, err
	}
	if lpszHeaders == 0 || dwHeadersLength == 0 {
		return false, win.ErrInvalidParameter
	}
	err = r.Headers.Change(httpstack.Text(c, lpszHeaders, dwHeadersLength), uint32(dwModifiers))
	return err == 0, err
}

// httpSendRequest sends a request and takes its answer. A request can be sent
// again.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-httpsendrequestw
func httpSendRequest(c *win.Call, hRequest win.Handle, lpszHeaders win.TText, dwHeadersLength win.DWORD, lpOptional win.Ptr, dwOptionalLength win.DWORD) (win.Bool, win.Error) {
	r, err := lookup[*httpstack.Request](c, hRequest)
	if err != 0 {
		return false, err
	}
	if err := addHeaders(c, r, lpszHeaders, dwHeadersLength); err != 0 {
		return false, err
	}
	r.ResetBody()
	if lpOptional != 0 {
		r.Write(c.Bytes(lpOptional, uint64(dwOptionalLength)))
	}
	if c.Faulted() {
		return false, 0
	}
	return finish(c, r)
}

// INTERNET_BUFFERS as 64-bit code lays it out.
//
// https://learn.microsoft.com/windows/win32/api/wininet/ns-wininet-internet_buffersw
const (
	buffersSize    = 56
	buffersHeaders = 16
	buffersLength  = 24 // of the headers
	buffersBody    = 32
	buffersBodyNow = 40 // how much of it is here already
)

// httpSendRequestEx begins a request whose body follows. It goes out when
// HttpEndRequest is called.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-httpsendrequestexw
func httpSendRequestEx(c *win.Call, hRequest win.Handle, lpBuffersIn, lpBuffersOut win.Ptr, dwFlags win.Hex, dwContext win.Ptr) (win.Bool, win.Error) {
	r, err := lookup[*httpstack.Request](c, hRequest)
	if err != 0 {
		return false, err
	}
	r.ResetBody()
	r.Response = nil
	if lpBuffersIn == 0 {
		return true, 0
	}
	if c.ReadUint(lpBuffersIn, 4) != buffersSize {
		return false, win.ErrInvalidParameter
	}
	headers := win.TText(c.ReadUint(lpBuffersIn+buffersHeaders, 8))
	if err := addHeaders(c, r, headers, win.DWORD(c.ReadUint(lpBuffersIn+buffersLength, 4))); err != 0 {
		return false, err
	}
	if body := win.Ptr(c.ReadUint(lpBuffersIn+buffersBody, 8)); body != 0 {
		r.Write(c.Bytes(body, c.ReadUint(lpBuffersIn+buffersBodyNow, 4)))
	}
	return true, 0
}

// internetWriteFile adds to the body of a request begun by HttpSendRequestEx.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetwritefile
func internetWriteFile(c *win.Call, hFile win.Handle, lpBuffer win.Ptr, dwNumberOfBytesToWrite win.DWORD, lpdwNumberOfBytesWritten win.Out[uint32]) (win.Bool, win.Error) {
	r, err := lookup[*httpstack.Request](c, hFile)
	if err != 0 {
		return false, err
	}
	r.Write(c.Bytes(lpBuffer, uint64(dwNumberOfBytesToWrite)))
	lpdwNumberOfBytesWritten.Set(c, uint32(dwNumberOfBytesToWrite))
	return true, 0
}

// httpEndRequest sends what HttpSendRequestEx began and takes the answer.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-httpendrequestw
func httpEndRequest(c *win.Call, hRequest win.Handle, lpBuffersOut win.Ptr, dwFlags win.Hex, dwContext win.Ptr) (win.Bool, win.Error) {
	r, err := lookup[*httpstack.Request](c, hRequest)
	if err != 0 {
		return false, err
	}
	return finish(c, r)
}

// httpQueryInfo reads a header of the answer, or of the request.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-httpqueryinfow
func httpQueryInfo(c *win.Call, hRequest win.Handle, dwInfoLevel win.Hex, lpBuffer win.Ptr, lpdwBufferLength, lpdwIndex win.Out[uint32]) (win.Bool, win.Error) {
	r, err := lookup[*httpstack.Request](c, hRequest)
	if err != 0 {
		return false, err
	}
	custom := ""
	if dwInfoLevel&0xFFFF == httpstack.QueryCustom && lpBuffer != 0 {
		custom = c.TString(lpBuffer)
	}
	err = r.Query(c, uint32(dwInfoLevel), custom, lpBuffer, lpdwBufferLength, lpdwIndex)
	return err == 0, err
}
