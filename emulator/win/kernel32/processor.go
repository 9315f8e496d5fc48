package kernel32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// What the hardware is: two processors on two cores of one package, 8 GiB, a
// desktop on mains power, UEFI firmware.

var processorRows = win.Rows{
	win.Partial(win.Func3("EnumSystemFirmwareTables", enumSystemFirmwareTables, "FirmwareTableProviderSignature pFirmwareTableEnumBuffer BufferSize"), "the raw SMBIOS table"),
	win.Func1("GetActiveProcessorCount", getActiveProcessorCount, "GroupNumber"),
	win.Stub("GetActiveProcessorGroupCount", win.WORD(1), ""),
	win.Stub("GetCurrentProcessorNumber", win.DWORD(0), ""),
	win.Func1("GetCurrentProcessorNumberEx", getCurrentProcessorNumberEx, "ProcNumber"),
	win.Func4("GetFirmwareEnvironmentVariable{A,W}", getFirmwareEnvironmentVariable, "lpName lpGuid pBuffer nSize"),
	win.Func1("GetFirmwareType", getFirmwareType, "FirmwareType"),
	win.Stub("GetLargePageMinimum", win.Size(2<<20), ""),
	win.Func2("GetLogicalProcessorInformation", getLogicalProcessorInformation, "Buffer ReturnedLength"),
	win.Partial(win.Func3("GetLogicalProcessorInformationEx", getLogicalProcessorInformationEx, "RelationshipType Buffer ReturnedLength"), "cores, package, node and group, no caches"),
	win.Func1("GetMaximumProcessorCount", getActiveProcessorCount, "GroupNumber"),
	win.Stub("GetMaximumProcessorGroupCount", win.WORD(1), ""),
	win.Func1("GetNumaHighestNodeNumber", getNumaHighestNodeNumber, "HighestNodeNumber"),
	win.Func1("GetPhysicallyInstalledSystemMemory", getPhysicallyInstalledSystemMemory, "TotalMemoryInKilobytes"),
	win.Func5("GetProductInfo", getProductInfo, "dwOSMajorVersion dwOSMinorVersion dwSpMajorVersion dwSpMinorVersion pdwReturnedProductType"),
	win.Partial(win.Func4("GetSystemFirmwareTable", getSystemFirmwareTable, "FirmwareTableProviderSignature FirmwareTableID pFirmwareTableBuffer BufferSize"), "the raw SMBIOS table of a plain machine"),
	win.Func1("GetSystemPowerStatus", getSystemPowerStatus, "lpSystemPowerStatus"),
	win.Func1("GlobalMemoryStatus", globalMemoryStatus, "lpBuffer"),
	win.Func1("IsNativeVhdBoot", isNativeVhdBoot, "NativeVhdBoot"),
	win.Stub("IsSystemResumeAutomatic", win.Bool(false), ""),
}

const machineProcessors = 2

// getActiveProcessorCount counts the processors of the one group, or of all.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getactiveprocessorcount
func getActiveProcessorCount(_ *win.Call, GroupNumber win.WORD) (win.DWORD, win.Error) {
	const all = 0xFFFF
	if GroupNumber != 0 && GroupNumber != all {
		return 0, win.ErrInvalidParameter
	}
	return machineProcessors, 0
}

// getCurrentProcessorNumberEx says that the thread runs on the first.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getcurrentprocessornumberex
func getCurrentProcessorNumberEx(c *win.Call, ProcNumber win.Out[uint32]) (win.Void, win.Error) {
	ProcNumber.Set(c, 0)
	return win.Void{}, 0
}

// getFirmwareEnvironmentVariable is refused: the user has no
// SeSystemEnvironmentPrivilege.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getfirmwareenvironmentvariablew
func getFirmwareEnvironmentVariable(*win.Call, win.TStr, win.TStr, win.Ptr, win.DWORD) (win.DWORD, win.Error) {
	return 0, errPrivilegeNotHeld
}

// getFirmwareType says UEFI.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getfirmwaretype
func getFirmwareType(c *win.Call, FirmwareType win.Out[uint32]) (win.Bool, win.Error) {
	const uefi = 2
	FirmwareType.Set(c, uefi)
	return true, 0
}

