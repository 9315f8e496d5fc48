package ntdll

import (
	"bytes"

	"sidetrace/emulator/win"
)

var rtlRows = win.Rows{
	win.Func3("RtlCompareMemory", rtlCompareMemory, "Source1 Source2 Length"),
	win.Func3("RtlCopyMemory", rtlMoveMemory, "Destination Source Length"),
	win.Func1("RtlDecodePointer", rtlEncodePointer, "Ptr"),
	win.Func1("RtlEncodePointer", rtlEncodePointer, "Ptr"),
	win.Func3("RtlFillMemory", rtlFillMemory, "Destination Length Fill"),
	win.Func3("RtlGetNtVersionNumbers", rtlGetNtVersionNumbers, "MajorVersion MinorVersion BuildNumber"),
	win.Func1("RtlGetVersion", rtlGetVersion, "lpVersionInformation"),
	win.Func3("RtlMoveMemory", rtlMoveMemory, "Destination Source Length"),
	win.Partial(win.Func1("RtlRandom", rtlRandom, "Seed"), "another sequence than Windows'"),
	win.Partial(win.Func1("RtlRandomEx", rtlRandom, "Seed"), "another sequence than Windows'"),
	win.Func1("RtlUniform", rtlUniform, "Seed"),
	win.Func2("RtlZeroMemory", rtlZeroMemory, "Destination Length"),
}

// rtlMoveMemory copies a block; the two may overlap. RtlCopyMemory is the same
// function.
//
// https://learn.microsoft.com/windows/win32/devnotes/rtlmovememory
func rtlMoveMemory(c *win.Call, Destination, Source win.Ptr, Length win.Size) (win.Void, win.Error) {
	from := c.Bytes(Source, uint64(Length))
	to := c.Buffer(Destination, uint64(Length))
	if !c.Faulted() {
		copy(to, from)
	}
	return win.Void{}, 0
}

// rtlFillMemory fills a block with a byte.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlfillmemory
func rtlFillMemory(c *win.Call, Destination win.Ptr, Length win.Size, Fill win.BYTE) (win.Void, win.Error) {
	b := c.Buffer(Destination, uint64(Length))
	for i := range b {
		b[i] = byte(Fill)
	}
	return win.Void{}, 0
}

func rtlZeroMemory(c *win.Call, Destination win.Ptr, Length win.Size) (win.Void, win.Error) {
	clear(c.Buffer(Destination, uint64(Length)))
	return win.Void{}, 0
}

// rtlCompareMemory counts the bytes that are the same before the first that
// differs.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlcomparememory
func rtlCompareMemory(c *win.Call, Source1, Source2 win.Ptr, Length win.Size) (win.Size, win.Error) {
	a, b := c.Bytes(Source1, uint64(Length)), c.Bytes(Source2, uint64(Length))
	if c.Faulted() || bytes.Equal(a, b) {
		return Length, 0
	}
	n := 0
	for a[n] == b[n] {
		n++
	}
	return win.Size(n), 0
}

// versionInfoSize is the size of RTL_OSVERSIONINFOW, versionInfoExSize that of
// RTL_OSVERSIONINFOEXW.
const (
	versionInfoSize   = 276
	versionInfoExSize = 284
)

// rtlGetVersion tells the machine's version, whatever the program's manifest
// says.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlgetversion
func rtlGetVersion(c *win.Call, lpVersionInformation win.Ptr) (win.Status, win.Error) {
	const platformNT, singleUser, workstation = 2, 0x100, 1
	size := c.ReadUint(lpVersionInformation, 4)
	if size != versionInfoExSize {
		size = versionInfoSize
	}
	b := c.Buffer(lpVersionInformation, size)
	if b == nil {
		return 0, 0
	}
	v := c.Config.Version
	le.PutUint32(b[4:], v.Major)
	le.PutUint32(b[8:], v.Minor)
	le.PutUint32(b[12:], v.Build)
	le.PutUint32(b[16:], platformNT)
	clear(b[20:]) // szCSDVersion and what follows: no service pack
	if size == versionInfoExSize {
		le.PutUint16(b[280:], singleUser)
		b[282] = workstation
	}
	return 0, 0
}

// rtlGetNtVersionNumbers tells the version; the build number is marked as that
// of a free build.
func rtlGetNtVersionNumbers(c *win.Call, MajorVersion, MinorVersion, BuildNumber win.Out[uint32]) (win.Void, win.Error) {
	const free = 0xF0000000
	v := c.Config.Version
	MajorVersion.Set(c, v.Major)
	MinorVersion.Set(c, v.Minor)
	BuildNumber.Set(c, v.Build|free)
	return win.Void{}, 0
}

// rtlEncodePointer and its inverse mix a pointer with a secret of the process;
// exclusive-or is its own inverse.
//
// https://learn.microsoft.com/previous-versions/bb432254(v=vs.85)
func rtlEncodePointer(c *win.Call, Ptr win.Ptr) (win.Ptr, win.Error) {
	const secret = 0x5D1D_E7AC_E000_55AA
	return Ptr ^ secret, 0
}

// largestRandom is the largest number of RtlUniform and RtlRandom.
const largestRandom = 0x7FFFFFFE

// rtlUniform is a linear congruential generator whose state is the seed.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-rtluniform
func rtlUniform(c *win.Call, Seed win.Out[uint32]) (win.DWORD, win.Error) {
	next := uniform(Seed.Get(c))
	Seed.Set(c, next)
	return win.DWORD(next), 0
}

func uniform(seed uint32) uint32 {
	return uint32((uint64(seed)*0x7FFFFFED + 0x7FFFFFC3) % (largestRandom + 1))
}

// rtlRandom gives a number of the machine's own random source and renews the
// seed.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlrandomex
func rtlRandom(c *win.Call, Seed win.Out[uint32]) (win.DWORD, win.Error) {
	Seed.Set(c, uniform(Seed.Get(c)))
	return win.DWORD(c.Random.Uint64() % (largestRandom + 1)), 0
}
