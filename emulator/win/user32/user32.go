// Package user32 has the handlers of user32.dll: windows, messages, input,
// text, and what the desktop says of itself. Nothing is drawn, and nobody sits
// before the machine: windows get the messages that creating, showing and
// closing them send, and those that programs send each other.
package user32

import (
	"encoding/binary"

	"sidetrace/emulator/win"
)

// Table is user32.dll.
func Table() win.Table {
	return win.DLL("user32.dll",
		classRows, windowRows, windowTextRows, windowListRows, paintRows, procedureRows, messageRows, sendRows, timerRows,
		inputRows, metricRows, textRows, stringRows, formatRows, resourceRows, boxRows, hookRows, clipboardRows, stationRows,
	)
}

// le is the byte order of everything the guest sees.
var le = binary.LittleEndian
