package pe

import (
	"sidetrace/loaders"
)

const (
	relocationHeaderSize = 8 // IMAGE_BASE_RELOCATION

	relocationAbsolute = 0 // padding
	relocationHighLow  = 3
	relocationDir64    = 10
)

// relocations reads the base relocations: blocks of 16-bit entries, each block
// for one page.
func (p *parser) relocations() error {
	dir := p.dirs[dirRelocation]
	if dir.rva == 0 || dir.size == 0 {
		return nil
	}
	blocks, ok := p.table(dir.rva, dir.size)
	if !ok {
		return p.fail(dir.at, "DataDirectory[BASERELOC]", "%d bytes at %#x are not in the raw data of a section", dir.size, dir.rva)
	}
	if p.img.Characteristics&fileRelocsStripped != 0 {
		p.note("there are relocations, but IMAGE_FILE_RELOCS_STRIPPED is set")
	}
	relocations := make([]loaders.Relocation, 0, len(blocks)/2)
	for i, at := 0, 0; at < len(blocks); i++ {
		fail := func(into int, member, format string, args ...any) error {
			return p.failAt(dir.rva+uint32(at+into), field("Relocation", i, member), format, args...)
		}
		rest := blocks[at:]
		if len(rest) < relocationHeaderSize {
			return fail(0, "", "%d bytes are left for a block", len(rest))
		}
		page, size := u32(rest, 0), u32(rest, 4)
		switch {
		case size < relocationHeaderSize:
			return fail(4, "SizeOfBlock", "%d is less than the block's header", size)
		case size%2 != 0:
			return fail(4, "SizeOfBlock", "%d is odd", size)
		case uint64(size) > uint64(len(rest)):
			return fail(4, "SizeOfBlock", "%d is more than the %d bytes that are left", size, len(rest))
		}
		for n := relocationHeaderSize; n < int(size); n += 2 {
			entry := u16(rest, n)
			kind, width := uint8(entry>>12), uint64(4)
			switch kind {
			case relocationAbsolute:
				continue
			case relocationHighLow:
			case relocationDir64:
				width = 8
			default:
				return fail(n, "Type", "%d is not used on x86-64", kind)
			}
			target := uint64(page) + uint64(entry&0xfff)
			if target+width > uint64(p.img.Size) {
				return fail(n, "Offset", "%#x is outside the image of %#x bytes", target, p.img.Size)
			}
			relocations = append(relocations, loaders.Relocation{RVA: uint32(target), Type: kind})
		}
		at += int(size)
	}
	p.img.Relocations = relocations
	return nil
}
