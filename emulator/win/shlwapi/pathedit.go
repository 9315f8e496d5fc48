package shlwapi

import "sidetrace/emulator/win"

// Paths changed in place, in buffers of MAX_PATH characters.

var pathEditRows = win.Rows{
	win.Func1("PathAddBackslash{A,W}", pathAddBackslash, "pszPath"),
	win.Func2("PathAddExtension{A,W}", pathAddExtension, "pszPath pszExt"),
	win.Func1("PathQuoteSpaces{A,W}", pathQuoteSpaces, "lpsz"),
	win.Func1("PathRemoveArgs{A,W}", pathRemoveArgs, "pszPath"),
	win.Func1("PathRemoveBackslash{A,W}", pathRemoveBackslash, "pszPath"),
	win.Func1("PathRemoveBlanks{A,W}", pathRemoveBlanks, "pszPath"),
	win.Func1("PathRemoveExtension{A,W}", pathRemoveExtension, "pszPath"),
	win.Func1("PathRemoveFileSpec{A,W}", pathRemoveFileSpec, "pszPath"),
	win.Func2("PathRenameExtension{A,W}", pathRenameExtension, "pszPath pszExt"),
	win.Func1("PathStripPath{A,W}", pathStripPath, "pszPath"),
	win.Func1("PathStripToRoot{A,W}", pathStripToRoot, "pszPath"),
	win.Func1("PathUndecorate{A,W}", pathUndecorate, "pszPath"),
	win.Func1("PathUnquoteSpaces{A,W}", pathUnquoteSpaces, "lpsz"),
}

// edit replaces the text at p by what f makes of it. It reports whether that is
// something else.
func edit(c *win.Call, p win.TText, f func([]uint16) []uint16) bool {
	if p == 0 {
		return false
	}
	before := read(c, p).chars
	after := f(before)
	if c.Faulted() || equal(before, after, same) {
		return false
	}
	write(c, win.Ptr(p), after)
	return true
}

// pathAddBackslash gives the place of the end.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathaddbackslashw
func pathAddBackslash(c *win.Call, pszPath win.TText) (win.Ptr, win.Error) {
	t := read(c, pszPath)
	n := len(t.chars)
	switch {
	case pszPath == 0 || n >= maxPath-1:
		return 0, 0
	case n == 0 || t.chars[n-1] == '\\':
		return t.place(n), 0
	}
	write(c, t.place(n), []uint16{'\\'})
	return t.place(n + 1), 0
}

// pathAddExtension appends an extension, ".exe" by default, to a path that has
// none.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathaddextensionw
func pathAddExtension(c *win.Call, pszPath, pszExt win.TText) (win.Bool, win.Error) {
	added := ascii(".exe")
	if pszExt != 0 {
		added = read(c, pszExt).chars
	}
	path := read(c, pszPath).chars
	if pszPath == 0 || extension(path) < len(path) || len(path)+len(added) >= maxPath {
		return false, 0
	}
	write(c, win.Ptr(pszPath), join(path, added))
	return true, 0
}

