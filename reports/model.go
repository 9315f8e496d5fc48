// Package reports is the result of judging scenarios, and its written forms.
//
// The types of this file are the result model. The harness fills a [Suite]
// and the writers of this package print it; neither knows the other. A Suite
// holds nothing that differs between two runs of the same scenarios: every
// time in it is virtual, and wall-clock figures stand apart in [Wall], which
// is there only when asked for.
//
// The package needs no cgo and no emulator: a Suite read back from JSON can be
// written in any other form.
package reports

import (
	"maps"
	"slices"
	"time"

	"sidetrace/emulator/trace"
)

// SchemaVersion is the version of the JSON form. It rises when a field is
// removed or changes its meaning, not when one is added.
const SchemaVersion = 1

// Verdict is the outcome of one scenario, or the worst one of a suite.
type Verdict string

// The verdicts. Package harness/expect defines precisely when each is given.
const (
	Pass         Verdict = "pass"         // everything expected was seen, nothing forbidden was
	Fail         Verdict = "fail"         // an expectation does not hold
	Inconclusive Verdict = "inconclusive" // a gap may have decided an expectation
	Error        Verdict = "error"        // the scenario or its sample is broken
	Crashed      Verdict = "crashed"      // sidetrace itself failed
	Timeout      Verdict = "timeout"      // the wall-clock limit was reached
)

// Verdicts lists the verdicts from best to worst.
func Verdicts() []Verdict {
	return []Verdict{Pass, Inconclusive, Timeout, Fail, Error, Crashed}
}

// Status is the outcome of one check.
type Status string

// The statuses.
const (
	Passed   Status = "pass"
	Failed   Status = "fail"
	Doubtful Status = "inconclusive" // fails, or passes by absence, and a gap may be why
	Skipped  Status = "skipped"      // not decided: an earlier step failed, or nothing was run
)

// Suite is the result of a set of scenarios, in the order of their files.
type Suite struct {
	SchemaVersion int        `json:"schema_version"`
	Tool          string     `json:"tool"`    // "sidetrace"
	Version       string     `json:"version"` // of the tool
	Verdict       Verdict    `json:"verdict"` // the worst of the scenarios; "pass" for none
	Counts        Counts     `json:"counts"`
	Scenarios     []Scenario `json:"scenarios"`
	NotRun        []string   `json:"not_run,omitempty"` // ids of scenarios a cancellation or fail-fast left out
	Wall          *Wall      `json:"wall,omitempty"`    // only when asked for
}

// Counts is how many scenarios got each verdict.
type Counts struct {
	Pass         int `json:"pass"`
	Fail         int `json:"fail"`
	Inconclusive int `json:"inconclusive"`
	Error        int `json:"error"`
	Crashed      int `json:"crashed"`
	Timeout      int `json:"timeout"`
}

// Wall is the part of a suite that differs from run to run.
type Wall struct {
	ElapsedNS int64          `json:"elapsed_ns"`
	Jobs      int            `json:"jobs"` // scenarios at a time
	Scenarios []WallScenario `json:"scenarios"`
}

// WallScenario is how long one scenario took.
type WallScenario struct {
	ID        string `json:"id"`
	ElapsedNS int64  `json:"elapsed_ns"`
}

// Scenario is the result of one scenario.
type Scenario struct {
	ID      string   `json:"id"` // the folder's or file's name where the file cannot be read
	Title   string   `json:"title"`
	Why     string   `json:"why"`  // what the scenario stands for
	File    string   `json:"file"` // path of the YAML file as it was found, slash-separated
	Attack  []string `json:"attack,omitempty"`
	Tags    []string `json:"tags,omitempty"`
	Verdict Verdict  `json:"verdict"`
	Reason  string   `json:"reason,omitempty"` // one line; "" for pass

	Problems  []Problem       `json:"problems,omitempty"` // what is wrong with the scenario, for verdict "error"
	Steps     []Step          `json:"steps,omitempty"`    // expect.in_order
	Never     []Never         `json:"never,omitempty"`    // expect.never
	Totals    []Total         `json:"count,omitempty"`    // expect.count
	Artifacts []ArtifactCheck `json:"artifacts,omitempty"`
	Ends      []Check         `json:"ends,omitempty"` // expect.exit and expect.console

	Detections *Detections `json:"detections,omitempty"` // nil if no rules were run

	Run *Run `json:"run,omitempty"` // nil if nothing was run

	// Trace is the whole record, with its calls and the bytes of its
	// artifacts. It is nil in a suite that was read back from JSON.
	Trace *trace.Run `json:"-"`
}

