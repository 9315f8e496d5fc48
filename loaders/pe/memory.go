package pe

import (
	"bytes"

	"sidetrace/loaders"
)

// This file reads the image by RVA, as code in the running image would see it:
// raw data where a section has some, zeros where it has none.

// tail gives the raw bytes mapped from rva to the end of its section (or of the
// headers), and how many zero bytes follow them before the next section. Both
// are empty outside the image.
func (p *parser) tail(rva uint32) (raw []byte, zeros uint32) {
	img := p.img
	if rva >= img.Size {
		return nil, 0
	}
	if img.Flat {
		if mapped := p.data[:min(len(p.data), int(img.Size))]; int(rva) < len(mapped) {
			raw = mapped[rva:]
		}
		return raw, img.Size - rva - uint32(len(raw))
	}
	if rva < img.Sections[0].RVA {
		if rva < img.HeaderSize {
			raw = p.data[rva:img.HeaderSize]
		}
		return raw, img.Sections[0].RVA - rva - uint32(len(raw))
	}
	i := p.lastHit
	if !p.holds(i, rva) {
		for i = len(img.Sections) - 1; rva < img.Sections[i].RVA; i-- {
		}
		p.lastHit = i
	}
	s := &img.Sections[i]
	end := img.Size
	if i+1 < len(img.Sections) {
		end = img.Sections[i+1].RVA
	}
	if into := rva - s.RVA; into < s.MappedRaw() {
		raw = p.data[s.File.Offset:][into:s.MappedRaw()]
	}
	return raw, end - rva - uint32(len(raw))
}

// holds tells whether rva lies between the start of section i and the next.
func (p *parser) holds(i int, rva uint32) bool {
	s := p.img.Sections
	return rva >= s[i].RVA && (i+1 == len(s) || rva < s[i+1].RVA)
}

// bytes gives n mapped bytes. It is false unless all of them are in the image.
// n is the size of a structure; tables are read with table.
func (p *parser) bytes(rva uint32, n int) ([]byte, bool) {
	raw, _ := p.tail(rva)
	if len(raw) >= n {
		return raw[:n], true
	}
	if uint64(rva)+uint64(n) > uint64(p.img.Size) {
		return nil, false
	}
	// The structure ends in zero-filled memory or in another section.
	joined := make([]byte, n)
	for at := 0; at < n; {
		raw, zeros := p.tail(rva + uint32(at))
		copy(joined[at:], raw)
		at += len(raw) + int(zeros)
	}
	return joined, true
}

// table gives n bytes that lie in the raw data of one section. Tables are not
// looked for in zero-filled memory: a table of nothing but zeros says nothing,
// and an image may claim far more of it than the file is long.
func (p *parser) table(rva, n uint32) ([]byte, bool) {
	raw, _ := p.tail(rva)
	if uint64(len(raw)) < uint64(n) {
		return nil, false
	}
	return raw[:n], true
}

// why a string could not be read.
const (
	outside      = "points outside the image"
	unterminated = "the string has no end"
	tooMany      = "the names are together longer than the file"
)

// cstring reads a zero-terminated string. If it cannot, problem says why.
func (p *parser) cstring(rva uint32) (s, problem string) {
	raw, zeros := p.tail(rva)
	if len(raw) == 0 && zeros == 0 {
		return "", outside
	}
	n := bytes.IndexByte(raw, 0)
	if n < 0 {
		if zeros == 0 {
			return "", unterminated
		}
		n = len(raw)
	}
	if p.names -= n; p.names < 0 {
		return "", tooMany
	}
	return string(raw[:n]), ""
}

// inImage tells whether n bytes at rva are inside the image.
func (p *parser) inImage(rva uint32, n uint32) bool {
	return uint64(rva)+uint64(n) <= uint64(p.img.Size)
}

// section gives the section that holds rva, nil for the headers.
func (p *parser) section(rva uint32) *loaders.Section {
	for i := range p.img.Sections {
		if p.holds(i, rva) {
			return &p.img.Sections[i]
		}
	}
	return nil
}
