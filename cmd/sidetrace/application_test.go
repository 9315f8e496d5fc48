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
	if err := os.Symlink("app", filepath.Join(dir, "shortcut")); err != nil {
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
		{"a folder that is a link", "shortcut/a.exe", "", []string{"a.exe", "b.dll"}, `a.exe`},
		{"all of a folder that is a link", "shortcut/sub/c.dat", "shortcut", []string{"a.exe", "b.dll", "sub/c.dat"}, `sub\c.dat`},
		{"image from elsewhere", "elsewhere/d.exe", "app", []string{"a.exe", "b.dll", "d.exe", "sub/c.dat"}, `d.exe`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			image, app := filepath.Join(dir, test.image), test.app
			if app != "" {
				app = filepath.Join(dir, app)
			}
			files, err := applicationFiles(image, app, applicationBounds())
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

// TestApplicationFilesSameName has a file beside the image that Windows would
// take for the image.
func TestApplicationFilesSameName(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.exe", "A.EXE", "B.DLL"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := applicationFiles(filepath.Join(dir, "a.exe"), "", applicationBounds())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]byte{"a.exe": []byte("a.exe"), "B.DLL": []byte("B.DLL")}, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestApplicationFilesBounded(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.exe", "b.dll"} {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, 50), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		most bounds
		want error
	}{
		{bounds{files: 2, bytes: 100}, nil},
		{bounds{files: 2, bytes: 99}, errTooMuch},
		{bounds{files: 1, bytes: 100}, errTooMuch},
	} {
		if _, err := applicationFiles(filepath.Join(dir, "a.exe"), "", test.most); !errors.Is(err, test.want) {
			t.Errorf("%+v: got %v, want %v", test.most, err, test.want)
		}
	}
}

func TestReadImage(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.exe")
	if err := os.WriteFile(name, []byte("MZ"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		most int64
		want string // of the error
	}{
		{name, 2, ""},
		{name, 1, "larger than 0 MiB"},
		{"/dev/zero", 2, "not a regular file"},
		{filepath.Dir(name), 2, "not a regular file"},
	} {
		_, err := readImage(test.name, test.most)
		if got := errorText(err); got != test.want {
			t.Errorf("%s, %d: got %q, want %q", test.name, test.most, got, test.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
