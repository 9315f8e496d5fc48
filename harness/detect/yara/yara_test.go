package yara

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidetrace/harness/detect"
)

// write lays files, by their slash-separated names, into a new folder.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// load loads a folder, whose name is taken out of what comes back.
func load(t testing.TB, files map[string]string, opts Options) (*Engine, []string) {
	t.Helper()
	dir := write(t, files)
	e, problems := Load([]detect.Source{{Path: dir}}, opts)
	var said []string
	for _, p := range problems {
		p.File = strings.TrimPrefix(strings.TrimPrefix(p.File, dir), "/")
		p.Message, _, _ = strings.Cut(p.Message, ", unexpected") // what is, depends on the release
		p.Hint = strings.ReplaceAll(p.Hint, dir+"/", "")
		said = append(said, render(p))
	}
	return e, said
}

// render is a problem in one line.
func render(p detect.Problem) string {
	s := fmt.Sprintf("%s %s:%d", p.Severity, p.File, p.Line)
	if p.Rule != "" {
		s += " " + p.Rule
	}
	s += ": " + p.Message
	if p.Hint != "" {
		s += " (" + p.Hint + ")"
	}
	return s
}

// one loads a single text that must have no problem.
func one(t testing.TB, src string) *Engine {
	t.Helper()
	e, problems := load(t, map[string]string{"a.yar": src}, Options{})
	if len(problems) > 0 {
		t.Fatalf("problems: %q", problems)
	}
	return e
}

func object(name, data string) detect.Object {
	return detect.Object{Kind: "file", Name: name, Path: name, Data: []byte(data)}
}

// fired renders findings, one a line.
func fired(e *Engine, objects ...detect.Object) []string {
	findings, problems := e.Detect(context.Background(), &detect.Subject{Objects: objects})
	var lines []string
	for _, f := range findings {
		s := e.Rules()[f.Rule].ID + " on " + f.On
		for _, ev := range f.Evidence {
			s += " " + ev.Term
			if ev.Offset != nil {
				s += fmt.Sprintf("@%#x", *ev.Offset)
			}
			s += "=" + ev.Text
		}
		lines = append(lines, s)
	}
	for _, p := range problems {
		lines = append(lines, "problem: "+p.Message)
	}
	return lines
}

func TestDetect(t *testing.T) {
	e := one(t, `
import "pe"
private rule helper { strings: $m = "MZ" condition: $m at 0 }
rule text : one two {
	meta:
		description = "A marker,  and more"
		score = 75
		mitre = "T1574.001, T1105"
	strings:
		$a = "marker"
		$w = "wide" wide
		$h = { 90 90 ?? C3 }
		$hidden = "ker" private
	condition:
		helper and any of them
}
rule named { condition: filename == "a.dll" and filepath == "C:\\app" and extension == ".dll" and filetype == "EXE" and owner == "" }
rule small { condition: filesize < 10 }
`[1:])
	marker := object(`C:\app\a.dll`, "MZ marker w\x00i\x00d\x00e\x00 \x90\x90\x01\xC3 marker marker marker marker marker")
	marker.Kind, marker.Seq = "code.unpacked", 7
	want := []string{
		`text on C:\app\a.dll $a@0x3=marker $a@0x18=marker $a@0x1f=marker $a@0x26=marker (and 2 more) $w@0xa=wide $h@0x13=90 90 01 C3`,
		`named on C:\app\a.dll condition=filename == "a.dll" and filepath == "C:\\app" and extension == ".dll" and filetype == "EXE" and owner == ""`,
		`small on short condition=filesize < 10`,
	}
	if diff := cmp.Diff(want, fired(e, marker, object("short", "marker"))); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	findings, _ := e.Detect(context.Background(), &detect.Subject{Objects: []detect.Object{marker}})
	if f := findings[0]; f.Kind != "code.unpacked" || len(f.Seqs) != 1 || f.Seqs[0] != 7 {
		t.Errorf("kind %q, seqs %v, want those of the object", f.Kind, f.Seqs)
	}
	rules := e.Rules()
	if got := rules[0]; got.ID != "text" || got.Line != 3 || got.Title != "A marker, and more" || got.Level != "medium" ||
		!cmp.Equal(got.Attack, []string{"T1574.001", "T1105"}) || !cmp.Equal(got.Tags, []string{"one", "two"}) {
		t.Errorf("rule: got %+v", got)
	}
	if ok, unsupported, broken := e.Count(); ok != 4 || unsupported != 0 || broken != 0 {
		t.Errorf("count: got %d, %d, %d, want 4, 0, 0", ok, unsupported, broken)
	}
}

