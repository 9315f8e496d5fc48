package main

import (
	"context"
	"runtime"

	"github.com/spf13/cobra"

	"sidetrace/harness"
	"sidetrace/harness/worker"
	"sidetrace/reports"
)

func (c *command) coverageCommand() *cobra.Command {
	var s selection
	format := "text"
	cmd := &cobra.Command{
		Use:   "coverage [flags] [PATH|ID ...]",
		Short: "Run scenarios and say which rules see which stage, and what none sees",
		Long: `Runs the scenarios and prints, for each stage of each chain, how many rules of
each engine fire there and which; then the rules that fire in no scenario, and the
ATT&CK techniques (v19; older numbers are taken for today's) that no firing rule is
tagged with. Exit code 0 whatever is covered, else that of run.`,
		Example: `  sidetrace coverage
  sidetrace coverage --format json 3cx-2023`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			chosen, err := s.choose(args)
			if err != nil {
				return err
			}
			return c.coverage(cmd.Context(), chosen, format)
		},
	}
	s.flags(cmd)
	cmd.Flags().StringVar(&format, "format", format, "`FORMAT` of standard output: text or json")
	return cmd
}

func (c *command) coverage(ctx context.Context, chosen []harness.Entry, format string) error {
	runner := harness.Runner{Jobs: runtime.NumCPU(), Version: toolVersion()}
	pool := c.pool(min(runner.Jobs, len(chosen)), worker.Setup{}, chosen, nil, nil)
	defer pool.Close()
	runner.Isolated = pool.Run
	suite := runner.Run(ctx, chosen)
	cov := reports.NewCoverage(suite)
	var err error
	if format == "json" {
		err = reports.WriteCoverageJSON(c.stdout, cov)
	} else {
		err = reports.WriteCoverageText(c.stdout, cov, c.colour)
	}
	if err != nil {
		return internal(err, "")
	}
	for i := range suite.Scenarios {
		if s := &suite.Scenarios[i]; s.Verdict != reports.Pass {
			c.say("%s: %s: %s", s.ID, s.Verdict, s.Reason)
		}
	}
	if code := suite.ExitCode(); code > exitFailed {
		return verdict(code)
	}
	return nil
}
