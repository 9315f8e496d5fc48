package reports

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/trace"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a file of testdata, or rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); go test ./reports -update accepts it:\n%s", name, diff)
	}
}

// record is a short run with each stream in it.
func record() *trace.Run {
	rec := trace.NewRecorder(trace.Limits{})
	export := &trace.Export{DLL: "kernel32.dll", Name: "ReadFile", Params: []trace.Param{{Name: "hFile"}, {Name: "lpFileName", Format: trace.Text}}, Result: trace.Bool}
	exports := new(trace.Exports)
	id := exports.Add(export)
	rec.Run.Calls.UseExports(exports)
	at := func(ms int, tid uint32, p trace.Payload) {
		rec.Behaviour(time.Duration(ms)*time.Millisecond, 4660, tid, 0, p)
	}

	at(0, 1, trace.ModuleLoad{Path: `C:\App\phone.exe`, Name: "phone.exe", Reason: "process", Found: "process image"})
	at(0, 1, trace.ModuleLoad{Path: `C:\Windows\System32\ntdll.dll`, Name: "ntdll.dll", Reason: "import", System: true})
	at(0, 1, trace.ModuleLoad{Path: `C:\Windows\System32\kernel32.dll`, Name: "kernel32.dll", Reason: "import", System: true})
	at(0, 1, trace.ModuleLoad{Path: `C:\App\media.dll`, Name: "media.dll", Reason: "import", Found: "application directory", LoadedBy: "phone.exe"})
	at(1, 1, trace.DllMainEnter{Path: `C:\App\media.dll`, Reason: "process_attach"})
	call := rec.Run.Calls.Begin(rec.Next(), 2*time.Millisecond, 1, 0x180001010, id)
	call.Arg(0, 0x44)
	rec.Run.Calls.Text(&call, 1, []byte("C:\\App\\\x1b[31mblob"))
	call.End(1, 0)
	at(3, 1, trace.FileRead{Path: "C:\\App\\\x1b[31mblob", Size: 4096})
	rec.Gap(trace.Gap{Kind: trace.GapAPI, Name: "user32.dll!Nothing", Caller: "media.dll+0x1234", Args: []string{"0x1", "0x2"}})
	at(4, 2, trace.Sleep{Milliseconds: 604800000, API: "Sleep"})
	at(4, 1, trace.DllMainReturn{Path: `C:\App\media.dll`, Reason: "process_attach", Result: true})
	for _, ms := range []int{5, 6, 7} {
		at(ms, 2, trace.Sleep{Milliseconds: 1000, API: "SleepEx"})
	}
	at(8*24*3600*1000, 1, trace.Exit{Code: 0, Reason: "ExitProcess"})

	run := rec.Run
	run.Image, run.PID = `C:\App\phone.exe`, 4660
	run.Start = time.Date(2023, 3, 29, 9, 0, 0, 0, time.UTC)
	run.Elapsed = 8 * 24 * time.Hour
	run.Blocks = 12345
	run.Modules = []trace.Module{{Path: `C:\App\media.dll`, Base: 0x180000000, Size: 0x10000}}
	run.Stop = trace.Stop{Reason: trace.StopExit}
	run.Console = []byte("hello\xff\n")
	return run
}

// suite has a scenario of each verdict, and each kind of check.
func suite() *Suite {
	passed := record()
	passed.Gaps = nil
	scenarios := []Scenario{
		{
			ID: "phone-2023", Title: "The chain, after the gate", Why: "It happened.", File: "scenarios/phone-2023/scenario.yaml", Verdict: Pass,
			Steps: []Step{{Index: 1, Line: 20, Kind: "file.read", Expected: `file.read: {path|endswith: '\blob'}`, Status: Passed, Seq: 7}},
			Run:   NewRun(passed), Trace: passed,
		},
		{
			ID: "phone-dormant", Title: "Before the gate", File: "scenarios/phone-dormant/scenario.yaml", Verdict: Fail, Reason: "step 2 of 3 was not seen",
			Steps: []Step{
				{Index: 1, Line: 20, Kind: "module.load", Expected: `module.load: {path|endswith: '\media.dll'}`, Status: Passed, Seq: 4},
				{
					Index: 2, Line: 21, Kind: "file.read", Expected: `file.read: {path|endswith: '\blob', size: 8192}`, Status: Failed, Why: "the blob is read whole",
					Miss: &Miss{
						Reason: "no file.read behind step 1 fits", After: 4, Around: []uint64{1, 2, 3, 4, 5, 7},
						Near: &Near{
							Seq: 7, Matched: 1, Total: 2,
							Fields: []FieldMiss{{Condition: "size: 8192", Field: "size", Got: "4096"}},
							Diff:   "  map[string]any{\n-\u00a0\t\"size\": int(8192),\n+\u00a0\t\"size\": int(4096),\n  }\n",
						},
					},
				},
				{Index: 3, Line: 22, Kind: "exit", Expected: "exit: {}", Status: Skipped},
			},
			Never:     []Never{{Line: 30, Kind: "sleep", Expected: "sleep: {}", Why: "nothing waits before the gate", Status: Failed, Seq: 9}},
			Totals:    []Total{{Line: 40, Kind: "exit", Expected: "exit: {}", Want: "exactly 2", Got: 1, Status: Failed, Seqs: []uint64{14}}},
			Artifacts: []ArtifactCheck{{Line: 50, Name: "stage2", Artifact: "01-code", Status: Failed, Checks: []Check{{Line: 51, Name: "size", Want: "10", Got: "11", Status: Failed}}}},
			Ends:      []Check{{Line: 60, Name: "console", Want: "a\nb", Got: "a\nc", Status: Failed, Diff: "- b\n+ c\x1b[2J\n"}, {Line: 61, Name: "exit", Want: "0", Got: "0", Status: Passed}},
			Run:       NewRun(record()), Trace: record(),
		},
		{
			ID: "phone-gap", Title: "A name nobody handles", File: "scenarios/phone-gap/scenario.yaml", Verdict: Inconclusive, Reason: "a gap came before step 1",
			Steps: []Step{{
				Index: 1, Line: 9, Kind: "exit", Expected: "exit: {code: 7}", Status: Doubtful,
				Doubt: &Doubt{Kind: "api", Name: "user32.dll!Nothing", Seq: 8, Text: "user32.dll!Nothing has no handler and was called before (#8)"},
			}},
			Run: NewRun(record()), Trace: record(),
		},
		{
			ID: "phone-broken", File: "scenarios/phone-broken/scenario.yaml", Verdict: Error, Reason: "the scenario is broken",
			Problems: []Problem{{File: "scenarios/phone-broken/scenario.yaml", Line: 30, Column: 5, Message: `http.request has no field "ur"`, Hint: `did you mean "url"?`}},
		},
		{ID: "phone-crash", Title: "A crash", File: "scenarios/phone-crash/scenario.yaml", Verdict: Crashed, Reason: "the engine failed"},
	}
	s := NewSuite("v0.0.0-test", scenarios)
	s.NotRun = []string{"phone-later"}
	return s
}
