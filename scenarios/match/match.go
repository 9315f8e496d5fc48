// Package match implements conditions on the fields of behaviours, in the
// grammar that Sigma rules use for the fields of log events:
//
//	url|startswith: https://raw.githubusercontent.com/
//	path|endswith: ['\ffmpeg.dll', '\libEGL.dll']   # a list holds if one of its values does
//	headers|contains|all: [__tutma, __tutmc]        # with all, if every one does
//	size|gte: 0x1000
//	side_loaded: false
//	signer: null                                     # empty
//
// The rules are:
//
//   - Text is compared without regard to case; the modifier cased compares it
//     exactly. * stands for any text, ? for one character; \* \? and \\ are
//     the characters themselves, and any other backslash is just that, so that
//     Windows paths are written as they are.
//   - The modifiers contains, startswith and endswith look for the value, with
//     its wildcards, anywhere, at the start, at the end.
//   - re searches for a regular expression in RE2 syntax, case-sensitively;
//     i, m and s behind it set the flags of that name. Wildcards and cased do
//     not apply.
//   - lt, lte, gt and gte compare numbers.
//   - exists: true holds if the field is not empty, null if it is. Numbers and
//     booleans are never empty, so that both are refused for them.
//   - neq negates the whole condition: with a list, none of its values may
//     match (with all: not every one).
//   - A field that is itself a list satisfies a value if one of its items does.
//
// Everything is checked against the field's type when a condition is compiled,
// and nothing can fail when it is applied. The package is not a Sigma engine:
// it has no detection expressions, log sources or placeholders.
package match

import (
	"fmt"
	"slices"
	"strings"

	"sidetrace/emulator/trace"
)

// Bytes is the type of a field that holds binary data. It exists for
// artifacts; no behaviour has such a field. Its modifiers are contains,
// startswith and endswith, with hex for values in hexadecimal and wide for
// text as UTF-16LE; it is compared exactly and has no wildcards.
const Bytes trace.FieldType = "bytes"

// Condition is one compiled condition.
type Condition struct {
	Field string
	Key   string // the field with its modifiers
	Want  string // the value as YAML, on one line, safe to print
	Text  string // both: "url|contains: /icon"

	value    any // of a plain equality
	isPlain  bool
	fieldPos int // in the list of fields it was compiled for
	holds    func(value any) bool
}

// Holds reports whether a field's value, as [trace.Fields] or an equal list
// gives it, satisfies the condition.
func (c *Condition) Holds(value any) bool { return c.holds(value) }

// Equals is the value the field must be equal to, where the condition says
// just that: one value, no wildcard, no modifier except cased.
func (c *Condition) Equals() (value any, ok bool) { return c.value, c.isPlain }

// Set is what a behaviour must be: its kind, and conditions that must all
// hold.
type Set struct {
	Kind       string
	Conditions []*Condition
}

// Match reports whether a behaviour is of the set's kind and satisfies all
// conditions.
func (s *Set) Match(p trace.Payload) bool {
	if p.Kind() != s.Kind {
		return false
	}
	if len(s.Conditions) == 0 {
		return true
	}
	fields := trace.Fields(p)
	for _, c := range s.Conditions {
		if !c.holds(fields[c.fieldPos].Value) {
			return false
		}
	}
	return true
}

// Misses lists the conditions that a behaviour of the set's kind does not
// satisfy.
func (s *Set) Misses(p trace.Payload) []*Condition {
	fields := trace.Fields(p)
	var missed []*Condition
	for _, c := range s.Conditions {
		if !c.holds(fields[c.fieldPos].Value) {
			missed = append(missed, c)
		}
	}
	return missed
}

// String is the set on one line: "http.request {method: GET, url|contains: /icon}".
func (s *Set) String() string {
	if len(s.Conditions) == 0 {
		return s.Kind
	}
	texts := make([]string, len(s.Conditions))
	for i, c := range s.Conditions {
		texts[i] = c.Text
	}
	return s.Kind + " {" + strings.Join(texts, ", ") + "}"
}

// Error says why a condition does not compile.
type Error struct {
	Message string
	Hint    string // what can be done; may be empty
}

func (e *Error) Error() string { return e.Message }

func errorf(hint, format string, args ...any) *Error {
	return &Error{fmt.Sprintf(format, args...), hint}
}

// Compile compiles a condition on one of the fields of owner (a behaviour
// kind, for messages). The key is the field with its modifiers, the value is
// what the YAML file holds: a string, bool, int64, uint64, float64, nil, or a
// list of these. An error is of type [*Error].
func Compile(owner string, fields []trace.FieldInfo, key string, value any) (*Condition, error) {
	parts := strings.Split(key, "|")
	pos := slices.IndexFunc(fields, func(f trace.FieldInfo) bool { return f.Name == parts[0] })
	if pos < 0 {
		return nil, unknownField(owner, fields, parts[0])
	}
	m, err := parseModifiers(parts[1:])
	if err != nil {
		return nil, err
	}
	values, isList := value.([]any)
	if !isList {
		values = []any{value}
	}
	field := fields[pos]
	if err := m.check(field, values, isList); err != nil {
		return nil, err
	}
	c := &Condition{Field: field.Name, Key: key, Want: valueText(value), fieldPos: pos}
	c.Text = c.Key + ": " + c.Want

	tests := make([]test, len(values))
	for i, v := range values {
		if tests[i], err = m.compile(field, v); err != nil {
			return nil, err
		}
	}
	c.holds = combine(tests, m.has("all"), m.has("neq"))
	if len(values) == 1 && m.onlyCased() && values[0] != nil {
		c.value, c.isPlain = values[0], true
		if s, ok := values[0].(string); ok {
			c.value, c.isPlain = parsePattern(s).literal()
		}
	}
	return c, nil
}

func unknownField(owner string, fields []trace.FieldInfo, name string) *Error {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	hint := "its fields are " + strings.Join(names, ", ")
	if near := Closest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return errorf(hint, "%s has no field %q", owner, name)
}

// A test is one value of a condition, applied to the value of a field.
type test func(any) bool

func combine(tests []test, all, negate bool) func(any) bool {
	return func(v any) bool {
		held := all
		for _, t := range tests {
			if t(v) != all {
				held = !all
				break
			}
		}
		return held != negate
	}
}
