package winhttp

import (
	"encoding/binary"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

// What a callback is told, WINHTTP_CALLBACK_STATUS_*.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nc-winhttp-winhttp_status_callback
const (
	resolvingName     = 0x0000_0001
	nameResolved      = 0x0000_0002
	connectingTo      = 0x0000_0004
	connectedTo       = 0x0000_0008
	sendingRequest    = 0x0000_0010
	requestSent       = 0x0000_0020
	receivingResponse = 0x0000_0040
	responseReceived  = 0x0000_0080
	handleClosing     = 0x0000_0800
	headersAvailable  = 0x0002_0000
	dataAvailable     = 0x0004_0000
	readComplete      = 0x0008_0000
	writeComplete     = 0x0010_0000
	requestError      = 0x0020_0000
	sendComplete      = 0x0040_0000
)

// The functions an error tells of.
const (
	apiReceiveResponse = 1
	apiQueryData       = 2
	apiReadData        = 3
	apiWriteData       = 4
	apiSendRequest     = 5
)

// winHTTPSetStatusCallback sets the function that is told of what happens.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpsetstatuscallback
func winHTTPSetStatusCallback(c *win.Call, hInternet win.Handle, lpfnInternetCallback win.Ptr, dwNotificationFlags win.Hex, dwReserved win.Ptr) (win.FileHandle, win.Error) {
	o, err := lookup[httpstack.Object](c, hInternet)
	if err != 0 {
		return 0, err // INVALID_STATUS_CALLBACK
	}
	s := &o.Self().Status
	before := s.Callback
	s.Callback, s.Mask = lpfnInternetCallback, uint32(dwNotificationFlags)
	return win.FileHandle(before), 0
}

func (r *request) tell(c *win.Call, code uint32, info []byte) {
	if r.Status.Mask&code != 0 {
		r.Node.Tell(c, code, info)
	}
}

func dword(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }

// begin does the work of a call: at once, or in the background for a session
// that was opened so.
func (r *request) begin(c *win.Call, api uint64, work func(c *win.Call) win.Error) (win.Bool, win.Error) {
	if !r.Status.Async {
		err := work(c)
		return err == 0, err
	}
	ok := c.Background(func(c *win.Call) {
		if r.Closed() {
			return
		}
		if err := work(c); err != 0 {
			r.tell(c, requestError, httpstack.AsyncResult(api, err))
		}
	})
	if !ok {
		return false, win.ErrNotEnoughMemory
	}
	return true, 0
}

// send sends the request and tells of its steps.
func (r *request) send(c *win.Call) win.Error {
	host := guest.UTF16(r.Host)
	r.tell(c, resolvingName, host)
	r.tell(c, connectingTo, host)
	r.tell(c, sendingRequest, nil)
	if err := r.Request.Send(c); err != 0 {
		return err
	}
	r.tell(c, connectedTo, host)
	r.tell(c, requestSent, dword(uint32(r.BodySize())))
	return 0
}
