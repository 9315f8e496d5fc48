package sigma

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidetrace/harness/detect"
)

// TestLoad: what is broken is told with its file and line, and the rest runs.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	good := func(id string) string {
		return "title: t" + id + "\nid: " + id + "\nlogsource: {product: windows}\ndetection:\n    s: {F: x}\n    condition: s\n"
	}
	for name, text := range map[string]string{
		"a.yml":         good("1") + "---\ntitle: [\n---\n" + good("2"),
		"b/c.YAML":      "\ufeff" + strings.ReplaceAll(good("3"), "\n", "\r\n"),
		"b/d.yml":       strings.Replace(good("4"), "F: x", "F|re: '(?=x)'", 1),
		"b/readme.txt":  "no rule",
		"e.yml":         "# a comment alone\n",
		"f.yml":         good("1"),
		"g_correct.yml": "...\n--- # comment\n" + good("6"),
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	big := filepath.Join(dir, "z.yml")
	if err := os.WriteFile(big, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(big, 100<<20); err != nil {
		t.Fatal(err)
	}
	e, problems := Load([]detect.Source{{Path: dir}, {Path: filepath.Join(dir, "absent")}}, Options{})
	var got []string
	for _, p := range problems {
		name, _ := filepath.Rel(dir, filepath.FromSlash(p.File))
		message, _, _ := strings.Cut(p.Message, ":")
		got = append(got, fmt.Sprintf("%s:%d %s %s", filepath.ToSlash(name), p.Line, p.Severity, message))
	}
	want := []string{
		"a.yml:8 broken YAML",
		"absent:0 broken no such file or directory",
		"b/d.yml:5 unsupported the regular expression uses look-around, which RE2 does not have",
		"f.yml:1 warning rule 1 is already in " + filepath.ToSlash(dir) + "/a.yml, line 1",
		"z.yml:0 broken 104857600 bytes; more than 16777216 are not read",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if ok, unsupported, broken := e.Count(); ok != 5 || unsupported != 1 || broken != 3 {
		t.Errorf("%d ok, %d unsupported, %d broken", ok, unsupported, broken)
	}
	var ids []string
	for _, r := range e.Rules() {
		ids = append(ids, fmt.Sprintf("%s line %d", r.ID, r.Line))
	}
	if diff := cmp.Diff([]string{"1 line 1", "2 line 10", "3 line 1", "1 line 1", "6 line 3"}, ids); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRevisions: two states of the same rules do not disturb each other.
func TestRevisions(t *testing.T) {
	var sources []detect.Source
	for _, revision := range []string{"old", "new"} {
		dir := t.TempDir()
		text := strings.Replace(base("a"), "Kind: a", "Kind: "+revision, 1) + "title: cor\ncorrelation: {type: event_count, rules: [a], timespan: 1m, condition: {gte: 1}}\n"
		if err := os.WriteFile(filepath.Join(dir, "r.yml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		sources = append(sources, detect.Source{Path: dir, Revision: revision})
	}
	e, problems := Load(sources, Options{})
	if len(problems) != 0 {
		t.Fatal(problems)
	}
	findings, _ := e.Detect(t.Context(), timeline("0 new"))
	if len(findings) != 1 || e.Rules()[findings[0].Rule].Revision != "new" {
		t.Errorf("%+v", findings)
	}
}

func TestMapping(t *testing.T) {
	file := func(text string) string {
		name := filepath.Join(t.TempDir(), "map.yml")
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	m := file(`taxonomy: ours
fields:
    CommandLine: process.command_line
logsources:
    - rule: {category: process_creation}
      events: [{category: process, product: ecs}]
      fields: {Image: process.executable}
`)
	text := "title: t\ntaxonomy: ours\nlogsource: {product: windows, category: process_creation}\ndetection: {s: {CommandLine: x, Image: y, Other: z}, condition: s}\n"
	r := mustParse(t, text, Options{Mappings: []string{m}})
	if !r.Match(event("ecs/process/", "process.command_line", "x", "process.executable", "y", "Other", "z")) {
		t.Error("the mapped rule does not match")
	}
	if r.Match(event(processCreation, "CommandLine", "x", "Image", "y", "Other", "z")) {
		t.Error("the mapped rule matches events of the log source before it was mapped")
	}
	for text, want := range map[string]string{
		"field: {}":                           `broken 1: there is no key "field" here; known are taxonomy, fields, logsources`,
		"fields: {A: [b]}":                    "broken 1: the name in events of A is a list, not a string",
		"logsources: [{events: []}]":          "broken 1: an item of logsources has no rule",
		"logsources: [{rule: {product2: x}}]": `broken 1: there is no key "product2" here; known are category, product, service`,
		"[]":                                  "broken 1: the mapping is a list, not a map",
		"a: b\n---\nc: d":                     "broken 0: a mapping is one YAML document, and this file has 2",
	} {
		_, problems := Load(nil, Options{Mappings: []string{file(text)}})
		if len(problems) != 1 || line(problems[0]) != want {
			t.Errorf("%s: got %v, want %s", text, problems, want)
		}
	}
}

// TestHostileRules: rules that could take for ever do not.
func TestHostileRules(t *testing.T) {
	start := time.Now()
	many := rule("s: {A: a}\ncondition: " + strings.Repeat("s or ", 2000) + "s")
	values := rule("s:\n    F|contains: ['" + strings.Repeat("x', '", 9000) + "x']\ncondition: s")
	tree := strings.Builder{}
	for i := range 30 { // each level refers to both of the one below
		fmt.Fprintf(&tree, "title: l%d\nname: l%d\ncorrelation: {type: event_count, rules: [%s, %s], timespan: 1d, condition: {gte: 1}}\n---\n", i, i, below(i, ""), below(i, "x"))
		fmt.Fprintf(&tree, "title: l%dx\nname: l%dx\ncorrelation: {type: event_count, rules: [%s, %s], timespan: 1d, condition: {gte: 1}}\n---\n", i, i, below(i, ""), below(i, "x"))
	}
	e, problems := load(t, Options{}, many, values, tree.String()+base("a", "b"), strings.Repeat("title: x\n---\n", 2_000))
	if ok, _, broken := e.Count(); ok != 64 || broken != 2_000 {
		t.Error(ok, broken, problems[:min(len(problems), 3)])
	}
	var lines []string
	for i := range 50 {
		lines = append(lines, fmt.Sprintf("%d a", i), fmt.Sprintf("%d b", i))
	}
	e.Detect(t.Context(), timeline(lines...))
	for i := range e.Rules() {
		e.Explain(t.Context(), i, timeline("0 c"))
	}
	if d := time.Since(start); d > time.Minute {
		t.Errorf("took %v", d)
	}
}

// below names a rule of the level below.
func below(level int, suffix string) string {
	if level == 0 {
		return map[string]string{"": "a", "x": "b"}[suffix]
	}
	return fmt.Sprintf("l%d%s", level-1, suffix)
}
