package detect

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sidetrace/reports"
)

// File is one file of rules, as it was read.
type File struct {
	Path     string // slash-separated, as it was found
	Revision string // of its source
	Data     []byte
}

// ReadFiles reads the files of sources: those named, whatever they are called,
// and in folders, in lexical order, those with one of the extensions (".csv").
// A file of more than limit bytes is a problem and not read, as is one that
// cannot be read; a source without any file is a warning.
func ReadFiles(sources []Source, limit int64, extensions ...string) ([]File, []Problem) {
	var files []File
	var problems []Problem
	for _, src := range sources {
		before := len(files) + len(problems)
		read := func(name string, info fs.FileInfo) {
			f := File{Path: filepath.ToSlash(name), Revision: src.Revision}
			var err error
			switch {
			case !info.Mode().IsRegular():
				err = errors.New("not a regular file")
			case info.Size() > limit:
				err = fmt.Errorf("%d bytes; more than %d are not read", info.Size(), limit)
			default:
				f.Data, err = os.ReadFile(name)
			}
			if err != nil {
				problems = append(problems, fileProblem(f.Path, err))
				return
			}
			files = append(files, f)
		}
		err := filepath.WalkDir(src.Path, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				problems = append(problems, fileProblem(filepath.ToSlash(name), err))
				return nil
			case d.IsDir():
				return nil
			case name != src.Path && !slices.Contains(extensions, strings.ToLower(filepath.Ext(name))):
				return nil
			}
			info, err := os.Stat(name) // a link is followed
			if err != nil {
				problems = append(problems, fileProblem(filepath.ToSlash(name), err))
				return nil
			}
			if !info.IsDir() {
				read(name, info)
			}
			return nil
		})
		if err != nil {
			problems = append(problems, fileProblem(filepath.ToSlash(src.Path), err))
		}
		if len(files)+len(problems) == before {
			problems = append(problems, Problem{Severity: Warning, Problem: reports.Problem{
				File: filepath.ToSlash(src.Path), Message: "no file that ends in " + strings.Join(extensions, " or "),
			}})
		}
	}
	return files, problems
}

// fileProblem is a problem with a file as a whole. What the operating system
// says of a path is said without the path, which is there already.
func fileProblem(path string, err error) Problem {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return Problem{Severity: Broken, Problem: reports.Problem{File: path, Message: err.Error()}}
}
