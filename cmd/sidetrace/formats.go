package main

import (
	"fmt"
	"io"
	"strings"

	"sidetrace/harness/cape"
	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
	"sidetrace/reports"
	"sidetrace/reports/html"
)

// format is what a run can be reported in. One of Write and run is set.
type format struct {
	reports.Writer

	// run writes what is said of one run, when it has ended and before its record
	// is dropped.
	run func(io.Writer, *reports.Scenario, *detect.Subject) error

	whole bool // it shows calls and the bytes of artifacts
}

// formats lists the formats: --format and --report know these, and no others.
func formats() []format {
	var list []format
	for _, w := range reports.Writers() {
		list = append(list, format{Writer: w})
	}
	page := func(w io.Writer, s *reports.Suite, _ reports.TextOptions) error { return html.Write(w, s) }
	return append(list,
		format{Writer: reports.Writer{Name: "html", Extension: ".html", About: "a page that asks nothing of a network, with all that happened", Write: page}, whole: true},
		format{Writer: reports.Writer{Name: "sysmon", Extension: ".jsonl", About: "events of Sysmon, a line each, as evtx_dump writes them"}, run: writeSysmon},
		format{Writer: reports.Writer{Name: "cape", Extension: ".json", About: "a report of the CAPE sandbox for each run, a line each, as capa reads them"}, run: writeCAPE},
	)
}

func writeSysmon(w io.Writer, _ *reports.Scenario, s *detect.Subject) error {
	var events []telemetry.Event
	for i := range s.Events {
		if s.Events[i].Channel == telemetry.SysmonChannel {
			events = append(events, s.Events[i])
		}
	}
	return telemetry.Write(reports.JSONLines(w), telemetry.EventLog, events)
}

func writeCAPE(w io.Writer, s *reports.Scenario, subject *detect.Subject) error {
	return cape.Write(reports.JSONLines(w), s.Trace, subject)
}

// suite writes a suite, unless the format is of single runs.
func (f *format) suite(w io.Writer, s *reports.Suite, o reports.TextOptions) error {
	if f.run != nil {
		return nil
	}
	return f.Write(w, s, o)
}

// formatNamed finds a format.
func formatNamed(name string) (format, error) {
	var names []string
	for _, f := range formats() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return format{}, unknownFormat(name, names...)
}

// suiteFormat finds a format that can be written when the records of runs are gone.
func suiteFormat(name string) (format, error) {
	f, err := formatNamed(name)
	if err == nil && f.run != nil {
		err = usage(fmt.Errorf("%s is written while scenarios run", name), "sidetrace run writes it")
	}
	return f, err
}

// formatsHelp lists the formats for people.
func formatsHelp() string {
	var b strings.Builder
	for _, f := range formats() {
		fmt.Fprintf(&b, "  %-10s %s\n", f.Name, f.About)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// checkFormat says whether a command that writes text and JSON alone knows a format.
func checkFormat(name string) error {
	switch name {
	case "text", "json":
		return nil
	}
	return unknownFormat(name, "text", "json")
}
