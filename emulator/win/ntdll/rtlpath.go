package ntdll

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var rtlPathRows = win.Rows{
	win.Func1("RtlDetermineDosPathNameType_U", rtlDetermineDosPathNameType, "PathName"),
	win.Func1("RtlDoesFileExists_U", rtlDoesFileExists, "FileName"),
	win.Func4("RtlDosPathNameToNtPathName_U", rtlDosPathNameToNtPathName, "DosFileName NtFileName FilePart Reserved"),
	win.Func4("RtlDosPathNameToNtPathName_U_WithStatus", rtlDosPathNameToNtPathNameWithStatus, "DosFileName NtFileName FilePart Reserved"),
	win.Func3("RtlExpandEnvironmentStrings_U", rtlExpandEnvironmentStrings, "Environment Source Destination"),
	win.Func2("RtlGetCurrentDirectory_U", rtlGetCurrentDirectory, "BufferLength Buffer"),
	win.Func4("RtlGetFullPathName_U", rtlGetFullPathName, "FileName BufferLength Buffer FilePart"),
	win.Partial(win.Func3("RtlQueryEnvironmentVariable_U", rtlQueryEnvironmentVariable, "Environment Name Value"), "the process's own environment"),
	win.Partial(win.Func3("RtlSetEnvironmentVariable", rtlSetEnvironmentVariable, "Environment Name Value"), "the process's own environment"),
}

// Kinds of paths.
const (
	pathUNC           = 1 // \\server
	pathDriveAbsolute = 2 // C:\x
	pathDriveRelative = 3 // C:x
	pathRooted        = 4 // \x
	pathRelative      = 5 // x
	pathLocalDevice   = 6 // \\.\x
	pathRootDevice    = 7 // \\.
)

func slash(b byte) bool { return b == '\\' || b == '/' }

// rtlDetermineDosPathNameType tells the kind of a path.
func rtlDetermineDosPathNameType(_ *win.Call, PathName win.WStr) (win.DWORD, win.Error) {
	p := PathName.Text
	at := func(i int) byte {
		if i < len(p) {
			return p[i]
		}
		return 0
	}
	switch {
	case slash(at(0)) && slash(at(1)) && (at(2) == '.' || at(2) == '?') && slash(at(3)):
		return pathLocalDevice, 0
	case slash(at(0)) && slash(at(1)) && (at(2) == '.' || at(2) == '?') && at(3) == 0:
		return pathRootDevice, 0
	case slash(at(0)) && slash(at(1)):
		return pathUNC, 0
	case slash(at(0)):
		return pathRooted, 0
	case at(1) == ':' && slash(at(2)):
		return pathDriveAbsolute, 0
	case at(1) == ':':
		return pathDriveRelative, 0
	}
	return pathRelative, 0
}

