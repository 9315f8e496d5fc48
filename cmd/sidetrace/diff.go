package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"sidetrace/reports"
)

func (c *command) diffCommand() *cobra.Command {
	format := "text"
	cmd := &cobra.Command{
		Use:   "diff [flags] A B",
		Short: "Compare two results: behaviours, artifacts, calls and detections",
		Long: `Compares two results that were written as JSON, by "run --format json" or "trace
--format json": scenarios by their id, two single ones whatever they are called. Addresses and
identifiers do not count, nor do the folders that programs lie in. Exit code 0 if
nothing differs, 1 if something does, 2 if a file is no result.`,
		Example: `  sidetrace diff before.json after.json
  sidetrace trace --format json a.dll > a.json; sidetrace trace --format json b.dll > b.json
  sidetrace diff a.json b.json`,
		Args: exactly(2, "a result"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			var results [2]*reports.Suite
			for i, name := range args {
				var err error
				if results[i], err = readResult(name); err != nil {
					return usage(err, "")
				}
			}
			return c.diff(reports.Diff(results[0], results[1]), format)
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "`FORMAT` of standard output: text or json")
	return cmd
}

func (c *command) diff(d *reports.Difference, format string) error {
	var err error
	if format == "json" {
		err = reports.WriteDiffJSON(c.stdout, d)
	} else {
		err = reports.WriteDiffText(c.stdout, d, c.colour)
	}
	if err != nil {
		return internal(err, "")
	}
	if !d.Empty() {
		return verdict(exitFailed)
	}
	return nil
}

func readResult(name string) (*reports.Suite, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, plain(err))
	}
	defer f.Close()
	s, err := reports.ReadResult(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}
