package guest

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"

	"sidetrace/emulator/trace"
	"sidetrace/loaders"
)

// This file notices code that the guest made: the first execution of bytes
// that the loader did not put there.
//
// The engine compares each block it translates in a watched allocation with
// what is known of the allocation, and stops before a block runs that differs.
// For an image the known bytes are those the loader mapped; for other memory
// there are none, and an all-zero page is never code. What has been dumped
// becomes known, so that a region is reported once, and again when code in it
// has been changed since: another layer.

// source remembers that bytes of a file were put somewhere.
type source struct {
	addr   uint64
	size   uint64
	path   string
	offset int64
	data   []byte // contents of the file from offset on, as they were
}

const (
	maxSources = 256
	maxLayers  = 256
	maxDump    = 64 << 20
)

// NoteRead remembers that n bytes at addr were read from a file.
func (p *Process) NoteRead(addr uint64, n int, file *Node, offset int64) {
	if n == 0 {
		return
	}
	data := file.lend()
	p.forget(addr, uint64(n))
	if k := len(p.sources); k > 0 { // reads that continue one another are one source
		if s := &p.sources[k-1]; s.path == file.Path && s.addr+s.size == addr && s.offset+int64(s.size) == offset && sameBytes(s.data[:s.size], data[s.offset:][:s.size]) {
			s.size += uint64(n)
			s.data = data[s.offset:]
			return
		}
	}
	if len(p.sources) == maxSources {
		p.sources = append(p.sources[:0], p.sources[1:]...)
	}
	p.sources = append(p.sources, source{addr, uint64(n), file.Path, offset, data[offset:]})
}

// forget drops what was read to a range, because something else lies there now.
func (p *Process) forget(addr, size uint64) {
	kept := p.sources[:0]
	for _, s := range p.sources {
		if s.addr < addr || s.addr+s.size > addr+size {
			kept = append(kept, s)
		}
	}
	p.sources = kept
}

// newCode is called before a block of unknown bytes runs at ip.
func (p *Process) newCode(t *Thread, ip uint64, size int) {
	a := p.Mem.Find(ip)
	if a == nil || a.host == nil {
		return
	}
	if a.Module != nil && p.enterExport(a, ip, size) {
		return
	}
	p.withoutCall(t, p.notePatches)
	if p.restored(a, ip, size) {
		return
	}
	if p.layers == maxLayers {
		p.Recorder.Gap(trace.Gap{Kind: trace.GapLimit, Name: "code.unpacked", Detail: "further layers are not recorded"})
		return
	}
	lo, hi := p.extent(a, ip, size)
	if hi-lo > maxDump {
		hi = min(hi, max(lo, pageDown(ip))+maxDump)
		lo = max(lo, pageDown(ip))
	}
	dump := a.host[lo-a.Base : hi-a.Base]
	if allZero(a.host[ip-a.Base:][:min(size, int(a.Base+a.Size-ip))]) {
		return
	}
	p.learn(a, lo, hi)
	p.layers++

	b := trace.CodeUnpacked{
		Address: lo, Size: len(dump), Entry: ip,
		Region: string(a.Region), Protection: p.Mem.Query(ip).Protection.String(), History: a.History(ip),
		SHA256: trace.SHA256(dump), Entropy: trace.Entropy(dump), Content: "code", SourceOffset: -1, Layer: p.layers,
	}
	if a.Image() {
		b.Region, b.Module = string(RegionImage), p.imageName(a)
	}
	if isPE(dump) {
		b.Content = "pe"
	}
	found := p.origin(lo, dump)
	if found != nil {
		b.SourceFile, b.SourceOffset = found.path, found.offset
		b.EntropyBefore = trace.Entropy(found.before)
	}
	b.Artifact = p.Recorder.Artifact(b.Kind(), "unpacked.bin", dump)
	p.withoutCall(t, func() {
		p.Emit(b)
		if d := p.decryption(dump, found); d != nil {
			p.Emit(*d)
		}
		p.manualMap(a, ip)
		p.keepImages(trace.MomentUnpacked)
	})
}

// withoutCall records what no API call made the guest do.
func (p *Process) withoutCall(t *Thread, record func()) {
	call := t.Call
	t.Call = 0
	record()
	t.Call = call
}

// learn makes the present bytes of [lo, hi) known.
func (p *Process) learn(a *Allocation, lo, hi uint64) {
	if a.known == nil {
		known, err := mapHost(a.Size)
		if err != nil {
			p.fail(err)
		}
		a.known = known
	}
	copy(a.known[lo-a.Base:hi-a.Base], a.host[lo-a.Base:hi-a.Base])
	if m := a.Module; m != nil { // what marked its exports is gone
		maps.DeleteFunc(m.entries, func(rva uint32, _ Export) bool {
			at := a.Base + uint64(rva)
			return at >= lo && at < hi
		})
	}
	if err := p.Mem.watch(a); err != nil {
		p.fail(err)
	}
}

