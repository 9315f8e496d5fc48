package crt

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// spawnRows are the functions that start programs. The programs are recorded
// and not run.
//
// https://learn.microsoft.com/cpp/c-runtime-library/spawn-wspawn-functions
var spawnRows = join(spawnFamily[win.AStr]("_", true), spawnFamily[win.WStr]("_w", false), win.Rows{
	win.Func3("_cwait", cwait, "termstat procHandle action"),
	win.Func1("_pclose", pclose, "stream"),
	win.Partial(win.Func2("_popen", popen[win.AStr], "command mode"), "the command is recorded and not run: it prints nothing"),
	win.Partial(win.Func2("_wpopen", popen[win.WStr], "command mode"), "the command is recorded and not run: it prints nothing"),
})

const notRun = "the program is recorded and not run: its exit code is 0"

// spawnFamily makes the functions whose names end in l (arguments one by one)
// or v (an array), p (PATH is searched) and e (an environment).
func spawnFamily[T interface {
	decoded
	win.Arg[T]
}](prefix string, narrow bool) win.Rows {
	var rows win.Rows
	for _, suffix := range []string{"l", "le", "lp", "lpe", "v", "ve", "vp", "vpe"} {
		one := suffix[0] == 'l'
		if one {
			rows = append(rows,
				win.Partial(win.Func2(prefix+"exec"+suffix, func(c *win.Call, cmdname, arg0 T) (win.Int, win.Error) {
					return execute(c, cmdname, arguments2(c, 1, narrow)), 0
				}, "cmdname arg0"), notRun),
				win.Partial(win.Func3(prefix+"spawn"+suffix, func(c *win.Call, mode win.Int, cmdname, arg0 T) (win.Int64, win.Error) {
					return spawn(c, mode, cmdname, arguments2(c, 2, narrow)), 0
				}, "mode cmdname arg0"), notRun))
			continue
		}
		params := "cmdname argv"
		if strings.Contains(suffix, "e") {
			params += " envp"
		}
		list := func(c *win.Call, argv win.Ptr) []string { return argumentArray(c, argv, narrow) }
		exec := win.Func2(prefix+"exec"+suffix, func(c *win.Call, cmdname T, argv win.Ptr) (win.Int, win.Error) {
			return execute(c, cmdname, list(c, argv)), 0
		}, "cmdname argv")
		start := win.Func3(prefix+"spawn"+suffix, func(c *win.Call, mode win.Int, cmdname T, argv win.Ptr) (win.Int64, win.Error) {
			return spawn(c, mode, cmdname, list(c, argv)), 0
		}, "mode cmdname argv")
		if strings.Contains(params, "envp") {
			exec, start = win.Trailing(exec, "envp"), win.Trailing(start, "envp")
		}
		rows = append(rows, win.Partial(exec, notRun), win.Partial(start, notRun))
	}
	return rows
}

const maxArguments = 1024

// arguments2 are those of the call from a slot on, up to a null pointer.
func arguments2(c *win.Call, slot int, narrow bool) []string {
	var list []string
	for i := slot; len(list) < maxArguments && !c.Faulted(); i++ {
		at := win.Ptr(c.Slot(i))
		if at == 0 {
			break
		}
		list = append(list, stringAt(c, at, narrow))
	}
	return list
}

func argumentArray(c *win.Call, argv win.Ptr, narrow bool) []string {
	var list []string
	for argv != 0 && len(list) < maxArguments && !c.Faulted() {
		at := win.Ptr(c.ReadUint(argv, 8))
		if at == 0 {
			break
		}
		list = append(list, stringAt(c, at, narrow))
		argv += 8
	}
	return list
}

func stringAt(c *win.Call, at win.Ptr, narrow bool) string {
	if narrow {
		return c.AString(at)
	}
	return c.WString(at)
}

// execute starts a program in the place of this one, which ends.
func execute[T decoded](c *win.Call, cmdname T, args []string) win.Int {
	const overlay = 2
	return win.Int(spawn(c, overlay, cmdname, args))
}

