package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidetrace/harness/sandbox"
)

func TestExamine(t *testing.T) {
	tests := []struct {
		name    string
		version string
		exact   bool
		cost    float64
		kernel  sandbox.Kernel
		want    string
	}{
		{"all well", "2.1.1", true, 2.1, sandbox.Kernel{Landlock: 7, Seccomp: true}, `
ok    libunicorn   2.1.1
ok    faults       exact
ok    guest store  2.1 ns
ok    libyara      4.5.2
ok    sandbox      Landlock 7, seccomp
`},
		{"slow by a hair", "2.1.1", true, 20.1, sandbox.Kernel{Seccomp: true}, `
ok    libunicorn   2.1.1
ok    faults       exact
warn  guest store  20.1 ns
      hint: more than 20 ns: emulation is slow with this library; scripts/deps.sh build installs libunicorn 2.1.1
ok    libyara      4.5.2
warn  sandbox      seccomp
      hint: workers run without Landlock: files of this user can be reached; Linux 5.13 has both, unless a container or the boot parameter lsm= takes them away
`},
		{"another release", "2.1.4", false, 20, sandbox.Kernel{}, `
warn  libunicorn   2.1.4
      hint: this project is built and measured with 2.1.1; scripts/deps.sh build installs libunicorn 2.1.1
warn  faults       not exact: the address of a faulting instruction may be that of an earlier block
      hint: scripts/deps.sh build installs libunicorn 2.1.1
ok    guest store  20.0 ns
ok    libyara      4.5.2
warn  sandbox      none
      hint: workers run without Landlock: files of this user can be reached; without seccomp: sockets and programs can be reached; Linux 5.13 has both, unless a container or the boot parameter lsm= takes them away
`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			examine(&out, test.version, "4.5.2", test.exact, test.cost, test.kernel)
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), out.String()); diff != "" {
				t.Errorf("examine (-want +got):\n%s", diff)
			}
		})
	}
}

// TestStoreCost gives the loop a clock that moves by a known step, and expects
// that step per million stores: what is measured is the loop and nothing else.
func TestStoreCost(t *testing.T) {
	now := time.Unix(0, 0)
	got, err := storeCost(func() time.Time {
		now = now.Add(3 * time.Millisecond)
		return now
	})
	if err != nil {
		t.Fatal(err)
	}
	if got != 3 {
		t.Errorf("got %v ns, want 3 ns", got)
	}
}
