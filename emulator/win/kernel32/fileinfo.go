package kernel32

import (
	"hash/fnv"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var fileInfoRows = win.Rows{
	win.Func4("FindFirstStreamW", findFirstStream, "lpFileName InfoLevel lpFindStreamData dwFlags"),
	win.Func2("FindNextStreamW", findNextStream, "hFindStream lpFindStreamData"),
	win.Partial(win.Func4("GetFileInformationByHandleEx", getFileInformationByHandleEx, "hFile FileInformationClass lpFileInformation dwBufferSize"),
		"basic, standard, name, streams, attributes, identity and directories"),
	win.Func4("GetFinalPathNameByHandle{A,W}", getFinalPathNameByHandle, "hFile lpszFilePath cchFilePath dwFlags"),
	win.Partial(win.Func4("SetFileInformationByHandle", setFileInformationByHandle, "hFile FileInformationClass lpFileInformation dwBufferSize"),
		"basic, rename, disposition, end of file, allocation"),
}

// FILE_INFO_BY_HANDLE_CLASS.
//
// https://learn.microsoft.com/windows/win32/api/minwinbase/ne-minwinbase-file_info_by_handle_class
const (
	fileBasicInfo         = 0
	fileStandardInfo      = 1
	fileNameInfo          = 2
	fileRenameInfo        = 3
	fileDispositionInfo   = 4
	fileAllocationInfo    = 5
	fileEndOfFileInfo     = 6
	fileStreamInfo        = 7
	fileAttributeTagInfo  = 9
	fileIDBothDirectory   = 10
	fileIDBothRestart     = 11
	fileIoPriorityHint    = 12
	fileFullDirectory     = 14
	fileFullRestart       = 15
	fileIDInfo            = 18
	fileDispositionInfoEx = 21
	fileRenameInfoEx      = 22
)

// fileNumber is the number of a file on its volume: of its path.
func fileNumber(n *guest.Node) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.ToLower(n.Path)))
	return h.Sum64() &^ (0xFFFF << 48)
}

// allocated is the size rounded up to clusters.
func allocated(n *guest.Node) uint64 {
	return (uint64(n.Size()) + clusterBytes - 1) &^ (clusterBytes - 1)
}

// basicInfo lays out a FILE_BASIC_INFO.
func basicInfo(n *guest.Node) []byte {
	b := make([]byte, 40)
	le.PutUint64(b, guest.FileTime(n.Created))
	for _, at := range []int{8, 16, 24} { // access, write, change
		le.PutUint64(b[at:], guest.FileTime(n.Modified))
	}
	le.PutUint32(b[32:], attributes(n))
	return b
}

// standardInfo lays out a FILE_STANDARD_INFO.
func standardInfo(n *guest.Node) []byte {
	b := make([]byte, 24)
	if !n.Directory {
		le.PutUint64(b, allocated(n))
		le.PutUint64(b[8:], uint64(n.Size()))
	}
	le.PutUint32(b[16:], 1)
	if n.Deleting() {
		b[20] = 1
		le.PutUint32(b[16:], 0)
	}
	if n.Directory {
		b[21] = 1
	}
	return b
}

// nameInfo lays out a FILE_NAME_INFO: the path on the volume.
func nameInfo(n *guest.Node) []byte {
	path := n.Path
	if len(path) > 2 && path[1] == ':' {
		path = path[2:]
	}
	text := guest.UTF16(path)
	text = text[:len(text)-2]
	return append(le.AppendUint32(nil, uint32(len(text))), text...)
}

// streamInfo lays out a chain of FILE_STREAM_INFO.
func streamInfo(c *win.Call, n *guest.Node) []byte {
	var b []byte
	last := -1
	add := func(name string, x *guest.Node) {
		if last >= 0 {
			b = append(b, make([]byte, -len(b)&7)...)
			le.PutUint32(b[last:], uint32(len(b)-last))
		}
		last = len(b)
		text := guest.UTF16(name)
		text = text[:len(text)-2]
		e := make([]byte, 24)
		le.PutUint32(e[4:], uint32(len(text)))
		le.PutUint64(e[8:], uint64(x.Size()))
		le.PutUint64(e[16:], allocated(x))
		b = append(append(b, e...), text...)
	}
	if !n.Directory {
		add(":"+guest.DefaultStream, n)
	}
	for _, s := range c.Files.Streams(n) {
		add(s.Path[len(n.Path):]+guest.DefaultStream, s)
	}
	return b
}

