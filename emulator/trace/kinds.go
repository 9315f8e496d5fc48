package trace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Payloads returns a zero value of every behaviour kind, in the order of the
// documentation.
func Payloads() []Payload {
	return []Payload{
		ModuleLoad{}, ModuleMissing{}, DllMainEnter{}, DllMainReturn{}, ExportCall{},
		FileCreate{}, FileRead{}, FileWrite{}, FileDelete{}, ConsoleWrite{}, PipeCreate{}, PipeConnect{},
		MemoryAlloc{}, MemoryProtect{}, CodeUnpacked{}, CodePatched{}, ModuleManualMap{}, ProcessImage{}, PayloadDecrypted{}, CryptoDecrypt{},
		RegistryRead{}, RegistryWrite{}, RegistryCreate{}, RegistryDelete{}, EventCreate{}, MutexCreate{},
		ThreadCreate{}, ThreadCallback{}, ThreadCreateRemote{}, ThreadHijack{},
		ProcessCreate{}, ProcessAccess{}, ProcessMemory{}, ProcessWriteMemory{}, ProcessTerminate{}, ServiceCreate{}, Sleep{},
		DNSQuery{}, NetConnect{}, NetListen{}, NetSend{}, HTTPRequest{}, HTTPResponse{},
		Exception{}, Exit{},
	}
}

// FieldType is the type of a behaviour's field as scenarios see it.
type FieldType string

const (
	String  FieldType = "string"
	Integer FieldType = "integer"
	Number  FieldType = "number"
	Boolean FieldType = "boolean"
	Strings FieldType = "strings" // a list; a condition holds if it holds for one of them
)

// FieldInfo describes one field of a kind.
type FieldInfo struct {
	Name string
	Type FieldType
}

// KindInfo describes one behaviour kind.
type KindInfo struct {
	Kind   string
	Fields []FieldInfo // in declaration order
}

// Kinds describes every behaviour kind. The list is everybody's and not to be
// changed: reading a scenario asks for it at each step, and making it anew each
// time was two fifths of that.
func Kinds() []KindInfo { return kinds() }

var kinds = sync.OnceValue(func() []KindInfo {
	payloads := Payloads()
	kinds := make([]KindInfo, len(payloads))
	for i, p := range payloads {
		t := reflect.TypeOf(p)
		kinds[i] = KindInfo{Kind: p.Kind(), Fields: make([]FieldInfo, t.NumField())}
		for j := range t.NumField() {
			f := t.Field(j)
			kinds[i].Fields[j] = FieldInfo{Name: f.Tag.Get("json"), Type: fieldType(f.Type)}
		}
	}
	return kinds
})

func fieldType(t reflect.Type) FieldType {
	switch t.Kind() {
	case reflect.String:
		return String
	case reflect.Bool:
		return Boolean
	case reflect.Float64:
		return Number
	case reflect.Slice:
		return Strings
	default:
		return Integer
	}
}

// Field is one field of a recorded behaviour. Value is a string, bool,
// int64, uint64, float64 or []string.
type Field struct {
	Name  string
	Value any
}

// Fields lists the fields of a behaviour in declaration order.
func Fields(p Payload) []Field {
	v := reflect.ValueOf(p)
	t := v.Type()
	fields := make([]Field, t.NumField())
	for i := range fields {
		fields[i] = Field{Name: t.Field(i).Tag.Get("json"), Value: plain(v.Field(i))}
	}
	return fields
}

func plain(v reflect.Value) any {
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Float64:
		return v.Float()
	case reflect.Slice:
		return v.Interface()
	case reflect.Uint32, reflect.Uint64:
		return v.Uint()
	default:
		return v.Int()
	}
}

// Summary is the behaviour as one line of text: its kind and the fields that
// are not empty. Guest strings are quoted, so that the line is safe to print.
func Summary(p Payload) string { return SummaryBut(p, nil) }

