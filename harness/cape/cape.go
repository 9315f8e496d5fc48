// Package cape writes a run as the CAPE sandbox would report it, for tools that
// read such reports, capa before all:
//
//	err := cape.Write(file, run, subject)
//	…
//	capa report.json
//
// The form is that of CAPE 2.4 as capa's models take it
// (https://github.com/mandiant/capa, capa/features/extractors/cape/models.py): they
// refuse a call, a process or a summary with a field too many or too few. What a
// run does not know (fuzzy digests, who called the caller) is empty or zero, never
// made up.
package cape

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sidetrace/emulator/trace"
	"sidetrace/harness/detect"
)

// Version is the version of CAPE whose form this is; capa has been tested with it.
const Version = "2.4-CAPE"

// maxCalls is how many API calls a report has: they are most of it, and readers
// hold all of it in memory.
const maxCalls = 100_000

// Report is a report. Its lists are never null.
type Report struct {
	Info       Info       `json:"info"`
	Target     Target     `json:"target"`
	Static     *Static    `json:"static,omitempty"` // nil if the program is no PE
	Behavior   Behavior   `json:"behavior"`
	CAPE       Payloads   `json:"CAPE"`
	Network    Network    `json:"network"`
	Suricata   Suricata   `json:"suricata"`
	Dropped    []File     `json:"dropped"`
	ProcDump   []File     `json:"procdump"`
	ProcMemory []struct{} `json:"procmemory"`
	Signatures []struct{} `json:"signatures"` // detections are sidetrace's own reports
	MalScore   float64    `json:"malscore"`
}

// Info is about the analysis.
type Info struct {
	Version  string `json:"version"`
	Started  string `json:"started"` // guest time, as every time in a report
	Duration int    `json:"duration"`
}

// Target is what was run.
type Target struct {
	Category string `json:"category"`
	File     File   `json:"file"`
}

// Behavior is what it did.
type Behavior struct {
	Summary          Summary       `json:"summary"`
	Processes        []Process     `json:"processes"`
	ProcessTree      []ProcessTree `json:"processtree"`
	Anomaly          []string      `json:"anomaly"`
	Enhanced         []struct{}    `json:"enhanced"`
	EncryptedBuffers []struct{}    `json:"encryptedbuffers"`
}

// Process is a process that ran. Those that it started did not.
type Process struct {
	ID         uint32            `json:"process_id"`
	Name       string            `json:"process_name"`
	Parent     uint32            `json:"parent_id"`
	ModulePath string            `json:"module_path"`
	FirstSeen  string            `json:"first_seen"`
	Calls      []Call            `json:"calls"`
	Threads    []uint32          `json:"threads"`
	Environ    map[string]string `json:"environ"`
}

// ProcessTree is a process with those that it started.
type ProcessTree struct {
	Name       string            `json:"name"`
	ID         uint32            `json:"pid"`
	Parent     uint32            `json:"parent_id"`
	ModulePath string            `json:"module_path"`
	Threads    []uint32          `json:"threads"`
	Environ    map[string]string `json:"environ"`
	Children   []ProcessTree     `json:"children"`
}

// Payloads is what was unpacked and decrypted.
type Payloads struct {
	Payloads []File     `json:"payloads"`
	Configs  []struct{} `json:"configs"`
}

// Write writes the report of a run and of what it left behind, on one line.
func Write(w io.Writer, run *trace.Run, s *detect.Subject) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(New(run, s))
}

