package ws2_32

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/machine"
	"sidetrace/emulator/win/names"
)

var resolveRows = win.Rows{
	win.Func1("freeaddrinfo", freeAddrInfo, "pAddrInfo"),
	win.Func1("FreeAddrInfoW", freeAddrInfo, "pAddrInfo"),
	win.Func1("FreeAddrInfoEx", freeAddrInfo, "pAddrInfo"),
	win.Func1("FreeAddrInfoExW", freeAddrInfo, "pAddrInfo"),
	win.Func4("getaddrinfo", getAddrInfo, "pNodeName pServiceName pHints ppResult"),
	win.Partial(win.Func10("GetAddrInfoExW", getAddrInfoEx, "pName pServiceName dwNameSpace lpNspId hints ppResult timeout lpOverlapped lpCompletionRoutine lpNameHandle"), "it is done at once"),
	win.Func4("GetAddrInfoW", getAddrInfoW, "pNodeName pServiceName pHints ppResult"),
	win.Partial(win.Func3("gethostbyaddr", getHostByAddr, "addr len _type"), "names of the machine and of the configuration"),
	win.Func1("gethostbyname", getHostByName, "name"),
	win.Func7("getnameinfo", getNameInfo, "pSockaddr SockaddrLength pNodeBuffer NodeBufferSize pServiceBuffer ServiceBufferSize Flags"),
	win.Func7("GetNameInfoW", getNameInfoW, "pSockaddr SockaddrLength pNodeBuffer NodeBufferSize pServiceBuffer ServiceBufferSize Flags"),
}

// lookup gives the addresses of a name; the machine knows itself.
func lookup(c *win.Call, name string) []netip.Addr {
	switch {
	case strings.EqualFold(name, "localhost"):
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
	case name == "" || strings.EqualFold(name, c.Config.Computer):
		return []netip.Addr{machine.Address}
	}
	var list []netip.Addr
	for _, text := range names.Resolve(c, name) {
		if a, err := netip.ParseAddr(text); err == nil {
			list = append(list, a.Unmap())
		}
	}
	return list
}

// getHostByName finds the IPv4 addresses of a name. The result lies in the
// thread's own place.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-gethostbyname
func getHostByName(c *win.Call, name win.AStr) (win.Ptr, win.Error) {
	if err := started(c); err != 0 {
		return 0, err
	}
	host := name.Text
	if host == "" {
		host = c.Config.Computer
	}
	var list []netip.Addr
	if v, ok := parse4(host); ok {
		list = []netip.Addr{netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, v)))}
	} else {
		list = lookup(c, host)
	}
	return hostEntry(c, host, list)
}

func hostEntry(c *win.Call, name string, list []netip.Addr) (win.Ptr, win.Error) {
	own := state(c).own(c)
	b := win.NewBlock(own.place(c, &own.host), 32)
	var addresses []uint64
	const most = 32
	for _, a := range list {
		if a.Is4() && len(addresses) < most {
			addresses = append(addresses, b.Add(a.AsSlice()))
		}
	}
	if len(addresses) == 0 {
		return 0, errHostNotFound
	}
	b.Put(0, 8, b.Add(guest.ANSI(name)))
	b.Put(8, 8, b.List())
	b.Put(16, 2, family4)
	b.Put(18, 2, 4)
	b.Put(24, 8, b.List(addresses...))
	at := store(c, b)
	if at == 0 {
		return 0, errHostNotFound
	}
	return at, 0
}

// getHostByAddr finds the name of an address.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-gethostbyaddr
func getHostByAddr(c *win.Call, addr win.Ptr, len, _type win.Int) (win.Ptr, win.Error) {
	switch {
	case state(c).started == 0:
		return 0, errNotInitialised
	case addr == 0 || len < 4:
		return 0, errFault
	case _type != family4:
		return 0, errFamily
	}
	a, _ := netip.AddrFromSlice(c.Bytes(addr, 4))
	if c.Faulted() {
		return 0, 0
	}
	name, ok := nameOf(c, a)
	if !ok {
		return 0, errHostNotFound
	}
	return hostEntry(c, name, []netip.Addr{a})
}

// nameOf is the name of an address.
func nameOf(c *win.Call, a netip.Addr) (string, bool) {
	if machine.Own(a) {
		return c.Config.Computer, true
	}
	if hosts := c.Network.HostsAt(a.String()); len(hosts) > 0 {
		return hosts[0], true
	}
	return "", false
}

// Flags of hints, AI_*.
const (
	passive       = 0x01
	canonicalName = 0x02
	numericHost   = 0x04
	numericServer = 0x08
)

// form is how a result is laid out: text, and the extended structure.
type form struct {
	encode   func(string) []byte
	extended bool
}

func getAddrInfo(c *win.Call, pNodeName, pServiceName win.AStr, pHints win.Ptr, ppResult win.Out[uint64]) (win.LSTATUS, win.Error) {
	return addrInfo(c, pNodeName.Str, pServiceName.Str, pHints, ppResult, form{encode: guest.ANSI}), 0
}

