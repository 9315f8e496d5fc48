// Package ole32 has the handlers of ole32.dll, which combase.dll exports too:
// the memory, the identifiers and the activation of COM.
package ole32

import (
	"encoding/binary"

	"sidetrace/emulator/win"
)

// Tables returns ole32.dll and combase.dll.
func Tables() []win.Table {
	return []win.Table{
		win.DLL("ole32.dll", memoryRows, apartmentRows, identifierRows, activationRows),
		win.DLL("combase.dll", memoryRows, apartmentRows, identifierRows, activationRows),
	}
}

// le is the byte order of everything the guest sees.
var le = binary.LittleEndian
