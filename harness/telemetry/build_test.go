package telemetry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/trace"
	"sidetrace/emulator/win/authenticode"
)

// run makes a record; each group of behaviours is of one call.
func run(groups ...[]trace.Payload) *trace.Run {
	r := trace.NewRecorder(trace.Limits{})
	r.Run.Image, r.Run.PID, r.Run.Start = `C:\App\app.exe`, 4104, time.Date(2023, 3, 29, 9, 0, 0, 0, time.UTC)
	r.Run.Processes = []trace.Process{
		{ID: 4104, Parent: 3364, Session: 1, Image: `C:\App\app.exe`, CommandLine: "app.exe -x", CurrentDirectory: `C:\App`},
		{ID: 3364, Session: 1, Image: `C:\Windows\explorer.exe`, CommandLine: `C:\Windows\Explorer.EXE`},
		{ID: 684, Image: `C:\Windows\System32\lsass.exe`, System: true},
	}
	for _, group := range groups {
		call := r.Next()
		for _, p := range group {
			r.Behaviour(time.Duration(len(r.Run.Behaviours))*time.Second, 4104, 4108, call, p)
		}
	}
	return r.Run
}

func one(p ...trace.Payload) []trace.Payload { return p }

// show is an event by its number and those of its fields that are asked for.
func show(e Event, names ...string) string {
	s := fmt.Sprint(e.ID, " ", e.Source.Category)
	for _, name := range names {
		if v, ok := e.Get(name); ok {
			s += fmt.Sprintf(" %s=%s", name, v.Text)
		}
	}
	return s
}

