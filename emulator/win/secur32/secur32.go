// Package secur32 has the handlers of secur32.dll that tell who the user is.
// Security packages, such as that of TLS, are not modelled: asking for their
// credentials is a gap.
package secur32

import "sidetrace/emulator/win"

// Table returns secur32.dll.
func Table() win.Table { return win.DLL("secur32.dll", nameRows, packageRows) }

var nameRows = win.Rows{
	win.Func3("GetComputerObjectName{A,W}", getComputerObjectName, "NameFormat lpNameBuffer nSize"),
	win.Func3("GetUserNameEx{A,W}", getUserNameEx, "NameFormat lpNameBuffer nSize"),
}

const (
	samCompatible                = 2
	noneMapped         win.Error = 1332
	noDomainInfo       win.Error = 1351 // ERROR_CANT_ACCESS_DOMAIN_INFO
	serviceAndDNSNames           = 12
)

// getUserNameEx tells the user's name in one of several forms; those of a
// directory there are not.
//
// https://learn.microsoft.com/windows/win32/api/secext/nf-secext-getusernameexw
func getUserNameEx(c *win.Call, NameFormat win.DWORD, lpNameBuffer win.Ptr, nSize win.Out[uint32]) (win.Bool, win.Error) {
	switch {
	case nSize.Null() || NameFormat > serviceAndDNSNames:
		return false, win.ErrInvalidParameter
	case NameFormat != samCompatible:
		return false, noneMapped
	}
	name := c.Encode(c.Config.Computer + `\` + c.Config.User)
	n := uint32(uint64(len(name)) / c.CharSize())
	space := nSize.Get(c)
	if lpNameBuffer == 0 || space < n {
		nSize.Set(c, n)
		return false, win.ErrMoreData
	}
	c.Write(lpNameBuffer, name)
	nSize.Set(c, n-1)
	return true, 0
}

// getComputerObjectName fails: the machine is in no domain.
//
// https://learn.microsoft.com/windows/win32/api/secext/nf-secext-getcomputerobjectnamew
func getComputerObjectName(c *win.Call, NameFormat win.DWORD, lpNameBuffer win.Ptr, nSize win.Out[uint32]) (win.Bool, win.Error) {
	if nSize.Null() {
		return false, win.ErrInvalidParameter
	}
	return false, noDomainInfo
}
