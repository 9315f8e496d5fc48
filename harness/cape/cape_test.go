package cape

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"sidetrace/emulator/trace"
	"sidetrace/harness/detect"
)

// model is what capa's models say of an object: its fields by name. A field's type
// is "str", "int", "hex", "bool", "float", "null", the name of a model, "[]" and a
// type, or "{}" and a type; "?" in front allows null and absence. Fields that are
// not there are refused, unless the model is flexible.
type model struct {
	flexible bool
	fields   map[string]string
}

var fileFields = map[string]string{
	"type": "str", "name": "str", "path": "str", "guest_paths": "[]str", "size": "int",
	"crc32": "str", "md5": "str", "sha1": "str", "sha256": "str", "sha512": "str", "sha3_384": "?str", "ssdeep": "str", "tlsh": "?str",
	"pid": "?int", "process_path": "?str", "process_name": "?str", "module_path": "?str",
}

// models are those of capa/features/extractors/cape/models.py that a report has
// part in. Where an older capa asked for more, that is asked for too.
var models = map[string]model{
	"report": {fields: map[string]string{
		"target": "target", "info": "info", "static": "?static", "behavior": "behavior", "CAPE": "cape", "network": "network", "suricata": "suricata",
		"dropped": "[]file", "procdump": "[]file", "procmemory": "[]null", "signatures": "[]null", "malscore": "float",
	}},
	"info":   {flexible: true, fields: map[string]string{"version": "str"}},
	"target": {fields: map[string]string{"category": "str", "file": "file"}},
	"file":   {fields: fileFields},
	"static": {fields: map[string]string{"pe": "pe"}},
	"pe": {fields: map[string]string{
		"peid_signatures": "null", "imagebase": "hex", "entrypoint": "hex", "reported_checksum": "hex", "actual_checksum": "hex", "osversion": "str",
		"pdbpath": "?str", "timestamp": "str", "imports": "{}import", "imported_dll_count": "int", "imphash": "str", "exported_dll_name": "?str",
		"exports": "[]export", "dirents": "[]null", "sections": "[]section", "ep_bytes": "?str", "overlay": "?overlay", "resources": "[]resource",
		"versioninfo": "[]pair", "icon": "null", "icon_hash": "null", "icon_fuzzy": "null", "icon_dhash": "?str", "digital_signers": "[]null", "guest_signers": "signers",
	}},
	"import":   {fields: map[string]string{"dll": "str", "imports": "[]symbol"}},
	"symbol":   {fields: map[string]string{"address": "hex", "name": "?str"}},
	"export":   {fields: map[string]string{"address": "hex", "name": "str", "ordinal": "int"}},
	"overlay":  {fields: map[string]string{"offset": "hex", "size": "hex"}},
	"pair":     {fields: map[string]string{"name": "str", "value": "str"}},
	"signers":  {},
	"resource": {fields: map[string]string{"name": "str", "language": "str", "sublanguage": "str", "filetype": "?str", "offset": "hex", "size": "hex", "entropy": "float"}},
	"section": {fields: map[string]string{
		"name": "str", "raw_address": "hex", "virtual_address": "hex", "virtual_size": "hex", "size_of_data": "hex",
		"characteristics": "str", "characteristics_raw": "hex", "entropy": "float",
	}},
	"behavior": {fields: map[string]string{
		"summary": "summary", "processes": "[]process", "processtree": "[]tree", "anomaly": "[]str", "enhanced": "[]null", "encryptedbuffers": "[]null",
	}},
	"summary": {fields: map[string]string{
		"files": "[]str", "read_files": "[]str", "write_files": "[]str", "delete_files": "[]str", "keys": "[]str", "read_keys": "[]str", "write_keys": "[]str",
		"delete_keys": "[]str", "executed_commands": "[]str", "resolved_apis": "[]str", "mutexes": "[]str", "created_services": "[]str", "started_services": "[]str",
	}},
	"process": {fields: map[string]string{
		"process_id": "int", "process_name": "str", "parent_id": "int", "module_path": "str", "first_seen": "str", "calls": "[]call", "threads": "[]int", "environ": "{}str",
	}},
	"tree": {fields: map[string]string{"name": "str", "pid": "int", "parent_id": "int", "module_path": "str", "threads": "[]int", "environ": "{}str", "children": "[]tree"}},
	"call": {fields: map[string]string{
		"timestamp": "str", "thread_id": "int", "category": "str", "api": "str", "arguments": "[]argument", "status": "bool", "return": "hex", "pretty_return": "?str",
		"repeated": "int", "caller": "hex", "parentcaller": "hex", "id": "int",
	}},
	"argument": {fields: map[string]string{"name": "str", "value": "str", "pretty_value": "?str"}},
	"cape":     {fields: map[string]string{"payloads": "[]file", "configs": "[]null"}},
	"network":  {fields: map[string]string{"hosts": "[]null", "domains": "[]domain", "dns": "[]dns"}},
	"domain":   {fields: map[string]string{"domain": "str", "ip": "str"}},
	"dns":      {fields: map[string]string{"request": "str", "type": "str", "answers": "[]null"}},
	"suricata": {fields: map[string]string{
		"alerts": "[]null", "dns": "[]null", "fileinfo": "[]null", "files": "[]null", "http": "[]null", "perf": "[]null", "ssh": "[]null", "tls": "[]null",
	}},
}

