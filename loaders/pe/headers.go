package pe

import (
	"sidetrace/loaders"
)

const (
	dosHeaderSize      = 64
	fileHeaderSize     = 20
	optionalHeaderSize = 112 // of PE32+, up to the data directories
	sectionHeaderSize  = 40

	magicPE32     = 0x10b
	magicPE32Plus = 0x20b

	fileRelocsStripped = 0x0001 // IMAGE_FILE_RELOCS_STRIPPED
	fileExecutable     = 0x0002 // IMAGE_FILE_EXECUTABLE_IMAGE
	fileDLL            = 0x2000 // IMAGE_FILE_DLL
)

// ntHeaders is what later steps need of the headers and Image does not hold.
type ntHeaders struct {
	optional         int64 // file offset of the optional header
	sectionTable     int64 // file offset
	sectionCount     int
	sectionAlignment uint32
	size             uint32 // SizeOfHeaders, not clipped to the file
}

// headers reads the DOS, file and optional headers and the data directories,
// and refuses what MiVerifyImageHeader in Windows refuses.
func (p *parser) headers() error {
	data, img := p.data, p.img
	if len(data) < 2 || data[0] != 'M' || data[1] != 'Z' {
		return p.fail(0, "e_magic", "the file does not start with MZ")
	}
	if len(data) < dosHeaderSize {
		return p.truncated("DOS header", dosHeaderSize)
	}
	nt := int64(u32(data, 0x3c))
	if err := p.signature(nt); err != nil {
		return err
	}

	file := nt + 4
	if file+fileHeaderSize > int64(len(data)) {
		return p.truncated("FileHeader", file+fileHeaderSize)
	}
	h := data[file:]
	img.Machine = u16(h, 0)
	img.Timestamp = u32(h, 4)
	img.Characteristics = u16(h, 18)
	img.DLL = img.Characteristics&fileDLL != 0
	optionalSize := int64(u16(h, 16))
	p.header.sectionCount = int(u16(h, 2))
	p.header.optional = file + fileHeaderSize
	p.header.sectionTable = p.header.optional + optionalSize

	if err := p.machine(file); err != nil {
		return err
	}
	if img.Characteristics&fileExecutable == 0 {
		return p.fail(file+18, "FileHeader.Characteristics", "IMAGE_FILE_EXECUTABLE_IMAGE is not set: the linker did not finish this file")
	}
	if optionalSize < optionalHeaderSize {
		return p.fail(file+16, "FileHeader.SizeOfOptionalHeader", "%d bytes, less than the %d of PE32+", optionalSize, optionalHeaderSize)
	}
	if p.header.optional+optionalHeaderSize > int64(len(data)) {
		return p.truncated("OptionalHeader", p.header.optional+optionalHeaderSize)
	}
	if err := p.optionalHeader(); err != nil {
		return err
	}
	return p.directories()
}

