package shell32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var fileRows = win.Rows{
	win.Func2("SHCreateDirectory", shCreateDirectory, "hwnd pszPath"),
	win.Func3("SHCreateDirectoryEx{A,W}", shCreateDirectoryEx, "hwnd pszPath psa"),
	win.Partial(win.Func1("SHFileOperation{A,W}", shFileOperation, "lpFileOp"), "wildcards are not expanded"),
}

// shCreateDirectoryEx makes a folder and those above it.
//
// https://learn.microsoft.com/windows/win32/api/shlobj_core/nf-shlobj_core-shcreatedirectoryexw
func shCreateDirectoryEx(c *win.Call, hwnd win.Handle, pszPath win.TStr, psa win.Ptr) (win.LSTATUS, win.Error) {
	return create(c, pszPath.Text), 0
}

// https://learn.microsoft.com/windows/win32/api/shlobj_core/nf-shlobj_core-shcreatedirectory
func shCreateDirectory(c *win.Call, hwnd win.Handle, pszPath win.WStr) (win.LSTATUS, win.Error) {
	return create(c, pszPath.Text), 0
}

func create(c *win.Call, path string) win.LSTATUS {
	full := guest.FullPath(path, c.CurrentDirectory)
	switch n := c.Files.Get(full); {
	case path == "" || !strings.Contains(path, `\`) && !strings.Contains(path, ":"): // relative paths are refused
		return win.LSTATUS(win.ErrBadPathname)
	case n != nil && n.Directory:
		return win.LSTATUS(win.ErrAlreadyExists)
	case n != nil:
		return win.LSTATUS(win.ErrFileExists)
	}
	makeDirectories(c, full)
	return 0
}

// shFileOperation moves, copies, deletes or renames lists of files by
// kernel32's functions.
//
// https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-shfileoperationw
func shFileOperation(c *win.Call, lpFileOp win.Ptr) (win.Int, win.Error) {
	const (
		function, from, to, aborted     = 8, 16, 24, 36 // of SHFILEOPSTRUCT
		size                            = 56
		moves, copies, deletes, renames = 1, 2, 3, 4
		invalidFiles                    = 0x7C // DE_INVALIDFILES
	)
	b := c.Bytes(lpFileOp, size)
	if c.Faulted() {
		return 0, 0
	}
	what := le.Uint32(b[function:])
	sources, targets := places(c, win.Ptr(le.Uint64(b[from:]))), places(c, win.Ptr(le.Uint64(b[to:])))
	c.WriteUint(lpFileOp+aborted, 4, 0)
	if c.Faulted() || len(sources) == 0 || what != deletes && len(targets) == 0 {
		return invalidFiles, 0
	}
	for i, source := range sources {
		var ok uint64
		var err win.Error
		target := uint64(0)
		if what != deletes {
			target = uint64(targets[min(i, len(targets)-1)])
		}
		switch what {
		case deletes:
			name := "DeleteFile"
			if n := c.Files.Get(guest.FullPath(c.TString(source), c.CurrentDirectory)); n != nil && n.Directory {
				name = "RemoveDirectory"
			}
			ok, err = c.Invoke("kernel32.dll", name+suffix(c), uint64(source))
		case copies:
			ok, err = c.Invoke("kernel32.dll", "CopyFile"+suffix(c), uint64(source), target, 0)
		case moves, renames:
			const replace = 1
			ok, err = c.Invoke("kernel32.dll", "MoveFileEx"+suffix(c), uint64(source), target, replace)
		default:
			return invalidFiles, 0
		}
		if ok == 0 {
			return win.Int(err), 0
		}
	}
	return 0, 0
}

// places lists where the strings of a double-terminated list begin.
func places(c *win.Call, p win.Ptr) []win.Ptr {
	const most = 4096
	var list []win.Ptr
	for p != 0 && len(list) < most {
		s := c.TString(p)
		if s == "" || c.Faulted() {
			break
		}
		list = append(list, p)
		p += win.Ptr(len(c.Encode(s)))
	}
	return list
}
