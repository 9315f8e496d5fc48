package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"sidetrace/reports"
)

// reportFile is one --report FORMAT=FILE.
type reportFile struct {
	format format
	file   *newFile
}

type reportFiles []reportFile

// createReports reads the values of --report and begins the files, so that
// mistakes are found before anything is run; find finds a format.
func createReports(values []string, find func(name string) (format, error)) (files reportFiles, err error) {
	defer func() {
		if err != nil {
			files.abandon()
		}
	}()
	for _, v := range values {
		wanted, name, ok := strings.Cut(v, "=")
		if !ok || name == "" {
			return files, usage(fmt.Errorf("--report %s: not of the form FORMAT=FILE", v), "for example --report json=out/report.json")
		}
		format, err := find(wanted)
		if err != nil {
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

// commit writes every report, also if one cannot be written. Those of single runs
// have been written by runReports.
func (files reportFiles) commit(suite *reports.Suite, show reports.Show) error {
	var errs []error
	for _, f := range files {
		errs = append(errs, f.file.commit(func(w io.Writer) error {
			return f.format.suite(w, suite, reports.TextOptions{Show: show})
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
