package expect_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/trace"
	"sidetrace/harness/expect"
	"sidetrace/reports"
	"sidetrace/scenarios"
)

var update = flag.Bool("update", false, "rewrite the golden results")

// parse makes a scenario of what it expects and, optionally, of other keys.
func parse(t *testing.T, expect string, more ...string) *scenarios.Scenario {
	t.Helper()
	text := `id: test
title: A test
why: To have one.
machine: {files: {'{app}\a.exe': text:MZ}}
run: {image: '{app}\a.exe'}
` + strings.Join(more, "\n") + `
expect:
` + expect
	s, err := scenarios.Parse("scenario.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// chain is a run that the tests look at: it ends well and has no gap.
func chain() *trace.Run {
	payloads := []trace.Payload{
		trace.ModuleLoad{Path: `C:\App\ffmpeg.dll`, Name: "ffmpeg.dll", Found: "application directory"},
		trace.EventCreate{Name: "AVMonitorRefreshEvent"},
		trace.FileRead{Path: `C:\App\d3dcompiler_47.dll`, Size: 4096},
		trace.CodeUnpacked{SHA256: "aa", Size: 4, Layer: 1, Artifact: "01-code"},
		trace.FileRead{Path: `C:\App\manifest`, Size: 8},
		trace.HTTPRequest{Method: "GET", URL: "https://raw.example/icon1.ico", Host: "raw.example", Status: 200, Answered: true},
		trace.HTTPResponse{URL: "https://raw.example/icon1.ico", Status: 200, Size: 72, Artifact: "02-icon"},
		trace.HTTPRequest{Method: "GET", URL: "https://c2.example/queue", Host: "c2.example"},
		trace.ConsoleWrite{Stream: "stdout", Text: "done\n"},
		trace.Exit{Code: 0, Reason: "ExitProcess"},
	}
	run := &trace.Run{
		Image: `C:\App\a.exe`, PID: 4, Start: time.Date(2023, 3, 29, 9, 0, 0, 0, time.UTC), Elapsed: time.Second,
		Stop: trace.Stop{Reason: trace.StopExit}, Console: []byte("done\n"),
		Artifacts: []trace.Artifact{
			{ID: 0, Kind: "code.unpacked", Name: "01-code", SHA256: trace.SHA256([]byte("code")), Size: 4, Data: []byte("code")},
			{ID: 1, Kind: "http.response", Name: "02-icon", SHA256: trace.SHA256(pe()), Size: len(pe()), Data: pe()},
		},
	}
	for i, p := range payloads {
		run.Behaviours = append(run.Behaviours, trace.Behaviour{Seq: uint64(10 * (i + 1)), PID: 4, TID: 8, Fields: p})
	}
	return run
}

// pe is the least that counts as a PE.
func pe() []byte {
	data := make([]byte, 0x48)
	copy(data, "MZ")
	data[0x3C] = 0x40
	copy(data[0x40:], "PE\x00\x00")
	return data
}

func gap(seq uint64, kind trace.GapKind, name string) trace.Gap {
	return trace.Gap{Seq: seq, Kind: kind, Name: name, Count: 1}
}

// TestGolden has every shape of a failing check, in full.
func TestGolden(t *testing.T) {
	tests := []struct {
		name   string
		expect string
		change func(*trace.Run)
	}{
		{"pass", `
  in_order:
    - module.load: {name: ffmpeg.dll, why: The library.}
    - code.unpacked: {save_as: code}
    - http.response: {save_as: icon}
  never: [{process.create: {why: No shell here.}}]
  count:
    - http.request: {exactly: 2}
    - file.read: {min: 1}
  artifacts: {code: {content|contains: od, pe: false}, icon: {pe: true, size: 0x48, entropy|lt: 1, content|startswith|hex: 4d 5a}}
  console: "done\n"
  exit: 0`, nil},
		{"kind-not-there", `
  in_order:
    - event.create: {}
    - process.create: {}
    - exit: {}`, nil},
		{"nearest-after", `
  in_order:
    - code.unpacked: {}
    - file.read: {path|endswith: '\manifest', size: 16, offset: 0}
    - exit: {}`, nil},
		{"nearest-earlier", `
  in_order:
    - http.request: {}
    - file.read: {path|endswith: '\config'}`, nil},
		{"wrong-order", `
  in_order:
    - http.request: {}
    - event.create: {name: AVMonitorRefreshEvent}`, nil},
		{"fits-but-earlier", `
  in_order:
    - code.unpacked: {}
    - file.read: {path|endswith: d3dcompiler_47.dll}`, nil},
		{"first-step", `
  in_order:
    - http.request: {url: 'https://raw.example/icon2.ico', method: POST}`, nil},
		{"no-answer", `
  in_order:
    - http.request: {host: c2.example}
    - http.response: {}`, func(r *trace.Run) {
			r.Gaps = []trace.Gap{gap(81, trace.GapURL, "https://c2.example/queue")}
		}},
		{"never", `
  never: [{file.read: {path|endswith: manifest, why: It must not look.}}]`, nil},
		{"counts", `
  count:
    - file.read: {exactly: 1}
    - file.read: {min: 3}
    - http.request: {answered: true, method: HEAD, min: 1, max: 2}
    - exit: {max: 0}`, nil},
		{"artifacts", `
  in_order:
    - code.unpacked: {save_as: code}
    - http.response: {url: x, save_as: icon}
  artifacts:
    code: {sha256: aa, size|gt: 4, pe: true, content|contains: x, entropy|gt: 7}
    icon: {pe: true}`, nil},
		{"ends", `
  exit: 3
  console: "other\n"
  console|contains: [a, b]`, func(r *trace.Run) {
			r.Stop = trace.Stop{Reason: trace.StopException, ExitCode: 0xC0000005, Detail: "read of 0x10"}
		}},
		{"not-loaded", `
  in_order: [{module.load: {save_as: lib}}, {exit: {}}]
  never: [{file.read: {}}]
  count: [{file.read: {min: 1}}]
  exit: 0
  console: x`, func(r *trace.Run) {
			r.Stop = trace.Stop{Reason: trace.StopLoad, Detail: "loading bcrypt.dll for ffmpeg.dll: not found"}
		}},
		{"hostile-text", `
  in_order:
    - http.request: {user_agent: Mozilla}
  console: x`, func(r *trace.Run) {
			long := "\x1b[2J" + strings.Repeat("é", 5000)
			r.Behaviours = r.Behaviours[5:6]
			r.Behaviours[0].Fields = trace.HTTPRequest{UserAgent: long}
			r.Console = []byte(long)
		}},
		{"empty-run", `
  in_order: [{exit: {}}]`, func(r *trace.Run) { r.Behaviours = nil }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			run := chain()
			if tt.change != nil {
				tt.change(run)
			}
			result := expect.Judge(parse(t, tt.expect), run)
			if result.Run == nil || result.Trace != run {
				t.Error("the result does not carry the run")
			}
			result.Run = nil
			var got bytes.Buffer
			enc := json.NewEncoder(&got)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			if err := enc.Encode(result); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", tt.name+".json")
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestVerdict has a line for each rule of the package comment, and its near
// miss.
func TestVerdict(t *testing.T) {
	const (
		order   = "  in_order: [{event.create: {}}, {code.unpacked: {save_as: code}}]\n"
		failing = "  in_order: [{event.create: {}}, {process.create: {}}]\n"
		never   = "  never: [{process.create: {}}]\n"
		broken  = "  never: [{http.request: {}}]\n"
	)
	gaps := func(list ...trace.Gap) func(*trace.Run) {
		return func(r *trace.Run) { r.Gaps = list }
	}
	stop := func(reason trace.StopReason) func(*trace.Run) {
		return func(r *trace.Run) { r.Stop = trace.Stop{Reason: reason, Detail: "why"} }
	}
	api := func(seq uint64) trace.Gap { return gap(seq, trace.GapAPI, "kernel32.dll!Beep") }
	url := gap(81, trace.GapURL, "https://c2.example/queue")
	tests := []struct {
		name   string
		expect string
		more   string // another key of the scenario
		change func(*trace.Run)
		want   reports.Verdict
		reason string
	}{
		{"all well", order + never + "  exit: 0\n", "", nil, reports.Pass, ""},
		{"step fails", failing, "", nil, reports.Fail, "step 2 of 2 (process.create): the run has no process.create"},

		{"gap before a step", order, "", gaps(api(15)), reports.Inconclusive, "step 1 of 2 (event.create) is in doubt: kernel32.dll!Beep is not implemented (gap #15)"},
		{"gap between steps", order, "", gaps(api(25)), reports.Inconclusive, "step 2 of 2 (code.unpacked) is in doubt: kernel32.dll!Beep is not implemented (gap #25)"},
		{"gap behind the last step", order, "", gaps(api(45)), reports.Pass, ""},
		{"gap and a failing step", failing, "", gaps(api(95)), reports.Inconclusive, "step 2 of 2 (process.create) is in doubt: kernel32.dll!Beep is not implemented (gap #95)"},
		{"gap and an absence", never, "", gaps(gap(95, trace.GapBehaviour, "CreateFileW: FILE_FLAG_OVERLAPPED")), reports.Inconclusive, "never process.create is in doubt: CreateFileW: FILE_FLAG_OVERLAPPED is not modelled (gap #95)"},
		{"gap and an exit", "  exit: 0\n", "", gaps(gap(95, trace.GapInstruction, "vpxor")), reports.Inconclusive, "exit is in doubt: the instruction vpxor is not modelled (gap #95)"},
		{"gap and what is forbidden", broken, "", gaps(api(5)), reports.Fail, "never http.request: #60 is one"},
		{"gap and too many", "  count: [{http.request: {max: 1}}]\n", "", gaps(api(5)), reports.Fail, "count of http.request: got 2, want at most 1"},
		{"gap and too few", "  count: [{http.request: {min: 3}}]\n", "", gaps(api(95)), reports.Inconclusive, "count of http.request is in doubt: kernel32.dll!Beep is not implemented (gap #95)"},
		{"gap behind enough", "  count: [{http.request: {min: 1}}]\n", "", gaps(api(65)), reports.Pass, ""},
		{"gap before enough", "  count: [{http.request: {min: 2}}]\n", "", gaps(api(65)), reports.Inconclusive, "count of http.request is in doubt: kernel32.dll!Beep is not implemented (gap #65)"},
		{"gap and exactly enough", "  count: [{http.request: {exactly: 2}}]\n", "", gaps(api(95)), reports.Inconclusive, "count of http.request is in doubt: kernel32.dll!Beep is not implemented (gap #95)"},
		{"gap behind an artifact", order + "  artifacts: {code: {size: 4}}\n", "", gaps(api(45)), reports.Pass, ""},
		{"gap before an artifact", order + "  artifacts: {code: {size: 5}}\n", "gaps: []", gaps(api(5)), reports.Inconclusive, "step 1 of 2 (event.create) is in doubt: kernel32.dll!Beep is not implemented (gap #5)"},

		{"gap allowed by name", order + never, "gaps: ['KERNEL32.dll!*']", gaps(api(5)), reports.Pass, ""},
		{"another gap allowed", order + never, "gaps: ['user32.dll!*']", gaps(api(5)), reports.Inconclusive, "step 1 of 2 (event.create) is in doubt: kernel32.dll!Beep is not implemented (gap #5)"},
		{"all gaps allowed", failing, "gaps: allow", gaps(api(5)), reports.Fail, "step 2 of 2 (process.create): the run has no process.create"},
		{"fail goes before doubt", never + "  count: [{exit: {max: 0}}]\n", "", gaps(api(95)), reports.Fail, "count of exit: got 1, want none"},

		{"record cut, absence", never, "", gaps(gap(99, trace.GapLimit, "behaviours")), reports.Inconclusive, "never process.create is in doubt: the record of behaviours was cut (gap #99)"},
		{"record cut, presence", order, "", gaps(gap(5, trace.GapLimit, "behaviours")), reports.Pass, ""},
		{"layers cut, absence", never, "", gaps(gap(99, trace.GapLimit, "code.unpacked")), reports.Inconclusive, "never process.create is in doubt: the record of code.unpacked was cut (gap #99)"},
		{"calls cut", never + "  console: \"done\\n\"\n", "", gaps(gap(5, trace.GapLimit, "calls")), reports.Pass, ""},
		{"console cut", "  console|contains: x\n", "", gaps(gap(99, trace.GapLimit, "console")), reports.Inconclusive, "console|contains is in doubt: the record of console was cut (gap #99)"},
		{"console cut, other check", never, "", gaps(gap(5, trace.GapLimit, "console")), reports.Pass, ""},
		{"artifact cut", order + "  artifacts: {code: {size: 4, pe: false}}\n", "", func(r *trace.Run) {
			r.Gaps = []trace.Gap{gap(39, trace.GapLimit, "artifact bytes")}
			r.Artifacts[0].Data = nil
		}, reports.Inconclusive, "artifact code, pe is in doubt: the record of artifact bytes was cut (gap #39)"},
		{"artifact not there", order + "  artifacts: {code: {size: 4}}\n", "", func(r *trace.Run) { r.Artifacts = nil }, reports.Fail, "artifact code, size: got no artifact, want 4"},

		{"unanswered, absence", never, "", gaps(url), reports.Inconclusive, "never process.create is in doubt: the scenario has no answer for https://c2.example/queue (gap #81)"},
		{"unanswered as expected", "  in_order: [{http.request: {url: 'https://c2.example/queue', answered: false}}]\n" + never, "", gaps(url), reports.Pass, ""},
		{"unanswered as counted", "  count: [{http.request: {answered: false, exactly: 1}}]\n" + never, "", gaps(url), reports.Pass, ""},
		{"unanswered, but another", "  in_order: [{http.request: {answered: false}}]\n" + never, "", gaps(gap(82, trace.GapURL, "https://other.example/")), reports.Inconclusive, "never process.create is in doubt: the scenario has no answer for https://other.example/ (gap #82)"},
		{"unanswered, allowed", never, "gaps: ['https://c2.example/*']", gaps(url), reports.Pass, ""},
		{"unanswered, failing", failing, "", gaps(url), reports.Fail, "step 2 of 2 (process.create): the run has no process.create; the scenario has no answer for https://c2.example/queue"},
		{"unanswered, presence", order + "  exit: 0\n", "", gaps(url), reports.Pass, ""},

		{"cut by blocks, absence", never, "", stop(trace.StopBlocks), reports.Inconclusive, "never process.create is in doubt: the run was cut when its block budget was used up"},
		{"cut by blocks, presence", order, "", stop(trace.StopBlocks), reports.Pass, ""},
		{"cut by time, failing", failing, "", stop(trace.StopTime), reports.Inconclusive, "step 2 of 2 (process.create) is in doubt: the run was cut at its limit of virtual time"},
		{"cut as expected", never + "  stop: time\n", "", stop(trace.StopTime), reports.Pass, ""},
		{"another stop expected", "  stop: deadlock\n", "", stop(trace.StopExit), reports.Fail, "stop: got 0, want deadlock"},
		{"deadlock, absence", never, "", stop(trace.StopDeadlock), reports.Pass, ""},
		{"exception instead of exit", "  exit: 0\n", "", stop(trace.StopException), reports.Fail, "exit: got exception 0 (why), want 0"},
		{"not loaded", order, "", stop(trace.StopLoad), reports.Error, "the program could not be loaded: why"},
		{"not loaded, as expected", never + "  stop: load\n", "", stop(trace.StopLoad), reports.Pass, ""},
		{"engine failed", order, "", stop(trace.StopInternal), reports.Crashed, "the engine failed: why"},
		{"wall", failing, "", stop(trace.StopWall), reports.Timeout, "the wall-clock limit was reached: why"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			run := chain()
			if tt.change != nil {
				tt.change(run)
			}
			got := expect.Judge(parse(t, tt.expect, tt.more), run)
			if got.Verdict != tt.want || got.Reason != tt.reason {
				t.Errorf("got %s %q, want %s %q", got.Verdict, got.Reason, tt.want, tt.reason)
			}
		})
	}
}

// TestGreedy says that the first match of a step leaves most to the next.
func TestGreedy(t *testing.T) {
	got := expect.Judge(parse(t, "  in_order: [{file.read: {}}, {file.read: {}}, {http.request: {}}, {http.request: {}}]\n"), chain())
	if got.Verdict != reports.Pass {
		t.Fatalf("got %s (%s), want pass", got.Verdict, got.Reason)
	}
	var seqs []uint64
	for _, s := range got.Steps {
		seqs = append(seqs, s.Seq)
	}
	if diff := cmp.Diff([]uint64{30, 50, 60, 80}, seqs); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