// spawn starts a program and returns its handle, or its exit code if it is
// waited for.
func spawn[T decoded](c *win.Call, mode win.Int, cmdname T, args []string) win.Int64 {
	const wait, noWait, overlay, noWaitO, detach = 0, 1, 2, 3, 4
	name, _ := textOf(cmdname)
	if name.Text == "" || mode < wait || mode > detach || len(args) == 0 || args[0] == "" {
		if !c.Faulted() {
			invalid(c, eINVAL)
		}
		return -1
	}
	path := name.Text
	if !strings.Contains(path[strings.LastIndexAny(path, `\/`)+1:], ".") {
		path += ".exe"
	}
	h := start(c, path, strings.Join(args, " "))
	switch {
	case h == 0:
		return -1
	case mode == overlay:
		c.ExitProcess(c.T, 0, "ExitProcess")
	case mode == noWait || mode == noWaitO:
		return win.Int64(h)
	}
	_, _ = c.Invoke("kernel32.dll", "CloseHandle", h) // open: cannot fail
	return 0
}

// start makes a process and returns its handle; 0 with errno set if that cannot
// be.
func start(c *win.Call, path, commandLine string) uint64 {
	const startupSize, informationSize = 104, 24
	s := of(c)
	startup := make([]byte, startupSize)
	startup[0] = startupSize
	at, information, line := s.store(startup), s.store(make([]byte, informationSize)), s.store(guest.UTF16(commandLine))
	r, err := withPath(c, "CreateProcessW", path, line, 0, 0, 1, 0, 0, 0, at, information)
	h := uint64(0)
	if uint32(r) != 0 {
		h = c.ReadUint(win.Ptr(information), 8)
		_, _ = c.Invoke("kernel32.dll", "CloseHandle", c.ReadUint(win.Ptr(information)+8, 8)) // its thread's: cannot fail
	} else {
		fail(c, errnoOf(err))
	}
	for _, block := range []uint64{at, information, line} {
		c.Heap.Free(block)
	}
	return h
}

// shell is the command interpreter and how it is told a command.
func (s *state) shell(command string) (path, line string) {
	path = `C:\Windows\System32\cmd.exe`
	if i := s.env.find("ComSpec"); i >= 0 {
		_, path, _ = strings.Cut(s.env.list[i], "=")
	}
	return path, path + " /c " + command
}

// cwait waits for a program, and stores its exit code.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/cwait
func cwait(c *win.Call, termstat win.Out[uint32], procHandle win.Handle, action win.Int) (win.Int64, win.Error) {
	const noChild errno = 10 // ECHILD
	at := of(c).store(make([]byte, 8))
	r, _ := c.Invoke("kernel32.dll", "GetExitCodeProcess", uint64(procHandle), at)
	code := uint32(c.ReadUint(win.Ptr(at), 4))
	c.Heap.Free(at)
	if uint32(r) == 0 {
		fail(c, noChild)
		return -1, 0
	}
	const stillActive = 259
	if code == stillActive { // it is not run, and never ends by itself
		code = 0
	}
	termstat.Set(c, code)
	_, _ = c.Invoke("kernel32.dll", "CloseHandle", uint64(procHandle)) // known to be open
	return win.Int64(procHandle), 0
}

// popen starts a command and returns a stream of what it prints, or for what it
// reads.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/popen-wpopen
func popen[T decoded](c *win.Call, command, mode T) (win.Ptr, win.Error) {
	line, _ := textOf(command)
	m, _ := textOf(mode)
	if line.Null() || m.Text == "" || m.Text[0] != 'r' && m.Text[0] != 'w' {
		invalid(c, eINVAL)
		return 0, 0
	}
	s := of(c)
	path, full := s.shell(line.Text)
	h := start(c, path, full)
	if h == 0 {
		return 0, 0
	}
	_, _ = c.Invoke("kernel32.dll", "CloseHandle", h) // open: cannot fail
	const null = "NUL"
	at := s.fopenFile(c, null, m.Text, guest.ShareRead|guest.ShareWrite)
	if at != 0 {
		s.streams[uint64(at)].command = true
	}
	return at, 0
}

// pclose closes such a stream and returns the command's exit code.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/pclose
func pclose(c *win.Call, stream win.Ptr) (win.Int, win.Error) {
	s := of(c)
	st := s.stream(c, stream)
	if st == nil || !st.command {
		invalid(c, eINVAL)
		return -1, 0
	}
	s.closeStream(c, st)
	return 0, 0
}
