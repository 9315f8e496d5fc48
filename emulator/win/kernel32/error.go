package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var errorRows = win.Rows{
	win.Func0("GetLastError", getLastError),
	win.Func4("RaiseException", raiseException, "dwExceptionCode dwExceptionFlags nNumberOfArguments lpArguments"),
	win.Func1("SetErrorMode", setErrorMode, "uMode"),
	win.Func1("SetLastError", setLastError, "dwErrCode"),
	win.Func1("SetUnhandledExceptionFilter", setUnhandledExceptionFilter, "lpTopLevelExceptionFilter"),
	win.Func1("UnhandledExceptionFilter", unhandledExceptionFilter, "ExceptionInfo"),
	win.Func1("SetThreadStackGuarantee", setThreadStackGuarantee, "StackSizeInBytes"),
	win.Forward("DebugBreak", "ntdll.DbgBreakPoint"),
	win.Forward("DecodePointer", "ntdll.RtlDecodePointer"),
	win.Forward("EncodePointer", "ntdll.RtlEncodePointer"),
	win.Forward("AddVectoredContinueHandler", "ntdll.RtlAddVectoredContinueHandler"),
	win.Forward("AddVectoredExceptionHandler", "ntdll.RtlAddVectoredExceptionHandler"),
	win.Forward("RemoveVectoredContinueHandler", "ntdll.RtlRemoveVectoredContinueHandler"),
	win.Forward("RemoveVectoredExceptionHandler", "ntdll.RtlRemoveVectoredExceptionHandler"),
	win.Forward("RtlAddFunctionTable", "ntdll.RtlAddFunctionTable"),
	win.Forward("RtlCaptureStackBackTrace", "ntdll.RtlCaptureStackBackTrace"),
	win.Forward("RtlDeleteFunctionTable", "ntdll.RtlDeleteFunctionTable"),
	win.Forward("RtlInstallFunctionTableCallback", "ntdll.RtlInstallFunctionTableCallback"),
	win.Forward("RtlLookupFunctionEntry", "ntdll.RtlLookupFunctionEntry"),
	win.Forward("RtlPcToFileHeader", "ntdll.RtlPcToFileHeader"),
	win.Forward("RtlRaiseException", "ntdll.RtlRaiseException"),
	win.Forward("RtlRestoreContext", "ntdll.RtlRestoreContext"),
	win.Forward("RtlUnwind", "ntdll.RtlUnwind"),
	win.Forward("RtlUnwindEx", "ntdll.RtlUnwindEx"),
	win.Forward("RtlVirtualUnwind", "ntdll.RtlVirtualUnwind"),
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
	errorModeKey struct{}
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
	before := c.UnhandledFilter
	c.UnhandledFilter = uint64(lpTopLevelExceptionFilter)
	return win.Ptr(before), 0
}

// unhandledExceptionFilter asks the filter. Where it has no answer the process
// is to end; nothing is shown.
//
// https://learn.microsoft.com/windows/win32/api/errhandlingapi/nf-errhandlingapi-unhandledexceptionfilter
func unhandledExceptionFilter(c *win.Call, ExceptionInfo win.Ptr) (win.Int, win.Error) {
	const executeHandler = 1
	if c.UnhandledFilter != 0 {
		if r := win.Int(c.CallGuest(win.Ptr(c.UnhandledFilter), uint64(ExceptionInfo))); r != 0 {
			return r, 0
		}
	}
	return executeHandler, 0
}

// raiseException raises a software exception.
//
// https://learn.microsoft.com/windows/win32/api/errhandlingapi/nf-errhandlingapi-raiseexception
func raiseException(c *win.Call, dwExceptionCode, dwExceptionFlags win.Hex, nNumberOfArguments win.DWORD, lpArguments win.Ptr) (win.Void, win.Error) {
	r := &guest.Record{Code: uint32(dwExceptionCode), Flags: uint32(dwExceptionFlags) & guest.ExceptionNoncontinuable}
	if lpArguments != 0 {
		for i := range min(nNumberOfArguments, guest.ExceptionMaximumParams) {
			r.Info = append(r.Info, c.ReadUint(lpArguments+win.Ptr(8*i), 8))
		}
	}
	if !c.Faulted() {
		c.T.RaiseRecord(r)
		c.Gone()
	}
	return win.Void{}, 0
}

// setThreadStackGuarantee sets how much of the stack is kept for those who
// handle its overflow, and tells how much it was.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-setthreadstackguarantee
func setThreadStackGuarantee(c *win.Call, StackSizeInBytes win.Out[uint32]) (win.Bool, win.Error) {
	want := uint64(StackSizeInBytes.Get(c))
	StackSizeInBytes.Set(c, uint32(c.T.StackGuarantee()))
	if c.Faulted() || want == 0 {
		return !win.Bool(c.Faulted()), 0
	}
	if !c.T.GuaranteeStack(want) {
		return false, win.ErrInvalidParameter
	}
	return true, 0
}
