package telemetry

import (
	"fmt"
	"strings"
)

// content fills in what an event is about.
func (o *object) content(r record) (class, bool) {
	switch {
	case r.Channel == SysmonChannel:
		return o.sysmon(r)
	case r.Source.Category == "proxy":
		return o.http(r), true
	case r.Source.Product == Product && r.Source.Service == ServiceBehaviour:
		return o.behaviour(r)
	}
	return class{}, false
}

func (o *object) sysmon(r record) (class, bool) {
	switch r.ID {
	case 1:
		o.process("process", r.text("ProcessGuid"), r.int("ProcessId"), r.text("Image"), r.text("User"))
		o.hashes("process/file/hashes", r.text("Hashes"))
		o.put("process/file/version", r.text("FileVersion"))
		o.put("process/file/desc", r.text("Description"))
		o.put("process/file/company_name", r.text("Company"))
		o.put("process/file/internal_name", r.text("OriginalFileName"))
		o.put("process/cmd_line", r.text("CommandLine"))
		o.put("process/working_directory", r.text("CurrentDirectory"))
		o.put("process/integrity", r.text("IntegrityLevel"))
		o.process("actor/process", r.text("ParentProcessGuid"), r.int("ParentProcessId"), r.text("ParentImage"), r.text("ParentUser"))
		o.put("actor/process/cmd_line", r.text("ParentCommandLine"))
		return processLaunch, true
	case 5, 25:
		o.process("process", r.text("ProcessGuid"), r.int("ProcessId"), r.text("Image"), r.text("User"))
		o.actor(r)
		if r.ID == 25 {
			return processInject, true
		}
		return processTerminate, true
	case 8, 10:
		guid := "Guid"
		if r.ID == 10 {
			guid = "GUID"
		}
		o.process("actor/process", r.text("SourceProcess"+guid), r.int("SourceProcessId"), r.text("SourceImage"), r.text("SourceUser"))
		o.process("process", r.text("TargetProcess"+guid), r.int("TargetProcessId"), r.text("TargetImage"), r.text("TargetUser"))
		if r.ID == 10 {
			return processOpen, true
		}
		o.put("module/function_name", r.text("StartFunction"))
		o.put("module/start_address", r.text("StartAddress"))
		o.set("injection_type_id", Int(1))
		o.set("injection_type", Text("Remote Thread"))
		return processInject, true
	}
	o.actor(r)
	switch r.ID {
	case 7:
		o.file("module/file", r.text("ImageLoaded"))
		o.hashes("module/file/hashes", r.text("Hashes"))
		o.put("module/file/version", r.text("FileVersion"))
		o.put("module/file/desc", r.text("Description"))
		o.put("module/file/company_name", r.text("Company"))
		o.put("module/file/internal_name", r.text("OriginalFileName"))
		if r.text("Signed") == "true" {
			o.put("module/file/signature/certificate/subject", r.text("Signature"))
			o.set("module/file/signature/algorithm_id", Int(4)) // Authenticode
			o.put("module/file/signature/state", r.text("SignatureStatus"))
		}
		o.set("module/load_type_id", Int(1))
		o.set("module/load_type", Text("Standard"))
		return moduleLoad, true
	case 3:
		o.set("connection_info/protocol_name", Text(r.text("Protocol")))
		o.set("connection_info/direction_id", Int(2))
		o.set("connection_info/direction", Text("Outbound"))
		o.put("src_endpoint/ip", r.text("SourceIp"))
		o.put("src_endpoint/hostname", r.text("SourceHostname"))
		o.set("src_endpoint/port", Int(r.int("SourcePort")))
		o.put("dst_endpoint/ip", r.text("DestinationIp"))
		o.put("dst_endpoint/hostname", r.text("DestinationHostname"))
		o.set("dst_endpoint/port", Int(r.int("DestinationPort")))
		return networkOpen, true
	case 22:
		o.dns(r)
		return dnsTraffic, true
	case 11, 15, 23, 26, 29:
		o.file("file", r.text("TargetFilename"))
		o.hashes("file/hashes", r.text("Hashes")+","+r.text("Hash"))
		if r.ID == 23 || r.ID == 26 {
			return fileDelete, true
		}
		return fileCreate, true
	case 17, 18:
		o.file("file", r.text("PipeName"))
		o.set("file/type_id", Int(6)) // a named pipe
		if r.ID == 18 {
			return fileOpen, true
		}
		return fileCreate, true
	case 12, 13, 14:
		return o.registry(r), true
	}
	return class{}, false
}

