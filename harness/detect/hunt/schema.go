package hunt

// Shape is a family of tables: what product's queries read them.
type Shape string

// The shapes.
const (
	Journals Shape = "Live Discover" // an endpoint's journals, as osquery tables
	DataLake Shape = "Data Lake"     // one wide table that the endpoints' scheduled queries fill
	OSQuery  Shape = "osquery"       // osquery's own tables
)

// Table is a table that hunts may read.
type Table struct {
	Name    string
	Shape   Shape
	Meaning string
	Columns []Column
	view    string // the SELECT of a view; "" for a table
}

// Column is a column of a table.
type Column struct {
	Name    string
	Type    string // "TEXT" or "INTEGER"
	Old     string // the name it had before, which old queries use; "" if none
	Meaning string
}

// Tables lists the tables there are, in the order of the documentation. What a
// run does not show of them is NULL, or 0 where the product has a number.
func Tables() []Table { return tables }

// text and number make columns.

func text(name, old, meaning string) Column   { return Column{name, "TEXT", old, meaning} }
func number(name, old, meaning string) Column { return Column{name, "INTEGER", old, meaning} }

// with puts columns after those that all journals have.
func with(columns ...Column) []Column {
	return append([]Column{
		number("time", "", "when it happened, in seconds since 1970"),
		number("pid", "", "process identifier"),
		number("process_start_time", "processStartTime", "when the process started"),
		text("sophos_pid", "sophosPID", "process and when it started: pid:FILETIME"),
	}, columns...)
}

// connection are the columns of a connection.
func connection(more ...Column) []Column {
	return with(append([]Column{
		text("protocol", "", "tcp or udp"),
		text("source", "", "own address"),
		number("source_port", "sourcePort", ""),
		text("destination", "", "address"),
		number("destination_port", "destinationPort", ""),
	}, more...)...)
}

