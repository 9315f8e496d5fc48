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
	}, []string{"a.dll", "empty.dll"}))
	const want = `
## a.dll

| function | level | parameters | note |
|---|---|---|---|
| ` + "`First`" + ` | stub |  |  |

## b.dll

| function | level | parameters | note |
|---|---|---|---|
| ` + "`Second{A,W}`" + ` | partial | hFile, dwSize | only a \| b |
| ` + "`Third`" + ` | forward |  |  |

## Other DLLs

These load, and none of their functions is modelled: ` + "`empty.dll`" + `.
`
	if diff := cmp.Diff(want, strings.TrimPrefix(got, apiHead)); diff != "" {
		t.Errorf("apis (-want +got):\n%s", diff)
	}
}
