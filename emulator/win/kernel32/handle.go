package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var handleRows = win.Rows{
	win.Func1("CloseHandle", closeHandle, "hObject"),
	win.Partial(win.Func7("DuplicateHandle", duplicateHandle,
		"hSourceProcessHandle hSourceHandle hTargetProcessHandle lpTargetHandle dwDesiredAccess bInheritHandle dwOptions"),
		"within the process; the copy has the rights of the original"),
	win.Func2("GetHandleInformation", getHandleInformation, "hObject lpdwFlags"),
	win.Func3("SetHandleInformation", setHandleInformation, "hObject dwMask dwFlags"),
}

// pseudo reports whether a handle is one that is never opened or closed.
func pseudo(h win.Handle) bool {
	return h.Guest() == guest.CurrentProcess || h.Guest() == guest.CurrentThread
}

// closeHandle closes a handle, and what it stands for if that was the last.
//
// https://learn.microsoft.com/windows/win32/api/handleapi/nf-handleapi-closehandle
func closeHandle(c *win.Call, hObject win.Handle) (win.Bool, win.Error) {
	if pseudo(hObject) {
		return true, 0
	}
	flags, _ := c.State[flagsKey{hObject}].(uint32)
	if flags&handleProtectFromClose != 0 {
		return false, win.ErrInvalidHandle
	}
	o := c.Handles.Close(hObject.Guest())
	if o == nil {
		return false, win.ErrInvalidHandle
	}
	delete(c.State, flagsKey{hObject})
	if c.Handles.Holds(o) {
		return true, 0
	}
	switch o := o.(type) {
	case *guest.File:
		if c.Files.Close(o) {
			c.Emit(trace.FileDelete{Path: o.Node.Path})
		}
	case *guest.Pipe:
		o.Close()
	case *guest.Section:
		c.Names.Remove(o.Name)
		c.Mem.CloseSection(o)
	}
	return true, 0
}

// duplicateCloseSource is DUPLICATE_CLOSE_SOURCE.
const duplicateCloseSource = 1

// duplicateHandle makes another handle to an object. The pseudo handle of the
// current thread becomes a real one.
//
// https://learn.microsoft.com/windows/win32/api/handleapi/nf-handleapi-duplicatehandle
func duplicateHandle(c *win.Call, hSourceProcessHandle, hSourceHandle, hTargetProcessHandle win.Handle, lpTargetHandle win.Out[uint64], dwDesiredAccess win.Hex, bInheritHandle win.Int, dwOptions win.Hex) (win.Bool, win.Error) {
	for _, h := range []win.Handle{hSourceProcessHandle, hTargetProcessHandle} {
		own, _, err := processOf(c, h)
		if err != 0 {
			return false, err
		}
		if !own {
			c.Gap("handles of another process")
			return false, win.ErrAccessDenied
		}
	}
	o := c.Handles.Get(hSourceHandle.Guest())
	switch {
	case hSourceHandle.Guest() == guest.CurrentThread:
		o = c.T
	case hSourceHandle.Guest() == guest.CurrentProcess:
		lpTargetHandle.Set(c, uint64(guest.CurrentProcess)) // as good as a real handle of the process itself
		return true, 0
	case o == nil:
		return false, win.ErrInvalidHandle
	}
	h := win.Handle(c.Handles.Add(o))
	if bInheritHandle != 0 {
		c.State[flagsKey{h}] = uint32(handleInherit)
	}
	if dwOptions&duplicateCloseSource != 0 {
		c.Handles.Close(hSourceHandle.Guest()) // the copy keeps the object
		delete(c.State, flagsKey{hSourceHandle})
	}
	lpTargetHandle.Set(c, uint64(h))
	return true, 0
}

// Flags of a handle. Inheritance has no effect, since children are not run.
const (
	handleInherit          = 1
	handleProtectFromClose = 2
)

// flagsKey is where a handle's flags are kept.
type flagsKey struct{ win.Handle }

// getHandleInformation stores the flags of a handle.
//
// https://learn.microsoft.com/windows/win32/api/handleapi/nf-handleapi-gethandleinformation
func getHandleInformation(c *win.Call, hObject win.Handle, lpdwFlags win.Out[uint32]) (win.Bool, win.Error) {
	if c.Handles.Get(hObject.Guest()) == nil {
		return false, win.ErrInvalidHandle
	}
	flags, _ := c.State[flagsKey{hObject}].(uint32)
	lpdwFlags.Set(c, flags)
	return true, 0
}

// setHandleInformation changes the flags of a handle.
//
// https://learn.microsoft.com/windows/win32/api/handleapi/nf-handleapi-sethandleinformation
func setHandleInformation(c *win.Call, hObject win.Handle, dwMask, dwFlags win.Hex) (win.Bool, win.Error) {
	if c.Handles.Get(hObject.Guest()) == nil {
		return false, win.ErrInvalidHandle
	}
	if (dwMask|dwFlags)&^(handleInherit|handleProtectFromClose) != 0 {
		return false, win.ErrInvalidParameter
	}
	flags, _ := c.State[flagsKey{hObject}].(uint32)
	c.State[flagsKey{hObject}] = flags&^uint32(dwMask) | uint32(dwFlags&dwMask)
	return true, 0
}
