package kernel32_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/kernel32"
	"sidetrace/emulator/win/ntdll"
	"sidetrace/emulator/win/wintest"
)

const (
	stdin  = 0x40
	stdout = 0x44
)

func TestConsole(t *testing.T) {
	m := machine(t, map[string]string{`C:\Test\a.txt`: ""})
	opened(t, m.WString(`C:\Test\a.txt`), genericRead, 3, m.Call)
	n, mode := m.Alloc(4), m.Alloc(4)
	run(t, m, []call{
		{args(-11), "GetStdHandle(nStdHandle=-11) = 0x44", 0},
		{args(-13), failed("GetStdHandle(nStdHandle=-13) = 0xffffffffffffffff", 6), win.ErrInvalidHandle},
		{args(stdout, mode), "GetConsoleMode(hConsoleHandle=0x44, lpMode={1}) = TRUE", 0},
		{args(0x4c, mode), failed("GetConsoleMode(hConsoleHandle=0x4c, lpMode={1}) = FALSE", 6), win.ErrInvalidHandle},
		{args(stdout, "héllo", 5, n, 0), `WriteConsoleW(hConsoleOutput=0x44, lpBuffer={1}, nNumberOfCharsToWrite=5, lpNumberOfCharsWritten={3}, lpReserved=NULL) = TRUE`, 0},
		{args(stdout, " you", 4, n, 0), `WriteConsoleA(hConsoleOutput=0x44, lpBuffer={1}, nNumberOfCharsToWrite=4, lpNumberOfCharsWritten={3}, lpReserved=NULL) = TRUE`, 0},
		{args(stdin, " you", 4, n, 0), failed(`WriteConsoleA(hConsoleOutput=0x40, lpBuffer={1}, nNumberOfCharsToWrite=4, lpNumberOfCharsWritten={3}, lpReserved=NULL) = FALSE`, 6), win.ErrInvalidHandle},
		{args(stdin, m.Alloc(4), 4, n, 0), `ReadConsoleW(hConsoleInput=0x40, lpBuffer={1}, nNumberOfCharsToRead=4, lpNumberOfCharsRead={3}, pInputControl=NULL) = TRUE`, 0},
		{args(stdin, m.Alloc(4), 4, n, 0), `ReadFile(hFile=0x40, lpBuffer={1}, nNumberOfBytesToRead=4, lpNumberOfBytesRead={3}, lpOverlapped=NULL) = TRUE`, 0},
		{args(), "GetConsoleOutputCP() = 437", 0},
		{args(stdout, 7), "SetConsoleMode(hConsoleHandle=0x44, dwMode=0x7) = TRUE", 0},
		{args(stdout, mode), "GetConsoleMode(hConsoleHandle=0x44, lpMode={1}) = TRUE", 0},
		{args(-11, 0x4c), "SetStdHandle(nStdHandle=-11, hHandle=0x4c) = TRUE", 0},
		{args(-11), "GetStdHandle(nStdHandle=-11) = 0x4c", 0},
	})
	if got := m.Uint(mode, 4); got != 7 {
		t.Errorf("mode: got %d, want 7", got)
	}
	if got := m.Uint(n, 4); got != 0 {
		t.Errorf("characters typed: got %d, want 0", got)
	}
	want := []trace.Payload{trace.ConsoleWrite{Stream: "stdout", Text: "héllo you"}}
	if diff := cmp.Diff(want, happened(m, "console.write")); diff != "" {
		t.Errorf("behaviours (-want +got):\n%s", diff)
	}
}

