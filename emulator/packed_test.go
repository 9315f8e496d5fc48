package emulator

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

const packed = "testdata/packed"

// TestPacked compares packed programs with their originals: from the original
// entry point on they do the same, and the unpacking is seen.
func TestPacked(t *testing.T) {
	system := newSystem(t)
	for _, line := range lines(string(readFile(t, packed+"/packed.txt"))) {
		f := strings.Fields(line)
		if len(f) != 4 {
			t.Fatalf("a line of packed.txt has four words: %s", line)
		}
		name, method := f[0], f[2]
		original := readFile(t, filepath.Join(packed, f[1]))
		t.Run(name+" "+method, func(t *testing.T) {
			if trace.SHA256(original) != f[3] {
				t.Fatalf("%s is older than its original: pack it anew with pack.sh", name)
			}
			run := func(image []byte) *trace.Run {
				path := `C:\app\` + name
				cfg := guest.Config{Image: path, Files: map[string][]byte{path: image}}
				if strings.HasSuffix(name, ".dll") {
					cfg.Calls = []guest.ExportCall{{Name: "avutil_version"}}
				}
				m, err := New(system, cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer m.Close()
				return m.Run(context.Background())
			}
			want, got := run(original), run(readFile(t, filepath.Join(packed, name)))

			if d := cmp.Diff(outcome(want), outcome(got)); d != "" {
				t.Errorf("outcome (-original +packed), stop %v:\n%s", got.Stop, d)
			}
			if d := cmp.Diff(want.Gaps, got.Gaps); d != "" {
				t.Errorf("gaps (-original +packed):\n%s", d)
			}
			// The stub's calls and behaviours come first, but for those that loading
			// begins with; of imports it loads the DLLs itself.
			if w, g := callsOf(want), callsOf(got); !slices.Equal(w, last(g, len(w))) {
				t.Errorf("calls from the entry point on (-original +packed):\n%s", cmp.Diff(w, last(g, len(w))))
			}
			if w, g := deeds(want), deeds(got); !slices.Equal(w, g) {
				t.Errorf("behaviours (-original +packed):\n%s", cmp.Diff(w, g))
			}
			layers := behaviours[trace.CodeUnpacked](got)
			if len(layers) != 2 || layers[1].Module != name || layers[1].Layer != 2 {
				t.Fatalf("code.unpacked: got %+v, want the stub's second part and the program", layers)
			}
			if len(behaviours[trace.CodeUnpacked](want)) != 0 {
				t.Error("the original unpacks, too")
			}
		})
	}
}

func last[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }

// callsOf are a run's calls, without what is an address.
func callsOf(run *trace.Run) (list []string) {
	for c := range run.Calls.All() {
		text := c.API.DLL + "!" + c.API.Name
		for _, a := range c.Args {
			switch {
			case a.HasText:
				text += fmt.Sprintf(" %q", a.Text)
			case a.Value < 1<<16 || int64(a.Value) < 0:
				text += fmt.Sprintf(" %#x", a.Value)
			default:
				text += " address"
			}
		}
		list = append(list, text)
	}
	return list
}

// deeds are a run's behaviours but for the unpacking: how modules are loaded,
// rights are changed and code is found.
func deeds(run *trace.Run) (list []string) {
	for _, b := range run.Behaviours {
		switch b.Fields.(type) {
		case trace.ModuleLoad, trace.CodeUnpacked, trace.MemoryProtect:
			continue
		}
		list = append(list, fmt.Sprintf("%T %v", b.Fields, b.Fields))
	}
	return list
}
