package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/scenarios"
)

// TestProblems gives for each mistake the whole message.
func TestProblems(t *testing.T) {
	steps := func(lines ...string) string {
		return replaced("  exit: 0\n", "  in_order:\n    "+strings.Join(lines, "\n    ")+"\n")
	}
	machine := func(lines ...string) string {
		return replaced("machine:\n", "machine:\n  "+strings.Join(lines, "\n  ")+"\n")
	}
	tests := []struct {
		name string
		yaml string
		want string // lines of the message, without the file
	}{
		{"unknown key", replaced("title:", "titel:"), `
1:1: the scenario has no "title"
	hint: what happens, in one line
2:1: the scenario has no key "titel"
	hint: did you mean "title"?`},
		{"unknown key, nothing near", base + "zzz: 1\n", `
11:1: the scenario has no key "zzz"
	hint: its keys are id, title, why, attack, tags, replicas, machine, run, gaps, expect, detections`},
		{"detections without rules", base + "detections: {}\n", `
11:13: detections has no "rules"
	hint: files and folders of rules: .yar, .yml, .csv, .sql and their likes; relative to the scenario`},
		{"silence without a reason", base + "detections:\n  rules: [r]\n  must_stay_silent: [{rule: a}]\n", `
13:22: an entry of must_stay_silent has no "why"
	hint: why it must stay silent`},
		{"a reason there is not", base + "detections:\n  rules: [r]\n  not_applicable: [{rule: a, reason: hash}]\n", `
13:38: reason is "hash"
	hint: one of hash_only, code_bytes_only, no_telemetry`},
		{"a rule that need not fire", base + "detections:\n  rules: [r]\n  must_fire: [{rule: a, min: 0}]\n", `
13:15: min: 0 holds always`},
		{"a rule that has to fire never", base + "detections:\n  rules: [r]\n  must_fire: [{rule: a, exactly: 0}]\n", `
13:25: a rule that has to fire 0 times does not have to fire
	hint: write it into must_stay_silent`},
		{"a stage and a kind there are not", replaced("  exit: 0\n", "  in_order: [{exit: {stage: end}}]\n") +
			"detections:\n  rules: [r]\n  must_fire: [{rule: a, stage: ned}, {rule: a, kind: evnt}, {rule: a, kind: trace}, {rule: a, stage: end, kind: http.response}]\n", `
13:15: there is no stage "ned"
	hint: did you mean "end"?
13:38: there is no kind "evnt"
	hint: did you mean "event"?
13:61: there is no kind "trace"
	hint: event, row, file, or a kind of behaviour`},
		{"moments", replaced("run:\n", "run:\n  images: [end, start, end]\n"), `
8:17: an entry of run.images: "start" is not known
	hint: one of dllmain, unpacked, end
8:24: run.images names "end" twice`},
		{"empty why", replaced("why: To have one.", "why: '  '"), `
3:6: why is empty`},
		{"repeated key", base + "id: again\n", `
11:1: key "id" stands twice in the scenario
	hint: it stands first on line 1`},
		{"wrong type", replaced("title: A test", "title: 12"), `
2:8: title must be a string, not an integer
	hint: put it in quotes`},
		{"several at once", replaced("id: test\ntitle: A test", "id: Test It\ntitle: [x]"), `
1:5: id "Test It" is not of the right form
	hint: lower-case words joined by hyphens
2:8: title must be a string, not a list`},
		{"technique", base + "attack: [T1574.01]\n", `
11:10: an entry of attack "T1574.01" is not of the right form
	hint: T1574 or T1574.001`},

		{"no blocks, little memory", replaced("run:\n", "run:\n  limits: {blocks: 0, memory: 4MiB}\n"), `
8:20: blocks must be more than 0
	hint: leave it out for the default
8:31: memory must lie between 16 and 4096 MiB`},
		{"keys that differ in case", machine("registry: {HKLM\\A: x, HKLM\\a: y}", "dns: {a.test: 192.0.2.1, A.test: 192.0.2.2}", "env: {PATH: a, Path: b}"), `
5:25: key "HKLM\\a" stands twice in machine.registry, as "HKLM\\A"
	hint: it stands first on line 5; case does not matter here
6:28: key "A.test" stands twice in machine.dns, as "a.test"
	hint: it stands first on line 6; case does not matter here
7:18: key "Path" stands twice in machine.env, as "PATH"
	hint: it stands first on line 7; case does not matter here`},
		{"syntax", replaced("id: test", "id: [test"), `
2:1: YAML: ',' or ']' must be specified`},
		{"no document", "# nothing\n", `
the file is empty`},
		{"two documents", base + "---\n" + base, `
11:1: a second YAML document
	hint: one file holds one scenario`},
		{"alias", replaced("id: test\ntitle: A test", "id: &a test\ntitle: *a"), `
1:5: anchors, aliases and merge keys are not supported
	hint: repeat the value`},
		{"tag", replaced("id: test", "id: !!str test"), `
1:5: YAML tags are not supported
	hint: put the value in quotes if it starts with !`},
		{"not UTF-8", "id: \xff\n", `
the file is not UTF-8
	hint: save it as UTF-8`},
		{"too large", strings.Repeat("#\n", scenarios.MaxFileSize/2+1), `
the file has 1048578 bytes, more than 1048576`},
		{"nested", "id: " + strings.Repeat("[", 40), `
1:37: nested more than 32 deep`},
		{"nested dashes", strings.Repeat("- ", 40), `
1:65: nested more than 32 deep`},
		{"indented", "a:\n" + strings.Repeat(" ", 200) + "b: 1\n", `
2:201: indented by more than 128 columns`},
		{"many tokens", "a: [" + strings.Repeat("x,", 15000), `
1:20002: the file has more than 20000 YAML tokens`},
		{"not a mapping", "- a\n", `
1:1: the scenario must be a mapping of keys to values, not a list`},

		{"unknown kind", steps("- file.raed: {}"), `
11:7: unknown behaviour kind "file.raed"
	hint: did you mean "file.read"?`},
		{"unknown field", steps("- http.request: {ur: x}"), `
11:22: http.request has no field "ur"
	hint: did you mean "url"?`},
		{"unknown modifier", steps("- file.read:", "    path|endwith: x"), `
12:9: unknown modifier "endwith"
	hint: did you mean "endswith"?`},
		{"field type", steps("- file.read: {size: '12'}"), `
11:19: size is an integer, not a string
	hint: write it without quotes`},
		{"repeated condition", steps("- file.read: {size: 1, size: 2}"), `
11:28: key "size" stands twice in file.read
	hint: it stands first on line 11`},
		{"condition on a mapping", steps("- file.read: {path: {a: b}}"), `
11:25: the value of a condition must be a value or a list of values, not a mapping`},
		{"no conditions", steps("- file.read:"), `
11:7: file.read has no conditions
	hint: write file.read: {} for any`},
		{"two kinds in a step", steps("- file.read: {}", "  exit: {}"), `
11:7: a step must have one behaviour, not 2
	hint: start each with - and indent its conditions below it`},
		{"step without a mapping", steps("- file.read"), `
11:7: a step must be a behaviour with its conditions, not a string
	hint: such as file.read: {size|gt: 100}`},
		{"save_as twice", steps("- http.response: {save_as: a}", "- http.response: {save_as: a}"), `
12:23: save_as "a" stands twice
	hint: it stands first on line 11`},
		{"artifact of no step", steps("- http.response: {save_as: icon}") + "  artifacts: {ikon: {pe: true}}\n", `
12:15: no step saves its artifact as "ikon"
	hint: did you mean "icon"?`},
		{"artifact of a kind without", steps("- file.read: {save_as: a}") + "  artifacts: {a: {pe: true}}\n", `
12:15: step 1 saves a file.read, which has no artifact`},
		{"count without number", replaced("exit: 0", "count: [{file.read: {}}]"), `
10:11: an entry of count needs exactly, min or max
	hint: exactly: 1, min: 1 or max: 1`},
		{"count both", replaced("exit: 0", "count: [{file.read: {exactly: 1, max: 2}}]"), `
10:11: exactly excludes min and max`},
		{"count backwards", replaced("exit: 0", "count: [{file.read: {min: 3, max: 2}}]"), `
10:11: min 3 is more than max 2`},
		{"count of nothing", replaced("exit: 0", "count: [{file.read: {min: 0}}]"), `
10:11: min: 0 holds always`},
		{"nothing expected", replaced("\n  exit: 0", " {}"), `
9:9: expect is empty: the scenario would pass whatever happened
	hint: say what must be seen`},
		{"nothing expected, in a list", replaced("exit: 0", "in_order: []"), `
10:3: expect is empty: the scenario would pass whatever happened
	hint: say what must be seen`},
		{"unknown stop", replaced("exit: 0", "stop: end"), `
10:9: unknown stop reason "end"
	hint: one of exit, exception, blocks, time, deadlock, load`},
		{"exit and stop", replaced("exit: 0", "exit: 0\n  stop: load"), `
10:3: expect.exit contradicts expect.stop: load
	hint: drop one of them`},
		{"console modifier", replaced("exit: 0", "console|containz: x"), `
10:3: unknown modifier "containz"
	hint: did you mean "contains"?`},

		{"image not there", replaced("image: '{app}\\a.exe'", `image: C:\b.exe`), `
8:10: run.image C:\b.exe is not among machine.files
	hint: there are C:\Users\user\AppData\Local\Programs\3CXDesktopApp\app\a.exe`},
		{"relative guest path", replaced(`'{app}\a.exe': text:MZ`, `a.exe: text:MZ`), `
6:5: machine.files: "a.exe" is not an absolute guest path
	hint: write C:\… or {app}\…
8:10: run.image C:\Users\user\AppData\Local\Programs\3CXDesktopApp\app\a.exe is not among machine.files
	hint: add it there, with the file it comes from`},
		{"same file twice", replaced(`text:MZ`, "text:MZ\n    '{app}\\A.EXE': text:MZ"), `
7:5: C:\Users\user\AppData\Local\Programs\3CXDesktopApp\app\A.EXE stands twice in machine.files
	hint: case does not matter in guest paths`},
		{"climbing guest path", replaced(`text:MZ`, "text:MZ\n    C:\\a\\..\\b: text:x"), `
7:5: machine.files: "C:\\a\\..\\b" is not a plain guest path (part "..")`},
		{"climbing source", replaced(`text:MZ`, "../x"), `
6:20: the source of {app}\a.exe: "../x" is not a plain path below the scenario's folder
	hint: sources are files beside the scenario, replica:NAME, text:…, hex:… or base64:…
8:10: run.image C:\Users\user\AppData\Local\Programs\3CXDesktopApp\app\a.exe is not among machine.files
	hint: add it there, with the file it comes from`},
		{"absolute source", machine("web: {'http://a.example/': /etc/passwd}"), `
5:30: the answer for http://a.example/: "/etc/passwd" is not a plain path below the scenario's folder
	hint: sources are files beside the scenario, replica:NAME, text:…, hex:… or base64:…`},
		{"bad hex", machine("web: {'http://a.example/': 'hex:1'}"), `
5:30: the answer for http://a.example/: encoding/hex: odd length hex string`},
		{"replica without a set", machine("web: {'http://a.example/': 'replica:x'}"), `
5:30: the answer for http://a.example/: the scenario has no replicas
	hint: add the key replicas with the name of a set`},
		{"not a URL", machine("web: {a.example: text:x}"), `
5:9: machine.web: "a.example" is not an http or https URL
	hint: such as https://host.example/path`},
		{"answer never given", machine("web: {'http://a.example/': ['text:x', 'text:y']}"), `
5:41: this answer for http://a.example/ is never given: another one comes first
	hint: tell the answers apart by method`},
		{"header with a line break", machine(`web: {'http://a.example/': {headers: {A: "x\ny"}}}`), `
5:41: headers.A has a line break or NUL`},
		{"status", machine("web: {'http://a.example/': {status: 600}}"), `
5:39: status must lie between 100 and 599`},
		{"address", machine("dns: {a.example: 300.1.1.1}"), `
5:20: machine.dns: "300.1.1.1" is not an IP address
	hint: such as 192.0.2.1`},
		{"clock", machine("clock: 2023-03-29"), `
5:10: machine.clock: "2023-03-29" is not a time
	hint: such as 2023-03-29T09:00:00Z, from 1980 to 2100`},
		{"os", machine("os: 10.0"), `
5:7: machine.os must be a string, not a number
	hint: put it in quotes`},
		{"seed", machine("seed: -1"), `
5:9: machine.seed must lie between 0 and 18446744073709551615`},
		{"registry root", machine(`registry: {HKXX\A: x}`), `
5:14: machine.registry: "HKXX\\A" is not a path such as HKLM\SOFTWARE\Name
	hint: it starts with one of HKLM, HKCU, HKCR, HKU, HKCC`},
		{"registry type", machine(`registry: {HKLM\A: {type: REG_DWROD, data: 1}}`), `
5:29: unknown registry type "REG_DWROD"
	hint: did you mean "REG_DWORD"?`},
		{"registry data", machine(`registry: {HKLM\A: {type: REG_DWORD, data: 0x100000000}}`), `
5:46: data of a REG_DWORD must lie between 0 and 4294967295`},
		{"limits", replaced("run:\n", "run:\n  limits: {virtual: 10, wall: 2h, memory: 8GiB, blocks: x}\n"), `
8:21: virtual must be a time with its unit, such as 20s, 1h30m or 21d, not an integer
8:31: wall must be more than 0 and at most 1h0m0s
8:43: memory must lie between 16 and 4096 MiB
8:57: blocks must be an integer, not a string`},
		{"call", replaced("run:\n", "run:\n  calls: [{export: X, args: [1, 2, 3, 4, 5]}]\n"), `
8:42: a call takes at most four arguments`},
		{"gaps", base + "gaps: some\n", `
11:7: gaps is "some"
	hint: write allow, or a list of names`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := scenarios.Parse("s.yaml", []byte(tt.yaml))
			got := ""
			if err != nil {
				for _, line := range strings.Split(err.Error(), "\n") {
					line = strings.TrimPrefix(strings.TrimPrefix(line, "s.yaml:"), " ")
					got += "\n" + line
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestProblemString(t *testing.T) {
	tests := []struct {
		problem scenarios.Problem
		want    string
	}{
		{scenarios.Problem{File: "f", Message: "m"}, "f: m"},
		{scenarios.Problem{File: "f", Line: 3, Message: "m"}, "f:3: m"},
		{scenarios.Problem{File: "f", Line: 3, Column: 4, Message: "m", Hint: "h"}, "f:3:4: m"},
	}
	for _, tt := range tests {
		if got := tt.problem.String(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

// TestProblemsBounded says that a file cannot report without end.
func TestProblemsBounded(t *testing.T) {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "key%d: 1\n", i)
	}
	_, err := scenarios.Parse("s.yaml", []byte(b.String()))
	if got := len(err.(*scenarios.Error).Problems); got != 50 {
		t.Errorf("got %d problems, want 50", got)
	}
}
