package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var threadInfoRows = win.Rows{
	win.Func2("GetCurrentThreadStackLimits", getCurrentThreadStackLimits, "LowLimit HighLimit"),
	win.Func2("GetThreadDescription", getThreadDescription, "hThread ppszThreadDescription"),
	win.Func1("GetThreadPriority", getThreadPriority, "hThread"),
	win.Func2("GetThreadPriorityBoost", getThreadPriorityBoost, "hThread pDisablePriorityBoost"),
	win.Func5("GetThreadTimes", getThreadTimes, "hThread lpCreationTime lpExitTime lpKernelTime lpUserTime"),
	win.Func2("QueryThreadCycleTime", queryThreadCycleTime, "ThreadHandle CycleTime"),
	win.Partial(win.Func2("SetThreadAffinityMask", setThreadAffinityMask, "hThread dwThreadAffinityMask"), "without effect"),
	win.Func2("SetThreadDescription", setThreadDescription, "hThread lpThreadDescription"),
	win.Partial(win.Func2("SetThreadIdealProcessor", setThreadIdealProcessor, "hThread dwIdealProcessor"), "without effect"),
	win.Partial(win.Func2("SetThreadPriority", setThreadPriority, "hThread nPriority"), "threads take turns whatever their priority"),
	win.Partial(win.Func2("SetThreadPriorityBoost", setThreadPriorityBoost, "hThread bDisablePriorityBoost"), "without effect"),
}

// ownThread finds a thread of the calling process.
func ownThread(c *win.Call, h win.Handle) (*guest.Thread, win.Error) {
	t, status := ntdll.OwnThread(c, h)
	return t, ntdll.Win32Error(status)
}

// setThreadDescription names a thread.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-setthreaddescription
func setThreadDescription(c *win.Call, hThread win.Handle, lpThreadDescription win.WStr) (win.Status, win.Error) {
	t, status := ntdll.OwnThread(c, hThread)
	if status != 0 {
		return ntHRESULT(status), 0
	}
	t.Name = lpThreadDescription.Text
	return 0, 0
}

// ntHRESULT is an NTSTATUS as a HRESULT: HRESULT_FROM_NT.
func ntHRESULT(s win.Status) win.Status { return s | 0x1000_0000 }

// getThreadDescription gives the name in memory of LocalAlloc.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getthreaddescription
func getThreadDescription(c *win.Call, hThread win.Handle, ppszThreadDescription win.Out[uint64]) (win.Status, win.Error) {
	t, status := ntdll.OwnThread(c, hThread)
	if status != 0 {
		return ntHRESULT(status), 0
	}
	text := guest.UTF16(t.Name)
	at := c.Heap.Alloc(uint64(len(text)))
	if at == 0 {
		return ntHRESULT(win.StatusNoMemory), 0
	}
	c.Write(win.Ptr(at), text)
	ppszThreadDescription.Set(c, at)
	return 0, 0
}

const (
	priorityErrorReturn = 0x7FFFFFFF
	priorityIdle        = -15
	priorityCritical    = 15
	backgroundBegin     = 0x10000 // THREAD_MODE_BACKGROUND_*
	backgroundEnd       = 0x20000
)

// setThreadPriority keeps a priority, which has no effect.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-setthreadpriority
func setThreadPriority(c *win.Call, hThread win.Handle, nPriority win.Int) (win.Bool, win.Error) {
	t, err := ownThread(c, hThread)
	switch {
	case err != 0:
		return false, err
	case nPriority == backgroundBegin, nPriority == backgroundEnd:
		return true, 0
	case nPriority != priorityIdle && nPriority != priorityCritical && (nPriority < -2 || nPriority > 2):
		return false, win.ErrInvalidParameter
	}
	t.Priority = int32(nPriority)
	return true, 0
}

