package telemetry

import (
	"fmt"
	"iter"
	"strings"

	"sidetrace/emulator/trace"
)

// Product is the log source's product of what no sensor of Windows records:
// the behaviours and calls of a run.
const Product = "sidetrace"

// Services of that product.
const (
	ServiceBehaviour = "behaviour" // categories: the kinds of behaviours, "file_read" for file.read
	ServiceAPI       = "api"       // one category: "api_call"
)

// CategoryOf is the log source's category of a kind of behaviour.
func CategoryOf(kind string) string { return strings.ReplaceAll(kind, ".", "_") }

// Behaviours makes events of the run's own behaviours, so that rules can be
// written on what other sensors are blind to:
//
//	logsource: {product: sidetrace, category: memory_protect}
//	detection:
//	  selection: {protection: rwx}
//	  condition: selection
//
// The fields are those of docs/behaviours.md, a list as a field that repeats.
// Behind them stand Image, ProcessId, ThreadId and User as in Sysmon's events.
func Behaviours(run *trace.Run, host Host) []Event {
	b := newBuilder(run, host)
	for i := range run.Behaviours {
		at := &run.Behaviours[i]
		e := Event{
			Seq: at.Seq, Time: b.time(at.Time), Computer: b.host.Computer,
			Source: Logsource{CategoryOf(at.Kind()), Product, ServiceBehaviour},
		}
		for _, f := range trace.Fields(at.Fields) {
			e.add(f.Name, f.Value)
		}
		e.Fields = append(e.Fields, b.actorFields(at.TID)...)
		b.emit(e)
	}
	return b.events
}

// add adds a field of a behaviour.
func (e *Event) add(name string, value any) {
	switch v := value.(type) {
	case []string:
		for _, s := range v {
			e.Fields = append(e.Fields, Field{name, Text(s)})
		}
	case string:
		e.Fields = append(e.Fields, Field{name, Text(v)})
	case bool:
		e.Fields = append(e.Fields, Field{name, Bool(v)})
	case int64:
		e.Fields = append(e.Fields, Field{name, Int(v)})
	case uint64:
		e.Fields = append(e.Fields, Field{name, unsigned(v)})
	case float64:
		e.Fields = append(e.Fields, Field{name, Real(v)})
	}
}

// unsigned is the value of a number that may be too large for an Integer.
func unsigned(v uint64) Value {
	if v>>63 == 0 {
		return Int(int64(v))
	}
	return Value{Kind: Float, Text: fmt.Sprint(v), Number: float64(v)}
}

func (b *builder) actorFields(thread uint32) []Field {
	return []Field{
		{"Image", Text(b.program.Image)}, {"ProcessId", Int(int64(b.program.ID))}, {"ThreadId", Int(int64(thread))}, {"User", b.userOf(b.program.ID)},
	}
}

// Calls makes events of the API calls, one at a time: a run may have hundreds
// of thousands.
//
//	logsource: {product: sidetrace, service: api}
//	detection:
//	  selection: {Function: VirtualProtect, flNewProtect: PAGE_EXECUTE_READWRITE}
//	  condition: selection
//
// The fields are DLL, Function, Caller (module and offset) and CallerImage, the
// arguments by Microsoft's names and as the trace prints them, Result, LastError,
// Direct (a system call by an instruction), then those of the process.
func Calls(run *trace.Run, host Host) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		if run.Calls == nil {
			return
		}
		b := newBuilder(run, host)
		for c := range run.Calls.All() {
			b.call(&c)
			if !yield(b.events[0]) {
				return
			}
			b.events = nil
		}
	}
}

func (b *builder) call(c *trace.Call) {
	e := Event{Seq: c.Seq, Time: b.time(c.Time), Computer: b.host.Computer, Source: Logsource{"api_call", Product, ServiceAPI}}
	image := ""
	if m := b.moduleOf(c.Caller); m != nil {
		image = m.Path
	}
	e.Fields = append(make([]Field, 0, len(c.Args)+11),
		Field{"DLL", Text(c.API.DLL)}, Field{"Function", Text(c.API.Name)}, Field{"Caller", Text(b.run.Place(c.Caller))}, Field{"CallerImage", Text(image)})
	for i, a := range c.Args {
		name, format := fmt.Sprintf("arg%d", i+1), trace.Hex
		if i < len(c.API.Params) {
			name, format = c.API.Params[i].Name, c.API.Params[i].Format
		}
		value := Text(a.Text)
		if !a.HasText {
			value = formatted(format, a.Value)
		}
		e.Fields = append(e.Fields, Field{name, value})
	}
	if c.Returned {
		if c.API.Result != trace.Void {
			e.Fields = append(e.Fields, Field{"Result", formatted(c.API.Result, c.Result)})
		}
		e.Fields = append(e.Fields, Field{"LastError", Int(int64(c.LastError))})
	}
	e.Fields = append(e.Fields, Field{"Direct", Bool(c.Direct)})
	e.Fields = append(e.Fields, b.actorFields(c.TID)...)
	b.emit(e)
}

// formatted is a raw value as the trace prints it; what that is a number for is
// one.
func formatted(f trace.Format, v uint64) Value {
	switch f {
	case trace.Dec:
		return Int(int64(uint32(v)))
	case trace.Int:
		return Int(int64(int32(v)))
	case trace.Int64:
		return Int(int64(v))
	case trace.Milliseconds:
		if uint32(v) != 0xFFFFFFFF {
			return Int(int64(uint32(v)))
		}
	}
	return Text(f.Format(v))
}
