package crt

import (
	"encoding/binary"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// statRows are the functions that describe files.
var statRows = win.Rows{
	win.Func2("_fstat64", fstat64, "fd buffer"),
	win.Func2("_fstat64i32", fstat64i32, "fd buffer"),
	win.Func2("_stat64", stat64[win.AStr], "path buffer"),
	win.Func2("_stat64i32", stat64i32[win.AStr], "path buffer"),
	win.Func2("_wstat64", stat64[win.WStr], "path buffer"),
	win.Func2("_wstat64i32", stat64i32[win.WStr], "path buffer"),
}

// Bits of st_mode.
const (
	modeDirectory = 0x4000
	modeCharacter = 0x2000
	modeRegular   = 0x8000
	modeRead      = 0o444
	modeWrite     = 0o222
	modeExecute   = 0o111
)

// describe is a struct _stat64, or a struct _stat64i32 whose size is an int.
// The drive is C:.
func describe(n *guest.Node, wide bool) []byte {
	mode := uint16(modeRegular | modeRead | modeWrite)
	size := int64(0)
	if n.Directory {
		mode = modeDirectory | modeRead | modeWrite | modeExecute
	} else {
		size = n.Size()
	}
	const drive = 2
	b := binary.LittleEndian.AppendUint32(nil, drive) // st_dev
	b = binary.LittleEndian.AppendUint16(b, 0)        // st_ino
	b = binary.LittleEndian.AppendUint16(b, mode)
	b = append(b, 1, 0, 0, 0, 0, 0, 0, 0)          // st_nlink, st_uid, st_gid, padding
	b = binary.LittleEndian.AppendUint32(b, drive) // st_rdev
	if wide {
		b = append(b, 0, 0, 0, 0)
		b = binary.LittleEndian.AppendUint64(b, uint64(size))
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(size))
	}
	for _, t := range []int64{n.Modified.Unix(), n.Modified.Unix(), n.Created.Unix()} { // accessed, modified, created
		b = binary.LittleEndian.AppendUint64(b, uint64(t))
	}
	return b
}

func statPath[T decoded](c *win.Call, path T, buffer win.Ptr, wide bool) (win.Int, win.Error) {
	p, _ := textOf(path)
	n := c.Files.Get(guest.FullPath(p.Text, c.CurrentDirectory))
	if n == nil || p.Text == "" {
		fail(c, eNOENT)
		return -1, 0
	}
	c.Write(buffer, describe(n, wide))
	return 0, 0
}

// stat64 describes a file by its name.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/stat-functions
func stat64[T decoded](c *win.Call, path T, buffer win.Ptr) (win.Int, win.Error) {
	return statPath(c, path, buffer, true)
}

// stat64i32 describes a file by its name, with a 32-bit size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/stat-functions
func stat64i32[T decoded](c *win.Call, path T, buffer win.Ptr) (win.Int, win.Error) {
	return statPath(c, path, buffer, false)
}

func statDescriptor(c *win.Call, fd win.Int, buffer win.Ptr, wide bool) (win.Int, win.Error) {
	d := of(c).descriptor(c, fd)
	if d == nil {
		return -1, 0
	}
	if f, ok := d.object.(*guest.File); ok {
		c.Write(buffer, describe(f.Node, wide))
		return 0, 0
	}
	b := describe(&guest.Node{}, wide)
	binary.LittleEndian.PutUint16(b[6:], modeCharacter|modeRead|modeWrite)
	clear(b[len(b)-3*8:]) // no times
	c.Write(buffer, b)
	return 0, 0
}

// fstat64 describes an open file.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fstat-fstat32-fstat64-fstati64-fstat32i64-fstat64i32
func fstat64(c *win.Call, fd win.Int, buffer win.Ptr) (win.Int, win.Error) {
	return statDescriptor(c, fd, buffer, true)
}

// fstat64i32 describes an open file, with a 32-bit size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fstat-fstat32-fstat64-fstati64-fstat32i64-fstat64i32
func fstat64i32(c *win.Call, fd win.Int, buffer win.Ptr) (win.Int, win.Error) {
	return statDescriptor(c, fd, buffer, false)
}
