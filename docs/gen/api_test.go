package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/win"
)

func TestAPIs(t *testing.T) {
	got := string(apis([]win.Table{
		win.DLL("b.dll",
			win.Partial(win.Stub("Second{A,W}", win.Bool(true), "hFile dwSize"), "only a | b"),
			win.Forward("Third", "a.First"),
		),
		win.DLL("a.dll", win.Stub("First", win.Bool(true), "")),
	}, []string{"a.dll", "empty.dll"}, emissions{"a": {"First": {"file.read", "sleep"}}, "x": {"First": {"exit"}, "Third": {"exit"}}}))
	const want = `
## a.dll

| function | level | parameters | behaviours | note |
|---|---|---|---|---|
| ` + "`First`" + ` | stub |  | file.read, sleep |  |

## b.dll

| function | level | parameters | behaviours | note |
|---|---|---|---|---|
| ` + "`Second{A,W}`" + ` | partial | hFile, dwSize |  | only a \| b |
| ` + "`Third`" + ` | forward |  | exit |  |

## Other DLLs

These load, and none of their functions is modelled: ` + "`empty.dll`" + `.
`
	if diff := cmp.Diff(want, strings.TrimPrefix(got, apiHead)); diff != "" {
		t.Errorf("apis (-want +got):\n%s", diff)
	}
}

// TestEmissions knows functions of each kind: one that emits by itself, through
// another package, through a call by name, and one that emits nothing.
func TestEmissions(t *testing.T) {
	emitted, err := traceEmissions("../..")
	if err != nil {
		t.Fatal(err)
	}
	for row, want := range map[[2]string]string{
		{"advapi32.dll", "RegQueryValueEx{A,W}"}: "registry.read",
		{"kernel32.dll", "VirtualProtect"}:       "memory.protect",
		{"shlwapi.dll", "SHGetValue{A,W}"}:       "registry.read",
		{"shell32.dll", "ShellExecute{A,W}"}:     "process.create",
		{"kernelbase.dll", "GetTickCount"}:       "",
		{"kernel32.dll", "GetLastError"}:         "",
	} {
		if got := strings.Join(emitted.of(row[0], row[1]), " "); got != want {
			t.Errorf("%s!%s emits %q, want %q", row[0], row[1], got, want)
		}
	}
}
