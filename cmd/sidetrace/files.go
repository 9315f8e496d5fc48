package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// writeFile writes a file and the folders it lies in.
func writeFile(name string, data []byte) error {
	return writeAtomically(name, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(data))
		return err
	})
}

// writeAtomically writes a file under a temporary name and renames it, so that
// who reads name finds the old file or the whole new one.
func writeAtomically(name string, write func(io.Writer) error) (err error) {
	folder := filepath.Dir(name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return usage(err, "")
	}
	f, err := os.CreateTemp(folder, "."+filepath.Base(name)+".*")
	if err != nil {
		return usage(fmt.Errorf("%s cannot be written: %w", name, plain(err)), "")
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	err = errors.Join(write(f), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return internal(fmt.Errorf("%s cannot be written: %w", name, err), "")
	}
	return nil
}
