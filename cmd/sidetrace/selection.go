package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sidetrace/scenarios"
)

// scenariosFolder is where scenarios are looked for if none is named.
const scenariosFolder = "scenarios"

// candidate is a scenario's file as it was found and read.
type candidate struct {
	file     string              // slash-separated
	scenario *scenarios.Scenario // nil if it cannot be read
	problems []scenarios.Problem // why it cannot
}

// id is the scenario's own, or the folder's name where it cannot be read.
func (c *candidate) id() string {
	if c.scenario != nil {
		return c.scenario.ID
	}
	return filepath.Base(filepath.Dir(c.file))
}

// selection is the flags that choose among scenarios.
type selection struct {
	filter string
	tags   []string
}

func (s *selection) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.filter, "filter", "", "only scenarios whose id matches the regular `expression`")
	cmd.Flags().StringArrayVar(&s.tags, "tag", nil, "only scenarios with this `tag`; repeated, with all of them")
}

// choose finds the scenarios that args name, by file, folder or id, or every
// scenario if there are none, and leaves those that the flags do not ask for.
// They come in the order of their files. It is an error if nothing is left.
func (s *selection) choose(args []string) ([]candidate, error) {
	filter, err := regexp.Compile(s.filter)
	if err != nil {
		return nil, usage(fmt.Errorf("--filter: %w", err), "the syntax is that of https://pkg.go.dev/regexp/syntax")
	}
	found, err := find(args)
	if err != nil {
		return nil, err
	}
	chosen := slices.DeleteFunc(found, func(c candidate) bool { return !filter.MatchString(c.id()) || !hasTags(c, s.tags) })
	if len(chosen) == 0 {
		return nil, usage(errors.New("no scenario is left by --filter and --tag"), "sidetrace list shows ids and tags")
	}
	return chosen, nil
}

// hasTags keeps what cannot be read: a broken file must not go unseen.
func hasTags(c candidate, tags []string) bool {
	return c.scenario == nil || !slices.ContainsFunc(tags, func(tag string) bool { return !slices.Contains(c.scenario.Tags, tag) })
}

// find reads the scenarios that args name.
func find(args []string) ([]candidate, error) {
	if len(args) == 0 {
		if _, err := os.Stat(scenariosFolder); err != nil {
			return nil, usage(fmt.Errorf("there is no folder %q here", scenariosFolder), "run sidetrace in its project's folder, or name a scenario's file or folder")
		}
		args = []string{scenariosFolder}
	}
	var files []string
	byID := map[string]string{}
	for _, arg := range args {
		_, err := os.Stat(arg)
		switch {
		case err == nil:
			below, err := filesBelow(arg)
			if err != nil {
				return nil, err
			}
			files = append(files, below...)
		case strings.ContainsAny(arg, `/\`) || strings.HasSuffix(arg, ".yaml"):
			return nil, usage(fmt.Errorf("%s: %w", arg, plain(err)), "")
		default:
			if len(byID) == 0 {
				byID = ids()
			}
			file, ok := byID[arg]
			if !ok {
				return nil, usage(fmt.Errorf("there is no scenario %q", arg), "sidetrace list shows them")
			}
			files = append(files, file)
		}
	}
	slices.Sort(files)
	files = slices.Compact(files)
	found := make([]candidate, len(files))
	for i, file := range files {
		found[i] = read(file)
	}
	repeated(found)
	return found, nil
}

// filesBelow lists the scenario files of a folder and its folders, or the file
// itself.
func filesBelow(root string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case !d.IsDir() && (name == root || d.Name() == scenarios.FileName):
			files = append(files, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		return nil, usage(err, "")
	}
	if len(files) == 0 {
		return nil, usage(fmt.Errorf("%s: no %s in it or below", root, scenarios.FileName), "")
	}
	return files, nil
}

// ids maps the ids of the scenarios in the usual folder to their files.
func ids() map[string]string {
	byID := map[string]string{}
	files, err := filesBelow(scenariosFolder)
	if err != nil {
		return byID // there are none
	}
	for _, file := range files {
		c := read(file)
		byID[c.id()] = file
	}
	return byID
}

func read(file string) candidate {
	s, err := scenarios.ParseFile(file)
	var e *scenarios.Error
	switch {
	case errors.As(err, &e):
		return candidate{file: file, problems: e.Problems}
	case err != nil:
		return candidate{file: file, problems: []scenarios.Problem{{File: file, Message: err.Error()}}}
	}
	return candidate{file: file, scenario: s}
}

// repeated turns scenarios whose id another one has already into broken ones.
func repeated(found []candidate) {
	first := map[string]string{}
	for i := range found {
		c := &found[i]
		if c.scenario == nil {
			continue
		}
		if other, ok := first[c.scenario.ID]; ok {
			c.problems = []scenarios.Problem{{File: c.file, Message: fmt.Sprintf("id %q is that of %s too", c.scenario.ID, other), Hint: "an id is unique"}}
			c.scenario = nil
			continue
		}
		first[c.scenario.ID] = c.file
	}
}

// plain drops the path from an error whose message has it already.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
