package httpstack

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// Handles are those of one DLL, from a table of its own.
type Handles struct {
	// Cascade says that closing a handle closes those opened through it.
	Cascade bool

	table *guest.Table
	end   guest.Handle
}

// NewHandles returns a table whose handles are first, first+step, …
func NewHandles(first, step uint64, cascade bool) *Handles {
	const most = 1 << 14
	return &Handles{Cascade: cascade, table: guest.NewTable(first, step), end: guest.Handle(first + most*step)}
}

// Node is what everything a handle stands for has in it: where it came from.
type Node struct {
	Parent *Node
	Handle win.Handle
	Status Status // who is told of what happens
	closed bool
}

// Self is the node itself, which is how [Object] sees it.
func (n *Node) Self() *Node { return n }

// Object is what a handle can stand for.
type Object interface {
	guest.Object
	Self() *Node
}

// Session is what requests have in common.
type Session struct {
	Node
	Agent string // User-Agent
}

// Connection is a server named in advance.
type Connection struct {
	Node
	Session *Session
	Host    string
	Port    int // 0 for the standard one
}

func (*Session) Type() string    { return "InternetSession" }
func (*Connection) Type() string { return "InternetConnection" }
func (*Request) Type() string    { return "InternetRequest" }

// Add gives an object a handle, unless there are too many.
func (t *Handles) Add(o Object) (win.Handle, win.Error) {
	h := t.table.Add(o)
	if h >= t.end {
		t.table.Close(h)
		return 0, win.ErrNotEnoughMemory
	}
	n := o.Self()
	n.Handle = win.Handle(h)
	if n.Parent != nil {
		n.Status.inherit(n.Parent.Status)
	}
	return win.Handle(h), 0
}

// Lookup finds what a handle stands for. A handle of another kind is a
// different error from none.
func Lookup[T Object](t *Handles, h win.Handle) (T, win.Error) {
	var none T
	o, ok := t.table.Get(h.Guest()).(Object)
	if !ok || !t.open(o.Self()) {
		return none, win.ErrInvalidHandle
	}
	found, ok := o.(T)
	if !ok {
		return none, ErrIncorrectHandleType
	}
	return found, 0
}

func (t *Handles) open(n *Node) bool {
	if !t.Cascade {
		return true
	}
	for ; n != nil; n = n.Parent {
		if n.closed {
			return false
		}
	}
	return true
}

// Close closes a handle.
func (t *Handles) Close(h win.Handle) win.Error {
	o, err := Lookup[Object](t, h)
	if err != 0 {
		return err
	}
	o.Self().closed = true
	t.table.Close(h.Guest())
	return 0
}
