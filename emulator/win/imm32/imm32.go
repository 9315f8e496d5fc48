// Package imm32 has the handlers of imm32.dll on a machine without an input
// method editor.
package imm32

import "sidetrace/emulator/win"

// Table returns imm32.dll.
func Table() win.Table { return win.DLL("imm32.dll", rows) }

// What there is to ask for is none, as on a machine whose keyboard needs no
// input method.
var rows = win.Rows{
	win.Stub("ImmAssociateContext", win.Handle(0), "hWnd hIMC"),
	win.Stub("ImmAssociateContextEx", win.Bool(true), "hWnd hIMC dwFlags"),
	win.Stub("ImmDisableIME", win.Bool(true), "idThread"),
	win.Stub("ImmDisableLegacyIME", win.Bool(true), ""),
	win.Stub("ImmGetContext", win.Handle(0), "hWnd"),
	win.Stub("ImmGetDefaultIMEWnd", win.Handle(0), "hWnd"),
	win.Stub("ImmIsIME", win.Bool(false), "hKL"),
	win.Stub("ImmReleaseContext", win.Bool(true), "hWnd hIMC"),
}
