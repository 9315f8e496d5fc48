package crt

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// splitRows are the functions that take names of files apart and put them
// together.
//
// https://learn.microsoft.com/cpp/c-runtime-library/file-handling
var splitRows = win.Rows{
	win.Func5("_makepath", makepath[win.AStr], "path drive dir fname ext"),
	win.Func6("_makepath_s", makepathS[win.AStr], "path sizeInCharacters drive dir fname ext"),
	win.Func3("_searchenv", searchenv[win.AStr], "filename varname pathname"),
	win.Func4("_searchenv_s", searchenvS[win.AStr], "filename varname pathname numberOfElements"),
	win.Func5("_splitpath", splitpath[win.AStr], "path drive dir fname ext"),
	win.Func9("_splitpath_s", splitpathS[win.AStr], "path drive driveNumberOfElements dir dirNumberOfElements fname nameNumberOfElements ext extNumberOfElements"),
	win.Func5("_wmakepath", makepath[win.WStr], "path drive dir fname ext"),
	win.Func6("_wmakepath_s", makepathS[win.WStr], "path sizeInCharacters drive dir fname ext"),
	win.Func3("_wsearchenv", searchenv[win.WStr], "filename varname pathname"),
	win.Func4("_wsearchenv_s", searchenvS[win.WStr], "filename varname pathname numberOfElements"),
	win.Func5("_wsplitpath", splitpath[win.WStr], "path drive dir fname ext"),
	win.Func9("_wsplitpath_s", splitpathS[win.WStr], "path drive driveNumberOfElements dir dirNumberOfElements fname nameNumberOfElements ext extNumberOfElements"),
}

// split4 takes a path apart.
func split4(path string) (drive, dir, name, ext string) {
	if len(path) >= 2 && path[1] == ':' {
		drive, path = path[:2], path[2:]
	}
	i := strings.LastIndexAny(path, `\/`) + 1
	dir, name = path[:i], path[i:]
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name, ext = name[:i], name[i:]
	}
	return drive, dir, name, ext
}

// textBytes is text with its terminator, for the kind of string T is.
func textBytes[T decoded](s string) []byte {
	var v T
	if _, wide := textOf(v); wide {
		return guest.UTF16(s)
	}
	return guest.ANSI(s)
}

func unitSize[T decoded]() int { return len(textBytes[T]("")) }

// splitpath takes a path apart.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/splitpath-wsplitpath
func splitpath[T decoded](c *win.Call, path T, drive, dir, fname, ext win.Ptr) (win.Void, win.Error) {
	p, _ := textOf(path)
	var parts [4]string
	parts[0], parts[1], parts[2], parts[3] = split4(p.Text)
	for i, at := range []win.Ptr{drive, dir, fname, ext} {
		if at != 0 {
			c.Write(at, textBytes[T](parts[i]))
		}
	}
	return win.Void{}, 0
}

// splitpathS takes a path apart where there is room for all.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/splitpath-s-wsplitpath-s
func splitpathS[T decoded](c *win.Call, path T, drive win.Ptr, driveNumberOfElements win.Size, dir win.Ptr, dirNumberOfElements win.Size, fname win.Ptr, nameNumberOfElements win.Size, ext win.Ptr, extNumberOfElements win.Size) (win.Int, win.Error) {
	places := [4]win.Ptr{drive, dir, fname, ext}
	sizes := [4]win.Size{driveNumberOfElements, dirNumberOfElements, nameNumberOfElements, extNumberOfElements}
	p, _ := textOf(path)
	refuse := func(e errno) (win.Int, win.Error) {
		for i, at := range places {
			if at != 0 && sizes[i] > 0 {
				c.Write(at, textBytes[T](""))
			}
		}
		invalid(c, e)
		return win.Int(e), 0
	}
	for i, at := range places {
		if p.Null() || (at == 0) != (sizes[i] == 0) {
			return refuse(eINVAL)
		}
	}
	var parts [4]string
	parts[0], parts[1], parts[2], parts[3] = split4(p.Text)
	for i, at := range places {
		if b := textBytes[T](parts[i]); at != 0 && uint64(len(b)/unitSize[T]()) > uint64(sizes[i]) {
			return refuse(eRANGE)
		}
	}
	return 0, second(splitpath(c, path, drive, dir, fname, ext))
}

func second(_ win.Void, err win.Error) win.Error { return err }

// joined puts a path together.
func joined(drive, dir, fname, ext string) string {
	path := ""
	if drive != "" {
		path = drive[:1] + ":"
	}
	path += dir
	if dir != "" && !strings.HasSuffix(dir, `\`) && !strings.HasSuffix(dir, "/") {
		path += `\`
	}
	path += fname
	if ext != "" && ext[0] != '.' {
		path += "."
	}
	return path + ext
}

// makepath puts a path together.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/makepath-wmakepath
func makepath[T decoded](c *win.Call, path win.Ptr, drive, dir, fname, ext T) (win.Void, win.Error) {
	_, err := makepathS(c, path, noLimit, drive, dir, fname, ext)
	return win.Void{}, err
}

// makepathS puts a path together that fits.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/makepath-s-wmakepath-s
func makepathS[T decoded](c *win.Call, path win.Ptr, sizeInCharacters win.Size, drive, dir, fname, ext T) (win.Int, win.Error) {
	if path == 0 || sizeInCharacters == 0 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	var parts [4]string
	for i, v := range []T{drive, dir, fname, ext} {
		s, _ := textOf(v)
		parts[i] = s.Text
	}
	b := textBytes[T](joined(parts[0], parts[1], parts[2], parts[3]))
	if uint64(len(b)/unitSize[T]()) > uint64(sizeInCharacters) {
		c.Write(path, textBytes[T](""))
		invalid(c, eRANGE)
		return win.Int(eRANGE), 0
	}
	c.Write(path, b)
	return 0, 0
}

// searchenv looks for a file in the current directory and in those that a
// variable of the environment lists.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/searchenv-wsearchenv
func searchenv[T decoded](c *win.Call, filename, varname T, pathname win.Ptr) (win.Void, win.Error) {
	_, err := searchenvS(c, filename, varname, pathname, noLimit)
	return win.Void{}, err
}

// searchenvS is searchenv with a buffer of known size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/searchenv-s-wsearchenv-s
func searchenvS[T decoded](c *win.Call, filename, varname T, pathname win.Ptr, numberOfElements win.Size) (win.Int, win.Error) {
	name, _ := textOf(filename)
	variable, _ := textOf(varname)
	if name.Null() || pathname == 0 || numberOfElements == 0 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	e := &of(c).env
	folders := ""
	if i := e.find(variable.Text); i >= 0 {
		_, folders, _ = strings.Cut(e.list[i], "=")
	}
	found := ""
	if name.Text != "" {
		for _, folder := range append([]string{c.CurrentDirectory}, strings.Split(folders, ";")...) {
			path := guest.FullPath(guest.Join(strings.Trim(folder, `"`), name.Text), c.CurrentDirectory)
			if n := c.Files.Get(path); folder != "" && n != nil && !n.Directory {
				found = path
				break
			}
		}
	}
	b := textBytes[T](found)
	if uint64(len(b)/unitSize[T]()) > uint64(numberOfElements) {
		c.Write(pathname, textBytes[T](""))
		invalid(c, eRANGE)
		return win.Int(eRANGE), 0
	}
	c.Write(pathname, b)
	if found == "" {
		fail(c, eNOENT)
		return win.Int(eNOENT), 0
	}
	return 0, 0
}
