package httpstack

import (
	"encoding/binary"

	"sidetrace/emulator/win"
)

// Status is the callback of a handle. Handles opened through another one have
// its callback, context and manner of working until they are given their own.
type Status struct {
	Callback win.Ptr // 0 for none
	Mask     uint32  // of the notifications wanted, where the DLL has one
	Context  uint64
	Async    bool // calls return before their work is done
}

func (s *Status) inherit(from Status) {
	if s.Callback == 0 {
		s.Callback, s.Mask = from.Callback, from.Mask
	}
	if s.Context == 0 {
		s.Context = from.Context
	}
	s.Async = s.Async || from.Async
}

// Closed reports whether a handle has been closed.
func (n *Node) Closed() bool { return n.closed }

// Tell calls the callback of a handle with what it is to know, which is copied
// into the guest's memory for as long as the call lasts.
func (n *Node) Tell(c *win.Call, code uint32, info []byte) {
	if n.Status.Callback == 0 {
		return
	}
	at := uint64(0)
	if len(info) > 0 {
		if at = c.Heap.Alloc(uint64(len(info))); at == 0 {
			return
		}
		defer c.Heap.Free(at)
		c.Write(win.Ptr(at), info)
	}
	n.TellAt(c, code, at, uint64(len(info)))
}

// TellAt calls the callback with something that lies in the guest's memory.
func (n *Node) TellAt(c *win.Call, code uint32, at, size uint64) {
	if n.Status.Callback != 0 {
		c.CallGuest(n.Status.Callback, uint64(n.Handle), n.Status.Context, uint64(code), at, size)
	}
}

// AsyncResult is the outcome of a call that went on by itself: WINHTTP_ASYNC_RESULT and
// INTERNET_ASYNC_RESULT.
func AsyncResult(result uint64, err win.Error) []byte {
	b := binary.LittleEndian.AppendUint64(nil, result)
	return binary.LittleEndian.AppendUint64(b, uint64(err))
}
