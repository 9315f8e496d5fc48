package replicas

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// wine64 finds Wine's loader, which Debian keeps out of the path.
func wine64(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"wine64", "/usr/lib/wine/wine64"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	t.Skip("wine64 is not installed")
	return ""
}

// Each PE is refused by the loader, before any of its code runs, because the
// guard DLL exists in the emulator alone.
func TestRefusedOutsideTheEmulator(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Wine")
	}
	wine := wine64(t)
	const regsvr32 = `C:\windows\system32\regsvr32.exe`
	dir := t.TempDir()
	command := func(args ...string) *exec.Cmd {
		cmd := exec.Command("timeout", append([]string{"-k", "5", "120"}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "WINEPREFIX="+filepath.Join(dir, "prefix"), "WINEDEBUG=-all,err+module")
		return cmd
	}
	run := func(args ...string) (string, int) {
		t.Helper()
		cmd := command(append([]string{wine}, args...)...)
		// A file and not a pipe: Wine's servers keep it open when the program is done.
		log, err := os.Create(filepath.Join(dir, "log"))
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
			t.Fatal(err)
		}
		out, err := os.ReadFile(log.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	t.Cleanup(func() { stopServer(t, wine, command) })
	if out, code := run("wineboot", "--init"); code != 0 {
		t.Skipf("Wine does not start here: exit code %d\n%s", code, out)
	}
	// 4: loaded, and has no DllRegisterServer. So 3, below, says that loading failed.
	if out, code := run(regsvr32, "/s", "version.dll"); code != 4 {
		t.Skipf("Wine does not work here: exit code %d\n%s", code, out)
	}
	for name, data := range prebuiltPEs(t) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name := range prebuiltPEs(t) {
		args, want := []string{regsvr32, "/s", `.\` + name}, 3
		if path.Ext(name) == ".exe" {
			args, want = []string{"./" + name}, 0xC0000135&0xFF // STATUS_DLL_NOT_FOUND
		}
		out, code := run(args...)
		if code != want || !strings.Contains(out, "Library sidetrace-guard.dll (which is needed by") {
			t.Errorf("%s: exit code %d, want %d, and the guard named as missing\n%s", name, code, want, out)
		}
		if path.Ext(name) == ".exe" && !strings.Contains(out, "c0000135") {
			t.Errorf("%s: no STATUS_DLL_NOT_FOUND\n%s", name, out)
		}
	}
}

// stopServer ends all that Wine runs in this test's prefix, and waits until the
// server has written its registry, so that the temporary folder can go.
func stopServer(t *testing.T, wine string, command func(...string) *exec.Cmd) {
	if err := command(wine, "wineboot", "--kill").Run(); err != nil {
		t.Logf("wineboot --kill: %v", err)
	}
	program, err := filepath.EvalSymlinks(wine)
	if err != nil {
		t.Error(err)
	}
	for _, name := range []string{"wineserver64", "wineserver"} {
		server := filepath.Join(filepath.Dir(program), name)
		if _, err := os.Stat(server); err == nil {
			if err := command(server, "--wait").Run(); err != nil {
				t.Logf("%s --wait: %v", name, err)
			}
			return
		}
	}
}
