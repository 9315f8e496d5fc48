package reports_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/trace"
	"sidetrace/reports"
)

func suite(verdicts ...reports.Verdict) *reports.Suite {
	var list []reports.Scenario
	for _, v := range verdicts {
		list = append(list, reports.Scenario{ID: string(v), Verdict: v})
	}
	return reports.NewSuite("1.0", list)
}

func TestNewSuite(t *testing.T) {
	tests := []struct {
		verdicts []reports.Verdict
		want     reports.Verdict
		exit     int
	}{
		{nil, reports.Pass, 0},
		{[]reports.Verdict{reports.Pass, reports.Pass}, reports.Pass, 0},
		{[]reports.Verdict{reports.Inconclusive, reports.Pass}, reports.Inconclusive, 1},
		{[]reports.Verdict{reports.Timeout, reports.Inconclusive}, reports.Timeout, 1},
		{[]reports.Verdict{reports.Pass, reports.Fail, reports.Timeout}, reports.Fail, 1},
		{[]reports.Verdict{reports.Error, reports.Fail}, reports.Error, 2},
		{[]reports.Verdict{reports.Error, reports.Crashed}, reports.Crashed, 3},
		{[]reports.Verdict{"unheard of", reports.Error}, reports.Crashed, 3},
	}
	for _, tt := range tests {
		s := suite(tt.verdicts...)
		if s.Verdict != tt.want || s.ExitCode() != tt.exit {
			t.Errorf("%v: got %s and exit code %d, want %s and %d", tt.verdicts, s.Verdict, s.ExitCode(), tt.want, tt.exit)
		}
	}
	s := suite(reports.Pass, reports.Fail, reports.Pass)
	if diff := cmp.Diff(reports.Counts{Pass: 2, Fail: 1}, s.Counts); diff != "" {
		t.Errorf("counts: (-want +got)\n%s", diff)
	}
	if got := s.Counts.Of(reports.Pass); got != 2 {
		t.Errorf("Of(pass): got %d, want 2", got)
	}
	left := suite(reports.Pass)
	left.NotRun = []string{"x"}
	if got := left.ExitCode(); got != 1 {
		t.Errorf("a scenario left out: got exit code %d, want 1", got)
	}
}

func TestNewRun(t *testing.T) {
	calls := trace.NewCallLog(0)
	record := &trace.Run{
		Image: `C:\a.exe`, PID: 4, Start: time.Date(2023, 3, 29, 11, 0, 0, 0, time.FixedZone("", 7200)), Elapsed: time.Second,
		Stop:       trace.Stop{Reason: trace.StopExit, ExitCode: 3},
		Behaviours: []trace.Behaviour{{Seq: 5, Fields: trace.Exit{Code: 3}}},
		Calls:      calls, Console: []byte("out"),
	}
	run := reports.NewRun(record)
	want := &reports.Run{
		Image: `C:\a.exe`, PID: 4, Start: time.Date(2023, 3, 29, 9, 0, 0, 0, time.UTC), ElapsedNS: 1e9,
		Stop: trace.Stop{Reason: trace.StopExit, ExitCode: 3}, Modules: []trace.Module{},
		Behaviours: record.Behaviours, Gaps: []trace.Gap{}, Artifacts: []trace.Artifact{}, Console: "out",
	}
	if diff := cmp.Diff(want, run); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if b := run.Behaviour(5); b == nil || b.Kind() != "exit" {
		t.Errorf("Behaviour(5): got %v", b)
	}
	if b := run.Behaviour(6); b != nil {
		t.Errorf("Behaviour(6): got %v, want nil", b)
	}

	data, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	var back reports.Run
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, &back); diff != "" {
		t.Errorf("read back: (-want +got)\n%s", diff)
	}
}