// getFileInformationByHandleEx tells of an open file.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getfileinformationbyhandleex
func getFileInformationByHandleEx(c *win.Call, hFile win.Handle, FileInformationClass win.DWORD, lpFileInformation win.Ptr, dwBufferSize win.DWORD) (win.Bool, win.Error) {
	f, err := diskFile(c, hFile)
	if err != 0 {
		return false, err
	}
	n := f.Node
	var b []byte
	short := errBadLength
	switch FileInformationClass {
	case fileBasicInfo:
		b = basicInfo(n)
	case fileStandardInfo:
		b = standardInfo(n)
	case fileNameInfo:
		b, short = nameInfo(n), win.ErrMoreData
	case fileStreamInfo:
		if b, short = streamInfo(c, n), win.ErrMoreData; len(b) == 0 {
			return false, win.ErrHandleEOF
		}
	case fileAttributeTagInfo:
		b = le.AppendUint32(le.AppendUint32(nil, attributes(n)), 0)
	case fileIDInfo:
		b = le.AppendUint64(le.AppendUint64(le.AppendUint64(nil, volumeSerial), fileNumber(n)), 0)
	case fileIDBothDirectory, fileIDBothRestart, fileFullDirectory, fileFullRestart:
		return directoryInfo(c, f, FileInformationClass, lpFileInformation, dwBufferSize)
	default:
		c.Gap("file information class " + decimal(uint64(FileInformationClass)))
		return false, win.ErrInvalidParameter
	}
	if int(dwBufferSize) < len(b) {
		return false, short
	}
	c.Write(lpFileInformation, b)
	return true, 0
}

// listingKey is where it is kept how far a directory was listed.
type listingKey struct{ *guest.File }

// directoryInfo stores as many entries of a directory as fit.
func directoryInfo(c *win.Call, f *guest.File, class win.DWORD, at win.Ptr, size win.DWORD) (win.Bool, win.Error) {
	if !f.Node.Directory {
		return false, win.ErrInvalidParameter
	}
	entries := matching(c, f.Node, "*")
	next, _ := c.State[listingKey{f}].(int)
	if class == fileIDBothRestart || class == fileFullRestart {
		next = 0
	}
	if next >= len(entries) {
		return false, win.ErrNoMoreFiles
	}
	name := 68 // offset of the name: FILE_FULL_DIR_INFO
	if class == fileIDBothDirectory || class == fileIDBothRestart {
		name = 104 // FILE_ID_BOTH_DIR_INFO
	}
	var b []byte
	last := -1
	for ; next < len(entries); next++ {
		e := entries[next]
		text := guest.UTF16(e.name)
		text = text[:len(text)-2]
		start := (len(b) + 7) &^ 7
		if start+name+len(text) > int(size) {
			break
		}
		b = append(b, make([]byte, start-len(b)+name)...)
		if last >= 0 {
			le.PutUint32(b[last:], uint32(start-last))
		}
		last = start
		x := b[start:]
		copy(x[8:], basicInfo(e.node)[:32])
		if !e.node.Directory {
			le.PutUint64(x[40:], uint64(e.node.Size()))
			le.PutUint64(x[48:], allocated(e.node))
		}
		le.PutUint32(x[56:], attributes(e.node))
		le.PutUint32(x[60:], uint32(len(text)))
		if name == 104 {
			le.PutUint64(x[96:], fileNumber(e.node))
		}
		b = append(b, text...)
	}
	if last < 0 {
		return false, win.ErrMoreData
	}
	c.State[listingKey{f}] = next
	c.Write(at, b)
	return true, 0
}

