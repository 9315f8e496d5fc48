package version

import (
	"fmt"

	"sidetrace/emulator/guest"
)

// systemVersion is the version resource of a system DLL, which the synthetic
// images do not hold: it differs with the machine's Windows, and programs ask
// kernel32.dll or ntdll.dll for it when they do not trust GetVersionEx.
func systemVersion(v guest.OSVersion, name string) []byte {
	// The revision of the files of an unpatched release is 1.
	dotted := fmt.Sprintf("%d.%d.%d.1", v.Major, v.Minor, v.Build)
	fixed := make([]byte, 0, 52)
	high, low := v.Major<<16|v.Minor, v.Build<<16|1
	for _, f := range [...]uint32{
		0xFEEF04BD, 0x00010000, high, low, high, low,
		0x3F, 0, // flags
		0x40004, // VOS_NT_WINDOWS32
		2, 0,    // VFT_DLL
		0, 0, // date
	} {
		fixed = le.AppendUint32(fixed, f)
	}
	strings := [][2]string{
		{"CompanyName", "Microsoft Corporation"},
		{"FileDescription", name},
		{"FileVersion", dotted},
		{"InternalName", name},
		{"LegalCopyright", "© Microsoft Corporation. All rights reserved."},
		{"OriginalFilename", name},
		{"ProductName", "Microsoft® Windows® Operating System"},
		{"ProductVersion", dotted},
	}
	var table []byte
	for _, s := range strings {
		table = beside(table, write(s[0], true, guest.UTF16(s[1])))
	}
	return write("VS_VERSION_INFO", false, fixed,
		write("StringFileInfo", true, nil, write("040904B0", true, nil, table)),
		write("VarFileInfo", true, nil, write("Translation", false, []byte{0x09, 0x04, 0xB0, 0x04})))
}

// write makes a node of its value and its children.
func write(key string, text bool, value []byte, children ...[]byte) []byte {
	size, kind := len(value), uint16(0)
	if text {
		size, kind = size/2, 1
	}
	b := make([]byte, nodeHeader)
	le.PutUint16(b[2:], uint16(size))
	le.PutUint16(b[4:], kind)
	b = beside(append(b, guest.UTF16(key)...), value)
	for _, c := range children {
		b = beside(b, c)
	}
	le.PutUint16(b, uint16(len(b)))
	return b
}

// beside puts more behind b, aligned.
func beside(b, more []byte) []byte {
	if len(more) == 0 {
		return b
	}
	return append(append(b, make([]byte, align(len(b))-len(b))...), more...)
}