func getAddrInfoW(c *win.Call, pNodeName, pServiceName win.WStr, pHints win.Ptr, ppResult win.Out[uint64]) (win.LSTATUS, win.Error) {
	return addrInfo(c, pNodeName.Str, pServiceName.Str, pHints, ppResult, form{encode: guest.UTF16}), 0
}

func getAddrInfoEx(c *win.Call, pName, pServiceName win.WStr, dwNameSpace win.DWORD, lpNspId, hints win.Ptr, ppResult win.Out[uint64], timeout, lpOverlapped, lpCompletionRoutine win.Ptr, lpNameHandle win.Out[uint64]) (win.LSTATUS, win.Error) {
	if lpCompletionRoutine != 0 {
		c.Gap("a completion routine")
	}
	r := addrInfo(c, pName.Str, pServiceName.Str, hints, ppResult, form{guest.UTF16, true})
	if lpOverlapped != 0 {
		complete(c, lpOverlapped, 0, uint64(r))
	}
	return r, 0
}

// addrInfo finds the addresses of a name and the port of a service. The result
// is also the last error.
//
// https://learn.microsoft.com/windows/win32/api/ws2tcpip/nf-ws2tcpip-getaddrinfo
func addrInfo(c *win.Call, node, service win.Str, hints win.Ptr, to win.Out[uint64], f form) win.LSTATUS {
	fail := func(err win.Error) win.LSTATUS {
		c.SetLastError(err)
		return win.LSTATUS(err)
	}
	if to.Null() {
		return fail(errFault)
	}
	to.Set(c, 0)
	if err := started(c); err != 0 {
		return fail(err)
	}
	var want struct{ flags, family, kind, protocol int }
	if hints != 0 {
		b := c.Bytes(hints, 16)
		if c.Faulted() {
			return 0
		}
		for i, v := range []*int{&want.flags, &want.family, &want.kind, &want.protocol} {
			*v = int(int32(binary.LittleEndian.Uint32(b[4*i:])))
		}
	}
	switch {
	case node.Null() && service.Null():
		return fail(errHostNotFound)
	case want.family != familyAny && want.family != family4 && want.family != family6:
		return fail(errFamily)
	case want.kind != 0 && want.kind != typeStream && want.kind != typeDatagram && want.kind != typeRaw:
		return fail(errSocketType)
	case want.flags&canonicalName != 0 && node.Null():
		return fail(errInvalid)
	}
	port, err := servicePort(service, want.flags, &want.kind, &want.protocol)
	if err != 0 {
		return fail(err)
	}
	list, err := nodeAddresses(c, node, want.flags)
	if err != 0 {
		return fail(err)
	}
	canonical := ""
	if want.flags&canonicalName != 0 {
		canonical = node.Text
	}
	next := win.Ptr(0)
	for i := len(list) - 1; i >= 0; i-- {
		a := list[i]
		if want.family == family4 && !a.Is4() || want.family == family6 && a.Is4() {
			continue
		}
		name := ""
		if i == 0 {
			name = canonical
		}
		entry := f.entry(c, netip.AddrPortFrom(a, port), want.kind, want.protocol, name, next)
		if entry == 0 {
			return fail(8) // WSA_NOT_ENOUGH_MEMORY
		}
		next = entry
	}
	if next == 0 {
		return fail(errHostNotFound)
	}
	to.Set(c, uint64(next))
	return 0
}

// servicePort is the port of a service, which may be a number. A service that
// is only there for TCP or UDP decides the type of socket.
func servicePort(service win.Str, flags int, kind, protocol *int) (uint16, win.Error) {
	if service.Null() || service.Text == "" {
		return 0, 0
	}
	if n, err := strconv.ParseUint(service.Text, 10, 16); err == nil {
		return uint16(n), 0
	}
	if flags&numericServer != 0 {
		return 0, errHostNotFound
	}
	for _, s := range services {
		if !strings.EqualFold(s.name, service.Text) {
			continue
		}
		if *kind == typeStream && s.protocol == "udp" || *kind == typeDatagram && s.protocol == "tcp" {
			continue
		}
		if *kind == 0 && s.protocol == "tcp" {
			*kind = typeStream
		}
		return s.port, 0
	}
	return 0, errTypeNotFound
}

func nodeAddresses(c *win.Call, node win.Str, flags int) ([]netip.Addr, win.Error) {
	if node.Null() {
		if flags&passive != 0 {
			return []netip.Addr{netip.IPv6Unspecified(), netip.IPv4Unspecified()}, 0
		}
		return []netip.Addr{netip.IPv6Loopback(), netip.AddrFrom4([4]byte{127, 0, 0, 1})}, 0
	}
	if a, err := netip.ParseAddr(strings.Trim(node.Text, "[]")); err == nil {
		return []netip.Addr{a.WithZone("")}, 0
	}
	if v, ok := parse4(node.Text); ok {
		return []netip.Addr{netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, v)))}, 0
	}
	if flags&numericHost != 0 {
		return nil, errHostNotFound
	}
	list := lookup(c, node.Text)
	if len(list) == 0 {
		return nil, errHostNotFound
	}
	return list, 0
}

