package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var otherProcessRows = win.Rows{
	win.Partial(win.Func7("CreateRemoteThread", createRemoteThread,
		"hProcess lpThreadAttributes dwStackSize lpStartAddress lpParameter dwCreationFlags lpThreadId"), "in another process it is recorded and not run"),
	win.Partial(win.Func8("CreateRemoteThreadEx", createRemoteThreadEx,
		"hProcess lpThreadAttributes dwStackSize lpStartAddress lpParameter dwCreationFlags lpAttributeList lpThreadId"), "in another process it is recorded and not run"),
	win.Func1("DebugActiveProcess", debugActiveProcess, "dwProcessId"),
	win.Func1("DebugActiveProcessStop", debugActiveProcess, "dwProcessId"),
	win.Func1("GetPriorityClass", getPriorityClass, "hProcess"),
	win.Func2("GetProcessHandleCount", getProcessHandleCount, "hProcess pdwHandleCount"),
	win.Func1("GetProcessIdOfThread", getProcessIDOfThread, "Thread"),
	win.Partial(win.Func2("GetProcessIoCounters", getProcessIoCounters, "hProcess lpIoCounters"), "nothing is counted"),
	win.Func5("GetProcessTimes", getProcessTimes, "hProcess lpCreationTime lpExitTime lpKernelTime lpUserTime"),
	win.Func1("GetProcessVersion", getProcessVersion, "ProcessId"),
	win.Func3("IsProcessInJob", isProcessInJob, "ProcessHandle JobHandle Result"),
	win.Func3("IsWow64Process2", isWow64Process2, "hProcess pProcessMachine pNativeMachine"),
	win.Func3("OpenProcess", openProcess, "dwDesiredAccess bInheritHandle dwProcessId"),
	win.Func3("OpenThread", openThread, "dwDesiredAccess bInheritHandle dwThreadId"),
	win.Func4("QueryFullProcessImageName{A,W}", queryFullProcessImageName, "hProcess dwFlags lpExeName lpdwSize"),
	win.Func2("SetPriorityClass", setPriorityClass, "hProcess dwPriorityClass"),
}

// openProcess opens a process by its identifier.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-openprocess
func openProcess(c *win.Call, dwDesiredAccess win.Hex, bInheritHandle win.Int, dwProcessId win.DWORD) (win.Handle, win.Error) {
	h, status := ntdll.OpenProcess(c, uint32(dwProcessId), uint32(dwDesiredAccess))
	return h, ntdll.Win32Error(status)
}

// openThread opens a thread by its identifier.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-openthread
func openThread(c *win.Call, dwDesiredAccess win.Hex, bInheritHandle win.Int, dwThreadId win.DWORD) (win.Handle, win.Error) {
	t, status := ntdll.OpenThread(c, uint32(dwThreadId))
	if status != 0 {
		return 0, ntdll.Win32Error(status)
	}
	return win.Handle(c.Handles.Add(t)), 0
}

// createRemoteThread makes a thread in a process.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-createremotethread
func createRemoteThread(c *win.Call, hProcess win.Handle, lpThreadAttributes win.Ptr, dwStackSize win.Size, lpStartAddress, lpParameter win.Ptr, dwCreationFlags win.Hex, lpThreadId win.Out[uint32]) (win.Handle, win.Error) {
	return createRemoteThreadEx(c, hProcess, lpThreadAttributes, dwStackSize, lpStartAddress, lpParameter, dwCreationFlags, 0, lpThreadId)
}

// createRemoteThreadEx is CreateRemoteThread with attributes, which are not
// looked at.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-createremotethreadex
func createRemoteThreadEx(c *win.Call, hProcess win.Handle, lpThreadAttributes win.Ptr, dwStackSize win.Size, lpStartAddress, lpParameter win.Ptr, dwCreationFlags win.Hex, lpAttributeList win.Ptr, lpThreadId win.Out[uint32]) (win.Handle, win.Error) {
	o, err := processOf(c, hProcess, ntdll.ProcessCreateThread)
	if err != 0 {
		return 0, err
	}
	reserve := uint64(0)
	if dwCreationFlags&stackSizeParamReservation != 0 {
		reserve = uint64(dwStackSize)
	}
	t, status := ntdll.CreateThreadIn(c, o, lpStartAddress, lpParameter, reserve, dwCreationFlags&createSuspended != 0)
	if status != 0 {
		return 0, ntdll.Win32Error(status)
	}
	lpThreadId.Set(c, ntdll.ThreadID(t))
	return win.Handle(c.Handles.Add(t)), 0
}

