package user32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// One screen of 1920 by 1080 with 32 bits to a pixel at 96 dots per inch.

var metricRows = win.Rows{
	win.Func4("EnumDisplayMonitors", enumDisplayMonitors, "hdc lprcClip lpfnEnum dwData"),
	win.Func3("EnumDisplaySettings{A,W}", enumDisplaySettings, "lpszDeviceName iModeNum lpDevMode"),
	win.Stub("GetDpiForSystem", win.DWORD(96), ""),
	win.Stub("GetDpiForWindow", win.DWORD(96), "hwnd"),
	win.Func2("GetMonitorInfo{A,W}", getMonitorInfo, "hMonitor lpmi"),
	win.Func1("GetSysColor", getSysColor, "nIndex"),
	win.Func1("GetSystemMetrics", getSystemMetrics, "nIndex"),
	win.Func2("MonitorFromPoint", monitorFromPoint, "pt dwFlags"),
	win.Func2("MonitorFromRect", monitorFromRect, "lprc dwFlags"),
	win.Func2("MonitorFromWindow", monitorFromWindow, "hwnd dwFlags"),
	win.Stub("SetProcessDPIAware", win.Bool(true), ""),
	win.Stub("SetProcessDpiAwarenessContext", win.Bool(true), "value"),
	win.Func4("SystemParametersInfo{A,W}", systemParametersInfo, "uiAction uiParam pvParam fWinIni"),
}

const (
	screenWidth  = 1920
	screenHeight = 1080
	taskBar      = 40
	monitor      = 0x10001
)

// metrics by SM_*, for what is not zero.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getsystemmetrics
var metrics = map[int32]int32{
	0: screenWidth, 1: screenHeight, 2: 17, 3: 17, 4: 23, 5: 1, 6: 1, 7: 3, 8: 3, 9: 17, 10: 17, 11: 32, 12: 32, 13: 32, 14: 32, 15: 20,
	16: screenWidth, 17: screenHeight - taskBar - 23, 19: 1, 20: 17, 21: 17, 28: 136, 29: 39, 30: 36, 31: 22, 32: 4, 33: 4, 34: 136, 35: 39, 36: 4, 37: 4,
	38: 75, 39: 75, 43: 3, 45: 2, 46: 2, 47: 160, 48: 24, 49: 16, 50: 16, 51: 23, 52: 22, 53: 22, 54: 19, 55: 19, 56: 8, 57: 160, 58: 28,
	59: screenWidth + 16, 60: screenHeight + 16, 61: screenWidth + 16, 62: screenHeight - taskBar + 16, 63: 3, 68: 4, 69: 4, 71: 15, 72: 15, 75: 1,
	78: screenWidth, 79: screenHeight, 80: 1, 81: 1, 83: 1, 84: 1, 91: 1, 92: 4,
}

