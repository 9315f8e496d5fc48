package harness_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/harness"
	"sidetrace/replicas"
	"sidetrace/reports"
	"sidetrace/scenarios"
)

// tree writes files below a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func scenario(id string, more ...string) string {
	return "id: " + id + `
title: A test
why: To have one.
machine: {files: {'C:\a.exe': text:MZ}}
run: {image: 'C:\a.exe'}
expect: {exit: 0}
` + strings.Join(more, "\n") + "\n"
}

func load(t *testing.T, root string, names ...string) []harness.Entry {
	t.Helper()
	entries, err := harness.Load(root, names)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func exited(code uint32) *trace.Run {
	return &trace.Run{Stop: trace.Stop{Reason: trace.StopExit, ExitCode: code}}
}

// summary is what a suite says of each scenario.
func summary(s *reports.Suite) []string {
	var out []string
	for _, sc := range s.Scenarios {
		out = append(out, strings.TrimSuffix(fmt.Sprintf("%s %s: %s", sc.ID, sc.Verdict, sc.Reason), ": "))
	}
	for _, id := range s.NotRun {
		out = append(out, id+" not run")
	}
	return out
}

// byUser is a machine that behaves as said for the user of the scenario, or just
// exits.
func byUser(behave map[string]func(ctx context.Context) (*trace.Run, error)) harness.Machine {
	return func(ctx context.Context, c guest.Config) (*trace.Run, error) {
		if f := behave[c.User]; f != nil {
			return f(ctx)
		}
		return exited(0), nil
	}
}

func withUser(id string) string {
	return strings.Replace(scenario(id), "machine: {", "machine: {user: "+id+", ", 1)
}

func TestRun(t *testing.T) {
	root := tree(t, map[string]string{
		"a/scenario.yaml": withUser("a"),
		"b/scenario.yaml": withUser("b"),
		"c/scenario.yaml": withUser("c"),
		"d/scenario.yaml": "id: [",
		"e/scenario.yaml": strings.Replace(scenario("e"), "text:MZ", "none.exe", 1),
		"f/scenario.yaml": withUser("f"),
		"g/scenario.yaml": withUser("g"),
		"h/scenario.yaml": withUser("a"),
		"i/scenario.yaml": scenario("i", "replicas: {name: 4cx}"),
		"j/scenario.yaml": scenario("j", "replicas: {name: 3cx, set: {cypher: xor}}"),
		"k/scenario.yaml": scenario("k", "replicas: {name: 3cx, set: {cipher: des}}"),
		"l/scenario.yaml": withUser("l"),
	})
	machine := byUser(map[string]func(context.Context) (*trace.Run, error){
		"b": func(context.Context) (*trace.Run, error) { return exited(7), nil },
		"c": func(context.Context) (*trace.Run, error) { panic("a bug") },
		"f": func(context.Context) (*trace.Run, error) { return nil, errors.New(`C:\a.exe: not a PE file`) },
		"g": func(context.Context) (*trace.Run, error) {
			return &trace.Run{Stop: trace.Stop{Reason: trace.StopWall}}, nil
		},
		"l": func(context.Context) (*trace.Run, error) { return nil, context.DeadlineExceeded },
	})
	var panicked []string
	runner := harness.Runner{Machine: machine, Version: "1.0", Panicked: func(id string, stack []byte) {
		if len(stack) > 0 {
			panicked = append(panicked, id)
		}
	}}
	suite := runner.Run(context.Background(), load(t, root))
	want := []string{
		"a pass",
		"b fail: exit: got 7, want 0",
		"c crashed: sidetrace failed: a bug",
		"d error: YAML: sequence end token ']' not found",
		"e error: none.exe: no such file or directory",
		`f error: C:\a.exe: not a PE file`,
		"g timeout: the wall-clock limit was reached: 1m0s",
		fmt.Sprintf("a error: the id %q is that of %s too", "a", filepath.Join(root, "a", "scenario.yaml")),
		`i error: no set of replicas is named "4cx"`,
		`j error: parameter cypher "xor": no such parameter; there are ` + strings.Join(replicas.Keys(), ", "),
		`k error: parameter cipher "des": no such cipher`,
		"l timeout: the wall-clock limit was reached: 1m0s",
	}
	if diff := cmp.Diff(want, summary(suite)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if suite.Verdict != reports.Crashed || suite.ExitCode() != 3 || suite.Version != "1.0" || suite.Wall != nil {
		t.Errorf("got verdict %s, exit code %d, version %s, wall %v", suite.Verdict, suite.ExitCode(), suite.Version, suite.Wall)
	}
	if diff := cmp.Diff([]string{"c"}, panicked); diff != "" {
		t.Errorf("panicked: (-want +got)\n%s", diff)
	}
	problem := suite.Scenarios[10].Problems[0]
	if problem.Line != 7 || !strings.Contains(problem.Hint, "rc4") {
		t.Errorf("parameter: got line %d, hint %q", problem.Line, problem.Hint)
	}
}

// TestJobs says that the number of jobs does not show in the result.
func TestJobs(t *testing.T) {
	files := map[string]string{}
	for i := range 20 {
		id := fmt.Sprintf("s%02d", i)
		files[id+"/scenario.yaml"] = withUser(id)
	}
	entries := load(t, tree(t, files))
	machine := func(_ context.Context, c guest.Config) (*trace.Run, error) {
		return exited(uint32(c.User[2] - '0')), nil
	}
	marshal := func(jobs int, failFast bool) string {
		r := harness.Runner{Machine: machine, Jobs: jobs, FailFast: failFast}
		data, err := json.Marshal(r.Run(context.Background(), entries))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for _, failFast := range []bool{false, true} {
		want := marshal(1, failFast)
		for _, jobs := range []int{0, 2, 7, 100} {
			if diff := cmp.Diff(want, marshal(jobs, failFast)); diff != "" {
				t.Errorf("%d jobs, fail fast %t: (-want +got)\n%s", jobs, failFast, diff)
			}
		}
	}
}

func TestFailFast(t *testing.T) {
	entries := load(t, tree(t, map[string]string{"a/scenario.yaml": withUser("a"), "b/scenario.yaml": withUser("b"), "c/scenario.yaml": withUser("c")}))
	machine := byUser(map[string]func(context.Context) (*trace.Run, error){
		"b": func(context.Context) (*trace.Run, error) { return exited(1), nil },
	})
	r := harness.Runner{Machine: machine, FailFast: true}
	want := []string{"a pass", "b fail: exit: got 1, want 0", "c not run"}
	if diff := cmp.Diff(want, summary(r.Run(context.Background(), entries))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestCancel stops while the second scenario runs: the first is kept, the
// second and third are named.
func TestCancel(t *testing.T) {
	entries := load(t, tree(t, map[string]string{"a/scenario.yaml": withUser("a"), "b/scenario.yaml": withUser("b"), "c/scenario.yaml": withUser("c")}))
	for name, end := range map[string]func(context.Context) (*trace.Run, error){
		"record": func(context.Context) (*trace.Run, error) {
			return &trace.Run{Stop: trace.Stop{Reason: trace.StopWall}}, nil
		},
		"error": func(ctx context.Context) (*trace.Run, error) { return nil, ctx.Err() },
	} {
		ctx, cancel := context.WithCancel(context.Background())
		machine := byUser(map[string]func(context.Context) (*trace.Run, error){
			"b": func(ctx context.Context) (*trace.Run, error) {
				cancel()
				<-ctx.Done()
				return end(ctx)
			},
		})
		r := harness.Runner{Machine: machine}
		suite := r.Run(ctx, entries)
		if diff := cmp.Diff([]string{"a pass", "b not run", "c not run"}, summary(suite)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
		if suite.ExitCode() != 1 {
			t.Errorf("%s: got exit code %d, want 1", name, suite.ExitCode())
		}
	}
}

// TestWallLimit says that the limit of the scenario is the machine's deadline.
func TestWallLimit(t *testing.T) {
	text := strings.Replace(scenario("a"), "run: {", "run: {limits: {wall: 1ms}, ", 1)
	machine := func(ctx context.Context, _ guest.Config) (*trace.Run, error) {
		<-ctx.Done()
		return &trace.Run{Stop: trace.Stop{Reason: trace.StopWall}}, nil
	}
	r := harness.Runner{Machine: machine}
	suite := r.Run(context.Background(), load(t, tree(t, map[string]string{"a/scenario.yaml": text})))
	if diff := cmp.Diff([]string{"a timeout: the wall-clock limit was reached: 1ms"}, summary(suite)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTracesAndClock(t *testing.T) {
	entries := load(t, tree(t, map[string]string{"a/scenario.yaml": scenario("a"), "b/scenario.yaml": scenario("b")}))
	machine := byUser(nil)
	for _, keep := range []bool{false, true} {
		seen := 0
		var mu sync.Mutex
		clock := time.Time{}
		r := harness.Runner{
			Machine: machine, Jobs: 2, KeepTraces: keep,
			Done: func(s *reports.Scenario) {
				if s.Trace != nil {
					seen++
				}
			},
			Now: func() time.Time {
				mu.Lock()
				defer mu.Unlock()
				clock = clock.Add(time.Second)
				return clock
			},
		}
		suite := r.Run(context.Background(), entries)
		if seen != 2 {
			t.Errorf("keep %t: Done saw %d traces, want 2", keep, seen)
		}
		if got := suite.Scenarios[0].Trace != nil; got != keep {
			t.Errorf("keep %t: got a trace: %t", keep, got)
		}
		if suite.Wall == nil || suite.Wall.Jobs != 2 || suite.Wall.ElapsedNS != int64(5*time.Second) || len(suite.Wall.Scenarios) != 2 {
			t.Errorf("keep %t: got wall %+v", keep, suite.Wall)
		}
	}
}

func TestLoad(t *testing.T) {
	root := tree(t, map[string]string{
		"b/scenario.yaml":       scenario("bee"),
		"a/scenario.yaml":       scenario("ay"),
		"a-b/scenario.yaml":     scenario("ay-bee"),
		"deep/er/scenario.yaml": scenario("deep"),
		"broken/scenario.yaml":  "x",
		"notes.yaml":            scenario("notes"),
		"empty/readme":          "",
	})
	at := func(name string) string { return filepath.Join(root, name) }
	tests := []struct {
		names []string
		want  []string
		err   string
	}{
		{nil, []string{"ay", "ay-bee", "bee", "broken", "deep"}, ""},
		{[]string{"bee", at("a"), "bee"}, []string{"ay", "bee"}, ""},
		{[]string{"broken"}, []string{"broken"}, ""},
		{[]string{at("notes.yaml")}, []string{"notes"}, ""},
		{[]string{at("deep"), root}, []string{"ay", "ay-bee", "bee", "broken", "deep"}, ""},
		{[]string{"dep"}, nil, `no scenario "dep"; did you mean "deep"?`},
		{[]string{"zzzzzz"}, nil, `no scenario "zzzzzz"; neither a path nor an id of a scenario below ` + root},
		{[]string{at("empty")}, nil, fmt.Sprintf("no scenario %q; the folder and those below it have no scenario.yaml", at("empty"))},
	}
	for _, tt := range tests {
		entries, err := harness.Load(root, tt.names)
		var got []string
		for _, e := range entries {
			got = append(got, e.ID())
		}
		text := ""
		var missing *harness.NotFoundError
		if errors.As(err, &missing) {
			text = missing.Error() + "; " + missing.Hint
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || text != tt.err {
			t.Errorf("%q: got error %q, want %q (-want +got)\n%s", tt.names, text, tt.err, diff)
		}
	}
	if _, err := harness.Load(at("none"), nil); err == nil {
		t.Error("a root that is not there must be an error")
	}
}

func TestSelect(t *testing.T) {
	entries := load(t, tree(t, map[string]string{
		"a/scenario.yaml": scenario("one-a", "tags: [x, y]"),
		"b/scenario.yaml": scenario("one-b", "tags: [z]"),
		"c/scenario.yaml": "x",
	}))
	tests := []struct {
		filter harness.Filter
		want   []string
	}{
		{harness.Filter{}, []string{"one-a", "one-b", "c"}},
		{harness.Filter{ID: regexp.MustCompile("^one")}, []string{"one-a", "one-b"}},
		{harness.Filter{Tags: []string{"z", "y"}}, []string{"one-a", "one-b"}},
		{harness.Filter{ID: regexp.MustCompile("a$"), Tags: []string{"z"}}, nil},
	}
	for _, tt := range tests {
		var got []string
		for _, e := range harness.Select(entries, tt.filter) {
			got = append(got, e.ID())
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%+v: (-want +got)\n%s", tt.filter, diff)
		}
	}
}

func TestCheck(t *testing.T) {
	entries := load(t, tree(t, map[string]string{
		"a/scenario.yaml": scenario("a"),
		"b/scenario.yaml": strings.Replace(scenario("b"), "text:MZ", "x.exe", 1),
		"c/scenario.yaml": "id: C\n",
	}))
	var got []string
	r := harness.Runner{}
	for _, p := range r.Check(entries) {
		got = append(got, fmt.Sprintf("%d: %s", p.Line, p.Message))
	}
	want := []string{
		"4: x.exe: no such file or directory",
		`1: the scenario has no "title"`, `1: the scenario has no "why"`, `1: the scenario has no "machine"`, `1: the scenario has no "run"`, `1: the scenario has no "expect"`,
		`1: id "C" is not of the right form`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestRepositoryScenarios says that each scenario of the repository can be
// prepared: its replicas are built and its files are there.
func TestRepositoryScenarios(t *testing.T) {
	r := harness.Runner{}
	for _, p := range r.Check(load(t, "../scenarios")) {
		t.Error(p)
	}
}

func TestPrepare(t *testing.T) {
	const text = `
id: a
title: A test
why: To have one.
replicas: {name: 3cx, set: {clean: true}}
machine:
  clock: 2023-03-29T09:00:00Z
  os: 10.0.22631
  user: alice
  computer: PC
  seed: 7
  registry: {HKLM\A\B: x}
  files: {'C:\a.exe': replica:3CXDesktopApp.exe, 'C:\b': b.txt}
  web: {'https://a.example/': {method: POST, status: 404, headers: {A: b}, body: text:no}}
  dns: {a.example: 192.0.2.1}
  env: {X: y}
  events: [E]
  mutexes: [M]
run:
  image: C:\a.exe
  args: -x
  current_directory: C:\
  limits: {blocks: 1, virtual: 2s, memory: 16777219}
  calls: [{export: Go, args: [1]}]
expect: {exit: 0}
`
	built := func(name string, set []scenarios.Parameter) (map[string][]byte, error) {
		if name != "3cx" || len(set) != 1 {
			t.Errorf("got replicas %s %v", name, set)
		}
		return map[string][]byte{"3CXDesktopApp.exe": []byte("app")}, nil
	}
	entries := load(t, tree(t, map[string]string{"a/scenario.yaml": text, "a/b.txt": "b"}))
	if entries[0].Err != nil {
		t.Fatal(entries[0].Err)
	}
	r := harness.Runner{Replicas: built}
	got, err := r.Prepare(entries[0].Scenario)
	if err != nil {
		t.Fatal(err)
	}
	want := guest.Config{
		Image: `C:\a.exe`, Arguments: "-x", CurrentDirectory: `C:\`,
		Files:       map[string][]byte{`C:\a.exe`: []byte("app"), `C:\b`: []byte("b")},
		Registry:    []guest.RegistryValue{{Key: `HKLM\A`, Name: "B", Type: 1, Data: []byte("x\x00\x00\x00")}},
		Environment: map[string]string{"X": "y"}, Events: []string{"E"}, Mutexes: []string{"M"},
		DNS:  map[string][]string{"a.example": {"192.0.2.1"}},
		Web:  []guest.WebAnswer{{Method: "POST", URL: "https://a.example/", Status: 404, Headers: map[string]string{"A": "b"}, Body: []byte("no")}},
		User: "alice", Computer: "PC", Version: guest.OSVersion{Major: 10, Build: 22631},
		Clock: time.Date(2023, 3, 29, 9, 0, 0, 0, time.UTC), Seed: 7,
		Calls:  []guest.ExportCall{{Name: "Go", Args: []uint64{1}}},
		Limits: guest.Limits{Blocks: 1, Virtual: 2 * time.Second, Memory: 16777219},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
