package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"sidetrace/harness/detect"
	"sidetrace/harness/rules"
	"sidetrace/reports"
)

// detecting is the flags of sidetrace detect.
type detecting struct {
	sources   ruleFlags
	mappings  []string
	variables []string
	explain   string
	format    string
}

func (c *command) detectCommand() *cobra.Command {
	var d detecting
	cmd := &cobra.Command{
		Use:   "detect [flags] TARGET ...",
		Short: "Run rules over files, kept runs and event logs",
		Long: `Runs YARA, Sigma and SQL rules and lists of indicators over targets: any file, a
folder of files, what "run --keep" wrote, or an event log of JSON (.json, .jsonl, .ndjson: as
evtx_dump or Winlogbeat write it, or fields by name). It prints a line for each
hit: the target, the event or offset, the rule's id and its title.

Exit code 0 whether rules fire or not, 2 if a rule is broken or a target cannot be
read; the others are run all the same.`,
		Example: `  sidetrace detect --sigma ~/sigma/rules sysmon.jsonl
  sidetrace detect --yara rules.yar --ioc iocs.csv out/3cx-2023
  sidetrace detect --rules scenarios/rules --explain '*' out/3cx-2023`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(errors.New("detect: TARGET is missing"), "usage: "+cmd.UseLine())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return c.detect(cmd.Context(), &d, args) },
	}
	d.sources.flags(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&d.mappings, "mapping", nil, "`file` that maps fields and log sources of Sigma rules; may be repeated")
	f.StringArrayVar(&d.variables, "variable", nil, "`NAME=VALUE` of a hunt's variable, a Sigma placeholder or a YARA external; may be repeated")
	f.StringVar(&d.explain, "explain", "", "`RULE` (id, with wildcards) to say of why it fired, or why not")
	f.StringVar(&d.format, "format", "text", "`FORMAT` of standard output: text or json")
	return cmd
}

// ruleFlags are the flags that name rules.
type ruleFlags struct{ byLanguage map[string]*[]string }

func (r *ruleFlags) flags(cmd *cobra.Command) {
	r.byLanguage = map[string]*[]string{"": new([]string)}
	cmd.Flags().StringArrayVar(r.byLanguage[""], "rules", nil, "`path` of rules of any kind, told apart by their extensions; may be repeated")
	for _, l := range rules.Languages() {
		r.byLanguage[l] = new([]string)
		cmd.Flags().StringArrayVar(r.byLanguage[l], l, nil, "`path` of "+l+" rules; may be repeated")
	}
}

// sources lists what the flags name, rules of one language together.
func (r *ruleFlags) sources() []rules.Source {
	var list []rules.Source
	for _, l := range append([]string{""}, rules.Languages()...) {
		for _, path := range *r.byLanguage[l] {
			list = append(list, rules.Source{Source: detect.Source{Path: path}, Language: l})
		}
	}
	return list
}

func (c *command) detect(ctx context.Context, d *detecting, targets []string) error {
	if err := checkFormat(d.format); err != nil {
		return err
	}
	variables, err := assignments("--variable", d.variables)
	if err != nil {
		return err
	}
	sources := d.sources.sources()
	if len(sources) == 0 {
		return usage(errors.New("detect: no rules"), "name them by --rules, --yara, --sigma, --ioc or --hunt")
	}
	set, problems := rules.Load(sources, rules.Options{Variables: variables, Mappings: d.mappings})
	bad := c.warn(problems)
	if d.explain != "" && len(set.Named(d.explain)) == 0 {
		return usage(fmt.Errorf("--explain: no rule is named %q", d.explain), set.Near(d.explain))
	}
	results := []reports.TargetDetections{}
	for _, name := range targets {
		subjects, wrong := rules.Targets(name)
		for _, err := range wrong {
			bad++
			c.report(unreadableTarget(err))
		}
		for _, s := range subjects {
			if ctx.Err() != nil {
				break
			}
			if len(s.Events)+len(s.Objects) == 0 {
				c.say("%s: no events and nothing to scan", s.Name)
			}
			r := set.Run(ctx, s)
			for _, i := range r.Named(d.explain) {
				if !r.Rules[i].Fired() {
					r.Explain(ctx, i)
				}
			}
			if ctx.Err() != nil {
				break // what rules said is not all they would have
			}
			bad += c.warn(r.RunProblems())
			if d.format == "json" {
				results = append(results, reports.TargetDetections{Target: s.Name, Detections: &r.Detections})
			} else if err := reports.WriteHits(c.stdout, s.Name, &r.Detections, explained(r, d.explain)); err != nil {
				return internal(err, "")
			}
		}
	}
	if d.format == "json" {
		if err := reports.WriteTargetsJSON(c.stdout, results); err != nil {
			return internal(err, "")
		}
	}
	switch {
	case ctx.Err() != nil:
		return &failure{exitFailed, errors.New("interrupted: the targets behind the last one printed were not looked at"), ""}
	case bad > 0:
		return &failure{code: exitUsage}
	}
	return nil
}

func explained(r *rules.Result, name string) []int {
	if name == "" {
		return nil
	}
	return r.Named(name)
}

// warn prints problems of rules and counts those that are mistakes.
func (c *command) warn(problems []detect.Problem) int {
	bad := 0
	for _, p := range problems {
		place := p.File
		if p.Line > 0 {
			place += fmt.Sprintf(":%d", p.Line)
			if p.Column > 0 {
				place += fmt.Sprintf(":%d", p.Column)
			}
		}
		if place != "" { // one of a target has none
			place += ": "
		}
		c.say("%s%s: %s", place, p.Severity, p.Message)
		if p.Hint != "" {
			c.hint("%s", p.Hint)
		}
		if p.Severity == detect.Broken {
			bad++
		}
	}
	return bad
}

func unreadableTarget(err error) error {
	hint := ""
	var log *rules.LogError
	if errors.As(err, &log) {
		hint = log.Hint
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = fmt.Errorf("%s: %w", p.Path, plain(err))
	}
	return usage(err, hint)
}

// assignments reads NAME=VALUE.
func assignments(flag string, list []string) (map[string]string, error) {
	values := map[string]string{}
	for _, a := range list {
		name, value, ok := strings.Cut(a, "=")
		if !ok || name == "" {
			return nil, usage(fmt.Errorf("%s %s: not of the form NAME=VALUE", flag, a), "")
		}
		values[name] = value
	}
	return values, nil
}
