// Package shell32 has the handlers of shell32.dll: known folders, programs
// started by what they open, files moved in numbers, command lines.
package shell32

import (
	"encoding/binary"

	"sidetrace/emulator/win"
)

// Table is shell32.dll.
func Table() win.Table {
	return win.DLL("shell32.dll", folderRows, executeRows, fileRows, argumentRows, miscRows)
}

// le is the byte order of everything the guest sees.
var le = binary.LittleEndian

// suffix is the version of the export, for calls of functions that have two.
func suffix(c *win.Call) string {
	if c.ANSI() {
		return "A"
	}
	return "W"
}
