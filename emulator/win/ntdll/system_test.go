package ntdll_test

import (
	"fmt"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
	"sidetrace/emulator/win/wintest"
)

func TestQueryInformationProcess(t *testing.T) {
	m := machine(t)
	for _, test := range []struct {
		name          string
		class, length uint64
		status        uint64
		returned      uint64 // 0x3F3F3F3F: not told
		value         uint64 // of eight bytes, or of as many as there are
	}{
		{"basic", 0, 48, 0, 48, 0x103},
		{"basic, short", 0, 47, lengthMismatch, 0x3F3F3F3F, 0},
		{"basic, long", 0, 49, lengthMismatch, 0x3F3F3F3F, 0},
		{"debug port", 7, 8, 0, 8, 0},
		{"debug port, short", 7, 4, lengthMismatch, 0x3F3F3F3F, 0},
		{"debug object", 30, 8, 0xC0000353, 8, 0},
		{"debug object, short", 30, 4, lengthMismatch, 0x3F3F3F3F, 0},
		{"debug flags", 31, 4, 0, 4, 1},
		{"debug flags, long", 31, 8, lengthMismatch, 0x3F3F3F3F, 0},
		{"WOW64", 26, 8, 0, 8, 0},
		{"session", 24, 4, 0, 4, 1},
	} {
		out, returned := m.Alloc(64), m.Alloc(4)
		want(t, m, test.status, "NtQueryInformationProcess", self, test.class, out, test.length, returned)
		same(t, test.name+": length", m.Uint(returned, 4), test.returned)
		if test.returned == test.length {
			same(t, test.name, m.Uint(out, int(min(test.length, 8)))&0xFFFFFFFF, test.value)
		} else {
			same(t, test.name+": nothing stored", m.Uint(out, 1), uint64('?'))
		}
	}
	out := m.Alloc(48)
	want(t, m, 0, "NtQueryInformationProcess", self, 0, out, 48, 0)
	same(t, "PEB and identifier", []uint64{m.Uint(out+8, 8), m.Uint(out+32, 8)}, []uint64{m.PEB(), uint64(m.ID)})

	for class, path := range map[uint64]string{
		27: `\Device\HarddiskVolume3` + m.Program().Path[2:], 43: m.Program().Path, 60: m.CommandLine,
	} {
		text := guest.UTF16(path)
		need := uint64(16 + len(text))
		out, returned := m.Alloc(int(need)), m.Alloc(4)
		want(t, m, lengthMismatch, "NtQueryInformationProcess", self, class, out, need-1, returned)
		same(t, "length", m.Uint(returned, 4), need)
		want(t, m, 0, "NtQueryInformationProcess", self, class, out, need, returned)
		same(t, "text", string(m.Get(m.Uint(out+8, 8), len(text)+1)), string(text)+"?")
		same(t, "header", m.Uint(out, 4), uint64(len(text)-2|len(text)<<16))
	}
	same(t, "gaps", m.Gaps(), []string(nil))
	want(t, m, uint64(win.StatusInvalidInfoClass), "NtQueryInformationProcess", self, 77, out, 8, 0)
	same(t, "gaps", m.Gaps(), []string{"ntdll.dll!NtQueryInformationProcess: information class 77"})
	want(t, m, invalidHandle, "NtQueryInformationProcess", bad, 7, out, 8, 0)
	want(t, m, typeMismatch, "NtQueryInformationProcess", eventHandle(t, m), 7, out, 8, 0)
}

