package scenarios_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"sidetrace/emulator/trace"
	"sidetrace/scenarios"
)

var update = flag.Bool("update", false, "rewrite schema.json and the keys in README.md")

func TestSchemaIsFresh(t *testing.T) {
	want := scenarios.Schema()
	if *update {
		if err := os.WriteFile("schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("schema.json is stale; run go generate ./scenarios (-want +got)\n%s", diff)
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(scenarios.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	data, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

// TestScenarios says that every scenario of the repository is read without
// complaint, fits the schema and lies in the folder of its id.
func TestScenarios(t *testing.T) {
	s := compileSchema(t)
	files, err := filepath.Glob("*/" + scenarios.FileName)
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		scenario, err := scenarios.ParseFile(file)
		if err != nil {
			t.Error(err)
			continue
		}
		if dir := filepath.Dir(file); dir != scenario.ID {
			t.Errorf("%s: got id %s, want %s", file, scenario.ID, dir)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, s, text); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestSchemaRefuses says that the schema sees what an editor should underline.
func TestSchemaRefuses(t *testing.T) {
	s := compileSchema(t)
	if err := validate(t, s, []byte(base)); err != nil {
		t.Fatalf("the test's own scenario: %v", err)
	}
	step := func(step string) string { return replaced("exit: 0", "in_order: ["+step+"]") }
	for name, text := range map[string]string{
		"unknown key":        base + "detections: {}\n",
		"no why":             replaced("why: To have one.\n", ""),
		"unknown kind":       step("file.raed: {}"),
		"unknown field":      step("file.read: {pth: x}"),
		"modifier of a type": step("file.read: {size|contains: x}"),
		"value of a type":    step("file.read: {size: x}"),
		"exists":             step("file.read: {path|exists: x}"),
		"two kinds":          step("{file.read: {}, exit: {}}"),
		"nothing expected":   replaced("\n  exit: 0", " {}"),
		"count option":       step("file.read: {exactly: 1}"),
	} {
		if err := validate(t, s, []byte(text)); err == nil {
			t.Errorf("%s: the schema accepts\n%s", name, text)
		}
	}
}

// TestReservedNames says that no field hides behind an option of a step.
func TestReservedNames(t *testing.T) {
	for _, k := range trace.Kinds() {
		for _, f := range k.Fields {
			if strings.Contains(" save_as why exactly min max ", " "+f.Name+" ") {
				t.Errorf("field %s of %s has the name of an option", f.Name, k.Kind)
			}
		}
	}
}

// TestReadmeIsFresh says that the table of keys in README.md is the parser's.
func TestReadmeIsFresh(t *testing.T) {
	const start, end = "<!-- keys: go generate ./scenarios -->\n", "<!-- /keys -->\n"
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), start)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("README.md has no section between %s and %s", start, end)
	}
	want := "\n" + scenarios.Reference() + "\n"
	if *update {
		if err := os.WriteFile("README.md", []byte(before+start+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("README.md is stale; run go generate ./scenarios (-want +got)\n%s", diff)
	}
}

// TestExamples says that the scenarios shown in the repository's README can be
// read and fit the schema.
func TestExamples(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	s := compileSchema(t)
	found := 0
	for _, block := range strings.Split(string(text), "```yaml\n")[1:] {
		example, _, _ := strings.Cut(block, "```\n")
		if !strings.Contains(example, "\nid: ") {
			continue
		}
		found++
		if _, err := scenarios.Parse("README.md", []byte(example)); err != nil {
			t.Error(err)
		}
		if err := validate(t, s, []byte(example)); err != nil {
			t.Error(err)
		}
	}
	if found == 0 {
		t.Error("README.md shows no scenario")
	}
}
