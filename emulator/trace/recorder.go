package trace

import (
	"fmt"
	"time"
)

// Limits bound what a run may record. A zero field means its default.
type Limits struct {
	CallBytes     int // memory for calls, default [DefaultCallBudget]
	Behaviours    int // default 50,000
	ArtifactBytes int // sum of all artifacts, default 32 MiB
	ConsoleBytes  int // default 1 MiB
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	set(&l.CallBytes, DefaultCallBudget)
	set(&l.Behaviours, 50_000)
	set(&l.ArtifactBytes, 32<<20)
	set(&l.ConsoleBytes, 1<<20)
	return l
}

// Recorder collects the streams of a run. It is used from one goroutine.
type Recorder struct {
	Run *Run

	// Observe, if set, is called with each behaviour as it is recorded, before
	// any that continues it is added.
	Observe func(*Behaviour)

	limits Limits
	seq    uint64
	gaps   map[gapKey]int // index in Run.Gaps
	bytes  int            // of artifacts
}

type gapKey struct {
	kind GapKind
	name string
}

// NewRecorder starts the record of a run.
func NewRecorder(limits Limits) *Recorder {
	limits = limits.withDefaults()
	return &Recorder{
		Run:    &Run{Calls: NewCallLog(limits.CallBytes)},
		limits: limits,
		gaps:   map[gapKey]int{},
	}
}

// Next takes the next sequence number.
func (r *Recorder) Next() uint64 {
	r.seq++
	return r.seq
}

// Last is the last sequence number taken.
func (r *Recorder) Last() uint64 { return r.seq }

// Extend is implemented by payloads that may continue the one before them.
type extender interface {
	extend(next Payload) (Payload, bool)
}

// Behaviour records what happened at a virtual time, in a thread, proven by
// the call with sequence number call (0 for none).
func (r *Recorder) Behaviour(at time.Duration, pid, tid uint32, call uint64, p Payload) {
	if n := len(r.Run.Behaviours); n > 0 {
		last := &r.Run.Behaviours[n-1]
		if e, ok := last.Fields.(extender); ok && last.TID == tid && last.PID == pid {
			if merged, ok := e.extend(p); ok {
				last.Fields = merged
				// The first and the last call bracket the whole.
				if call != 0 && len(last.Calls) < 2 {
					last.Calls = append(last.Calls, call)
				} else if call != 0 {
					last.Calls[1] = call
				}
				return
			}
		}
	}
	if len(r.Run.Behaviours) >= r.limits.Behaviours {
		r.Gap(Gap{Kind: GapLimit, Name: "behaviours", Detail: fmt.Sprintf("only the first %d are kept", r.limits.Behaviours)})
		return
	}
	b := Behaviour{Seq: r.Next(), Time: at, PID: pid, TID: tid, Fields: p}
	if call != 0 {
		b.Calls = []uint64{call}
	}
	r.Run.Behaviours = append(r.Run.Behaviours, b)
	if r.Observe != nil {
		r.Observe(&r.Run.Behaviours[len(r.Run.Behaviours)-1])
	}
}

// Gap records something that was not modelled, or counts it once more.
func (r *Recorder) Gap(g Gap) {
	key := gapKey{g.Kind, g.Name}
	if i, ok := r.gaps[key]; ok {
		r.Run.Gaps[i].Count++
		return
	}
	const most = 4096 // distinct gaps; a guest can make up names
	if len(r.Run.Gaps) >= most {
		return
	}
	g.Seq, g.Count = r.Next(), 1
	r.gaps[key] = len(r.Run.Gaps)
	r.Run.Gaps = append(r.Run.Gaps, g)
}

// Artifact keeps a copy of data and returns its name, which is stable for
// equal data of one kind. Beyond the budget the data is dropped and a gap says
// so; the digest and the size are kept.
func (r *Recorder) Artifact(kind, name string, data []byte) string {
	sum := SHA256(data)
	for i := range r.Run.Artifacts {
		if a := &r.Run.Artifacts[i]; a.SHA256 == sum && a.Kind == kind {
			return a.Name
		}
	}
	a := Artifact{ID: len(r.Run.Artifacts), Kind: kind, Name: fmt.Sprintf("%02d-%s", len(r.Run.Artifacts)+1, name), SHA256: sum, Size: len(data)}
	const most = 1024
	switch {
	case len(r.Run.Artifacts) >= most:
		r.Gap(Gap{Kind: GapLimit, Name: "artifacts", Detail: fmt.Sprintf("only the first %d are kept", most)})
		return ""
	case r.bytes+len(data) > r.limits.ArtifactBytes:
		r.Gap(Gap{Kind: GapLimit, Name: "artifact bytes", Detail: fmt.Sprintf("only the first %d MiB are kept", r.limits.ArtifactBytes>>20)})
	default:
		r.bytes += len(data)
		a.Data = append([]byte(nil), data...)
	}
	r.Run.Artifacts = append(r.Run.Artifacts, a)
	return a.Name
}

// Console keeps what the guest prints, up to the limit, and reports how much
// of it was kept.
func (r *Recorder) Console(p []byte) int {
	room := r.limits.ConsoleBytes - len(r.Run.Console)
	if len(p) > room {
		p = p[:max(room, 0)]
		r.Gap(Gap{Kind: GapLimit, Name: "console", Detail: "output was cut"})
	}
	r.Run.Console = append(r.Run.Console, p...)
	return len(p)
}

func (f FileRead) extend(next Payload) (Payload, bool) {
	n, ok := next.(FileRead)
	if !ok || n.Path != f.Path || n.Offset != f.Offset+f.Size {
		return nil, false
	}
	f.Size += n.Size
	return f, true
}

func (f FileWrite) extend(next Payload) (Payload, bool) {
	n, ok := next.(FileWrite)
	if !ok || n.Path != f.Path || n.Offset != f.Offset+f.Size {
		return nil, false
	}
	f.Size += n.Size
	return f, true
}

// extend joins output up to the end of a line, so that a program that prints
// character by character is still readable.
func (c ConsoleWrite) extend(next Payload) (Payload, bool) {
	n, ok := next.(ConsoleWrite)
	if !ok || n.Stream != c.Stream || len(c.Text)+len(n.Text) > 4096 || (c.Text != "" && c.Text[len(c.Text)-1] == '\n') {
		return nil, false
	}
	c.Text += n.Text
	return c, true
}

// extend counts the same exception again once it has been handled, so that a
// program that steps through itself fills no trace. That it is not handled,
// this time, ends the process and is said by that.
func (e Exception) extend(next Payload) (Payload, bool) {
	n, ok := next.(Exception)
	if !ok || !e.Handled || e.HandledBy != HandledVectored || n.Code != e.Code || n.Access != e.Access {
		return nil, false
	}
	e.Count++
	return e, true
}
