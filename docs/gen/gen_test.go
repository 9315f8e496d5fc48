package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGeneratedDocuments(t *testing.T) {
	for _, d := range documents() {
		t.Run(d.name, func(t *testing.T) {
			want, err := d.text(filepath.Join("..", ".."))
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join("..", d.name))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("docs/%s is stale; run: go generate ./docs/gen\n(-want +got):\n%s", d.name, diff)
			}
		})
	}
}

func TestComments(t *testing.T) {
	const src = `package p

// Read says that bytes
// were read. More of it.
type Read struct {
	Path string ` + "`json:\"path\"`" + ` // where from
	Size int    ` + "`json:\"size\"`" + `
}

// Run is the first execution.
type Run struct{}

// Name names a thing.
type Name struct{}

type Bare struct{}

// Not a struct.
type Text string
`
	got, err := comments("a.go", src)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]structComments{
		"Read": {"Bytes were read. More of it.", map[string]string{"path": "where from", "size": ""}},
		"Run":  {"The first execution.", map[string]string{}},
		"Name": {"Names a thing.", map[string]string{}},
		"Bare": {"", map[string]string{}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(structComments{})); diff != "" {
		t.Errorf("comments (-want +got):\n%s", diff)
	}
}

func TestFirstSentence(t *testing.T) {
	for text, want := range map[string]string{
		"One. Two.":         "One.",
		"ntdll.dll is one.": "ntdll.dll is one.",
		"":                  "",
	} {
		if got := firstSentence(text); got != want {
			t.Errorf("firstSentence(%q): got %q, want %q", text, got, want)
		}
	}
}
