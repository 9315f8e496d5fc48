package kernel32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// FILE_INFORMATION_CLASS.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/ne-wdm-_file_information_class
const (
	nativeDirectory     = 1
	nativeFullDirectory = 2
	nativeBothDirectory = 3
	nativeBasic         = 4
	nativeStandard      = 5
	nativeInternal      = 6
	nativeEa            = 7
	nativeName          = 9
	nativeRename        = 10
	nativeNames         = 12
	nativeDisposition   = 13
	nativePosition      = 14
	nativeAll           = 18
	nativeAllocation    = 19
	nativeEndOfFile     = 20
	nativeStream        = 22
	nativeNetworkOpen   = 34
	nativeAttributeTag  = 35
	nativeDispositionEx = 64
	nativeRenameEx      = 65
)

// ntQueryInformationFile tells of an open file.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntqueryinformationfile
func ntQueryInformationFile(c *win.Call, FileHandle win.Handle, IoStatusBlock, FileInformation win.Ptr, Length, FileInformationClass win.DWORD) (win.Status, win.Error) {
	const overflow win.Status = 0x80000005
	f, err := diskFile(c, FileHandle)
	if err != 0 {
		return fileStatus(err), 0
	}
	n := f.Node
	var b []byte
	variable := false
	switch FileInformationClass {
	case nativeBasic:
		b = basicInfo(n)
	case nativeStandard:
		b = standardInfo(n)
	case nativeInternal:
		b = le.AppendUint64(nil, fileNumber(n))
	case nativeEa:
		b = make([]byte, 4)
	case nativeName:
		b, variable = nameInfo(n), true
	case nativePosition:
		b = le.AppendUint64(nil, uint64(f.Position))
	case nativeStream:
		b, variable = streamInfo(c, n), true
	case nativeNetworkOpen:
		b = networkOpen(n)
	case nativeAttributeTag:
		b = le.AppendUint32(le.AppendUint32(nil, attributes(n)), 0)
	case nativeAll:
		b = append(append(basicInfo(n), standardInfo(n)...), make([]byte, 32)...)
		le.PutUint64(b[64:], fileNumber(n))
		le.PutUint64(b[80:], uint64(f.Position))
		b, variable = append(b, nameInfo(n)...), true
	default:
		c.Gap("file information class " + decimal(uint64(FileInformationClass)))
		return win.StatusInvalidInfoClass, 0
	}
	status := win.Status(0)
	if int(Length) < len(b) {
		if !variable || Length < 8 {
			return win.StatusInfoLengthMismatch, 0
		}
		b, status = b[:Length], overflow
	}
	c.Write(FileInformation, b)
	ioStatus(c, IoStatusBlock, status, uint64(len(b)))
	return status, 0
}

// ntSetInformationFile changes an open file.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntsetinformationfile
func ntSetInformationFile(c *win.Call, FileHandle win.Handle, IoStatusBlock, FileInformation win.Ptr, Length, FileInformationClass win.DWORD) (win.Status, win.Error) {
	class := map[win.DWORD]win.DWORD{
		nativeBasic: fileBasicInfo, nativeDisposition: fileDispositionInfo, nativeAllocation: fileAllocationInfo, nativeEndOfFile: fileEndOfFileInfo,
		nativeDispositionEx: fileDispositionInfoEx,
	}
	f, err := diskFile(c, FileHandle)
	if err != 0 {
		return fileStatus(err), 0
	}
	switch FileInformationClass {
	case nativePosition:
		f.Position = int64(c.ReadUint(FileInformation, 8))
	case nativeRename, nativeRenameEx:
		b := c.Bytes(FileInformation, 24)
		if b == nil {
			return 0, 0
		}
		length := uint64(le.Uint32(b[16:]))
		name := guest.FromUTF16(append(append([]byte(nil), c.Bytes(FileInformation+20, min(length, 0xFFFE))...), 0, 0))
		if c.Faulted() {
			return 0, 0
		}
		name = strings.TrimPrefix(name, `\??\`)
		if !strings.ContainsAny(name, `\:`) { // beside where it is
			name = guest.Join(guest.Folder(f.Node.Path), name)
		}
		err = renameOpen(c, f, name, le.Uint32(b)&1 != 0)
	default:
		same, ok := class[FileInformationClass]
		if !ok {
			c.Gap("file information class " + decimal(uint64(FileInformationClass)))
			return win.StatusInvalidInfoClass, 0
		}
		_, err = setFileInformationByHandle(c, FileHandle, same, FileInformation, Length)
	}
	if err != 0 {
		return fileStatus(err), 0
	}
	ioStatus(c, IoStatusBlock, 0, 0)
	return 0, 0
}

// nativeListing is how far a directory was listed, and with which pattern.
type nativeListing struct{ entries []entry }

// ntQueryDirectoryFile gives the next entry of a directory.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntquerydirectoryfile
func ntQueryDirectoryFile(c *win.Call, FileHandle, Event win.Handle, ApcRoutine, ApcContext, IoStatusBlock, FileInformation win.Ptr, Length, FileInformationClass win.DWORD, ReturnSingleEntry win.BYTE, FileName win.UnicodeString, RestartScan win.BYTE) (win.Status, win.Error) {
	const idBoth, idFull = 37, 38
	f, err := diskFile(c, FileHandle)
	switch {
	case err != 0:
		return fileStatus(err), 0
	case !f.Node.Directory:
		return win.StatusInvalidParameter, 0
	}
	header, ok := map[win.DWORD]int{nativeDirectory: 64, nativeFullDirectory: 68, nativeBothDirectory: 94, nativeNames: 12, idBoth: 104, idFull: 80}[FileInformationClass]
	if !ok {
		c.Gap("file information class " + decimal(uint64(FileInformationClass)))
		return win.StatusInvalidInfoClass, 0
	}
	type key struct{ *guest.File }
	l, begun := c.State[key{f}].(*nativeListing)
	if !begun || RestartScan != 0 {
		pattern := FileName.Text
		if pattern == "" {
			pattern = "*"
		}
		l = &nativeListing{matching(c, f.Node, pattern)}
		c.State[key{f}] = l
		if len(l.entries) == 0 {
			return statusNoSuchFile, 0
		}
	}
	if len(l.entries) == 0 {
		return statusNoMoreFiles, 0
	}
	e := l.entries[0]
	name := guest.UTF16(e.name)
	name = name[:len(name)-2]
	b := make([]byte, header, header+len(name))
	if FileInformationClass == nativeNames {
		le.PutUint32(b[8:], uint32(len(name)))
	} else {
		copy(b[8:], basicInfo(e.node)[:32])
		if !e.node.Directory {
			le.PutUint64(b[40:], uint64(e.node.Size()))
			le.PutUint64(b[48:], allocated(e.node))
		}
		le.PutUint32(b[56:], attributes(e.node))
		le.PutUint32(b[60:], uint32(len(name)))
	}
	if b = append(b, name...); int(Length) < len(b) {
		return 0x80000005, 0
	}
	l.entries = l.entries[1:]
	c.Write(FileInformation, b)
	ioStatus(c, IoStatusBlock, 0, uint64(len(b)))
	return 0, 0
}
