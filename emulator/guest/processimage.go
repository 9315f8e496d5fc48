package guest

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"sidetrace/emulator/trace"
)

// This file keeps what a scanner of memory would see of the process at the
// moments that [Config.Images] names: every image that is not the system's, as
// it is mapped, and the committed memory around code that lies elsewhere. A
// region that has not changed since it was last kept is not kept again.

// maxImaged is how many bytes are looked at in all: a guest chooses how often
// its memory is of interest, and how much there is of it.
const maxImaged = 2 << 30

// keepImages keeps the process as it is, if this was asked for at the moment.
func (p *Process) keepImages(moment trace.Moment) {
	if !slices.Contains(p.Config.Images, moment) {
		return
	}
	if p.imageSums == nil {
		p.imageSums = map[uint64]string{}
	}
	for _, a := range p.Mem.allocs {
		for lo, hi := range p.scanned(a) {
			data := a.host[lo:hi]
			if p.imaged += len(data); p.imaged > maxImaged {
				p.Recorder.Gap(trace.Gap{Kind: trace.GapLimit, Name: trace.ProcessImage{}.Kind(), Detail: fmt.Sprintf("only the first %d GiB of memory are looked at", maxImaged>>30)})
				return
			}
			sum := trace.SHA256(data)
			if p.imageSums[a.Base+lo] == sum {
				continue
			}
			p.imageSums[a.Base+lo] = sum
			p.keepImage(moment, a, a.Base+lo, data, sum)
		}
	}
}

func (p *Process) keepImage(moment trace.Moment, a *Allocation, at uint64, data []byte, sum string) {
	b := trace.ProcessImage{Moment: string(moment), Region: string(a.Region), Address: at, Size: len(data), SHA256: sum}
	name := fmt.Sprintf("%x", at)
	switch {
	case a.Region == RegionImage && a.section != nil:
		b.Path = a.section.Node.Path
	case a.Module != nil:
		b.Path = a.Module.Path
	case a.section != nil:
		b.Region = "section"
	}
	if b.Path != "" {
		name = plainName(trace.BaseName(b.Path))
	}
	b.Artifact = p.Recorder.Artifact(b.Kind(), b.Moment+"-"+name+".bin", data)
	tid := uint32(0)
	if t := p.running; t != nil {
		tid = t.ID
	}
	p.Recorder.Behaviour(p.Clock.Elapsed(), p.ID, tid, 0, b) // no call did it
}

// scanned yields the parts of an allocation that are kept, as offsets. Of a heap
// or a stack they are the executable pages, of other memory all that is
// committed around such pages, for a program that was put there by hand has its
// data beside its code.
func (p *Process) scanned(a *Allocation) iter.Seq2[uint64, uint64] {
	return func(yield func(lo, hi uint64) bool) {
		switch {
		case a.host == nil, a.Region == RegionSystem:
		case a.Region == RegionImage:
			if !p.ofSystem(a) {
				yield(0, a.Size)
			}
		case a.Region == RegionPrivate:
			for lo, hi := range a.filled() {
				for range a.executable(lo, hi) {
					if !yield(lo, hi) {
						return
					}
					break
				}
			}
		default:
			a.executable(0, a.Size)(yield)
		}
	}
}

// executable yields the executable parts of [lo, hi).
func (a *Allocation) executable(lo, hi uint64) iter.Seq2[uint64, uint64] {
	return func(yield func(lo, hi uint64) bool) {
		for i := 0; i < len(a.runs); i++ {
			if r := a.runs[i]; r.start < lo || r.end > hi || !r.prot.Executable() {
				continue
			}
			start := a.runs[i].start
			for i+1 < len(a.runs) && a.runs[i+1].end <= hi && a.runs[i+1].prot.Executable() {
				i++
			}
			if !yield(start, a.runs[i].end) {
				return
			}
		}
	}
}

// ofSystem reports whether an image is one of the system's, or stands in for one
// that is not there.
func (p *Process) ofSystem(a *Allocation) bool {
	if a.section != nil {
		return p.systemFile(a.section.Node) != nil || p.sysroot.holds(a.section.Node)
	}
	return a.Module == nil || a.Module.OfSystem() || a.Module.missing
}

// plainName is a guest's name as part of a host's file name.
func plainName(name string) string {
	const longest = 64
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '_'
	}, name)
	return plain[:min(len(plain), longest)]
}
