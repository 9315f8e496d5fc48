package ws2_32

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"strconv"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var textRows = win.Rows{
	win.Func1("htonl", swapLong, "v"),
	win.Func1("htons", swapShort, "v"),
	win.Func1("inet_addr", inetAddr, "cp"),
	win.Func1("inet_ntoa", inetNtoa, "in"),
	win.Func4("inet_ntop", inetNtop, "Family pAddr pStringBuf StringBufSize"),
	win.Func3("inet_pton", inetPton, "Family pszAddrString pAddrBuf"),
	win.Func4("InetNtopW", inetNtopW, "Family pAddr pStringBuf StringBufSize"),
	win.Func3("InetPtonW", inetPtonW, "Family pszAddrString pAddrBuf"),
	win.Func1("ntohl", swapLong, "v"),
	win.Func1("ntohs", swapShort, "v"),
	win.Partial(win.Func5("WSAAddressToString{A,W}", wsaAddressToString, "lpsaAddress dwAddressLength lpProtocolInfo lpszAddressString lpdwAddressStringLength"), "no scope identifiers"),
	win.Func3("WSAHtonl", wsaSwapLong, "s hostlong lpnetlong"),
	win.Func3("WSAHtons", wsaSwapShort, "s hostshort lpnetshort"),
	win.Func3("WSANtohl", wsaSwapLong, "s hostlong lpnetlong"),
	win.Func3("WSANtohs", wsaSwapShort, "s hostshort lpnetshort"),
	win.Func5("WSAStringToAddress{A,W}", wsaStringToAddress, "AddressString AddressFamily lpProtocolInfo lpAddress lpAddressLength"),
}

// Numbers go over the wire with the high byte first.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-htonl
func swapLong(c *win.Call, v win.DWORD) (win.DWORD, win.Error) {
	return win.DWORD(bits.ReverseBytes32(uint32(v))), 0
}

func swapShort(c *win.Call, v win.WORD) (win.WORD, win.Error) {
	return win.WORD(bits.ReverseBytes16(uint16(v))), 0
}

func wsaSwapLong(c *win.Call, s win.Handle, hostlong win.DWORD, lpnetlong win.Out[uint32]) (win.SockInt, win.Error) {
	if _, err := find(c, s); err != 0 {
		return result(err)
	}
	if lpnetlong.Null() {
		return result(errFault)
	}
	lpnetlong.Set(c, bits.ReverseBytes32(uint32(hostlong)))
	return 0, 0
}

func wsaSwapShort(c *win.Call, s win.Handle, hostshort win.WORD, lpnetshort win.Out[uint16]) (win.SockInt, win.Error) {
	if _, err := find(c, s); err != 0 {
		return result(err)
	}
	if lpnetshort.Null() {
		return result(errFault)
	}
	lpnetshort.Set(c, bits.ReverseBytes16(uint16(hostshort)))
	return 0, 0
}

// inetAddr reads an IPv4 address in any of its forms: up to four parts,
// decimal, octal or hexadecimal, of which the last fills what is left.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-inet_addr
func inetAddr(c *win.Call, cp win.AStr) (win.DWORD, win.Error) {
	const none = 0xFFFFFFFF
	if cp.Null() {
		c.SetLastError(errFault)
		return none, 0
	}
	text := cp.Text
	if text == " " {
		return 0, 0
	}
	if i := strings.IndexAny(text, " \t\r\n"); i >= 0 {
		text = text[:i] // what follows a blank does not matter
	}
	v, ok := parse4(text)
	if !ok {
		return none, 0
	}
	return win.DWORD(bits.ReverseBytes32(v)), 0
}

func parse4(text string) (uint32, bool) {
	parts := strings.Split(text, ".")
	if len(parts) > 4 {
		return 0, false
	}
	v := uint32(0)
	for i, p := range parts {
		base, digits := 10, p
		switch {
		case strings.HasPrefix(p, "0x") || strings.HasPrefix(p, "0X"):
			base, digits = 16, p[2:]
		case len(p) > 1 && p[0] == '0':
			base, digits = 8, p[1:]
		}
		n, err := strconv.ParseUint(digits, base, 32)
		width := 8
		if i == len(parts)-1 {
			width = 8 * (5 - len(parts))
		}
		if err != nil || n>>width != 0 {
			return 0, false
		}
		if i == len(parts)-1 {
			return v | uint32(n), true
		}
		v |= uint32(n) << (24 - 8*i)
	}
	return 0, false
}

// inetNtoa writes an IPv4 address into the thread's buffer.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-inet_ntoa
func inetNtoa(c *win.Call, in win.DWORD) (win.Ptr, win.Error) {
	b := binary.LittleEndian.AppendUint32(nil, uint32(in))
	at := state(c).own(c).text(c)
	if at != 0 {
		c.Write(at, guest.ANSI(netip.AddrFrom4([4]byte(b)).String()))
	}
	return at, 0
}

// inetPton reads an address in its usual form.
//
// https://learn.microsoft.com/windows/win32/api/ws2tcpip/nf-ws2tcpip-inet_pton
func inetPton(c *win.Call, Family win.Int, pszAddrString win.AStr, pAddrBuf win.Ptr) (win.SockInt, win.Error) {
	return pton(c, Family, pszAddrString.Str, pAddrBuf)
}

