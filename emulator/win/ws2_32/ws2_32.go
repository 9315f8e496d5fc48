// Package ws2_32 has the handlers of ws2_32.dll, Windows Sockets 2. There are
// two networks: connections and datagrams between sockets of the guest, which
// work, and the machine's own, where names and HTTP servers of the
// configuration answer and nothing else does.
package ws2_32

import (
	"net/netip"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// Tables returns ws2_32.dll and wsock32.dll, whose exports lead to it.
func Tables() []win.Table {
	rows := []win.Rower{
		startupRows, socketRows, connectRows, transferRows, pollRows, eventRows, optionRows, controlRows,
		textRows, resolveRows, databaseRows,
	}
	t := win.DLL("ws2_32.dll", rows...)
	numbered(t.Rows)
	return []win.Table{t, wsock32(t.Rows)}
}

// numbered gives the exports that are imported by number theirs.
func numbered(rows []win.Row) {
	for i := range rows {
		if n, ok := ordinals[rows[i].Name]; ok {
			rows[i] = win.Ordinal(rows[i], n)
		}
	}
}

var ordinals = map[string]uint32{
	"accept": 1, "bind": 2, "closesocket": 3, "connect": 4, "getpeername": 5, "getsockname": 6, "getsockopt": 7,
	"htonl": 8, "htons": 9, "ioctlsocket": 10, "inet_addr": 11, "inet_ntoa": 12, "listen": 13, "ntohl": 14,
	"ntohs": 15, "recv": 16, "recvfrom": 17, "select": 18, "send": 19, "sendto": 20, "setsockopt": 21, "shutdown": 22,
	"socket": 23, "gethostbyaddr": 51, "gethostbyname": 52, "getprotobyname": 53, "getprotobynumber": 54,
	"getservbyname": 55, "getservbyport": 56, "gethostname": 57, "WSAAsyncSelect": 101, "WSAGetLastError": 111,
	"WSASetLastError": 112, "WSAStartup": 115, "WSACleanup": 116, "__WSAFDIsSet": 151,
}

// wsock32 is the DLL of Windows Sockets 1.1: the same functions by the same
// numbers.
func wsock32(rows []win.Row) win.Table {
	var old win.Rows
	for _, r := range rows {
		if n, ok := ordinals[r.Name]; ok {
			old = append(old, win.Ordinal(win.Forward(r.Name, "ws2_32."+r.Name), n))
		}
	}
	return win.DLL("wsock32.dll", old)
}

// Errors of Windows Sockets.
//
// https://learn.microsoft.com/windows/win32/winsock/windows-sockets-error-codes-2
const (
	errIOPending      win.Error = 997 // WSA_IO_PENDING
	errIncomplete     win.Error = 996
	errInterrupted    win.Error = 10004
	errAccess         win.Error = 10013
	errFault          win.Error = 10014
	errInvalid        win.Error = 10022
	errTooMany        win.Error = 10024
	errWouldBlock     win.Error = 10035
	errAlready        win.Error = 10037
	errNotSocket      win.Error = 10038
	errDestination    win.Error = 10039
	errMessageSize    win.Error = 10040
	errProtocolType   win.Error = 10041
	errNoOption       win.Error = 10042
	errNoProtocol     win.Error = 10043
	errSocketType     win.Error = 10044
	errNotSupported   win.Error = 10045
	errFamily         win.Error = 10047
	errAddressInUse   win.Error = 10048
	errNoAddress      win.Error = 10049
	errUnreachable    win.Error = 10051
	errAborted        win.Error = 10053
	errReset          win.Error = 10054
	errIsConnected    win.Error = 10056
	errNotConnected   win.Error = 10057
	errShutdown       win.Error = 10058
	errTimedOut       win.Error = 10060
	errRefused        win.Error = 10061
	errVersion        win.Error = 10092
	errNotInitialised win.Error = 10093
	errTypeNotFound   win.Error = 10109
	errHostNotFound   win.Error = 11001
	errTryAgain       win.Error = 11002
	errNoData         win.Error = 11004
)

type stateKey struct{}

// stack is the state of Windows Sockets in a process.
type stack struct {
	started int // WSAStartup without WSACleanup
	ports   map[endpoint]*socket
	next    uint16 // the port an unbound socket gets
	open    []*socket
	scratch map[uint32]*scratch // by thread
}

// endpoint is a local address that is taken.
type endpoint struct {
	datagram bool
	at       netip.AddrPort
}

// Ports given to sockets that were not bound, as Windows has them.
const (
	firstPort  = 49152
	maxSockets = 4096
)

func state(c *win.Call) *stack {
	s, ok := c.State[stateKey{}].(*stack)
	if !ok {
		s = &stack{ports: map[endpoint]*socket{}, next: firstPort, scratch: map[uint32]*scratch{}}
		c.State[stateKey{}] = s
	}
	return s
}

// started checks that WSAStartup was called.
func started(c *win.Call) win.Error {
	if state(c).started == 0 {
		return errNotInitialised
	}
	return 0
}

// find finds a socket.
func find(c *win.Call, s win.Handle) (*socket, win.Error) {
	if err := started(c); err != 0 {
		return nil, err
	}
	o, ok := guest.Lookup[*socket](c.Handles, s.Guest())
	if !ok || o.closed {
		return nil, errNotSocket
	}
	return o, 0
}

// result turns an error into what most functions return.
func result(err win.Error) (win.SockInt, win.Error) { return 0, err }
