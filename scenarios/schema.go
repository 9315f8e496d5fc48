package scenarios

//go:generate go test -run "TestSchemaIsFresh|TestReadmeIsFresh" -update .

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/scenarios/match"
)

// schema is a JSON Schema, or a part of one.
type schema map[string]any

// Schema is the JSON Schema of a scenario's file, made from the tables the
// parser works with and from the fields of the behaviours. It serves editors;
// the parser checks more.
func Schema() []byte {
	r := &reader{}
	root := objectOf(r.scenarioKeys(&Scenario{}))
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "sidetrace scenario"
	defs := valueTypes()
	for kind, options := range map[string]schema{
		"step":  {"save_as": matching(namePattern), "stage": matching(idPattern), "why": stringSchema()},
		"never": {"why": stringSchema()},
		"count": {"exactly": integerSchema(), "min": integerSchema(), "max": integerSchema()},
	} {
		properties := schema{}
		for _, k := range trace.Kinds() {
			properties[k.Kind] = conditionsSchema(k.Fields, options)
		}
		defs[kind] = schema{
			"type": "object", "minProperties": 1, "maxProperties": 1,
			"properties": properties, "additionalProperties": false,
		}
	}
	root["$defs"] = defs
	expect := root["properties"].(schema)["expect"].(schema)
	expect["minProperties"] = 1
	console := conditionsSchema(consoleFields(), nil)
	for name, s := range console["properties"].(schema) {
		expect["properties"].(schema)[name] = s
	}
	expect["patternProperties"] = console["patternProperties"]

	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(root); err != nil {
		panic(err) // a schema holds only maps, lists and strings
	}
	return out.Bytes()
}

func objectOf(keys []key) schema {
	properties, required := schema{}, []string{}
	for _, k := range keys {
		s := schema{"description": k.doc}
		for name, v := range k.schema {
			s[name] = v
		}
		properties[k.name] = s
		if k.required {
			required = append(required, k.name)
		}
	}
	out := schema{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// conditionsSchema describes conditions on fields, with options beside them.
func conditionsSchema(fields []trace.FieldInfo, options schema) schema {
	properties, patterns := schema{}, schema{}
	for name, s := range options {
		properties[name] = s
	}
	byType := map[trace.FieldType][]string{}
	for _, f := range fields {
		if f.Type != match.Bytes {
			properties[f.Name] = valueOf(f.Type)
		}
		byType[f.Type] = append(byType[f.Type], f.Name)
	}
	for t, names := range byType {
		modifiers := slices.DeleteFunc(match.ModifiersOf(t), func(m string) bool { return m == "exists" })
		prefix := `^(` + strings.Join(names, "|") + `)`
		patterns[prefix+`(\|(`+strings.Join(modifiers, "|")+`))+$`] = valueOf(t)
		if len(modifiers) < len(match.ModifiersOf(t)) {
			patterns[prefix+`\|exists$`] = schema{"type": "boolean"}
		}
	}
	return schema{"type": "object", "properties": properties, "patternProperties": patterns, "additionalProperties": false}
}

// valueTypes are the schemas of a condition's value, by the field's type.
func valueTypes() schema {
	types := schema{}
	for t, words := range map[trace.FieldType][]string{
		trace.String: {"string", "null"}, trace.Strings: {"string", "null"}, match.Bytes: {"string"},
		trace.Integer: {"integer"}, trace.Number: {"number"}, trace.Boolean: {"boolean"},
	} {
		one := schema{"type": words}
		types[string(t)] = either(one, schema{"type": "array", "items": one, "minItems": 1})
	}
	return types
}

func valueOf(t trace.FieldType) schema { return schema{"$ref": "#/$defs/" + string(t)} }

func behaviourList(def string) schema {
	return schema{"type": "array", "items": schema{"$ref": "#/$defs/" + def}}
}

func stringSchema() schema           { return schema{"type": "string"} }
func integerSchema() schema          { return schema{"type": "integer"} }
func scalarSchema() schema           { return schema{"type": []string{"string", "number", "boolean"}} }
func matching(pattern string) schema { return schema{"type": "string", "pattern": pattern} }
func oneOf(words []string) schema    { return schema{"enum": words} }
func listOf(item schema) schema      { return schema{"type": "array", "items": item} }
func mapOf(value schema) schema      { return schema{"type": "object", "additionalProperties": value} }
func either(choices ...schema) schema {
	return schema{"anyOf": choices}
}

func (r *reader) replicasSchema() schema { return objectOf(r.replicaKeys(&Replicas{})) }

func gapsSchema() schema { return either(schema{"const": "allow"}, listOf(stringSchema())) }

func callsSchema() schema {
	return listOf(either(stringSchema(), objectOf((&reader{}).callKeys(&Call{}))))
}

func registrySchema() schema {
	return either(schema{"type": []string{"string", "null"}}, objectOf(registryKeys(nil, nil)))
}

func webSchema() schema {
	answer := either(stringSchema(), objectOf((&reader{}).webKeys(&WebAnswer{}, &Scenario{})))
	return either(answer, listOf(answer))
}
