package shell32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var folderRows = win.Rows{
	win.Func5("SHGetFolderPath{A,W}", shGetFolderPath, "hwnd csidl hToken dwFlags pszPath"),
	win.Func6("SHGetFolderPathAndSubDir{A,W}", shGetFolderPathAndSubDir, "hwnd csidl hToken dwFlags pszSubDir pszPath"),
	win.Func4("SHGetKnownFolderPath", shGetKnownFolderPath, "rfid dwFlags hToken ppszPath"),
	win.Func4("SHGetSpecialFolderPath{A,W}", shGetSpecialFolderPath, "hwnd pszPath csidl fCreate"),
}

// folder is one of the folders that programs ask for by number or GUID. The
// path may start with the name of another kind of place, in braces.
type folder struct {
	csidl int // -1: it has no number
	guid  string
	path  string
}

// folders of Windows 10.
//
// https://learn.microsoft.com/windows/win32/shell/csidl
// https://learn.microsoft.com/windows/win32/shell/knownfolderid
var folders = []folder{
	{0x00, "B4BFCC3A-DB2C-424C-B029-7FE99A87C641", `{profile}\Desktop`},
	{0x02, "A77F5D77-2E2B-44C3-A6A2-ABA601054A51", `{roaming}\Microsoft\Windows\Start Menu\Programs`},
	{0x05, "FDD39AD0-238F-46AF-ADB4-6C85480369C7", `{profile}\Documents`},
	{0x06, "1777F761-68AD-4D8A-87BD-30B759FA33DD", `{profile}\Favorites`},
	{0x07, "B97D20BB-F46A-4C97-BA10-5E3608430854", `{roaming}\Microsoft\Windows\Start Menu\Programs\Startup`},
	{0x08, "AE50C081-EBD2-438A-8655-8A092E34987A", `{roaming}\Microsoft\Windows\Recent`},
	{0x09, "8983036C-27C0-404B-8F08-102D10DCFD74", `{roaming}\Microsoft\Windows\SendTo`},
	{0x0B, "625B53C3-AB48-4EC1-BA1F-A1EF4146FC19", `{roaming}\Microsoft\Windows\Start Menu`},
	{0x0D, "4BD8D571-6D19-48D3-BE97-422220080E43", `{profile}\Music`},
	{0x0E, "18989B1D-99B5-455B-841C-AB7C74E4DDFC", `{profile}\Videos`},
	{0x10, "B4BFCC3A-DB2C-424C-B029-7FE99A87C641", `{profile}\Desktop`},
	{0x14, "FD228CB7-AE11-4AE3-864C-16F3910AB8FE", `C:\Windows\Fonts`},
	{0x15, "A63293E8-664E-48DB-A079-DF759E0509F7", `{roaming}\Microsoft\Windows\Templates`},
	{0x16, "A4115719-D62E-491D-AA7C-E74B8BE3B067", `{common}\Microsoft\Windows\Start Menu`},
	{0x17, "0139D44E-6AFE-49F2-8690-3DAFCAE6FFB8", `{common}\Microsoft\Windows\Start Menu\Programs`},
	{0x18, "82A5EA35-D9CD-47C5-9629-E15D2F714E6E", `{common}\Microsoft\Windows\Start Menu\Programs\StartUp`},
	{0x19, "C4AA340D-F20F-4863-AFEF-F87EF2E6BA25", `{public}\Desktop`},
	{0x1A, "3EB685DB-65F9-4CF6-A03A-E3EF65729F3D", `{roaming}`},
	{0x1C, "F1B32785-6FBA-4FCF-9D55-7B8E7F157091", `{local}`},
	{0x20, "352481E8-33BE-4251-BA85-6007CAEDCF9D", `{local}\Microsoft\Windows\INetCache`},
	{0x21, "2B0F765D-C0E9-4171-908E-08A611B84FF6", `{local}\Microsoft\Windows\INetCookies`},
	{0x22, "D9DC8A3B-B784-432E-A781-5A1130A75963", `{local}\Microsoft\Windows\History`},
	{0x23, "62AB5D82-FDC1-4DC3-A9DD-070D1D495D97", `{common}`},
	{0x24, "F38BF404-1D43-42F2-9305-67DE0B28FC23", `C:\Windows`},
	{0x25, "1AC14E77-02E7-4E5D-B744-2EB1AE5198B7", `C:\Windows\System32`},
	{0x26, "905E63B6-C1BF-494E-B29C-65B732D3D21A", `C:\Program Files`},
	{0x27, "33E28130-4E1E-4676-835A-98395C3BC3BB", `{profile}\Pictures`},
	{0x28, "5E6C858F-0E22-4760-9AFE-EA3317B67173", `{profile}`},
	{0x29, "D65231B0-B2F1-4857-A4CE-A8E7C6EA7D27", `C:\Windows\SysWOW64`},
	{0x2A, "7C5A40EF-A0FB-4BFC-874A-C0F2E0B9FA8E", `C:\Program Files (x86)`},
	{0x2B, "F7F1ED05-9F6D-47A2-AAAE-29D317C6F066", `C:\Program Files\Common Files`},
	{0x2C, "DE974D24-D9C6-4D3E-BF91-F4455120B917", `C:\Program Files (x86)\Common Files`},
	{0x2E, "ED4824AF-DCE4-45A8-81E2-FC7965083634", `{public}\Documents`},
	{0x2F, "D0384E7D-BAC3-4797-8F14-CBA229B392B5", `{common}\Microsoft\Windows\Start Menu\Programs\Administrative Tools`},
	{-1, "374DE290-123F-4565-9164-39C4925E467B", `{profile}\Downloads`},
	{-1, "A520A1A4-1780-4FF6-BD18-167343C5AF16", `{profile}\AppData\LocalLow`},
	{-1, "DFDF76A2-C82A-4D63-906A-5644AC457385", `{public}`},
	{-1, "0762D272-C50A-4BB0-A382-697DCD729B80", `C:\Users`},
	{-1, "6D809377-6AF0-444B-8957-A3773F02200E", `C:\Program Files`}, // ProgramFilesX64
	{-1, "9E3995AB-1F9C-4F13-B827-48B24B6C7174", `{roaming}\Microsoft\Internet Explorer\Quick Launch\User Pinned`},
	{-1, "52A4F021-7B75-48A9-9F6B-4B87A210BC8F", `{roaming}\Microsoft\Internet Explorer\Quick Launch`},
	{-1, "5CD7AEE2-2219-4A67-B85D-6C9CE15660CB", `{local}\Programs`},
	{-1, "3D644C9B-1FB8-4F30-9B45-F670235F79C0", `{public}\Downloads`},
}