func TestPipe(t *testing.T) {
	m := machine(t, nil)
	read, write, n, buf := m.Alloc(8), m.Alloc(8), m.Alloc(4), m.Alloc(8)
	m.Call("kernel32.dll", "CreatePipe", read, write, 0, 0)
	r, w := m.Uint(read, 8), m.Uint(write, 8)
	run(t, m, []call{
		{args(w, m.Bytes([]byte("hello")), 5, n, 0), "WriteFile(hFile=0x50, lpBuffer={1}, nNumberOfBytesToWrite=5, lpNumberOfBytesWritten={3}, lpOverlapped=NULL) = TRUE", 0},
		{args(r, buf, 4, 0, n, 0), "PeekNamedPipe(hNamedPipe=0x4c, lpBuffer={1}, nBufferSize=4, lpBytesRead=NULL, lpTotalBytesAvail={4}, lpBytesLeftThisMessage=NULL) = TRUE", 0},
		{args(r, buf, 4, n, 0), "ReadFile(hFile=0x4c, lpBuffer={1}, nNumberOfBytesToRead=4, lpNumberOfBytesRead={3}, lpOverlapped=NULL) = TRUE", 0},
		{args(r), "GetFileType(hFile=0x4c) = 3", 0},
		{args(w, buf, 4, n, 0), failed("ReadFile(hFile=0x50, lpBuffer={1}, nNumberOfBytesToRead=4, lpNumberOfBytesRead={3}, lpOverlapped=NULL) = FALSE", 5), win.ErrAccessDenied},
		{args(w), "CloseHandle(hObject=0x50) = TRUE", 0},
		{args(r, buf, 8, n, 0), "ReadFile(hFile=0x4c, lpBuffer={1}, nNumberOfBytesToRead=8, lpNumberOfBytesRead={3}, lpOverlapped=NULL) = TRUE", 0},
		{args(r, buf, 8, n, 0), failed("ReadFile(hFile=0x4c, lpBuffer={1}, nNumberOfBytesToRead=8, lpNumberOfBytesRead={3}, lpOverlapped=NULL) = FALSE", 109), win.ErrBrokenPipe},
		{args(r, buf, 8, n, n, 0), failed("PeekNamedPipe(hNamedPipe=0x4c, lpBuffer={1}, nBufferSize=8, lpBytesRead={3}, lpTotalBytesAvail={4}, lpBytesLeftThisMessage=NULL) = FALSE", 109), win.ErrBrokenPipe},
	})
	if got, want := string(m.Get(buf, 8)), "oell????"; got != want {
		t.Errorf("buffer: got %q, want %q", got, want)
	}
	if diff := cmp.Diff([]trace.Payload{trace.PipeCreate{}}, happened(m, "pipe.create")); diff != "" {
		t.Errorf("behaviours (-want +got):\n%s", diff)
	}
}

// TestPipeWithoutReader fails at once; TestPipeWithoutWriter, who could still
// write, is a deadlock and named so.
func TestPipeWithoutReader(t *testing.T) {
	m := machine(t, nil)
	read, write := m.Alloc(8), m.Alloc(8)
	m.Call("kernel32.dll", "CreatePipe", read, write, 0, 0)
	run(t, m, []call{
		{args(0x4c), "CloseHandle(hObject=0x4c) = TRUE", 0},
		{args(0x50, m.Bytes([]byte("x")), 1, 0, 0), failed("WriteFile(hFile=0x50, lpBuffer={1}, nNumberOfBytesToWrite=1, lpNumberOfBytesWritten=NULL, lpOverlapped=NULL) = FALSE", 232), win.ErrNoData},
	})
}

func TestPipeWithoutWriter(t *testing.T) {
	m := machine(t, nil)
	m.Call("kernel32.dll", "CreatePipe", m.Alloc(8), m.Alloc(8), 0, 0)
	if stop := m.Ends("kernel32.dll", "ReadFile", 0x4c, m.Alloc(4), 4, 0, 0); stop.Reason != trace.StopDeadlock {
		t.Errorf("got %+v, want a deadlock", stop)
	}
}

