package yara

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/reports"
)

// What is read of rules at most.
const (
	maxFile  = 64 << 20  // bytes of one file
	maxTotal = 512 << 20 // bytes of all
	maxFiles = 50_000
)

// source is one file of rules.
type source struct {
	number   int
	name     string // as problems and rules call it
	revision string
	text     []byte // what libyara gets: includes by number, broken rules blanked
	lines    lines
	outline  outline
	includes []*source // in order, without those that were refused
	wanted   bool      // loaded for itself, and not only because another includes it
	opening  bool      // being read: whoever includes it now is included by it
}

// reader reads files of rules with all that they include.
type reader struct {
	sources  []*source
	total    int
	problems []detect.Problem
}

// tree is a folder of rules, out of which no include leads.
type tree struct {
	root     *os.Root
	name     string // before the paths below it, in problems
	revision string
	loaded   map[string]*source // nil for what could not be read
}

func (r *reader) problem(severity detect.Severity, file string, line, column int, message, hint string) {
	r.problems = append(r.problems, detect.Problem{
		Problem:  reports.Problem{File: file, Line: line, Column: column, Message: message, Hint: hint},
		Severity: severity,
	})
}

// read reads a file or folder of rules.
func (r *reader) read(from detect.Source) {
	name := filepath.ToSlash(from.Path)
	info, err := os.Stat(from.Path)
	if err != nil {
		r.problem(detect.Broken, name, 0, 0, reason(err), "name a file of YARA rules, or a folder of them")
		return
	}
	folder, files := from.Path, []string(nil)
	if !info.IsDir() {
		folder = filepath.Dir(from.Path)
		files = []string{filepath.Base(from.Path)}
		name = path.Dir(name)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		r.problem(detect.Broken, name, 0, 0, reason(err), "")
		return
	}
	defer root.Close()
	t := &tree{root: root, name: name, revision: from.Revision, loaded: map[string]*source{}}
	if files == nil {
		files = r.walk(t)
	}
	for _, file := range files {
		if s := r.load(t, file); s != nil {
			s.wanted = true
		}
	}
}

// walk lists the files of rules of a folder, in lexical order.
func (r *reader) walk(t *tree) []string {
	var files []string
	err := fs.WalkDir(t.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch ext := strings.ToLower(path.Ext(name)); {
		case err != nil:
			r.problem(detect.Broken, path.Join(t.name, name), 0, 0, reason(err), "")
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case len(files) > maxFiles:
			return fs.SkipAll
		case !d.IsDir() && (ext == ".yar" || ext == ".yara"):
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		r.problem(detect.Broken, t.name, 0, 0, reason(err), "")
	}
	if len(files) > maxFiles {
		r.problem(detect.Broken, t.name, 0, 0, fmt.Sprintf("more than %d files of rules, the others are not read", maxFiles), "")
		files = files[:maxFiles]
	}
	if len(files) == 0 {
		r.problem(detect.Warning, t.name, 0, 0, "no file of YARA rules in this folder", "their names end in .yar or .yara")
	}
	return files
}

// load reads a file of a tree once, with its includes.
func (r *reader) load(t *tree, name string) *source {
	if s, ok := t.loaded[name]; ok {
		return s
	}
	t.loaded[name] = nil
	full := path.Join(t.name, name)
	text, err := r.open(t, name)
	if err != nil {
		r.problem(detect.Broken, full, 0, 0, reason(err), "")
		return nil
	}
	s := &source{number: len(r.sources), name: full, revision: t.revision, opening: true}
	r.sources = append(r.sources, s)
	t.loaded[name] = s
	s.text, s.outline = text, parse(text)
	if len(s.outline.includes) > 0 {
		s.text = r.resolve(t, name, s)
		s.outline = parse(s.text)
	}
	s.lines = linesOf(s.text)
	s.opening = false
	return s
}

// open reads the bytes of a file that is not too big.
func (r *reader) open(t *tree, name string) ([]byte, error) {
	info, err := t.root.Stat(name) // before opening, which would wait for a pipe
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	case info.Size() > maxFile:
		return nil, fmt.Errorf("%d bytes, of rules %d are read at most", info.Size(), maxFile)
	case r.total > maxTotal:
		return nil, fmt.Errorf("more than %d bytes of rules in all", maxTotal)
	}
	f, err := t.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, err
	}
	r.total += len(text)
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, errors.New("a NUL byte: not a text of rules, or one in UTF-16")
	}
	return text, nil
}

// resolve loads what a source includes and writes the numbers of those sources in
// place of their names, by which libyara then asks for them. What cannot be
// included is blanked.
func (r *reader) resolve(t *tree, name string, s *source) []byte {
	src := s.text
	var out []byte
	copied := 0
	lines := linesOf(src)
	for _, d := range s.outline.includes {
		asked := d.arg.of(src)
		other, refused := r.include(t, name, asked)
		line, column := lines.position(d.start)
		if other == nil {
			r.problem(detect.Broken, s.name, line, column, fmt.Sprintf("include %q: %s", asked, refused), "")
			out = append(out, src[copied:d.start]...)
			out = append(out, strings.Repeat(" ", d.end-d.start)...)
		} else {
			s.includes = append(s.includes, other)
			out = append(out, src[copied:d.start]...)
			out = fmt.Appendf(out, "include %q", fmt.Sprint(other.number))
		}
		copied = d.end
	}
	return append(out, src[copied:]...)
}

// include loads what a file asks for, or says why not.
func (r *reader) include(t *tree, from, asked string) (*source, string) {
	asked = strings.ReplaceAll(asked, `\`, "/")
	name := path.Join(path.Dir(from), asked)
	if path.IsAbs(asked) || !fs.ValidPath(name) || strings.Contains(asked, ":") {
		return nil, "leads out of the folder of these rules"
	}
	other := r.load(t, name)
	switch {
	case other == nil:
		return nil, "could not be read"
	case other.opening:
		return nil, "includes this file in turn"
	}
	return other, ""
}

// reason is an error without the operation and path, which problems name.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return err.Error()
}

// indexOnly says that a source is a list of includes with no rule of its own,
// all of which are loaded without it.
func (s *source) indexOnly() bool {
	if len(s.outline.rules) > 0 || len(s.includes) == 0 {
		return false
	}
	for _, other := range s.includes {
		if !other.wanted {
			return false
		}
	}
	return true
}

// closure lists a source with all it includes, itself first.
func (s *source) closure() []*source {
	list := []*source{s}
	seen := map[*source]bool{s: true}
	for i := 0; i < len(list); i++ {
		for _, other := range list[i].includes {
			if !seen[other] {
				seen[other] = true
				list = append(list, other)
			}
		}
	}
	return list
}

// on lists the rules of a source that a line is part of.
func (s *source) on(line int) []int {
	if line < 1 || line > len(s.lines) {
		return nil
	}
	from, to := s.lines[line-1], len(s.text)
	if line < len(s.lines) {
		to = s.lines[line]
	}
	rules := s.outline.rules
	var list []int
	for i := sort.Search(len(rules), func(i int) bool { return rules[i].end > from }); i < len(rules) && rules[i].start < to; i++ {
		list = append(list, i)
	}
	return list
}
