package crt_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator"
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

const compiler = "x86_64-w64-mingw32-gcc"

// build compiles a C program of testdata.
func build(t *testing.T, source string, flags ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(compiler); err != nil {
		t.Skipf("%s is not installed", compiler)
	}
	out := filepath.Join(t.TempDir(), "program.exe")
	args := append([]string{"-O1", "-s", "-o", out, filepath.Join("testdata", source)}, flags...)
	if text, err := exec.Command(compiler, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", compiler, args, err, text)
	}
	image, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// system is what the tests run their programs with.
var system = sync.OnceValues(emulator.NewSystem)

// run runs a program on a machine that has the C runtime.
func run(t *testing.T, image []byte, config guest.Config) *trace.Run {
	t.Helper()
	system, err := system()
	if err != nil {
		t.Fatal(err)
	}
	config.Image = `C:\App\program.exe`
	files := map[string][]byte{config.Image: image}
	for path, data := range config.Files {
		files[path] = data
	}
	config.Files = files
	m, err := emulator.New(system, config)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	return m.Run(context.Background())
}

func TestProgram(t *testing.T) {
	const output = `args 3 [one] [two "three"]
jumped
-1 0 3 3 5 7 9 12 compared 1 found 6
rand 41 18467
math 1.414 1.732 0.141 -2.0
strtol -31 511
time 2023-03-29 09:00:00
wide wide-7 6
env yes
token a
token b
token c
size 12
line one
line two 2
feof 1 ferror 0
missing 0000000000000000 errno 2 No such file or directory
remove 0
thread 42 5 rand 6334
done
atexit 2
atexit 1
`
	config := guest.Config{Arguments: `one "two \"three\""`, Environment: map[string]string{"CRT_TEST": "yes"}}
	for _, test := range []struct {
		name  string
		flags []string
	}{
		{"own printf of the compiler", nil},
		{"printf of msvcrt.dll", []string{"-D__USE_MINGW_ANSI_STDIO=0"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := run(t, build(t, "runtime.c", test.flags...), config)
			if diff := cmp.Diff(output, string(got.Console)); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
			if got.Stop.Reason != trace.StopExit || got.Stop.ExitCode != 9 {
				t.Errorf("stop: got %+v, want exit 9", got.Stop)
			}
			for _, gap := range got.Gaps {
				t.Errorf("gap: %+v", gap)
			}
		})
	}
}

func TestWideProgram(t *testing.T) {
	got := run(t, build(t, "wide.c", "-municode"), guest.Config{Arguments: "x é"})
	const output = "3 x 1 233\nfile 6 c3a9\n"
	if diff := cmp.Diff(output, string(got.Console)); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	if got.Stop.Reason != trace.StopExit || got.Stop.ExitCode != 4 || len(got.Gaps) > 0 {
		t.Errorf("got %+v, %+v, want exit 4 and no gaps", got.Stop, got.Gaps)
	}
}

func TestLibrary(t *testing.T) {
	image := build(t, "library.c", "-shared")
	got := run(t, image, guest.Config{Calls: []guest.ExportCall{{Name: "answer", Args: []uint64{40}}}})
	if diff := cmp.Diff("attach\nanswer 42\ndetach\nat exit\n", string(got.Console)); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	if got.Stop.Reason != trace.StopExit || got.Stop.ExitCode != 42 || len(got.Gaps) > 0 {
		t.Errorf("got %+v, %+v, want exit 42 and no gaps", got.Stop, got.Gaps)
	}
}

func TestAbort(t *testing.T) {
	got := run(t, build(t, "abort.c"), guest.Config{})
	if diff := cmp.Diff("handler 22\n", string(got.Console)); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	if got.Stop.Reason != trace.StopExit || got.Stop.ExitCode != 3 {
		t.Errorf("got %+v, want exit 3", got.Stop)
	}
}

// A program that takes everything from ucrtbase.dll, by the names of API sets.
func TestUniversal(t *testing.T) {
	got := run(t, build(t, "universal.c", "-nostdlib", "-nostartfiles", "-e", "start", "-lucrt"), guest.Config{})
	if diff := cmp.Diff("universal 7 1e-07 wide\nsorted 123\nexit\n", string(got.Console)); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	if got.Stop.Reason != trace.StopExit || got.Stop.ExitCode != 6 || len(got.Gaps) > 0 {
		t.Errorf("got %+v, %+v, want exit 6 and no gaps", got.Stop, got.Gaps)
	}
}
