package reports

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// checkSchema validates JSON. SARIF's schema is the one that OASIS publishes.
func checkSchema(name string) func(string) error {
	return func(text string) error {
		schema, err := jsonschema.NewCompiler().Compile(name)
		if err != nil {
			return err
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			return err
		}
		return schema.Validate(value)
	}
}

// element is what junit-10.xsd says of an element.
type element struct {
	required, optional []string // attributes
	children           []string
	text               bool
}

// junitElements are the rules of junit-10.xsd for the elements that can occur.
var junitElements = map[string]element{
	"testsuites": {optional: []string{"name", "time", "tests", "failures", "errors"}, children: []string{"testsuite"}},
	"testsuite": {
		required: []string{"name", "tests", "failures", "errors"},
		optional: []string{"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
		children: []string{"testsuite", "properties", "testcase", "system-out", "system-err"},
	},
	"properties": {children: []string{"property"}},
	"property":   {required: []string{"name", "value"}},
	"testcase": {
		required: []string{"name"}, optional: []string{"time", "classname", "group"},
		children: []string{"skipped", "error", "failure", "system-out", "system-err"},
	},
	"skipped": {optional: []string{"type", "message"}, text: true},
	"error":   {optional: []string{"type", "message"}, text: true},
	"failure": {optional: []string{"type", "message"}, text: true},
}

var surefireTime = regexp.MustCompile(`^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$`)

// checkJUnit holds XML against the rules of the schema, and the counts of each
// suite against its cases.
func checkJUnit(text string) error {
	d := xml.NewDecoder(strings.NewReader(text))
	var open []string
	counts := map[string]int{}
	want := map[string]string{}
	names := map[string]bool{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if len(open) > 0 {
				return fmt.Errorf("%v is not closed", open)
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			rule, ok := junitElements[name]
			if !ok || len(open) == 0 && name != "testsuites" || len(open) > 0 && !slices.Contains(junitElements[open[len(open)-1]].children, name) {
				return fmt.Errorf("<%s> in %v", name, open)
			}
			given := map[string]string{}
			for _, a := range token.Attr {
				if !slices.Contains(rule.required, a.Name.Local) && !slices.Contains(rule.optional, a.Name.Local) {
					return fmt.Errorf("<%s> has no attribute %s", name, a.Name.Local)
				}
				given[a.Name.Local] = a.Value
			}
			for _, a := range rule.required {
				if _, ok := given[a]; !ok {
					return fmt.Errorf("<%s> lacks %s", name, a)
				}
			}
			if !surefireTime.MatchString(given["time"]) {
				return fmt.Errorf("time %q", given["time"])
			}
			switch name {
			case "testsuite":
				clear(counts)
				clear(names)
				want = given
			case "testcase":
				if names[given["name"]] {
					return fmt.Errorf("two cases %q in a suite", given["name"])
				}
				names[given["name"]] = true
			}
			counts[name]++
			open = append(open, name)
		case xml.EndElement:
			open = open[:len(open)-1]
			if token.Name.Local == "testsuite" {
				for attribute, element := range map[string]string{"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"} {
					if got := fmt.Sprint(counts[element]); got != want[attribute] {
						return fmt.Errorf("%s=%q of %s <%s>", attribute, want[attribute], got, element)
					}
				}
			}
		case xml.CharData:
			if strings.TrimSpace(string(token)) != "" && (len(open) == 0 || !junitElements[open[len(open)-1]].text) {
				return fmt.Errorf("text %q in %v", token, open)
			}
		}
	}
}

var githubLine = regexp.MustCompile(`^::(error|warning|notice) ((?:[a-zA-Z]+=[^,:\r\n]*)(?:,[a-zA-Z]+=[^,:\r\n]*)*)::[^\r\n]*$`)

// checkGitHub takes commands apart as the runner does.
func checkGitHub(text string) error {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		m := githubLine.FindStringSubmatch(line)
		if m == nil {
			return fmt.Errorf("no command: %q", line)
		}
		for p := range strings.SplitSeq(m[2], ",") {
			name, value, _ := strings.Cut(p, "=")
			switch name {
			case "file", "title":
			case "line", "col":
				if !regexp.MustCompile(`^[1-9][0-9]*$`).MatchString(value) {
					return fmt.Errorf("%s=%s", name, value)
				}
			default:
				return fmt.Errorf("property %q", name)
			}
		}
		if rest := regexp.MustCompile(`%(25|0A|0D|3A|2C)`).ReplaceAllString(line, ""); strings.Contains(rest, "%") {
			return fmt.Errorf("a %% that is not escaped: %q", line)
		}
	}
	return nil
}