// SummaryBut is [Summary] without some fields.
func SummaryBut(p Payload, fields []string) string {
	var b strings.Builder
	b.WriteString(p.Kind())
	for _, f := range Fields(p) {
		if slices.Contains(fields, f.Name) {
			continue
		}
		switch v := f.Value.(type) {
		case string:
			if v != "" {
				fmt.Fprintf(&b, " %s=%s", f.Name, Quote(v))
			}
		case []string:
			if len(v) > 0 {
				fmt.Fprintf(&b, " %s=%s", f.Name, Quote(strings.Join(v, ",")))
			}
		case bool:
			fmt.Fprintf(&b, " %s=%t", f.Name, v)
		case uint64:
			if v >= 0x10000 {
				fmt.Fprintf(&b, " %s=%#x", f.Name, v)
			} else if v != 0 {
				fmt.Fprintf(&b, " %s=%d", f.Name, v)
			}
		case int64:
			if v != 0 {
				fmt.Fprintf(&b, " %s=%d", f.Name, v)
			}
		case float64:
			if v != 0 {
				fmt.Fprintf(&b, " %s=%.2f", f.Name, v)
			}
		}
	}
	return b.String()
}

// decodePayload reads the fields of a behaviour of the given kind.
func decodePayload(kind string, data []byte) (Payload, error) {
	for _, p := range Payloads() {
		if p.Kind() != kind {
			continue
		}
		v := reflect.New(reflect.TypeOf(p))
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		if err := d.Decode(v.Interface()); err != nil {
			return nil, fmt.Errorf("%s: %w", kind, err)
		}
		return v.Elem().Interface().(Payload), nil
	}
	return nil, fmt.Errorf("unknown behaviour kind %q", kind)
}

func (ModuleLoad) Kind() string         { return "module.load" }
func (ModuleMissing) Kind() string      { return "module.missing" }
func (DllMainEnter) Kind() string       { return "dllmain.enter" }
func (DllMainReturn) Kind() string      { return "dllmain.return" }
func (ExportCall) Kind() string         { return "export.call" }
func (FileCreate) Kind() string         { return "file.create" }
func (FileRead) Kind() string           { return "file.read" }
func (FileWrite) Kind() string          { return "file.write" }
func (FileDelete) Kind() string         { return "file.delete" }
func (ConsoleWrite) Kind() string       { return "console.write" }
func (PipeCreate) Kind() string         { return "pipe.create" }
func (PipeConnect) Kind() string        { return "pipe.connect" }
func (MemoryAlloc) Kind() string        { return "memory.alloc" }
func (MemoryProtect) Kind() string      { return "memory.protect" }
func (CodeUnpacked) Kind() string       { return "code.unpacked" }
func (CodePatched) Kind() string        { return "code.patched" }
func (ModuleManualMap) Kind() string    { return "module.manual_map" }
func (ProcessImage) Kind() string       { return "process.image" }
func (PayloadDecrypted) Kind() string   { return "payload.decrypted" }
func (CryptoDecrypt) Kind() string      { return "crypto.decrypt" }
func (RegistryRead) Kind() string       { return "registry.read" }
func (RegistryWrite) Kind() string      { return "registry.write" }
func (EventCreate) Kind() string        { return "event.create" }
func (MutexCreate) Kind() string        { return "mutex.create" }
func (ThreadCreate) Kind() string       { return "thread.create" }
func (ProcessCreate) Kind() string      { return "process.create" }
func (ProcessAccess) Kind() string      { return "process.access" }
func (ProcessTerminate) Kind() string   { return "process.terminate" }
func (ProcessMemory) Kind() string      { return "process.memory" }
func (ProcessWriteMemory) Kind() string { return "process.write_memory" }
func (ThreadCallback) Kind() string     { return "thread.callback" }
func (ThreadCreateRemote) Kind() string { return "thread.create_remote" }
func (ThreadHijack) Kind() string       { return "thread.hijack" }
func (RegistryCreate) Kind() string     { return "registry.create" }
func (RegistryDelete) Kind() string     { return "registry.delete" }
func (ServiceCreate) Kind() string      { return "service.create" }
func (Sleep) Kind() string              { return "sleep" }
func (DNSQuery) Kind() string           { return "dns.query" }
func (NetConnect) Kind() string         { return "net.connect" }
func (NetListen) Kind() string          { return "net.listen" }
func (NetSend) Kind() string            { return "net.send" }
func (HTTPRequest) Kind() string        { return "http.request" }
func (HTTPResponse) Kind() string       { return "http.response" }
func (Exception) Kind() string          { return "exception" }
func (Exit) Kind() string               { return "exit" }
