package emulator

import (
	"os"
	"path/filepath"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

const wineDLLs = "/usr/lib/x86_64-linux-gnu/wine/x86_64-windows"

// TestSysroot calls functions that no handler has, of DLLs of which the guest
// sees the synthetic one or none at all: with the folder of Wine's DLLs they do
// their work, without it they are a gap, or missing.
func TestSysroot(t *testing.T) {
	if _, err := os.Stat(filepath.Join(wineDLLs, "ntdll.dll")); err != nil {
		t.Skip("Wine's DLLs are not installed (scripts/deps.sh corpus)")
	}
	system := newSystem(t)
	for _, test := range []struct {
		dll, name, in string
		args          [4]uint64
		want          uint32
		without       string // the gap without the folder; "" for an exception: there is no such function
	}{
		// No DLL of that name is synthetic: it runs from its DllMain on.
		{"atl100.dll", "AtlGetVersion", "", [4]uint64{}, 0x0A00, ""},
		// A function of ntdll that is computation alone.
		{"ntdll.dll", "RtlFindMostSignificantBit", "", [4]uint64{0x10_0000_0000}, 36, "ntdll.dll!RtlFindMostSignificantBit"},
	} {
		t.Run(test.dll+" "+test.name, func(t *testing.T) {
			run := callDLL(t, system, guest.Config{Sysroot: os.DirFS(wineDLLs)}, test.dll, test.name, []byte(test.in), 0, test.args[:]...)
			if run.Stop.Reason != trace.StopExit || run.Stop.ExitCode != test.want || len(run.Gaps) > 0 {
				t.Errorf("with the folder: stop %+v, want exit %#x; gaps %v", run.Stop, test.want, run.Gaps)
			}
			run = callDLL(t, system, guest.Config{}, test.dll, test.name, []byte(test.in), 0, test.args[:]...)
			if test.without == "" && run.Stop.Reason != trace.StopException || test.without != "" && (len(run.Gaps) != 1 || run.Gaps[0].Name != test.without) {
				t.Errorf("without the folder: stop %+v, gaps %v, want %q", run.Stop, run.Gaps, test.without)
			}
		})
	}

	// A system call stays a gap, by its name, and is not the real DLL's.
	run := callDLL(t, system, guest.Config{Sysroot: os.DirFS(wineDLLs)}, "ntdll.dll", "NtCreateProfile", nil, 0, 0, 0, 0, 0)
	if len(run.Gaps) != 1 || run.Gaps[0].Name != "ntdll.dll!NtCreateProfile" {
		t.Errorf("a system call: stop %+v, gaps %v", run.Stop, run.Gaps)
	}
}
