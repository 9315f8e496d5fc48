package pe

import (
	"bytes"

	"sidetrace/loaders"
)

const (
	maxSections = 96 // Windows' own limit

	sectionExecute = 0x2000_0000 // IMAGE_SCN_MEM_EXECUTE
	sectionRead    = 0x4000_0000 // IMAGE_SCN_MEM_READ
	sectionWrite   = 0x8000_0000 // IMAGE_SCN_MEM_WRITE

	// sector is what Windows rounds PointerToRawData down to.
	sector = 512
)

// sections reads the section table. The sections must be in ascending order of
// their addresses and adjacent ("PE Format", section table); Windows loads no
// image with a gap or an overlap.
func (p *parser) sections() error {
	img, count, table := p.img, p.header.sectionCount, p.header.sectionTable
	countAt := p.header.optional - fileHeaderSize + 2
	switch {
	case count == 0:
		return p.fail(countAt, "FileHeader.NumberOfSections", "zero")
	case count > maxSections:
		return p.fail(countAt, "FileHeader.NumberOfSections", "%d, but Windows takes %d at most", count, maxSections)
	}
	end := table + int64(count)*sectionHeaderSize
	if end > int64(len(p.data)) {
		return p.truncated("section table", end)
	}
	if end > int64(img.HeaderSize) {
		p.note("the section table ends at %#x, behind SizeOfHeaders %#x", end, img.HeaderSize)
	}

	align := uint64(p.header.sectionAlignment)
	next := roundUp(uint64(p.header.size), align)
	img.Sections = make([]loaders.Section, 0, count)
	for i := range count {
		at := table + int64(i)*sectionHeaderSize
		s, err := p.sectionHeader(i, at)
		if err != nil {
			return err
		}
		switch rva := uint64(s.RVA); {
		case rva%align != 0:
			return p.fail(at+12, field("Section", i, "VirtualAddress"), "%#x is not aligned to %#x", rva, align)
		case rva < next && i == 0:
			return p.fail(at+12, field("Section", i, "VirtualAddress"), "%#x overlaps the headers, which end at %#x", rva, next)
		case rva < next:
			return p.fail(at+12, field("Section", i, "VirtualAddress"), "%#x overlaps section %d, which ends at %#x", rva, i-1, next)
		case rva > next:
			return p.fail(at+12, field("Section", i, "VirtualAddress"), "%#x leaves a gap behind %#x", rva, next)
		}
		if uint64(s.RVA)+uint64(s.VirtualSize) > uint64(img.Size) {
			return p.fail(at+8, field("Section", i, "VirtualSize"), "the section ends at %#x, outside the image of %#x bytes", uint64(s.RVA)+uint64(s.VirtualSize), img.Size)
		}
		next = roundUp(uint64(s.RVA)+uint64(s.VirtualSize), align)
		img.Sections = append(img.Sections, s)
	}
	if uint64(img.Size) > next {
		p.note("SizeOfImage %#x is more than the sections need, %#x", img.Size, next)
	}
	return nil
}

// sectionHeader reads the header of section i at a file offset.
func (p *parser) sectionHeader(i int, at int64) (loaders.Section, error) {
	h := p.data[at:][:sectionHeaderSize]
	flags := u32(h, 36)
	s := loaders.Section{
		Name:            string(bytes.TrimRight(h[:8], "\x00")),
		VirtualSize:     u32(h, 8),
		RVA:             u32(h, 12),
		File:            loaders.Range{Offset: u32(h, 20), Size: u32(h, 16)},
		Read:            flags&sectionRead != 0,
		Write:           flags&sectionWrite != 0,
		Execute:         flags&sectionExecute != 0,
		Characteristics: flags,
	}
	if s.VirtualSize == 0 {
		s.VirtualSize = s.File.Size
	}
	if s.VirtualSize == 0 {
		return s, p.fail(at+8, field("Section", i, "VirtualSize"), "the section is empty in the file and in memory")
	}
	if s.Write && s.Execute {
		p.note("section %q is writable and executable", s.Name)
	}
	if s.File.Offset == 0 || s.File.Size == 0 {
		s.File = loaders.Range{}
		return s, nil
	}
	if p.img.Flat && s.File.Offset != s.RVA {
		return s, p.fail(at+20, field("Section", i, "PointerToRawData"), "%#x differs from VirtualAddress %#x, in a file that is mapped as one", s.File.Offset, s.RVA)
	}
	if off := s.File.Offset &^ (sector - 1); off != s.File.Offset && !p.img.Flat {
		p.note("the raw data of section %q starts at %#x; Windows reads from %#x", s.Name, s.File.Offset, off)
		s.File.Offset = off
	}
	switch size := int64(len(p.data)); {
	case int64(s.File.Offset) > size:
		return s, p.incomplete(at+20, field("Section", i, "PointerToRawData"), "%#x is behind the end of the file (%#x bytes)", s.File.Offset, size)
	case int64(s.File.Offset)+int64(s.File.Size) > size:
		return s, p.incomplete(at+16, field("Section", i, "SizeOfRawData"), "the raw data ends at %#x, behind the end of the file (%#x bytes)", int64(s.File.Offset)+int64(s.File.Size), size)
	}
	return s, nil
}