// debugActiveProcess is refused, as for a process that may not be debugged.
//
// https://learn.microsoft.com/windows/win32/api/debugapi/nf-debugapi-debugactiveprocess
func debugActiveProcess(c *win.Call, dwProcessId win.DWORD) (win.Bool, win.Error) {
	if uint32(dwProcessId) != c.ID && c.Other(uint32(dwProcessId)) == nil {
		return false, win.ErrInvalidParameter
	}
	c.Gap("debugging another process")
	return false, win.ErrAccessDenied
}

// priorityKey is where the priority class is kept.
type priorityKey struct{ *guest.OtherProcess }

const normalPriorityClass = 0x20

// getPriorityClass is what SetPriorityClass has set.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getpriorityclass
func getPriorityClass(c *win.Call, hProcess win.Handle) (win.Hex, win.Error) {
	o, err := processOf(c, hProcess, ntdll.ProcessQueryLimited)
	if err != 0 {
		return 0, err
	}
	if class, ok := c.State[priorityKey{o}].(win.Hex); ok {
		return class, 0
	}
	return normalPriorityClass, 0
}

// setPriorityClass is kept and has no effect. Without the privilege, realtime
// priority becomes high priority.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-setpriorityclass
func setPriorityClass(c *win.Call, hProcess win.Handle, dwPriorityClass win.Hex) (win.Bool, win.Error) {
	const setInformation, high, realtime = 0x200, 0x80, 0x100
	o, err := processOf(c, hProcess, setInformation)
	if err != 0 {
		return false, err
	}
	switch dwPriorityClass {
	case normalPriorityClass, 0x40, high, 0x4000, 0x8000:
		c.State[priorityKey{o}] = dwPriorityClass
	case realtime:
		c.State[priorityKey{o}] = win.Hex(high)
	case 0x100000, 0x200000: // background mode, begin and end
	default:
		return false, win.ErrInvalidParameter
	}
	return true, 0
}

// getProcessHandleCount counts the open handles.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getprocesshandlecount
func getProcessHandleCount(c *win.Call, hProcess win.Handle, pdwHandleCount win.Out[uint32]) (win.Bool, win.Error) {
	const usual = 180
	o, err := processOf(c, hProcess, ntdll.ProcessQueryLimited)
	switch {
	case err != 0:
		return false, err
	case o != nil:
		pdwHandleCount.Set(c, usual)
	default:
		pdwHandleCount.Set(c, uint32(c.Handles.Len()))
	}
	return true, 0
}

// getProcessIDOfThread tells which process a thread belongs to.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getprocessidofthread
func getProcessIDOfThread(c *win.Call, Thread win.Handle) (win.DWORD, win.Error) {
	t, err := threadOf(c, Thread)
	if err != 0 {
		return 0, err
	}
	if child, ok := t.(*ntdll.ChildThread); ok && child.Process != nil {
		return win.DWORD(child.Process.ID), 0
	}
	return win.DWORD(c.ID), 0
}

// getProcessIoCounters fills IO_COUNTERS with zeros.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getprocessiocounters
func getProcessIoCounters(c *win.Call, hProcess win.Handle, lpIoCounters win.Ptr) (win.Bool, win.Error) {
	if _, err := processOf(c, hProcess, ntdll.ProcessQueryLimited); err != 0 {
		return false, err
	}
	clear(c.Buffer(lpIoCounters, 48))
	return true, 0
}

