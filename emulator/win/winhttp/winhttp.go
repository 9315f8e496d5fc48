// Package winhttp has the handlers of winhttp.dll. Everything happens at once
// and in the call, as in a session that was not opened for asynchronous use;
// there is no proxy.
package winhttp

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

// Table returns winhttp.dll.
func Table() win.Table {
	return win.DLL("winhttp.dll", sessionRows, requestRows, responseRows, optionRows, proxyRows)
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
