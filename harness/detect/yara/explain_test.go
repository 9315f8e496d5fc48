package yara

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/harness/detect"
)

// why renders the explanation of a rule: the reason, then a line for each part
// and one for each of its misses.
func why(t testing.TB, e *Engine, id string, objects ...detect.Object) []string {
	t.Helper()
	for i, r := range e.Rules() {
		if r.ID != id {
			continue
		}
		s := e.Explain(context.Background(), i, &detect.Subject{Objects: objects})
		lines := []string{s.Reason}
		for _, term := range s.Terms {
			mark := "- "
			if term.Holds {
				mark = "+ "
			}
			lines = append(lines, mark+term.Name)
			for _, miss := range term.Misses {
				lines = append(lines, "    "+miss)
			}
		}
		return lines
	}
	t.Fatalf("no rule %s", id)
	return nil
}

func TestExplain(t *testing.T) {
	const url = "http://c2.test/queue"
	tests := []struct {
		name    string
		rules   string // the first is explained, unless one is called it
		objects []detect.Object
		want    string
	}{
		{"a slip in the only string", `
rule it { strings: $a = "AVMonitorRefreshEvnt" condition: $a }`,
			[]detect.Object{object("o", "AVMono, a player"), object("p", "..AVMonitorRefreshEvent")}, `
nearest of 2 objects is p, with 0 of 1 strings: false is $a
- $a
    not found: $a
- $a = "AVMonitorRefreshEvnt"
    not found; the nearest is at 0x2, "AVMonitorRefreshEven": 18 of 20 bytes match, byte 18 should be 6E and is 65`},
		{"a value and a string", `
rule it { strings: $a = "marker" $b = "beacon" condition: uint16(0) == 0x5A4D and filesize < 10 and all of them }`,
			[]detect.Object{object("o", "PK marker marker")}, `
on o, with 1 of 2 strings: false is uint16(0) == 0x5A4D, and 2 more
- uint16(0) == 0x5A4D
    uint16(0) is 0x4b50
- filesize < 10
    filesize is 16
- all of them
    1 of 2 strings found
    found: $a at 0x3, 0xa
    not found: $b
- $b = "beacon"
    not found
+ $a = "marker", at 0x3, 0xa`},

		{"the nearest of several", `
rule it { strings: $a = "marker" $b = "beacon" $c = "third" condition: all of them }`,
			[]detect.Object{object("one", "marker"), object("two", "marker third"), object("three", "beacon")}, `
nearest of 3 objects is two, with 2 of 3 strings: false is all of them
- all of them
    2 of 3 strings found
    found: $a at 0x0; $c at 0x7
    not found: $b
- $b = "beacon"
    not found
    found in three at 0x0
+ $a = "marker", at 0x0
+ $c = "third", at 0x7`},

		{"other case, width and word", `
rule it { strings: $a = "Marker" $b = "beacon" wide $c = "word" fullword $d = "both" nocase wide condition: all of them }`,
			[]detect.Object{object("o", "MARKER beacon swordfish b\x00O\x00t\x00h\x00")}, `
on o, with 1 of 4 strings: false is all of them
- all of them
    1 of 4 strings found
    found: $d at 0x18
    not found: $a, $b, $c
- $a = "Marker"
    not found; it is at 0x0 in other case, "MARKER": it has no nocase
- $b = "beacon"
    not found; it is at 0x7 in ASCII: it is wide alone
- $c = "word"
    not found; it is at 0xf inside a longer word, "beacon swordfish b.O": it has fullword
+ $d = "both", at 0x18`},

		{"in UTF-16", `rule it { strings: $a = "marker" condition: $a }`,
			[]detect.Object{object("o", "m\x00a\x00r\x00k\x00e\x00r\x00")}, `
on o, with 0 of 1 strings: false is $a
- $a
    not found: $a
- $a = "marker"
    not found; it is at 0x0 in UTF-16: it has no wide`},

		{"encoded", `rule it { strings: $a = "` + url + `" $b = "user=admin" $c = "c2.test/key" xor(1-5) condition: any of them }`,
			[]detect.Object{object("o", xored(url, 0x5A)+" eHVzZXI9YWRtaW4="+xored("c2.test/key", 0x21))}, `
on o, with 0 of 3 strings: false is any of them
- any of them
    0 of 3 strings found
    not found: $a, $b, $c
- $a = "http://c2.test/queue"
    not found; it is at 0x0, xored with 0x5a: it has no xor
- $b = "user=admin"
    not found; it is at 0x17 in base64: it has no base64
- $c = "c2.test/key"
    not found; it is at 0x25, xored with 0x21: its range leaves that out`},

		{"a slip in a string of both widths", `rule it { strings: $a = "Refersh" wide ascii condition: $a }`,
			[]detect.Object{object("o", "..R\x00e\x00f\x00r\x00e\x00s\x00h\x00")}, `
on o, with 0 of 1 strings: false is $a
- $a
    not found: $a
- $a = "Refersh"
    not found; the nearest is at 0x2, "R.e.f.r.e.s.h.": 12 of 14 bytes match, byte 6 should be 65 and is 72`},
		{"a text that differs in a letter", `rule it { strings: $a = "` + url + `" condition: $a }`,
			[]detect.Object{object("o", "see http://c3.test/queue")}, `
on o, with 0 of 1 strings: false is $a
- $a
    not found: $a
- $a = "http://c2.test/queue"
    not found; the nearest is at 0x4, "http://c3.test/queue": 19 of 20 bytes match, byte 8 should be 32 and is 33`},

		{"a hexadecimal string", `
rule it { strings: $a = { 48 8B C4 ?? 89 58 08 E8 ?? ?? ?? ?? 90 C3 } $b = { 01 02 03 04 [2-8] 05 06 07 08 } $c = { F0 F1 F2 F3 ( 00 | 11 ) F4 F5 F6 F7 } condition: all of them }`,
			[]detect.Object{object("o", "\x00\x48\x8B\xC4\x57\x89\x58\x08\xE8\x01\x02\x03\x04\x91\xC3 \x05\x06\x07\x09 \xF4\xF5\xF6\xF7\xF0\xF1\xF2\xF3")}, `
on o, with 0 of 3 strings: false is all of them
- all of them
    0 of 3 strings found
    not found: $a, $b, $c
- $a = { 48 8B C4 ?? 89 58 08 E8 ?? ?? ?? ?? 90 C3 }
    not found; at 0x1 13 of 14 bytes match, byte 12 should be 90 and is 91
- $b = { 01 02 03 04 [2-8] 05 06 07 08 }
    not found; part 2 of 2, 05 06 07 08: nothing like it
- $c = { F0 F1 F2 F3 ( 00 | 11 ) F4 F5 F6 F7 }
    not found; its parts are there, at 0x19, 0x15, and not in this order, at these distances or with one of the alternatives`},

		{"alternatives", `
rule it { strings: $a = "marker" $b = "beacon" condition: ($a and filesize > 100) or ($b and (filename == "x" or extension == ".dll")) }`,
			[]detect.Object{object("o.exe", "marker")}, `
on o.exe, with 1 of 2 strings: none of the 2 alternatives holds
- $a and filesize > 100
    filesize > 100: filesize is 6
- $b and (filename == "x" or extension == ".dll")
    $b: not found: $b
    filename == "x" or extension == ".dll": filename == "x": filename is "o.exe"
    filename == "x" or extension == ".dll": extension == ".dll": extension is ".exe"
- $b = "beacon"
    not found
+ $a = "marker", at 0x0`},

		{"a place, a number and a negation", `
rule it { strings: $a = "marker" $b = "beacon" condition: $a at 0 and #a > 3 and not $b and @a[1] == 0x10 }`,
			[]detect.Object{object("o", " marker marker beacon")}, `
on o, with 2 of 2 strings: false is $a at 0, and 3 more
- $a at 0
    found: $a at 0x1, 0x8
- #a > 3
    #a is 2
    found: $a at 0x1, 0x8
- not $b
    found: $b at 0xf
- @a[1] == 0x10
    @a[1] is 0x1
    found: $a at 0x1, 0x8
+ $a = "marker", at 0x1, 0x8
+ $b = "beacon", at 0xf`},

		{"other rules and a global one", `
private rule mz { condition: uint16(0) == 0x5A4D }
rule it { strings: $a = "marker" condition: mz and $a }
global rule small { condition: filesize < 3 }`,
			[]detect.Object{object("o", "marker")}, `
on o, with 1 of 1 strings: false is global rule small, and 1 more
- global rule small
    filesize < 3: filesize is 6
- mz
    uint16(0) == 0x5A4D: uint16(0) is 0x616d
+ $a
+ $a = "marker", at 0x0`},

		{"modules", `
import "pe"
import "math"
rule it { condition: pe.number_of_sections > 2 and pe.imphash() == "x" and math.entropy(0, filesize) >= 7.5 and for any s in pe.sections : (s.name == ".text") }`,
			[]detect.Object{object("o", "aabb")}, `
on o: false is pe.number_of_sections > 2, and 3 more
- pe.number_of_sections > 2
    pe.number_of_sections is undefined here
- pe.imphash() == "x"
    pe.imphash() is undefined here
- math.entropy(0, filesize) >= 7.5
    math.entropy(0, filesize) is 1.000000
- for any s in pe.sections : (s.name == ".text")`},

		{"anonymous strings and a loop", `
rule it { strings: $ = "marker" $ = "beacon" condition: for all of them : ( $ at 0 ) }`,
			[]detect.Object{object("o", "marker beacon")}, `
on o, with 2 of 2 strings: false is for all of them : ( $ at 0 )
- for all of them : ( $ at 0 )
    2 of 2 strings found
    found: $ at 0x0; $ at 0x7
+ $ = "marker", at 0x0
+ $ = "beacon", at 0x7`},

		{"it fires", `rule it { strings: $a = "marker" condition: $a and filesize > 1 }`, []detect.Object{object("o", "marker")}, `
on o, with 1 of 1 strings: the condition holds there
+ $a
+ filesize > 1
+ $a = "marker", at 0x0`},

		{"nothing to scan", `rule it { condition: true }`, nil, `
there was nothing to scan: no file, download or dump`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, problems := Load([]detect.Source{{Path: write(t, map[string]string{"a.yar": test.rules})}}, Options{})
			for _, p := range problems {
				if p.Severity != detect.Warning {
					t.Fatal(render(p))
				}
			}
			want := strings.Split(test.want[1:], "\n")
			if diff := cmp.Diff(want, why(t, e, "it", test.objects...)); diff != "" {
				t.Errorf("explanation (-want +got):\n%s", diff)
			}
		})
	}
}

