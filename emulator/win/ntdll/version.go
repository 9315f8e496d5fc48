package ntdll

import (
	"cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var versionRows = win.Rows{
	win.Func3("RtlVerifyVersionInfo", rtlVerifyVersionInfo, "VersionInfo TypeMask ConditionMask"),
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

	VersionConditionBits = 3
	verEqual             = 1
	verGreater           = 2
	verGreaterEqual      = 3
	verLess              = 4
	verLessEqual         = 5
)

// rtlVerifyVersionInfo compares the machine's version with one that is given,
// whatever the program's manifest says.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlverifyversioninfo
func rtlVerifyVersionInfo(c *win.Call, VersionInfo win.Ptr, TypeMask win.Hex, ConditionMask win.Size) (win.Status, win.Error) {
	b := c.Bytes(VersionInfo, versionInfoExSize)
	switch {
	case b == nil:
		return 0, 0
	case TypeMask == 0:
		return win.StatusInvalidParameter, 0
	case !VersionHolds(c, c.Config.Version, b, versionServicePack, TypeMask, uint64(ConditionMask)):
		return statusRevisionMismatch, 0
	}
	return 0, 0
}

const (
	versionServicePack                = 276 // of an OSVERSIONINFOEXW
	statusRevisionMismatch win.Status = 0xC0000059
)

// VersionHolds compares a version with an OSVERSIONINFOEX. Major, minor and
// service pack are compared as one number, from the left.
func VersionHolds(c *win.Call, v guest.OSVersion, b []byte, servicePack int, mask win.Hex, conditions uint64) bool {
	const platformNT, workstation = 2, 1
	number := func(bit win.Hex, mine, asked uint32) (int, bool) {
		return cmp.Compare(mine, asked), mask&bit != 0
	}
	holds := func(bit int, order int) bool {
		switch conditions >> (VersionConditionBits * bit) & 7 {
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
	if o, asked := number(verBuild, v.Build, le.Uint32(b[12:])); asked && !holds(2, o) {
		return false
	}
	if o, asked := number(verPlatform, platformNT, le.Uint32(b[16:])); asked && !holds(3, o) {
		return false
	}
	if o, asked := number(verProduct, workstation, uint32(b[servicePack+6])); asked && !holds(7, o) {
		return false
	}
	fields := []struct {
		mask        win.Hex
		bit         int
		mine, asked uint32
	}{
		{verMajor, 1, v.Major, le.Uint32(b[4:])},
		{verMinor, 0, v.Minor, le.Uint32(b[8:])},
		{verServicePackMajor, 5, 0, uint32(le.Uint16(b[servicePack:]))},
		{verServicePackMinor, 4, 0, uint32(le.Uint16(b[servicePack+2:]))},
	}
	order, last := 0, -1
	for _, f := range fields {
		if mask&f.mask == 0 {
			continue
		}
		last = f.bit
		if order = cmp.Compare(f.mine, f.asked); order != 0 {
			break
		}
	}
	if last >= 0 && !holds(last, order) {
		return false
	}
	if mask&verSuite != 0 {
		c.Gap("product suites")
	}
	return true
}
