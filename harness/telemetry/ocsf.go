package telemetry

import (
	"strings"

	"sidetrace/emulator/trace"
)

// ocsfVersion is the version of the schema that the form is of.
//
// https://schema.ocsf.io
const ocsfVersion = "1.8.0"

// class is a class of OCSF and one of its activities.
type class struct {
	uid      int64 // of the class
	name     string
	activity int64
	does     string
}

// The classes, with their activities. Those of the registry are an extension for
// Windows.
var (
	processLaunch    = class{1007, "Process Activity", 1, "Launch"}
	processTerminate = class{1007, "Process Activity", 2, "Terminate"}
	processOpen      = class{1007, "Process Activity", 3, "Open"}
	processInject    = class{1007, "Process Activity", 4, "Inject"}
	moduleLoad       = class{1005, "Module Activity", 1, "Load"}
	networkOpen      = class{4001, "Network Activity", 1, "Open"}
	dnsTraffic       = class{4003, "DNS Activity", 6, "Traffic"}
	fileCreate       = class{1001, "File System Activity", 1, "Create"}
	fileRead         = class{1001, "File System Activity", 2, "Read"}
	fileUpdate       = class{1001, "File System Activity", 3, "Update"}
	fileDelete       = class{1001, "File System Activity", 4, "Delete"}
	fileOpen         = class{1001, "File System Activity", 14, "Open"}
	keyCreate        = class{201001, "Registry Key Activity", 1, "Create"}
	keyDelete        = class{201001, "Registry Key Activity", 4, "Delete"}
	keyRename        = class{201001, "Registry Key Activity", 5, "Rename"}
	valueGet         = class{201002, "Registry Value Activity", 1, "Get"}
	valueSet         = class{201002, "Registry Value Activity", 2, "Set"}
	valueDelete      = class{201002, "Registry Value Activity", 4, "Delete"}
	memoryAllocate   = class{1004, "Memory Activity", 1, "Allocate Page"}
	memoryModify     = class{1004, "Memory Activity", 2, "Modify Page"}
	memoryWrite      = class{1004, "Memory Activity", 8, "Write"}
	kernelCreate     = class{1003, "Kernel Activity", 1, "Create"}
)

// methods are the activities of HTTP.
var methods = []string{"Connect", "Delete", "Get", "Head", "Options", "Post", "Put", "Trace", "Patch"}

func httpClass(method string) class {
	for i, name := range methods {
		if strings.EqualFold(name, method) {
			return class{4002, "HTTP Activity", int64(i + 1), name}
		}
	}
	return class{4002, "HTTP Activity", 99, "Other"}
}

// record is an event that is turned into another form.
type record struct{ *Event }

// text is a field's text; "" also for what Sysmon writes "-" for.
func (r record) text(name string) string {
	if v, _ := r.Get(name); v.Text != none {
		return v.Text
	}
	return ""
}

func (r record) int(name string) int64 {
	v, _ := r.Get(name)
	return v.Int
}

// ocsf is an event in the form of OCSF; false if there is no class for it. Of
// behaviours it takes those alone that Sysmon does not show.
func ocsf(e *Event, _ int) (node, bool) {
	r := record{e}
	o := object{}
	c, ok := o.content(r)
	if !ok {
		return node{}, false
	}
	category, name := int64(1), "System Activity"
	if c.uid/1000 == 4 {
		category, name = 4, "Network Activity"
	}
	n := &o.node
	n.set("class_uid", Int(c.uid))
	n.set("class_name", Text(c.name))
	n.set("category_uid", Int(category))
	n.set("category_name", Text(name))
	n.set("activity_id", Int(c.activity))
	n.set("activity_name", Text(c.does))
	n.set("type_uid", Int(100*c.uid+c.activity))
	n.set("type_name", Text(c.name+": "+c.does))
	n.set("severity_id", Int(1))
	n.set("severity", Text("Informational"))
	n.set("time", Int(e.Time.UnixMilli()))
	n.set("metadata/version", Text(ocsfVersion))
	n.set("metadata/product/name", Text(productOf(e)))
	n.set("metadata/product/vendor_name", Text(vendorOf(e)))
	if e.Channel != "" {
		n.set("metadata/log_name", Text(e.Channel))
		n.set("metadata/event_code", Text(Int(int64(e.ID)).Text))
	}
	n.set("device/hostname", Text(e.Computer))
	n.set("device/type_id", Int(0))
	n.set("device/os/name", Text("Windows"))
	n.set("device/os/type_id", Int(100))
	return o.node, true
}

func productOf(e *Event) string {
	switch {
	case e.Channel == SysmonChannel:
		return "Sysmon"
	case e.Source.Category == "proxy":
		return "proxy"
	}
	return Product
}

func vendorOf(e *Event) string {
	if e.Channel == SysmonChannel {
		return "Microsoft"
	}
	return Product
}

// object is what is being made of an event.
type object struct{ node }

// put sets a text that is there.
func (o *object) put(path, s string) {
	if s != "" {
		o.set(path, Text(s))
	}
}

// file describes a file.
func (o *object) file(path, name string) {
	o.put(path+"/path", name)
	o.put(path+"/name", trace.BaseName(name))
	o.set(path+"/type_id", Int(1))
}

// hashes lists digests out of Sysmon's form of them.
func (o *object) hashes(path, text string) {
	list := node{list: true}
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(part, "=")
		id, known := map[string]int64{"MD5": 1, "SHA1": 2, "SHA256": 3}[name]
		if !known {
			continue
		}
		var f node
		f.set("algorithm_id", Int(id))
		f.set("algorithm", Text(map[int64]string{1: "MD5", 2: "SHA-1", 3: "SHA-256"}[id]))
		f.set("value", Text(value))
		list.nodes = append(list.nodes, f)
	}
	if len(list.nodes) > 0 {
		*o.make(path) = list
	}
}

// process describes a process: its identifiers, program and user.
func (o *object) process(path string, guid string, pid int64, image, user string) {
	o.set(path+"/pid", Int(pid))
	o.put(path+"/uid", strings.Trim(guid, "{}"))
	o.put(path+"/name", trace.BaseName(image))
	o.file(path+"/file", image)
	if domain, name, ok := strings.Cut(user, `\`); ok {
		o.put(path+"/user/name", name)
		o.put(path+"/user/domain", domain)
	}
}

// actor describes the process that did it.
func (o *object) actor(r record) {
	o.process("actor/process", r.text("ProcessGuid"), r.int("ProcessId"), r.text("Image"), r.text("User"))
}
