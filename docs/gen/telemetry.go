package main

import (
	"bytes"
	"fmt"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/harness/telemetry"
)

const telemetryHead = `# Telemetry

<!-- Generated from package harness/telemetry; to change it, change the tables there or docs/gen/telemetry.go, and run: go generate ./docs/gen -->

What sensors would have recorded of a run: Sysmon's events, the log of a proxy that sees inside TLS, and, for what these
are blind to, the run's own behaviours and API calls. Detections run on these records and on logs that somebody else
recorded, in one form. Values come from the record of the run and from the files of the machine; what neither of them
says is ` + "`-`" + `, as Sysmon writes it.

## Assumptions

- Sysmon 15 is configured to record everything, which no configuration in use does. A deleted file gives both event 23
  (of configurations that keep it) and 26 (of those that do not). Event 10 is not made for the access that starting a
  process needs.
- Sysmon's digests are MD5, SHA256 and IMPHASH. A file that the guest wrote has those of its contents at the end of the run, or when it was
  removed; they are unknown where it wrote more than 8 MiB in all.
- The emulator's system DLLs stand for Windows' own: they are signed by Microsoft Windows, and digests and versions of
  them are unknown, as those of Windows' programs that are there in name only (cmd.exe). The library that keeps replicas from running elsewhere is left out.
- A signature is verified: the file's digest, the signer's key, and the chain up to an authority that every Windows
  trusts, known by its certificate or, where the file lacks that, by its name. SignatureStatus is ` + "`Valid`, `Expired`, `Unavailable`" + ` without a
  signature, or ` + "`Error`" + ` with one that does not hold, and then Signed is false; whether one is revoked cannot be known. That last
  word is ours: which Sysmon uses is not documented.
- A connection's port at the machine's side is the next of Windows' dynamic range; the number of the logon session and the time the
  machine was started (an hour before) are made up, and the same in every run. ProcessGuid has Sysmon's form: a part of MachineGuid
  or, without it, of the computer's name; the process's start; its identifier.
- A reverse look-up of an address (DestinationHostname) gives the name that the program asked for. On the Internet it often gives another.
- CallTrace has the one frame that the record has: where the API was called from.
- A renamed file gives no event, as in Sysmon; a renamed key gives event 14.

## Sysmon events

Channel ` + "`Microsoft-Windows-Sysmon/Operational`" + `, log source ` + "`product: windows, service: sysmon`" + ` and the category.

`

const telemetryBehaviours = `
## Behaviours and API calls

What no sensor of Windows records is there for rules all the same, from two further log sources:

| log source | one event for each | fields |
|---|---|---|
| ` + "`product: sidetrace, service: behaviour`, category: the kind, with `_` for `.`" + ` | behaviour | those of [behaviours.md](behaviours.md), a list as a field that repeats |
| ` + "`product: sidetrace, service: api, category: api_call`" + ` | API call | ` + "`DLL`, `Function`, `Caller` (module and offset), `CallerImage`, the arguments by Microsoft's names and as the trace prints them, `Result`, `LastError`, `Direct`" + ` |

Behind them stand ` + "`Image`, `ProcessId`, `ThreadId` and `User`" + ` of the program. So this fires on what Sysmon has no event for:

` + "```yaml" + `
logsource: {product: sidetrace, category: memory_protect}
detection:
  selection: {protection: rwx, region: heap}
  condition: selection
` + "```" + `

## Forms

Events are written one a line, and read back from these and other forms, which are told apart by what is in a record:

| form | written | read |
|---|---|---|
| ` + "`evtx`" + `: as evtx_dump makes of an event log | yes | yes, also as python-evtx with xmltodict and other converters write it |
| ` + "`winlogbeat`" + `: as Winlogbeat sends events, with the fields of ECS | yes | yes, also out of Elasticsearch's answers |
| ` + "`ocsf`" + `: OCSF 1.8.0, classes 1001, 1003 to 1005, 1007, 4001 to 4003, 201001, 201002 | yes, with behaviours that Sysmon has no event for | no |
| fields by name on one level | for a proxy's records, behaviours and calls in the first two forms | yes |

A log to be read has one record a line, records over several lines, or a list of them. Numbers, GUIDs and truth values of Sysmon's events
get one form whatever the collector made of them: numbers are numbers, GUIDs are upper case and in braces, ` + "`true` and `false`" + ` are text.

## Blind stages

Which behaviours a sensor has an event of. A stage that only rules on behaviours or calls can see is one that no
configuration of the sensor helps with.

| behaviour | Sysmon | proxy | OCSF |
|---|---|---|---|
`

