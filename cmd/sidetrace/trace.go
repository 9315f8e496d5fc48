package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/harness"
	"sidetrace/loaders"
	"sidetrace/reports"
	"sidetrace/scenarios"
)

// tracing is the flags of sidetrace trace.
type tracing struct {
	app, machine string
	sysroot      string
	unresolved   string
	calls        []string
	images       []string
	format       string
	artifacts    string
	show         showValue
	gaps         bool
	limits       limits
}

func (c *command) traceCommand() *cobra.Command {
	t := tracing{show: showValue{reports.Show{Behaviours: true, Gaps: true}}}
	cmd := &cobra.Command{
		Use:   "trace [flags] IMAGE [-- ARGS]",
		Short: "Run one program and print what it does",
		Long: `Runs a program (an EXE, a DLL or raw x86-64 code) with the files beside it, and
prints what it does in order. Nothing is judged: the exit code is 0 unless the
program was cut off by --wall or a signal (1), cannot be loaded (2) or sidetrace
fails (3).

The emulator is no security boundary. Trace what you do not trust in a virtual
machine or container of its own.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if n := cmd.ArgsLenAtDash(); n >= 0 {
				args = args[:n]
			}
			return exactly(1, "the program to run")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.trace(cmd.Context(), &t, args[0], args[1:])
		},
	}
	f := cmd.Flags()
	f.StringVar(&t.app, "app", "", "`folder` whose files, and those below, are the application; default: the files beside IMAGE")
	f.StringVar(&t.machine, "machine", "", "`file` with the machine to run on, a scenario or what stands below machine in one: clock, registry, files, web, …; IMAGE is put into its {app}")
	f.StringVar(&t.sysroot, "sysroot", "", "`folder` of real system DLLs, Windows' or Wine's: what has no handler runs their code")
	f.StringVar(&t.unresolved, "unresolved", "", "an import that nothing exports: `gap` makes it a stub whose call is a gap, strict fails as Windows does; default: gap, or what --machine says")
	f.StringArrayVar(&t.calls, "call", nil, "call this `export` of IMAGE once it is loaded, with at most four integers: NAME, #12 or NAME(1, 0x20); may be repeated")
	f.StringSliceVar(&t.images, "images", nil, "keep the memory of the process, for --artifacts, at these `moments`: dllmain, unpacked, end")
	f.StringVar(&t.format, "format", "text", "`FORMAT` of standard output: text, json (one object) or jsonl (every call, behaviour and gap on a line)")
	f.StringVar(&t.artifacts, "artifacts", "", "`folder` to write unpacked code, decrypted data, HTTP bodies and kept memory to")
	f.Var(&t.show, "show", "what text lists: behaviours, calls, gaps, with commas between")
	t.limits.flags(f)
	f.BoolVar(&t.gaps, "gaps", false, "list gaps alone: what the emulator does not model")
	return cmd
}

func (c *command) trace(ctx context.Context, t *tracing, image string, args []string) error {
	switch t.format {
	case "text", "json", "jsonl":
	default:
		return unknownFormat(t.format, "text", "json", "jsonl")
	}
	if t.gaps {
		t.show.Show = reports.Show{Gaps: true}
	}
	config, err := t.config(image, args)
	if err != nil {
		return err
	}
	ctx, cancel := t.limits.apply(ctx, &config)
	defer cancel()
	var run *trace.Run
	err = withMachine(func(machine func(context.Context, guest.Config) (*trace.Run, error)) (err error) {
		run, err = machine(ctx, config)
		return err
	})
	if err != nil {
		return sampleError(err)
	}
	if data := config.Files[config.Image]; loaders.Recognise(data) == loaders.Shellcode {
		c.say("%s has no PE header and was taken for raw x86-64 code", image)
	}
	if err := c.writeTrace(t, run); err != nil {
		return internal(err, "")
	}
	if t.artifacts != "" {
		if err := writeArtifacts(t.artifacts, run); err != nil {
			return err
		}
	}
	switch run.Stop.Reason {
	case trace.StopLoad:
		return usage(fmt.Errorf("%s cannot be run: %s", image, run.Stop.Detail), "")
	case trace.StopInternal:
		return internal(errors.New(run.Stop.Detail), "")
	case trace.StopWall:
		if cause := context.Cause(ctx); errors.Is(cause, errOutOfTime) {
			return &failure{exitFailed, cause, ""}
		}
		return &failure{exitFailed, errors.New("interrupted"), ""}
	}
	return nil
}

func (c *command) writeTrace(t *tracing, run *trace.Run) error {
	switch t.format {
	case "json":
		return reports.WriteRunJSON(c.stdout, reports.NewRun(run))
	case "jsonl":
		return reports.WriteRunJSONLines(c.stdout, run)
	}
	return reports.WriteRunText(c.stdout, run, reports.TextOptions{Colour: c.colour, Show: t.show.Show})
}

// config makes the machine: that of --machine, with the program and the files
// beside it put into the guest's application folder.
func (t *tracing) config(image string, args []string) (guest.Config, error) {
	files, err := applicationFiles(image, t.app, applicationBounds())
	if err != nil {
		return guest.Config{}, err
	}
	config, folder := guest.Config{Files: map[string][]byte{}}, applicationFolder
	if t.machine != "" {
		if config, folder, err = machineOf(t.machine); err != nil {
			return guest.Config{}, err
		}
	}
	for name, data := range files {
		config.Files[folder+`\`+strings.ReplaceAll(name, "/", `\`)] = data
	}
	config.Image = folder + `\` + imageName(image, t.app)
	config.Arguments = commandLine(args)
	if config.Unresolved, err = t.unresolvedImports(config.Unresolved); err != nil {
		return guest.Config{}, err
	}
	if t.sysroot != "" {
		if info, err := os.Stat(t.sysroot); err != nil || !info.IsDir() {
			return guest.Config{}, usage(fmt.Errorf("--sysroot %s: not a folder", t.sysroot), "Wine's system DLLs are those of Debian's package libwine")
		}
		config.Sysroot = os.DirFS(t.sysroot)
	}
	config.Calls = nil
	for _, text := range t.calls {
		call, err := exportCall(text)
		if err != nil {
			return guest.Config{}, err
		}
		config.Calls = append(config.Calls, call)
	}
	config.Images = nil
	for _, name := range t.images {
		moment := trace.Moment(name)
		if !slices.Contains(trace.Moments(), moment) {
			return guest.Config{}, usage(fmt.Errorf("--images %s: not known", name), "dllmain, unpacked, end")
		}
		config.Images = append(config.Images, moment)
	}
	return config, nil
}

// unresolvedImports is what --unresolved asks for; machine is what the machine
// says.
func (t *tracing) unresolvedImports(machine guest.Unresolved) (guest.Unresolved, error) {
	switch u := guest.Unresolved(t.unresolved); {
	case u == guest.UnresolvedGap || u == guest.UnresolvedStrict:
		return u, nil
	case u != "":
		return "", usage(fmt.Errorf("--unresolved %s: not known", t.unresolved), "gap or strict")
	case machine != "":
		return machine, nil
	}
	return guest.UnresolvedGap, nil
}

// exportCall reads NAME, #12 or NAME(1, 0x20).
func exportCall(text string) (guest.ExportCall, error) {
	name, list, ok := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	if !ok || !strings.HasSuffix(text, ")") || name == "" {
		return guest.ExportCall{Name: text}, nil
	}
	call := guest.ExportCall{Name: name}
	for _, word := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		v, err := strconv.ParseUint(word, 0, 64)
		if err != nil || len(call.Args) == 4 {
			return call, usage(fmt.Errorf("--call %s: arguments are at most four integers", text), "")
		}
		call.Args = append(call.Args, v)
	}
	return call, nil
}

// machineOf is the machine of a scenario and the folder it calls {app}.
func machineOf(file string) (guest.Config, string, error) {
	s, err := scenarios.ParseMachineFile(file)
	if err != nil {
		return guest.Config{}, "", usage(err, "")
	}
	config, err := (&harness.Runner{}).Prepare(s)
	if err != nil {
		return guest.Config{}, "", usage(err, "")
	}
	return config, s.Run.App, nil
}

// writeArtifacts writes what a run produced to a folder, under the names the
// record has for it.
func writeArtifacts(folder string, run *trace.Run) error {
	for _, a := range run.Artifacts {
		if a.Data == nil && a.Size > 0 {
			continue // dropped for want of room; a gap says so
		}
		if err := writeFile(filepath.Join(folder, filepath.Base(a.Name)), a.Data); err != nil {
			return err
		}
	}
	return nil
}
