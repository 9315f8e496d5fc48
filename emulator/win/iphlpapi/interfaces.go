package iphlpapi

import (
	"fmt"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/machine"
)

var interfaceRows = win.Rows{
	win.Func2("ConvertInterfaceIndexToLuid", convertIndexToLUID, "InterfaceIndex InterfaceLuid"),
	win.Func2("ConvertInterfaceLuidToIndex", convertLUIDToIndex, "InterfaceLuid InterfaceIndex"),
	win.Func3("ConvertInterfaceLuidToNameW", convertLUIDToName, "InterfaceLuid InterfaceName Length"),
	win.Func2("GetAdapterIndex", getAdapterIndex, "AdapterName IfIndex"),
	win.Func2("GetBestInterface", getBestInterface, "dwDestAddr pdwBestIfIndex"),
	win.Func1("GetFriendlyIfIndex", getFriendlyIfIndex, "IfIndex"),
	win.Func1("GetIfEntry", getIfEntry, "pIfRow"),
	win.Func3("GetIfTable", getIfTable, "pIfTable pdwSize bOrder"),
	win.Func1("GetNumberOfInterfaces", getNumberOfInterfaces, "pdwNumIf"),
	win.Func1("if_nametoindex", ifNameToIndex, "InterfaceName"),
}

func exists(index win.DWORD) bool { return index == machine.Index || index == machine.LoopbackIndex }

// kindOf is the type of an interface.
func kindOf(index uint64) uint64 {
	if index == machine.LoopbackIndex {
		return 24
	}
	return ethernet
}

// A local identifier has the type of an interface and, here, its index.
//
// https://learn.microsoft.com/windows/win32/api/netioapi/nf-netioapi-convertinterfaceindextoluid
func convertIndexToLUID(c *win.Call, InterfaceIndex win.DWORD, InterfaceLuid win.Out[uint64]) (win.LSTATUS, win.Error) {
	switch {
	case InterfaceLuid.Null():
		return win.LSTATUS(win.ErrInvalidParameter), 0
	case !exists(InterfaceIndex):
		return win.LSTATUS(win.ErrFileNotFound), 0
	}
	InterfaceLuid.Set(c, kindOf(uint64(InterfaceIndex))<<48|uint64(InterfaceIndex)<<24)
	return 0, 0
}

func convertLUIDToIndex(c *win.Call, InterfaceLuid win.Out[uint64], InterfaceIndex win.Out[uint32]) (win.LSTATUS, win.Error) {
	if InterfaceLuid.Null() || InterfaceIndex.Null() {
		return win.LSTATUS(win.ErrInvalidParameter), 0
	}
	index := win.DWORD(InterfaceLuid.Get(c) >> 24 & 0xFFFFFF)
	if !exists(index) {
		return win.LSTATUS(win.ErrFileNotFound), 0
	}
	InterfaceIndex.Set(c, uint32(index))
	return 0, 0
}

func nameOf(index uint64) string {
	if index == machine.LoopbackIndex {
		return "loopback_1"
	}
	return fmt.Sprintf("ethernet_%d", index)
}

// convertLUIDToName gives an interface its short name.
//
// https://learn.microsoft.com/windows/win32/api/netioapi/nf-netioapi-convertinterfaceluidtonamew
func convertLUIDToName(c *win.Call, InterfaceLuid win.Out[uint64], InterfaceName win.Ptr, Length win.Size) (win.LSTATUS, win.Error) {
	index := InterfaceLuid.Get(c) >> 24 & 0xFFFFFF
	if InterfaceLuid.Null() || InterfaceName == 0 || !exists(win.DWORD(index)) {
		return win.LSTATUS(win.ErrInvalidParameter), 0
	}
	name := guest.UTF16(nameOf(index))
	if uint64(Length) < uint64(len(name)/2) {
		return win.LSTATUS(win.ErrNotEnoughMemory), 0
	}
	c.Write(InterfaceName, name)
	return 0, 0
}

