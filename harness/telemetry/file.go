package telemetry

import (
	"fmt"
	"strings"

	"sidetrace/emulator/trace"
)

// fileCreate makes event 11, or 15 of an alternate stream, and 29 of a program.
func (b *builder) fileCreate(at *trace.Behaviour, f trace.FileCreate) {
	v := b.self()
	v["TargetFilename"] = Text(f.Path)
	created := b.time(at.Time)
	if f.Existed {
		created = b.run.Start
	}
	v["CreationUtcTime"] = Text(utc(created))
	if isStream(f.Path) {
		b.sysmon(at, 15, v)
		return
	}
	b.sysmon(at, 11, v)
}

// isStream says that a path is that of an alternate data stream.
func isStream(path string) bool {
	return strings.IndexByte(path[strings.LastIndexByte(path, '\\')+1:], ':') >= 0
}

// fileDelete makes events 23 and 26: the first is of configurations that keep
// what is deleted, the second of those that do not.
func (b *builder) fileDelete(at *trace.Behaviour, f trace.FileDelete) {
	v := b.self()
	facts := b.host.Files.Facts(f.Path)
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
