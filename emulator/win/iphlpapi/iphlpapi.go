// Package iphlpapi has the handlers of iphlpapi.dll, which describe the
// machine's network: one wired adapter, the loopback interface, a router.
package iphlpapi

import (
	"net/netip"

	"sidetrace/emulator/win"
)

// Table returns iphlpapi.dll.
func Table() win.Table {
	return win.DLL("iphlpapi.dll", adapterRows, interfaceRows, tableRows, echoRows)
}

// addr4 is an IPv4 address as a number of the guest's memory.
func addr4(a netip.Addr) uint64 {
	b := a.As4()
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24
}

// store stores a result whose size the guest has to know; tooSmall is the
// error that tells it.
func store(c *win.Call, data []byte, to win.Ptr, size win.Out[uint32], tooSmall win.Error) win.LSTATUS {
	if size.Null() {
		return win.LSTATUS(win.ErrInvalidParameter)
	}
	space := size.Get(c)
	size.Set(c, uint32(len(data)))
	if to == 0 || int(space) < len(data) {
		return win.LSTATUS(tooSmall)
	}
	c.Write(to, data)
	return 0
}
