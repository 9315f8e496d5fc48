package rules

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/trace"
	"sidetrace/harness/detect"
	"sidetrace/harness/expect"
	"sidetrace/harness/telemetry"
	"sidetrace/reports"
	"sidetrace/scenarios"
)

// fixed is an engine that says what it is told to.
type fixed struct {
	rules  []reports.Rule
	fires  []detect.Finding
	limits map[int][]detect.Limit
}

func (f *fixed) Name() string                         { return "sigma" }
func (f *fixed) Rules() []reports.Rule                { return f.rules }
func (f *fixed) Count() (ok, unsupported, broken int) { return len(f.rules), 0, 0 }

func (f *fixed) Detect(context.Context, *detect.Subject) ([]detect.Finding, []detect.Problem) {
	return f.fires, nil
}

func (f *fixed) Explain(_ context.Context, rule int, _ *detect.Subject) reports.Silence {
	return reports.Silence{Reason: "nothing like " + f.rules[rule].ID}
}

func (f *fixed) Limits(rule int, _ *detect.Subject) []detect.Limit { return f.limits[rule] }

func fire(rule int, on string, seqs ...uint64) detect.Finding {
	return detect.Finding{Rule: rule, Fire: reports.Fire{On: on, Kind: "event", Seqs: seqs}}
}

// checked is a check in one line, for comparison.
func checked(c reports.RuleCheck) string {
	return strings.Join([]string{string(c.Kind), c.Rule, string(c.Status), c.Want, c.Got}, " | ")
}

