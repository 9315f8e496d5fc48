package kernel32_test

import (
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/wintest"
)

const self = ^uint64(0)

func TestStart(t *testing.T) {
	m := machine(t, nil)
	info := m.Alloc(104)
	run(t, m, []call{
		{args(), "GetCurrentProcess() = 0xffffffffffffffff", 0},
		{args(), "GetCurrentProcessId() = 4104", 0},
		{args(self), "GetProcessId(Process=0xffffffffffffffff) = 4104", 0},
		{args(self, info), "CheckRemoteDebuggerPresent(hProcess=0xffffffffffffffff, pbDebuggerPresent={1}) = TRUE", 0},
		{args(0x999, info), failed("IsWow64Process(hProcess=0x999, Wow64Process={1}) = FALSE", 6), win.ErrInvalidHandle},
		{args(), "IsDebuggerPresent() = FALSE", 0},
		{args(info), "GetStartupInfoW(lpStartupInfo={0})", 0},
	})
	if got := m.Uint(info, 4); got != 104 {
		t.Errorf("cb: got %d, want 104", got)
	}
	if got := text(t, m, m.Uint(info+16, 8)); got != `WinSta0\Default` {
		t.Errorf("lpDesktop: got %q", got)
	}
	if got := string(m.Get(info+104, 4)); got != "????" {
		t.Error("written behind the structure")
	}
}

// text is a terminated UTF-16 string in guest memory.
func text(t *testing.T, m *wintest.Machine, at uint64) string {
	t.Helper()
	b, err := m.Mem.WString(at)
	if err != nil {
		t.Fatal(err)
	}
	return string(guest.AppendUTF8(nil, b))
}

// TestGetCommandLine asks twice: the address is the same.
func TestGetCommandLine(t *testing.T) {
	m := machine(t, nil)
	const want = `"C:\Windows\System32\rundll32.exe"`
	w, _, _ := m.Call("kernel32.dll", "GetCommandLineW")
	a, _, _ := m.Call("kernel32.dll", "GetCommandLineA")
	again, _, _ := m.Call("kernel32.dll", "GetCommandLineA")
	if got := text(t, m, w); got != want {
		t.Errorf("wide: got %q, want %q", got, want)
	}
	if b, err := m.Mem.CString(a); err != nil || string(b) != want {
		t.Errorf("ANSI: got %q, %v, want %q", b, err, want)
	}
	if a != again {
		t.Errorf("the address changed from %#x to %#x", a, again)
	}
}

// TestEnds ends the process in two ways.
func TestEnds(t *testing.T) {
	for _, c := range []struct {
		name   string
		args   []uint64
		reason string
	}{
		{"ExitProcess", []uint64{3}, "ExitProcess"},
		{"TerminateProcess", []uint64{self, 3}, "TerminateProcess"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := machine(t, nil)
			stop := m.Ends("kernel32.dll", c.name, c.args...)
			if stop.Reason != trace.StopExit || stop.ExitCode != 3 {
				t.Errorf("got %+v", stop)
			}
			if diff := cmp.Diff([]trace.Payload{trace.Exit{Code: 3, Reason: c.reason}}, happened(m, "exit")); diff != "" {
				t.Errorf("behaviours (-want +got):\n%s", diff)
			}
		})
	}
}

// start is a call of CreateProcess.
type start struct {
	application, line, directory any // string, or 0 for NULL
	flags                        int
	startup                      []byte
}

func startup(flags uint32, show uint16, output uint64) []byte {
	b := make([]byte, 112)
	binary.LittleEndian.PutUint32(b, 104)
	binary.LittleEndian.PutUint32(b[60:], flags)
	binary.LittleEndian.PutUint16(b[64:], show)
	binary.LittleEndian.PutUint64(b[88:], output)
	return b
}

func (s start) call(t *testing.T, m *wintest.Machine, out uint64) (uint64, win.Error) {
	t.Helper()
	if s.startup == nil {
		s.startup = startup(0, 0, 0)
	}
	pointer := func(a any) uint64 {
		if a == nil {
			return 0
		}
		return value(t, m, "W", a)
	}
	result, lastError, _ := m.Call("kernel32.dll", "CreateProcessW", pointer(s.application), pointer(s.line), 0, 0, 0,
		uint64(s.flags), 0, pointer(s.directory), m.Bytes(s.startup), out)
	return result, lastError
}

