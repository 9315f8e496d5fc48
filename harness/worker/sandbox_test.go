package worker_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"sidetrace/harness"
	"sidetrace/harness/sandbox"
	"sidetrace/harness/worker"
)

// outside is a file that no scenario names.
const outside = "SIDETRACE_TEST_OUTSIDE"

// attempts tries what a worker has no business with, and says what came of each.
func attempts() string {
	var out strings.Builder
	try := func(what string, err error) {
		var no syscall.Errno
		if errors.As(err, &no) {
			err = no
		}
		fmt.Fprintf(&out, "%s: %v\n", what, err)
	}
	open := func(name string, flag int) error {
		f, err := os.OpenFile(name, flag, 0o600)
		f.Close()
		return err
	}
	socket := func(domain, kind int) error {
		fd, err := unix.Socket(domain, kind, 0)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}
	file := os.Getenv(outside)
	try("read", open(file, os.O_RDONLY))
	try("write", open(file, os.O_WRONLY))
	try("create", open(file+".new", os.O_CREATE|os.O_WRONLY))
	try("list", func() error { _, err := os.ReadDir(filepath.Dir(file)); return err }())
	try("mode", os.Chmod(file, 0o644))
	try("tcp", socket(unix.AF_INET, unix.SOCK_STREAM))
	try("udp", socket(unix.AF_INET6, unix.SOCK_DGRAM))
	try("unix", socket(unix.AF_UNIX, unix.SOCK_STREAM))
	try("netlink", socket(unix.AF_NETLINK, unix.SOCK_RAW))
	run := exec.Command("/proc/self/exe", "-test.list=^$")
	run.Stdin, run.Stdout, run.Stderr = os.Stdin, os.Stderr, os.Stderr // /dev/null need not be opened
	try("exec", run.Run())
	try("signal", unix.Kill(os.Getppid(), 0))
	try("remove", os.Remove(file))
	return out.String()
}

// TestSandbox: a worker can open neither a file outside nor a socket, run no
// program and reach no other process. This process, which is in no sandbox, can.
func TestSandbox(t *testing.T) {
	if lacks := sandbox.Examine().Lacks(); lacks != nil {
		t.Skipf("this kernel has no %s", strings.Join(lacks, ", no "))
	}
	file := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv(outside, file)
	const free = "read: <nil>\nwrite: <nil>\ncreate: <nil>\nlist: <nil>\nmode: <nil>\n" +
		"tcp: <nil>\nudp: <nil>\nunix: <nil>\nnetlink: <nil>\nexec: <nil>\nsignal: <nil>\nremove: <nil>\n"
	if diff := cmp.Diff(free, attempts()); diff != "" {
		t.Fatalf("outside of a worker (-want +got):\n%s", diff)
	}
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}

	folder := t.TempDir()
	scenario(t, folder, "attempts", "chaos sandbox")
	entries := load(t, folder)
	pool := newPool(t, 1, entries, worker.Options{})
	r := harness.Runner{Isolated: pool.Run}
	got := r.Run(context.Background(), entries).Scenarios[0]
	if got.Run == nil {
		t.Fatal(got.Reason)
	}
	const fenced = "read: permission denied\nwrite: permission denied\ncreate: permission denied\nlist: permission denied\nmode: operation not permitted\n" +
		"tcp: operation not permitted\nudp: operation not permitted\nunix: operation not permitted\nnetlink: operation not permitted\nexec: operation not permitted\nsignal: operation not permitted\nremove: permission denied\n"
	if diff := cmp.Diff(fenced, got.Run.Console); diff != "" {
		t.Errorf("in a worker (-want +got):\n%s", diff)
	}
}