func ifNameToIndex(c *win.Call, InterfaceName win.AStr) (win.DWORD, win.Error) {
	for _, index := range []uint64{machine.LoopbackIndex, machine.Index} {
		if strings.EqualFold(InterfaceName.Text, nameOf(index)) {
			return win.DWORD(index), 0
		}
	}
	return 0, 0
}

// getAdapterIndex finds an adapter by its name.
//
// https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-getadapterindex
func getAdapterIndex(c *win.Call, AdapterName win.WStr, IfIndex win.Out[uint32]) (win.LSTATUS, win.Error) {
	switch {
	case AdapterName.Null() || IfIndex.Null():
		return win.LSTATUS(win.ErrInvalidParameter), 0
	case !strings.HasSuffix(strings.ToUpper(AdapterName.Text), machine.Adapter):
		return win.LSTATUS(win.ErrFileNotFound), 0
	}
	IfIndex.Set(c, machine.Index)
	return 0, 0
}

// getBestInterface tells over which interface an address is reached.
//
// https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-getbestinterface
func getBestInterface(c *win.Call, dwDestAddr win.Hex, pdwBestIfIndex win.Out[uint32]) (win.LSTATUS, win.Error) {
	if pdwBestIfIndex.Null() {
		return win.LSTATUS(win.ErrInvalidParameter), 0
	}
	index := uint32(machine.Index)
	if dwDestAddr&0xFF == 127 {
		index = machine.LoopbackIndex
	}
	pdwBestIfIndex.Set(c, index)
	return 0, 0
}

func getFriendlyIfIndex(c *win.Call, IfIndex win.Hex) (win.Hex, win.Error) {
	return IfIndex & 0xFFFFFF, 0
}

func getNumberOfInterfaces(c *win.Call, pdwNumIf win.Out[uint32]) (win.LSTATUS, win.Error) {
	if pdwNumIf.Null() {
		return win.LSTATUS(win.ErrInvalidParameter), 0
	}
	pdwNumIf.Set(c, 2)
	return 0, 0
}

// MIB_IFROW.
const (
	ifRowSize  = 860
	ifRowIndex = 512
)

func ifRow(index uint64) []byte {
	const hardwareLength, hardware, admin, textLength, text = 528, 532, 540, 600, 604
	b := win.NewBlock(0, ifRowSize)
	description := "Software Loopback Interface 1"
	b.Put(ifRowIndex, 4, index)
	b.Put(ifRowIndex+4, 4, kindOf(index))
	b.Put(ifRowIndex+8, 4, 1500)
	b.Put(ifRowIndex+12, 4, 1_000_000_000)
	if index == machine.Index {
		description = machine.Description
		b.Put(hardwareLength, 4, uint64(len(machine.Hardware)))
		copy(b.Data[hardware:], machine.Hardware[:])
	}
	copy(b.Data, guest.UTF16(`\DEVICE\TCPIP_`+machine.Adapter))
	b.Put(admin, 4, 1)
	b.Put(admin+4, 4, 5) // IF_OPER_STATUS_OPERATIONAL
	b.Put(textLength, 4, uint64(len(description)+1))
	copy(b.Data[text:], description)
	return b.Data
}

// getIfEntry describes the interface whose index is in the row.
//
// https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-getifentry
func getIfEntry(c *win.Call, pIfRow win.Ptr) (win.LSTATUS, win.Error) {
	if pIfRow == 0 {
		return win.LSTATUS(win.ErrInvalidParameter), 0
	}
	index := c.ReadUint(pIfRow+ifRowIndex, 4)
	if !exists(win.DWORD(index)) {
		return win.LSTATUS(win.ErrInvalidData), 0
	}
	c.Write(pIfRow, ifRow(index))
	return 0, 0
}

// getIfTable describes all interfaces.
//
// https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-getiftable
func getIfTable(c *win.Call, pIfTable win.Ptr, pdwSize win.Out[uint32], bOrder win.Int) (win.LSTATUS, win.Error) {
	data := []byte{2, 0, 0, 0}
	data = append(append(data, ifRow(machine.LoopbackIndex)...), ifRow(machine.Index)...)
	return store(c, data, pIfTable, pdwSize, win.ErrInsufficientBuffer), 0
}
