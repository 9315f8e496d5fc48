package reports

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"sidetrace/emulator/trace"
)

// checkForm holds what a writer wrote against a parser, or the rules of the form,
// that share no code with it.
var checkForm = map[string]func(string) error{
	"text":      func(string) error { return nil }, // for people
	"markdown":  checkMarkdown,
	"json":      checkSchema("schema.json"),
	"junit":     checkJUnit,
	"github":    checkGitHub,
	"sarif":     checkSchema("testdata/sarif-schema-2.1.0.json"),
	"navigator": checkNavigator,
}

// writtenBy is what a writer makes of a suite.
func writtenBy(t testing.TB, w Writer, s *Suite) string {
	t.Helper()
	var b strings.Builder
	if err := w.Write(&b, s, TextOptions{}); err != nil {
		t.Fatalf("%s: %v", w.Name, err)
	}
	return b.String()
}

func TestWriters(t *testing.T) {
	for _, w := range Writers() {
		t.Run(w.Name, func(t *testing.T) {
			got := writtenBy(t, w, judged())
			if w.Name != "text" && w.Name != "json" { // which have goldens of their own
				golden(t, "judged-"+w.Name+w.Extension, got)
			}
			if got != writtenBy(t, w, judged()) {
				t.Error("a second suite gives other bytes")
			}
			for name, s := range map[string]*Suite{"judged": judged(), "nothing": NewSuite("", nil), "hostile": hostileSuite()} {
				text := writtenBy(t, w, s)
				printableOnly(t, text)
				if err := checkForm[w.Name](text); err != nil {
					t.Errorf("%s: %v\n%.2000s", name, err, text)
				}
			}
			full := errors.New("no space left")
			if err := w.Write(brokenWriter{full}, judged(), TextOptions{}); !errors.Is(err, full) {
				t.Errorf("to a full disk: got %v, want %v", err, full)
			}
		})
	}
}

// judged is the suite of all verdicts, and a scenario with rules: one that fires
// in the first stage, one that is silent, one that nobody spoke of, a broken one.
func judged() *Suite {
	const file = "scenarios/phone rules/scenario.yaml"
	offset := int64(0x40)
	run := record()
	run.Gaps = nil
	s := suite()
	return NewSuite(s.Version, append(s.Scenarios, Scenario{
		ID: "phone-rules", Title: "What sees it", Why: "Rules.", File: file, Verdict: Fail, Reason: "a rule that must fire is silent",
		Attack: []string{"T1574.002", "T1140"},
		Steps: []Step{
			{Index: 1, Line: 20, Kind: "module.load", Expected: "module.load: {}", Status: Passed, Seq: 4, Stage: "loader"},
			{Index: 2, Line: 21, Kind: "file.read", Expected: "file.read: {}", Status: Passed, Seq: 7, Stage: "unpack"},
		},
		Detections: &Detections{
			Engines: []Engine{{Name: "yara", Rules: 2}, {Name: "sigma", Rules: 1, Broken: 1}},
			Problems: []RuleProblem{
				{Problem: Problem{File: "rules/bad.yml", Line: 3, Column: 7, Message: "no condition"}, Severity: "broken"},
				{Problem: Problem{File: "rules/odd.yml", Message: "asks for a pipe"}, Severity: "unsupported"},
			},
			Checks: []RuleCheck{
				{Kind: MustFire, Line: 30, Rule: "fires", Index: 0, Want: "at least 1 fire", Got: "1 fire", Status: Passed},
				{Kind: MustFire, Line: 31, Rule: "4d0f", Index: 1, Want: "at least 1 fire", Got: "silence", Why: "it is the published rule", Hint: "look at the field", Status: Failed},
				{Kind: Undeclared, Line: 28, Rule: "stray", Index: 2, Want: "silence", Got: "1 fire", Status: Failed, Warning: true},
				{Kind: MustStaySilent, Line: 33, Rule: "none*", Index: -1, Want: "silence", Got: "no such rule", Status: Failed},
			},
			Rules: []RuleResult{
				{Rule: Rule{Engine: "yara", ID: "fires", File: "rules/a.yar", Line: 1, Attack: []string{"T1574.001"}},
					Fires: []Fire{{On: `C:\App\media.dll`, Kind: "file", Seqs: []uint64{4}, Stage: "loader", Evidence: []Evidence{{Term: "$marker", Offset: &offset, Text: "av_crc"}}}}},
				{Rule: Rule{Engine: "sigma", ID: "4d0f", Title: "Blob read", File: "rules/b.yml", Line: 1, Attack: []string{"t1140", "T1055"}},
					Silence: &Silence{Reason: "selection does not hold", Terms: []Term{{Name: "selection", On: "file_event at 00:00.003", Misses: []string{`TargetFilename|endswith '\blob': got '\blop'`}}}}},
				{Rule: Rule{Engine: "yara", ID: "stray", File: "rules/a.yar", Line: 9},
					Fires: []Fire{{On: `C:\App\media.dll`, Kind: "file", Stage: "", Evidence: []Evidence{{Term: "$a", Text: "x"}}}}},
			},
		},
		Run: NewRun(run), Trace: run,
	}))
}

