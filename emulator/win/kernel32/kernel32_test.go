package kernel32_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/kernel32"
	"sidetrace/emulator/win/wintest"
)

// machine is a process with kernel32 and some files.
func machine(t *testing.T, files map[string]string) *wintest.Machine {
	t.Helper()
	config := guest.Config{Files: map[string][]byte{}}
	for path, data := range files {
		config.Files[path] = []byte(data)
	}
	return wintest.New(t, config, kernel32.Tables()...)
}

// call is one step of a test.
type call struct {
	args []any // numbers; strings, which are put into memory as the function's version takes them
	// want is the call as the trace shows it. {0} stands for the address of
	// the first argument, and so on.
	want      string
	lastError win.Error
}

// run makes the calls one after another.
func run(t *testing.T, m *wintest.Machine, calls []call) {
	t.Helper()
	for _, x := range calls {
		name, _, _ := strings.Cut(x.want, "(")
		var values []uint64
		want := "kernel32.dll!" + x.want
		for i, a := range x.args {
			v := value(t, m, name, a)
			values = append(values, v)
			want = strings.ReplaceAll(want, fmt.Sprintf("{%d}", i), trace.Pointer.Format(v))
		}
		_, lastError, line := m.Call("kernel32.dll", name, values...)
		if diff := cmp.Diff(want, line); diff != "" {
			t.Errorf("trace (-want +got):\n%s", diff)
		}
		if lastError != x.lastError {
			t.Errorf("%s: last error: got %d, want %d", want, lastError, x.lastError)
		}
	}
}

func value(t *testing.T, m *wintest.Machine, name string, a any) uint64 {
	t.Helper()
	switch a := a.(type) {
	case int:
		return uint64(a)
	case uint64:
		return a
	case string:
		if strings.HasSuffix(name, "W") {
			return m.WString(a)
		}
		return m.AString(a)
	}
	t.Fatalf("%s: argument of type %T", name, a)
	return 0
}

// args is short for a list of arguments.
func args(a ...any) []any { return a }

// failed is the last error behind a result in the trace.
func failed(line string, code win.Error) string {
	return fmt.Sprintf("%s (last error %d)", line, code)
}

// happened lists what was recorded of a kind.
func happened(m *wintest.Machine, kinds ...string) []trace.Payload {
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

// wide is n characters of UTF-16 in guest memory.
func wide(t *testing.T, m *wintest.Machine, at uint64, n int) string {
	t.Helper()
	return string(guest.AppendUTF8(nil, m.Get(at, 2*n)))
}

func hex(v uint64) string { return fmt.Sprintf("%#x", v) }

func decimal(v int) string { return fmt.Sprint(v) }
