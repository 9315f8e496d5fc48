package emulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
)

// The programs of testdata/windows are compared with Wine, line by line: see
// the README there.

// program is one of them.
type program struct {
	name    string // topic/name
	image   []byte
	files   map[string][]byte // beside it
	printed []string          // what Wine printed, corrected where Windows differs
}

const programs = "testdata/windows"

func findPrograms(t testing.TB) []program {
	t.Helper()
	records, err := filepath.Glob(programs + "/*/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var found []program
	for _, record := range records {
		base := strings.TrimSuffix(record, ".txt")
		p := program{name: filepath.ToSlash(strings.TrimPrefix(base, programs+"/")), files: map[string][]byte{}}
		p.image = readFile(t, base+".exe")
		p.printed = corrected(t, lines(string(readFile(t, record))), readOptional(t, base+".windows"))
		beside, err := os.ReadDir(base + ".d")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		for _, f := range beside {
			p.files[f.Name()] = readFile(t, filepath.Join(base+".d", f.Name()))
		}
		found = append(found, p)
	}
	return found
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func readOptional(t testing.TB, path string) []byte {
	t.Helper()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return readFile(t, path)
}

func lines(text string) []string { return strings.Split(strings.TrimSuffix(text, "\n"), "\n") }

// corrected puts Windows' lines in the place of Wine's. Each must replace
// exactly one and say why.
func corrected(t testing.TB, printed []string, windows []byte) []string {
	t.Helper()
	for _, line := range lines(string(windows)) {
		if line == "" {
			continue
		}
		text, why, ok := strings.Cut(line, "  # ")
		label, _, labelled := strings.Cut(text, ": ")
		if !ok || why == "" || !labelled {
			t.Fatalf("a line of Windows has the form \"label: value  # why\": %s", line)
		}
		places := 0
		for i := range printed {
			if strings.HasPrefix(printed[i], label+": ") {
				if printed[i] == text {
					t.Fatalf("Wine prints the same: %s", text)
				}
				printed[i] = text
				places++
			}
		}
		if places != 1 {
			t.Fatalf("%d lines of Wine have the label %q, want 1", places, label)
		}
	}
	return printed
}

func (p *program) run(t testing.TB, system *System) *trace.Run {
	t.Helper()
	name := filepath.Base(p.name) + ".exe"
	files := map[string][]byte{`C:\app\` + name: p.image}
	for f, data := range p.files {
		files[`C:\app\`+f] = data
	}
	m, err := New(system, guest.Config{Image: `C:\app\` + name, Files: files})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	return m.Run(context.Background())
}

// outcome is what a run printed, as a record says it.
func outcome(run *trace.Run) []string {
	text := bytes.ReplaceAll(run.Console, []byte("\r"), nil)
	out := string(text)
	if out != "" && !strings.HasSuffix(out, "\n") {
		out += "\n"
	}
	// A shell sees the low eight bits of an exit code.
	return lines(out + fmt.Sprintf("exit %d", run.Stop.ExitCode&0xFF))
}

func TestPrograms(t *testing.T) {
	system := newSystem(t)
	for _, p := range findPrograms(t) {
		t.Run(p.name, func(t *testing.T) {
			run := p.run(t, system)
			if diff := cmp.Diff(p.printed, outcome(run)); diff != "" {
				t.Errorf("differs from Wine (-Wine +sidetrace), stop %v:\n%s", run.Stop, diff)
			}
			for _, g := range run.Gaps {
				t.Errorf("gap: %v", g)
			}
		})
	}
}