func (f folder) resolved(c *win.Call) string {
	for name, variable := range map[string]string{
		"{profile}": "USERPROFILE", "{roaming}": "APPDATA", "{local}": "LOCALAPPDATA", "{common}": "ProgramData", "{public}": "PUBLIC",
	} {
		if rest, ok := strings.CutPrefix(f.path, name); ok {
			value, _ := c.Variable(variable)
			return value + rest
		}
	}
	return f.path
}

const (
	flagCreate     = 0x8000 // CSIDL_FLAG_CREATE
	flagDontVerify = 0x4000
	csidlMask      = 0xFF
)

func byNumber(csidl win.Int) (folder, bool) {
	for _, f := range folders {
		if f.csidl == int(csidl&csidlMask) {
			return f, true
		}
	}
	return folder{}, false
}

// settle makes the folder where that is wanted, and reports whether it is
// there.
func settle(c *win.Call, path string, create bool) bool {
	if n := c.Files.Get(path); n != nil {
		return n.Directory
	}
	if create {
		makeDirectories(c, path)
	}
	return create
}

// makeDirectories makes a folder and those above it.
func makeDirectories(c *win.Call, path string) {
	c.Files.MakeDirectory(path)
	c.Emit(trace.FileCreate{Path: path})
}

// shGetFolderPath gives the path of a folder by its number. It fails for a
// folder that is not there, unless it is to be made or not looked for.
//
// https://learn.microsoft.com/windows/win32/api/shlobj_core/nf-shlobj_core-shgetfolderpathw
func shGetFolderPath(c *win.Call, hwnd win.Handle, csidl win.Int, hToken win.Handle, dwFlags win.Hex, pszPath win.Ptr) (win.Status, win.Error) {
	return folderPath(c, csidl, "", pszPath), 0
}

// https://learn.microsoft.com/windows/win32/api/shlobj_core/nf-shlobj_core-shgetfolderpathandsubdirw
func shGetFolderPathAndSubDir(c *win.Call, hwnd win.Handle, csidl win.Int, hToken win.Handle, dwFlags win.Hex, pszSubDir win.TStr, pszPath win.Ptr) (win.Status, win.Error) {
	return folderPath(c, csidl, pszSubDir.Text, pszPath), 0
}

func folderPath(c *win.Call, csidl win.Int, below string, pszPath win.Ptr) win.Status {
	f, ok := byNumber(csidl)
	if !ok {
		return win.ResultInvalidArg
	}
	path := f.resolved(c)
	if below != "" {
		path = guest.Join(path, below)
	}
	if csidl&flagDontVerify == 0 && !settle(c, path, csidl&flagCreate != 0) {
		return win.ErrPathNotFound.Result()
	}
	c.Write(pszPath, c.Encode(path))
	return 0
}

// https://learn.microsoft.com/windows/win32/api/shlobj_core/nf-shlobj_core-shgetspecialfolderpathw
func shGetSpecialFolderPath(c *win.Call, hwnd win.Handle, pszPath win.Ptr, csidl, fCreate win.Int) (win.Bool, win.Error) {
	if fCreate != 0 {
		csidl |= flagCreate
	}
	return folderPath(c, csidl, "", pszPath) == 0, 0
}

// shGetKnownFolderPath gives the path by GUID, in memory that CoTaskMemFree
// frees.
//
// https://learn.microsoft.com/windows/win32/api/shlobj_core/nf-shlobj_core-shgetknownfolderpath
func shGetKnownFolderPath(c *win.Call, rfid win.Ptr, dwFlags win.Hex, hToken win.Handle, ppszPath win.Out[uint64]) (win.Status, win.Error) {
	const create, dontVerify = 0x8000, 0x4000
	wanted := c.ReadGUID(rfid)
	ppszPath.Set(c, 0)
	for _, f := range folders {
		if win.IID(f.guid) != wanted {
			continue
		}
		path := f.resolved(c)
		if dwFlags&dontVerify == 0 && !settle(c, path, dwFlags&create != 0) {
			return win.ErrFileNotFound.Result(), 0
		}
		b := guest.UTF16(path)
		at := c.Heap.Alloc(uint64(len(b)))
		if at == 0 {
			return win.ResultOutOfMemory, 0
		}
		c.Write(win.Ptr(at), b)
		ppszPath.Set(c, at)
		return 0, 0
	}
	return win.ErrFileNotFound.Result(), 0
}
