package wininet

import (
	"encoding/binary"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

// What a callback is told, INTERNET_STATUS_*.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nc-wininet-internet_status_callback
const (
	resolvingName    = 10
	nameResolved     = 11
	connecting       = 20
	connected        = 21
	sendingRequest   = 30
	requestSent      = 31
	receiving        = 40
	responseReceived = 41
	handleCreated    = 60
	handleClosing    = 70
	requestComplete  = 100

	errIOPending win.Error = 997
)

// internetSetStatusCallback sets the function that is told of what happens and
// returns the one before.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetsetstatuscallback
func internetSetStatusCallback(c *win.Call, hInternet win.Handle, lpfnInternetCallback win.Ptr) (win.FileHandle, win.Error) {
	o, err := lookup[httpstack.Object](c, hInternet)
	if err != 0 {
		return 0, err // INTERNET_INVALID_STATUS_CALLBACK
	}
	s := &o.Self().Status
	before := s.Callback
	s.Callback = lpfnInternetCallback
	return win.FileHandle(before), 0
}

// waits reports whether a call returns before its work is done: in a session
// opened so, for a handle with a context and a callback.
func waits(r *httpstack.Request) bool {
	return r.Status.Async && r.Status.Context != 0 && r.Status.Callback != 0
}

// begin does the work of a call in the background; the callback is told the
// outcome. What is returned is the error of the call.
func begin(c *win.Call, r *httpstack.Request, work func(c *win.Call) (uint64, win.Error)) win.Error {
	ok := c.Background(func(c *win.Call) {
		if r.Closed() {
			return
		}
		outcome, err := work(c)
		if err != 0 {
			outcome = 0
		}
		r.Tell(c, requestComplete, httpstack.AsyncResult(outcome, err))
	})
	if !ok {
		return win.ErrNotEnoughMemory
	}
	return errIOPending
}

// finish sends a request that is complete.
func finish(c *win.Call, r *httpstack.Request) (win.Bool, win.Error) {
	if waits(r) {
		return false, begin(c, r, func(c *win.Call) (uint64, win.Error) { return 1, send(c, r) })
	}
	err := send(c, r)
	return err == 0, err
}

// send sends a request and tells of its steps.
func send(c *win.Call, r *httpstack.Request) win.Error {
	host := guest.ANSI(r.Host) // ANSI or not, as the callback was set; programs seldom look
	number := func(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }
	r.Tell(c, resolvingName, host)
	if err := r.Send(c); err != 0 {
		return err
	}
	r.Tell(c, nameResolved, host)
	r.Tell(c, connecting, host)
	r.Tell(c, connected, host)
	r.Tell(c, sendingRequest, nil)
	r.Tell(c, requestSent, number(r.BodySize()))
	r.Tell(c, receiving, nil)
	r.Tell(c, responseReceived, number(r.Response.Available()))
	return 0
}
