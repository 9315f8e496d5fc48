package telemetry

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sidetrace/emulator/trace"
)

// TestReadForms reads one event as each collector writes it: the result is the
// same.
func TestReadForms(t *testing.T) {
	want := []Event{{
		Line: 1, Time: time.Date(2025, 11, 27, 7, 40, 10, 165324000, time.UTC), Source: Logsource{"image_load", "windows", "sysmon"},
		Computer: "WORKSTATION", Provider: SysmonProvider, Channel: SysmonChannel, ID: 7,
		Fields: []Field{
			{"RuleName", Text("-")}, {"UtcTime", Text("2025-11-27 07:40:10.132")}, {"ProcessGuid", Text("{0197231E-005A-6928-A50B-000000000D00}")},
			{"ProcessId", Int(4460)}, {"ImageLoaded", Text(`C:\a.dll`)}, {"Signed", Text("true")},
		},
	}}
	for _, test := range []struct{ name, log string }{
		{"evtx_dump", `{"Event":{"#attributes":{"xmlns":"x"},"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon","Guid":"5770385F-C22A-43E0-BF4C-06F5698FFBD9"}},
"EventID":7,"TimeCreated":{"#attributes":{"SystemTime":"2025-11-27T07:40:10.165324Z"}},"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"WORKSTATION"},
"EventData":{"RuleName":"-","UtcTime":"2025-11-27 07:40:10.132","ProcessGuid":"0197231E-005A-6928-A50B-000000000D00","ProcessId":4460,"ImageLoaded":"C:\\a.dll","Signed":"true"}}}`},
		{"separate attributes", `{"Event_attributes":{"xmlns":"x"},"Event":{"System":{"Provider_attributes":{"Name":"Microsoft-Windows-Sysmon"},"EventID":7,
"TimeCreated_attributes":{"SystemTime":"2025-11-27T07:40:10.165324Z"},"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"WORKSTATION"},
"EventData":{"RuleName":"-","UtcTime":"2025-11-27 07:40:10.132","ProcessGuid":"0197231E-005A-6928-A50B-000000000D00","ProcessId":4460,"ImageLoaded":"C:\\a.dll","Signed":true}}}`},
		{"xmltodict", `{"Event":{"@xmlns":"x","System":{"Provider":{"@Name":"Microsoft-Windows-Sysmon"},"EventID":{"@Qualifiers":"","#text":"7"},
"TimeCreated":{"@SystemTime":"2025-11-27 07:40:10.165324"},"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"WORKSTATION"},
"EventData":{"Data":[{"@Name":"RuleName","#text":"-"},{"@Name":"UtcTime","#text":"2025-11-27 07:40:10.132"},{"@Name":"ProcessGuid","#text":"{0197231e-005a-6928-a50b-000000000d00}"},
{"@Name":"ProcessId","#text":"4460"},{"@Name":"ImageLoaded","#text":"C:\\a.dll"},{"@Name":"Signed","#text":"true"}]}}}`},
		{"Winlogbeat", `{"@timestamp":"2025-11-27T07:40:10.165324Z","event":{"code":"7"},"winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","computer_name":"WORKSTATION","event_id":"7",
"provider_name":"Microsoft-Windows-Sysmon","event_data":{"RuleName":"-","UtcTime":"2025-11-27 07:40:10.132","ProcessGuid":"{0197231E-005A-6928-A50B-000000000D00}",
"ProcessId":"4460","ImageLoaded":"C:\\a.dll","Signed":"true"}}}`},
		{"Elasticsearch", `{"hits":{"hits":[{"_id":"1","_source":{"@timestamp":"2025-11-27T07:40:10.165324Z","winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","computer_name":"WORKSTATION",
"event_id":7,"provider_name":"Microsoft-Windows-Sysmon","event_data":{"RuleName":"-","UtcTime":"2025-11-27 07:40:10.132",
"ProcessGuid":"{0197231E-005A-6928-A50B-000000000D00}","ProcessId":"4460","ImageLoaded":"C:\\a.dll","Signed":"true"}}}}]}}`},
		{"dotted names", `{"@timestamp":"2025-11-27T07:40:10.165324Z","winlog.channel":"Microsoft-Windows-Sysmon/Operational","winlog.computer_name":"WORKSTATION","winlog.event_id":7,
"winlog.provider_name":"Microsoft-Windows-Sysmon","winlog.event_data":{"RuleName":"-","UtcTime":"2025-11-27 07:40:10.132",
"ProcessGuid":"{0197231E-005A-6928-A50B-000000000D00}","ProcessId":"4460","ImageLoaded":"C:\\a.dll","Signed":"true"}}`},
		{"fields", `{"EventID":7,"@timestamp":"2025-11-27T07:40:10.165324Z","Hostname":"WORKSTATION","SourceName":"Microsoft-Windows-Sysmon","Channel":"Microsoft-Windows-Sysmon/Operational",
"RuleName":"-","UtcTime":"2025-11-27 07:40:10.132","ProcessGuid":"{0197231E-005A-6928-A50B-000000000D00}","ProcessId":"4460","ImageLoaded":"C:\\a.dll","Signed":"true"}`},
		{"fields alone", `{"EventID":"7","@timestamp":"2025-11-27T07:40:10.165324Z","Computer":"WORKSTATION",
"RuleName":"-","UtcTime":"2025-11-27 07:40:10.132","ProcessGuid":"{0197231E-005A-6928-A50B-000000000D00}","ProcessId":4460,"ImageLoaded":"C:\\a.dll","Signed":"true"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Read(strings.NewReader(test.log))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestReadLayouts reads logs of several records, however they are laid out, and
// says on which line each begins.
func TestReadLayouts(t *testing.T) {
	for _, test := range []struct {
		name, log string
		want      []int // lines
	}{
		{"lines", `{"a":1}` + "\n" + `{"a":2}` + "\n\n" + `{"a":3}`, []int{1, 2, 4}},
		{"Windows' ends of lines", "\uFEFF{\"a\":1}\r\n{\"a\":2}\r\n", []int{1, 2}},
		{"one line", `{"a":1}{"a":2} {"a":3}`, []int{1, 1, 1}},
		{"list", "[\n{\"a\":1},\n{\n\"a\":2}\n]\n", []int{2, 3}},
		{"several lines each", "{\n\"a\":1\n}\n{\n\"a\":2\n}\n", []int{1, 4}},
		{"titles of evtx_dump", "Record 1\n{\n\"a\":1\n}\nRecord 2\r\n{\n\"a\":2\n}\n", []int{2, 6}},
		{"nothing", " \n", nil},
		{"empty list", "[]", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			events, err := Parse([]byte(test.log))
			if err != nil {
				t.Fatal(err)
			}
			var lines []int
			for i, e := range events {
				lines = append(lines, e.Line)
				if d := cmp.Diff([]Field{{"a", Int(int64(i + 1))}}, e.Fields); d != "" {
					t.Errorf("record %d (-want +got):\n%s", i+1, d)
				}
			}
			if d := cmp.Diff(test.want, lines); d != "" {
				t.Errorf("lines (-want +got):\n%s", d)
			}
		})
	}
}

// TestReadValues reads values of every type.
func TestReadValues(t *testing.T) {
	events, err := Parse([]byte(`{"s":"x","i":-7,"f":1.5,"large":18446744073709551615,"huge":1e999,"yes":true,"no":false,"null":null,"list":["a",2,["b"]],"o":{"p":{"q":1}},"empty":{},"none":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"s=1:x", "i=2:-7", "f=3:1.5", "large=3:18446744073709551615", "huge=3:1e999", "yes=4:true", "no=4:false", "null=0:", "list=1:a", "list=2:2", "list=1:b", "o.p.q=2:1",
	}
	var got []string
	for _, f := range events[0].Fields {
		got = append(got, fmt.Sprintf("%s=%d:%s", f.Name, f.Value.Kind, f.Value.Text))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestReadErrors says what is wrong, and where; what came before it is kept.
func TestReadErrors(t *testing.T) {
	for _, test := range []struct {
		name, log string
		want      ReadError
		before    int
	}{
		{"no JSON", "{\"a\":1}\n{\"a\":2}\nnonsense\n", ReadError{Line: 3, Message: "no valid JSON: invalid character 'o' in literal null (expecting 'u')"}, 2},
		{"cut", "{\"a\":1}\n{\"a\":", ReadError{Line: 2, Message: "the log ends in the middle of a record"}, 1},
		{"list is cut", "[{\"a\":1}\n", ReadError{Line: 2, Message: "the log ends in the middle of a list"}, 1},
		{"no object", "{\"a\":1}\n7\n", ReadError{Line: 2, Message: "a record is an object, not 7"}, 1},
		{"list in a list", "[[{}]]", ReadError{Line: 1, Message: "a list in a list of records"}, 0},
		{"deep", `{"a":` + strings.Repeat(`[`, 40), ReadError{Line: 1, Message: "a record is more than 32 levels deep"}, 0},
		{"many values", `{"a":[` + strings.Repeat(`1,`, 5000) + `1]}`, ReadError{Line: 1, Message: "a record has more than 4096 values"}, 0},
		{"binary log", "ElfFile\x00\x00", ReadError{Message: "a Windows event log in its binary form", Hint: "make JSON of it: evtx_dump -o jsonl FILE"}, 0},
		{"UTF-16", "\xFF\xFE{\x00}\x00", ReadError{Message: "the log is in UTF-16", Hint: "make UTF-8 of it: iconv -f UTF-16 -t UTF-8 FILE"}, 0},
		{"XML", "\n<?xml version=\"1.0\"?>", ReadError{Line: 1, Message: "XML, not JSON", Hint: "evtx_dump -o jsonl makes JSON of an event log"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			events, err := Parse([]byte(test.log))
			var got *ReadError
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want a ReadError", err)
			}
			if d := cmp.Diff(test.want, *got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if len(events) != test.before {
				t.Errorf("got %d events before it, want %d", len(events), test.before)
			}
		})
	}
}

// TestReadSources says where events of other logs are from.
func TestReadSources(t *testing.T) {
	for _, test := range []struct {
		log  string
		want Logsource
	}{
		{`{"EventID":4688,"Channel":"Security","NewProcessName":"C:\\a.exe"}`, Logsource{"", "windows", "security"}},
		{`{"EventID":4104,"Channel":"Microsoft-Windows-PowerShell/Operational"}`, Logsource{"ps_script", "windows", "powershell"}},
		{`{"EventID":12,"Channel":"Microsoft-Windows-Sysmon/Operational","EventType":"DeleteValue"}`, Logsource{"registry_delete", "windows", "sysmon"}},
		{`{"EventID":12,"Channel":"Microsoft-Windows-Sysmon/Operational","EventType":"CreateKey"}`, Logsource{"registry_add", "windows", "sysmon"}},
		{`{"EventID":6,"Channel":"Microsoft-Windows-Sysmon/Operational"}`, Logsource{"driver_load", "windows", "sysmon"}},
		{`{"EventID":7045,"Channel":"System"}`, Logsource{"", "windows", "system"}},
		{`{"EventID":1,"Channel":"Microsoft-Windows-Kernel-Process/Analytic","UtcTime":"x"}`, Logsource{"", "windows", ""}},
		{`{"c-uri":"https://a.test/","sc-status":200}`, Logsource{"proxy", "", ""}},
		{`{"logsource":{"category":"webserver"},"cs-method":"GET"}`, Logsource{"webserver", "", ""}},
		{`{"EventID":1,"message":"of nothing that is known"}`, Logsource{}},
	} {
		events, err := Parse([]byte(test.log))
		if err != nil {
			t.Fatal(err)
		}
		if got := events[0].Source; got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.log, got, test.want)
		}
	}
}

// hostile is a run whose guest writes what no log expects.
func hostile() *trace.Run {
	bad := "C:\\\xff\"\n\u202E\x00{}Record 1\n</x>"
	r := trace.NewRecorder(trace.Limits{})
	r.Run.Image, r.Run.PID, r.Run.Start = bad, 4104, time.Date(2023, 3, 29, 9, 0, 0, 0, time.UTC)
	for _, p := range []trace.Payload{
		trace.ModuleLoad{Path: bad, Name: bad, Reason: "process", Found: "process image"},
		trace.FileCreate{Path: bad}, trace.FileCreate{Path: bad + ":s"}, trace.FileDelete{Path: bad}, trace.PipeCreate{Name: bad}, trace.PipeConnect{},
		trace.RegistryWrite{Path: bad, Type: "REG_SZ", Data: bad}, trace.RegistryWrite{Path: `HKCU\a`, Type: "REG_DWORD", Data: "DWORD (0x00000001)"},
		trace.RegistryCreate{Path: bad}, trace.RegistryDelete{Path: bad, Item: "value"},
		trace.DNSQuery{Name: bad, Results: []string{bad}}, trace.NetConnect{Host: bad, Address: "2001:db8::1", Port: 70000, Protocol: "udp"},
		trace.NetConnect{Host: bad, Address: bad, Protocol: "tcp", Answered: true}, trace.HTTPRequest{Method: bad, URL: bad, Host: bad, Headers: bad},
		trace.ProcessCreate{Image: bad, CommandLine: bad, ID: 8}, trace.ProcessAccess{Image: bad, ID: 8, Access: 0x1F_FFFF, Granted: true},
		trace.ThreadCreateRemote{Image: bad, ProcessID: 8, Start: ^uint64(0)}, trace.ProcessWriteMemory{ID: 8, Content: "pe"},
		trace.ThreadHijack{Image: bad, ProcessID: 8, Method: "context"}, trace.ProcessTerminate{Image: bad, ID: 8}, trace.Exit{},
	} {
		r.Behaviour(0, 4104, 4108, 0, p)
	}
	return r.Run
}

// TestRoundTrip writes events and reads them back.
func TestRoundTrip(t *testing.T) {
	events := Build(hostile(), Host{})
	seen := map[int]bool{}
	for _, e := range events {
		seen[e.ID] = true
	}
	for _, s := range Sysmon() {
		if !seen[s.ID] && s.ID != 14 && s.ID != 29 {
			t.Errorf("no event %d among those to write", s.ID)
		}
	}
	for _, form := range []Form{EventLog, Winlogbeat} {
		var out bytes.Buffer
		if err := Write(&out, form, events); err != nil {
			t.Fatal(err)
		}
		got, err := Read(&out)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if got[i].Line != i+1 {
				t.Errorf("%s: event %d is on line %d", form, i+1, got[i].Line)
			}
		}
		if d := cmp.Diff(events, got, cmpopts.IgnoreFields(Event{}, "Seq", "Line")); d != "" {
			t.Errorf("%s (-want +got):\n%s", form, d)
		}
	}
}

// FuzzRead reads anything, and what it made of it once more.
func FuzzRead(f *testing.F) {
	for _, form := range []Form{EventLog, Winlogbeat} {
		var out bytes.Buffer
		if err := Write(&out, form, Build(hostile(), Host{})); err != nil {
			f.Fatal(err)
		}
		f.Add(out.Bytes())
	}
	f.Add([]byte(`[{"Event":{"System":{"EventID":{"#text":1}},"UserData":{"a":{"b":[1,{"c":null}]}}}}]`))
	f.Add([]byte("Record 1\n{\"hits\":{\"hits\":[{\"_source\":{\"a\":1e400}}]}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		events, err := Parse(bytes.Clone(data))
		var known *ReadError
		if err != nil && !errors.As(err, &known) {
			t.Fatalf("an error of another type: %v", err)
		}
		for _, form := range Forms() {
			var out bytes.Buffer
			if err := Write(&out, form, events); err != nil {
				t.Fatal(err)
			}
			if form == OCSF { // which has fewer, and is not read
				continue
			}
			again, err := Parse(out.Bytes())
			if err != nil {
				t.Fatalf("what was written cannot be read: %v", err)
			}
			if len(again) != len(events) {
				t.Fatalf("%d events were written, %d read", len(events), len(again))
			}
		}
	})
}