// TestCreateProcess finds programs and records how they were started.
func TestCreateProcess(t *testing.T) {
	const (
		cmd    = `C:\Windows\System32\cmd.exe`
		parent = `C:\Windows\System32\rundll32.exe`
	)
	files := map[string]string{
		`C:\Test\tool.exe`: "MZ", `C:\Program Files\My App\run.exe`: "MZ", `C:\Test\script.bat`: "rem", `C:\Test\text.exe`: "text",
	}
	for _, c := range []struct {
		name      string
		start     start
		want      trace.ProcessCreate
		lastError win.Error
	}{
		{"by name", start{line: "cmd.exe /c dir"}, trace.ProcessCreate{Image: cmd, CommandLine: "cmd.exe /c dir"}, 0},
		{"without extension", start{line: "CMD /c dir"}, trace.ProcessCreate{Image: cmd, CommandLine: "CMD /c dir"}, 0},
		{"on the path", start{line: "powershell -nop"}, trace.ProcessCreate{Image: `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`, CommandLine: "powershell -nop"}, 0},
		{"quoted", start{line: `"C:\Program Files\My App\run.exe" x`}, trace.ProcessCreate{Image: `C:\Program Files\My App\run.exe`, CommandLine: `"C:\Program Files\My App\run.exe" x`}, 0},
		{"blanks without quotes", start{line: `C:\Program Files\My App\run x`}, trace.ProcessCreate{Image: `C:\Program Files\My App\run.exe`, CommandLine: `C:\Program Files\My App\run x`}, 0},
		{"application", start{application: cmd, line: "other text"}, trace.ProcessCreate{Image: cmd, CommandLine: "other text"}, 0},
		{"application alone", start{application: `C:\Test\tool.exe`}, trace.ProcessCreate{Image: `C:\Test\tool.exe`, CommandLine: `C:\Test\tool.exe`}, 0},
		{"application is not searched for", start{application: "cmd.exe"}, trace.ProcessCreate{}, win.ErrFileNotFound},
		{"batch file", start{line: `C:\Test\script.bat`}, trace.ProcessCreate{Image: cmd, CommandLine: cmd + ` /c C:\Test\script.bat`}, 0},
		{"hidden by flag", start{line: "cmd", flags: 0x08000000}, trace.ProcessCreate{Image: cmd, CommandLine: "cmd", Hidden: true}, 0},
		{"hidden by window", start{line: "cmd", startup: startup(1, 0, 0)}, trace.ProcessCreate{Image: cmd, CommandLine: "cmd", Hidden: true}, 0},
		{"window shown", start{line: "cmd", startup: startup(1, 5, 0)}, trace.ProcessCreate{Image: cmd, CommandLine: "cmd"}, 0},
		{"in a directory", start{line: "cmd", directory: `C:\Test`}, trace.ProcessCreate{Image: cmd, CommandLine: "cmd", CurrentDirectory: `C:\Test`}, 0},
		{"missing", start{line: "nothing.exe"}, trace.ProcessCreate{}, win.ErrFileNotFound},
		{"no folder", start{application: `C:\Nowhere\a.exe`}, trace.ProcessCreate{}, win.ErrPathNotFound},
		{"no directory", start{line: "cmd", directory: `C:\Nowhere`}, trace.ProcessCreate{}, win.ErrDirectory},
		{"nothing", start{}, trace.ProcessCreate{}, win.ErrInvalidParameter},
		{"not a program", start{line: `C:\Test\text.exe`}, trace.ProcessCreate{}, win.ErrBadExeFormat},
		{"a directory", start{application: `C:\Test`}, trace.ProcessCreate{}, win.ErrAccessDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := machine(t, files)
			out := m.Alloc(24)
			result, lastError := c.start.call(t, m, out)
			if lastError != c.lastError || (result == 1) != (c.lastError == 0) {
				t.Fatalf("got %d, last error %d, want last error %d", result, lastError, c.lastError)
			}
			if lastError != 0 {
				if got := happened(m, "process.create"); got != nil {
					t.Errorf("behaviours: got %v, want none", got)
				}
				return
			}
			c.want.ID, c.want.ParentImage = uint32(m.Uint(out+16, 4)), parent
			if c.want.CurrentDirectory == "" {
				c.want.CurrentDirectory = m.CurrentDirectory
			}
			if diff := cmp.Diff([]trace.Payload{c.want}, happened(m, "process.create")); diff != "" {
				t.Errorf("behaviours (-want +got):\n%s", diff)
			}
		})
	}
}

