package kernel32

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

// Most of the thread pool's functions lead to ntdll; those that make something
// have a result of their own.
var poolRows = win.Rows{
	win.Forward("CallbackMayRunLong", "ntdll.TpCallbackMayRunLong"),
	win.Func4("ChangeTimerQueueTimer", changeTimerQueueTimer, "TimerQueue Timer DueTime Period"),
	win.Forward("CloseThreadpool", "ntdll.TpReleasePool"),
	win.Forward("CloseThreadpoolCleanupGroup", "ntdll.TpReleaseCleanupGroup"),
	win.Forward("CloseThreadpoolCleanupGroupMembers", "ntdll.TpReleaseCleanupGroupMembers"),
	win.Forward("CloseThreadpoolTimer", "ntdll.TpReleaseTimer"),
	win.Forward("CloseThreadpoolWait", "ntdll.TpReleaseWait"),
	win.Forward("CloseThreadpoolWork", "ntdll.TpReleaseWork"),
	win.Func1("CreateThreadpool", createThreadpool, "reserved"),
	win.Func0("CreateThreadpoolCleanupGroup", createThreadpoolCleanupGroup),
	win.Func3("CreateThreadpoolTimer", createThreadpoolTimer, "pfnti pv pcbe"),
	win.Func3("CreateThreadpoolWait", createThreadpoolWait, "pfnwa pv pcbe"),
	win.Func3("CreateThreadpoolWork", createThreadpoolWork, "pfnwk pv pcbe"),
	win.Func0("CreateTimerQueue", createTimerQueue),
	win.Partial(win.Func7("CreateTimerQueueTimer", createTimerQueueTimer, "phNewTimer TimerQueue Callback Parameter DueTime Period Flags"), "flags choose nothing: every worker is alike"),
	win.Func1("DeleteTimerQueue", deleteTimerQueue, "TimerQueue"),
	win.Func2("DeleteTimerQueueEx", deleteTimerQueueEx, "TimerQueue CompletionEvent"),
	win.Func3("DeleteTimerQueueTimer", deleteTimerQueueTimer, "TimerQueue Timer CompletionEvent"),
	win.Forward("DisassociateCurrentThreadFromCallback", "ntdll.TpDisassociateCallback"),
	win.Forward("FreeLibraryWhenCallbackReturns", "ntdll.TpCallbackUnloadDllOnCompletion"),
	win.Forward("IsThreadpoolTimerSet", "ntdll.TpIsTimerSet"),
	win.Forward("LeaveCriticalSectionWhenCallbackReturns", "ntdll.TpCallbackLeaveCriticalSectionOnCompletion"),
	win.Partial(win.Func3("QueueUserWorkItem", queueUserWorkItem, "Function Context Flags"), "flags choose nothing: every worker is alike"),
	win.Partial(win.Func6("RegisterWaitForSingleObject", registerWaitForSingleObject, "phNewWaitObject hObject Callback Context dwMilliseconds dwFlags"), "of the flags only WT_EXECUTEONLYONCE has an effect"),
	win.Forward("ReleaseMutexWhenCallbackReturns", "ntdll.TpCallbackReleaseMutexOnCompletion"),
	win.Forward("ReleaseSemaphoreWhenCallbackReturns", "ntdll.TpCallbackReleaseSemaphoreOnCompletion"),
	win.Forward("SetEventWhenCallbackReturns", "ntdll.TpCallbackSetEventOnCompletion"),
	win.Forward("SetThreadpoolThreadMaximum", "ntdll.TpSetPoolMaxThreads"),
	win.Forward("SetThreadpoolThreadMinimum", "ntdll.TpSetPoolMinThreads"),
	win.Forward("SetThreadpoolTimer", "ntdll.TpSetTimer"),
	win.Forward("SetThreadpoolTimerEx", "ntdll.TpSetTimerEx"),
	win.Forward("SetThreadpoolWait", "ntdll.TpSetWait"),
	win.Forward("SetThreadpoolWaitEx", "ntdll.TpSetWaitEx"),
	win.Forward("SubmitThreadpoolWork", "ntdll.TpPostWork"),
	win.Func3("TrySubmitThreadpoolCallback", trySubmitThreadpoolCallback, "pfns pv pcbe"),
	win.Func1("UnregisterWait", unregisterWait, "WaitHandle"),
	win.Func2("UnregisterWaitEx", unregisterWaitEx, "WaitHandle CompletionEvent"),
	win.Forward("WaitForThreadpoolTimerCallbacks", "ntdll.TpWaitForTimer"),
	win.Forward("WaitForThreadpoolWaitCallbacks", "ntdll.TpWaitForWait"),
	win.Forward("WaitForThreadpoolWorkCallbacks", "ntdll.TpWaitForWork"),
}

// made is a new structure of ntdll's, or why there is none.
func made(at win.Ptr, status win.Status) (win.Ptr, win.Error) { return at, ntdll.Win32Error(status) }

// createThreadpool makes a pool of its own.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-createthreadpool
func createThreadpool(c *win.Call, reserved win.Ptr) (win.Ptr, win.Error) {
	return made(ntdll.NewPool(c))
}

// createThreadpoolCleanupGroup makes a group, whose members are closed
// together.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-createthreadpoolcleanupgroup
func createThreadpoolCleanupGroup(c *win.Call) (win.Ptr, win.Error) {
	return made(ntdll.NewCleanupGroup(c))
}

