// Package machine is the network the emulated machine is in, as several DLLs
// describe it: one wired adapter with a fixed address of TEST-NET-1 (RFC 5737)
// and a router that is also the server of names.
package machine

import "net/netip"

// The adapter and what is around it.
var (
	Address  = netip.AddrFrom4([4]byte{192, 0, 2, 10})
	Mask     = netip.AddrFrom4([4]byte{255, 255, 255, 0})
	Router   = netip.AddrFrom4([4]byte{192, 0, 2, 1})
	Hardware = [6]byte{0x00, 0x1B, 0x21, 0x3C, 0x9D, 0xF2}
)

const (
	PrefixLength  = 24
	Adapter       = "{7C0F2F5B-3A5B-4F0A-9C39-1D1E6A2B8E41}"
	Description   = "Intel(R) Ethernet Connection"
	Friendly      = "Ethernet"
	Index         = 5
	LoopbackIndex = 1
)

// Own reports whether an address is one of the machine's.
func Own(a netip.Addr) bool { return a.IsLoopback() || a == Address }
