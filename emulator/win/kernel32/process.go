package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var processRows = win.Rows{
	win.Func2("CheckRemoteDebuggerPresent", checkRemoteDebuggerPresent, "hProcess pbDebuggerPresent"),
	win.Func1("ExitProcess", exitProcess, "uExitCode"),
	win.Func0("GetCommandLine{A,W}", getCommandLine),
	win.Func0("GetCurrentProcess", getCurrentProcess),
	win.Func0("GetCurrentProcessId", getCurrentProcessID),
	win.Func2("GetExitCodeProcess", getExitCodeProcess, "hProcess lpExitCode"),
	win.Func1("GetProcessId", getProcessID, "Process"),
	win.Func1("GetStartupInfo{A,W}", getStartupInfo, "lpStartupInfo"),
	win.Func0("IsDebuggerPresent", isDebuggerPresent),
	win.Func2("IsWow64Process", isWow64Process, "hProcess Wow64Process"),
	win.Stub("OutputDebugString{A,W}", win.Void{}, "lpOutputString"),
	win.Func2("ProcessIdToSessionId", processIDToSessionID, "dwProcessId pSessionId"),
	win.Stub("WTSGetActiveConsoleSessionId", win.DWORD(1), ""),
	win.Func2("TerminateProcess", terminateProcess, "hProcess uExitCode"),
}

// processOf tells what a process handle stands for: another process, or, as
// nil, the calling one.
func processOf(c *win.Call, h win.Handle, need uint32) (*guest.OtherProcess, win.Error) {
	o, status := ntdll.ProcessOf(c, h, need)
	return o, ntdll.Win32Error(status)
}

// checkRemoteDebuggerPresent says that there is no debugger.
//
// https://learn.microsoft.com/windows/win32/api/debugapi/nf-debugapi-checkremotedebuggerpresent
func checkRemoteDebuggerPresent(c *win.Call, hProcess win.Handle, pbDebuggerPresent win.Out[int32]) (win.Bool, win.Error) {
	if _, err := processOf(c, hProcess, 0); err != 0 || pbDebuggerPresent.Null() {
		return false, win.ErrInvalidParameter
	}
	pbDebuggerPresent.Set(c, 0)
	return true, 0
}

// exitProcess lets DLLs detach and ends the process.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-exitprocess
func exitProcess(c *win.Call, uExitCode win.DWORD) (win.Void, win.Error) {
	c.ExitProcess(c.T, uint32(uExitCode), "ExitProcess")
	return win.Void{}, 0
}

// Offsets in RTL_USER_PROCESS_PARAMETERS of the buffers of its strings, from
// ntdll's public symbols.
const (
	parametersCommandLine = 0x78
	parametersTitle       = 0xB8
	parametersDesktop     = 0xC8
)

// parameter is the address of one of the strings the process was started
// with, in the encoding of the export called.
func parameter(c *win.Call, offset win.Ptr) win.Ptr {
	at := win.Ptr(c.ReadUint(win.Ptr(c.Parameters())+offset, 8))
	if !c.ANSI() || at == 0 {
		return at
	}
	type key struct{ offset win.Ptr }
	if kept, ok := c.State[key{offset}].(win.Ptr); ok {
		return kept
	}
	text := guest.ANSI(c.WString(at))
	at = win.Ptr(c.Heap.Alloc(uint64(len(text))))
	if at != 0 {
		c.Write(at, text)
		c.State[key{offset}] = at
	}
	return at
}

// getCommandLine is the address of the command line. The wide version's is in
// the process parameters, where changing it has an effect, as on Windows.
//
// https://learn.microsoft.com/windows/win32/api/processenv/nf-processenv-getcommandlinew
func getCommandLine(c *win.Call) (win.Ptr, win.Error) { return parameter(c, parametersCommandLine), 0 }

// getCurrentProcess is the pseudo handle of the process.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getcurrentprocess
func getCurrentProcess(*win.Call) (win.Handle, win.Error) { return win.Handle(guest.CurrentProcess), 0 }

func getCurrentProcessID(c *win.Call) (win.DWORD, win.Error) { return win.DWORD(c.ID), 0 }

