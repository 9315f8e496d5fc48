package iphlpapi

import (
	"encoding/binary"
	"net/netip"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/machine"
)

const connectionsNote = "the listeners of a plain machine, not the guest's own sockets"

var tableRows = win.Rows{
	win.Func3("GetBestRoute", getBestRoute, "dwDestAddr dwSourceAddr pBestRoute"),
	win.Partial(win.Func6("GetExtendedTcpTable", getExtendedTCPTable, "pTcpTable pdwSize bOrder ulAf TableClass Reserved"), connectionsNote),
	win.Partial(win.Func6("GetExtendedUdpTable", getExtendedUDPTable, "pUdpTable pdwSize bOrder ulAf TableClass Reserved"), "always empty"),
	win.Func3("GetIpAddrTable", getIPAddrTable, "pIpAddrTable pdwSize bOrder"),
	win.Func3("GetIpForwardTable", getIPForwardTable, "pIpForwardTable pdwSize bOrder"),
	win.Func3("GetIpNetTable", getIPNetTable, "IpNetTable SizePointer Order"),
	win.Partial(win.Func3("GetTcpTable", getTCPTable, "TcpTable SizePointer Order"), connectionsNote),
	win.Partial(win.Func3("GetTcpTable2", getTCPTable2, "TcpTable SizePointer Order"), connectionsNote),
	win.Partial(win.Func3("GetUdpTable", getUDPTable, "UdpTable SizePointer Order"), "always empty"),
	win.Func4("SendARP", sendARP, "DestIP SrcIP pMacAddr PhyAddrLen"),
}

// rows makes a table of rows of numbers.
func rows(list ...[]uint32) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(list)))
	for _, row := range list {
		for _, v := range row {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
	}
	return b
}

func n4(a netip.Addr) uint32 { return uint32(addr4(a)) }

const loopback4 = 0x0100007F

// getIPAddrTable lists the machine's addresses.
//
// https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-getipaddrtable
func getIPAddrTable(c *win.Call, pIpAddrTable win.Ptr, pdwSize win.Out[uint32], bOrder win.Int) (win.LSTATUS, win.Error) {
	const reassembly, primary, dynamic = 0xFFFF, 1 << 16, 4 << 16
	t := rows(
		[]uint32{loopback4, machine.LoopbackIndex, 0xFF, 1, reassembly, primary},
		[]uint32{n4(machine.Address), machine.Index, n4(machine.Mask), 1, reassembly, primary | dynamic},
	)
	return store(c, t, pIpAddrTable, pdwSize, win.ErrInsufficientBuffer), 0
}

// route is a MIB_IPFORWARDROW: destination, mask, policy, next hop, interface,
// type, protocol, age, next hop's system and five metrics.
func route(destination, mask, next netip.Addr, kind uint32) []uint32 {
	const netmgmt, metric, unused = 3, 25, 0xFFFFFFFF
	return []uint32{n4(destination), n4(mask), 0, n4(next), machine.Index, kind, netmgmt, 0, 0, metric, unused, unused, unused, unused}
}

func routes() [][]uint32 {
	const direct, indirect = 3, 4
	zero := netip.IPv4Unspecified()
	network := netip.PrefixFrom(machine.Address, machine.PrefixLength).Masked().Addr()
	return [][]uint32{route(zero, zero, machine.Router, indirect), route(network, machine.Mask, machine.Address, direct)}
}

// getIPForwardTable lists the routes: to the router and to the machine's own
// network.
//
// https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-getipforwardtable
func getIPForwardTable(c *win.Call, pIpForwardTable win.Ptr, pdwSize win.Out[uint32], bOrder win.Int) (win.LSTATUS, win.Error) {
	return store(c, rows(routes()...), pIpForwardTable, pdwSize, win.ErrInsufficientBuffer), 0
}

// getBestRoute finds the route to an address.
//
// https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-getbestroute
func getBestRoute(c *win.Call, dwDestAddr, dwSourceAddr win.Hex, pBestRoute win.Ptr) (win.LSTATUS, win.Error) {
	if pBestRoute == 0 {
		return win.LSTATUS(win.ErrInvalidParameter), 0
	}
	best := routes()[0]
	if local := routes()[1]; uint32(dwDestAddr)&local[1] == local[0] {
		best = local
	}
	c.Write(pBestRoute, rows(best)[4:])
	return 0, 0
}

// getIPNetTable lists the neighbours whose hardware address is known: the
// router.
//
// https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-getipnettable
func getIPNetTable(c *win.Call, IpNetTable win.Ptr, SizePointer win.Out[uint32], Order win.Int) (win.LSTATUS, win.Error) {
	h := routerHardware()
	t := rows([]uint32{
		machine.Index, uint32(len(h)), binary.LittleEndian.Uint32(h[:]), uint32(binary.LittleEndian.Uint16(h[4:])),
		n4(machine.Router), 3, // dynamic
	})
	return store(c, t, IpNetTable, SizePointer, win.ErrInsufficientBuffer), 0
}

