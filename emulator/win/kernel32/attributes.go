package kernel32

import (
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var attributeRows = win.Rows{
	win.Func1("GetFileAttributes{A,W}", getFileAttributes, "lpFileName"),
	win.Func3("GetFileAttributesEx{A,W}", getFileAttributesEx, "lpFileName fInfoLevelId lpFileInformation"),
	win.Func2("GetFileInformationByHandle", getFileInformationByHandle, "hFile lpFileInformation"),
	win.Func4("GetFileTime", getFileTime, "hFile lpCreationTime lpLastAccessTime lpLastWriteTime"),
	win.Func2("SetFileAttributes{A,W}", setFileAttributes, "lpFileName dwFileAttributes"),
	win.Func4("SetFileTime", setFileTime, "hFile lpCreationTime lpLastAccessTime lpLastWriteTime"),
}

// attributes are the FILE_ATTRIBUTE_* of a file or directory.
func attributes(n *guest.Node) uint32 {
	a := n.Attributes &^ attributeNormal
	if n.Directory {
		a |= attributeDirectory
	}
	if a == 0 {
		return attributeNormal
	}
	return a
}

// getFileAttributes is how programs ask whether a file is there.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfileattributesw
func getFileAttributes(c *win.Call, lpFileName win.TStr) (win.SizeFail, win.Error) {
	n, err := existing(c, lpFileName.Text)
	if err != 0 {
		return 0, err
	}
	return win.SizeFail(attributes(n)), 0
}

// describe lays out attributes, times and size as WIN32_FILE_ATTRIBUTE_DATA,
// the beginning of several structures.
func describe(b []byte, n *guest.Node) {
	le.PutUint32(b, attributes(n))
	le.PutUint64(b[4:], guest.FileTime(n.Created))
	le.PutUint64(b[12:], guest.FileTime(n.Modified)) // of access, which is not kept
	le.PutUint64(b[20:], guest.FileTime(n.Modified))
	le.PutUint32(b[28:], uint32(n.Size()>>32))
	le.PutUint32(b[32:], uint32(n.Size()))
}

const fileAttributeDataSize = 36

// getFileAttributesEx stores attributes, times and size of a file.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfileattributesexw
func getFileAttributesEx(c *win.Call, lpFileName win.TStr, fInfoLevelId win.DWORD, lpFileInformation win.Ptr) (win.Bool, win.Error) {
	if fInfoLevelId != 0 { // GetFileExInfoStandard
		return false, win.ErrInvalidParameter
	}
	n, err := existing(c, lpFileName.Text)
	if err != 0 {
		return false, err
	}
	if b := c.Buffer(lpFileInformation, fileAttributeDataSize); b != nil {
		describe(b, n)
	}
	return true, 0
}

// getFileInformationByHandle stores what GetFileAttributesEx does, with a
// volume and a file number.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfileinformationbyhandle
func getFileInformationByHandle(c *win.Call, hFile win.Handle, lpFileInformation win.Ptr) (win.Bool, win.Error) {
	const (
		size = 52
	)
	f, err := diskFile(c, hFile)
	if err != 0 {
		return false, err
	}
	b := c.Buffer(lpFileInformation, size)
	if b == nil {
		return false, 0
	}
	var d [fileAttributeDataSize]byte
	describe(d[:], f.Node)
	clear(b)
	copy(b, d[:28])
	le.PutUint32(b[28:], volumeSerial)
	copy(b[32:], d[28:])
	le.PutUint32(b[40:], 1) // links
	return true, 0
}

// setFileAttributes changes the attributes of a file or directory.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-setfileattributesw
func setFileAttributes(c *win.Call, lpFileName win.TStr, dwFileAttributes win.Hex) (win.Bool, win.Error) {
	n, err := existing(c, lpFileName.Text)
	if err != 0 {
		return false, err
	}
	n.Attributes = uint32(dwFileAttributes) & attributesSettable
	return true, 0
}

// getFileTime stores the times that are asked for.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfiletime
func getFileTime(c *win.Call, hFile win.Handle, lpCreationTime, lpLastAccessTime, lpLastWriteTime win.Out[uint64]) (win.Bool, win.Error) {
	f, err := diskFile(c, hFile)
	if err != 0 {
		return false, err
	}
	lpCreationTime.Set(c, guest.FileTime(f.Node.Created))
	lpLastAccessTime.Set(c, guest.FileTime(f.Node.Modified))
	lpLastWriteTime.Set(c, guest.FileTime(f.Node.Modified))
	return true, 0
}

// setFileTime changes the times that are given; that of access is not kept.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-setfiletime
func setFileTime(c *win.Call, hFile win.Handle, lpCreationTime, lpLastAccessTime, lpLastWriteTime win.Out[uint64]) (win.Bool, win.Error) {
	f, err := diskFile(c, hFile)
	if err != 0 {
		return false, err
	}
	set := func(to *time.Time, from win.Out[uint64]) {
		const leave = ^uint64(0) // do not change it, now or later
		if v := from.Get(c); v != 0 && v != leave {
			*to = fileTimeOf(v)
		}
	}
	set(&f.Node.Created, lpCreationTime)
	set(&f.Node.Modified, lpLastWriteTime)
	return true, 0
}