func TestQuerySystemInformation(t *testing.T) {
	m := machine(t)
	for _, test := range []struct {
		name          string
		class, length uint64
		status        uint64
		returned      uint64
	}{
		{"basic", 0, 64, 0, 64},
		{"basic, short", 0, 63, lengthMismatch, 64},
		{"basic, none", 0, 0, lengthMismatch, 64},
		{"processor", 1, 12, 0, 12},
		{"time of day", 3, 48, 0, 48},
		{"time of day, the beginning", 3, 16, 0, 16},
		{"time of day, long", 3, 49, lengthMismatch, 48},
		{"kernel debugger", 35, 2, 0, 2},
		{"kernel debugger, short", 35, 1, lengthMismatch, 2},
		{"code integrity, without its length", 103, 8, lengthMismatch, 0x3F3F3F3F},
	} {
		out, returned := m.Alloc(64), m.Alloc(4)
		want(t, m, test.status, "NtQuerySystemInformation", test.class, out, test.length, returned)
		same(t, test.name, m.Uint(returned, 4), test.returned)
	}
	out := m.Alloc(64)
	want(t, m, 0, "NtQuerySystemInformation", 0, out, 64, 0)
	same(t, "page size and granularity", []uint64{m.Uint(out+8, 4), m.Uint(out+24, 4), m.Uint(out+56, 1)}, []uint64{0x1000, 0x10000, 2})
	want(t, m, 0, "NtQuerySystemInformation", 35, out, 2, 0)
	same(t, "kernel debugger", m.Get(out, 2), []byte{0, 1})
	m.Put(out, []byte{8, 0, 0, 0})
	want(t, m, 0, "NtQuerySystemInformation", 103, out, 8, 0)
	same(t, "code integrity", m.Uint(out+4, 4), uint64(1))
	want(t, m, uint64(win.StatusInvalidInfoClass), "NtQuerySystemInformation", 11, out, 64, 0)
	same(t, "gaps", m.Gaps(), []string{"ntdll.dll!NtQuerySystemInformation: information class 11"})
}

func TestProcessList(t *testing.T) {
	m := wintest.New(t, guest.Config{Processes: []guest.Running{{ID: 4, Name: "System"}, {ID: 3364, Parent: 3300, Name: "explorer.exe"}}}, ntdll.Table())
	returned := m.Alloc(4)
	want(t, m, lengthMismatch, "NtQuerySystemInformation", 5, 0, 0, returned)
	size := m.Uint(returned, 4)
	list := m.Alloc(int(size))
	want(t, m, 0, "NtQuerySystemInformation", 5, list, size, returned)
	var got []string
	for at := list; ; {
		name := ""
		if n := m.Uint(at+0x38, 2); n > 0 {
			name = guest.FromUTF16(m.Get(m.Uint(at+0x40, 8), int(n)))
		}
		got = append(got, fmt.Sprint(name, " ", m.Uint(at+0x50, 8), " of ", m.Uint(at+0x58, 8)))
		next := m.Uint(at, 4)
		if next == 0 {
			break
		}
		at += next
	}
	same(t, "processes", got, []string{" 0 of 0", "System 4 of 0", "explorer.exe 3364 of 3300", fmt.Sprintf("%s %d of 3364", m.Program().Name(), m.ID)})
}

func TestTime(t *testing.T) {
	m := machine(t)
	out := m.Alloc(16)
	want(t, m, 0, "NtQuerySystemTime", out)
	if now := guest.FileTime(m.Clock.Now()); m.Uint(out, 8) > now || now-m.Uint(out, 8) > 10_000 {
		t.Errorf("time: got %d, want %d", m.Uint(out, 8), now)
	}
	want(t, m, 0, "NtQueryPerformanceCounter", out, out+8)
	same(t, "frequency", m.Uint(out+8, 8), uint64(10_000_000))
	if got, now := m.Uint(out, 8), uint64(m.Clock.SinceBoot()/100); got > now || now-got > 10_000 {
		t.Errorf("counter: got %d, want %d", got, now)
	}
}

func TestExit(t *testing.T) {
	for _, test := range []struct {
		name      string
		args      []uint64
		behaviour string
	}{
		{"NtTerminateProcess", []uint64{self, 3}, "exit code=3 reason=TerminateProcess"},
		{"RtlExitUserProcess", []uint64{3}, "exit code=3 reason=ExitProcess"},
	} {
		m := machine(t)
		want(t, m, invalidHandle, "NtTerminateProcess", bad, 3)
		want(t, m, 0, "NtTerminateProcess", 0, 3) // the other threads, of which there are none
		if stop := m.Ends(dll, test.name, test.args...); stop.Reason != trace.StopExit || stop.ExitCode != 3 {
			t.Errorf("%s: got %+v", test.name, stop)
		}
		same(t, test.name, m.Behaviours("exit"), []string{test.behaviour})
	}
}
