package winhttp

import (
	"encoding/binary"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

var sessionRows = win.Rows{
	win.Stub("WinHttpCheckPlatform", win.Bool(true), ""),
	win.Func1("WinHttpCloseHandle", winHTTPCloseHandle, "hInternet"),
	win.Func4("WinHttpConnect", winHTTPConnect, "hSession pswzServerName nServerPort dwReserved"),
	win.Partial(win.Func4("WinHttpCrackUrl", winHTTPCrackURL, "pwszUrl dwUrlLength dwFlags lpUrlComponents"),
		"nothing is decoded or escaped"),
	win.Partial(win.Func5("WinHttpOpen", winHTTPOpen, "pszAgentW dwAccessType pszProxyW pszProxyBypassW dwFlags"),
		"no proxies"),
	win.Func4("WinHttpSetStatusCallback", winHTTPSetStatusCallback, "hInternet lpfnInternetCallback dwNotificationFlags dwReserved"),
	win.Func5("WinHttpSetTimeouts", winHTTPSetTimeouts, "hInternet nResolveTimeout nConnectTimeout nSendTimeout nReceiveTimeout"),
}

// winHTTPOpen begins a session.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpopen
func winHTTPOpen(c *win.Call, pszAgentW win.WStr, dwAccessType win.DWORD, pszProxyW, pszProxyBypassW win.WStr, dwFlags win.Hex) (win.Handle, win.Error) {
	const (
		accessNamedProxy = 3           // WINHTTP_ACCESS_TYPE_NAMED_PROXY
		async            = 0x1000_0000 // WINHTTP_FLAG_ASYNC
	)
	if dwAccessType == accessNamedProxy {
		c.Gap("a proxy")
	}
	s := &httpstack.Session{Agent: pszAgentW.Text}
	s.Status.Async = dwFlags&async != 0
	return handles(c).Add(s)
}

// winHTTPConnect names the server of the requests to come. Nothing is sent
// before one of them is.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpconnect
func winHTTPConnect(c *win.Call, hSession win.Handle, pswzServerName win.WStr, nServerPort win.WORD, dwReserved win.DWORD) (win.Handle, win.Error) {
	s, err := lookup[*httpstack.Session](c, hSession)
	if err != 0 {
		return 0, err
	}
	if pswzServerName.Text == "" || dwReserved != 0 {
		return 0, win.ErrInvalidParameter
	}
	return handles(c).Add(&httpstack.Connection{
		Node: httpstack.Node{Parent: &s.Node}, Session: s, Host: pswzServerName.Text, Port: int(nServerPort),
	})
}

// winHTTPCloseHandle closes a handle.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpclosehandle
func winHTTPCloseHandle(c *win.Call, hInternet win.Handle) (win.Bool, win.Error) {
	o, err := lookup[httpstack.Object](c, hInternet)
	if err != 0 {
		return false, err
	}
	if n := o.Self(); n.Status.Mask&handleClosing != 0 {
		n.Tell(c, handleClosing, binary.LittleEndian.AppendUint64(nil, uint64(n.Handle)))
	}
	err = handles(c).Close(hInternet)
	return err == 0, err
}

// winHTTPSetTimeouts accepts time-outs. Nothing here takes so long.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpsettimeouts
func winHTTPSetTimeouts(c *win.Call, hInternet win.Handle, nResolveTimeout, nConnectTimeout, nSendTimeout, nReceiveTimeout win.Int) (win.Bool, win.Error) {
	if _, err := lookup[httpstack.Object](c, hInternet); err != 0 {
		return false, err
	}
	if min(nResolveTimeout, nConnectTimeout, nSendTimeout, nReceiveTimeout) < -1 {
		return false, win.ErrInvalidParameter
	}
	return true, 0
}

// winHTTPCrackURL takes a URL apart.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpcrackurl
func winHTTPCrackURL(c *win.Call, pwszUrl win.TText, dwUrlLength win.DWORD, dwFlags win.Hex, lpUrlComponents win.Ptr) (win.Bool, win.Error) {
	if dwUrlLength == 0 {
		dwUrlLength = ^win.DWORD(0)
	}
	text := httpstack.Text(c, pwszUrl, dwUrlLength)
	if c.Faulted() {
		return false, 0
	}
	err := httpstack.Crack(c, text, win.Ptr(pwszUrl), uint32(dwFlags), lpUrlComponents, schemeKind)
	return err == 0, err
}

// schemeKind is the INTERNET_SCHEME of a scheme as winhttp.h numbers them.
func schemeKind(scheme string) (uint32, bool) {
	switch scheme {
	case "http":
		return 1, true
	case "https":
		return 2, true
	}
	return 0, false
}
