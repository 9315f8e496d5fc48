// Package wintest calls API handlers from tests as a guest would: through the
// stubs of real synthetic DLLs, in a guest thread of a real process.
//
//	m := wintest.New(t, guest.Config{}, kernel32.Tables()...)
//	buf := m.Alloc(8)
//	result, lastError, trace := m.Call("kernel32.dll", "GetTempPathA", 8, buf)
package wintest

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// Filler is what memory holds that no handler has written to.
const Filler = '?'

// Program is the path of the program whose place the test takes, unless the
// configuration names another one.
const Program = `C:\App\test.bin`

const (
	arenaBase = 0x2000_0000
	arenaSize = 1 << 20
)

// Machine is a process whose main thread does what the test asks.
type Machine struct {
	*guest.Process
	t        testing.TB
	requests chan func(*guest.Thread)
	replies  chan struct{}
	ended    chan struct{}
	next     uint64 // free part of the arena
}

// New starts a process with the given DLLs. Those that every process has and
// the tables lack are empty. It is closed with the test.
func New(t testing.TB, config guest.Config, tables ...win.Table) *Machine {
	t.Helper()
	for _, dll := range []string{"ntdll.dll", "kernel32.dll", "kernelbase.dll", guest.StandInHost} {
		if !slices.ContainsFunc(tables, func(x win.Table) bool { return x.DLL == dll }) {
			tables = append(tables, win.DLL(dll))
		}
	}
	library, err := win.NewLibrary(tables...)
	if err != nil {
		t.Fatal(err)
	}
	if config.Image == "" {
		config.Image = Program
		files := map[string][]byte{Program: bytes.Repeat([]byte{0xC3}, 16)}
		for path, data := range config.Files {
			files[path] = data
		}
		config.Files = files
	}
	p, err := guest.New(library.System, win.NewDispatcher(library), config)
	if err != nil {
		t.Fatal(err)
	}
	p.Recorder.Run.Calls.UseExports(library.Exports())
	m := &Machine{Process: p, t: t, next: arenaBase,
		requests: make(chan func(*guest.Thread)), replies: make(chan struct{}), ended: make(chan struct{})}
	m.arena()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	p.Script(func(th *guest.Thread) {
		for request := range m.requests {
			request(th)
			m.replies <- struct{}{}
		}
	})
	go func() {
		p.Run(t.Context())
		close(m.ended)
	}()
	t.Cleanup(func() {
		close(m.requests)
		<-m.ended
		p.Close()
		_ = library.Close() // the descriptor is ours and open: cannot fail
	})
	return m
}

func (m *Machine) arena() {
	m.t.Helper()
	a, err := m.Mem.Reserve(arenaBase, arenaSize, 0, guest.RegionPrivate, guest.PageReadWrite)
	if err == nil {
		err = m.Mem.Commit(a.Base, a.Size, guest.PageReadWrite)
	}
	if err == nil {
		err = m.Mem.Write(arenaBase, bytes.Repeat([]byte{Filler}, arenaSize))
	}
	if err != nil {
		m.t.Fatal(err)
	}
}

// Do runs fn as the main thread and returns when it has ended or the process
// has.
func (m *Machine) Do(fn func(t *guest.Thread)) {
	select {
	case m.requests <- fn:
		select {
		case <-m.replies:
		case <-m.ended:
		}
	case <-m.ended:
	}
}

// Ended reports whether the process has stopped, and how.
func (m *Machine) Ended() (trace.Stop, bool) {
	select {
	case <-m.ended:
		return m.Recorder.Run.Stop, true
	default:
		return trace.Stop{}, false
	}
}

// Call calls an export and returns its result, the thread's last error, which
// was 0 before, and the call as the trace prints it, without the caller. If
// the process ends in the call, the result and the last error are 0.
func (m *Machine) Call(dll, name string, args ...uint64) (result uint64, lastError uint32, text string) {
	m.t.Helper()
	at := m.Export(dll, name)
	seq := m.Recorder.Last()
	m.Do(func(t *guest.Thread) {
		t.SetLastError(0)
		result = t.CallGuest(at, args...)
		lastError = t.LastError()
	})
	for c := range m.Recorder.Run.Calls.All() {
		if c.Seq > seq {
			_, text, _ = strings.Cut(m.Recorder.Run.CallText(c), " ")
			break
		}
	}
	return result, lastError, text
}

// Export is the address of an export's stub.
func (m *Machine) Export(dll, name string) uint64 {
	m.t.Helper()
	s := m.System().Module(dll)
	if s == nil {
		m.t.Fatalf("there is no %s", dll)
	}
	if s.Image.Exports != nil {
		if e, ok := s.Image.Exports.Lookup(name); ok {
			return s.Base + uint64(e.RVA)
		}
	}
	m.t.Fatalf("%s does not export %s", dll, name)
	return 0
}

// Alloc returns n bytes of guest memory, filled with [Filler].
func (m *Machine) Alloc(n int) uint64 {
	m.t.Helper()
	at := m.next
	if m.next += (uint64(n) + 15) &^ 15; m.next > arenaBase+arenaSize {
		m.t.Fatal("the test uses more guest memory than there is")
	}
	return at
}

// Place puts data into guest memory.
func (m *Machine) Place(data []byte) uint64 {
	m.t.Helper()
	at := m.Alloc(len(data))
	if err := m.Mem.Write(at, data); err != nil {
		m.t.Fatal(err)
	}
	return at
}

// AString puts an ANSI string with its terminator into guest memory.
func (m *Machine) AString(s string) uint64 { return m.Place(guest.ANSI(s)) }

// WString puts a UTF-16 string with its terminator into guest memory.
func (m *Machine) WString(s string) uint64 { return m.Place(guest.UTF16(s)) }

// Words puts 64-bit numbers into guest memory.
func (m *Machine) Words(words ...uint64) uint64 {
	var b []byte
	for _, w := range words {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return m.Place(b)
}

// Bytes copies n bytes out of guest memory.
func (m *Machine) Bytes(at uint64, n int) []byte {
	m.t.Helper()
	b, err := m.Mem.View(at, n)
	if err != nil {
		m.t.Fatal(err)
	}
	return bytes.Clone(b)
}

// Uint reads an integer of size 1, 2, 4 or 8 bytes from guest memory.
func (m *Machine) Uint(at uint64, size int) uint64 {
	m.t.Helper()
	v, err := m.Mem.ReadUint(at, size)
	if err != nil {
		m.t.Fatal(err)
	}
	return v
}

// AText reads a NUL-terminated ANSI string from guest memory.
func (m *Machine) AText(at uint64) string {
	m.t.Helper()
	b, err := m.Mem.CString(at)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(guest.AppendANSI(nil, b))
}

// WText reads a NUL-terminated UTF-16 string from guest memory.
func (m *Machine) WText(at uint64) string {
	m.t.Helper()
	b, err := m.Mem.WString(at)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(guest.AppendUTF8(nil, b))
}

// Behaviours lists, oldest first, the behaviours of a kind recorded so far.
func (m *Machine) Behaviours(kind string) []trace.Payload {
	var list []trace.Payload
	for _, b := range m.Recorder.Run.Behaviours {
		if b.Kind() == kind {
			list = append(list, b.Fields)
		}
	}
	return list
}

// Gaps lists the names of the gaps recorded so far.
func (m *Machine) Gaps() []string {
	var names []string
	for _, g := range m.Recorder.Run.Gaps {
		names = append(names, g.Name)
	}
	return names
}
