package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
)

// Bounds of what is read from a log, whatever it holds.
const (
	MaxLog    = 1 << 30 // bytes
	MaxRecord = 16 << 20
	maxDepth  = 32
	maxFields = 4096 // of one event
)

// ReadError says what is wrong with a log, and where.
type ReadError struct {
	Line    int // from 1
	Message string
	Hint    string // what can be done; may be empty
}

func (e *ReadError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Message)
}

// Read reads a log of JSON: one object a line, several lines to an object, or a
// list of objects. Each object may be
//
//   - what evtx_dump makes of a Windows event log, and its likes: {"Event": {"System": …, "EventData": …}};
//   - an event of Winlogbeat, alone or as Elasticsearch returns it: {"winlog": {"event_data": …}};
//   - the fields by name, on one level with what the collector added: {"EventID": 1, "Image": …}.
//
// Fields of Sysmon get the type and form that they have in the events of
// [Build], whatever the collector made of them. An error is a [*ReadError]; the
// events before it are returned with it.
func Read(r io.Reader) ([]Event, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxLog+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxLog {
		return nil, &ReadError{Message: fmt.Sprintf("the log has more than %d MiB", MaxLog>>20), Hint: "split it"}
	}
	return Parse(data)
}

// Parse is [Read] of bytes, which it may change.
func Parse(data []byte) ([]Event, error) {
	switch {
	case bytes.HasPrefix(data, []byte("ElfFile\x00")):
		return nil, &ReadError{Message: "a Windows event log in its binary form", Hint: "make JSON of it: evtx_dump -o jsonl FILE"}
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		return nil, &ReadError{Message: "the log is in UTF-16", Hint: "make UTF-8 of it: iconv -f UTF-16 -t UTF-8 FILE"}
	case bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("<")):
		return nil, &ReadError{Line: 1, Message: "XML, not JSON", Hint: "evtx_dump -o jsonl makes JSON of an event log"}
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	blankTitles(data)
	p := &parser{data: data, d: json.NewDecoder(bytes.NewReader(data)), line: 1}
	p.d.UseNumber()
	err := p.records(0)
	return p.events, err
}

// title is what evtx_dump writes between records that take several lines.
var title = regexp.MustCompile(`(?m)^Record \d+\r?$`)

// blankTitles overwrites them: they are no JSON, and no string of JSON goes over
// the end of a line.
func blankTitles(data []byte) {
	if !bytes.Contains(data, []byte("Record ")) {
		return
	}
	for _, at := range title.FindAllIndex(data, -1) {
		copy(data[at[0]:at[1]], bytes.Repeat([]byte(" "), at[1]-at[0]))
	}
}

// parser reads records one after the other.
type parser struct {
	data   []byte
	d      *json.Decoder
	line   int   // of
	at     int64 // this offset
	start  int64 // of the record
	fields int   // of the record
	events []Event
}

// place counts the lines up to where the decoder stands.
func (p *parser) place() int {
	now := p.d.InputOffset()
	p.line += bytes.Count(p.data[p.at:now], []byte("\n"))
	p.at = now
	return p.line
}

func (p *parser) fail(format string, args ...any) error {
	return &ReadError{Line: p.place(), Message: fmt.Sprintf(format, args...)}
}

// token takes the next token.
func (p *parser) token() (json.Token, error) {
	t, err := p.d.Token()
	switch {
	case err == nil || err == io.EOF:
		return t, err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, p.cut("record")
	}
	p.place()
	wrong := p.data[p.at:]
	p.line += bytes.Count(wrong[:len(wrong)-len(bytes.TrimLeft(wrong, " \t\r\n,:"))], []byte("\n"))
	return nil, &ReadError{Line: p.line, Message: "no valid JSON: " + err.Error()}
}

// cut is the error of a log that ends too early.
func (p *parser) cut(inside string) error {
	return &ReadError{Line: p.place() + bytes.Count(p.data[p.at:], []byte("\n")), Message: "the log ends in the middle of a " + inside}
}

