package sigma

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"sidetrace/harness/detect"
)

// Bounds on rules. The YAML parser descends recursively and looks over all keys
// of a mapping for each, so that size alone is no bound.
const (
	maxFileSize     = 16 << 20 // bytes
	maxDocumentSize = 1 << 20  // bytes
	maxTokens       = 20_000   // of a document
	maxDocuments    = 20_000   // of a file
	maxDepth        = 32       // of [ and {, and of - in one line
	maxIndent       = 128      // columns
)

// fault is what is wrong with a rule, and where.
type fault struct {
	severity     detect.Severity
	line, column int
	message      string
	hint         string
}

func (f *fault) Error() string { return f.message }

// broken and unsupported make the faults of a place in a rule.

func broken(v *value, format string, args ...any) *fault {
	f := &fault{severity: detect.Broken, message: fmt.Sprintf(format, args...)}
	if v != nil {
		f.line, f.column = v.line, v.column
	}
	return f
}

func unsupported(v *value, format string, args ...any) *fault {
	f := broken(v, format, args...)
	f.severity = detect.Unsupported
	return f
}

func (f *fault) because(hint string) *fault {
	f.hint = hint
	return f
}

// valueKind is the type of a value of YAML.
type valueKind uint8

const (
	nullValue valueKind = iota
	stringValue
	numberValue
	boolValue
	listValue
	mapValue
)

func (k valueKind) String() string {
	return [...]string{"null", "a string", "a number", "a truth value", "a list", "a map"}[k]
}

// value is a node of a rule's YAML.
type value struct {
	kind         valueKind
	text         string // of a scalar, as it is written
	items        []*value
	entries      []entry // in the order of the file
	line, column int
}

// entry is one key of a map.
type entry struct {
	key   string
	at    *value // place of the key
	value *value
}

// get finds a key of a map.
func (v *value) get(key string) *value {
	if v == nil {
		return nil
	}
	for _, e := range v.entries {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

// str is the text of a scalar below a key, or "".
func (v *value) str(key string) string {
	if s := v.get(key); s != nil && s.kind != listValue && s.kind != mapValue {
		return s.text
	}
	return ""
}

// list is what stands below a key as strings: a list, or one scalar.
func (v *value) list(key string) []string {
	s := v.get(key)
	switch {
	case s == nil || s.kind == nullValue || s.kind == mapValue:
		return nil
	case s.kind != listValue:
		return []string{s.text}
	}
	var out []string
	for _, item := range s.items {
		if item.kind != listValue && item.kind != mapValue {
			out = append(out, item.text)
		}
	}
	return out
}

// document is one YAML document of a file.
type document struct {
	line int // before its first
	text string
}

// split divides a file at its document markers, so that one document that is not
// YAML leaves the others.
func split(text string) []document {
	var docs []document
	var b strings.Builder
	start, line := 0, 0
	flush := func(next int) {
		if used(b.String()) {
			docs = append(docs, document{start, b.String()})
		}
		b.Reset()
		start = next
	}
	for l := range strings.Lines(text) {
		line++
		switch bare := strings.TrimRight(l, " \t\r\n"); {
		case bare == "---" || bare == "...":
			flush(line)
		case strings.HasPrefix(l, "--- "):
			flush(line - 1)
			b.WriteString("    ")
			b.WriteString(l[4:])
		default:
			b.WriteString(l)
		}
	}
	flush(line)
	return docs
}

// used says that a document holds more than comments and directives.
func used(text string) bool {
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" && l[0] != '#' && l[0] != '%' {
			return true
		}
	}
	return false
}

// read parses one document.
func (d document) read() (*value, *fault) {
	at := func(line, column int) *value { return &value{line: line + d.line, column: column} }
	switch {
	case len(d.text) > maxDocumentSize:
		return nil, broken(at(1, 1), "the rule has %d bytes, more than %d", len(d.text), maxDocumentSize)
	case !utf8.ValidString(d.text):
		return nil, broken(at(1, 1), "the rule is not UTF-8").because("save it as UTF-8")
	}
	tokens, err := tokenize(d.text)
	if err != nil {
		return nil, broken(at(1, 1), "%v", err)
	}
	if f := d.check(tokens); f != nil {
		return nil, f
	}
	file, err := parse(tokens)
	if err != nil {
		var syntax yaml.Error
		if errors.As(err, &syntax) && syntax.GetToken() != nil {
			p := syntax.GetToken().Position
			return nil, broken(at(p.Line, p.Column), "YAML: %s", syntax.GetMessage())
		}
		return nil, broken(at(1, 1), "YAML: %v", err)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, broken(at(1, 1), "the document is empty")
	}
	return d.convert(file.Docs[0].Body)
}

