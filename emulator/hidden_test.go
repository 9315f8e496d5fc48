package emulator

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// TestHiddenModules runs a program that takes a module out of the loader's
// lists, table and tree and puts one of its own in: who is asked finds what
// lies in the guest's memory.
func TestHiddenModules(t *testing.T) {
	const folder = "testdata/loader/"
	run := runFiles(t, `C:\app\hidden.exe`, map[string][]byte{
		`C:\app\hidden.exe`: readFile(t, folder+"hidden.exe"), `C:\app\shown.dll`: readFile(t, folder+"shown.dll"),
	})
	want := lines(string(readFile(t, folder+"hidden.txt")))
	if d := cmp.Diff(want, lines(string(run.Console))); d != "" {
		t.Errorf("console (-want +got):\n%s", d)
	}
	if len(run.Gaps) != 0 {
		t.Errorf("gaps: %+v", run.Gaps)
	}
}

// TestForwarderCycle asks for an export of two DLLs that forward it to each
// other: there is none.
func TestForwarderCycle(t *testing.T) {
	files := map[string][]byte{}
	for _, name := range []string{"round_a.dll", "round_b.dll"} {
		files[`C:\app\`+name] = readFile(t, "testdata/loader/"+name)
	}
	run := runConfig(t, newSystem(t), guest.Config{Image: `C:\app\round_a.dll`, Files: files, Calls: []guest.ExportCall{{Name: "again"}}})
	const detail = "round_a.dll has no export again"
	if run.Stop.Reason != trace.StopLoad || run.Stop.Detail != detail {
		t.Errorf("got %+v, want %q", run.Stop, detail)
	}
}
