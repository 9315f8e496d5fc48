package ntdll

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var processRows = append(system(
	win.Func4("NtOpenProcess", ntOpenProcess, "ProcessHandle DesiredAccess ObjectAttributes ClientId"),
	win.Partial(win.Func5("NtQueryInformationProcess", ntQueryInformationProcess,
		"ProcessHandle ProcessInformationClass ProcessInformation ProcessInformationLength ReturnLength"),
		"not every class"),
	win.Func2("NtTerminateProcess", ntTerminateProcess, "ProcessHandle ExitStatus"),
),
	win.Func1("RtlExitUserProcess", rtlExitUserProcess, "ExitStatus"),
)

// PROCESSINFOCLASS.
const (
	processBasicInformation       = 0
	processTimes                  = 4
	processDebugPort              = 7
	processPriorityClass          = 18
	processHandleCount            = 20
	processSessionInformation     = 24
	processWow64Information       = 26
	processImageFileName          = 27
	processBreakOnTermination     = 29
	processDebugObjectHandle      = 30
	processDebugFlags             = 31
	processExecuteFlags           = 34
	processImageFileNameWin32     = 43
	processCommandLineInformation = 60
)

const (
	processors     = 3                         // affinity mask of the machine's two
	normalPriority = 8                         // of a process and its threads
	session        = 1                         // the first user's
	systemDrive    = `C:`                      // as Win32 names it
	systemVolume   = `\Device\HarddiskVolume3` // as the object manager does: behind the usual EFI and reserved partitions
)

// ntQueryInformationProcess tells of the process. There is no debugger, and
// all classes say so.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntqueryinformationprocess
func ntQueryInformationProcess(c *win.Call, ProcessHandle win.Handle, ProcessInformationClass win.DWORD, ProcessInformation win.Ptr, ProcessInformationLength win.DWORD, ReturnLength win.Out[uint32]) (win.Status, win.Error) {
	o, status := ProcessOf(c, ProcessHandle, ProcessQueryLimited)
	if status != 0 {
		return status, 0
	}
	path, line := c.Program().Path, c.CommandLine
	if o != nil {
		path, line = o.Path, o.CommandLine
	}
	var b []byte
	switch ProcessInformationClass {
	case processBasicInformation:
		b = basicInformation(c, o)
	case processHandleCount:
		b = le.AppendUint32(nil, uint32(c.Handles.Len()))
	case processBreakOnTermination, processExecuteFlags:
		b = make([]byte, 4)
		if ProcessInformationClass == processExecuteFlags {
			b[0] = 0x0D // DEP for good, as of every 64-bit program
		}
	case processTimes:
		b = processTimesOf(c, o)
	case processDebugPort, processWow64Information:
		b = make([]byte, 8)
	case processDebugObjectHandle:
		if status := answer(c, make([]byte, 8), ProcessInformation, ProcessInformationLength, ReturnLength); status != 0 {
			return status, 0
		}
		return statusPortNotSet, 0
	case processDebugFlags:
		b = le.AppendUint32(nil, 1) // PROCESS_DEBUG_INHERIT: set as long as there is no debugger
	case processPriorityClass:
		b = []byte{0, 2} // in the background, normal
	case processSessionInformation:
		b = le.AppendUint32(nil, session)
		if o != nil {
			b = le.AppendUint32(nil, o.Session)
		}
	case processImageFileName:
		if rest, ok := cutDrive(path); ok {
			path = systemVolume + rest
		}
		return answerText(c, path, ProcessInformation, ProcessInformationLength, ReturnLength), 0
	case processImageFileNameWin32:
		return answerText(c, path, ProcessInformation, ProcessInformationLength, ReturnLength), 0
	case processCommandLineInformation:
		return answerText(c, line, ProcessInformation, ProcessInformationLength, ReturnLength), 0
	default:
		c.Gap("information class " + number(ProcessInformationClass))
		return win.StatusInvalidInfoClass, 0
	}
	return answer(c, b, ProcessInformation, ProcessInformationLength, ReturnLength), 0
}

func cutDrive(path string) (rest string, ok bool) {
	if len(path) < len(systemDrive) || !strings.EqualFold(path[:len(systemDrive)], systemDrive) {
		return path, false
	}
	return path[len(systemDrive):], true
}