// fits holds a value of JSON against a type.
func fits(at, kind string, v any) error {
	optional := strings.HasPrefix(kind, "?")
	kind = strings.TrimPrefix(kind, "?")
	bad := fmt.Errorf("%s: %v (%T) is no %s", at, v, v, kind)
	if v == nil {
		if optional || kind == "null" {
			return nil
		}
		return bad
	}
	if of, ok := strings.CutPrefix(kind, "[]"); ok {
		list, ok := v.([]any)
		if !ok {
			return bad
		}
		for i, item := range list {
			if err := fits(fmt.Sprintf("%s[%d]", at, i), of, item); err != nil {
				return err
			}
		}
		return nil
	}
	if of, ok := strings.CutPrefix(kind, "{}"); ok {
		object, ok := v.(map[string]any)
		if !ok {
			return bad
		}
		for name, item := range object {
			if err := fits(at+"."+name, of, item); err != nil {
				return err
			}
		}
		return nil
	}
	ok := false
	switch kind {
	case "str":
		_, ok = v.(string)
	case "int":
		f, number := v.(float64)
		ok = number && f == float64(int64(f))
	case "float":
		_, ok = v.(float64)
	case "bool":
		_, ok = v.(bool)
	case "hex":
		digits, hex := strings.CutPrefix(fmt.Sprint(v), "0x")
		_, err := strconv.ParseUint(digits, 16, 64)
		ok = hex && err == nil
	default:
		return fitsModel(at, models[kind], v)
	}
	if !ok {
		return bad
	}
	return nil
}

func fitsModel(at string, m model, v any) error {
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s is no object", at)
	}
	for name, kind := range m.fields {
		value, there := object[name]
		if !there && !strings.HasPrefix(kind, "?") {
			return fmt.Errorf("%s lacks %s", at, name)
		}
		if err := fits(at+"."+name, kind, value); err != nil {
			return err
		}
	}
	for name := range object {
		if _, known := m.fields[name]; !known && !m.flexible {
			return fmt.Errorf("%s: extra field %s", at, name)
		}
	}
	return nil
}

const hostile = "a\x1b]0;x\x07\u202e\x00\xff\ufffe\"</script>\n{\"b\":1}"

// run is a short run with everything that a report tells of.
func run(t testing.TB) (*trace.Run, *detect.Subject) {
	t.Helper()
	program, err := os.ReadFile("../../replicas/prebuilt/3CXDesktopApp.exe")
	if err != nil {
		t.Fatal(err)
	}
	rec := trace.NewRecorder(trace.Limits{})
	exports := new(trace.Exports)
	lookup := exports.Add(&trace.Export{DLL: "kernel32.dll", Name: "GetProcAddress", Params: []trace.Param{{Name: "hModule"}, {Name: "lpProcName", Format: trace.Text}}, Result: trace.Pointer})
	protect := exports.Add(&trace.Export{DLL: "kernel32.dll", Name: "VirtualProtect", Params: []trace.Param{{Name: "lpAddress"}, {Name: "flNewProtect", Format: trace.PageProtection}}, Result: trace.Bool})
	rec.Run.Calls.UseExports(exports)
	call := rec.Run.Calls.Begin(rec.Next(), time.Second, 7, 0x140001000, lookup)
	call.Arg(0, 0x7ff600000000)
	rec.Run.Calls.Text(&call, 1, []byte("Sleep"))
	call.End(0x7ff600001000, 0)
	call = rec.Run.Calls.Begin(rec.Next(), 2*time.Second, 8, 0x140001000, protect)
	call.Arg(1, 0x40)
	call.End(0, 5)
	call = rec.Run.Calls.Begin(rec.Next(), 2*time.Second, 8, 0x140001000, lookup)
	rec.Run.Calls.Text(&call, 1, []byte(hostile))
	call.End(0, 127)
	for _, p := range []trace.Payload{
		trace.FileRead{Path: hostile}, trace.FileWrite{Path: `C:\b`}, trace.FileRead{Path: `C:\b`}, trace.FileDelete{Path: `C:\b`},
		trace.RegistryRead{Path: `HKLM\A`}, trace.RegistryWrite{Path: `HKLM\B`}, trace.RegistryDelete{Path: `HKLM\C`},
		trace.MutexCreate{}, trace.MutexCreate{Name: "m"}, trace.ServiceCreate{Name: "s"},
		trace.ProcessCreate{Image: `C:\cmd.exe`, ID: 99}, trace.DNSQuery{Name: "a.test", Results: []string{"192.0.2.1"}}, trace.DNSQuery{Name: "a.test"},
	} {
		rec.Behaviour(3*time.Second, 4, 7, 0, p)
	}
	r := rec.Run
	r.Image, r.PID, r.Computer, r.User = `C:\App\phone.exe`, 4, hostile, "user"
	r.Start, r.Elapsed = time.Date(2023, 3, 29, 9, 0, 0, 0, time.UTC), time.Hour
	r.Processes = []trace.Process{{ID: 4, Parent: 1, Image: r.Image, CommandLine: hostile}, {ID: 99, Parent: 4, Image: `C:\cmd.exe`}, {ID: 1, Image: "explorer.exe"}}
	r.Modules = []trace.Module{{Path: r.Image, Base: 0x140000000, Size: 0x1000}, {Path: `C:\Windows\System32\KERNEL32.dll`, Base: 0x7ff600000000, Size: 0x1000}}
	return r, &detect.Subject{Objects: []detect.Object{
		{Kind: "file", Name: `C:\App\phone.exe`, Path: `C:\App\Phone.exe`, Data: program},
		{Kind: "file", Name: `C:\b`, Path: `C:\b`, Data: []byte("left"), Seq: 5},
		{Kind: "code.unpacked", Name: hostile, Path: hostile, Data: []byte("code"), Seq: 6},
		{Kind: "process.image", Name: "image", Data: program, Seq: 7},
		{Kind: "http.response", Name: "body", Data: []byte("x"), Seq: 8},
	}}
}

