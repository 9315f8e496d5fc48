package kernel32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var copyRows = win.Rows{
	win.Stub("AreFileApisANSI", win.Bool(true), ""),
	win.Func6("CopyFileEx{A,W}", copyFileEx, "lpExistingFileName lpNewFileName lpProgressRoutine lpData pbCancel dwCopyFlags"),
	win.Func4("CreateDirectoryEx{A,W}", createDirectoryEx, "lpTemplateDirectory lpNewDirectory lpSecurityAttributes hTemplate"),
	win.Func5("CreateFile2", createFile2, "lpFileName dwDesiredAccess dwShareMode dwCreationDisposition pCreateExParams"),
	win.Func2("GetCompressedFileSize{A,W}", getCompressedFileSize, "lpFileName lpFileSizeHigh"),
	win.Func5("LockFile", lockFile, "hFile dwFileOffsetLow dwFileOffsetHigh nNumberOfBytesToLockLow nNumberOfBytesToLockHigh"),
	win.Func6("LockFileEx", lockFileEx, "hFile dwFlags dwReserved nNumberOfBytesToLockLow nNumberOfBytesToLockHigh lpOverlapped"),
	win.Func5("MoveFileWithProgress{A,W}", moveFileWithProgress, "lpExistingFileName lpNewFileName lpProgressRoutine lpData dwFlags"),
	win.Func1("NeedCurrentDirectoryForExePath{A,W}", needCurrentDirectoryForExePath, "ExeName"),
	win.Func6("ReplaceFile{A,W}", replaceFile, "lpReplacedFileName lpReplacementFileName lpBackupFileName dwReplaceFlags lpExclude lpReserved"),
	win.Func6("SearchPath{A,W}", searchPath, "lpPath lpFileName lpExtension nBufferLength lpBuffer lpFilePart"),
	win.Stub("SetFileApisToANSI", win.Void{}, ""),
	win.Stub("SetFileApisToOEM", win.Void{}, ""),
	win.Func2("SetFileValidData", setFileValidData, "hFile ValidDataLength"),
	win.Func5("UnlockFile", unlockFile, "hFile dwFileOffsetLow dwFileOffsetHigh nNumberOfBytesToUnlockLow nNumberOfBytesToUnlockHigh"),
	win.Func5("UnlockFileEx", unlockFileEx, "hFile dwReserved nNumberOfBytesToUnlockLow nNumberOfBytesToUnlockHigh lpOverlapped"),
	win.Func1("_lclose", lclose, "hFile"),
	win.Func2("_lcreat", lcreat, "lpPathName iAttribute"),
	win.Func3("_llseek", llseek, "hFile lOffset iOrigin"),
	win.Func2("_lopen", lopen, "lpPathName iReadWrite"),
	win.Func3("_lread", lread, "hFile lpBuffer uBytes"),
	win.Func3("_lwrite", lwrite, "hFile lpBuffer uBytes"),
	win.Func3("_hread", lread, "hFile lpBuffer uBytes"),
	win.Func3("_hwrite", lwrite, "hFile lpBuffer uBytes"),
}

// What a progress routine answers, and why it is called.
const (
	progressContinue = 0
	progressCancel   = 1
	progressStop     = 2
	progressQuiet    = 3

	chunkFinished  = 0
	streamSwitched = 1

	errRequestAborted win.Error = 1235
)

// progress calls a progress routine; false ends the copy.
func progress(c *win.Call, routine win.Ptr, size, done int64, reason uint64, data win.Ptr) (goOn, quiet bool) {
	answer := c.CallGuest(routine, uint64(size), uint64(done), uint64(size), uint64(done), 1, reason, 0, 0, uint64(data))
	return uint32(answer) != progressCancel && uint32(answer) != progressStop, uint32(answer) == progressQuiet
}

// copyFileEx copies a file and tells a routine how far it is: once at the
// start and once at the end, for files are copied at once.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-copyfileexw
func copyFileEx(c *win.Call, lpExistingFileName, lpNewFileName win.TStr, lpProgressRoutine, lpData win.Ptr, pbCancel win.Out[uint32], dwCopyFlags win.Hex) (win.Bool, win.Error) {
	const failIfExists = 1
	if pbCancel.Get(c) != 0 {
		return false, errRequestAborted
	}
	if lpProgressRoutine == 0 {
		return copyFile(c, lpExistingFileName, lpNewFileName, win.Int(dwCopyFlags&failIfExists))
	}
	from, err := existing(c, lpExistingFileName.Text)
	if err != 0 {
		return false, err
	}
	ok, err := copyFile(c, lpExistingFileName, lpNewFileName, win.Int(dwCopyFlags&failIfExists))
	if err != 0 || !bool(ok) {
		return false, err
	}
	goOn, quiet := progress(c, lpProgressRoutine, from.Size(), 0, streamSwitched, lpData)
	if goOn && !quiet && from.Size() > 0 {
		goOn, _ = progress(c, lpProgressRoutine, from.Size(), from.Size(), chunkFinished, lpData)
	}
	if !goOn || pbCancel.Get(c) != 0 {
		if n, err := existing(c, lpNewFileName.Text); err == 0 {
			erase(c, n)
		}
		return false, errRequestAborted
	}
	return true, 0
}

