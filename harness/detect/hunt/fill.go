package hunt

import (
	"cmp"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
)

// row is one row of a table by columns; those left out are NULL.
type row map[string]any

// filler makes the rows of a subject.
type filler struct {
	rows      map[string][]row
	processes map[int64]*process
	order     []*process
	files     map[string]*fileFacts // by path in lower case
	paths     []string              // of files, in their order
	addresses map[string]string     // the last address of a name
	done      map[key]bool
	sensed    map[uint64]bool // behaviours that Sysmon or a proxy tells of
	computer  string
	user, sid string
	address   string
	start     time.Time
	end       time.Time
	flows     int64
}

// key is a row that is made once, however many sensors tell of a behaviour.
type key struct {
	table string
	seq   uint64
}

// process is one process of the run.
type process struct {
	pid, start int64
	filetime   int64
	image      string
	cmdline    string
	parent     int64
	user       string
	product    string
	original   string
	ended      int64
	journal    row
}

func (p *process) sophosPID() string { return fmt.Sprintf("%d:%d", p.pid, p.filetime) }

// fileFacts is what is known of a file.
type fileFacts struct {
	path              string
	size              int64
	md5, sha1, sha256 string
	created, changed  int64
	version, original string
	signed            bool
	signer, status    string // as the sensor says
	productName       string
	gone              bool
}

// newFiller makes the rows of a subject.
func newFiller(s *detect.Subject) *filler {
	f := &filler{rows: map[string][]row{}, processes: map[int64]*process{}, files: map[string]*fileFacts{}, addresses: map[string]string{},
		done: map[key]bool{}, sensed: map[uint64]bool{}, sid: telemetry.DefaultSID, address: telemetry.DefaultAddress}
	for i := range s.Events {
		e := &s.Events[i]
		if e.Source.Product != telemetry.Product {
			f.sensed[e.Seq] = true
		}
		if e.Time.IsZero() {
			continue
		}
		if f.start.IsZero() || e.Time.Before(f.start) {
			f.start = e.Time
		}
		if e.Time.After(f.end) {
			f.end = e.Time
		}
		f.computer = cmp.Or(f.computer, e.Computer)
	}
	f.computer = cmp.Or(f.computer, "WORKSTATION")
	for i := range s.Objects {
		f.object(&s.Objects[i])
	}
	for i := range s.Events {
		f.event(&event{&s.Events[i]})
	}
	f.finish()
	return f
}

func (f *filler) add(table string, seq uint64, r row) {
	r["seq"] = int64(seq)
	f.rows[table] = append(f.rows[table], r)
}

// once says that a table has no row of a behaviour yet. Two sensors may tell of
// one: the proxy and the trace of a request.
func (f *filler) once(table string, seq uint64) bool {
	k := key{table, seq}
	if seq != 0 && f.done[k] {
		return false
	}
	f.done[k] = true
	return true
}

// event reads the fields of one.
type event struct{ *telemetry.Event }

// text is the first of some fields that has a value.
func (e *event) text(names ...string) string {
	for _, name := range names {
		if v, ok := e.Get(name); ok && v.Text != "" && v.Text != "-" {
			return v.Text
		}
	}
	return ""
}

func (e *event) number(names ...string) int64 {
	for _, name := range names {
		v, ok := e.Get(name)
		if !ok {
			continue
		}
		if v.Kind == telemetry.Integer || v.Kind == telemetry.Boolean {
			return v.Int
		}
		var n int64
		if _, err := fmt.Sscan(v.Text, &n); err == nil {
			return n
		}
	}
	return 0
}

// hash is one digest of Sysmon's list of them.
func (e *event) hash(algorithm string) any {
	for part := range strings.SplitSeq(e.text("Hashes", "Hash"), ",") {
		if name, digest, ok := strings.Cut(part, "="); ok && strings.EqualFold(name, algorithm) {
			return strings.ToLower(digest)
		}
	}
	if s := e.text(strings.ToLower(algorithm)); s != "" {
		return strings.ToLower(s)
	}
	return nil
}

