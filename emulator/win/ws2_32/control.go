package ws2_32

import (
	"encoding/binary"
	"fmt"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/machine"
)

var controlRows = win.Rows{
	win.Func3("ioctlsocket", ioctlSocket, "s cmd argp"),
	win.Partial(win.Func3("WSAEnumProtocols{A,W}", wsaEnumProtocols, "lpiProtocols lpProtocolBuffer lpdwBufferLength"), "TCP and UDP over IPv4 and IPv6"),
	win.Partial(win.Func9("WSAIoctl", wsaIoctl, "s dwIoControlCode lpvInBuffer cbInBuffer lpvOutBuffer cbOutBuffer lpcbBytesReturned lpOverlapped lpCompletionRoutine"),
		"FIONBIO, FIONREAD, keep-alives, ConnectEx, DisconnectEx and the list of interfaces' addresses"),
	win.Hidden(win.Partial(win.Func7("ConnectEx", connectEx, "s name namelen lpSendBuffer dwSendDataLength lpdwBytesSent lpOverlapped"), "it is done at once")),
	win.Hidden(win.Partial(win.Func4("DisconnectEx", disconnectEx, "s lpOverlapped dwFlags dwReserved"), "the socket is not made new")),
}

// Commands of a socket.
const (
	fionRead     = 0x4004667F
	fionBIO      = 0x8004667E
	siocAtMark   = 0x40047307
	sioKeepAlive = 0x98000004
	sioExtension = 0xC8000006 // SIO_GET_EXTENSION_FUNCTION_POINTER
	sioAddresses = 0x48000016 // SIO_ADDRESS_LIST_QUERY
	sioUDPReset  = 0x9800000C // SIO_UDP_CONNRESET
	sioLoopback  = 0x98000010 // SIO_LOOPBACK_FAST_PATH
)

// ioctlSocket controls a socket.
//
// https://learn.microsoft.com/windows/win32/api/winsock/nf-winsock-ioctlsocket
func ioctlSocket(c *win.Call, s win.Handle, cmd win.Hex, argp win.Out[uint32]) (win.SockInt, win.Error) {
	o, err := find(c, s)
	if err != 0 {
		return result(err)
	}
	if argp.Null() {
		return result(errFault)
	}
	switch cmd {
	case fionBIO:
		if argp.Get(c) == 0 && o.watch.mask != 0 {
			return result(errInvalid)
		}
		o.nonBlocking = argp.Get(c) != 0
	case fionRead:
		argp.Set(c, o.waiting())
	case siocAtMark:
		argp.Set(c, 1)
	default:
		c.Gap(fmt.Sprintf("command %#x", uint32(cmd)))
		return result(errNotSupported)
	}
	return 0, 0
}

// waiting is how many bytes came: of all datagrams, as on Windows.
func (s *socket) waiting() uint32 {
	n := len(s.in)
	for _, d := range s.datagrams {
		n += len(d.data)
	}
	return uint32(n)
}

// wsaIoctl controls a socket.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsaioctl
func wsaIoctl(c *win.Call, s win.Handle, dwIoControlCode win.Hex, lpvInBuffer win.Ptr, cbInBuffer win.DWORD, lpvOutBuffer win.Ptr, cbOutBuffer win.DWORD, lpcbBytesReturned win.Out[uint32], lpOverlapped, lpCompletionRoutine win.Ptr) (win.SockInt, win.Error) {
	o, err := find(c, s)
	if err != 0 {
		return result(err)
	}
	var answer []byte
	switch dwIoControlCode {
	case fionBIO, fionRead:
		in := win.Out[uint32]{Addr: lpvInBuffer}
		if dwIoControlCode == fionBIO && cbInBuffer >= 4 {
			return ioctlSocket(c, s, dwIoControlCode, in)
		}
		answer = number(o.waiting())
	case sioKeepAlive, sioUDPReset, sioLoopback:
	case sioAddresses:
		answer = addressList(lpvOutBuffer, o)
	case sioExtension:
		if lpvInBuffer == 0 || cbInBuffer < 16 {
			return result(errFault)
		}
		f := extension(c, c.Bytes(lpvInBuffer, 16))
		if c.Faulted() {
			return 0, 0
		}
		if f == 0 {
			return result(errInvalid)
		}
		answer = binary.LittleEndian.AppendUint64(nil, uint64(f))
	default:
		c.Gap(fmt.Sprintf("command %#x", uint32(dwIoControlCode)))
		return result(errNotSupported)
	}
	lpcbBytesReturned.Set(c, uint32(len(answer)))
	if len(answer) > 0 {
		if int(cbOutBuffer) < len(answer) {
			return result(errFault)
		}
		c.Write(lpvOutBuffer, answer)
	}
	if lpOverlapped != 0 {
		o.complete(c, lpOverlapped, len(answer), 0)
	}
	return 0, 0
}

// addressList is a SOCKET_ADDRESS_LIST of the machine's address, to lie at a
// place.
func addressList(at win.Ptr, s *socket) []byte {
	if s.family != family4 {
		return make([]byte, 8)
	}
	const head = 8 + 16
	b := make([]byte, head, head+size4)
	binary.LittleEndian.PutUint32(b, 1)
	binary.LittleEndian.PutUint64(b[8:], uint64(at)+head)
	binary.LittleEndian.PutUint32(b[16:], size4)
	return append(b, sockaddr(addrPort(machine.Address, 0))...)
}

