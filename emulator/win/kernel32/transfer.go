package kernel32

import (
	"math"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// Layout of OVERLAPPED.
//
// https://learn.microsoft.com/windows/win32/api/minwinbase/ns-minwinbase-overlapped
const (
	overlappedInternal     = 0
	overlappedInternalHigh = 8
	overlappedOffset       = 16
	overlappedEvent        = 24
)

// complete says in an OVERLAPPED that the transfer is done: here it always is
// before the call returns.
func complete(c *win.Call, overlapped win.Ptr, n win.DWORD) {
	if overlapped == 0 {
		return
	}
	c.WriteUint(overlapped+overlappedInternal, 8, 0)
	c.WriteUint(overlapped+overlappedInternalHigh, 8, uint64(n))
	if e, ok := guest.Lookup[*guest.Event](c.Handles, guest.Handle(c.ReadUint(overlapped+overlappedEvent, 8))); ok {
		e.Set = true
	}
}

// position is where a transfer starts: in the OVERLAPPED, or at the file's
// pointer.
func position(c *win.Call, f *guest.File, overlapped win.Ptr) int64 {
	if overlapped != 0 {
		return int64(c.ReadUint(overlapped+overlappedOffset, 8))
	}
	return f.Position
}

// readFile reads from a file, the console or a pipe.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-readfile
func readFile(c *win.Call, hFile win.Handle, lpBuffer win.Ptr, nNumberOfBytesToRead win.DWORD, lpNumberOfBytesRead win.Out[uint32], lpOverlapped win.Ptr) (win.Bool, win.Error) {
	lpNumberOfBytesRead.Set(c, 0)
	var n win.DWORD
	var err win.Error
	switch o := c.Handles.Get(hFile.Guest()).(type) {
	case *guest.File:
		n, err = readDisk(c, o, lpBuffer, nNumberOfBytesToRead, lpOverlapped)
	case *guest.Pipe:
		n, err = readPipe(c, o, lpBuffer, nNumberOfBytesToRead)
	case *pipeEnd:
		return o.transfer(c, &pipeOperation{kind: pipeReading, buffer: lpBuffer, size: nNumberOfBytesToRead, overlapped: lpOverlapped}, lpNumberOfBytesRead)
	case *guest.Console:
		if o.Stream != consoleInput {
			err = win.ErrAccessDenied
		}
	case *nullDevice:
	default:
		err = win.ErrInvalidHandle
	}
	if err != 0 || c.Faulted() {
		return false, err
	}
	lpNumberOfBytesRead.Set(c, uint32(n))
	complete(c, lpOverlapped, n)
	Announce(c, c.Handles.Get(hFile.Guest()), lpOverlapped, n, false)
	return true, 0
}

func readDisk(c *win.Call, f *guest.File, buffer win.Ptr, size win.DWORD, overlapped win.Ptr) (win.DWORD, win.Error) {
	at := position(c, f, overlapped)
	switch {
	case f.Node.Directory:
		return 0, win.ErrInvalidFunction
	case !f.Read:
		return 0, win.ErrAccessDenied
	case at < 0:
		return 0, win.ErrInvalidParameter
	case at >= f.Node.Size() && size > 0 && overlapped != 0:
		return 0, win.ErrHandleEOF
	case at >= f.Node.Size():
		return 0, 0
	}
	data := f.Node.Data()[at:]
	n := min(int(size), len(data))
	// The kernel fills the buffer, so a bad one is an error and no fault.
	if c.Mem.Write(uint64(buffer), data[:n]) != nil {
		return 0, win.ErrNoAccess
	}
	f.Position = at + int64(n)
	if n > 0 {
		c.NoteRead(uint64(buffer), n, f.Node, at)
		c.Emit(trace.FileRead{Path: f.Node.Path, Offset: at, Size: int64(n)})
	}
	return win.DWORD(n), 0
}

// writeFile writes to a file, the console or a pipe.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-writefile
func writeFile(c *win.Call, hFile win.Handle, lpBuffer win.Ptr, nNumberOfBytesToWrite win.DWORD, lpNumberOfBytesWritten win.Out[uint32], lpOverlapped win.Ptr) (win.Bool, win.Error) {
	lpNumberOfBytesWritten.Set(c, 0)
	o := c.Handles.Get(hFile.Guest())
	data, bad := c.Mem.View(uint64(lpBuffer), int(nNumberOfBytesToWrite))
	n := nNumberOfBytesToWrite
	var err win.Error
	switch o := o.(type) {
	case *guest.File:
		switch {
		case !o.Write:
			err = win.ErrAccessDenied
		case bad != nil:
			err = win.ErrNoAccess
		default:
			err = writeDisk(c, o, data, lpOverlapped)
		}
	case *guest.Pipe:
		if bad != nil {
			err = win.ErrNoAccess
			break
		}
		n, err = writePipe(c, o, data)
	case *pipeEnd:
		if bad != nil {
			err = win.ErrNoAccess
			break
		}
		return o.transfer(c, &pipeOperation{kind: pipeWriting, data: data, overlapped: lpOverlapped}, lpNumberOfBytesWritten)
	case *guest.Console:
		switch {
		case o.Stream == consoleInput:
			err = win.ErrAccessDenied
		case bad != nil:
			err = win.ErrNoAccess
		default:
			c.Print(o, data)
		}
	case *nullDevice:
	default:
		err = win.ErrInvalidHandle
	}
	if err != 0 || c.Faulted() {
		return false, err
	}
	lpNumberOfBytesWritten.Set(c, uint32(n))
	complete(c, lpOverlapped, n)
	Announce(c, o, lpOverlapped, n, false)
	return true, 0
}

func writeDisk(c *win.Call, f *guest.File, data []byte, overlapped win.Ptr) win.Error {
	at := position(c, f, overlapped)
	if f.Append || overlapped != 0 && at == -1 { // FILE_WRITE_TO_END_OF_FILE
		at = f.Node.Size()
	}
	switch {
	case at < 0:
		return win.ErrInvalidParameter
	case at > math.MaxInt64-int64(len(data)):
		return win.ErrDiskFull
	case len(data) == 0:
		return 0
	}
	if err := c.Files.WriteAt(f.Node, data, at); err != nil {
		return fileError(err)
	}
	f.Position = at + int64(len(data))
	c.Emit(trace.FileWrite{Path: f.Node.Path, Offset: at, Size: int64(len(data))})
	return 0
}

// setEndOfFile cuts or extends a file to its pointer.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-setendoffile
func setEndOfFile(c *win.Call, hFile win.Handle) (win.Bool, win.Error) {
	f, err := diskFile(c, hFile)
	switch {
	case err != 0:
		return false, err
	case !f.Write:
		return false, win.ErrAccessDenied
	}
	if err := c.Files.Resize(f.Node, f.Position); err != nil {
		return false, fileError(err)
	}
	return true, 0
}

// Origins a file pointer is moved from.
const (
	fileBegin   = 0
	fileCurrent = 1
	fileEnd     = 2
)

// seek moves a file's pointer.
func seek(f *guest.File, distance int64, method win.DWORD) (int64, win.Error) {
	from := int64(0)
	switch method {
	case fileBegin:
	case fileCurrent:
		from = f.Position
	case fileEnd:
		from = f.Node.Size()
	default:
		return 0, win.ErrInvalidParameter
	}
	to := from + distance
	if to < 0 {
		return 0, win.ErrNegativeSeek
	}
	return to, 0
}

// setFilePointer moves the pointer by a distance in two halves; the new
// position comes back in two halves too.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-setfilepointer
func setFilePointer(c *win.Call, hFile win.Handle, lDistanceToMove win.Int, lpDistanceToMoveHigh win.Out[uint32], dwMoveMethod win.DWORD) (win.SizeFail, win.Error) {
	f, err := diskFile(c, hFile)
	if err != 0 {
		return 0, err
	}
	distance := int64(lDistanceToMove)
	if !lpDistanceToMoveHigh.Null() {
		distance = int64(lpDistanceToMoveHigh.Get(c))<<32 | int64(uint32(lDistanceToMove))
	}
	to, err := seek(f, distance, dwMoveMethod)
	switch {
	case err != 0:
		return 0, err
	case lpDistanceToMoveHigh.Null() && to > math.MaxUint32:
		return 0, win.ErrInvalidParameter
	}
	f.Position = to
	lpDistanceToMoveHigh.Set(c, uint32(to>>32))
	if uint32(to) == math.MaxUint32 {
		c.SetLastError(0) // or the position would look like the failure
	}
	return win.SizeFail(to), 0
}

// setFilePointerEx moves the pointer by a 64-bit distance.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-setfilepointerex
func setFilePointerEx(c *win.Call, hFile win.Handle, liDistanceToMove win.Int64, lpNewFilePointer win.Out[uint64], dwMoveMethod win.DWORD) (win.Bool, win.Error) {
	f, err := diskFile(c, hFile)
	if err != 0 {
		return false, err
	}
	to, err := seek(f, int64(liDistanceToMove), dwMoveMethod)
	if err != 0 {
		return false, err
	}
	f.Position = to
	lpNewFilePointer.Set(c, uint64(to))
	return true, 0
}
