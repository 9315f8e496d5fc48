package harness_test

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/harness"
	"sidetrace/harness/detect"
	"sidetrace/harness/rules"
	"sidetrace/harness/telemetry"
	"sidetrace/reports"
	"sidetrace/scenarios"
)

// ownRules are those that the scenarios of the repository run.
var ownRules = sync.OnceValue(func() *rules.Set {
	set, _ := rules.Load([]rules.Source{{Source: detect.Source{Path: "../scenarios/rules"}}}, rules.Options{})
	return set
})

// subjectOf is what a scenario leaves behind.
func subjectOf(t *testing.T, id string) *detect.Subject {
	t.Helper()
	var config guest.Config
	run := newMachine(t)
	r := harness.Runner{KeepTraces: true, WithoutRules: true, Machine: func(ctx context.Context, c guest.Config) (*trace.Run, error) {
		config = c
		return run(ctx, c)
	}}
	suite := r.Run(context.Background(), load(t, "../scenarios", id))
	return rules.Subject(id, suite.Scenarios[0].Trace, config.Files, harness.Host(&config))
}

// change is something that makes a subject another, one that looks alike.
type change func(*detect.Subject)

// value sets a field of all events of a category that have it.
func value(category, field, to string) change {
	return fields(category, field, telemetry.Text(to))
}

func number(category, field string, to int64) change {
	return fields(category, field, telemetry.Int(to))
}

func fields(category, field string, to telemetry.Value) change {
	return events(category, func(e *telemetry.Event) {
		for i := range e.Fields {
			if e.Fields[i].Name == field {
				e.Fields[i].Value = to
			}
		}
	})
}

func events(category string, f func(*telemetry.Event)) change {
	return func(s *detect.Subject) {
		for i := range s.Events {
			if s.Events[i].Source.Category == category {
				f(&s.Events[i])
			}
		}
	}
}

// everywhere replaces texts in all fields of all events.
func everywhere(pairs ...string) change {
	replace := strings.NewReplacer(pairs...)
	return func(s *detect.Subject) {
		for i := range s.Events {
			for k, f := range s.Events[i].Fields {
				if f.Value.Kind == telemetry.String {
					s.Events[i].Fields[k].Value = telemetry.Text(replace.Replace(f.Value.Text))
				}
			}
		}
	}
}

// later moves the events of a category in time.
func later(category string, d time.Duration) change {
	return func(s *detect.Subject) {
		events(category, func(e *telemetry.Event) { e.Time = e.Time.Add(d) })(s)
		slices.SortStableFunc(s.Events, func(a, b telemetry.Event) int { return a.Time.Compare(b.Time) })
	}
}

// data changes the bytes of the files whose name ends so.
func data(name string, f func([]byte) []byte) change {
	return func(s *detect.Subject) {
		for i := range s.Objects {
			if o := &s.Objects[i]; o.Kind == "file" && strings.HasSuffix(o.Name, name) {
				o.Data = f(bytes.Clone(o.Data))
			}
		}
	}
}

// made changes the bytes of what the run itself brought forth.
func made(f func([]byte) []byte) change {
	return func(s *detect.Subject) {
		for i := range s.Objects {
			if o := &s.Objects[i]; o.Kind != "file" {
				o.Data = f(bytes.Clone(o.Data))
			}
		}
	}
}

// swap replaces bytes by others.
func swap(pairs ...string) func([]byte) []byte {
	return func(b []byte) []byte {
		for i := 0; i < len(pairs); i += 2 {
			b = bytes.ReplaceAll(b, []byte(pairs[i]), []byte(pairs[i+1]))
		}
		return b
	}
}

// cut ends data behind its last occurrence of a text, and goes on with another.
func cut(behind, with string) func([]byte) []byte {
	return func(b []byte) []byte {
		if at := bytes.LastIndex(b, []byte(behind)); at >= 0 {
			b = append(b[:at+len(behind)], with...)
		}
		return b
	}
}

func wide(s string) string { return strings.Join(strings.Split(s, ""), "\x00") + "\x00" }

const (
	chain   = "3cx-2023"
	dormant = "3cx-2023-dormant"
	iend    = "IEND\xAEB`\x82"
	marker  = "\xFE\xED\xFA\xCE\xFE\xED\xFA\xCE"
)

