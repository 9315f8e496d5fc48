package html

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/reports"
)

// chain is who did what to whom, as far as behaviours prove it.
type chain struct {
	nodes []node
	edges []edge

	s        *reports.Scenario
	caller   map[uint64]uint64   // return address of a call, by its number
	steps    map[uint64]string   // what steps matched, and the stage it begins
	feeds    map[string]bool     // files that code came from
	active   map[uint32]int      // the node whose code a thread was last seen in
	keys     map[string]int      // node by its key
	plain    []plaintext         // decrypted text, for the requests it names
	download int                 // node of the last answer that was read; -1 for none
	layers   []int               // nodes of unpacked code, in order
	places   map[int]addressSpan // of code nodes
	left     map[string]bool     // keys of nodes that are one too many of their class
}

type addressSpan struct{ from, to uint64 }

type plaintext struct {
	from  int
	text  string
	label string
	seq   uint64
}

// node is a box of the picture.
type node struct {
	Class      string // "program", "dll", "file", "code", "host", "process", "object", "missing"
	Title, Sub string
	Stage      string
	Seq        uint64 // of the behaviour that shows it first
	rank       int    // row
}

// edge is an arrow; Label names the behaviour that proves it.
type edge struct {
	from, to int
	Label    string
	Seq      uint64
	Missing  bool
}

// most is how many boxes of one class a picture has; it is for chains, and not
// for listing all a program did.
const most = 6

func newChain(s *reports.Scenario) *chain {
	c := &chain{
		s: s, steps: map[uint64]string{}, feeds: map[string]bool{}, active: map[uint32]int{},
		keys: map[string]int{}, download: -1, places: map[int]addressSpan{}, left: map[string]bool{}, caller: callers(s),
	}
	for _, step := range s.Steps {
		if step.Seq > 0 {
			c.steps[step.Seq] = step.Stage
		}
	}
	for _, b := range s.Run.Behaviours {
		switch f := b.Fields.(type) {
		case trace.CodeUnpacked:
			c.feeds[f.SourceFile] = true
		case trace.PayloadDecrypted:
			c.feeds[f.SourceFile] = true
		}
	}
	c.add("module:"+strings.ToLower(trace.BaseName(s.Run.Image)), node{Class: "program", Title: trace.BaseName(s.Run.Image), Sub: "program", Seq: 1})
	for i := range s.Run.Behaviours {
		c.behaviour(&s.Run.Behaviours[i])
	}
	c.missing()
	return c
}

// callers are the return addresses of the calls behind behaviours.
func callers(s *reports.Scenario) map[uint64]uint64 {
	wanted := map[uint64]uint64{}
	if s.Trace == nil || s.Trace.Calls == nil {
		return wanted
	}
	for _, b := range s.Run.Behaviours {
		for _, seq := range b.Calls {
			wanted[seq] = 0
		}
	}
	for call := range s.Trace.Calls.All() {
		if _, ok := wanted[call.Seq]; ok {
			wanted[call.Seq] = call.Caller
		}
	}
	return wanted
}

// add makes a node, or finds the one of that key. At most so many of a class
// are made; -1 stands for those that are left out.
func (c *chain) add(key string, n node) int {
	if i, ok := c.keys[key]; ok {
		return i
	}
	same := 0
	for _, other := range c.nodes {
		if other.Class == n.Class {
			same++
		}
	}
	_, matched := c.steps[n.Seq]
	if same >= most && !matched {
		c.left[key] = true
		return -1
	}
	n.Stage = c.steps[n.Seq]
	c.keys[key] = len(c.nodes)
	c.nodes = append(c.nodes, n)
	return len(c.nodes) - 1
}

// arrow joins two nodes. A node stands one row below the lowest of those that
// lead to it when it is first seen.
func (c *chain) arrow(from, to int, label string, seq uint64) {
	if from < 0 || to < 0 || from == to || slices.ContainsFunc(c.edges, func(e edge) bool { return e.from == from && e.to == to && e.Label == label }) {
		return
	}
	leads := slices.ContainsFunc(c.edges, func(e edge) bool { return e.from == to })
	if to > from && !leads {
		c.nodes[to].rank = max(c.nodes[to].rank, c.nodes[from].rank+1)
	}
	c.edges = append(c.edges, edge{from: from, to: to, Label: label, Seq: seq})
}

// actor is the node whose code did something: that of the call behind it, or
// else the one its thread was last seen in.
func (c *chain) actor(b *trace.Behaviour) int {
	for _, seq := range b.Calls {
		if i := c.at(c.caller[seq]); i >= 0 {
			c.active[b.TID] = i
			return i
		}
	}
	if i, ok := c.active[b.TID]; ok {
		return i
	}
	if n := len(c.layers); n > 0 {
		return c.layers[n-1]
	}
	return 0
}

