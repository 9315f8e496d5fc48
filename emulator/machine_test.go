package emulator

import (
	"context"
	"sync"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// sharedSystem is what the package's tests run their machines with.
var sharedSystem = sync.OnceValues(NewSystem)

func newSystem(t testing.TB) *System {
	t.Helper()
	s, err := sharedSystem()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// runRaw runs raw code to its end.
func runRaw(t testing.TB, s *System, code []byte, change func(*guest.Config)) *trace.Run {
	t.Helper()
	cfg := guest.Config{Image: `C:\sample\code.bin`, Files: map[string][]byte{`C:\sample\code.bin`: code}}
	if change != nil {
		change(&cfg)
	}
	m, err := New(s, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	return m.Run(context.Background())
}

// TestStops runs one piece of raw code for each way a run can end.
func TestStops(t *testing.T) {
	s := newSystem(t)
	for _, test := range []struct {
		name   string
		code   []byte
		change func(*guest.Config)
		reason trace.StopReason
		exit   uint32
	}{
		{"returns", []byte{0xB8, 42, 0, 0, 0, 0xC3}, nil, trace.StopExit, 42},
		{"endless loop", []byte{0xEB, 0xFE}, func(c *guest.Config) { c.Limits.Blocks = 1_000_000 }, trace.StopBlocks, 0},
		{"endless loop over nothing but a call", join(enter, call(s.address(t, "kernel32.dll", "GetLastError")), []byte{0xEB, 0xF2}), func(c *guest.Config) { c.Limits.Blocks = 1_000_000 }, trace.StopBlocks, 0},
		{"reads address 0", []byte{0x31, 0xC0, 0x8B, 0x00, 0xC3}, nil, trace.StopException, guest.StatusAccessViolation},
		{"jumps to nowhere", []byte{0x31, 0xC0, 0xFF, 0xE0}, nil, trace.StopException, guest.StatusAccessViolation},
		{"divides by zero", []byte{0x31, 0xC9, 0xF7, 0xF1, 0xC3}, nil, trace.StopException, guest.StatusIntegerDivideByZero},
		{"executes ud2", []byte{0x0F, 0x0B}, nil, trace.StopException, guest.StatusIllegalInstruction},
		{"executes hlt", []byte{0xF4}, nil, trace.StopException, guest.StatusPrivilegedInstruction},
		{"breakpoint", []byte{0xCC}, nil, trace.StopException, guest.StatusBreakpoint},
		{"endless recursion", []byte{0xE8, 0xFB, 0xFF, 0xFF, 0xFF}, nil, trace.StopException, guest.StatusStackOverflow},
	} {
		t.Run(test.name, func(t *testing.T) {
			run := runRaw(t, s, test.code, test.change)
			if run.Stop.Reason != test.reason || run.Stop.ExitCode != test.exit {
				t.Errorf("got %+v, want reason %s with %#x", run.Stop, test.reason, test.exit)
			}
		})
	}
}

// standard is the DLLs of a machine without a configuration of its own.
func (s *System) standard(t testing.TB) *win.Library {
	t.Helper()
	l, err := s.library(&guest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}