// TestShell is the plumbing of a shell that a program drives: the child's
// output is a pipe. The child ends at once, and what waits for it goes on.
func TestShell(t *testing.T) {
	m := machine(t, nil)
	read, write, out, n := m.Alloc(8), m.Alloc(8), m.Alloc(24), m.Alloc(4)
	run(t, m, []call{{args(read, write, 0, 0), "CreatePipe(hReadPipe={0}, hWritePipe={1}, lpPipeAttributes=NULL, nSize=0) = TRUE", 0}})
	s := start{line: "cmd.exe", startup: startup(0x100, 0, m.Uint(write, 8))}
	if result, lastError := s.call(t, m, out); result != 1 {
		t.Fatalf("last error %d", lastError)
	}
	if p := happened(m, "process.create")[0].(trace.ProcessCreate); !p.Redirected {
		t.Error("not redirected")
	}
	process := m.Uint(out, 8)
	run(t, m, []call{
		{args(process, -1), "WaitForSingleObject(hHandle=" + hex(process) + ", dwMilliseconds=INFINITE) = WAIT_OBJECT_0", 0},
		{args(process, n), "GetExitCodeProcess(hProcess=" + hex(process) + ", lpExitCode={1}) = TRUE", 0},
		{args(m.Uint(write, 8)), "CloseHandle(hObject=" + hex(m.Uint(write, 8)) + ") = TRUE", 0},
		{args(m.Uint(read, 8), m.Alloc(4), 4, n, 0), failed("ReadFile(hFile="+hex(m.Uint(read, 8))+", lpBuffer={1}, nNumberOfBytesToRead=4, lpNumberOfBytesRead={3}, lpOverlapped=NULL) = FALSE", 109), win.ErrBrokenPipe},
		{args(process), "CloseHandle(hObject=" + hex(process) + ") = TRUE", 0},
	})
}

// TestChildThread asks for the first thread of a child. Created suspended, it
// is resumed once.
func TestChildThread(t *testing.T) {
	m := machine(t, nil)
	out, n := m.Alloc(24), m.Bytes([]byte{9, 9, 9, 9})
	if result, lastError := (start{line: "cmd.exe", flags: 4}).call(t, m, out); result != 1 {
		t.Fatalf("last error %d", lastError)
	}
	h := m.Uint(out+8, 8)
	for _, c := range []struct {
		name string
		args []uint64
		want uint64
	}{
		{"GetThreadId", []uint64{h}, m.Uint(out+20, 4)},
		{"SuspendThread", []uint64{h}, 1},
		{"ResumeThread", []uint64{h}, 2},
		{"ResumeThread", []uint64{h}, 1},
		{"ResumeThread", []uint64{h}, 0},
		{"TerminateThread", []uint64{h, 1}, 1},
		{"GetExitCodeThread", []uint64{h, n}, 1},
		{"WaitForSingleObject", []uint64{h, 0}, 0},
	} {
		got, lastError, _ := m.Call("kernel32.dll", c.name, c.args...)
		if got != c.want || lastError != 0 {
			t.Errorf("%s: got %d, last error %d, want %d", c.name, got, lastError, c.want)
		}
	}
	if got := m.Uint(n, 4); got != 0 {
		t.Errorf("exit code: got %d, want 0", got)
	}
	if got, lastError, _ := m.Call("kernel32.dll", "GetThreadId", m.Uint(out, 8)); got != 0 || lastError != win.ErrInvalidHandle {
		t.Errorf("GetThreadId of a process: got %d, last error %d", got, lastError)
	}
}

func TestWinExec(t *testing.T) {
	m := machine(t, nil)
	run(t, m, []call{
		{args("cmd /c dir", 0), `WinExec(lpCmdLine="cmd /c dir", uCmdShow=0) = 33`, 0},
		{args("nothing", 1), failed("WinExec(lpCmdLine=nothing, uCmdShow=1) = 2", 2), win.ErrFileNotFound},
	})
	if p := happened(m, "process.create")[0].(trace.ProcessCreate); !p.Hidden {
		t.Error("not hidden")
	}
}
