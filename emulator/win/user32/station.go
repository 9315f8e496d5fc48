package user32

import (
	"strings"

	"sidetrace/emulator/win"
)

// The process is on the desktop Default of the window station WinSta0.

var stationRows = win.Rows{
	win.Stub("CloseDesktop", win.Bool(true), "hDesktop"),
	win.Stub("CloseWindowStation", win.Bool(true), "hWinSta"),
	win.Func3("EnumDesktops{A,W}", enumDesktops, "hwinsta lpEnumFunc lParam"),
	win.Func3("EnumDesktopWindows", enumDesktopWindows, "hDesktop lpfn lParam"),
	win.Func2("EnumWindowStations{A,W}", enumWindowStations, "lpEnumFunc lParam"),
	win.Stub("GetProcessWindowStation", win.Handle(stationHandle), ""),
	win.Stub("GetThreadDesktop", win.Handle(desktopHandle), "dwThreadId"),
	win.Func5("GetUserObjectInformation{A,W}", getUserObjectInformation, "hObj nIndex pvInfo nLength lpnLengthNeeded"),
	win.Func4("OpenDesktop{A,W}", openDesktop, "lpszDesktop dwFlags fInherit dwDesiredAccess"),
	win.Func3("OpenInputDesktop", openInputDesktop, "dwFlags fInherit dwDesiredAccess"),
	win.Func3("OpenWindowStation{A,W}", openWindowStation, "lpszWinSta fInherit dwDesiredAccess"),
	win.Stub("SetThreadDesktop", win.Bool(true), "hDesktop"),
}

const (
	stationHandle = 0x44
	desktopHandle = 0x48
	station       = "WinSta0"
	defaultName   = "Default"
)

// name calls the guest with a name on its stack.
func withName(c *win.Call, f win.Ptr, name string, lParam win.Size) win.Bool {
	b := c.Encode(name)
	at, err := c.T.Push(b)
	if err != nil {
		c.Fail(err)
		return false
	}
	return win.Bool(uint32(c.T.CallOver(uint64(len(b))+16, uint64(f), at, uint64(lParam))) != 0)
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-enumwindowstationsw
func enumWindowStations(c *win.Call, lpEnumFunc win.Ptr, lParam win.Size) (win.Bool, win.Error) {
	return withName(c, lpEnumFunc, station, lParam), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-enumdesktopsw
func enumDesktops(c *win.Call, hwinsta win.Handle, lpEnumFunc win.Ptr, lParam win.Size) (win.Bool, win.Error) {
	if hwinsta != 0 && hwinsta != stationHandle {
		return false, win.ErrInvalidHandle
	}
	return withName(c, lpEnumFunc, defaultName, lParam), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-enumdesktopwindows
func enumDesktopWindows(c *win.Call, hDesktop win.Handle, lpfn win.Ptr, lParam win.Size) (win.Bool, win.Error) {
	return enumerate(c, lpfn, lParam, (*window).isTop), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-opendesktopw
func openDesktop(c *win.Call, lpszDesktop win.TStr, dwFlags win.Hex, fInherit win.Int, dwDesiredAccess win.Hex) (win.Handle, win.Error) {
	if !strings.EqualFold(lpszDesktop.Text, defaultName) {
		return 0, win.ErrFileNotFound
	}
	return desktopHandle, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-openinputdesktop
func openInputDesktop(c *win.Call, dwFlags win.Hex, fInherit win.Int, dwDesiredAccess win.Hex) (win.Handle, win.Error) {
	return desktopHandle, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-openwindowstationw
func openWindowStation(c *win.Call, lpszWinSta win.TStr, fInherit win.Int, dwDesiredAccess win.Hex) (win.Handle, win.Error) {
	if !strings.EqualFold(lpszWinSta.Text, station) {
		return 0, win.ErrFileNotFound
	}
	return stationHandle, 0
}

// getUserObjectInformation knows flags, names, types and whether the desktop
// gets input.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getuserobjectinformationw
func getUserObjectInformation(c *win.Call, hObj win.Handle, nIndex win.Int, pvInfo win.Ptr, nLength win.DWORD, lpnLengthNeeded win.Out[uint32]) (win.Bool, win.Error) {
	const flags, name, typ, userSID, heap, io = 1, 2, 3, 4, 5, 6
	isDesktop := hObj == desktopHandle
	if !isDesktop && hObj != stationHandle {
		return false, win.ErrInvalidHandle
	}
	var b []byte
	switch nIndex {
	case flags:
		b = make([]byte, 12) // USEROBJECTFLAGS
		if !isDesktop {
			le.PutUint32(b[8:], 1) // WSF_VISIBLE
		}
	case name:
		b = c.Encode(map[bool]string{true: defaultName, false: station}[isDesktop])
	case typ:
		b = c.Encode(map[bool]string{true: "Desktop", false: "WindowStation"}[isDesktop])
	case io:
		b = []byte{1, 0, 0, 0}
	case heap:
		b = le.AppendUint32(nil, 20480)
	case userSID:
		c.Gap("the user of a desktop")
		return false, win.ErrInvalidParameter
	default:
		return false, win.ErrInvalidParameter
	}
	lpnLengthNeeded.Set(c, uint32(len(b)))
	if uint32(nLength) < uint32(len(b)) {
		return false, win.ErrInsufficientBuffer
	}
	c.Write(pvInfo, b)
	return true, 0
}
