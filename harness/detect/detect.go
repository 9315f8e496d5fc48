// Package detect is what the engines of detections have in common: what they
// look at ([Subject]), what they load ([Source]), and what they say ([Finding],
// reports.Silence). The engines are the packages below it, one for each language
// of rules; none knows another.
//
// An engine is made once from files of rules and then shared: it does not change,
// so that scenarios may use it at the same time. A rule that is broken is a
// [Problem] of loading and does not keep the others from running.
package detect

import (
	"context"

	"sidetrace/harness/telemetry"
	"sidetrace/reports"
)

// Engine is a loaded set of rules of one language. Its methods may be called at
// the same time, and return the same for the same subject.
type Engine interface {
	// Name is the language: "yara", "sigma", "ioc" or "hunt".
	Name() string

	// Rules lists the rules that were loaded, in the order of their files. The
	// index into it is what [Finding] and Explain call a rule by.
	Rules() []reports.Rule

	// Detect runs every rule over a subject. Findings are in the order of rules,
	// and those of one rule in the order in which they happened. Problems are of
	// rules that could not be run to their end (a time-out, a broken query).
	Detect(ctx context.Context, s *Subject) ([]Finding, []Problem)

	// Explain says why a rule did not fire on the subject.
	Explain(ctx context.Context, rule int, s *Subject) reports.Silence
}

// Limiter is an engine that can tell for what reasons a rule cannot fire on a
// replica, whatever that does, or on this subject.
type Limiter interface {
	Limits(rule int, s *Subject) []Limit
}

// Limit is a reason why a rule cannot fire on a subject that behaves as the
// original of a replica did.
type Limit string

// The reasons.
const (
	HashOnly      Limit = "hash_only"       // it asks for nothing but digests of files
	CodeBytesOnly Limit = "code_bytes_only" // it asks for nothing but bytes of code
	NoTelemetry   Limit = "no_telemetry"    // it reads events, tables or kinds of objects of which there are none
)

// Subject is what rules look at: what one run left behind, or files and logs of
// other origin.
type Subject struct {
	Name    string
	Events  []telemetry.Event // in the order of time
	Objects []Object
}

// Object is named bytes to be scanned: a file of the machine, the body of an
// answer, memory that was dumped.
type Object struct {
	Kind string // "file", "process.image", or the kind of the behaviour that made it: "http.response", "code.unpacked", "payload.decrypted", "crypto.decrypt", …
	Name string // unique in the subject: guest path of a file, else the artifact's name
	Path string // guest path it has or came from; "" for none
	Data []byte
	Seq  uint64 // of the behaviour that made it; 0 for what was there before
}

// Source is a file of rules, or a folder of them, of the host.
type Source struct {
	Path     string
	Revision string // tells apart several states of the same rules: "old", "new"; "" for the only one
}

// Finding is one firing of a rule.
type Finding struct {
	Rule int // index in Engine.Rules
	reports.Fire
}

// Severity sorts problems by what they cost.
type Severity string

// The severities.
const (
	Broken      Severity = "broken"      // the rule, or its file, is not valid and was left out
	Unsupported Severity = "unsupported" // valid, and asks for what the engine does not have; left out
	Warning     Severity = "warning"     // it runs, and may not do what its author thinks
)

// Problem is something wrong with a rule or with running it.
type Problem struct {
	reports.Problem
	Severity Severity
	Rule     string // id of the rule; "" where there is none
	Title    string // of the rule, where its id says nothing to a reader; may be empty
}
