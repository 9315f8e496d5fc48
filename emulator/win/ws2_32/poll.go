package ws2_32

import (
	"encoding/binary"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var pollRows = win.Rows{
	win.Func2("__WSAFDIsSet", fdIsSet, "fd set"),
	win.Func5("select", selectSockets, "nfds readfds writefds exceptfds timeout"),
	win.Func3("WSAPoll", wsaPoll, "fdArray fds timeout"),
}

// fd_set as 64-bit code lays it out: a count and that many sockets.
const (
	setSockets = 8
	setLimit   = 1024
)

// fdIsSet looks for a socket in a set.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-__wsafdisset
func fdIsSet(c *win.Call, fd win.Handle, set win.Ptr) (win.Int, win.Error) {
	n := c.ReadUint(set, 4)
	for i := range min(n, setLimit) {
		if c.ReadUint(set+setSockets+win.Ptr(8*i), 8) == uint64(fd) {
			return 1, 0
		}
	}
	return 0, 0
}

// What a socket is asked about.
type question func(*socket) bool

func (s *socket) toRead() bool {
	return s.listening && len(s.backlog) > 0 || s.readable() && (s.connected || s.kind == typeDatagram)
}
func (s *socket) toWrite() bool {
	if s.kind == typeDatagram {
		return true
	}
	return s.connected && (s.reset || s.remote != nil || s.other != nil && (s.free() > 0 || s.other.closed))
}
func (s *socket) exception() bool { return s.failed != 0 }

// fdSet is a set being asked about.
type fdSet struct {
	at      win.Ptr
	handles []uint64
	sockets []*socket
	ask     question
}

// selectSockets waits until one of several sockets can be used, and leaves
// those that can in the sets.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-select
func selectSockets(c *win.Call, nfds win.Int, readfds, writefds, exceptfds, timeout win.Ptr) (win.SockInt, win.Error) {
	if err := started(c); err != 0 {
		return result(err)
	}
	sets := []*fdSet{{at: readfds, ask: (*socket).toRead}, {at: writefds, ask: (*socket).toWrite}, {at: exceptfds, ask: (*socket).exception}}
	total := 0
	for _, set := range sets {
		if err := set.read(c); err != 0 {
			return result(err)
		}
		total += len(set.handles)
	}
	if total == 0 {
		return result(errInvalid)
	}
	limit := time.Duration(-1)
	if timeout != 0 {
		seconds, micro := int32(c.ReadUint(timeout, 4)), int32(c.ReadUint(timeout+4, 4))
		if seconds < 0 || micro < 0 {
			return result(errInvalid)
		}
		limit = time.Duration(seconds)*time.Second + time.Duration(micro)*time.Microsecond
	}
	if c.Faulted() {
		return 0, 0
	}
	waitAny(c, limit, func() bool { return count(sets) > 0 })
	n := count(sets)
	for _, set := range sets {
		set.write(c)
	}
	return win.SockInt(n), 0
}

// waitAny waits for sockets.
func waitAny(c *win.Call, limit time.Duration, met func() bool) {
	if !met() {
		c.T.Wait(guest.Until("sockets", met), false, limit)
	}
}

func count(sets []*fdSet) int {
	n := 0
	for _, set := range sets {
		for _, s := range set.sockets {
			if set.ask(s) {
				n++
			}
		}
	}
	return n
}

func (f *fdSet) read(c *win.Call) win.Error {
	if f.at == 0 {
		return 0
	}
	n := c.ReadUint(f.at, 4)
	if n > setLimit {
		return errInvalid
	}
	for i := range n {
		h := c.ReadUint(f.at+setSockets+win.Ptr(8*i), 8)
		s, err := find(c, win.Handle(h))
		if c.Faulted() {
			return 0
		}
		if err != 0 {
			return err
		}
		f.handles, f.sockets = append(f.handles, h), append(f.sockets, s)
	}
	return 0
}

func (f *fdSet) write(c *win.Call) {
	if f.at == 0 {
		return
	}
	n := win.Ptr(0)
	for i, s := range f.sockets {
		if f.ask(s) {
			c.WriteUint(f.at+setSockets+8*n, 8, f.handles[i])
			n++
		}
	}
	c.WriteUint(f.at, 4, uint64(n))
}

// Events of WSAPoll.
const (
	pollError   = 0x01
	pollHangUp  = 0x02
	pollInvalid = 0x04
	pollWrite   = 0x10
	pollRead    = 0x100
)

// wsaPoll is select with one structure for each socket.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsapoll
func wsaPoll(c *win.Call, fdArray win.Ptr, fds win.DWORD, timeout win.Int) (win.SockInt, win.Error) {
	const size, events, answers = 16, 8, 10
	switch {
	case state(c).started == 0:
		return result(errNotInitialised)
	case fds == 0 || fds > setLimit:
		return result(errInvalid)
	case fdArray == 0:
		return result(errFault)
	}
	array := c.Bytes(fdArray, uint64(fds)*size)
	if c.Faulted() {
		return 0, 0
	}
	sockets, wanted := make([]*socket, fds), make([]uint16, fds)
	found := make([]uint16, fds)
	for i := range sockets {
		entry := array[i*size:]
		wanted[i] = binary.LittleEndian.Uint16(entry[events:])
		if h := binary.LittleEndian.Uint64(entry); int64(h) >= 0 {
			if sockets[i], _ = find(c, win.Handle(h)); sockets[i] == nil {
				found[i] = pollInvalid
			}
		}
	}
	look := func() int {
		n := 0
		for i, s := range sockets {
			if s != nil {
				found[i] = s.poll(wanted[i])
			}
			if found[i] != 0 {
				n++
			}
		}
		return n
	}
	limit := time.Duration(-1)
	if timeout >= 0 {
		limit = time.Duration(timeout) * time.Millisecond
	}
	waitAny(c, limit, func() bool { return look() > 0 })
	n := look()
	for i, f := range found {
		c.WriteUint(fdArray+win.Ptr(i*size+answers), 2, uint64(f))
	}
	return win.SockInt(n), 0
}

// poll is what can be said of a socket.
func (s *socket) poll(wanted uint16) uint16 {
	found := uint16(0)
	if s.toRead() && (len(s.in) > 0 || len(s.datagrams) > 0 || s.listening) {
		found |= pollRead & wanted
	}
	if s.toWrite() && !s.reset {
		found |= pollWrite & wanted
	}
	if s.connected && s.kind == typeStream && (s.ended || s.reset) {
		found |= pollHangUp
	}
	if s.failed != 0 || s.reset {
		found |= pollError
	}
	return found
}
