package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGeneratedDocuments(t *testing.T) {
	for _, d := range documents() {
		t.Run(d.path, func(t *testing.T) {
			module := filepath.Join("..", "..")
			want, err := d.text(module)
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(module, filepath.FromSlash(d.path)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s is stale; run: go generate ./docs/gen\n(-want +got):\n%s", d.path, diff)
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

func TestConstants(t *testing.T) {
	const src = `package p

type Verdict string

const (
	Pass Verdict = "pass"
	Fail Verdict = "fail" // an expectation does not hold
	size         = 3
	word         = "no type"
)
`
	got, err := constants("a.go", src)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]string{"Verdict": {"fail", "pass"}}, got); diff != "" {
		t.Errorf("constants (-want +got):\n%s", diff)
	}
}
