// Package wininet has the handlers of wininet.dll for HTTP. Everything happens
// at once and in the call, as in a session that was not opened for
// asynchronous use; there is no cache, no proxy and no dialogue.
package wininet

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

// Table returns wininet.dll.
func Table() win.Table {
	return win.DLL("wininet.dll", sessionRows, requestRows, readRows, optionRows, urlRows)
}

// Handles are small numbers from a table of the DLL's own.
const (
	firstHandle = 0x00CC_0004
	handleStep  = 4
	maxHandles  = 1 << 14
)

// node is what sessions, connections and requests have in common: closing one
// closes what was opened through it.
type node struct {
	parent *node
	handle win.Handle
	closed bool
}

func (n *node) self() *node { return n }

func (n *node) open() bool {
	for ; n != nil; n = n.parent {
		if n.closed {
			return false
		}
	}
	return true
}

// object is what a handle can stand for.
type object interface {
	guest.Object
	self() *node
}

type session struct {
	node
	agent string
}

type connection struct {
	node
	session *session
	host    string
	port    int // 0 for the standard one
}

type request struct {
	node
	httpstack.Request
	session *session
}

func (*session) Type() string    { return "InternetSession" }
func (*connection) Type() string { return "InternetConnection" }
func (*request) Type() string    { return "InternetRequest" }

type stateKey struct{}

func handles(c *win.Call) *guest.Table {
	t, ok := c.State[stateKey{}].(*guest.Table)
	if !ok {
		t = guest.NewTable(firstHandle, handleStep)
		c.State[stateKey{}] = t
	}
	return t
}

// add gives an object a handle, unless there are too many.
func add(c *win.Call, o object) (win.Handle, win.Error) {
	t := handles(c)
	h := t.Add(o)
	if h >= firstHandle+maxHandles*handleStep {
		t.Close(h)
		return 0, win.ErrNotEnoughMemory
	}
	o.self().handle = win.Handle(h)
	return win.Handle(h), 0
}

// lookup finds what a handle stands for. A handle of another kind is a
// different error from none.
func lookup[T object](c *win.Call, h win.Handle) (T, win.Error) {
	var none T
	o, ok := handles(c).Get(h.Guest()).(object)
	if !ok || !o.self().open() {
		return none, win.ErrInvalidHandle
	}
	t, ok := o.(T)
	if !ok {
		return none, httpstack.ErrIncorrectHandleType
	}
	return t, 0
}
