// Package httpstack is what wininet.dll and winhttp.dll share: URLs, requests
// with their headers, and the exchange of one for an answer of the machine's
// configuration. It has no handlers and no handles, and no way to a network:
// [guest.Network] is all it asks.
package httpstack

import "sidetrace/emulator/win"

// Errors both DLLs give by the same numbers.
//
// https://learn.microsoft.com/windows/win32/wininet/wininet-errors
const (
	ErrInvalidURL           win.Error = 12005
	ErrUnrecognizedScheme   win.Error = 12006
	ErrNameNotResolved      win.Error = 12007
	ErrInvalidOption        win.Error = 12009
	ErrIncorrectHandleType  win.Error = 12018
	ErrIncorrectHandleState win.Error = 12019
	ErrCannotConnect        win.Error = 12029
	ErrHeaderNotFound       win.Error = 12150
	ErrInvalidHeader        win.Error = 12153
	ErrHeaderAlreadyExists  win.Error = 12155
	ErrRedirectFailed       win.Error = 12156
)

// Text reads text of n characters as the export's version has it. A length of
// all ones means that a NUL ends it.
func Text(c *win.Call, at win.TText, n win.DWORD) string {
	const terminated = 0xFFFF_FFFF
	switch {
	case at == 0:
		return ""
	case n == terminated:
		return c.TString(win.Ptr(at))
	}
	b := c.Bytes(win.Ptr(at), uint64(n)*c.CharSize())
	if c.Faulted() {
		return ""
	}
	return decode(b, c.ANSI())
}
