package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"sidetrace/harness"
	"sidetrace/reports"
)

func (c *command) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [PATH|ID ...]",
		Short: "Read scenarios and what they refer to, without running them",
		Long: `Reads scenarios, the files they refer to and the parameters of their replicas,
and prints every problem as file:line:column: message. Exit code 2 if there is
one.`,
		RunE: func(_ *cobra.Command, args []string) error {
			found, err := load(args)
			if err != nil {
				return err
			}
			problems := (&harness.Runner{}).Check(found)
			for _, p := range problems {
				fmt.Fprintln(c.stdout, reports.Printable(p.String()))
				if p.Hint != "" {
					fmt.Fprintln(c.stdout, "\thint: "+reports.Printable(p.Hint))
				}
			}
			if len(problems) > 0 {
				return usage(fmt.Errorf("%s in %s", count(len(problems), "problem"), count(len(found), "scenario")), "")
			}
			fmt.Fprintf(c.stdout, "no problems in %s\n", count(len(found), "scenario"))
			return nil
		},
	}
}

// count is "1 scenario", "2 scenarios".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