// pathRenameExtension replaces the extension, or adds one.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathrenameextensionw
func pathRenameExtension(c *win.Call, pszPath, pszExt win.TText) (win.Bool, win.Error) {
	path, added := read(c, pszPath).chars, read(c, pszExt).chars
	path = path[:extension(path)]
	if pszPath == 0 || len(path)+len(added) >= maxPath {
		return false, 0
	}
	write(c, win.Ptr(pszPath), join(path, added))
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathremoveextensionw
func pathRemoveExtension(c *win.Call, pszPath win.TText) (win.Void, win.Error) {
	edit(c, pszPath, func(path []uint16) []uint16 { return path[:extension(path)] })
	return win.Void{}, 0
}

// pathRemoveFileSpec cuts the last component and the backslash before it. It
// reports whether there was something to cut.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathremovefilespecw
func pathRemoveFileSpec(c *win.Call, pszPath win.TText) (win.Bool, win.Error) {
	return win.Bool(edit(c, pszPath, func(path []uint16) []uint16 {
		path, _ = withoutFile(path)
		return path
	})), 0
}

// withoutFile keeps the backslash of a root.
func withoutFile(path []uint16) (folder []uint16, cut bool) {
	at, i := 0, 0
	for i < len(path) && i < 2 && path[i] == '\\' {
		i++
		at = i
	}
	for ; i < len(path); i++ {
		switch path[i] {
		case '\\':
			at = i
		case ':':
			if i+1 < len(path) && path[i+1] == '\\' {
				i++
			}
			at = i + 1
		}
	}
	return path[:at], at < len(path)
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathstriptorootw
func pathStripToRoot(c *win.Call, pszPath win.TText) (win.Bool, win.Error) {
	if pszPath == 0 {
		return false, 0
	}
	root, ok := rootOf(read(c, pszPath).chars)
	write(c, win.Ptr(pszPath), root)
	return win.Bool(ok), 0
}

// rootOf cuts components until a root is left, or nothing.
func rootOf(path []uint16) ([]uint16, bool) {
	for !isRoot(path) {
		var cut bool
		if path, cut = withoutFile(path); !cut {
			return path, false
		}
	}
	return path, true
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathstrippathw
func pathStripPath(c *win.Call, pszPath win.TText) (win.Void, win.Error) {
	edit(c, pszPath, func(path []uint16) []uint16 { return path[fileName(path):] })
	return win.Void{}, 0
}

// pathRemoveBackslash cuts the last backslash, but not that of a root, and
// gives the place where it was, or of the last character.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathremovebackslashw
func pathRemoveBackslash(c *win.Call, pszPath win.TText) (win.Ptr, win.Error) {
	t := read(c, pszPath)
	last := len(t.chars) - 1
	if last < 0 {
		return t.at, 0
	}
	if t.chars[last] == '\\' && !isRoot(t.chars) {
		write(c, t.place(last), nil)
	}
	return t.place(last), 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathremoveargsw
func pathRemoveArgs(c *win.Call, pszPath win.TText) (win.Void, win.Error) {
	edit(c, pszPath, func(line []uint16) []uint16 {
		at := arguments(line)
		if at > 0 && line[at-1] == ' ' { // the blank before them, or one at the end
			at--
		}
		return line[:at]
	})
	return win.Void{}, 0
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathremoveblanksw
func pathRemoveBlanks(c *win.Call, pszPath win.TText) (win.Void, win.Error) {
	edit(c, pszPath, func(path []uint16) []uint16 {
		return trim(path, func(u uint16) bool { return u == ' ' })
	})
	return win.Void{}, 0
}

// pathQuoteSpaces puts a path with blanks between quotes.
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathquotespacesw
func pathQuoteSpaces(c *win.Call, lpsz win.TText) (win.Bool, win.Error) {
	return win.Bool(edit(c, lpsz, func(path []uint16) []uint16 {
		if len(path)+3 > maxPath || len(trimWord(path)) == len(path) {
			return path
		}
		return join([]uint16{'"'}, path, []uint16{'"'})
	})), 0
}

// trimWord is the text up to its first blank.
func trimWord(s []uint16) []uint16 {
	for i, u := range s {
		if u == ' ' {
			return s[:i]
		}
	}
	return s
}

// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathunquotespacesw
func pathUnquoteSpaces(c *win.Call, lpsz win.TText) (win.Bool, win.Error) {
	return win.Bool(edit(c, lpsz, func(path []uint16) []uint16 {
		if n := len(path); n >= 2 && path[0] == '"' && path[n-1] == '"' {
			return path[1 : n-1]
		}
		return path
	})), 0
}

// pathUndecorate cuts a number in brackets before the extension: "a[3].txt".
//
// https://learn.microsoft.com/windows/win32/api/shlwapi/nf-shlwapi-pathundecoratew
func pathUndecorate(c *win.Call, pszPath win.TText) (win.Void, win.Error) {
	edit(c, pszPath, func(path []uint16) []uint16 {
		end := extension(path)
		if end == 0 || path[end-1] != ']' {
			return path
		}
		start := end - 1
		for start > 0 && path[start-1] >= '0' && path[start-1] <= '9' {
			start--
		}
		if start == 0 || path[start-1] != '[' || start-1 <= fileName(path) {
			return path
		}
		return join(path[:start-1], path[end:])
	})
	return win.Void{}, 0
}

// trim cuts at both ends.
func trim(s []uint16, drop func(uint16) bool) []uint16 {
	for len(s) > 0 && drop(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && drop(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}