// getLogicalProcessorInformation describes two cores, the package they are in
// and the node.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getlogicalprocessorinformation
func getLogicalProcessorInformation(c *win.Call, Buffer win.Ptr, ReturnedLength win.Out[uint32]) (win.Bool, win.Error) {
	const size, core, node, pack = 32, 0, 1, 3
	if ReturnedLength.Null() {
		return false, win.ErrInvalidParameter
	}
	var b []byte
	add := func(mask uint64, relation uint32) {
		e := make([]byte, size)
		le.PutUint64(e, mask)
		le.PutUint32(e[8:], relation)
		b = append(b, e...)
	}
	for i := range machineProcessors {
		add(1<<i, core)
	}
	add(1<<machineProcessors-1, pack)
	add(1<<machineProcessors-1, node)
	return storeSized(c, Buffer, ReturnedLength, b)
}

// storeSized stores data where the length given is enough, and tells the
// length in any case.
func storeSized(c *win.Call, at win.Ptr, length win.Out[uint32], data []byte) (win.Bool, win.Error) {
	room := length.Get(c)
	length.Set(c, uint32(len(data)))
	if at == 0 || int(room) < len(data) {
		return false, win.ErrInsufficientBuffer
	}
	c.Write(at, data)
	return true, 0
}

// getLogicalProcessorInformationEx is the same in records that have their own
// sizes.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getlogicalprocessorinformationex
func getLogicalProcessorInformationEx(c *win.Call, RelationshipType win.DWORD, Buffer win.Ptr, ReturnedLength win.Out[uint32]) (win.Bool, win.Error) {
	const core, node, cache, pack, group, all = 0, 1, 2, 3, 4, 0xFFFF
	const mask = 1<<machineProcessors - 1
	if ReturnedLength.Null() || RelationshipType > group && RelationshipType != all {
		return false, win.ErrInvalidParameter
	}
	var b []byte
	add := func(relation uint32, size int, fillIn func(e []byte)) {
		if RelationshipType != all && uint32(RelationshipType) != relation {
			return
		}
		e := make([]byte, size)
		le.PutUint32(e, relation)
		le.PutUint32(e[4:], uint32(size))
		fillIn(e[8:])
		b = append(b, e...)
	}
	processor := func(m uint64) func(e []byte) {
		return func(e []byte) {
			le.PutUint16(e[22:], 1) // one group
			le.PutUint64(e[24:], m)
		}
	}
	for i := range machineProcessors {
		add(core, 48, processor(1<<i))
	}
	add(pack, 48, processor(mask))
	add(node, 48, func(e []byte) { le.PutUint64(e[24:], mask) })
	add(group, 80, func(e []byte) {
		le.PutUint16(e, 1)
		le.PutUint16(e[2:], 1)
		e[24], e[25] = machineProcessors, machineProcessors
		le.PutUint64(e[64:], mask)
	})
	return storeSized(c, Buffer, ReturnedLength, b)
}

// getNumaHighestNodeNumber says that there is one node.
//
// https://learn.microsoft.com/windows/win32/api/systemtopologyapi/nf-systemtopologyapi-getnumahighestnodenumber
func getNumaHighestNodeNumber(c *win.Call, HighestNodeNumber win.Out[uint32]) (win.Bool, win.Error) {
	HighestNodeNumber.Set(c, 0)
	return true, 0
}

const machineMemory = 8 << 30

// getPhysicallyInstalledSystemMemory tells the memory in KiB.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getphysicallyinstalledsystemmemory
func getPhysicallyInstalledSystemMemory(c *win.Call, TotalMemoryInKilobytes win.Out[uint64]) (win.Bool, win.Error) {
	if TotalMemoryInKilobytes.Null() {
		return false, win.ErrInvalidParameter
	}
	TotalMemoryInKilobytes.Set(c, machineMemory>>10)
	return true, 0
}

// globalMemoryStatus is GlobalMemoryStatusEx of old.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-globalmemorystatus
func globalMemoryStatus(c *win.Call, lpBuffer win.Ptr) (win.Void, win.Error) {
	const size, load, pageFile = 56, 35, machineMemory + 2<<30
	b := c.Buffer(lpBuffer, size)
	if b == nil {
		return win.Void{}, 0
	}
	le.PutUint32(b, size)
	le.PutUint32(b[4:], load)
	for i, v := range []uint64{machineMemory, machineMemory / 100 * (100 - load), pageFile, pageFile / 100 * (100 - load), guest.HighestUserAddress - 0xFFFF, guest.HighestUserAddress - 0xFFFF - 4<<30} {
		le.PutUint64(b[8+8*i:], v)
	}
	return win.Void{}, 0
}