// TestBuild looks at the fields that are made and not copied.
func TestBuild(t *testing.T) {
	for _, test := range []struct {
		name   string
		run    *trace.Run
		fields string
		want   []string
	}{
		{"start", run(one(trace.ModuleLoad{Path: `C:\App\app.exe`, Reason: "process", Found: "process image"})),
			"CommandLine CurrentDirectory ParentImage ParentCommandLine ParentUser ProcessGuid", []string{
				`1 process_creation CommandLine=app.exe -x CurrentDirectory=C:\App\ ParentImage=C:\Windows\explorer.exe ParentCommandLine=C:\Windows\Explorer.EXE ParentUser=WORKSTATION\user ProcessGuid={4F6E2C1A-FE10-6423-0810-000000000000}`,
				`7 image_load ProcessGuid={4F6E2C1A-FE10-6423-0810-000000000000}`}},
		{"modules", run(one(trace.ModuleLoad{Path: `C:\Windows\System32\ntdll.dll`, Name: "ntdll.dll", System: true},
			trace.ModuleLoad{Path: `C:\Windows\System32\sidetrace-guard.dll`, Name: "sidetrace-guard.dll", System: true},
			trace.ModuleLoad{Path: `C:\App\gone.dll`, Found: "missing"}, trace.ModuleLoad{Path: `C:\App\other.dll`})),
			"ImageLoaded Hashes Signed Signature SignatureStatus", []string{
				`7 image_load ImageLoaded=C:\Windows\System32\ntdll.dll Hashes=- Signed=true Signature=Microsoft Windows SignatureStatus=Valid`,
				`7 image_load ImageLoaded=C:\App\other.dll Hashes=- Signed=false Signature=- SignatureStatus=Unavailable`}},
		{"children", run(one(trace.ProcessCreate{Image: `C:\Windows\System32\cmd.exe`, ID: 4200, CommandLine: "cmd"}), one(trace.ProcessTerminate{Image: `C:\Windows\System32\cmd.exe`, ID: 4200})),
			"Image ParentImage ParentCommandLine ProcessGuid", []string{
				`1 process_creation Image=C:\Windows\System32\cmd.exe ParentImage=C:\App\app.exe ParentCommandLine=app.exe -x ProcessGuid={4F6E2C1A-FE10-6423-6810-000000000000}`,
				`5 process_termination Image=C:\Windows\System32\cmd.exe ProcessGuid={4F6E2C1A-FE10-6423-6810-000000000000}`}},
		{"a chosen parent", func() *trace.Run {
			r := run(one(trace.ProcessCreate{Image: "a", ID: 4200, ParentImage: `C:\Windows\explorer.exe`, CreatorImage: `C:\App\app.exe`}))
			r.Processes = append(r.Processes, trace.Process{ID: 4200, Parent: 3364, Session: 1, Image: "a"})
			return r
		}(), "ParentImage ParentProcessId", []string{`1 process_creation ParentImage=C:\Windows\explorer.exe ParentProcessId=3364`}},
		{"a remote thread", func() *trace.Run {
			r := run(one(trace.ThreadCreateRemote{Image: `C:\Windows\explorer.exe`, ProcessID: 3364, ID: 9, Start: 0x7FFB00001230, Function: "LoadLibraryW"}))
			r.Modules = []trace.Module{{Path: `C:\Windows\System32\kernel32.dll`, Base: 0x7FFB00000000, Size: 0x2000, System: true}}
			return r
		}(), "SourceImage TargetImage NewThreadId StartAddress StartModule StartFunction", []string{
			`8 create_remote_thread SourceImage=C:\App\app.exe TargetImage=C:\Windows\explorer.exe NewThreadId=9 StartAddress=0x00007FFB00001230 StartModule=C:\Windows\System32\kernel32.dll StartFunction=LoadLibraryW`}},
		{"access", run(one(trace.ProcessAccess{Image: `C:\Windows\System32\lsass.exe`, ID: 684, Access: 0x1410, Granted: true}, trace.ProcessAccess{ID: 684, Access: 1})),
			"SourceThreadId TargetImage GrantedAccess TargetUser CallTrace", []string{
				`10 process_access SourceThreadId=4108 TargetImage=C:\Windows\System32\lsass.exe GrantedAccess=0x1410 TargetUser=NT AUTHORITY\SYSTEM CallTrace=-`}},
		{"hollowing", run(one(trace.ProcessCreate{Image: "a", ID: 8, Suspended: true}), one(trace.ThreadHijack{ProcessID: 8, Method: "context"}),
			one(trace.ProcessWriteMemory{ID: 8, Content: "pe"}), one(trace.ThreadHijack{Image: "a", ProcessID: 8, Method: "context"}), one(trace.ThreadHijack{ProcessID: 8, Method: "context"})),
			"Image Type", []string{`1 process_creation Image=a`, `25 process_tampering Image=a Type=Image is replaced`}},
		{"no hollowing", run(one(trace.ProcessCreate{Image: "a", ID: 8}), one(trace.ProcessWriteMemory{ID: 8, Content: "data"}), one(trace.ThreadHijack{ProcessID: 8, Method: "context"})),
			"", []string{`1 process_creation`}},
		{"registry", run(one(trace.RegistryCreate{Path: `HKCU\Software\a`}), one(trace.RegistryWrite{Path: `HKLM\SYSTEM\ControlSet001\Services\a\Start`, Type: "REG_DWORD", Data: "DWORD (0x00000002)"}),
			one(trace.RegistryWrite{Path: `HKCU\Software\Classes\a`, Type: "REG_SZ"}), one(trace.RegistryWrite{Path: `HKLM\SOFTWARE\Classes\a`, Type: "REG_BINARY", Data: "00"}),
			one(trace.RegistryWrite{Path: `HKLM\SOFTWARE\ClassesOther`, Type: "REG_DWORD", Data: "00"}),
			one(trace.RegistryDelete{Path: `HKCU\a`, Item: "value"}), one(trace.RegistryDelete{Path: `HKCU\a`, Item: "key"})),
			"EventType TargetObject Details", []string{
				`12 registry_add EventType=CreateKey TargetObject=HKU\S-1\Software\a`,
				`13 registry_set EventType=SetValue TargetObject=HKLM\System\CurrentControlSet\Services\a\Start Details=DWORD (0x00000002)`,
				`13 registry_set EventType=SetValue TargetObject=HKU\S-1_Classes\a Details=(Empty)`,
				`13 registry_set EventType=SetValue TargetObject=HKCR\a Details=Binary Data`,
				`13 registry_set EventType=SetValue TargetObject=HKLM\SOFTWARE\ClassesOther Details=Binary Data`,
				`12 registry_delete EventType=DeleteValue TargetObject=HKU\S-1\a`, `12 registry_delete EventType=DeleteKey TargetObject=HKU\S-1\a`}},
		{"a key renamed", run(one(trace.RegistryCreate{Path: `HKLM\a\new`}, trace.RegistryDelete{Path: `HKLM\a\old`, Item: "key"})),
			"EventType TargetObject NewName", []string{`14 registry_rename EventType=RenameKey TargetObject=HKLM\a\old NewName=HKLM\a\new`}},
		{"a file renamed", run(one(trace.FileCreate{Path: `C:\new`}, trace.FileDelete{Path: `C:\old`})), "", nil},
		{"network", run(one(trace.DNSQuery{Name: "a.test", Answered: true, Results: []string{"198.51.100.1", "2001:db8::1"}}), one(trace.DNSQuery{Name: "b.test"}),
			one(trace.NetConnect{Host: "a.test", Address: "198.51.100.1", Port: 443, Protocol: "tcp", Answered: true}), one(trace.NetConnect{Host: "198.51.100.2", Address: "198.51.100.2", Port: 9, Protocol: "tcp"}),
			one(trace.NetConnect{Host: "198.51.100.2", Address: "198.51.100.2", Port: 53, Protocol: "udp"}), one(trace.NetConnect{Host: "198.51.100.2", Address: "198.51.100.2", Protocol: "icmp", Answered: true})),
			"QueryStatus QueryResults SourceIp SourcePort DestinationIp DestinationHostname DestinationPortName", []string{
				`22 dns_query QueryStatus=0 QueryResults=::ffff:198.51.100.1;2001:db8::1;`, `22 dns_query QueryStatus=9003 QueryResults=-`,
				`3 network_connection SourceIp=192.0.2.10 SourcePort=49152 DestinationIp=198.51.100.1 DestinationHostname=a.test DestinationPortName=https`,
				`3 network_connection SourceIp=192.0.2.10 SourcePort=49153 DestinationIp=198.51.100.2 DestinationHostname=- DestinationPortName=domain`}},
		{"proxy", run(one(trace.HTTPRequest{Method: "POST", URL: "https://a.test/p/x.PHP?q=1&r=2", Host: "a.test", Headers: "Host: a.test\r\nReferer: https://b.test/\r\n", BodySize: 12, Status: 302})),
			"c-uri c-uri-stem c-uri-query c-uri-extension cs-method cs-referrer cs-cookie cs-bytes sc-status", []string{
				`0 proxy c-uri=https://a.test/p/x.PHP?q=1&r=2 c-uri-stem=/p/x.PHP c-uri-query=q=1&r=2 c-uri-extension=PHP cs-method=POST cs-referrer=https://b.test/ cs-cookie=- cs-bytes=12 sc-status=302`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, e := range Build(test.run, Host{SID: "S-1", MachineGUID: "4f6e2c1a-0000-4000-8000-3c30c3c3c3c3"}) {
				got = append(got, show(e, strings.Fields(test.fields)...))
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestWritten takes digests from what the guest wrote, and from what was there.
func TestWritten(t *testing.T) {
	program := make([]byte, 0x80)
	copy(program, "MZ")
	program[0x3C] = 0x40
	copy(program[0x40:], "PE\x00\x00")
	r := run(one(trace.FileCreate{Path: `C:\made.exe`}), one(trace.FileCreate{Path: `C:\note:zone`, Existed: true}),
		one(trace.FileDelete{Path: `C:\there`}), one(trace.FileDelete{Path: `C:\GONE`}))
	r.Artifacts = []trace.Artifact{{Name: "1", Data: program}, {Name: "2", Data: []byte("[Zone]\xE9")}, {Name: "3", Data: []byte("gone")}}
	r.Files = []trace.File{{Path: `C:\made.exe`, Artifact: "1", Size: len(program)}, {Path: `C:\note:zone`, Artifact: "2", Size: 7}, {Path: `C:\gone`, Artifact: "3", Size: 4, Deleted: true}}
	host := Host{Files: FileMap(map[string][]byte{`C:\There`: []byte("there"), `C:\made.exe`: []byte("before")})}
	hash := func(data string) string { return NewFacts([]byte(data)).Hashes() }
	want := []string{
		`11 file_event TargetFilename=C:\made.exe CreationUtcTime=2023-03-29 09:00:00.000`,
		`29 file_executable_detected TargetFilename=C:\made.exe Hashes=` + hash(string(program)),
		`15 create_stream_hash TargetFilename=C:\note:zone CreationUtcTime=2023-03-29 09:00:00.000 Hash=` + hash("[Zone]\xE9") + ` Contents=[Zone]é`,
		`23 file_delete TargetFilename=C:\there Hashes=` + hash("there") + ` IsExecutable=false`,
		`26 file_delete_detected TargetFilename=C:\there Hashes=` + hash("there") + ` IsExecutable=false`,
		`23 file_delete TargetFilename=C:\GONE Hashes=` + hash("gone") + ` IsExecutable=false`,
		`26 file_delete_detected TargetFilename=C:\GONE Hashes=` + hash("gone") + ` IsExecutable=false`,
	}
	var got []string
	for _, e := range Build(r, host) {
		got = append(got, show(e, "TargetFilename", "CreationUtcTime", "Hash", "Hashes", "Contents", "IsExecutable"))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestSignature verifies a signature whose authority is its own.
func TestSignature(t *testing.T) {
	data, err := os.ReadFile("../../replicas/prebuilt/d3dcompiler_47.dll")
	if err != nil {
		t.Fatal(err)
	}
	s, err := authenticode.FromFile(data)
	if err != nil {
		t.Fatal(err)
	}
	chain, _ := s.Chain()
	roots := []string{chain[len(chain)-1].Thumbprint()}
	changed := bytes.Clone(data)
	changed[0x200] ^= 1
	name := authenticode.Name(s.Signer.Subject).CommonName
	for _, test := range []struct {
		data  []byte
		roots []string
		at    time.Time
		want  string
	}{
		{data, roots, s.Signer.NotBefore, "true " + name + " Valid"},
		{data, roots, s.Signer.NotAfter.Add(time.Hour), "true " + name + " Expired"},
		{data, nil, s.Signer.NotBefore, "false  Error"},
		{changed, roots, s.Signer.NotBefore, "false  Error"},
		{[]byte("no PE"), roots, s.Signer.NotBefore, "false  Unavailable"},
	} {
		signed, signer, status := NewFacts(test.data).Signature(test.at, test.roots)
		if got := fmt.Sprint(signed, " ", signer, " ", status); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// TestFrom holds the table of events against what is built.
func TestFrom(t *testing.T) {
	r := hostile()
	kinds := map[uint64]string{}
	for _, b := range r.Behaviours {
		kinds[b.Seq] = b.Kind()
	}
	for _, e := range Build(r, Host{}) {
		if s := sysmonEvent(e.ID); e.ID != 0 && !slices.Contains(s.From, kinds[e.Seq]) {
			t.Errorf("event %d is from %s, which the table does not say", e.ID, kinds[e.Seq])
		}
		for _, name := range []string{"UtcTime", "User"} {
			if v, ok := e.Get(name); ok && v.Text == none {
				t.Errorf("event %d has no %s", e.ID, name)
			}
		}
	}
	for _, s := range Sysmon() {
		for _, kind := range s.From {
			if !slices.ContainsFunc(trace.Payloads(), func(p trace.Payload) bool { return p.Kind() == kind }) {
				t.Errorf("event %d: no kind of behaviours is %q", s.ID, kind)
			}
		}
	}
}

// TestBehaviours makes an event of every kind, with every type of fields.
func TestBehaviours(t *testing.T) {
	r := run(trace.Payloads())
	events := Behaviours(r, Host{})
	if len(events) != len(r.Behaviours) {
		t.Fatalf("got %d events of %d behaviours", len(events), len(r.Behaviours))
	}
	r = run(one(trace.ModuleLoad{Path: "a", Base: 1 << 40, Searched: []string{"x", "y"}, SideLoaded: true}), one(trace.CodeUnpacked{Address: ^uint64(0), Entropy: 2.5}))
	events = Behaviours(r, Host{})
	if got := events[0].Source; got != (Logsource{"module_load", "sidetrace", "behaviour"}) {
		t.Errorf("got %+v", got)
	}
	var got []string
	for _, e := range events {
		for _, f := range e.Fields {
			if slices.Contains([]string{"base", "searched", "side_loaded", "address", "entropy", "Image", "ThreadId"}, f.Name) {
				got = append(got, fmt.Sprintf("%s=%d:%s", f.Name, f.Value.Kind, f.Value.Text))
			}
		}
	}
	want := []string{"base=2:1099511627776", "side_loaded=4:true", "searched=1:x", "searched=1:y", `Image=1:C:\App\app.exe`, "ThreadId=2:4108",
		"address=3:18446744073709551615", "entropy=3:2.5", `Image=1:C:\App\app.exe`, "ThreadId=2:4108"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestCalls makes events of calls; who asked for one may stop.
func TestCalls(t *testing.T) {
	r := run()
	table := new(trace.Exports)
	id := table.Add(&trace.Export{DLL: "kernel32.dll", Name: "VirtualProtect", Result: trace.Bool, Params: []trace.Param{
		{Name: "lpAddress", Format: trace.Pointer}, {Name: "dwSize", Format: trace.Dec}, {Name: "flNewProtect", Format: trace.PageProtection}, {Name: "note", Format: trace.Text}}})
	r.Calls.UseExports(table)
	r.Modules = []trace.Module{{Path: `C:\App\ffmpeg.dll`, Base: 0x180000000, Size: 0x2000}}
	for i := range 3 {
		c := r.Calls.Begin(uint64(i+1), time.Second, 4108, 0x180001234, id)
		c.Arg(0, 0x5000)
		c.Arg(1, 16)
		c.Arg(2, 0x40)
		r.Calls.Text(&c, 3, []byte("x"))
		c.End(1, 5)
	}
	n := 0
	for e := range Calls(r, Host{}) {
		if n++; n == 2 {
			break
		}
		got := show(e, "DLL", "Function", "Caller", "CallerImage", "lpAddress", "dwSize", "flNewProtect", "note", "Result", "LastError", "Direct", "ProcessId")
		want := `0 api_call DLL=kernel32.dll Function=VirtualProtect Caller=ffmpeg.dll+0x1234 CallerImage=C:\App\ffmpeg.dll lpAddress=0x5000 dwSize=16 flNewProtect=PAGE_EXECUTE_READWRITE note=x Result=TRUE LastError=5 Direct=false ProcessId=4104`
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if n != 2 {
		t.Errorf("got %d calls, want the loop to end after two", n)
	}
}

// TestOCSF checks the form by the rules of the schema: what must be there, and
// that the numbers belong together.
func TestOCSF(t *testing.T) {
	r := hostile()
	other := run(trace.Payloads())
	events := slices.Concat(Build(r, Host{}), Behaviours(other, Host{}))
	var out bytes.Buffer
	if err := Write(&out, OCSF, events); err != nil {
		t.Fatal(err)
	}
	required := map[int][]string{
		1001: {"actor", "file"}, 1003: {"actor", "kernel"}, 1004: {"process"}, 1005: {"actor", "module"}, 1007: {"actor", "process"},
		4001: {"dst_endpoint"}, 4002: {"http_request"}, 4003: {"query"}, 201001: {"actor", "reg_key"}, 201002: {"actor", "reg_value"},
	}
	seen := map[int]bool{}
	for line := range bytes.Lines(out.Bytes()) {
		var e map[string]any
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		number := func(name string) int { f, _ := e[name].(float64); return int(f) }
		class := number("class_uid")
		seen[class] = true
		if got := number("type_uid"); got != class*100+number("activity_id") || number("activity_id") == 0 {
			t.Errorf("class %d, activity %d: type %d", class, number("activity_id"), got)
		}
		if got := class % 100000 / 1000; got != number("category_uid") {
			t.Errorf("class %d in category %d", class, number("category_uid"))
		}
		names, known := required[class]
		if !known {
			t.Errorf("unknown class %d", class)
		}
		for _, name := range append([]string{"time", "severity_id", "metadata", "device"}, names...) {
			if _, ok := e[name]; !ok {
				t.Errorf("class %d has no %s: %s", class, name, line)
			}
		}
	}
	for class := range required {
		if !seen[class] {
			t.Errorf("no event of class %d", class)
		}
	}
}

// TestStages finds what sensors are blind to.
func TestStages(t *testing.T) {
	r := run(one(trace.Sleep{}), one(trace.HTTPRequest{}), one(trace.FileRead{}), one(trace.NetConnect{Protocol: "tcp"}),
		one(trace.NetConnect{Protocol: "tcp", Address: "198.51.100.1", Answered: true}))
	var got []string
	for _, s := range Stages(r, Host{}) {
		got = append(got, fmt.Sprint(s.Kind, " ", s.Count, " ", s.Shown, " ", s.Blind()))
	}
	want := []string{"sleep 1 [0 0 0 0] [sysmon proxy ocsf api]", "http.request 1 [0 1 1 0] [sysmon api]", "file.read 1 [0 0 1 0] [sysmon proxy api]", "net.connect 2 [1 0 1 0] [proxy api]"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
