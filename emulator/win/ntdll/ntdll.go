// Package ntdll has the handlers of ntdll.dll: the native API and the run-time
// library below kernel32.
package ntdll

import "sidetrace/emulator/win"

// Table is ntdll.dll.
func Table() win.Table { return win.DLL("ntdll.dll", rows()) }

// rows collects the topics; each lies in the file of its name.
func rows() win.Rows {
	var all win.Rows
	for _, topic := range []win.Rows{} {
		all = append(all, topic...)
	}
	return all
}