// getProductInfo says Windows 10 Pro to those who know of it.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getproductinfo
func getProductInfo(c *win.Call, dwOSMajorVersion, dwOSMinorVersion, dwSpMajorVersion, dwSpMinorVersion win.DWORD, pdwReturnedProductType win.Out[uint32]) (win.Bool, win.Error) {
	const professional, vista = 0x30, 6
	if pdwReturnedProductType.Null() {
		return false, 0
	}
	if dwOSMajorVersion < vista {
		pdwReturnedProductType.Set(c, 0)
		return false, 0
	}
	pdwReturnedProductType.Set(c, professional)
	return true, 0
}

// getSystemPowerStatus says that the machine is on mains power and has no
// battery.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getsystempowerstatus
func getSystemPowerStatus(c *win.Call, lpSystemPowerStatus win.Ptr) (win.Bool, win.Error) {
	const online, noBattery, unknown = 1, 128, 255
	c.Write(lpSystemPowerStatus, []byte{online, noBattery, unknown, 0, 255, 255, 255, 255, 255, 255, 255, 255})
	return true, 0
}

func isNativeVhdBoot(c *win.Call, NativeVhdBoot win.Out[uint32]) (win.Bool, win.Error) {
	NativeVhdBoot.Set(c, 0)
	return true, 0
}

// Providers of firmware tables.
const (
	providerACPI  = 'A'<<24 | 'C'<<16 | 'P'<<8 | 'I'
	providerFirm  = 'F'<<24 | 'I'<<16 | 'R'<<8 | 'M'
	providerRSMB  = 'R'<<24 | 'S'<<16 | 'M'<<8 | 'B'
	errNoResource = win.ErrInvalidFunction
)

// smbios is a RawSMBIOSData with the machine's and the firmware's makers.
func smbios() []byte {
	record := func(kind byte, data []byte, texts ...string) []byte {
		b := append([]byte{kind, byte(4 + len(data)), kind, 0}, data...)
		return append(append(b, strings.Join(texts, "\x00")...), 0, 0)
	}
	bios := make([]byte, 20)
	copy(bios, []byte{1, 2, 0, 0, 3})
	system := make([]byte, 23)
	copy(system, []byte{1, 2, 3, 4})
	table := append(record(0, bios, "LENOVO", "N2CET63W (1.46 )", "03/15/2022"),
		record(1, system, "LENOVO", "20NXS00000", "ThinkPad T490s", "PC0ST000")...)
	table = append(table, 127, 4, 127, 0, 0, 0)
	b := []byte{0, 3, 2, 0}
	return append(le.AppendUint32(b, uint32(len(table))), table...)
}

// getSystemFirmwareTable gives the SMBIOS table.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getsystemfirmwaretable
func getSystemFirmwareTable(c *win.Call, FirmwareTableProviderSignature, FirmwareTableID win.Hex, pFirmwareTableBuffer win.Ptr, BufferSize win.DWORD) (win.DWORD, win.Error) {
	switch FirmwareTableProviderSignature {
	case providerRSMB:
	case providerACPI, providerFirm:
		c.Gap("ACPI tables")
		return 0, win.ErrFileNotFound
	default:
		return 0, errNoResource
	}
	b := smbios()
	if int(BufferSize) < len(b) {
		c.SetLastError(win.ErrInsufficientBuffer)
		return win.DWORD(len(b)), 0
	}
	c.Write(pFirmwareTableBuffer, b)
	return win.DWORD(len(b)), 0
}

// enumSystemFirmwareTables lists the one SMBIOS table.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-enumsystemfirmwaretables
func enumSystemFirmwareTables(c *win.Call, FirmwareTableProviderSignature win.Hex, pFirmwareTableEnumBuffer win.Ptr, BufferSize win.DWORD) (win.DWORD, win.Error) {
	switch FirmwareTableProviderSignature {
	case providerRSMB:
	case providerACPI, providerFirm:
		c.Gap("ACPI tables")
		return 0, 0
	default:
		return 0, errNoResource
	}
	if BufferSize < 4 {
		c.SetLastError(win.ErrInsufficientBuffer)
		return 4, 0
	}
	c.WriteUint(pFirmwareTableEnumBuffer, 4, 0)
	return 4, 0
}
