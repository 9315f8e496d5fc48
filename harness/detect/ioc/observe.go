package ioc

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strings"

	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
)

// sighting is one place where something was seen.
type sighting struct {
	on   string // event or object
	kind string // as in reports.Fire
	term string // field, or "sha256"
	text string // as it was seen
	seq  uint64
	line int
}

// observable is something that an indicator could be of, and where it was seen.
type observable struct {
	kind  Kind
	value string // as indicators are compared
	seen  []sighting
	rest  int // sightings that were not kept
}

// sightings is how many places of one thing are kept.
const sightings = 32

// observables are all that a subject shows, in the order in which they were
// first seen.
type observables struct {
	list  []*observable
	index map[observed]*observable
	files int // objects that were hashed
}

type observed struct {
	kind  Kind
	value string
}

// observe lists what a subject shows.
func observe(s *detect.Subject) *observables {
	o := &observables{index: map[observed]*observable{}}
	for i := range s.Objects {
		o.object(&s.Objects[i])
	}
	for i := range s.Events {
		o.event(s, &s.Events[i])
	}
	return o
}

func (o *observables) add(kind Kind, value string, at sighting) {
	if value == "" {
		return
	}
	key := observed{kind, value}
	found := o.index[key]
	if found == nil {
		found = &observable{kind: kind, value: value}
		o.index[key] = found
		o.list = append(o.list, found)
	}
	for _, s := range found.seen { // one event may say the same twice
		if s.on == at.on && s.seq == at.seq && s.line == at.line {
			return
		}
	}
	if len(found.seen) == sightings {
		found.rest++
		return
	}
	found.seen = append(found.seen, at)
}

// object takes the names and the hashes of a file or artifact.
func (o *observables) object(obj *detect.Object) {
	o.files++
	at := sighting{on: obj.Name, kind: obj.Kind, seq: obj.Seq}
	see := func(kind Kind, term, value, text string) {
		at := at
		at.term, at.text = term, text
		o.add(kind, value, at)
	}
	sum := func(kind Kind, digest []byte) {
		text := hex.EncodeToString(digest)
		see(kind, kind.String(), text, text)
	}
	m, s1, s2 := md5.Sum(obj.Data), sha1.Sum(obj.Data), sha256.Sum256(obj.Data)
	sum(MD5, m[:])
	sum(SHA1, s1[:])
	sum(SHA256, s2[:])
	if obj.Path != "" {
		path := filePath(obj.Path)
		see(Path, "path", path, obj.Path)
		see(FileName, "path", path[strings.LastIndexByte(path, '\\')+1:], obj.Path)
	}
}

// fields says what the fields of sensors are of; names are in lower case. Those
// of behaviours come after a dot and the first word of the kind, where a name
// alone could be of several things.
var fields = map[string]Kind{
	"queryname": Domain, "destinationhostname": Domain, "cs-host": Domain, "host": Domain, "c-uri": URL, "url": URL, "c-uri-full": URL, "cs-referrer": URL,
	"destinationip": IP, "address": IP, "queryresults": IP, "results": IP, "dst_ip": IP, "r-ip": IP,
	"c-useragent": UserAgent, "user_agent": UserAgent,
	"image": Path, "imageloaded": Path, "targetfilename": Path, "parentimage": Path, "parent_image": Path, "sourceimage": Path, "targetimage": Path,
	"path": Path, "source_file": Path, "creator_image": Path,
	"targetobject": Registry, "registry.path": Registry, "pipename": Pipe, "pipe.name": Pipe, "mutex.name": Mutex, "event.name": Event, "dns.name": Domain,
	"md5": MD5, "sha1": SHA1, "sha256": SHA256, "imphash": ImpHash,
}

// event takes what an event shows.
func (o *observables) event(s *detect.Subject, e *telemetry.Event) {
	if e.Source.Service == telemetry.ServiceAPI { // a behaviour tells what came of a call
		return
	}
	topic, _, _ := strings.Cut(e.Source.Category, "_") // dns_query, mutex_create: the kind of behaviour
	on := ""
	for i := range e.Fields {
		f := &e.Fields[i]
		if f.Value.Text == "" || f.Value.Text == "-" || len(f.Value.Text) > 1<<16 { // "-" is what Sysmon writes for nothing
			continue
		}
		name := strings.ToLower(f.Name)
		kind, ok := fields[topic+"."+name]
		if !ok {
			kind = fields[name]
		}
		if kind == Unknown && name != "hashes" && name != "hash" {
			continue
		}
		if on == "" {
			on = s.EventName(e)
		}
		at := sighting{on: on, kind: "event", term: f.Name, text: f.Value.Text, seq: e.Seq, line: e.Line}
		o.field(kind, f.Value.Text, e, at)
	}
}

// field takes what the value of one field shows.
func (o *observables) field(kind Kind, text string, e *telemetry.Event, at sighting) {
	switch kind {
	case Unknown:
		for part := range strings.SplitSeq(text, ",") {
			algorithm, digest, _ := strings.Cut(part, "=")
			if t := types[word(algorithm)]; t.kind.hash() {
				at.text = strings.TrimSpace(digest)
				o.add(t.kind, strings.ToLower(at.text), at)
			}
		}
	case Domain:
		o.host(text, at)
	case URL:
		if strings.HasPrefix(text, "/") { // what a proxy logs of a request it does not see whole
			if host, ok := e.Get("cs-host"); ok {
				text = host.Text + text
			}
		}
		u := parseURL(text)
		if u.path == "" {
			u.path = "/"
		}
		if ascii, err := hostName(u.host); err == nil {
			u.host = ascii
		}
		o.add(URL, u.String(), at)
		o.host(u.host, at)
	case IP:
		for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
			if a, err := netip.ParseAddr(part); err == nil {
				at.text = part
				o.add(IP, a.Unmap().WithZone("").String(), at)
			}
		}
	case Path:
		path := filePath(text)
		o.add(Path, path, at)
		o.add(FileName, path[strings.LastIndexByte(path, '\\')+1:], at)
	case Registry:
		o.add(Registry, registryPath(text), at)
	case Pipe:
		o.add(Pipe, pipeName(text), at)
	case Mutex, Event:
		o.add(kind, text, at)
	case MD5, SHA1, SHA256, ImpHash:
		o.add(kind, strings.ToLower(text), at)
	default:
		o.add(kind, text, at)
	}
}

// host takes a name or an address.
func (o *observables) host(text string, at sighting) {
	if text == "-" { // Sysmon's word for none
		return
	}
	host, _ := cutPort(strings.ToLower(strings.TrimSpace(text)))
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		o.add(IP, a.Unmap().String(), at)
		return
	}
	if ascii, err := hostName(host); err == nil {
		host = ascii
	}
	o.add(Domain, host, at)
}