// setFileInformationByHandle changes an open file.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-setfileinformationbyhandle
func setFileInformationByHandle(c *win.Call, hFile win.Handle, FileInformationClass win.DWORD, lpFileInformation win.Ptr, dwBufferSize win.DWORD) (win.Bool, win.Error) {
	f, err := diskFile(c, hFile)
	if err != 0 {
		return false, err
	}
	need := map[win.DWORD]uint64{fileBasicInfo: 40, fileRenameInfo: 24, fileRenameInfoEx: 24, fileDispositionInfo: 1, fileDispositionInfoEx: 4, fileAllocationInfo: 8, fileEndOfFileInfo: 8, fileIoPriorityHint: 4}
	size, known := need[FileInformationClass]
	switch {
	case !known:
		c.Gap("file information class " + decimal(uint64(FileInformationClass)))
		return false, win.ErrInvalidParameter
	case uint64(dwBufferSize) < size:
		return false, errBadLength
	}
	b := c.Bytes(lpFileInformation, size)
	if b == nil {
		return false, 0
	}
	switch FileInformationClass {
	case fileBasicInfo:
		setBasicInfo(f.Node, b)
	case fileEndOfFileInfo:
		if !f.Write {
			return false, win.ErrAccessDenied
		}
		err = fileErrorOrNone(c.Files.Resize(f.Node, int64(le.Uint64(b))))
	case fileDispositionInfo:
		err = dispose(c, f, b[0] != 0, false)
	case fileDispositionInfoEx:
		const remove, posix, readOnlyToo = 1, 2, 0x10
		flags := le.Uint32(b)
		if flags&readOnlyToo != 0 && flags&remove != 0 {
			f.Node.Attributes &^= attributeReadOnly
		}
		err = dispose(c, f, flags&remove != 0, flags&posix != 0)
	case fileRenameInfo, fileRenameInfoEx:
		length := uint64(le.Uint32(b[16:]))
		replace := le.Uint32(b)&1 != 0
		name := guest.FromUTF16(append(append([]byte(nil), c.Bytes(lpFileInformation+20, min(length, 0xFFFE))...), 0, 0))
		if c.Faulted() {
			return false, 0
		}
		err = renameOpen(c, f, name, replace)
	}
	return err == 0, err
}

func fileErrorOrNone(err error) win.Error {
	if err == nil {
		return 0
	}
	return fileError(err)
}

// setBasicInfo changes the times and attributes that are given.
func setBasicInfo(n *guest.Node, b []byte) {
	const leave = ^uint64(0)
	if v := le.Uint64(b); v != 0 && v != leave {
		n.Created = fileTimeOf(v)
	}
	if v := le.Uint64(b[16:]); v != 0 && v != leave {
		n.Modified = fileTimeOf(v)
	}
	if a := le.Uint32(b[32:]); a != 0 {
		n.Attributes = a & attributesSettable
	}
}

// dispose marks an open file to go with its last handle, or lets its name go
// at once. What is mapped as an image stays.
func dispose(c *win.Call, f *guest.File, remove, posix bool) win.Error {
	n := f.Node
	switch {
	case !remove:
		n.SetDeleting(false)
		return 0
	case mapped(c, n) || n.Attributes&attributeReadOnly != 0:
		return win.ErrAccessDenied
	case n.Directory && len(c.Files.List(n.Path)) > 0:
		return win.ErrDirNotEmpty
	}
	n.SetDeleting(true)
	if posix {
		c.Files.Vanish(n)
		c.Emit(trace.FileDelete{Path: n.Path})
	}
	return 0
}

// leftKey is where it is kept that a file is what was left when its contents
// became a stream: an image that is mapped is no longer its own.
type leftKey struct{ *guest.Node }

