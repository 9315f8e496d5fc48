package sigma

import (
	"slices"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
)

// gate is the log sources whose events a rule sees. What one does not name may
// be anything.
type gate []telemetry.Logsource

// parts are categories that stand for several (appendix "Taxonomy").
var parts = map[string][]string{
	"registry_event": {"registry_event", "registry_add", "registry_set", "registry_delete", "registry_rename"},
}

// takes says whether the events of a source are for the rule. Our own, which
// have categories that sensors have too, are for rules that ask for them by
// product or service: else a rule would fire twice on one thing.
func (g gate) takes(s telemetry.Logsource) bool {
	fits := func(want, is string) bool { return want == "" || strings.EqualFold(want, is) }
	for _, w := range g {
		if s.Product == telemetry.Product && w.Product == "" && w.Service == "" {
			continue
		}
		if !fits(w.Product, s.Product) || !fits(w.Service, s.Service) {
			continue
		}
		if fits(w.Category, s.Category) || slices.ContainsFunc(parts[w.Category], func(c string) bool { return fits(c, s.Category) }) {
			return true
		}
	}
	return false
}

// covers says that every event of an inner gate passes this one as well.
func (g gate) covers(inner gate) bool {
	return !slices.ContainsFunc(inner, func(s telemetry.Logsource) bool { return !g.takes(s) })
}

// describeSource is a log source in one line, such as "windows/process_creation".
func describeSource(s telemetry.Logsource) string {
	words := slices.DeleteFunc([]string{s.Product, s.Category, s.Service}, func(w string) bool { return w == "" })
	if len(words) == 0 {
		return "unnamed"
	}
	return strings.Join(words, "/")
}

func (g gate) String() string {
	var out []string
	for _, s := range g {
		out = append(out, describeSource(s))
	}
	return strings.Join(out, " or ")
}

// mapping says under which names events have what rules ask for; package sigma
// tells the form of its file.
type mapping struct {
	taxonomies []string
	fields     map[string]string
	sources    []sourceMapping
}

type sourceMapping struct {
	rule   telemetry.Logsource
	events gate // nil: as it is
	fields map[string]string
}

// of says that the mapping is for a rule's log source.
func (s *sourceMapping) of(source telemetry.Logsource) bool { return gate{s.rule}.takes(source) }

func (m *mapping) knows(taxonomy string) bool { return slices.Contains(m.taxonomies, taxonomy) }

// field is the name in events of a rule's field.
func (m *mapping) field(source telemetry.Logsource, name string) string {
	for i := range m.sources {
		if to, ok := m.sources[i].fields[name]; ok && m.sources[i].of(source) {
			return to
		}
	}
	if to, ok := m.fields[name]; ok {
		return to
	}
	return name
}

// gate is what events a rule's log source means.
func (m *mapping) gate(source telemetry.Logsource) gate {
	for i := range m.sources {
		if s := &m.sources[i]; s.events != nil && s.of(source) {
			return s.events
		}
	}
	return gate{source}
}

// load adds a file.
func (m *mapping) load(name string) []detect.Problem {
	files, problems := detect.ReadFiles([]detect.Source{{Path: name}}, maxDocumentSize)
	for _, file := range files {
		docs := parseAll(file.Data)
		f := broken(nil, "a mapping is one YAML document, and this file has %d", len(docs))
		if len(docs) == 1 {
			if f = docs[0].fault; f == nil {
				f = m.read(docs[0].value)
			}
		}
		if f != nil {
			problems = append(problems, problem(f, file.Path, ""))
		}
	}
	return problems
}

func (m *mapping) read(v *value) *fault {
	if v.kind != mapValue {
		return broken(v, "the mapping is %v, not a map", v.kind)
	}
	for _, e := range v.entries {
		switch e.key {
		case "taxonomy":
			if e.value.kind != stringValue {
				return broken(e.value, "taxonomy is %v, not a string", e.value.kind)
			}
			m.taxonomies = append(m.taxonomies, e.value.text)
		case "fields":
			if f := readFields(e.value, &m.fields); f != nil {
				return f
			}
		case "logsources":
			if e.value.kind != listValue {
				return broken(e.value, "logsources is %v, not a list", e.value.kind)
			}
			for _, item := range e.value.items {
				s, f := readSource(item)
				if f != nil {
					return f
				}
				m.sources = append(m.sources, s)
			}
		default:
			return unknown(e, "taxonomy", "fields", "logsources")
		}
	}
	return nil
}

func readSource(v *value) (s sourceMapping, f *fault) {
	for _, e := range v.entries {
		switch e.key {
		case "rule":
			s.rule, f = readLogsource(e.value)
		case "events":
			items := []*value{e.value}
			if e.value.kind == listValue {
				items = e.value.items
			}
			for _, item := range items {
				one, f := readLogsource(item)
				if f != nil {
					return s, f
				}
				s.events = append(s.events, one)
			}
		case "fields":
			f = readFields(e.value, &s.fields)
		default:
			f = unknown(e, "rule", "events", "fields")
		}
		if f != nil {
			return s, f
		}
	}
	if s.rule == (telemetry.Logsource{}) {
		return s, broken(v, "an item of logsources has no rule")
	}
	return s, nil
}

func readLogsource(v *value) (s telemetry.Logsource, f *fault) {
	if v.kind != mapValue {
		return s, broken(v, "a log source is %v, not a map", v.kind)
	}
	for _, e := range v.entries {
		if e.value.kind == listValue || e.value.kind == mapValue {
			return s, broken(e.value, "%s is %v, not a string", e.key, e.value.kind)
		}
		switch e.key {
		case "category":
			s.Category = fold(e.value.text)
		case "product":
			s.Product = fold(e.value.text)
		case "service":
			s.Service = fold(e.value.text)
		default:
			return s, unknown(e, "category", "product", "service")
		}
	}
	return s, nil
}

func readFields(v *value, into *map[string]string) *fault {
	if v.kind != mapValue {
		return broken(v, "fields is %v, not a map", v.kind)
	}
	if *into == nil {
		*into = map[string]string{}
	}
	for _, e := range v.entries {
		if e.value.kind != stringValue || e.value.text == "" {
			return broken(e.value, "the name in events of %s is %v, not a string", e.key, e.value.kind)
		}
		(*into)[e.key] = e.value.text
	}
	return nil
}

func unknown(e entry, known ...string) *fault {
	return broken(e.at, "there is no key %q here", e.key).because("known are " + strings.Join(known, ", "))
}
