package ws2_32

import (
	"bytes"
	"net/netip"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/machine"
)

var transferRows = win.Rows{
	win.Func4("recv", recv, "s buf len flags"),
	win.Func6("recvfrom", recvFrom, "s buf len flags from fromlen"),
	win.Func4("send", send, "s buf len flags"),
	win.Func6("sendto", sendTo, "s buf len flags to tolen"),
	win.Func5("WSAGetOverlappedResult", wsaGetOverlappedResult, "s lpOverlapped lpcbTransfer fWait lpdwFlags"),
	win.Func7("WSARecv", wsaRecv, "s lpBuffers dwBufferCount lpNumberOfBytesRecvd lpFlags lpOverlapped lpCompletionRoutine"),
	win.Func9("WSARecvFrom", wsaRecvFrom, "s lpBuffers dwBufferCount lpNumberOfBytesRecvd lpFlags lpFrom lpFromlen lpOverlapped lpCompletionRoutine"),
	win.Func7("WSASend", wsaSend, "s lpBuffers dwBufferCount lpNumberOfBytesSent dwFlags lpOverlapped lpCompletionRoutine"),
	win.Func9("WSASendTo", wsaSendTo, "s lpBuffers dwBufferCount lpNumberOfBytesSent dwFlags lpTo iTolen lpOverlapped lpCompletionRoutine"),
}

// Flags of a transfer, MSG_*.
const (
	outOfBand = 1
	peek      = 2
	waitAll   = 8
)

// send sends to the other end of a connection.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-send
func send(c *win.Call, s win.Handle, buf win.Ptr, len, flags win.Int) (win.SockInt, win.Error) {
	return sendTo(c, s, buf, len, flags, 0, 0)
}

// sendTo sends a datagram to an address, or to the peer if there is none.
//
// https://learn.microsoft.com/windows/win32/api/winsock/nf-winsock-sendto
func sendTo(c *win.Call, s win.Handle, buf win.Ptr, len, flags win.Int, to win.Ptr, tolen win.Int) (win.SockInt, win.Error) {
	o, err := find(c, s)
	if err != 0 {
		return result(err)
	}
	if len < 0 {
		return result(errFault)
	}
	data := c.Bytes(buf, uint64(len))
	if c.Faulted() {
		return 0, 0
	}
	n, err := o.send(c, data, flags, to, tolen)
	return win.SockInt(n), err
}

// send sends what a handler has read.
func (s *socket) send(c *win.Call, data []byte, flags win.Int, to win.Ptr, tolen win.Int) (int, win.Error) {
	if flags&outOfBand != 0 {
		c.Gap("urgent data")
	}
	if s.kind == typeDatagram {
		at := s.peer
		if to != 0 {
			var err win.Error
			if at, err = s.address(c, to, tolen); err != 0 {
				return 0, err
			}
		} else if !s.connected {
			return 0, errNotConnected
		}
		return s.sendDatagram(c, at, data)
	}
	if err := s.sendable(); err != 0 {
		return 0, err
	}
	if s.remote != nil {
		s.remote.receive(c, data)
		return len(data), 0
	}
	if len(data) > s.free() {
		data = bytes.Clone(data) // the guest's memory may go while this waits
	}
	sent := 0
	for {
		n := min(len(data), s.free())
		s.other.in = append(s.other.in, data[:n]...)
		sent, data = sent+n, data[n:]
		if n > 0 {
			s.other.changed(c, eventRead)
		}
		if len(data) == 0 || s.nonBlocking && sent > 0 {
			return sent, 0
		}
		if err := s.wait(c, "room at the other end", s.sendTime, func() bool { return s.free() > 0 || s.sendable() != 0 }); err != 0 {
			if err == errWouldBlock {
				s.again(c, eventWrite)
			}
			return 0, err
		}
		if err := s.sendable(); err != 0 {
			return 0, err
		}
	}
}

// sendable says why nothing can be sent.
func (s *socket) sendable() win.Error {
	switch {
	case s.reset:
		return errReset
	case !s.connected:
		return errNotConnected
	case s.noWrite:
		return errShutdown
	case s.other != nil && s.other.closed:
		return errReset
	}
	return 0
}

// free is how much the other end takes in.
func (s *socket) free() int {
	if s.remote != nil {
		return window
	}
	return max(window-len(s.other.in), 0)
}

