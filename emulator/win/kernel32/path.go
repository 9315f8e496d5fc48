package kernel32

import (
	"fmt"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var pathRows = win.Rows{
	win.Func2("GetCurrentDirectory{A,W}", getCurrentDirectory, "nBufferLength lpBuffer"),
	win.Func4("GetFullPathName{A,W}", getFullPathName, "lpFileName nBufferLength lpBuffer lpFilePart"),
	win.Func3("GetLongPathName{A,W}", getLongPathName, "lpszShortPath lpszLongPath cchBuffer"),
	win.Partial(win.Func3("GetShortPathName{A,W}", getLongPathName, "lpszLongPath lpszShortPath cchBuffer"), "files have no short names"),
	win.Func2("GetSystemDirectory{A,W}", getSystemDirectory, "lpBuffer uSize"),
	win.Func2("GetSystemWindowsDirectory{A,W}", getWindowsDirectory, "lpBuffer uSize"),
	win.Func4("GetTempFileName{A,W}", getTempFileName, "lpPathName lpPrefixString uUnique lpTempFileName"),
	win.Func2("GetTempPath{A,W}", getTempPath, "nBufferLength lpBuffer"),
	win.Func2("GetWindowsDirectory{A,W}", getWindowsDirectory, "lpBuffer uSize"),
	win.Func1("SetCurrentDirectory{A,W}", setCurrentDirectory, "lpPathName"),
}

// maxPath is MAX_PATH, in characters with the terminator.
const maxPath = 260

// getCurrentDirectory stores the current directory.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getcurrentdirectory
func getCurrentDirectory(c *win.Call, nBufferLength win.DWORD, lpBuffer win.Ptr) (win.DWORD, win.Error) {
	return fill(c, lpBuffer, nBufferLength, c.CurrentDirectory), 0
}

// setCurrentDirectory changes the current directory.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-setcurrentdirectory
func setCurrentDirectory(c *win.Call, lpPathName win.TStr) (win.Bool, win.Error) {
	n, err := existing(c, lpPathName.Text)
	switch {
	case err != 0:
		return false, err
	case !n.Directory:
		return false, win.ErrDirectory
	}
	c.CurrentDirectory = n.Path
	return true, 0
}

// getFullPathName makes a name absolute, whether there is such a file or not,
// and tells where in it the file's own name begins.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfullpathnamew
func getFullPathName(c *win.Call, lpFileName win.TStr, nBufferLength win.DWORD, lpBuffer win.Ptr, lpFilePart win.Out[uint64]) (win.DWORD, win.Error) {
	if lpFileName.Text == "" {
		return 0, win.ErrInvalidName
	}
	path := guest.FullPath(lpFileName.Text, c.CurrentDirectory)
	if strings.HasSuffix(lpFileName.Text, `\`) || strings.HasSuffix(lpFileName.Text, "/") {
		path = strings.TrimSuffix(path, `\`) + `\`
	}
	n := fill(c, lpBuffer, nBufferLength, path)
	part := uint64(0)
	if n < nBufferLength && !strings.HasSuffix(path, `\`) {
		folder := c.Encode(path[:strings.LastIndexByte(path, '\\')+1])
		part = uint64(lpBuffer) + uint64(len(folder)) - c.CharSize()
	}
	lpFilePart.Set(c, part)
	return n, 0
}

// getLongPathName gives the path of an existing file as it was created.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getlongpathnamew
func getLongPathName(c *win.Call, lpszShortPath win.TStr, lpszLongPath win.Ptr, cchBuffer win.DWORD) (win.DWORD, win.Error) {
	n, err := existing(c, lpszShortPath.Text)
	if err != 0 {
		return 0, err
	}
	return fill(c, lpszLongPath, cchBuffer, n.Path), 0
}

// getSystemDirectory stores C:\Windows\System32.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getsystemdirectoryw
func getSystemDirectory(c *win.Call, lpBuffer win.Ptr, uSize win.DWORD) (win.DWORD, win.Error) {
	return fill(c, lpBuffer, uSize, guest.SystemDirectory), 0
}

// getWindowsDirectory stores C:\Windows.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getwindowsdirectoryw
func getWindowsDirectory(c *win.Call, lpBuffer win.Ptr, uSize win.DWORD) (win.DWORD, win.Error) {
	return fill(c, lpBuffer, uSize, guest.WindowsDirectory), 0
}

// getTempPath stores the folder for temporary files, with a backslash behind.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-gettemppathw
func getTempPath(c *win.Call, nBufferLength win.DWORD, lpBuffer win.Ptr) (win.DWORD, win.Error) {
	path := guest.WindowsDirectory
	for _, name := range []string{"TMP", "TEMP", "USERPROFILE"} {
		if v, _ := c.Variable(name); v != "" {
			path = guest.FullPath(v, c.CurrentDirectory)
			break
		}
	}
	return fill(c, lpBuffer, nBufferLength, strings.TrimSuffix(path, `\`)+`\`), 0
}

// getTempFileName makes a name of a prefix and a number and, unless the number
// was given, a file of that name.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-gettempfilenamew
func getTempFileName(c *win.Call, lpPathName, lpPrefixString win.TStr, uUnique win.DWORD, lpTempFileName win.Ptr) (win.DWORD, win.Error) {
	const longest = maxPath - 14 // room for the name itself
	folder := guest.FullPath(lpPathName.Text, c.CurrentDirectory)
	if len(folder) > longest {
		return 0, win.ErrBufferOverflow
	}
	if n := c.Files.Get(folder); lpPathName.Text == "" || n == nil || !n.Directory {
		return 0, win.ErrDirectory
	}
	prefix := []rune(lpPrefixString.Text)
	prefix = prefix[:min(len(prefix), 3)]
	name := func(number uint16) string {
		return guest.Join(folder, fmt.Sprintf("%s%X.tmp", string(prefix), number))
	}
	number := uint16(uUnique)
	if number != 0 {
		c.Write(lpTempFileName, c.Encode(name(number)))
		return win.DWORD(number), 0
	}
	number = uint16(c.Random.Uint64())
	for tries := 0; number == 0 || c.Files.Get(name(number)) != nil; tries++ {
		if tries == 1<<16 {
			return 0, win.ErrFileExists
		}
		number++
	}
	n, err := c.Files.Create(name(number))
	if err != nil {
		return 0, fileError(err)
	}
	c.Write(lpTempFileName, c.Encode(n.Path))
	c.Emit(trace.FileCreate{Path: n.Path})
	return win.DWORD(number), 0
}
