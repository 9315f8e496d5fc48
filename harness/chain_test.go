package harness_test

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator"
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/harness"
	"sidetrace/reports"
)

// system is what the tests run their machines with.
var system = sync.OnceValues(emulator.NewSystem)

func newMachine(t testing.TB) harness.Machine {
	t.Helper()
	system, err := system()
	if err != nil {
		t.Fatal(err)
	}
	return harness.Emulator(system)
}

// TestScenarios runs every scenario of the repository twice, on one job and on
// two: all pass, and the results are the same to the byte.
func TestScenarios(t *testing.T) {
	entries := load(t, "../scenarios")
	machine := newMachine(t)
	var first []byte
	for _, jobs := range []int{1, 2} {
		r := harness.Runner{Machine: machine, Jobs: jobs}
		suite := r.Run(context.Background(), entries)
		var out bytes.Buffer
		if err := reports.WriteJSON(&out, suite); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = out.Bytes()
		} else if diff := cmp.Diff(string(first), out.String()); diff != "" {
			t.Errorf("%d jobs: (-first +now)\n%s", jobs, diff)
		}
		if suite.Verdict != reports.Pass {
			var text bytes.Buffer
			if err := reports.WriteText(&text, suite, reports.TextOptions{Show: reports.Show{Behaviours: true}}); err != nil {
				t.Fatal(err)
			}
			t.Fatalf("%d jobs:\n%s", jobs, text.String())
		}
	}
}

// TestHostStillWorks says that the trojanised library answers its host as the
// clean one does.
func TestHostStillWorks(t *testing.T) {
	r := harness.Runner{Machine: newMachine(t)}
	suite := r.Run(context.Background(), load(t, "../scenarios", "3cx-2023", "3cx-2023-benign"))
	trojanised, clean := suite.Scenarios[0].Run.Console, suite.Scenarios[1].Run.Console
	if clean == "" || trojanised != clean {
		t.Errorf("got %q, want %q", trojanised, clean)
	}
}

const app = `C:\Users\user\AppData\Local\Programs\3CXDesktopApp\app\`

// TestMutations takes one input of the machine away, or changes a byte of it,
// and wants the verdict to be fail at just the step that needs it.
func TestMutations(t *testing.T) {
	const (
		icons = "https://raw.githubusercontent.com/IconStorages/"
		c2    = "https://glcloudservice.com/"
	)
	// flip changes one byte of a file, at an offset from the last place of mark.
	flip := func(data []byte, mark string, offset int) []byte {
		at := bytes.LastIndex(data, []byte(mark))
		if at < 0 {
			t.Fatalf("no %q to count from", mark)
		}
		data = bytes.Clone(data)
		data[at+len(mark)+offset] ^= 1
		return data
	}
	without := func(prefix string) func(*guest.Config) {
		return func(c *guest.Config) {
			var kept []guest.WebAnswer
			for _, a := range c.Web {
				if !strings.HasPrefix(a.URL, prefix) {
					kept = append(kept, a)
				}
			}
			c.Web = kept
		}
	}
	body := func(prefix string, change func([]byte) []byte) func(*guest.Config) {
		return func(c *guest.Config) {
			for i, a := range c.Web {
				if strings.HasPrefix(a.URL, prefix) {
					c.Web[i].Body = change(a.Body)
				}
			}
		}
	}
	tests := []struct {
		name   string
		mutate func(*guest.Config)
		step   string // start of the step that must fail
		field  string // that the nearest miss must differ in; "" if there is none
	}{
		{"event exists", func(c *guest.Config) { c.Events = []string{"AVMonitorRefreshEvent"} }, "event.create", "existed"},
		{"no container", func(c *guest.Config) { delete(c.Files, app+"d3dcompiler_47.dll") }, "file.read {path: " + app + "d3dcompiler_47.dll", ""},
		{"other marker", func(c *guest.Config) {
			name := app + "d3dcompiler_47.dll"
			c.Files[name] = flip(c.Files[name], "\xFE\xED\xFA\xCE\xFE\xED\xFA", 0)
		}, "memory.protect", ""},
		{"byte of the blob", func(c *guest.Config) {
			name := app + "d3dcompiler_47.dll"
			c.Files[name] = flip(c.Files[name], "\xFE\xED\xFA\xCE\xFE\xED\xFA\xCE", 4+1000)
		}, "memory.protect", ""},
		{"no manifest", func(c *guest.Config) { delete(c.Files, app+"manifest") }, "file.read {path: " + app + "manifest", ""},
		{"no registry value", func(c *guest.Config) { c.Registry = nil }, "registry.read", ""},
		{"no such value in the key", func(c *guest.Config) { c.Registry = slices.Clone(c.Registry); c.Registry[0].Name = "Other" }, "registry.read", "found"},
		{"no icon", without(icons), "http.request {method: GET", "answered"},
		{"byte of the icon's address", body(icons, func(b []byte) []byte { return flip(b, "IEND\xAE\x42\x60\x82", 60) }), "crypto.decrypt", "verified"},
		{"no C2", without(c2), "http.request {url: https://glcloudservice.com", "answered"},
		{"other answer of the C2", body(c2, func([]byte) []byte { return []byte("wait") }), "process.create", ""},
	}
	run := newMachine(t)
	entries := load(t, "../scenarios", "3cx-2023")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := harness.Runner{Machine: func(ctx context.Context, c guest.Config) (*trace.Run, error) {
				c.Files = maps.Clone(c.Files)
				tt.mutate(&c)
				return run(ctx, c)
			}}
			got := r.Run(context.Background(), entries).Scenarios[0]
			if got.Verdict != reports.Fail {
				t.Errorf("got %s (%s), want fail", got.Verdict, got.Reason)
			}
			for _, s := range got.Steps {
				if s.Status == reports.Passed {
					continue
				}
				if !strings.HasPrefix(s.Expected, tt.step) {
					t.Fatalf("failed at %s (%s), want %s", s.Expected, got.Reason, tt.step)
				}
				if field := missed(s.Miss); field != tt.field {
					t.Errorf("%s: the nearest miss differs in %q, want %q", s.Miss.Reason, field, tt.field)
				}
				return
			}
			t.Fatal("every step passed")
		})
	}
}

// missed is the first field in which the nearest miss behind the last matched
// step differs.
func missed(m *reports.Miss) string {
	if m == nil || m.Near == nil || m.Near.Earlier || len(m.Near.Fields) == 0 {
		return ""
	}
	return m.Near.Fields[0].Field
}
