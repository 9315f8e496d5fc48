package shell32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var executeRows = win.Rows{
	win.Func3("FindExecutable{A,W}", findExecutable, "lpFile lpDirectory lpResult"),
	win.Partial(win.Func6("ShellExecute{A,W}", shellExecute, "hwnd lpOperation lpFile lpParameters lpDirectory nShowCmd"), "programs are recorded and not run; addresses and most documents are opened by nothing"),
	win.Partial(win.Func1("ShellExecuteEx{A,W}", shellExecuteEx, "pExecInfo"), "as ShellExecute"),
}

// Codes of ShellExecute, which are Win32's where these are below 33.
const (
	noAssociation = 31 // SE_ERR_NOASSOC
	started       = 42 // anything above 32
)

// opener names the program that opens a kind of document.
var opener = map[string]string{
	".txt": `notepad.exe`, ".log": `notepad.exe`, ".ini": `notepad.exe`, ".inf": `notepad.exe`,
	".vbs": `wscript.exe`, ".js": `wscript.exe`, ".vbe": `wscript.exe`, ".jse": `wscript.exe`, ".wsf": `wscript.exe`, ".hta": `mshta.exe`, ".msi": `msiexec.exe`,
	".cpl": `control.exe`, ".reg": `regedit.exe`, ".chm": `hh.exe`,
}

// request is what is to be opened.
type request struct {
	operation, file, parameters, directory string
	hidden                                 bool
}

// workingDirectory is where the program is started.
func (r *request) workingDirectory(c *win.Call) string {
	if r.directory == "" {
		return c.CurrentDirectory
	}
	return guest.FullPath(r.directory, c.CurrentDirectory)
}

// locate finds the file: where it says, in the folder given, or as programs
// are found, with or without ".exe".
func (r *request) locate(c *win.Call) *guest.Node {
	name := strings.Trim(r.file, `"`)
	folders := []string{r.workingDirectory(c)}
	if !strings.ContainsAny(name, `\/:`) {
		folders = append(folders, c.ApplicationDirectory, guest.SystemDirectory, guest.WindowsDirectory)
		folders = append(folders, c.PathFolders()...)
	}
	for _, folder := range folders {
		for _, extension := range []string{"", ".exe", ".com", ".bat", ".cmd"} {
			if name == "" {
				continue
			}
			if n := c.Files.Get(guest.FullPath(name+extension, folder)); n != nil {
				return n
			}
		}
	}
	return nil
}

// run opens it and returns a code above 32 and the identifier of the process,
// or the code of a failure.
func (r *request) run(c *win.Call) (code win.Error, process *guest.OtherProcess) {
	if isAddress(r.file) {
		c.Gap("the browser for " + trace.Quote(r.file))
		return started, nil
	}
	node := r.locate(c)
	if node == nil {
		if folder := c.Files.Get(guest.Folder(guest.FullPath(r.file, r.workingDirectory(c)))); folder == nil {
			return win.ErrPathNotFound, nil
		}
		return win.ErrFileNotFound, nil
	}
	if node.Directory {
		return r.start(c, guest.Join(guest.WindowsDirectory, "explorer.exe"), quoted(node.Path)), nil
	}
	extension := strings.ToLower(node.Path[strings.LastIndexByte(node.Path, '.')+1:])
	switch extension {
	case "exe", "com", "scr", "pif":
		return r.launch(c, node.Path, quoted(node.Path)+" "+r.parameters)
	case "bat", "cmd":
		return r.launch(c, guest.Join(guest.SystemDirectory, "cmd.exe"), `"`+guest.Join(guest.SystemDirectory, "cmd.exe")+`" /c `+quoted(node.Path)+" "+r.parameters)
	}
	program := opener["."+extension]
	if program == "" {
		return noAssociation, nil
	}
	return r.start(c, guest.Join(guest.SystemDirectory, program), quoted(node.Path)+" "+r.parameters), nil
}

func isAddress(s string) bool {
	i := strings.IndexByte(s, ':')
	return i > 1 && !strings.ContainsAny(s[:i], `\/ .`)
}

func quoted(path string) string {
	if strings.Contains(path, " ") {
		return `"` + path + `"`
	}
	return path
}

// start records a program of the system, whether its file is on the disk or
// not.
func (r *request) start(c *win.Call, program, arguments string) win.Error {
	c.Emit(trace.ProcessCreate{
		Image: program, CommandLine: strings.TrimRight(quoted(program)+" "+arguments, " "), ID: c.NextID(), CurrentDirectory: r.workingDirectory(c),
		ParentImage: c.Program().Path, Hidden: r.hidden,
	})
	return started
}

