package sigma

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidetrace/harness/detect"
)

// explained is what Explain says of the first rule: its reason, then its terms.
func explained(t *testing.T, rules string, s *detect.Subject) string {
	t.Helper()
	e, problems := load(t, Options{}, rules)
	for _, p := range problems {
		if p.Severity != detect.Warning {
			t.Fatal(line(p))
		}
	}
	silence := e.Explain(context.Background(), 0, s)
	lines := []string{silence.Reason}
	for _, term := range silence.Terms {
		sign := "- "
		if term.Holds {
			sign = "+ "
		}
		lines = append(lines, sign+term.Name+" on "+term.On)
		for _, m := range term.Misses {
			lines = append(lines, "    "+m)
		}
	}
	return strings.Join(lines, "\n")
}

func TestExplain(t *testing.T) {
	s := &detect.Subject{}
	add := func(seconds int, source string, pairs ...any) {
		e := event(source, pairs...)
		e.Time = e.Time.Add(time.Duration(seconds) * time.Second)
		s.Events = append(s.Events, *e)
	}
	const app = `C:\Users\alice\AppData\Local\Programs\3CXDesktopApp\app\`
	add(0, processCreation, "Image", app+"3CXDesktopApp.exe", "CommandLine", `"3CXDesktopApp.exe" --Update now`, "ParentImage", `C:\Windows\explorer.exe`)
	add(1, "windows/image_load/sysmon", "Image", app+"3CXDesktopApp.exe", "ImageLoaded", app+"ffmpeg.dll", "Signed", "false")
	add(2, "windows/image_load/sysmon", "Image", app+"3CXDesktopApp.exe", "ImageLoaded", `C:\Windows\System32\kernel32.dll`, "Signed", "true")
	add(3, "/proxy/", "cs-host", "raw.githubusercontent.com", "c-uri", "https://raw.githubusercontent.com/IconStorages/images/main/icon0.ico")

	load := func(detection string) string {
		return "title: r\nlogsource: {product: windows, category: image_load}\ndetection:\n" + indent(detection, "    ")
	}
	tests := []struct{ name, rule, want string }{
		{"no event of the log source", "title: r\nlogsource: {product: windows, category: registry_set}\ndetection: {s: {F: x}, condition: s}",
			"there is no event of windows/registry_set; there are windows/process_creation/sysmon (1), windows/image_load/sysmon (2), proxy (1)"},
		{"other products in one word", "title: r\nlogsource: {product: linux, category: file_event}\ndetection: {s: {F: x}, condition: s}",
			"there is no event of linux/file_event, which no emulated sensor writes; there are windows (3), proxy (1)"},
		{"of equals the one with the nearest value", load(`selection: {ImageLoaded: 'C:\Windows\System32\kernel33.dll'}` + "\ncondition: selection"),
			`of 2 events of windows/image_load, image_load at 00:02.000 comes nearest: selection does not hold: ImageLoaded 'C:\Windows\System32\kernel33.dll': found 'C:\Windows\System32\kernel32.dll', which differs at character 28
- selection on image_load at 00:02.000
    ImageLoaded 'C:\Windows\System32\kernel33.dll': found 'C:\Windows\System32\kernel32.dll', which differs at character 28`},
		{"no sensor for the log source", "title: r\nlogsource: {product: windows, category: ps_script}\ndetection: {s: {F: x}, condition: s}",
			"there is no event of windows/ps_script, which no emulated sensor writes; there are windows/process_creation/sysmon (1), windows/image_load/sysmon (2), proxy (1)"},
		{"a slip in the log source", "title: r\nlogsource: {product: windows, category: proces_creation}\ndetection: {s: {F: x}, condition: s}",
			"there is no event of windows/proces_creation, which no emulated sensor writes (was process_creation meant?); there are windows/process_creation/sysmon (1), windows/image_load/sysmon (2), proxy (1)"},
		{"a value differs by a character", load(`selection: {ImageLoaded|endswith: '\ffmpg.dll', Signed: 'false'}` + "\ncondition: selection"),
			`of 2 events of windows/image_load, image_load at 00:01.000 comes nearest: selection does not hold: ImageLoaded|endswith '\ffmpg.dll': found '` + app + `ffmpeg.dll'; seen: '\ffmpeg.dll', differs at character 6
- selection on image_load at 00:01.000
    ImageLoaded|endswith '\ffmpg.dll': found '` + app + `ffmpeg.dll'; seen: '\ffmpeg.dll', differs at character 6`},
		{"a field that no event has", load(`selection: {ImageLoadd|endswith: '\ffmpeg.dll'}` + "\ncondition: selection"),
			`of 2 events of windows/image_load, image_load at 00:01.000 comes nearest: selection does not hold: ImageLoadd|endswith '\ffmpeg.dll': no event of windows/image_load has a field "ImageLoadd"; did you mean ImageLoaded?
- selection on image_load at 00:01.000
    ImageLoadd|endswith '\ffmpeg.dll': no event of windows/image_load has a field "ImageLoadd"; did you mean ImageLoaded?`},
		{"a name in another case", load(`selection: {imageloaded|endswith: '\ffmpeg.dll'}` + "\ncondition: selection"),
			`of 2 events of windows/image_load, image_load at 00:01.000 comes nearest: selection does not hold: imageloaded|endswith '\ffmpeg.dll': no event of windows/image_load has a field "imageloaded"; did you mean ImageLoaded?
- selection on image_load at 00:01.000
    imageloaded|endswith '\ffmpeg.dll': no event of windows/image_load has a field "imageloaded"; did you mean ImageLoaded?`},
		{"items hold on different events", load(`selection: {ImageLoaded|endswith: '\ffmpeg.dll', Signed: 'true'}` + "\ncondition: selection"),
			`of 2 events of windows/image_load, image_load at 00:01.000 comes nearest: selection does not hold: Signed 'true': found 'false'; it holds on another event, image_load at 00:02.000
- selection on image_load at 00:01.000
    Signed 'true': found 'false'; it holds on another event, image_load at 00:02.000`},
		{"a selection suppresses", load(`selection: {ImageLoaded|endswith: '\ffmpeg.dll'}` + "\nfilter_main_app: {Image|contains: '\\3cxdesktopapp\\'}\ncondition: selection and not 1 of filter_main_*"),
			`of 2 events of windows/image_load, image_load at 00:01.000 comes nearest: filter_main_app suppresses it: Image|contains '\3cxdesktopapp\': ` + app + `3CXDesktopApp.exe
- not filter_main_app on image_load at 00:01.000
    Image|contains '\3cxdesktopapp\': ` + app + `3CXDesktopApp.exe
+ selection on image_load at 00:01.000`},
		{"a filter suppresses", load(`selection: {ImageLoaded|endswith: '\ffmpeg.dll'}`+"\ncondition: selection") + "---\ntitle: our phones\nlogsource: {product: windows}\nfilter: {rules: any, sel: {Image|endswith: 3cxdesktopapp.exe}, condition: not sel}\n",
			`the rule's condition holds on image_load at 00:01.000, and the filter "our phones" suppresses it: Image|endswith '3cxdesktopapp.exe': ` + app + `3CXDesktopApp.exe
- not sel on image_load at 00:01.000
    Image|endswith '3cxdesktopapp.exe': ` + app + `3CXDesktopApp.exe`},
		{"alternatives", load("selection:\n    - {ImageLoaded: a}\n    - {ImageLoaded|endswith: '\\ffmpeg.dll', Signed: maybe}\ncondition: selection"),
			`of 2 events of windows/image_load, image_load at 00:01.000 comes nearest: selection does not hold: of 2 alternatives the nearest lacks Signed 'maybe': found 'false'
- selection on image_load at 00:01.000
    of 2 alternatives the nearest lacks Signed 'maybe': found 'false'`},
		{"case", "title: r\nlogsource: {category: process_creation}\ndetection: {s: {CommandLine|contains|cased: '--update'}, condition: s}",
			`on process_creation at 00:00.000, the only event of process_creation: s does not hold: CommandLine|contains|cased '--update': found '"3CXDesktopApp.exe" --Update now'; seen: '--Update', differs in case alone
- s on process_creation at 00:00.000
    CommandLine|contains|cased '--update': found '"3CXDesktopApp.exe" --Update now'; seen: '--Update', differs in case alone`},
		{"keywords", "title: r\nlogsource: {category: proxy}\ndetection: {k: [IconStorage/images], condition: k}",
			`on proxy at 00:03.000, the only event of proxy: k does not hold: keyword 'IconStorage/images': in no value of the event; seen: 'IconStorages/images', differs at character 12
- k on proxy at 00:03.000
    keyword 'IconStorage/images': in no value of the event; seen: 'IconStorages/images', differs at character 12`},
		{"some of all", "title: r\nlogsource: {category: process_creation}\ndetection: {s: {CommandLine|contains|all: [3cx, ' --updat3', now]}, condition: s}",
			`on process_creation at 00:00.000, the only event of process_creation: s does not hold: CommandLine|contains|all ' --updat3': found '"3CXDesktopApp.exe" --Update now'; seen: ' --Updat', differs at character 9
- s on process_creation at 00:00.000
    CommandLine|contains|all ' --updat3': found '"3CXDesktopApp.exe" --Update now'; seen: ' --Updat', differs at character 9`},
		{"many values", "title: r\nlogsource: {category: proxy}\ndetection: {k: {cs-host: [a, b, c, d, e, f]}, condition: k}",
			`on proxy at 00:03.000, the only event of proxy: k does not hold: cs-host 'a' or 'b' or 'c' or 'd' or … (6 values): found 'raw.githubusercontent.com'
- k on proxy at 00:03.000
    cs-host 'a' or 'b' or 'c' or 'd' or … (6 values): found 'raw.githubusercontent.com'`},
		{"it fires", load(`selection: {ImageLoaded|endswith: '\ffmpeg.dll'}` + "\ncondition: selection"), "it fires on image_load at 00:01.000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, explained(t, test.rule, s)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestExplainCorrelation(t *testing.T) {
	cor := func(body string) string {
		return "title: cor\ncorrelation:\n" + indent(body, "    ") + "---\n" + base("a", "b")
	}
	tests := []struct{ name, body, want string }{
		{"a rule finds nothing", "type: temporal_ordered\nrules: [a, b]\ntimespan: 10s",
			`its rule b finds nothing: of 3 events of windows/security, security at 00:00.000 comes nearest: sel does not hold: Kind 'b': found 'a'
- b on security at 00:00.000
    of 3 events of windows/security, security at 00:00.000 comes nearest: sel does not hold: Kind 'b': found 'a'
+ a on `},
		{"too few", "type: event_count\nrules: [a]\ngroup-by: [User]\ntimespan: 10s\ncondition: {gte: 3}",
			`event_count comes to 2 within 10s at the most, and gte 3 is asked for (2 groups; nearest is User 'x')
- event_count on 
    event_count comes to 2 within 10s at the most, and gte 3 is asked for (2 groups; nearest is User 'x')
+ a on `},
		{"no field", "type: event_count\nrules: [a]\ngroup-by: [Usr]\ntimespan: 10s\ncondition: {gte: 3}",
			`none of 3 events that its rules found has the field "Usr" of group-by
- event_count on 
    none of 3 events that its rules found has the field "Usr" of group-by
+ a on `},
	}
	s := timeline("0 a User=x", "1 a User=y", "2 a User=x")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, explained(t, cor(test.body), s)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestEvidence(t *testing.T) {
	e := mustLoad(t, "title: r\nid: 1\ntags: [attack.t1574.001, attack.execution]\nlevel: high\nlogsource: {category: image_load}\ndetection:\n"+
		indent("selection:\n    ImageLoaded|endswith: ['\\a.dll', '\\ffmpeg.dll']\n    Signed|neq: 'true'\n    Company: null\nk: {'|all': [ffmpeg, app]}\nother: {Signed: x}\nfilter: {Signed: x}\ncondition: (selection or other) and k and not filter", "    "))
	ev := event("windows/image_load/sysmon", "ImageLoaded", `C:\app\ffmpeg.dll`, "Signed", "false")
	ev.Seq = 7
	findings, problems := e.Detect(context.Background(), &detect.Subject{Events: append(timeline("0 a").Events, *ev)})
	if len(findings) != 1 || len(problems) != 0 {
		t.Fatal(findings, problems)
	}
	f := findings[0]
	var got []string
	for _, ev := range f.Evidence {
		got = append(got, ev.Term+" | "+ev.Text)
	}
	want := []string{
		`selection | ImageLoaded|endswith '\ffmpeg.dll': C:\app\ffmpeg.dll`, `selection | Signed|neq 'true': false`, `selection | Company null: absent`,
		`k | keyword|all 'ffmpeg': C:\app\ffmpeg.dll`, `k | keyword|all 'app': C:\app\ffmpeg.dll`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if f.On != "image_load at 00:00.000" || f.Kind != "event" || len(f.Seqs) != 1 || f.Seqs[0] != 7 {
		t.Errorf("%+v", f)
	}
	if r := e.Rules()[0]; r.Engine != "sigma" || r.ID != "1" || r.Level != "high" || len(r.Attack) != 1 || r.Attack[0] != "T1574.001" || r.Line != 1 {
		t.Errorf("%+v", r)
	}
}