// at is the code node an address lies in, the last that was seen there; -1 for
// none.
func (c *chain) at(address uint64) int {
	for i := len(c.nodes) - 1; i >= 0; i-- {
		if span, ok := c.places[i]; ok && address >= span.from && address < span.to {
			return i
		}
	}
	return -1
}

func (c *chain) behaviour(b *trace.Behaviour) {
	_, matched := c.steps[b.Seq]
	switch f := b.Fields.(type) {
	case trace.ModuleLoad:
		c.module(b, f)
	case trace.DllMainEnter:
		if i, ok := c.keys["module:"+strings.ToLower(trace.BaseName(f.Path))]; ok && i > 0 && f.Reason == "process_attach" {
			c.active[b.TID] = i
		}
	case trace.FileRead:
		if matched || c.feeds[f.Path] {
			from := c.actor(b)
			c.arrow(from, c.add("file:"+f.Path, node{Class: "file", Title: trace.BaseName(f.Path), Sub: c.fileNote(f), Seq: b.Seq}), b.Kind(), b.Seq)
		}
	case trace.FileWrite:
		from := c.actor(b)
		c.arrow(from, c.add("file:"+f.Path, node{Class: "file", Title: trace.BaseName(f.Path), Sub: "written", Seq: b.Seq}), b.Kind(), b.Seq)
	case trace.RegistryRead, trace.RegistryWrite, trace.EventCreate, trace.MutexCreate, trace.ServiceCreate, trace.PipeCreate:
		if matched {
			name := objectName(f)
			c.arrow(c.actor(b), c.add(b.Kind()+name, node{Class: "object", Title: trace.BaseName(name), Sub: strings.Split(b.Kind(), ".")[0], Seq: b.Seq}), b.Kind(), b.Seq)
		}
	case trace.CodeUnpacked:
		c.unpacked(b, f)
	case trace.PayloadDecrypted:
		file, ok := c.keys["file:"+f.SourceFile]
		if to := c.layer(f.SHA256); ok && to >= 0 {
			c.edges = slices.DeleteFunc(c.edges, func(e edge) bool { return e.from == file && e.to == to }) // this proves more
			c.arrow(file, to, b.Kind()+" "+f.Cipher, b.Seq)
		}
	case trace.ModuleManualMap:
		c.mapped(b, f)
	case trace.ThreadCreate:
		if i := c.at(f.Start); i >= 0 {
			c.active[f.ID] = i
		}
	case trace.DNSQuery:
		if !f.Answered {
			c.arrow(c.actor(b), c.add("host:"+f.Name, node{Class: "host", Title: f.Name, Sub: "no answer", Seq: b.Seq}), b.Kind(), b.Seq)
		}
	case trace.NetConnect:
		if !c.requested(f.Host) {
			c.arrow(c.actor(b), c.add("host:"+f.Host, node{Class: "host", Title: f.Host, Sub: fmt.Sprintf("%s port %d", f.Protocol, f.Port), Seq: b.Seq}), b.Kind(), b.Seq)
		}
	case trace.HTTPRequest:
		c.request(b, f)
	case trace.HTTPResponse:
		if i, ok := c.keys["url:"+f.URL]; ok {
			c.download = i
		}
	case trace.CryptoDecrypt:
		from := c.download // what was fetched last is what is decrypted
		if from < 0 {
			from = c.actor(b)
		}
		c.plain = append(c.plain, plaintext{from, f.Text, b.Kind() + " " + strings.Trim(f.Algorithm+"-"+f.Mode, "-"), b.Seq})
	case trace.ProcessCreate:
		c.process(b, f.Image, f.ID, f.CommandLine)
	case trace.ProcessWriteMemory:
		c.process(b, f.Image, f.ID, "")
	case trace.ThreadCreateRemote:
		c.process(b, f.Image, f.ProcessID, "")
	case trace.ThreadHijack:
		c.process(b, f.Image, f.ProcessID, "")
	}
}

func (c *chain) module(b *trace.Behaviour, f trace.ModuleLoad) {
	span := addressSpan{f.Base, f.Base + uint64(f.Size)}
	if f.Reason == "process" {
		c.places[0] = span
		return
	}
	if f.System {
		return
	}
	sub := f.Found
	if f.SideLoaded {
		sub = "side-loaded, " + sub
	}
	if !f.Signed {
		sub += ", unsigned"
	}
	i := c.add("module:"+strings.ToLower(trace.BaseName(f.Path)), node{Class: "dll", Title: trace.BaseName(f.Path), Sub: sub, Seq: b.Seq})
	if i < 0 {
		return
	}
	c.places[i] = span
	from := c.keys["module:"+strings.ToLower(f.LoadedBy)] // the program where it is not known
	c.arrow(from, i, b.Kind(), b.Seq)
}

