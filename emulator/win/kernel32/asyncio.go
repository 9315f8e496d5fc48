package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var asyncRows = win.Rows{
	win.Func1("FindCloseChangeNotification", findCloseChangeNotification, "hChangeHandle"),
	win.Partial(win.Func3("FindFirstChangeNotification{A,W}", findFirstChangeNotification, "lpPathName bWatchSubtree dwNotifyFilter"), "it is never signalled: nobody else changes files, and the guest's own changes are not noticed"),
	win.Func1("FindNextChangeNotification", findNextChangeNotification, "hChangeHandle"),
	win.Func5("ReadFileEx", readFileEx, "hFile lpBuffer nNumberOfBytesToRead lpOverlapped lpCompletionRoutine"),
	win.Func5("WriteFileEx", writeFileEx, "hFile lpBuffer nNumberOfBytesToWrite lpOverlapped lpCompletionRoutine"),
}

// readFileEx reads and has the thread call a function in its next alertable
// wait. The bytes are there at once.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-readfileex
func readFileEx(c *win.Call, hFile win.Handle, lpBuffer win.Ptr, nNumberOfBytesToRead win.DWORD, lpOverlapped, lpCompletionRoutine win.Ptr) (win.Bool, win.Error) {
	if lpOverlapped == 0 {
		return false, win.ErrInvalidParameter
	}
	ok, err := readFile(c, hFile, lpBuffer, nNumberOfBytesToRead, win.Out[uint32]{}, lpOverlapped)
	return transferred(c, ok, err, lpOverlapped, lpCompletionRoutine)
}

// writeFileEx writes and has the thread call a function in its next alertable
// wait.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-writefileex
func writeFileEx(c *win.Call, hFile win.Handle, lpBuffer win.Ptr, nNumberOfBytesToWrite win.DWORD, lpOverlapped, lpCompletionRoutine win.Ptr) (win.Bool, win.Error) {
	if lpOverlapped == 0 {
		return false, win.ErrInvalidParameter
	}
	ok, err := writeFile(c, hFile, lpBuffer, nNumberOfBytesToWrite, win.Out[uint32]{}, lpOverlapped)
	return transferred(c, ok, err, lpOverlapped, lpCompletionRoutine)
}

// transferred queues the call of a completion routine.
func transferred(c *win.Call, ok win.Bool, err win.Error, overlapped, routine win.Ptr) (win.Bool, win.Error) {
	if err != 0 || c.Faulted() {
		return ok, err
	}
	n := c.ReadUint(overlapped+overlappedInternalHigh, 8)
	c.T.QueueAPC(guest.APC{Function: uint64(routine), Arguments: []uint64{0, n, uint64(overlapped)}})
	c.SetLastError(0)
	return true, 0
}

// changeNotification is what waits for changes in a directory.
type changeNotification struct{ guest.Event }

// findFirstChangeNotification opens a directory to be told of its changes.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-findfirstchangenotificationw
func findFirstChangeNotification(c *win.Call, lpPathName win.TStr, bWatchSubtree win.Int, dwNotifyFilter win.Hex) (win.FileHandle, win.Error) {
	const filters = 0x17F // FILE_NOTIFY_CHANGE_*
	n := c.Files.Get(guest.FullPath(lpPathName.Text, c.CurrentDirectory))
	switch {
	case dwNotifyFilter == 0 || dwNotifyFilter&^filters != 0:
		return 0, win.ErrInvalidParameter
	case n == nil:
		return 0, win.ErrFileNotFound
	case !n.Directory:
		return 0, win.ErrInvalidParameter
	}
	o := &changeNotification{guest.Event{Name: "change of " + n.Path, Manual: true}}
	return win.FileHandle(c.Handles.Add(o)), 0
}

// findNextChangeNotification asks for the next change.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-findnextchangenotification
func findNextChangeNotification(c *win.Call, hChangeHandle win.Handle) (win.Bool, win.Error) {
	o, ok := guest.Lookup[*changeNotification](c.Handles, hChangeHandle.Guest())
	if !ok {
		return false, win.ErrInvalidHandle
	}
	o.Set = false
	return true, 0
}

func findCloseChangeNotification(c *win.Call, hChangeHandle win.Handle) (win.Bool, win.Error) {
	if _, ok := guest.Lookup[*changeNotification](c.Handles, hChangeHandle.Guest()); !ok {
		return false, win.ErrInvalidHandle
	}
	c.Handles.Close(hChangeHandle.Guest())
	return true, 0
}
