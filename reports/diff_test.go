package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/trace"
)

// TestDiff: what a result is compared by, after it went through JSON; addresses
// and identifiers do not count.
func TestDiff(t *testing.T) {
	result := func(change func(*Scenario)) *Suite {
		run := record()
		s := Scenario{ID: "phone", Verdict: Pass, Run: NewRun(run), Steps: []Step{{Index: 1, Seq: 4, Stage: "load"}}, Detections: &Detections{
			Rules: []RuleResult{{Rule: Rule{Engine: "yara", ID: "blob"}, Fires: []Fire{{On: "x"}}}},
		}}
		if change != nil {
			change(&s)
		}
		var out bytes.Buffer
		if err := WriteJSON(&out, NewSuite("test", []Scenario{s, {ID: "other", Verdict: Fail}})); err != nil {
			t.Fatal(err)
		}
		back, err := ReadResult(&out)
		if err != nil {
			t.Fatal(err)
		}
		return back
	}
	text := func(b *Suite) string {
		var out bytes.Buffer
		if err := WriteDiffText(&out, Diff(result(nil), b), false); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	first := func(s *Scenario, kind string) *trace.Behaviour {
		for i := range s.Run.Behaviours {
			if s.Run.Behaviours[i].Kind() == kind {
				return &s.Run.Behaviours[i]
			}
		}
		t.Fatalf("no %s", kind)
		return nil
	}
	for _, test := range []struct {
		name   string
		change func(*Scenario)
		want   []string // lines that are there; none if nothing differs
	}{
		{"nothing", nil, nil},
		{"where a module lies", func(s *Scenario) {
			b := first(s, "module.load")
			load := b.Fields.(trace.ModuleLoad)
			load.Base = 0x7FF000000000
			b.Fields = load
		}, nil},
		{"a behaviour", func(s *Scenario) {
			b := first(s, "file.read")
			read := b.Fields.(trace.FileRead)
			read.Size = 8192
			b.Fields = read
		}, []string{`    -file.read path="{app}\\\x1b[31mblob" size=4096`, `    +file.read path="{app}\\\x1b[31mblob" size=8192`}},
		{"the verdict", func(s *Scenario) { s.Verdict = Fail }, []string{"    - pass", "    + fail"}},
		{"calls", func(s *Scenario) { s.Run.CallCounts[0].Count++ }, []string{"    kernel32.dll!ReadFile                                 1      2"}},
		{"a rule", func(s *Scenario) { s.Detections.Rules[0].Fires = nil }, []string{"    yara blob: 1 fire, silent"}},
		{"another rule", func(s *Scenario) { s.Detections.Rules[0].ID = "lump" }, []string{"    yara blob: 1 fire, no such rule", "    yara lump: no such rule, 1 fire"}},
		{"an artifact", func(s *Scenario) {
			s.Run.Artifacts = append(s.Run.Artifacts, trace.Artifact{Kind: "http.response", Name: "x", SHA256: "ab"})
		}, []string{"    + http.response/ab"}},
		{"the scenario", func(s *Scenario) { s.ID = "softphone" }, []string{"    - phone  (the whole scenario)", "    + softphone  (the whole scenario)"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := text(result(test.change))
			if test.want == nil {
				test.want = []string{"0 scenarios with differences, 2 without"}
			}
			for _, line := range test.want {
				if !strings.Contains(got, line+"\n") {
					t.Errorf("no line %q in\n%s", line, got)
				}
			}
		})
	}
}

func TestReadResult(t *testing.T) {
	var run bytes.Buffer
	if err := WriteRunJSON(&run, NewRun(record())); err != nil {
		t.Fatal(err)
	}
	s, err := ReadResult(&run)
	if err != nil || s.Scenarios[0].ID != "phone.exe" {
		t.Errorf("a run alone: %+v, error %v", s, err)
	}
	for text, want := range map[string]string{
		"":                       "no result of sidetrace",
		"[]":                     "no result of sidetrace",
		"{}":                     "neither a suite nor a run",
		`{"schema_version": 99}`: "a result of version 99",
	} {
		_, err := ReadResult(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
	if diff := cmp.Diff([]string{"a", "a (2 times)"}, []string{"a", "a" + times(2)}); diff != "" {
		t.Error(diff)
	}
}