// createThreadpoolWork makes a work object.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-createthreadpoolwork
func createThreadpoolWork(c *win.Call, pfnwk, pv, pcbe win.Ptr) (win.Ptr, win.Error) {
	return made(ntdll.NewWork(c, pfnwk, pv, pcbe))
}

// createThreadpoolTimer makes a timer.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-createthreadpooltimer
func createThreadpoolTimer(c *win.Call, pfnti, pv, pcbe win.Ptr) (win.Ptr, win.Error) {
	return made(ntdll.NewPoolTimer(c, pfnti, pv, pcbe))
}

// createThreadpoolWait makes a wait.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-createthreadpoolwait
func createThreadpoolWait(c *win.Call, pfnwa, pv, pcbe win.Ptr) (win.Ptr, win.Error) {
	return made(ntdll.NewPoolWait(c, pfnwa, pv, pcbe))
}

// trySubmitThreadpoolCallback has a worker call a function.
//
// https://learn.microsoft.com/windows/win32/api/threadpoolapiset/nf-threadpoolapiset-trysubmitthreadpoolcallback
func trySubmitThreadpoolCallback(c *win.Call, pfns, pv, pcbe win.Ptr) (win.Bool, win.Error) {
	return done(ntdll.SimplePost(c, pfns, pv, pcbe))
}

// queueUserWorkItem has a worker call a function of one parameter.
//
// https://learn.microsoft.com/windows/win32/api/threadpoollegacyapiset/nf-threadpoollegacyapiset-queueuserworkitem
func queueUserWorkItem(c *win.Call, Function, Context win.Ptr, Flags win.Hex) (win.Bool, win.Error) {
	return done(ntdll.QueueWorkItem(c, Function, Context))
}

// createTimerQueue makes a timer queue.
//
// https://learn.microsoft.com/windows/win32/api/threadpoollegacyapiset/nf-threadpoollegacyapiset-createtimerqueue
func createTimerQueue(c *win.Call) (win.Ptr, win.Error) { return made(ntdll.NewTimerQueue(c)) }

// createTimerQueueTimer has a worker call a function at a time, and after each
// period.
//
// https://learn.microsoft.com/windows/win32/api/threadpoollegacyapiset/nf-threadpoollegacyapiset-createtimerqueuetimer
func createTimerQueueTimer(c *win.Call, phNewTimer win.Out[uint64], TimerQueue, Callback, Parameter win.Ptr, DueTime, Period win.DWORD, Flags win.Hex) (win.Bool, win.Error) {
	return done(ntdll.CreateQueueTimer(c, TimerQueue, phNewTimer, Callback, Parameter, DueTime, Period, Flags))
}

// changeTimerQueueTimer changes the times of a timer, unless it was to be due
// once and has been.
//
// https://learn.microsoft.com/windows/win32/api/threadpoollegacyapiset/nf-threadpoollegacyapiset-changetimerqueuetimer
func changeTimerQueueTimer(c *win.Call, TimerQueue, Timer win.Ptr, DueTime, Period win.DWORD) (win.Bool, win.Error) {
	return done(ntdll.ChangeQueueTimer(c, TimerQueue, Timer, DueTime, Period))
}

// deleteTimerQueueTimer ends a timer. INVALID_HANDLE_VALUE for an event waits
// until its calls have returned.
//
// https://learn.microsoft.com/windows/win32/api/threadpoollegacyapiset/nf-threadpoollegacyapiset-deletetimerqueuetimer
func deleteTimerQueueTimer(c *win.Call, TimerQueue, Timer win.Ptr, CompletionEvent win.Handle) (win.Bool, win.Error) {
	return done(ntdll.DeleteQueueTimer(c, TimerQueue, Timer, CompletionEvent))
}

func deleteTimerQueue(c *win.Call, TimerQueue win.Ptr) (win.Bool, win.Error) {
	return deleteTimerQueueEx(c, TimerQueue, 0)
}

// deleteTimerQueueEx ends all timers of a queue, and the queue.
//
// https://learn.microsoft.com/windows/win32/api/threadpoollegacyapiset/nf-threadpoollegacyapiset-deletetimerqueueex
func deleteTimerQueueEx(c *win.Call, TimerQueue win.Ptr, CompletionEvent win.Handle) (win.Bool, win.Error) {
	return done(ntdll.DeleteTimerQueue(c, TimerQueue, CompletionEvent))
}

// registerWaitForSingleObject has a worker call a function whenever the object
// is signalled or the time is over.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-registerwaitforsingleobject
func registerWaitForSingleObject(c *win.Call, phNewWaitObject win.Out[uint64], hObject win.Handle, Callback, Context win.Ptr, dwMilliseconds win.Millis, dwFlags win.Hex) (win.Bool, win.Error) {
	return done(ntdll.RegisterWait(c, phNewWaitObject, hObject, Callback, Context, dwMilliseconds, dwFlags))
}

func unregisterWait(c *win.Call, WaitHandle win.Ptr) (win.Bool, win.Error) {
	return unregisterWaitEx(c, WaitHandle, 0)
}

// unregisterWaitEx ends a registered wait.
//
// https://learn.microsoft.com/windows/win32/api/threadpoollegacyapiset/nf-threadpoollegacyapiset-unregisterwaitex
func unregisterWaitEx(c *win.Call, WaitHandle win.Ptr, CompletionEvent win.Handle) (win.Bool, win.Error) {
	return done(ntdll.UnregisterWait(c, WaitHandle, CompletionEvent))
}
