package ioc

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
)

// app is where the softphone of the examples is.
const app = `C:\Users\alice\AppData\Local\Programs\3CXDesktopApp\app\`

// chain is a subject with one of everything that indicators are of.
func chain() *detect.Subject {
	start := time.Date(2023, 3, 22, 9, 0, 0, 0, time.UTC)
	event := func(seq uint64, category string, fields ...string) telemetry.Event {
		e := telemetry.Event{Seq: seq, Time: start.Add(time.Duration(seq) * 250 * time.Millisecond), Source: telemetry.Logsource{Category: category, Product: "windows", Service: "sysmon"}}
		for i := 0; i < len(fields); i += 2 {
			e.Fields = append(e.Fields, telemetry.Field{Name: fields[i], Value: telemetry.Text(fields[i+1])})
		}
		return e
	}
	behaviour := func(e telemetry.Event, service string) telemetry.Event {
		e.Source.Product, e.Source.Service = telemetry.Product, service
		return e
	}
	return &detect.Subject{
		Name: "chain",
		Events: []telemetry.Event{
			event(0, "process_creation", "Image", app+"3CXDesktopApp.exe", "Hashes", "MD5="+strings.Repeat("AB", 16)+",IMPHASH="+strings.Repeat("CD", 16)),
			event(4, "image_load", "Image", app+"3CXDesktopApp.exe", "ImageLoaded", app+"ffmpeg.dll"),
			event(5, "event_create", "name", "AVMonitorRefreshEvent"),
			event(6, "mutex_create", "name", `Global\Updater`),
			behaviour(event(5, "event_create", "name", "AVMonitorRefreshEvent"), "api"), // not looked at
			event(7, "registry_set", "TargetObject", `HKU\S-1-5-21-1-2-3-1001\Software\Updater\State`),
			event(8, "pipe_created", "PipeName", `\updater`),
			event(9, "dns_query", "QueryName", "www.glcloudservice.com", "QueryResults", "type: 5 x;::ffff:192.0.2.10;"),
			event(10, "proxy", "c-uri", "https://raw.githubusercontent.com/IconStorages/images/main/icon3.ico", "cs-host", "raw.githubusercontent.com", "c-useragent", "Mozilla/5.0"),
			event(11, "network_connection", "DestinationIp", "192.0.2.10", "DestinationHostname", "www.glcloudservice.com"),
		},
		Objects: []detect.Object{
			{Kind: "file", Name: app + "ffmpeg.dll", Path: app + "ffmpeg.dll", Data: []byte("implant")},
			{Kind: "http.response", Name: "icon3.ico", Data: []byte("icon"), Seq: 10},
		},
	}
}

// engine is one of a list of lines.
func engine(t testing.TB, options Options, lines ...string) *Engine {
	t.Helper()
	name := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(name, []byte("type,value\n"+strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	e, _ := Load([]detect.Source{{Path: name}}, options)
	return e
}

func TestDetect(t *testing.T) {
	sum := sha256.Sum256([]byte("implant"))
	hash := hex.EncodeToString(sum[:])
	for _, test := range []struct {
		line string // of the list
		want string // where it fires, separated by "; "
	}{
		{"domain,glcloudservice[.]com", "dns_query at 00:02.250 #9; network_connection at 00:02.750 #11"},
		{"domain,www.glcloudservice.com", "dns_query at 00:02.250 #9; network_connection at 00:02.750 #11"},
		{"domain,*.glcloudservice.com", "dns_query at 00:02.250 #9; network_connection at 00:02.750 #11"},
		{"domain,*.www.glcloudservice.com", ""},
		{"domain,cloudservice.com", ""}, // not at a dot
		{"domain,glcloudservices.com", ""},
		{"url,hxxps[:]//raw.githubusercontent[.]com/IconStorages/images/main/", "proxy at 00:02.500 #10"},
		{"url,raw.githubusercontent.com/IconStorages/images/main/icon3.ico", "proxy at 00:02.500 #10"},
		{"url,https://raw.githubusercontent.com/IconStorages/images/main/icon*", "proxy at 00:02.500 #10"},
		{"url,https://raw.githubusercontent.com/*/images/main/icon3.ico", "proxy at 00:02.500 #10"},
		{"url,http://raw.githubusercontent.com/IconStorages/images/main/icon3.ico", ""}, // another scheme
		{"url,raw.githubusercontent.com/IconStorages/images/main", ""},                  // it does not end in /
		{"url,raw.githubusercontent.com/iconstorages/images/main/", ""},                 // servers tell case
		{"ip,192[.]0[.]2[.]10", "dns_query at 00:02.250 #9; network_connection at 00:02.750 #11"},
		{"cidr,192.0.2.0/28", "dns_query at 00:02.250 #9; network_connection at 00:02.750 #11"},
		{"cidr,192.0.2.0/29", ""},
		{"sha256," + strings.ToUpper(hash), app + "ffmpeg.dll"},
		{"md5," + strings.Repeat("ab", 16), "process_creation at 00:00.000"},
		{"imphash," + strings.Repeat("cd", 16), "process_creation at 00:00.000"},
		{"md5," + strings.Repeat("cd", 16), ""}, // that is the imphash
		{"path," + strings.ToUpper(app) + "ffmpeg.dll", app + "ffmpeg.dll; image_load at 00:01.000 #4"},
		{`path,%LOCALAPPDATA%\Programs\3CXDesktopApp\app\ffmpeg.dll`, app + "ffmpeg.dll; image_load at 00:01.000 #4"},
		{`path,\3CXDesktopApp\app\ffmpeg.dll`, app + "ffmpeg.dll; image_load at 00:01.000 #4"},
		{`path,app\ffmpeg.dll`, app + "ffmpeg.dll; image_load at 00:01.000 #4"},
		{`path,pp\ffmpeg.dll`, ""}, // not at a component
		{`path,C:\Users\*\3CXDesktopApp\`, app + "ffmpeg.dll; process_creation at 00:00.000; image_load at 00:01.000 #4"},
		{"filename,FFmpeg[.]dll", app + "ffmpeg.dll; image_load at 00:01.000 #4"},
		{"filename,ffmpeg.*", app + "ffmpeg.dll; image_load at 00:01.000 #4"},
		{`registry,HKCU\Software\Updater`, "registry_set at 00:01.750 #7"},
		{`registry,HKEY_CURRENT_USER\Software\Up*er\State`, "registry_set at 00:01.750 #7"},
		{`registry,HKCU\Software\Upd`, ""},
		{"event,AVMonitorRefreshEvent", "event_create at 00:01.250 #5"},
		{"event,avmonitorrefreshevent", ""}, // Windows tells case
		{"mutex,AVMonitorRefreshEvent", ""}, // an event is no mutex
		{"mutex,Updater", "mutex_create at 00:01.500 #6"},
		{`mutex,Global\Updater`, "mutex_create at 00:01.500 #6"},
		{`mutex,Local\Updater`, ""},
		{`pipe,\\.\pipe\Updater`, "pipe_created at 00:02.000 #8"},
		{"user-agent,Mozilla/5.0", "proxy at 00:02.500 #10"},
	} {
		findings, problems := engine(t, Options{}, test.line).Detect(context.Background(), chain())
		var got []string
		for _, f := range findings {
			where := f.On
			if len(f.Seqs) > 0 {
				where += fmt.Sprintf(" #%d", f.Seqs[0])
			}
			if len(f.Evidence) != 1 || f.Evidence[0].Text == "" {
				t.Errorf("%s: no evidence: %+v", test.line, f)
			}
			got = append(got, where)
		}
		if s := strings.Join(got, "; "); s != test.want || problems != nil {
			t.Errorf("%s\n got %s\nwant %s", test.line, s, test.want)
		}
	}
}

func TestExact(t *testing.T) {
	if findings, _ := engine(t, Options{Exact: true}, "domain,glcloudservice.com").Detect(context.Background(), chain()); len(findings) != 0 {
		t.Errorf("an exact list matched what is below the domain: %+v", findings)
	}
}

func TestExplain(t *testing.T) {
	for line, want := range map[string]string{
		"domain,glcloudservices.com":      `glcloudservices.com was not seen; nearest is www.glcloudservice.com: the list has "glcloudservices", the run "glcloudservice" (1 character)`,
		"domain,glcloudservice.net":       `glcloudservice.net was not seen; nearest is www.glcloudservice.com: the list has ".net", the run ".com"`,
		"domain,a.www.glcloudservice.com": `a.www.glcloudservice.com was not seen; nearest is www.glcloudservice.com: www.glcloudservice.com is above it: the list names one host of the domain`,
		"domain,journalide.org":           `journalide.org was not seen, nor anything like it among 2 domains: raw.githubusercontent.com, www.glcloudservice.com`,
		"url,http://raw.githubusercontent.com/IconStorages/images/main/icon3.ico": `: the list has the scheme http, the run https`,
		"url,raw.githubusercontent.com/iconstorages/images/main/icon3.ico":        `: the path differs in case, which servers compare`,
		"url,raw.githubusercontent.com/IconStorages/images/main":                  `: it goes on; a URL that ends in / or * also matches what goes on`,
		"ip,192.0.2.11":                      `192.0.2.11 was not seen; nearest is 192.0.2.10: the first 31 bits are the same`,
		"sha256," + strings.Repeat("0", 64):  `no file or artifact has this sha256; the replicas are built from their own sources, so that the hash of the real file never fires on them`,
		`path,\C3XDesktopApp\app\ffmpeg.dll`: `: the list has "c3xdesktopapp", the run "3cxdesktopapp" (1 character)`,
		`path,C:\Users\*\AppData\Local\Programs\C3XDesktopApp\app\ffmpeg.dll`: `: the list has the folder "c3xdesktopapp", the run "3cxdesktopapp"`,
		`path,%LocalAppData%\Programs\3CXDesktopApp\app\fmpeg.dll`:            `: the list has "fmpeg.dll", the run "ffmpeg.dll" (1 character)`,
		`path,C:\Windows\System32\ffmpeg.dll`:                                 `: the list has the folder "system32", the run "app"`,
		"filename,fmpeg.dll":                                                  `fmpeg.dll was not seen; nearest is `,
		"event,avmonitorrefreshevent":                                         `: it differs in case, or in its name space, which Windows compares`,
		"mutex,Updaterr":                                                      `: the list has "Updaterr", the run "Updater" (1 character)`,
		`registry,HKCU\Software\Updatr\State`:                                 `: the list has "updatr", the run "updater" (1 character)`,
		"user-agent,curl":                                                     `curl was not seen, nor anything like it among 1 user agent`,
	} {
		e := engine(t, Options{}, line)
		s := chain()
		if len(e.rules) != 1 {
			t.Errorf("%s: not loaded", line)
			continue
		}
		if findings, _ := e.Detect(context.Background(), s); len(findings) != 0 {
			t.Errorf("%s: it fires", line)
		}
		silence := e.Explain(context.Background(), 0, s)
		if !strings.Contains(silence.Reason, want) {
			t.Errorf("%s\n got %s\nwant %s", line, silence.Reason, want)
		}
		if len(silence.Terms) != 1 || len(silence.Terms[0].Misses) != 1 || silence.Terms[0].Holds {
			t.Errorf("%s: terms %+v", line, silence.Terms)
		}
	}
}

func TestLimits(t *testing.T) {
	e := engine(t, Options{}, "sha256,"+strings.Repeat("0", 64), "imphash,"+strings.Repeat("0", 32), "domain,a.com", "cidr,192.0.2.0/24")
	bare := &detect.Subject{Objects: chain().Objects}
	for i, want := range []string{"[hash_only]", "[hash_only no_telemetry]", "[no_telemetry]", "[no_telemetry]"} {
		if got := fmt.Sprint(e.Limits(i, bare)); got != want {
			t.Errorf("%s: got %s, want %s", e.Rules()[i].ID, got, want)
		}
	}
	if got := e.Limits(2, chain()); got != nil {
		t.Errorf("a domain where there are some: %v", got)
	}
}

// The published list finds the chain's hosts though they are defanged, have
// characters nobody sees in them and are called URLs; the hash, which is of the
// real file, does not.
func TestChain(t *testing.T) {
	e, _ := Load([]detect.Source{{Path: "testdata/3cx.csv", Revision: "new"}}, Options{})
	s := chain()
	s.Events = append(s.Events, telemetry.Event{Source: telemetry.Logsource{Category: "dns_query"}, Fields: []telemetry.Field{
		{Name: "QueryName", Value: telemetry.Text("JOURNALIDE.org")}}})
	findings, _ := e.Detect(context.Background(), s)
	rules := e.Rules()
	fired := map[string]bool{}
	for _, f := range findings {
		fired[rules[f.Rule].ID] = true
	}
	want := map[string]bool{"glcloudservice.com": true, "journalide.org": true, "raw.githubusercontent.com/IconStorages/images/main/": true}
	if diff := cmp.Diff(want, fired); diff != "" {
		t.Errorf("fired (-want +got):\n%s", diff)
	}
	if ok, unsupported, broken := e.Count(); ok != 23 || unsupported != 0 || broken != 0 {
		t.Errorf("got %d, %d, %d", ok, unsupported, broken)
	}
	if r := rules[0]; r.Engine != "ioc" || r.File != "testdata/3cx.csv" || r.Line != 3 || r.Revision != "new" || r.Title != "ffmpeg.dll" {
		t.Errorf("rule %+v", r)
	}
}

// Names that a run shows may be hostile; none takes long, and none panics.
func TestHostileNames(t *testing.T) {
	e := engine(t, Options{}, "domain,a.com", "url,a.com/*x*y*z", `path,C:\*a*b*c*d*e.dll`, `registry,HKLM\*\a*b`, "filename,*a*a*a*a*b")
	s := &detect.Subject{}
	for _, text := range []string{strings.Repeat("a.", 30000), strings.Repeat(`a\`, 30000), "http://a.com/" + strings.Repeat("x/", 20000), strings.Repeat("a", 60000), "\x00\xff", "%", "[::", "http://"} {
		for _, name := range []string{"QueryName", "c-uri", "Image", "TargetObject", "DestinationIp", "Hashes", "PipeName", "QueryResults"} {
			s.Events = append(s.Events, telemetry.Event{Fields: []telemetry.Field{{Name: name, Value: telemetry.Text(text)}}})
		}
	}
	start := time.Now()
	e.Detect(context.Background(), s)
	for i := range e.rules {
		e.Explain(context.Background(), i, s)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}

// BenchmarkMillion is a list of a million indicators: how long it takes to load
// one, and to look at a subject with it.
func BenchmarkMillion(b *testing.B) {
	var list strings.Builder
	list.WriteString("type,value,note\n")
	for i := range 1_000_000 {
		if i%2 == 0 {
			fmt.Fprintf(&list, "domain,host%d[.]example[.]com,C2\n", i)
		} else {
			fmt.Fprintf(&list, "sha256,%064x,file\n", i)
		}
	}
	name := filepath.Join(b.TempDir(), "list.csv")
	if err := os.WriteFile(name, []byte(list.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	var e *Engine
	b.Run("load", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			e, _ = Load([]detect.Source{{Path: name}}, Options{})
		}
	})
	b.Run("detect", func(b *testing.B) {
		for b.Loop() {
			e.Detect(context.Background(), chain())
		}
	})
	if e != nil && len(e.rules) != 1_000_000 {
		b.Errorf("%d indicators", len(e.rules))
	}
}

// TestTechniques says that a technique in a note is the indicator's.
func TestTechniques(t *testing.T) {
	name := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(name, []byte("type,value,note\ndomain,a.example.com,\"C2, T1071.001 and T1102\"\ndomain,b.example.com,T10711\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	e, _ := Load([]detect.Source{{Path: name}}, Options{})
	rules := e.Rules()
	if diff := cmp.Diff([]string{"T1071.001", "T1102"}, rules[0].Attack); diff != "" || rules[1].Attack != nil {
		t.Errorf("(-want +got)\n%s\nand of the second: %v", diff, rules[1].Attack)
	}
}
