package kernel32

import (
	"errors"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var fileRows = win.Rows{
	win.Partial(win.Func7("CreateFile{A,W}", createFile,
		"lpFileName dwDesiredAccess dwShareMode lpSecurityAttributes dwCreationDisposition dwFlagsAndAttributes hTemplateFile"),
		"devices and network paths"),
	win.Func1("FlushFileBuffers", flushFileBuffers, "hFile"),
	win.Func2("GetFileSize", getFileSize, "hFile lpFileSizeHigh"),
	win.Func2("GetFileSizeEx", getFileSizeEx, "hFile lpFileSize"),
	win.Func1("GetFileType", getFileType, "hFile"),
	win.Func5("ReadFile", readFile, "hFile lpBuffer nNumberOfBytesToRead lpNumberOfBytesRead lpOverlapped"),
	win.Func1("SetEndOfFile", setEndOfFile, "hFile"),
	win.Func4("SetFilePointer", setFilePointer, "hFile lDistanceToMove lpDistanceToMoveHigh dwMoveMethod"),
	win.Func4("SetFilePointerEx", setFilePointerEx, "hFile liDistanceToMove lpNewFilePointer dwMoveMethod"),
	win.Func5("WriteFile", writeFile, "hFile lpBuffer nNumberOfBytesToWrite lpNumberOfBytesWritten lpOverlapped"),
}

// nullDevice is an opening of NUL.
type nullDevice struct{}

func (*nullDevice) Type() string { return "File" }

// fileError gives the last error for a reason of the disk.
func fileError(err error) win.Error {
	for _, known := range []struct {
		is   error
		code win.Error
	}{
		{guest.ErrFileNotFound, win.ErrFileNotFound},
		{guest.ErrPathNotFound, win.ErrPathNotFound},
		{guest.ErrFileExists, win.ErrFileExists},
		{guest.ErrSharingViolation, win.ErrSharingViolation},
		{guest.ErrIsDirectory, win.ErrAccessDenied},
		{guest.ErrDiskFull, win.ErrDiskFull},
	} {
		if errors.Is(err, known.is) {
			return known.code
		}
	}
	return win.ErrInvalidFunction
}

// resolve makes a file name a full path and refuses what cannot be one.
func resolve(c *win.Call, name string) (string, win.Error) {
	if name == "" {
		return "", win.ErrPathNotFound
	}
	path := guest.FullPath(name, c.CurrentDirectory)
	switch {
	case strings.HasPrefix(path, `\\.\`):
		c.Gap("device " + trace.Quote(name))
		return "", win.ErrFileNotFound
	case strings.HasPrefix(path, `\\`):
		c.Gap("network path " + trace.Quote(name))
		return "", win.ErrBadNetPath
	case strings.ContainsAny(path, "<>\"|?*"):
		return "", win.ErrInvalidName
	}
	file, stream, ok := guest.SplitStream(path)
	switch {
	case !ok:
		return "", win.ErrInvalidName
	case stream != "":
		return file + ":" + stream, 0
	}
	return file, 0
}

// existing finds the file or directory of a name.
func existing(c *win.Call, name string) (*guest.Node, win.Error) {
	path, err := resolve(c, name)
	if err != 0 {
		return nil, err
	}
	n := c.Files.Get(path)
	if n == nil {
		return nil, fileError(c.Files.Missing(path))
	}
	return n, 0
}

// mapped reports whether a file is the image of a loaded module, which
// Windows lets nobody write to or delete.
func mapped(c *win.Call, n *guest.Node) bool {
	if c.State[leftKey{n}] != nil {
		return false
	}
	for _, m := range c.Modules() {
		if strings.EqualFold(m.Path, n.Path) {
			return true
		}
	}
	return false
}

// Access rights, dispositions, flags and attributes of CreateFile.
const (
	genericRead    = 0x80000000
	genericWrite   = 0x40000000
	genericAll     = 0x10000000
	maximumAllowed = 0x02000000
	fileReadData   = 0x0001
	fileWriteData  = 0x0002
	fileAppendData = 0x0004

	createNew        = 1
	createAlways     = 2
	openExisting     = 3
	openAlways       = 4
	truncateExisting = 5

	flagDeleteOnClose   = 0x04000000
	flagBackupSemantics = 0x02000000
	attributeReadOnly   = 0x0001
	attributeHidden     = 0x0002
	attributeSystem     = 0x0004
	attributeDirectory  = 0x0010
	attributeNormal     = 0x0080
	attributeTemporary  = 0x0100
	attributeOffline    = 0x1000
	attributeNotIndexed = 0x2000
	attributesSettable  = attributeReadOnly | attributeHidden | attributeSystem | guest.AttributeArchive | attributeTemporary | attributeOffline | attributeNotIndexed
	attributesOverwrite = attributeHidden | attributeSystem
	readRights          = genericRead | genericAll | maximumAllowed | fileReadData
	writeRights         = genericWrite | genericAll | maximumAllowed | fileWriteData
	truncateNeedsRight  = genericWrite | genericAll
)

// createFile opens or makes a file, or opens the console or NUL.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createfilew
func createFile(c *win.Call, lpFileName win.TStr, dwDesiredAccess win.FileAccess, dwShareMode win.Hex, lpSecurityAttributes win.Ptr,
	dwCreationDisposition win.Disposition, dwFlagsAndAttributes win.Hex, hTemplateFile win.Handle) (win.FileHandle, win.Error) {
	if dwCreationDisposition < createNew || dwCreationDisposition > truncateExisting ||
		dwCreationDisposition == truncateExisting && dwDesiredAccess&truncateNeedsRight == 0 {
		return 0, win.ErrInvalidParameter
	}
	if name, ok := pipeName(lpFileName.Text); ok {
		return openPipe(c, name, dwDesiredAccess, dwCreationDisposition, dwFlagsAndAttributes)
	}
	if o := device(lpFileName.Text, dwDesiredAccess); o != nil {
		c.SetLastError(0)
		return win.FileHandle(c.Handles.Add(o)), 0
	}
	path, err := resolve(c, lpFileName.Text)
	if err != 0 {
		return 0, err
	}
	o := opening{
		c: c, path: path, access: dwDesiredAccess, share: guest.Share(dwShareMode),
		disposition: dwCreationDisposition, flags: uint32(dwFlagsAndAttributes),
	}
	f, existed, err := o.open()
	if err != 0 {
		return 0, err
	}
	f.DeleteOnClose = dwFlagsAndAttributes&flagDeleteOnClose != 0
	c.SetLastError(0)
	if existed && (dwCreationDisposition == createAlways || dwCreationDisposition == openAlways) {
		c.SetLastError(win.ErrAlreadyExists)
	}
	return win.FileHandle(c.Handles.Add(f)), 0
}

// device opens what has a name and is no file.
func device(name string, access win.FileAccess) guest.Object {
	switch strings.ToUpper(strings.TrimPrefix(name, `\\.\`)) {
	case "NUL":
		return &nullDevice{}
	case "CONIN$":
		return &guest.Console{Stream: consoleInput}
	case "CONOUT$":
		return &guest.Console{Stream: "stdout"}
	case "CON":
		if access&writeRights != 0 {
			return &guest.Console{Stream: "stdout"}
		}
		return &guest.Console{Stream: consoleInput}
	}
	return nil
}

// opening is what CreateFile was asked for.
type opening struct {
	c           *win.Call
	path        string
	access      win.FileAccess
	share       guest.Share
	disposition win.Disposition
	flags       uint32
}

// open applies the disposition to what is there.
func (o *opening) open() (f *guest.File, existed bool, err win.Error) {
	n := o.c.Files.Get(o.path)
	switch {
	case n == nil && (o.disposition == openExisting || o.disposition == truncateExisting):
		return nil, false, fileError(o.c.Files.Missing(o.path))
	case n == nil:
		f, err = o.create()
		return f, false, err
	case o.disposition == createNew:
		return nil, true, win.ErrFileExists
	case n.Directory:
		f, err = o.directory(n)
		return f, true, err
	}
	f, err = o.existing(n)
	return f, true, err
}

func (o *opening) rights() (read, write, appends bool) {
	read = o.access&readRights != 0
	write = o.access&writeRights != 0
	appends = !write && o.access&fileAppendData != 0
	return read, write || appends, appends
}

func (o *opening) create() (*guest.File, win.Error) {
	if file, stream, _ := guest.SplitStream(o.path); stream != "" && o.c.Files.Get(file) == nil {
		if _, err := o.c.Files.Create(strings.Clone(file)); err != nil { // the file comes with its first stream
			return nil, fileError(err)
		}
	}
	n, err := o.c.Files.Create(strings.Clone(o.path))
	if err != nil {
		return nil, fileError(err)
	}
	n.Attributes |= o.flags & attributesSettable
	f, code := o.file(n)
	if code == 0 {
		o.c.Emit(trace.FileCreate{Path: n.Path})
	}
	return f, code
}

// directory gives a handle to ask a directory's properties with.
func (o *opening) directory(n *guest.Node) (*guest.File, win.Error) {
	if o.flags&flagBackupSemantics == 0 || o.disposition != openExisting && o.disposition != openAlways {
		return nil, win.ErrAccessDenied
	}
	return &guest.File{Node: n, Share: o.share}, 0
}

func (o *opening) existing(n *guest.Node) (*guest.File, win.Error) {
	_, write, _ := o.rights()
	overwrite := o.disposition == createAlways || o.disposition == truncateExisting
	switch {
	case (write || overwrite) && mapped(o.c, n):
		return nil, win.ErrSharingViolation
	case (write || overwrite) && n.Attributes&attributeReadOnly != 0:
		return nil, win.ErrAccessDenied
	case o.disposition == createAlways && n.Attributes&attributesOverwrite&^o.flags != 0:
		return nil, win.ErrAccessDenied // a hidden file is overwritten by a hidden one only
	}
	f, err := o.file(n)
	if err != 0 || !overwrite {
		return f, err
	}
	if err := o.c.Files.Resize(n, 0); err != nil {
		o.c.Files.Close(f)
		return nil, fileError(err)
	}
	if o.disposition == createAlways {
		n.Attributes = o.flags&attributesSettable | guest.AttributeArchive
	}
	o.c.Emit(trace.FileCreate{Path: n.Path, Existed: true})
	return f, 0
}

func (o *opening) file(n *guest.Node) (*guest.File, win.Error) {
	read, write, appends := o.rights()
	f, err := o.c.Files.Open(n, read, write, o.share)
	if err != nil {
		return nil, fileError(err)
	}
	f.Append = appends
	return f, 0
}

// diskFile finds an open file or directory.
func diskFile(c *win.Call, h win.Handle) (*guest.File, win.Error) {
	switch o := c.Handles.Get(h.Guest()).(type) {
	case *guest.File:
		return o, 0
	case *guest.Console, *guest.Pipe, *pipeEnd, *nullDevice:
		return nil, win.ErrInvalidFunction
	}
	return nil, win.ErrInvalidHandle
}

// flushFileBuffers has nothing to do: writing is never delayed.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-flushfilebuffers
func flushFileBuffers(c *win.Call, hFile win.Handle) (win.Bool, win.Error) {
	switch o := c.Handles.Get(hFile.Guest()).(type) {
	case *guest.File:
		if !o.Write {
			return false, win.ErrAccessDenied
		}
		return true, 0
	case *pipeEnd:
		o.flush(c)
		return true, 0
	case *guest.Pipe, *nullDevice:
		return true, 0
	}
	return false, win.ErrInvalidHandle
}

// getFileSize is the size's low half; the high half is stored.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfilesize
func getFileSize(c *win.Call, hFile win.Handle, lpFileSizeHigh win.Out[uint32]) (win.SizeFail, win.Error) {
	f, err := diskFile(c, hFile)
	if err != 0 {
		return 0, err
	}
	lpFileSizeHigh.Set(c, uint32(f.Node.Size()>>32))
	return win.SizeFail(f.Node.Size()), 0
}

// getFileSizeEx stores the size of an open file.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfilesizeex
func getFileSizeEx(c *win.Call, hFile win.Handle, lpFileSize win.Out[uint64]) (win.Bool, win.Error) {
	f, err := diskFile(c, hFile)
	if err != 0 {
		return false, err
	}
	lpFileSize.Set(c, uint64(f.Node.Size()))
	return true, 0
}

// getFileType tells files, consoles and pipes apart.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfiletype
func getFileType(c *win.Call, hFile win.Handle) (win.DWORD, win.Error) {
	const disk, character, pipe = 1, 2, 3
	switch c.Handles.Get(hFile.Guest()).(type) {
	case *guest.File:
		return disk, 0
	case *guest.Console, *nullDevice:
		return character, 0
	case *guest.Pipe, *pipeEnd:
		return pipe, 0
	}
	return 0, win.ErrInvalidHandle
}
