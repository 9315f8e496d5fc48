// Package winhttp has the handlers of winhttp.dll. A session opened for
// asynchronous use works on a thread of its own and calls the guest back;
// there is no proxy.
package winhttp

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

// Table returns winhttp.dll.
func Table() win.Table {
	return win.DLL("winhttp.dll", sessionRows, requestRows, responseRows, optionRows, proxyRows, convertRows, win.Worker())
}

// request is a request on its way: its body may follow piece by piece, and its
// answer is asked for by itself.
type request struct {
	httpstack.Request
	total    uint32 // bytes of body announced
	begun    bool   // WinHttpSendRequest was called
	received bool   // WinHttpReceiveResponse was called
}

type stateKey struct{}

// handles are pointers on Windows, which the guest does not follow. A child
// lives on when its parent is closed.
func handles(c *win.Call) *httpstack.Handles {
	const firstHandle, handleStep = 0x0000_0196_5A30_0000, 0x40
	t, ok := c.State[stateKey{}].(*httpstack.Handles)
	if !ok {
		t = httpstack.NewHandles(firstHandle, handleStep, false)
		c.State[stateKey{}] = t
	}
	return t
}

func lookup[T httpstack.Object](c *win.Call, h win.Handle) (T, win.Error) {
	return httpstack.Lookup[T](handles(c), h)
}

// answered finds a request whose answer has been received.
func answered(c *win.Call, h win.Handle) (*request, win.Error) {
	r, err := lookup[*request](c, h)
	switch {
	case err != 0:
		return nil, err
	case !r.received:
		return nil, httpstack.ErrIncorrectHandleState
	}
	return r, 0
}
