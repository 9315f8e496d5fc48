package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/spf13/cobra"

	"sidetrace/harness"
	"sidetrace/harness/detect"
	"sidetrace/harness/rules"
	"sidetrace/reports"
	"sidetrace/scenarios"
)

func (c *command) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [PATH|ID ...]",
		Short: "Read scenarios and rules, and what they refer to, without running them",
		Long: `Reads scenarios, the files and rules they refer to and the parameters of their
replicas, and prints every problem as file:line:column: message. A file or folder
of rules, with no scenario in it, is read for itself. For each language of rules it
says how many can be run, how many ask for what the engine does not have, and how
many are broken. Exit code 2 if a scenario has a problem or a rule is broken.`,
		Example: `  sidetrace check
  sidetrace check scenarios/3cx-2023
  sidetrace check ~/sigma/rules/windows`,
		RunE: func(_ *cobra.Command, args []string) error { return c.check(args) },
	}
}

func (c *command) check(args []string) error {
	sources, names := ruleArguments(args)
	var found []harness.Entry
	if len(names) > 0 || len(args) == 0 {
		var err error
		if found, err = load(names); err != nil {
			return err
		}
	}
	runner := &harness.Runner{}
	wrong := runner.Check(found)
	counts, problems, unknown := runner.CheckRules(found)
	wrong = append(wrong, unknown...)
	if len(sources) > 0 {
		set, more := rules.Load(sources, rules.Options{})
		counts, problems = append(counts, set.Counts()...), append(problems, more...)
	}
	for _, p := range wrong {
		c.problem("", p)
	}
	broken := 0
	for _, p := range problems {
		if p.Severity == detect.Broken {
			broken++
		}
		c.problem(string(p.Severity)+": ", scenarios.Problem(p.Problem))
	}
	for _, n := range counts {
		fmt.Fprintf(c.stdout, "%s: %d ok, %d unsupported, %d broken\n", n.Name, n.Rules, n.Unsupported, n.Broken)
	}
	if n := len(wrong) + broken; n > 0 {
		return usage(fmt.Errorf("%s in %s", count(n, "problem"), checked(found, counts)), "")
	}
	fmt.Fprintf(c.stdout, "no problems in %s\n", checked(found, counts))
	return nil
}

// checked is "4 scenarios and 20 rules".
func checked(found []harness.Entry, counts []reports.Engine) string {
	text, n := "", 0
	for _, e := range counts {
		n += e.Rules + e.Unsupported + e.Broken
	}
	switch {
	case len(found) > 0:
		text = count(len(found), "scenario")
	case n == 0:
		return "the rules"
	}
	if n > 0 {
		if text != "" {
			text += " and "
		}
		text += count(n, "rule")
	}
	return text
}

// problem prints a problem and what the user can do about it.
func (c *command) problem(severity string, p scenarios.Problem) {
	p.Message = severity + p.Message
	fmt.Fprintln(c.stdout, reports.Printable(p.String()))
	if p.Hint != "" {
		fmt.Fprintln(c.stdout, "\thint: "+reports.Printable(p.Hint))
	}
}

// ruleArguments takes from arguments the files and folders that have rules and no
// scenario.
func ruleArguments(args []string) (sources []rules.Source, rest []string) {
	for _, arg := range args {
		if hasRules(arg) {
			sources = append(sources, rules.Source{Source: detect.Source{Path: arg}})
		} else {
			rest = append(rest, arg)
		}
	}
	return sources, rest
}

func hasRules(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	if !info.IsDir() {
		return rules.IsRuleFile(path) && !isScenario(path)
	}
	found := false
	err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
		case d.Name() == scenarios.FileName:
			return errScenario
		case rules.IsRuleFile(name):
			found = true
		}
		return nil
	})
	return found && err == nil
}

// scenarioKey is a line that a scenario has and a Sigma rule does not.
var scenarioKey = regexp.MustCompile(`(?m)^(run|machine|expect):`)

// isScenario tells a scenario's file from a Sigma rule's, which both are YAML.
func isScenario(file string) bool {
	switch filepath.Ext(file) {
	case ".yaml", ".yml":
	default:
		return false
	}
	data, err := os.ReadFile(file)
	return filepath.Base(file) == scenarios.FileName || err == nil && scenarioKey.Match(data)
}

var errScenario = errors.New("a scenario is there")

// count is "1 scenario", "2 scenarios".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
