package harness

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"

	"sidetrace/harness/expect"
	"sidetrace/reports"
	"sidetrace/scenarios"
	"sidetrace/scenarios/match"
)

// Entry is one scenario that was found, or why it cannot be read.
type Entry struct {
	File     string
	Scenario *scenarios.Scenario // nil if Err is not
	Err      error
}

// ID is the scenario's id, or the name of its folder where it cannot be read.
func (e Entry) ID() string {
	if e.Scenario != nil {
		return e.Scenario.ID
	}
	dir := filepath.Base(filepath.Dir(e.File))
	if name := filepath.Base(e.File); dir == "." || name != scenarios.FileName {
		return strings.TrimSuffix(name, filepath.Ext(name))
	}
	return dir
}

func (e Entry) describe() reports.Scenario {
	if e.Scenario == nil {
		return reports.Scenario{ID: e.ID(), File: filepath.ToSlash(e.File)}
	}
	s := expect.Describe(e.Scenario)
	s.File = filepath.ToSlash(s.File)
	return s
}

// NotFoundError says that an argument names no scenario.
type NotFoundError struct {
	Name string
	Hint string // what can be done; may be empty
}

func (e *NotFoundError) Error() string { return fmt.Sprintf("no scenario %q", e.Name) }

// Load finds scenarios: those that names say, each a path of a file or folder
// or the id of a scenario below root, or all below root if there are none.
// They are ordered by path, each once.
//
// A scenario that cannot be read is an entry with its error, so that the others
// can still be run. An error means that a name names nothing ([*NotFoundError])
// or that a folder cannot be read.
func Load(root string, names []string) ([]Entry, error) {
	var files []string
	var known []Entry // below root, read when first needed
	for _, name := range names {
		if _, err := os.Stat(name); err == nil {
			found, err := find(name)
			if err != nil {
				return nil, err
			}
			if len(found) == 0 {
				return nil, &NotFoundError{name, "the folder and those below it have no " + scenarios.FileName}
			}
			files = append(files, found...)
			continue
		}
		if known == nil {
			all, err := find(root)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
			known = read(all)
		}
		i := slices.IndexFunc(known, func(e Entry) bool { return e.ID() == name })
		if i < 0 {
			return nil, notFound(name, root, known)
		}
		files = append(files, known[i].File)
	}
	if len(names) == 0 {
		var err error
		if files, err = find(root); err != nil {
			return nil, err
		}
	}
	sort.Slice(files, func(i, j int) bool { return byFolder(files[i]) < byFolder(files[j]) })
	entries := read(slices.Compact(files))
	distinct(entries)
	return entries, nil
}

// byFolder sorts a folder before those whose names it starts.
func byFolder(path string) string {
	return strings.ReplaceAll(path, string(filepath.Separator), "\x00")
}

func notFound(name, root string, known []Entry) error {
	ids := make([]string, len(known))
	for i, e := range known {
		ids[i] = e.ID()
	}
	e := &NotFoundError{Name: name, Hint: "neither a path nor an id of a scenario below " + root}
	if near := match.Closest(name, ids); near != "" {
		e.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	return e
}

// find lists the scenario files of a path, which may be one itself.
func find(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{filepath.Clean(path)}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == scenarios.FileName {
			files = append(files, filepath.Clean(p))
		}
		return err
	})
	return files, err
}

func read(files []string) []Entry {
	entries := make([]Entry, len(files))
	for i, file := range files {
		s, err := scenarios.ParseFile(file)
		entries[i] = Entry{file, s, err}
	}
	return entries
}

// distinct makes scenarios whose id another one has an error.
func distinct(entries []Entry) {
	first := map[string]string{}
	for i, e := range entries {
		if e.Scenario == nil {
			continue
		}
		other, taken := first[e.Scenario.ID]
		if !taken {
			first[e.Scenario.ID] = e.File
			continue
		}
		entries[i].Err = &scenarios.Error{Problems: []scenarios.Problem{{
			File: filepath.ToSlash(e.File), Message: fmt.Sprintf("the id %q is that of %s too", e.Scenario.ID, filepath.ToSlash(other)),
			Hint: "ids are unique",
		}}}
	}
}

// Filter says which scenarios to run. The zero Filter takes all.
type Filter struct {
	ID   *regexp.Regexp // found in the id; nil for any
	Tags []string       // at least one of these; empty for any
}

// Select keeps the entries a filter takes. One that cannot be read has no tags.
func Select(entries []Entry, f Filter) []Entry {
	var out []Entry
	for _, e := range entries {
		if f.ID != nil && !f.ID.MatchString(e.ID()) {
			continue
		}
		if len(f.Tags) > 0 && (e.Scenario == nil || !slices.ContainsFunc(e.Scenario.Tags, func(t string) bool { return slices.Contains(f.Tags, t) })) {
			continue
		}
		out = append(out, e)
	}
	return out
}