// getProcessTimes tells when a process began and ended, and how long it has
// worked.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getprocesstimes
func getProcessTimes(c *win.Call, hProcess win.Handle, lpCreationTime, lpExitTime, lpKernelTime, lpUserTime win.Out[uint64]) (win.Bool, win.Error) {
	o, err := processOf(c, hProcess, ntdll.ProcessQueryLimited)
	if err != 0 {
		return false, err
	}
	created, exited, kernel, user := ntdll.ProcessTimes(c, o)
	lpCreationTime.Set(c, created)
	lpExitTime.Set(c, exited)
	lpKernelTime.Set(c, kernel)
	lpUserTime.Set(c, user)
	return true, 0
}

// getProcessVersion is the subsystem version a program was linked for.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getprocessversion
func getProcessVersion(c *win.Call, ProcessId win.DWORD) (win.DWORD, win.Error) {
	const ten = 10 << 16
	if ProcessId == 0 || uint32(ProcessId) == c.ID {
		base := win.Ptr(c.Program().Base)
		header := base + win.Ptr(c.ReadUint(base+0x3C, 4))
		return win.DWORD(c.ReadUint(header+0x48, 2)<<16 | c.ReadUint(header+0x4A, 2)), 0
	}
	if c.Other(uint32(ProcessId)) == nil {
		return 0, win.ErrInvalidParameter
	}
	return ten, 0
}

// isProcessInJob says that no process is in a job, but for the handle's sake.
//
// https://learn.microsoft.com/windows/win32/api/jobapi/nf-jobapi-isprocessinjob
func isProcessInJob(c *win.Call, ProcessHandle, JobHandle win.Handle, Result win.Out[uint32]) (win.Bool, win.Error) {
	o, err := processOf(c, ProcessHandle, ntdll.ProcessQueryLimited)
	if err != 0 {
		return false, err
	}
	var in bool
	if JobHandle != 0 {
		j, ok := guest.Lookup[*job](c.Handles, JobHandle.Guest())
		if !ok {
			return false, win.ErrInvalidHandle
		}
		in = j.holds(o)
	} else {
		in = c.State[inJobKey{o}] != nil
	}
	v := uint32(0)
	if in {
		v = 1
	}
	Result.Set(c, v)
	return true, 0
}

// isWow64Process2 says that the process is a native one of x86-64.
//
// https://learn.microsoft.com/windows/win32/api/wow64apiset/nf-wow64apiset-iswow64process2
func isWow64Process2(c *win.Call, hProcess win.Handle, pProcessMachine, pNativeMachine win.Out[uint16]) (win.Bool, win.Error) {
	const unknown, amd64 = 0, 0x8664
	if _, err := processOf(c, hProcess, ntdll.ProcessQueryLimited); err != 0 {
		return false, err
	}
	pProcessMachine.Set(c, unknown)
	pNativeMachine.Set(c, amd64)
	return true, 0
}

// pathOf is the path of a process's program, as Win32 or the object manager
// names it.
func pathOf(c *win.Call, o *guest.OtherProcess, native bool) string {
	path := c.Program().Path
	if o != nil {
		path = ntdll.ImageOf(o)
	}
	if native && len(path) > 2 && path[1] == ':' {
		path = volumeDevice + path[2:]
	}
	return path
}

// queryFullProcessImageName stores the path of a process's program.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-queryfullprocessimagenamew
func queryFullProcessImageName(c *win.Call, hProcess win.Handle, dwFlags win.Hex, lpExeName win.Ptr, lpdwSize win.Out[uint32]) (win.Bool, win.Error) {
	const native = 1 // PROCESS_NAME_NATIVE
	o, err := processOf(c, hProcess, ntdll.ProcessQueryLimited)
	switch {
	case err != 0:
		return false, err
	case lpExeName == 0 || lpdwSize.Null() || dwFlags&^native != 0:
		return false, win.ErrInvalidParameter
	}
	b := c.Encode(pathOf(c, o, dwFlags&native != 0))
	n := uint32(uint64(len(b)) / c.CharSize())
	if lpdwSize.Get(c) < n {
		return false, win.ErrInsufficientBuffer
	}
	c.Write(lpExeName, b)
	lpdwSize.Set(c, n-1)
	return true, 0
}
