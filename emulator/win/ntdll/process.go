package ntdll

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var processRows = append(system(
	win.Partial(win.Func5("NtQueryInformationProcess", ntQueryInformationProcess,
		"ProcessHandle ProcessInformationClass ProcessInformation ProcessInformationLength ReturnLength"),
		"the calling process; not every class"),
	win.Partial(win.Func2("NtTerminateProcess", ntTerminateProcess, "ProcessHandle ExitStatus"), "the calling process only"),
),
	win.Func1("RtlExitUserProcess", rtlExitUserProcess, "ExitStatus"),
)

// PROCESSINFOCLASS.
const (
	processBasicInformation       = 0
	processDebugPort              = 7
	processPriorityClass          = 18
	processSessionInformation     = 24
	processWow64Information       = 26
	processImageFileName          = 27
	processDebugObjectHandle      = 30
	processDebugFlags             = 31
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
	if status := OwnProcess(c, ProcessHandle); status != 0 {
		return status, 0
	}
	var b []byte
	switch ProcessInformationClass {
	case processBasicInformation:
		b = basicInformation(c)
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
	case processImageFileName:
		path := c.Program().Path
		if rest, ok := cutDrive(path); ok {
			path = systemVolume + rest
		}
		return answerText(c, path, ProcessInformation, ProcessInformationLength, ReturnLength), 0
	case processImageFileNameWin32:
		return answerText(c, c.Program().Path, ProcessInformation, ProcessInformationLength, ReturnLength), 0
	case processCommandLineInformation:
		return answerText(c, c.CommandLine, ProcessInformation, ProcessInformationLength, ReturnLength), 0
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
func basicInformation(c *win.Call) []byte {
	b := make([]byte, 48)
	le.PutUint32(b, StillActive)
	le.PutUint64(b[8:], c.PEB())
	le.PutUint64(b[16:], processors)
	le.PutUint32(b[24:], normalPriority)
	le.PutUint64(b[32:], uint64(c.ID))
	le.PutUint64(b[40:], explorerID)
	return b
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
	if status := OwnProcess(c, ProcessHandle); status != 0 {
		return status, 0
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
