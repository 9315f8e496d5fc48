package crt

import (
	"encoding/binary"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// findRows are the functions that list directories. They ask kernel32.dll.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/findfirst-functions
var findRows = join(
	findFamily("64", findLayout{wideTime: true, wideSize: true}),
	findFamily("64i32", findLayout{wideTime: true}),
	win.Rows{win.Func1("_findclose", findclose, "handle")},
)

// msvcrtFindRows are the names that only msvcrt.dll has.
var msvcrtFindRows = join(
	findFamily("", findLayout{wideTime: true}), findFamily("i64", findLayout{wideTime: true, wideSize: true}),
)

// ucrtFindRows are those of ucrtbase.dll.
var ucrtFindRows = join(findFamily("32", findLayout{}), findFamily("32i64", findLayout{wideSize: true}))

// findLayout is a form of struct _finddata_t.
type findLayout struct {
	wideTime, wideSize bool // 64 bits
}

func findFamily(suffix string, l findLayout) win.Rows {
	return win.Rows{
		win.Func2("_findfirst"+suffix, findfirst[win.AStr](l), "filespec fileinfo"),
		win.Func2("_findnext"+suffix, findnext(l, false), "handle fileinfo"),
		win.Func2("_wfindfirst"+suffix, findfirst[win.WStr](l), "filespec fileinfo"),
		win.Func2("_wfindnext"+suffix, findnext(l, true), "handle fileinfo"),
	}
}

// findDataSize is the length of a WIN32_FIND_DATAW.
const findDataSize = 592

// encode makes a struct _finddata_t of a WIN32_FIND_DATAW.
func (l findLayout) encode(found []byte, wide bool) []byte {
	const normal = 0x80
	attributes := binary.LittleEndian.Uint32(found)
	if attributes == normal {
		attributes = 0
	}
	b := binary.LittleEndian.AppendUint32(nil, attributes)
	if l.wideTime {
		b = append(b, 0, 0, 0, 0)
	}
	for _, at := range []int{4, 12, 20} { // created, accessed, written
		t := fileSeconds(binary.LittleEndian.Uint64(found[at:]))
		if l.wideTime {
			b = binary.LittleEndian.AppendUint64(b, uint64(t))
		} else {
			b = binary.LittleEndian.AppendUint32(b, uint32(t))
		}
	}
	size := uint64(binary.LittleEndian.Uint32(found[28:]))<<32 | uint64(binary.LittleEndian.Uint32(found[32:]))
	if l.wideSize {
		b = append(b, make([]byte, -len(b)&7)...)
		b = binary.LittleEndian.AppendUint64(b, size)
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(size))
	}
	const maxPath = 260
	name := guest.FromUTF16(found[44 : 44+2*maxPath])
	text := guest.ANSI(name)
	room := maxPath
	if wide {
		text, room = guest.UTF16(name), 2*maxPath
	}
	return append(b, append(text, make([]byte, max(room-len(text), 0))...)...)
}

// fileSeconds is a FILETIME as seconds since 1970; -1 for none.
func fileSeconds(t uint64) int64 {
	const second, epoch = 10_000_000, 11644473600
	if t == 0 {
		return -1
	}
	return int64(t/second) - epoch
}

// findfirst finds the first file of a name with wildcards, and returns a handle
// for those that follow, or -1.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/findfirst-functions
func findfirst[T decoded](l findLayout) func(c *win.Call, filespec T, fileinfo win.Ptr) (win.FileHandle, win.Error) {
	return func(c *win.Call, filespec T, fileinfo win.Ptr) (win.FileHandle, win.Error) {
		spec, wide := textOf(filespec)
		if spec.Null() || fileinfo == 0 {
			invalid(c, eINVAL)
			return win.FileHandle(invalidHandle), 0
		}
		at := of(c).store(make([]byte, findDataSize))
		h, err := withPath(c, "FindFirstFileW", spec.Text, at)
		if h == invalidHandle || at == 0 {
			fail(c, findErrno(err))
		} else {
			c.Write(fileinfo, l.encode(c.Bytes(win.Ptr(at), findDataSize), wide))
		}
		c.Heap.Free(at)
		return win.FileHandle(h), 0
	}
}

// findErrno is the errno of a search: what is not there is not found.
func findErrno(e win.Error) errno {
	switch e {
	case win.ErrNoMoreFiles, win.ErrFileNotFound, win.ErrPathNotFound:
		return eNOENT
	case win.ErrNotEnoughMemory:
		return eNOMEM
	}
	return eINVAL
}

// findnext finds the next file.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/findnext-functions
func findnext(l findLayout, wide bool) func(c *win.Call, handle win.Handle, fileinfo win.Ptr) (win.Int, win.Error) {
	return func(c *win.Call, handle win.Handle, fileinfo win.Ptr) (win.Int, win.Error) {
		if uint64(handle) == invalidHandle || fileinfo == 0 {
			invalid(c, eINVAL)
			return -1, 0
		}
		at := of(c).store(make([]byte, findDataSize))
		r, err := c.Invoke("kernel32.dll", "FindNextFileW", uint64(handle), at)
		found := uint32(r) != 0 && at != 0
		if found {
			c.Write(fileinfo, l.encode(c.Bytes(win.Ptr(at), findDataSize), wide))
		} else {
			fail(c, findErrno(err))
		}
		c.Heap.Free(at)
		return truth(found) - 1, 0
	}
}

// findclose ends a search.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/findclose
func findclose(c *win.Call, handle win.Handle) (win.Int, win.Error) {
	r, _ := c.Invoke("kernel32.dll", "FindClose", uint64(handle))
	if uint32(r) == 0 {
		fail(c, eINVAL)
		return -1, 0
	}
	return 0, 0
}
