package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// runHere runs the command in the module's root and returns what it prints.
func runHere(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	t.Chdir("../..")
	var out, err bytes.Buffer
	c := &command{stdout: &out, stderr: &err, now: time.Now}
	code = c.run(context.Background(), args)
	return out.String(), err.String(), code
}

// TestScenariosFitSchema runs the project's own scenarios and holds their
// report against the schema, which knows every kind of behaviour.
func TestScenariosFitSchema(t *testing.T) {
	stdout, stderr, _ := runHere(t, "run", "--format", "json")
	schema, err := jsonschema.NewCompiler().Compile("reports/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	report, err := jsonschema.UnmarshalJSON(strings.NewReader(stdout))
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	if err := schema.Validate(report); err != nil {
		t.Error(err)
	}
}

// The README shows what a command prints, between these two lines.
const (
	transcriptCommand = "run --show behaviours 3cx-2023"
	transcriptBegin   = "<!-- transcript: sidetrace " + transcriptCommand + " -->\n"
	transcriptEnd     = "<!-- end of transcript -->\n"
)

func TestReadmeTranscript(t *testing.T) {
	stdout, stderr, code := runHere(t, strings.Fields(transcriptCommand)...)
	if code != exitPassed {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(readme), transcriptBegin)
	got, after, ended := strings.Cut(rest, transcriptEnd)
	if !ok || !ended {
		t.Fatalf("README.md has no lines %q and %q", transcriptBegin, transcriptEnd)
	}
	want := "\n```console\n$ sidetrace " + transcriptCommand + "\n" + stdout + "```\n\n"
	if *update {
		if err := os.WriteFile("README.md", []byte(before+transcriptBegin+want+transcriptEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the transcript in README.md is stale; run: go generate ./cmd/sidetrace\n(-want +got):\n%s", diff)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// TestFullOutput wants every command to say that its result cannot be written.
func TestFullOutput(t *testing.T) {
	t.Chdir("../..")
	for _, line := range []string{
		"version", "list", "list --format json", "apis kernel32", "apis --format json", "check", "doctor", "--help", "run --help",
		"run 3cx-2023-benign", "run --format json 3cx-2023-benign", "run --format junit 3cx-2023-benign", "run --format sysmon 3cx-2023-benign", "trace replicas/prebuilt/stub.bin",
	} {
		var stderr bytes.Buffer
		c := &command{stdout: full{}, stderr: &stderr, now: time.Now}
		if code := c.run(context.Background(), strings.Fields(line)); code != exitInternal {
			t.Errorf("%s: exit code %d, want %d", line, code, exitInternal)
		}
		if want := "sidetrace: standard output: no space left on device\n"; !strings.HasSuffix(stderr.String(), want) {
			t.Errorf("%s: says %q, want %q", line, stderr.String(), want)
		}
	}
}
