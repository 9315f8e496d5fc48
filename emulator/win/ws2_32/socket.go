package ws2_32

import (
	"net/netip"
	"slices"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/machine"
)

var socketRows = win.Rows{
	win.Func3("bind", bind, "s name namelen"),
	win.Func1("closesocket", closeSocket, "s"),
	win.Func3("getpeername", getPeerName, "s name namelen"),
	win.Func3("getsockname", getSockName, "s name namelen"),
	win.Func2("listen", listen, "s backlog"),
	win.Func2("shutdown", shutdown, "s how"),
	win.Func3("socket", socketOf, "af _type protocol"),
	win.Partial(win.Func6("WSASocket{A,W}", wsaSocket, "af _type protocol lpProtocolInfo g dwFlags"),
		"no socket of another process"),
}

// Address families, types of sockets and protocols.
const (
	familyAny = 0
	family4   = 2
	family6   = 23

	typeStream   = 1
	typeDatagram = 2
	typeRaw      = 3

	protocolICMP = 1
	protocolTCP  = 6
	protocolUDP  = 17
)

// socket is one end of a connection, a listener, or where datagrams come to.
type socket struct {
	family, kind, protocol int

	local, peer netip.AddrPort
	bound       bool
	listening   bool
	connected   bool
	failed      win.Error // of a connection begun without waiting: SO_ERROR
	backlog     []*socket // connections to be accepted
	room        int       // of the backlog

	in        []byte     // what came, of a stream
	datagrams []datagram // what came, of datagrams
	ended     bool       // the other side sends no more
	reset     bool       // the other side is gone
	noRead    bool       // shutdown
	noWrite   bool
	closed    bool
	other     *socket // in the guest, at the other end
	remote    remote  // in the machine's network, at the other end

	nonBlocking bool
	options     map[option][]byte
	receiveTime time.Duration // SO_RCVTIMEO, 0 for ever
	sendTime    time.Duration

	watch   watch
	pending []*overlapped
}

type datagram struct {
	from netip.AddrPort
	data []byte
}

func (*socket) Type() string { return "File" } // what the object manager calls it

// window is how much a socket takes in before its other end has to wait.
const window = 64 << 10

// socketOf makes a socket.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-socket
func socketOf(c *win.Call, af, _type, protocol win.Int) (win.Socket, win.Error) {
	return newSocket(c, int(af), int(_type), int(protocol))
}

// wsaSocket makes a socket; whether operations may be overlapped makes no
// difference.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsasocketw
func wsaSocket(c *win.Call, af, _type, protocol win.Int, lpProtocolInfo win.Ptr, g win.DWORD, dwFlags win.Hex) (win.Socket, win.Error) {
	if lpProtocolInfo != 0 {
		const fromInfo, atFamily = -1, 76 // FROM_PROTOCOL_INFO; iAddressFamily, iMaxSockAddr, iMinSockAddr, iSocketType, iProtocol
		if af == fromInfo {
			af = win.Int(c.ReadUint(lpProtocolInfo+atFamily, 4))
		}
		if _type == fromInfo {
			_type = win.Int(c.ReadUint(lpProtocolInfo+atFamily+12, 4))
		}
		if protocol == fromInfo {
			protocol = win.Int(c.ReadUint(lpProtocolInfo+atFamily+16, 4))
		}
	}
	return newSocket(c, int(af), int(_type), int(protocol))
}

func newSocket(c *win.Call, family, kind, protocol int) (win.Socket, win.Error) {
	if err := started(c); err != 0 {
		return 0, err
	}
	if family == familyAny && kind != 0 && protocol != 0 {
		family = family4
	}
	if kind == 0 {
		switch protocol {
		case protocolTCP:
			kind = typeStream
		case protocolUDP:
			kind = typeDatagram
		}
	}
	switch {
	case family == familyAny:
		return 0, errInvalid
	case family != family4 && family != family6:
		return 0, errFamily
	case kind == typeRaw:
		return 0, errAccess // for administrators only
	case kind != typeStream && kind != typeDatagram:
		return 0, errSocketType
	}
	standard := protocolTCP
	if kind == typeDatagram {
		standard = protocolUDP
	}
	if protocol != 0 && protocol != standard {
		return 0, errNoProtocol
	}
	s := &socket{family: family, kind: kind, protocol: standard, options: map[option][]byte{}}
	return s.open(c)
}

// open gives a socket its handle, unless there are too many.
func (s *socket) open(c *win.Call) (win.Socket, win.Error) {
	st := state(c)
	if len(st.open) >= maxSockets {
		return 0, errTooMany
	}
	st.open = append(st.open, s)
	return win.Socket(c.Handles.Add(s)), 0
}

// bind gives a socket its address.
//
// https://learn.microsoft.com/windows/win32/api/winsock/nf-winsock-bind
func bind(c *win.Call, s win.Handle, name win.Ptr, namelen win.Int) (win.SockInt, win.Error) {
	o, err := find(c, s)
	if err != 0 {
		return result(err)
	}
	at, err := o.address(c, name, namelen)
	switch {
	case err != 0:
		return result(err)
	case o.bound:
		return result(errInvalid)
	case !at.Addr().IsUnspecified() && !machine.Own(at.Addr()):
		return result(errNoAddress)
	}
	return result(o.take(c, at))
}