// createDirectoryEx makes a directory with the attributes of another one.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-createdirectoryexw
func createDirectoryEx(c *win.Call, lpTemplateDirectory, lpNewDirectory win.TStr, lpSecurityAttributes, hTemplate win.Ptr) (win.Bool, win.Error) {
	template, err := existing(c, lpTemplateDirectory.Text)
	switch {
	case err != 0:
		return false, err
	case !template.Directory:
		return false, win.ErrDirectory
	}
	ok, err := createDirectory(c, lpNewDirectory, lpSecurityAttributes)
	if n, missing := existing(c, lpNewDirectory.Text); bool(ok) && missing == 0 {
		n.Attributes = template.Attributes
	}
	return ok, err
}

// createFile2 is CreateFile with the rarer parameters in a structure.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createfile2
func createFile2(c *win.Call, lpFileName win.WStr, dwDesiredAccess win.FileAccess, dwShareMode win.Hex, dwCreationDisposition win.Disposition, pCreateExParams win.Ptr) (win.FileHandle, win.Error) {
	flags := win.Hex(0)
	if pCreateExParams != 0 {
		b := c.Bytes(pCreateExParams, 16)
		if b == nil {
			return 0, 0
		}
		flags = win.Hex(le.Uint32(b[4:]) | le.Uint32(b[8:]))
	}
	return createFile(c, win.TStr(lpFileName), dwDesiredAccess, dwShareMode, 0, dwCreationDisposition, flags, 0)
}

// getCompressedFileSize is the size on the disk: files are not compressed.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getcompressedfilesizew
func getCompressedFileSize(c *win.Call, lpFileName win.TStr, lpFileSizeHigh win.Out[uint32]) (win.SizeFail, win.Error) {
	n, err := existing(c, lpFileName.Text)
	if err != 0 {
		return 0, err
	}
	c.SetLastError(0)
	lpFileSizeHigh.Set(c, uint32(n.Size()>>32))
	return win.SizeFail(n.Size()), 0
}

// lock is a locked range of a file.
type lock struct {
	file        *guest.File
	start, size uint64
	exclusive   bool
}

type locksKey struct{ *guest.Node }

const (
	errLockViolation win.Error = 33
	errLockFailed    win.Error = 167
	mostLocks                  = 1024
)

func addLock(c *win.Call, h win.Handle, start, size uint64, exclusive bool) win.Error {
	f, err := diskFile(c, h)
	if err != 0 {
		return err
	}
	list, _ := c.State[locksKey{f.Node}].([]lock)
	for _, l := range list {
		overlap := start < l.start+l.size && l.start < start+size
		if overlap && (exclusive || l.exclusive) {
			return errLockViolation
		}
	}
	if len(list) >= mostLocks {
		return errLockFailed
	}
	c.State[locksKey{f.Node}] = append(list, lock{f, start, size, exclusive})
	return 0
}

func takeLock(c *win.Call, h win.Handle, start, size uint64) win.Error {
	f, err := diskFile(c, h)
	if err != 0 {
		return err
	}
	list, _ := c.State[locksKey{f.Node}].([]lock)
	for i, l := range list {
		if l.file == f && l.start == start && l.size == size {
			c.State[locksKey{f.Node}] = append(list[:i:i], list[i+1:]...)
			return 0
		}
	}
	return errNotLocked
}

// lockFile locks a range of a file for this opening alone.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-lockfile
func lockFile(c *win.Call, hFile win.Handle, dwFileOffsetLow, dwFileOffsetHigh, nNumberOfBytesToLockLow, nNumberOfBytesToLockHigh win.DWORD) (win.Bool, win.Error) {
	err := addLock(c, hFile, wide(dwFileOffsetLow, dwFileOffsetHigh), wide(nNumberOfBytesToLockLow, nNumberOfBytesToLockHigh), true)
	return err == 0, err
}

func wide(low, high win.DWORD) uint64 { return uint64(high)<<32 | uint64(low) }

