// Package urlmon has the handlers of urlmon.dll: downloads to files and
// streams, and what programs ask about URLs. Everything is done in the call;
// monikers are not modelled.
package urlmon

import "sidetrace/emulator/win"

const dll = "urlmon.dll"

// Table returns urlmon.dll.
func Table() win.Table { return win.DLL(dll, downloadRows, streamRows, urlRows, agentRows) }

// Errors of downloads.
//
// https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/platform-apis/ms775145(v=vs.85)
const (
	errInvalidURL       win.Status = 0x800C0002
	errCannotConnect    win.Status = 0x800C0004
	errResourceNotFound win.Status = 0x800C0005
	errObjectNotFound   win.Status = 0x800C0006
	errUnknownProtocol  win.Status = 0x800C000D
	errRedirectFailed   win.Status = 0x800C0014
)
