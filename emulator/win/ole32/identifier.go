package ole32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var identifierRows = win.Rows{
	win.Func2("CLSIDFromProgID", clsidFromProgID, "lpszProgID lpclsid"),
	win.Func2("CLSIDFromString", clsidFromString, "lpsz pclsid"),
	win.Func1("CoCreateGuid", coCreateGuid, "pguid"),
	win.Func2("IIDFromString", iidFromString, "lpsz lpiid"),
	win.Func2("ProgIDFromCLSID", progIDFromCLSID, "clsid lplpszProgID"),
	win.Func3("StringFromGUID2", stringFromGUID2, "rguid lpsz cchMax"),
	win.Func2("StringFromCLSID", stringFromCLSID, "rclsid lplpsz"),
	win.Func2("StringFromIID", stringFromCLSID, "rclsid lplpsz"),
}

const (
	badClassString win.Status = 0x800401F3 // CO_E_CLASSSTRING
	classNotReg    win.Status = 0x80040154 // REGDB_E_CLASSNOTREG
)

// coCreateGuid makes a random identifier of version 4.
//
// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-cocreateguid
func coCreateGuid(c *win.Call, pguid win.Ptr) (win.Status, win.Error) {
	if pguid == 0 {
		return win.ResultInvalidArg, 0
	}
	b := le.AppendUint64(le.AppendUint64(nil, c.Random.Uint64()), c.Random.Uint64())
	b[7] = b[7]&0x0F | 0x40
	b[8] = b[8]&0x3F | 0x80
	c.Write(pguid, b)
	return win.ResultOK, 0
}

// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-stringfromguid2
func stringFromGUID2(c *win.Call, rguid, lpsz win.Ptr, cchMax win.Int) (win.Int, win.Error) {
	b := guest.UTF16(c.ReadGUID(rguid).String())
	if int(cchMax) < len(b)/2 || c.Faulted() {
		return 0, 0
	}
	c.Write(lpsz, b)
	return win.Int(len(b) / 2), 0
}

// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-stringfromclsid
func stringFromCLSID(c *win.Call, rclsid win.Ptr, lplpsz win.Out[uint64]) (win.Status, win.Error) {
	return give(c, c.ReadGUID(rclsid).String(), lplpsz), 0
}

// give stores a string in memory of the caller's.
func give(c *win.Call, s string, to win.Out[uint64]) win.Status {
	b := guest.UTF16(s)
	at := c.Heap.Alloc(uint64(len(b)))
	if at == 0 {
		return win.ResultOutOfMemory
	}
	c.Write(win.Ptr(at), b)
	to.Set(c, at)
	return win.ResultOK
}

// clsidFromString reads "{…}", or else a ProgID.
//
// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-clsidfromstring
func clsidFromString(c *win.Call, lpsz win.WStr, pclsid win.Ptr) (win.Status, win.Error) {
	if pclsid == 0 {
		return win.ResultInvalidArg, 0
	}
	if lpsz.Null() {
		c.Write(pclsid, make([]byte, 16))
		return win.ResultOK, 0
	}
	if g, ok := win.ParseGUID(lpsz.Text); ok && strings.HasPrefix(lpsz.Text, "{") && strings.HasSuffix(lpsz.Text, "}") {
		c.Write(pclsid, g[:])
		return win.ResultOK, 0
	}
	if status, _ := clsidFromProgID(c, lpsz, pclsid); status == win.ResultOK {
		return status, 0
	}
	return badClassString, 0
}

// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-iidfromstring
func iidFromString(c *win.Call, lpsz win.WStr, lpiid win.Ptr) (win.Status, win.Error) {
	g, ok := win.ParseGUID(lpsz.Text)
	switch {
	case lpsz.Null():
		c.Write(lpiid, make([]byte, 16))
		return win.ResultOK, 0
	case !ok || !strings.HasPrefix(lpsz.Text, "{"):
		return 0x800401F4, 0 // CO_E_IIDSTRING
	}
	c.Write(lpiid, g[:])
	return win.ResultOK, 0
}

// clsidFromProgID looks a name up among the classes of the registry.
//
// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-clsidfromprogid
func clsidFromProgID(c *win.Call, lpszProgID win.WStr, lpclsid win.Ptr) (win.Status, win.Error) {
	if lpszProgID.Null() {
		return win.ResultInvalidArg, 0
	}
	text, ok := classValue(c, lpszProgID.Text+`\CLSID`)
	g, valid := win.ParseGUID(text)
	if !ok || !valid {
		return badClassString, 0
	}
	c.Write(lpclsid, g[:])
	return win.ResultOK, 0
}

// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-progidfromclsid
func progIDFromCLSID(c *win.Call, clsid win.Ptr, lplpszProgID win.Out[uint64]) (win.Status, win.Error) {
	lplpszProgID.Set(c, 0)
	name, ok := classValue(c, `CLSID\`+c.ReadGUID(clsid).String()+`\ProgID`)
	if !ok {
		return classNotReg, 0
	}
	return give(c, name, lplpszProgID), 0
}