// fieldSources says where the values of Sysmon's fields come from.
var fieldSources = map[string]string{
	"RuleName": "always `-`", "EventType": "what happened", "UtcTime": "the guest's clock",
	"ProcessGuid": "see above", "ProcessId": "the record", "Image": "the record", "User": "the machine's computer and user",
	"FileVersion": "version resource of the file", "Description": "version resource: FileDescription", "Product": "version resource: ProductName",
	"Company": "version resource: CompanyName", "OriginalFileName": "version resource: OriginalFilename",
	"CommandLine": "the record", "CurrentDirectory": "the record", "LogonGuid": "made up", "LogonId": "made up",
	"TerminalSessionId": "the record", "IntegrityLevel": "`Medium`: the user is no administrator", "Hashes": "the file's bytes", "Hash": "the stream's bytes",
	"ParentProcessGuid": "see above", "ParentProcessId": "the record", "ParentImage": "the record", "ParentCommandLine": "the record", "ParentUser": "the record",
	"Protocol": "the record", "Initiated": "always `true`", "SourceIsIpv6": "the address", "SourceIp": "the machine's address",
	"SourceHostname": "the computer", "SourcePort": "made up", "SourcePortName": "always `-`", "DestinationIsIpv6": "the address",
	"DestinationIp": "the record", "DestinationHostname": "the name asked for", "DestinationPort": "the record", "DestinationPortName": "Windows' list of services",
	"ImageLoaded": "the record", "Signed": "the file's signature, verified", "Signature": "the signer's common name", "SignatureStatus": "see above",
	"SourceProcessGuid": "see above", "SourceProcessGUID": "see above", "SourceProcessId": "the record", "SourceThreadId": "the record", "SourceImage": "the record", "SourceUser": "as User",
	"TargetProcessGuid": "see above", "TargetProcessGUID": "see above", "TargetProcessId": "the record", "TargetImage": "the record", "TargetUser": "`NT AUTHORITY\\SYSTEM` or the user",
	"NewThreadId": "the record", "StartAddress": "the record", "StartModule": "the system DLL that the address lies in", "StartFunction": "the DLL's export at the address",
	"GrantedAccess": "the record", "CallTrace": "see above", "TargetFilename": "the record", "CreationUtcTime": "the guest's clock",
	"TargetObject": "the record; `HKU\\SID` for the user's keys, `HKCR`, `HKLM\\System\\CurrentControlSet`", "Details": "the record, in Sysmon's words", "NewName": "the record",
	"Contents": "the first 1,024 bytes of the stream", "PipeName": "the record; `<Anonymous Pipe>`", "QueryName": "the record", "QueryStatus": "0, or 9003 for no such name",
	"QueryResults": "the record; addresses of IPv4 as `::ffff:`", "IsExecutable": "the file's bytes", "Archived": "always `true`", "Type": "`Image is replaced`",
}

// proxyFields says what the fields of a proxy's record are, in their order.
var proxyFields = [][2]string{
	{"src_ip", "the machine's address"}, {"c-uri", "complete URL"}, {"c-uri-stem", "its path"}, {"c-uri-query", "its query"},
	{"c-uri-extension", "what follows the last dot of the path"}, {"c-useragent", "header User-Agent"}, {"cs-method", "method"}, {"cs-host", "host"},
	{"r-dns", "host"}, {"cs-cookie", "header Cookie"}, {"cs-referrer", "header Referer"}, {"cs-bytes", "bytes of the body sent"}, {"sc-status", "status; 0 without an answer"},
}

// telemetryPage is docs/telemetry.md.
func telemetryPage(string) ([]byte, error) {
	out := bytes.NewBufferString(telemetryHead)
	out.WriteString("| event | name | category | from | fields |\n|---|---|---|---|---|\n")
	types := map[string]telemetry.Type{}
	var names []string
	for _, s := range telemetry.Sysmon() {
		var fields []string
		for _, f := range s.Fields {
			if _, ok := types[f.Name]; !ok {
				names = append(names, f.Name)
			}
			types[f.Name] = f.Type
			fields = append(fields, f.Name)
		}
		fmt.Fprintf(out, "| %d | %s | %s | %s | %s |\n", s.ID, s.Name, strings.Join(s.Categories, ", "), strings.Join(s.From, ", "), strings.Join(fields, " "))
	}
	out.WriteString("\n| field | type | where from |\n|---|---|---|\n")
	for _, name := range names {
		source, ok := fieldSources[name]
		if !ok {
			return nil, fmt.Errorf("docs/gen/telemetry.go does not say where %s is from", name)
		}
		fmt.Fprintf(out, "| `%s` | %s | %s |\n", name, [...]string{"text", "number", "GUID"}[types[name]], source)
	}
	out.WriteString("\n## Proxy\n\nLog source `category: proxy`; one record for each `http.request`.\n\n| field | what it is |\n|---|---|\n")
	for _, f := range proxyFields {
		fmt.Fprintf(out, "| `%s` | %s |\n", f[0], f[1])
	}
	out.WriteString(telemetryBehaviours)
	for _, p := range trace.Payloads() {
		if _, ok := p.(trace.ProcessImage); ok {
			continue // the emulator's doing, not the program's
		}
		events, proxy, class := telemetry.Shows(p.Kind())
		list := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(events)), ", "), "[]")
		fmt.Fprintf(out, "| [`%s`](behaviours.md#%s) | %s | %s | %s |\n", p.Kind(), anchor(p.Kind()), orBlind(list), orBlind(yes(proxy)), orBlind(yes(class)))
	}
	return out.Bytes(), nil
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

func orBlind(s string) string {
	if s == "" {
		return "blind"
	}
	return s
}