// sendDatagram sends a datagram to a socket of the guest or to a server of the
// machine's network. One that nobody waits for is lost, as on Windows.
func (s *socket) sendDatagram(c *win.Call, at netip.AddrPort, data []byte) (int, win.Error) {
	const largest = 65507
	switch {
	case len(data) > largest:
		return 0, errMessageSize
	case at.Port() == 0 || at.Addr().IsUnspecified():
		return 0, errNoAddress
	}
	s.settle(c, at.Addr())
	from := s.local
	if from.Addr().IsUnspecified() {
		from = netip.AddrPortFrom(machine.Address, from.Port())
		if at.Addr().IsLoopback() {
			from = netip.AddrPortFrom(at.Addr(), from.Port())
		}
	}
	if !machine.Own(at.Addr()) {
		s.sendAway(c, at, data)
		return len(data), 0
	}
	if o := state(c).at(endpoint{true, at}); o != nil && !o.noRead {
		o.arrive(c, datagram{from, append([]byte(nil), data...)})
	}
	return len(data), 0
}

// arrive takes in a datagram, unless there are too many already.
func (s *socket) arrive(c *win.Call, d datagram) {
	size := len(d.data)
	for _, waiting := range s.datagrams {
		size += len(waiting.data)
	}
	if size > window || s.connected && s.peer != d.from {
		return
	}
	s.datagrams = append(s.datagrams, d)
	s.changed(c, eventRead)
}

// recv takes what came.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-recv
func recv(c *win.Call, s win.Handle, buf win.Ptr, len, flags win.Int) (win.SockInt, win.Error) {
	return recvFrom(c, s, buf, len, flags, 0, win.Out[uint32]{})
}

// recvFrom takes what came, a datagram with where it came from.
//
// https://learn.microsoft.com/windows/win32/api/winsock/nf-winsock-recvfrom
func recvFrom(c *win.Call, s win.Handle, buf win.Ptr, len, flags win.Int, from win.Ptr, fromlen win.Out[uint32]) (win.SockInt, win.Error) {
	o, err := find(c, s)
	if err != 0 {
		return result(err)
	}
	if len < 0 {
		return result(errFault)
	}
	if err := o.receivable(); err != 0 {
		return result(err)
	}
	enough := func() bool {
		return o.readable() && (flags&waitAll == 0 || o.ended || o.reset || o.holds(int(len)))
	}
	if err := o.wait(c, "data", o.receiveTime, enough); err != 0 {
		return result(err)
	}
	buffer := c.Buffer(buf, uint64(len))
	if c.Faulted() {
		return 0, 0
	}
	n, sender, err := o.receive(c, buffer, flags&peek != 0)
	if err == 0 || err == errMessageSize {
		if e := o.storeSender(c, sender, from, fromlen); e != 0 {
			return result(e)
		}
	}
	return win.SockInt(n), err
}

// holds reports whether a buffer of n bytes can be filled.
func (s *socket) holds(n int) bool { return len(s.in) >= min(n, window) }

func (s *socket) storeSender(c *win.Call, sender netip.AddrPort, from win.Ptr, fromlen win.Out[uint32]) win.Error {
	if from == 0 || s.kind != typeDatagram {
		return 0
	}
	return storeAddress(c, sender, from, fromlen)
}

// receivable says why nothing can be received.
func (s *socket) receivable() win.Error {
	switch {
	case s.kind == typeDatagram && !s.bound:
		return errInvalid
	case s.kind == typeStream && !s.connected:
		return errNotConnected
	case s.noRead:
		return errShutdown
	}
	return 0
}

// readable reports whether receiving would not wait.
func (s *socket) readable() bool {
	return len(s.in) > 0 || len(s.datagrams) > 0 || s.ended || s.reset
}

// receive moves what came into a buffer: bytes of a stream, or one datagram, of
// which what has no room is lost.
func (s *socket) receive(c *win.Call, buffer []byte, stays bool) (n int, from netip.AddrPort, err win.Error) {
	if s.kind == typeDatagram {
		if len(s.datagrams) == 0 {
			return 0, from, errReset
		}
		d := s.datagrams[0]
		n = copy(buffer, d.data)
		if !stays {
			s.datagrams = s.datagrams[1:]
			s.again(c, eventRead)
		}
		if n < len(d.data) {
			return n, d.from, errMessageSize
		}
		return n, d.from, 0
	}
	if s.reset {
		return 0, from, errReset
	}
	n = copy(buffer, s.in)
	if stays || n == 0 {
		return n, s.peer, 0
	}
	s.in = s.in[n:]
	s.again(c, eventRead)
	if s.other != nil {
		s.other.changed(c, eventRoom)
	}
	return n, s.peer, 0
}
