package kernel32

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

// Critical sections are ntdll's, to which most of these names lead; the other
// functions have a result that ntdll's have not.
var criticalRows = win.Rows{
	win.Forward("DeleteCriticalSection", "ntdll.RtlDeleteCriticalSection"),
	win.Forward("EnterCriticalSection", "ntdll.RtlEnterCriticalSection"),
	win.Forward("InitializeCriticalSection", "ntdll.RtlInitializeCriticalSection"),
	win.Func2("InitializeCriticalSectionAndSpinCount", initializeCriticalSectionAndSpinCount, "lpCriticalSection dwSpinCount"),
	win.Func3("InitializeCriticalSectionEx", initializeCriticalSectionEx, "lpCriticalSection dwSpinCount Flags"),
	win.Forward("InitializeSListHead", "ntdll.RtlInitializeSListHead"),
	win.Forward("LeaveCriticalSection", "ntdll.RtlLeaveCriticalSection"),
	win.Forward("TryEnterCriticalSection", "ntdll.RtlTryEnterCriticalSection"),
}

// initializeCriticalSectionAndSpinCount prepares the structure.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initializecriticalsectionandspincount
func initializeCriticalSectionAndSpinCount(c *win.Call, lpCriticalSection win.Ptr, dwSpinCount win.DWORD) (win.Bool, win.Error) {
	ntdll.InitializeCriticalSection(c, lpCriticalSection, dwSpinCount)
	return true, 0
}

func initializeCriticalSectionEx(c *win.Call, lpCriticalSection win.Ptr, dwSpinCount win.DWORD, Flags win.Hex) (win.Bool, win.Error) {
	return initializeCriticalSectionAndSpinCount(c, lpCriticalSection, dwSpinCount)
}
