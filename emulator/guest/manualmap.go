package guest

import (
	"bytes"
	"encoding/binary"
	"iter"
	"slices"

	"sidetrace/emulator/trace"
	"sidetrace/loaders"
)

// This file notices PE images that run without the loader's doing: their code
// is executed in memory the guest filled. Where the headers were left out or
// wiped, the image is recognised by another copy of it in the guest's memory.

// peHeader is what of a PE's headers counts here.
type peHeader struct {
	size, headers uint32 // SizeOfImage, SizeOfHeaders
	entry         uint32
	exports       uint32 // RVA of the export directory
	sections      []peSection
}

type peSection struct {
	rva, size, raw, rawSize uint32
	executable              bool
}

// readHeader reads the headers at the start of b; nil if there are none of a
// 64-bit image.
func readHeader(b []byte) *peHeader {
	const optional, directories = 24, 112
	if !isPE(b) {
		return nil
	}
	at := int(binary.LittleEndian.Uint32(b[0x3C:]))
	if at < 0 || at > len(b)-optional-directories-8 {
		return nil
	}
	nt := b[at:]
	u16 := func(i int) int { return int(binary.LittleEndian.Uint16(nt[i:])) }
	u32 := func(i int) uint32 { return binary.LittleEndian.Uint32(nt[i:]) }
	if u16(4) != 0x8664 || u16(optional) != 0x20B {
		return nil
	}
	h := &peHeader{size: u32(optional + 56), headers: u32(optional + 60), entry: u32(optional + 16), exports: u32(optional + directories)}
	table := optional + u16(20)
	for i := range min(u16(6), 96) {
		s := table + 40*i
		if s+40 > len(nt) {
			return nil
		}
		h.sections = append(h.sections, peSection{u32(s + 12), u32(s + 8), u32(s + 20), u32(s + 16), u32(s+36)&0x2000_0000 != 0})
	}
	if h.size == 0 || h.size > loaders.MaxImageSize || len(h.sections) == 0 {
		return nil
	}
	return h
}

// layout tells how the image that starts b lies there: "image" with its
// sections at their addresses, or "file". Between the headers and the first
// section an image has zeros where the file has the section.
func (h *peHeader) layout(b []byte) string {
	for _, s := range h.sections {
		if s.raw == 0 || s.rawSize == 0 {
			continue
		}
		if s.raw == s.rva {
			return "image"
		}
		end := min(s.raw+64, s.rva, s.raw+s.rawSize)
		if uint64(end) <= uint64(len(b)) && s.raw < end && !allZero(b[s.raw:end]) {
			return "file"
		}
		return "image"
	}
	return "image"
}

// holds reports whether the offset lies in a section of the layout.
func (h *peHeader) holds(layout string, off uint64) bool {
	for _, s := range h.sections {
		start, size := s.rva, max(s.size, s.rawSize)
		if layout == "file" {
			start, size = s.raw, s.rawSize
		}
		if off >= uint64(start) && off-uint64(start) < uint64(size) {
			return true
		}
	}
	return false
}

// extent is how many bytes the image takes.
func (h *peHeader) extent(layout string) uint64 {
	if layout == "image" {
		return uint64(h.size)
	}
	end := uint64(h.headers)
	for _, s := range h.sections {
		end = max(end, uint64(s.raw)+uint64(s.rawSize))
	}
	return end
}

// offset is where the byte at an RVA lies in the layout.
func (h *peHeader) offset(layout string, rva uint32) uint64 {
	if layout == "image" || rva < h.headers {
		return uint64(rva)
	}
	for _, s := range h.sections {
		if rva >= s.rva && rva-s.rva < s.rawSize {
			return uint64(s.raw) + uint64(rva-s.rva)
		}
	}
	return ^uint64(0)
}

// name is the DLL's own idea of its name.
func (h *peHeader) name(layout string, b []byte) string {
	at := h.offset(layout, h.exports)
	if h.exports == 0 || at > uint64(len(b)) || uint64(len(b))-at < 16 {
		return ""
	}
	at = h.offset(layout, binary.LittleEndian.Uint32(b[at+12:]))
	if at >= uint64(len(b)) {
		return ""
	}
	const longest = 260
	text := b[at:min(at+longest, uint64(len(b)))]
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return string(AppendANSI(nil, text[:i]))
	}
	return ""
}

