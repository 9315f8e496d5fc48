package ws2_32

import (
	"encoding/binary"
	"net/netip"

	"sidetrace/emulator/win"
)

// Sizes of sockaddr_in and sockaddr_in6.
const (
	size4 = 16
	size6 = 28
)

// address reads the address a socket is to have or to reach.
func (s *socket) address(c *win.Call, name win.Ptr, length win.Int) (netip.AddrPort, win.Error) {
	need := size4
	if s.family == family6 {
		need = size6
	}
	if name == 0 || int(length) < need {
		return netip.AddrPort{}, errFault
	}
	at, family := readAddress(c, name, length)
	if c.Faulted() || family != s.family {
		return netip.AddrPort{}, errFamily
	}
	return at, 0
}

// readAddress reads a sockaddr.
func readAddress(c *win.Call, name win.Ptr, length win.Int) (at netip.AddrPort, family int) {
	if length < 2 {
		return at, 0
	}
	family = int(c.ReadUint(name, 2))
	switch {
	case family == family4 && length >= size4:
		if b := c.Bytes(name, size4); b != nil {
			return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), binary.BigEndian.Uint16(b[2:])), family
		}
	case family == family6 && length >= size6:
		if b := c.Bytes(name, size6); b != nil {
			return netip.AddrPortFrom(netip.AddrFrom16([16]byte(b[8:24])), binary.BigEndian.Uint16(b[2:])), family
		}
	}
	return at, family
}

// sockaddr gives an address as the guest sees it.
func sockaddr(at netip.AddrPort) []byte {
	if at.Addr().Is4() {
		b := make([]byte, size4)
		binary.LittleEndian.PutUint16(b, family4)
		binary.BigEndian.PutUint16(b[2:], at.Port())
		copy(b[4:], at.Addr().AsSlice())
		return b
	}
	b := make([]byte, size6)
	binary.LittleEndian.PutUint16(b, family6)
	binary.BigEndian.PutUint16(b[2:], at.Port())
	copy(b[8:], at.Addr().AsSlice())
	return b
}

// storeAddress stores an address and its length.
func storeAddress(c *win.Call, at netip.AddrPort, name win.Ptr, length win.Out[uint32]) win.Error {
	b := sockaddr(at)
	if name == 0 || length.Null() || int(length.Get(c)) < len(b) {
		return errFault
	}
	c.Write(name, b)
	length.Set(c, uint32(len(b)))
	return 0
}

// storeOptional does so where the guest need not want to know.
func storeOptional(c *win.Call, at netip.AddrPort, name win.Ptr, length win.Out[uint32]) win.Error {
	if name == 0 {
		return 0
	}
	return storeAddress(c, at, name, length)
}

func addrPort(a netip.Addr, port uint16) netip.AddrPort { return netip.AddrPortFrom(a, port) }
