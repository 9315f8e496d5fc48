// Package wintest calls API handlers from Go tests: in a real process, with
// its memory, handles and clock, but without guest code around each call.
//
//	m := wintest.New(t, guest.Config{}, kernel32.Tables()...)
//	size := m.Alloc(8)
//	result, lastError, line := m.Call("kernel32.dll", "GetFileSizeEx", handle, size)
//
// The process runs one loop of raw code, whose call into the package's own DLL
// takes the test's calls one after another and makes them as the guest would.
package wintest

import (
	"context"
	"encoding/binary"
	"strings"
	"sync"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

const (
	ownDLL = "wintest.dll"
	image  = `C:\Test\test.bin`
	// Fill is what fresh memory holds, so that stray writes show.
	Fill = '?'
	// Margin is how many bytes behind an allocation hold Fill too.
	Margin = 16
)

// Machine is a process that stands still between the test's calls. The
// process is embedded: tests look at its files, handles and clock directly.
type Machine struct {
	*guest.Process
	t     testing.TB
	calls chan call
	done  chan call // as it came back
	ended chan struct{}
	once  sync.Once // of end
}

type call struct {
	dll, name string
	args      []uint64
	result    uint64
	lastError win.Error
}

// New starts a process that has the given DLLs beside the ones every process
// needs. It ends with the test.
func New(t testing.TB, config guest.Config, tables ...win.Table) *Machine {
	t.Helper()
	return On(t, Library(t, config, tables...), config)
}

// Library builds the DLLs of machines, for tests that need several machines.
func Library(t testing.TB, config guest.Config, tables ...win.Table) *win.Library {
	t.Helper()
	tables = append(tables, win.DLL(ownDLL, win.Func0("Serve", serve)))
	for _, name := range []string{"ntdll.dll", "kernel32.dll", "kernelbase.dll", guest.StandInHost} {
		if !has(tables, name) {
			tables = append(tables, win.DLL(name))
		}
	}
	library, err := win.NewLibrary(config.OSVersion().Build, tables...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := library.Close(); err != nil {
			t.Error(err)
		}
	})
	return library
}

type machineKey struct{}

// On starts a process that has the DLLs of a library.
func On(t testing.TB, library *win.Library, config guest.Config) *Machine {
	t.Helper()
	m := &Machine{t: t, calls: make(chan call), done: make(chan call), ended: make(chan struct{})}
	config.Image = image
	files := map[string][]byte{image: loop(library.System.Module(ownDLL))}
	for path, data := range config.Files {
		files[path] = data
	}
	config.Files = files
	var err error
	m.Process, err = guest.New(library.System, win.NewDispatcher(library), config)
	if err != nil {
		t.Fatal(err)
	}
	m.State[machineKey{}] = m
	m.Recorder.Run.Calls.UseExports(library.Exports())
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(m.ended)
		m.Run(context.Background())
	}()
	t.Cleanup(m.end)
	select {
	case <-m.done:
	case <-m.ended:
		t.Fatalf("the process did not start: %+v", m.Recorder.Run.Stop)
	}
	return m
}

// end lets the process end and gives its memory back.
func (m *Machine) end() {
	m.once.Do(func() {
		close(m.calls)
		<-m.ended
		m.Close()
	})
}

func has(tables []win.Table, dll string) bool {
	for i := range tables {
		if tables[i].DLL == dll {
			return true
		}
	}
	return false
}

// loop is code that calls the only export of the test's own DLL.
func loop(m *guest.SystemModule) []byte {
	code := []byte{0x48, 0x83, 0xEC, 0x28, 0x48, 0xB8} // sub rsp, 28h; mov rax, the export
	code = binary.LittleEndian.AppendUint64(code, m.Base+uint64(m.Image.Exports.Symbols[0].RVA))
	return append(code, 0xFF, 0xD0, 0x48, 0x83, 0xC4, 0x28, 0xC3) // call rax; add rsp, 28h; ret
}

