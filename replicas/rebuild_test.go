package replicas

import (
	"os/exec"
	"testing"
)

// The committed PEs are what the committed sources give.
func TestPrebuiltIsFresh(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles everything")
	}
	for _, tool := range []string{"x86_64-w64-mingw32-gcc", "osslsigncode", "bash"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	out, err := exec.Command("./build.sh", "--check").CombinedOutput()
	if err != nil {
		t.Errorf("prebuilt needs to be regenerated; run make replicas\n%s", out)
	}
	t.Logf("%s", out)
}