func (o *object) dns(r record) {
	o.put("query/hostname", r.text("QueryName"))
	o.set("rcode_id", Int(0))
	if r.int("QueryStatus") != 0 {
		o.set("rcode_id", Int(3))
	}
	answers := node{list: true}
	for answer := range strings.SplitSeq(r.text("QueryResults"), ";") {
		if answer != "" {
			var n node
			n.set("rdata", Text(strings.TrimPrefix(answer, "::ffff:")))
			answers.nodes = append(answers.nodes, n)
		}
	}
	if len(answers.nodes) > 0 {
		*o.make("answers") = answers
	}
}

func (o *object) registry(r record) class {
	path := r.text("TargetObject")
	switch r.text("EventType") {
	case "CreateKey":
		o.put("reg_key/path", path)
		return keyCreate
	case "DeleteKey":
		o.put("reg_key/path", path)
		return keyDelete
	case "DeleteValue":
		o.value(path, "")
		return valueDelete
	case "RenameKey":
		o.put("prev_reg_key/path", path)
		o.put("reg_key/path", r.text("NewName"))
		return keyRename
	}
	o.value(path, r.text("Details"))
	return valueSet
}

func (o *object) value(path, data string) {
	o.set("reg_value/path", Text(strings.TrimSuffix(folder(path), `\`)))
	o.put("reg_value/name", path[len(folder(path)):])
	o.put("reg_value/data", data)
}

func (o *object) http(r record) class {
	o.put("http_request/http_method", r.text("cs-method"))
	o.put("http_request/user_agent", r.text("c-useragent"))
	o.put("http_request/referrer", r.text("cs-referrer"))
	o.put("http_request/url/url_string", r.text("c-uri"))
	o.put("http_request/url/hostname", r.text("cs-host"))
	o.put("http_request/url/path", r.text("c-uri-stem"))
	o.put("http_request/url/query_string", r.text("c-uri-query"))
	o.set("http_response/code", Int(r.int("sc-status")))
	o.put("src_endpoint/ip", r.text("src_ip"))
	o.put("dst_endpoint/hostname", r.text("r-dns"))
	if cookies := r.text("cs-cookie"); cookies != "" {
		list := node{list: true}
		for cookie := range strings.SplitSeq(cookies, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(cookie), "=")
			var n node
			n.set("name", Text(name))
			n.set("value", Text(value))
			list.nodes = append(list.nodes, n)
		}
		*o.make("http_cookies") = list
	}
	return httpClass(r.text("cs-method"))
}

// behaviour takes behaviours that Sysmon has no event for.
func (o *object) behaviour(r record) (class, bool) {
	memory := func(c class) (class, bool) {
		o.set("base_address", Text(fmt.Sprintf("%#x", uint64(r.int("address")))))
		o.set("size", Int(r.int("size")))
		o.put("unmapped/protection", r.text("protection"))
		return c, true
	}
	other := func() { o.process("process", "", r.int("id"), r.text("image"), "") }
	self := func() { o.process("process", "", r.int("ProcessId"), r.text("Image"), r.text("User")) }
	o.actor(r)
	switch r.Source.Category {
	case "memory_alloc":
		self()
		return memory(memoryAllocate)
	case "memory_protect":
		self()
		return memory(memoryModify)
	case "process_memory":
		other()
		if op := r.text("operation"); op == "allocate" || op == "map" {
			return memory(memoryAllocate)
		}
		return memory(memoryModify)
	case "process_write_memory":
		other()
		return memory(memoryWrite)
	case "thread_hijack":
		o.process("process", "", r.int("process"), r.text("image"), "")
		o.set("injection_type_id", Int(99))
		o.put("injection_type", r.text("method"))
		return processInject, true
	case "file_read", "file_write":
		o.file("file", r.text("path"))
		if r.Source.Category == "file_write" {
			return fileUpdate, true
		}
		return fileRead, true
	case "registry_read":
		o.value(r.text("path"), r.text("data"))
		return valueGet, true
	case "event_create", "mutex_create":
		o.put("kernel/name", r.text("name"))
		o.set("kernel/type_id", Int(map[string]int64{"mutex_create": 1}[r.Source.Category]))
		if r.Source.Category == "event_create" {
			o.set("kernel/type_id", Int(99))
			o.set("kernel/type", Text("Event"))
		}
		return kernelCreate, true
	}
	return class{}, false
}
