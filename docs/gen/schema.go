package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"sidetrace/emulator/trace"
	"sidetrace/reports"
)

// object is a JSON object; encoding/json sorts its keys.
type object = map[string]any

// reportSchema is reports/schema.json: the JSON form of a suite, derived from
// the types that are written, with their comments as descriptions.
func reportSchema(module string) ([]byte, error) {
	s := schema{
		comments: map[string]structComments{},
		values:   map[string][]string{},
		defs:     object{},
	}
	for _, name := range []string{"reports/model.go", "reports/detection.go", "reports/detections.go", "emulator/trace/trace.go", "emulator/trace/behaviour.go"} {
		name = filepath.Join(module, filepath.FromSlash(name))
		types, err := comments(name, nil)
		if err != nil {
			return nil, err
		}
		maps.Copy(s.comments, types)
		values, err := constants(name, nil)
		if err != nil {
			return nil, err
		}
		maps.Copy(s.values, values)
	}
	root := s.of(reflect.TypeFor[reports.Suite]())
	s.of(reflect.TypeFor[reports.Run]()) // also the form of a single traced run
	text, err := json.MarshalIndent(object{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"$id":         fmt.Sprintf("sidetrace-report-%d.json", reports.SchemaVersion),
		"$comment":    "Generated from the types of package reports; to change it, change them and run: go generate ./docs/gen",
		"title":       "sidetrace report",
		"description": "Fields may be added without a new version; a removed field, or one of a new meaning, raises schema_version.",
		"$ref":        root["$ref"],
		"$defs":       s.defs,
	}, "", "  ")
	return append(text, '\n'), err
}

// schema collects the definitions of the types it is asked for.
type schema struct {
	comments map[string]structComments // by type name
	values   map[string][]string       // constants by type name
	defs     object
}

// of describes a type. Structs become definitions, described once.
func (s *schema) of(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case reflect.TypeFor[trace.Behaviour]():
		s.behaviour()
		return reference("Behaviour")
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Struct:
		if _, ok := s.defs[t.Name()]; !ok {
			s.defs[t.Name()] = object{} // a type may hold itself
			s.defs[t.Name()] = s.structure(t)
		}
		return reference(t.Name())
	case reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.String:
		if values := s.values[t.Name()]; len(values) > 0 {
			return object{"type": "string", "enum": values}
		}
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return object{"type": "integer", "minimum": 0}
	default:
		return object{"type": "integer"}
	}
}

// structure describes a struct: fields without omitempty are required.
func (s *schema) structure(t reflect.Type) object {
	properties, required := object{}, []string{}
	for _, f := range reflect.VisibleFields(t) { // those of an embedded struct stand beside the others
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || f.Anonymous {
			continue
		}
		p := s.of(f.Type)
		if text := s.comments[declaring(t, f)].fields[name]; text != "" {
			p["description"] = text
		}
		if f.Type == reflect.TypeFor[[]string]() && option == "" {
			p["type"] = []string{"array", "null"} // a behaviour's list that was never filled
		}
		properties[name] = p
		if option == "" {
			required = append(required, name)
		}
	}
	d := object{"type": "object", "properties": properties, "required": required}
	if text := s.comments[t.Name()].doc; text != "" {
		d["description"] = text
	}
	return d
}

// declaring is the struct whose declaration a field stands in: t, or one that it
// embeds.
func declaring(t reflect.Type, f reflect.StructField) string {
	for _, i := range f.Index[:len(f.Index)-1] {
		t = t.Field(i).Type
	}
	return t.Name()
}

// behaviour describes the envelope and, by its kind, the fields inside.
func (s *schema) behaviour() {
	var kinds []string
	var choices []object
	for _, p := range trace.Payloads() {
		kinds = append(kinds, p.Kind())
		choices = append(choices, object{
			"if":   object{"properties": object{"kind": object{"const": p.Kind()}}},
			"then": object{"properties": object{"fields": s.of(reflect.TypeOf(p))}},
		})
	}
	number := object{"type": "integer", "minimum": 0}
	s.defs["Behaviour"] = object{
		"type":        "object",
		"description": "One thing the guest did.",
		"properties": object{
			"seq":     object{"type": "integer", "minimum": 1, "description": "position in the run, shared with calls and gaps"},
			"time_ns": object{"type": "integer", "minimum": 0, "description": "virtual, since the start"},
			"pid":     number,
			"tid":     number,
			"kind":    object{"enum": kinds},
			"calls":   object{"type": "array", "items": number, "description": "sequence numbers of the calls that prove it"},
			"fields":  object{"type": "object"},
		},
		"required": []string{"seq", "time_ns", "pid", "tid", "kind", "fields"},
		"allOf":    choices,
	}
}

func reference(name string) object { return object{"$ref": "#/$defs/" + name} }

// constants reads the string constants of a Go file by their type; src
// replaces the file's content where it is not nil.
func constants(name string, src any) (map[string][]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
	if err != nil {
		return nil, err
	}
	values := map[string][]string{}
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		for _, spec := range gen.Specs {
			v := spec.(*ast.ValueSpec)
			typ, ok := v.Type.(*ast.Ident)
			if !ok || len(v.Values) == 0 {
				continue
			}
			lit, ok := v.Values[0].(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				continue
			}
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				return nil, err
			}
			values[typ.Name] = append(values[typ.Name], text)
		}
	}
	for _, list := range values {
		slices.Sort(list)
	}
	return values, nil
}
