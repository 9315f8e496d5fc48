package sigma

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
)

// event makes an event of names and values in turn.
func event(source string, pairs ...any) *telemetry.Event {
	e := &telemetry.Event{Time: time.Date(2023, 3, 22, 9, 0, 0, 0, time.UTC)}
	parts := strings.Split(source, "/")
	e.Source = telemetry.Logsource{Product: parts[0], Category: parts[1], Service: parts[2]}
	for i := 0; i < len(pairs); i += 2 {
		f := telemetry.Field{Name: pairs[i].(string)}
		switch v := pairs[i+1].(type) {
		case string:
			f.Value = telemetry.Text(v)
		case int:
			f.Value = telemetry.Int(int64(v))
		case float64:
			f.Value = telemetry.Real(v)
		case bool:
			f.Value = telemetry.Bool(v)
		}
		e.Fields = append(e.Fields, f)
	}
	return e
}

const processCreation = "windows/process_creation/sysmon"

// rule wraps the body of a detection.
func rule(detection string) string {
	return "title: test\nlogsource:\n    category: process_creation\ndetection:\n" + indent(detection, "    ")
}

func indent(s, by string) string {
	var b strings.Builder
	for l := range strings.Lines(s) {
		b.WriteString(by + l)
	}
	return b.String() + "\n"
}

// mustParse compiles a rule without any problem but warnings.
func mustParse(t *testing.T, text string, opt Options) *Rule {
	t.Helper()
	r, problems := Parse([]byte(text), opt)
	if r == nil {
		t.Fatalf("%v\n%s", problems, text)
	}
	return r
}

var placeholders = map[string][]string{"Servers": {"srv*", "dc01"}, "one": {"x"}}

