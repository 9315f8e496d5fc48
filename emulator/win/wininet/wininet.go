// Package wininet has the handlers of wininet.dll for HTTP. A session opened
// for asynchronous use sends requests on a thread of its own and calls the
// guest back; there is no cache, no proxy and no dialogue.
package wininet

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

// Table returns wininet.dll.
func Table() win.Table {
	return win.DLL("wininet.dll", sessionRows, requestRows, readRows, optionRows, cookieRows, urlRows, moreRows, win.Worker())
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
