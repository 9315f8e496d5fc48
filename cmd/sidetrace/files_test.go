package main

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestWriteFile writes over what may stand at a report's place already: a link
// stays a link, a device stays a device.
func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := os.WriteFile(target, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(target); err != nil || string(got) != "new" {
		t.Errorf("behind the link: got %q, %v, want the new content", got, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link: got %v, %v, want it to stay a link", info.Mode(), err)
	}

	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	read, err := os.OpenFile(fifo, os.O_RDWR, 0) // both ways, so that opening waits for nobody
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	if err := writeFile(fifo, []byte("through")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len("through"))
	if _, err := io.ReadFull(read, got); err != nil || string(got) != "through" {
		t.Errorf("through the pipe: got %q, %v, want what was written", got, err)
	}
	if info, err := os.Lstat(fifo); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe: got %v, %v, want it to stay a pipe", info, err)
	}
}
