package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFresh makes the lists again and compares them with those that are
// committed, where the same sources are installed.
func TestFresh(t *testing.T) {
	files, err := generate()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.Skipf("the sources are not installed: %v", err)
	case err != nil:
		t.Fatal(err)
	}
	committed := func(name string) string {
		data, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if committed(digestFile) != string(files[digestFile]) {
		t.Skip("other versions of mingw-w64 or Wine are installed than the lists were made from")
	}
	for name, data := range files {
		if committed(name) != string(data) {
			t.Errorf("%s is stale; run: go generate ./emulator/catalogue", name)
		}
	}
	entries, err := os.ReadDir("../names")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if files["names/"+e.Name()] == nil {
			t.Errorf("names/%s is of a DLL that is not listed", e.Name())
		}
	}
}

func TestImportLibraryRefuses(t *testing.T) {
	const magic = "!<arch>\n"
	header := func(name, size string) string {
		return name + strings.Repeat(" ", 16-len(name)) + strings.Repeat(" ", 32) + size + strings.Repeat(" ", 10-len(size)) + "`\n"
	}
	for name, archive := range map[string]string{
		"nothing":              "",
		"another file":         "MZ and more",
		"a size that is none":  magic + header("a.o/", "x"),
		"a member cut short":   magic + header("a.o/", "100") + "short",
		"a long name too far":  magic + header("/99", "0"),
		"a size below nothing": magic + header("a.o/", "-1"),
	} {
		if _, err := importLibrary([]byte(archive)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if found, err := importLibrary([]byte(magic + header("a.o/", "4") + "text")); err != nil || len(found) != 0 {
		t.Errorf("a member that is no object file: got %v, %v", found, err)
	}
}
