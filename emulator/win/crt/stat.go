package crt

import (
	"encoding/binary"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// statRows are the functions that describe files.
var statRows = join(statFamily("64", statLayout{true, true}), statFamily("64i32", statLayout{true, false}))

// msvcrtStatRows are the names that only msvcrt.dll has.
var msvcrtStatRows = join(statFamily("", statLayout{true, false}), statFamily("i64", statLayout{true, true}))

// ucrtStatRows are those of ucrtbase.dll.
var ucrtStatRows = join(statFamily("32", statLayout{false, false}), statFamily("32i64", statLayout{false, true}))

// statLayout is a form of struct _stat.
type statLayout struct {
	wideTime, wideSize bool // 64 bits
}

func statFamily(suffix string, l statLayout) win.Rows {
	return win.Rows{
		win.Func2("_fstat"+suffix, fstat(l), "fd buffer"),
		win.Func2("_stat"+suffix, stat[win.AStr](l), "path buffer"),
		win.Func2("_wstat"+suffix, stat[win.WStr](l), "path buffer"),
	}
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

// describe is a struct _stat. The drive is C:.
func (l statLayout) describe(n *guest.Node) []byte {
	mode := uint16(modeRegular | modeRead | modeWrite)
	size := int64(0)
	if n.Directory {
		mode = modeDirectory | modeRead | modeWrite | modeExecute
	} else {
		size = n.Size()
		_, _, _, ext := split4(n.Path)
		switch strings.ToLower(ext) {
		case ".exe", ".com", ".bat", ".cmd":
			mode |= modeExecute
		}
	}
	const drive = 2
	b := binary.LittleEndian.AppendUint32(nil, drive) // st_dev
	b = binary.LittleEndian.AppendUint16(b, 0)        // st_ino
	b = binary.LittleEndian.AppendUint16(b, mode)
	b = append(b, 1, 0, 0, 0, 0, 0, 0, 0)          // st_nlink, st_uid, st_gid, padding
	b = binary.LittleEndian.AppendUint32(b, drive) // st_rdev
	if l.wideSize {
		b = append(b, 0, 0, 0, 0)
		b = binary.LittleEndian.AppendUint64(b, uint64(size))
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(size))
	}
	for _, t := range []int64{n.Modified.Unix(), n.Modified.Unix(), n.Created.Unix()} { // accessed, modified, created
		if l.wideTime {
			b = binary.LittleEndian.AppendUint64(b, uint64(t))
		} else {
			b = binary.LittleEndian.AppendUint32(b, uint32(t))
		}
	}
	return append(b, make([]byte, -len(b)&(map[bool]int{true: 7, false: 3}[l.wideTime || l.wideSize]))...)
}

// stat describes a file by its name.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/stat-functions
func stat[T decoded](l statLayout) func(c *win.Call, path T, buffer win.Ptr) (win.Int, win.Error) {
	return func(c *win.Call, path T, buffer win.Ptr) (win.Int, win.Error) {
		p, _ := textOf(path)
		if p.Null() || buffer == 0 {
			invalid(c, eINVAL)
			return -1, 0
		}
		n := c.Files.Get(guest.FullPath(p.Text, c.CurrentDirectory))
		if n == nil || p.Text == "" || strings.ContainsAny(p.Text, "*?") {
			fail(c, eNOENT)
			return -1, 0
		}
		c.Write(buffer, l.describe(n))
		return 0, 0
	}
}

// fstat describes an open file.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fstat-fstat32-fstat64-fstati64-fstat32i64-fstat64i32
func fstat(l statLayout) func(c *win.Call, fd win.Int, buffer win.Ptr) (win.Int, win.Error) {
	return func(c *win.Call, fd win.Int, buffer win.Ptr) (win.Int, win.Error) {
		if buffer == 0 {
			invalid(c, eINVAL)
			return -1, 0
		}
		d := of(c).descriptor(c, fd)
		if d == nil {
			return -1, 0
		}
		if f, ok := d.object.(*guest.File); ok {
			c.Write(buffer, l.describe(f.Node))
			return 0, 0
		}
		b := l.describe(&guest.Node{})
		binary.LittleEndian.PutUint16(b[6:], modeCharacter|modeRead|modeWrite)
		clear(b[20:]) // no size and no times
		c.Write(buffer, b)
		return 0, 0
	}
}