// tables is all there are. The column seq, which every table has at its end, is
// the number of the behaviour that a row shows.
var tables = []Table{
	{Name: "sophos_process_journal", Shape: Journals, Meaning: "Processes that started.", Columns: with(
		number("event_type", "eventType", "0: started"),
		number("end_time", "endTime", "when it ended; 0 if it did not"),
		text("process_name", "processName", "file name of its program"),
		text("path", "pathname", "path of its program"),
		text("cmd_line", "cmdLine", "command line"),
		text("sid", "", "of the user it runs as"),
		text("parent_sophos_pid", "parentSophosPID", "its parent"),
		text("sha256", "", "of its program"),
		text("sha1", "", "of its program"),
		number("file_size", "fileSize", "of its program"),
	)},
	{Name: "sophos_image_journal", Shape: Journals, Meaning: "Images that were loaded into processes.", Columns: with(
		number("event_type", "eventType", "0: loaded"),
		text("path", "pathname", "path of the image"),
		text("file", "", "its file name"),
		text("sha256", "", ""),
		number("file_size", "fileSize", ""),
		number("signed", "", "1 if it has a signature"),
		text("signer", "", "who signed it"),
	)},
	{Name: "sophos_network_journal", Shape: Journals, Meaning: "Connections, with what went over them.", Columns: connection(
		number("start_time", "startTime", "when it was made"),
		number("data_sent", "dataSent", "bytes"),
		number("data_recv", "dataRecv", "bytes"),
	)},
	{Name: "sophos_ip_journal", Shape: Journals, Meaning: "Connections.", Columns: connection()},
	{Name: "sophos_http_journal", Shape: Journals, Meaning: "HTTP requests.", Columns: with(
		text("method", "", ""),
		text("url", "", "the whole of it"),
		text("headers", "", "as text: Host, User-Agent, Cookie, …"),
		text("source", "", "own address"),
		number("source_port", "sourcePort", ""),
		text("destination", "", "address, where the name was looked up"),
		number("destination_port", "destinationPort", ""),
	)},
	{Name: "sophos_url_journal", Shape: Journals, Meaning: "URLs that processes asked for.", Columns: with(
		text("url", "", "the whole of it"),
		text("domain", "", "its host"),
	)},
	{Name: "sophos_web_transaction_journal", Shape: Journals, Meaning: "HTTP requests and their answers.", Columns: []Column{
		number("time", "", "when it happened, in seconds since 1970"),
		number("flow_id", "", "of sophos_web_flow_journal"),
		text("method", "", ""),
		text("url", "", ""),
		number("status_code", "", "of the answer; 0 if there was none"),
		text("user_agent", "", ""),
		text("request_headers", "", "JSON"),
		text("response_headers", "", "JSON"),
		text("file_type", "", ""),
		text("content_type", "", ""),
		text("referrer", "", ""),
	}},
	{Name: "sophos_web_flow_journal", Shape: Journals, Meaning: "The processes behind HTTP requests.", Columns: with(
		number("flow_id", "", "number of the request"),
		text("owner", "", "path of the program"),
	)},
	{Name: "sophos_dns_journal", Shape: Journals, Meaning: "Names that were looked up.", Columns: with(
		text("name", "", "host name"),
		text("responses", "", "addresses, with commas between them"),
		number("status", "", "0, or the error of DnsQuery"),
	)},
	{Name: "sophos_file_journal", Shape: Journals, Meaning: "Files that were made, changed, read and removed.", Columns: with(
		text("subject", "", "FileBinaryChanges, FileDataChanges, FileOtherChanges, FileBinaryReads, FileDataReads, FileOtherReads"),
		number("event_type", "eventType", "0 created, 1 renamed, 2 deleted, 3 modified, 8 accessed, 9 mapped"),
		text("path", "pathname", ""),
		text("file", "fileName", "file name"),
		text("target_path", "targetPathname", "after it was renamed"),
		number("file_size", "fileSize", "as it was left"),
		text("sha256", "", "as it was left"),
		text("pe_sha256", "peSha256", ""),
		number("file_type_class", "fileTypeClass", "2 binary, 3 data, 4 other"),
		number("file_attributes", "fileAttributes", ""),
		number("creation_time", "creationTime", ""),
		number("last_access_time", "lastAccessTime", ""),
		number("last_write_time", "lastWriteTime", ""),
		number("change_time", "changeTime", ""),
	)},
	{Name: "sophos_registry_journal", Shape: Journals, Meaning: "Changes of the registry.", Columns: with(
		number("event_type", "eventType", "0 key created, 1 renamed, 2 key deleted, 5 value set, 6 value deleted"),
		text("key_name", "keyName", `as the kernel writes it: \REGISTRY\MACHINE\…`),
		text("value_name", "valueName", ""),
		text("value", "", "what was set"),
		text("new_name", "newName", "after it was renamed"),
	)},
	{Name: "sophos_process_activity", Shape: Journals, Meaning: "All of the journals in one, a row for what a process did to an object.", Columns: with(
		text("subject", "", "Process, Image, Network, Http, Url, Dns, Registry, or that of the file journal"),
		text("action", "", "what was done"),
		text("object", "", "to what: path, name, URL, address, key"),
		text("url", "", "of requests"),
		text("process_name", "processName", "file name of the program"),
		text("path", "pathname", "path of the program"),
		text("target_sophos_pid", "targetSophosPID", "process that was started"),
		text("sha256", "", "of the object"),
		number("file_size", "fileSize", "of the object"),
	), view: activity},

	{Name: "xdr_data", Shape: DataLake, Meaning: "What the scheduled queries of endpoints brought in, told apart by query_name.", Columns: lake},
	{Name: "xdr_ext_data", Shape: DataLake, Meaning: "The same under the name that the vendor's analysts use.", Columns: lake, view: "SELECT * FROM xdr_data"},

	{Name: "processes", Shape: OSQuery, Meaning: "Processes that were running.", Columns: []Column{
		number("pid", "", ""), text("name", "", ""), text("path", "", ""), text("cmdline", "", ""), text("state", "", ""), text("cwd", "", ""),
		text("root", "", ""), number("uid", "", ""), number("gid", "", ""), number("euid", "", ""), number("egid", "", ""),
		number("on_disk", "", "1 if the program's file is there"), number("start_time", "", "in seconds since 1970"), number("parent", "", "pid"),
		number("elevated_token", "", ""), number("threads", "", ""),
	}},
	{Name: "file", Shape: OSQuery, Meaning: "Files, as they were at the end.", Columns: []Column{
		text("path", "", ""), text("directory", "", ""), text("filename", "", ""), number("size", "", ""), number("atime", "", ""), number("mtime", "", ""),
		number("ctime", "", ""), number("btime", "", "when it was made"), text("type", "", "regular"), text("attributes", "", "A"),
		text("product_version", "", ""), text("file_version", "", ""), text("original_filename", "", ""),
	}},
	{Name: "hash", Shape: OSQuery, Meaning: "Hashes of files.", Columns: []Column{
		text("path", "", ""), text("directory", "", ""), text("md5", "", ""), text("sha1", "", ""), text("sha256", "", ""),
	}},
	{Name: "authenticode", Shape: OSQuery, Meaning: "Signatures of files.", Columns: []Column{
		text("path", "", ""), text("original_program_name", "", ""), text("serial_number", "", ""), text("issuer_name", "", ""), text("subject_name", "", "who signed it"),
		text("result", "", "trusted, untrusted or missing"),
	}},
	{Name: "process_memory_map", Shape: OSQuery, Meaning: "Images in the memory of processes.", Columns: []Column{
		number("pid", "", ""), text("start", "", ""), text("end", "", ""), text("permissions", "", ""), number("offset", "", ""), text("device", "", ""),
		number("inode", "", ""), text("path", "", "of the image"), number("pseudo", "", ""),
	}},
	{Name: "process_open_sockets", Shape: OSQuery, Meaning: "Connections of processes.", Columns: []Column{
		number("pid", "", ""), number("fd", "", ""), number("socket", "", ""), number("family", "", "2 IPv4, 23 IPv6"), number("protocol", "", "6 TCP, 17 UDP"),
		text("local_address", "", ""), text("remote_address", "", ""), number("local_port", "", ""), number("remote_port", "", ""), text("path", "", ""),
		text("state", "", "ESTABLISHED"), text("net_namespace", "", ""),
	}},
	{Name: "registry", Shape: OSQuery, Meaning: "Values that the run set in the registry.", Columns: []Column{
		text("key", "", ""), text("path", "", "key and value"), text("name", "", "of the value"), text("type", "", "REG_SZ, …"), text("data", "", ""), number("mtime", "", ""),
	}},
	{Name: "dns_cache", Shape: OSQuery, Meaning: "Names that were looked up and found.", Columns: []Column{
		text("name", "", ""), text("type", "", "A"), number("flags", "", ""),
	}},
	{Name: "pipes", Shape: OSQuery, Meaning: "Named pipes.", Columns: []Column{
		number("pid", "", ""), text("name", "", ""), number("instances", "", ""), number("max_instances", "", ""), text("flags", "", ""),
	}},
	{Name: "users", Shape: OSQuery, Meaning: "Accounts of the machine.", Columns: []Column{
		number("uid", "", ""), number("gid", "", ""), text("username", "", ""), text("description", "", ""), text("directory", "", ""), text("shell", "", ""),
		text("uuid", "", "SID"), text("type", "", "local"),
	}},
	{Name: "system_info", Shape: OSQuery, Meaning: "The machine.", Columns: []Column{
		text("hostname", "", ""), text("computer_name", "", ""), text("uuid", "", ""), text("cpu_type", "", ""),
	}},
	{Name: "os_version", Shape: OSQuery, Meaning: "Its operating system.", Columns: []Column{
		text("name", "", ""), text("version", "", ""), text("build", "", ""), text("platform", "", "windows"), text("arch", "", ""),
	}},
	{Name: "interface_addresses", Shape: OSQuery, Meaning: "Its addresses.", Columns: []Column{
		text("interface", "", ""), text("address", "", ""), text("mask", "", ""), text("friendly_name", "", ""),
	}},
}