// Problem is one thing that is wrong with a scenario.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`   // from 1; 0 for the file as a whole
	Column  int    `json:"column,omitempty"` // from 1
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"` // what the user can do
}

// Step is one entry of expect.in_order.
type Step struct {
	Index    int      `json:"index"` // from 1
	Line     int      `json:"line"`  // in the scenario's file
	Kind     string   `json:"kind"`
	Expected string   `json:"expected"` // the step as one line: kind and conditions
	Status   Status   `json:"status"`
	SaveAs   string   `json:"save_as,omitempty"`
	Stage    string   `json:"stage,omitempty"`    // of the chain, if one begins here
	Why      string   `json:"why,omitempty"`      // the reader's note on the step
	Seq      uint64   `json:"seq,omitempty"`      // of the behaviour that matched
	Artifact string   `json:"artifact,omitempty"` // name of the artifact bound by SaveAs
	Sensors  []string `json:"sensors,omitempty"`  // telemetries that have an event of it ("sysmon", "proxy", "ocsf", "api"), where rules were run
	Miss     *Miss    `json:"miss,omitempty"`     // of the first step that did not match
	Doubt    *Doubt   `json:"doubt,omitempty"`    // for status "inconclusive"
}

// Miss explains a step that matched nothing.
type Miss struct {
	Reason string   `json:"reason"`           // one line
	After  uint64   `json:"after"`            // Seq of the last matched step; 0 if none matched
	Near   *Near    `json:"near,omitempty"`   // the nearest miss; nil if no behaviour of the kind was seen
	Around []uint64 `json:"around,omitempty"` // Seq of behaviours before and after the last matched one
}

// Near is the behaviour that came nearest to a condition set.
type Near struct {
	Seq     uint64      `json:"seq"`
	Earlier bool        `json:"earlier"`          // it came before the last matched step
	Matched int         `json:"matched"`          // conditions that hold
	Total   int         `json:"total"`            // conditions there are
	Fields  []FieldMiss `json:"fields,omitempty"` // the conditions that do not hold; empty if only the order is wrong
	Diff    string      `json:"diff,omitempty"`   // a go-cmp diff of the fields that should be equal to a value (- want, + got)
}

// FieldMiss is a condition that does not hold for a behaviour.
type FieldMiss struct {
	Condition string `json:"condition"` // "url|contains: '/icon'"
	Field     string `json:"field"`
	Got       string `json:"got"` // the field's value, safe to print
}

// Doubt names the gap that may have decided a check.
type Doubt struct {
	Kind string `json:"kind"` // a gap kind of package trace, or "stop"
	Name string `json:"name"` // of the gap, or the stop reason
	Seq  uint64 `json:"seq"`  // of its first occurrence
	Text string `json:"text"` // one line
}

// Never is one entry of expect.never.
type Never struct {
	Line     int    `json:"line"`
	Kind     string `json:"kind"`
	Expected string `json:"expected"` // what must not happen, as one line
	Why      string `json:"why,omitempty"`
	Status   Status `json:"status"`
	Seq      uint64 `json:"seq,omitempty"` // of the first behaviour that should not have been
	Doubt    *Doubt `json:"doubt,omitempty"`
}

// Total is one entry of expect.count.
type Total struct {
	Line     int      `json:"line"`
	Kind     string   `json:"kind"`
	Expected string   `json:"expected"` // what is counted, as one line
	Want     string   `json:"want"`     // "exactly 1", "at least 2", "2 to 4"
	Got      int      `json:"got"`
	Status   Status   `json:"status"`
	Seqs     []uint64 `json:"seqs,omitempty"` // of the first behaviours counted, at most 16
	Near     *Near    `json:"near,omitempty"` // where too few were counted
	Doubt    *Doubt   `json:"doubt,omitempty"`
}

// ArtifactCheck is one entry of expect.artifacts.
type ArtifactCheck struct {
	Line     int     `json:"line"`
	Name     string  `json:"name"`               // the name a step gave with save_as
	Artifact string  `json:"artifact,omitempty"` // name of the artifact; "" if nothing was bound
	Status   Status  `json:"status"`
	Checks   []Check `json:"checks"`
}

