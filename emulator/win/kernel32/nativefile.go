package kernel32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

// FileServices are ntdll's system services for files.
func FileServices() win.Rows {
	return ntdll.Services(
		win.Partial(win.Func11("NtCreateFile", ntCreateFile,
			"FileHandle DesiredAccess ObjectAttributes IoStatusBlock AllocationSize FileAttributes ShareAccess CreateDisposition CreateOptions EaBuffer EaLength"), "devices"),
		win.Func1("NtDeleteFile", ntDeleteFile, "ObjectAttributes"),
		win.Func2("NtFlushBuffersFile", ntFlushBuffersFile, "FileHandle IoStatusBlock"),
		win.Partial(win.Func6("NtOpenFile", ntOpenFile, "FileHandle DesiredAccess ObjectAttributes IoStatusBlock ShareAccess OpenOptions"), "devices"),
		win.Func2("NtQueryAttributesFile", ntQueryAttributesFile, "ObjectAttributes FileInformation"),
		win.Partial(win.Func11("NtQueryDirectoryFile", ntQueryDirectoryFile,
			"FileHandle Event ApcRoutine ApcContext IoStatusBlock FileInformation Length FileInformationClass ReturnSingleEntry FileName RestartScan"), "one entry for each call"),
		win.Func2("NtQueryFullAttributesFile", ntQueryFullAttributesFile, "ObjectAttributes FileInformation"),
		win.Partial(win.Func5("NtQueryInformationFile", ntQueryInformationFile,
			"FileHandle IoStatusBlock FileInformation Length FileInformationClass"), "not every class"),
		win.Func9("NtReadFile", ntReadFile, "FileHandle Event ApcRoutine ApcContext IoStatusBlock Buffer Length ByteOffset Key"),
		win.Partial(win.Func5("NtSetInformationFile", ntSetInformationFile,
			"FileHandle IoStatusBlock FileInformation Length FileInformationClass"), "basic, rename, disposition, position, end of file"),
		win.Func9("NtWriteFile", ntWriteFile, "FileHandle Event ApcRoutine ApcContext IoStatusBlock Buffer Length ByteOffset Key"),
	)
}

// NTSTATUS values of files.
//
// https://learn.microsoft.com/openspecs/windows_protocols/ms-erref/596a1078-e883-4972-9bbc-49e60bebca55
const (
	statusNoMoreFiles       win.Status = 0x80000006
	statusEndOfFile         win.Status = 0xC0000011
	statusNoSuchFile        win.Status = 0xC000000F
	statusNameInvalid       win.Status = 0xC0000033
	statusNameNotFound      win.Status = 0xC0000034
	statusNameCollision     win.Status = 0xC0000035
	statusPathNotFound      win.Status = 0xC000003A
	statusPathSyntaxBad     win.Status = 0xC000003B
	statusSharingViolation  win.Status = 0xC0000043
	statusDiskFull          win.Status = 0xC000007F
	statusFileIsADirectory  win.Status = 0xC00000BA
	statusDirectoryNotEmpty win.Status = 0xC0000101
	statusNotADirectory     win.Status = 0xC0000103
	statusCannotDelete      win.Status = 0xC0000121
	statusPipeBroken        win.Status = 0xC000014B
)

// fileStatus is the status behind a last error of the file functions.
func fileStatus(e win.Error) win.Status {
	switch e {
	case 0:
		return 0
	case win.ErrFileNotFound:
		return statusNameNotFound
	case win.ErrPathNotFound:
		return statusPathNotFound
	case win.ErrAccessDenied:
		return win.StatusAccessDenied
	case win.ErrFileExists, win.ErrAlreadyExists:
		return statusNameCollision
	case win.ErrSharingViolation:
		return statusSharingViolation
	case win.ErrDiskFull:
		return statusDiskFull
	case win.ErrInvalidName:
		return statusNameInvalid
	case win.ErrHandleEOF:
		return statusEndOfFile
	case win.ErrInvalidHandle:
		return win.StatusInvalidHandle
	case win.ErrInvalidParameter:
		return win.StatusInvalidParameter
	case win.ErrNoAccess:
		return win.StatusAccessViolation
	case win.ErrDirNotEmpty:
		return statusDirectoryNotEmpty
	case win.ErrBrokenPipe:
		return statusPipeBroken
	case win.ErrMoreData:
		return 0x80000005 // STATUS_BUFFER_OVERFLOW
	case errBadLength:
		return win.StatusInfoLengthMismatch
	case win.ErrNoMoreFiles:
		return statusNoMoreFiles
	}
	return win.StatusUnsuccessful
}

