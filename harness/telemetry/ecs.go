package telemetry

import (
	"strings"

	"sidetrace/emulator/trace"
)

// This file names fields as the Elastic Common Schema does.
//
// https://www.elastic.co/docs/reference/ecs

// ecs adds what ECS has a name for, of Sysmon's events and of a proxy's records.
func (o *object) ecs(r record) {
	if r.Source.Category == "proxy" {
		o.ecsProxy(r)
		return
	}
	if r.schema() == nil {
		return
	}
	kind := func(category, action string, types ...string) {
		o.words("event/category", category)
		o.words("event/type", types...)
		o.put("event/action", action)
	}
	if image := r.text("Image"); image != "" {
		o.ecsProcess("process", r, "ProcessGuid", "ProcessId", "Image")
	}
	if domain, name, ok := strings.Cut(r.text("User"), `\`); ok {
		o.put("user/domain", domain)
		o.put("user/name", name)
	}
	switch r.ID {
	case 1:
		kind("process", "start", "start")
		o.put("process/command_line", r.text("CommandLine"))
		o.put("process/working_directory", r.text("CurrentDirectory"))
		o.ecsFile("process", r)
		o.ecsProcess("process/parent", r, "ParentProcessGuid", "ParentProcessId", "ParentImage")
		o.put("process/parent/command_line", r.text("ParentCommandLine"))
	case 5:
		kind("process", "end", "end")
	case 8, 10:
		kind("process", map[int]string{8: "remote_thread", 10: "access"}[r.ID], map[int]string{8: "change", 10: "access"}[r.ID])
		o.ecsProcess("process", r, map[int]string{8: "SourceProcessGuid", 10: "SourceProcessGUID"}[r.ID], "SourceProcessId", "SourceImage")
	case 25:
		kind("process", "tampering", "change")
	case 7:
		kind("library", "load", "start")
		path := r.text("ImageLoaded")
		o.put("dll/path", path)
		o.put("dll/name", trace.BaseName(path))
		o.ecsFile("dll", r)
		signed := r.text("Signed") == "true"
		o.set("dll/code_signature/exists", Bool(signed))
		if signed {
			valid := r.text("SignatureStatus") == "Valid"
			o.put("dll/code_signature/subject_name", r.text("Signature"))
			o.put("dll/code_signature/status", r.text("SignatureStatus"))
			o.set("dll/code_signature/valid", Bool(valid))
			o.set("dll/code_signature/trusted", Bool(valid))
		}
	case 3:
		kind("network", "connection_attempted", "start", "connection")
		o.put("network/transport", r.text("Protocol"))
		o.put("network/direction", "egress")
		o.put("source/ip", r.text("SourceIp"))
		o.set("source/port", Int(r.int("SourcePort")))
		o.put("destination/ip", r.text("DestinationIp"))
		o.put("destination/domain", r.text("DestinationHostname"))
		o.set("destination/port", Int(r.int("DestinationPort")))
	case 22:
		kind("network", "lookup_requested", "connection", "protocol", "info")
		o.put("network/protocol", "dns")
		o.put("dns/question/name", r.text("QueryName"))
		var addresses []string
		for answer := range strings.SplitSeq(r.text("QueryResults"), ";") {
			if answer != "" && !strings.HasPrefix(answer, "type:") {
				addresses = append(addresses, strings.TrimPrefix(answer, "::ffff:"))
			}
		}
		o.words("dns/resolved_ip", addresses...)
	case 11, 15, 29:
		kind("file", "creation", "creation")
		o.ecsTarget(r)
	case 23, 26:
		kind("file", "deletion", "deletion")
		o.ecsTarget(r)
	case 17, 18:
		kind("file", map[int]string{17: "pipe_creation", 18: "pipe_connection"}[r.ID], map[int]string{17: "creation", 18: "access"}[r.ID])
		o.put("file/name", r.text("PipeName"))
	case 12, 13, 14:
		change := map[string]string{"CreateKey": "creation", "DeleteKey": "deletion", "DeleteValue": "deletion"}[r.text("EventType")]
		if change == "" {
			change = "change"
		}
		kind("registry", r.text("EventType"), change)
		o.ecsRegistry(r)
	}
}

// words sets a list of words.
func (o *object) words(path string, words ...string) {
	list := node{list: true}
	for _, w := range words {
		list.nodes = append(list.nodes, node{value: Text(w)})
	}
	if len(words) > 0 {
		*o.make(path) = list
	}
}

func (o *object) ecsProcess(path string, r record, guid, pid, image string) {
	o.put(path+"/entity_id", r.text(guid))
	o.set(path+"/pid", Int(r.int(pid)))
	o.put(path+"/executable", r.text(image))
	o.put(path+"/name", trace.BaseName(r.text(image)))
}

// ecsFile is what a file says of itself.
func (o *object) ecsFile(path string, r record) {
	o.ecsHashes(path, r.text("Hashes"))
	for _, f := range [...][2]string{
		{"file_version", "FileVersion"}, {"description", "Description"}, {"product", "Product"}, {"company", "Company"}, {"original_file_name", "OriginalFileName"},
	} {
		o.put(path+"/pe/"+f[0], r.text(f[1]))
	}
}

func (o *object) ecsHashes(path, hashes string) {
	for part := range strings.SplitSeq(hashes, ",") {
		switch name, value, _ := strings.Cut(strings.ToLower(part), "="); name {
		case "md5", "sha1", "sha256":
			o.put(path+"/hash/"+name, value)
		case "imphash":
			if strings.Trim(value, "0") != "" {
				o.put(path+"/pe/imphash", value)
			}
		}
	}
}

// ecsTarget is the file that an event is about.
func (o *object) ecsTarget(r record) {
	path := r.text("TargetFilename")
	o.put("file/path", path)
	name := trace.BaseName(path)
	o.put("file/name", name)
	o.put("file/directory", strings.TrimSuffix(folder(path), `\`))
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		o.put("file/extension", name[i+1:])
	}
	o.ecsHashes("file", r.text("Hashes")+","+r.text("Hash"))
}

func (o *object) ecsRegistry(r record) {
	path := r.text("TargetObject")
	hive, key, _ := strings.Cut(path, `\`)
	o.put("registry/path", path)
	o.put("registry/hive", hive)
	switch r.text("EventType") {
	case "SetValue", "DeleteValue":
		o.put("registry/value", trace.BaseName(path))
		key = strings.TrimSuffix(folder(key), `\`)
		if d := r.text("Details"); d != "" && d != "Binary Data" {
			o.words("registry/data/strings", d)
		}
	}
	o.put("registry/key", key)
}

func (o *object) ecsProxy(r record) {
	o.words("event/category", "web", "network")
	o.words("event/type", "access")
	o.put("http/request/method", r.text("cs-method"))
	o.put("http/request/referrer", r.text("cs-referrer"))
	o.set("http/request/body/bytes", Int(r.int("cs-bytes")))
	if status := r.int("sc-status"); status != 0 {
		o.set("http/response/status_code", Int(status))
	}
	o.put("url/full", r.text("c-uri"))
	o.put("url/domain", r.text("cs-host"))
	o.put("url/path", r.text("c-uri-stem"))
	o.put("url/query", r.text("c-uri-query"))
	o.put("url/extension", r.text("c-uri-extension"))
	o.put("user_agent/original", r.text("c-useragent"))
	o.put("source/ip", r.text("src_ip"))
	o.put("destination/domain", r.text("cs-host"))
}
