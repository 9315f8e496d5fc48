package sigma

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidetrace/harness/detect"
)

// load makes an engine of files' texts.
func load(t testing.TB, opt Options, files ...string) (*Engine, []detect.Problem) {
	t.Helper()
	dir := t.TempDir()
	for i, text := range files {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%d.yml", i)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return Load([]detect.Source{{Path: dir}}, opt)
}

// mustLoad expects no problem.
func mustLoad(t testing.TB, files ...string) *Engine {
	t.Helper()
	e, problems := load(t, Options{}, files...)
	for _, p := range problems {
		t.Errorf("%s:%s", filepath.Base(p.File), line(p))
	}
	return e
}

// timeline is a subject of events at seconds: "12 login User=a" is one of a log
// whose field Kind is login.
func timeline(lines ...string) *detect.Subject {
	s := &detect.Subject{Name: "test"}
	for i, l := range lines {
		words := strings.Fields(l)
		seconds, err := time.ParseDuration(words[0] + "s")
		if err != nil {
			panic(err)
		}
		pairs := []any{"Kind", words[1]}
		for _, w := range words[2:] {
			name, v, _ := strings.Cut(w, "=")
			pairs = append(pairs, name, v)
		}
		e := event("windows//security", pairs...)
		e.Computer = "H"
		e.Time, e.Seq = e.Time.Add(seconds), uint64(i+1)
		s.Events = append(s.Events, *e)
	}
	return s
}

// base is rules of one kind of event each.
func base(kinds ...string) string {
	var b strings.Builder
	for _, k := range kinds {
		fmt.Fprintf(&b, "title: base %s\nname: %s\nlogsource: {product: windows, service: security}\ndetection: {sel: {Kind: %s}, condition: sel}\n---\n", k, k, k)
	}
	return b.String()
}

// fired lists findings as "title: seqs".
func fired(e *Engine, s *detect.Subject) (out []string) {
	findings, _ := e.Detect(context.Background(), s)
	for _, f := range findings {
		out = append(out, fmt.Sprintf("%s: %v", e.Rules()[f.Rule].Title, f.Seqs))
	}
	return out
}

func TestCorrelations(t *testing.T) {
	tests := []struct {
		name, body string // of the correlation
		events     []string
		want       []string // seqs of each firing
	}{
		{"event_count", "type: event_count\nrules: [a]\ngroup-by: [User]\ntimespan: 10s\ncondition: {gte: 3}",
			[]string{"0 a User=x", "1 a User=y", "5 a User=x", "6 b User=x", "10 a User=X"}, []string{"[1 3 5]"}},
		{"event_count, too slow", "type: event_count\nrules: [a]\ngroup-by: [User]\ntimespan: 10s\ncondition: {gte: 3}",
			[]string{"0 a User=x", "5 a User=x", "10.001 a User=x"}, nil},
		{"event_count, a window slides", "type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {gt: 2}",
			[]string{"0 a", "8 a", "12 a", "13 a"}, []string{"[2 3 4]"}},
		{"event_count begins anew", "type: event_count\nrules: [a]\ntimespan: 1m\ncondition: {gte: 2}",
			[]string{"0 a", "1 a", "2 a", "3 a", "4 a"}, []string{"[1 2]", "[3 4]"}},
		{"event_count of several rules", "type: event_count\nrules: [a, b]\ntimespan: 1m\ncondition: {gte: 2}",
			[]string{"0 a", "1 b"}, []string{"[1 2]"}},
		{"event_count, range, inside", "type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {gt: 1, lte: 3}",
			[]string{"0 a", "1 a", "2 a"}, []string{"[1 2 3]"}},
		{"event_count, range, above", "type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {gt: 1, lte: 3}",
			[]string{"0 a", "1 a", "2 a", "3 a"}, nil},
		{"event_count eq", "type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {eq: 1}",
			[]string{"0 a", "1 a", "20 a"}, []string{"[3]"}},
		{"event_count neq", "type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {neq: 1}",
			[]string{"0 a", "1 a", "20 a"}, []string{"[1 2]"}},
		{"events without the field are left out", "type: event_count\nrules: [a]\ngroup-by: [User]\ntimespan: 10s\ncondition: {gte: 2}",
			[]string{"0 a User=x", "1 a"}, nil},
		{"two fields of group-by", "type: event_count\nrules: [a]\ngroup-by: [User, Host]\ntimespan: 10s\ncondition: {gte: 2}",
			[]string{"0 a User=x Host=1", "1 a User=x Host=2", "2 a User=x Host=1"}, []string{"[1 3]"}},
		{"group-by of the header", "type: event_count\nrules: [a]\ngroup-by: [ComputerName]\ntimespan: 10s\ncondition: {gte: 2}", []string{"0 a", "1 a"}, []string{"[1 2]"}},
		{"value_count", "type: value_count\nrules: [a]\ngroup-by: [Host]\ntimespan: 10s\ncondition: {field: User, gte: 2}",
			[]string{"0 a Host=h User=x", "1 a Host=h User=X", "2 a Host=h", "3 a Host=h User=y"}, []string{"[1 2 3 4]"}},
		{"value_count, field beside the condition", "type: value_count\nrules: [a]\nfield: User\ntimespan: 10s\ncondition: {gte: 2}", []string{"0 a User=x", "1 a User=y"}, []string{"[1 2]"}},
		{"value_count forgets", "type: value_count\nrules: [a]\ntimespan: 10s\ncondition: {field: User, gte: 3}",
			[]string{"0 a User=x", "9 a User=y", "11 a User=z"}, nil},
		{"value_count of two fields", "type: value_count\nrules: [a]\ntimespan: 10s\ncondition: {field: [A, B], gte: 2}",
			[]string{"0 a A=1 B=1", "1 a A=1 B=2"}, []string{"[1 2]"}},
		{"value_sum", "type: value_sum\nrules: [a]\ngroup-by: [Host]\ntimespan: 10s\ncondition: {field: Bytes, gt: 100}",
			[]string{"0 a Host=h Bytes=60", "5 a Host=h Bytes=x", "9 a Host=h Bytes=40.5"}, []string{"[1 2 3]"}},
		{"value_sum, too slow", "type: value_sum\nrules: [a]\ntimespan: 10s\ncondition: {field: Bytes, gt: 100}",
			[]string{"0 a Bytes=60", "11 a Bytes=60"}, nil},
		{"value_avg", "type: value_avg\nrules: [a]\ntimespan: 10s\ncondition: {field: Bytes, gt: 5}",
			[]string{"0 a Bytes=9", "1 a Bytes=3", "20 a Bytes=9", "21 a Bytes=0"}, []string{"[1 2]"}},
		{"value_avg of nothing", "type: value_avg\nrules: [a]\ntimespan: 10s\ncondition: {field: Bytes, lt: 5}", []string{"0 a"}, nil},
		{"value_percentile of numbers", "type: value_percentile\nrules: [a]\ntimespan: 10s\ncondition: {field: N, percentile: 50, gte: 3}",
			[]string{"0 a N=1", "1 a N=9", "2 a N=3"}, []string{"[1 2 3]"}},
		{"value_percentile interpolates", "type: value_percentile\nrules: [a]\ntimespan: 10s\ncondition: {field: N, percentile: 50, gt: 2}",
			[]string{"0 a N=1", "1 a N=3"}, nil},
		{"value_percentile, rare values", "type: value_percentile\nrules: [a]\ntimespan: 10s\ncondition: {field: Image, lte: 25}",
			[]string{"0 a Image=x", "1 a Image=y", "2 a Image=x", "3 a Image=x"}, []string{"[2]"}},
		{"temporal", "type: temporal\nrules: [a, b, c]\ngroup-by: [User]\ntimespan: 10s",
			[]string{"0 c User=x", "1 a User=y", "2 a User=x", "9 b User=x"}, []string{"[1 3 4]"}},
		{"temporal, too slow", "type: temporal\nrules: [a, b]\ntimespan: 10s", []string{"0 a", "11 b"}, nil},
		{"temporal, two of three", "type: temporal\nrules: [a, b, c]\ntimespan: 10s\ncondition: {gte: 2}", []string{"0 a", "1 c"}, []string{"[1 2]"}},
		{"temporal_ordered", "type: temporal_ordered\nrules: [a, b]\ntimespan: 10s", []string{"0 b", "1 a", "2 b"}, []string{"[2 3]"}},
		{"temporal_ordered, the latest beginning counts", "type: temporal_ordered\nrules: [a, b, c]\ntimespan: 10s",
			[]string{"0 a", "5 b", "6 a", "7 b", "12 c"}, []string{"[3 4 5]"}},
		{"temporal_ordered, wrong order", "type: temporal_ordered\nrules: [a, b]\ntimespan: 10s", []string{"0 b", "1 a"}, nil},
		{"temporal_ordered, too slow", "type: temporal_ordered\nrules: [a, b]\ntimespan: 10s", []string{"0 a", "11 b"}, nil},
		{"temporal_ordered of one event twice", "type: temporal_ordered\nrules: [a, any]\ntimespan: 10s", []string{"0 a"}, nil},
		{"temporal_ordered, an event that also begins", "type: temporal_ordered\nrules: [any, a]\ntimespan: 10s", []string{"0 b", "1 a"}, []string{"[1 2]"}},
		{"aliases", "type: temporal\nrules: [a, b]\ngroup-by: [ip]\ntimespan: 10s\naliases: {ip: {a: Src, b: Dst}}",
			[]string{"0 a Src=1 Dst=2", "1 b Src=1 Dst=2", "2 b Src=9 Dst=1"}, []string{"[1 3]"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := base("a", "b", "c") + "title: any\nname: any\nlogsource: {product: windows}\ndetection: {s: {Kind: '*'}, condition: s}\n---\n" +
				"title: cor\ncorrelation:\n" + indent(test.body, "    ")
			e := mustLoad(t, text)
			var want []string
			for _, w := range test.want {
				want = append(want, "cor: "+w)
			}
			var got []string
			for _, f := range fired(e, timeline(test.events...)) {
				if strings.HasPrefix(f, "cor: ") {
					got = append(got, f)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestChained is the specification's example: many failed logins, and then one
// that succeeds.
func TestChained(t *testing.T) {
	text := `title: brute force
id: 11111111-1111-4111-8111-111111111111
correlation:
    type: temporal_ordered
    rules: [many_failed, ok]
    group-by: [User]
    timespan: 10m
level: high
---
title: many failed logins
name: many_failed
correlation:
    type: event_count
    rules: [failed]
    group-by: [User]
    timespan: 10m
    condition: {gte: 3}
---
` + base("failed", "ok")
	e := mustLoad(t, text)
	s := timeline("0 ok User=a", "1 failed User=a", "2 failed User=b", "3 failed User=a", "4 failed User=a", "5 ok User=b", "6 ok User=A")
	if diff := cmp.Diff([]string{"brute force: [2 4 5 7]"}, fired(e, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	findings, _ := e.Detect(context.Background(), s)
	var got []string
	for _, ev := range findings[0].Evidence {
		got = append(got, ev.Term+" | "+ev.Text)
	}
	want := []string{
		"temporal_ordered | 2 where gte 2 within 10m is asked for",
		"group-by | User: a",
		"failed | security at 00:01.000: Kind 'failed': failed",
		"failed | security at 00:03.000: Kind 'failed': failed",
		"failed | security at 00:04.000: Kind 'failed': failed",
		"ok | security at 00:06.000: Kind 'ok': ok",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if findings[0].On != "4 events, security at 00:01.000 to security at 00:06.000" {
		t.Error(findings[0].On)
	}
	silence := e.Explain(context.Background(), 2, s)
	if want := `it is part of the correlation "many failed logins" and does not report by itself (generate); it fires on security at 00:01.000`; silence.Reason != want {
		t.Error(silence.Reason)
	}
}

func TestGenerate(t *testing.T) {
	cor := "title: cor\ngenerate: true\ncorrelation: {type: event_count, rules: [a], timespan: 1m, condition: {gte: 2}}\n---\n"
	got := fired(mustLoad(t, cor+base("a")), timeline("0 a", "1 a"))
	if diff := cmp.Diff([]string{"cor: [1 2]", "base a: [1]", "base a: [2]"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCorrelationsRefused(t *testing.T) {
	cor := func(body string) string {
		return "title: cor\nname: cor\ncorrelation: {" + body + "}\n---\n" + base("a", "b")
	}
	tests := []struct{ body, want string }{
		{"rules: [a], timespan: 1m", "broken 3: the correlation has no type; known are event_count, value_count, temporal, temporal_ordered, value_sum, value_avg, value_percentile"},
		{"type: value_median, rules: [a], timespan: 1m", `unsupported 3: correlation of type "value_median"; Sigma 2.1 has event_count, value_count, temporal, temporal_ordered, value_sum, value_avg, value_percentile`},
		{"type: temporal, rules: [], timespan: 1m", "broken 3: the correlation refers to no rule"},
		{"type: temporal, rules: [a]", "broken 3: the correlation has no timespan"},
		{"type: temporal, rules: [a], timespan: 1h30m", `broken 3: timespan "1h30m"; a number and one of s, m, h, d, such as 90m`},
		{"type: temporal, rules: [a], timespan: 99999999d", `broken 3: timespan "99999999d"; a number and one of s, m, h, d, such as 90m`},
		{"type: temporal, rules: [a, nobody], timespan: 1m", `broken 3: the correlation refers to rule "nobody", which is not loaded; by its id or its name`},
		{"type: temporal, rules: [a, cor], timespan: 1m", `broken 3: the correlation refers to itself by "cor"`},
		{"type: event_count, rules: [a], timespan: 1m", "broken 3: the correlation's condition has none of gt, gte, lt, lte, eq, neq"},
		{"type: event_count, rules: [a], timespan: 1m, condition: {gte: x}", `broken 3: gte is given "x", which is no number`},
		{"type: event_count, rules: [a], timespan: 1m, condition: {more: 3}", `broken 3: there is no key "more" here; known are gt, gte, lt, lte, eq, neq, field`},
		{"type: value_count, rules: [a], timespan: 1m, condition: {gte: 3}", "broken 3: value_count needs a field in its condition"},
		{"type: temporal, rules: [a, b], timespan: 1m, condition: a and b", "unsupported 3: a correlation's condition as an expression is of a later version than Sigma 2.1; leave it out for all rules, or say gte: and how many"},
		{"type: temporal_ordered, rules: [a, b], timespan: 1m, condition: {gte: 1}", "unsupported 3: temporal_ordered with a condition other than all its rules"},
		{"type: value_sum, rules: [a], timespan: 1m, condition: {field: [x, y], gte: 3}", "broken 3: value_sum takes one field"},
		{"type: value_percentile, rules: [a], timespan: 1m, condition: {field: x, percentile: 101, gte: 3}", "broken 3: percentile is a whole number from 0 to 100, of value_percentile"},
	}
	for _, test := range tests {
		e, problems := load(t, Options{}, cor(test.body))
		if len(problems) != 1 || line(problems[0]) != test.want {
			t.Errorf("got %v\nwant %s", problems, test.want)
		}
		if n := len(e.Rules()); n != 2 {
			t.Errorf("%s: %d rules, the others must be there", test.body, n)
		}
	}
	// What refers to a broken correlation is broken as well.
	e, problems := load(t, Options{}, cor("type: temporal, rules: [nobody], timespan: 1m")+"title: outer\ncorrelation: {type: temporal, rules: [cor, a], timespan: 1m}\n")
	if _, _, broken := e.Count(); broken != 2 || len(problems) != 2 {
		t.Error(problems)
	}
}

func TestFilters(t *testing.T) {
	rules := "title: r\nid: 6f3e2987-0000-4000-8000-000000000001\nlogsource: {product: windows, service: security}\ndetection: {s: {Kind: a}, condition: s}\n---\n"
	filter := func(source, body string) string {
		return "title: administrators\nlogsource: " + source + "\nfilter:\n" + indent(body, "    ")
	}
	events := timeline("0 a User=adm_x", "1 a User=y")
	tests := []struct {
		name, filter string
		want         []string
	}{
		{"suppresses", filter("{product: windows}", "rules: [6f3e2987-0000-4000-8000-000000000001]\nselection: {User|startswith: adm_}\ncondition: not selection"), []string{"r: [2]"}},
		{"restricts", filter("{product: windows}", "rules: [6f3e2987-0000-4000-8000-000000000001]\nselection: {User|startswith: adm_}\ncondition: selection"), []string{"r: [1]"}},
		{"any", filter("{product: windows}", "rules: any\nselection: {User|startswith: adm_}\ncondition: not selection"), []string{"r: [2]"}},
		{"of another log source", filter("{product: linux}", "rules: any\nselection: {User|startswith: adm_}\ncondition: not selection"), []string{"r: [1]", "r: [2]"}},
		{"of a narrower log source", filter("{product: windows, category: process_creation}", "rules: any\nselection: {User: x}\ncondition: not selection"), []string{"r: [1]", "r: [2]"}},
	}
	for _, test := range tests {
		e, _ := load(t, Options{}, rules+test.filter)
		if diff := cmp.Diff(test.want, fired(e, events)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	_, problems := load(t, Options{}, rules+filter("{product: windows}", "rules: [nobody]\nselection: {User: x}\ncondition: selection"))
	var got []string
	for _, p := range problems {
		got = append(got, line(p))
	}
	want := []string{
		`warning 6: the filter names rule "nobody", which is not loaded`,
		"warning 11: the rules fire only where the filter's condition holds; to suppress what it selects, say: not selection",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestOrder: findings are in the order of rules, whatever sources a rule sees.
func TestOrder(t *testing.T) {
	e := mustLoad(t, "title: all\nlogsource: {product: windows}\ndetection: {s: {F: x}, condition: s}\n")
	s := &detect.Subject{}
	for i := range 200 {
		ev := event([]string{processCreation, "windows/image_load/sysmon", "/proxy/"}[i%3], "F", "x")
		ev.Seq = uint64(i + 1)
		s.Events = append(s.Events, *ev)
	}
	findings, _ := e.Detect(context.Background(), s)
	last := uint64(0)
	for _, f := range findings {
		if f.Seqs[0] <= last {
			t.Fatalf("%d after %d", f.Seqs[0], last)
		}
		last = f.Seqs[0]
	}
	if len(findings) != 134 {
		t.Errorf("%d findings", len(findings))
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if _, problems := e.Detect(stopped, s); len(problems) != 1 {
		t.Errorf("got %v of a run that was stopped", problems)
	}
}
