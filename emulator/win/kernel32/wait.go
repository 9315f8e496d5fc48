package kernel32

import (
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var waitRows = win.Rows{
	win.Func4("SignalObjectAndWait", signalObjectAndWait, "hObjectToSignal hObjectToWaitOn dwMilliseconds bAlertable"),
	win.Func1("Sleep", sleep, "dwMilliseconds"),
	win.Func2("SleepEx", sleepEx, "dwMilliseconds bAlertable"),
	win.Func4("WaitForMultipleObjects", waitForMultipleObjects, "nCount lpHandles bWaitAll dwMilliseconds"),
	win.Func5("WaitForMultipleObjectsEx", waitForMultipleObjectsEx, "nCount lpHandles bWaitAll dwMilliseconds bAlertable"),
	win.Func2("WaitForSingleObject", waitForSingleObject, "hHandle dwMilliseconds"),
	win.Func3("WaitForSingleObjectEx", waitForSingleObjectEx, "hHandle dwMilliseconds bAlertable"),
}

const infinite = 0xFFFFFFFF

func duration(ms win.Millis) time.Duration {
	if ms == infinite {
		return -1
	}
	return time.Duration(ms) * time.Millisecond
}

// sleep lets virtual time pass. It costs no real time.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-sleep
func sleep(c *win.Call, dwMilliseconds win.Millis) (win.Void, win.Error) {
	ntdll.Delay(c, false, duration(dwMilliseconds))
	return win.Void{}, 0
}

func sleepEx(c *win.Call, dwMilliseconds win.Millis, bAlertable win.Int) (win.DWORD, win.Error) {
	return win.DWORD(ntdll.Delay(c, bAlertable != 0, duration(dwMilliseconds))), 0
}

// waitForSingleObject waits until the object is signalled or the time is over.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-waitforsingleobject
func waitForSingleObject(c *win.Call, hHandle win.Handle, dwMilliseconds win.Millis) (win.WaitCode, win.Error) {
	return waitForSingleObjectEx(c, hHandle, dwMilliseconds, 0)
}

func waitForSingleObjectEx(c *win.Call, hHandle win.Handle, dwMilliseconds win.Millis, bAlertable win.Int) (win.WaitCode, win.Error) {
	w, status := ntdll.Waitable(c, hHandle)
	if status != 0 {
		return 0, ntdll.Win32Error(status)
	}
	return wait(c, []guest.Waitable{w}, false, bAlertable, dwMilliseconds), 0
}

// waitForMultipleObjects waits for one of the objects, or for all of them.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-waitformultipleobjects
func waitForMultipleObjects(c *win.Call, nCount win.DWORD, lpHandles win.Ptr, bWaitAll win.Int, dwMilliseconds win.Millis) (win.WaitCode, win.Error) {
	return waitForMultipleObjectsEx(c, nCount, lpHandles, bWaitAll, dwMilliseconds, 0)
}

func waitForMultipleObjectsEx(c *win.Call, nCount win.DWORD, lpHandles win.Ptr, bWaitAll win.Int, dwMilliseconds win.Millis, bAlertable win.Int) (win.WaitCode, win.Error) {
	objects, status := ntdll.Waitables(c, nCount, lpHandles, bWaitAll != 0)
	if status != 0 || c.Faulted() {
		return 0, ntdll.Win32Error(status)
	}
	return wait(c, objects, bWaitAll != 0, bAlertable, dwMilliseconds), 0
}

// signalObjectAndWait signals one object and waits for another.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-signalobjectandwait
func signalObjectAndWait(c *win.Call, hObjectToSignal, hObjectToWaitOn win.Handle, dwMilliseconds win.Millis, bAlertable win.Int) (win.WaitCode, win.Error) {
	w, status := ntdll.Waitable(c, hObjectToWaitOn)
	if status == 0 {
		status = ntdll.SignalObject(c, hObjectToSignal)
	}
	if status != 0 {
		return 0, ntdll.Win32Error(status)
	}
	return wait(c, []guest.Waitable{w}, false, bAlertable, dwMilliseconds), 0
}

func wait(c *win.Call, objects []guest.Waitable, all bool, alertable win.Int, ms win.Millis) win.WaitCode {
	return win.WaitCode(ntdll.Wait(c, objects, all, alertable != 0, duration(ms)))
}
