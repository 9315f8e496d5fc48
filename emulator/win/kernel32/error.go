package kernel32

import "sidetrace/emulator/win"

var errorRows = win.Rows{
	win.Func0("GetLastError", getLastError),
	win.Partial(win.Func4("RaiseException", raiseException, "dwExceptionCode dwExceptionFlags nNumberOfArguments lpArguments"), "the guest's handlers are not called"),
	win.Func1("SetErrorMode", setErrorMode, "uMode"),
	win.Func1("SetLastError", setLastError, "dwErrCode"),
	win.Partial(win.Func1("SetUnhandledExceptionFilter", setUnhandledExceptionFilter, "lpTopLevelExceptionFilter"), "the filter is kept and not called"),
	win.Forward("DecodePointer", "ntdll.RtlDecodePointer"),
	win.Forward("EncodePointer", "ntdll.RtlEncodePointer"),
	win.Partial(win.Func2("AddVectoredExceptionHandler", addVectoredHandler, "First Handler"), "the handler is not called"),
	win.Func1("RemoveVectoredExceptionHandler", removeVectoredHandler, "Handle"),
	win.Forward("RtlCaptureContext", "ntdll.RtlCaptureContext"),
}

// getLastError reads the thread's last error.
//
// https://learn.microsoft.com/windows/win32/api/errhandlingapi/nf-errhandlingapi-getlasterror
func getLastError(c *win.Call) (win.DWORD, win.Error) { return win.DWORD(c.T.LastError()), 0 }

func setLastError(c *win.Call, dwErrCode win.DWORD) (win.Void, win.Error) {
	c.T.SetLastError(uint32(dwErrCode))
	return win.Void{}, 0
}

type (
	filterKey    struct{}
	errorModeKey struct{}
	vectoredKey  struct{}
)

// setErrorMode returns the mode before. No dialogue is ever shown.
//
// https://learn.microsoft.com/windows/win32/api/errhandlingapi/nf-errhandlingapi-seterrormode
func setErrorMode(c *win.Call, uMode win.Hex) (win.Hex, win.Error) {
	before, _ := c.State[errorModeKey{}].(win.Hex)
	c.State[errorModeKey{}] = uMode
	return before, 0
}

// setUnhandledExceptionFilter returns the filter before.
//
// https://learn.microsoft.com/windows/win32/api/errhandlingapi/nf-errhandlingapi-setunhandledexceptionfilter
func setUnhandledExceptionFilter(c *win.Call, lpTopLevelExceptionFilter win.Ptr) (win.Ptr, win.Error) {
	before, _ := c.State[filterKey{}].(win.Ptr)
	c.State[filterKey{}] = lpTopLevelExceptionFilter
	return before, 0
}

// raiseException raises a software exception.
//
// https://learn.microsoft.com/windows/win32/api/errhandlingapi/nf-errhandlingapi-raiseexception
func raiseException(c *win.Call, dwExceptionCode, dwExceptionFlags win.Hex, nNumberOfArguments win.DWORD, lpArguments win.Ptr) (win.Void, win.Error) {
	c.T.RaiseCode(uint32(dwExceptionCode))
	return win.Void{}, 0
}

// addVectoredHandler keeps the handler and returns a token for its removal.
//
// https://learn.microsoft.com/windows/win32/api/errhandlingapi/nf-errhandlingapi-addvectoredexceptionhandler
func addVectoredHandler(c *win.Call, First win.DWORD, Handler win.Ptr) (win.Handle, win.Error) {
	list, _ := c.State[vectoredKey{}].([]win.Ptr)
	if len(list) >= 1024 {
		return 0, win.ErrNotEnoughMemory
	}
	c.State[vectoredKey{}] = append(list, Handler)
	return win.Handle(c.Heap.Base + 16*uint64(len(list)+1)), 0
}

func removeVectoredHandler(c *win.Call, Handle win.Handle) (win.Bool, win.Error) {
	list, _ := c.State[vectoredKey{}].([]win.Ptr)
	i := (uint64(Handle)-c.Heap.Base)/16 - 1
	if i >= uint64(len(list)) || list[i] == 0 {
		return false, 0
	}
	list[i] = 0
	return true, 0
}
