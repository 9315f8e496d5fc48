package kernel32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var findRows = win.Rows{
	win.Func1("FindClose", findClose, "hFindFile"),
	win.Func2("FindFirstFile{A,W}", findFirstFile, "lpFileName lpFindFileData"),
	win.Partial(win.Func6("FindFirstFileEx{A,W}", findFirstFileEx, "lpFileName fInfoLevelId lpFindFileData fSearchOp lpSearchFilter dwAdditionalFlags"), "filters are not applied, as on Windows' own file systems"),
	win.Func2("FindNextFile{A,W}", findNextFile, "hFindFile lpFindFileData"),
}

// finding is an open search: what is still to be given.
type finding struct{ rest []entry }

func (*finding) Type() string { return "FindFile" }

// entry is one name in a directory.
type entry struct {
	name string
	node *guest.Node
}

// Layout of WIN32_FIND_DATA.
//
// https://learn.microsoft.com/windows/win32/api/minwinbase/ns-minwinbase-win32_find_dataw
const (
	findDataName      = 44
	findDataNames     = maxPath + 14 // characters of both names
	findDataAlignment = 4
)

func (e entry) store(c *win.Call, at win.Ptr) {
	unit := c.CharSize()
	size := (findDataName + findDataNames*unit + findDataAlignment - 1) &^ (findDataAlignment - 1)
	b := c.Buffer(at, size)
	if b == nil {
		return
	}
	clear(b)
	describe(b, e.node)
	name := c.Encode(e.name)
	copy(b[findDataName:findDataName+(maxPath-1)*unit], name[:uint64(len(name))-unit])
}

// findFirstFile starts a search for names in a directory and gives the first.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-findfirstfilew
func findFirstFile(c *win.Call, lpFileName win.TStr, lpFindFileData win.Ptr) (win.FileHandle, win.Error) {
	return find(c, lpFileName.Text, lpFindFileData)
}

// findFirstFileEx is FindFirstFile with filters that file systems ignore.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-findfirstfileexw
func findFirstFileEx(c *win.Call, lpFileName win.TStr, fInfoLevelId win.DWORD, lpFindFileData win.Ptr, fSearchOp win.DWORD, lpSearchFilter win.Ptr, dwAdditionalFlags win.Hex) (win.FileHandle, win.Error) {
	const levels, ops = 2, 3
	if fInfoLevelId >= levels || fSearchOp >= ops || lpSearchFilter != 0 {
		return 0, win.ErrInvalidParameter
	}
	return find(c, lpFileName.Text, lpFindFileData)
}

func find(c *win.Call, name string, out win.Ptr) (win.FileHandle, win.Error) {
	name = strings.ReplaceAll(name, "/", `\`)
	cut := strings.LastIndexAny(name, `\:`) + 1
	folder, pattern := name[:cut], name[cut:]
	switch {
	case name == "":
		return 0, win.ErrPathNotFound
	case pattern == "":
		return 0, win.ErrFileNotFound
	case folder == "":
		folder = "."
	}
	if pattern == "." || pattern == ".." { // stand for the directory, by its own name
		full := guest.FullPath(name, c.CurrentDirectory)
		if up := guest.Folder(full); up != full {
			folder, pattern = up, full[strings.LastIndexByte(full, '\\')+1:]
		}
	}
	path, err := resolve(c, folder)
	if err != 0 {
		return 0, err
	}
	dir := c.Files.Get(path)
	if dir == nil || !dir.Directory {
		return 0, win.ErrPathNotFound
	}
	entries := matching(c, dir, pattern)
	if len(entries) == 0 {
		return 0, win.ErrFileNotFound
	}
	entries[0].store(c, out)
	if c.Faulted() {
		return 0, 0
	}
	return win.FileHandle(c.Handles.Add(&finding{entries[1:]})), 0
}

// matching lists the entries of a directory, "." and ".." first.
func matching(c *win.Call, dir *guest.Node, pattern string) []entry {
	var list []entry
	add := func(name string, n *guest.Node) {
		if match(strings.ToLower(pattern), strings.ToLower(name)) {
			list = append(list, entry{name, n})
		}
	}
	if up := c.Files.Get(guest.Folder(dir.Path)); up != nil && up != dir { // a root has neither
		add(".", dir)
		add("..", up)
	}
	for _, n := range c.Files.List(dir.Path) {
		add(n.Path[strings.LastIndexByte(n.Path, '\\')+1:], n)
	}
	return list
}

// match compares a name with a pattern of * and ?. "*.*" matches every name,
// with a dot or without. Both are in lower case.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-findfirstfilew
func match(pattern, name string) bool {
	if pattern == "*.*" {
		return true
	}
	p, s := []rune(pattern), []rune(name)
	star, resume := -1, 0 // the last * and what it has swallowed so far
	i, j := 0, 0
	for j < len(s) {
		switch {
		case i < len(p) && p[i] == '*':
			star, resume = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == s[j]):
			i++
			j++
		case star >= 0:
			resume++
			i, j = star+1, resume
		default:
			return false
		}
	}
	for i < len(p) && (p[i] == '*' || p[i] == '?') {
		i++
	}
	return i == len(p)
}

// findNextFile gives the next name of a search.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-findnextfilew
func findNextFile(c *win.Call, hFindFile win.Handle, lpFindFileData win.Ptr) (win.Bool, win.Error) {
	f, ok := guest.Lookup[*finding](c.Handles, hFindFile.Guest())
	switch {
	case !ok:
		return false, win.ErrInvalidHandle
	case len(f.rest) == 0:
		return false, win.ErrNoMoreFiles
	}
	f.rest[0].store(c, lpFindFileData)
	f.rest = f.rest[1:]
	return true, 0
}

// findClose ends a search.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-findclose
func findClose(c *win.Call, hFindFile win.Handle) (win.Bool, win.Error) {
	switch c.Handles.Get(hFindFile.Guest()).(type) {
	case *finding, *streamSearch:
	default:
		return false, win.ErrInvalidHandle
	}
	c.Handles.Close(hFindFile.Guest())
	return true, 0
}