// nativePath turns a name of the object manager into a path of Win32.
func nativePath(c *win.Call, a ntdll.Attributes) (string, win.Status) {
	name := a.Name()
	if root := a.Root(); root != 0 {
		f, ok := guest.Lookup[*guest.File](c.Handles, root.Guest())
		switch {
		case !ok:
			return "", win.StatusInvalidHandle
		case name == "":
			return f.Node.Path, 0
		case strings.HasPrefix(name, ":"):
			return f.Node.Path + name, 0
		}
		return guest.Join(f.Node.Path, name), 0
	}
	for _, prefix := range []struct{ native, path string }{
		{`\??\`, ""}, {`\DosDevices\`, ""}, {`\GLOBAL??\`, ""}, {volumeDevice + `\`, driveRoot}, {`\SystemRoot`, guest.WindowsDirectory},
	} {
		if len(name) >= len(prefix.native) && strings.EqualFold(name[:len(prefix.native)], prefix.native) {
			return prefix.path + name[len(prefix.native):], 0
		}
	}
	switch {
	case name == "":
		return "", statusPathSyntaxBad
	case name[0] != '\\':
		return "", statusPathSyntaxBad
	}
	c.Gap("object " + trace.Quote(name))
	return "", statusPathNotFound
}

// nodeOf finds the file that attributes name.
func nodeOf(c *win.Call, a ntdll.Attributes) (*guest.Node, win.Status) {
	path, status := nativePath(c, a)
	if status != 0 {
		return nil, status
	}
	n, err := existing(c, path)
	return n, fileStatus(err)
}

// ioStatus stores an IO_STATUS_BLOCK.
func ioStatus(c *win.Call, at win.Ptr, status win.Status, information uint64) {
	b := c.Buffer(at, 16)
	if b == nil {
		return
	}
	le.PutUint64(b, uint64(status))
	le.PutUint64(b[8:], information)
}

// Options of NtCreateFile.
const (
	optionDirectory     = 0x0001
	optionNonDirectory  = 0x0040
	optionDeleteOnClose = 0x1000
)

// ntCreateFile opens or makes a file or directory.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntcreatefile
func ntCreateFile(c *win.Call, FileHandle win.Out[uint64], DesiredAccess win.FileAccess, ObjectAttributes ntdll.Attributes, IoStatusBlock, AllocationSize win.Ptr, FileAttributes, ShareAccess win.Hex, CreateDisposition win.DWORD, CreateOptions win.Hex, EaBuffer win.Ptr, EaLength win.DWORD) (win.Status, win.Error) {
	if c.Buffer(FileHandle.Addr, 8) == nil || c.Buffer(IoStatusBlock, 16) == nil {
		return 0, 0
	}
	// FILE_SUPERSEDE, _OPEN, _CREATE, _OPEN_IF, _OVERWRITE, _OVERWRITE_IF
	dispositions := [...]win.Disposition{createAlways, openExisting, createNew, openAlways, truncateExisting, createAlways}
	if int(CreateDisposition) >= len(dispositions) || CreateOptions&(optionDirectory|optionNonDirectory) == optionDirectory|optionNonDirectory {
		return win.StatusInvalidParameter, 0
	}
	const deleteRights = 0x10000 | genericAll | maximumAllowed
	if CreateOptions&optionDeleteOnClose != 0 && DesiredAccess&deleteRights == 0 {
		return win.StatusInvalidParameter, 0
	}
	name, status := nativePath(c, ObjectAttributes)
	if status != 0 {
		return status, 0
	}
	const superseded, opened, created, overwritten = 0, 1, 2, 3
	if o := device(name, DesiredAccess); o != nil {
		FileHandle.Set(c, uint64(c.Handles.Add(o)))
		ioStatus(c, IoStatusBlock, 0, opened)
		return 0, 0
	}
	path, err := resolve(c, name)
	if err != 0 {
		return fileStatus(err), 0
	}
	disposition := dispositions[CreateDisposition]
	n := c.Files.Get(path)
	switch {
	case CreateOptions&optionDirectory != 0 && n != nil && !n.Directory:
		return statusNotADirectory, 0
	case CreateOptions&optionNonDirectory != 0 && n != nil && n.Directory:
		return statusFileIsADirectory, 0
	case CreateOptions&optionDirectory != 0 && n == nil && disposition != openExisting && disposition != truncateExisting:
		if err := c.Files.CreateDirectory(strings.Clone(path)); err != nil {
			return fileStatus(fileError(err)), 0
		}
		FileHandle.Set(c, uint64(c.Handles.Add(&guest.File{Node: c.Files.Get(path), Share: guest.Share(ShareAccess)})))
		ioStatus(c, IoStatusBlock, 0, created)
		return 0, 0
	}
	o := opening{c: c, path: path, access: DesiredAccess, share: guest.Share(ShareAccess), disposition: disposition, flags: uint32(FileAttributes) | flagBackupSemantics}
	f, existed, err := o.open()
	if err != 0 {
		return fileStatus(err), 0
	}
	f.DeleteOnClose = CreateOptions&optionDeleteOnClose != 0
	FileHandle.Set(c, uint64(c.Handles.Add(f)))
	information := uint64(opened)
	switch {
	case !existed:
		information = created
	case CreateDisposition == 0:
		information = superseded
	case disposition == createAlways || disposition == truncateExisting:
		information = overwritten
	}
	ioStatus(c, IoStatusBlock, 0, information)
	return 0, 0
}

// ntOpenFile opens a file that exists.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntopenfile
func ntOpenFile(c *win.Call, FileHandle win.Out[uint64], DesiredAccess win.FileAccess, ObjectAttributes ntdll.Attributes, IoStatusBlock win.Ptr, ShareAccess, OpenOptions win.Hex) (win.Status, win.Error) {
	const open = 1
	return ntCreateFile(c, FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, 0, 0, ShareAccess, open, OpenOptions, 0, 0)
}

// ntDeleteFile removes a file by name.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwdeletefile
func ntDeleteFile(c *win.Call, ObjectAttributes ntdll.Attributes) (win.Status, win.Error) {
	n, status := nodeOf(c, ObjectAttributes)
	if status != 0 {
		return status, 0
	}
	if mapped(c, n) {
		return statusCannotDelete, 0
	}
	return fileStatus(erase(c, n)), 0
}

func ntFlushBuffersFile(c *win.Call, FileHandle win.Handle, IoStatusBlock win.Ptr) (win.Status, win.Error) {
	_, err := flushFileBuffers(c, FileHandle)
	if err == 0 {
		ioStatus(c, IoStatusBlock, 0, 0)
	}
	return fileStatus(err), 0
}

// offsetOf is where a transfer begins: at ByteOffset, or, for none and for -2,
// at the file's pointer.
func offsetOf(c *win.Call, f *guest.File, at win.Ptr) int64 {
	if at == 0 {
		return f.Position
	}
	v := int64(c.ReadUint(at, 8))
	if v == -2 {
		return f.Position
	}
	return v
}

// ntReadFile reads from a file; it is done when the call returns.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntreadfile
func ntReadFile(c *win.Call, FileHandle, Event win.Handle, ApcRoutine, ApcContext, IoStatusBlock, Buffer win.Ptr, Length win.DWORD, ByteOffset, Key win.Ptr) (win.Status, win.Error) {
	if c.Buffer(IoStatusBlock, 16) == nil {
		return 0, 0
	}
	var n win.DWORD
	var err win.Error
	switch o := c.Handles.Get(FileHandle.Guest()).(type) {
	case *guest.File:
		o.Position = offsetOf(c, o, ByteOffset)
		if o.Read && o.Position >= o.Node.Size() && Length > 0 {
			ioStatus(c, IoStatusBlock, statusEndOfFile, 0)
			return statusEndOfFile, 0
		}
		n, err = readDisk(c, o, Buffer, Length, 0)
	case *guest.Pipe:
		n, err = readPipe(c, o, Buffer, Length)
	default:
		err = win.ErrInvalidHandle
	}
	return transferDone(c, Event, ApcRoutine, IoStatusBlock, n, err), 0
}

// transferDone reports the end of a transfer.
func transferDone(c *win.Call, event win.Handle, routine, block win.Ptr, n win.DWORD, err win.Error) win.Status {
	if c.Faulted() {
		return 0
	}
	if routine != 0 {
		c.Gap("a routine to be called when the transfer is done")
	}
	if err != 0 {
		return fileStatus(err)
	}
	ioStatus(c, block, 0, uint64(n))
	if e, ok := guest.Lookup[*guest.Event](c.Handles, event.Guest()); ok {
		e.Set = true
	}
	return 0
}

// ntWriteFile writes to a file; an offset of -1 is its end.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntwritefile
func ntWriteFile(c *win.Call, FileHandle, Event win.Handle, ApcRoutine, ApcContext, IoStatusBlock, Buffer win.Ptr, Length win.DWORD, ByteOffset, Key win.Ptr) (win.Status, win.Error) {
	data := c.Bytes(Buffer, uint64(Length))
	if c.Faulted() || c.Buffer(IoStatusBlock, 16) == nil {
		return 0, 0
	}
	n := Length
	var err win.Error
	switch o := c.Handles.Get(FileHandle.Guest()).(type) {
	case *guest.File:
		if !o.Write {
			err = win.ErrAccessDenied
			break
		}
		if o.Position = offsetOf(c, o, ByteOffset); o.Position == -1 {
			o.Position = o.Node.Size()
		}
		err = writeDisk(c, o, data, 0)
	case *guest.Pipe:
		n, err = writePipe(c, o, data)
	case *guest.Console:
		c.Print(o, data)
	case *nullDevice:
	default:
		err = win.ErrInvalidHandle
	}
	return transferDone(c, Event, ApcRoutine, IoStatusBlock, n, err), 0
}

// ntQueryAttributesFile stores times and attributes of a file by name.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwqueryfullattributesfile
func ntQueryAttributesFile(c *win.Call, ObjectAttributes ntdll.Attributes, FileInformation win.Ptr) (win.Status, win.Error) {
	n, status := nodeOf(c, ObjectAttributes)
	if status == 0 {
		c.Write(FileInformation, basicInfo(n))
	}
	return status, 0
}

func ntQueryFullAttributesFile(c *win.Call, ObjectAttributes ntdll.Attributes, FileInformation win.Ptr) (win.Status, win.Error) {
	n, status := nodeOf(c, ObjectAttributes)
	if status == 0 {
		c.Write(FileInformation, networkOpen(n))
	}
	return status, 0
}

// networkOpen lays out a FILE_NETWORK_OPEN_INFORMATION.
func networkOpen(n *guest.Node) []byte {
	b := make([]byte, 56)
	basic := basicInfo(n)
	copy(b, basic[:32])
	if !n.Directory {
		le.PutUint64(b[32:], allocated(n))
		le.PutUint64(b[40:], uint64(n.Size()))
	}
	copy(b[48:], basic[32:36])
	return b
}
