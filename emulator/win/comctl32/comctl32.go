// Package comctl32 has the handlers of comctl32.dll that programs call as they
// start. The controls themselves are gaps.
package comctl32

import "sidetrace/emulator/win"

// Table returns comctl32.dll.
func Table() win.Table { return win.DLL("comctl32.dll", startRows) }

var startRows = win.Rows{
	win.Ordinal(win.Stub("InitCommonControls", win.Void{}, ""), 17),
	win.Func1("InitCommonControlsEx", initCommonControlsEx, "picce"),
	win.Stub("InitMUILanguage", win.Void{}, "uiLang"),
}

// initCommonControlsEx checks what it is given. Windows registers the classes
// of controls then.
//
// https://learn.microsoft.com/windows/win32/api/commctrl/nf-commctrl-initcommoncontrolsex
func initCommonControlsEx(c *win.Call, picce win.Ptr) (win.Bool, win.Error) {
	const size, known = 8, 0xFFFF // INITCOMMONCONTROLSEX, ICC_*
	if picce == 0 || c.ReadUint(picce, 4) != size {
		return false, 0
	}
	if c.ReadUint(picce+4, 4)&^known != 0 {
		return false, 0
	}
	return true, 0
}