func xored(s string, key byte) string {
	b := []byte(s)
	for i := range b {
		b[i] ^= key
	}
	return string(b)
}

// TestExplainAgrees explains every rule of testdata on every sample alone, and
// expects a false part where, and only where, the rule did not fire.
func TestExplainAgrees(t *testing.T) {
	e, problems := Load([]detect.Source{{Path: "testdata/rules"}}, Options{})
	for _, p := range problems {
		if p.Severity != detect.Warning {
			t.Fatal(render(p))
		}
	}
	objects := samples(t)
	if testing.Short() {
		objects = []detect.Object{objects[0], objects[len(objects)-1]}
	}
	for _, o := range objects {
		s := &detect.Subject{Objects: []detect.Object{o}}
		fired := map[int]bool{}
		findings, _ := e.Detect(context.Background(), s)
		for _, f := range findings {
			fired[f.Rule] = true
		}
		for i, r := range e.Rules() {
			silence := e.Explain(context.Background(), i, s)
			holds := strings.HasSuffix(silence.Reason, "the condition holds there")
			if holds != fired[i] {
				t.Errorf("%s on %s: fired %t, explained with %q", r.ID, o.Name, fired[i], silence.Reason)
			}
		}
	}
}

// TestExplainReplica explains on a real file a rule that misses by a version.
func TestExplainReplica(t *testing.T) {
	data, err := os.ReadFile("../../../replicas/prebuilt/ffmpeg.dll")
	if err != nil {
		t.Fatal(err)
	}
	e := one(t, `
import "pe"
rule it { condition: pe.is_dll() and pe.number_of_sections == 99 and pe.imports("wininet.dll") }`)
	got := strings.Join(why(t, e, "it", object(`C:\app\ffmpeg.dll`, string(data))), "\n")
	for _, want := range []string{"+ pe.is_dll()", "- pe.number_of_sections == 99\n    pe.number_of_sections is "} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwithout %q", got, want)
		}
	}
}
