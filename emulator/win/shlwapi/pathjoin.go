package shlwapi

import (
	"slices"

	"sidetrace/emulator/win"
)

// Paths made of others. Results have MAX_PATH characters at most.

var pathJoinRows = win.Rows{
	win.Func2("PathAppend{A,W}", pathAppend, "pszPath pszMore"),
	win.Func2("PathBuildRoot{A,W}", pathBuildRoot, "pszRoot iDrive"),
	win.Func2("PathCanonicalize{A,W}", pathCanonicalize, "pszBuf pszPath"),
	win.Func3("PathCombine{A,W}", pathCombine, "pszDest pszDir pszFile"),
	win.Func3("PathCommonPrefix{A,W}", pathCommonPrefix, "pszFile1 pszFile2 achPath"),
}

// pathAppend puts more behind a path, whatever backslashes are between.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathappendw
func pathAppend(c *win.Call, pszPath, pszMore win.TText) (win.Bool, win.Error) {
	if pszPath == 0 || pszMore == 0 {
		return false, 0
	}
	more := read(c, pszMore).chars
	if !isUNC(more) {
		for len(more) > 0 && more[0] == '\\' {
			more = more[1:]
		}
	}
	path, ok := combine(read(c, pszPath).chars, more)
	if !ok {
		path = nil
	}
	write(c, win.Ptr(pszPath), path)
	return win.Bool(ok), 0
}

// pathBuildRoot makes "C:\" of 2.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathbuildrootw
func pathBuildRoot(c *win.Call, pszRoot win.Ptr, iDrive win.Int) (win.Ptr, win.Error) {
	if pszRoot != 0 && iDrive >= 0 && iDrive < 26 {
		write(c, pszRoot, []uint16{'A' + uint16(iDrive), ':', '\\'})
	}
	return pszRoot, 0
}

// pathCanonicalize resolves "." and "..".
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathcanonicalizew
func pathCanonicalize(c *win.Call, pszBuf win.Ptr, pszPath win.TText) (win.Bool, win.Error) {
	if pszBuf == 0 {
		return false, win.ErrInvalidParameter
	}
	if pszPath == 0 {
		write(c, pszBuf, nil)
		return false, win.ErrInvalidParameter
	}
	path := canonical(read(c, pszPath).chars)
	if len(path) >= maxPath {
		write(c, pszBuf, nil)
		return false, win.ErrFilenameExceedsRange
	}
	write(c, pszBuf, path)
	return true, 0
}

// canonical keeps the ".." that a relative path begins with.
func canonical(path []uint16) []uint16 {
	root := 0
	switch {
	case isUNC(path):
		root = 2
	case hasDrive(path) && len(path) > 2 && path[2] == '\\':
		root = 3
	case len(path) > 0 && path[0] == '\\':
		root = 1
	}
	var kept [][]uint16
	rest := path[root:]
	slash := len(rest) > 0 && rest[len(rest)-1] == '\\'
	for _, part := range split(rest) {
		dots := len(part) <= 2 && !slices.ContainsFunc(part, func(u uint16) bool { return u != '.' })
		switch {
		case dots && len(part) == 1:
		case dots && len(part) == 2 && len(kept) > 0 && !equal(kept[len(kept)-1], ascii(".."), same):
			kept = kept[:len(kept)-1]
			slash = slash && len(kept) > 0
		case dots && len(part) == 2 && root > 0:
		default:
			kept = append(kept, part)
		}
	}
	out := append([]uint16{}, path[:root]...)
	for i, part := range kept {
		if i > 0 {
			out = append(out, '\\')
		}
		out = append(out, part...)
	}
	switch {
	case slash && len(kept) > 0:
		out = append(out, '\\')
	case len(out) == 0:
		out = []uint16{'\\'}
	case len(out) == 2 && hasDrive(out):
		out = append(out, '\\')
	}
	return out
}

// split lists what lies between backslashes.
func split(path []uint16) [][]uint16 {
	var parts [][]uint16
	for len(path) > 0 {
		i := slices.Index(path, '\\')
		if i < 0 {
			i = len(path)
		}
		if i > 0 {
			parts = append(parts, path[:i])
		}
		path = path[min(i+1, len(path)):]
	}
	return parts
}

// pathCombine puts a file's path behind a folder's; an absolute one replaces
// it, one that starts with a backslash all but its root.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathcombinew
func pathCombine(c *win.Call, pszDest win.Ptr, pszDir, pszFile win.TText) (win.Ptr, win.Error) {
	if pszDest == 0 {
		return 0, 0
	}
	path, ok := combine(read(c, pszDir).chars, read(c, pszFile).chars)
	if ok = ok && (pszDir != 0 || pszFile != 0); !ok {
		write(c, pszDest, nil)
		return 0, 0
	}
	write(c, pszDest, path)
	return pszDest, 0
}

func combine(dir, file []uint16) ([]uint16, bool) {
	path := file
	switch {
	case len(file) == 0:
		path = dir
	case len(dir) == 0:
	case isRelative(file):
		path = withSlash(dir, file)
	case file[0] == '\\' && !isUNC(file):
		if root, ok := rootOf(dir); ok {
			path = withSlash(root, file[1:])
		}
	}
	path = canonical(path)
	return path, len(path) < maxPath
}

func withSlash(dir, file []uint16) []uint16 {
	if dir[len(dir)-1] == '\\' {
		return join(dir, file)
	}
	return join(dir, []uint16{'\\'}, file)
}

// pathCommonPrefix compares whole components, in any case.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathcommonprefixw
func pathCommonPrefix(c *win.Call, pszFile1, pszFile2 win.TText, achPath win.Ptr) (win.Int, win.Error) {
	if pszFile1 == 0 || pszFile2 == 0 {
		if achPath != 0 {
			write(c, achPath, nil)
		}
		return 0, 0
	}
	a := read(c, pszFile1).chars
	n := commonPrefix(a, read(c, pszFile2).chars)
	if achPath != 0 {
		write(c, achPath, a[:min(n, maxPath-1)])
	}
	return win.Int(n), 0
}

func commonPrefix(a, b []uint16) int {
	if isUNC(a) != isUNC(b) {
		return 0
	}
	n := 0
	for i := 0; ; i++ {
		endA, endB := i >= len(a), i >= len(b)
		if (endA || a[i] == '\\') && (endB || b[i] == '\\') {
			n = i
		}
		if endA || endB || fold(a[i]) != fold(b[i]) {
			break
		}
	}
	if n == 2 && hasDrive(a) && len(a) > 2 && len(b) > 2 { // the root of a drive keeps its backslash
		n = 3
	}
	return n
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathisprefixw
func pathIsPrefix(c *win.Call, pszPrefix, pszPath win.TText) (win.Bool, win.Error) {
	prefix := read(c, pszPrefix).chars
	return win.Bool(pszPrefix != 0 && pszPath != 0 && commonPrefix(prefix, read(c, pszPath).chars) == len(prefix)), 0
}
