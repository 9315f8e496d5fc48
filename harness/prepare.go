package harness

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/replicas"
	"sidetrace/scenarios"
)

// BuildReplicas builds the files of a set of replicas, by name. Errors are those
// of package replicas.
type BuildReplicas func(name string, parameters []scenarios.Parameter) (map[string][]byte, error)

// Replicas builds a set of package replicas.
func Replicas(name string, parameters []scenarios.Parameter) (map[string][]byte, error) {
	var p replicas.Params
	var wrong error
	for _, parameter := range parameters {
		wrong = errors.Join(wrong, p.Set(parameter.Key, parameter.Value))
	}
	if wrong != nil {
		return nil, wrong
	}
	set, err := replicas.Build(name, p)
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte, len(set.Files))
	for _, f := range set.Files {
		files[f.Name] = f.Data
	}
	return files, nil
}

// Check prepares every scenario without running it and returns all that is
// wrong with them.
func (r *Runner) Check(entries []Entry) []scenarios.Problem {
	var problems []scenarios.Problem
	for _, e := range entries {
		err := e.Err
		if err == nil {
			_, err = r.Prepare(e.Scenario)
		}
		var list *scenarios.Error
		if errors.As(err, &list) {
			problems = append(problems, list.Problems...)
		} else if err != nil {
			problems = append(problems, scenarios.Problem{File: filepath.ToSlash(e.File), Message: err.Error()})
		}
	}
	return problems
}

// Prepare makes the machine's configuration of a scenario: it builds replicas
// and reads the files that the scenario refers to. An error is of type
// [*scenarios.Error].
func (r *Runner) Prepare(s *scenarios.Scenario) (guest.Config, error) {
	files, problems := r.replicas(s)
	m := &s.Machine
	c := guest.Config{
		Image: s.Run.Image, Arguments: s.Run.Arguments, CurrentDirectory: s.Run.CurrentDirectory,
		Files: map[string][]byte{}, Environment: map[string]string{}, DNS: map[string][]string{},
		Events: m.Events, Mutexes: m.Mutexes,
		User: m.User, Computer: m.Computer, Clock: m.Clock, Seed: m.Seed,
		Version: guest.OSVersion(m.OS),
		Limits:  guest.Limits{Blocks: s.Run.Limits.Blocks, Virtual: s.Run.Limits.Virtual, Memory: s.Run.Limits.Memory},
	}
	read := reader{scenario: s, replicas: files, problems: problems}
	for _, f := range m.Files {
		c.Files[f.Path] = read.source(f.Source)
	}
	for _, a := range m.Web {
		answer := guest.WebAnswer{Method: a.Method, URL: a.URL, Status: a.Status, Body: read.source(a.Body), Headers: map[string]string{}}
		for _, h := range a.Headers {
			answer.Headers[h.Name] = h.Value
		}
		c.Web = append(c.Web, answer)
	}
	for _, v := range m.Registry {
		c.Registry = append(c.Registry, guest.RegistryValue(v))
	}
	for _, v := range m.Env {
		c.Environment[v.Name] = v.Value
	}
	for _, a := range m.DNS {
		c.DNS[a.Host] = a.Addresses
	}
	for _, a := range m.Net {
		answer := guest.NetAnswer{Protocol: a.Protocol, Host: a.Host, Port: a.Port}
		for _, step := range a.Steps {
			var turn guest.NetStep
			if step.Expect != nil {
				turn.Expect = read.source(*step.Expect)
			}
			if step.Send != nil {
				turn.Send = read.source(*step.Send)
			}
			answer.Steps = append(answer.Steps, turn)
		}
		c.Net = append(c.Net, answer)
	}
	for _, call := range s.Run.Calls {
		c.Calls = append(c.Calls, guest.ExportCall{Name: call.Export, Args: call.Args})
	}
	c.Images = s.Run.Images
	c.Unresolved = guest.Unresolved(m.Unresolved)
	if m.Sysroot.Path != "" {
		c.Sysroot = read.folder(m.Sysroot)
	}
	if len(read.problems) > 0 {
		return guest.Config{}, &scenarios.Error{Problems: read.problems}
	}
	return c, nil
}

// reader reads sources and collects what is wrong with them.
type reader struct {
	scenario *scenarios.Scenario
	replicas map[string][]byte
	problems []scenarios.Problem
}

func (r *reader) source(src scenarios.Source) []byte {
	if src.Replica != "" && r.replicas == nil {
		return nil // the set could not be built, which has been said
	}
	data, err := r.scenario.Read(src, r.replicas)
	var list *scenarios.Error
	if errors.As(err, &list) {
		r.problems = append(r.problems, list.Problems...)
	}
	return data
}

// replicas builds the scenario's set.
// folder opens a folder of the host, whose files are read when they are needed.
func (r *reader) folder(f scenarios.Folder) fs.FS {
	name := f.Path
	if !filepath.IsAbs(name) {
		name = filepath.Join(r.scenario.Dir, name)
	}
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		return os.DirFS(name)
	}
	p := scenarios.Problem{File: filepath.ToSlash(r.scenario.File), Line: f.Line, Column: f.Column, Message: f.Path + ": not a folder"}
	if errors.Is(err, fs.ErrNotExist) {
		p.Message = f.Path + ": no such folder"
	}
	r.problems = append(r.problems, p)
	return nil
}

func (r *Runner) replicas(s *scenarios.Scenario) (map[string][]byte, []scenarios.Problem) {
	if s.Replicas == nil {
		return nil, nil
	}
	build := r.Replicas
	if build == nil {
		build = Replicas
	}
	files, err := r.built.get(build, s.Replicas.Name, s.Replicas.Set)
	if err == nil {
		return files, nil
	}
	var problems []scenarios.Problem
	for _, err := range flatten(err) {
		p := explain(err, s.Replicas)
		p.File = filepath.ToSlash(s.File)
		problems = append(problems, p)
	}
	return nil, problems
}

// flatten takes joined errors apart.
func flatten(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// explain says what is wrong with a set of replicas, and where.
func explain(err error, set *scenarios.Replicas) scenarios.Problem {
	at, p := set.Place, scenarios.Problem{Message: err.Error()}
	var unknown *replicas.UnknownError
	if errors.As(err, &unknown) {
		p.Hint = "there is " + strings.Join(unknown.Known, ", ")
		p.Message = fmt.Sprintf("no set of replicas is named %q", unknown.Name)
	}
	var wrong *replicas.ParamError
	if errors.As(err, &wrong) {
		p.Message, p.Hint = fmt.Sprintf("parameter %s %q: %s", wrong.Key, wrong.Value, wrong.Reason), wrong.Hint
		for _, parameter := range set.Set {
			if parameter.Key == wrong.Key {
				at = parameter.Place
			}
		}
	}
	p.Line, p.Column = at.Line, at.Column
	return p
}
