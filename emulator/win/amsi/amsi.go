// Package amsi has the handlers of amsi.dll, the Antimalware Scan Interface, on
// a machine whose scanner finds nothing in what it is shown.
package amsi

import (
	"encoding/binary"

	"sidetrace/emulator/win"
)

// Table returns amsi.dll.
func Table() win.Table { return win.DLL("amsi.dll", rows) }

var rows = win.Rows{
	win.Stub("AmsiCloseSession", win.Void{}, "amsiContext amsiSession"),
	win.Func2("AmsiInitialize", amsiInitialize, "appName amsiContext"),
	win.Func5("AmsiNotifyOperation", amsiNotifyOperation, "amsiContext buffer length contentName result"),
	win.Func2("AmsiOpenSession", amsiOpenSession, "amsiContext amsiSession"),
	win.Func6("AmsiScanBuffer", amsiScanBuffer, "amsiContext buffer length contentName amsiSession result"),
	win.Func5("AmsiScanString", amsiScanString, "amsiContext string contentName amsiSession result"),
	win.Func1("AmsiUninitialize", amsiUninitialize, "amsiContext"),
}

// A context begins with its signature, which every function looks for before it
// does anything: code that wants no scans overwrites it.
const (
	signature      = "AMSI"
	contextSize    = 0x20
	contextName    = 0x08
	contextScanner = 0x10
	contextSession = 0x18 // the number of the next one

	notDetected = 1 // AMSI_RESULT_NOT_DETECTED
)

// valid reports whether a context is one that amsiInitialize made.
func valid(c *win.Call, at win.Ptr) bool {
	return at != 0 && string(c.Bytes(at, 4)) == signature && c.ReadUint(at+contextName, 8) != 0 && c.ReadUint(at+contextScanner, 8) != 0
}

// amsiInitialize makes a context.
//
// https://learn.microsoft.com/windows/win32/api/amsi/nf-amsi-amsiinitialize
func amsiInitialize(c *win.Call, appName win.WStr, amsiContext win.Out[uint64]) (win.Status, win.Error) {
	if appName.Addr == 0 || amsiContext.Null() {
		return win.ResultInvalidArg, 0
	}
	at := c.Heap.Alloc(contextSize)
	if at == 0 {
		return win.ResultOutOfMemory, 0
	}
	b := make([]byte, contextSize)
	copy(b, signature)
	binary.LittleEndian.PutUint64(b[contextName:], at)
	binary.LittleEndian.PutUint64(b[contextScanner:], at)
	binary.LittleEndian.PutUint64(b[contextSession:], 1)
	c.Write(win.Ptr(at), b)
	amsiContext.Set(c, at)
	return win.ResultOK, 0
}

// amsiUninitialize takes a context back.
//
// https://learn.microsoft.com/windows/win32/api/amsi/nf-amsi-amsiuninitialize
func amsiUninitialize(c *win.Call, amsiContext win.Ptr) (win.Void, win.Error) {
	if valid(c, amsiContext) {
		c.Heap.Free(uint64(amsiContext))
	}
	return win.Void{}, 0
}

// amsiOpenSession numbers a session.
//
// https://learn.microsoft.com/windows/win32/api/amsi/nf-amsi-amsiopensession
func amsiOpenSession(c *win.Call, amsiContext win.Ptr, amsiSession win.Out[uint64]) (win.Status, win.Error) {
	if amsiSession.Null() || !valid(c, amsiContext) {
		return win.ResultInvalidArg, 0
	}
	n := c.ReadUint(amsiContext+contextSession, 8)
	c.WriteUint(amsiContext+contextSession, 8, n+1)
	amsiSession.Set(c, n)
	return win.ResultOK, 0
}

// scanned gives the result of a scan.
func scanned(c *win.Call, context, content win.Ptr, length uint64, result win.Out[uint32]) (win.Status, win.Error) {
	if content == 0 || length == 0 || result.Null() || !valid(c, context) {
		return win.ResultInvalidArg, 0
	}
	result.Set(c, notDetected)
	return win.ResultOK, 0
}

// amsiScanBuffer finds nothing in a buffer.
//
// https://learn.microsoft.com/windows/win32/api/amsi/nf-amsi-amsiscanbuffer
func amsiScanBuffer(c *win.Call, amsiContext, buffer win.Ptr, length win.DWORD, contentName win.WStr, amsiSession win.Hex, result win.Out[uint32]) (win.Status, win.Error) {
	return scanned(c, amsiContext, buffer, uint64(length), result)
}

// amsiScanString finds nothing in a string.
//
// https://learn.microsoft.com/windows/win32/api/amsi/nf-amsi-amsiscanstring
func amsiScanString(c *win.Call, amsiContext win.Ptr, string win.WStr, contentName win.WStr, amsiSession win.Hex, result win.Out[uint32]) (win.Status, win.Error) {
	return scanned(c, amsiContext, win.Ptr(string.Addr), uint64(len(string.Text)), result)
}

// amsiNotifyOperation finds nothing in what was done.
//
// https://learn.microsoft.com/windows/win32/api/amsi/nf-amsi-amsinotifyoperation
func amsiNotifyOperation(c *win.Call, amsiContext, buffer win.Ptr, length win.DWORD, contentName win.WStr, result win.Out[uint32]) (win.Status, win.Error) {
	return scanned(c, amsiContext, buffer, uint64(length), result)
}