func TestHandles(t *testing.T) {
	m := machine(t, nil)
	out, flags := m.Alloc(8), m.Alloc(4)
	run(t, m, []call{
		{args(self), "CloseHandle(hObject=0xffffffffffffffff) = TRUE", 0},
		{args(0x999), failed("CloseHandle(hObject=0x999) = FALSE", 6), win.ErrInvalidHandle},
		{args(self, self-1, self, out, 0, 0, 2), "DuplicateHandle(hSourceProcessHandle=0xffffffffffffffff, hSourceHandle=0xfffffffffffffffe, hTargetProcessHandle=0xffffffffffffffff, lpTargetHandle={3}, dwDesiredAccess=0x0, bInheritHandle=0, dwOptions=0x2) = TRUE", 0},
		{args(self, 0x999, self, out, 0, 0, 2), failed("DuplicateHandle(hSourceProcessHandle=0xffffffffffffffff, hSourceHandle=0x999, hTargetProcessHandle=0xffffffffffffffff, lpTargetHandle={3}, dwDesiredAccess=0x0, bInheritHandle=0, dwOptions=0x2) = FALSE", 6), win.ErrInvalidHandle},
		{args(0x4c, 3, 2), "SetHandleInformation(hObject=0x4c, dwMask=0x3, dwFlags=0x2) = TRUE", 0},
		{args(0x4c, flags), "GetHandleInformation(hObject=0x4c, lpdwFlags={1}) = TRUE", 0},
		{args(0x4c), failed("CloseHandle(hObject=0x4c) = FALSE", 6), win.ErrInvalidHandle}, // protected
		{args(0x4c, 2, 0), "SetHandleInformation(hObject=0x4c, dwMask=0x2, dwFlags=0x0) = TRUE", 0},
		{args(0x4c), "CloseHandle(hObject=0x4c) = TRUE", 0},
		{args(0x4c), failed("CloseHandle(hObject=0x4c) = FALSE", 6), win.ErrInvalidHandle},
		{args(0x4c, 8, 8), failed("SetHandleInformation(hObject=0x4c, dwMask=0x8, dwFlags=0x8) = FALSE", 6), win.ErrInvalidHandle},
		{args(stdout, 8, 8), failed("SetHandleInformation(hObject=0x44, dwMask=0x8, dwFlags=0x8) = FALSE", 87), win.ErrInvalidParameter},
	})
	if got := m.Uint(flags, 4); got != 2 {
		t.Errorf("flags: got %d, want 2", got)
	}
}

// TestProtectedHandle protects a handle from NtClose as well, and from closing
// while it is duplicated; the next handle of that value is not protected.
func TestProtectedHandle(t *testing.T) {
	m := wintest.New(t, guest.Config{}, append(kernel32.Tables(), ntdll.Table())...)
	const notClosable, closeSource = 0xC0000235, 1
	create := func() uint64 {
		h, _, _ := m.Call("kernel32.dll", "CreateEventW", 0, 0, 0, 0)
		return h
	}
	closed := func(h, want uint64) {
		t.Helper()
		if got, _, _ := m.Call("ntdll.dll", "NtClose", h); got != want {
			t.Errorf("NtClose: got %#x, want %#x", got, want)
		}
	}
	h := create()
	m.Call("kernel32.dll", "SetHandleInformation", h, 2, 2)
	closed(h, notClosable)
	m.Call("kernel32.dll", "DuplicateHandle", self, h, self, m.Alloc(8), 0, 0, closeSource)
	closed(h, notClosable)
	m.Call("kernel32.dll", "SetHandleInformation", h, 2, 0)
	closed(h, 0)
	m.Call("kernel32.dll", "SetHandleInformation", create(), 1, 1)
	closed(h, 0)
	if again := create(); again != h {
		t.Fatalf("handle: got %#x, want %#x once more", again, h)
	}
	flags := m.Alloc(4)
	m.Call("kernel32.dll", "GetHandleInformation", h, flags)
	if got := m.Uint(flags, 4); got != 0 {
		t.Errorf("flags of a new handle: got %d", got)
	}
}
