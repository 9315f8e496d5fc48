package reports

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/trace"
)

func TestWriteText(t *testing.T) {
	tests := []struct {
		file string
		opts TextOptions
	}{
		{"suite.txt", TextOptions{}},
		{"suite-behaviours.txt", TextOptions{Show: Show{Behaviours: true}}},
		{"suite-all.txt", TextOptions{Show: Show{Behaviours: true, Calls: true, Gaps: true}}},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			var out strings.Builder
			if err := WriteText(&out, suite(), test.opts); err != nil {
				t.Fatal(err)
			}
			printableOnly(t, out.String())
			golden(t, test.file, out.String())
		})
	}
}

func TestWriteRunText(t *testing.T) {
	var out strings.Builder
	if err := WriteRunText(&out, record(), TextOptions{Show: Show{Behaviours: true, Calls: true, Gaps: true}}); err != nil {
		t.Fatal(err)
	}
	printableOnly(t, out.String())
	golden(t, "run.txt", out.String())
}

// TestColourRepeatsWords takes the colours away and expects the plain text.
func TestColourRepeatsWords(t *testing.T) {
	var plain, coloured strings.Builder
	if err := WriteText(&plain, suite(), TextOptions{Show: Show{Behaviours: true}}); err != nil {
		t.Fatal(err)
	}
	if err := WriteText(&coloured, suite(), TextOptions{Show: Show{Behaviours: true}, Colour: true}); err != nil {
		t.Fatal(err)
	}
	stripped := coloured.String()
	if !strings.Contains(stripped, "\x1b["+green+"mpass") {
		t.Error("the verdict is not coloured")
	}
	for _, code := range []string{red, green, yellow, bold, faint, "0"} {
		stripped = strings.ReplaceAll(stripped, "\x1b["+code+"m", "")
	}
	if diff := cmp.Diff(plain.String(), stripped); diff != "" {
		t.Errorf("coloured text without its colours (-want +got):\n%s", diff)
	}
}

// printableOnly fails if text holds what a terminal may act on.
func printableOnly(t *testing.T, text string) {
	t.Helper()
	for i, r := range text {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			t.Errorf("character %U at %d of %q", r, i, text[max(0, i-20):min(len(text), i+20)])
			return
		}
	}
}

// hostile is what a guest may put in a name.
const hostile = "a\x1b]0;x\x07\u009b31m\u202egpj.exe\r\n\xff\x00 \""

// TestHostileStrings fills every string of every kind, and expects lines and
// reports that a terminal only prints.
func TestHostileStrings(t *testing.T) {
	var list []trace.Behaviour
	for i, p := range trace.Payloads() {
		v := reflect.New(reflect.TypeOf(p)).Elem()
		for j := range v.NumField() {
			switch f := v.Field(j); f.Kind() {
			case reflect.String:
				f.SetString(hostile)
			case reflect.Slice:
				f.Set(reflect.ValueOf([]string{hostile}))
			case reflect.Bool:
				f.SetBool(true)
			}
		}
		list = append(list, trace.Behaviour{Seq: uint64(i + 1), Fields: v.Interface().(trace.Payload)})
	}
	record := &trace.Run{
		Image: hostile, Behaviours: list, Console: []byte(hostile), Stop: trace.Stop{Reason: trace.StopLoad, Detail: hostile},
		Gaps: []trace.Gap{{Seq: 99, Kind: trace.GapURL, Name: hostile, Caller: hostile, Detail: hostile, Args: []string{hostile}}},
	}
	s := NewSuite("v", []Scenario{{
		ID: hostile, Title: hostile, File: hostile, Verdict: Fail, Reason: hostile, Run: NewRun(record), Trace: record,
		Problems: []Problem{{File: hostile, Line: 1, Column: 1, Message: hostile, Hint: hostile}},
		Steps: []Step{{Expected: hostile, Why: hostile, Status: Failed, Miss: &Miss{Reason: hostile, Around: []uint64{1, 2}, Near: &Near{
			Seq: 3, Fields: []FieldMiss{{Condition: hostile, Got: hostile}}, Diff: hostile,
		}}, Doubt: &Doubt{Text: hostile}}},
		Artifacts: []ArtifactCheck{{Name: hostile, Artifact: hostile, Status: Failed, Checks: []Check{{Name: hostile, Want: hostile, Got: hostile, Status: Failed}}}},
	}})
	for _, show := range []Show{{}, {Behaviours: true, Calls: true, Gaps: true}} {
		var text strings.Builder
		if err := WriteText(&text, s, TextOptions{Show: show}); err != nil {
			t.Fatal(err)
		}
		printableOnly(t, text.String())
	}
	var text strings.Builder
	if err := WriteJSON(&text, s); err != nil {
		t.Fatal(err)
	}
	printableOnly(t, text.String())
}

// brokenWriter fails as a full disk does.
type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestWritersReportErrors(t *testing.T) {
	full := errors.New("no space left")
	if err := WriteText(brokenWriter{full}, suite(), TextOptions{}); !errors.Is(err, full) {
		t.Errorf("WriteText: got %v, want %v", err, full)
	}
	if err := WriteJSON(brokenWriter{full}, suite()); !errors.Is(err, full) {
		t.Errorf("WriteJSON: got %v, want %v", err, full)
	}
}

func TestPrintable(t *testing.T) {
	tests := []struct{ in, want string }{
		{`C:\App\a b "c"`, `C:\App\a b "c"`},
		{"é€", "é€"},
		{"a\tb\nc", `a\tb\nc`},
		{"\x1b[31m", `\x1b[31m`},
		{"\u009b", `\u009b`},
		{"\u202e", `\u202e`},
		{"\xff", `\xff`},
		{"\uFFFD", "\uFFFD"},
	}
	for _, test := range tests {
		if got := Printable(test.in); got != test.want {
			t.Errorf("Printable(%q): got %q, want %q", test.in, got, test.want)
		}
	}
}
