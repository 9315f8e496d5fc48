package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"sidetrace/harness/detect"
	"sidetrace/harness/detect/hunt"
	"sidetrace/harness/telemetry"
	"sidetrace/reports"
)

// hunting is the hunt command's flags.
type hunting struct {
	db, format string
	variables  []string
	timeout    time.Duration
	rows       int
	tables     bool
}

func (c *command) huntCommand() *cobra.Command {
	var h hunting
	cmd := &cobra.Command{
		Use:   "hunt QUERY.sql --db FILE",
		Short: "Run a SQL hunt over a kept run",
		Long: `Runs a query over what a run showed: a database that was kept, the folder it was
kept in, or a log of events (JSON), such as another sensor's. The tables and
functions are those of docs/hunts.md. A query only reads, and is stopped after a time.

Exit codes: 0 it returned rows, 1 it returned none, which is explained, 2 a mistake
in the command, the query or the database.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if h.tables {
				return none(cmd, args)
			}
			return exactly(1, "a file with a query")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if h.tables {
				return c.huntTables()
			}
			return c.hunt(cmd.Context(), args[0], h)
		},
	}
	f := cmd.Flags()
	f.StringVar(&h.db, "db", "", "`file` with the database or events of a run, or the folder it was kept in")
	f.StringArrayVar(&h.variables, "var", nil, "`NAME=VALUE` of a $$variable$$; may be repeated")
	f.StringVar(&h.format, "format", "text", "`FORMAT` of the rows: text, json or csv")
	f.DurationVar(&h.timeout, "timeout", hunt.DefaultTimeout, "`time` that the query may take")
	f.IntVar(&h.rows, "rows", hunt.DefaultRows, "`number` of rows that are shown at most")
	f.BoolVar(&h.tables, "tables", false, "list the tables and their columns instead")
	return cmd
}

// hunt runs one query.
func (c *command) hunt(ctx context.Context, file string, h hunting) error {
	switch {
	case h.db == "":
		return usage(errors.New("hunt: --db is missing"), "sidetrace run --keep DIR keeps runs; then --db DIR/SCENARIO")
	case h.format != "text" && h.format != "json" && h.format != "csv":
		return unknownFormat(h.format, "text", "json", "csv")
	case h.timeout <= 0 || h.rows <= 0:
		return usage(errors.New("hunt: --timeout and --rows are more than 0"), "")
	}
	options := hunt.Options{Variables: map[string]string{}, Timeout: h.timeout, MaxRows: h.rows}
	for _, v := range h.variables {
		name, value, ok := strings.Cut(v, "=")
		if !ok || name == "" {
			return usage(fmt.Errorf("hunt: --var %s: not NAME=VALUE", v), "")
		}
		options.Variables[name] = value
	}
	engine, problems := hunt.Load([]detect.Source{{Path: file}}, options)
	c.sayProblems(problems)
	if n, _, _ := engine.Count(); n != 1 {
		return verdict(exitUsage)
	}
	q := engine.Query(0)
	db, err := openRun(h.db)
	if err != nil {
		return usage(err, "")
	}
	defer db.Close()
	result, problem := db.Run(ctx, q, options)
	if problem != nil {
		c.sayProblems([]detect.Problem{*problem})
		return verdict(exitUsage)
	}
	if err := c.writeRows(result, h.format); err != nil {
		return err
	}
	if result.More {
		c.say("there are more rows; --rows shows more than %d", h.rows)
	}
	if len(result.Rows) > 0 {
		return nil
	}
	silence := db.Explain(ctx, q, options)
	c.say("no rows: %s", silence.Reason)
	for _, t := range silence.Terms {
		mark := "-"
		if t.Holds {
			mark = "+"
		}
		line := mark + " " + t.Name
		if t.On != "" {
			line += ": " + t.On
		}
		for _, m := range t.Misses {
			line += ": " + m
		}
		fmt.Fprintln(c.stderr, "  "+reports.Printable(line))
	}
	return verdict(exitFailed)
}

// sayProblems prints what is wrong with a query, with its place.
func (c *command) sayProblems(problems []detect.Problem) {
	for _, p := range problems {
		place := p.File
		for _, n := range []int{p.Line, p.Column} {
			if n == 0 {
				break
			}
			place += fmt.Sprintf(":%d", n)
		}
		if p.Severity == detect.Broken {
			c.say("%s: %s", place, p.Message)
		} else {
			c.say("%s: %s: %s", place, p.Severity, p.Message)
		}
		if p.Hint != "" {
			c.hint("%s", p.Hint)
		}
	}
}

// openRun opens what a run showed: its database, or its events.
func openRun(name string) (*hunt.Database, error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		name = filepath.Join(name, hunt.FileName)
	}
	info, err := os.Stat(name) // before opening, which would wait for a pipe
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, plain(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, plain(err))
	}
	defer f.Close()
	head := make([]byte, 16)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	if !bytes.HasPrefix(bytes.TrimLeft(head[:n], "\ufeff \t\r\n"), []byte("{")) && !bytes.HasPrefix(bytes.TrimLeft(head[:n], "\ufeff \t\r\n"), []byte("[")) {
		return hunt.Open(name)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	events, err := telemetry.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return hunt.Build(&detect.Subject{Name: filepath.Base(name), Events: events})
}

// keepDatabase writes the database of what rules look at beside it.
func keepDatabase(folder string, s *detect.Subject) error {
	db, err := hunt.Build(s)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Write(filepath.Join(folder, hunt.FileName))
}

// writeRows prints a result.
func (c *command) writeRows(r *hunt.Result, format string) error {
	switch format {
	case "json":
		return r.WriteJSON(c.stdout)
	case "csv":
		w := csv.NewWriter(c.stdout)
		if err := w.Write(r.Columns); err != nil {
			return err
		}
		for _, row := range r.Rows {
			cells := make([]string, len(row))
			for i, v := range row {
				cells[i] = hunt.Text(v)
			}
			if err := w.Write(cells); err != nil {
				return err
			}
		}
		w.Flush()
		return w.Error()
	}
	if len(r.Rows) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	line := func(cells []string) {
		for i := range cells {
			cells[i] = reports.Printable(cells[i])
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	line(slices.Clone(r.Columns))
	for _, row := range r.Rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = hunt.Text(v)
		}
		line(cells)
	}
	return w.Flush()
}

// huntTables lists the tables.
func (c *command) huntTables() error {
	for _, t := range hunt.Tables() {
		names := make([]string, len(t.Columns))
		for i, column := range t.Columns {
			names[i] = column.Name
		}
		fmt.Fprintf(c.stdout, "%s (%s)\n  %s\n  %s\n", t.Name, t.Shape, t.Meaning, strings.Join(names, ", "))
	}
	return nil
}
