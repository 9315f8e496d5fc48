package harness

import (
	"path/filepath"
	"slices"
)

// Inputs are the files and folders that running the scenarios reads: their
// folders, the rules they name and the system DLLs they are lent. Each is named
// once.
func Inputs(entries []Entry) []string {
	var out []string
	for _, e := range entries {
		s := e.Scenario
		if s == nil {
			continue
		}
		out = append(out, s.Dir, s.File)
		if s.Detections != nil {
			sources, options := ruleSources(s)
			for _, src := range sources {
				out = append(out, src.Path)
			}
			out = append(out, options.Mappings...)
		}
		if path := s.Machine.Sysroot.Path; path != "" {
			if !filepath.IsAbs(path) {
				path = filepath.Join(s.Dir, path)
			}
			out = append(out, path)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Folders are those of the scenarios, each named once.
func Folders(entries []Entry) []string {
	var out []string
	for _, e := range entries {
		if e.Scenario != nil {
			out = append(out, e.Scenario.Dir)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