// take gives a socket an address, of any free port if the port is 0.
func (s *socket) take(c *win.Call, at netip.AddrPort) win.Error {
	st := state(c)
	key := func(at netip.AddrPort) endpoint { return endpoint{s.kind == typeDatagram, at} }
	if at.Port() == 0 {
		for range 1<<16 - firstPort {
			at = netip.AddrPortFrom(at.Addr(), st.next)
			if st.next++; st.next == 0 {
				st.next = firstPort
			}
			if !st.taken(key(at)) {
				break
			}
		}
	}
	reuse := s.flag(c, option{levelSocket, reuseAddress})
	if st.taken(key(at)) && !reuse {
		return errAddressInUse
	}
	st.ports[key(at)] = s
	s.local, s.bound = at, true
	return 0
}

// taken reports whether a socket has the address, or the same port of all.
func (st *stack) taken(e endpoint) bool { return st.at(e) != nil }

// at finds the socket that what is sent to an address comes to.
func (st *stack) at(e endpoint) *socket {
	if s := st.ports[e]; s != nil {
		return s
	}
	for _, all := range []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		if all.Is4() != e.at.Addr().Is4() {
			continue
		}
		if s := st.ports[endpoint{e.datagram, netip.AddrPortFrom(all, e.at.Port())}]; s != nil {
			return s
		}
	}
	return nil
}

// listen waits for connections to an address.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-listen
func listen(c *win.Call, s win.Handle, backlog win.Int) (win.SockInt, win.Error) {
	o, err := find(c, s)
	switch {
	case err != 0:
		return result(err)
	case !o.bound:
		return result(errInvalid)
	case o.kind != typeStream:
		return result(errNotSupported)
	case o.connected:
		return result(errIsConnected)
	}
	if !o.listening {
		c.Emit(trace.NetListen{Address: o.local.Addr().String(), Port: int(o.local.Port()), Protocol: "tcp"})
	}
	const most = 200
	o.listening = true
	o.room = min(max(int(backlog), 1), most)
	return 0, 0
}

// closeSocket closes a socket. The other end of its connection reads the end,
// or learns that it was reset if something was left unread.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-closesocket
func closeSocket(c *win.Call, s win.Handle) (win.SockInt, win.Error) {
	o, err := find(c, s)
	if err != 0 {
		return result(err)
	}
	c.Handles.Close(s.Guest())
	if !c.Handles.Holds(o) {
		o.Closed(c)
	}
	return 0, 0
}

// Closed ends a socket whose last handle is closed.
func (s *socket) Closed(c *win.Call) {
	if s.closed {
		return
	}
	st := state(c)
	s.closed = true
	st.open = slices.DeleteFunc(st.open, func(x *socket) bool { return x == s })
	if key := (endpoint{s.kind == typeDatagram, s.local}); st.ports[key] == s {
		delete(st.ports, key)
	}
	for _, waiting := range s.backlog {
		waiting.hangUp(c, true)
	}
	s.backlog = nil
	s.hangUp(c, len(s.in) > 0)
	for _, o := range s.pending {
		o.finish(c, nil, errAborted)
	}
	s.pending = nil
}

// hangUp tells the other end that this one is gone.
func (s *socket) hangUp(c *win.Call, reset bool) {
	if s.remote != nil {
		s.remote.end(c)
	}
	if o := s.other; o != nil {
		o.ended, o.reset = true, o.reset || reset
		o.changed(c, eventClose)
	}
}

// shutdown ends one or both directions of a connection.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-shutdown
func shutdown(c *win.Call, s win.Handle, how win.Int) (win.SockInt, win.Error) {
	const receive, send, both = 0, 1, 2
	o, err := find(c, s)
	switch {
	case err != 0:
		return result(err)
	case how < receive || how > both:
		return result(errInvalid)
	case !o.connected:
		return result(errNotConnected)
	}
	if how != send {
		o.noRead = true
	}
	if how != receive && !o.noWrite {
		o.noWrite = true
		o.hangUp(c, false)
	}
	return 0, 0
}

// getSockName stores a socket's own address.
//
// https://learn.microsoft.com/windows/win32/api/winsock/nf-winsock-getsockname
func getSockName(c *win.Call, s win.Handle, name win.Ptr, namelen win.Out[uint32]) (win.SockInt, win.Error) {
	o, err := find(c, s)
	switch {
	case err != 0:
		return result(err)
	case !o.bound:
		return result(errInvalid)
	}
	return result(storeAddress(c, o.local, name, namelen))
}

// getPeerName stores the address at the other end.
//
// https://learn.microsoft.com/windows/win32/api/winsock/nf-winsock-getpeername
func getPeerName(c *win.Call, s win.Handle, name win.Ptr, namelen win.Out[uint32]) (win.SockInt, win.Error) {
	o, err := find(c, s)
	switch {
	case err != 0:
		return result(err)
	case !o.connected:
		return result(errNotConnected)
	}
	return result(storeAddress(c, o.peer, name, namelen))
}

// wait waits until a socket's condition is met; it is the error with which the
// call ends if it is not.
func (s *socket) wait(c *win.Call, what string, limit time.Duration, met func() bool) win.Error {
	if met() {
		return 0
	}
	if s.nonBlocking {
		return errWouldBlock
	}
	// A server that has nothing to say closes the connection at last.
	const idle = 2 * time.Minute
	timeout := time.Duration(-1)
	if s.remote != nil {
		timeout = idle
	}
	if limit > 0 {
		timeout = limit
	}
	done := func() bool { return s.closed || met() }
	_, ok := c.T.Wait(guest.Until(what, done), false, timeout)
	switch {
	case s.closed:
		return errInterrupted
	case ok:
		return 0
	case limit > 0:
		return errTimedOut
	}
	s.ended = true
	s.changed(c, eventClose)
	return 0
}
