package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"sidetrace/replicas"
)

func (c *command) replicasCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "replicas",
		Short: "Make benign replicas of published chains",
		Args:  none,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.replicasBuildCommand())
	return cmd
}

func (c *command) replicasBuildCommand() *cobra.Command {
	var out string
	var set []string
	cmd := &cobra.Command{
		Use:   "build [flags] NAME",
		Short: "Write the files of a benign replica",
		Long: `Writes the files of a benign replica. They look to detection rules as the
published chain did and do nothing anywhere but in this emulator: Windows
refuses to load them, for want of a DLL that only the emulator has.

Names: ` + strings.Join(replicas.Names(), ", ") + `
Parameters (--set): ` + strings.Join(replicas.Keys(), ", "),
		Args: exactly(1, "the name of a replica"),
		RunE: func(_ *cobra.Command, args []string) error {
			var params replicas.Params
			for _, s := range set {
				key, value, ok := strings.Cut(s, "=")
				if !ok {
					return usage(fmt.Errorf("--set %s: not of the form KEY=VALUE", s), "the keys are "+strings.Join(replicas.Keys(), ", "))
				}
				if err := params.Set(key, value); err != nil {
					return replicaError(err)
				}
			}
			built, err := replicas.Build(args[0], params)
			if err != nil {
				return replicaError(err)
			}
			for _, f := range built.Files {
				name := filepath.Join(out, f.Name)
				if err := writeFile(name, f.Data); err != nil {
					return err
				}
				fmt.Fprintln(c.stdout, name)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", ".", "`folder` to write to; it is made if it is not there")
	cmd.Flags().StringArrayVar(&set, "set", nil, "a parameter that differs from the published one, as `KEY=VALUE`; may be repeated")
	return cmd
}

// replicaError passes the hints of package replicas on.
func replicaError(err error) error {
	var p *replicas.ParamError
	var u *replicas.UnknownError
	switch {
	case errors.As(err, &p):
		return usage(err, p.Hint)
	case errors.As(err, &u):
		return usage(err, "")
	}
	return internal(err, "")
}
