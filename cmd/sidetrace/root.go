package main

// The README shows what a command prints.
//go:generate go test -run TestReadmeTranscript -update .

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"sidetrace/emulator"
)

const about = `sidetrace emulates a DLL side-loading chain on Linux, without Windows and without
a network, records what it does, and judges it against a scenario.

Exit codes: 0 every scenario passed, 1 one failed or is inconclusive, 2 a mistake
in the command, a scenario or a sample, 3 sidetrace itself failed.`

// root is the command tree.
func (c *command) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "sidetrace",
		Short:         "Tests detections against emulated DLL side-loading chains",
		Long:          about,
		SilenceErrors: true, // report prints them
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(err, cmd.CommandPath()+" --help lists its flags")
	})
	root.AddCommand(
		c.runCommand(),
		c.traceCommand(),
		c.checkCommand(),
		c.detectCommand(),
		c.coverageCommand(),
		c.diffCommand(),
		c.mergeCommand(),
		c.huntCommand(),
		c.listCommand(),
		c.replicasCommand(),
		c.apisCommand(emulator.Tables),
		c.doctorCommand(),
		c.versionCommand(),
		c.workerCommand(),
	)
	return root
}

// exactly and none check the number of arguments and say what is missing.

func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < n:
			return usage(fmt.Errorf("%s: %s is missing", cmd.Name(), what), "usage: "+cmd.UseLine())
		case len(args) > n:
			return usage(fmt.Errorf("%s: more than %s: %s", cmd.Name(), what, strings.Join(args[n:], " ")), "usage: "+cmd.UseLine())
		}
		return nil
	}
}

func none(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(fmt.Errorf("%s takes no arguments: %s", cmd.Name(), strings.Join(args, " ")), "usage: "+cmd.UseLine())
	}
	return nil
}
