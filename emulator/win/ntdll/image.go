package ntdll

import (
	"sidetrace/emulator/win"
)

var imageRows = win.Rows{
	win.Func4("RtlImageDirectoryEntryToData", rtlImageDirectoryEntryToData, "BaseAddress MappedAsImage Directory Size"),
	win.Func1("RtlImageNtHeader", rtlImageNtHeader, "BaseAddress"),
	win.Func4("RtlImageNtHeaderEx", rtlImageNtHeaderEx, "Flags BaseAddress Size OutHeaders"),
	win.Func3("RtlImageRvaToSection", rtlImageRvaToSection, "NtHeaders BaseAddress Rva"),
	win.Func4("RtlImageRvaToVa", rtlImageRvaToVa, "NtHeaders BaseAddress Rva LastRvaSection"),
	win.Func2("RtlPcToFileHeader", rtlPcToFileHeader, "PcValue BaseOfImage"),
}

// rtlPcToFileHeader finds the module that code lies in.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlpctofileheader
func rtlPcToFileHeader(c *win.Call, PcValue win.Ptr, BaseOfImage win.Out[uint64]) (win.Ptr, win.Error) {
	base := uint64(0)
	if m := c.ModuleHolding(uint64(PcValue)); m != nil {
		base = m.Base
	}
	BaseOfImage.Set(c, base)
	return win.Ptr(base), 0
}

// ntHeader finds the PE header of an image; 0 if there is none.
func ntHeader(c *win.Call, base win.Ptr) win.Ptr {
	const (
		offsetField = 0x3C      // e_lfanew
		largest     = 256 << 20 // beyond which Windows does not look
	)
	if base == 0 || base == ^win.Ptr(0) || c.ReadUint(base, 2) != 'M'|'Z'<<8 {
		return 0
	}
	offset := c.ReadUint(base+offsetField, 4)
	if offset >= largest || c.ReadUint(base+win.Ptr(offset), 4) != 'P'|'E'<<8 {
		return 0
	}
	return base + win.Ptr(offset)
}

// rtlImageNtHeader finds the PE header of an image in memory.
//
// https://learn.microsoft.com/windows/win32/api/dbghelp/nf-dbghelp-imagentheader
func rtlImageNtHeader(c *win.Call, BaseAddress win.Ptr) (win.Ptr, win.Error) {
	return ntHeader(c, BaseAddress), 0
}

// rtlImageNtHeaderEx is rtlImageNtHeader with a size that the image must not
// exceed, unless flag 1 says not to look.
func rtlImageNtHeaderEx(c *win.Call, Flags win.Hex, BaseAddress win.Ptr, Size win.Int64, OutHeaders win.Out[uint64]) (win.Status, win.Error) {
	const noRangeCheck = 1
	if OutHeaders.Null() || Flags&^noRangeCheck != 0 {
		return win.StatusInvalidParameter, 0
	}
	OutHeaders.Set(c, 0)
	if BaseAddress == 0 || BaseAddress == ^win.Ptr(0) {
		return win.StatusInvalidParameter, 0
	}
	const dosHeader = 0x40
	if Flags == 0 && uint64(Size) < dosHeader {
		return statusInvalidImageFormat, 0
	}
	at := ntHeader(c, BaseAddress)
	if at == 0 || Flags == 0 && uint64(at-BaseAddress) >= uint64(Size) {
		return statusInvalidImageFormat, 0
	}
	OutHeaders.Set(c, uint64(at))
	return 0, 0
}

// Places in the headers of a 64-bit image.
const (
	fileSections       = 6
	fileOptionalSize   = 20
	optionalHeader     = 24
	optionalHeaderSize = optionalHeader + 60 // SizeOfHeaders
	directoryCount     = optionalHeader + 108
	directories        = optionalHeader + 112
	sectionSize        = 40
)

// rtlImageDirectoryEntryToData finds a data directory of an image, which lies
// in memory as a file unless mapped as an image. The low bit of the address
// says the same.
//
// https://learn.microsoft.com/windows/win32/api/dbghelp/nf-dbghelp-imagedirectoryentrytodata
func rtlImageDirectoryEntryToData(c *win.Call, BaseAddress win.Ptr, MappedAsImage win.BYTE, Directory win.WORD, Size win.Out[uint32]) (win.Ptr, win.Error) {
	image := MappedAsImage != 0
	if BaseAddress&1 != 0 {
		BaseAddress &^= 1
		image = false
	}
	nt := ntHeader(c, BaseAddress)
	if nt == 0 || uint64(Directory) >= c.ReadUint(nt+directoryCount, 4) {
		return 0, 0
	}
	rva := c.ReadUint(nt+directories+8*win.Ptr(Directory), 4)
	if rva == 0 {
		return 0, 0
	}
	Size.Set(c, uint32(c.ReadUint(nt+directories+8*win.Ptr(Directory)+4, 4)))
	if image || rva < c.ReadUint(nt+optionalHeaderSize, 4) {
		return BaseAddress + win.Ptr(rva), 0
	}
	return rvaToVa(c, nt, BaseAddress, rva), 0
}

// sectionOf finds the header of the section that holds an RVA; 0 if none does.
func sectionOf(c *win.Call, nt win.Ptr, rva uint64) win.Ptr {
	at := nt + optionalHeader + win.Ptr(c.ReadUint(nt+fileOptionalSize, 2))
	for range c.ReadUint(nt+fileSections, 2) {
		start, raw := c.ReadUint(at+12, 4), c.ReadUint(at+16, 4)
		if rva >= start && rva-start < raw {
			return at
		}
		if c.Faulted() {
			return 0
		}
		at += sectionSize
	}
	return 0
}

func rvaToVa(c *win.Call, nt, base win.Ptr, rva uint64) win.Ptr {
	s := sectionOf(c, nt, rva)
	if s == 0 {
		return 0
	}
	return base + win.Ptr(rva-c.ReadUint(s+12, 4)+c.ReadUint(s+20, 4))
}

// rtlImageRvaToSection finds the header of the section that holds an RVA.
//
// https://learn.microsoft.com/windows/win32/api/dbghelp/nf-dbghelp-imagervatosection
func rtlImageRvaToSection(c *win.Call, NtHeaders, BaseAddress win.Ptr, Rva win.DWORD) (win.Ptr, win.Error) {
	return sectionOf(c, NtHeaders, uint64(Rva)), 0
}

// rtlImageRvaToVa finds where an RVA lies in an image that is in memory as a
// file.
//
// https://learn.microsoft.com/windows/win32/api/dbghelp/nf-dbghelp-imagervatova
func rtlImageRvaToVa(c *win.Call, NtHeaders, BaseAddress win.Ptr, Rva win.DWORD, LastRvaSection win.Out[uint64]) (win.Ptr, win.Error) {
	s := sectionOf(c, NtHeaders, uint64(Rva))
	if s == 0 {
		return 0, 0
	}
	if !LastRvaSection.Null() {
		LastRvaSection.Set(c, uint64(s))
	}
	return rvaToVa(c, NtHeaders, BaseAddress, uint64(Rva)), 0
}