// entry lays out one result. It is one allocation, which freeaddrinfo gives
// back.
func (f form) entry(c *win.Call, at netip.AddrPort, kind, protocol int, canonical string, next win.Ptr) win.Ptr {
	size, link := 48, 40
	if f.extended {
		size, link = 72, 64
	}
	address := sockaddr(at)
	b := win.NewBlock(0, size)
	name := []byte(nil)
	if canonical != "" {
		name = f.encode(canonical)
	}
	const slack = 32 // of the alignment
	b.Base = win.Ptr(c.Heap.Alloc(uint64(size + len(address) + len(name) + slack)))
	if b.Base == 0 {
		return 0
	}
	family := uint64(family4)
	if at.Addr().Is6() {
		family = family6
	}
	b.Put(4, 4, family)
	b.Put(8, 4, uint64(kind))
	b.Put(12, 4, uint64(protocol))
	b.Put(16, 8, uint64(len(address)))
	if name != nil {
		b.Put(24, 8, b.Add(name))
	}
	b.Put(32, 8, b.Add(address))
	b.Put(link, 8, uint64(next))
	c.Write(b.Base, b.Data)
	return b.Base
}

// freeAddrInfo gives a list of results back. The list is walked as the
// extended structure if the export's name says so.
//
// https://learn.microsoft.com/windows/win32/api/ws2tcpip/nf-ws2tcpip-freeaddrinfo
func freeAddrInfo(c *win.Call, pAddrInfo win.Ptr) (win.Void, win.Error) {
	const most = 4096
	link := win.Ptr(40)
	if strings.HasPrefix(c.Name(), "FreeAddrInfoEx") {
		link = 64
	}
	for range most {
		if pAddrInfo == 0 || c.Faulted() {
			break
		}
		next := win.Ptr(c.ReadUint(pAddrInfo+link, 8))
		c.Heap.Free(uint64(pAddrInfo))
		pAddrInfo = next
	}
	return win.Void{}, 0
}

func getNameInfo(c *win.Call, pSockaddr win.Ptr, SockaddrLength win.Int, pNodeBuffer win.Ptr, NodeBufferSize win.DWORD, pServiceBuffer win.Ptr, ServiceBufferSize win.DWORD, Flags win.Hex) (win.LSTATUS, win.Error) {
	return nameInfo(c, pSockaddr, SockaddrLength, pNodeBuffer, NodeBufferSize, pServiceBuffer, ServiceBufferSize, Flags, guest.ANSI, 1)
}

func getNameInfoW(c *win.Call, pSockaddr win.Ptr, SockaddrLength win.Int, pNodeBuffer win.Ptr, NodeBufferSize win.DWORD, pServiceBuffer win.Ptr, ServiceBufferSize win.DWORD, Flags win.Hex) (win.LSTATUS, win.Error) {
	return nameInfo(c, pSockaddr, SockaddrLength, pNodeBuffer, NodeBufferSize, pServiceBuffer, ServiceBufferSize, Flags, guest.UTF16, 2)
}

// nameInfo gives the names of an address and of a port.
//
// https://learn.microsoft.com/windows/win32/api/ws2tcpip/nf-ws2tcpip-getnameinfo
func nameInfo(c *win.Call, sa win.Ptr, length win.Int, node win.Ptr, nodeSize win.DWORD, serv win.Ptr, servSize win.DWORD, flags win.Hex, encode func(string) []byte, char int) (win.LSTATUS, win.Error) {
	const numeric, needName, numericService, datagrams = 0x02, 0x04, 0x08, 0x10
	fail := func(err win.Error) (win.LSTATUS, win.Error) {
		c.SetLastError(err)
		return win.LSTATUS(err), 0
	}
	if err := started(c); err != 0 {
		return fail(err)
	}
	if sa == 0 {
		return fail(errFault)
	}
	at, family := readAddress(c, sa, length)
	switch {
	case c.Faulted():
		return 0, 0
	case family != family4 && family != family6:
		return fail(errFamily)
	case !at.IsValid():
		return fail(errFault)
	case node == 0 && serv == 0:
		return fail(errHostNotFound)
	}
	fill := func(to win.Ptr, size win.DWORD, text string) win.Error {
		b := encode(text)
		if len(b)/char > int(size) {
			return win.ErrInsufficientBuffer
		}
		c.Write(to, b)
		return 0
	}
	if node != 0 {
		name, ok := "", false
		if flags&numeric == 0 {
			name, ok = nameOf(c, at.Addr())
		}
		if !ok {
			if flags&needName != 0 && flags&numeric == 0 {
				return fail(errHostNotFound)
			}
			name = at.Addr().String()
		}
		if err := fill(node, nodeSize, name); err != 0 {
			return fail(err)
		}
	}
	if serv != 0 {
		name := strconv.Itoa(int(at.Port()))
		for _, s := range services {
			if flags&numericService == 0 && s.port == at.Port() && (s.protocol == "" || (s.protocol == "udp") == (flags&datagrams != 0)) {
				name = s.name
			}
		}
		if err := fill(serv, servSize, name); err != 0 {
			return fail(err)
		}
	}
	return 0, 0
}
