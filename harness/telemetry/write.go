package telemetry

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// Form is how events are written down, one JSON object a line.
type Form string

// The forms. Records of a sensor that has no event log are, in the first two,
// their fields by name beside their time and source.
const (
	EventLog   Form = "evtx"       // as evtx_dump -o jsonl does
	Winlogbeat Form = "winlogbeat" // as Winlogbeat sends events, with the fields of ECS
	OCSF       Form = "ocsf"       // of the Open Cybersecurity Schema Framework
)

// Forms lists the forms.
func Forms() []Form { return []Form{EventLog, Winlogbeat, OCSF} }

// Write writes events in a form. In the last one, what no class is for is left out.
func Write(w io.Writer, form Form, events []Event) error {
	write := map[Form]func(*Event, int) (node, bool){EventLog: eventLog, Winlogbeat: winlogbeat, OCSF: ocsf}[form]
	if write == nil {
		return fmt.Errorf("unknown form %q", form)
	}
	out := bufio.NewWriter(w)
	var line []byte
	record := 0
	for i := range events {
		n, ok := write(&events[i], record+1)
		if !ok {
			continue
		}
		record++
		line = append(n.append(line[:0]), '\n')
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return out.Flush()
}

// systemTime is the layout of times of the event log.
const systemTime = "2006-01-02T15:04:05.9999999Z"

// eventLog is an event as evtx_dump writes it: numbers as numbers, GUIDs without
// their braces.
func eventLog(e *Event, id int) (node, bool) {
	if e.Channel == "" {
		return flat(e), true
	}
	var n node
	n.set("Event/#attributes/xmlns", Text("http://schemas.microsoft.com/win/2004/08/events/event"))
	system := func(path string, v Value) { n.set("Event/System/"+path, v) }
	s := e.schema()
	system("Provider/#attributes/Name", Text(e.Provider))
	version := 0
	if s != nil {
		version = s.Version
		system("Provider/#attributes/Guid", Text(sysmonGUID))
	}
	system("EventID", Int(int64(e.ID)))
	system("Version", Int(int64(version)))
	system("Level", Int(4))
	system("Task", Int(int64(e.ID)))
	system("Opcode", Int(0))
	system("Keywords", Text("0x8000000000000000"))
	if !e.Time.IsZero() {
		system("TimeCreated/#attributes/SystemTime", Text(e.Time.Format(systemTime)))
	}
	system("EventRecordID", Int(int64(id)))
	system("Correlation", Value{})
	system("Execution/#attributes/ProcessID", Int(0)) // of the sensor
	system("Execution/#attributes/ThreadID", Int(0))
	system("Channel", Text(e.Channel))
	system("Computer", Text(e.Computer))
	if s != nil {
		system("Security/#attributes/UserID", Text("S-1-5-18"))
	}
	data := n.make("Event/EventData")
	for _, f := range e.Fields {
		v := f.Value
		if s != nil {
			if t := s.field(f.Name); t != nil && t.Type == TypeGUID {
				v = Text(strings.Trim(v.Text, "{}"))
			}
		}
		data.add(f.Name, v)
	}
	return n, true
}

// schema is what is known of an event, nil if it is not Sysmon's.
func (e *Event) schema() *Schema {
	if e.Channel != SysmonChannel {
		return nil
	}
	return sysmonEvent(e.ID)
}

// winlogbeat is an event as Winlogbeat sends it: all fields are text, and ECS
// has those it has a name for a second time.
func winlogbeat(e *Event, id int) (node, bool) {
	if e.Channel == "" {
		o := object{flat(e)}
		if e.Source.Product != Product { // whose behaviours have names of their own
			o.ecs(record{e})
		}
		return o.node, true
	}
	var n node
	if !e.Time.IsZero() {
		n.set("@timestamp", Text(e.Time.Format(systemTime)))
	}
	n.set("event/code", Text(fmt.Sprint(e.ID)))
	n.set("event/kind", Text("event"))
	n.set("event/provider", Text(e.Provider))
	n.set("host/name", Text(e.Computer))
	n.set("log/level", Text("information"))
	log := func(path string, v Value) { n.set("winlog/"+path, v) }
	log("channel", Text(e.Channel))
	log("computer_name", Text(e.Computer))
	log("event_id", Text(fmt.Sprint(e.ID)))
	s := e.schema()
	if s != nil {
		log("provider_guid", Text("{"+strings.ToLower(sysmonGUID)+"}"))
	}
	log("provider_name", Text(e.Provider))
	log("record_id", Int(int64(id)))
	if s != nil {
		log("task", Text(s.Name))
		log("version", Int(int64(s.Version)))
	}
	data := n.make("winlog/event_data")
	for _, f := range e.Fields {
		v := f.Value
		if v.Kind != Null {
			v = Text(v.Text)
		}
		data.add(f.Name, v)
	}
	o := object{n}
	o.ecs(record{e})
	return o.node, true
}

// flat is an event by the names of its fields, with where it is from.
func flat(e *Event) node {
	n := node{names: []string{}}
	if !e.Time.IsZero() {
		n.set("@timestamp", Text(e.Time.Format(time.RFC3339Nano)))
	}
	for _, part := range [...]struct{ name, value string }{
		{"category", e.Source.Category}, {"product", e.Source.Product}, {"service", e.Source.Service},
	} {
		if part.value != "" {
			n.set("logsource/"+part.name, Text(part.value))
		}
	}
	if e.Computer != "" {
		n.set("Computer", Text(e.Computer))
	}
	for _, f := range e.Fields {
		n.add(f.Name, f.Value)
	}
	return n
}

// make finds an object by its path, and makes what is missing on the way.
func (n *node) make(path string) *node {
	for name := range strings.SplitSeq(path, "/") {
		if n.names == nil {
			n.names = []string{}
		}
		at := -1
		for i, other := range n.names {
			if other == name {
				at = i
			}
		}
		if at < 0 {
			n.names, n.nodes = append(n.names, name), append(n.nodes, node{})
			at = len(n.nodes) - 1
		}
		n = &n.nodes[at]
	}
	if n.names == nil {
		n.names = []string{}
	}
	return n
}

// set gives the member at a path its value.
func (n *node) set(path string, v Value) {
	at := n.make(path)
	*at = node{value: v}
}

// add adds a member to an object; a second one of the name makes a list.
func (n *node) add(name string, v Value) {
	if n.names == nil {
		n.names = []string{}
	}
	for i, other := range n.names {
		if other != name {
			continue
		}
		if at := &n.nodes[i]; at.list {
			at.nodes = append(at.nodes, node{value: v})
		} else {
			*at = node{list: true, nodes: []node{*at, {value: v}}}
		}
		return
	}
	n.names, n.nodes = append(n.names, name), append(n.nodes, node{value: v})
}

// append writes a node as JSON.
func (n *node) append(b []byte) []byte {
	switch {
	case n.list:
		b = append(b, '[')
		for i := range n.nodes {
			if i > 0 {
				b = append(b, ',')
			}
			b = n.nodes[i].append(b)
		}
		return append(b, ']')
	case n.isObject():
		b = append(b, '{')
		for i, name := range n.names {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(quote(b, name), ':')
			b = n.nodes[i].append(b)
		}
		return append(b, '}')
	}
	switch v := n.value; v.Kind {
	case String:
		return quote(b, v.Text)
	case Integer, Boolean:
		return append(b, v.Text...)
	case Float:
		if json.Valid([]byte(v.Text)) {
			return append(b, v.Text...)
		}
		return quote(b, v.Text) // no number of JSON's
	}
	return append(b, "null"...)
}

// quote writes a string as JSON.
func quote(b []byte, s string) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil { // strings have no error
		return append(b, `""`...)
	}
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
}
