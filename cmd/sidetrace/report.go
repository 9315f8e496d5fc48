package main

import (
	"fmt"
	"io"
	"strings"

	"sidetrace/reports"
)

// reportFile is one --report FORMAT=FILE.
type reportFile struct {
	format, file string
}

// parseReports reads the values of --report, and finds mistakes before
// anything is run.
func parseReports(values []string) ([]reportFile, error) {
	var files []reportFile
	for _, v := range values {
		format, file, ok := strings.Cut(v, "=")
		if !ok || file == "" {
			return nil, usage(fmt.Errorf("--report %s: not of the form FORMAT=FILE", v), "for example --report json=out/report.json")
		}
		if err := checkFormat(format); err != nil {
			return nil, err
		}
		files = append(files, reportFile{format, file})
	}
	return files, nil
}

func checkFormat(format string) error {
	switch format {
	case "text", "json":
		return nil
	}
	return unknownFormat(format, "text", "json")
}

// writeReport writes a suite in a format that checkFormat has accepted.
func writeReport(w io.Writer, format string, suite *reports.Suite, text reports.TextOptions) error {
	if format == "json" {
		return reports.WriteJSON(w, suite)
	}
	return reports.WriteText(w, suite, text)
}
