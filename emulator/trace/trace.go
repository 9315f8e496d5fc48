// Package trace is the record of one emulated run: what the guest called, what
// it did, and what the emulator could not model.
//
// There are three streams, numbered by one sequence so that they merge:
//
//   - a [Call] is one API call, with decoded arguments, result and last error;
//   - a [Behaviour] is what an analyst or a rule speaks of ("a file was read",
//     "bytes the guest wrote were executed"), recorded after the effect and
//     pointing at the calls that prove it;
//   - a [Gap] is something the emulator could not do faithfully.
//
// A [Recorder] collects them while a machine runs and a [Run] is the finished
// record. The package is a leaf: it knows nothing of emulation, needs no cgo,
// and has a line-oriented JSON form (see [Run.WriteJSONLines]) so that
// recorded runs can be judged and reported elsewhere.
package trace

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"time"
)

// Run is the finished record of one emulated process tree.
type Run struct {
	Image      string        // guest path of the program that was run
	PID        uint32        // of that program
	Start      time.Time     // virtual clock at the first instruction
	Computer   string        // name of the machine
	User       string        // whom the program ran as
	Processes  []Process     // of the machine: the program, those that were there, those it started
	Elapsed    time.Duration // virtual time from Start to the stop
	Blocks     uint64        // basic blocks executed
	Stop       Stop
	Modules    []Module // in load order, system DLLs included
	Behaviours []Behaviour
	Gaps       []Gap
	Artifacts  []Artifact
	Files      []File // that the guest made or wrote to, in the order of the first time
	Calls      *CallLog
	Console    []byte // what the guest wrote to its standard output and error, bounded
}

// StopReason says why a run ended.
type StopReason string

const (
	StopExit      StopReason = "exit"      // the process ended by itself
	StopException StopReason = "exception" // an exception nobody handled
	StopBlocks    StopReason = "blocks"    // block budget used up
	StopTime      StopReason = "time"      // virtual time limit reached
	StopWall      StopReason = "wall"      // wall-clock limit or cancellation
	StopDeadlock  StopReason = "deadlock"  // every thread waits and no time-out is due
	StopLoad      StopReason = "load"      // the image or one of its imports could not be loaded
	StopInternal  StopReason = "internal"  // the engine failed
)

// Stop is the end of a run.
type Stop struct {
	Reason   StopReason `json:"reason"`
	Detail   string     `json:"detail,omitempty"` // one line for people: who waits on whom, which address faulted
	ExitCode uint32     `json:"exit_code"`        // of the process; for StopException the exception code
}

// Module is an image mapped into the guest.
type Module struct {
	Path   string `json:"path"`
	Base   uint64 `json:"base"`
	Size   uint32 `json:"size"`
	System bool   `json:"system"` // one of the emulator's own synthetic DLLs
}

// Behaviour is one thing the guest did.
type Behaviour struct {
	Seq    uint64        // position in the run, shared with calls and gaps
	Time   time.Duration // virtual, since Run.Start
	PID    uint32
	TID    uint32
	Calls  []uint64 // sequence numbers of the calls that prove it
	Fields Payload  // the kind and its fields
}

// Kind is the behaviour's name, such as "file.read".
func (b *Behaviour) Kind() string { return b.Fields.Kind() }

// GapKind sorts gaps by what was missing.
type GapKind string

const (
	GapAPI         GapKind = "api"         // an export without a handler was called
	GapURL         GapKind = "url"         // the scenario serves no answer for a request
	GapBehaviour   GapKind = "behaviour"   // a handler was asked for something it does not model
	GapInstruction GapKind = "instruction" // the processor model lacks or gets wrong an instruction
	GapLimit       GapKind = "limit"       // recording was cut to stay within bounds
)

// Gap is something that was not modelled, counted where it repeats.
type Gap struct {
	Seq    uint64   `json:"seq"` // of the first occurrence
	Kind   GapKind  `json:"kind"`
	Name   string   `json:"name"`             // "kernel32.dll!Foo", a URL, an instruction
	Caller string   `json:"caller,omitempty"` // module+offset of the first occurrence
	Detail string   `json:"detail,omitempty"`
	Args   []string `json:"args,omitempty"` // first arguments of the first occurrence, in hexadecimal
	Count  int      `json:"count"`
}

// Artifact is a piece of data the run produced, kept for rules and for people.
type Artifact struct {
	ID     int    `json:"id"`   // index in Run.Artifacts
	Kind   string `json:"kind"` // kind of the behaviour that made it: "code.unpacked", "http.response", …
	Name   string `json:"name"` // short, safe as a file name
	SHA256 string `json:"sha256"`
	Size   int    `json:"size"`
	Data   []byte `json:"-"`
}

// SHA256 is the lower-case hexadecimal digest of data.
func SHA256(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Entropy is Shannon's, in bits per byte, rounded to hundredths so that it does
// not depend on the order of floating-point operations; 0 for no bytes.
func Entropy(data []byte) float64 {
	if len(data) == 0 {
		return 0
	}
	var counts [256]int
	for _, b := range data {
		counts[b]++
	}
	sum := 0.0
	for _, n := range counts {
		if n > 0 {
			share := float64(n) / float64(len(data))
			sum -= share * math.Log2(share)
		}
	}
	return math.Round(100*sum) / 100
}
