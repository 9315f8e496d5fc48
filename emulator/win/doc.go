// Package win is the contract between the emulator and handlers of Windows
// APIs, and the machinery around it.
//
// A handler is an ordinary Go function whose parameters have the types of this
// package and Microsoft's names; a row of its DLL's table is all the wiring:
//
//	// getFileSizeEx stores the size of an open file.
//	//
//	// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfilesizeex
//	func getFileSizeEx(c *win.Call, hFile win.Handle, lpFileSize win.Out[uint64]) (win.Bool, win.Error) {
//		f, ok := guest.Lookup[*guest.File](c.Handles, hFile.Guest())
//		if !ok {
//			return false, win.ErrInvalidHandle
//		}
//		lpFileSize.Set(c, uint64(f.Node.Size()))
//		return true, 0
//	}
//
//	win.Func2("GetFileSizeEx", getFileSizeEx, "hFile lpFileSize")
//
// Argument types read and print themselves, so handler, trace and behaviour
// share one decoding. A bad guest pointer is not the handler's business: it is
// remembered, the handler's result is dropped and the guest gets its access
// violation. A non-zero [Error] becomes the thread's last error and makes the
// call return what the result type returns on failure.
//
// The tables become synthetic DLLs ([NewLibrary]) with real headers and export
// directories, and a [Dispatcher] routes their stubs to the handlers.
package win
