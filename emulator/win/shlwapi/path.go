package shlwapi

import (
	"encoding/binary"
	"slices"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// le is the byte order of everything the guest sees.
var le = binary.LittleEndian

// What a path is, and where its parts are. None of these functions but
// PathFileExists and PathIsDirectory looks at the disk.

var pathRows = win.Rows{
	win.Func1("PathFileExists{A,W}", pathFileExists, "pszPath"),
	win.Func1("PathFindExtension{A,W}", pathFindExtension, "pszPath"),
	win.Func1("PathFindFileName{A,W}", pathFindFileName, "pszPath"),
	win.Func1("PathFindNextComponent{A,W}", pathFindNextComponent, "pszPath"),
	win.Func1("PathGetArgs{A,W}", pathGetArgs, "pszPath"),
	win.Func1("PathGetDriveNumber{A,W}", pathGetDriveNumber, "pszPath"),
	win.Func1("PathIsDirectory{A,W}", pathIsDirectory, "pszPath"),
	win.Func1("PathIsDirectoryEmpty{A,W}", pathIsDirectoryEmpty, "pszPath"),
	win.Func1("PathIsFileSpec{A,W}", pathIsFileSpec, "pszPath"),
	win.Func1("PathIsNetworkPath{A,W}", pathIsUNC, "pszPath"),
	win.Func2("PathIsPrefix{A,W}", pathIsPrefix, "pszPrefix pszPath"),
	win.Func1("PathIsRelative{A,W}", pathIsRelative, "pszPath"),
	win.Func1("PathIsRoot{A,W}", pathIsRoot, "pszPath"),
	win.Func2("PathIsSameRoot{A,W}", pathIsSameRoot, "pszPath1 pszPath2"),
	win.Func1("PathIsUNC{A,W}", pathIsUNC, "pszPath"),
	win.Func1("PathIsUNCServer{A,W}", pathIsUNCServer, "pszPath"),
	win.Func1("PathIsUNCServerShare{A,W}", pathIsUNCServerShare, "pszPath"),
	win.Func1("PathIsURL{A,W}", pathIsURL, "pszPath"),
	win.Func2("PathMatchSpec{A,W}", pathMatchSpec, "pszFile pszSpec"),
	win.Func1("PathSkipRoot{A,W}", pathSkipRoot, "pszPath"),
}

const maxPath = 260 // MAX_PATH, with the terminator

// pathFileExists asks the disk; a missing folder and a missing file leave
// different errors.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathfileexistsw
func pathFileExists(c *win.Call, pszPath win.TStr) (win.Bool, win.Error) {
	n, err := node(c, pszPath.Text)
	return n != nil, err
}

func node(c *win.Call, name string) (*guest.Node, win.Error) {
	if name == "" {
		return nil, win.ErrPathNotFound
	}
	path := guest.FullPath(name, c.CurrentDirectory)
	if n := c.Files.Get(path); n != nil {
		return n, 0
	}
	if folder := c.Files.Get(guest.Folder(path)); folder == nil || !folder.Directory {
		return nil, win.ErrPathNotFound
	}
	return nil, win.ErrFileNotFound
}

// pathIsDirectory answers with FILE_ATTRIBUTE_DIRECTORY, as Windows does.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathisdirectoryw
func pathIsDirectory(c *win.Call, pszPath win.TStr) (win.DWORD, win.Error) {
	const fileAttributeDirectory = 0x10
	n, err := node(c, pszPath.Text)
	if err != 0 || !n.Directory {
		return 0, err
	}
	return fileAttributeDirectory, 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathisdirectoryemptyw
func pathIsDirectoryEmpty(c *win.Call, pszPath win.TStr) (win.Bool, win.Error) {
	n, err := node(c, pszPath.Text)
	return win.Bool(err == 0 && n.Directory && len(c.Files.List(n.Path)) == 0), err
}

// pathFindFileName gives the place behind the last separator that has
// something behind it.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathfindfilenamew
func pathFindFileName(c *win.Call, pszPath win.TText) (win.Ptr, win.Error) {
	t := read(c, pszPath)
	return t.place(fileName(t.chars)), 0
}

func fileName(path []uint16) int {
	at := 0
	for i, u := range path {
		if isSeparator(u) && i+1 < len(path) && path[i+1] != '\\' && path[i+1] != '/' {
			at = i + 1
		}
	}
	return at
}

func isSeparator(u uint16) bool { return u == '\\' || u == '/' || u == ':' }

// pathFindExtension gives the place of the last dot of the name, or the end. A
// blank ends an extension: "a.b c" has none.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathfindextensionw
func pathFindExtension(c *win.Call, pszPath win.TText) (win.Ptr, win.Error) {
	t := read(c, pszPath)
	return t.place(extension(t.chars)), 0
}

func extension(path []uint16) int {
	at := len(path)
	for i, u := range path {
		switch u {
		case '\\', ' ':
			at = len(path)
		case '.':
			at = i
		}
	}
	return at
}

// pathGetArgs gives the place behind the first blank outside of quotes.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathgetargsw
func pathGetArgs(c *win.Call, pszPath win.TText) (win.Ptr, win.Error) {
	t := read(c, pszPath)
	return t.place(arguments(t.chars)), 0
}

func arguments(line []uint16) int {
	quoted := false
	for i, u := range line {
		switch {
		case u == '"':
			quoted = !quoted
		case u == ' ' && !quoted:
			return i + 1
		}
	}
	return len(line)
}

// pathFindNextComponent gives the place behind the next backslash, NULL at the
// end.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathfindnextcomponentw
func pathFindNextComponent(c *win.Call, pszPath win.TText) (win.Ptr, win.Error) {
	t := read(c, pszPath)
	if len(t.chars) == 0 {
		return 0, 0
	}
	i := slices.Index(t.chars, '\\')
	switch {
	case i < 0:
		return t.place(len(t.chars)), 0
	case i+1 < len(t.chars) && t.chars[i+1] == '\\':
		i++
	}
	return t.place(i + 1), 0
}

// pathSkipRoot gives the place behind "C:\" or "\\server\share\", NULL for
// what has neither.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathskiprootw
func pathSkipRoot(c *win.Call, pszPath win.TText) (win.Ptr, win.Error) {
	t := read(c, pszPath)
	path := t.chars
	switch {
	case isUNC(path):
		server := slices.Index(path[2:], '\\')
		if server < 0 {
			return 0, 0
		}
		share := slices.Index(path[2+server+1:], '\\')
		if share < 0 {
			return 0, 0
		}
		return t.place(2 + server + 1 + share + 1), 0
	case hasDrive(path) && len(path) > 2 && path[2] == '\\':
		return t.place(3), 0
	}
	return 0, 0
}

func isUNC(path []uint16) bool { return len(path) >= 2 && path[0] == '\\' && path[1] == '\\' }

func hasDrive(path []uint16) bool {
	return len(path) >= 2 && path[1] == ':' && fold(path[0]) >= 'a' && fold(path[0]) <= 'z'
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathgetdrivenumberw
func pathGetDriveNumber(c *win.Call, pszPath win.TText) (win.Int, win.Error) {
	if path := read(c, pszPath).chars; hasDrive(path) {
		return win.Int(fold(path[0]) - 'a'), 0
	}
	return -1, 0
}

// pathIsFileSpec tells whether there is neither a backslash nor a colon.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathisfilespecw
func pathIsFileSpec(c *win.Call, pszPath win.TText) (win.Bool, win.Error) {
	has := slices.ContainsFunc(read(c, pszPath).chars, func(u uint16) bool { return u == '\\' || u == ':' })
	return win.Bool(pszPath != 0 && !has), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathisrelativew
func pathIsRelative(c *win.Call, pszPath win.TText) (win.Bool, win.Error) {
	return win.Bool(isRelative(read(c, pszPath).chars)), 0
}

func isRelative(path []uint16) bool {
	return len(path) == 0 || path[0] != '\\' && (len(path) == 1 || path[1] != ':')
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathisrootw
func pathIsRoot(c *win.Call, pszPath win.TText) (win.Bool, win.Error) {
	return win.Bool(isRoot(read(c, pszPath).chars)), 0
}

// isRoot knows "\", "C:\", "\\server" and "\\server\share".
func isRoot(path []uint16) bool {
	switch {
	case isUNC(path):
		rest := path[2:]
		i := slices.Index(rest, '\\')
		return i < 0 || i+1 < len(rest) && !slices.Contains(rest[i+1:], '\\')
	case len(path) == 1:
		return path[0] == '\\'
	}
	return len(path) == 3 && hasDrive(path) && path[2] == '\\'
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathissamerootw
func pathIsSameRoot(c *win.Call, pszPath1, pszPath2 win.TText) (win.Bool, win.Error) {
	a, b := read(c, pszPath1).chars, read(c, pszPath2).chars
	for root := a; ; {
		if isRoot(root) {
			return win.Bool(commonPrefix(a, b) >= len(root)), 0
		}
		var cut bool
		if root, cut = withoutFile(root); !cut {
			return false, 0
		}
	}
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathisuncw
func pathIsUNC(c *win.Call, pszPath win.TText) (win.Bool, win.Error) {
	return win.Bool(isUNC(read(c, pszPath).chars)), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathisuncserverw
func pathIsUNCServer(c *win.Call, pszPath win.TText) (win.Bool, win.Error) {
	path := read(c, pszPath).chars
	return win.Bool(isUNC(path) && !slices.Contains(path[2:], '\\')), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathisuncserversharew
func pathIsUNCServerShare(c *win.Call, pszPath win.TText) (win.Bool, win.Error) {
	path := read(c, pszPath).chars
	if !isUNC(path) {
		return false, 0
	}
	i := slices.Index(path[2:], '\\')
	return win.Bool(i >= 0 && !slices.Contains(path[2+i+1:], '\\')), 0
}

// pathIsURL tells whether there is a scheme: at least two letters, digits or
// signs before a colon.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathisurlw
func pathIsURL(c *win.Call, pszPath win.TText) (win.Bool, win.Error) {
	return scheme(decoded(c, read(c, pszPath).chars)) != "", 0
}

// pathMatchSpec tells whether a name fits one of several patterns.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathmatchspecw
func pathMatchSpec(c *win.Call, pszFile, pszSpec win.TText) (win.Bool, win.Error) {
	file, specs := read(c, pszFile).chars, read(c, pszSpec).chars
	if equal(specs, ascii("*.*"), same) {
		return true, 0
	}
	for len(specs) > 0 {
		spec := specs
		if i := slices.Index(specs, ';'); i >= 0 {
			spec, specs = specs[:i], specs[i+1:]
		} else {
			specs = nil
		}
		for len(spec) > 0 && spec[0] == ' ' {
			spec = spec[1:]
		}
		if len(spec) > 0 && fits(file, spec) {
			return true, 0
		}
	}
	return false, 0
}

// fits compares with a pattern: * stands for any characters, ? for one. It
// goes back to the last * only, which is enough and keeps it from exploding.
func fits(name, pattern []uint16) bool {
	star, resume := -1, 0
	n, p := 0, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || fold(pattern[p]) == fold(name[n])):
			n++
			p++
		case star >= 0:
			resume++
			n, p = resume, star+1
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
