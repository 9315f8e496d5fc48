package crt

import (
	"encoding/binary"
	"fmt"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// moreFileRows are functions on names of files that few programs use.
//
// https://learn.microsoft.com/cpp/c-runtime-library/file-handling
var moreFileRows = win.Rows{
	win.Func2("_access_s", accessS[win.AStr], "path mode"),
	win.Func1("_chdrive", chdrive, "drive"),
	win.Func2("_chmod", chmod[win.AStr], "filename pmode"),
	win.Func3("_getdcwd", getdcwd[win.AText], "drive buffer maxlen"),
	win.Func0("_getdrive", getdrive),
	win.Func0("_getdrives", getdrives),
	win.Func1("_mktemp", mktemp[win.AText], "nameTemplate"),
	win.Func2("_mktemp_s", mktempS[win.AText], "nameTemplate sizeInChars"),
	win.Func1("_umask", umask, "pmode"),
	win.Func2("_umask_s", umaskS, "mode pOldMode"),
	win.Func2("_utime32", utime[win.AStr](4), "filename times"),
	win.Func2("_utime64", utime[win.AStr](8), "filename times"),
	win.Func2("_waccess_s", accessS[win.WStr], "path mode"),
	win.Func2("_wchmod", chmod[win.WStr], "filename pmode"),
	win.Func3("_wgetdcwd", getdcwd[win.WText], "drive buffer maxlen"),
	win.Func1("_wmktemp", mktemp[win.WText], "nameTemplate"),
	win.Func2("_wmktemp_s", mktempS[win.WText], "nameTemplate sizeInChars"),
	win.Func2("_wutime32", utime[win.WStr](4), "filename times"),
	win.Func2("_wutime64", utime[win.WStr](8), "filename times"),
}

// accessS tells whether a file exists and may be used as asked, as an error
// number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/access-s-waccess-s
func accessS[T decoded](c *win.Call, path T, mode win.Int) (win.Int, win.Error) {
	if p, _ := textOf(path); p.Null() || mode&^6 != 0 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	if r, err := access(c, path, mode); r == 0 {
		return 0, err
	}
	return win.Int(current(c)), 0
}

const permissionWrite = 0x80 // _S_IWRITE

// chmod makes a file read-only, or writable.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/chmod-wchmod
func chmod[T decoded](c *win.Call, filename T, pmode win.Hex) (win.Int, win.Error) {
	const readOnly, missing = 0x01, 0xFFFFFFFF
	f, _ := textOf(filename)
	attributes, err := withPath(c, "GetFileAttributesW", f.Text)
	if uint32(attributes) == missing {
		fail(c, errnoOf(err))
		return -1, 0
	}
	if pmode&permissionWrite != 0 {
		attributes &^= readOnly
	} else {
		attributes |= readOnly
	}
	r, err := withPath(c, "SetFileAttributesW", f.Text, attributes)
	return outcome(c, r, err)
}

// umask sets the permissions that new files do not get, and returns those
// before.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/umask
func umask(c *win.Call, pmode win.Hex) (win.Hex, win.Error) {
	s := of(c)
	old := s.umask
	s.umask = pmode & (0x100 | permissionWrite)
	return old, 0
}

// umaskS is umask that refuses other bits.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/umask-s
func umaskS(c *win.Call, mode win.Hex, pOldMode win.Out[uint32]) (win.Int, win.Error) {
	if pOldMode.Null() {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	if mode&^(0x100|permissionWrite) != 0 {
		pOldMode.Set(c, uint32(of(c).umask))
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	old, err := umask(c, mode)
	pOldMode.Set(c, uint32(old))
	return 0, err
}

// getdrive returns the current drive: 1 is A.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/getdrive
func getdrive(c *win.Call) (win.Int, win.Error) {
	if d := c.CurrentDirectory; len(d) > 1 && d[1] == ':' {
		return win.Int(d[0]&^0x20-'A') + 1, 0
	}
	return 0, 0
}

// getdrives returns a bit for each drive. There is C.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/getdrives
func getdrives(c *win.Call) (win.Hex, win.Error) { return 1 << ('C' - 'A'), 0 }

// chdrive changes the current drive.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/chdrive
func chdrive(c *win.Call, drive win.Int) (win.Int, win.Error) {
	if drive < 1 || drive > 26 {
		invalid(c, eINVAL)
		return -1, 0
	}
	if now, _ := getdrive(c); now == drive {
		return 0, 0
	}
	r, err := withPath(c, "SetCurrentDirectoryW", fmt.Sprintf(`%c:\`, 'A'+drive-1))
	return outcome(c, r, err)
}

// getdcwd copies the current directory of a drive.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/getdcwd-wgetdcwd
func getdcwd[T text](c *win.Call, drive win.Int, buffer win.Ptr, maxlen win.Int) (win.Ptr, win.Error) {
	now, _ := getdrive(c)
	if drive == 0 || drive == now {
		return getcwd[T](c, buffer, maxlen)
	}
	if drive != 'C'-'A'+1 {
		invalid(c, eACCES)
		return 0, 0
	}
	return deliver[T](c, `C:\`, buffer, win.Size(max(maxlen, 0))), 0
}

// mktemp replaces the six X at the end of a name so that no file has it: by a
// letter and the process's number.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mktemp-wmktemp
func mktemp[T text](c *win.Call, nameTemplate T) (win.Ptr, win.Error) {
	if e, _ := mktempS(c, nameTemplate, noLimit); e != 0 {
		return 0, 0
	}
	return win.Ptr(nameTemplate), 0
}

// mktempS is mktemp with a buffer of known size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mktemp-s-wmktemp-s
func mktempS[T text](c *win.Call, nameTemplate T, sizeInChars win.Size) (win.Int, win.Error) {
	const marks = 6
	refuse := func() (win.Int, win.Error) {
		if nameTemplate != 0 && sizeInChars > 0 {
			terminate[T](c, win.Ptr(nameTemplate))
		}
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	if nameTemplate == 0 || sizeInChars == 0 {
		return refuse()
	}
	b := bounded(c, nameTemplate, min(uint64(sizeInChars), unlimited))
	n := count[T](b)
	if c.Faulted() {
		return 0, 0
	}
	if uint64(n) >= uint64(sizeInChars) || n < marks {
		return refuse()
	}
	var name []uint16
	for i := range n {
		name = append(name, unit[T](b, i))
		if i >= n-marks && name[i] != 'X' {
			return refuse()
		}
	}
	for letter := 'a'; letter <= 'z'; letter++ {
		full := string(narrowBytes(name[:n-marks])) + string(letter) + fmt.Sprintf("%05d", c.ID%100000)
		if c.Files.Get(guest.FullPath(full, c.CurrentDirectory)) == nil {
			writeNumber[T](c, win.Ptr(nameTemplate)+step[T](uint64(n-marks)), full[len(full)-marks:])
			return 0, 0
		}
	}
	terminate[T](c, win.Ptr(nameTemplate))
	fail(c, eEXIST)
	return win.Int(eEXIST), 0
}

// utime sets when a file was used and changed; a null pointer means now.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/utime-utime32-utime64-wutime-wutime32-wutime64
func utime[T decoded](size int) func(c *win.Call, filename T, times win.Ptr) (win.Int, win.Error) {
	return func(c *win.Call, filename T, times win.Ptr) (win.Int, win.Error) {
		const genericWrite, shareAll, openExisting, backupSemantics = 0x40000000, 7, 3, 0x02000000
		f, _ := textOf(filename)
		h, err := withPath(c, "CreateFileW", f.Text, genericWrite, shareAll, 0, openExisting, backupSemantics, 0)
		if h == invalidHandle || h == 0 {
			fail(c, errnoOf(err))
			return -1, 0
		}
		r := setFileTimes(c, h, times, size)
		_, _ = c.Invoke("kernel32.dll", "CloseHandle", h) // open: cannot fail
		return r, 0
	}
}

func setFileTimes(c *win.Call, h uint64, times win.Ptr, size int) win.Int {
	now := c.Clock.Now().Unix()
	values := [2]int64{now, now} // accessed, modified
	if times != 0 {
		for i := range values {
			v := c.ReadUint(times+win.Ptr(size*i), size)
			values[i] = int64(v)
			if size == 4 {
				values[i] = int64(int32(v))
			}
		}
	}
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, uint64(v+11644473600)*10_000_000)
	}
	at := of(c).store(b)
	r, err := c.Invoke("kernel32.dll", "SetFileTime", h, 0, at, at+8)
	c.Heap.Free(at)
	result, _ := outcome(c, r, err)
	return result
}