func routerHardware() [6]byte {
	h := machine.Hardware
	h[5]++
	return h
}

// listener is a port that Windows itself listens at.
type listener struct{ port, pid uint32 }

// The listeners of a plain machine: the RPC end-point mapper, file sharing,
// and the local security authority.
var listeners = []listener{{135, 880}, {445, 4}, {49664, 672}}

const (
	stateListen = 2
	allOf       = 0 // 0.0.0.0
)

func port(p uint32) uint32 { return p>>8&0xFF | p&0xFF<<8 }

// getTCPTable lists connections and listeners.
//
// https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-gettcptable
func getTCPTable(c *win.Call, TcpTable win.Ptr, SizePointer win.Out[uint32], Order win.Int) (win.LSTATUS, win.Error) {
	var list [][]uint32
	for _, l := range listeners {
		list = append(list, []uint32{stateListen, allOf, port(l.port), 0, 0})
	}
	return store(c, rows(list...), TcpTable, SizePointer, win.ErrInsufficientBuffer), 0
}

func getTCPTable2(c *win.Call, TcpTable win.Ptr, SizePointer win.Out[uint32], Order win.Int) (win.LSTATUS, win.Error) {
	return store(c, ownerTable(0), TcpTable, SizePointer, win.ErrInsufficientBuffer), 0
}

// ownerTable has the process of each listener, and further fields of zero.
func ownerTable(offload ...uint32) []byte {
	var list [][]uint32
	for _, l := range listeners {
		list = append(list, append([]uint32{stateListen, allOf, port(l.port), 0, 0, l.pid}, offload...))
	}
	return rows(list...)
}

// getExtendedTCPTable lists connections and listeners with their processes.
//
// https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-getextendedtcptable
func getExtendedTCPTable(c *win.Call, pTcpTable win.Ptr, pdwSize win.Out[uint32], bOrder win.Int, ulAf, TableClass, Reserved win.DWORD) (win.LSTATUS, win.Error) {
	const (
		family4, family6               = 2, 23
		basicListeners, basicAll       = 0, 2
		basicConnections               = 1
		ownerListeners, ownerAll       = 3, 5
		ownerConnections, firstModules = 4, 6
	)
	if ulAf == family6 {
		return store(c, rows(), pTcpTable, pdwSize, win.ErrInsufficientBuffer), 0
	}
	if ulAf != family4 {
		return win.LSTATUS(win.ErrInvalidParameter), 0
	}
	switch TableClass {
	case basicListeners, basicAll:
		return getTCPTable(c, pTcpTable, pdwSize, bOrder)
	case basicConnections, ownerConnections:
		return store(c, rows(), pTcpTable, pdwSize, win.ErrInsufficientBuffer), 0
	case ownerListeners, ownerAll:
		return store(c, ownerTable(), pTcpTable, pdwSize, win.ErrInsufficientBuffer), 0
	}
	if TableClass < firstModules+3 {
		c.Gap("the modules of connections")
		return win.LSTATUS(win.ErrNotSupported), 0
	}
	return win.LSTATUS(win.ErrInvalidParameter), 0
}

func getUDPTable(c *win.Call, UdpTable win.Ptr, SizePointer win.Out[uint32], Order win.Int) (win.LSTATUS, win.Error) {
	return store(c, rows(), UdpTable, SizePointer, win.ErrInsufficientBuffer), 0
}

func getExtendedUDPTable(c *win.Call, pUdpTable win.Ptr, pdwSize win.Out[uint32], bOrder win.Int, ulAf, TableClass, Reserved win.DWORD) (win.LSTATUS, win.Error) {
	return store(c, rows(), pUdpTable, pdwSize, win.ErrInsufficientBuffer), 0
}

// sendARP finds the hardware address of a neighbour: of the machine itself and
// of the router.
//
// https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-sendarp
func sendARP(c *win.Call, DestIP, SrcIP win.Hex, pMacAddr win.Ptr, PhyAddrLen win.Out[uint32]) (win.LSTATUS, win.Error) {
	const badNetwork = 67 // ERROR_BAD_NET_NAME
	var hardware [6]byte
	switch uint64(DestIP) {
	case addr4(machine.Address):
		hardware = machine.Hardware
	case addr4(machine.Router):
		hardware = routerHardware()
	default:
		return badNetwork, 0
	}
	if pMacAddr == 0 || PhyAddrLen.Null() {
		return win.LSTATUS(win.ErrInvalidParameter), 0
	}
	if PhyAddrLen.Get(c) < uint32(len(hardware)) {
		return win.LSTATUS(win.ErrBufferOverflow), 0
	}
	c.Write(pMacAddr, hardware[:])
	PhyAddrLen.Set(c, uint32(len(hardware)))
	return 0, 0
}
