package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
	"sidetrace/reports"
)

// callsSeen is how many API calls become events. Rules read the behaviours that
// calls add up to; single ones matter to few, and a run may have hundreds of
// thousands.
const callsSeen = 20_000

// Subject is what rules look at of a run on a machine with the files of start: Sysmon's events, the proxy's log, the
// behaviours and the calls, by time; and the files of the machine, those the run
// left behind, what was downloaded, unpacked and decrypted.
func Subject(name string, run *trace.Run, start map[string][]byte, host telemetry.Host) *detect.Subject {
	var calls []telemetry.Event
	for e := range telemetry.Calls(run, host) {
		if len(calls) == callsSeen {
			break
		}
		calls = append(calls, e)
	}
	return &detect.Subject{
		Name: name, Objects: objects(run, start),
		Events: telemetry.Merge(telemetry.Build(run, host), telemetry.Behaviours(run, host), calls),
	}
}

func objects(run *trace.Run, start map[string][]byte) []detect.Object {
	var list []detect.Object
	paths := make([]string, 0, len(start))
	for path := range start {
		paths = append(paths, path)
	}
	slices.SortFunc(paths, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	})
	for _, path := range paths {
		list = append(list, detect.Object{Kind: "file", Name: path, Path: path, Data: start[path]})
	}
	left := map[string]trace.File{}
	for _, f := range run.Files {
		if f.Artifact != "" {
			left[f.Artifact] = f
		}
	}
	made := makers(run)
	for _, a := range run.Artifacts {
		o := detect.Object{Kind: a.Kind, Name: a.Name, Path: made[a.Name].path, Data: a.Data, Seq: made[a.Name].seq}
		if f, ok := left[a.Name]; ok {
			o = detect.Object{Kind: "file", Name: f.Path, Path: f.Path, Data: a.Data, Seq: written(run, f.Path)}
			if _, was := start[f.Path]; was {
				o.Name += " as it was left"
			}
		}
		list = append(list, o)
	}
	distinct(list)
	return list
}

// distinct numbers what has the name of another: a file that was made twice.
func distinct(list []detect.Object) {
	seen := map[string]int{}
	for i := range list {
		name := list[i].Name
		if seen[name]++; seen[name] > 1 {
			list[i].Name = fmt.Sprintf("%s (%d)", name, seen[name])
		}
	}
}

// written is the last behaviour that changed a file.
func written(run *trace.Run, path string) uint64 {
	seq := uint64(0)
	for i := range run.Behaviours {
		switch f := run.Behaviours[i].Fields.(type) {
		case trace.FileWrite:
			if strings.EqualFold(f.Path, path) {
				seq = run.Behaviours[i].Seq
			}
		case trace.FileCreate:
			if strings.EqualFold(f.Path, path) {
				seq = run.Behaviours[i].Seq
			}
		}
	}
	return seq
}

// maker is the behaviour an artifact comes from.
type maker struct {
	seq  uint64
	path string
}

// makers finds the behaviours of artifacts, by name.
func makers(run *trace.Run) map[string]maker {
	made := map[string]maker{}
	for i := range run.Behaviours {
		b := &run.Behaviours[i]
		var m maker
		artifact := ""
		for _, f := range trace.Fields(b.Fields) {
			if s, ok := f.Value.(string); ok {
				switch f.Name {
				case "artifact":
					artifact = s
				case "source_file", "path":
					m.path = s
				}
			}
		}
		if _, known := made[artifact]; artifact != "" && !known {
			m.seq = b.Seq
			made[artifact] = m
		}
	}
	return made
}

// Stage says of every fire in which stage of the chain it lies: that of the last
// step of the scenario which came before it, or with it, and names one. A step
// begins with the first call that led to its behaviour, so that rules on calls
// and on behaviours agree.
func (r *Result) Stage(run *trace.Run, steps []reports.Step) {
	begin := make(map[uint64]uint64, len(run.Behaviours)) // of behaviours
	for i := range run.Behaviours {
		b := &run.Behaviours[i]
		begin[b.Seq] = slices.Min(append([]uint64{b.Seq}, b.Calls...))
	}
	for i := range r.Rules {
		for k := range r.Rules[i].Fires {
			f := &r.Rules[i].Fires[k]
			f.Stage = stageAt(steps, begin, decided([]reports.Fire{*f}))
		}
	}
}

func stageAt(steps []reports.Step, begin map[uint64]uint64, seq uint64) string {
	stage := ""
	for _, s := range steps {
		at, ok := begin[s.Seq]
		if !ok {
			at = s.Seq
		}
		if s.Seq == 0 || at > seq {
			break
		}
		stage = cmp.Or(s.Stage, stage)
	}
	return stage
}