// lake are the columns of xdr_data: what every row has, then what some have.
var lake = []Column{
	text("query_name", "", "running_processes_windows_sophos, sophos_urls_windows, sophos_ips_windows, open_sockets"),
	number("time", "", "in seconds since 1970"),
	number("unix_time", "", ""), text("calendar_time", "", ""), number("epoch", "", ""), number("counter", "", ""), text("osquery_action", "", "added"), text("host_identifier", "", ""),
	text("meta_hostname", "", ""), text("meta_ip_address", "", ""), text("meta_public_ip", "", ""), text("meta_mac_address", "", ""), text("meta_ip_mask", "", ""),
	text("meta_username", "", ""), text("meta_os_name", "", ""), text("meta_os_platform", "", "windows"), text("meta_os_type", "", ""), text("meta_os_version", "", ""),
	text("meta_endpoint_type", "", ""), text("meta_eid", "", ""), number("meta_boot_time", "", ""), text("meta_query_pack_version", "", ""),
	text("customer_id", "", ""), text("endpoint_id", "", ""), text("licence", "", "MTR"), number("ingestion_timestamp", "", ""), number("upload_size", "", ""),
	text("name", "", "file name of the program"), text("path", "", ""), text("cmdline", "", ""), number("pid", "", ""), text("sophos_pid", "", ""),
	number("parent", "", "pid"), text("parent_name", "", ""), text("parent_path", "", ""), text("parent_cmdline", "", ""), text("parent_sophos_pid", "", ""),
	text("username", "", ""), text("sid", "", ""), number("uid", "", ""), number("gid", "", ""),
	text("md5", "", ""), text("sha1", "", ""), text("sha256", "", ""), number("file_size", "", ""), text("original_filename", "", ""), text("product_name", "", ""),
	text("is_process_file_signed", "", ""),
	number("global_rep", "", "-1: not known"), text("global_rep_data", "", ""), number("local_rep", "", "-1: not known"), text("local_rep_data", "", ""),
	number("ml_score", "", "-1: not known"), text("ml_score_data", "", ""), number("pua_score", "", "-1: not known"),
	text("pids", "", "with commas between them"), text("sophos_pids", "", "with commas between them"), text("domain", "", ""), text("clean_urls", "", "with commas between them"),
	text("source_ip", "", ""), text("destination_ip", "", ""), number("source_port", "", ""), number("destination_port", "", ""), text("protocol", "", ""),
	text("local_address", "", ""), number("local_port", "", ""), text("remote_address", "", ""), number("remote_port", "", ""), text("address", "", ""), number("port", "", ""),
	text("state", "", ""),
}

