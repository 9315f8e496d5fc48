package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// newFile is a file that is being written under a temporary name: who reads
// its name finds the old file or the whole new one.
type newFile struct {
	name   string
	file   *os.File
	direct bool // a device or pipe: written in place, never replaced
}

// createFile makes a file's folder and its temporary form. Doing so before
// the work finds a path that cannot be written before the work is lost.
//
// A symbolic link is followed, so that what it points to is replaced; a device
// or a pipe is written to as it is.
func createFile(name string) (*newFile, error) {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, usage(fmt.Errorf("%s cannot be written: %w", name, plain(err)), "")
		}
		return &newFile{name, f, true}, nil
	}
	folder := filepath.Dir(name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, usage(err, "")
	}
	f, err := os.CreateTemp(folder, "."+filepath.Base(name)+".*")
	if err != nil {
		return nil, usage(fmt.Errorf("%s cannot be written: %w", name, plain(err)), "")
	}
	return &newFile{name, f, false}, nil
}

// commit writes the content and gives the file its name.
func (n *newFile) commit(write func(io.Writer) error) error {
	err := write(n.file)
	if !n.direct {
		err = errors.Join(err, n.file.Chmod(0o644))
	}
	err = errors.Join(err, n.file.Close())
	if err == nil && !n.direct {
		err = os.Rename(n.file.Name(), n.name)
	}
	if err != nil {
		n.abandon()
		return internal(fmt.Errorf("%s cannot be written: %w", n.name, err), "")
	}
	return nil
}

// abandon removes the temporary form. The old file, if any, stays.
func (n *newFile) abandon() {
	_ = n.file.Close()
	if !n.direct {
		_ = os.Remove(n.file.Name())
	}
}

// writeFile writes a file and makes the folder it lies in.
func writeFile(name string, data []byte) error {
	f, err := createFile(name)
	if err != nil {
		return err
	}
	return f.commit(func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}
