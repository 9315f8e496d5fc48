package match

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"

	"sidetrace/emulator/trace"
)

// Modifiers lists the modifiers there are.
func Modifiers() []string {
	return []string{
		"contains", "startswith", "endswith", "re", "i", "m", "s", "cased", "all", "neq",
		"lt", "lte", "gt", "gte", "exists", "hex", "wide",
	}
}

type modifiers []string

func (m modifiers) has(name string) bool { return slices.Contains(m, name) }

func (m modifiers) onlyCased() bool { return len(m) == 0 || len(m) == 1 && m[0] == "cased" }

// operator is the modifier that says how to compare; "" for equality.
func (m modifiers) operator() string {
	for _, name := range m {
		switch name {
		case "contains", "startswith", "endswith", "re", "lt", "lte", "gt", "gte", "exists":
			return name
		}
	}
	return ""
}

func parseModifiers(names []string) (modifiers, error) {
	operator := ""
	for i, name := range names {
		if !slices.Contains(Modifiers(), name) {
			hint := "the modifiers are " + strings.Join(Modifiers(), ", ")
			if near := Closest(name, Modifiers()); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			if name == "not" {
				hint = `did you mean "neq"?`
			}
			return nil, errorf(hint, "unknown modifier %q", name)
		}
		if slices.Contains(names[:i], name) {
			return nil, errorf("", "modifier %q stands twice", name)
		}
		if op := (modifiers{name}).operator(); op != "" {
			if operator != "" {
				return nil, errorf("", "modifiers %q and %q exclude each other", operator, op)
			}
			operator = op
		}
	}
	m := modifiers(names)
	for _, flag := range []string{"i", "m", "s"} {
		if m.has(flag) && operator != "re" {
			return nil, errorf("", "modifier %q belongs behind re", flag)
		}
	}
	if m.has("cased") && operator == "re" {
		return nil, errorf("a regular expression is case-sensitive unless re|i", "modifier cased does not apply to re")
	}
	return m, nil
}

// ModifiersOf lists the modifiers that apply to a type of field.
func ModifiersOf(t trace.FieldType) []string {
	switch t {
	case trace.String, trace.Strings:
		return []string{"contains", "startswith", "endswith", "re", "i", "m", "s", "cased", "all", "neq", "exists"}
	case trace.Integer, trace.Number:
		return []string{"lt", "lte", "gt", "gte", "neq"}
	case Bytes:
		return []string{"contains", "startswith", "endswith", "hex", "wide", "all", "neq"}
	default:
		return []string{"neq"}
	}
}

func (m modifiers) check(field trace.FieldInfo, values []any, isList bool) error {
	for _, name := range m {
		if !slices.Contains(ModifiersOf(field.Type), name) {
			return errorf("it takes "+strings.Join(ModifiersOf(field.Type), ", "),
				"modifier %q does not apply to %s, which is %s", name, field.Name, article(field.Type))
		}
	}
	switch {
	case len(values) == 0:
		return errorf("use null for an empty field", "%s has an empty list of values, which nothing satisfies", field.Name)
	case m.has("all") && len(values) < 2:
		return errorf("give several values or drop all", "modifier all needs a list of at least two values")
	case m.has("exists") && (isList || len(m) > 1):
		return errorf("", "exists stands alone and takes true or false")
	case field.Type == Bytes && m.operator() == "":
		return errorf("use sha256 to compare the whole", "%s needs contains, startswith or endswith", field.Name)
	case m.has("hex") && m.has("wide"):
		return errorf("", `modifiers "hex" and "wide" exclude each other`)
	}
	return nil
}

func article(t trace.FieldType) string {
	switch t {
	case trace.Integer:
		return "an integer"
	case trace.Strings:
		return "a list of strings"
	case Bytes:
		return "binary data"
	default:
		return "a " + string(t)
	}
}

// compile makes the test of one value.
func (m modifiers) compile(field trace.FieldInfo, value any) (test, error) {
	if m.has("exists") {
		want, ok := value.(bool)
		if !ok {
			return nil, typeError(field.Name+"|exists", trace.Boolean, value)
		}
		return func(v any) bool { return empty(v) != want }, nil
	}
	switch field.Type {
	case trace.String, trace.Strings:
		return m.compileText(field, value)
	case trace.Integer, trace.Number:
		return m.compileNumber(field, value)
	case Bytes:
		return m.compileBytes(field, value)
	default:
		want, ok := value.(bool)
		if !ok {
			return nil, typeError(field.Name, field.Type, value)
		}
		return func(v any) bool { return v == want }, nil
	}
}

