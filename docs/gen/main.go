// Gen writes the documents that are derived from the code.
//
// Usage:
//
//	go generate ./docs/gen
//
// which runs it with the folder to write to. What is derived is never edited
// by hand; a test says when a document is stale.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

//go:generate go run . ..

// document is one generated file.
type document struct {
	name string                              // below docs
	text func(module string) ([]byte, error) // module is the folder of go.mod
}

// documents lists all there are.
func documents() []document {
	return []document{
		{"behaviours.md", behaviours},
	}
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "gen: usage: go run ./docs/gen FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// write makes every document in docs, a folder of the module's root.
func write(docs string) error {
	for _, d := range documents() {
		text, err := d.text(filepath.Join(docs, ".."))
		if err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
		if err := os.WriteFile(filepath.Join(docs, d.name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