func TestJudge(t *testing.T) {
	set := &Set{engines: []Engine{&fixed{
		rules: []reports.Rule{
			{Engine: "sigma", ID: "load", Revision: "old"}, {Engine: "sigma", ID: "load", Revision: "new"},
			{Engine: "sigma", ID: "shell"}, {Engine: "sigma", ID: "digest"},
		},
		fires:  []detect.Finding{fire(1, "image_load at 00:00", 3), fire(1, "image_load at 00:01", 9), fire(2, "process_creation at 00:02", 20)},
		limits: map[int][]detect.Limit{3: {detect.HashOnly}},
	}}}
	any := func(rule string) scenarios.MustFire { return scenarios.MustFire{Rule: rule, Min: 1, Max: -1} }
	gap := &reports.Doubt{Kind: "api", Name: "kernel32.dll!Gap", Seq: 5, Text: "a gap"}
	shell := set.engines[0].(*fixed)
	shell.fires[2].Evidence = []reports.Evidence{{Term: "path", Text: `C:\Windows\System32\cmd.exe`}, {Term: "pid", Text: "7"}}
	tests := []struct {
		name  string
		d     scenarios.Detections
		doubt uint64 // a gap before this behaviour
		want  []string
	}{
		{"as it should be", scenarios.Detections{
			MustFire: []scenarios.MustFire{any("load@new"), any("SHELL")}, MustStaySilent: []scenarios.MustStaySilent{{Rule: "sigma:load@old"}},
			NotApplicable: []scenarios.NotApplicable{{Rule: "digest", Reason: scenarios.HashOnly}},
		}, 0, []string{
			"must_fire | load@new | pass | at least 1 fire | 2 fires", "must_fire | shell | pass | at least 1 fire | 1 fire",
			"must_stay_silent | load@old | pass | silence | silence", "not_applicable | digest | pass | hash_only | hash_only",
		}},
		{"where and how often", scenarios.Detections{Others: scenarios.OthersAllow, MustFire: []scenarios.MustFire{
			{Rule: "load@new", Min: 1, Max: 1}, {Rule: "load@new", Min: 1, Max: 1, On: []string{"*00:01"}}, {Rule: "load@new", Min: 1, Max: -1, Kind: "file"},
			{Rule: "shell", Min: 1, Max: -1, Evidence: []string{"path: *\\cmd.exe", "pid: 7"}}, {Rule: "shell", Min: 1, Max: -1, Evidence: []string{"path: *\\cmd.exe", "pid: 8"}},
			{Rule: "load@new", Min: 3, Max: 4}, {Rule: "load@new", Min: 1, Max: -1, Stage: "gate"},
		}}, 0, []string{
			"must_fire | load@new | fail | exactly 1 fire | 2 fires", "must_fire | load@new | pass | exactly 1 fire on *00:01 | 1 fire, and 1 elsewhere: image_load at 00:00",
			"must_fire | load@new | fail | at least 1 fire of kind file | 0 fires, and 2 elsewhere: image_load at 00:00, image_load at 00:01",
			`must_fire | shell | pass | at least 1 fire with path: *\cmd.exe and pid: 7 | 1 fire`,
			`must_fire | shell | fail | at least 1 fire with path: *\cmd.exe and pid: 8 | 0 fires, and 1 elsewhere: process_creation at 00:02`,
			"must_fire | load@new | fail | 3 to 4 fires | 2 fires", "must_fire | load@new | pass | at least 1 fire in stage gate | 1 fire, and 1 elsewhere: image_load at 00:00",
		}},
		{"wildcards", scenarios.Detections{MustFire: []scenarios.MustFire{any("load@*")}, MustStaySilent: []scenarios.MustStaySilent{{Rule: "yara:*"}}, Others: scenarios.OthersWarn}, 0, []string{
			"must_fire | load@old | fail | at least 1 fire | silence: nothing like load", "must_fire | load@new | pass | at least 1 fire | 2 fires",
			"must_stay_silent | yara:* | fail | a rule of that name | none",
			"others | shell | fail | no fire that the scenario does not speak of | 1 fire: process_creation at 00:02",
		}},
		{"wrong reasons", scenarios.Detections{Others: scenarios.OthersAllow, NotApplicable: []scenarios.NotApplicable{
			{Rule: "digest", Reason: scenarios.NoTelemetry}, {Rule: "shell", Reason: scenarios.HashOnly}, {Rule: "load@old", Reason: scenarios.HashOnly},
		}}, 0, []string{
			"not_applicable | digest | fail | no_telemetry | not that, but hash_only", "not_applicable | shell | fail | hash_only | 1 fire: process_creation at 00:02",
			"not_applicable | load@old | fail | hash_only | the rule asks for more than that",
		}},
		{"a gap before", scenarios.Detections{
			Others: scenarios.OthersAllow, MustFire: []scenarios.MustFire{any("load@new"), any("shell"), any("digest")}, MustStaySilent: []scenarios.MustStaySilent{{Rule: "load@old"}, {Rule: "load@new"}},
		}, 5, []string{
			"must_fire | load@new | pass | at least 1 fire | 2 fires", "must_fire | shell | inconclusive | at least 1 fire | 1 fire",
			"must_fire | digest | inconclusive | at least 1 fire | silence: nothing like digest",
			"must_stay_silent | load@old | inconclusive | silence | silence",
			"must_stay_silent | load@new | fail | silence | 2 fires: image_load at 00:00, image_load at 00:01",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := set.Run(context.Background(), &detect.Subject{})
			r.Stage(&trace.Run{}, []reports.Step{{Seq: 4, Stage: "gate"}, {Seq: 12}, {Stage: "never", Seq: 0}})
			r.Judge(context.Background(), &test.d, expect.Doubts{
				At: func(seq uint64) *reports.Doubt {
					if test.doubt > 0 && test.doubt < seq {
						return gap
					}
					return nil
				},
				Absence: func() *reports.Doubt {
					if test.doubt > 0 {
						return gap
					}
					return nil
				},
			})
			var got []string
			for _, c := range r.Checks {
				got = append(got, checked(c))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error("(-want +got)\n", diff)
			}
		})
	}
}

