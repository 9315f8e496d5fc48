package emulator

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"testing"

	"sidetrace/emulator/guest"
)

// residentBytes is the memory the host has given this process.
func residentBytes(t *testing.T) int {
	t.Helper()
	stat, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("the host does not tell how much memory is resident: ", err)
	}
	var size, resident int
	if _, err := fmt.Sscan(string(stat), &size, &resident); err != nil {
		t.Fatal(err)
	}
	return resident * os.Getpagesize()
}

// TestNoLeak boots, runs and closes thousands of machines: the memory of the
// process must not grow with them. Each has a program, a DLL that it loads, a
// second thread and an allocation that it never gives back.
func TestNoLeak(t *testing.T) {
	const boots = 10_000
	if raceDetector {
		t.Skip("the race detector's own memory grows with every goroutine")
	}
	if testing.Short() {
		t.Skip("boots ten thousand machines")
	}
	s := newSystem(t)
	alloc := s.address(t, "kernel32.dll", "VirtualAlloc")
	thread, wait := s.address(t, "kernel32.dll", "CreateThread"), s.address(t, "kernel32.dll", "WaitForSingleObject")
	code := join(enter,
		call(alloc, 0, 0x10000, 0x3000, 0x40),
		call(thread, 0, 0, s.address(t, "kernel32.dll", "GetLastError"), 0),
		[]byte{0x48, 0x89, 0xC1}, // mov rcx, rax
		[]byte{0xBA}, imm(1000, 4),
		[]byte{0x48, 0xB8}, imm(wait, 8), []byte{0xFF, 0xD0},
		leave)
	boot := func() {
		m, err := New(s, guest.Config{Image: `C:\a\code.bin`, Files: map[string][]byte{`C:\a\code.bin`: code}})
		if err != nil {
			t.Fatal(err)
		}
		run := m.Run(context.Background())
		m.Close()
		if run.Calls.Len() != 4 {
			t.Fatalf("%d calls, stop %+v", run.Calls.Len(), run.Stop)
		}
	}
	settled := func() int {
		debug.FreeOSMemory()
		return residentBytes(t)
	}
	for range boots / 10 {
		boot()
	}
	before := settled()
	for range boots {
		boot()
	}
	const most = 8 << 20
	grown := settled() - before
	t.Logf("%d boots: resident memory grew by %d KiB", boots, grown>>10)
	if grown > most {
		t.Errorf("%d boots left %d KiB behind, %d a boot; at most %d KiB are allowed", boots, grown>>10, grown/boots, most>>10)
	}
}
