package html_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"sidetrace/emulator/trace"
	"sidetrace/reports"
	"sidetrace/reports/html"
)

// hostile is what a guest might call things: markup, the end of a script, a
// template's action, a terminal's control code, a direction mark.
const hostile = "</script><img src=x onerror=\"document.title='owned'\">{{.}}\x1b[31m\u202eexe.'`"

// write is the page of a suite.
func write(t testing.TB, s *reports.Suite) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := html.Write(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// record is a small chain whose every string the guest chose.
func record(calls int) *trace.Run {
	rec := trace.NewRecorder(trace.Limits{})
	exports := new(trace.Exports)
	read := exports.Add(&trace.Export{DLL: "kernel32.dll", Name: "ReadFile", Params: []trace.Param{{Name: "hFile"}, {Name: "lpFileName", Format: trace.Text}}, Result: trace.Bool})
	send := exports.Add(&trace.Export{DLL: "wininet.dll", Name: "InternetOpenUrlW", Params: []trace.Param{{Name: "lpszUrl", Format: trace.Text}}, Result: trace.Pointer})
	rec.Run.Calls.UseExports(exports)
	call := func(id uint32, text string, tid uint32, caller uint64) uint64 {
		seq := rec.Next()
		c := rec.Run.Calls.Begin(seq, time.Duration(seq)*time.Microsecond, tid, caller, id)
		rec.Run.Calls.Text(&c, len(exports.All()[id].Params)-1, []byte(text))
		c.End(seq%5, uint32(seq%3))
		return seq
	}
	at := func(ms int, tid uint32, call uint64, p trace.Payload) {
		rec.Behaviour(time.Duration(ms)*time.Millisecond, 4660, tid, call, p)
	}
	folder := `C:\App\`
	at(0, 1, 0, trace.ModuleLoad{Path: folder + "phone.exe", Name: "phone.exe", Base: 0x140000000, Size: 0x10000, Reason: "process", Found: "process image"})
	at(0, 1, 0, trace.ModuleLoad{Path: `C:\Windows\System32\ntdll.dll`, Name: "ntdll.dll", Reason: "import", System: true})
	at(0, 1, 0, trace.ModuleLoad{Path: folder + hostile, Name: hostile, Base: 0x180000000, Size: 0x10000, Reason: "import", Found: "application directory", SideLoaded: true, LoadedBy: "phone.exe"})
	at(1, 1, call(read, hostile, 1, 0x180001000), trace.FileRead{Path: folder + "blob.bin", Size: 4096})
	at(2, 1, 0, trace.CodeUnpacked{Address: 0x200000, Size: 4096, Entry: 0x200010, Region: "private", SHA256: "aa", Content: "code", SourceFile: folder + "blob.bin", Layer: 1, Artifact: "01-unpacked.bin"})
	at(2, 1, 0, trace.PayloadDecrypted{SourceFile: folder + "blob.bin", Size: 4096, Cipher: "rc4", Key: hostile, SHA256: "aa"})
	at(3, 1, 0, trace.Sleep{Milliseconds: 604800000, API: "Sleep"})
	at(604800003, 1, call(send, "https://icons.example/a.ico", 1, 0x200100), trace.HTTPRequest{Method: "GET", URL: "https://icons.example/a.ico", Host: "icons.example", Status: 200, Answered: true})
	at(604800004, 1, 0, trace.HTTPResponse{URL: "https://icons.example/a.ico", Status: 200, Size: 10})
	at(604800005, 1, 0, trace.CryptoDecrypt{API: "BCryptDecrypt", Algorithm: "AES", Mode: "GCM", Text: "https://c2.example/" + hostile})
	at(604800006, 1, call(send, "https://c2.example/"+hostile, 1, 0x200100), trace.HTTPRequest{Method: "POST", URL: "https://c2.example/" + hostile, Host: "c2.example"})
	at(604800007, 1, 0, trace.ProcessCreate{Image: `C:\Windows\System32\` + hostile, CommandLine: hostile, ID: 77})
	rec.Gap(trace.Gap{Kind: trace.GapAPI, Name: hostile, Caller: hostile, Args: []string{hostile}})
	for i := rec.Run.Calls.Len(); i < calls; i++ {
		call(uint32(i%2), fmt.Sprintf("argument %d of no great length", i), uint32(1+i%3), 0x180001000+uint64(i%500))
	}
	run := rec.Run
	run.Image, run.PID, run.Elapsed = folder+"phone.exe", 4660, 604800008*time.Millisecond
	run.Modules = []trace.Module{{Path: folder + "phone.exe", Base: 0x140000000, Size: 0x10000}, {Path: folder + "media.dll", Base: 0x180000000, Size: 0x10000}}
	run.Stop = trace.Stop{Reason: trace.StopExit, Detail: hostile}
	run.Console = []byte(hostile)
	data := append([]byte("MZ\x90\x00 a string of the artifact \x00"), []byte(hostile)...)
	data = append(data, "w\x00i\x00d\x00e\x00r\x00"...)
	run.Artifacts = []trace.Artifact{{Kind: "code.unpacked", Name: "01-unpacked.bin", SHA256: trace.SHA256(data), Size: len(data), Data: data}}
	return run
}

// suite has a chain that failed, one that passed with a hundred thousand calls,
// and a scenario that could not be run.
func suite(calls int) *reports.Suite {
	run, long := record(0), record(calls)
	seqs := func(kind string) uint64 {
		for _, b := range run.Behaviours {
			if b.Kind() == kind {
				return b.Seq
			}
		}
		return 0
	}
	read := seqs("file.read")
	offset := int64(16)
	return reports.NewSuite("v0.0.0-test", []reports.Scenario{
		{
			ID: "phone-failing", Title: hostile, Why: hostile, File: "scenarios/phone/scenario.yaml", Verdict: reports.Fail, Reason: hostile, Tags: []string{hostile},
			Steps: []reports.Step{
				{Index: 1, Kind: "module.load", Expected: "module.load {}", Status: reports.Passed, Seq: 1, Stage: "side-load"},
				{Index: 2, Kind: "file.read", Expected: "file.read {size: 4096}", Status: reports.Passed, Seq: read, Stage: "container"},
				{
					Index: 3, Kind: "registry.read", Expected: "registry.read {path: " + hostile + "}", Status: reports.Failed, Why: hostile,
					Miss: &reports.Miss{Reason: hostile, After: read, Around: []uint64{read}, Near: &reports.Near{
						Seq: read, Matched: 1, Total: 2, Diff: "- " + hostile, Fields: []reports.FieldMiss{{Condition: hostile, Field: "path", Got: hostile}},
					}},
				},
				{Index: 4, Kind: "exit", Expected: "exit {}", Status: reports.Skipped},
			},
			Never: []reports.Never{{Kind: "process.create", Expected: hostile, Status: reports.Failed, Seq: seqs("process.create")}},
			Ends:  []reports.Check{{Name: "console", Want: hostile, Got: hostile, Status: reports.Failed}},
			Detections: &reports.Detections{
				Engines: []reports.Engine{{Name: "yara", Rules: 2}},
				Checks:  []reports.RuleCheck{{Kind: reports.MustFire, Rule: "quiet", Index: 1, Want: "at least 1 fire", Got: "silence", Hint: hostile, Status: reports.Failed}},
				Rules: []reports.RuleResult{
					{Rule: reports.Rule{Engine: "yara", ID: "loud", Title: hostile}, Fires: []reports.Fire{{On: hostile, Stage: "container", Seqs: []uint64{read}, Evidence: []reports.Evidence{{Term: "$a", Offset: &offset, Text: hostile}}}}},
					{Rule: reports.Rule{Engine: "yara", ID: "quiet"}, Silence: &reports.Silence{Reason: hostile, Terms: []reports.Term{{Name: "$b", Misses: []string{hostile}}}}},
				},
			},
			Run: reports.NewRun(run), Trace: run,
		},
		{ID: "phone-long", Title: "Many calls", Verdict: reports.Pass, Run: reports.NewRun(long), Trace: long},
		{ID: "phone-broken", Verdict: reports.Error, Problems: []reports.Problem{{File: hostile, Message: hostile, Hint: hostile}}},
	})
}
