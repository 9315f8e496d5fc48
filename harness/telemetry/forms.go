package telemetry

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// This file knows how collectors write records down.

// recordEvents makes the events of a record. There is one, but for what is an answer
// of Elasticsearch and has many.
func recordEvents(n node) []Event {
	if hits := n.path("hits", "hits"); hits.list {
		var events []Event
		for _, hit := range hits.nodes {
			if source := hit.get("_source"); source.isObject() {
				events = append(events, recordEvents(*source)...)
			}
		}
		return events
	}
	if source := n.get("_source"); source.isObject() {
		n = *source
	}
	switch event := n.get("Event"); {
	case event.isObject() && event.get("System").isObject():
		return []Event{fromEventLog(event)}
	case n.path("winlog", "event_data").isObject() || n.path("winlog", "channel").there():
		return []Event{fromWinlogbeat(&n)}
	}
	return []Event{fromFields(&n)}
}

// attribute finds an attribute of an element of the event's XML, which each
// converter puts elsewhere.
func attribute(parent *node, element, name string) Value {
	e := parent.get(element)
	for _, found := range []*node{
		e.get("#attributes").get(name),                    // evtx_dump
		parent.get(element + "_attributes").get(name),     // evtx_dump --separate-json-attributes
		e.get("@" + name), e.get(name), e.get("-" + name), // others
	} {
		if found.there() {
			return found.value
		}
	}
	return Value{}
}

// content is the text of an element that may have attributes.
func content(e *node) Value {
	for _, name := range []string{"#text", "Value", "#value"} {
		if v := e.get(name); v.there() {
			return v.value
		}
	}
	return e.value
}

// fromEventLog reads the XML of an event, made JSON of.
func fromEventLog(event *node) Event {
	system := event.get("System")
	e := Event{
		Computer: content(system.get("Computer")).Text, Provider: attribute(system, "Provider", "Name").Text,
		Channel: content(system.get("Channel")).Text, ID: integer(content(system.get("EventID"))),
		Time: when(attribute(system, "TimeCreated", "SystemTime").Text),
	}
	data := event.get("EventData")
	if !data.isObject() {
		data = event.get("UserData")
		if len(data.nodes) > 0 && data.nodes[len(data.nodes)-1].isObject() { // the provider's own element
			data = &data.nodes[len(data.nodes)-1]
		}
	}
	for i, name := range data.names {
		switch n := &data.nodes[i]; {
		case name == "#attributes" || strings.HasPrefix(name, "@") || strings.HasSuffix(name, "_attributes"):
		case name == "Data":
			e.named(n)
		default:
			e.flatten(name, n)
		}
	}
	e.settle()
	return e
}

// named reads elements <Data Name="…">; those without a name are Data.
func (e *Event) named(n *node) {
	list := []node{*n}
	if n.list {
		list = n.nodes
	}
	for i := range list {
		d := &list[i]
		name := cmp.Or(d.get("@Name").value.Text, d.get("Name").value.Text, d.get("#attributes").get("Name").value.Text)
		switch {
		case name != "":
			e.Fields = append(e.Fields, Field{name, content(d)})
		case d.get("#text").there():
			e.flatten("Data", d.get("#text"))
		default:
			e.flatten("Data", d)
		}
	}
}

// fromWinlogbeat reads an event of Winlogbeat.
func fromWinlogbeat(n *node) Event {
	e := Event{
		Computer: cmp.Or(n.path("winlog", "computer_name").value.Text, n.path("host", "name").value.Text),
		Provider: cmp.Or(n.path("winlog", "provider_name").value.Text, n.path("event", "provider").value.Text),
		Channel:  n.path("winlog", "channel").value.Text,
		ID:       cmp.Or(integer(n.path("winlog", "event_id").value), integer(n.path("event", "code").value)),
		Time:     when(n.path("@timestamp").value.Text),
	}
	data := n.path("winlog", "event_data")
	if !data.there() {
		data = n.path("winlog", "user_data")
	}
	for i, name := range data.names {
		e.flatten(name, &data.nodes[i])
	}
	e.settle()
	return e
}

