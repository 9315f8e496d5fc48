package reports

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"sidetrace/emulator/trace"
)

func text(t *testing.T, s *Suite) string {
	t.Helper()
	var out strings.Builder
	if err := WriteJSON(&out, s); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestWriteJSON(t *testing.T) {
	got := text(t, suite())
	golden(t, "suite.json", got)
	if diff := cmp.Diff(got, text(t, suite())); diff != "" {
		t.Errorf("a second suite gives other bytes:\n%s", diff)
	}
}

func TestJSONFitsSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	valid := text(t, suite())
	tests := []struct {
		name, old, new string // what to break
		fits           bool
	}{
		{"as written", "", "", true},
		{"another verdict", `"verdict": "pass"`, `"verdict": "fine"`, false},
		{"a number as text", `"schema_version": 1`, `"schema_version": "1"`, false},
		{"a kind there is not", `"kind": "file.read",`, `"kind": "file.peek",`, false},
		{"a field of another kind", `"offset": 0,`, `"ofset": 0,`, false},
		{"a field that is new", `"tool": "sidetrace",`, `"tool": "sidetrace", "more": 1,`, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			changed := strings.Replace(valid, test.old, test.new, -1)
			if test.old != "" && changed == valid {
				t.Fatalf("%q is not in the report", test.old)
			}
			value, err := jsonschema.UnmarshalJSON(strings.NewReader(changed))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); (err == nil) != test.fits {
				t.Errorf("got error %v, want it to fit: %t", err, test.fits)
			}
		})
	}
}

// TestJSONRoundTrip reads a report back and expects the suite, but for the
// record and for bytes that are not UTF-8.
func TestJSONRoundTrip(t *testing.T) {
	want := suite()
	var got Suite
	if err := json.Unmarshal([]byte(text(t, want)), &got); err != nil {
		t.Fatal(err)
	}
	for i := range want.Scenarios {
		if run := want.Scenarios[i].Run; run != nil {
			run.Console = strings.ToValidUTF8(run.Console, "\uFFFD")
		}
	}
	if diff := cmp.Diff(want, &got, cmpopts.IgnoreFields(Scenario{}, "Trace"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

// TestWriteRunJSONLines has what a terminal would act on in the record.
func TestWriteRunJSONLines(t *testing.T) {
	run := &trace.Run{Gaps: []trace.Gap{{Kind: trace.GapAPI, Name: "\x1b[31m \u009b31m \u202e \U000e0001 é", Count: 1}}}
	var b strings.Builder
	if err := WriteRunJSONLines(&b, run); err != nil {
		t.Fatal(err)
	}
	want := `{"gap":{"seq":0,"kind":"api","name":"\u001b[31m \u009b31m \u202e \udb40\udc01 é","count":1}}` + "\n"
	if b.String() != want {
		t.Errorf("got  %swant %s", b.String(), want)
	}
}
