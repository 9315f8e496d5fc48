package main

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestApplicationFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"app/a.exe", "app/b.dll", "app/sub/c.dat", "elsewhere/d.exe"} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(filepath.Base(name)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "elsewhere", "d.exe"), filepath.Join(dir, "app", "link.dll")); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name       string
		image, app string
		files      []string
		place      string
	}{
		{"beside the image", "app/a.exe", "", []string{"a.exe", "b.dll"}, `a.exe`},
		{"all of a folder", "app/a.exe", "app", []string{"a.exe", "b.dll", "sub/c.dat"}, `a.exe`},
		{"image deeper in the folder", "app/sub/c.dat", "app", []string{"a.exe", "b.dll", "sub/c.dat"}, `sub\c.dat`},
		{"image from elsewhere", "elsewhere/d.exe", "app", []string{"a.exe", "b.dll", "d.exe", "sub/c.dat"}, `d.exe`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			image, app := filepath.Join(dir, test.image), test.app
			if app != "" {
				app = filepath.Join(dir, app)
			}
			files, err := applicationFiles(image, app)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.files, slices.Sorted(maps.Keys(files))); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if got := imageName(image, app); got != test.place {
				t.Errorf("image: got %s, want %s", got, test.place)
			}
		})
	}
}

func TestApplicationFilesBounded(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big.dat")
	for _, test := range []struct {
		size int64
		want error
	}{{maxApplicationBytes - 1, nil}, {maxApplicationBytes + 1, errTooMuch}} {
		if err := os.WriteFile(filepath.Join(dir, "a.exe"), []byte("M"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(big, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(big, test.size); err != nil { // takes no room on the disk
			t.Fatal(err)
		}
		if _, err := applicationFiles(filepath.Join(dir, "a.exe"), ""); !errors.Is(err, test.want) {
			t.Errorf("%d bytes: got %v, want %v", test.size, err, test.want)
		}
	}
}