// evil is what a guest, a scenario or a rule may have in a name: the characters
// that terminals, XML, Markdown, workflow commands and URIs act on.
const evil = hostile + "\ufffe\uffff\xed\xa0\x80 ]]></failure><script>&amp; | `` ``` [x](y) **b** _i_ @octocat #1 https://a.test www.a.test \\| ::error file=a,line=1::b %0A%25 =1+1 ~~~ {{x}} é\n# h\n| a |\n```\n"

// hostileSuite has evil in every string, of one of each kind of check.
func hostileSuite() *Suite {
	record := &trace.Run{
		Image: evil, Console: []byte(evil), Stop: trace.Stop{Reason: trace.StopLoad, Detail: evil},
		Behaviours: []trace.Behaviour{
			{Seq: 1, Fields: trace.FileRead{Path: evil}}, {Seq: 2, Fields: trace.HTTPRequest{Method: evil, URL: evil}}, {Seq: 3, Fields: trace.Exit{Reason: evil}},
		},
		Gaps: []trace.Gap{{Seq: 99, Kind: trace.GapURL, Name: evil, Caller: evil, Detail: evil, Args: []string{evil}}},
	}
	check := Check{Line: 1, Name: evil, Want: evil, Got: evil, Status: Failed, Doubt: &Doubt{Text: evil}}
	diff := check
	diff.Name, diff.Diff = "console", evil
	near := &Near{Seq: 2, Fields: []FieldMiss{{Condition: evil, Field: evil, Got: evil}}, Diff: evil}
	problem := Problem{File: evil, Line: 1, Column: 1, Message: evil, Hint: evil}
	all := Scenario{
		ID: evil, Title: evil, Why: evil, File: evil, Attack: []string{evil, "T1055"}, Tags: []string{evil}, Verdict: Fail, Reason: evil,
		Problems: []Problem{problem},
		Steps: []Step{
			{Index: 1, Line: 1, Expected: evil, Why: evil, Stage: evil, Status: Failed, Miss: &Miss{Reason: evil, Around: []uint64{1, 2}, Near: near}, Doubt: &Doubt{Text: evil}},
			{Index: 2, Expected: evil, Status: Skipped},
		},
		Never:     []Never{{Line: 1, Expected: evil, Why: evil, Status: Doubtful, Seq: 2, Doubt: &Doubt{Text: evil}}},
		Totals:    []Total{{Line: 1, Expected: evil, Want: evil, Status: Failed, Seqs: []uint64{1}, Near: near}},
		Artifacts: []ArtifactCheck{{Name: evil, Status: Failed, Checks: []Check{}}, {Name: evil, Artifact: evil, Status: Failed, Checks: []Check{check, diff}}},
		Ends:      []Check{check, diff},
		Detections: &Detections{
			Engines:  []Engine{{Name: evil, Rules: 1}},
			Problems: []RuleProblem{{Problem: problem, Severity: "broken", Rule: evil}},
			Checks: []RuleCheck{
				{Kind: MustFire, Line: 1, Rule: evil, Want: evil, Got: evil, Why: evil, Hint: evil, Status: Failed, Revisions: []string{evil}, Doubt: &Doubt{Text: evil}},
				{Kind: Undeclared, Line: 1, Rule: evil, Index: 1, Want: evil, Got: evil, Status: Failed, Warning: true},
			},
			Rules: []RuleResult{
				{Rule: Rule{Engine: evil, ID: evil, Title: evil, File: "/" + evil, Attack: []string{evil, "T1055"}}, Silence: &Silence{Reason: evil, Terms: []Term{{Name: evil, On: evil, Misses: []string{evil}}}}},
				{Rule: Rule{Engine: evil, ID: evil, Revision: evil, File: evil}, Fires: []Fire{{On: evil, Stage: evil, Evidence: []Evidence{{Term: evil, Text: evil}}}}},
			},
		},
		Run: NewRun(record), Trace: record,
	}
	crashed := Scenario{ID: evil, File: evil, Verdict: Crashed, Reason: evil}
	s := NewSuite(evil, []Scenario{all, crashed})
	s.NotRun = []string{evil}
	return s
}

