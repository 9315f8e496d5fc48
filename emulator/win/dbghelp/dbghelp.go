// Package dbghelp has the handlers of dbghelp.dll and imagehlp.dll that look
// at images and make folders. Symbols, stacks and dumps are gaps.
package dbghelp

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// Tables returns dbghelp.dll, dbgcore.dll and imagehlp.dll.
func Tables() []win.Table {
	return []win.Table{
		win.DLL("dbghelp.dll", imageRows, folderRows, symbolRows, dumpRows),
		win.DLL("dbgcore.dll", dumpRows),
		win.DLL("imagehlp.dll", imageRows, folderRows, symbolRows),
	}
}

var imageRows = win.Rows{
	win.Forward("ImageDirectoryEntryToData", "ntdll.RtlImageDirectoryEntryToData"),
	win.Forward("ImageNtHeader", "ntdll.RtlImageNtHeader"),
	win.Forward("ImageRvaToSection", "ntdll.RtlImageRvaToSection"),
	win.Forward("ImageRvaToVa", "ntdll.RtlImageRvaToVa"),
}

var folderRows = win.Rows{
	win.Func1("MakeSureDirectoryPathExists", makeSureDirectoryPathExists, "DirPath"),
}

// makeSureDirectoryPathExists makes the folders of a path. What follows its
// last backslash is a file's name.
//
// https://learn.microsoft.com/windows/win32/api/dbghelp/nf-dbghelp-makesuredirectorypathexists
func makeSureDirectoryPathExists(c *win.Call, DirPath win.AStr) (win.Bool, win.Error) {
	i := strings.LastIndexByte(DirPath.Text, '\\')
	if i < 0 {
		return true, 0
	}
	full := guest.FullPath(DirPath.Text[:i], c.CurrentDirectory)
	if n := c.Files.Get(full); n != nil {
		if !n.Directory {
			return false, win.ErrDirectory
		}
		return true, 0
	}
	for up := full; ; up = guest.Folder(up) {
		if n := c.Files.Get(up); n != nil && !n.Directory {
			return false, win.ErrPathNotFound
		}
		if guest.Folder(up) == up {
			break
		}
	}
	full = strings.Clone(full)
	c.Files.MakeDirectory(full)
	c.Emit(trace.FileCreate{Path: full})
	return true, 0
}

const symbols = "there are no symbols"

var symbolRows = win.Rows{
	win.Func1("SymCleanup", symCleanup, "hProcess"),
	win.Func0("SymGetOptions", symGetOptions),
	win.Partial(win.Func3("SymInitialize", symInitialize, "hProcess UserSearchPath fInvadeProcess"), symbols),
	win.Partial(win.Func3("SymInitializeW", symInitialize, "hProcess UserSearchPath fInvadeProcess"), symbols),
	win.Func1("SymSetOptions", symSetOptions, "SymOptions"),
}

// session is a process's symbols, and the options of all of them.
type session struct {
	open    map[win.Handle]bool
	options uint32
}

type sessionKey struct{}

func of(c *win.Call) *session {
	s, ok := c.State[sessionKey{}].(*session)
	if !ok {
		const undecorated = 0x02 // SYMOPT_UNDNAME
		s = &session{map[win.Handle]bool{}, undecorated}
		c.State[sessionKey{}] = s
	}
	return s
}

// symInitialize begins the use of symbols, of which the machine has none.
//
// https://learn.microsoft.com/windows/win32/api/dbghelp/nf-dbghelp-syminitialize
func symInitialize(c *win.Call, hProcess win.Handle, UserSearchPath win.Ptr, fInvadeProcess win.Int) (win.Bool, win.Error) {
	const most = 256
	s := of(c)
	if hProcess == 0 || s.open[hProcess] || len(s.open) >= most {
		return false, win.ErrInvalidParameter
	}
	s.open[hProcess] = true
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/dbghelp/nf-dbghelp-symcleanup
func symCleanup(c *win.Call, hProcess win.Handle) (win.Bool, win.Error) {
	s := of(c)
	if !s.open[hProcess] {
		return false, win.ErrInvalidHandle
	}
	delete(s.open, hProcess)
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/dbghelp/nf-dbghelp-symsetoptions
func symSetOptions(c *win.Call, SymOptions win.Hex) (win.DWORD, win.Error) {
	of(c).options = uint32(SymOptions)
	return win.DWORD(SymOptions), 0
}

func symGetOptions(c *win.Call) (win.DWORD, win.Error) { return win.DWORD(of(c).options), 0 }

var dumpRows = win.Rows{
	win.Partial(win.Func7("MiniDumpWriteDump", miniDumpWriteDump, "hProcess ProcessId hFile DumpType ExceptionParam UserStreamParam CallbackParam"), "writes nothing"),
}

// miniDumpWriteDump is a gap that names whose memory was asked for.
//
// https://learn.microsoft.com/windows/win32/api/minidumpapiset/nf-minidumpapiset-minidumpwritedump
func miniDumpWriteDump(c *win.Call, hProcess win.Handle, ProcessId win.DWORD, hFile win.Handle, DumpType win.Hex, ExceptionParam, UserStreamParam, CallbackParam win.Ptr) (win.Bool, win.Error) {
	const eNotImplemented win.Error = 0x80004001 // the last error is an HRESULT
	target := "the process itself"
	if uint32(ProcessId) != c.ID {
		target = "no process"
		if o := c.Other(uint32(ProcessId)); o != nil {
			target = o.Name
		}
	}
	c.Gap("a dump of " + target)
	return false, eNotImplemented
}
