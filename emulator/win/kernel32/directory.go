package kernel32

import (
	"strings"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var directoryRows = win.Rows{
	win.Func3("CopyFile{A,W}", copyFile, "lpExistingFileName lpNewFileName bFailIfExists"),
	win.Func2("CreateDirectory{A,W}", createDirectory, "lpPathName lpSecurityAttributes"),
	win.Func1("DeleteFile{A,W}", deleteFile, "lpFileName"),
	win.Func2("MoveFile{A,W}", moveFile, "lpExistingFileName lpNewFileName"),
	win.Partial(win.Func3("MoveFileEx{A,W}", moveFileEx, "lpExistingFileName lpNewFileName dwFlags"), "moves at the next start"),
	win.Func1("RemoveDirectory{A,W}", removeDirectory, "lpPathName"),
}

// createDirectory makes a directory in one that exists.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createdirectoryw
func createDirectory(c *win.Call, lpPathName win.TStr, lpSecurityAttributes win.Ptr) (win.Bool, win.Error) {
	path, err := resolve(c, lpPathName.Text)
	if err != 0 {
		return false, err
	}
	if c.Files.Get(path) != nil {
		return false, win.ErrAlreadyExists
	}
	if err := c.Files.CreateDirectory(strings.Clone(path)); err != nil {
		return false, fileError(err)
	}
	return true, 0
}

// removeDirectory removes an empty directory.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-removedirectoryw
func removeDirectory(c *win.Call, lpPathName win.TStr) (win.Bool, win.Error) {
	n, err := existing(c, lpPathName.Text)
	switch {
	case err != 0:
		return false, err
	case !n.Directory:
		return false, win.ErrDirectory
	case !c.Files.RemoveDirectory(n):
		return false, win.ErrDirNotEmpty
	}
	return true, 0
}

// deleteFile removes a file, at once or when its last handle is closed. The
// images of loaded modules cannot be removed.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-deletefilew
func deleteFile(c *win.Call, lpFileName win.TStr) (win.Bool, win.Error) {
	n, err := existing(c, lpFileName.Text)
	if err != 0 {
		return false, err
	}
	if err := erase(c, n); err != 0 {
		return false, err
	}
	return true, 0
}

func erase(c *win.Call, n *guest.Node) win.Error {
	if mapped(c, n) || n.Attributes&attributeReadOnly != 0 {
		return win.ErrAccessDenied
	}
	if err := c.Files.Delete(n); err != nil {
		return fileError(err)
	}
	if c.Files.Get(n.Path) != n { // else it goes with its last handle
		c.Emit(trace.FileDelete{Path: n.Path})
	}
	return 0
}

// copyFile copies contents, times and attributes.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-copyfilew
func copyFile(c *win.Call, lpExistingFileName, lpNewFileName win.TStr, bFailIfExists win.Int) (win.Bool, win.Error) {
	from, err := existing(c, lpExistingFileName.Text)
	if err != 0 {
		return false, err
	}
	path, err := resolve(c, lpNewFileName.Text)
	if err != 0 {
		return false, err
	}
	source, failed := c.Files.Open(from, true, false, guest.ShareRead|guest.ShareWrite|guest.ShareDelete)
	if failed != nil {
		return false, fileError(failed)
	}
	defer c.Files.Close(source)
	disposition := win.Disposition(createAlways)
	if bFailIfExists != 0 {
		disposition = createNew
	}
	o := opening{c: c, path: path, access: genericWrite, disposition: disposition, flags: attributesOverwrite}
	target, _, err := o.open()
	if err != 0 {
		return false, err
	}
	defer c.Files.Close(target)
	data := from.Data()
	if err := c.Files.WriteAt(target.Node, data, 0); err != nil {
		return false, fileError(err)
	}
	target.Node.Attributes, target.Node.Modified = from.Attributes, from.Modified
	if len(data) > 0 {
		c.Emit(trace.FileRead{Path: from.Path, Size: int64(len(data))})
		c.Emit(trace.FileWrite{Path: target.Node.Path, Size: int64(len(data))})
	}
	return true, 0
}

// moveFile renames a file or directory.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-movefilew
func moveFile(c *win.Call, lpExistingFileName, lpNewFileName win.TStr) (win.Bool, win.Error) {
	return move(c, lpExistingFileName.Text, lpNewFileName.Text, false)
}

// Flags of MoveFileEx.
const (
	moveReplaceExisting  = 1
	moveDelayUntilReboot = 4
)

// moveFileEx renames a file, over another one if it may. Without a new name
// the file is to be deleted, which Windows does at the next start only.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-movefileexw
func moveFileEx(c *win.Call, lpExistingFileName, lpNewFileName win.TStr, dwFlags win.Hex) (win.Bool, win.Error) {
	if dwFlags&moveDelayUntilReboot != 0 {
		c.Gap("a move at the next start")
		return true, 0
	}
	return move(c, lpExistingFileName.Text, lpNewFileName.Text, dwFlags&moveReplaceExisting != 0)
}

func move(c *win.Call, from, to string, replace bool) (win.Bool, win.Error) {
	n, err := existing(c, from)
	if err != 0 {
		return false, err
	}
	path, err := resolve(c, to)
	if err != 0 {
		return false, err
	}
	if n.Directory && strings.HasPrefix(strings.ToLower(path)+`\`, strings.ToLower(n.Path)+`\`) && !strings.EqualFold(path, n.Path) {
		return false, win.ErrSharingViolation // into itself
	}
	if taken := c.Files.Get(path); taken != nil && taken != n {
		switch {
		case !replace:
			return false, win.ErrAlreadyExists
		case taken.Directory:
			return false, win.ErrAccessDenied
		}
		if err := erase(c, taken); err != 0 {
			return false, err
		}
	}
	old := n.Path
	if err := c.Files.Rename(n, strings.Clone(path)); err != nil {
		return false, fileError(err)
	}
	if !n.Directory {
		c.Emit(trace.FileCreate{Path: n.Path})
		c.Emit(trace.FileDelete{Path: old})
	}
	return true, 0
}

// fileTimeOf is the time of a FILETIME.
func fileTimeOf(v uint64) time.Time {
	const second = 10_000_000
	return fileTimeOrigin.AddDate(0, 0, int(v/(86400*second))).Add(time.Duration(v%(86400*second)) * 100)
}
