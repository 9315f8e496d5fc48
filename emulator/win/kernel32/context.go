package kernel32

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var contextRows = win.Rows{
	win.Func2("GetThreadContext", getThreadContext, "hThread lpContext"),
	win.Partial(win.Func2("SetThreadContext", setThreadContext, "hThread lpContext"), "hardware breakpoints on data are not raised"),
}

// getThreadContext stores the registers of a thread.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getthreadcontext
func getThreadContext(c *win.Call, hThread win.Handle, lpContext win.Ptr) (win.Bool, win.Error) {
	status := ntdll.GetContext(c, hThread, lpContext)
	return status == 0, ntdll.Win32Error(status)
}

// setThreadContext changes the registers of a thread.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-setthreadcontext
func setThreadContext(c *win.Call, hThread win.Handle, lpContext win.Ptr) (win.Bool, win.Error) {
	status := ntdll.SetContext(c, hThread, lpContext)
	return status == 0, ntdll.Win32Error(status)
}