// records reads what stands beside one another, up to the end of the log or of
// the list.
func (p *parser) records(depth int) error {
	for {
		t, err := p.token()
		if err == io.EOF && depth == 0 {
			return nil
		}
		if err == io.EOF {
			return p.cut("list")
		}
		if err != nil {
			return err
		}
		switch t {
		case json.Delim(']'):
			return nil
		case json.Delim('['):
			if depth > 0 {
				return p.fail("a list in a list of records")
			}
			if err := p.records(depth + 1); err != nil {
				return err
			}
		case json.Delim('{'):
			if err := p.record(); err != nil {
				return err
			}
		default:
			return p.fail("a record is an object, not %v", t)
		}
	}
}

// record reads the rest of an object and makes events of it.
func (p *parser) record() error {
	line := p.place()
	p.start, p.fields = p.d.InputOffset(), 0
	n, err := p.object(1)
	if err != nil {
		return err
	}
	for _, e := range recordEvents(n) {
		e.Line = line
		p.events = append(p.events, e)
	}
	return nil
}

// node is a value of JSON that keeps the order of names.
type node struct {
	value Value // of what is neither object nor list
	names []string
	nodes []node // of an object beside its names, or of a list
	list  bool
}

func (p *parser) object(depth int) (node, error) {
	n := node{names: []string{}}
	for {
		t, err := p.token()
		if err != nil {
			return n, p.inside(err)
		}
		name, ok := t.(string)
		if !ok {
			return n, nil // the end of the object
		}
		v, err := p.value(depth)
		if err != nil {
			return n, err
		}
		n.names, n.nodes = append(n.names, name), append(n.nodes, v)
	}
}

// inside makes an error of the log's end.
func (p *parser) inside(err error) error {
	if err == io.EOF {
		return p.cut("record")
	}
	return err
}

func (p *parser) value(depth int) (node, error) {
	t, err := p.token()
	if err != nil {
		return node{}, p.inside(err)
	}
	if p.fields++; p.fields > maxFields {
		return node{}, p.fail("a record has more than %d values", maxFields)
	}
	if p.d.InputOffset()-p.start > MaxRecord {
		return node{}, p.fail("a record has more than %d MiB", MaxRecord>>20)
	}
	if depth > maxDepth {
		return node{}, p.fail("a record is more than %d levels deep", maxDepth)
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return p.object(depth + 1)
		}
		n := node{list: true}
		for p.d.More() {
			v, err := p.value(depth + 1)
			if err != nil {
				return n, err
			}
			n.nodes = append(n.nodes, v)
		}
		_, err := p.token()
		return n, p.inside(err)
	case string:
		return node{value: Text(t)}, nil
	case bool:
		return node{value: Bool(t)}, nil
	case json.Number:
		return node{value: number(string(t))}, nil
	}
	return node{}, nil
}

// number reads a number; what is too large for an integer becomes a float.
func number(s string) Value {
	n := json.Number(s)
	if i, err := n.Int64(); err == nil {
		return Value{Kind: Integer, Text: s, Int: i, Number: float64(i)}
	}
	f, _ := n.Float64() // what is out of range is infinite
	return Value{Kind: Float, Text: s, Number: f}
}

// get finds a member of an object; the zero node if there is none.
func (n *node) get(name string) *node {
	for i, other := range n.names {
		if other == name {
			return &n.nodes[i]
		}
	}
	return &node{}
}

// path finds a member by the names on the way, or by those names with dots
// between them, as some collectors write.
func (n *node) path(names ...string) *node {
	for i := range names {
		dotted := names[0]
		for _, name := range names[1 : i+1] {
			dotted += "." + name
		}
		if found := n.get(dotted); found.there() {
			if i == len(names)-1 {
				return found
			}
			if found = found.path(names[i+1:]...); found.there() {
				return found
			}
		}
	}
	return &node{}
}

// there says that a node is anything but null or missing.
func (n *node) there() bool { return n.names != nil || n.list || n.value.Kind != Null }

// isObject says that a node is an object.
func (n *node) isObject() bool { return n.names != nil }