// getExitCodeProcess tells whether a process still runs.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getexitcodeprocess
func getExitCodeProcess(c *win.Call, hProcess win.Handle, lpExitCode win.Out[uint32]) (win.Bool, win.Error) {
	other, err := processOf(c, hProcess, ntdll.ProcessQueryLimited)
	switch {
	case err != 0:
		return false, err
	case other == nil:
		lpExitCode.Set(c, ntdll.StillActive)
	default:
		lpExitCode.Set(c, ntdll.ProcessExitCode(other))
	}
	return true, 0
}

// getProcessID is the identifier of a process.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getprocessid
func getProcessID(c *win.Call, Process win.Handle) (win.DWORD, win.Error) {
	other, err := processOf(c, Process, ntdll.ProcessQueryLimited)
	switch {
	case err != 0:
		return 0, err
	case other == nil:
		return win.DWORD(c.ID), 0
	}
	return win.DWORD(other.ID), 0
}

// Layout of STARTUPINFO.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/ns-processthreadsapi-startupinfow
const (
	startupInfoSize       = 104
	startupInfoDesktop    = 16
	startupInfoTitle      = 24
	startupInfoFlags      = 60
	startupInfoShowWindow = 64
	startupInfoStdInput   = 80
	startupInfoStdOutput  = 88
	startupInfoStdError   = 96

	useShowWindow = 0x001 // STARTF_*
	useStdHandles = 0x100
	showHide      = 0 // SW_*
	showNormal    = 1
)

// getStartupInfo stores how the process was started: as from Explorer, with a
// normal window.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getstartupinfow
func getStartupInfo(c *win.Call, lpStartupInfo win.Ptr) (win.Void, win.Error) {
	desktop, title := parameter(c, parametersDesktop), parameter(c, parametersTitle)
	b := c.Buffer(lpStartupInfo, startupInfoSize)
	if b == nil {
		return win.Void{}, 0
	}
	clear(b)
	le.PutUint32(b, startupInfoSize)
	le.PutUint64(b[startupInfoDesktop:], uint64(desktop))
	le.PutUint64(b[startupInfoTitle:], uint64(title))
	le.PutUint32(b[startupInfoFlags:], useShowWindow)
	le.PutUint16(b[startupInfoShowWindow:], showNormal)
	return win.Void{}, 0
}

// isDebuggerPresent reads the flag in the PEB, which is 0 unless the guest
// sets it itself.
//
// https://learn.microsoft.com/windows/win32/api/debugapi/nf-debugapi-isdebuggerpresent
func isDebuggerPresent(c *win.Call) (win.Bool, win.Error) {
	return c.ReadUint(win.Ptr(c.PEB())+2, 1) != 0, 0
}

// isWow64Process says that all processes are 64-bit ones.
//
// https://learn.microsoft.com/windows/win32/api/wow64apiset/nf-wow64apiset-iswow64process
func isWow64Process(c *win.Call, hProcess win.Handle, Wow64Process win.Out[int32]) (win.Bool, win.Error) {
	if _, err := processOf(c, hProcess, ntdll.ProcessQueryLimited); err != 0 {
		return false, err
	}
	Wow64Process.Set(c, 0)
	return true, 0
}

// processIDToSessionID tells the session of a process: 0 for services, 1 for
// the first user's.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-processidtosessionid
func processIDToSessionID(c *win.Call, dwProcessId win.DWORD, pSessionId win.Out[uint32]) (win.Bool, win.Error) {
	session := uint32(1)
	if uint32(dwProcessId) != c.ID && dwProcessId != 0 {
		o := c.Other(uint32(dwProcessId))
		if o == nil {
			return false, win.ErrInvalidParameter
		}
		session = o.Session
	}
	pSessionId.Set(c, session)
	return true, 0
}

// terminateProcess ends a process at once.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-terminateprocess
func terminateProcess(c *win.Call, hProcess win.Handle, uExitCode win.DWORD) (win.Bool, win.Error) {
	other, err := processOf(c, hProcess, ntdll.ProcessTerminate)
	switch {
	case err != 0:
		return false, err
	case other == nil:
		c.EndProcess(uint32(uExitCode), "TerminateProcess")
		return true, 0
	}
	status := ntdll.EndProcess(c, other, uint32(uExitCode))
	return status == 0, ntdll.Win32Error(status)
}