func getSystemMetrics(_ *win.Call, nIndex win.Int) (win.Int, win.Error) {
	return win.Int(metrics[int32(nIndex)]), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-enumdisplaymonitors
func enumDisplayMonitors(c *win.Call, hdc win.Handle, lprcClip, lpfnEnum win.Ptr, dwData win.Size) (win.Bool, win.Error) {
	rect, err := c.T.Push(rectangle([4]int32{0, 0, screenWidth, screenHeight}))
	if err != nil {
		c.Fail(err)
		return false, 0
	}
	return win.Bool(uint32(c.T.CallOver(32, uint64(lpfnEnum), monitor, uint64(hdc), rect, uint64(dwData))) != 0), 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getmonitorinfow
func getMonitorInfo(c *win.Call, hMonitor win.Handle, lpmi win.Ptr) (win.Bool, win.Error) {
	const size, nameChars, primary = 40, 32, 1
	if hMonitor != monitor {
		return false, 1461 // ERROR_INVALID_MONITOR_HANDLE
	}
	given := c.ReadUint(lpmi, 4)
	withName := size + nameChars*c.CharSize()
	if given != size && given != withName {
		return false, win.ErrInvalidParameter
	}
	b := make([]byte, given)
	le.PutUint32(b, uint32(given))
	copy(b[4:], rectangle([4]int32{0, 0, screenWidth, screenHeight}))
	copy(b[20:], rectangle([4]int32{0, 0, screenWidth, screenHeight - taskBar}))
	le.PutUint32(b[36:], primary)
	if given == withName {
		copy(b[size:], c.Encode(`\\.\DISPLAY1`))
	}
	c.Write(lpmi, b)
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-monitorfromwindow
func monitorFromWindow(*win.Call, win.Handle, win.DWORD) (win.Handle, win.Error) {
	return monitor, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-monitorfrompoint
func monitorFromPoint(_ *win.Call, pt win.Size, dwFlags win.DWORD) (win.Handle, win.Error) {
	x, y := int32(pt), int32(pt>>32)
	if dwFlags == 0 && (x < 0 || y < 0 || x >= screenWidth || y >= screenHeight) {
		return 0, 0
	}
	return monitor, 0
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-monitorfromrect
func monitorFromRect(c *win.Call, lprc win.Ptr, dwFlags win.DWORD) (win.Handle, win.Error) {
	b := c.Bytes(lprc, 16)
	if c.Faulted() {
		return 0, 0
	}
	outside := int32(le.Uint32(b)) >= screenWidth || int32(le.Uint32(b[4:])) >= screenHeight || int32(le.Uint32(b[8:])) <= 0 || int32(le.Uint32(b[12:])) <= 0
	if dwFlags == 0 && outside {
		return 0, 0
	}
	return monitor, 0
}

// enumDisplaySettings knows one mode.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-enumdisplaysettingsw
func enumDisplaySettings(c *win.Call, lpszDeviceName win.TStr, iModeNum win.DWORD, lpDevMode win.Ptr) (win.Bool, win.Error) {
	const current, registry = 0xFFFFFFFF, 0xFFFFFFFE
	if iModeNum != 0 && iModeNum != current && iModeNum != registry {
		return false, 0
	}
	// Behind the device's name, whose characters differ: DEVMODE.
	name := 32 * c.CharSize()
	b := c.Buffer(lpDevMode, 2*name+92)
	if c.Faulted() {
		return false, 0
	}
	const fields = 0x5C0000 // bits, width, height, flags, frequency
	le.PutUint32(b[name+8:], fields)
	tail := b[2*name+38:]
	for i, v := range []uint32{32, screenWidth, screenHeight, 0, 60} {
		le.PutUint32(tail[2+4*i:], v)
	}
	return true, 0
}

// sysColours are those of Windows 10, by COLOR_*.
var sysColours = [...]uint32{
	0xC8C8C8, 0x000000, 0xD1B499, 0xDBCDBF, 0xF0F0F0, 0xFFFFFF, 0x646464, 0x000000, 0x000000, 0x000000, 0xB4B4B4, 0xFCF7F4, 0xABABAB, 0xD77800, 0xFFFFFF,
	0xF0F0F0, 0xA0A0A0, 0x6D6D6D, 0x000000, 0x000000, 0xFFFFFF, 0x696969, 0xE3E3E3, 0x000000, 0xE1FFFF, 0x000000, 0xCC6600, 0xEAD1B9, 0xF2E4D7, 0xD77800, 0xF0F0F0,
}

// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-getsyscolor
func getSysColor(_ *win.Call, nIndex win.Int) (win.DWORD, win.Error) {
	if nIndex < 0 || int(nIndex) >= len(sysColours) {
		return 0, 0
	}
	return win.DWORD(sysColours[nIndex]), 0
}

// systemParametersInfo answers what programs ask; what they set is accepted
// and forgotten.
//
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-systemparametersinfow
func systemParametersInfo(c *win.Call, uiAction, uiParam win.DWORD, pvParam win.Ptr, fWinIni win.Hex) (win.Bool, win.Error) {
	const (
		getBeep, getScreenSaveTimeout, getScreenSaveActive = 0x01, 0x0E, 0x10
		getWorkArea, getWallpaper, getScreenSaverRunning   = 0x30, 0x73, 0x72
		setWallpaper                                       = 0x14
	)
	number := func(v uint64) { c.WriteUint(pvParam, 4, v) }
	switch uiAction {
	case getBeep, getScreenSaveActive:
		number(1)
	case getScreenSaveTimeout:
		number(600)
	case getScreenSaverRunning:
		number(0)
	case getWorkArea:
		c.Write(pvParam, rectangle([4]int32{0, 0, screenWidth, screenHeight - taskBar}))
	case getWallpaper:
		fill(c, pvParam, win.Int(min(uint32(uiParam), guest.MaxString)), `C:\Windows\web\wallpaper\Windows\img0.jpg`)
	case setWallpaper:
	default:
		if uiAction&1 == 1 && uiAction < 0x1000 || uiAction >= 0x1000 && uiAction&1 == 1 {
			return true, 0 // most that set something have odd numbers
		}
		c.Gap("an action that is not modelled")
	}
	return true, 0
}
