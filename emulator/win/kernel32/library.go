package kernel32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var libraryRows = win.Rows{
	win.Func1("AddDllDirectory", addDllDirectory, "NewDirectory"),
	win.Func2("GetDllDirectory{A,W}", getDllDirectory, "nBufferLength lpBuffer"),
	win.Func1("LoadLibrary{A,W}", loadLibrary, "lpLibFileName"),
	win.Func3("LoadLibraryEx{A,W}", loadLibraryEx, "lpLibFileName hFile dwFlags"),
	win.Func1("RemoveDllDirectory", removeDllDirectory, "Cookie"),
	win.Forward("ResolveDelayLoadedAPI", "ntdll.LdrResolveDelayLoadedAPI"),
	win.Func1("SetDefaultDllDirectories", setDefaultDllDirectories, "DirectoryFlags"),
	win.Func1("SetDllDirectory{A,W}", setDllDirectory, "lpPathName"),
}

// loadLibrary loads a module and what it imports.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-loadlibraryw
func loadLibrary(c *win.Call, lpLibFileName win.TStr) (win.Handle, win.Error) {
	return loadLibraryEx(c, lpLibFileName, 0, 0)
}

// Flags of LoadLibraryEx that the search does not use.
const (
	loadIgnoreAuthz       = 0x0010
	loadSafeCurrentDirs   = 0x2000
	loadSearchSystemNoFwd = 0x4000

	loadAsData     = guest.LoadAsDatafile | guest.LoadAsImageResource | guest.LoadDatafileExclusive
	loadKnownFlags = guest.DontResolveReferences | guest.LoadAlteredSearchPath | guest.LoadRequireSigned | guest.LoadSearch | loadAsData |
		loadIgnoreAuthz | loadSafeCurrentDirs | loadSearchSystemNoFwd
)

// loadLibraryEx loads a module, with a say in where to search and what to do
// with it.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-loadlibraryexw
func loadLibraryEx(c *win.Call, lpLibFileName win.TStr, hFile win.Handle, dwFlags win.Hex) (win.Handle, win.Error) {
	const bothData = guest.LoadAsDatafile | guest.LoadDatafileExclusive
	name, flags := strings.TrimRight(lpLibFileName.Text, " "), guest.LoadFlags(dwFlags)
	relative := len(name) < 2 || name[1] != ':' && !strings.HasPrefix(name, `\\`)
	switch {
	case lpLibFileName.Null() || hFile != 0 || flags&^loadKnownFlags != 0,
		flags&guest.LoadAlteredSearchPath != 0 && flags&guest.LoadSearch != 0,
		flags&guest.LoadSearchDLLFolder != 0 && relative,
		flags&bothData == bothData:
		return 0, win.ErrInvalidParameter
	case name == "":
		return 0, win.ErrModNotFound
	}
	o := guest.LoadOptions{Flags: flags}
	if flags&loadAsData != 0 {
		d, err := c.LoadDataFile(c.T, name, o)
		if err != nil {
			return 0, dataError(ntdll.LoadStatus(err))
		}
		return win.Handle(d.Handle()), 0
	}
	m, err := c.LoadLibrary(c.T, name, o)
	if err != nil {
		return 0, ntdll.Win32Error(ntdll.LoadStatus(err))
	}
	return win.Handle(m.Base), 0
}

// dataError is the error of a file that cannot be loaded as data: the file
// system's.
func dataError(s win.Status) win.Error {
	if s == win.StatusDLLNotFound {
		return win.ErrFileNotFound
	}
	return ntdll.Win32Error(s)
}

// setDllDirectory puts a folder into the search in the place of the current
// one; "" only takes the current one out, NULL brings it back.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-setdlldirectoryw
func setDllDirectory(c *win.Call, lpPathName win.TStr) (win.Bool, win.Error) {
	if strings.Contains(lpPathName.Text, ";") {
		return false, win.ErrInvalidParameter
	}
	c.Search.Set, c.Search.Folder = !lpPathName.Null(), lpPathName.Text
	return true, 0
}

// getDllDirectory tells the folder of SetDllDirectory.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getdlldirectoryw
func getDllDirectory(c *win.Call, nBufferLength win.DWORD, lpBuffer win.Ptr) (win.DWORD, win.Error) {
	if nBufferLength > 0 && lpBuffer != 0 {
		c.Write(lpBuffer, make([]byte, c.CharSize()))
	}
	return fill(c, lpBuffer, nBufferLength, c.Search.Folder), 0
}

// addDllDirectory adds a folder to those of LOAD_LIBRARY_SEARCH_USER_DIRS.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-adddlldirectory
func addDllDirectory(c *win.Call, NewDirectory win.WStr) (win.Ptr, win.Error) {
	cookie, status := ntdll.AddFolder(c, NewDirectory.Text)
	return cookie, ntdll.Win32Error(status)
}

// removeDllDirectory takes back what AddDllDirectory added.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-removedlldirectory
func removeDllDirectory(c *win.Call, Cookie win.Ptr) (win.Bool, win.Error) {
	if status := ntdll.RemoveFolder(c, Cookie); status != 0 {
		return false, ntdll.Win32Error(status)
	}
	return true, 0
}

// setDefaultDllDirectories chooses the folders of loads that say nothing of
// their own.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-setdefaultdlldirectories
func setDefaultDllDirectories(c *win.Call, DirectoryFlags win.Hex) (win.Bool, win.Error) {
	if status := ntdll.SetDefaultFolders(c, DirectoryFlags); status != 0 {
		return false, ntdll.Win32Error(status)
	}
	return true, 0
}
