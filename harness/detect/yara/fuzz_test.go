package yara

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sidetrace/harness/detect"
)

// seeds adds the rules of testdata and what is hard to read.
func seeds(f *testing.F) {
	files, _ := filepath.Glob("testdata/rules/*.yar")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, text := range []string{
		"", "rule", "rule a", "rule a {", "private global rule a : x { condition: ", "rule a { strings: $a = { 01 (02|", "rule a { strings: $ = /a\\",
		"/* rule a { } */ // }\nrule b { meta: x = \"}\" strings: $a = \"\\\"}\" $b = /}/ condition: \"}\" == \"}\" }",
		"include \"a\"\ninclude \"b\" rule a { condition: true } rule a { condition: true }",
		"rule a { condition: ((((((((((((true)))))))))))) and (true or (false and not true)) }",
		"import \"pe\" import \"nothing\" rule a { condition: pe.is_pe or nothing.x or time.now() }",
		"rule a { strings: $a = { ~00 ?1 [4] [2-] ( 01 | 02 [1-2] ~?0 ) ff } condition: for any i in (1..#a) : ( @a[i] > !a[i] ) }",
		"rule rule { condition: rule } global", "rule a { strings: strings: condition: condition: }",
	} {
		f.Add(text)
	}
}

// FuzzParse reads any text as rules and takes it apart.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		out := parse([]byte(src))
		last := 0
		inside := func(s span) bool { return 0 <= s.start && s.start <= s.end && s.end <= len(src) }
		for _, r := range out.rules {
			if r.start < last || !inside(r.span) || !inside(r.strings) || !inside(r.condition) || r.name == "" {
				t.Fatalf("rule %+v in %d bytes, the last one ends at %d", r, len(src), last)
			}
			last = r.end
			for _, d := range stringDefs(r.strings.of([]byte(src))) {
				switch d.kind {
				case hexString:
					hexPieces(d.value)
				case text:
					if len(d.value) > 1 {
						d.letters()
					}
				}
			}
			condition := r.condition.of([]byte(src))
			split(condition, &anatomy{}, maxDepth)
			compared(condition)
			mentioned(condition)
			oneLine(condition, 80)
		}
		for _, d := range append(out.imports, out.includes...) {
			if !inside(d.span) || !inside(d.arg) {
				t.Fatalf("directive %+v in %d bytes", d, len(src))
			}
		}
	})
}

// FuzzLoad compiles any text, scans with it and explains what is silent.
func FuzzLoad(f *testing.F) {
	seeds(f)
	data := []byte("MZ marker \x90\x90 http://c2.test/queue")
	f.Fuzz(func(t *testing.T, src string) {
		path := filepath.Join(t.TempDir(), "a.yar")
		if err := os.WriteFile(path, []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
		e, _ := Load([]detect.Source{{Path: path}}, Options{Timeout: 200 * time.Millisecond})
		s := &detect.Subject{Objects: []detect.Object{{Kind: "file", Name: "o", Path: `C:\o.exe`, Data: data}}}
		findings, _ := e.Detect(context.Background(), s)
		for _, finding := range findings {
			if finding.Rule < 0 || finding.Rule >= len(e.Rules()) {
				t.Fatalf("finding of rule %d of %d", finding.Rule, len(e.Rules()))
			}
		}
		for i := range min(len(e.Rules()), 3) {
			e.Explain(context.Background(), i, s)
		}
	})
}