// partMisses are near misses of the rules that do not report by themselves: with
// one of them the correlation that they are parts of is silent.
var partMisses = []struct {
	part, of, why string
	change        change
}{
	{"DLL was loaded from a user's folder", "Side-loaded DLL, sidecar, dead drop, shell", "it is installed for all users",
		value("image_load", "ImageLoaded", `C:\Program Files\3CXDesktopApp\app\ffmpeg.dll`)},
	{"Host of code was looked up", "Side-loaded DLL, sidecar, dead drop, shell", "a host whose name begins alike",
		value("dns_query", "QueryName", "raw.githubusercontent.com.example.net")},
	{"Shell was started", "Side-loaded DLL, sidecar, dead drop, shell", "a crash reporter", everywhere("cmd.exe", "crashpad.exe")},
}

// nearMisses has for every rule something that looks like what it is about, and
// is not.
var nearMisses = []struct {
	rule, on, why string
	change        change
}{
	{"Affected release of 3CXDesktopApp was started", chain, "the release that mended it", value("process_creation", "FileVersion", "18.12.425.0")},
	{"Program installed for one user loaded an unsigned DLL beside it", chain, "a signed one", value("image_load", "Signed", "true")},
	{"Program installed for one user loaded an unsigned DLL beside it", chain, "installed for all users",
		value("image_load", "ImageLoaded", `C:\Program Files\3CXDesktopApp\app\ffmpeg.dll`)},
	{"Event of the 3CX implant was made", chain, "an event of a name that goes on", value("event_create", "name", "AVMonitorRefreshEventPending")},
	{"Program read a DLL of an application folder as data", chain, "its headers alone", number("file_read", "size", 512)},
	{"Program read a DLL of an application folder as data", chain, "a data file", value("file_read", "path", `C:\Users\user\AppData\Local\Programs\3CXDesktopApp\app\icudtl.dat`)},
	{"Private memory that was written became executable and stayed writable", chain, "a just-in-time compiler", value("memory_protect", "protection", "r-x")},
	{"Private memory that was written became executable and stayed writable", chain, "a packed program unpacks its own image", value("memory_protect", "region", "image")},
	{"DLL was read as data and memory then made executable", chain, "eleven seconds later", later("memory_protect", 11*time.Second)},
	{"DLL was read as data and memory then made executable", chain, "in the other order", later("file_read", time.Second)},
	{"PE image ran from private memory", chain, "mapped by the system from a section", value("module_manual_map", "region", "section")},
	{"Code decrypted out of a DLL was executed", chain, "the cache of a script engine", value("payload_decrypted", "source_file", `C:\Users\user\AppData\Local\Cache\bytecode.bin`)},
	{"System function called from memory that no module backs", chain, "called by a module", value("api_call", "Caller", "chrome.dll+0x1cc2")},
	{"Time gate of the 3CX implant was written", dormant, "the application's own file", value("file_event", "TargetFilename", `C:\Users\user\AppData\Local\Programs\3CXDesktopApp\app\manifest.json`)},
	{"Time gate of the 3CX implant was written", dormant, "by the updater", value("file_event", "Image", `C:\Users\user\AppData\Local\Programs\3CXDesktopApp\Update.exe`)},
	{"Time gate of the 3CX implant was read", chain, "a manifest of some length", number("file_read", "size", 1342)},
	{"Thread slept for half an hour or more", dormant, "ten minutes", number("sleep", "milliseconds", 600_000)},
	{"Thread slept for half an hour or more", dormant, "it waited for something", value("sleep", "api", "WaitForSingleObject")},
	{"Program of a user folder read the machine's identity", chain, "a program for all users", value("registry_read", "Image", `C:\Program Files\Backup\agent.exe`)},
	{"Program of a user folder read the machine's identity", chain, "another value of the key", value("registry_read", "path", `HKLM\SOFTWARE\Microsoft\Cryptography\Version`)},
	{"Machine's identity was read and then sent as a cookie", chain, "read afterwards", later("registry_read", time.Minute)},
	{"Machine's identity was read and then sent as a cookie", chain, "read by another program", value("registry_read", "Image", `C:\Users\user\AppData\Local\Agent\agent.exe`)},
	{"Request with a GUID in a cookie named as an analytics cookie", chain, "the analytics cookie", value("http_request", "cookie", "__utma=173272373.1680084000.1; __utmc=173272373")},
	{"3CXDesktopApp looked up a host of code", chain, "a browser did", value("dns_query", "Image", `C:\Program Files\Google\Chrome\Application\chrome.exe`)},
	{"3CXDesktopApp looked up a host of code", chain, "another host of the same company", value("dns_query", "QueryName", "github.com")},
	{"Icon of the repository IconStorages was fetched", chain, "an icon of another repository", value("proxy", "c-uri", "https://raw.githubusercontent.com/example/images/main/icon3.ico")},
	{"Authenticated decryption gave a URL", chain, "a text with an address in it", value("crypto_decrypt", "text", "see https://example.com/help for help")},
	{"Authenticated decryption gave a URL", chain, "the tag did not match", fields("crypto_decrypt", "verified", telemetry.Bool(false))},
	{"Domain of the 3CX campaign was looked up", chain, "ends alike", value("dns_query", "QueryName", "notglcloudservice.com")},
	{"Domain of the 3CX campaign was looked up", chain, "begins alike", value("dns_query", "QueryName", "glcloudservice.com.example.net")},
	{"Connection to a domain of the 3CX campaign", chain, "ends alike", value("network_connection", "DestinationHostname", "notglcloudservice.com")},
	{"Connection to a domain of the 3CX campaign", chain, "came in", value("network_connection", "Initiated", "false")},
	{"Request with the cookies of the 3CX implant", chain, "the analytics cookies", value("proxy", "cs-cookie", "__utma=173272373.1680084000.1; __utmc=173272373")},
	{"3CXDesktopApp started a shell", chain, "the desktop did", value("process_creation", "ParentImage", `C:\Windows\explorer.exe`)},
	{"3CXDesktopApp started a shell", chain, "a crash reporter", value("process_creation", "Image", `C:\Users\user\AppData\Local\Programs\3CXDesktopApp\app\crashpad.exe`)},
	{"Hidden shell with its handles in pipes", chain, "with a command", value("process_create", "command_line", `C:\Windows\System32\cmd.exe /C ipconfig /all`)},
	{"Hidden shell with its handles in pipes", chain, "with a command, without a blank", value("process_create", "command_line", `cmd.exe /d /c"dir C:\"`)},
	{"Hidden shell with its handles in pipes", chain, "in a window", fields("process_create", "hidden", telemetry.Bool(false))},
	{"Side-loaded DLL, sidecar, dead drop, shell", chain, "the shell is another program's", value("process_creation", "ParentImage", `C:\Windows\explorer.exe`)},
	{"Side-loaded DLL, sidecar, dead drop, shell", chain, "the sidecar was read after it", later("file_read", time.Hour)},

	{"SUPPLYCHAIN_3CX_Implant_Mar23", chain, "a DLL with the name of the event alone", data(`\ffmpeg.dll`, swap("3jB(2bsG#@c7", "3jB(2bsG#@c8", wide("d3dcompiler_47.dll"), wide("d3dcompiler_46.dll")))},
	{"SUPPLYCHAIN_3CX_Implant_Mar23", chain, "a report about it", data(`\ffmpeg.dll`, func(b []byte) []byte { return append([]byte("\xFF\xFE"), b...) })},
	{"SUPPLYCHAIN_3CX_Container_Mar23", chain, "four bytes of the marker, a Mach-O file", data(`\d3dcompiler_47.dll`, swap(marker, "\xFE\xED\xFA\xCE\x00\x00\x00\x07"))},
	{"SUPPLYCHAIN_3CX_Container_Mar23", chain, "the marker elsewhere, in a scanner's data", data(`\d3dcompiler_47.dll`, swap(marker, "\x00\x00\x00\x00\x00\x00\x00\x00", "A benign sidetrace", marker+"sidetrace "))},
	{"SUPPLYCHAIN_3CX_Inner_DLL_Mar23", chain, "Windows' own samcli.dll", made(func(b []byte) []byte { return append(b, "NetUserAdd\x00"...) })},
	{"SUPPLYCHAIN_3CX_Inner_DLL_Mar23", chain, "a COM server that asks samcli.dll for accounts", made(func(b []byte) []byte { return append(b, "NetLocalGroupGetMembers\x00"...) })},
	{"SUPPLYCHAIN_3CX_Icon_Mar23", chain, "a dollar and some text", made(cut(iend, "$Id: icon.ico 1.3 $"))},
	{"SUPPLYCHAIN_3CX_Time_Gate_Mar23", dormant, "eight characters", data(`\manifest`, func([]byte) []byte { return []byte("{\"v\":1}\n") })},
	{"SUPPLYCHAIN_3CX_Time_Gate_Mar23", dormant, "more than a time", data(`\manifest`, func(b []byte) []byte { return append(b, 0) })},
	{"LOADER_Certificate_Table_With_Ciphertext", chain, "an installer's tag", data(`\d3dcompiler_47.dll`, tagged)},
	{"LOADER_Media_Library_Names_A_Sidecar", chain, "it decodes with Direct3D", data(`\ffmpeg.dll`, swap(wide("d3dcompiler_47.dll"), wide("d3d11.dll")+strings.Repeat("\x00", 18)))},
	{"LOADER_Media_Library_Names_A_Sidecar", chain, "it names its sister", data(`\ffmpeg.dll`, swap(wide("d3dcompiler_47.dll"), wide("avformat_59_7.dll")+"\x00\x00"))},
	{"LOADER_Stub_In_Front_Of_PE", chain, "MZ and no header", made(swap("PE\x00\x00", "NE\x00\x00"))},
	{"LOADER_Stub_In_Front_Of_PE", chain, "an archive", made(func(b []byte) []byte { return append([]byte("PK\x03\x04"), b[4:]...) })},
	{"3cx_known_urls", chain, "names and repositories that are alike", everywhere("glcloudservice.com", "notglcloudservice.com", "IconStorages", "MyIconStorages2")},
	{"3cx_known_urls_data_lake", chain, "names and repositories that are alike", everywhere("glcloudservice.com", "glcloudservice.com.example.net", "/IconStorages/", "/IconStorage/")},
	{"3cx_time_gate", chain, "the application's own file", everywhere(`\app\manifest`, `\app\manifest.json`)},
	{"3cx_shell", chain, "a crash reporter", everywhere("cmd.exe", "crashpad.exe")},
	{"sideload_sibling_read_as_data", chain, "a DLL of another folder", everywhere(`\app\d3dcompiler_47.dll`, `\plugins\d3dcompiler_47.dll`)},
	{"sideload_sibling_read_as_data", chain, "the program verifies what it has loaded", value("file_read", "path", `C:\Users\user\AppData\Local\Programs\3CXDesktopApp\app\ffmpeg.dll`)},
	{"ICON_Data_Behind_Its_Image", chain, "padding", made(cut(iend, strings.Repeat("\x00", 96)))},
}

