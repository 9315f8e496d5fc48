package iphlpapi

import (
	"net/netip"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/machine"
)

var adapterRows = win.Rows{
	win.Partial(win.Func5("GetAdaptersAddresses", getAdaptersAddresses, "Family Flags Reserved AdapterAddresses SizePointer"), "one adapter and the loopback interface"),
	win.Func2("GetAdaptersInfo", getAdaptersInfo, "AdapterInfo SizePointer"),
	win.Func2("GetNetworkParams", getNetworkParams, "pFixedInfo pOutBufLen"),
	win.Func3("GetPerAdapterInfo", getPerAdapterInfo, "IfIndex pPerAdapterInfo pOutBufLen"),
}

const ethernet = 6 // IF_TYPE_ETHERNET_CSMACD

// addressString fills in an IP_ADDR_STRING.
func addressString(b *win.Block, at int, address, mask string) {
	copy(b.Data[at+8:], address)
	copy(b.Data[at+24:], mask)
}

// getAdaptersInfo describes the adapter.
//
// https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-getadaptersinfo
func getAdaptersInfo(c *win.Call, AdapterInfo win.Ptr, SizePointer win.Out[uint32]) (win.LSTATUS, win.Error) {
	const (
		size                           = 704
		name, description              = 12, 272
		length, hardware, index, kind  = 404, 408, 416, 420
		dhcp, addresses, gateway, from = 424, 440, 488, 536
		lease                          = 86400
	)
	b := win.NewBlock(AdapterInfo, size)
	b.Put(8, 4, machine.Index)
	copy(b.Data[name:], machine.Adapter)
	copy(b.Data[description:], machine.Description)
	b.Put(length, 4, uint64(len(machine.Hardware)))
	copy(b.Data[hardware:], machine.Hardware[:])
	b.Put(index, 4, machine.Index)
	b.Put(kind, 4, ethernet)
	b.Put(dhcp, 4, 1)
	addressString(b, addresses, machine.Address.String(), machine.Mask.String())
	addressString(b, gateway, machine.Router.String(), machine.Mask.String())
	addressString(b, from, machine.Router.String(), machine.Mask.String())
	b.Put(size-16, 8, uint64(c.Config.Clock.Unix()))
	b.Put(size-8, 8, uint64(c.Config.Clock.Unix()+lease))
	return store(c, b.Data, AdapterInfo, SizePointer, win.ErrBufferOverflow), 0
}

// Flags of what is to be left out, GAA_FLAG_*.
const (
	skipUnicast = 0x01
	skipServers = 0x08
	skipName    = 0x20
	gateways    = 0x80
)

// entry is an interface as GetAdaptersAddresses describes it.
type entry struct {
	name, description, friendly string
	index, kind                 uint64
	hardware                    []byte
	address                     netip.Addr
	prefix                      uint64
	origin                      uint64
	router                      netip.Addr
}

func entries(family win.DWORD) []entry {
	const family4, family6, loopback, dhcp, wellKnown = 2, 23, 24, 3, 2
	var list []entry
	if family != family6 {
		list = append(list, entry{
			machine.Adapter, machine.Description, machine.Friendly, machine.Index, ethernet, machine.Hardware[:],
			machine.Address, machine.PrefixLength, dhcp, machine.Router,
		})
	}
	local := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	prefix := uint64(8)
	if family == family6 {
		local, prefix = netip.IPv6Loopback(), 128
	}
	return append(list, entry{
		name: "{B3F1C1E0-0000-4000-8000-00000000004C}", description: "Software Loopback Interface 1", friendly: "Loopback Pseudo-Interface 1",
		index: machine.LoopbackIndex, kind: loopback, address: local, prefix: prefix, origin: wellKnown,
	})
}

// getAdaptersAddresses describes the interfaces with their addresses.
//
// https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-getadaptersaddresses
func getAdaptersAddresses(c *win.Call, Family win.DWORD, Flags win.Hex, Reserved, AdapterAddresses win.Ptr, SizePointer win.Out[uint32]) (win.LSTATUS, win.Error) {
	const family4, family6 = 2, 23
	if Family != 0 && Family != family4 && Family != family6 || SizePointer.Null() {
		return win.LSTATUS(win.ErrInvalidParameter), 0
	}
	b := win.NewBlock(AdapterAddresses, 0)
	list := entries(Family)
	for i, e := range list {
		start := e.lay(b, Flags)
		if i < len(list)-1 {
			for len(b.Data)%8 != 0 {
				b.Data = append(b.Data, 0)
			}
			b.Put(start+8, 8, uint64(b.Base)+uint64(len(b.Data)))
		}
	}
	return store(c, b.Data, AdapterAddresses, SizePointer, win.ErrBufferOverflow), 0
}