// Check compares one property.
type Check struct {
	Line   int    `json:"line"`
	Name   string `json:"name"` // "sha256", "exit", "console|contains"
	Want   string `json:"want"`
	Got    string `json:"got"` // safe to print
	Status Status `json:"status"`
	Diff   string `json:"diff,omitempty"` // for text of several lines (- want, + got)
	Doubt  *Doubt `json:"doubt,omitempty"`
}

// Run is what was recorded, without calls and artifact bytes.
type Run struct {
	Image        string            `json:"image"` // guest path
	PID          uint32            `json:"pid"`
	Start        time.Time         `json:"start"`      // virtual clock
	ElapsedNS    int64             `json:"elapsed_ns"` // virtual
	Blocks       uint64            `json:"blocks"`     // basic blocks executed
	Stop         trace.Stop        `json:"stop"`
	Modules      []trace.Module    `json:"modules"`
	Behaviours   []trace.Behaviour `json:"behaviours"`
	Gaps         []trace.Gap       `json:"gaps"`
	Artifacts    []trace.Artifact  `json:"artifacts"`
	Calls        int               `json:"calls"`                 // API calls recorded
	CallsDropped uint64            `json:"calls_dropped"`         // API calls beyond the recording budget
	CallCounts   []CallCount       `json:"call_counts,omitempty"` // of the calls recorded, by function
	Console      string            `json:"console"`               // output of the guest; bytes that are not UTF-8 are replaced
}

// CallCount is how often a function was called.
type CallCount struct {
	Function string `json:"function"` // "kernel32.dll!ReadFile"
	Count    int    `json:"count"`
}

func callCounts(log *trace.CallLog) []CallCount {
	var list []CallCount
	counts := log.Counts()
	for _, f := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, CallCount{f, counts[f]})
	}
	return list
}

// NewSuite makes a suite of results and counts them.
func NewSuite(version string, scenarios []Scenario) *Suite {
	s := &Suite{SchemaVersion: SchemaVersion, Tool: "sidetrace", Version: version, Verdict: Pass, Scenarios: scenarios}
	if scenarios == nil {
		s.Scenarios = []Scenario{}
	}
	worst := 0
	for i := range s.Scenarios {
		v := s.Scenarios[i].Verdict
		*s.Counts.of(v)++
		worst = max(worst, v.rank())
	}
	s.Verdict = Verdicts()[worst]
	return s
}

func (c *Counts) of(v Verdict) *int {
	switch v {
	case Pass:
		return &c.Pass
	case Fail:
		return &c.Fail
	case Inconclusive:
		return &c.Inconclusive
	case Error:
		return &c.Error
	case Timeout:
		return &c.Timeout
	default:
		return &c.Crashed
	}
}

// Of is how many scenarios got the verdict.
func (c Counts) Of(v Verdict) int { return *c.of(v) }

func (v Verdict) rank() int {
	for i, w := range Verdicts() {
		if w == v {
			return i
		}
	}
	return len(Verdicts()) - 1
}

// ExitCode is the command's exit code for the suite: 0 if every scenario
// passed, 1 if one failed, is inconclusive, timed out or was left out, 2 if
// one is broken, 3 if sidetrace failed.
func (s *Suite) ExitCode() int {
	switch s.Verdict {
	case Crashed:
		return 3
	case Error:
		return 2
	case Pass:
		if len(s.NotRun) == 0 {
			return 0
		}
	}
	return 1
}

// NewRun takes from a record what reports show.
func NewRun(r *trace.Run) *Run {
	out := &Run{
		Image: r.Image, PID: r.PID, Start: r.Start.UTC(), ElapsedNS: int64(r.Elapsed), Blocks: r.Blocks, Stop: r.Stop,
		Modules: orEmpty(r.Modules), Behaviours: orEmpty(r.Behaviours), Gaps: orEmpty(r.Gaps), Artifacts: orEmpty(r.Artifacts),
		Console: string(r.Console),
	}
	if r.Calls != nil {
		out.Calls, out.CallsDropped, out.CallCounts = r.Calls.Len(), r.Calls.Dropped(), callCounts(r.Calls)
	}
	return out
}

// orEmpty makes a missing list [] in JSON rather than null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Behaviour finds a behaviour by its sequence number; nil if there is none.
func (r *Run) Behaviour(seq uint64) *trace.Behaviour {
	for i := range r.Behaviours {
		if r.Behaviours[i].Seq == seq {
			return &r.Behaviours[i]
		}
	}
	return nil
}
