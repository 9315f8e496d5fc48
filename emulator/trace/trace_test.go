package trace

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func newLog(budget int) (*CallLog, uint32) {
	table := new(Exports)
	table.Add(&Export{DLL: "a.dll", Name: "Other"})
	id := table.Add(&Export{DLL: "kernel32.dll", Name: "CreateFileW", Result: Hex, Params: []Param{
		{"lpFileName", Text}, {"dwDesiredAccess", FileAccess}, {"lpSecurityAttributes", Pointer}, {"note", Text},
	}})
	l := NewCallLog(budget)
	l.UseExports(table)
	return l, id
}

func TestCallLog(t *testing.T) {
	l, id := newLog(0)
	guest := []byte(`C:\a`)
	first := l.Begin(7, 3*time.Microsecond, 4104, 0x180001234, id)
	first.Arg(0, 0x5000)
	text := l.Text(&first, 0, guest)
	guest[0] = 'X' // what is recorded is a copy
	first.Arg(1, 0xC0000000)
	nested := l.Begin(8, 4*time.Microsecond, 4108, 0x180005678, id)
	l.Text(&nested, 3, nil)
	first.End(0x44, 183)

	if text != `C:\a` {
		t.Errorf("Text: got %q, want the text", text)
	}
	var got []Call
	for c := range l.All() {
		c.API = nil
		got = append(got, c)
	}
	want := []Call{
		{Seq: 7, Time: 3 * time.Microsecond, TID: 4104, Caller: 0x180001234, Returned: true, Result: 0x44, LastError: 183,
			Args: []Arg{{Value: 0x5000, Text: `C:\a`, HasText: true}, {Value: 0xC0000000}, {}, {}}},
		{Seq: 8, Time: 4 * time.Microsecond, TID: 4108, Caller: 0x180005678, Args: []Arg{{}, {}, {}, {HasText: true}}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
}

// TestCallText prints a call whose argument tries to paint the terminal.
func TestCallText(t *testing.T) {
	l, id := newLog(0)
	c := l.Begin(1, 0, 4104, 0x180001234, id)
	l.Text(&c, 0, []byte("C:\\a b\x1b[31m"))
	c.Arg(1, 0xC0000000)
	c.End(^uint64(0), 2)
	run := &Run{Calls: l, Modules: []Module{{Path: `C:\app\ffmpeg.dll`, Base: 0x180000000, Size: 0x2000}}}
	for call := range l.All() {
		got := run.CallText(call)
		want := `ffmpeg.dll+0x1234 kernel32.dll!CreateFileW(lpFileName="C:\\a b\x1b[31m", dwDesiredAccess=GENERIC_READ|GENERIC_WRITE, lpSecurityAttributes=NULL, note=NULL) = 0xffffffffffffffff (last error 2)`
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// TestCallLogBudget fills a small log: what does not fit is counted.
func TestCallLogBudget(t *testing.T) {
	l, id := newLog(8 * 40)
	for i := range 10 {
		c := l.Begin(uint64(i), 0, 4, 0, id)
		c.Arg(0, 1)
		c.End(0, 0)
	}
	if l.Len() == 0 || uint64(l.Len())+l.Dropped() != 10 || l.Dropped() == 0 {
		t.Errorf("got %d kept and %d dropped, want ten in all and some of each", l.Len(), l.Dropped())
	}
}

func TestCallLogChunks(t *testing.T) {
	l, id := newLog(0)
	const n = 5000 // several chunks of words and of text
	for i := range n {
		c := l.Begin(uint64(i), 0, 4, 0, id)
		l.Text(&c, 0, bytes.Repeat([]byte{byte('a' + i%26)}, 100))
		c.End(uint64(i), 0)
	}
	i := 0
	for c := range l.All() {
		if c.Seq != uint64(i) || c.Result != uint64(i) || c.Args[0].Text != strings.Repeat(string(rune('a'+i%26)), 100) {
			t.Fatalf("call %d: got %+v", i, c)
		}
		i++
	}
	if i != n {
		t.Errorf("got %d calls, want %d", i, n)
	}
}

func TestQuote(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"", `""`},
		{`C:\Windows\System32\cmd.exe`, `C:\Windows\System32\cmd.exe`},
		{`C:\Program Files\a`, `"C:\Program Files\a"`},
		{`ends in a backslash \`, `"ends in a backslash \\"`},
		{"bell\a", `"bell\a"`},
		{"\x1b[2J", `"\x1b[2J"`},
		{"right-to-left \u202Egpj.exe", `"right-to-left \u202egpj.exe"`},
		{"bad \xff", `"bad \xff"`},
		{"größe", "größe"},
	} {
		if got := Quote(test.in); got != test.want {
			t.Errorf("Quote(%q): got %s, want %s", test.in, got, test.want)
		}
	}
}

// TestBehaviourJSON writes and reads a behaviour of every kind.
func TestBehaviourJSON(t *testing.T) {
	for _, p := range Payloads() {
		b := Behaviour{Seq: 5, Time: 17, PID: 4104, TID: 4108, Calls: []uint64{3, 4}, Fields: p}
		data, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		var got Behaviour
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if d := cmp.Diff(b, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", p.Kind(), d)
		}
	}
	for _, bad := range []string{
		`{"kind":"file.eat","fields":{}}`,
		`{"kind":"file.read","fields":{"pth":"a"}}`,
		`{"kind":"file.read","fields":{"size":"large"}}`,
		`{"kind":`,
	} {
		if err := json.Unmarshal([]byte(bad), new(Behaviour)); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

// TestExtend joins reads that continue one another, and no others.
func TestExtend(t *testing.T) {
	r := NewRecorder(Limits{})
	read := func(tid uint32, path string, offset, size int64) {
		r.Behaviour(0, 1, tid, r.Next(), FileRead{path, offset, size})
	}
	read(1, "a", 0, 10)
	read(1, "a", 10, 5)
	read(1, "a", 15, 5) // continues
	read(1, "a", 30, 5) // leaves a hole
	read(1, "b", 35, 5) // another file
	read(2, "b", 40, 5) // another thread
	var got []FileRead
	for _, b := range r.Run.Behaviours {
		got = append(got, b.Fields.(FileRead))
	}
	want := []FileRead{{"a", 0, 20}, {"a", 30, 5}, {"b", 35, 5}, {"b", 40, 5}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := cmp.Diff([]uint64{1, 4}, r.Run.Behaviours[0].Calls); d != "" {
		t.Errorf("the calls of the joined reads, first and last (-want +got):\n%s", d)
	}
}

// TestRecorderLimits records more than is kept: each limit leaves a gap.
func TestRecorderLimits(t *testing.T) {
	r := NewRecorder(Limits{Behaviours: 2, ArtifactBytes: 10, ConsoleBytes: 4})
	for range 3 {
		r.Behaviour(0, 1, 1, 0, Sleep{Milliseconds: 1})
	}
	if got := r.Artifact("http.response", "body.bin", make([]byte, 11)); got != "01-body.bin" || r.Run.Artifacts[0].Data != nil {
		t.Errorf("artifact beyond the budget: got %q with %d bytes, want its name and none", got, len(r.Run.Artifacts[0].Data))
	}
	if got := r.Console([]byte("12345")); got != 4 {
		t.Errorf("console: got %d bytes kept, want 4", got)
	}
	var names []string
	for _, g := range r.Run.Gaps {
		names = append(names, string(g.Kind)+" "+g.Name)
	}
	if d := cmp.Diff([]string{"limit behaviours", "limit artifact bytes", "limit console"}, names); d != "" {
		t.Errorf("gaps (-want +got):\n%s", d)
	}
	if len(r.Run.Behaviours) != 2 {
		t.Errorf("got %d behaviours, want 2", len(r.Run.Behaviours))
	}
}

// TestJSONLines merges the streams by their numbers.
func TestJSONLines(t *testing.T) {
	r := NewRecorder(Limits{})
	table := new(Exports)
	id := table.Add(&Export{DLL: "kernel32.dll", Name: "Sleep", Params: []Param{{"dwMilliseconds", Milliseconds}}, Result: Void})
	r.Run.Calls.UseExports(table)
	c := r.Run.Calls.Begin(r.Next(), 0, 4, 0x10, id)
	c.Arg(0, 5)
	r.Behaviour(0, 1, 4, 1, Sleep{5, "Sleep"})
	c.End(0, 0)
	r.Gap(Gap{Kind: GapAPI, Name: "a.dll!b"})
	var b bytes.Buffer
	if err := r.Run.WriteJSONLines(&b); err != nil {
		t.Fatal(err)
	}
	want := `{"call":{"seq":1,"time_ns":0,"tid":4,"caller":"0x10","api":"kernel32.dll!Sleep","args":[{"name":"dwMilliseconds","value":"5"}],"returned":true,"last_error":0}}
{"behaviour":{"seq":2,"time_ns":0,"pid":1,"tid":4,"kind":"sleep","calls":[1],"fields":{"milliseconds":5,"api":"Sleep"}}}
{"gap":{"seq":3,"kind":"api","name":"a.dll!b","count":1}}
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
