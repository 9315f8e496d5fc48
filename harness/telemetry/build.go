package telemetry

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"sidetrace/emulator/trace"
)

// Build makes the events that Sysmon and a proxy would have written of a run, in
// the order of time.
//
// Sysmon is taken to be configured to record everything, which no
// configuration in use does: what a rule then misses, no configuration would
// have given it.
func Build(run *trace.Run, host Host) []Event {
	b := newBuilder(run, host)
	b.contents()
	for i := range run.Behaviours {
		b.add(i)
	}
	return b.events
}

// builder makes events of a run's behaviours.
type builder struct {
	run       *trace.Run
	host      Host
	processes map[uint32]trace.Process
	program   trace.Process
	started   map[uint32]time.Duration // processes that the guest started, since the start of the run
	children  map[uint32]*child
	callers   map[uint64]uint64 // addresses that calls were made from, by their numbers
	ports     int
	written   map[string]*Facts // of files the guest wrote, by path in lower case
	gone      map[string]*Facts // and removed
	events    []Event
}

// child is what was done to a process the guest started.
type child struct{ written, replaced bool }

func newBuilder(run *trace.Run, host Host) *builder {
	b := &builder{run: run, host: host.with(run), processes: map[uint32]trace.Process{}, started: map[uint32]time.Duration{}, children: map[uint32]*child{}}
	for _, p := range run.Processes {
		b.processes[p.ID] = p
	}
	b.program = b.processes[run.PID]
	if b.program.Image == "" { // a record without processes
		b.program = trace.Process{ID: run.PID, Image: run.Image, CommandLine: `"` + run.Image + `"`, Session: 1}
	}
	return b
}

// add makes the events of one behaviour.
func (b *builder) add(i int) {
	at := &b.run.Behaviours[i]
	switch f := at.Fields.(type) {
	case trace.ModuleLoad:
		b.moduleLoad(at, f)
	case trace.ProcessCreate:
		b.processCreate(at, f)
	case trace.ProcessTerminate:
		b.terminated(at, f.ID, f.Image)
	case trace.Exit:
		b.terminated(at, b.program.ID, b.program.Image)
	case trace.ProcessAccess:
		b.processAccess(at, f)
	case trace.ProcessWriteMemory, trace.ProcessMemory, trace.ThreadHijack:
		b.tampering(at)
	case trace.ThreadCreateRemote:
		b.remoteThread(at, f)
	case trace.FileCreate:
		b.fileCreate(i, f)
	case trace.FileDelete:
		b.fileDelete(i, f)
	case trace.RegistryCreate:
		b.registryCreate(i, f)
	case trace.RegistryDelete:
		b.registryDelete(i, f)
	case trace.RegistryWrite:
		b.registrySet(at, f)
	case trace.PipeCreate:
		b.pipe(at, 17, "CreatePipe", f.Name)
	case trace.PipeConnect:
		b.pipe(at, 18, "ConnectPipe", f.Name)
	case trace.DNSQuery:
		b.dns(at, f)
	case trace.NetConnect:
		b.connect(at, f)
	case trace.HTTPRequest:
		b.proxy(at, f)
	}
}

// values are the fields of an event by name.
type values map[string]Value

func text(s string) Value {
	if s == "" {
		return Text(none)
	}
	return Text(s)
}

// time of a behaviour; the event log has units of 100 ns.
func (b *builder) time(at time.Duration) time.Time {
	return b.run.Start.UTC().Add(at.Truncate(100 * time.Nanosecond))
}

// sysmon adds an event. Fields without a value are "-", numbers 0.
func (b *builder) sysmon(at *trace.Behaviour, id int, v values) {
	b.write(at, id, "", v)
}

func (b *builder) write(at *trace.Behaviour, id int, category string, v values) {
	s := sysmonEvent(id)
	if category == "" {
		category = s.Categories[0]
	}
	when := b.time(at.Time)
	e := Event{
		Seq: at.Seq, Time: when, Source: Logsource{category, "windows", "sysmon"}, Computer: b.host.Computer,
		Provider: SysmonProvider, Channel: SysmonChannel, ID: id, Fields: make([]Field, len(s.Fields)),
	}
	for i, f := range s.Fields {
		value, ok := v[f.Name]
		switch {
		case ok:
		case f.Name == "UtcTime":
			value = Text(utc(when))
		case f.Type == TypeNumber:
			value = Int(0)
		case f.Type == TypeGUID:
			value = Text("{00000000-0000-0000-0000-000000000000}")
		default:
			value = Text(none)
		}
		e.Fields[i] = Field{f.Name, value}
	}
	b.emit(e)
}

// emit adds an event. The guest may write anything, and logs are UTF-8.
func (b *builder) emit(e Event) {
	for i := range e.Fields {
		v := &e.Fields[i].Value
		v.Text = strings.ToValidUTF8(v.Text, "\uFFFD")
	}
	b.events = append(b.events, e)
}

// self is the fields that say which process did it: the program.
func (b *builder) self() values {
	return b.actor(b.program.ID, b.program.Image)
}

func (b *builder) actor(id uint32, image string) values {
	return values{"ProcessGuid": b.guid(id), "ProcessId": Int(int64(id)), "Image": text(image), "User": b.userOf(id)}
}

// utc is how Sysmon writes a time.
func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }

// userOf is the account that a process runs as.
func (b *builder) userOf(id uint32) Value {
	if b.processes[id].System {
		return Text(`NT AUTHORITY\SYSTEM`)
	}
	return Text(b.host.account())
}

// guid is a process's identifier in Sysmon's form: a part of the machine's,
// the time the process started, and a number, for which the process identifier
// stands.
func (b *builder) guid(id uint32) Value {
	if id == 0 {
		return Text("{00000000-0000-0000-0000-000000000000}")
	}
	when := b.run.Start
	if at, ok := b.started[id]; ok {
		when = when.Add(at)
	} else if id != b.program.ID {
		when = b.boot()
	}
	return b.makeGUID(when, uint64(id))
}

func (b *builder) makeGUID(when time.Time, number uint64) Value {
	seconds := uint32(when.Unix())
	var tail [8]byte
	binary.LittleEndian.PutUint64(tail[:], number)
	return Text(fmt.Sprintf("{%08X-%04X-%04X-%X-%X}", b.host.machinePart(), uint16(seconds), uint16(seconds>>16), tail[:2], tail[2:]))
}

// boot is when the machine's own processes started, as no record says: an hour
// before the program.
func (b *builder) boot() time.Time { return b.run.Start.Add(-time.Hour) }

// logon is the number of the user's logon session, which no record has: one that
// is the same in every run.
const logon = 0x3B5E6

// moduleOf finds the module an address lies in, or nil.
func (b *builder) moduleOf(addr uint64) *trace.Module {
	i := slices.IndexFunc(b.run.Modules, func(m trace.Module) bool { return addr >= m.Base && addr-m.Base < uint64(m.Size) })
	if i < 0 {
		return nil
	}
	return &b.run.Modules[i]
}

// folder is a guest path without its last part, with the backslash.
func folder(path string) string {
	return path[:strings.LastIndexByte(path, '\\')+1]
}