func (c *chain) unpacked(b *trace.Behaviour, f trace.CodeUnpacked) {
	title := fmt.Sprintf("layer %d", f.Layer)
	if f.Content == "pe" {
		title += ", a PE image"
	}
	from := c.actor(b)
	if n := len(c.layers); n > 0 {
		from = c.layers[n-1]
	}
	file, fed := c.keys["file:"+f.SourceFile]
	i := c.add("code:"+f.SHA256, node{Class: "code", Title: title, Sub: fmt.Sprintf("%d bytes, %s, %s", f.Size, f.Region, f.Protection), Seq: b.Seq})
	if i < 0 {
		return
	}
	c.places[i] = addressSpan{f.Address, f.Address + uint64(f.Size)}
	if fed && len(c.layers) == 0 {
		from = file
	}
	c.arrow(from, i, b.Kind(), b.Seq)
	c.layers = append(c.layers, i)
	c.active[b.TID] = i
}

// mapped names the code that turned out to be an image.
func (c *chain) mapped(b *trace.Behaviour, f trace.ModuleManualMap) {
	i := c.at(f.Entry)
	if i < 0 || c.nodes[i].Class != "code" {
		i = c.add("code:"+f.SHA256, node{Class: "code", Title: "image", Sub: fmt.Sprintf("%d bytes, %s", f.Size, f.Region), Seq: b.Seq})
		if i < 0 {
			return
		}
		c.layers = append(c.layers, i)
		c.places[i] = addressSpan{f.Address, f.Address + uint64(f.Size)}
	}
	if f.Name != "" {
		c.nodes[i].Sub = c.nodes[i].Title + ", " + c.nodes[i].Sub
		c.nodes[i].Title = f.Name
	}
	from := c.actor(b)
	if n := len(c.layers); from == i && n > 1 {
		from = c.layers[n-2]
	}
	c.arrow(from, i, b.Kind(), b.Seq)
	c.active[b.TID] = i
}

// layer is the unpacked code of a digest; -1 for none.
func (c *chain) layer(sha256 string) int {
	if i, ok := c.keys["code:"+sha256]; ok {
		return i
	}
	return -1
}

func (c *chain) requested(host string) bool {
	return slices.ContainsFunc(c.s.Run.Behaviours, func(b trace.Behaviour) bool {
		f, ok := b.Fields.(trace.HTTPRequest)
		return ok && f.Host == host
	})
}

func (c *chain) request(b *trace.Behaviour, f trace.HTTPRequest) {
	title, sub := f.Host, f.URL
	if u, err := url.Parse(f.URL); err == nil {
		sub = u.Path
		if path.Ext(u.Path) != "" { // a file, and the host is where it lies
			title, sub = path.Base(u.Path), f.Host
		}
	}
	from := c.actor(b)
	i := c.add("url:"+f.URL, node{Class: "host", Title: title, Sub: sub, Seq: b.Seq})
	if i < 0 {
		return
	}
	for _, p := range c.plain {
		if f.Host != "" && strings.Contains(p.text, f.Host) {
			c.arrow(p.from, i, p.label, p.seq)
		}
	}
	answer := "no answer"
	if f.Answered {
		answer = fmt.Sprint(f.Status)
	}
	c.arrow(from, i, b.Kind()+" "+f.Method+" "+answer, b.Seq)
}

func (c *chain) process(b *trace.Behaviour, image string, id uint32, command string) {
	sub := fmt.Sprintf("process %d", id)
	if command != "" && command != image {
		sub = command
	}
	c.arrow(c.actor(b), c.add(fmt.Sprintf("process:%d", id), node{Class: "process", Title: trace.BaseName(image), Sub: sub, Seq: b.Seq}), b.Kind(), b.Seq)
}

func (c *chain) fileNote(f trace.FileRead) string {
	if c.feeds[f.Path] {
		return "payload container"
	}
	return "read"
}

// missing adds what the first step that does not hold asks for.
func (c *chain) missing() {
	from := 0
	for _, step := range c.s.Steps {
		if step.Status == reports.Passed {
			if b := c.s.Run.Behaviour(step.Seq); b != nil {
				from = c.near(b)
			}
			continue
		}
		if step.Status != reports.Skipped {
			i := c.add("missing", node{Class: "missing", Title: step.Kind, Sub: strings.TrimPrefix(step.Expected, step.Kind+" ")})
			c.arrow(from, i, fmt.Sprintf("step %d: not seen", step.Index), 0)
			if n := len(c.edges); n > 0 && c.edges[n-1].to == i {
				c.edges[n-1].Missing = true
			}
			return
		}
	}
}

// near is the node a behaviour made, or that did it.
func (c *chain) near(b *trace.Behaviour) int {
	for i, n := range c.nodes {
		if n.Seq == b.Seq && n.Class != "object" && n.Class != "file" {
			return i
		}
	}
	return c.actor(b)
}

func objectName(p trace.Payload) string {
	for _, f := range trace.Fields(p) {
		if text, ok := f.Value.(string); ok && text != "" {
			return text
		}
	}
	return "unnamed"
}
