package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"sidetrace/reports"
	"sidetrace/scenarios"
)

func (c *command) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [PATH|ID ...]",
		Short: "Read scenarios and what they refer to, without running them",
		Long: `Reads scenarios, the files they refer to and the parameters of their replicas,
and prints every problem as file:line:column: message. Exit code 2 if there is
one.`,
		RunE: func(_ *cobra.Command, args []string) error {
			found, err := find(args)
			if err != nil {
				return err
			}
			broken := 0
			for i := range found {
				problems := append(found[i].problems, sourceProblems(found[i].scenario)...)
				for _, p := range problems {
					fmt.Fprintln(c.stdout, reports.Printable(p.String()))
					if p.Hint != "" {
						fmt.Fprintln(c.stdout, "\thint: "+reports.Printable(p.Hint))
					}
				}
				if len(problems) > 0 {
					broken++
				}
			}
			if broken > 0 {
				return usage(fmt.Errorf("%d of %s with problems", broken, scenarioCount(len(found))), "")
			}
			fmt.Fprintf(c.stdout, "%s without problems\n", scenarioCount(len(found)))
			return nil
		},
	}
}

// sourceProblems lists the files of a scenario that cannot be had.
func sourceProblems(s *scenarios.Scenario) []scenarios.Problem {
	if s == nil {
		return nil
	}
	files, problem := buildReplicas(s)
	if problem != nil {
		return []scenarios.Problem{*problem}
	}
	var problems []scenarios.Problem
	check := func(source scenarios.Source) {
		_, err := s.Read(source, files)
		var e *scenarios.Error
		switch {
		case errors.As(err, &e):
			problems = append(problems, e.Problems...)
		case err != nil:
			problems = append(problems, scenarios.Problem{File: s.File, Line: source.Line, Message: err.Error()})
		}
	}
	for _, f := range s.Machine.Files {
		check(f.Source)
	}
	for _, a := range s.Machine.Web {
		check(a.Body)
	}
	return problems
}

func scenarioCount(n int) string {
	if n == 1 {
		return "1 scenario"
	}
	return fmt.Sprintf("%d scenarios", n)
}