// serve says that it is there and makes the test's calls until there are no
// more.
func serve(c *win.Call) (win.DWORD, win.Error) {
	m, _ := c.State[machineKey{}].(*Machine)
	m.done <- call{}
	for req := range m.calls {
		c.SetLastError(0)
		req.result, req.lastError = c.Invoke(req.dll, req.name, req.args...)
		m.done <- req
	}
	return 0, 0
}

// Call calls an export and returns its result, the last error it left (0 where
// it left it alone) and the call as the trace shows it.
func (m *Machine) Call(dll, name string, args ...uint64) (result uint64, lastError win.Error, line string) {
	m.t.Helper()
	first := m.Recorder.Last()
	m.calls <- call{dll: dll, name: name, args: args}
	select {
	case back := <-m.done:
		return back.result, back.lastError, m.line(first)
	case <-m.ended:
		m.t.Fatalf("%s!%s ended the run: %+v", dll, name, m.Recorder.Run.Stop)
		return 0, 0, ""
	}
}

// Ends calls an export that does not come back and returns why the run ended.
// No further call can be made.
func (m *Machine) Ends(dll, name string, args ...uint64) trace.Stop {
	m.t.Helper()
	m.calls <- call{dll: dll, name: name, args: args}
	select {
	case back := <-m.done:
		m.t.Fatalf("%s!%s came back with %#x", dll, name, back.result)
	case <-m.ended:
	}
	return m.Recorder.Run.Stop
}

// line is the first call made after sequence number seq, without its caller.
func (m *Machine) line(seq uint64) string {
	run := m.Recorder.Run
	for c := range run.Calls.All() {
		if c.Seq > seq {
			_, text, _ := strings.Cut(run.CallText(c), " ")
			return text
		}
	}
	return ""
}

// Behaviours lists what was recorded of a kind, one line each.
func (m *Machine) Behaviours(kind string) []string {
	var lines []string
	for i := range m.Recorder.Run.Behaviours {
		if b := &m.Recorder.Run.Behaviours[i]; b.Kind() == kind {
			lines = append(lines, trace.Summary(b.Fields))
		}
	}
	return lines
}

// Gaps lists the names of the gaps.
func (m *Machine) Gaps() []string {
	var names []string
	for _, g := range m.Recorder.Run.Gaps {
		names = append(names, g.Name)
	}
	return names
}

// Alloc returns the address of n bytes, and a margin behind them, of [Fill].
func (m *Machine) Alloc(n int) uint64 {
	m.t.Helper()
	at := m.Heap.Alloc(uint64(n + Margin))
	if at == 0 {
		m.t.Fatalf("no memory for %d bytes", n)
	}
	m.Put(at, []byte(strings.Repeat(string(rune(Fill)), n+Margin)))
	return at
}

// Put writes guest memory.
func (m *Machine) Put(at uint64, data []byte) {
	m.t.Helper()
	if err := m.Mem.Write(at, data); err != nil {
		m.t.Fatal(err)
	}
}

// Get returns a copy of n bytes of guest memory.
func (m *Machine) Get(at uint64, n int) []byte {
	m.t.Helper()
	b, err := m.Mem.View(at, n)
	if err != nil {
		m.t.Fatal(err)
	}
	return append([]byte{}, b...)
}

// Uint reads a little-endian integer of size 1, 2, 4 or 8 bytes.
func (m *Machine) Uint(at uint64, size int) uint64 {
	m.t.Helper()
	v, err := m.Mem.ReadUint(at, size)
	if err != nil {
		m.t.Fatal(err)
	}
	return v
}

// Bytes puts data into fresh memory, with the margin behind it.
func (m *Machine) Bytes(data []byte) uint64 {
	m.t.Helper()
	at := m.Alloc(len(data))
	m.Put(at, data)
	return at
}

// AString puts an ANSI string with its terminator into fresh memory.
func (m *Machine) AString(s string) uint64 { m.t.Helper(); return m.Bytes(guest.ANSI(s)) }

// WString puts a UTF-16 string with its terminator into fresh memory.
func (m *Machine) WString(s string) uint64 { m.t.Helper(); return m.Bytes(guest.UTF16(s)) }