func empty(v any) bool {
	switch v := v.(type) {
	case string:
		return v == ""
	case []string:
		return len(v) == 0
	default:
		return false
	}
}

const maxRegexp = 4096 // characters

func (m modifiers) compileText(field trace.FieldInfo, value any) (test, error) {
	if value == nil {
		if m.operator() != "" {
			return nil, errorf("", "null takes no modifier %q", m.operator())
		}
		return empty, nil
	}
	s, ok := value.(string)
	if !ok {
		return nil, typeError(field.Name, field.Type, value)
	}
	var one func(string) bool
	if m.has("re") {
		flags := ""
		for _, f := range []string{"i", "m", "s"} {
			if m.has(f) {
				flags += f
			}
		}
		if flags != "" {
			s = "(?" + flags + ")" + s
		}
		if len(s) > maxRegexp {
			return nil, errorf("", "the regular expression is longer than %d characters", maxRegexp)
		}
		re, err := regexp.Compile(s)
		if err != nil {
			return nil, errorf("the syntax is that of RE2: no look-around, no back references", "%s: %v", field.Name, err)
		}
		one = re.MatchString
	} else {
		p := parsePattern(s).around(m.operator())
		if m.has("cased") {
			one = p.match
		} else {
			p = p.lower()
			one = func(s string) bool { return p.match(strings.ToLower(s)) }
		}
	}
	return func(v any) bool {
		switch v := v.(type) {
		case string:
			return one(v)
		case []string:
			return slices.ContainsFunc(v, one)
		default:
			return false
		}
	}, nil
}

func (m modifiers) compileNumber(field trace.FieldInfo, value any) (test, error) {
	want, ok := toNumber(value)
	if !ok || want.isFloat && field.Type == trace.Integer {
		return nil, typeError(field.Name, field.Type, value)
	}
	var accept func(order int) bool
	switch m.operator() {
	case "lt":
		accept = func(o int) bool { return o < 0 }
	case "lte":
		accept = func(o int) bool { return o <= 0 }
	case "gt":
		accept = func(o int) bool { return o > 0 }
	case "gte":
		accept = func(o int) bool { return o >= 0 }
	default:
		accept = func(o int) bool { return o == 0 }
	}
	return func(v any) bool {
		got, ok := toNumber(v)
		return ok && accept(got.compare(want))
	}, nil
}

func (m modifiers) compileBytes(field trace.FieldInfo, value any) (test, error) {
	s, ok := value.(string)
	if !ok {
		return nil, typeError(field.Name, trace.String, value)
	}
	want := []byte(s)
	switch {
	case m.has("hex"):
		var err error
		if want, err = hex.DecodeString(strings.ReplaceAll(s, " ", "")); err != nil {
			return nil, errorf("pairs of digits, blanks between them allowed", "%s: %q is not hexadecimal", field.Name, s)
		}
	case m.has("wide"):
		want = want[:0]
		for _, u := range utf16.Encode([]rune(s)) {
			want = append(want, byte(u), byte(u>>8))
		}
	}
	if len(want) == 0 {
		return nil, errorf("", "%s: an empty value is in everything", field.Name)
	}
	find := bytes.Contains
	switch m.operator() {
	case "startswith":
		find = bytes.HasPrefix
	case "endswith":
		find = bytes.HasSuffix
	}
	return func(v any) bool {
		data, ok := v.([]byte)
		return ok && find(data, want)
	}, nil
}

func typeError(name string, want trace.FieldType, value any) *Error {
	got, hint := fmt.Sprintf("%T", value), ""
	switch value.(type) {
	case nil:
		got = "null"
		if want != trace.String {
			hint = "it is never empty"
		}
	case string:
		got = "a string"
		if want != trace.String {
			hint = "write it without quotes"
		}
	case bool:
		got = "a boolean"
	case int64, uint64:
		got = "an integer"
	case float64:
		got = "a number"
	case []any:
		got = "a list in a list"
	}
	if (want == trace.String || want == trace.Strings) && hint == "" && value != nil {
		hint = "put it in quotes"
	}
	return errorf(hint, "%s is %s, not %s", name, article(want), got)
}
