// Package telemetry is what sensors would have written down of a run: Sysmon's
// events, a proxy's log, the stream of API calls. Detections are written against
// these forms and not against behaviours.
//
// An [Event] is one record, flat, with its fields in the sensor's order. It is
// also what a log that somebody else recorded is read into, so that a rule cannot
// tell an emulated record from a real one.
//
//	events := telemetry.Build(run, host)                      // Sysmon and proxy
//	events = telemetry.Merge(events, telemetry.Behaviours(run, host))
//	err := telemetry.Write(file, telemetry.Winlogbeat, events)
//	…
//	events, err = telemetry.Read(log)
//
// It is no model of a sensor's configuration: everything that Sysmon can record,
// it records. docs/telemetry.md says of each field where its value is from.
package telemetry

import (
	"strconv"
	"time"
)

// Event is one record of a sensor.
type Event struct {
	Seq    uint64    // of the behaviour or call that it shows; 0 in a log of other origin
	Line   int       // of the log it was read from, from 1; 0 for an emulated event
	Time   time.Time // when it happened, UTC; zero if the record does not say
	Source Logsource

	Computer string // that wrote it down
	Provider string // of the event, such as "Microsoft-Windows-Sysmon"; "" where there is none
	Channel  string // Windows event log, such as "Microsoft-Windows-Sysmon/Operational"; "" where there is none
	ID       int    // event identifier in that log; 0 where there is none

	Fields []Field // in the sensor's order; a list is a field that repeats
}

// Logsource is where an event came from, in the terms of Sigma's taxonomy
// (https://github.com/SigmaHQ/sigma-specification, appendix "Taxonomy").
type Logsource struct {
	Category string // "image_load", "proxy", …
	Product  string // "windows"; "" for logs of no one product
	Service  string // "sysmon"; "" where there is none
}

// Field is one field of an event.
type Field struct {
	Name  string
	Value Value
}

// ValueKind is the type of a value.
type ValueKind uint8

// The types of values.
const (
	Null ValueKind = iota
	String
	Integer
	Float
	Boolean
)

// Value is the value of a field. The zero Value is null.
type Value struct {
	Kind   ValueKind
	Text   string  // as the sensor writes it; "" for null
	Int    int64   // for Integer; 1 for true
	Number float64 // for Integer and Float
}

// Text makes the value of a string.
func Text(s string) Value { return Value{Kind: String, Text: s} }

// Int makes the value of an integer.
func Int(n int64) Value {
	return Value{Kind: Integer, Text: strconv.FormatInt(n, 10), Int: n, Number: float64(n)}
}

// Real makes the value of a number that is not whole.
func Real(f float64) Value {
	return Value{Kind: Float, Text: strconv.FormatFloat(f, 'g', -1, 64), Number: f}
}

// Bool makes the value of a truth value.
func Bool(b bool) Value {
	v := Value{Kind: Boolean, Text: strconv.FormatBool(b)}
	if b {
		v.Int = 1
	}
	return v
}

// Get finds the first field of a name, which is compared as it is written.
func (e *Event) Get(name string) (Value, bool) {
	for i := range e.Fields {
		if e.Fields[i].Name == name {
			return e.Fields[i].Value, true
		}
	}
	return Value{}, false
}
