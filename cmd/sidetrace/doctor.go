package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"sidetrace/emulator/cpu"
	"sidetrace/harness/detect/yara"
	"sidetrace/harness/sandbox"
)

// slowStore is the cost of a guest store, in nanoseconds, from which on a
// library is called slow. The releases measured lie at 2 (2.1.1) and at 35 to
// 73 (2.0.1, 2.1.4); see docs/rationale.md.
const slowStore = 20

// measuredVersion is the release of libunicorn this project is measured with.
const measuredVersion = "2.1.1"

func (c *command) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check that this machine can run scenarios, and how fast",
		Long: `Checks the libunicorn this program runs with: its version, whether faults are
exact, and what a guest store costs; names the libyara that YARA rules are scanned
with; and says what of the sandbox of workers the kernel has. Exit code 0 if all is well or only slow, 3
if scenarios cannot be run here.`,
		Args: none,
		RunE: func(*cobra.Command, []string) error {
			cost, err := storeCost(c.now)
			if err != nil {
				return internal(fmt.Errorf("libunicorn %s does not run: %w", cpu.Version(), err), "scripts/deps.sh build installs libunicorn "+measuredVersion)
			}
			examine(c.stdout, cpu.Version(), yara.Version(), cpu.ExactFaults(), cost, sandbox.Examine())
			return nil
		},
	}
}

// examine prints the findings, each with what can be done where it is bad.
// cost is that of a guest store in nanoseconds.
func examine(w io.Writer, version, libyara string, exact bool, cost float64, kernel sandbox.Kernel) {
	finding := func(good bool, name, value, hint string) {
		mark := "ok  "
		if !good {
			mark = "warn"
		}
		fmt.Fprintf(w, "%s  %-12s %s\n", mark, name, value)
		if !good {
			fmt.Fprintf(w, "      hint: %s\n", hint)
		}
	}
	const install = "scripts/deps.sh build installs libunicorn " + measuredVersion
	finding(version == measuredVersion, "libunicorn", version, "this project is built and measured with "+measuredVersion+"; "+install)
	if exact {
		finding(true, "faults", "exact", "")
	} else {
		finding(false, "faults", "not exact: the address of a faulting instruction may be that of an earlier block", install)
	}
	finding(cost <= slowStore, "guest store", fmt.Sprintf("%.1f ns", cost), fmt.Sprintf("more than %d ns: emulation is slow with this library; %s", slowStore, install))
	finding(true, "libyara", libyara, "")
	var has []string
	if kernel.Landlock > 0 {
		has = append(has, fmt.Sprintf("Landlock %d", kernel.Landlock))
	}
	if kernel.Seccomp {
		has = append(has, "seccomp")
	}
	if has == nil {
		has = []string{"none"}
	}
	finding(kernel.Lacks() == nil, "sandbox", strings.Join(has, ", "), "workers run without "+strings.Join(kernel.Lacks(), "; without ")+"; Linux 5.13 has both, unless a container or the boot parameter lsm= takes them away")
}

// storeCost measures what one 8-byte store of guest code costs, in
// nanoseconds: the fastest of a few runs of a loop of a million.
func storeCost(now func() time.Time) (float64, error) {
	const (
		base   = 0x10000
		stub   = 0x7F0000
		stores = 1_000_000
		runs   = 5
	)
	mem, err := unix.Mmap(-1, 0, 2*cpu.PageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return 0, err
	}
	defer func() { _ = unix.Munmap(mem) }()
	c, err := cpu.New(cpu.Config{StubStart: stub, StubEnd: stub + cpu.PageSize})
	if err != nil {
		return 0, err
	}
	defer c.Close()

	copy(mem, []byte{
		0x48, 0x89, 0x0F, //       mov [rdi], rcx
		0x48, 0xFF, 0xC9, //       dec rcx
		0x75, 0xF8, //             jnz back to the store
		0x48, 0xC7, 0xC0, 0x00, 0x00, 0x7F, 0x00, // mov rax, stub
		0xFF, 0xE0, //             jmp rax
	})
	code, data := mem[:cpu.PageSize], mem[cpu.PageSize:]
	if err := c.Map(base, code, cpu.Read|cpu.Exec); err != nil {
		return 0, err
	}
	if err := c.Map(base+cpu.PageSize, data, cpu.Read|cpu.Write); err != nil {
		return 0, err
	}
	// Leaving through a stub needs its page to be there; what lies in it does
	// not run.
	stubs, err := unix.Mmap(-1, 0, cpu.PageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return 0, err
	}
	defer func() { _ = unix.Munmap(stubs) }()
	if err := c.Map(stub, stubs, cpu.Read|cpu.Exec); err != nil {
		return 0, err
	}

	best := time.Duration(0)
	for range runs {
		c.SetReg(cpu.RDI, base+cpu.PageSize)
		c.SetReg(cpu.RCX, stores)
		c.SetIP(base)
		start := now()
		stop := c.Run()
		took := now().Sub(start)
		if stop.Kind != cpu.APICall {
			return 0, fmt.Errorf("a loop of stores ended with %v at %#x", stop.Kind, stop.IP)
		}
		if best == 0 || took < best {
			best = took
		}
	}
	return float64(best.Nanoseconds()) / stores, nil
}
