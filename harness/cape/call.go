package cape

import (
	"fmt"
	"strings"

	"sidetrace/emulator/trace"
)

// Call is one API call.
type Call struct {
	Timestamp    string     `json:"timestamp"`
	Thread       uint32     `json:"thread_id"`
	Caller       string     `json:"caller"`
	ParentCaller string     `json:"parentcaller"`
	Category     string     `json:"category"`
	API          string     `json:"api"`
	Status       bool       `json:"status"`
	Return       string     `json:"return"`
	PrettyReturn string     `json:"pretty_return,omitempty"`
	Arguments    []Argument `json:"arguments"`
	Repeated     int        `json:"repeated"` // every call has an entry of its own
	ID           int        `json:"id"`
}

// Argument is one argument: a number in hexadecimal, or the text that it points to.
type Argument struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Pretty string `json:"pretty_value,omitempty"`
}

func newCall(run *trace.Run, c *trace.Call, id int) Call {
	out := Call{
		Timestamp: stamp(run, c.Time), Thread: c.TID, Caller: hexadecimal(c.Caller), ParentCaller: hexadecimal(0),
		Category: category(c.API), API: c.API.Name, Status: succeeded(c), Return: hexadecimal(c.Result),
		Arguments: make([]Argument, len(c.Args)), ID: id,
	}
	if c.Returned {
		out.PrettyReturn = pretty(c.API.Result, c.Result)
	}
	for i, a := range c.Args {
		name, format := fmt.Sprintf("arg%d", i+1), trace.Hex
		if i < len(c.API.Params) {
			name, format = c.API.Params[i].Name, c.API.Params[i].Format
		}
		if a.HasText {
			out.Arguments[i] = Argument{Name: name, Value: a.Text}
		} else {
			out.Arguments[i] = Argument{name, hexadecimal(a.Value), pretty(format, a.Value)}
		}
	}
	return out
}

// pretty is a value by its name; "" if it is written as a number.
func pretty(f trace.Format, v uint64) string {
	if text := f.Format(v); text != "" && strings.Trim(text[:1], "-0123456789") != "" {
		return text
	}
	return ""
}

// succeeded is CAPE's status. Where the type of the result does not say what is a
// failure, a call that returned has succeeded.
func succeeded(c *trace.Call) bool {
	switch c.API.Result {
	case trace.Bool:
		return c.Returned && uint32(c.Result) != 0
	case trace.Status:
		return c.Returned && int32(c.Result) >= 0
	}
	return c.Returned
}

// categories are CAPE's, by the DLL or the first word of the function; the first
// that fits.
var categories = []struct{ dll, function, name string }{
	{"", "Reg", "registry"}, {"", "NtOpenKey", "registry"}, {"", "NtQueryValueKey", "registry"},
	{"ws2_32.dll", "", "network"}, {"wininet.dll", "", "network"}, {"winhttp.dll", "", "network"}, {"dnsapi.dll", "", "network"},
	{"bcrypt.dll", "", "crypto"}, {"ncrypt.dll", "", "crypto"}, {"crypt32.dll", "", "crypto"}, {"", "Crypt", "crypto"},
	{"user32.dll", "", "windows"}, {"ole32.dll", "", "com"},
	{"", "CreateService", "services"}, {"", "OpenSC", "services"}, {"", "StartService", "services"},
	{"", "CreateFile", "filesystem"}, {"", "ReadFile", "filesystem"}, {"", "WriteFile", "filesystem"}, {"", "DeleteFile", "filesystem"},
	{"", "GetFile", "filesystem"}, {"", "FindFirstFile", "filesystem"}, {"", "CopyFile", "filesystem"}, {"", "MoveFile", "filesystem"},
	{"", "Virtual", "process"}, {"", "CreateProcess", "process"}, {"", "OpenProcess", "process"}, {"", "ExitProcess", "process"}, {"", "WriteProcessMemory", "process"},
	{"", "CreateThread", "threading"}, {"", "CreateRemoteThread", "threading"}, {"", "ResumeThread", "threading"}, {"", "QueueUserAPC", "threading"},
	{"", "CreateMutex", "synchronization"}, {"", "CreateEvent", "synchronization"}, {"", "Sleep", "synchronization"}, {"", "WaitFor", "synchronization"},
	{"", "LoadLibrary", "system"}, {"", "Ldr", "system"}, {"", "GetProcAddress", "system"}, {"", "GetModuleHandle", "system"},
}

func category(e *trace.Export) string {
	for _, c := range categories {
		if (c.dll == "" || strings.EqualFold(c.dll, e.DLL)) && strings.HasPrefix(e.Name, c.function) {
			return c.name
		}
	}
	return "misc"
}
