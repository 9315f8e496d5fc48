package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNewFile(t *testing.T) {
	full := errors.New("no space left")
	write := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			_, _ = io.WriteString(w, text)
			return err
		}
	}
	name := filepath.Join(t.TempDir(), "below", "report.json")
	steps := []struct {
		write   func(io.Writer) error // nil to abandon
		want    error
		content string
	}{
		{write("first", nil), nil, "first"},
		{write("half of the sec", full), full, "first"},
		{nil, nil, "first"},
		{write("third", nil), nil, "third"},
	}
	for i, step := range steps {
		f, err := createFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if step.write == nil {
			f.abandon()
		} else if err := f.commit(step.write); !errors.Is(err, step.want) {
			t.Errorf("step %d: got %v, want %v", i, err, step.want)
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.content, string(got)); diff != "" {
			t.Errorf("step %d (-want +got):\n%s", i, diff)
		}
		entries, err := os.ReadDir(filepath.Dir(name))
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) != 1 {
			t.Errorf("step %d: got %d files, want 1: no temporary one is left", i, len(entries))
		}
	}
}
