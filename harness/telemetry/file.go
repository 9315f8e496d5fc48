package telemetry

import (
	"fmt"
	"strings"

	"sidetrace/emulator/trace"
)

// contents looks at the files that the guest wrote.
func (b *builder) contents() {
	b.written, b.gone = map[string]*Facts{}, map[string]*Facts{}
	artifacts := map[string][]byte{}
	for _, a := range b.run.Artifacts {
		artifacts[a.Name] = a.Data
	}
	for _, f := range b.run.Files {
		var facts *Facts
		if data := artifacts[f.Artifact]; data != nil || f.Size == 0 {
			facts = NewFacts(data)
		}
		if f.Deleted {
			b.gone[strings.ToLower(f.Path)] = facts
		} else {
			b.written[strings.ToLower(f.Path)] = facts
		}
	}
}

// facts tells of a file: of what the guest left there, or of what was there
// before.
func (b *builder) facts(path string) *Facts {
	key := strings.ToLower(path)
	for _, files := range []map[string]*Facts{b.written, b.gone} {
		if f, ok := files[key]; ok {
			return f
		}
	}
	return b.host.Files.Facts(path)
}

// fileCreate makes event 11, and 29 where what was written is a program. An
// alternate stream makes event 15 instead. Contents are those that the file had
// in the end.
func (b *builder) fileCreate(i int, f trace.FileCreate) {
	at := &b.run.Behaviours[i]
	if b.isRename(i, i+1) {
		return // Sysmon has no event for it
	}
	v := b.self()
	v["TargetFilename"] = Text(f.Path)
	created := b.time(at.Time)
	if f.Existed {
		created = b.run.Start
	}
	v["CreationUtcTime"] = Text(utc(created))
	facts := b.facts(f.Path)
	if isStream(f.Path) {
		v["Hash"], v["Contents"] = Text(facts.Hashes()), text(facts.text())
		b.sysmon(at, 15, v)
		return
	}
	b.sysmon(at, 11, v)
	if facts != nil && facts.PE {
		v["Hashes"] = Text(facts.Hashes())
		b.sysmon(at, 29, v)
	}
}

// isRename says that two behaviours are a file's renaming: the same call made
// one and removed another.
func (b *builder) isRename(create, remove int) bool {
	if create < 0 || remove >= len(b.run.Behaviours) {
		return false
	}
	first, second := &b.run.Behaviours[create], &b.run.Behaviours[remove]
	_, made := first.Fields.(trace.FileCreate)
	_, gone := second.Fields.(trace.FileDelete)
	return made && gone && sameCall(first, second)
}

// sameCall says that one call is the reason of two behaviours.
func sameCall(first, second *trace.Behaviour) bool {
	return len(first.Calls) > 0 && len(second.Calls) > 0 && first.Calls[0] == second.Calls[0]
}

// isStream says that a path is that of an alternate data stream.
func isStream(path string) bool {
	return strings.IndexByte(path[strings.LastIndexByte(path, '\\')+1:], ':') >= 0
}

// fileDelete makes events 23 and 26: the first is of configurations that keep
// what is deleted, the second of those that do not.
func (b *builder) fileDelete(i int, f trace.FileDelete) {
	at := &b.run.Behaviours[i]
	if b.isRename(i-1, i) {
		return
	}
	v := b.self()
	facts, ok := b.gone[strings.ToLower(f.Path)]
	if !ok {
		facts = b.host.Files.Facts(f.Path)
	}
	v["TargetFilename"], v["Hashes"] = Text(f.Path), Text(facts.Hashes())
	v["IsExecutable"] = Text(fmt.Sprint(facts != nil && facts.PE))
	v["Archived"] = Text("true")
	b.sysmon(at, 23, v)
	b.sysmon(at, 26, v)
}

// pipe makes events 17 and 18.
func (b *builder) pipe(at *trace.Behaviour, id int, eventType, name string) {
	v := b.self()
	v["EventType"] = Text(eventType)
	if name == "" {
		name = "<Anonymous Pipe>"
	}
	v["PipeName"] = Text(name)
	b.sysmon(at, id, v)
}
