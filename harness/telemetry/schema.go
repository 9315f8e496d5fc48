package telemetry

// Names of Sysmon in the event log.
const (
	SysmonChannel  = "Microsoft-Windows-Sysmon/Operational"
	SysmonProvider = "Microsoft-Windows-Sysmon"
	sysmonGUID     = "5770385F-C22A-43E0-BF4C-06F5698FFBD9"
)

// Type is the type of a field in the sensor's manifest.
type Type uint8

// The types of fields.
const (
	TypeText   Type = iota // also where it says true or false: Sysmon writes these as text
	TypeNumber             // unsigned, 32 bits or less
	TypeGUID               // in braces, upper case
)

// FieldSchema is one field of an event, and where its value comes from.
type FieldSchema struct {
	Name string
	Type Type
}

// Schema is one event of Sysmon 15, whose manifest has the schema version 4.90.
//
// https://learn.microsoft.com/sysinternals/downloads/sysmon
type Schema struct {
	ID         int
	Version    int      // of the event
	Name       string   // Sysmon's own
	Categories []string // Sigma's; where there are several the field EventType decides
	From       []string // kinds of behaviours that it is made of
	Fields     []FieldSchema
}

// field finds a field; nil if there is none of that name.
func (s *Schema) field(name string) *FieldSchema {
	for i := range s.Fields {
		if s.Fields[i].Name == name {
			return &s.Fields[i]
		}
	}
	return nil
}

// Sysmon lists the events of Sysmon that a run can give rise to, by number.
func Sysmon() []Schema { return sysmon[:] }

// sysmonEvent finds an event by its number; nil if it is none of these.
func sysmonEvent(id int) *Schema {
	for i := range sysmon {
		if sysmon[i].ID == id {
			return &sysmon[i]
		}
	}
	return nil
}

// fields reads names in their order: "#" marks a number, "{" a GUID.
func fields(names ...string) []FieldSchema {
	list := make([]FieldSchema, len(names))
	for i, name := range names {
		switch name[0] {
		case '#':
			list[i] = FieldSchema{name[1:], TypeNumber}
		case '{':
			list[i] = FieldSchema{name[1:], TypeGUID}
		default:
			list[i] = FieldSchema{name, TypeText}
		}
	}
	return list
}

