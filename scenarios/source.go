package scenarios

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// MaxSourceSize is how many bytes a file that a scenario refers to may have.
const MaxSourceSize = 64 << 20

// Source says where the bytes of a guest file or of a web answer come from.
// The zero Source is empty content.
type Source struct {
	Place
	Replica string // name of a file of the scenario's set of replicas
	Path    string // slash-separated path below the scenario's folder
	Data    []byte // the bytes themselves, if neither of the above
}

// String is the source as people call it: "replica:ffmpeg.dll", "icon.ico" or
// "12 bytes".
func (s Source) String() string {
	switch {
	case s.Replica != "":
		return "replica:" + s.Replica
	case s.Path != "":
		return s.Path
	default:
		return fmt.Sprintf("%d bytes", len(s.Data))
	}
}

// source reads a source: replica:NAME, text:…, hex:…, base64:…, or a relative
// path.
func (r *reader) source(n ast.Node, what string, s *Scenario) (Source, bool) {
	text, ok := r.text(n, what)
	if !ok {
		return Source{}, false
	}
	src := Source{Place: position(n)}
	scheme, rest, found := strings.Cut(text, ":")
	var err error
	hint := ""
	switch {
	case found && scheme == "replica":
		src.Replica = rest
		if s.Replicas == nil {
			err, hint = errors.New("the scenario has no replicas"), "add the key replicas with the name of a set"
		}
	case found && scheme == "text":
		src.Data = []byte(rest)
	case found && scheme == "hex":
		src.Data, err = hex.DecodeString(strings.Join(strings.Fields(rest), ""))
	case found && scheme == "base64":
		src.Data, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(rest), ""))
	case path.IsAbs(text) || strings.Contains(text, `\`) || path.Clean(text) != text || text == ".." || strings.HasPrefix(text, "../"):
		err, hint = fmt.Errorf("%q is not a plain path below the scenario's folder", text), "sources are files beside the scenario, replica:NAME, text:…, hex:… or base64:…"
	default:
		src.Path = text
	}
	if err != nil {
		r.problem(place(n), hint, "%s: %v", what, err)
		return Source{}, false
	}
	return src, true
}

// Read gives the bytes of a source. Replicas are the files of the scenario's
// set. A path cannot leave the scenario's folder, not even by a symbolic link,
// and must name a regular file of at most [MaxSourceSize] bytes.
//
// An error is of type [*Error].
func (s *Scenario) Read(src Source, replicas map[string][]byte) ([]byte, error) {
	data, err := s.read(src, replicas)
	if err != nil {
		return nil, &Error{[]Problem{{File: s.File, Line: src.Line, Column: src.Column, Message: src.String() + ": " + err.Error(), Hint: hintFor(err)}}}
	}
	return data, nil
}

func (s *Scenario) read(src Source, replicas map[string][]byte) ([]byte, error) {
	switch {
	case src.Replica != "":
		if data, ok := replicas[src.Replica]; ok {
			return data, nil
		}
		return nil, errors.New("the set of replicas has no such file")
	case src.Path == "":
		return src.Data, nil
	}
	root, err := os.OpenRoot(s.Dir)
	if err != nil {
		return nil, plainError(err)
	}
	defer root.Close()
	info, err := root.Stat(src.Path) // before opening, which would wait for a pipe
	if err != nil {
		return nil, plainError(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	f, err := root.Open(src.Path)
	if err != nil {
		return nil, plainError(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSourceSize+1))
	if err == nil && len(data) > MaxSourceSize {
		err = fmt.Errorf("more than %d MiB", MaxSourceSize>>20)
	}
	return data, err
}

// plainError drops the path, which the message has already.
func plainError(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func hintFor(err error) string {
	if errors.Is(err, os.ErrNotExist) {
		return "sources are relative to the scenario's folder"
	}
	return ""
}