// extension finds a function of Microsoft's by its identifier.
//
// https://learn.microsoft.com/windows/win32/winsock/winsock-ioctls
func extension(c *win.Call, guid []byte) win.Ptr {
	if guid == nil {
		return 0
	}
	name := ""
	switch binary.LittleEndian.Uint32(guid) {
	case 0x25A207B9:
		name = "ConnectEx"
	case 0x7FDA2E11:
		name = "DisconnectEx"
	case 0xB5367DF1, 0xB5367DF2, 0xB5367DF0, 0xF689D7C8, 0xD9689DA0: // AcceptEx, GetAcceptExSockaddrs, TransmitFile, WSARecvMsg, TransmitPackets
		c.Gap(fmt.Sprintf("the extension function %#x", binary.LittleEndian.Uint32(guid)))
		return 0
	default:
		return 0
	}
	return c.Stub("ws2_32.dll", name)
}

// connectEx connects a socket that was bound and may send at once.
//
// https://learn.microsoft.com/windows/win32/api/mswsock/nc-mswsock-lpfn_connectex
func connectEx(c *win.Call, s win.Handle, name win.Ptr, namelen win.Int, lpSendBuffer win.Ptr, dwSendDataLength win.DWORD, lpdwBytesSent win.Out[uint32], lpOverlapped win.Ptr) (win.Bool, win.Error) {
	o, err := find(c, s)
	switch {
	case err != 0:
		return false, err
	case lpOverlapped == 0:
		return false, win.ErrInvalidParameter
	case !o.bound:
		return false, errInvalid
	}
	at, err := o.address(c, name, namelen)
	if err != 0 {
		return false, err
	}
	if err := o.connect(c, at, true); err != 0 {
		return false, err
	}
	n := 0
	if lpSendBuffer != 0 && dwSendDataLength > 0 {
		data := c.Bytes(lpSendBuffer, uint64(dwSendDataLength))
		if c.Faulted() {
			return false, 0
		}
		if n, err = o.send(c, data, 0, 0, 0); err != 0 {
			return false, err
		}
	}
	lpdwBytesSent.Set(c, uint32(n))
	o.complete(c, lpOverlapped, n, 0)
	return true, 0
}

// disconnectEx ends a connection.
//
// https://learn.microsoft.com/previous-versions/windows/desktop/legacy/ms737757(v=vs.85)
func disconnectEx(c *win.Call, s win.Handle, lpOverlapped win.Ptr, dwFlags win.Hex, dwReserved win.DWORD) (win.Bool, win.Error) {
	const both = 2
	if _, err := shutdown(c, s, both); err != 0 {
		return false, err
	}
	if lpOverlapped != 0 {
		complete(c, lpOverlapped, 0, 0)
	}
	return true, 0
}

// wsaEnumProtocols lists the protocols there are.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsaenumprotocolsw
func wsaEnumProtocols(c *win.Call, lpiProtocols, lpProtocolBuffer win.Ptr, lpdwBufferLength win.Out[uint32]) (win.SockInt, win.Error) {
	const sizeA, sizeW, most = 372, 628, 64
	if err := started(c); err != 0 {
		return result(err)
	}
	wanted := func(protocol int) bool { return lpiProtocols == 0 }
	if lpiProtocols != 0 {
		var list []int
		for i := range win.Ptr(most) {
			p := int(c.ReadUint(lpiProtocols+4*i, 4))
			if p == 0 || c.Faulted() {
				break
			}
			list = append(list, p)
		}
		wanted = func(protocol int) bool {
			for _, p := range list {
				if p == protocol {
					return true
				}
			}
			return false
		}
	}
	size := sizeW
	if c.ANSI() {
		size = sizeA
	}
	var entries []byte
	for i, p := range []struct {
		name                   string
		family, kind, protocol int
		flags                  uint32
	}{
		{"MSAFD Tcpip [TCP/IP]", family4, typeStream, protocolTCP, 0x20066}, {"MSAFD Tcpip [UDP/IP]", family4, typeDatagram, protocolUDP, 0x20609},
		{"MSAFD Tcpip [TCP/IPv6]", family6, typeStream, protocolTCP, 0x20066}, {"MSAFD Tcpip [UDP/IPv6]", family6, typeDatagram, protocolUDP, 0x20609},
	} {
		if !wanted(p.protocol) {
			continue
		}
		e := make([]byte, size)
		put := func(at int, v uint32) { binary.LittleEndian.PutUint32(e[at:], v) }
		put(0, p.flags)
		put(16, 8) // dwProviderFlags: PFL_MATCHES_PROTOCOL_ZERO
		put(36, uint32(1001+i))
		put(40, 1) // a chain of one: a base provider
		put(72, 2) // iVersion
		put(76, uint32(p.family))
		length := uint32(size4)
		if p.family == family6 {
			length = size6
		}
		put(80, length)
		put(84, length)
		put(88, uint32(p.kind))
		put(92, uint32(p.protocol))
		if p.kind == typeDatagram {
			put(108, 65527)
		}
		if c.ANSI() {
			copy(e[116:], guest.ANSI(p.name))
		} else {
			copy(e[116:], guest.UTF16(p.name))
		}
		entries = append(entries, e...)
	}
	if lpdwBufferLength.Null() {
		return result(errFault)
	}
	space := lpdwBufferLength.Get(c)
	lpdwBufferLength.Set(c, uint32(len(entries)))
	if lpProtocolBuffer == 0 || int(space) < len(entries) {
		return result(10055) // WSAENOBUFS
	}
	c.Write(lpProtocolBuffer, entries)
	return win.SockInt(len(entries) / size), 0
}
