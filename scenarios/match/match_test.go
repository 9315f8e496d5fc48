package match_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/trace"
	"sidetrace/scenarios/match"
)

func fields() []trace.FieldInfo {
	return []trace.FieldInfo{
		{Name: "path", Type: trace.String},
		{Name: "size", Type: trace.Integer},
		{Name: "entropy", Type: trace.Number},
		{Name: "signed", Type: trace.Boolean},
		{Name: "results", Type: trace.Strings},
		{Name: "content", Type: match.Bytes},
	}
}

type list = []any

// TestHolds has for each modifier a value that satisfies it and one that just
// does not.
func TestHolds(t *testing.T) {
	const dll = `C:\App\ffmpeg.dll`
	tests := []struct {
		key   string
		value any
		yes   any
		no    any
	}{
		{"path", `c:\app\FFMPEG.dll`, dll, dll + "x"},
		{"path|cased", dll, dll, `C:\app\ffmpeg.dll`},
		{"path", `*\ffmpeg.dll`, dll, `C:\App\xffmpeg.dll`},
		{"path", `C:\App\ffmpe?.dll`, dll, `C:\App\ffmpegg.dll`},
		{"path", `*ff*.d*l`, dll, `C:\App\fmpeg.dxx`},
		{"path", `a\*b`, "a*b", "axb"},
		{"path", `a\?b`, "a?b", "axb"},
		{"path", `a\\*`, `a\x`, "ax"},
		{"path", `\\\\host\share`, `\\host\share`, `\host\share`},
		{"path", `a\`, `a\`, "a"},
		{"path", list{"a", "b"}, "B", "c"},
		{"path", nil, "", "x"},
		{"path|exists", true, "x", ""},
		{"path|exists", false, "", "x"},
		{"path|contains", `\APP\`, dll, `C:\Apple\ffmpeg.dll`},
		{"path|contains", `p*f`, dll, `C:\App\x.dll`},
		{"path|contains|cased", "App", dll, "C:\\APP\\a"},
		{"path|contains", list{"x1", "ffm"}, dll, "none"},
		{"path|contains|all", list{"app", "ffm"}, dll, `C:\App\x.dll`},
		{"path|startswith", `c:\app`, dll, `D:\App`},
		{"path|endswith", `\ffmpeg.dll`, dll, `C:\App\ffmpeg.dll.bak`},
		{"path|re", `ffm\w+\.dll$`, dll, `C:\App\FFMPEG.DLL`},
		{"path|re|i", `FFM\w+\.DLL$`, dll, `C:\App\ff.dll`},
		{"path|re|s", `a.b`, "a\nb", "ab"},
		{"path|re|m", `^b$`, "a\nb", "ab"},
		{"path|neq", "a", "b", "A"},
		{"path|neq", list{"a", "b"}, "c", "b"},
		{"path|contains|neq", "a", "b", "xax"},
		{"path|contains|all|neq", list{"a", "b"}, "a", "ba"},
		{"path|neq", nil, "x", ""},
		{"path", "straße", "STRAßE", "strasse"},
		{"size", int64(16), uint64(16), uint64(17)},
		{"size", int64(-1), int64(-1), uint64(1<<64 - 1)},
		{"size", uint64(1<<64 - 1), uint64(1<<64 - 1), int64(-1)},
		{"size", list{int64(1), int64(2)}, int64(2), int64(3)},
		{"size|neq", int64(1), int64(2), int64(1)},
		{"size|lt", int64(5), int64(4), int64(5)},
		{"size|lte", int64(5), int64(5), int64(6)},
		{"size|gt", int64(-2), int64(-1), int64(-2)},
		{"size|gte", int64(5), int64(5), int64(4)},
		{"entropy|gt", 7.5, 7.6, 7.5},
		{"entropy|gte", int64(7), 7.0, 6.9},
		{"signed", true, true, false},
		{"signed|neq", true, false, true},
		{"results", "192.0.2.1", []string{"192.0.2.2", "192.0.2.1"}, []string{"192.0.2.2"}},
		{"results|startswith|all", list{"a", "b"}, []string{"ax", "bx"}, []string{"ab"}},
		{"results", nil, []string{}, []string{"x"}},
		{"results|neq", "a", []string{"b"}, []string{"b", "a"}},
		{"content|contains", "PE", []byte("xPEx"), []byte("xpex")},
		{"content|startswith|hex", "4d 5a", []byte("MZ"), []byte("xMZ")},
		{"content|endswith|wide", "ab", []byte("xa\x00b\x00"), []byte("ab")},
		{"content|contains|neq", "a", []byte("b"), []byte("a")},
	}
	for _, tt := range tests {
		c, err := match.Compile("test", fields(), tt.key, tt.value)
		if err != nil {
			t.Errorf("%s: %v: %v", tt.key, tt.value, err)
			continue
		}
		if !c.Holds(tt.yes) {
			t.Errorf("%s does not hold for %q", c.Text, tt.yes)
		}
		if c.Holds(tt.no) {
			t.Errorf("%s holds for %q", c.Text, tt.no)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	tests := []struct {
		key   string
		value any
		want  match.Error
	}{
		{"paht", "x", match.Error{Message: `file.read has no field "paht"`, Hint: `did you mean "path"?`}},
		{"zzz", "x", match.Error{Message: `file.read has no field "zzz"`, Hint: "its fields are path, size, entropy, signed, results, content"}},
		{"path|contain", "x", match.Error{Message: `unknown modifier "contain"`, Hint: `did you mean "contains"?`}},
		{"path|not", "x", match.Error{Message: `unknown modifier "not"`, Hint: `did you mean "neq"?`}},
		{"path|contains|endswith", "x", match.Error{Message: `modifiers "contains" and "endswith" exclude each other`}},
		{"path|cased|cased", "x", match.Error{Message: `modifier "cased" stands twice`}},
		{"path|i", "x", match.Error{Message: `modifier "i" belongs behind re`}},
		{"path|re|cased", "x", match.Error{Message: "modifier cased does not apply to re", Hint: "a regular expression is case-sensitive unless re|i"}},
		{"path|re", "(", match.Error{Message: "path: error parsing regexp: missing closing ): `(`", Hint: "the syntax is that of RE2: no look-around, no back references"}},
		{"path|gt", int64(1), match.Error{Message: `modifier "gt" does not apply to path, which is a string`, Hint: "it takes contains, startswith, endswith, re, i, m, s, cased, all, neq, exists"}},
		{"path", int64(1), match.Error{Message: "path is a string, not an integer", Hint: "put it in quotes"}},
		{"path", list{list{"x"}}, match.Error{Message: "path is a string, not a list in a list", Hint: "put it in quotes"}},
		{"path", list{}, match.Error{Message: "path has an empty list of values, which nothing satisfies", Hint: "use null for an empty field"}},
		{"path|all", "x", match.Error{Message: "modifier all needs a list of at least two values", Hint: "give several values or drop all"}},
		{"path|exists", "yes", match.Error{Message: "path|exists is a boolean, not a string", Hint: "write it without quotes"}},
		{"path|exists|neq", true, match.Error{Message: "exists stands alone and takes true or false"}},
		{"path|contains", nil, match.Error{Message: `null takes no modifier "contains"`}},
		{"size", "16", match.Error{Message: "size is an integer, not a string", Hint: "write it without quotes"}},
		{"size", 1.5, match.Error{Message: "size is an integer, not a number"}},
		{"size", nil, match.Error{Message: "size is an integer, not null", Hint: "it is never empty"}},
		{"size|exists", true, match.Error{Message: `modifier "exists" does not apply to size, which is an integer`, Hint: "it takes lt, lte, gt, gte, neq"}},
		{"signed", "true", match.Error{Message: "signed is a boolean, not a string", Hint: "write it without quotes"}},
		{"signed|cased", true, match.Error{Message: `modifier "cased" does not apply to signed, which is a boolean`, Hint: "it takes neq"}},
		{"content", "x", match.Error{Message: "content needs contains, startswith or endswith", Hint: "use sha256 to compare the whole"}},
		{"content|contains|hex", "4", match.Error{Message: `content: "4" is not hexadecimal`, Hint: "pairs of digits, blanks between them allowed"}},
		{"content|contains", "", match.Error{Message: "content: an empty value is in everything"}},
	}
	for _, tt := range tests {
		_, err := match.Compile("file.read", fields(), tt.key, tt.value)
		var got *match.Error
		if !errors.As(err, &got) {
			t.Errorf("%s: %v: got %v, want an error", tt.key, tt.value, err)
			continue
		}
		if diff := cmp.Diff(tt.want, *got); diff != "" {
			t.Errorf("%s: %v: (-want +got)\n%s", tt.key, tt.value, diff)
		}
	}
}

func compile(t *testing.T, kind trace.Payload, conditions ...any) match.Set {
	t.Helper()
	set := match.Set{Kind: kind.Kind()}
	for _, k := range trace.Kinds() {
		for i := 0; k.Kind == set.Kind && i < len(conditions); i += 2 {
			c, err := match.Compile(k.Kind, k.Fields, conditions[i].(string), conditions[i+1])
			if err != nil {
				t.Fatal(err)
			}
			set.Conditions = append(set.Conditions, c)
		}
	}
	return set
}

func TestSet(t *testing.T) {
	set := compile(t, trace.FileRead{}, "path|endswith", `\a.dll`, "size|gte", int64(4))
	if got, want := set.String(), `file.read {path|endswith: \a.dll, size|gte: 4}`; got != want {
		t.Errorf("String: got %s, want %s", got, want)
	}
	for p, want := range map[trace.Payload]bool{
		trace.FileRead{Path: `C:\a.dll`, Size: 4}:  true,
		trace.FileRead{Path: `C:\a.dll`, Size: 3}:  false,
		trace.FileRead{Path: `C:\b.dll`, Size: 4}:  false,
		trace.FileWrite{Path: `C:\a.dll`, Size: 4}: false,
	} {
		if got := set.Match(p); got != want {
			t.Errorf("Match(%s): got %t, want %t", trace.Summary(p), got, want)
		}
	}
	missed := set.Misses(trace.FileRead{Path: `C:\a.dll`, Size: 3})
	if len(missed) != 1 || missed[0].Text != "size|gte: 4" {
		t.Errorf("Misses: got %v, want the one on size", missed)
	}
	any := match.Set{Kind: "exit"}
	if !any.Match(trace.Exit{}) || any.Match(trace.FileRead{}) {
		t.Error("a set without conditions must match its kind and no other")
	}
}

func TestEquals(t *testing.T) {
	tests := []struct {
		key    string
		value  any
		want   any
		wantOK bool
	}{
		{"path", `a\\b`, `a\b`, true},
		{"path|cased", "x", "x", true},
		{"size", int64(3), int64(3), true},
		{"path", "a*", nil, false},
		{"path|contains", "a", nil, false},
		{"path|neq", "a", nil, false},
		{"path", list{"a", "b"}, nil, false},
		{"path", nil, nil, false},
	}
	for _, tt := range tests {
		c, err := match.Compile("test", fields(), tt.key, tt.value)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := c.Equals(); got != tt.want || ok != tt.wantOK {
			t.Errorf("%s: got %v, %t; want %v, %t", c.Text, got, ok, tt.want, tt.wantOK)
		}
	}
}

func TestText(t *testing.T) {
	tests := []struct {
		value any
		want  string
	}{
		{"plain/text", "path: plain/text"},
		{"a b: c", "path: 'a b: c'"},
		{"it's", "path: 'it''s'"},
		{"a\x1b[0m", `path: "a\x1b[0m"`},
		{"", "path: ''"},
		{list{"a", "b,c"}, "path: [a, 'b,c']"},
		{nil, "path: null"},
	}
	for _, tt := range tests {
		c, err := match.Compile("test", fields(), "path", tt.value)
		if err != nil {
			t.Fatal(err)
		}
		if c.Text != tt.want {
			t.Errorf("%v: got %s, want %s", tt.value, c.Text, tt.want)
		}
	}
}

func TestClosest(t *testing.T) {
	words := []string{"file.read", "file.write", "exit"}
	for word, want := range map[string]string{
		"file.raed": "file.read",
		"file_read": "file.read",
		"exti":      "exit",
		"x":         "",
		"process":   "",
	} {
		if got := match.Closest(word, words); got != want {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
}

// FuzzCompile compiles any text and applies it to any other.
func FuzzCompile(f *testing.F) {
	f.Add("path|contains", `*a?\*`, "text")
	f.Add("path|re|i", "(a+)+$", "aaaa")
	f.Add("content|contains|hex", "4d5a", "MZ")
	f.Fuzz(func(t *testing.T, key, value, text string) {
		c, err := match.Compile("test", fields(), key, value)
		if err != nil {
			return
		}
		c.Holds(text)
		c.Holds([]string{text})
		c.Holds([]byte(text))
		match.Glob(value)(text)
	})
}
