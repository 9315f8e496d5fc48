package crt

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// fileRows are the functions on names of files. They call kernel32.dll, which
// decides and records.
//
// https://learn.microsoft.com/cpp/c-runtime-library/file-handling
var fileRows = win.Rows{
	win.Func2("_access", access[win.AStr], "path mode"),
	win.Func1("_chdir", chdir[win.AStr], "dirname"),
	win.Func3("_fullpath", fullpath[win.AText, win.AStr], "absPath relPath maxLength"),
	win.Func2("_getcwd", getcwd[win.AText], "buffer maxlen"),
	win.Func1("_mkdir", mkdir[win.AStr], "dirname"),
	win.Func1("_rmdir", rmdir[win.AStr], "dirname"),
	win.Func1("_unlink", unlink[win.AStr], "filename"),
	win.Func2("_waccess", access[win.WStr], "path mode"),
	win.Func1("_wchdir", chdir[win.WStr], "dirname"),
	win.Func3("_wfullpath", fullpath[win.WText, win.WStr], "absPath relPath maxLength"),
	win.Func2("_wgetcwd", getcwd[win.WText], "buffer maxlen"),
	win.Func1("_wmkdir", mkdir[win.WStr], "dirname"),
	win.Func1("_wremove", unlink[win.WStr], "filename"),
	win.Func2("_wrename", rename[win.WStr], "oldname newname"),
	win.Func1("_wrmdir", rmdir[win.WStr], "dirname"),
	win.Func1("_wunlink", unlink[win.WStr], "filename"),
	win.Func1("remove", unlink[win.AStr], "filename"),
	win.Func2("rename", rename[win.AStr], "oldname newname"),
}

// outcome is 0, or -1 with errno set from the last error.
func outcome(c *win.Call, result uint64, err win.Error) (win.Int, win.Error) {
	if uint32(result) == 0 {
		fail(c, errnoOf(err))
		return -1, 0
	}
	return 0, 0
}

// unlink removes a file.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/unlink-wunlink
func unlink[T decoded](c *win.Call, filename T) (win.Int, win.Error) {
	f, _ := textOf(filename)
	r, err := withPath(c, "DeleteFileW", f.Text)
	return outcome(c, r, err)
}

// rename moves a file.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/rename-wrename
func rename[T decoded](c *win.Call, oldname, newname T) (win.Int, win.Error) {
	from, _ := textOf(oldname)
	to, _ := textOf(newname)
	at := of(c).store(guest.UTF16(to.Text))
	r, err := withPath(c, "MoveFileExW", from.Text, at, 2) // MOVEFILE_COPY_ALLOWED
	c.Heap.Free(at)
	return outcome(c, r, err)
}

// mkdir makes a directory.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mkdir-wmkdir
func mkdir[T decoded](c *win.Call, dirname T) (win.Int, win.Error) {
	d, _ := textOf(dirname)
	r, err := withPath(c, "CreateDirectoryW", d.Text, 0)
	return outcome(c, r, err)
}

// rmdir removes a directory.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/rmdir-wrmdir
func rmdir[T decoded](c *win.Call, dirname T) (win.Int, win.Error) {
	d, _ := textOf(dirname)
	r, err := withPath(c, "RemoveDirectoryW", d.Text)
	return outcome(c, r, err)
}

// chdir changes the current directory.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/chdir-wchdir
func chdir[T decoded](c *win.Call, dirname T) (win.Int, win.Error) {
	d, _ := textOf(dirname)
	r, err := withPath(c, "SetCurrentDirectoryW", d.Text)
	return outcome(c, r, err)
}

// access tells whether a file exists and may be used as asked.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/access-waccess
func access[T decoded](c *win.Call, path T, mode win.Int) (win.Int, win.Error) {
	const invalid, readOnly, directory, mayWrite = 0xFFFFFFFF, 0x01, 0x10, 2
	p, _ := textOf(path)
	r, err := withPath(c, "GetFileAttributesW", p.Text)
	switch {
	case uint32(r) == invalid:
		fail(c, errnoOf(err))
		return -1, 0
	case r&readOnly != 0 && r&directory == 0 && mode&mayWrite != 0:
		fail(c, eACCES)
		return -1, 0
	}
	return 0, 0
}

// getcwd copies the current directory to a buffer, or to a new block.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/getcwd-wgetcwd
func getcwd[T text](c *win.Call, buffer win.Ptr, maxlen win.Int) (win.Ptr, win.Error) {
	return deliver[T](c, c.CurrentDirectory, buffer, win.Size(max(maxlen, 0))), 0
}

// fullpath copies the full path of a name to a buffer, or to a new block.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fullpath-wfullpath
func fullpath[T text, S decoded](c *win.Call, absPath win.Ptr, relPath S, maxLength win.Size) (win.Ptr, win.Error) {
	p, _ := textOf(relPath)
	path := strings.TrimSuffix(c.CurrentDirectory, `\`)
	if p.Text != "" {
		path = guest.FullPath(p.Text, c.CurrentDirectory)
	}
	return deliver[T](c, path, absPath, maxLength), 0
}

// deliver writes a text to a buffer of size characters, or to a new block if
// there is no buffer.
func deliver[T text](c *win.Call, s string, buffer win.Ptr, size win.Size) win.Ptr {
	b := guest.ANSI(s)
	if width[T]() == 2 {
		b = guest.UTF16(s)
	}
	n := win.Size(count[T](b))
	if buffer == 0 {
		at, _ := malloc(c, max(n, size)*win.Size(width[T]()))
		if at != 0 {
			c.Write(at, b)
		}
		return at
	}
	if n > size {
		fail(c, eRANGE)
		return 0
	}
	c.Write(buffer, b)
	return buffer
}