// manualMap records the image whose code is about to run at ip, once.
func (p *Process) manualMap(a *Allocation, ip uint64) {
	if a.Region == RegionImage || a.host == nil || p.ownHeaders(a) {
		return
	}
	for _, m := range a.mapped {
		if ip >= m.start && ip < m.end {
			return
		}
	}
	base, h, layout, wiped := p.mappedAround(a, ip)
	if h == nil {
		return
	}
	mem := a.host[base-a.Base:]
	image := mem[:min(uint64(len(mem)), h.extent(layout), maxDump)]
	a.mapped = append(a.mapped, run{start: base, end: max(base+uint64(len(image)), ip+1)}) // headers may lie about the size
	b := trace.ModuleManualMap{
		Address: base, Size: len(image), Entry: ip, Layout: layout, Region: string(a.Region), HeadersWiped: wiped,
		Name: h.name(layout, image), SHA256: trace.SHA256(image),
	}
	if a.section != nil {
		b.Region = "section"
	}
	if at := h.offset(layout, h.entry); h.entry != 0 && at < uint64(len(image)) {
		b.EntryPoint = base + at
	}
	b.Artifact = p.Recorder.Artifact(b.Kind(), "mapped.bin", image)
	p.Emit(b)
}

// mappedAround finds the image that ip lies in: by headers before it, else by
// another copy.
func (p *Process) mappedAround(a *Allocation, ip uint64) (base uint64, h *peHeader, layout string, wiped bool) {
	off := ip - a.Base
	lo := uint64(0)
	if off > loaders.MaxImageSize {
		lo = off - loaders.MaxImageSize
	}
	before := a.host[lo:off]
	for i := bytes.LastIndex(before, []byte("MZ")); i >= 0; i = bytes.LastIndex(before[:i], []byte("MZ")) {
		b := a.host[lo+uint64(i):]
		if h := readHeader(b); h != nil {
			layout := h.layout(b)
			if h.holds(layout, off-lo-uint64(i)) {
				return a.Base + lo + uint64(i), h, layout, false
			}
		}
	}
	if bytes.HasPrefix(a.host[off:], []byte("MZ")) { // headers that are code themselves
		if h := readHeader(a.host[off:]); h != nil {
			return ip, h, h.layout(a.host[off:]), false
		}
	}
	if h := p.copyOf(a, off); h != nil {
		return a.Base, h, "image", true
	}
	return 0, nil, "", false
}

// copyOf looks for a PE in the guest's memory, or in a file it has read, whose
// code is what lies in the allocation at its start.
func (p *Process) copyOf(a *Allocation, off uint64) *peHeader {
	left := uint64(64 << 20) // bytes looked through
	for _, other := range p.Mem.allocs {
		if other == a || other.host == nil || other.Module != nil || other.Region == RegionSystem {
			continue
		}
		for lo, hi := range other.filled() {
			if hi-lo > left {
				continue
			}
			left -= hi - lo
			if h := matches(other.host[lo:hi], a.host, off); h != nil {
				return h
			}
		}
	}
	for _, s := range slices.Backward(p.sources) {
		if uint64(len(s.data)) > left {
			continue
		}
		left -= uint64(len(s.data))
		if h := matches(s.data, a.host, off); h != nil {
			return h
		}
	}
	return nil
}

// filled yields the committed parts of an allocation. To read the others would
// make the host find memory for them.
func (a *Allocation) filled() iter.Seq2[uint64, uint64] {
	return func(yield func(lo, hi uint64) bool) {
		for i := 0; i < len(a.runs); i++ {
			if a.runs[i].prot == 0 {
				continue
			}
			lo := a.runs[i].start
			for i+1 < len(a.runs) && a.runs[i+1].prot != 0 {
				i++
			}
			if !yield(lo, a.runs[i].end) {
				return
			}
		}
	}
}

// matches finds a PE in hay whose section around off is the one in mem.
func matches(hay, mem []byte, off uint64) *peHeader {
	const most = 1 << 14 // comparisons: memory full of headers is not worth more
	tried := 0
	for at := 0; ; at += 2 {
		i := bytes.Index(hay[at:], []byte("MZ"))
		if i < 0 || tried >= most {
			return nil
		}
		at += i
		h := readHeader(hay[at:])
		if h == nil || pageUp(uint64(h.size)) > uint64(len(mem)) {
			continue
		}
		for _, s := range h.sections {
			if !s.executable || off < uint64(s.rva) || off-uint64(s.rva) >= uint64(s.rawSize) {
				continue
			}
			if tried++; sameCode(hay[at:], mem, s) {
				return h
			}
		}
	}
}

// sameCode compares a section of a file with what lies at its address.
// Relocations may differ.
func sameCode(file, mem []byte, s peSection) bool {
	const enough, least = 4096, 16
	n := min(uint64(s.rawSize), enough)
	if uint64(s.raw)+n > uint64(len(file)) || uint64(s.rva)+n > uint64(len(mem)) || n < least {
		return false
	}
	same := uint64(0)
	for i := range n {
		if file[uint64(s.raw)+i] == mem[uint64(s.rva)+i] {
			same++
		}
	}
	return same*10 >= n*9
}
