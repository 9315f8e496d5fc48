package harness_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sidetrace/harness/detect"
	"sidetrace/harness/rules"
)

// mistyped copies the project's rules, with the name of a folder and program as
// a hunt published in March 2023 had it.
func mistyped(t *testing.T) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS("../scenarios/rules")); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(to, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		data = bytes.ReplaceAll(data, []byte(`\3CXDesktopApp`), []byte(`\C3XDesktopApp`))
		return os.WriteFile(name, bytes.ReplaceAll(data, []byte(`'3cxdesktopapp.exe'`), []byte(`'c3xdesktopapp.exe'`)), 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// TestMistypedPaths mistypes a name in every rule that has it: what is then
// silent says what it looked for, and what was there instead.
func TestMistypedPaths(t *testing.T) {
	wrong, _ := rules.Load([]rules.Source{{Source: detect.Source{Path: mistyped(t)}}}, rules.Options{})
	explained := 0
	for _, id := range []string{chain, dormant} {
		s := subjectOf(t, id)
		right, result := ownRules().Run(context.Background(), s), wrong.Run(context.Background(), s)
		for i, r := range right.Rules {
			if w := result.Rules[i]; r.Fired() && !w.Fired() {
				explained++
				text := w.Silence.Reason
				for _, term := range w.Silence.Terms {
					text += "\n" + strings.Join(append(term.Misses, term.On), "\n")
				}
				if text = strings.ToLower(text); !strings.Contains(text, "c3xdesktopapp") || !strings.Contains(strings.ReplaceAll(text, "c3x", ""), "3cxdesktopapp") {
					t.Errorf("%s %s: %s", id, r.Title, text)
				}
			}
		}
	}
	if explained < 10 {
		t.Errorf("%d rules were explained", explained)
	}
}
