package kernel32

import (
	"cmp"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var systemRows = win.Rows{
	win.Func2("GetComputerName{A,W}", getComputerName, "lpBuffer nSize"),
	win.Func3("GetComputerNameEx{A,W}", getComputerNameEx, "NameType lpBuffer nSize"),
	win.Func1("GetNativeSystemInfo", getSystemInfo, "lpSystemInfo"),
	win.Func1("GetSystemInfo", getSystemInfo, "lpSystemInfo"),
	win.Partial(win.Func0("GetVersion", getVersion), "the machine's version, as a program with a manifest is told"),
	win.Partial(win.Func1("GetVersionEx{A,W}", getVersionEx, "lpVersionInformation"), "the machine's version, as a program with a manifest is told"),
	win.Func1("GlobalMemoryStatusEx", globalMemoryStatusEx, "lpBuffer"),
	win.Func1("IsProcessorFeaturePresent", isProcessorFeaturePresent, "ProcessorFeature"),
	win.Func3("VerSetConditionMask", verSetConditionMask, "ConditionMask TypeMask Condition"),
	win.Func3("VerifyVersionInfo{A,W}", verifyVersionInfo, "lpVersionInformation dwTypeMask dwlConditionMask"),
}

// netBIOSName is the computer's name as the older functions give it.
func netBIOSName(c *win.Call) string {
	const longest = 15
	name := strings.ToUpper(c.Config.Computer)
	return name[:min(len(name), longest)]
}

// getComputerName stores the computer's NetBIOS name.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getcomputernamew
func getComputerName(c *win.Call, lpBuffer win.Ptr, nSize win.Out[uint32]) (win.Bool, win.Error) {
	return computerName(c, lpBuffer, nSize, netBIOSName(c), win.ErrBufferOverflow)
}

func computerName(c *win.Call, buffer win.Ptr, size win.Out[uint32], name string, short win.Error) (win.Bool, win.Error) {
	room := win.DWORD(size.Get(c))
	n := fill(c, buffer, room, name)
	size.Set(c, uint32(n))
	if n >= room || buffer == 0 {
		return false, short
	}
	return true, 0
}

// getComputerNameEx stores one of the computer's names; it is in no domain.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getcomputernameexw
func getComputerNameEx(c *win.Call, NameType win.DWORD, lpBuffer win.Ptr, nSize win.Out[uint32]) (win.Bool, win.Error) {
	var name string
	switch NameType {
	case 0, 4: // ComputerNameNetBIOS, ComputerNamePhysicalNetBIOS
		name = netBIOSName(c)
	case 1, 3, 5, 7: // DnsHostname, DnsFullyQualified and their physical versions
		name = c.Config.Computer
	case 2, 6: // DnsDomain
	default:
		return false, win.ErrInvalidParameter
	}
	return computerName(c, lpBuffer, nSize, name, win.ErrMoreData)
}

// getSystemInfo describes an x86-64 machine with two processors.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/ns-sysinfoapi-system_info
func getSystemInfo(c *win.Call, lpSystemInfo win.Ptr) (win.Void, win.Error) {
	b := c.Buffer(lpSystemInfo, 48)
	if b == nil {
		return win.Void{}, 0
	}
	clear(b)
	le.PutUint16(b, 9) // PROCESSOR_ARCHITECTURE_AMD64
	le.PutUint32(b[4:], guest.PageSize)
	le.PutUint64(b[8:], 0x10000)
	le.PutUint64(b[16:], guest.HighestUserAddress)
	le.PutUint64(b[24:], 3) // processors 0 and 1
	le.PutUint32(b[32:], 2)
	le.PutUint32(b[36:], 8664) // PROCESSOR_AMD_X8664
	le.PutUint32(b[40:], guest.AllocationGranularity)
	le.PutUint16(b[44:], 6)      // family
	le.PutUint16(b[46:], 0x5E03) // model and stepping of the processor modelled
	return win.Void{}, 0
}

// getVersion packs the version: major, minor, build.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getversion
func getVersion(c *win.Call) (win.DWORD, win.Error) {
	v := c.Config.Version
	return win.DWORD(v.Major&0xFF | v.Minor&0xFF<<8 | v.Build&0x7FFF<<16), 0
}

// Layout of OSVERSIONINFO and OSVERSIONINFOEX.
//
// https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-osversioninfoexw
const (
	versionMajor       = 4
	versionMinor       = 8
	versionBuild       = 12
	versionPlatform    = 16
	versionServicePack = 20 // text of 128 characters
	versionText        = 128

	platformNT         = 2
	productWorkstation = 1
	suiteSingleUserTS  = 0x100
)

// getVersionEx stores the version in one of two structures, told apart by
// their size.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getversionexw
func getVersionEx(c *win.Call, lpVersionInformation win.Ptr) (win.Bool, win.Error) {
	short := versionServicePack + versionText*c.CharSize()
	long := short + 8
	size := c.ReadUint(lpVersionInformation, 4)
	if size != short && size != long {
		return false, win.ErrInsufficientBuffer
	}
	b := c.Buffer(lpVersionInformation, size)
	if b == nil {
		return false, 0
	}
	v := c.Config.Version
	clear(b[4:])
	le.PutUint32(b[versionMajor:], v.Major)
	le.PutUint32(b[versionMinor:], v.Minor)
	le.PutUint32(b[versionBuild:], v.Build)
	le.PutUint32(b[versionPlatform:], platformNT)
	if size == long {
		le.PutUint16(b[short+4:], suiteSingleUserTS)
		b[short+6] = productWorkstation
	}
	return true, 0
}

// Version fields that can be compared, as bits of a type mask, and how.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-versetconditionmask
const (
	verMinor            = 0x01
	verMajor            = 0x02
	verBuild            = 0x04
	verPlatform         = 0x08
	verServicePackMinor = 0x10
	verServicePackMajor = 0x20
	verSuite            = 0x40
	verProduct          = 0x80

	verConditionBits = 3
	verEqual         = 1
	verGreater       = 2
	verGreaterEqual  = 3
	verLess          = 4
	verLessEqual     = 5
)

// verSetConditionMask adds how one field is to be compared: three bits each.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-versetconditionmask
func verSetConditionMask(c *win.Call, ConditionMask win.Size, TypeMask win.Hex, Condition win.BYTE) (win.Size, win.Error) {
	mask := uint64(ConditionMask)
	for bit := range 8 {
		if TypeMask&(1<<bit) != 0 {
			mask |= uint64(Condition&7) << (verConditionBits * bit)
		}
	}
	return win.Size(mask), 0
}

// verifyVersionInfo compares the machine's version with one that is given.
// Major, minor and service pack are compared as one number, from the left.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-verifyversioninfow
func verifyVersionInfo(c *win.Call, lpVersionInformation win.Ptr, dwTypeMask win.Hex, dwlConditionMask win.Size) (win.Bool, win.Error) {
	servicePack := versionServicePack + versionText*c.CharSize()
	b := c.Bytes(lpVersionInformation, servicePack+8)
	if b == nil {
		return false, 0
	}
	if dwTypeMask == 0 {
		return false, win.ErrInvalidParameter
	}
	v := c.Config.Version
	number := func(bit win.Hex, mine, asked uint32) (int, bool) {
		return cmp.Compare(mine, asked), dwTypeMask&bit != 0
	}
	holds := func(bit int, order int) bool {
		switch uint64(dwlConditionMask) >> (verConditionBits * bit) & 7 {
		case verEqual:
			return order == 0
		case verGreater:
			return order > 0
		case verGreaterEqual:
			return order >= 0
		case verLess:
			return order < 0
		case verLessEqual:
			return order <= 0
		}
		return false
	}
	if o, asked := number(verBuild, v.Build, le.Uint32(b[versionBuild:])); asked && !holds(2, o) {
		return false, win.ErrOldVersion
	}
	if o, asked := number(verPlatform, platformNT, le.Uint32(b[versionPlatform:])); asked && !holds(3, o) {
		return false, win.ErrOldVersion
	}
	if o, asked := number(verProduct, productWorkstation, uint32(b[servicePack+6])); asked && !holds(7, o) {
		return false, win.ErrOldVersion
	}
	fields := []struct {
		mask        win.Hex
		bit         int
		mine, asked uint32
	}{
		{verMajor, 1, v.Major, le.Uint32(b[versionMajor:])},
		{verMinor, 0, v.Minor, le.Uint32(b[versionMinor:])},
		{verServicePackMajor, 5, 0, uint32(le.Uint16(b[servicePack:]))},
		{verServicePackMinor, 4, 0, uint32(le.Uint16(b[servicePack+2:]))},
	}
	order, last := 0, -1
	for _, f := range fields {
		if dwTypeMask&f.mask == 0 {
			continue
		}
		last = f.bit
		if order = cmp.Compare(f.mine, f.asked); order != 0 {
			break
		}
	}
	if last >= 0 && !holds(last, order) {
		return false, win.ErrOldVersion
	}
	if dwTypeMask&verSuite != 0 {
		c.Gap("product suites")
	}
	return true, 0
}

// globalMemoryStatusEx describes a machine with 8 GiB, a third in use.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/ns-sysinfoapi-memorystatusex
func globalMemoryStatusEx(c *win.Call, lpBuffer win.Ptr) (win.Bool, win.Error) {
	const (
		size     = 64
		load     = 35 // per cent
		physical = 8 << 30
		pageFile = physical + 2<<30
		virtual  = guest.HighestUserAddress - 0xFFFF
	)
	if c.ReadUint(lpBuffer, 4) != size {
		return false, win.ErrInvalidParameter
	}
	b := c.Buffer(lpBuffer, size)
	if b == nil {
		return false, 0
	}
	le.PutUint32(b[4:], load)
	for i, v := range []uint64{physical, physical / 100 * (100 - load), pageFile, pageFile / 100 * (100 - load), virtual, virtual - 4<<30, 0} {
		le.PutUint64(b[8+8*i:], v)
	}
	return true, 0
}

// isProcessorFeaturePresent looks the feature up in the shared page, where
// programs find it without a call too.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-isprocessorfeaturepresent
func isProcessorFeaturePresent(c *win.Call, ProcessorFeature win.DWORD) (win.Bool, win.Error) {
	const (
		table    = 0x7FFE_0274
		features = 64
	)
	return ProcessorFeature < features && c.ReadUint(table+win.Ptr(ProcessorFeature), 1) != 0, 0
}