// extent chooses what to dump: the range whose protection the guest last
// changed to make ip executable, if it did so by a call of its own in a heap
// or a stack; the block of the heap; the section of an image; what differs from
// a system DLL; or all committed pages around ip of an allocation the guest made.
func (p *Process) extent(a *Allocation, ip uint64, size int) (lo, hi uint64) {
	switch a.Region {
	case RegionSystem:
		for lo, hi := range differences(a.host, p.originals[a.Base-SystemBase:][:a.Size]) {
			if a.Base+hi > ip && a.Base+lo < ip+uint64(size) {
				return min(a.Base+lo, ip), a.Base + hi
			}
		}
		return ip, min(ip+uint64(size), a.Base+a.Size)
	case RegionImage:
		for _, s := range a.image().Sections {
			start := a.Base + uint64(s.RVA)
			if end := start + pageUp(uint64(s.VirtualSize)); ip >= start && ip < end {
				return start, min(end, a.Base+a.Size)
			}
		}
	case RegionHeap, RegionStack:
		for i := len(p.grants) - 1; i >= 0; i-- {
			if g := p.grants[i]; ip >= g.addr && ip-g.addr < g.size && g.addr >= a.Base && g.addr+g.size <= a.Base+a.Size {
				return g.addr, g.addr + g.size
			}
		}
		for _, h := range p.Heaps {
			if start, size, ok := h.containing(ip); ok && start >= a.Base && start+size <= a.Base+a.Size {
				return start, start + size
			}
		}
	}
	return p.committed(a, ip)
}

// image is what an allocation of the kind is a mapping of.
func (a *Allocation) image() *loaders.Image {
	if a.Module != nil {
		return a.Module.Image
	}
	return a.section.Image
}

// imageName is the file name of the image an allocation is a mapping of.
func (p *Process) imageName(a *Allocation) string {
	if a.section != nil {
		return trace.BaseName(a.section.Node.Path)
	}
	if m := p.ModuleAt(a.Base); m != nil {
		return m.Name()
	}
	return ""
}

// committed is the run of committed pages around ip.
func (p *Process) committed(a *Allocation, ip uint64) (lo, hi uint64) {
	off := ip - a.Base
	start, end, inside := uint64(0), uint64(0), false
	for _, r := range a.runs {
		if r.prot == 0 {
			if inside {
				break
			}
			start = r.end
			continue
		}
		end = r.end
		inside = inside || off >= r.start && off < r.end
	}
	if !inside {
		return pageDown(ip), pageDown(ip) + PageSize
	}
	return a.Base + start, a.Base + end
}

// grant is a range that the guest asked to be made executable.
type grant struct{ addr, size uint64 }

// NoteProtect remembers a change of protection in the guest's own words:
// addresses and sizes are not rounded to pages.
func (p *Process) NoteProtect(addr, size uint64, prot Protection) {
	if !prot.Executable() {
		return
	}
	const most = 256
	if len(p.grants) == most {
		p.grants = append(p.grants[:0], p.grants[1:]...)
	}
	p.grants = append(p.grants, grant{addr, size})
}

// origin is where the bytes of a dump came from.
type origin struct {
	path   string
	offset int64  // of the dump's first byte
	before []byte // the file's bytes there
	data   []byte // the file from offset on
}

// origin tells which file the bytes of a dump were made from: the one that was
// read to their place, the one that an earlier dump was made from of which they
// are a copy, or one that holds these very bytes.
func (p *Process) origin(lo uint64, dump []byte) *origin {
	for i := len(p.sources) - 1; i >= 0; i-- {
		s := &p.sources[i]
		if lo >= s.addr && lo-s.addr < s.size {
			skip := lo - s.addr
			rest := s.data[skip:]
			return &origin{s.path, s.offset + int64(skip), rest[:min(len(rest), len(dump))], rest}
		}
	}
	// Whole pages are dumped: what follows the code is padding.
	code := bytes.TrimRight(dump, "\x00")
	if len(code) < minVerified {
		return nil
	}
	for _, d := range slices.Backward(p.dumps) {
		if at := bytes.Index(d.head, code); at >= 0 && d.from != nil {
			rest := d.from.data[min(at, len(d.from.data)):]
			return &origin{d.from.path, d.from.offset + int64(at), rest[:min(len(rest), len(dump))], rest}
		}
	}
	for _, s := range slices.Backward(p.sources) {
		if at := bytes.Index(s.data, code); at >= 0 {
			rest := s.data[at:]
			return &origin{s.path, s.offset + int64(at), rest[:min(len(rest), len(dump))], rest}
		}
	}
	return nil
}

func isPE(b []byte) bool {
	if len(b) < 0x40 || b[0] != 'M' || b[1] != 'Z' {
		return false
	}
	at := int(binary.LittleEndian.Uint32(b[0x3C:]))
	return at >= 0 && at <= len(b)-4 && bytes.Equal(b[at:at+4], []byte("PE\x00\x00"))
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// Forget drops what is known of a range's contents, because its memory is
// given back.
func (p *Process) Forget(addr, size uint64) {
	p.forget(addr, size)
	kept := p.grants[:0]
	for _, g := range p.grants {
		if g.addr < addr || g.addr+g.size > addr+size {
			kept = append(kept, g)
		}
	}
	p.grants = kept
}
