package netapi32

import (
	"fmt"

	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var machineRows = win.Rows{
	win.Func6("DsGetDcName{A,W}", dsGetDCName, "ComputerName DomainName DomainGuid SiteName Flags DomainControllerInfo"),
	win.Func3("NetGetAnyDCName", netGetDCName, "ServerName DomainName Buffer"),
	win.Func3("NetGetDCName", netGetDCName, "ServerName DomainName Buffer"),
	win.Func3("NetGetJoinInformation", netGetJoinInformation, "lpServer lpNameBuffer BufferType"),
	win.Partial(win.Func3("NetServerGetInfo", netServerGetInfo, "servername level bufptr"), "levels 100 and 101 of the machine itself"),
	win.Partial(win.Func3("NetWkstaGetInfo", netWkstaGetInfo, "servername level bufptr"), "levels 100, 101 and 102 of the machine itself"),
}

// dsGetDCName finds no domain controller.
//
// https://learn.microsoft.com/windows/win32/api/dsgetdc/nf-dsgetdc-dsgetdcnamew
func dsGetDCName(c *win.Call, ComputerName, DomainName win.TStr, DomainGuid win.Ptr, SiteName win.TStr, Flags win.Hex, DomainControllerInfo win.Out[uint64]) (win.LSTATUS, win.Error) {
	if DomainControllerInfo.Null() {
		return invalidBuffer, 0
	}
	return noSuchDomain, 0
}

func netGetDCName(c *win.Call, ServerName, DomainName win.WStr, Buffer win.Out[uint64]) (win.LSTATUS, win.Error) {
	return noController, 0
}

// netGetJoinInformation says that the machine is in a workgroup.
//
// https://learn.microsoft.com/windows/win32/api/lmjoin/nf-lmjoin-netgetjoininformation
func netGetJoinInformation(c *win.Call, lpServer win.WStr, lpNameBuffer win.Out[uint64], BufferType win.Out[uint32]) (win.LSTATUS, win.Error) {
	switch {
	case lpNameBuffer.Null() || BufferType.Null():
		return invalidBuffer, 0
	case !local(c, lpServer):
		return elsewhere(c, lpServer), 0
	}
	r := lay(c, 0, lpNameBuffer, func(b *win.Block) { text(b, workgroup) })
	if r == 0 {
		BufferType.Set(c, workgroupState)
	}
	return r, 0
}

// elsewhere is the answer about another machine: there is none.
func elsewhere(c *win.Call, server win.WStr) win.LSTATUS {
	c.Gap("the machine " + trace.Quote(server.Text))
	return badNetPath
}

// netWkstaGetInfo tells about the machine.
//
// https://learn.microsoft.com/windows/win32/api/lmwksta/nf-lmwksta-netwkstagetinfo
func netWkstaGetInfo(c *win.Call, servername win.WStr, level win.DWORD, bufptr win.Out[uint64]) (win.LSTATUS, win.Error) {
	switch {
	case bufptr.Null():
		return invalidBuffer, 0
	case !local(c, servername):
		return elsewhere(c, servername), 0
	case level < 100 || level > 102:
		if level == 502 {
			c.Gap("level 502")
		}
		return invalidLevel, 0
	}
	size := map[win.DWORD]int{100: 32, 101: 40, 102: 48}[level]
	return lay(c, size, bufptr, func(b *win.Block) {
		b.Put(0, 4, platformNT)
		b.Put(8, 8, text(b, c.Config.Computer))
		b.Put(16, 8, text(b, workgroup))
		b.Put(24, 4, uint64(c.Config.Version.Major))
		b.Put(28, 4, uint64(c.Config.Version.Minor))
		if level >= 101 {
			b.Put(32, 8, text(b, ""))
		}
		if level == 102 {
			b.Put(40, 4, 1) // users logged on
		}
	}), 0
}

// netServerGetInfo tells about the machine as a server.
//
// https://learn.microsoft.com/windows/win32/api/lmserver/nf-lmserver-netservergetinfo
func netServerGetInfo(c *win.Call, servername win.WStr, level win.DWORD, bufptr win.Out[uint64]) (win.LSTATUS, win.Error) {
	const workstation = 0x0001_1003 // SV_TYPE_WORKSTATION, _SERVER, _NT, _POTENTIAL_BROWSER
	switch {
	case bufptr.Null():
		return invalidBuffer, 0
	case !local(c, servername):
		return elsewhere(c, servername), 0
	case level != 100 && level != 101:
		c.Gap(fmt.Sprintf("level %d", level))
		return invalidLevel, 0
	}
	size := map[win.DWORD]int{100: 16, 101: 40}[level]
	return lay(c, size, bufptr, func(b *win.Block) {
		b.Put(0, 4, platformNT)
		b.Put(8, 8, text(b, c.Config.Computer))
		if level == 101 {
			b.Put(16, 4, uint64(c.Config.Version.Major))
			b.Put(20, 4, uint64(c.Config.Version.Minor))
			b.Put(24, 4, workstation)
			b.Put(32, 8, text(b, ""))
		}
	}), 0
}
