package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
)

func TestExportCall(t *testing.T) {
	for text, want := range map[string]guest.ExportCall{
		"Run":                {Name: "Run"},
		"#12":                {Name: "#12"},
		"adler32(1, 0, 0x0)": {Name: "adler32", Args: []uint64{1, 0, 0}},
		"Run()":              {Name: "Run"},
		"?f@@YAXH(":          {Name: "?f@@YAXH("},
	} {
		got, err := exportCall(text)
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%s: %v (-want +got):\n%s", text, err, d)
		}
	}
	for _, text := range []string{"f(1,2,3,4,5)", "f(x)"} {
		if _, err := exportCall(text); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}
