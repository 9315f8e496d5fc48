package kernel32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var createProcessRows = win.Rows{
	win.Partial(win.Func10("CreateProcess{A,W}", createProcess,
		"lpApplicationName lpCommandLine lpProcessAttributes lpThreadAttributes bInheritHandles dwCreationFlags lpEnvironment lpCurrentDirectory lpStartupInfo lpProcessInformation"),
		"recorded and not run: the new process seems to end at once, with exit code 0"),
	win.Partial(win.Func11("CreateProcessAsUser{A,W}", createProcessAsUser,
		"hToken lpApplicationName lpCommandLine lpProcessAttributes lpThreadAttributes bInheritHandles dwCreationFlags lpEnvironment lpCurrentDirectory lpStartupInfo lpProcessInformation"),
		"recorded and not run, as the user of the calling process"),
	win.Partial(win.Func2("WinExec", winExec, "lpCmdLine uCmdShow"), "recorded and not run"),
}

// Process creation flags.
//
// https://learn.microsoft.com/windows/win32/procthread/process-creation-flags
const (
	debugProcess         = 0x00000001
	debugOnlyThisProcess = 0x00000002
	detachedProcess      = 0x00000008
	createNewConsole     = 0x00000010
	extendedStartupInfo  = 0x00080000
	createNoWindow       = 0x08000000
)

// createProcess finds the program as Windows does and records that it was
// started. It is not run: unless it is suspended, the handles stand for a
// process that has ended.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-createprocessw
func createProcess(c *win.Call, lpApplicationName, lpCommandLine win.TStr, lpProcessAttributes, lpThreadAttributes win.Ptr,
	bInheritHandles win.Int, dwCreationFlags win.Hex, lpEnvironment win.Ptr, lpCurrentDirectory win.TStr,
	lpStartupInfo, lpProcessInformation win.Ptr) (win.Bool, win.Error) {
	const processInformationSize = 24
	startup := c.Bytes(lpStartupInfo, startupInfoSize)
	out := c.Buffer(lpProcessInformation, processInformationSize)
	if c.Faulted() {
		return false, 0
	}
	if dwCreationFlags&(detachedProcess|createNewConsole) == detachedProcess|createNewConsole {
		return false, win.ErrInvalidParameter
	}
	node, line, err := program(c, lpApplicationName.Str, lpCommandLine.Str)
	if err != 0 {
		return false, err
	}
	directory := c.CurrentDirectory
	if !lpCurrentDirectory.Null() {
		directory = guest.FullPath(lpCurrentDirectory.Text, c.CurrentDirectory)
		if n := c.Files.Get(directory); n == nil || !n.Directory {
			return false, win.ErrDirectory
		}
	}
	createProcessGaps(c, uint32(dwCreationFlags))
	flags := le.Uint32(startup[startupInfoFlags:])
	parent, image := c.ID, c.Program().Path
	if dwCreationFlags&extendedStartupInfo != 0 {
		if o := chosenParent(c, win.Ptr(c.ReadUint(lpStartupInfo+startupInfoSize, 8))); o != nil {
			parent, image = o.ID, ntdll.ImageOf(o)
		}
	}
	s := start{
		node: node, line: line, directory: directory, parent: parent, parentImage: image,
		hidden: dwCreationFlags&createNoWindow != 0 ||
			flags&useShowWindow != 0 && le.Uint16(startup[startupInfoShowWindow:]) == showHide,
		redirected: flags&useStdHandles != 0 && anyPipe(c, startup),
		suspended:  dwCreationFlags&createSuspended != 0,
	}
	if c.Faulted() {
		return false, 0
	}
	o, thread := s.run(c)
	if o == nil {
		return false, win.ErrNotEnoughMemory
	}
	le.PutUint64(out, uint64(c.Handles.Add(o)))
	le.PutUint64(out[8:], uint64(c.Handles.Add(thread)))
	le.PutUint32(out[16:], o.ID)
	le.PutUint32(out[20:], thread.ID)
	return true, 0
}

// start is a process about to be started.
type start struct {
	node                          *guest.Node
	line, directory               string
	parent                        uint32
	parentImage                   string
	hidden, redirected, suspended bool
}

// maxProcesses bounds the processes of the machine.
const maxProcesses = 4096

// run records the new process. One that is not suspended seems to have ended
// already; its memory can be reached all the same. It returns nil if there are
// too many.
func (s *start) run(c *win.Call) (*guest.OtherProcess, *ntdll.ChildThread) {
	if len(c.Others()) >= maxProcesses {
		return nil, nil
	}
	o := &guest.OtherProcess{
		Event: guest.Event{Manual: true, Set: !s.suspended}, ID: c.NextID(), Parent: s.parent, Session: 1, ThreadCount: 1,
		Name: trace.BaseName(s.node.Path), Path: s.node.Path, CommandLine: s.line, User: true, Started: true,
	}
	o.Thread = c.NextID()
	thread := ntdll.FirstThread(c, o, s.suspended)
	c.AddOther(o)
	creator := ""
	if s.parent != c.ID {
		creator = c.Program().Path
	}
	c.Emit(trace.ProcessCreate{
		Image: s.node.Path, CommandLine: s.line, ID: o.ID, CurrentDirectory: s.directory, ParentImage: s.parentImage, CreatorImage: creator,
		Hidden: s.hidden, Redirected: s.redirected, Suspended: s.suspended,
	})
	return o, thread
}