// sysmon is in the order of Sysmon's manifest.
var sysmon = [...]Schema{
	{1, 5, "Process creation", []string{"process_creation"}, []string{"module.load", "process.create"}, fields(
		"RuleName", "UtcTime", "{ProcessGuid", "#ProcessId", "Image", "FileVersion", "Description", "Product", "Company", "OriginalFileName",
		"CommandLine", "CurrentDirectory", "User", "{LogonGuid", "LogonId", "#TerminalSessionId", "IntegrityLevel", "Hashes",
		"{ParentProcessGuid", "#ParentProcessId", "ParentImage", "ParentCommandLine", "ParentUser")},
	{3, 5, "Network connection", []string{"network_connection"}, []string{"net.connect"}, fields(
		"RuleName", "UtcTime", "{ProcessGuid", "#ProcessId", "Image", "User", "Protocol", "Initiated",
		"SourceIsIpv6", "SourceIp", "SourceHostname", "#SourcePort", "SourcePortName",
		"DestinationIsIpv6", "DestinationIp", "DestinationHostname", "#DestinationPort", "DestinationPortName")},
	{5, 3, "Process terminated", []string{"process_termination"}, []string{"exit", "process.terminate"}, fields(
		"RuleName", "UtcTime", "{ProcessGuid", "#ProcessId", "Image", "User")},
	{7, 3, "Image loaded", []string{"image_load"}, []string{"module.load"}, fields(
		"RuleName", "UtcTime", "{ProcessGuid", "#ProcessId", "Image", "ImageLoaded", "FileVersion", "Description", "Product", "Company",
		"OriginalFileName", "Hashes", "Signed", "Signature", "SignatureStatus", "User")},
	{8, 2, "CreateRemoteThread", []string{"create_remote_thread"}, []string{"thread.create_remote"}, fields(
		"RuleName", "UtcTime", "{SourceProcessGuid", "#SourceProcessId", "SourceImage", "{TargetProcessGuid", "#TargetProcessId", "TargetImage",
		"#NewThreadId", "StartAddress", "StartModule", "StartFunction", "SourceUser", "TargetUser")},
	{10, 3, "ProcessAccess", []string{"process_access"}, []string{"process.access"}, fields(
		"RuleName", "UtcTime", "{SourceProcessGUID", "#SourceProcessId", "#SourceThreadId", "SourceImage",
		"{TargetProcessGUID", "#TargetProcessId", "TargetImage", "GrantedAccess", "CallTrace", "SourceUser", "TargetUser")},
	{11, 2, "FileCreate", []string{"file_event"}, []string{"file.create"}, fields(
		"RuleName", "UtcTime", "{ProcessGuid", "#ProcessId", "Image", "TargetFilename", "CreationUtcTime", "User")},
	{12, 2, "RegistryEvent (Object create and delete)", []string{"registry_add", "registry_delete"}, []string{"registry.create", "registry.delete"}, fields(
		"RuleName", "EventType", "UtcTime", "{ProcessGuid", "#ProcessId", "Image", "TargetObject", "User")},
	{13, 2, "RegistryEvent (Value Set)", []string{"registry_set"}, []string{"registry.write"}, fields(
		"RuleName", "EventType", "UtcTime", "{ProcessGuid", "#ProcessId", "Image", "TargetObject", "Details", "User")},
	{14, 2, "RegistryEvent (Key and Value Rename)", []string{"registry_rename"}, []string{"registry.create"}, fields(
		"RuleName", "EventType", "UtcTime", "{ProcessGuid", "#ProcessId", "Image", "TargetObject", "NewName", "User")},
	{15, 2, "FileCreateStreamHash", []string{"create_stream_hash"}, []string{"file.create"}, fields(
		"RuleName", "UtcTime", "{ProcessGuid", "#ProcessId", "Image", "TargetFilename", "CreationUtcTime", "Hash", "Contents", "User")},
	{17, 1, "PipeEvent (Pipe Created)", []string{"pipe_created"}, []string{"pipe.create"}, fields(
		"RuleName", "EventType", "UtcTime", "{ProcessGuid", "#ProcessId", "PipeName", "Image", "User")},
	{18, 1, "PipeEvent (Pipe Connected)", []string{"pipe_created"}, []string{"pipe.connect"}, fields(
		"RuleName", "EventType", "UtcTime", "{ProcessGuid", "#ProcessId", "PipeName", "Image", "User")},
	{22, 5, "DNSEvent (DNS query)", []string{"dns_query"}, []string{"dns.query"}, fields(
		"RuleName", "UtcTime", "{ProcessGuid", "#ProcessId", "QueryName", "#QueryStatus", "QueryResults", "Image", "User")},
	{23, 5, "FileDelete (File Delete archived)", []string{"file_delete"}, []string{"file.delete"}, fields(
		"RuleName", "UtcTime", "{ProcessGuid", "#ProcessId", "User", "Image", "TargetFilename", "Hashes", "IsExecutable", "Archived")},
	{25, 5, "ProcessTampering (Process image change)", []string{"process_tampering"}, []string{"thread.hijack"}, fields(
		"RuleName", "UtcTime", "{ProcessGuid", "#ProcessId", "Image", "Type", "User")},
	{26, 5, "FileDeleteDetected (File Delete logged)", []string{"file_delete_detected"}, []string{"file.delete"}, fields(
		"RuleName", "UtcTime", "{ProcessGuid", "#ProcessId", "User", "Image", "TargetFilename", "Hashes", "IsExecutable")},
	{29, 5, "FileExecutableDetected", []string{"file_executable_detected"}, []string{"file.create"}, fields(
		"RuleName", "UtcTime", "{ProcessGuid", "#ProcessId", "User", "Image", "TargetFilename", "Hashes")},
}
