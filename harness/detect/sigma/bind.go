package sigma

import (
	"strconv"
	"strings"

	"sidetrace/harness/telemetry"
)

// names numbers the names of fields that rules use, so that an event's fields
// are looked up once and not once for each rule.
type names struct {
	slots map[string]int32
	list  []string
}

func newNames() *names { return &names{slots: map[string]int32{}} }

// slot is the number of a name.
func (n *names) slot(name string) int32 {
	if i, ok := n.slots[name]; ok {
		return i
	}
	i := int32(len(n.list))
	n.slots[name] = i
	n.list = append(n.list, name)
	return i
}

// bound is an event made ready for comparisons. It is used again for the next
// event, and by one goroutine at a time.
type bound struct {
	names  *names
	event  *telemetry.Event
	first  []int32           // by slot: index of the first value and 1; 0 for a field that is absent
	used   []int32           // slots that are not 0
	values []telemetry.Value // of the event's fields, then those derived
	next   []int32           // by value: index and 1 of the next one of the same field
	folded [][]byte          // by value: lower-case form, once somebody asked
	exact  [][]byte          // by value: as it is
	buf    []byte            // what folded and exact point into

	header, proxy, hashes []derived // fields that rules name and events may lack
}

// derived is a field that is made of something else.
type derived struct {
	slot       int32
	name, from string
}

func newBound(n *names) *bound {
	b := &bound{names: n, first: make([]int32, len(n.list)), buf: make([]byte, 0, 4096)}
	named := func(list []derived, name, from string) []derived {
		if slot, ok := n.slots[name]; ok {
			list = append(list, derived{slot, name, from})
		}
		return list
	}
	for _, name := range headerFields {
		b.header = named(b.header, name, "")
	}
	for _, p := range proxyNames {
		b.proxy = named(b.proxy, p.rule, p.event)
	}
	for _, name := range hashFields {
		b.hashes = named(b.hashes, name, "")
	}
	return b
}

// bind makes an event ready.
func (b *bound) bind(e *telemetry.Event) {
	for _, slot := range b.used {
		b.first[slot] = 0
	}
	b.event, b.used, b.values, b.next = e, b.used[:0], b.values[:0], b.next[:0]
	b.folded, b.exact, b.buf = b.folded[:0], b.exact[:0], b.buf[:0]
	for i := range e.Fields {
		slot, ok := b.names.slots[e.Fields[i].Name]
		if !ok {
			slot = -1
		}
		b.add(slot, e.Fields[i].Value)
	}
	b.derive(e)
}

// add appends a value to those of a slot; -1 for a field no rule names.
func (b *bound) add(slot int32, v telemetry.Value) {
	b.values = append(b.values, v)
	b.next = append(b.next, 0)
	b.folded = append(b.folded, nil)
	b.exact = append(b.exact, nil)
	if slot < 0 {
		return
	}
	if b.first[slot] == 0 {
		b.first[slot] = int32(len(b.values))
		b.used = append(b.used, slot)
		return
	}
	last := b.first[slot] - 1
	for b.next[last] != 0 {
		last = b.next[last] - 1
	}
	b.next[last] = int32(len(b.values))
}

// headerFields are in the header of an event of Windows, and rules name them as
// fields (specification, section "Field Usage").
var headerFields = [...]string{"EventID", "Channel", "Provider_Name", "Computer", "ComputerName"}

// header finds a field in an event's header.
func header(e *telemetry.Event, name string) (v telemetry.Value, ok bool) {
	switch name {
	case "EventID":
		// Without its text, which would have to be allocated.
		return telemetry.Value{Kind: telemetry.Integer, Int: int64(e.ID), Number: float64(e.ID)}, e.ID != 0
	case "Channel":
		v = telemetry.Text(e.Channel)
	case "Provider_Name":
		v = telemetry.Text(e.Provider)
	case "Computer", "ComputerName":
		v = telemetry.Text(e.Computer)
	}
	return v, v.Text != ""
}

// derive adds what rules name as fields and sensors write elsewhere: what stands
// in the header of an event, and the single hashes of Sysmon's Hashes.
func (b *bound) derive(e *telemetry.Event) {
	for _, d := range b.header {
		if b.first[d.slot] == 0 {
			if v, ok := header(e, d.name); ok {
				b.add(d.slot, v)
			}
		}
	}
	if e.Source.Category == "proxy" {
		for _, d := range b.proxy {
			if b.first[d.slot] == 0 {
				if v, ok := e.Get(d.from); ok {
					b.add(d.slot, v)
				}
			}
		}
	}
	if len(b.hashes) == 0 {
		return
	}
	all, _ := e.Get("Hashes")
	for rest := all.Text; rest != ""; {
		var one string
		one, rest, _ = strings.Cut(rest, ",")
		kind, sum, _ := strings.Cut(one, "=")
		for _, d := range b.hashes {
			if b.first[d.slot] == 0 && strings.EqualFold(kind, d.name) {
				b.add(d.slot, telemetry.Text(sum))
			}
		}
	}
}

// proxyNames are names of the W3C's log format that rules use for what a proxy's
// log calls otherwise (appendix "Taxonomy").
var proxyNames = [...]struct{ rule, event string }{
	{"r-dns", "cs-host"}, {"cs-uri", "c-uri"}, {"cs-uri-stem", "c-uri-stem"}, {"cs-uri-query", "c-uri-query"},
	{"cs-user-agent", "c-useragent"}, {"cs-referer", "cs-referrer"},
}

// hashFields are names under which rules ask for one hash.
var hashFields = [...]string{"md5", "sha1", "sha256", "imphash", "Md5", "Sha1", "Sha256", "Imphash", "MD5", "SHA1", "SHA256", "IMPHASH"}

// text is a value's text, in lower case unless it is to be exact.
func (b *bound) text(i int32, exact bool) []byte {
	done := &b.folded[i]
	if exact {
		done = &b.exact[i]
	}
	if *done != nil {
		return *done
	}
	from, v := len(b.buf), &b.values[i]
	switch {
	case v.Kind == telemetry.Integer && v.Text == "":
		b.buf = strconv.AppendInt(b.buf, v.Int, 10)
	case exact:
		b.buf = append(b.buf, v.Text...)
	default:
		b.buf = appendFold(b.buf, v.Text)
	}
	*done = b.buf[from:len(b.buf):len(b.buf)]
	return *done
}

// show is a value's text for people.
func (b *bound) show(i int32) string {
	v := &b.values[i]
	switch {
	case v.Kind == telemetry.Null:
		return "null"
	case v.Kind == telemetry.Integer && v.Text == "":
		return strconv.FormatInt(v.Int, 10)
	}
	return v.Text
}
