package ws2_32

import (
	"fmt"
	"net/netip"
	"time"

	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/machine"
)

var connectRows = win.Rows{
	win.Func3("accept", accept, "s addr addrlen"),
	win.Func3("connect", connect, "s name namelen"),
	win.Partial(win.Func5("WSAAccept", wsaAccept, "s addr addrlen lpfnCondition dwCallbackData"), "no condition function"),
	win.Func7("WSAConnect", wsaConnect, "s name namelen lpCallerData lpCalleeData lpSQOS lpGQOS"),
}

// connect connects a stream, or names the peer of datagrams.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-connect
func connect(c *win.Call, s win.Handle, name win.Ptr, namelen win.Int) (win.SockInt, win.Error) {
	o, err := find(c, s)
	if err != 0 {
		return result(err)
	}
	at, err := o.address(c, name, namelen)
	if err != 0 {
		return result(err)
	}
	return result(o.connect(c, at, !o.nonBlocking))
}

// wsaConnect is connect; data and qualities of service are not exchanged by
// TCP.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsaconnect
func wsaConnect(c *win.Call, s win.Handle, name win.Ptr, namelen win.Int, lpCallerData, lpCalleeData, lpSQOS, lpGQOS win.Ptr) (win.SockInt, win.Error) {
	return connect(c, s, name, namelen)
}

// connect connects a socket. One that does not wait learns the outcome by
// asking for it.
func (s *socket) connect(c *win.Call, at netip.AddrPort, waits bool) win.Error {
	if s.kind == typeDatagram {
		return s.aim(c, at)
	}
	switch {
	case s.connected:
		return errIsConnected
	case s.listening:
		return errInvalid
	case at.Port() == 0 || at.Addr().IsUnspecified() || at.Addr().IsMulticast():
		return errNoAddress
	}
	err, after := s.reach(c, at)
	if err == 0 {
		s.connected, s.failed = true, 0
		s.changed(c, eventConnect|eventWrite)
	} else {
		s.failed = err
	}
	if !waits {
		if err != 0 {
			s.changed(c, eventConnect)
		}
		return errWouldBlock
	}
	if err != 0 {
		c.T.Sleep(after)
		s.failed = 0
	}
	return err
}

// aim names the peer of datagrams; an address of zeros takes it back.
func (s *socket) aim(c *win.Call, at netip.AddrPort) win.Error {
	if at.Addr().IsUnspecified() {
		s.connected, s.peer = false, netip.AddrPort{}
		return 0
	}
	if at.Port() == 0 {
		return errNoAddress
	}
	s.settle(c, at.Addr())
	s.connected, s.peer = true, at
	return 0
}

// settle gives a socket that is about to send an address of its own.
func (s *socket) settle(c *win.Call, to netip.Addr) {
	from := machine.Address
	switch {
	case to.IsLoopback():
		from = to
	case s.family == family6:
		from = netip.IPv6Unspecified()
	}
	if !s.bound {
		_ = s.take(c, netip.AddrPortFrom(from, 0)) // any port: cannot be taken
	} else if s.local.Addr().IsUnspecified() && s.kind == typeStream {
		s.local = netip.AddrPortFrom(from, s.local.Port())
	}
}

// reach connects to what listens at an address. A connection that is refused,
// or that nobody answers, fails after as long as it takes on Windows.
func (s *socket) reach(c *win.Call, at netip.AddrPort) (err win.Error, after time.Duration) {
	const refusal, silence = 2 * time.Second, 21 * time.Second
	local := machine.Own(at.Addr())
	if local {
		l := state(c).at(endpoint{false, at})
		if l == nil || !l.listening || len(l.backlog) >= l.room {
			c.Emit(trace.NetConnect{Host: at.Addr().String(), Address: at.Addr().String(), Port: int(at.Port()), Protocol: "tcp"})
			return errRefused, refusal
		}
		s.settle(c, at.Addr())
		s.peer = at
		end := &socket{
			family: l.family, kind: l.kind, protocol: l.protocol, local: at, peer: s.local, bound: true, connected: true,
			other: s, options: map[option][]byte{},
		}
		s.other = end
		l.backlog = append(l.backlog, end)
		c.Emit(trace.NetConnect{Host: at.Addr().String(), Address: at.Addr().String(), Port: int(at.Port()), Protocol: "tcp", Answered: true})
		l.changed(c, eventAccept)
		return 0, 0
	}
	if s.family == family6 && !at.Addr().Is4In6() {
		return errUnreachable, 0 // the machine's network is IPv4
	}
	host, known, listens := server(c, at)
	c.Emit(trace.NetConnect{Host: host, Address: at.Addr().Unmap().String(), Port: int(at.Port()), Protocol: "tcp", Answered: listens})
	if listens {
		s.settle(c, at.Addr())
		s.peer = at
		s.remote = newRemote(c, s, host)
		s.remote.receive(c, nil)
		return 0, 0
	}
	c.Recorder.Gap(trace.Gap{Kind: trace.GapURL, Name: "tcp " + at.String(), Caller: c.Place(c.Caller), Detail: fmt.Sprintf("nothing listens at port %d", at.Port())})
	if known {
		return errRefused, refusal
	}
	return errTimedOut, silence
}

// server finds who listens at an address of the machine's network: the name
// of the host, whether there is one at all, and whether it listens there.
func server(c *win.Call, at netip.AddrPort) (host string, known, listens bool) {
	address := at.Addr().Unmap().String()
	host = address
	hosts := append(c.Network.HostsAt(address), address)
	for _, h := range hosts {
		if c.Network.Listens(h, int(at.Port())) || c.Network.Script("tcp", h, int(at.Port())) != nil {
			return h, true, true
		}
	}
	return hosts[0], len(hosts) > 1, false
}

// accept takes the next connection of a listener.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-accept
func accept(c *win.Call, s win.Handle, addr win.Ptr, addrlen win.Out[uint32]) (win.Socket, win.Error) {
	o, err := find(c, s)
	switch {
	case err != 0:
		return 0, err
	case o.kind != typeStream:
		return 0, errNotSupported
	case !o.listening:
		return 0, errInvalid
	}
	if err := o.wait(c, "a connection", 0, func() bool { return len(o.backlog) > 0 }); err != 0 {
		return 0, err
	}
	end := o.backlog[0]
	if err := storeOptional(c, end.peer, addr, addrlen); err != 0 {
		return 0, err
	}
	h, err := end.open(c)
	if err != 0 {
		return 0, err
	}
	o.backlog = o.backlog[1:]
	end.nonBlocking, end.watch = o.nonBlocking, o.watch
	end.watch.recorded, end.watch.blocked = 0, false
	o.again(c, eventAccept)
	end.watch.handle = uint64(h)
	end.changed(c, eventWrite)
	if len(end.in) > 0 {
		end.changed(c, eventRead)
	}
	return h, 0
}

// wsaAccept is accept.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsaaccept
func wsaAccept(c *win.Call, s win.Handle, addr win.Ptr, addrlen win.Out[uint32], lpfnCondition win.Ptr, dwCallbackData win.Size) (win.Socket, win.Error) {
	if lpfnCondition != 0 {
		c.Gap("a condition function")
	}
	return accept(c, s, addr, addrlen)
}