// getThreadPriority tells it.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getthreadpriority
func getThreadPriority(c *win.Call, hThread win.Handle) (win.Int, win.Error) {
	t, err := ownThread(c, hThread)
	if err != 0 {
		c.SetLastError(err)
		return priorityErrorReturn, 0
	}
	return win.Int(t.Priority), 0
}

func setThreadPriorityBoost(c *win.Call, hThread win.Handle, bDisablePriorityBoost win.Int) (win.Bool, win.Error) {
	t, err := ownThread(c, hThread)
	if err != 0 {
		return false, err
	}
	t.NoBoost = bDisablePriorityBoost != 0
	return true, 0
}

func getThreadPriorityBoost(c *win.Call, hThread win.Handle, pDisablePriorityBoost win.Out[int32]) (win.Bool, win.Error) {
	t, err := ownThread(c, hThread)
	if err != 0 {
		return false, err
	}
	v := int32(0)
	if t.NoBoost {
		v = 1
	}
	pDisablePriorityBoost.Set(c, v)
	return true, 0
}

// getThreadTimes tells when a thread was made and has ended, and what it has
// used.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getthreadtimes
func getThreadTimes(c *win.Call, hThread win.Handle, lpCreationTime, lpExitTime, lpKernelTime, lpUserTime win.Ptr) (win.Bool, win.Error) {
	t, err := ownThread(c, hThread)
	if err != 0 {
		return false, err
	}
	b := ntdll.ThreadTimes(c, t)
	for i, at := range []win.Ptr{lpCreationTime, lpExitTime, lpKernelTime, lpUserTime} {
		c.Write(at, b[8*i:8*i+8])
	}
	return true, 0
}

// queryThreadCycleTime tells how many cycles of the processor a thread had.
//
// https://learn.microsoft.com/windows/win32/api/realtimeapiset/nf-realtimeapiset-querythreadcycletime
func queryThreadCycleTime(c *win.Call, ThreadHandle win.Handle, CycleTime win.Out[uint64]) (win.Bool, win.Error) {
	t, err := ownThread(c, ThreadHandle)
	if err != 0 {
		return false, err
	}
	const cyclesPerMicrosecond = 1992
	CycleTime.Set(c, uint64(t.Used.Nanoseconds())*cyclesPerMicrosecond/1000)
	return true, 0
}

// setThreadAffinityMask keeps the processors a thread may use and returns those
// before.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-setthreadaffinitymask
func setThreadAffinityMask(c *win.Call, hThread win.Handle, dwThreadAffinityMask win.Size) (win.Size, win.Error) {
	t, err := ownThread(c, hThread)
	switch {
	case err != 0:
		return 0, err
	case dwThreadAffinityMask == 0 || dwThreadAffinityMask&^guest.Processors != 0:
		return 0, win.ErrInvalidParameter
	}
	before := t.Affinity
	t.Affinity = uint64(dwThreadAffinityMask)
	return win.Size(before), 0
}

// setThreadIdealProcessor keeps the processor a thread prefers and returns the
// one before.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-setthreadidealprocessor
func setThreadIdealProcessor(c *win.Call, hThread win.Handle, dwIdealProcessor win.DWORD) (win.SizeFail, win.Error) {
	const maximumProcessors = 64
	t, err := ownThread(c, hThread)
	switch {
	case err != 0:
		return 0, err
	case dwIdealProcessor > maximumProcessors:
		return 0, win.ErrInvalidParameter
	}
	before := t.Ideal
	if dwIdealProcessor < maximumProcessors {
		t.Ideal = uint32(dwIdealProcessor)
	}
	return win.SizeFail(before), 0
}

// getCurrentThreadStackLimits tells the bounds of the stack.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getcurrentthreadstacklimits
func getCurrentThreadStackLimits(c *win.Call, LowLimit, HighLimit win.Out[uint64]) (win.Void, win.Error) {
	lo, hi := c.T.StackRange()
	LowLimit.Set(c, lo)
	HighLimit.Set(c, hi)
	return win.Void{}, 0
}