// lockFileEx locks a range for this opening alone, or for readers. A lock that
// would have to be waited for fails.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-lockfileex
func lockFileEx(c *win.Call, hFile win.Handle, dwFlags win.Hex, dwReserved, nNumberOfBytesToLockLow, nNumberOfBytesToLockHigh win.DWORD, lpOverlapped win.Ptr) (win.Bool, win.Error) {
	const failImmediately, exclusive = 1, 2
	if dwReserved != 0 {
		return false, win.ErrInvalidParameter
	}
	start := c.ReadUint(lpOverlapped+overlappedOffset, 8)
	if c.Faulted() {
		return false, 0
	}
	err := addLock(c, hFile, start, wide(nNumberOfBytesToLockLow, nNumberOfBytesToLockHigh), dwFlags&exclusive != 0)
	if err == errLockViolation && dwFlags&failImmediately == 0 {
		c.Gap("waiting for a lock of a file")
	}
	return err == 0, err
}

func unlockFile(c *win.Call, hFile win.Handle, dwFileOffsetLow, dwFileOffsetHigh, nNumberOfBytesToUnlockLow, nNumberOfBytesToUnlockHigh win.DWORD) (win.Bool, win.Error) {
	err := takeLock(c, hFile, wide(dwFileOffsetLow, dwFileOffsetHigh), wide(nNumberOfBytesToUnlockLow, nNumberOfBytesToUnlockHigh))
	return err == 0, err
}

func unlockFileEx(c *win.Call, hFile win.Handle, dwReserved, nNumberOfBytesToUnlockLow, nNumberOfBytesToUnlockHigh win.DWORD, lpOverlapped win.Ptr) (win.Bool, win.Error) {
	if dwReserved != 0 {
		return false, win.ErrInvalidParameter
	}
	err := takeLock(c, hFile, c.ReadUint(lpOverlapped+overlappedOffset, 8), wide(nNumberOfBytesToUnlockLow, nNumberOfBytesToUnlockHigh))
	return err == 0, err
}

// moveFileWithProgress is MoveFileEx; a move within the volume is done before
// a routine could be told.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-movefilewithprogressw
func moveFileWithProgress(c *win.Call, lpExistingFileName, lpNewFileName win.TStr, lpProgressRoutine, lpData win.Ptr, dwFlags win.Hex) (win.Bool, win.Error) {
	return moveFileEx(c, lpExistingFileName, lpNewFileName, dwFlags)
}

// needCurrentDirectoryForExePath tells whether a command is looked for in the
// current directory.
//
// https://learn.microsoft.com/windows/win32/api/processenv/nf-processenv-needcurrentdirectoryforexepathw
func needCurrentDirectoryForExePath(c *win.Call, ExeName win.TStr) (win.Bool, win.Error) {
	if strings.Contains(ExeName.Text, `\`) {
		return true, 0
	}
	_, set := c.Variable("NoDefaultCurrentDirectoryInExePath")
	return win.Bool(!set), 0
}

// replaceFile puts a file in the place of another one, which may be kept under
// a third name. The attributes and the time of creation are the replaced
// file's.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-replacefilew
func replaceFile(c *win.Call, lpReplacedFileName, lpReplacementFileName, lpBackupFileName win.TStr, dwReplaceFlags win.Hex, lpExclude, lpReserved win.Ptr) (win.Bool, win.Error) {
	if lpReplacedFileName.Null() || lpReplacementFileName.Null() || lpExclude != 0 || lpReserved != 0 {
		return false, win.ErrInvalidParameter
	}
	old, err := existing(c, lpReplacedFileName.Text)
	if err != 0 {
		return false, err
	}
	fresh, err := existing(c, lpReplacementFileName.Text)
	switch {
	case err != 0:
		return false, err
	case old.Directory || fresh.Directory:
		return false, win.ErrAccessDenied
	}
	path, created, attributes := old.Path, old.Created, old.Attributes
	if !lpBackupFileName.Null() {
		if ok, err := move(c, lpReplacedFileName.Text, lpBackupFileName.Text, true); !bool(ok) {
			return false, err
		}
	} else if err := erase(c, old); err != 0 {
		return false, err
	}
	from := fresh.Path
	if err := c.Files.Rename(fresh, path); err != nil {
		return false, fileError(err)
	}
	fresh.Created, fresh.Attributes = created, attributes
	c.Emit(trace.FileCreate{Path: path, Existed: true})
	c.Emit(trace.FileDelete{Path: from})
	return true, 0
}

// searchPath looks for a file in a list of folders, or where programs are
// looked for.
//
// https://learn.microsoft.com/windows/win32/api/processenv/nf-processenv-searchpathw
func searchPath(c *win.Call, lpPath, lpFileName, lpExtension win.TStr, nBufferLength win.DWORD, lpBuffer win.Ptr, lpFilePart win.Out[uint64]) (win.DWORD, win.Error) {
	name := lpFileName.Text
	if name == "" {
		return 0, win.ErrInvalidParameter
	}
	if base := name[strings.LastIndexAny(name, `\/`)+1:]; !strings.Contains(base, ".") {
		name += lpExtension.Text
	}
	var found *guest.Node
	if strings.ContainsAny(name, ":") || strings.HasPrefix(name, `\`) {
		found = c.Files.Get(guest.FullPath(name, c.CurrentDirectory))
	} else {
		dirs := strings.Split(lpPath.Text, ";")
		if lpPath.Null() {
			dirs = append([]string{c.ApplicationDirectory, guest.SystemDirectory, guest.WindowsDirectory, c.CurrentDirectory}, c.PathFolders()...)
		}
		for _, dir := range dirs {
			if dir = strings.Trim(dir, `"`); dir == "" {
				continue
			}
			if found = c.Files.Get(guest.FullPath(guest.Join(dir, name), c.CurrentDirectory)); found != nil {
				break
			}
		}
	}
	if found == nil {
		return 0, win.ErrFileNotFound
	}
	n := fill(c, lpBuffer, nBufferLength, found.Path)
	if n < nBufferLength && lpBuffer != 0 {
		folder := c.Encode(found.Path[:strings.LastIndexByte(found.Path, '\\')+1])
		lpFilePart.Set(c, uint64(lpBuffer)+uint64(len(folder))-c.CharSize())
	}
	return n, 0
}