// ntPath is a path in the object manager's name space.
func ntPath(c *win.Call, name string) string {
	for _, prefix := range []string{`\\?\`, `\\.\`, `\??\`} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return `\??\` + rest
		}
	}
	path := guest.FullPath(name, c.CurrentDirectory)
	if slash(name[len(name)-1]) && !strings.HasSuffix(path, `\`) {
		path += `\`
	}
	if rest, ok := strings.CutPrefix(path, `\\`); ok {
		return `\??\UNC\` + rest
	}
	return `\??\` + path
}

// rtlDosPathNameToNtPathName turns a path of Win32 into one of the object
// manager, with a buffer of its own.
func rtlDosPathNameToNtPathName(c *win.Call, DosFileName win.WStr, NtFileName win.Ptr, FilePart win.Out[uint64], Reserved win.Ptr) (win.BYTE, win.Error) {
	if status, _ := rtlDosPathNameToNtPathNameWithStatus(c, DosFileName, NtFileName, FilePart, Reserved); status != 0 {
		return 0, 0
	}
	return 1, 0
}

func rtlDosPathNameToNtPathNameWithStatus(c *win.Call, DosFileName win.WStr, NtFileName win.Ptr, FilePart win.Out[uint64], Reserved win.Ptr) (win.Status, win.Error) {
	if DosFileName.Text == "" {
		return statusObjectNameInvalid, 0
	}
	path := ntPath(c, DosFileName.Text)
	if status := convert(c, NtFileName, guest.UTF16(path), 2, true); status != 0 || c.Faulted() {
		return status, 0
	}
	part := uint64(0)
	if cut := strings.LastIndexByte(path, '\\') + 1; cut < len(path) {
		part = c.ReadUint(NtFileName+win.CountedBuffer, 8) + uint64(len(guest.UTF16(path[:cut]))-2)
	}
	FilePart.Set(c, part)
	if Reserved != 0 { // RTL_RELATIVE_NAME: nothing relative
		clear(c.Buffer(Reserved, 32))
	}
	return 0, 0
}

func rtlDoesFileExists(c *win.Call, FileName win.WStr) (win.BYTE, win.Error) {
	if FileName.Text != "" && c.Files.Get(guest.FullPath(FileName.Text, c.CurrentDirectory)) != nil {
		return 1, 0
	}
	return 0, 0
}

// storePath stores text and gives its size in bytes, or that which is needed.
func storePath(c *win.Call, at win.Ptr, room win.DWORD, path string) win.DWORD {
	b := guest.UTF16(path)
	if int(room) < len(b) {
		return win.DWORD(len(b))
	}
	c.Write(at, b)
	return win.DWORD(len(b) - 2)
}

func rtlGetCurrentDirectory(c *win.Call, BufferLength win.DWORD, Buffer win.Ptr) (win.DWORD, win.Error) {
	return storePath(c, Buffer, BufferLength, c.CurrentDirectory), 0
}

func rtlGetFullPathName(c *win.Call, FileName win.WStr, BufferLength win.DWORD, Buffer win.Ptr, FilePart win.Out[uint64]) (win.DWORD, win.Error) {
	if FileName.Text == "" {
		return 0, 0
	}
	path := guest.FullPath(FileName.Text, c.CurrentDirectory)
	n := storePath(c, Buffer, BufferLength, path)
	if cut := strings.LastIndexByte(path, '\\') + 1; n < BufferLength && cut < len(path) {
		FilePart.Set(c, uint64(Buffer)+uint64(len(guest.UTF16(path[:cut]))-2))
	}
	return n, 0
}

const statusVariableNotFound win.Status = 0xC0000100

// rtlQueryEnvironmentVariable stores a variable in a counted string.
func rtlQueryEnvironmentVariable(c *win.Call, Environment win.Ptr, Name win.UnicodeString, Value win.Ptr) (win.Status, win.Error) {
	if Environment != 0 {
		c.Gap("another environment")
	}
	value, ok := c.Variable(Name.Text)
	if !ok {
		return statusVariableNotFound, 0
	}
	b := guest.UTF16(value)
	room := c.ReadUint(Value+2, 2)
	c.WriteUint(Value, 2, uint64(len(b)-2))
	if room < uint64(len(b)-2) {
		return win.StatusBufferTooSmall, 0
	}
	c.Write(win.Ptr(c.ReadUint(Value+win.CountedBuffer, 8)), b[:min(uint64(len(b)), room)])
	return 0, 0
}

// rtlSetEnvironmentVariable sets a variable, or removes it without a value.
func rtlSetEnvironmentVariable(c *win.Call, Environment win.Ptr, Name, Value win.UnicodeString) (win.Status, win.Error) {
	if Environment != 0 {
		c.Gap("another environment")
	}
	switch {
	case Name.Text == "" || strings.Contains(Name.Text[1:], "="):
		return win.StatusInvalidParameter, 0
	case Value.Null():
		if !c.RemoveVariable(Name.Text) {
			return statusVariableNotFound, 0
		}
	case !c.SetVariable(Name.Text, Value.Text):
		return win.StatusNoMemory, 0
	}
	return 0, 0
}

// rtlExpandEnvironmentStrings replaces each %NAME% that is a variable.
func rtlExpandEnvironmentStrings(c *win.Call, Environment win.Ptr, Source win.UnicodeString, Destination win.Ptr) (win.Status, win.Error) {
	text, ok := c.ExpandVariables(Source.Text)
	if !ok {
		return win.StatusNoMemory, 0
	}
	return convert(c, Destination, guest.UTF16(text), 2, false), 0
}