// TestOutcomesAgree wants what does not pass to have a reason in every form, and
// what passes to have none.
func TestOutcomesAgree(t *testing.T) {
	for _, v := range Verdicts() {
		list := failed(&Scenario{ID: "a", Verdict: v, Reason: "r"})
		if got := len(list) > 0; got == (v == Pass) {
			t.Errorf("%s: %d outcomes that do not hold", v, len(list))
		}
	}
	for _, kind := range []RuleCheckKind{MustFire, MustStaySilent, NotApplicable, Undeclared} {
		if id := "detections." + string(kind); kindOf(id).id != id {
			t.Errorf("%s is no kind of outcome", id)
		}
	}
}

// TestStageGaps: a stage that no rule sees is a gap of an attack, and none of a
// benign scenario or of one without rules.
func TestStageGaps(t *testing.T) {
	list := judged().Scenarios
	attack := list[len(list)-1]
	if got := stageOutcomes(&attack); len(got) != 1 || got[0].name != "stage unpack" || got[0].at.line != 21 || got[0].level() != "note" {
		t.Errorf("an attack: %+v", got)
	}
	benign, blind := attack, attack
	benign.Attack, blind.Detections = nil, nil
	for _, s := range []Scenario{benign, blind} {
		if got := stageOutcomes(&s); got != nil {
			t.Errorf("%+v", got)
		}
	}
}

// TestMarkdownFits wants a report of many failures to be no longer than GitHub
// takes, and to say that it was cut.
func TestMarkdownFits(t *testing.T) {
	text := writtenBy(t, Writer{Write: func(w io.Writer, s *Suite, _ TextOptions) error { return WriteMarkdown(w, s) }}, many(10_000))
	if len(text) > 1<<20 {
		t.Errorf("%d bytes, at most %d", len(text), 1<<20)
	}
	if want := "more parts of this report were left out"; !strings.Contains(text, want) {
		t.Errorf("it does not say %q", want)
	}
	if err := checkMarkdown(text); err != nil {
		t.Error(err)
	}
}

// many is n scenarios of every verdict, with rules.
func many(n int) *Suite {
	few := judged().Scenarios
	list := make([]Scenario, n)
	for i := range list {
		list[i] = few[i%len(few)]
		list[i].ID = fmt.Sprintf("%s-%d", list[i].ID, i)
	}
	return NewSuite("v", slices.Clip(list))
}

// BenchmarkWriters writes reports of 10,000 scenarios.
func BenchmarkWriters(b *testing.B) {
	s := many(10_000)
	for _, w := range Writers() {
		b.Run(w.Name, func(b *testing.B) {
			for b.Loop() {
				if err := w.Write(io.Discard, s, TextOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
