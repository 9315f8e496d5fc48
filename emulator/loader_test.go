package emulator

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// loaderFiles are the programs of testdata/loader (build.sh there makes them).
func loaderFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, name := range []string{"a.exe", "b.dll", "c.dll", "d.dll", "false.dll"} {
		data, err := os.ReadFile(filepath.Join("testdata/loader", name))
		if err != nil {
			t.Fatal(err)
		}
		files[`C:\app\`+name] = data
	}
	return files
}

func runFiles(t *testing.T, image string, files map[string][]byte) *trace.Run {
	t.Helper()
	m, err := New(newSystem(t), guest.Config{Image: image, Files: files})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	return m.Run(context.Background())
}

// TestLoader runs a program that says what the loader does with it: entry
// points in the order of dependence, TLS callbacks and data, a DLL that is
// moved, a forwarder, loading and freeing by name, and what cannot be loaded.
// The expected lines are what the program prints under Wine 8.0, and the last:
// the PE format says that TLS callbacks are told of the end of the process.
func TestLoader(t *testing.T) {
	run := runFiles(t, `C:\app\a.exe`, loaderFiles(t))
	const want = `c attach, static
b attach, static
a tls attach
b_value 4
b_forward 3
d attach, dynamic
d_value 40
missing export: 127
missing file: 126
false attach, dynamic
false detach, freed
refusing DllMain: 1114
it is gone
c thread
b thread
d thread
a tls thread
thread's own data 41
d thread ends
b thread ends
c thread ends
a tls other
thread ended with 5
main's own data 42
d detach, freed
d is gone
b detach, process ends
c detach, process ends
a tls other
`
	if d := cmp.Diff(want, string(run.Console)); d != "" {
		t.Errorf("console (-want +got):\n%s", d)
	}
	if run.Stop.Reason != trace.StopExit || run.Stop.ExitCode != 7 {
		t.Errorf("got %+v, want exit code 7", run.Stop)
	}
	if len(run.Gaps) != 0 {
		t.Errorf("gaps: %+v", run.Gaps)
	}
}

// TestLoadFails takes away what the program needs.
func TestLoadFails(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(files map[string][]byte)
		status uint32
		detail string
	}{
		{"a DLL of a DLL is missing", func(f map[string][]byte) { delete(f, `C:\app\c.dll`) },
			guest.StatusDLLNotFound, "loading c.dll for b.dll: not found"},
		{"a DLL lacks an export", func(f map[string][]byte) { f[`C:\app\c.dll`] = f[`C:\app\false.dll`] },
			guest.StatusEntryPointNotFound, "loading c.dll for b.dll: it has no export c_value"},
		{"a DLL is broken", func(f map[string][]byte) { f[`C:\app\c.dll`] = f[`C:\app\c.dll`][:300] },
			guest.StatusInvalidImageFormat, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := loaderFiles(t)
			test.change(files)
			run := runFiles(t, `C:\app\a.exe`, files)
			if run.Stop.Reason != trace.StopLoad || run.Stop.ExitCode != test.status || test.detail != "" && run.Stop.Detail != test.detail {
				t.Errorf("got %+v, want status %#x, %q", run.Stop, test.status, test.detail)
			}
		})
	}
}

// TestExportOnDemand calls an export of a DLL that is run by itself.
func TestExportOnDemand(t *testing.T) {
	m, err := New(newSystem(t), guest.Config{Image: `C:\app\b.dll`, Files: loaderFiles(t), Calls: []guest.ExportCall{{Name: "b_value"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	run := m.Run(context.Background())
	if run.Stop.Reason != trace.StopExit || run.Stop.ExitCode != 4 {
		t.Errorf("got %+v, want exit code 4", run.Stop)
	}
	want := []trace.ExportCall{
		{Path: `C:\app\b.dll`, Export: "b_value", Caller: "sidetrace"},
		{Path: `C:\app\c.dll`, Export: "c_value", Caller: "b.dll+0x1111"},
	}
	if d := cmp.Diff(want, behaviours[trace.ExportCall](run)); d != "" {
		t.Errorf("export.call (-want +got):\n%s", d)
	}
}
