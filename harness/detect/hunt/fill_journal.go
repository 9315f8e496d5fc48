package hunt

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"sidetrace/harness/telemetry"
)

// event makes the rows of one event, of Sysmon, of a proxy or of the stream of
// behaviours.
func (f *filler) event(e *event) {
	if account := e.text("User"); account != "" && f.user == "" && !strings.HasPrefix(strings.ToUpper(account), "NT AUTHORITY") {
		f.user = account[strings.LastIndexByte(account, '\\')+1:]
	}
	if e.Source.Product == telemetry.Product {
		f.behaviour(e)
		return
	}
	switch e.Source.Category {
	case "process_creation":
		f.started(e)
	case "process_termination":
		p := f.process(e)
		p.ended = e.unix()
		if p.journal != nil {
			p.journal["end_time"] = p.ended
		}
	case "image_load":
		f.loaded(e)
	case "dns_query":
		f.resolved(e)
	case "network_connection":
		f.connected(e)
	case "proxy":
		f.requested(e)
	case "file_event", "file_executable_detected", "create_stream_hash":
		f.touched(e, 0)
	case "file_delete", "file_delete_detected":
		f.touched(e, 2)
	case "file_change":
		f.touched(e, 3)
	case "file_access":
		f.touched(e, 8)
	case "registry_add", "registry_delete", "registry_set", "registry_rename", "registry_event":
		f.changed(e)
	case "pipe_created":
		p := f.process(e)
		if name := e.text("PipeName"); name != "" && f.once("pipes", e.Seq) {
			f.add("pipes", e.Seq, row{"pid": p.pid, "name": strings.TrimPrefix(name, `\`), "instances": int64(1)})
		}
	}
}

// behaviour makes the rows of what other sensors do not see: files that were
// read and written, and requests where there was no proxy.
func (f *filler) behaviour(e *event) {
	switch category := e.Source.Category; {
	case e.Source.Service != telemetry.ServiceBehaviour:
	case category == "file_read":
		f.touched(e, 8)
	case category == "file_write":
		f.touched(e, 3)
	case category == "dns_query" && !f.sensed[e.Seq]:
		f.resolved(e)
	case category == "http_request" && !f.sensed[e.Seq]:
		f.requested(e)
	}
}

func (f *filler) started(e *event) {
	pid := e.number("ProcessId")
	p := &process{pid: pid, image: e.text("Image"), cmdline: e.text("CommandLine"), start: e.unix(), filetime: filetime(e.Time), user: e.text("User"),
		product: e.text("Product"), original: e.text("OriginalFileName")}
	f.processes[pid] = p
	f.order = append(f.order, p)
	parent := f.processOf(e.number("ParentProcessId"), e.text("ParentImage"), e)
	if parent.journal == nil && parent.cmdline == "" {
		parent.cmdline = e.text("ParentCommandLine")
	}
	p.parent = parent.pid
	r := row{"time": p.start, "event_type": int64(0), "pid": pid, "process_start_time": p.start, "sophos_pid": p.sophosPID(), "end_time": int64(0),
		"process_name": base(p.image), "path": p.image, "cmd_line": p.cmdline, "sid": f.sid, "parent_sophos_pid": parent.sophosPID(), "sha256": e.hash("SHA256"), "sha1": e.hash("SHA1")}
	if x := f.known(p.image); x != nil {
		r["sha256"], r["sha1"], r["file_size"] = x.sha256, x.sha1, x.size
	}
	p.journal = r
	f.add("sophos_process_journal", e.Seq, r)
	lake := row{"name": base(p.image), "path": p.image, "cmdline": p.cmdline, "pid": pid, "sophos_pid": p.sophosPID(), "parent": parent.pid, "parent_name": base(parent.image),
		"parent_path": parent.image, "parent_cmdline": parent.cmdline, "parent_sophos_pid": parent.sophosPID(), "username": e.text("User"), "sid": f.sid,
		"sha256": r["sha256"], "sha1": r["sha1"], "md5": e.hash("MD5"), "file_size": r["file_size"], "original_filename": p.original, "product_name": p.product}
	f.add("xdr_data", e.Seq, f.lakeRow("running_processes_windows_sophos", p.start, reputation(lake)))
}

func (f *filler) loaded(e *event) {
	path := e.text("ImageLoaded")
	r, p := f.who(e, row{"event_type": int64(0), "path": path, "file": base(path), "sha256": e.hash("SHA256"), "signer": nilled(e.text("Signature")), "signed": int64(0)})
	if e.text("Signed") == "true" {
		r["signed"] = int64(1)
	}
	if x := f.known(path); x != nil {
		r["sha256"], r["file_size"] = x.sha256, x.size
	}
	f.add("sophos_image_journal", e.Seq, r)
	f.add("process_memory_map", e.Seq, row{"pid": p.pid, "path": path, "permissions": "r-x", "pseudo": int64(0), "offset": int64(0)})
	if x := f.file(path); e.text("SignatureStatus", "Signature", "Signed") != "" {
		x.signed, x.signer, x.status = e.text("Signed") == "true", e.text("Signature"), e.text("SignatureStatus")
	}
}

func (f *filler) resolved(e *event) {
	if !f.once("sophos_dns_journal", e.Seq) {
		return
	}
	name := strings.TrimSuffix(e.text("QueryName", "name"), ".")
	var addresses []string
	for _, a := range strings.FieldsFunc(e.text("QueryResults", "results"), func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
		if a = strings.TrimPrefix(a, "::ffff:"); strings.ContainsAny(a, ".:") {
			addresses = append(addresses, a)
		}
	}
	r, _ := f.who(e, row{"name": name, "responses": strings.Join(addresses, ","), "status": e.number("QueryStatus")})
	f.add("sophos_dns_journal", e.Seq, r)
	if len(addresses) > 0 {
		f.addresses[strings.ToLower(name)] = addresses[0]
		f.add("dns_cache", e.Seq, row{"name": name, "type": "A", "flags": int64(0)})
	}
}

func (f *filler) connected(e *event) {
	if !f.once("sophos_network_journal", e.Seq) {
		return
	}
	destination := e.text("DestinationIp", "address")
	port := e.number("DestinationPort", "port")
	source := cmp.Or(e.text("SourceIp"), f.address)
	protocol := e.text("Protocol", "protocol")
	connection := func() (row, *process) {
		return f.who(e, row{"protocol": protocol, "source": source, "source_port": e.number("SourcePort"), "destination": destination, "destination_port": port})
	}
	r, p := connection()
	r["start_time"], r["data_sent"], r["data_recv"] = e.unix(), int64(0), int64(0)
	f.add("sophos_network_journal", e.Seq, r)
	r, _ = connection()
	f.add("sophos_ip_journal", e.Seq, r)

	family, number := int64(2), int64(6)
	if strings.Contains(destination, ":") {
		family = 23
	}
	if protocol == "udp" {
		number = 17
	}
	f.add("process_open_sockets", e.Seq, row{"pid": p.pid, "fd": int64(0), "socket": int64(0), "family": family, "protocol": number, "local_address": source,
		"remote_address": destination, "local_port": e.number("SourcePort"), "remote_port": port, "path": "", "state": "ESTABLISHED"})
	program := row{"name": base(p.image), "path": p.image, "cmdline": p.cmdline, "pid": p.pid, "sophos_pid": p.sophosPID(), "protocol": protocol,
		"local_address": source, "local_port": e.number("SourcePort"), "remote_address": destination, "remote_port": port, "state": "ESTABLISHED"}
	f.add("xdr_data", e.Seq, f.lakeRow("open_sockets", e.unix(), program))
	f.add("xdr_data", e.Seq, f.lakeRow("sophos_ips_windows", e.unix(), row{"pids": strconv.FormatInt(p.pid, 10), "sophos_pids": p.sophosPID(), "source_ip": source,
		"source_port": e.number("SourcePort"), "destination_ip": destination, "destination_port": port, "protocol": protocol}))
}

func (f *filler) requested(e *event) {
	if !f.once("sophos_http_journal", e.Seq) {
		return
	}
	address := e.text("c-uri", "url")
	host := e.text("cs-host", "host", "r-dns")
	port := int64(80)
	if u, err := url.Parse(address); err == nil {
		host = cmp.Or(u.Hostname(), host)
		if u.Scheme == "https" {
			port = 443
		}
		if n, err := strconv.ParseInt(u.Port(), 10, 32); err == nil {
			port = n
		}
	}
	// A proxy does not know the process. The program of the run is the first
	// that was started; a log has none.
	p := f.process(e)
	if p.pid == 0 && p.image == "" {
		for _, q := range f.order {
			if q.journal != nil {
				p = q
				break
			}
		}
	}
	headers := e.text("headers")
	if headers == "" {
		for _, h := range [][2]string{{"Host", host}, {"User-Agent", e.text("c-useragent", "user_agent")}, {"Cookie", e.text("cs-cookie", "cookie")}, {"Referer", e.text("cs-referrer")}} {
			if h[1] != "" {
				headers += h[0] + ": " + h[1] + "\r\n"
			}
		}
	}
	who := func(r row) row {
		r["time"], r["pid"], r["process_start_time"], r["sophos_pid"] = e.unix(), p.pid, p.start, p.sophosPID()
		return r
	}
	method := e.text("cs-method", "method")
	f.add("sophos_http_journal", e.Seq, who(row{"method": method, "url": address, "headers": headers, "source": f.address, "source_port": int64(0),
		"destination": nilled(f.addresses[strings.ToLower(host)]), "destination_port": port}))
	f.add("sophos_url_journal", e.Seq, who(row{"url": address, "domain": host}))
	f.flows++
	f.add("sophos_web_flow_journal", e.Seq, who(row{"flow_id": f.flows, "owner": p.image}))
	f.add("sophos_web_transaction_journal", e.Seq, row{"time": e.unix(), "flow_id": f.flows, "method": method, "url": address, "status_code": e.number("sc-status", "status"),
		"user_agent": e.text("c-useragent", "user_agent"), "request_headers": headersJSON(headers), "response_headers": "{}", "file_type": "", "content_type": "", "referrer": e.text("cs-referrer")})
	clean := address
	if i := strings.IndexAny(clean, "?#"); i >= 0 {
		clean = clean[:i]
	}
	f.add("xdr_data", e.Seq, f.lakeRow("sophos_urls_windows", e.unix(), row{"pids": strconv.FormatInt(p.pid, 10), "sophos_pids": p.sophosPID(), "domain": host, "clean_urls": clean}))
}

// headersJSON is headers as an object of JSON.
func headersJSON(headers string) string {
	object := map[string]string{}
	for line := range strings.SplitSeq(headers, "\r\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			object[name] = strings.TrimSpace(value)
		}
	}
	text, _ := json.Marshal(object) // strings always have a form
	return string(text)
}

// touched is what was done to a file; done is an event_type of its journal.
func (f *filler) touched(e *event, done int64) {
	path := e.text("TargetFilename", "path", "FileName")
	if path == "" || !f.once("sophos_file_journal:"+strconv.FormatInt(done, 10), e.Seq) {
		return
	}
	x := f.file(path)
	switch done {
	case 0:
		x.created, x.changed, x.gone = e.unix(), e.unix(), false
	case 2:
		x.gone = true
	case 3:
		x.changed = e.unix()
	}
	class, kind := int64(4), "Other"
	switch strings.ToLower(path[strings.LastIndexByte(path, '.')+1:]) {
	case "exe", "dll", "sys", "ocx", "scr", "cpl", "com", "drv":
		class, kind = 2, "Binary"
	case "doc", "docx", "xls", "xlsx", "pdf", "txt", "zip", "7z", "rar", "jpg", "png", "ps1", "bat", "vbs", "js":
		class, kind = 3, "Data"
	}
	subject := "File" + kind + "Changes"
	if done == 8 {
		subject = "File" + kind + "Reads"
	}
	r, _ := f.who(e, row{"subject": subject, "event_type": done, "path": path, "file": base(path), "file_type_class": class, "file_attributes": int64(32), "sha256": e.hash("SHA256"),
		"creation_time": x.created, "last_access_time": e.unix(), "last_write_time": x.changed, "change_time": x.changed})
	if x.size >= 0 {
		r["sha256"], r["file_size"] = x.sha256, x.size
	}
	f.add("sophos_file_journal", e.Seq, r)
}

// changed is what was done to the registry.
func (f *filler) changed(e *event) {
	object := e.text("TargetObject", "path")
	keyName, value := object, ""
	what := int64(0)
	isValue := false
	switch kind := e.text("EventType"); {
	case kind == "SetValue" || e.Source.Category == "registry_set":
		what, isValue = 5, true
	case kind == "DeleteValue":
		what, isValue = 6, true
	case strings.HasPrefix(kind, "Rename"):
		what = 1
	case strings.HasPrefix(kind, "Delete"):
		what = 2
	}
	if isValue {
		keyName, value = directory(object), base(object)
	}
	r, _ := f.who(e, row{"event_type": what, "key_name": kernelKey(keyName), "value_name": value, "value": nilled(e.text("Details", "data")), "new_name": nilled(e.text("NewName"))})
	f.add("sophos_registry_journal", e.Seq, r)
	if what == 5 {
		f.add("registry", e.Seq, row{"key": longKey(keyName), "path": longKey(object), "name": value, "type": registryType(e.text("Details")), "data": e.text("Details", "data"), "mtime": e.unix()})
	}
}

// kernelKey is a key of Sysmon as the kernel names it.
func kernelKey(k string) string {
	for short, long := range map[string]string{`HKLM`: `\REGISTRY\MACHINE`, `HKU`: `\REGISTRY\USER`, `HKCR`: `\REGISTRY\MACHINE\SOFTWARE\Classes`, `HKCU`: `\REGISTRY\USER\` + telemetry.DefaultSID} {
		if k == short || strings.HasPrefix(k, short+`\`) {
			return long + k[len(short):]
		}
	}
	return k
}

// longKey is a key of Sysmon as osquery names it.
func longKey(k string) string {
	for short, long := range map[string]string{`HKLM`: `HKEY_LOCAL_MACHINE`, `HKU`: `HKEY_USERS`, `HKCR`: `HKEY_CLASSES_ROOT`, `HKCU`: `HKEY_CURRENT_USER`} {
		if k == short || strings.HasPrefix(k, short+`\`) {
			return long + k[len(short):]
		}
	}
	return k
}

func registryType(details string) string {
	switch {
	case strings.HasPrefix(details, "DWORD ("):
		return "REG_DWORD"
	case strings.HasPrefix(details, "QWORD ("):
		return "REG_QWORD"
	case details == "Binary Data":
		return "REG_BINARY"
	}
	return "REG_SZ"
}

// nilled is a text, NULL if there is none.
func nilled(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// finish makes the rows of what there was at the end.
func (f *filler) finish() {
	for _, p := range f.order {
		if p.pid == 0 && p.image == "" {
			continue
		}
		state := "STILL_ACTIVE"
		if p.ended != 0 {
			state = "EXITED"
		}
		onDisk := int64(0)
		if f.known(p.image) != nil {
			onDisk = 1
		}
		f.add("processes", 0, row{"pid": p.pid, "name": base(p.image), "path": p.image, "cmdline": p.cmdline, "state": state, "cwd": directory(p.image), "root": directory(p.image),
			"on_disk": onDisk, "start_time": p.start, "parent": p.parent, "uid": int64(1001), "gid": int64(513), "euid": int64(-1), "egid": int64(-1), "elevated_token": int64(0), "threads": int64(1)})
	}
	for _, name := range f.paths {
		x := f.files[name]
		if x.gone || x.path == "" {
			continue
		}
		r := row{"path": x.path, "directory": directory(x.path), "filename": base(x.path), "atime": x.changed, "mtime": x.changed, "ctime": x.changed, "btime": x.created,
			"type": "regular", "attributes": "A", "product_version": nilled(x.version), "file_version": nilled(x.version), "original_filename": nilled(x.original)}
		if x.size >= 0 {
			r["size"] = x.size
		}
		f.add("file", 0, r)
		if x.size < 0 {
			continue
		}
		f.add("hash", 0, row{"path": x.path, "directory": directory(x.path), "md5": x.md5, "sha1": x.sha1, "sha256": x.sha256})
		result := "missing"
		switch {
		case x.signed && (x.status == "Valid" || x.status == ""):
			result = "trusted"
		case x.signed:
			result = "untrusted"
		}
		f.add("authenticode", 0, row{"path": x.path, "original_program_name": nilled(x.productName), "subject_name": nilled(x.signer), "result": result})
	}
	f.user = cmp.Or(f.user, "user")
	f.add("users", 0, row{"uid": int64(1001), "gid": int64(513), "username": f.user, "description": "", "directory": `C:\Users\` + f.user, "shell": `C:\Windows\system32\cmd.exe`, "uuid": f.sid, "type": "local"})
	f.add("users", 0, row{"uid": int64(18), "gid": int64(18), "username": "SYSTEM", "description": "", "directory": `%systemroot%\system32\config\systemprofile`, "shell": `C:\Windows\system32\cmd.exe`, "uuid": "S-1-5-18", "type": "special"})
	f.add("system_info", 0, row{"hostname": f.computer, "computer_name": f.computer, "cpu_type": "x86_64"})
	f.add("os_version", 0, row{"name": "Microsoft Windows", "platform": "windows", "arch": "64-bit"})
	f.add("interface_addresses", 0, row{"interface": "1", "address": f.address, "mask": "255.255.255.0", "friendly_name": "Ethernet"})
}
