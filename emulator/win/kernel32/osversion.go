package kernel32

import (
	"bytes"
	"cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

// manifests are the identifiers by which a manifest says what Windows a
// program knows of, the newest first, and what such a program is told.
//
// https://learn.microsoft.com/windows/win32/sysinfo/targeting-your-application-at-windows-8-1
var manifests = []struct {
	id      string
	version guest.OSVersion
}{
	{"8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a", guest.OSVersion{Major: 10}}, // and later ones
	{"1f676c76-80e1-4239-95bb-83d0f6d0da78", guest.OSVersion{Major: 6, Minor: 3, Build: 9600}},
}

// toldVersion is the version a program is told: that of the machine, but none
// later than it says it knows of. Without a manifest that is Windows 8. A
// program of Windows' own, as runs DLLs, is told the truth.
func toldVersion(c *win.Call) guest.OSVersion {
	const manifest = "24"
	machine := c.Config.Version
	if c.Program().System != nil {
		return machine
	}
	known := guest.OSVersion{Major: 6, Minor: 2, Build: 9200}
	img := c.Program().Image
	for _, r := range img.Resources {
		if r.Type != manifest {
			continue
		}
		text, err := c.Mem.View(c.Program().Base+uint64(r.RVA), int(r.File.Size))
		if err != nil {
			break
		}
		text = bytes.ToLower(text)
		for _, m := range manifests {
			if bytes.Contains(text, []byte(m.id)) {
				known = m.version
				break
			}
		}
		break
	}
	if known.Major == 10 || cmp.Or(cmp.Compare(machine.Major, known.Major), cmp.Compare(machine.Minor, known.Minor)) <= 0 {
		return machine
	}
	return known
}

// getVersion packs the version: major, minor, build.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getversion
func getVersion(c *win.Call) (win.DWORD, win.Error) {
	v := toldVersion(c)
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
	v := toldVersion(c)
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

// verSetConditionMask adds how one field is to be compared: three bits each.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-versetconditionmask
func verSetConditionMask(c *win.Call, ConditionMask win.Size, TypeMask win.Hex, Condition win.BYTE) (win.Size, win.Error) {
	mask := uint64(ConditionMask)
	for bit := range 8 {
		if TypeMask&(1<<bit) != 0 {
			mask |= uint64(Condition&7) << (ntdll.VersionConditionBits * bit)
		}
	}
	return win.Size(mask), 0
}

// verifyVersionInfo compares the version the program is told with one that is
// given.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-verifyversioninfow
func verifyVersionInfo(c *win.Call, lpVersionInformation win.Ptr, dwTypeMask win.Hex, dwlConditionMask win.Size) (win.Bool, win.Error) {
	servicePack := versionServicePack + versionText*c.CharSize()
	b := c.Bytes(lpVersionInformation, servicePack+8)
	switch {
	case b == nil:
		return false, 0
	case dwTypeMask == 0:
		return false, win.ErrInvalidParameter
	case !ntdll.VersionHolds(c, toldVersion(c), b, int(servicePack), dwTypeMask, uint64(dwlConditionMask)):
		return false, win.ErrOldVersion
	}
	return true, 0
}