// optionalHeader reads the fixed part.
func (p *parser) optionalHeader() error {
	img, at := p.img, p.header.optional
	h := p.data[at:]
	if magic := u16(h, 0); magic != magicPE32Plus {
		return p.fail(at, "OptionalHeader.Magic", "%#x, but a file for x86-64 has %#x", magic, magicPE32Plus)
	}
	img.Entry = u32(h, 16)
	img.Base = u64(h, 24)
	img.Subsystem = u16(h, 68)
	img.DLLCharacteristics = u16(h, 70)
	img.StackReserve, img.StackCommit = u64(h, 72), u64(h, 80)
	img.HeapReserve, img.HeapCommit = u64(h, 88), u64(h, 96)
	if err := p.subsystem(at + 68); err != nil {
		return err
	}

	section, file := u32(h, 32), u32(h, 36)
	switch {
	case section == 0 || section&(section-1) != 0:
		return p.fail(at+32, "OptionalHeader.SectionAlignment", "%#x is not a power of two", section)
	case file == 0 || file&(file-1) != 0:
		return p.fail(at+36, "OptionalHeader.FileAlignment", "%#x is not a power of two", file)
	case section < file:
		return p.fail(at+32, "OptionalHeader.SectionAlignment", "%#x is less than FileAlignment, %#x", section, file)
	case section < loaders.PageSize:
		if section != file {
			return p.fail(at+32, "OptionalHeader.SectionAlignment", "%#x is less than a page and differs from FileAlignment, %#x", section, file)
		}
		img.Flat = true
	case file%512 != 0 && file != section:
		return p.fail(at+36, "OptionalHeader.FileAlignment", "%#x is not a multiple of 512", file)
	}
	if img.Base%0x10000 != 0 {
		return p.fail(at+24, "OptionalHeader.ImageBase", "%#x is not a multiple of 64 KiB", img.Base)
	}
	p.header.sectionAlignment = section

	size, headers := u32(h, 56), u32(h, 60)
	switch {
	case size > loaders.MaxImageSize:
		return p.fail(at+56, "OptionalHeader.SizeOfImage", "%d MiB is more than the %d MiB that are accepted", size>>20, loaders.MaxImageSize>>20)
	case size == 0:
		return p.fail(at+56, "OptionalHeader.SizeOfImage", "zero")
	case headers == 0:
		return p.fail(at+60, "OptionalHeader.SizeOfHeaders", "zero")
	case headers >= size:
		return p.fail(at+60, "OptionalHeader.SizeOfHeaders", "%#x is not less than SizeOfImage, %#x", headers, size)
	}
	if size%loaders.PageSize != 0 {
		p.note("SizeOfImage %#x is not a multiple of the page size", size)
	}
	img.Size = uint32(roundUp(uint64(size), loaders.PageSize))
	p.header.size = headers
	img.HeaderSize = min(headers, uint32(len(p.data)))
	if headers > img.HeaderSize {
		p.note("SizeOfHeaders %#x is more than the file has", headers)
	}
	// Addresses are canonical, in the user's half, and do not wrap.
	if img.Base+uint64(img.Size) > 0x7fff_ffff_0000 || img.Base > 0x7fff_ffff_0000 {
		return p.fail(at+24, "OptionalHeader.ImageBase", "%#x is not in user space", img.Base)
	}
	return nil
}

// directories reads the table of data directories.
func (p *parser) directories() error {
	at := p.header.optional + optionalHeaderSize
	count := int64(u32(p.data, int(at-4)))
	if count > dirCount {
		p.note("NumberOfRvaAndSizes is %d; Windows reads %d", count, dirCount)
		count = dirCount
	}
	if at+8*count > p.header.sectionTable {
		p.note("the data directories run into the section table")
	}
	if at+8*count > int64(len(p.data)) {
		return p.truncated("OptionalHeader.DataDirectory", at+8*count)
	}
	for i := range count {
		entry := at + 8*i
		p.dirs[i] = directory{rva: u32(p.data, int(entry)), size: u32(p.data, int(entry)+4), at: entry}
	}
	return nil
}

// entry checks the entry point, once the sections are known.
func (p *parser) entry() error {
	img := p.img
	if img.Entry == 0 {
		if !img.DLL {
			p.note("a program without an entry point")
		}
		return nil
	}
	if img.Entry >= img.Size {
		return p.fail(p.header.optional+16, "OptionalHeader.AddressOfEntryPoint", "%#x is outside the image of %#x bytes", img.Entry, img.Size)
	}
	switch s := p.section(img.Entry); {
	case s == nil:
		p.note("the entry point %#x is in the headers", img.Entry)
	case !s.Execute:
		p.note("the entry point %#x is in %q, which is not executable", img.Entry, s.Name)
	}
	return nil
}

// roundUp rounds n up to a multiple of align, a power of two.
func roundUp(n, align uint64) uint64 { return (n + align - 1) &^ (align - 1) }
