package kernel32_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/kernel32"
	"sidetrace/emulator/win/wintest"
)

// machine is a process with kernel32 and the files of a small installation.
func machine(t *testing.T, files map[string]string) *wintest.Machine {
	t.Helper()
	config := guest.Config{Files: map[string][]byte{}, CurrentDirectory: `C:\Test`}
	for path, data := range files {
		config.Files[path] = []byte(data)
	}
	return wintest.New(t, config, kernel32.Tables()...)
}

// call is one step of a test: what is called, how the trace shows it, and the
// last error it leaves.
type call struct {
	name      string
	args      []uint64
	want      string // the trace, from the result on
	lastError win.Error
}

// run makes the calls one after another.
func run(t *testing.T, m *wintest.Machine, calls []call) {
	t.Helper()
	for _, x := range calls {
		_, lastError, line := m.Call("kernel32.dll", x.name, x.args...)
		if diff := cmp.Diff(x.want, line); diff != "" {
			t.Errorf("%s: trace (-want +got):\n%s", x.name, diff)
		}
		if lastError != x.lastError {
			t.Errorf("%s: last error: got %d, want %d", x.name, lastError, x.lastError)
		}
	}
}

// behaviours lists what was recorded of some kinds, in order.
func behaviours(m *wintest.Machine, kinds ...string) []trace.Payload {
	var list []trace.Payload
	for _, b := range m.Recorder.Run.Behaviours {
		for _, kind := range kinds {
			if b.Kind() == kind {
				list = append(list, b.Fields)
			}
		}
	}
	return list
}