// layerFields are the properties of layer format 4.5 by object; true are required.
var layerFields = map[string]map[string]bool{
	"": {
		"versions": false, "name": true, "description": false, "domain": true, "customDataURL": false, "filters": false, "sorting": false, "layout": false,
		"hideDisabled": false, "techniques": false, "gradient": false, "legendItems": false, "showTacticRowBackground": false, "tacticRowBackground": false,
		"selectTechniquesAcrossTactics": false, "selectSubtechniquesWithParent": false, "selectVisibleTechniques": false, "metadata": false, "links": false,
	},
	"versions":    {"attack": false, "navigator": true, "layer": true},
	"filters":     {"platforms": false},
	"layout":      {"layout": false, "showID": false, "showName": false, "showAggregateScores": false, "countUnscored": false, "aggregateFunction": false, "expandedSubtechniques": false},
	"techniques":  {"techniqueID": true, "tactic": false, "comment": false, "enabled": false, "score": false, "color": false, "metadata": false, "links": false, "showSubtechniques": false},
	"gradient":    {"colors": true, "minValue": true, "maxValue": true},
	"legendItems": {"label": true, "color": true},
	"metadata":    {"name": true, "value": true},
}

// checkNavigator holds a layer against the tables of the format.
func checkNavigator(text string) error {
	var layer map[string]any
	if err := json.Unmarshal([]byte(text), &layer); err != nil {
		return err
	}
	versions, _ := layer["versions"].(map[string]any)
	if versions["layer"] != "4.5" || versions["attack"] != "19" || layer["domain"] != "enterprise-attack" {
		return fmt.Errorf("versions %v of %v", versions, layer["domain"])
	}
	return checkLayer("", layer)
}

func checkLayer(name string, value any) error {
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			if err := checkLayer(name, v); err != nil {
				return err
			}
		}
	case map[string]any:
		for field, required := range layerFields[name] {
			if _, ok := value[field]; required && !ok {
				return fmt.Errorf("%s lacks %s", name, field)
			}
		}
		for field, v := range value {
			if _, ok := layerFields[name][field]; !ok {
				return fmt.Errorf("%s has no %s", name, field)
			}
			if err := checkLayer(field, v); err != nil {
				return err
			}
		}
		if id, ok := value["techniqueID"].(string); ok && !regexp.MustCompile(`^T\d{4}(\.\d{3})?$`).MatchString(id) {
			return fmt.Errorf("techniqueID %q", id)
		}
		if score, ok := value["score"].(float64); ok && (score < 0 || score > 100) {
			return fmt.Errorf("score %v", score)
		}
	}
	return nil
}

var (
	markdownFence     = regexp.MustCompile("^ *(`{3,})text$")
	markdownReference = regexp.MustCompile(`&#[0-9]+;`)
	markdownOurs      = regexp.MustCompile(`</?code>|<br>|\*\*`)
)