// New makes the report of a run and of what it left behind.
func New(run *trace.Run, s *detect.Subject) *Report {
	program := target(run, s)
	r := &Report{
		Info:       Info{Version, stamp(run, 0), int(run.Elapsed / time.Second)},
		Target:     Target{"file", newFile(program)},
		Static:     newStatic(program.Data),
		Behavior:   newBehavior(run),
		CAPE:       Payloads{[]File{}, []struct{}{}},
		Network:    newNetwork(run),
		Suricata:   newSuricata(),
		Dropped:    []File{},
		ProcDump:   []File{},
		ProcMemory: []struct{}{},
		Signatures: []struct{}{},
	}
	for _, o := range s.Objects {
		switch {
		case o.Kind == "file" && o.Seq != 0: // else it was there before
			r.Dropped = append(r.Dropped, newFile(o))
		case o.Kind == "process.image":
			r.ProcDump = append(r.ProcDump, fromProcess(newFile(o), run))
		case slices.Contains([]string{"code.unpacked", "payload.decrypted", "module.manual_map"}, o.Kind):
			r.CAPE.Payloads = append(r.CAPE.Payloads, fromProcess(newFile(o), run))
		}
	}
	return r
}

// target is the program as it was when it was started.
func target(run *trace.Run, s *detect.Subject) detect.Object {
	for _, o := range s.Objects {
		if o.Kind == "file" && o.Seq == 0 && strings.EqualFold(o.Path, run.Image) {
			return o
		}
	}
	return detect.Object{Kind: "file", Name: run.Image, Path: run.Image}
}

func newBehavior(run *trace.Run) Behavior {
	b := Behavior{
		Summary: newSummary(run), Anomaly: []string{}, Enhanced: []struct{}{}, EncryptedBuffers: []struct{}{},
	}
	p := Process{
		ID: run.PID, Name: trace.BaseName(run.Image), ModulePath: run.Image, FirstSeen: stamp(run, 0),
		Calls: []Call{}, Threads: []uint32{}, Environ: environ(run),
	}
	for _, other := range run.Processes {
		if other.ID == run.PID {
			p.Parent = other.Parent
		}
	}
	thread := func(id uint32) {
		if id != 0 && !slices.Contains(p.Threads, id) {
			p.Threads = append(p.Threads, id)
		}
	}
	if run.Calls != nil {
		for c := range run.Calls.All() {
			if len(p.Calls) == maxCalls {
				b.Anomaly = append(b.Anomaly, fmt.Sprintf("sidetrace: only the first %d of %d calls are here", maxCalls, run.Calls.Len()))
				break
			}
			thread(c.TID)
			p.Calls = append(p.Calls, newCall(run, &c, len(p.Calls)))
		}
	}
	for i := range run.Behaviours {
		thread(run.Behaviours[i].TID)
	}
	b.Processes = []Process{p}
	root := ProcessTree{Name: p.Name, ID: p.ID, Parent: p.Parent, ModulePath: p.ModulePath, Threads: p.Threads, Environ: p.Environ, Children: []ProcessTree{}}
	for _, other := range run.Processes {
		if other.Parent == run.PID && other.ID != run.PID {
			root.Children = append(root.Children, ProcessTree{
				Name: trace.BaseName(other.Image), ID: other.ID, Parent: other.Parent, ModulePath: other.Image,
				Threads: []uint32{}, Environ: map[string]string{}, Children: []ProcessTree{},
			})
		}
	}
	b.ProcessTree = []ProcessTree{root}
	return b
}

// environ is what CAPE's monitor says of a process when it starts.
func environ(run *trace.Run) map[string]string {
	e := map[string]string{"UserName": run.User, "ComputerName": run.Computer}
	for _, p := range run.Processes {
		if p.ID == run.PID {
			e["CommandLine"] = p.CommandLine
		}
	}
	for _, m := range run.Modules {
		if strings.EqualFold(m.Path, run.Image) {
			e["MainExeBase"], e["MainExeSize"] = hexadecimal(m.Base), hexadecimal(uint64(m.Size))
		}
	}
	return e
}

// stamp is a guest time as CAPE writes it.
func stamp(run *trace.Run, at time.Duration) string {
	return strings.Replace(run.Start.UTC().Add(at).Format("2006-01-02 15:04:05.000"), ".", ",", 1)
}

// hexadecimal is how CAPE writes numbers that are no counts.
func hexadecimal(v uint64) string { return fmt.Sprintf("0x%08x", v) }