func inetPtonW(c *win.Call, Family win.Int, pszAddrString win.WStr, pAddrBuf win.Ptr) (win.SockInt, win.Error) {
	return pton(c, Family, pszAddrString.Str, pAddrBuf)
}

func pton(c *win.Call, family win.Int, text win.Str, to win.Ptr) (win.SockInt, win.Error) {
	switch {
	case family != family4 && family != family6:
		return result(errFamily)
	case text.Null() || to == 0:
		return result(errFault)
	}
	a, err := netip.ParseAddr(text.Text)
	if err != nil || a.Zone() != "" || a.Is4() != (family == family4) {
		return 0, 0
	}
	c.Write(to, a.AsSlice())
	return 1, 0
}

// inetNtop writes an address in its usual form.
//
// https://learn.microsoft.com/windows/win32/api/ws2tcpip/nf-ws2tcpip-inet_ntop
func inetNtop(c *win.Call, Family win.Int, pAddr, pStringBuf win.Ptr, StringBufSize win.Size) (win.Ptr, win.Error) {
	return ntop(c, Family, pAddr, pStringBuf, StringBufSize, guest.ANSI, 1)
}

func inetNtopW(c *win.Call, Family win.Int, pAddr, pStringBuf win.Ptr, StringBufSize win.Size) (win.Ptr, win.Error) {
	return ntop(c, Family, pAddr, pStringBuf, StringBufSize, guest.UTF16, 2)
}

func ntop(c *win.Call, family win.Int, addr, to win.Ptr, size win.Size, encode func(string) []byte, char int) (win.Ptr, win.Error) {
	n := uint64(4)
	switch family {
	case family4:
	case family6:
		n = 16
	default:
		return 0, errFamily
	}
	if to == 0 || addr == 0 {
		return 0, win.ErrInvalidParameter
	}
	a, _ := netip.AddrFromSlice(c.Bytes(addr, n))
	if c.Faulted() {
		return 0, 0
	}
	text := encode(a.String())
	if uint64(size) < uint64(len(text)/char) {
		return 0, win.ErrInvalidParameter
	}
	c.Write(to, text)
	return to, 0
}

// wsaAddressToString writes a sockaddr as text, with the port unless it is 0.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsaaddresstostringw
func wsaAddressToString(c *win.Call, lpsaAddress win.Ptr, dwAddressLength win.DWORD, lpProtocolInfo, lpszAddressString win.Ptr, lpdwAddressStringLength win.Out[uint32]) (win.SockInt, win.Error) {
	switch {
	case state(c).started == 0:
		return result(errNotInitialised)
	case lpsaAddress == 0 || lpszAddressString == 0 || lpdwAddressStringLength.Null():
		return result(errFault)
	}
	at, family := readAddress(c, lpsaAddress, win.Int(dwAddressLength))
	if c.Faulted() {
		return 0, 0
	}
	if family != family4 && family != family6 {
		return result(errInvalid)
	}
	if !at.IsValid() {
		return result(errFault)
	}
	text := at.String()
	if at.Port() == 0 {
		text = at.Addr().String()
	}
	encoded := c.Encode(text)
	n := uint32(uint64(len(encoded)) / c.CharSize())
	space := lpdwAddressStringLength.Get(c)
	lpdwAddressStringLength.Set(c, n)
	if space < n {
		return result(errFault)
	}
	c.Write(lpszAddressString, encoded)
	return 0, 0
}

// wsaStringToAddress reads a sockaddr from text.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsastringtoaddressw
func wsaStringToAddress(c *win.Call, AddressString win.TStr, AddressFamily win.Int, lpProtocolInfo, lpAddress win.Ptr, lpAddressLength win.Out[uint32]) (win.SockInt, win.Error) {
	switch {
	case state(c).started == 0:
		return result(errNotInitialised)
	case lpAddressLength.Null() || lpAddress == 0:
		return result(errFault)
	case AddressString.Null():
		return result(errInvalid)
	}
	var at netip.AddrPort
	text := AddressString.Text
	size := uint32(size4)
	switch AddressFamily {
	case family4:
		host, port, has := strings.Cut(text, ":")
		v, ok := parse4(host)
		p, err := strconv.ParseUint(port, 10, 16)
		if !ok || has && err != nil {
			return result(errInvalid)
		}
		at = netip.AddrPortFrom(netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, v))), uint16(p))
	case family6:
		size = size6
		a, err := netip.ParseAddr(strings.Trim(text, "[]"))
		at = netip.AddrPortFrom(a, 0)
		if err != nil {
			at, err = netip.ParseAddrPort(text)
		}
		if err != nil || !at.Addr().Is6() {
			return result(errInvalid)
		}
	default:
		return result(errInvalid)
	}
	space := lpAddressLength.Get(c)
	lpAddressLength.Set(c, size)
	if space < size {
		return result(errFault)
	}
	c.Write(lpAddress, sockaddr(at))
	return 0, 0
}