// TestReasons: the reasons a scenario may give are those that engines tell.
func TestReasons(t *testing.T) {
	if diff := cmp.Diff([]string{string(detect.HashOnly), string(detect.CodeBytesOnly), string(detect.NoTelemetry)}, scenarios.Reasons()); diff != "" {
		t.Error("(-engines +scenarios)\n", diff)
	}
	for _, l := range languages() {
		e, _ := l.load(nil, Options{})
		if _, ok := e.(detect.Limiter); !ok {
			t.Errorf("%s does not tell why a rule cannot fire", l.name)
		}
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	put("all/a.yar", "rule a { condition: true }")
	put("all/deep/b.sql", "SELECT 1")
	put("none/readme", "nothing")
	load := func(path, language string) (names []string, problems []string) {
		set, wrong := Load([]Source{{detect.Source{Path: path}, language}}, Options{})
		for _, e := range set.Engines() {
			names = append(names, e.Name())
		}
		for _, p := range wrong {
			problems = append(problems, string(p.Severity)+": "+p.Message)
		}
		return names, problems
	}
	for _, test := range []struct {
		path, language string
		engines        []string
		problem        string // "" for none
	}{
		{"all", "", []string{"yara", "hunt"}, ""},
		{"all/a.yar", "", []string{"yara"}, ""},
		{"all", "hunt", []string{"hunt"}, ""},
		{"none", "", nil, "warning: no rules are there"},
		{"gone", "", nil, "broken: no such file or folder"},
	} {
		engines, problems := load(filepath.Join(dir, test.path), test.language)
		if diff := cmp.Diff(test.engines, engines); diff != "" {
			t.Errorf("%s: engines (-want +got)\n%s", test.path, diff)
		}
		if got := strings.Join(problems, "\n"); got != test.problem {
			t.Errorf("%s: problems %q, want %q", test.path, got, test.problem)
		}
	}
}

// TestLeftOut shows that a rule which is named and could not be loaded is told
// from one that is not there, by whatever name.
func TestLeftOut(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.yar": "rule a { condition: b }\nrule c { condition: true }",
		"s.yml": "title: A slip\nid: 0b4f8f5e-6b0c-4f58-9a52-0d4f8a3b7c11\nlogsource: {category: x}\ndetection: {s: {a|endwith: b}, condition: s}",
		"q.sql": "SELECT tim FROM processes",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	set, _ := Load([]Source{{Source: detect.Source{Path: dir}}}, Options{})
	d := &scenarios.Detections{}
	want := map[string]string{
		"a": "undefined identifier", "YARA:a": "undefined identifier", "A slip": "no modifier", "0b4f8f5e-*": "no modifier",
		"hunt:q": "no such column", "sigma:q": "no rule is named", "e": "no rule is named", "c": "",
	}
	for name := range want {
		d.MustFire = append(d.MustFire, scenarios.MustFire{Rule: name, Min: 1, Max: -1})
	}
	said := map[string]string{}
	for _, p := range set.Unknown(d) {
		for name := range want {
			if strings.Contains(p.Message, fmt.Sprintf("%q", name)) {
				said[name] = p.Message
			}
		}
	}
	r := set.Run(context.Background(), &detect.Subject{})
	r.Judge(context.Background(), d, expect.Doubts{At: func(uint64) *reports.Doubt { return nil }, Absence: func() *reports.Doubt { return nil }})
	got := map[string]string{}
	for _, c := range r.Checks {
		got[c.Rule] = c.Got
	}
	for name, message := range want {
		if !strings.Contains(said[name], message) || message == "" && said[name] != "" {
			t.Errorf("%s: check says %q, want %q", name, said[name], message)
		}
		if message == "no rule is named" {
			message = "none"
		}
		if !strings.Contains(got[name], message) {
			t.Errorf("%s: judged %q, want %q", name, got[name], message)
		}
	}
}

// TestPipe shows that nobody waits for a pipe that stands where rules or a kept
// run should.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	pipe := func(name string) string {
		name = filepath.Join(dir, name)
		if err := syscall.Mkfifo(name, 0o600); err != nil {
			t.Skip(err)
		}
		return name
	}
	for _, l := range languages() {
		_, problems := Load([]Source{{Source: detect.Source{Path: pipe("rules" + l.extensions[0])}}}, Options{})
		if len(problems) != 1 || problems[0].Message != "not a regular file" {
			t.Errorf("%s: %+v", l.name, problems)
		}
	}
	pipe(EventsFile)
	if err := os.WriteFile(filepath.Join(dir, ObjectsFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, wrong := Targets(dir); len(wrong) != 1 || !strings.Contains(wrong[0].Error(), "not a regular file") {
		t.Errorf("kept run: %v", wrong)
	}
}

func TestKept(t *testing.T) {
	start := time.Date(2023, 3, 29, 9, 0, 0, 0, time.UTC)
	s := &detect.Subject{
		Events: []telemetry.Event{{
			Seq: 7, Time: start, Source: telemetry.Logsource{Category: "file_read", Product: "sidetrace", Service: "behaviour"},
			Fields: []telemetry.Field{{Name: "path", Value: telemetry.Text("C:\\a\n\x00")}, {Name: "size", Value: telemetry.Int(8)}},
		}},
		Objects: []detect.Object{
			{Kind: "file", Name: `C:\..\..\etc\passwd`, Path: `C:\..\..\etc\passwd`, Data: []byte("a")},
			{Kind: "code.unpacked", Name: "01-unpacked.bin", Data: []byte("a"), Seq: 9}, {Kind: "file", Name: "empty"},
		},
	}
	dir := t.TempDir()
	var names []string
	err := Keep(s, func(name string, data []byte) error {
		names = append(names, name)
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		return os.WriteFile(path, data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 5 { // the same bytes are kept once
		t.Errorf("files: %v", names)
	}
	all, wrong := Targets(filepath.Dir(dir)) // it is found in a folder above
	if len(wrong) > 0 || len(all) != 1 {
		t.Fatalf("%d subjects, errors %v", len(all), wrong)
	}
	got := all[0]
	want := slices.Clone(s.Objects)
	want[2].Data = []byte{}
	if diff := cmp.Diff(want, got.Objects); diff != "" {
		t.Error("objects (-want +got)\n", diff)
	}
	if len(got.Events) != 1 || got.Events[0].Source != s.Events[0].Source || got.Events[0].Seq != 7 {
		t.Errorf("events: %+v", got.Events)
	}
	if diff := cmp.Diff(s.Events[0].Fields, got.Events[0].Fields); diff != "" {
		t.Error("fields (-want +got)\n", diff)
	}

	object := filepath.Join(dir, names[0])
	if err := os.WriteFile(object, []byte("other"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadKept(dir); err == nil || !strings.Contains(err.Error(), "not those that were kept") {
		t.Errorf("changed bytes: error %v", err)
	}
	list := filepath.Join(dir, ObjectsFile)
	if err := os.WriteFile(list, []byte(`{"kind":"file","name":"x","sha256":"../../../../etc/passwd"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadKept(dir); err == nil || !strings.Contains(err.Error(), "no digest") {
		t.Errorf("a path for a digest: error %v", err)
	}
}

// TestStageOfCalls says that a call lies in the stage of the behaviour that it
// led to.
func TestStageOfCalls(t *testing.T) {
	run := &trace.Run{Behaviours: []trace.Behaviour{{Seq: 3}, {Seq: 8, Calls: []uint64{6, 7}}}}
	steps := []reports.Step{{Seq: 3, Stage: "gate"}, {Seq: 8, Stage: "identity"}}
	r := Result{Detections: reports.Detections{Rules: []reports.RuleResult{{Fires: []reports.Fire{
		{}, {Seqs: []uint64{3}}, {Seqs: []uint64{5}}, {Seqs: []uint64{6}}, {Seqs: []uint64{7}}, {Seqs: []uint64{2, 8}},
	}}}}}
	r.Stage(run, steps)
	var got []string
	for _, f := range r.Rules[0].Fires {
		got = append(got, f.Stage)
	}
	if diff := cmp.Diff([]string{"", "gate", "gate", "identity", "identity", "identity"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
