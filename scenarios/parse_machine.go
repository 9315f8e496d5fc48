package scenarios

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/goccy/go-yaml/ast"

	"sidetrace/scenarios/match"
)

// machineKeys is the table of machine's keys.
func (r *reader) machineKeys(s *Scenario) []key {
	m := &s.Machine
	return []key{
		{name: "clock", doc: "virtual clock at the start, such as 2023-03-29T09:00:00Z", schema: schema{"type": "string", "format": "date-time"},
			read: func(n ast.Node) { m.Clock = r.clock(n) }},
		{name: "os", doc: "version of Windows, such as 10.0.19045", schema: matching(osPattern),
			read: func(n ast.Node) { m.OS = r.version(n) }},
		{name: "user", doc: "name of the user; default user", schema: stringSchema(),
			read: func(n ast.Node) { m.User, _ = r.text(n, "machine.user") }},
		{name: "computer", doc: "name of the computer; default WORKSTATION", schema: stringSchema(),
			read: func(n ast.Node) { m.Computer, _ = r.text(n, "machine.computer") }},
		{name: "seed", doc: "of everything random; default 0", schema: integerSchema(),
			read: func(n ast.Node) { m.Seed, _ = r.unsigned(n, "machine.seed", math.MaxUint64) }},
		{name: "registry", doc: "values by path: text, or {type, data}; a path that ends in a backslash is the default value, null makes just a key", schema: mapOf(registrySchema()),
			read: func(n ast.Node) { m.Registry = r.registry(n) }},
		{name: "files", doc: "sources by guest path: a file beside the scenario, replica:NAME, text:…, hex:… or base64:…", schema: mapOf(stringSchema()),
			read: func(n ast.Node) { m.Files = r.files(n, s) }},
		{name: "web", doc: "answers by URL: a source, {status, headers, body, method}, or a list of these", schema: mapOf(webSchema()),
			read: func(n ast.Node) { m.Web = r.web(n, s) }},
		{name: "dns", doc: "addresses by host name", schema: mapOf(either(stringSchema(), listOf(stringSchema()))),
			read: func(n ast.Node) { m.DNS = r.dns(n) }},
		{name: "net", doc: "conversations by tcp://host:port or udp://host:port: a list of {expect, send}, after which the server closes the connection", schema: mapOf(netSchema(s)),
			read: func(n ast.Node) { m.Net = r.net(n, s) }},
		{name: "env", doc: "environment variables", schema: mapOf(stringSchema()),
			read: func(n ast.Node) { m.Env = r.variables(n, "machine.env") }},
		{name: "events", doc: "named events that exist already", schema: listOf(stringSchema()),
			read: func(n ast.Node) { m.Events = r.texts(n, "machine.events") }},
		{name: "mutexes", doc: "named mutexes that exist already", schema: listOf(stringSchema()),
			read: func(n ast.Node) { m.Mutexes = r.texts(n, "machine.mutexes") }},
		{name: "unresolved", doc: "what becomes of an import that nothing exports: strict (the default) fails the load, gap makes it a stub whose call is a gap", schema: oneOf(unresolved),
			read: func(n ast.Node) { m.Unresolved = r.oneOf(n, "machine.unresolved", unresolved) }},
		{name: "sysroot", doc: "folder of real system DLLs, Windows' or Wine's, for what has no handler: absolute, or below the scenario's folder", schema: stringSchema(),
			read: func(n ast.Node) { m.Sysroot = r.folder(n, "machine.sysroot") }},
	}
}

// unresolved is what machine.unresolved may be.
var unresolved = []string{"strict", "gap"}

// oneOf reads one of some words.
func (r *reader) oneOf(n ast.Node, what string, words []string) string {
	s, ok := r.text(n, what)
	if ok && !slices.Contains(words, s) {
		r.problem(place(n), "one of "+strings.Join(words, ", "), "%s: %q is not known", what, s)
	}
	return s
}

