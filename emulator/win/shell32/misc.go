package shell32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var miscRows = win.Rows{
	win.Stub("DragAcceptFiles", win.Void{}, "hWnd fAccept"),
	win.Func5("ExtractIconEx{A,W}", extractIconEx, "lpszFile nIconIndex phiconLarge phiconSmall nIcons"),
	win.Func1("GetCurrentProcessExplicitAppUserModelID", getAppID, "AppID"),
	win.Func0("IsUserAnAdmin", isUserAnAdmin),
	win.Stub("SetCurrentProcessExplicitAppUserModelID", win.Status(0), "AppID"),
	win.Stub("SHChangeNotify", win.Void{}, "wEventId uFlags dwItem1 dwItem2"),
	win.Stub("SHEmptyRecycleBin{A,W}", win.Status(0), "hwnd pszRootPath dwFlags"),
	win.Func5("SHGetFileInfo{A,W}", shGetFileInfo, "pszPath dwFileAttributes psfi cbFileInfo uFlags"),
	win.Stub("Shell_NotifyIcon{A,W}", win.Bool(true), "dwMessage lpData"),
}

// isUserAnAdmin says no: the machine's user is none.
//
// https://learn.microsoft.com/windows/win32/api/shlobj_core/nf-shlobj_core-isuseranadmin
func isUserAnAdmin(*win.Call) (win.Bool, win.Error) { return false, 0 }

// https://learn.microsoft.com/windows/win32/api/shobjidl_core/nf-shobjidl_core-getcurrentprocessexplicitappusermodelid
func getAppID(c *win.Call, AppID win.Out[uint64]) (win.Status, win.Error) {
	AppID.Set(c, 0)
	return win.ResultFail, 0
}

// https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-extracticonexw
func extractIconEx(c *win.Call, lpszFile win.TStr, nIconIndex win.Int, phiconLarge, phiconSmall win.Ptr, nIcons win.DWORD) (win.DWORD, win.Error) {
	if n := c.Files.Get(guest.FullPath(lpszFile.Text, c.CurrentDirectory)); n == nil || n.Directory {
		return 0, win.ErrFileNotFound
	}
	c.Gap("icons of files")
	return 0, 0
}

// shGetFileInfo knows names, types and attributes; icons are number 0.
//
// https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-shgetfileinfow
func shGetFileInfo(c *win.Call, pszPath win.TStr, dwFileAttributes win.Hex, psfi win.Ptr, cbFileInfo win.DWORD, uFlags win.Hex) (win.Size, win.Error) {
	const (
		displayName, typeName, attributes = 0x200, 0x400, 0x800
		useAttributes, exeType            = 0x10, 0x2000
		nameAt, nameChars, typeChars      = 16, 260, 80
		directory                         = 0x10
	)
	n := c.Files.Get(guest.FullPath(pszPath.Text, c.CurrentDirectory))
	if n == nil && uFlags&useAttributes == 0 {
		return 0, 0
	}
	isFolder := n != nil && n.Directory || n == nil && dwFileAttributes&directory != 0
	name := pszPath.Text[strings.LastIndexAny(pszPath.Text, `\/`)+1:]
	extension := ""
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		extension = name[i+1:]
	}
	if uFlags&exeType != 0 {
		if strings.EqualFold(extension, "exe") {
			return 0x0A00<<16 | 0x4550, 0 // a Windows program, version 10: "PE"
		}
		return 0, 0
	}
	width := int(c.CharSize())
	b := c.Buffer(psfi, uint64(nameAt+(nameChars+typeChars)*width))
	if c.Faulted() {
		return 0, 0
	}
	if uFlags&displayName != 0 {
		put(b[nameAt:nameAt+nameChars*width], c.Encode(name), width)
	}
	if uFlags&typeName != 0 {
		kind := strings.ToUpper(extension) + " File"
		switch {
		case isFolder:
			kind = "File folder"
		case strings.EqualFold(extension, "exe"):
			kind = "Application"
		case strings.EqualFold(extension, "dll"):
			kind = "Application extension"
		case extension == "":
			kind = "File"
		}
		put(b[nameAt+nameChars*width:], c.Encode(kind), width)
	}
	if uFlags&attributes != 0 {
		le.PutUint32(b[12:], 0x40000177) // can be copied, linked, moved, renamed, deleted; a file
	}
	return 1, 0
}

// put stores text, cut, with its terminator.
func put(room, text []byte, width int) {
	n := copy(room, text)
	clear(room[max(0, min(n, len(room)-width)):][:width])
}
