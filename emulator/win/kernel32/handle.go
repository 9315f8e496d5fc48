package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var handleRows = win.Rows{
	win.Func1("CloseHandle", closeHandle, "hObject"),
	win.Partial(win.Func7("DuplicateHandle", duplicateHandle,
		"hSourceProcessHandle hSourceHandle hTargetProcessHandle lpTargetHandle dwDesiredAccess bInheritHandle dwOptions"),
		"within the process; the copy has the rights of the original"),
	win.Func2("GetHandleInformation", getHandleInformation, "hObject lpdwFlags"),
	win.Func3("SetHandleInformation", setHandleInformation, "hObject dwMask dwFlags"),
}

// closeHandle closes a handle, and what it stands for if that was the last.
//
// https://learn.microsoft.com/windows/win32/api/handleapi/nf-handleapi-closehandle
func closeHandle(c *win.Call, hObject win.Handle) (win.Bool, win.Error) {
	err := ntdll.Win32Error(ntdll.Close(c, hObject))
	return err == 0, err
}

const (
	duplicateCloseSource = 1    // DUPLICATE_CLOSE_SOURCE
	duplicateRight       = 0x40 // PROCESS_DUP_HANDLE
)

// duplicateHandle makes another handle to an object. The pseudo handle of the
// current thread becomes a real one.
//
// https://learn.microsoft.com/windows/win32/api/handleapi/nf-handleapi-duplicatehandle
func duplicateHandle(c *win.Call, hSourceProcessHandle, hSourceHandle, hTargetProcessHandle win.Handle, lpTargetHandle win.Out[uint64], dwDesiredAccess win.Hex, bInheritHandle win.Int, dwOptions win.Hex) (win.Bool, win.Error) {
	for _, h := range []win.Handle{hSourceProcessHandle, hTargetProcessHandle} {
		other, err := processOf(c, h, duplicateRight)
		if err != 0 {
			return false, err
		}
		if other != nil {
			c.Gap("handles of another process")
			return false, win.ErrAccessDenied
		}
	}
	o := c.Handles.Get(hSourceHandle.Guest())
	switch {
	case hSourceHandle.Guest() == guest.CurrentThread:
		o = c.T
	case hSourceHandle.Guest() == guest.CurrentProcess:
		o = &guest.Self{Event: guest.Event{Manual: true}}
	case o == nil:
		return false, win.ErrInvalidHandle
	}
	h := win.Handle(c.Handles.Add(o))
	if bInheritHandle != 0 {
		ntdll.SetHandleFlags(c, h, ntdll.HandleInherit)
	}
	if dwOptions&duplicateCloseSource != 0 {
		ntdll.Close(c, hSourceHandle) // the copy keeps the object
	}
	lpTargetHandle.Set(c, uint64(h))
	return true, 0
}

// getHandleInformation stores the flags of a handle.
//
// https://learn.microsoft.com/windows/win32/api/handleapi/nf-handleapi-gethandleinformation
func getHandleInformation(c *win.Call, hObject win.Handle, lpdwFlags win.Out[uint32]) (win.Bool, win.Error) {
	if c.Handles.Get(hObject.Guest()) == nil {
		return false, win.ErrInvalidHandle
	}
	lpdwFlags.Set(c, ntdll.HandleFlags(c, hObject))
	return true, 0
}

// setHandleInformation changes the flags of a handle.
//
// https://learn.microsoft.com/windows/win32/api/handleapi/nf-handleapi-sethandleinformation
func setHandleInformation(c *win.Call, hObject win.Handle, dwMask, dwFlags win.Hex) (win.Bool, win.Error) {
	if c.Handles.Get(hObject.Guest()) == nil {
		return false, win.ErrInvalidHandle
	}
	if (dwMask|dwFlags)&^(ntdll.HandleInherit|ntdll.HandleProtectFromClose) != 0 {
		return false, win.ErrInvalidParameter
	}
	ntdll.SetHandleFlags(c, hObject, ntdll.HandleFlags(c, hObject)&^uint32(dwMask)|uint32(dwFlags&dwMask))
	return true, 0
}