// folder reads the path of a folder of the host.
func (r *reader) folder(n ast.Node, what string) Folder {
	s, ok := r.text(n, what)
	if ok && !path.IsAbs(s) && (s == "" || strings.Contains(s, `\`) || path.Clean(s) != s || s == ".." || strings.HasPrefix(s, "../")) {
		r.problem(place(n), "an absolute path, or a plain one below the scenario's folder", "%s: %q is no such folder", what, s)
	}
	return Folder{position(n), s}
}

func (r *reader) clock(n ast.Node) time.Time {
	s, ok := r.text(n, "machine.clock")
	if !ok {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	// FILETIME starts in 1601; what lies far ahead overflows 64-bit nanoseconds.
	if err != nil || t.Year() < 1980 || t.Year() > 2100 {
		r.problem(place(n), "such as 2023-03-29T09:00:00Z, from 1980 to 2100", "machine.clock: %q is not a time", s)
		return time.Time{}
	}
	return t.UTC()
}

func (r *reader) version(n ast.Node) Version {
	parts := strings.Split(r.matching(n, "machine.os", osPattern), ".")
	if len(parts) != 3 {
		return Version{}
	}
	var v [3]uint32
	for i, p := range parts {
		u, err := strconv.ParseUint(p, 10, 32)
		if err != nil {
			r.problem(place(n), "", "machine.os: %q is too large", p)
		}
		v[i] = uint32(u)
	}
	return Version{v[0], v[1], v[2]}
}

func (r *reader) files(n ast.Node, s *Scenario) []File {
	var files []File
	for _, e := range r.entries(n, "machine.files") {
		path := r.checkGuestPath(e.at, "machine.files", e.key)
		source, ok := r.source(e.value, "the source of "+e.key, s)
		if path == "" || !ok {
			continue
		}
		if slices.ContainsFunc(files, func(f File) bool { return strings.EqualFold(f.Path, path) }) {
			r.problem(e.at, "case does not matter in guest paths", "%s stands twice in machine.files", path)
			continue
		}
		files = append(files, File{path, source})
	}
	return files
}

func (r *reader) web(n ast.Node, s *Scenario) []WebAnswer {
	var answers []WebAnswer
	for _, e := range r.entries(n, "machine.web") {
		if u, err := url.Parse(e.key); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			r.problem(e.at, "such as https://host.example/path", "machine.web: %q is not an http or https URL", e.key)
			continue
		}
		nodes := []ast.Node{e.value}
		if list, ok := e.value.(*ast.SequenceNode); ok {
			nodes = list.Values
		}
		for _, node := range nodes {
			a := WebAnswer{URL: e.key, Status: 200}
			if isMapping(node) {
				r.object(node, "the answer for "+e.key, r.webKeys(&a, s))
			} else {
				a.Body, _ = r.source(node, "the answer for "+e.key, s)
			}
			if slices.ContainsFunc(answers, func(b WebAnswer) bool { return a.URL == b.URL && (a.Method == b.Method || b.Method == "") }) {
				r.problem(place(node), "tell the answers apart by method", "this answer for %s is never given: another one comes first", e.key)
			}
			answers = append(answers, a)
		}
	}
	return answers
}

func (r *reader) webKeys(a *WebAnswer, s *Scenario) []key {
	return []key{
		{name: "method", doc: "the request's method; default any", schema: matching(namePattern),
			read: func(n ast.Node) { a.Method = strings.ToUpper(r.matching(n, "method", namePattern)) }},
		{name: "status", doc: "HTTP status; default 200", schema: integerSchema(),
			read: func(n ast.Node) {
				v, ok := r.unsigned(n, "status", math.MaxUint64)
				if ok && (v < 100 || v > 599) {
					r.problem(place(n), "", "status must lie between 100 and 599")
				}
				a.Status = int(v)
			}},
		{name: "headers", doc: "headers of the answer", schema: mapOf(stringSchema()),
			read: func(n ast.Node) { a.Headers = r.variables(n, "headers") }},
		{name: "body", doc: "source of the body; default empty", schema: stringSchema(),
			read: func(n ast.Node) { a.Body, _ = r.source(n, "body", s) }},
	}
}

func (r *reader) variables(n ast.Node, what string) []Variable {
	var out []Variable
	for _, e := range r.foldedEntries(n, what) {
		value, ok := r.anyText(e.value, what+"."+e.key)
		if ok && strings.ContainsAny(e.key+value, "\r\n\x00") {
			r.problem(e.at, "", "%s.%s has a line break or NUL", what, e.key)
			ok = false
		}
		if ok {
			out = append(out, Variable{e.key, value})
		}
	}
	return out
}

func (r *reader) dns(n ast.Node) []DNSAnswer {
	var out []DNSAnswer
	for _, e := range r.foldedEntries(n, "machine.dns") {
		nodes := []ast.Node{e.value}
		if list, ok := e.value.(*ast.SequenceNode); ok {
			nodes = list.Values
		}
		a := DNSAnswer{Host: e.key}
		for _, node := range nodes {
			s, ok := r.text(node, "the address of "+e.key)
			if !ok {
				continue
			}
			if _, err := netip.ParseAddr(s); err != nil {
				r.problem(place(node), "such as 192.0.2.1", "machine.dns: %q is not an IP address", s)
				continue
			}
			a.Addresses = append(a.Addresses, s)
		}
		out = append(out, a)
	}
	return out
}

// Registry value types, from winnt.h.
const (
	regSZ       = 1
	regExpandSZ = 2
	regBinary   = 3
	regDWORD    = 4
	regMultiSZ  = 7
	regQWORD    = 11
)

func registryTypes() []string {
	return []string{"REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_MULTI_SZ", "REG_QWORD"}
}

func registryRoots() []string {
	return []string{
		"HKLM", "HKCU", "HKCR", "HKU", "HKCC",
		"HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER", "HKEY_CLASSES_ROOT", "HKEY_USERS", "HKEY_CURRENT_CONFIG",
	}
}

func (r *reader) registry(n ast.Node) []RegistryValue {
	var out []RegistryValue
	for _, e := range r.foldedEntries(n, "machine.registry") {
		root, _, _ := strings.Cut(e.key, `\`)
		cut := strings.LastIndexByte(e.key, '\\')
		if cut < 0 || !slices.Contains(registryRoots(), strings.ToUpper(root)) {
			r.problem(e.at, "it starts with one of "+strings.Join(registryRoots()[:5], ", "), `machine.registry: %q is not a path such as HKLM\SOFTWARE\Name`, e.key)
			continue
		}
		if isNull(e.value) {
			out = append(out, RegistryValue{Key: strings.TrimRight(e.key, `\`)})
			continue
		}
		v := RegistryValue{Key: e.key[:cut], Name: e.key[cut+1:]}
		if isMapping(e.value) {
			r.registryValue(e.value, &v)
		} else if s, ok := r.anyText(e.value, "the data of "+e.key); ok {
			v.Type, v.Data = regSZ, wide(s)
		}
		out = append(out, v)
	}
	return out
}

func (r *reader) registryValue(n ast.Node, v *RegistryValue) {
	var data ast.Node
	r.object(n, "a registry value", registryKeys(
		func(n ast.Node) { v.Type = r.registryType(n) },
		func(n ast.Node) { data = n },
	))
	if data == nil || v.Type == 0 {
		return
	}
	v.Data = []byte{}
	switch v.Type {
	case regSZ, regExpandSZ:
		if s, ok := r.anyText(data, "data"); ok {
			v.Data = wide(s)
		}
	case regMultiSZ:
		for _, s := range r.texts(data, "data") {
			v.Data = append(v.Data, wide(s)...)
		}
		v.Data = append(v.Data, 0, 0)
	case regDWORD:
		u, _ := r.unsigned(data, "data of a REG_DWORD", math.MaxUint32)
		v.Data = binary.LittleEndian.AppendUint32(v.Data, uint32(u))
	case regQWORD:
		u, _ := r.unsigned(data, "data of a REG_QWORD", math.MaxUint64)
		v.Data = binary.LittleEndian.AppendUint64(v.Data, u)
	case regBinary:
		s, ok := r.anyText(data, "data of a REG_BINARY")
		b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
		if ok && err != nil {
			r.problem(place(data), "pairs of digits in quotes, blanks between them allowed", "data: %q is not hexadecimal", s)
		}
		v.Data = append(v.Data, b...)
	}
}

func registryKeys(readType, readData func(ast.Node)) []key {
	return []key{
		{name: "type", required: true, doc: "one of " + strings.Join(registryTypes(), ", "), schema: oneOf(registryTypes()), read: readType},
		{name: "data", required: true, doc: "text, an integer, a list of texts, or hexadecimal text for REG_BINARY",
			schema: either(stringSchema(), integerSchema(), listOf(stringSchema())), read: readData},
	}
}

func (r *reader) registryType(n ast.Node) uint32 {
	s, ok := r.text(n, "type")
	if !ok {
		return 0
	}
	types := []uint32{regSZ, regExpandSZ, regBinary, regDWORD, regMultiSZ, regQWORD}
	if i := slices.Index(registryTypes(), s); i >= 0 {
		return types[i]
	}
	hint := "one of " + strings.Join(registryTypes(), ", ")
	if near := match.Closest(s, registryTypes()); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	r.problem(place(n), hint, "unknown registry type %q", s)
	return 0
}

// wide is text as UTF-16LE with its terminator.
func wide(s string) []byte {
	out := []byte{}
	for _, u := range append(utf16.Encode([]rune(s)), 0) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}