// lay adds an IP_ADAPTER_ADDRESSES and returns its offset.
func (e *entry) lay(b *win.Block, flags win.Hex) int {
	const (
		size                            = 448
		name, unicast, servers, suffix  = 16, 24, 48, 56
		description, friendly           = 64, 72
		hardware, length, flagsAt, mtu  = 80, 88, 92, 96
		kind, state, speed, gatewayList = 100, 104, 184, 208
		metric, luid                    = 216, 224
		up, gigabit                     = 1, 1_000_000_000
	)
	start := int(b.Add(make([]byte, size)) - uint64(b.Base))
	b.Put(start, 4, size)
	b.Put(start+4, 4, e.index)
	b.Put(start+name, 8, b.Add(guest.ANSI(e.name)))
	if flags&skipUnicast == 0 {
		b.Put(start+unicast, 8, e.unicast(b))
	}
	if flags&skipServers == 0 && e.router.IsValid() {
		b.Put(start+servers, 8, address(b, 32, e.router))
	}
	b.Put(start+suffix, 8, b.Add([]byte{0, 0}))
	b.Put(start+description, 8, b.Add(guest.UTF16(e.description)))
	if flags&skipName == 0 {
		b.Put(start+friendly, 8, b.Add(guest.UTF16(e.friendly)))
	}
	copy(b.Data[start+hardware:], e.hardware)
	b.Put(start+length, 4, uint64(len(e.hardware)))
	if len(e.hardware) > 0 {
		const dhcp, ipv4 = 0x04, 0x80
		b.Put(start+flagsAt, 4, dhcp|ipv4)
		b.Put(start+mtu, 4, 1500)
	} else {
		b.Put(start+mtu, 4, 0xFFFFFFFF)
	}
	b.Put(start+kind, 4, e.kind)
	b.Put(start+state, 4, up)
	b.Put(start+speed, 8, gigabit)
	b.Put(start+speed+8, 8, gigabit)
	if flags&gateways != 0 && e.router.IsValid() {
		b.Put(start+gatewayList, 8, address(b, 32, e.router))
	}
	b.Put(start+metric, 4, 25)
	b.Put(start+luid, 8, e.kind<<48|e.index<<24)
	return start
}

func (e *entry) unicast(b *win.Block) uint64 {
	const size, origins, prefix = 64, 32, 56
	at := address(b, size, e.address)
	i := int(at - uint64(b.Base))
	b.Put(i+origins, 4, e.origin)
	b.Put(i+origins+4, 4, e.origin)
	b.Put(i+origins+8, 4, 4)          // preferred
	b.Put(i+origins+12, 4, 86400)     // valid for
	b.Put(i+origins+16, 4, 86400)     // preferred for
	b.Put(i+origins+20, 4, 86400)     // leased for
	b.Data[i+prefix] = byte(e.prefix) // bits
	return at
}

// address adds a structure that has an address at offset 16.
func address(b *win.Block, size int, a netip.Addr) uint64 {
	const family4, family6 = 2, 23
	at := b.Add(make([]byte, size))
	i := int(at - uint64(b.Base))
	sockaddr := make([]byte, 16)
	sockaddr[0] = family4
	copy(sockaddr[4:], a.AsSlice())
	if a.Is6() {
		sockaddr = make([]byte, 28)
		sockaddr[0] = family6
		copy(sockaddr[8:], a.AsSlice())
	}
	b.Put(i, 4, uint64(size))
	b.Put(i+16, 8, b.Add(sockaddr))
	b.Put(i+24, 4, uint64(len(sockaddr)))
	return at
}

// getNetworkParams tells the machine's name and its server of names.
//
// https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-getnetworkparams
func getNetworkParams(c *win.Call, pFixedInfo win.Ptr, pOutBufLen win.Out[uint32]) (win.LSTATUS, win.Error) {
	const size, longest, servers, nodeType, dns, hybrid = 600, 128, 272, 320, 592, 8
	b := win.NewBlock(pFixedInfo, size)
	host := guest.ANSI(c.Config.Computer)
	copy(b.Data, host[:min(len(host), longest)])
	addressString(b, servers, machine.Router.String(), "")
	b.Put(nodeType, 4, hybrid)
	b.Put(dns, 4, 1)
	return store(c, b.Data, pFixedInfo, pOutBufLen, win.ErrBufferOverflow), 0
}

// getPerAdapterInfo tells an adapter's server of names.
//
// https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-getperadapterinfo
func getPerAdapterInfo(c *win.Call, IfIndex win.DWORD, pPerAdapterInfo win.Ptr, pOutBufLen win.Out[uint32]) (win.LSTATUS, win.Error) {
	const size, servers = 64, 16
	if IfIndex != machine.Index {
		return win.LSTATUS(win.ErrInvalidParameter), 0
	}
	b := win.NewBlock(pPerAdapterInfo, size)
	addressString(b, servers, machine.Router.String(), "")
	return store(c, b.Data, pPerAdapterInfo, pOutBufLen, win.ErrBufferOverflow), 0
}
