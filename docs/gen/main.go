// Gen writes the documents that are derived from the code.
//
// Usage:
//
//	go generate ./docs/gen
//
// which runs it with the module's root as argument. What is derived is never edited
// by hand; a test says when a document is stale.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"sidetrace/emulator"
	"sidetrace/emulator/catalogue"
	"sidetrace/harness/detect/hunt"
)

//go:generate go run . ../..

// document is one generated file.
type document struct {
	path string                              // from the module's root
	text func(module string) ([]byte, error) // module is the folder of go.mod
}

// documents lists all there are.
func documents() []document {
	return []document{
		{"docs/api.md", func(module string) ([]byte, error) {
			emitted, err := traceEmissions(module)
			return apis(emulator.Tables(), catalogue.DLLs(), emitted), err
		}},
		{"docs/behaviours.md", behaviours},
		{"docs/telemetry.md", telemetryPage},
		{"docs/hunts.md", func(string) ([]byte, error) { return []byte(hunt.Markdown()), nil }},
		{"reports/schema.json", reportSchema},
	}
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "gen: usage: go run ./docs/gen MODULE")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// write makes every document of the module.
func write(module string) error {
	for _, d := range documents() {
		text, err := d.text(module)
		if err != nil {
			return fmt.Errorf("%s: %w", d.path, err)
		}
		if err := os.WriteFile(filepath.Join(module, filepath.FromSlash(d.path)), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