// tokenize and parse turn a panic of the YAML library into an error.

func tokenize(text string) (tokens token.Tokens, err error) {
	defer recovered(&err)
	return lexer.Tokenize(text), nil
}

func parse(tokens token.Tokens) (file *ast.File, err error) {
	defer recovered(&err)
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the YAML cannot be read (%v)", p)
	}
}

// check refuses what the parser must not see, and what rules have no need of.
func (d document) check(tokens token.Tokens) *fault {
	at := func(t *token.Token) *value {
		return &value{line: t.Position.Line + d.line, column: t.Position.Column}
	}
	if len(tokens) > maxTokens {
		return broken(at(tokens[maxTokens]), "the rule has more than %d YAML tokens", maxTokens)
	}
	depth, entries, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, entries = t.Position.Line, 0
			if t.Position.Column > maxIndent && depth == 0 {
				return broken(at(t), "indented by more than %d columns", maxIndent)
			}
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth = max(depth-1, 0)
		case token.SequenceEntryType:
			entries++
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			return unsupported(at(t), "YAML anchors, aliases and merge keys").because("repeat the value; put it in quotes if it starts with & or *")
		case token.TagType:
			return unsupported(at(t), "YAML tags").because("put the value in quotes if it starts with !")
		case token.MappingKeyType:
			return unsupported(at(t), "complex keys of YAML").because("put the key in quotes if it starts with ?")
		case token.InvalidType:
			return broken(at(t), "YAML: %s", t.Error)
		}
		if depth > maxDepth || entries > maxDepth {
			return broken(at(t), "nested more than %d deep", maxDepth)
		}
	}
	return nil
}

// convert takes over the library's tree.
func (d document) convert(n ast.Node) (*value, *fault) {
	v := &value{line: d.line + 1, column: 1}
	if n == nil {
		return v, nil
	}
	if t := n.GetToken(); t != nil {
		v.line, v.column, v.text = t.Position.Line+d.line, t.Position.Column, t.Value
	}
	switch n := n.(type) {
	case *ast.NullNode:
		v.text = ""
	case *ast.StringNode:
		v.kind, v.text = stringValue, n.Value
	case *ast.LiteralNode:
		v.kind, v.text = stringValue, n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode:
		v.kind = numberValue
	case *ast.InfinityNode, *ast.NanNode:
		v.kind = stringValue
	case *ast.BoolNode:
		v.kind = boolValue
	case *ast.SequenceNode:
		v.kind = listValue
		for _, item := range n.Values {
			child, f := d.convert(item)
			if f != nil {
				return nil, f
			}
			v.items = append(v.items, child)
		}
	case *ast.MappingNode:
		return v, d.fill(v, n.Values)
	case *ast.MappingValueNode:
		return v, d.fill(v, []*ast.MappingValueNode{n})
	default:
		return nil, unsupported(v, "YAML: a %v", n.Type())
	}
	return v, nil
}

// fill converts the entries of a map.
func (d document) fill(v *value, entries []*ast.MappingValueNode) *fault {
	v.kind, v.text = mapValue, ""
	seen := make(map[string]int, len(entries))
	for i, e := range entries {
		key, f := d.convert(e.Key)
		if f != nil {
			return f
		}
		if key.kind == listValue || key.kind == mapValue {
			return broken(key, "a key is %v", key.kind)
		}
		if i == 0 {
			v.line, v.column = key.line, key.column
		}
		if line, ok := seen[key.text]; ok {
			return broken(key, "%q is given a second time, after line %d", key.text, line).
				because("of two keys of one name most tools see only the last")
		}
		seen[key.text] = key.line
		child, f := d.convert(e.Value)
		if f != nil {
			return f
		}
		if child.kind == nullValue {
			child.line, child.column = key.line, key.column
		}
		v.entries = append(v.entries, entry{key.text, key, child})
	}
	return nil
}