// setFileValidData is refused: the user has no SeManageVolumePrivilege.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-setfilevaliddata
func setFileValidData(c *win.Call, hFile win.Handle, ValidDataLength win.Int64) (win.Bool, win.Error) {
	if _, err := diskFile(c, hFile); err != 0 {
		return false, err
	}
	return false, errPrivilegeNotHeld
}

// The file functions of 16-bit Windows.

// lopen opens a file that exists: to read, to write or both.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-_lopen
func lopen(c *win.Call, lpPathName win.AStr, iReadWrite win.Int) (win.SockInt, win.Error) {
	access := [...]win.FileAccess{genericRead, genericWrite, genericRead | genericWrite, genericRead}[iReadWrite&3]
	share := [...]win.Hex{3, 0, 1, 2, 3, 3, 3, 3}[iReadWrite>>4&7]
	h, err := createFile(c, win.TStr(lpPathName), access, share, 0, openExisting, 0, 0)
	return win.SockInt(h), err
}

// lcreat makes a file, or empties one.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-_lcreat
func lcreat(c *win.Call, lpPathName win.AStr, iAttribute win.Int) (win.SockInt, win.Error) {
	h, err := createFile(c, win.TStr(lpPathName), genericRead|genericWrite, 3, 0, createAlways, win.Hex(iAttribute&7), 0)
	return win.SockInt(h), err
}

// lclose returns 0 for success.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-_lclose
func lclose(c *win.Call, hFile win.Handle) (win.SockInt, win.Error) {
	_, err := closeHandle(c, hFile)
	return 0, err
}

func llseek(c *win.Call, hFile win.Handle, lOffset win.Int, iOrigin win.DWORD) (win.SizeFail, win.Error) {
	return setFilePointer(c, hFile, lOffset, win.Out[uint32]{}, iOrigin)
}

func lread(c *win.Call, hFile win.Handle, lpBuffer win.Ptr, uBytes win.DWORD) (win.SizeFail, win.Error) {
	f, err := diskFile(c, hFile)
	if err != 0 {
		return 0, err
	}
	n, err := readDisk(c, f, lpBuffer, uBytes, 0)
	return win.SizeFail(n), err
}

func lwrite(c *win.Call, hFile win.Handle, lpBuffer win.Ptr, uBytes win.DWORD) (win.SizeFail, win.Error) {
	f, err := diskFile(c, hFile)
	switch {
	case err != 0:
		return 0, err
	case !f.Write:
		return 0, win.ErrAccessDenied
	case uBytes == 0: // cuts the file here
		return 0, fileErrorOrNone(c.Files.Resize(f.Node, f.Position))
	}
	data := c.Bytes(lpBuffer, uint64(uBytes))
	if c.Faulted() {
		return 0, 0
	}
	return win.SizeFail(uBytes), writeDisk(c, f, data, 0)
}
