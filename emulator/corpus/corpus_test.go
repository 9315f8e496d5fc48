package corpus

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"sidetrace/emulator"
)

func newSystem(t *testing.T) *emulator.System {
	t.Helper()
	system, err := emulator.NewSystem()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { system.Close() })
	return system
}

// wine is the folder of Wine's DLLs; without it the test is skipped.
func wine(t *testing.T) fs.FS {
	t.Helper()
	if _, err := os.Stat(filepath.Join(Wine, "ntdll.dll")); err != nil {
		t.Skip("Wine's DLLs are not installed (scripts/deps.sh corpus)")
	}
	return os.DirFS(Wine)
}

// TestWineDLLs is make corpus in short: twenty of Wine's DLLs load and come to
// the end of DllMain.
func TestWineDLLs(t *testing.T) {
	root := wine(t)
	system := newSystem(t)
	for _, name := range []string{
		"advapi32", "atl100", "cabinet", "comctl32", "dbghelp", "gdiplus", "wintrust", "mlang", "msi", "msvcp140", "msvcr120", "msxml3",
		"ntdll", "ole32", "oleaut32", "propsys", "shlwapi", "ucrtbase", "urlmon", "user32",
	} {
		t.Run(name, func(t *testing.T) {
			data, err := fs.ReadFile(root, name+".dll")
			if err != nil {
				t.Fatal(err)
			}
			if o := Run(context.Background(), system, name+".dll", data, nil, root); !o.Ended() {
				t.Errorf("got %+v", o)
			}
		})
	}
}
