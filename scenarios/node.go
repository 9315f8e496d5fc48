package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"sidetrace/scenarios/match"
)

// reader walks the nodes of one file and collects what is wrong.
type reader struct {
	file     string
	app      string // what {app} stands for
	problems []Problem
}

// maxProblems bounds what one file can report.
const maxProblems = 50

func (r *reader) problem(at *token.Token, hint, format string, args ...any) {
	p := Problem{File: r.file, Message: fmt.Sprintf(format, args...), Hint: hint}
	if at != nil && at.Position != nil {
		p.Line, p.Column = at.Position.Line, at.Position.Column
	}
	r.add(p)
}

func (r *reader) add(p Problem) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, p)
	}
}

// entry is one key of a mapping with its value.
type entry struct {
	key   string
	at    *token.Token // of the key
	value ast.Node
}

// entries lists a mapping. A repeated key is reported and left out.
func (r *reader) entries(n ast.Node, what string) []entry {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		r.wrongType(n, what, "a mapping of keys to values", "")
		return nil
	}
	seen := map[string]int{}
	var out []entry
	for _, v := range values {
		at := v.Key.GetToken()
		key := at.Value
		if line, ok := seen[key]; ok {
			r.problem(at, fmt.Sprintf("it stands first on line %d", line), "key %q stands twice in %s", key, what)
			continue
		}
		seen[key] = at.Position.Line
		out = append(out, entry{key, at, v.Value})
	}
	return out
}

// foldedEntries lists a mapping whose keys are the same in any case.
func (r *reader) foldedEntries(n ast.Node, what string) []entry {
	first := map[string]entry{}
	return slices.DeleteFunc(r.entries(n, what), func(e entry) bool {
		folded := strings.ToLower(e.key)
		other, twice := first[folded]
		if twice {
			r.problem(e.at, fmt.Sprintf("it stands first on line %d; case does not matter here", other.at.Position.Line), "key %q stands twice in %s, as %q", e.key, what, other.key)
		} else {
			first[folded] = e
		}
		return twice
	})
}

// key is one key that an object of the scenario file may have. The tables of
// keys are what the parser accepts and what the JSON Schema says.
type key struct {
	name     string
	doc      string
	required bool
	schema   schema
	read     func(n ast.Node)
}

// object reads a mapping whose keys are all known. Values are read in the
// order of the table. It returns the keys that were there.
func (r *reader) object(n ast.Node, what string, keys []key) map[string]*token.Token {
	entries := r.entries(n, what)
	if entries == nil && !isMapping(n) {
		return nil
	}
	byName := make(map[string]entry, len(entries))
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	for _, e := range entries {
		byName[e.key] = e
	}
	present := map[string]*token.Token{}
	for _, k := range keys {
		e, ok := byName[k.name]
		switch {
		case ok:
			present[k.name] = e.at
			k.read(e.value)
		case k.required:
			r.problem(place(n), k.doc, "%s has no %q", what, k.name)
		}
	}
	for _, e := range entries {
		if _, ok := present[e.key]; !ok {
			hint := "its keys are " + strings.Join(names, ", ")
			if near := match.Closest(e.key, names); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			r.problem(e.at, hint, "%s has no key %q", what, e.key)
		}
	}
	return present
}

func isMapping(n ast.Node) bool {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return true
	}
	return false
}

func isNull(n ast.Node) bool {
	_, ok := n.(*ast.NullNode)
	return ok || n == nil
}

// items lists a sequence.
func (r *reader) items(n ast.Node, what string) []ast.Node {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		r.wrongType(n, what, "a list", "write [ ] around it")
		return nil
	}
	return s.Values
}

// place is where a node starts. The YAML library counts a block mapping from
// its first colon.
func place(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return n.Values[0].Key.GetToken()
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return n.GetToken()
}

// position is where a node starts, for what is found wrong later.
func position(n ast.Node) Place {
	at := place(n).Position
	return Place{at.Line, at.Column}
}

// text reads a string that is not empty.
func (r *reader) text(n ast.Node, what string) (string, bool) {
	s, ok := r.anyText(n, what)
	if ok && strings.TrimSpace(s) == "" {
		r.problem(place(n), "", "%s is empty", what)
		return "", false
	}
	return s, ok
}

// anyText reads a string.
func (r *reader) anyText(n ast.Node, what string) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	hint := "put it in quotes"
	if _, scalar := n.(ast.ScalarNode); !scalar || isNull(n) {
		hint = ""
	}
	r.wrongType(n, what, "a string", hint)
	return "", false
}

// scalar reads a value of any type as text.
func (r *reader) scalar(n ast.Node, what string) (string, bool) {
	v, ok := n.(ast.ScalarNode)
	if !ok || isNull(n) {
		r.wrongType(n, what, "a value", "")
		return "", false
	}
	if i, ok := n.(*ast.IntegerNode); ok {
		return i.Token.Value, true // 0x10 stays as written
	}
	return fmt.Sprint(v.GetValue()), true
}

// texts reads a list of strings that are not empty.
func (r *reader) texts(n ast.Node, what string) []string {
	var out []string
	for _, item := range r.items(n, what) {
		if s, ok := r.text(item, "an entry of "+what); ok {
			out = append(out, s)
		}
	}
	return out
}

// unsigned reads an integer from 0 to most.
func (r *reader) unsigned(n ast.Node, what string, most uint64) (uint64, bool) {
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		r.wrongType(n, what, "an integer", "")
		return 0, false
	}
	var v uint64
	switch value := i.Value.(type) {
	case uint64:
		v = value
	case int64:
		ok = value >= 0
		v = uint64(value)
	}
	if !ok || v > most {
		r.problem(place(n), "", "%s must lie between 0 and %d", what, most)
		return 0, false
	}
	return v, true
}

func (r *reader) wrongType(n ast.Node, what, want, hint string) {
	if n == nil {
		r.problem(nil, hint, "%s must be %s", what, want)
		return
	}
	r.problem(place(n), hint, "%s must be %s, not %s", what, want, typeName(n))
}

func typeName(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode, *ast.LiteralNode:
		return "a string"
	case *ast.IntegerNode:
		return "an integer"
	case *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "a boolean"
	case *ast.NullNode:
		return "empty"
	default:
		return strings.ToLower(n.Type().String())
	}
}

// value is a node as package match takes it; {app} is replaced in text.
func (r *reader) value(n ast.Node) (any, bool) {
	switch n := n.(type) {
	case *ast.NullNode:
		return nil, true
	case *ast.StringNode:
		return r.expand(n.Value), true
	case *ast.LiteralNode:
		return r.expand(n.Value.Value), true
	case *ast.BoolNode:
		return n.Value, true
	case *ast.IntegerNode:
		return n.Value, true
	case *ast.FloatNode:
		return n.Value, true
	case *ast.SequenceNode:
		list := make([]any, 0, len(n.Values))
		for _, item := range n.Values {
			v, ok := r.value(item)
			if !ok {
				return nil, false
			}
			list = append(list, v)
		}
		return list, true
	default:
		r.wrongType(n, "the value of a condition", "a value or a list of values", "")
		return nil, false
	}
}

func (r *reader) expand(s string) string { return strings.ReplaceAll(s, "{app}", r.app) }
