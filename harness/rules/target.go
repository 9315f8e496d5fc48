package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
)

// MaxObject is how many bytes a file to be scanned may have.
const MaxObject = 512 << 20

// logs are the extensions of files that are event logs, and nothing else.
var logs = []string{".json", ".jsonl", ".ndjson"}

// Targets reads what rules are to be run over: what [Keep] wrote to a folder, or
// to folders below it; an event log of JSON (see telemetry.Read); any other file, or a folder of files,
// which becomes one subject. There is a subject for each of these, and an error
// for each that cannot be read.
func Targets(path string) ([]*detect.Subject, []error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, []error{err}
	}
	if read := fileTarget; !info.IsDir() || IsKept(path) {
		if info.IsDir() {
			read = ReadKept
		}
		s, err := read(path)
		if err != nil {
			return nil, []error{err}
		}
		return []*detect.Subject{s}, nil
	}
	var wrong []error
	var all []*detect.Subject
	rest := &detect.Subject{Name: filepath.ToSlash(path)}
	err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			wrong = append(wrong, err)
		case d.IsDir() && IsKept(name):
			if s, err := ReadKept(name); err != nil {
				wrong = append(wrong, err)
			} else {
				all = append(all, s)
			}
			return fs.SkipDir
		case d.Type().IsRegular():
			s, err := fileTarget(name)
			if err != nil {
				wrong = append(wrong, err)
				return nil
			}
			if len(s.Events) > 0 {
				all = append(all, s)
			}
			rest.Objects = append(rest.Objects, s.Objects...)
		}
		return nil
	})
	if len(rest.Objects) > 0 {
		all = append(all, rest)
	}
	if err != nil {
		wrong = append(wrong, err)
	}
	if len(wrong)+len(all) == 0 {
		wrong = append(wrong, fmt.Errorf("%s has no files", path))
	}
	return all, wrong
}

func fileTarget(name string) (*detect.Subject, error) {
	s := &detect.Subject{Name: filepath.ToSlash(name)}
	data, err := readFile(name)
	if err != nil {
		return nil, err
	}
	isLog := slices.Contains(logs, strings.ToLower(filepath.Ext(name)))
	if isLog || bytes.HasPrefix(data, []byte("ElfFile\x00")) {
		s.Events, err = telemetry.Parse(data)
		var at *telemetry.ReadError
		if errors.As(err, &at) {
			return nil, &LogError{s.Name, at}
		}
		return s, err
	}
	s.Objects = []detect.Object{{Kind: "file", Name: s.Name, Path: s.Name, Data: data}}
	return s, nil
}

// LogError says what is wrong with an event log.
type LogError struct {
	File string
	*telemetry.ReadError
}

func (e *LogError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
}

func (e *LogError) Unwrap() error { return e.ReadError }

// open opens a regular file.
func open(name string) (*os.File, error) {
	info, err := os.Stat(name) // before opening, which would wait for a pipe
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	return os.Open(name)
}

func readFile(name string) ([]byte, error) {
	f, err := open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxObject+1))
	if err == nil && len(data) > MaxObject {
		err = fmt.Errorf("%s: more than %d MiB", name, MaxObject>>20)
	}
	return data, err
}
