package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"sidetrace/reports"
	"sidetrace/reports/html"
)

// reportFile is one --report FORMAT=FILE.
type reportFile struct {
	format string
	file   *newFile
}

type reportFiles []reportFile

// createReports reads the values of --report and begins the files, so that
// mistakes are found before anything is run.
func createReports(values []string) (files reportFiles, err error) {
	defer func() {
		if err != nil {
			files.abandon()
		}
	}()
	for _, v := range values {
		format, name, ok := strings.Cut(v, "=")
		if !ok || name == "" {
			return files, usage(fmt.Errorf("--report %s: not of the form FORMAT=FILE", v), "for example --report json=out/report.json")
		}
		if err := checkReport(format); err != nil {
			return files, err
		}
		f, err := createFile(name)
		if err != nil {
			return files, err
		}
		files = append(files, reportFile{format, f})
	}
	return files, nil
}

// commit writes every report, also if one cannot be written.
func (files reportFiles) commit(suite *reports.Suite, show reports.Show) error {
	var errs []error
	for _, f := range files {
		errs = append(errs, f.file.commit(func(w io.Writer) error {
			return writeReport(w, f.format, suite, reports.TextOptions{Show: show})
		}))
	}
	return errors.Join(errs...)
}

// abandon removes what has not been committed.
func (files reportFiles) abandon() {
	for _, f := range files {
		f.file.abandon()
	}
}

func checkFormat(format string) error {
	switch format {
	case "text", "json":
		return nil
	}
	return unknownFormat(format, "text", "json")
}

// checkReport is checkFormat for results of scenarios, which have more forms.
func checkReport(format string) error {
	switch format {
	case "text", "json", "html":
		return nil
	}
	return unknownFormat(format, "text", "json", "html")
}

// writeReport writes a suite in a format that checkReport has accepted.
func writeReport(w io.Writer, format string, suite *reports.Suite, text reports.TextOptions) error {
	switch format {
	case "json":
		return reports.WriteJSON(w, suite)
	case "html":
		return html.Write(w, suite)
	}
	return reports.WriteText(w, suite, text)
}
