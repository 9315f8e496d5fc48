package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"sidetrace/emulator/trace"
)

const behavioursHead = `# Behaviours

<!-- Generated from emulator/trace/behaviour.go; to change it, change the comments there and run: go generate ./docs/gen -->

A behaviour is what an analyst or a rule speaks of. It is recorded after the effect and points at the API calls that
prove it. Scenarios match behaviours by kind and fields (` + "`expect`" + `), and every report shows them under these names.

In JSON a behaviour is

    {"seq": 17, "time_ns": 1250000, "pid": 4660, "tid": 4664, "kind": "file.read", "calls": [15, 16], "fields": {…}}

with ` + "`seq`" + ` its place in the run (one numbering for calls, behaviours and gaps), ` + "`time_ns`" + ` the guest's own clock since the
start, and ` + "`calls`" + ` the numbers of the calls that prove it. Every field of a kind is always there. Addresses are guest
addresses; text comes from the guest and is not to be trusted.

`

// behaviours is docs/behaviours.md.
func behaviours(module string) ([]byte, error) {
	src := filepath.Join(module, "emulator", "trace", "behaviour.go")
	types, err := comments(src, nil)
	if err != nil {
		return nil, err
	}
	out := bytes.NewBufferString(behavioursHead)
	out.WriteString("| kind | meaning |\n|---|---|\n")
	for _, k := range trace.Payloads() {
		t, ok := types[reflect.TypeOf(k).Name()]
		if !ok || t.doc == "" {
			return nil, fmt.Errorf("%T has no comment in %s", k, src)
		}
		fmt.Fprintf(out, "| [`%s`](#%s) | %s |\n", k.Kind(), anchor(k.Kind()), cell(firstSentence(t.doc)))
	}
	for _, k := range trace.Payloads() {
		t := types[reflect.TypeOf(k).Name()]
		fmt.Fprintf(out, "\n## %s\n\n%s\n\n| field | type | meaning |\n|---|---|---|\n", k.Kind(), t.doc)
		for _, f := range fieldTypes(k) {
			fmt.Fprintf(out, "| `%s` | %s | %s |\n", f.Name, f.Type, cell(t.fields[f.Name]))
		}
	}
	return out.Bytes(), nil
}

// fieldTypes lists a kind's fields as scenarios see them.
func fieldTypes(p trace.Payload) []trace.FieldInfo {
	for _, k := range trace.Kinds() {
		if k.Kind == p.Kind() {
			return k.Fields
		}
	}
	return nil
}

// structComments is what is written about a struct type.
type structComments struct {
	doc    string            // without the type's name in front
	fields map[string]string // by JSON name
}

// comments reads the comments of the structs of a Go file; src replaces the
// file's content where it is not nil.
func comments(name string, src any) (map[string]structComments, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	types := map[string]structComments{}
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			t, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			s, ok := t.Type.(*ast.StructType)
			if !ok {
				continue
			}
			c := structComments{doc: sentence(t.Name.Name, gen.Doc.Text()), fields: map[string]string{}}
			for _, f := range s.Fields.List {
				if f.Tag == nil {
					continue
				}
				tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json")
				c.fields[tag] = strings.TrimSpace(f.Comment.Text())
			}
			types[t.Name.Name] = c
		}
	}
	return types, nil
}

// sentence turns "FileRead says that bytes were read." into "Bytes were read."
func sentence(name, doc string) string {
	doc = strings.Join(strings.Fields(doc), " ")
	doc = strings.TrimPrefix(doc, name+" ")
	for _, verb := range []string{"says that ", "is "} {
		if rest, ok := strings.CutPrefix(doc, verb); ok {
			doc = rest
			break
		}
	}
	first, size := utf8.DecodeRuneInString(doc)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + doc[size:]
}

func firstSentence(text string) string {
	if i := strings.Index(text, ". "); i >= 0 {
		return text[:i+1]
	}
	return text
}

// cell makes text safe inside a Markdown table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// anchor is what Markdown renderers make of a heading.
func anchor(heading string) string { return strings.ReplaceAll(heading, ".", "") }
