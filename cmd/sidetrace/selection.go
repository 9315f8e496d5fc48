package main

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"

	"github.com/spf13/cobra"

	"sidetrace/harness"
)

// scenariosFolder is where scenarios are looked for if none is named, and
// where ids are.
const scenariosFolder = "scenarios"

// selection is the flags that choose among scenarios.
type selection struct {
	filter string
	tags   []string
}

func (s *selection) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.filter, "filter", "", "only scenarios whose id matches the regular `expression`")
	cmd.Flags().StringArrayVar(&s.tags, "tag", nil, "only scenarios with this `tag`; repeated, with one of them")
}

// choose finds the scenarios that args name, by file, folder or id, or every
// scenario if there are none, and leaves those that the flags do not ask for.
// It is an error if nothing is left.
func (s *selection) choose(args []string) ([]harness.Entry, error) {
	filter, err := regexp.Compile(s.filter)
	if err != nil {
		return nil, usage(fmt.Errorf("--filter: %w", err), "the syntax is that of https://pkg.go.dev/regexp/syntax")
	}
	found, err := load(args)
	if err != nil {
		return nil, err
	}
	chosen := harness.Select(found, harness.Filter{ID: filter, Tags: s.tags})
	if len(chosen) == 0 {
		return nil, usage(errors.New("no scenario is left by --filter and --tag"), "sidetrace list shows ids and tags")
	}
	return chosen, nil
}

// load finds the scenarios that args name.
func load(args []string) ([]harness.Entry, error) {
	found, err := harness.Load(scenariosFolder, args)
	var missing *harness.NotFoundError
	switch {
	case errors.As(err, &missing):
		return nil, usage(err, missing.Hint)
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage(fmt.Errorf("there is no folder %q here", scenariosFolder), "run sidetrace in its project's folder, or name a scenario's file or folder")
	case err != nil:
		return nil, usage(err, "")
	case len(found) == 0:
		return nil, usage(fmt.Errorf("the folder %q has no scenarios", scenariosFolder), "")
	}
	return found, nil
}

// plain drops the path from an error whose message has it already.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