// TestProcessImage shows that the image of a process has no filesize, as for YARA.
func TestProcessImage(t *testing.T) {
	e := one(t, `rule a { condition: filesize > 0 } rule b { strings: $b = "marker" condition: $b }`)
	image := detect.Object{Kind: "process.image", Name: "image", Data: []byte("marker")}
	if diff := cmp.Diff([]string{"b on image $b@0x0=marker"}, fired(e, image)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestVariables(t *testing.T) {
	e, problems := load(t, map[string]string{"a.yar": `
rule a { condition: number == 3 and real > 0.4 and truth and word == "x" and owner == "me" }`},
		Options{Variables: map[string]string{"number": "3", "real": "0.5", "truth": "true", "word": "x", "owner": "me"}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := fired(e, object("o", "")); len(got) != 1 {
		t.Errorf("got %q, want a to fire", got)
	}
}

func TestBroken(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  []string // problems
		rules string   // that remain
	}{
		{"a rule between good ones", map[string]string{"a.yar": "rule a { condition: true }\nrule b {\n  strings: $x = \"x\"\n  condition: $y }\nrule c { condition: true }"},
			[]string{`broken a.yar:4 b: undefined string "$y"`}, "a c"},
		{"a string that is not used", map[string]string{"a.yar": "rule a {\n strings:\n  $x = \"x\"\n condition:\n  true\n}\n\n\nrule b { condition: true }"},
			[]string{`broken a.yar:3 a: unreferenced string "$x"`}, "b"},
		{"no closing brace", map[string]string{"a.yar": "rule a { condition: true\nrule b { condition: true }"},
			[]string{`broken a.yar:1 a: the rule has no closing brace`}, "b"},
		{"one that builds on a broken one", map[string]string{"a.yar": "rule a { condition: b }\nrule c { condition: a }\nrule d { condition: true }"},
			[]string{
				`broken a.yar:1 a: undefined identifier "b" (import the module, or give it a value as an external variable)`,
				`broken a.yar:2 c: undefined identifier "a" (the rule of this name, at a.yar:1, was left out)`}, "d"},
		{"a good file beside a broken one", map[string]string{"a.yar": "rule a { condition: x }", "b.yar": "rule b { condition: true }"},
			[]string{`broken a.yar:1 a: undefined identifier "x" (import the module, or give it a value as an external variable)`}, "b"},
		{"the same name twice", map[string]string{"a.yar": "rule a { condition: true }\nrule a { condition: true }"},
			[]string{`broken a.yar:2 a: duplicated identifier "a"`}, "a"},
		{"no rules", map[string]string{"a.yar": "Dear all,\nthe rules will follow.", "b.yar": "rule b { condition: true }"},
			[]string{`broken a.yar:1: syntax error`}, "b"},
		{"a binary file", map[string]string{"a.yar": "rule\x00", "b.yar": "rule b { condition: true }"},
			[]string{`broken a.yar:0: a NUL byte: not a text of rules, or one in UTF-16`}, "b"},
		{"a module that does not fit", map[string]string{"a.yar": "import \"time\"\nrule a { condition: time.now() > 0 }\nrule b { condition: true }"},
			[]string{`unsupported a.yar:2 a: the time module reads the clock of this machine, and a scan must say the same every time`}, "b"},
		{"an unknown module", map[string]string{"a.yar": "import \"vt\"\nrule a { condition: vt.x }\nrule b { condition: true }"},
			[]string{`unsupported a.yar:2 a: libyara ` + Version() + ` has no module "vt"`}, "b"},
		{"a field that the module lacks", map[string]string{"a.yar": "import \"pe\"\nrule a { condition: pe.unheard_of > 0 }\nrule b { condition: true }"},
			[]string{`broken a.yar:2 a: invalid field name "unheard_of" (releases of YARA after ` + Version() + ` may have it)`}, "b"},
		{"a regular expression", map[string]string{"a.yar": "rule a { strings: $a = /a(b/ condition: $a }\nrule b { condition: true }"},
			[]string{`broken a.yar:1 a: invalid regular expression "$a": syntax error`}, "b"},
		{"no folder of rules", map[string]string{"a.txt": "rule a { condition: true }"},
			[]string{`warning :0: no file of YARA rules in this folder (their names end in .yar or .yara)`}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, problems := load(t, test.files, Options{})
			if diff := cmp.Diff(test.want, problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if got := ids(e); got != test.rules {
				t.Errorf("rules: got %q, want %q", got, test.rules)
			}
		})
	}
}

func ids(e *Engine) string {
	var names []string
	for _, r := range e.Rules() {
		names = append(names, r.ID)
	}
	return strings.Join(names, " ")
}

func TestIncludes(t *testing.T) {
	const good = "rule %s { condition: true }"
	tests := []struct {
		name  string
		files map[string]string
		want  []string
		rules string
	}{
		{"in a folder below", map[string]string{
			"a.yar": "include \"./sub/b.inc\"\nrule a { condition: b }", "sub/b.inc": "include \"c.inc\"\nrule b { condition: c }", "sub/c.inc": fmt.Sprintf(good, "c")},
			nil, "c b a"},
		{"also loaded for itself", map[string]string{
			"a.yar": "include \"b.yar\"\nrule a { condition: b }", "b.yar": fmt.Sprintf(good, "b")}, nil, "b a"},
		{"an index of all", map[string]string{
			"index.yar": "include \"b.yar\"\ninclude \"c.yar\"", "b.yar": fmt.Sprintf(good, "b"), "c.yar": fmt.Sprintf(good, "c")}, nil, "b c"},
		{"out of the folder", map[string]string{"a.yar": "include \"../../../etc/passwd\"\ninclude \"/etc/passwd\"\n" + fmt.Sprintf(good, "a")},
			[]string{`broken a.yar:1: include "../../../etc/passwd": leads out of the folder of these rules`,
				`broken a.yar:2: include "/etc/passwd": leads out of the folder of these rules`}, "a"},
		{"missing", map[string]string{"a.yar": "include \"b.inc\"\n" + fmt.Sprintf(good, "a")},
			[]string{`broken a.yar:1: include "b.inc": could not be read`, `broken b.inc:0: no such file or directory`}, "a"},
		{"in a circle", map[string]string{"a.yar": "include \"b.inc\"\n" + fmt.Sprintf(good, "a"), "b.inc": "include \"./a.yar\"\n" + fmt.Sprintf(good, "b")},
			[]string{`broken b.inc:1: include "./a.yar": includes this file in turn`}, "b a"},
		{"a number that is another file's", map[string]string{"a.yar": "include \"1\"\n" + fmt.Sprintf(good, "a"), "b.yar": fmt.Sprintf(good, "b")},
			[]string{`broken 1:0: no such file or directory`, `broken a.yar:1: include "1": could not be read`}, "a b"},
		{"broken in what is included", map[string]string{"a.yar": "include \"b.inc\"\nrule a { condition: true }", "b.inc": "\nrule b { condition: x }"},
			[]string{`broken b.inc:2 b: undefined identifier "x" (import the module, or give it a value as an external variable)`}, "a"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, problems := load(t, test.files, Options{})
			if diff := cmp.Diff(test.want, problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if got := ids(e); got != test.rules {
				t.Errorf("rules: got %q, want %q", got, test.rules)
			}
		})
	}
}

// TestIncludeLink shows that a link does not lead out of the folder either.
func TestIncludeLink(t *testing.T) {
	dir := write(t, map[string]string{"a.yar": "include \"link\"\nrule a { condition: true }"})
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	e, problems := Load([]detect.Source{{Path: dir}}, Options{})
	if len(problems) != 2 || !strings.Contains(problems[1].Message, "escapes") || ids(e) != "a" {
		t.Errorf("rules %q, problems %+v", ids(e), problems)
	}
}

// TestManyIncludes shows that files which include each other many times over do
// not make an endless text.
func TestManyIncludes(t *testing.T) {
	files := map[string]string{"f13.inc": "rule a { condition: true }"}
	for i := range 13 {
		name := fmt.Sprintf("f%d.inc", i)
		if i == 0 {
			name = "a.yar"
		}
		files[name] = strings.Repeat(fmt.Sprintf("include \"f%d.inc\"\n", i+1), 50)
	}
	started := time.Now()
	_, problems := load(t, files, Options{})
	if len(problems) == 0 || time.Since(started) > 20*time.Second {
		t.Errorf("%d problems after %s", len(problems), time.Since(started))
	}
}

func TestTimeout(t *testing.T) {
	e, problems := load(t, map[string]string{"a.yar": `rule slow { condition: for all i in (0..filesize) : (uint8(i) < 255 or i == 0 or true) }`}, Options{Timeout: 100 * time.Millisecond})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	big := object("big", strings.Repeat("x", 64<<20))
	started := time.Now()
	got := fired(e, big)
	want := []string{"problem: big: not scanned to its end within 100ms"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if took := time.Since(started); took > 3*time.Second {
		t.Errorf("took %s", took)
	}
	e.timeout = time.Minute
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	started = time.Now()
	if _, problems := e.Detect(ctx, &detect.Subject{Objects: []detect.Object{big}}); len(problems) != 1 {
		t.Errorf("a cancelled scan has %d problems, want 1", len(problems))
	}
	if took := time.Since(started); took > 3*time.Second {
		t.Errorf("cancelled after %s", took)
	}
}

// TestTimeoutOfOne shows that a rule which takes too long silences those of its
// own file, and no others.
func TestTimeoutOfOne(t *testing.T) {
	e, problems := load(t, map[string]string{
		"a.yar": `private rule p { condition: true } rule a { condition: p }`,
		"b.yar": `rule slow { condition: for all i in (0..filesize) : ( for all j in (0..filesize) : (uint8(j) < 255 or true) ) }`,
		"c.yar": `// none`,
		"d.yar": `rule d { strings: $d = "marker" condition: $d }`,
	}, Options{Timeout: 1200 * time.Millisecond})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	s := &detect.Subject{Objects: []detect.Object{object("big", strings.Repeat("x", 1<<20)+"marker")}}
	findings, said := e.Detect(context.Background(), s)
	var names []string
	for _, f := range findings {
		names = append(names, e.Rules()[f.Rule].ID)
	}
	if got := strings.Join(names, " "); got != "a d" {
		t.Errorf("fired: got %q, want a and d", got)
	}
	if len(said) != 1 || filepath.Base(said[0].File) != "b.yar" {
		t.Errorf("problems: got %+v, want one of b.yar", said)
	}
}

func TestConcurrent(t *testing.T) {
	e := one(t, `
import "pe"
import "hash"
rule a { strings: $a = "marker" nocase condition: $a and filename == "a" }
rule b { condition: hash.md5(0, filesize) == "a" or not pe.is_pe }`)
	want := fired(e, object("a", "a MARKER"), object("b", "marker"))
	if len(want) != 3 {
		t.Fatalf("got %q", want)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				if got := fired(e, object("a", "a MARKER"), object("b", "marker")); !cmp.Equal(got, want) {
					t.Errorf("got %q, want %q", got, want)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestEmpty(t *testing.T) {
	e, problems := Load([]detect.Source{{Path: "/nowhere"}}, Options{})
	if len(problems) != 1 || problems[0].Severity != detect.Broken {
		t.Errorf("problems: %+v", problems)
	}
	if got := fired(e, object("a", "a")); got != nil {
		t.Errorf("got %q", got)
	}
	e, problems = Load(nil, Options{})
	if len(problems) != 0 || len(e.Rules()) != 0 {
		t.Errorf("an engine of nothing: %d rules, %+v", len(e.Rules()), problems)
	}
}

func TestTooBig(t *testing.T) {
	dir := write(t, map[string]string{"a.yar": "rule a { condition: true }", "b.yar": ""})
	if err := os.Truncate(filepath.Join(dir, "b.yar"), 100<<20); err != nil {
		t.Fatal(err)
	}
	e, problems := Load([]detect.Source{{Path: dir}}, Options{})
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "104857600 bytes") || ids(e) != "a" {
		t.Errorf("rules %q, problems %+v", ids(e), problems)
	}
}