// renameOpen gives an open file another name: a path, or ":stream", which
// makes its contents a stream and leaves an empty file. Programs that delete
// themselves do that, since a stream is no longer the image that runs.
func renameOpen(c *win.Call, f *guest.File, name string, replace bool) win.Error {
	n := f.Node
	if stream, ok := strings.CutPrefix(name, ":"); ok {
		file, _, _ := guest.SplitStream(n.Path)
		_, stream, ok = guest.SplitStream(file + ":" + stream)
		if !ok || stream == "" {
			return win.ErrInvalidName
		}
		if c.Files.Get(file+":"+stream) != nil {
			return win.ErrAlreadyExists
		}
		attributes := n.Attributes
		if err := c.Files.Rename(n, file+":"+stream); err != nil {
			return fileError(err)
		}
		left, err := c.Files.Create(file)
		if err != nil {
			return fileError(err)
		}
		left.Attributes = attributes
		c.State[leftKey{left}] = true
		c.Emit(trace.FileCreate{Path: n.Path})
		return 0
	}
	path, err := resolve(c, name)
	if err != 0 {
		return err
	}
	if taken := c.Files.Get(path); taken != nil && taken != n {
		switch {
		case !replace:
			return win.ErrAlreadyExists
		case taken.Directory:
			return win.ErrAccessDenied
		}
		if err := erase(c, taken); err != 0 {
			return err
		}
	}
	old := n.Path
	if err := c.Files.Rename(n, strings.Clone(path)); err != nil {
		return fileError(err)
	}
	c.Emit(trace.FileCreate{Path: n.Path})
	c.Emit(trace.FileDelete{Path: old})
	return 0
}

// getFinalPathNameByHandle tells the path of an open file, by one of the names
// of its volume.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfinalpathnamebyhandlew
func getFinalPathNameByHandle(c *win.Call, hFile win.Handle, lpszFilePath win.Ptr, cchFilePath win.DWORD, dwFlags win.Hex) (win.DWORD, win.Error) {
	const guid, native, none, opened = 1, 2, 4, 8
	f, err := diskFile(c, hFile)
	if err != 0 {
		return 0, err
	}
	path := f.Node.Path
	switch dwFlags &^ opened {
	case 0:
		path = `\\?\` + path
	case guid:
		path = strings.TrimSuffix(volumeName, `\`) + path[2:]
	case native:
		path = volumeDevice + path[2:]
	case none:
		path = path[2:]
	default:
		return 0, win.ErrInvalidParameter
	}
	return fill(c, lpszFilePath, cchFilePath, path), 0
}

// streamSearch is an open list of streams.
type streamSearch struct{ rest [][]byte }

func (*streamSearch) Type() string { return "FindStream" }

// findFirstStream lists the streams of a file, the default one first.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-findfirststreamw
func findFirstStream(c *win.Call, lpFileName win.WStr, InfoLevel win.DWORD, lpFindStreamData win.Ptr, dwFlags win.DWORD) (win.FileHandle, win.Error) {
	if InfoLevel != 0 || dwFlags != 0 {
		return 0, win.ErrInvalidParameter
	}
	n, err := existing(c, lpFileName.Text)
	if err != 0 {
		return 0, err
	}
	var entries [][]byte
	add := func(name string, x *guest.Node) {
		b := make([]byte, 8+2*(maxPath+36))
		le.PutUint64(b, uint64(x.Size()))
		text(b[8:], name, true)
		entries = append(entries, b)
	}
	if !n.Directory {
		add(":"+guest.DefaultStream, n)
	}
	for _, s := range c.Files.Streams(n) {
		add(s.Path[len(n.Path):]+guest.DefaultStream, s)
	}
	if len(entries) == 0 {
		return 0, win.ErrHandleEOF
	}
	c.Write(lpFindStreamData, entries[0])
	if c.Faulted() {
		return 0, 0
	}
	return win.FileHandle(c.Handles.Add(&streamSearch{entries[1:]})), 0
}

// findNextStream gives the next stream.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-findnextstreamw
func findNextStream(c *win.Call, hFindStream win.Handle, lpFindStreamData win.Ptr) (win.Bool, win.Error) {
	s, ok := guest.Lookup[*streamSearch](c.Handles, hFindStream.Guest())
	switch {
	case !ok:
		return false, win.ErrInvalidHandle
	case len(s.rest) == 0:
		return false, win.ErrHandleEOF
	}
	c.Write(lpFindStreamData, s.rest[0])
	s.rest = s.rest[1:]
	return true, 0
}