// launch starts a program by CreateProcess.
func (r *request) launch(c *win.Call, program, line string) (win.Error, *guest.OtherProcess) {
	const (
		startupSize = 104
		infoSize    = 24
		useShow     = 1
	)
	directory := uint64(0)
	var work []byte
	put := func(b []byte) int {
		at := len(work)
		work = append(work, b...)
		work = append(work, make([]byte, -len(work)&15)...)
		return at
	}
	startup := make([]byte, startupSize)
	le.PutUint32(startup, startupSize)
	le.PutUint32(startup[60:], useShow)
	if !r.hidden {
		le.PutUint16(startup[64:], 1)
	}
	s, info := put(startup), put(make([]byte, infoSize))
	p, l := put(guest.UTF16(program)), put(guest.UTF16(strings.TrimRight(line, " ")))
	d := -1
	if r.directory != "" {
		d = put(guest.UTF16(r.directory))
	}
	at := c.Heap.Alloc(uint64(len(work)))
	if at == 0 {
		return win.ErrNotEnoughMemory, nil
	}
	defer c.Heap.Free(at)
	c.Write(win.Ptr(at), work)
	if d >= 0 {
		directory = at + uint64(d)
	}
	ok, err := c.Invoke("kernel32.dll", "CreateProcessW", at+uint64(p), at+uint64(l), 0, 0, 0, 0, 0, directory, at+uint64(s), at+uint64(info))
	if ok == 0 {
		return err, nil
	}
	process := guest.Handle(c.ReadUint(win.Ptr(at+uint64(info)), 8))
	o, _ := guest.Lookup[*guest.OtherProcess](c.Handles, process)
	c.Handles.Close(process)
	c.Handles.Close(guest.Handle(c.ReadUint(win.Ptr(at+uint64(info)+8), 8)))
	return started, o
}

// shellExecute opens a file. The verbs are not told apart: opening, running as
// administrator and editing all start the program.
//
// https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-shellexecutew
func shellExecute(c *win.Call, hwnd win.Handle, lpOperation, lpFile, lpParameters, lpDirectory win.TStr, nShowCmd win.Int) (win.Size, win.Error) {
	r := request{lpOperation.Text, lpFile.Text, lpParameters.Text, lpDirectory.Text, nShowCmd == 0}
	code, _ := r.run(c)
	if code != started {
		c.SetLastError(code)
	}
	return win.Size(code), 0
}

// shellExecuteEx takes a SHELLEXECUTEINFO, and gives a handle of the process if
// asked to.
//
// https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-shellexecuteexw
func shellExecuteEx(c *win.Call, pExecInfo win.Ptr) (win.Bool, win.Error) {
	const (
		size, mask, verb, file, parameters, directory, show, instance, process = 112, 4, 16, 24, 32, 40, 48, 56, 104
		noCloseProcess                                                         = 0x40
	)
	b := c.Bytes(pExecInfo, size)
	if c.Faulted() {
		return false, 0
	}
	if le.Uint32(b) != size {
		return false, win.ErrAccessDenied
	}
	text := func(at int) string {
		p := win.Ptr(le.Uint64(b[at:]))
		if p == 0 {
			return ""
		}
		return c.TString(p)
	}
	r := request{text(verb), text(file), text(parameters), text(directory), le.Uint32(b[show:]) == 0}
	wanted := le.Uint32(b[mask:])&noCloseProcess != 0
	if c.Faulted() {
		return false, 0
	}
	code, o := r.run(c)
	c.WriteUint(pExecInfo+instance, 8, uint64(code))
	handle := uint64(0)
	if o != nil && wanted {
		handle = uint64(c.Handles.Add(o))
	}
	c.WriteUint(pExecInfo+process, 8, handle)
	if code != started {
		if code == noAssociation {
			code = 1155 // ERROR_NO_ASSOCIATION
		}
		return false, code
	}
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-findexecutablew
func findExecutable(c *win.Call, lpFile, lpDirectory win.TStr, lpResult win.Ptr) (win.Size, win.Error) {
	r := request{file: lpFile.Text, directory: lpDirectory.Text}
	node := r.locate(c)
	if node == nil || node.Directory {
		return win.Size(win.ErrFileNotFound), 0
	}
	path := node.Path
	if extension := strings.ToLower(path[strings.LastIndexByte(path, '.')+1:]); extension != "exe" && extension != "com" {
		program := opener["."+extension]
		if program == "" {
			return noAssociation, 0
		}
		path = guest.Join(guest.SystemDirectory, program)
	}
	c.Write(lpResult, c.Encode(path))
	return started, 0
}