// envelope is what collectors put beside an event's own fields.
var envelope = map[string]bool{
	"@timestamp": true, "@version": true, "logsource": true, "EventID": true, "EventId": true, "event_id": true, "Channel": true, "channel": true,
	"Computer": true, "computer": true, "ComputerName": true, "Hostname": true, "Provider": true, "Provider_Name": true, "ProviderName": true, "SourceName": true,
	"EventTime": true, "TimeCreated": true,
}

// fromFields reads an event whose fields are on one level with what was added.
func fromFields(n *node) Event {
	first := func(names ...string) Value {
		for _, name := range names {
			if v := n.get(name); v.there() {
				return v.value
			}
		}
		return Value{}
	}
	source := n.get("logsource")
	e := Event{
		Source: Logsource{
			Category: source.get("category").value.Text, Product: source.get("product").value.Text, Service: source.get("service").value.Text,
		},
		Computer: first("Computer", "computer", "ComputerName", "Hostname").Text,
		Provider: first("Provider_Name", "Provider", "ProviderName", "SourceName").Text,
		Channel:  first("Channel", "channel").Text, ID: integer(first("EventID", "EventId", "event_id")),
		Time: when(first("@timestamp", "UtcTime", "EventTime", "TimeCreated").Text),
	}
	for i, name := range n.names {
		if ours := source.isObject() && n.nodes[i].isObject(); !envelope[name] && !ours { // what is said in ECS, too
			e.flatten(name, &n.nodes[i])
		}
	}
	if e.Channel == "" && e.ID != 0 {
		if s := sysmonEvent(e.ID); s != nil && e.looksLike(s) {
			e.Channel, e.Provider = SysmonChannel, cmp.Or(e.Provider, SysmonProvider)
		}
	}
	e.settle()
	return e
}

// looksLike says that an event without a channel is Sysmon's: it has the fields
// that no other log's events of that number have.
func (e *Event) looksLike(s *Schema) bool {
	_, utc := e.Get("UtcTime")
	matches := 0
	for _, f := range s.Fields {
		if _, ok := e.Get(f.Name); ok {
			matches++
		}
	}
	return utc || 2*matches > len(s.Fields)
}

// flatten adds a value under a name: a list as a field that repeats, an object
// as fields whose names have dots.
func (e *Event) flatten(name string, n *node) {
	switch {
	case n.isObject():
		for i, inner := range n.names {
			e.flatten(name+"."+inner, &n.nodes[i])
		}
	case n.list:
		for i := range n.nodes {
			e.flatten(name, &n.nodes[i])
		}
	default:
		e.Fields = append(e.Fields, Field{name, n.value})
	}
}

// settle gives fields the forms of [Build], and finds out where the event is from.
func (e *Event) settle() {
	if e.Channel == SysmonChannel || e.Channel == "" && e.Provider == SysmonProvider {
		e.Channel, e.Provider = SysmonChannel, SysmonProvider
		if s := sysmonEvent(e.ID); s != nil {
			for i := range e.Fields {
				if f := s.field(e.Fields[i].Name); f != nil {
					e.Fields[i].Value = f.settle(e.Fields[i].Value)
				}
			}
		}
	}
	if e.Source == (Logsource{}) {
		e.Source = e.logsource()
	}
	if e.Time.IsZero() && e.Channel == SysmonChannel {
		if v, ok := e.Get("UtcTime"); ok {
			e.Time = when(v.Text)
		}
	}
}

// settle gives a value its type.
func (f *FieldSchema) settle(v Value) Value {
	switch {
	case v.Kind == Null:
		return v
	case f.Type == TypeNumber:
		base := 10
		digits := v.Text
		if hex, ok := strings.CutPrefix(digits, "0x"); ok {
			base, digits = 16, hex
		}
		if n, err := strconv.ParseInt(digits, base, 64); err == nil {
			return Int(n)
		}
		return v
	case f.Type == TypeGUID && len(v.Text) == len("00000000-0000-0000-0000-000000000000"):
		return Text("{" + strings.ToUpper(v.Text) + "}")
	case f.Type == TypeGUID:
		return Text(strings.ToUpper(v.Text))
	}
	return Text(v.Text)
}

func integer(v Value) int {
	if v.Kind == Integer {
		return int(v.Int)
	}
	n, _ := strconv.Atoi(v.Text) // 0 for what is no number
	return n
}

// when reads a time in the forms that collectors write; the zero time if it is in
// none of them.
func when(s string) time.Time {
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999 MST"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
