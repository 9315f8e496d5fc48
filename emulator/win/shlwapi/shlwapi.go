// Package shlwapi has the handlers of shlwapi.dll, the shell's functions for
// paths, strings, URLs and the registry.
package shlwapi

import "sidetrace/emulator/win"

// Table is shlwapi.dll.
func Table() win.Table {
	return win.DLL("shlwapi.dll", pathRows, pathEditRows, pathJoinRows, stringRows, numberRows, urlRows, registryRows)
}