// tagged puts text in the place of what lies behind the marker.
func tagged(b []byte) []byte {
	at := bytes.Index(b, []byte(marker))
	copy(b[at:], strings.Repeat("brand=EXMP&lang=en-GB&", len(b)/22))
	return b
}

// silent says whether the rules of a name are silent, and that there are such.
func silent(t *testing.T, result *rules.Result, name string) bool {
	t.Helper()
	named := result.Named(name)
	if len(named) == 0 {
		t.Fatalf("there is no rule %q", name)
	}
	return !slices.ContainsFunc(named, func(i int) bool { return result.Rules[i].Fired() })
}

// copyOf is a subject that may be changed.
func copyOf(s *detect.Subject) *detect.Subject {
	c := &detect.Subject{Name: s.Name, Events: slices.Clone(s.Events), Objects: slices.Clone(s.Objects)}
	for i := range c.Events {
		c.Events[i].Fields = slices.Clone(c.Events[i].Fields)
	}
	return c
}

// TestNearMisses says that no rule fires on its near misses, that it does on
// what these were made from, and that each has one.
func TestNearMisses(t *testing.T) {
	set := ownRules()
	for _, p := range set.Problems() {
		if p.Severity != detect.Warning {
			t.Errorf("%s:%d: %s", p.File, p.Line, p.Message)
		}
	}
	subjects, results := map[string]*detect.Subject{}, map[string]*rules.Result{}
	for _, id := range []string{chain, dormant} {
		subjects[id] = subjectOf(t, id)
		results[id] = set.Run(context.Background(), subjects[id])
	}
	missed := map[int]bool{}
	for _, m := range nearMisses {
		if silent(t, results[m.on], m.rule) {
			t.Errorf("%s: silent on %s itself", m.rule, m.on)
		}
		near := copyOf(subjects[m.on])
		m.change(near)
		result := set.Run(context.Background(), near)
		if !silent(t, result, m.rule) {
			t.Errorf("%s: fires on its near miss: %s", m.rule, m.why)
		}
		for _, i := range result.Named(m.rule) {
			missed[i] = true
		}
	}
	for _, m := range partMisses {
		if silent(t, results[chain], m.of) {
			t.Errorf("%s: silent on %s itself", m.of, chain)
		}
		near := copyOf(subjects[chain])
		m.change(near)
		if !silent(t, set.Run(context.Background(), near), m.of) {
			t.Errorf("%s: fires without its part %s: %s", m.of, m.part, m.why)
		}
		for _, i := range results[chain].Named(m.part) {
			missed[i] = true
		}
	}
	for i, r := range results[chain].Rules {
		switch {
		case r.Engine == "ioc": // TestIndicators
		case !missed[i]:
			t.Errorf("%s %s has no near miss", r.Engine, cmp.Or(r.Title, r.ID))
		}
	}
}

