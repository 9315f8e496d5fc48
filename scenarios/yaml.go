package scenarios

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
)

// Bounds on a scenario's file. The YAML parser descends recursively and looks
// over all keys of a mapping for each, so that size alone is no bound.
const (
	MaxFileSize = 1 << 20 // bytes
	maxTokens   = 20_000
	maxDepth    = 32  // of [ and {, and of - in one line
	maxIndent   = 128 // columns
)

// document parses YAML of one document without anchors, aliases, tags and
// complex keys, which scenarios have no need of, and returns its root. It is
// nil if there is nothing to read.
func (r *reader) document(data []byte) ast.Node {
	switch {
	case len(data) > MaxFileSize:
		r.problem(nil, "", "the file has %d bytes, more than %d", len(data), MaxFileSize)
		return nil
	case !utf8.Valid(data):
		r.problem(nil, "save it as UTF-8", "the file is not UTF-8")
		return nil
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	tokens, err := tokenize(text)
	if err != nil {
		r.problem(nil, "", "%v", err)
		return nil
	}
	if !r.checkTokens(tokens) {
		return nil
	}
	file, err := parse(tokens)
	if err != nil {
		var syntax yaml.Error
		if errors.As(err, &syntax) {
			r.problem(syntax.GetToken(), "", "YAML: %s", syntax.GetMessage())
		} else {
			r.problem(nil, "", "YAML: %v", err)
		}
		return nil
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		if len(file.Docs) > 1 {
			r.problem(file.Docs[1].Start, "one file holds one scenario", "a second YAML document")
		} else {
			r.problem(nil, "", "the file is empty")
		}
		return nil
	}
	return file.Docs[0].Body
}

// tokenize and parse turn a panic of the YAML library into an error.

func tokenize(text string) (tokens token.Tokens, err error) {
	defer recovered(&err)
	return lexer.Tokenize(text), nil
}

func parse(tokens token.Tokens) (file *ast.File, err error) {
	defer recovered(&err)
	// Repeated keys are reported with all other problems, not alone.
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the YAML cannot be read (%v)", p)
	}
}

// checkTokens refuses what the parser must not see.
func (r *reader) checkTokens(tokens token.Tokens) bool {
	if len(tokens) > maxTokens {
		r.problem(tokens[maxTokens], "", "the file has more than %d YAML tokens", maxTokens)
		return false
	}
	depth, entries, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, entries = t.Position.Line, 0
			if t.Position.Column > maxIndent && depth == 0 {
				r.problem(t, "", "indented by more than %d columns", maxIndent)
				return false
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
			r.problem(t, "repeat the value", "anchors, aliases and merge keys are not supported")
			return false
		case token.TagType:
			r.problem(t, "put the value in quotes if it starts with !", "YAML tags are not supported")
			return false
		case token.MappingKeyType:
			r.problem(t, "put the key in quotes if it starts with ?", "complex keys are not supported")
			return false
		case token.DirectiveType:
			r.problem(t, "", "YAML directives are not supported")
			return false
		case token.InvalidType:
			r.problem(t, "", "YAML: %s", t.Error)
			return false
		}
		if depth > maxDepth || entries > maxDepth {
			r.problem(t, "", "nested more than %d deep", maxDepth)
			return false
		}
	}
	return true
}
