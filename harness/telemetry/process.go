package telemetry

import (
	"fmt"
	"maps"
	"strings"

	"sidetrace/emulator/trace"
)

// moduleLoad makes event 7, and before the program's own image event 1.
func (b *builder) moduleLoad(at *trace.Behaviour, f trace.ModuleLoad) {
	if f.Found == "missing" || isGuard(f) {
		return // there is no such file, or not on a machine that is real
	}
	if f.Reason == "process" && f.Found == "process image" {
		b.programStart(at)
	}
	v := b.self()
	v["ImageLoaded"] = Text(f.Path)
	if f.System {
		maps.Copy(v, values{"Signed": Text("true"), "Signature": Text("Microsoft Windows"), "SignatureStatus": Text("Valid")})
	} else {
		b.file(v, f.Path, at)
	}
	b.sysmon(at, 7, v)
}

// isGuard says that a module is the library that keeps replicas from running
// anywhere but in the emulator.
func isGuard(f trace.ModuleLoad) bool {
	return f.System && strings.EqualFold(f.Name, "sidetrace-guard.dll")
}

// file fills in what a file says of itself.
func (b *builder) file(v values, path string, at *trace.Behaviour) {
	f := b.facts(path)
	signed, signer, status := f.Signature(b.time(at.Time), b.host.Roots)
	maps.Copy(v, values{"Signed": Text(fmt.Sprint(signed)), "Signature": text(signer), "SignatureStatus": text(status)})
	if f == nil {
		return
	}
	maps.Copy(v, values{
		"FileVersion": text(f.FileVersion), "Description": text(f.Description), "Product": text(f.Product), "Company": text(f.Company),
		"OriginalFileName": text(f.OriginalFileName), "Hashes": Text(f.Hashes()),
	})
}

// programStart is the start of the program by the shell.
func (b *builder) programStart(at *trace.Behaviour) {
	p := b.program
	parent := b.processes[p.Parent]
	b.processStart(at, p, parent)
}

func (b *builder) processStart(at *trace.Behaviour, p, parent trace.Process) {
	v := b.actor(p.ID, p.Image)
	b.file(v, p.Image, at)
	maps.Copy(v, values{
		"CommandLine": text(p.CommandLine), "CurrentDirectory": text(withSlash(p.CurrentDirectory)),
		"LogonGuid": b.makeGUID(b.boot(), logon), "LogonId": Text(fmt.Sprintf("%#x", logon)),
		"TerminalSessionId": Int(int64(p.Session)), "IntegrityLevel": Text("Medium"),
		"ParentProcessGuid": b.guid(parent.ID), "ParentProcessId": Int(int64(parent.ID)), "ParentImage": text(parent.Image),
		"ParentCommandLine": text(parent.CommandLine),
	})
	if parent.ID != 0 {
		v["ParentUser"] = b.userOf(parent.ID)
	}
	b.sysmon(at, 1, v)
}

func withSlash(directory string) string {
	if directory == "" || strings.HasSuffix(directory, `\`) {
		return directory
	}
	return directory + `\`
}

// processCreate makes event 1 of a process that the guest started.
func (b *builder) processCreate(at *trace.Behaviour, f trace.ProcessCreate) {
	b.started[f.ID] = at.Time
	b.children[f.ID] = &child{}
	p, ok := b.processes[f.ID]
	if !ok { // started by the shell on the program's behalf
		p = trace.Process{ID: f.ID, Parent: b.program.ID, Session: 1}
		b.processes[f.ID] = p
	}
	p.Image, p.CommandLine, p.CurrentDirectory = f.Image, f.CommandLine, f.CurrentDirectory
	parent := b.processes[p.Parent]
	if p.Parent == b.program.ID {
		parent = b.program
	}
	b.processStart(at, p, parent)
}

// terminated makes event 5.
func (b *builder) terminated(at *trace.Behaviour, id uint32, image string) {
	b.sysmon(at, 5, b.actor(id, image))
}

// processAccess makes event 10; an access that is refused makes none.
func (b *builder) processAccess(at *trace.Behaviour, f trace.ProcessAccess) {
	if !f.Granted {
		return
	}
	v := b.pair("GUID", f.ID, f.Image)
	v["SourceThreadId"] = Int(int64(at.TID))
	v["GrantedAccess"] = Text(fmt.Sprintf("%#x", f.Access))
	v["CallTrace"] = text(b.callTrace(at))
	b.sysmon(at, 10, v)
}

// callTrace is the one frame of the stack that the record has: where the API was
// called from. The frames of Windows' own DLLs before it are not the machine's.
func (b *builder) callTrace(at *trace.Behaviour) string {
	if len(at.Calls) == 0 || b.run.Calls == nil {
		return ""
	}
	if b.callers == nil {
		b.findCallers()
	}
	caller, ok := b.callers[at.Calls[0]]
	switch m := b.moduleOf(caller); {
	case !ok:
		return ""
	case m != nil:
		return fmt.Sprintf("%s+%x", m.Path, caller-m.Base)
	}
	return fmt.Sprintf("UNKNOWN(%016X)", caller)
}

// findCallers looks up where the calls were made that opened processes.
func (b *builder) findCallers() {
	b.callers = map[uint64]uint64{}
	wanted := map[uint64]bool{}
	for i := range b.run.Behaviours {
		at := &b.run.Behaviours[i]
		if _, ok := at.Fields.(trace.ProcessAccess); ok && len(at.Calls) > 0 {
			wanted[at.Calls[0]] = true
		}
	}
	for c := range b.run.Calls.All() {
		if wanted[c.Seq] {
			b.callers[c.Seq] = c.Caller
		}
	}
}

// pair is the fields of events that name the process which did it and the one
// it was done to.
func (b *builder) pair(guid string, target uint32, image string) values {
	return values{
		"SourceProcess" + guid: b.guid(b.program.ID), "SourceProcessId": Int(int64(b.program.ID)), "SourceImage": text(b.program.Image), "SourceUser": b.userOf(b.program.ID),
		"TargetProcess" + guid: b.guid(target), "TargetProcessId": Int(int64(target)), "TargetImage": text(image), "TargetUser": b.userOf(target),
	}
}

// remoteThread makes event 8.
func (b *builder) remoteThread(at *trace.Behaviour, f trace.ThreadCreateRemote) {
	v := b.pair("Guid", f.ProcessID, f.Image)
	v["NewThreadId"] = Int(int64(f.ID))
	v["StartAddress"] = Text(fmt.Sprintf("0x%016X", f.Start))
	if m := b.moduleOf(f.Start); m != nil && m.System { // other modules lie elsewhere in another process
		v["StartModule"] = Text(m.Path)
		v["StartFunction"] = text(f.Function)
	}
	b.sysmon(at, 8, v)
}

// tampering makes event 25 when the first thread of a new process is turned to
// an image that was written into it.
func (b *builder) tampering(at *trace.Behaviour) {
	switch f := at.Fields.(type) {
	case trace.ProcessWriteMemory:
		if c := b.children[f.ID]; c != nil && f.Content == "pe" {
			c.written = true
		}
	case trace.ThreadHijack:
		c := b.children[f.ProcessID]
		if c == nil || !c.written || c.replaced || f.Method != "context" {
			return
		}
		c.replaced = true
		v := b.actor(f.ProcessID, f.Image)
		v["Type"] = Text("Image is replaced")
		b.sysmon(at, 25, v)
	}
}
