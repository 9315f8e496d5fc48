package emulator

import (
	"testing"

	"github.com/google/go-cmp/cmp"
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