// basicInformation lays out a PROCESS_BASIC_INFORMATION.
func basicInformation(c *win.Call, o *guest.OtherProcess) []byte {
	b := make([]byte, 48)
	le.PutUint32(b, StillActive)
	le.PutUint64(b[8:], c.PEB())
	if o != nil {
		le.PutUint32(b, ProcessExitCode(o))
		_, peb := c.Entry(o)
		le.PutUint64(b[8:], peb)
	}
	le.PutUint64(b[16:], processors)
	le.PutUint32(b[24:], normalPriority)
	id, parent := c.ID, uint32(guest.Shell)
	if o != nil {
		id, parent = o.ID, o.Parent
	}
	le.PutUint64(b[32:], uint64(id))
	le.PutUint64(b[40:], uint64(parent))
	return b
}

// ProcessExitCode is how another process ended, or [StillActive].
func ProcessExitCode(o *guest.OtherProcess) uint32 {
	if !o.Set {
		return StillActive
	}
	return o.ExitCode
}

// processTimesOf lays out a KERNEL_USER_TIMES.
func processTimesOf(c *win.Call, o *guest.OtherProcess) []byte {
	b := make([]byte, 32)
	created, exited, kernel, user := ProcessTimes(c, o)
	for i, v := range []uint64{created, exited, kernel, user} {
		le.PutUint64(b[8*i:], v)
	}
	return b
}

// ProcessTimes tells when a process began and ended, and how long it has
// worked: the calling one for a fifth of its time in the kernel.
func ProcessTimes(c *win.Call, o *guest.OtherProcess) (created, exited, kernel, user uint64) {
	now := c.Clock.Now()
	if o == nil {
		elapsed := uint64(c.Clock.Elapsed() / 100)
		return guest.FileTime(c.Config.Clock), 0, elapsed / 5, elapsed - elapsed/5
	}
	if o.Started {
		created = guest.FileTime(now)
	} else {
		created = guest.FileTime(now.Add(-c.Clock.SinceBoot())) + uint64(o.ID)*10_000
	}
	if o.Set {
		exited = guest.FileTime(now)
	}
	return created, exited, 0, 0
}

// EndProcess ends another process.
func EndProcess(c *win.Call, o *guest.OtherProcess, code uint32) win.Status {
	if o.Set {
		return win.StatusAccessDenied // one that has ended cannot be ended again
	}
	o.Set, o.ExitCode = true, code
	c.Emit(trace.ProcessTerminate{Image: ImageOf(o), ID: o.ID, ExitCode: code})
	return 0
}

// answerText stores a UNICODE_STRING with its text behind it. The length that
// is needed is told in any case.
func answerText(c *win.Call, text string, at win.Ptr, length win.DWORD, returned win.Out[uint32]) win.Status {
	b := guest.UTF16(text)
	need := win.CountedSize + len(b)
	returned.Set(c, uint32(need))
	if int(length) < need {
		return win.StatusInfoLengthMismatch
	}
	c.Write(at+win.CountedSize, b)
	putString(c, at, len(b)-2, len(b), at+win.CountedSize)
	return 0
}

// ntOpenProcess opens a process by its identifier.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ntopenprocess
func ntOpenProcess(c *win.Call, ProcessHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes attributes, ClientId win.Ptr) (win.Status, win.Error) {
	if !probe(c, ProcessHandle.Addr, 8) {
		return 0, 0
	}
	if ClientId == 0 {
		return statusInvalidParameterMix, 0
	}
	id := c.ReadUint(ClientId, 8)
	if c.Faulted() {
		return 0, 0
	}
	h, status := OpenProcess(c, uint32(id), uint32(DesiredAccess))
	if status == 0 {
		ProcessHandle.Set(c, uint64(h))
	}
	return status, 0
}

// ntTerminateProcess ends the process at once. With a null handle it ends the
// other threads only.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-zwterminateprocess
func ntTerminateProcess(c *win.Call, ProcessHandle win.Handle, ExitStatus win.Hex) (win.Status, win.Error) {
	if ProcessHandle == 0 {
		for _, t := range c.Threads() {
			if t != c.T {
				t.Terminate(uint32(ExitStatus))
			}
		}
		return 0, 0
	}
	o, status := ProcessOf(c, ProcessHandle, ProcessTerminate)
	switch {
	case status != 0:
		return status, 0
	case o != nil:
		return EndProcess(c, o, uint32(ExitStatus)), 0
	}
	c.EndProcess(uint32(ExitStatus), "TerminateProcess")
	return 0, 0
}

// rtlExitUserProcess lets DLLs detach and ends the process.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-exitprocess
func rtlExitUserProcess(c *win.Call, ExitStatus win.Hex) (win.Void, win.Error) {
	c.ExitProcess(c.T, uint32(ExitStatus), "ExitProcess")
	return win.Void{}, 0
}