// TestItems: one item of a selection against one event each.
func TestItems(t *testing.T) {
	tests := []struct {
		item string // of YAML
		yes  []any  // values of field F that match; nil is null
		no   []any
	}{
		{`F: 'Foo'`, []any{"foo", "FOO"}, []any{"foo ", "xfoo", "", nil}},
		{`F: 'Straße'`, []any{"straße", "STRAßE"}, []any{"strasse"}},
		{`F: 'fo?'`, []any{"foo", "FOX", "foé"}, []any{"fo", "fooo"}},
		{`F: 'f*o'`, []any{"fo", "foo", "fxxo"}, []any{"foox", "o"}},
		{`F: '*'`, []any{"", "x", 3}, []any{nil}},
		{`F: 'a*b*c'`, []any{"abc", "a1b2c", "abbcc"}, []any{"ab", "acb", "abcx"}},
		{`F: 'a?c*'`, []any{"abc", "abcd"}, []any{"ac", "xabc"}},
		{`F: '*?c'`, []any{"bc", "abc"}, []any{"c", "cb"}},
		// Specification, section "Escaping".
		{`F: 'a\b'`, []any{`a\b`}, []any{`ab`, `a\\b`}},
		{`F: 'a\\b'`, []any{`a\b`}, []any{`a\\b`}},
		{`F: 'a\*b'`, []any{`a*b`}, []any{`a\b`, `axb`}},
		{`F: 'a\?b'`, []any{`a?b`}, []any{`axb`}},
		{`F: 'a\\*b'`, []any{`a\b`, `a\xb`}, []any{`a*b`, `axb`}},
		{`F: 'a\\\*b'`, []any{`a\*b`}, []any{`a\xb`, `a*b`}},
		{`F: 'a\\\b'`, []any{`a\\b`}, []any{`a\b`}},
		{`F: 'a\\\\b'`, []any{`a\\b`}, []any{`a\b`, `a\\\\b`}},
		{`F: 'C:\Windows\*'`, []any{`C:\Windows*`}, []any{`c:\windows\x`}},
		{`F: 'C:\Windows\\*'`, []any{`c:\windows\x`}, []any{`c:\windows`}},

		{`F|startswith: 'ab'`, []any{"ab", "ABc"}, []any{"xab", "a"}},
		{`F|endswith: '\x.exe'`, []any{`C:\X.EXE`}, []any{`x.exe`, `\x.exe `}},
		{`F|contains: 'b?d'`, []any{"abcde"}, []any{"abd"}},
		{`F|contains: ['x', 'y']`, []any{"axb", "ayb"}, []any{"ab"}},
		{`F|contains|all: ['x', 'y']`, []any{"yx"}, []any{"x", "y"}},
		{`F|all: ['*x*', '*y*']`, []any{"xy"}, []any{"x"}},
		{`F|contains: 12`, []any{"a12b", 4125}, []any{"1 2"}},
		{`F|cased: 'Foo'`, []any{"Foo"}, []any{"foo"}},
		{`F|contains|cased: 'F?o'`, []any{"xFoo"}, []any{"xfoo"}},
		{`F|startswith|cased: 'Fo'`, []any{"Foo"}, []any{"foo"}},

		{`F: null`, []any{nil}, []any{"", 0, "null"}},
		{`F: ''`, []any{""}, []any{nil, " "}},
		{`F: [null, '']`, []any{nil, ""}, []any{"x"}},
		{`F: 4625`, []any{4625, "4625", 4625.0}, []any{46250, "04x625", true}},
		{`F: '4625'`, []any{4625, "4625"}, []any{46250}},
		{`F: -1.5`, []any{-1.5, "-1.5", "-1.50"}, []any{1.5, "x"}},
		{`F: 0x17`, []any{23, "0x17"}, []any{17}},
		{`F: 9007199254740993`, []any{9007199254740993}, []any{9007199254740992}},
		{`F: true`, []any{true, "True"}, []any{false, 1}},
		{`F|neq: 'x'`, []any{"y", "", nil}, []any{"X"}},
		{`F|neq: ['x', 'y']`, []any{"z"}, []any{"x", "y"}},
		{`F|neq: 3`, []any{4, "x"}, []any{3, "3"}},
		{`F|contains|neq: 'x'`, []any{"y"}, []any{"axb"}},
		{`F|exists: true`, []any{"", "x", nil}, nil},
		{`F|exists: false`, nil, []any{"", nil}},

		{`F|lt: 5`, []any{4, "4", 4.9, -1}, []any{5, "x", nil, ""}},
		{`F|lte: 5`, []any{5}, []any{6}},
		{`F|gt: 5`, []any{6, "1e3"}, []any{5, "0x10"}},
		{`F|gte: 5.5`, []any{5.5, 6}, []any{5}},
		{`F|minute: 4`, []any{"2023-03-29 14:04:59.000"}, []any{"2023-03-29 14:05:00", "2023-03-29", "14:04"}},
		{`F|hour: 14`, []any{"2023-03-29 14:04:59.000", "2023-03-29T14:00:00Z"}, []any{"2023-03-29 15:00:00"}},
		{`F|day: 29`, []any{"2023-03-29"}, []any{"2023-03-28"}},
		{`F|week: 13`, []any{"2023-03-29"}, []any{"2023-04-03"}},
		{`F|month: 3`, []any{"2023-03-29"}, []any{"2023-13-29", 3}},
		{`F|year: 2023`, []any{"2023-03-29T00:00:00"}, []any{"2022-12-31"}},
		{`F|hour|gte: 22`, []any{"2023-03-29 23:00:00"}, []any{"2023-03-29 21:59:59"}},

		{`F|cidr: 10.0.0.0/8`, []any{"10.255.0.1", "::ffff:10.0.0.1"}, []any{"11.0.0.1", "10", "x"}},
		{`F|cidr: 'fd00::/8'`, []any{"fd12::1"}, []any{"fe80::1", "10.0.0.1"}},
		{`F|cidr: '192.168.1.7'`, []any{"192.168.1.7"}, []any{"192.168.1.8"}},
		{`F|cidr|neq: ['10.0.0.0/8', '127.0.0.0/8']`, []any{"8.8.8.8"}, []any{"127.0.0.1"}},

		{`F|re: 'fo+$'`, []any{"foo", "xfoo"}, []any{"Foo", "foox"}},
		{`F|re|i: 'fo+$'`, []any{"FOO"}, []any{"f"}},
		{`F|re: '^a.b$'`, []any{"axb"}, []any{"a\nb", "\naxb"}},
		{`F|re|s: '^a.b$'`, []any{"a\nb"}, nil},
		{`F|re|m: '^a$'`, []any{"x\na\nb"}, []any{"xa"}},
		{`F|re|i|m: '^a$'`, []any{"x\nA\nb"}, nil},
		{`F|re|startswith: 'a|b'`, []any{"bx"}, []any{"xb"}},
		{`F|re|endswith: 'a|b'`, []any{"xb"}, []any{"bx"}},
		{`F|re: '\\[a-z]{2}\.exe'`, []any{`c:\ab.exe`}, []any{`c:\abc.exe`}},
		{`F|re|i: 'ſK'`, []any{"sk", "SK", "ſ\u212a"}, []any{"s"}},

		{`F|windash|contains: ' -e '`, []any{"x -e y", "x /e y", "x \u2013e y", "x \u2014e y", "x \u2015E y"}, []any{"x e y", "x +e y"}},
		{`F|contains|windash: [' -a', ' -b']`, []any{"x /b"}, []any{"x b"}},
		{`F|contains|all|windash: [' -a', ' /b']`, []any{"x /a -b"}, []any{"x /a"}},
		{`F|windash: 'x -a -b'`, []any{"x /a \u2015b", "x -a -b"}, []any{"x a b"}},
		{`F|windash|contains: 'a-b'`, []any{"a-b"}, []any{"a/b"}},
		{`F|windash|endswith: ' -x*z'`, []any{"q /xyz"}, []any{"q /xy"}},

		{`F|base64: 'foobar'`, []any{"Zm9vYmFy"}, []any{"Zm9vYmF"}},
		{`F|base64|contains: 'foobar'`, []any{"xxZm9vYmFyxx", "ZM9VYMFY"}, []any{"foobar"}},
		{`F|base64|contains|cased: 'foobar'`, []any{"xZm9vYmFy"}, []any{"ZM9VYMFY"}},
		// The encodings of "x/bin/bash", "xx/bin/bash" and "/bin/bash…", from coreutils' base64.
		{`F|base64offset|contains: '/bin/bash'`, []any{"eC9iaW4vYmFzaHg=", "eHgvYmluL2Jhc2h4", "L2Jpbi9iYXNoeA=="}, []any{"L2Jpbi9i"}},
		{`F|wide|base64offset|contains: 'ping'`, []any{"cABpAG4AZwA=", "IHAAaQBuAGcA"}, []any{"cGluZw=="}},
		{`F|utf16le: 'cmd'`, []any{"c\x00m\x00d\x00"}, []any{"cmd"}},
		{`F|utf16be: 'cmd'`, []any{"\x00c\x00m\x00d"}, []any{"cmd"}},
		{`F|utf16: 'cmd'`, []any{"\xff\xfec\x00m\x00d\x00"}, []any{"c\x00m\x00d\x00"}},
		{`F|utf16|base64: 'cmd'`, []any{"//5jAG0AZAA="}, []any{"YwBtAGQA"}},
		{`F|windash|base64: ' -a'`, []any{"IC1h", "IC9h"}, []any{"IGE="}},

		{`F|expand: '%Servers%'`, []any{"srv7", "DC01"}, []any{"dc02", "%Servers%"}},
		{`F|contains|expand: 'a%one%b'`, []any{"zaxbz"}, []any{"ab"}},
		{`F|expand: '\%plain%one%'`, []any{"%plainx"}, []any{"x"}},
		{`F|expand|contains|all: ['%one%', 'y']`, nil, nil},
		{`F: '%Servers%'`, []any{"%servers%"}, []any{"dc01"}},
		{`F|fieldref: G`, []any{"Gee"}, []any{"g", ""}},
		{`F|fieldref|startswith: G`, []any{"geese"}, []any{"g", "xgee"}},
		{`F|fieldref|endswith: G`, []any{"xGEE"}, []any{"geex"}},
		{`F|fieldref|contains: G`, []any{"xgeex"}, []any{"ge"}},
		{`F|fieldref|neq: G`, []any{"x"}, []any{"GEE"}},
		{`F|fieldref|cased: G`, []any{"gee"}, []any{"Gee"}},
		{`F|fieldref: Missing`, nil, []any{"", "x"}},
	}
	for _, test := range tests {
		t.Run(test.item, func(t *testing.T) {
			r, problems := Parse([]byte(rule("selection:\n    "+test.item+"\ncondition: selection\n")), Options{Placeholders: placeholders})
			if test.yes == nil && test.no == nil {
				if r != nil {
					t.Error("the rule is accepted")
				}
				return
			}
			if r == nil {
				t.Fatal(problems)
			}
			try := func(v any, want bool) {
				if got := r.Match(event(processCreation, "A", "a", "F", v, "G", "gee")); got != want {
					t.Errorf("%q: got %v, want %v", v, got, want)
				}
			}
			for _, v := range test.yes {
				try(v, true)
			}
			for _, v := range test.no {
				try(v, false)
			}
		})
	}
}

