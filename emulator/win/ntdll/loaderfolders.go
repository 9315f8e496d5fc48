package ntdll

import (
	"slices"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var loaderFolderRows = win.Rows{
	win.Func2("LdrAddDllDirectory", ldrAddDllDirectory, "NewDirectory Cookie"),
	win.Func1("LdrGetDllDirectory", ldrGetDllDirectory, "Directory"),
	win.Func1("LdrRemoveDllDirectory", ldrRemoveDllDirectory, "Cookie"),
	win.Func1("LdrSetDefaultDllDirectories", ldrSetDefaultDllDirectories, "DirectoryFlags"),
	win.Func1("LdrSetDllDirectory", ldrSetDllDirectory, "Directory"),
}

// AddFolder adds a folder to those the user chose for searches and returns what
// removes it.
func AddFolder(c *win.Call, path string) (win.Ptr, win.Status) {
	if len(path) < 3 || path[1] != ':' || path[2] != '\\' && path[2] != '/' {
		if !strings.HasPrefix(path, `\\`) {
			return 0, win.StatusInvalidParameter
		}
	}
	path = guest.FullPath(path, c.CurrentDirectory)
	if n := c.Files.Get(path); n == nil || !n.Directory {
		return 0, statusNoSuchFile
	}
	cookie := c.Heap.Alloc(16)
	if cookie == 0 {
		return 0, win.StatusNoMemory
	}
	c.Search.User = slices.Insert(c.Search.User, 0, guest.UserFolder{Cookie: cookie, Path: path})
	return win.Ptr(cookie), 0
}

// RemoveFolder undoes an AddFolder.
func RemoveFolder(c *win.Call, cookie win.Ptr) win.Status {
	i := slices.IndexFunc(c.Search.User, func(u guest.UserFolder) bool { return u.Cookie == uint64(cookie) })
	if i < 0 {
		return win.StatusInvalidParameter
	}
	c.Heap.Free(uint64(cookie))
	c.Search.User = slices.Delete(c.Search.User, i, i+1)
	return 0
}

// SetDefaultFolders chooses the folders of loads that say nothing of their own.
func SetDefaultFolders(c *win.Call, flags win.Hex) win.Status {
	const allowed = guest.LoadSearchApplication | guest.LoadSearchUser | guest.LoadSearchSystem32 | guest.LoadSearchDefault
	if flags == 0 || guest.LoadFlags(flags)&^allowed != 0 {
		return win.StatusInvalidParameter
	}
	c.Search.Default = guest.LoadFlags(flags)
	return 0
}

// ldrAddDllDirectory is AddDllDirectory.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-adddlldirectory
func ldrAddDllDirectory(c *win.Call, NewDirectory win.UnicodeString, Cookie win.Out[uint64]) (win.Status, win.Error) {
	cookie, status := AddFolder(c, NewDirectory.Text)
	if status == 0 {
		Cookie.Set(c, uint64(cookie))
	}
	return status, 0
}

// ldrRemoveDllDirectory is RemoveDllDirectory.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-removedlldirectory
func ldrRemoveDllDirectory(c *win.Call, Cookie win.Ptr) (win.Status, win.Error) {
	return RemoveFolder(c, Cookie), 0
}

// ldrSetDefaultDllDirectories is SetDefaultDllDirectories.
//
// https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-setdefaultdlldirectories
func ldrSetDefaultDllDirectories(c *win.Call, DirectoryFlags win.Hex) (win.Status, win.Error) {
	return SetDefaultFolders(c, DirectoryFlags), 0
}

// ldrSetDllDirectory is SetDllDirectory; an empty string with a buffer takes
// the current folder out of the search, one without brings it back.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-setdlldirectoryw
func ldrSetDllDirectory(c *win.Call, Directory win.UnicodeString) (win.Status, win.Error) {
	if strings.Contains(Directory.Text, ";") {
		return win.StatusInvalidParameter, 0
	}
	buffer := uint64(0)
	if Directory.Addr != 0 {
		buffer = c.ReadUint(Directory.Addr+win.CountedBuffer, 8)
	}
	c.Search.Set, c.Search.Folder = buffer != 0, Directory.Text
	return 0, 0
}

// ldrGetDllDirectory tells the folder of SetDllDirectory.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getdlldirectoryw
func ldrGetDllDirectory(c *win.Call, Directory win.Ptr) (win.Status, win.Error) {
	text := guest.UTF16(c.Search.Folder)
	room := c.ReadUint(Directory+2, 2)
	c.WriteUint(Directory, 2, uint64(len(text)-2))
	if uint64(len(text)) > room {
		c.WriteUint(Directory, 2, uint64(len(text)))
		return win.StatusBufferTooSmall, 0
	}
	c.Write(win.Ptr(c.ReadUint(Directory+win.CountedBuffer, 8)), text)
	return 0, 0
}
