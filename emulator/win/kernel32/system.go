package kernel32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var systemRows = win.Rows{
	win.Func2("GetComputerName{A,W}", getComputerName, "lpBuffer nSize"),
	win.Func3("GetComputerNameEx{A,W}", getComputerNameEx, "NameType lpBuffer nSize"),
	win.Func1("GetNativeSystemInfo", getSystemInfo, "lpSystemInfo"),
	win.Func1("GetSystemInfo", getSystemInfo, "lpSystemInfo"),
	win.Func0("GetVersion", getVersion),
	win.Func1("GetVersionEx{A,W}", getVersionEx, "lpVersionInformation"),
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
