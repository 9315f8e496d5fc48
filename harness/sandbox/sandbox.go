// Package sandbox takes from the present process what it does not need: files
// but those it is to read and write, and system calls that reach other
// processes, the network or the machine.
//
// It is the second wall. The first is the emulator, whose guest has no way to
// the host but by a mistake of ours or of libunicorn's; the sandbox bounds what
// such a mistake is worth. There is no way back out of it.
package sandbox

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/elastic/go-seccomp-bpf"
	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// Files is what stays reachable by name. What is open already stays open.
type Files struct {
	Read  []string // files and folders, with all below
	Write []string // folders, with all below; they may be read too
}

// Kernel is what the running kernel offers.
type Kernel struct {
	Landlock int // version of its interface; 0 for none
	Seccomp  bool
}

// Examine asks the kernel and changes nothing.
func Examine() Kernel {
	version, err := ll.LandlockGetABIVersion()
	if err != nil {
		version = 0 // not built in, or not enabled at boot
	}
	return Kernel{Landlock: version, Seccomp: seccomp.Supported()}
}

// Lacks names what is missing and what that leaves open; nil if nothing is.
func (k Kernel) Lacks() []string {
	var lacks []string
	if k.Landlock == 0 {
		lacks = append(lacks, "Landlock: files of this user can be reached")
	}
	if !k.Seccomp {
		lacks = append(lacks, "seccomp: sockets and programs can be reached")
	}
	return lacks
}

// Apply closes the process in, all its threads, for good. What the kernel lacks
// is left out and named. It must be called before anything hostile runs.
func Apply(f Files) (lacks []string, err error) {
	kernel := Examine()
	if err := landlock.V7.BestEffort().Restrict(f.rules()...); err != nil {
		return nil, fmt.Errorf("landlock: %w", err)
	}
	if kernel.Seccomp {
		if err := filterCalls(); err != nil {
			return nil, fmt.Errorf("seccomp: %w", err)
		}
	}
	return kernel.Lacks(), nil
}

// rules are the exceptions from what Landlock takes away. A file that is not
// there needs none.
func (f Files) rules() []landlock.Rule {
	var files, folders []string
	for _, name := range f.Read {
		info, err := os.Stat(name)
		switch {
		case err != nil:
		case info.IsDir():
			folders = append(folders, name)
		default:
			files = append(files, name)
		}
	}
	return []landlock.Rule{
		landlock.ROFiles(files...).IgnoreIfMissing(),
		landlock.RODirs(folders...).IgnoreIfMissing(),
		landlock.RWDirs(f.Write...),
	}
}

// filterCalls installs the filter of system calls on every thread.
func filterCalls() error {
	p, err := policy()
	if err != nil {
		return err
	}
	// no_new_privs and the filter are set on the same thread, and from it on all.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := seccomp.LoadFilter(seccomp.Filter{NoNewPrivs: true, Flag: seccomp.FilterFlagTSync, Policy: p}); err != nil {
		return err
	}
	// A thread that could not be reached is no error of the kernel's call but a
	// result that the package does not pass on. So ask.
	if fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0); err == nil {
		_ = unix.Close(fd)
		return errors.New("the filter was not installed")
	}
	return nil
}
