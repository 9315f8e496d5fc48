package wininet

import (
	"encoding/binary"
	"fmt"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

var sessionRows = win.Rows{
	win.Stub("InternetAttemptConnect", win.DWORD(0), "dwReserved"),
	win.Func1("InternetCloseHandle", internetCloseHandle, "hInternet"),
	win.Partial(win.Func8("InternetConnect{A,W}", internetConnect, "hInternet lpszServerName nServerPort lpszUserName lpszPassword dwService dwFlags dwContext"),
		"HTTP; credentials are not sent"),
	win.Func2("InternetGetConnectedState", internetGetConnectedState, "lpdwFlags dwReserved"),
	win.Partial(win.Func5("InternetOpen{A,W}", internetOpen, "lpszAgent dwAccessType lpszProxy lpszProxyBypass dwFlags"),
		"no proxies"),
	win.Func2("InternetSetStatusCallback", internetSetStatusCallback, "hInternet lpfnInternetCallback"),
	win.Func2("InternetSetStatusCallback{A,W}", internetSetStatusCallback, "hInternet lpfnInternetCallback"),
}

// internetOpen begins a session.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetopenw
func internetOpen(c *win.Call, lpszAgent win.TStr, dwAccessType win.DWORD, lpszProxy, lpszProxyBypass win.TStr, dwFlags win.Hex) (win.Handle, win.Error) {
	const (
		accessProxy = 3           // INTERNET_OPEN_TYPE_PROXY
		async       = 0x1000_0000 // INTERNET_FLAG_ASYNC
		offline     = 0x0100_0000 // INTERNET_FLAG_FROM_CACHE, INTERNET_FLAG_OFFLINE
	)
	switch {
	case dwAccessType == accessProxy:
		c.Gap("a proxy")
	case dwFlags&offline != 0:
		c.Gap("the cache")
	}
	s := &httpstack.Session{Agent: lpszAgent.Text}
	s.Status.Async = dwFlags&async != 0
	return handles(c).Add(s)
}

// internetConnect names the server of the requests to come. Nothing is sent
// before one of them is.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetconnectw
func internetConnect(c *win.Call, hInternet win.Handle, lpszServerName win.TStr, nServerPort win.WORD, lpszUserName, lpszPassword win.TStr, dwService win.DWORD, dwFlags win.Hex, dwContext win.Ptr) (win.Handle, win.Error) {
	s, err := lookup[*httpstack.Session](c, hInternet)
	if err != 0 {
		return 0, err
	}
	const serviceHTTP = 3
	switch {
	case lpszServerName.Text == "":
		return 0, win.ErrInvalidParameter
	case dwService != serviceHTTP:
		c.Gap(fmt.Sprintf("service %d", dwService))
		return 0, httpstack.ErrCannotConnect
	}
	if lpszUserName.Text != "" {
		c.Gap("credentials")
	}
	conn := &httpstack.Connection{
		Node: httpstack.Node{Parent: &s.Node}, Session: s, Host: lpszServerName.Text, Port: int(nServerPort),
	}
	conn.Status.Context = uint64(dwContext)
	h, err := handles(c).Add(conn)
	if err == 0 {
		conn.Tell(c, handleCreated, httpstack.AsyncResult(uint64(h), 0))
	}
	return h, err
}

// internetCloseHandle closes a handle and those opened through it.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetclosehandle
func internetCloseHandle(c *win.Call, hInternet win.Handle) (win.Bool, win.Error) {
	o, err := lookup[httpstack.Object](c, hInternet)
	if err != 0 {
		return false, err
	}
	o.Self().Tell(c, handleClosing, binary.LittleEndian.AppendUint64(nil, uint64(hInternet)))
	err = handles(c).Close(hInternet)
	return err == 0, err
}

// internetGetConnectedState says that the machine is in a network.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetgetconnectedstate
func internetGetConnectedState(c *win.Call, lpdwFlags win.Out[uint32], dwReserved win.DWORD) (win.Bool, win.Error) {
	const lan, rasInstalled = 0x02, 0x10
	lpdwFlags.Set(c, lan|rasInstalled)
	return true, 0
}