func decoded(t *testing.T, r *trace.Run, s *detect.Subject) map[string]any {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, r, s); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n != 1 {
		t.Errorf("%d lines", n)
	}
	var report map[string]any
	if err := json.Unmarshal([]byte(b.String()), &report); err != nil {
		t.Fatal(err)
	}
	return report
}

// TestModels holds reports against capa's models, and reports with a field too many
// or too few.
func TestModels(t *testing.T) {
	r, s := run(t)
	report := decoded(t, r, s)
	if err := fits("report", "report", report); err != nil {
		t.Error(err)
	}
	if err := fits("nothing", "report", decoded(t, &trace.Run{}, &detect.Subject{})); err != nil {
		t.Error(err)
	}
	behavior := report["behavior"].(map[string]any)
	process := behavior["processes"].([]any)[0].(map[string]any)
	process["more"] = 1
	if fits("report", "report", report) == nil {
		t.Error("a field too many fits")
	}
	delete(process, "more")
	delete(process, "environ")
	if fits("report", "report", report) == nil {
		t.Error("a field too few fits")
	}
}

func TestNew(t *testing.T) {
	r, s := run(t)
	report := New(r, s)
	check := func(what string, got, want any) {
		t.Helper()
		if g, w := fmt.Sprintf("%q", got), fmt.Sprintf("%q", want); g != w {
			t.Errorf("%s: got %s, want %s", what, g, w)
		}
	}
	check("type", report.Target.File.Type, "PE32+ executable (console) x86-64, for MS Windows")
	pe := report.Static.PE
	check("checksum, which the linker has computed too", pe.ActualChecksum, pe.Checksum)
	if _, ok := pe.Imports["ffmpeg"]; !ok {
		t.Errorf("imports: %v", pe.Imports)
	}
	sum := report.Behavior.Summary
	check("files", sum.Files, []string{hostile, `C:\b`})
	check("written", sum.WriteFiles, []string{`C:\b`})
	check("keys", sum.Keys, []string{`HKLM\A`, `HKLM\B`, `HKLM\C`})
	check("commands", sum.ExecutedCommands, []string{`C:\cmd.exe`})
	check("resolved", sum.ResolvedAPIs, []string{"kernel32.dll.Sleep"})
	check("mutexes", sum.Mutexes, []string{"m"})
	check("domains", report.Network.Domains, []Domain{{"a.test", "192.0.2.1"}})
	p := report.Behavior.Processes[0]
	check("threads", p.Threads, []uint32{7, 8})
	check("time", p.Calls[0].Timestamp, "2023-03-29 09:00:01,000")
	check("argument", p.Calls[1].Arguments[1], Argument{"flNewProtect", "0x00000040", "PAGE_EXECUTE_READWRITE"})
	check("status", []bool{p.Calls[0].Status, p.Calls[1].Status}, []bool{true, false})
	check("category", []string{p.Calls[0].Category, p.Calls[1].Category}, []string{"system", "process"})
	tree := report.Behavior.ProcessTree[0]
	if len(tree.Children) != 1 || tree.Children[0].ID != 99 || tree.Parent != 1 {
		t.Errorf("tree: %+v", tree)
	}
	if len(report.Dropped) != 1 || len(report.CAPE.Payloads) != 1 || len(report.ProcDump) != 1 {
		t.Errorf("%d dropped, %d payloads, %d dumps", len(report.Dropped), len(report.CAPE.Payloads), len(report.ProcDump))
	}
}

// BenchmarkWrite writes one report; a suite has one for each scenario.
func BenchmarkWrite(b *testing.B) {
	r, s := run(b)
	for b.Loop() {
		if err := Write(io.Discard, r, s); err != nil {
			b.Fatal(err)
		}
	}
}
