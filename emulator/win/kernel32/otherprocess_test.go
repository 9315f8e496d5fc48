package kernel32_test

import (
	"slices"
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/kernel32"
	"sidetrace/emulator/win/ntdll"
	"sidetrace/emulator/win/wintest"
)

const memory = 0x3000 // MEM_RESERVE | MEM_COMMIT

// TestHollowing takes the image of a suspended child away, puts another one
// there and lets the child run: all is recorded, the last is a gap.
func TestHollowing(t *testing.T) {
	m := wintest.New(t, guest.Config{}, append(kernel32.Tables(), ntdll.Table())...)
	startup, out := m.Bytes(append([]byte{104}, make([]byte, 103)...)), m.Alloc(24)
	const suspended = 4
	if ok, err, _ := m.Call("kernel32.dll", "CreateProcessW", 0, m.WString("notepad.exe"), 0, 0, 0, suspended, 0, 0, startup, out); ok != 1 {
		t.Fatal(err)
	}
	process, thread := m.Uint(out, 8), m.Uint(out+8, 8)
	basic := m.Alloc(48)
	if status, _, _ := m.Call("ntdll.dll", "NtQueryInformationProcess", process, 0, basic, 48, 0); status != 0 {
		t.Fatalf("status %#x", status)
	}
	peb := m.Uint(basic+8, 8)
	at := m.Alloc(8)
	m.Call("kernel32.dll", "ReadProcessMemory", process, peb+0x10, at, 8, 0)
	image := m.Uint(at, 8)
	header := m.Alloc(2)
	m.Call("kernel32.dll", "ReadProcessMemory", process, image, header, 2, 0)
	if got := string(m.Get(header, 2)); got != "MZ" {
		t.Fatalf("the image begins with %q", got)
	}
	if status, _, _ := m.Call("ntdll.dll", "NtUnmapViewOfSection", process, image); status != 0 {
		t.Fatalf("status %#x", status)
	}
	const rwx = 0x40
	if got, err, _ := m.Call("kernel32.dll", "VirtualAllocEx", process, image, 0x5000, memory, rwx); got != image {
		t.Fatalf("%#x, %d, want %#x", got, err, image)
	}
	m.Call("kernel32.dll", "WriteProcessMemory", process, image, m.AString("MZ and more"), 11, 0)
	context := m.Bytes(make([]byte, guest.ContextSize))
	m.Put(context+0x30, []byte{0x0B, 0, 0x10, 0})
	if ok, err, _ := m.Call("kernel32.dll", "GetThreadContext", thread, context); ok != 1 {
		t.Fatal(err)
	}
	if got := m.Uint(context+0x88, 8); got != peb {
		t.Errorf("RDX is %#x, want the PEB at %#x", got, peb)
	}
	m.Put(context+0x80, []byte{0x34, 0x12, 0, 0, 0, 0, 0, 0}) // RCX: the entry point
	m.Call("kernel32.dll", "SetThreadContext", thread, context)
	if len(m.Gaps()) != 0 {
		t.Errorf("before it runs: %v", m.Gaps())
	}
	if count, _, _ := m.Call("kernel32.dll", "ResumeThread", thread); count != 1 {
		t.Errorf("count %d", count)
	}
	if gaps := m.Gaps(); !slices.ContainsFunc(gaps, func(g string) bool { return strings.Contains(g, "code in another process is not run") }) {
		t.Errorf("gaps %q", gaps)
	}
	if got, want := len(m.Behaviours("process.memory")), 2; got != want {
		t.Errorf("%d behaviours of memory, want %d", got, want)
	}
	write := m.Behaviours("process.write_memory")
	if len(write) != 1 || !strings.Contains(write[0], "content=pe") || !strings.Contains(write[0], "injected.bin") {
		t.Errorf("got %q", write)
	}
	if hijack := m.Behaviours("thread.hijack"); len(hijack) != 1 || !strings.Contains(hijack[0], "context") {
		t.Errorf("got %q", hijack)
	}
}

// TestRemoteThread injects into the shell and into a process of the system.
func TestRemoteThread(t *testing.T) {
	m := wintest.New(t, guest.Config{}, append(kernel32.Tables(), ntdll.Table())...)
	const all = 0x1FFFFF
	if h, err, _ := m.Call("kernel32.dll", "OpenProcess", all, 0, 684); h != 0 || err != win.ErrAccessDenied {
		t.Errorf("lsass.exe: %#x, %d", h, err)
	}
	shell, err, _ := m.Call("kernel32.dll", "OpenProcess", all, 0, guest.Shell)
	if shell == 0 {
		t.Fatal(err)
	}
	at, _, _ := m.Call("kernel32.dll", "VirtualAllocEx", shell, 0, 100, memory, 0x40)
	m.Call("kernel32.dll", "WriteProcessMemory", shell, at, m.AString("code"), 4, 0)
	thread, _, _ := m.Call("kernel32.dll", "CreateRemoteThread", shell, 0, 0, at, 7, 0, 0)
	if done, _, _ := m.Call("kernel32.dll", "WaitForSingleObject", thread, 0); thread == 0 || done != 0 {
		t.Errorf("thread %#x, wait %#x", thread, done)
	}
	want := []string{
		`process.access image=C:\Windows\System32\lsass.exe id=684 access=0x1fffff granted=false`,
		`process.access image=C:\Windows\explorer.exe id=3364 access=0x1fffff granted=true`,
	}
	if got := m.Behaviours("process.access"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	remote := m.Behaviours("thread.create_remote")
	if len(remote) != 1 || !strings.Contains(remote[0], "parameter=7") || !strings.Contains(remote[0], "CreateRemoteThread") {
		t.Errorf("got %q", remote)
	}
}