func (e *event) unix() int64 {
	if e.Time.IsZero() {
		return 0
	}
	return e.Time.Unix()
}

// filetime is a time as Windows counts it: 100 ns since 1601.
func filetime(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()/100 + 116444736000000000
}

// base is the file name of a path.
func base(path string) string { return path[strings.LastIndexAny(path, `\/`)+1:] }

// directory is the path without it.
func directory(path string) string {
	return strings.TrimRight(path[:strings.LastIndexAny(path, `\/`)+1], `\/`)
}

// object keeps what a file is. Artifacts of the run are no files of the machine.
func (f *filler) object(o *detect.Object) {
	if o.Path == "" || o.Kind != "file" && o.Kind != "file.write" {
		return
	}
	m, s1, s2 := md5.Sum(o.Data), sha1.Sum(o.Data), sha256.Sum256(o.Data)
	x := f.file(o.Path)
	x.size, x.md5, x.sha1, x.sha256 = int64(len(o.Data)), hex.EncodeToString(m[:]), hex.EncodeToString(s1[:]), hex.EncodeToString(s2[:])
	facts := telemetry.NewFacts(o.Data)
	x.version, x.original, x.productName = facts.FileVersion, facts.OriginalFileName, facts.Product
	if o.Seq == 0 {
		x.created = f.start.Unix()
		x.changed = x.created
	}
}

func (f *filler) file(path string) *fileFacts {
	name := strings.ToLower(path)
	x := f.files[name]
	if x == nil {
		x = &fileFacts{path: path, size: -1}
		f.files[name] = x
		f.paths = append(f.paths, name)
	}
	return x
}

// known is a file of which there are bytes; nil if there are none.
func (f *filler) known(path string) *fileFacts {
	if x := f.files[strings.ToLower(path)]; x != nil && x.size >= 0 {
		return x
	}
	return nil
}

// process is that of an event: the one that did it.
func (f *filler) process(e *event) *process {
	return f.processOf(e.number("ProcessId", "pid", "SourceProcessId"), e.text("Image", "SourceImage"), e)
}

func (f *filler) processOf(pid int64, image string, e *event) *process {
	p := f.processes[pid]
	if p == nil {
		p = &process{pid: pid, image: image, start: f.start.Unix(), filetime: filetime(f.start)}
		if f.start.IsZero() {
			p.start, p.filetime = e.unix(), filetime(e.Time)
		}
		f.processes[pid] = p
		f.order = append(f.order, p)
	}
	p.image = cmp.Or(p.image, image)
	return p
}

// who begins a row of a journal.
func (f *filler) who(e *event, r row) (row, *process) {
	p := f.process(e)
	r["time"], r["pid"], r["process_start_time"], r["sophos_pid"] = e.unix(), p.pid, p.start, p.sophosPID()
	return r, p
}

// lake begins a row of the wide table.
func (f *filler) lakeRow(query string, when int64, r row) row {
	t := time.Unix(when, 0).UTC()
	for name, value := range map[string]any{
		"query_name": query, "time": when, "unix_time": when, "calendar_time": t.Format("Mon Jan _2 15:04:05 2006 UTC"), "epoch": int64(0), "counter": int64(0),
		"osquery_action": "added", "host_identifier": f.computer, "meta_hostname": f.computer, "meta_ip_address": f.address, "meta_username": f.user,
		"meta_os_name": "Windows", "meta_os_platform": "windows", "meta_os_type": "windows", "meta_endpoint_type": "computer", "licence": "MTR",
		"ingestion_timestamp": when, "customer_id": "sidetrace", "endpoint_id": "sidetrace",
	} {
		if _, ok := r[name]; !ok {
			r[name] = value
		}
	}
	return r
}

// reputation is what no product knows of the files of a run.
func reputation(r row) row {
	r["global_rep"], r["local_rep"], r["ml_score"], r["pua_score"] = int64(-1), int64(-1), int64(-1), int64(-1)
	return r
}