func createProcessGaps(c *win.Call, flags uint32) {
	if flags&(debugProcess|debugOnlyThisProcess) != 0 {
		c.Gap("debugging the new process")
	}
}

// createProcessAsUser is CreateProcess with a token, which is not looked at.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-createprocessasuserw
func createProcessAsUser(c *win.Call, hToken win.Handle, lpApplicationName, lpCommandLine win.TStr, lpProcessAttributes, lpThreadAttributes win.Ptr,
	bInheritHandles win.Int, dwCreationFlags win.Hex, lpEnvironment win.Ptr, lpCurrentDirectory win.TStr,
	lpStartupInfo, lpProcessInformation win.Ptr) (win.Bool, win.Error) {
	if o := c.Handles.Get(hToken.Guest()); hToken != 0 && (o == nil || o.Type() != "Token") {
		return false, win.ErrInvalidHandle
	}
	return createProcess(c, lpApplicationName, lpCommandLine, lpProcessAttributes, lpThreadAttributes, bInheritHandles,
		dwCreationFlags, lpEnvironment, lpCurrentDirectory, lpStartupInfo, lpProcessInformation)
}

// anyPipe tells whether one of the standard handles of a STARTUPINFO is a
// pipe: the plumbing of a shell that is driven by a program.
func anyPipe(c *win.Call, startup []byte) bool {
	for _, at := range []int{startupInfoStdInput, startupInfoStdOutput, startupInfoStdError} {
		if _, ok := guest.Lookup[*guest.Pipe](c.Handles, guest.Handle(le.Uint64(startup[at:]))); ok {
			return true
		}
	}
	return false
}

// program finds the file to run and gives the new process's command line.
func program(c *win.Call, application, commandLine win.Str) (*guest.Node, string, win.Error) {
	var node *guest.Node
	err := win.ErrFileNotFound
	line := commandLine.Text
	switch {
	case !application.Null():
		if line == "" {
			line = application.Text
		}
		path := guest.FullPath(application.Text, c.CurrentDirectory)
		if node = c.Files.Get(path); node == nil {
			err = fileError(c.Files.Missing(path))
		}
	case commandLine.Null():
		return nil, "", win.ErrInvalidParameter
	default:
		for _, name := range programNames(line) {
			if node = findProgram(c, name); node != nil {
				break
			}
		}
	}
	switch {
	case node == nil:
		return nil, "", err
	case node.Directory:
		return nil, "", win.ErrAccessDenied
	}
	lower := strings.ToLower(node.Path)
	if strings.HasSuffix(lower, ".bat") || strings.HasSuffix(lower, ".cmd") { // the command processor runs them
		shell := c.Files.Get(guest.Join(guest.SystemDirectory, "cmd.exe"))
		if shell == nil {
			return nil, "", win.ErrFileNotFound
		}
		return shell, shell.Path + " /c " + line, 0
	}
	// The machine's own programs are there in name only: they have no bytes.
	if data := node.Data(); len(data) > 0 && (len(data) < 2 || data[0] != 'M' || data[1] != 'Z') {
		return nil, "", win.ErrBadExeFormat
	}
	return node, line, 0
}

// programNames lists what the first part of a command line may name. Without
// quotes every blank may be its end: that is why a program may be started as
// C:\Program Files\a.exe, and why C:\Program.exe wins.
func programNames(line string) []string {
	line = strings.TrimLeft(line, " \t")
	if rest, ok := strings.CutPrefix(line, `"`); ok {
		name, _, _ := strings.Cut(rest, `"`)
		return []string{name}
	}
	const most = 32 // blanks tried; a path has few
	var names []string
	for i := 0; i < len(line) && len(names) < most; i++ {
		if line[i] == ' ' || line[i] == '\t' {
			names = append(names, line[:i])
		}
	}
	if len(names) < most {
		names = append(names, line)
	}
	return names
}

// findProgram looks for a program as CreateProcess does when it is given a
// command line alone.
func findProgram(c *win.Call, name string) *guest.Node {
	if name == "" {
		return nil
	}
	base := name[strings.LastIndexAny(name, `\/:`)+1:]
	if !strings.Contains(base, ".") {
		name += ".exe"
	}
	if strings.ContainsAny(name, `\/:`) {
		return c.Files.Get(guest.FullPath(name, c.CurrentDirectory))
	}
	dirs := []string{c.ApplicationDirectory, c.CurrentDirectory, guest.SystemDirectory, guest.WindowsDirectory}
	for _, dir := range append(dirs, c.PathFolders()...) {
		if n := c.Files.Get(guest.FullPath(guest.Join(dir, name), c.CurrentDirectory)); n != nil && !n.Directory {
			return n
		}
	}
	return nil
}

// winExec is CreateProcess for programs of old; results above 31 are success.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-winexec
func winExec(c *win.Call, lpCmdLine win.AStr, uCmdShow win.DWORD) (win.DWORD, win.Error) {
	const success = 33
	node, line, err := program(c, win.Str{}, lpCmdLine.Str)
	if err != 0 {
		c.SetLastError(err)
		return win.DWORD(err), 0
	}
	p := start{node: node, line: line, directory: c.CurrentDirectory, parent: c.ID, parentImage: c.Program().Path, hidden: uCmdShow == showHide}
	if o, _ := p.run(c); o == nil {
		return 0, win.ErrNotEnoughMemory // "out of memory or resources"
	}
	return success, 0
}
