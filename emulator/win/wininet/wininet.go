// Package wininet has the handlers of wininet.dll for HTTP. Everything happens
// at once and in the call, as in a session that was not opened for
// asynchronous use; there is no cache, no proxy and no dialogue.
package wininet

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

// Table returns wininet.dll.
func Table() win.Table {
	return win.DLL("wininet.dll", sessionRows, requestRows, readRows, optionRows, cookieRows, urlRows)
}

type stateKey struct{}

// handles are small numbers; closing one closes what was opened through it.
func handles(c *win.Call) *httpstack.Handles {
	const firstHandle, handleStep = 0x00CC_0004, 4
	t, ok := c.State[stateKey{}].(*httpstack.Handles)
	if !ok {
		t = httpstack.NewHandles(firstHandle, handleStep, true)
		c.State[stateKey{}] = t
	}
	return t
}

func lookup[T httpstack.Object](c *win.Call, h win.Handle) (T, win.Error) {
	return httpstack.Lookup[T](handles(c), h)
}
