package scenarios_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sidetrace/emulator/trace"
	"sidetrace/scenarios"
	"sidetrace/scenarios/match"
)

// base is a scenario that is right; tests change one part of it.
const base = `id: test
title: A test
why: To have one.
machine:
  files:
    '{app}\a.exe': text:MZ
run:
  image: '{app}\a.exe'
expect:
  exit: 0
`

func replaced(old, new string) string {
	if !strings.Contains(base, old) {
		panic("base has no " + old)
	}
	return strings.Replace(base, old, new, 1)
}

func TestParse(t *testing.T) {
	const yaml = `
id: all-keys
title: Every key
why: |
  Two
  lines.
attack: [T1574.001]
tags: [one, two-words]
replicas: {name: 3cx, set: {clean: true, marker: 0x10}}
machine:
  clock: 2023-03-29T11:00:00+02:00
  os: 10.0.22631
  user: alice
  computer: PC
  seed: 7
  registry:
    HKLM\SOFTWARE\A\Text: abc
    HKCU\B\: default
    HKCU\C:  {type: REG_DWORD, data: 0x10}
    HKCU\D:  {type: REG_MULTI_SZ, data: [a, b]}
    HKCU\E:  {type: REG_BINARY, data: 'de ad'}
    HKCU\F:  null
  files:
    '{app}\a.exe': replica:a.exe
    C:\b.bin: hex:de ad
    C:\c.txt: files/c.txt
    C:\d.bin: base64:TVo=
  web:
    https://a.example/x: text:hello
    http://b.example/:
      - {method: post, status: 404}
      - {headers: {Content-Type: text/plain}, body: text:x}
  dns: {a.example: 192.0.2.1, b.example: [192.0.2.2, '2001:db8::1']}
  env: {PATH: C:\bin}
  events: [E]
  mutexes: [M]
run:
  image: '{app}\A.EXE'
  args: -x "y"
  current_directory: C:\
  limits: {blocks: 1000, virtual: 21d, memory: 64MiB, wall: 1m30s}
  calls: [Go, {export: '#12', args: [1, 0xff]}]
  images: [end, dllmain]
gaps: ['kernel32.dll!Beep*']
expect:
  in_order:
    - file.read: {path: '{app}\a.exe', save_as: first, why: Because.}
    - code.unpacked: {save_as: code}
  never:
    - process.create: {}
  count:
    - http.request: {exactly: 2}
    - file.read: {size|gt: 1, min: 1, max: 3}
  artifacts:
    code: {pe: true, size|gte: 0x10}
  console|contains: [a, b]
  exit: 0xC0000005
`
	got, err := scenarios.Parse("dir/scenario.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	app := `C:\Users\alice\AppData\Local\Programs\3CXDesktopApp\app`
	at := func(line, column int) scenarios.Place { return scenarios.Place{Line: line, Column: column} }
	set := func(kind string) match.Set { return match.Set{Kind: kind} }
	want := &scenarios.Scenario{
		File: "dir/scenario.yaml", Dir: "dir", ID: "all-keys", Title: "Every key", Why: "Two\nlines.",
		Attack: []string{"T1574.001"}, Tags: []string{"one", "two-words"},
		Replicas: &scenarios.Replicas{Place: at(9, 18), Name: "3cx", Set: []scenarios.Parameter{{at(9, 36), "clean", "true"}, {at(9, 50), "marker", "0x10"}}},
		Run: scenarios.Run{
			App: app, Image: app + `\A.EXE`, Arguments: `-x "y"`, CurrentDirectory: `C:\`,
			Limits: scenarios.Limits{Blocks: 1000, Virtual: 21 * 24 * time.Hour, Memory: 64 << 20, Wall: 90 * time.Second},
			Calls:  []scenarios.Call{{Export: "Go"}, {Export: "#12", Args: []uint64{1, 255}}},
			Images: []trace.Moment{trace.MomentEnd, trace.MomentDLLMain},
		},
		Machine: scenarios.Machine{
			Clock: time.Date(2023, 3, 29, 9, 0, 0, 0, time.UTC), OS: scenarios.Version{Major: 10, Build: 22631},
			User: "alice", Computer: "PC", Seed: 7,
			Registry: []scenarios.RegistryValue{
				{`HKLM\SOFTWARE\A`, "Text", 1, []byte("a\x00b\x00c\x00\x00\x00")},
				{`HKCU\B`, "", 1, []byte("d\x00e\x00f\x00a\x00u\x00l\x00t\x00\x00\x00")},
				{"HKCU", "C", 4, []byte{16, 0, 0, 0}},
				{"HKCU", "D", 7, []byte("a\x00\x00\x00b\x00\x00\x00\x00\x00")},
				{"HKCU", "E", 3, []byte{0xde, 0xad}},
				{Key: `HKCU\F`},
			},
			Files: []scenarios.File{
				{app + `\a.exe`, scenarios.Source{Place: at(24, 20), Replica: "a.exe"}},
				{`C:\b.bin`, scenarios.Source{Place: at(25, 15), Data: []byte{0xde, 0xad}}},
				{`C:\c.txt`, scenarios.Source{Place: at(26, 15), Path: "files/c.txt"}},
				{`C:\d.bin`, scenarios.Source{Place: at(27, 15), Data: []byte("MZ")}},
			},
			Web: []scenarios.WebAnswer{
				{URL: "https://a.example/x", Status: 200, Body: scenarios.Source{Place: at(29, 26), Data: []byte("hello")}},
				{URL: "http://b.example/", Method: "POST", Status: 404},
				{URL: "http://b.example/", Status: 200, Headers: []scenarios.Variable{{"Content-Type", "text/plain"}}, Body: scenarios.Source{Place: at(32, 53), Data: []byte("x")}},
			},
			DNS:    []scenarios.DNSAnswer{{"a.example", []string{"192.0.2.1"}}, {"b.example", []string{"192.0.2.2", "2001:db8::1"}}},
			Env:    []scenarios.Variable{{"PATH", `C:\bin`}},
			Events: []string{"E"}, Mutexes: []string{"M"},
		},
		Gaps: scenarios.Gaps{Names: []string{"kernel32.dll!Beep*"}},
		Expect: scenarios.Expect{
			InOrder: []scenarios.Step{
				{Line: 47, Set: set("file.read"), SaveAs: "first", Why: "Because."},
				{Line: 48, Set: set("code.unpacked"), SaveAs: "code"},
			},
			Never:     []scenarios.Never{{Line: 50, Set: set("process.create")}},
			Count:     []scenarios.Count{{Line: 52, Set: set("http.request"), Min: 2, Max: 2}, {Line: 53, Set: set("file.read"), Min: 1, Max: 3}},
			Artifacts: []scenarios.Artifact{{Line: 55, Name: "code", Conditions: []scenarios.Condition{{Line: 55}, {Line: 55}}}},
			Console:   []scenarios.Condition{{Line: 56}},
			Exit:      &scenarios.Exit{Line: 57, Code: 0xC0000005},
		},
	}
	// Conditions are compared by their text, below.
	opts := cmp.Options{cmpopts.IgnoreFields(match.Set{}, "Conditions"), cmp.Comparer(func(a, b *match.Condition) bool { return true })}
	if diff := cmp.Diff(want, got, opts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	conditions := []string{
		got.Expect.InOrder[0].Set.String(), got.Expect.Count[1].Set.String(),
		got.Expect.Artifacts[0].Conditions[1].Text, got.Expect.Console[0].Text,
	}
	wantConditions := []string{
		`file.read {path: ` + app + `\a.exe}`, "file.read {size|gt: 1}", "size|gte: 16", "console|contains: [a, b]",
	}
	if diff := cmp.Diff(wantConditions, conditions); diff != "" {
		t.Errorf("conditions: (-want +got)\n%s", diff)
	}
}

func TestGapsAllows(t *testing.T) {
	g := scenarios.Gaps{Names: []string{"kernel32.dll!Beep*"}}
	for name, want := range map[string]bool{"KERNEL32.dll!beepEx": true, "kernel32.dll!Bee": false} {
		if got := g.Allows(name); got != want {
			t.Errorf("%s: got %t, want %t", name, got, want)
		}
	}
	if all := (scenarios.Gaps{All: true}); !all.Allows("x") {
		t.Error("gaps: allow must allow every gap")
	}
}

func TestParseFile(t *testing.T) {
	dir := t.TempDir()
	_, err := scenarios.ParseFile(filepath.Join(dir, "none.yaml"))
	if got, want := err.Error(), filepath.Join(dir, "none.yaml")+": no such file or directory"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := scenarios.ParseFile(dir); err == nil || !strings.HasSuffix(err.Error(), "not a regular file") {
		t.Errorf("a folder: got %v", err)
	}
	path := filepath.Join(dir, scenarios.FileName)
	if err := os.WriteFile(path, []byte("\ufeff"+strings.ReplaceAll(base, "\n", "\r\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := scenarios.ParseFile(path); err != nil {
		t.Errorf("byte order mark and CRLF: %v", err)
	}
}

// FuzzParse reads any text and, where it is a scenario, all its sources.
func FuzzParse(f *testing.F) {
	f.Add([]byte(base))
	files, err := filepath.Glob("*/" + scenarios.FileName)
	if err != nil || len(files) == 0 {
		f.Fatalf("no scenarios to start from: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := scenarios.Parse(filepath.Join(dir, scenarios.FileName), data)
		if err != nil {
			var problems *scenarios.Error
			if !errors.As(err, &problems) || len(problems.Problems) == 0 {
				t.Fatalf("got %#v, want an *Error with a problem", err)
			}
			return
		}
		if s.ID == "" || s.Why == "" || s.Run.Image == "" {
			t.Fatalf("accepted without id, why or image: %q", data)
		}
		for _, file := range s.Machine.Files {
			if _, err := s.Read(file.Source, nil); err == nil && file.Source.Path != "" {
				t.Fatalf("read %s from an empty folder", file.Source.Path)
			}
		}
	})
}