// checkMarkdown looks for markup that is not the writer's own: rows of tables have
// as many cells as their head, fences close, and outside of them there is no
// character left that means something.
func checkMarkdown(text string) error {
	fence, cells := "", 0
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if fence != "" {
			if got := strings.TrimLeft(line, " "); strings.HasPrefix(got, fence) {
				if got != fence {
					return fmt.Errorf("a fence is closed by %q", line)
				}
				fence = ""
			}
			continue
		}
		if m := markdownFence.FindStringSubmatch(line); m != nil {
			fence = m[1]
			continue
		}
		rest := markdownOurs.ReplaceAllString(markdownReference.ReplaceAllString(line, ""), "")
		if strings.HasPrefix(line, "|") {
			n := strings.Count(rest, "|")
			if cells != 0 && n != cells {
				return fmt.Errorf("a row of %d cells, not %d: %q", n-1, cells-1, line)
			}
			cells = n
			rest = strings.ReplaceAll(rest, "|", "")
		} else {
			cells = 0
		}
		rest = strings.TrimLeft(rest, "# ")
		if i := strings.IndexAny(rest, "`<>[]*_~\\@&|#$"); i >= 0 {
			return fmt.Errorf("markup at %d of %q", i, line)
		}
		if strings.Contains(rest, "://") || strings.Contains(rest, "www.") {
			return fmt.Errorf("a link in %q", line)
		}
	}
	if fence != "" {
		return errors.New("a fence is not closed")
	}
	return nil
}

// TestFormChecks breaks what fits, and wants each check to notice.
func TestFormChecks(t *testing.T) {
	tests := []struct{ form, old, new string }{
		{"junit", ` tests="`, ` testz="`},
		{"junit", `</testcase>`, `</testcase><b/>`},
		{"junit", `failures="1"`, `failures="2"`},
		{"junit", `</testsuites>`, ``},
		{"github", "line=", "line=x"},
		{"github", "::error ", "error "},
		{"github", "%0A", "\n"},
		{"sarif", `"2.1.0"`, `"2.0.0"`},
		{"sarif", `"startLine": `, `"startLine": -`},
		{"sarif", `"ruleIndex"`, `"ruleNumber"`},
		{"navigator", `"layer": "4.5"`, `"layer": "4.4"`},
		{"navigator", `"techniqueID"`, `"id"`},
		{"markdown", "| pass |", "| pass | |"},
		{"markdown", "<code>", "<b>"},
		{"markdown", "&#96;", "`"},
		{"markdown", "```\n", "``\n"},
	}
	writers := map[string]Writer{}
	for _, w := range Writers() {
		writers[w.Name] = w
	}
	for _, test := range tests {
		t.Run(test.form+" "+test.old, func(t *testing.T) {
			s := judged()
			s.Scenarios[0].Title = "a ` b"
			good := writtenBy(t, writers[test.form], s)
			if err := checkForm[test.form](good); err != nil {
				t.Fatal(err)
			}
			bad := strings.Replace(good, test.old, test.new, 1)
			if bad == good {
				t.Fatalf("%q is not in it", test.old)
			}
			if checkForm[test.form](bad) == nil {
				t.Errorf("%q for %q passes", test.new, test.old)
			}
		})
	}
}

// TestFingerprints moves every line of the scenarios, and wants the same
// fingerprints, each once.
func TestFingerprints(t *testing.T) {
	prints := func(s *Suite) []string {
		var log sarifLog
		var b strings.Builder
		if err := WriteSARIF(&b, s); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(b.String()), &log); err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, r := range log.Runs[0].Results {
			list = append(list, r.Fingerprints[sarifFingerprint])
		}
		return list
	}
	moved := judged()
	for i := range moved.Scenarios {
		s := &moved.Scenarios[i]
		for k := range s.Steps {
			s.Steps[k].Line += 7
		}
		for k := range s.Never {
			s.Never[k].Line += 7
		}
		if s.Detections != nil {
			for k := range s.Detections.Checks {
				s.Detections.Checks[k].Line += 7
			}
		}
	}
	was, is := prints(judged()), prints(moved)
	if !slices.Equal(was, is) {
		t.Errorf("got %q, want %q", is, was)
	}
	slices.Sort(is)
	if n := len(slices.Compact(is)); n != len(was) {
		t.Errorf("%d fingerprints of %d results", n, len(was))
	}
}
