package emulator

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// A program overflows its stack, handles that, puts the guard page back and
// does it again; without the guard page it ends.
func TestStackOverflow(t *testing.T) {
	system := newSystem(t)
	image := `C:\app\overflow.exe`
	m, err := New(system, guest.Config{Image: image, Files: map[string][]byte{image: readFile(t, "testdata/stack/overflow.exe")}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	run := m.Run(context.Background())
	want := []string{
		"(char *)tib->StackBase > &local: 1",
		"(char *)tib->StackLimit <= &local: 1",
		"((DWORD64)tib->StackLimit & 0xfff) == 0: 1",
		"(char *)tib->StackBase - *(char **)((char *)tib + 0x1478): 1048576",
		"SetThreadStackGuarantee(&guarantee): 1",
		"overflow(): -1",
		"code: c00000fd",
		"parameters: 2",
		"low_enough: 1",
		"first > 5000: 1",
		"(char *)tib->StackLimit - *(char **)((char *)tib + 0x1478): 4096",
		"_resetstkoflw() != 0: 1",
		"overflow(): -1",
		"code: c00000fd",
		"deepest > first - 1000 && deepest < first + 1000: 1",
		"_resetstkoflw() != 0: 1",
		"thread: -1 c00000fd",
		"exit_code: 3",
		"the last: -1",
		"behind it: ",
		"exit 5",
	}
	if diff := cmp.Diff(want, outcome(run)); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	if run.Stop.Reason != trace.StopException || run.Stop.ExitCode != guest.StatusAccessViolation {
		t.Errorf("stop: got %+v, want an access violation below the stack", run.Stop)
	}
}
