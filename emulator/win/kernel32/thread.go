package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var threadRows = win.Rows{
	win.Func6("CreateThread", createThread, "lpThreadAttributes dwStackSize lpStartAddress lpParameter dwCreationFlags lpThreadId"),
	win.Func1("ExitThread", exitThread, "dwExitCode"),
	win.Func0("GetCurrentThread", getCurrentThread),
	win.Func0("GetCurrentThreadId", getCurrentThreadID),
	win.Func2("GetExitCodeThread", getExitCodeThread, "hThread lpExitCode"),
	win.Func1("GetThreadId", getThreadID, "Thread"),
	win.Func1("ResumeThread", resumeThread, "hThread"),
	win.Func1("SuspendThread", suspendThread, "hThread"),
	win.Func0("SwitchToThread", switchToThread),
	win.Func2("TerminateThread", terminateThread, "hThread dwExitCode"),
}

const (
	createSuspended           = 0x4
	stackSizeParamReservation = 0x10000
)

// createThread makes a thread. It runs when the scheduler's turn comes to it,
// and not before the loader lock is free.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-createthread
func createThread(c *win.Call, lpThreadAttributes win.Ptr, dwStackSize win.Size, lpStartAddress, lpParameter win.Ptr, dwCreationFlags win.Hex, lpThreadId win.Out[uint32]) (win.Handle, win.Error) {
	reserve := uint64(0)
	if dwCreationFlags&stackSizeParamReservation != 0 {
		reserve = uint64(dwStackSize)
	}
	t, status := ntdll.CreateThread(c, lpStartAddress, lpParameter, reserve, dwCreationFlags&createSuspended != 0)
	if status != 0 {
		return 0, ntdll.Win32Error(status)
	}
	lpThreadId.Set(c, t.ID)
	return win.Handle(c.Handles.Add(t)), 0
}

// threadOf finds the thread of a handle.
func threadOf(c *win.Call, h win.Handle) (ntdll.Thread, win.Error) {
	t, status := ntdll.ThreadOf(c, h)
	return t, ntdll.Win32Error(status)
}

// exitThread ends the calling thread after the modules have been told.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-exitthread
func exitThread(c *win.Call, dwExitCode win.DWORD) (win.Void, win.Error) {
	c.ExitThread(c.T, uint32(dwExitCode))
	return win.Void{}, 0
}

// terminateThread ends a thread where it stands.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-terminatethread
func terminateThread(c *win.Call, hThread win.Handle, dwExitCode win.DWORD) (win.Bool, win.Error) {
	t, err := threadOf(c, hThread)
	if err != 0 {
		return false, err
	}
	t.Terminate(uint32(dwExitCode))
	return true, 0
}

func getCurrentThread(c *win.Call) (win.Handle, win.Error) {
	return win.Handle(guest.CurrentThread), 0
}

func getCurrentThreadID(c *win.Call) (win.DWORD, win.Error) { return win.DWORD(c.T.ID), 0 }

// getExitCodeThread tells how a thread ended, or STILL_ACTIVE.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getexitcodethread
func getExitCodeThread(c *win.Call, hThread win.Handle, lpExitCode win.Out[uint32]) (win.Bool, win.Error) {
	t, err := threadOf(c, hThread)
	if err != 0 {
		return false, err
	}
	lpExitCode.Set(c, ntdll.ExitCode(t))
	return true, 0
}

func getThreadID(c *win.Call, Thread win.Handle) (win.DWORD, win.Error) {
	t, err := threadOf(c, Thread)
	if err != 0 {
		return 0, err
	}
	return win.DWORD(ntdll.ThreadID(t)), 0
}

// resumeThread takes one suspension back and returns the count before.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-resumethread
func resumeThread(c *win.Call, hThread win.Handle) (win.SizeFail, win.Error) {
	t, err := threadOf(c, hThread)
	if err != 0 {
		return 0, err
	}
	return win.SizeFail(ntdll.ResumeThread(c, t)), 0
}

func suspendThread(c *win.Call, hThread win.Handle) (win.SizeFail, win.Error) {
	t, err := threadOf(c, hThread)
	if err != 0 {
		return 0, err
	}
	before, status := ntdll.SuspendThread(t)
	if status != 0 {
		return 0xFFFFFFFF, ntdll.Win32Error(status)
	}
	return win.SizeFail(before), 0
}

// switchToThread lets another ready thread run.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-switchtothread
func switchToThread(c *win.Call) (win.Bool, win.Error) {
	c.T.Yield()
	return true, 0
}
