// Package crypt32 has the handlers of crypt32.dll: the conversions between
// bytes and text, the protection of data with the keys of the user and the
// machine, certificates with their stores, and the signatures of files.
package crypt32

import "sidetrace/emulator/win"

// Table returns crypt32.dll.
func Table() win.Table {
	return win.DLL("crypt32.dll", stringRows, protectRows, certificateRows, storeRows, messageRows, objectRows, encodeRows)
}

// Formats of text, CRYPT_STRING_*.
//
// https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-cryptstringtobinaryw
const (
	base64Header        = 0x0 // with the lines of a certificate around it
	base64Plain         = 0x1
	formatBinary        = 0x2
	base64RequestHeader = 0x3
	hexPlain            = 0x4
	hexASCII            = 0x5
	base64Any           = 0x6
	anyFormat           = 0x7
	hexAny              = 0x8
	base64CRLHeader     = 0x9
	hexAddress          = 0xA
	hexASCIIAddress     = 0xB
	hexRaw              = 0xC
	base64URI           = 0xD

	strict = 0x2000_0000
	noCRLF = 0x4000_0000
	noCR   = 0x8000_0000
)