// TestIndicators says the same of every indicator.
func TestIndicators(t *testing.T) {
	set := ownRules()
	show := func(category, product, field, value string) *detect.Subject {
		return &detect.Subject{Events: []telemetry.Event{{
			Source: telemetry.Logsource{Category: category, Product: product}, Fields: []telemetry.Field{{Name: field, Value: telemetry.Text(value)}},
		}}}
	}
	n := 0
	for _, r := range set.Run(context.Background(), &detect.Subject{}).Rules {
		if r.Engine != "ioc" {
			continue
		}
		n++
		var hits, misses []*detect.Subject
		switch id := r.ID; {
		case strings.Contains(id, "/"):
			hits = []*detect.Subject{show("proxy", "", "c-uri", id+"icon3.ico")}
			misses = []*detect.Subject{show("proxy", "", "c-uri", strings.Replace(id, "IconStorages", "IconStorage", 1))}
		case strings.Contains(id, `\`):
			hits = []*detect.Subject{show("file_event", "windows", "TargetFilename", `C:\Users\a\AppData\Local\Programs\3CXDesktopApp\app\manifest`)}
			misses = []*detect.Subject{show("file_event", "windows", "TargetFilename", `C:\Users\a\AppData\Local\Programs\3CXDesktopApp\app\manifest.json`)}
		case strings.Contains(id, "."):
			hits = []*detect.Subject{show("dns_query", "windows", "QueryName", id), show("dns_query", "windows", "QueryName", "www."+strings.ToUpper(id))}
			misses = []*detect.Subject{show("dns_query", "windows", "QueryName", "not"+id), show("dns_query", "windows", "QueryName", id+".example.net")}
		default:
			hits = []*detect.Subject{show("event_create", "sidetrace", "name", id)}
			misses = []*detect.Subject{show("event_create", "sidetrace", "name", id+"2"), show("mutex_create", "sidetrace", "name", id)}
		}
		for _, s := range hits {
			if silent(t, set.Run(context.Background(), s), "ioc:"+r.ID) {
				t.Errorf("%s: silent on %v", r.ID, s.Events[0].Fields)
			}
		}
		for _, s := range misses {
			if !silent(t, set.Run(context.Background(), s), "ioc:"+r.ID) {
				t.Errorf("%s: fires on %v", r.ID, s.Events[0].Fields)
			}
		}
	}
	if n < 25 {
		t.Errorf("%d indicators", n)
	}
}

// TestStages says that two rules at least see each stage of the chain, and that
// each rule says what it is about.
func TestStages(t *testing.T) {
	r := harness.Runner{Machine: newMachine(t)}
	s := r.Run(context.Background(), load(t, "../scenarios", chain)).Scenarios[0]
	if s.Detections == nil {
		t.Fatal("no rules were run")
	}
	// the files that a stage reads, in which something can be found at rest
	atRest := map[string]string{`\ffmpeg.dll`: "side-load", `\d3dcompiler_47.dll`: "container", `\manifest`: "gate"}
	seen := map[string]map[string]bool{}
	for _, step := range s.Steps {
		if step.Stage != "" {
			seen[step.Stage] = map[string]bool{}
		}
	}
	if len(seen) < 8 {
		t.Errorf("%d stages", len(seen))
	}
	for _, rule := range s.Detections.Rules {
		for _, f := range rule.Fires {
			stage := f.Stage
			for name, at := range atRest {
				if stage == "" && strings.HasSuffix(f.On, name) {
					stage = at
				}
			}
			if seen[stage] == nil {
				t.Errorf("%s: a fire in no stage, on %s", rule.ID, f.On)
				continue
			}
			seen[stage][rule.ID] = true
		}
		if rule.Title == "" || len(rule.Attack) == 0 || rule.Level == "" && rule.Engine != "ioc" {
			t.Errorf("%s: no title, level or technique", rule.ID)
		}
	}
	for stage, list := range seen {
		if len(list) < 2 {
			t.Errorf("stage %s is seen by %v alone", stage, list)
		}
	}
	if s.Verdict != reports.Pass {
		t.Error(s.Reason)
	}
}

// TestEveryScenarioRunsTheRules says that whatever is in the repository is looked
// at by every rule, and that a fire which nothing speaks of is a failure.
func TestEveryScenarioRunsTheRules(t *testing.T) {
	for _, e := range load(t, "../scenarios") {
		d := e.Scenario.Detections
		if d == nil || !slices.ContainsFunc(d.Rules, func(r scenarios.RuleSource) bool { return r.Path == "../rules" }) {
			t.Errorf("%s does not run ../rules", e.ID())
		} else if d.Others != "" && d.Others != scenarios.OthersFail {
			t.Errorf("%s: others: %s", e.ID(), d.Others)
		}
	}
}