// TestSelections: what whole detections make of events.
func TestSelections(t *testing.T) {
	ab := event(processCreation, "A", "a", "B", "b", "L", "x", "L", "y", "Threat Name", "Evil Tool -x")
	tests := []struct {
		name, detection string
		want            bool
	}{
		{"map is and", "s: {A: a, B: b}\ncondition: s", true},
		{"map is and, one misses", "s: {A: a, B: c}\ncondition: s", false},
		{"list of maps is or", "s: [{A: x}, {B: b}]\ncondition: s", true},
		{"map in a list is and", "s: [{A: a, B: x}, {A: x, B: b}]\ncondition: s", false},
		{"keywords are or", "s: [nothing, 'tool -']\ncondition: s", true},
		{"keywords with all", "s: {'|all': [evil, '-x']}\ncondition: s", true},
		{"keywords with all, one misses", "s: {'|all': [evil, '-y']}\ncondition: s", false},
		{"keyword with wildcard", "s: ['ev?l*-x']\ncondition: s", true},
		{"keyword by regular expression", "s: {'|re': 'Tool -[xyz]$'}\ncondition: s", true},
		{"one keyword", "s: evil\ncondition: s", true},
		{"keywords and maps in one list", "s: [nothing, {A: a}]\ncondition: s", true},
		{"keyword is no name of a field", "s: [Threat]\ncondition: s", false},
		{"name with a space", "s: {'Threat Name|contains': evil}\ncondition: s", true},
		{"list in an event, any value", "s: {L: y}\ncondition: s", true},
		{"list in an event, all", "s: {'L|all': [x, y]}\ncondition: s", true},
		{"list in an event, neq is of all values", "s: {'L|neq': y}\ncondition: s", false},
		{"absent field is null", "s: {Z: null}\ncondition: s", true},
		{"absent field does not exist", "s: {'Z|exists': false}\ncondition: s", true},
		{"absent field is different", "s: {'Z|neq': x}\ncondition: s", true},
		{"names are compared as written", "s: {a: a}\ncondition: s", false},
		{"and binds more than or", "t: {A: a}\nf: {A: x}\ncondition: t or f and f", true},
		{"not binds more than and", "t: {A: a}\nf: {A: x}\ncondition: not f and t", true},
		{"brackets", "t: {A: a}\nf: {A: x}\ncondition: (t or f) and f", false},
		{"double not", "t: {A: a}\ncondition: not not t", true},
		{"capitals", "t: {A: a}\nf: {A: x}\ncondition: t AND NOT f", true},
		{"1 of them", "t: {A: a}\nf: {A: x}\ncondition: 1 of them", true},
		{"all of them", "t: {A: a}\nf: {A: x}\ncondition: all of them", false},
		{"them leaves out _", "t: {A: a}\n_f: {A: x}\ncondition: all of them", true},
		{"_ by its name", "_t: {A: a}\ncondition: _t", true},
		{"any of pattern", "sel_t: {A: a}\nsel_f: {A: x}\nz: {A: x}\ncondition: any of sel_*", true},
		{"all of pattern", "sel_t: {A: a}\nsel_f: {A: x}\ncondition: all of sel_*", false},
		{"pattern in the middle", "sel_t_1: {A: a}\nsel_f_2: {A: x}\ncondition: all of sel_*_1", true},
		{"not 1 of", "sel: {A: a}\nfilter_a: {A: x}\nfilter_b: {B: x}\ncondition: sel and not 1 of filter_*", true},
		{"not 1 of, one holds", "sel: {A: a}\nfilter_a: {A: x}\nfilter_b: {B: b}\ncondition: sel and not 1 of filter_*", false},
		{"conditions in a list are or", "t: {A: a}\nf: {A: x}\ncondition: [f, t]", true},
		{"identifier with -", "sel-a: {A: a}\ncondition: sel-a", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := mustParse(t, rule(test.detection), Options{}).Match(ab); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

// TestRefused: what is not accepted, why, and on which line.
func TestRefused(t *testing.T) {
	item := func(s string) string { return rule("selection:\n    " + s + "\ncondition: selection") }
	tests := []struct {
		text, want string // of the first problem: severity, line, message and hint
	}{
		{item("F|contians: x"), `broken 6: there is no modifier "contians"; did you mean contains?`},
		{item("F|: x"), `broken 6: a | without a modifier behind it`},
		{item("F|contains|contains: x"), `broken 6: modifier contains stands twice`},
		{item("F|contains|startswith: x"), `broken 6: modifiers contains and startswith do not go together`},
		{item("F|contains|base64: x"), `broken 6: modifier base64 comes after contains; modifiers are applied in their order: write base64|contains`},
		{item("F|base64|windash: x"), `broken 6: modifier windash comes after base64; modifiers are applied in their order: write windash|base64`},
		{item("F|wide|utf16be: x"), `broken 6: modifiers wide and utf16be do not go together`},
		{item("F|re|cidr: x"), `broken 6: modifiers re and cidr do not go together`},
		{item("F|re|cased: x"), `broken 6: modifiers re and cased do not go together`},
		{item("F|i: x"), `broken 6: modifier i does not stand behind re`},
		{item("F|contains|re: x"), `broken 6: modifier re comes after contains; modifiers are applied in their order: write re|contains`},
		{item("F|exists|all: true"), `broken 6: modifiers exists and all do not go together`},
		{item("F|exists: yes"), `broken 6: exists is true or false, and this is 'yes'`},
		{item("F|lt: x"), `broken 6: a number is needed here, and this is 'x'`},
		{item("F|lt|contains: 3"), `broken 6: modifiers lt and contains do not go together`},
		{item("F|gte|hour: 3"), `broken 6: modifier hour comes after gte; modifiers are applied in their order: write hour|gte`},
		{item("F|cidr: 10.0.0.0/33"), `broken 6: "10.0.0.0/33" is no network; such as 10.0.0.0/8 or fd00::/8`},
		{item("F|contains: null"), `broken 6: null is compared as a whole, without modifiers`},
		{item("F|base64: 'a*'"), `broken 6: base64: a value with wildcards cannot be encoded; write \* or \? for the characters themselves`},
		{item("F|windash|base64: ' -a -b -c -d -e'"), `unsupported 6: more than 4 dashes of windash in a value that is encoded`},
		{item("F|re: 'a(?=b)'"), `unsupported 6: the regular expression uses look-around, which RE2 does not have; Sigma's own subset of PCRE has no look-around either: use a second selection`},
		{item(`F|re: '(a)\1'`), `unsupported 6: the regular expression uses back references, which RE2 does not have; Sigma's own subset of PCRE has no back references either: use a second selection`},
		{item(`F|re: 'a++'`), `unsupported 6: the regular expression uses possessive quantifiers, which RE2 does not have; Sigma's own subset of PCRE has no possessive quantifiers either: use a second selection`},
		{item(`F|re: 'a('`), "broken 6: the regular expression: missing closing ): `a(`"},
		{item(`F|re: '(x{1000}){1000}'`), "unsupported 6: the regular expression repeats more than 1000 times, or is too large: {1000}"},
		{item("F|re: '" + strings.Repeat("[a-z]{900}", 12) + "'"), "unsupported 6: the regular expression is too large once its repetitions are written out"},
		{item("F|expand: '%nobody%'"), `unsupported 6: placeholder %nobody% has no values here; give a value to the variable nobody`},
		{item("F|expand: 'x'"), `broken 6: expand is given no placeholder; such as %Servers%`},
		{item("F: []"), `broken 6: F has no value`},
		{item("F: {}"), `broken 6: F: a map where a value is expected`},
		{item("F: [[x]]"), `broken 6: a value is a list`},
		{item("'|exists': true"), `broken 6: exists needs a field before it`},
		{item("F: x\n    F: y"), `broken 7: "F" is given a second time, after line 6; of two keys of one name most tools see only the last`},
		{item("F: &a x"), `unsupported 6: YAML anchors, aliases and merge keys; repeat the value; put it in quotes if it starts with & or *`},
		{item("F: *a"), `unsupported 6: YAML anchors, aliases and merge keys; repeat the value; put it in quotes if it starts with & or *`},
		{item("F: " + strings.Repeat("[", 5000)), `broken 6: nested more than 32 deep`},
		{item("F: 'x"), `broken 6: YAML: could not find end character of single-quoted text`},

		{rule("s: {A: a}\ncondition: s | count() > 5"), `unsupported 6: the condition has a | of Sigma 1; aggregations are correlation rules since Sigma 2`},
		{rule("s: {A: a}\ncondition: s and"), `broken 6: the condition ends where a search identifier is expected`},
		{rule("s: {A: a}\ncondition: (s"), `broken 6: the condition lacks a closing bracket`},
		{rule("s: {A: a}\ncondition: s s"), `broken 6: the condition has "s" where and, or, or its end is expected`},
		{rule("s: {A: a}\ncondition: s)"), `broken 6: the condition has ")" where and, or, or its end is expected`},
		{rule("selection: {A: a}\ncondition: selction"), `broken 6: the condition names "selction", which is not defined; did you mean selection?`},
		{rule("s: {A: a}\ncondition: 2 of them"), `unsupported 6: "2" of: Sigma has 1, any and all`},
		{rule("s: {A: a}\ncondition: 1 of x*"), `broken 6: the condition's "1 of x*" fits no search identifier`},
		{rule("s: {A: a}\ncondition: ''"), `broken 6: the condition is empty`},
		{rule("s: {A: a}\ncondition: " + strings.Repeat("(", 200)), `broken 6: the condition has more than 100 brackets in each other`},
		{rule("s: {A: a}"), `broken 5: detection has no condition`},
		{rule("s:\ncondition: s"), `broken 5: s is empty`},
		{rule("s: [[a]]\ncondition: s"), `broken 5: s: a list in a list`},
		{rule("s: {A: a}\ntimeframe: 5m\ncondition: s"), `unsupported 6: timeframe is of Sigma 1; a timespan belongs to a correlation rule`},

		{"detection: {s: {A: a}, condition: s}\nlogsource: {product: windows}", `broken 1: the rule has no title`},
		{"title: t\ndetection: {s: {A: a}, condition: s}", `broken 1: the rule has no logsource`},
		{"title: t\nlogsource: {}\ndetection: {s: {A: a}, condition: s}", `broken 2: logsource has neither category nor product nor service`},
		{"title: t\nlogsource: {product: windows}", `broken 1: this is no Sigma rule: it has neither detection nor correlation nor filter`},
		{"- a\n- b", `broken 1: the rule is a list, not a map`},
		{"title: t\ntaxonomy: ours\nlogsource: {product: windows}\ndetection: {s: {A: a}, condition: s}", `unsupported 2: taxonomy "ours"; map it by a file that says taxonomy: ours`},
		{"action: global\ntitle: t\n---\ndetection: {s: {A: a}, condition: s}", `unsupported 1: action: global is of Sigma 1; write each rule out`},
		{"title: \xff", `broken 1: the rule is not UTF-8; save it as UTF-8`},
		{"title: t\n---\ntitle: u\n", `broken 1: this is no Sigma rule: it has neither detection nor correlation nor filter`},
	}
	for _, test := range tests {
		name := test.want
		t.Run(name, func(t *testing.T) {
			r, problems := Parse([]byte(test.text), Options{})
			if r != nil || len(problems) == 0 {
				t.Fatalf("accepted:\n%s", test.text)
			}
			if got := line(problems[0]); got != test.want {
				t.Errorf("got  %s\nwant %s\n%s", got, test.want, test.text)
			}
		})
	}
}

// line is a problem in one line.
func line(p detect.Problem) string {
	s := fmt.Sprintf("%s %d: %s", p.Severity, p.Line, p.Message)
	if p.Hint != "" {
		s += "; " + p.Hint
	}
	return s
}

// TestWarnings: rules that run, and may not do what their author thinks.
func TestWarnings(t *testing.T) {
	tests := []struct{ detection, want string }{
		{"s: {'A|all': a}\ncondition: s", `warning 5: A|all: "all" with a single value changes nothing`},
		{"s: {'A|base64offset': abc}\ncondition: s", `warning 5: A|base64offset: base64offset without contains compares with the whole field`},
		{"s: {A: a}\nt: {A: a}\ncondition: s", `warning 6: the condition does not use "t"`},
	}
	for _, test := range tests {
		r, problems := Parse([]byte(rule(test.detection)), Options{})
		if r == nil || len(problems) != 1 || line(problems[0]) != test.want {
			t.Errorf("got %v, want %s", problems, test.want)
		}
	}
}

// TestLogsource: which rules see which events.
func TestLogsource(t *testing.T) {
	tests := []struct {
		logsource, event string
		want             bool
	}{
		{"{product: windows, category: process_creation}", processCreation, true},
		{"{category: process_creation}", processCreation, true},
		{"{product: linux, category: process_creation}", processCreation, false},
		{"{product: windows, service: sysmon}", processCreation, true},
		{"{product: windows, service: security}", processCreation, false},
		{"{product: windows}", processCreation, true},
		{"{product: Windows}", processCreation, true},
		{"{product: windows, category: registry_event}", "windows/registry_set/sysmon", true},
		{"{product: windows, category: registry_event}", "windows/registry_rename/sysmon", true},
		{"{product: windows, category: registry_set}", "windows/registry_add/sysmon", false},
		{"{product: windows, category: registry_event}", processCreation, false},
		{"{category: proxy}", "/proxy/", true},
		{"{category: proxy, product: squid}", "/proxy/", false},
		{"{category: webserver}", "/proxy/", false},
	}
	for _, test := range tests {
		r := mustParse(t, "title: t\nlogsource: "+test.logsource+"\ndetection: {s: {A: a}, condition: s}\n", Options{})
		if got := r.Match(event(test.event, "A", "a")); got != test.want {
			t.Errorf("%s for %s: got %v", test.logsource, test.event, got)
		}
	}
}

// TestDerived: fields that rules name and sensors write elsewhere.
func TestDerived(t *testing.T) {
	e := event(processCreation, "Hashes", "MD5=AA,SHA256=BB,IMPHASH=CC")
	e.ID, e.Channel, e.Provider, e.Computer = 4688, "Security", "Audit", "HOST"
	for item, want := range map[string]bool{
		"EventID: 4688": true, "EventID: '4688'": true, "EventID: 1": false, "Channel: security": true, "Provider_Name: audit": true, "Computer: host": true, "ComputerName: host": true, "EventID|gt: 4000": true,
		"md5: aa": true, "sha256: bb": true, "Imphash: cc": true, "sha1: aa": false, "Hashes|contains: 'MD5=AA'": true,
	} {
		if got := mustParse(t, rule("s: {'"+strings.Replace(item, ":", "':", 1)+"}\ncondition: s"), Options{}).Match(e); got != want {
			t.Errorf("%s: got %v", item, got)
		}
	}
	e.Fields = append(e.Fields, telemetry.Field{Name: "EventID", Value: telemetry.Int(7)})
	if !mustParse(t, rule("s: {EventID: 7}\ncondition: s"), Options{}).Match(e) {
		t.Error("a field of the event goes before its header")
	}
	p := event("/proxy/", "cs-host", "a.test")
	if !mustParse(t, "title: t\nlogsource: {category: proxy}\ndetection: {s: {r-dns: a.test}, condition: s}", Options{}).Match(p) {
		t.Error("r-dns is cs-host")
	}
}