// activity is the union of the journals.
const activity = `
SELECT j.time, j.pid, j.process_start_time, j.sophos_pid, j.subject, j.action, j.object, j.url, p.process_name, p.path, j.target_sophos_pid, j.sha256, j.file_size,
  j.sophos_pid AS sophosPID, j.process_start_time AS processStartTime, p.process_name AS processName, p.path AS pathname,
  j.target_sophos_pid AS targetSophosPID, j.file_size AS fileSize, j.seq
FROM (
  SELECT c.time, coalesce(p.pid, c.pid) AS pid, p.process_start_time, c.parent_sophos_pid AS sophos_pid, 'Process' AS subject, 'created' AS action, c.path AS object,
    NULL AS url, c.sophos_pid AS target_sophos_pid, c.sha256, c.file_size, c.seq
    FROM sophos_process_journal c LEFT JOIN sophos_process_journal p ON p.sophos_pid = c.parent_sophos_pid
  UNION ALL SELECT time, pid, process_start_time, sophos_pid, 'Image', 'loaded', path, NULL, NULL, sha256, file_size, seq FROM sophos_image_journal
  UNION ALL SELECT time, pid, process_start_time, sophos_pid, 'Network', 'connected', destination, NULL, NULL, NULL, NULL, seq FROM sophos_network_journal
  UNION ALL SELECT time, pid, process_start_time, sophos_pid, 'Http', 'requested', url, url, NULL, NULL, NULL, seq FROM sophos_http_journal
  UNION ALL SELECT time, pid, process_start_time, sophos_pid, 'Url', 'requested', domain, url, NULL, NULL, NULL, seq FROM sophos_url_journal
  UNION ALL SELECT time, pid, process_start_time, sophos_pid, 'Dns', 'resolved', name, NULL, NULL, NULL, NULL, seq FROM sophos_dns_journal
  UNION ALL SELECT time, pid, process_start_time, sophos_pid, 'Registry',
    CASE event_type WHEN 0 THEN 'created' WHEN 1 THEN 'renamed' WHEN 5 THEN 'modified' ELSE 'deleted' END,
    CASE WHEN value_name > '' THEN key_name || '\' || value_name ELSE key_name END, NULL, NULL, NULL, NULL, seq FROM sophos_registry_journal
  UNION ALL SELECT time, pid, process_start_time, sophos_pid, subject,
    CASE event_type WHEN 0 THEN 'created' WHEN 1 THEN 'renamed' WHEN 2 THEN 'deleted' WHEN 8 THEN 'accessed' ELSE 'modified' END,
    path, NULL, NULL, sha256, file_size, seq FROM sophos_file_journal
) j LEFT JOIN sophos_process_journal p ON p.sophos_pid = j.sophos_pid`
