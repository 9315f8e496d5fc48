package pe

import (
	"sidetrace/loaders"
)

const (
	certificateHeaderSize = 8 // WIN_CERTIFICATE up to bCertificate
	certificateAlign      = 8
	certificatePKCS7      = 2 // WIN_CERT_TYPE_PKCS_SIGNED_DATA
)

// certificates reads the attribute certificate table. Windows checks a
// signature over the file without this table, so bytes added inside an entry,
// behind the end of the PKCS#7 structure, leave the signature valid
// (CVE-2013-3900; the 3CX chain carried its payload there).
func (p *parser) certificates() error {
	dir := p.dirs[dirCertificate]
	if dir.rva == 0 || dir.size == 0 {
		return nil
	}
	start, end := uint64(dir.rva), uint64(dir.rva)+uint64(dir.size)
	if end > uint64(len(p.data)) {
		return p.incomplete(dir.at, "DataDirectory[SECURITY]", "the certificate table ends at %#x, behind the end of the file (%#x bytes)", end, len(p.data))
	}
	if start%certificateAlign != 0 {
		p.note("the certificate table at %#x is not aligned to %d bytes", start, certificateAlign)
	}
	table := &loaders.Certificates{File: loaders.Range{Offset: dir.rva, Size: dir.size}}
	for i, at := 0, start; at < end; i++ {
		fail := func(member, format string, args ...any) error {
			return p.fail(int64(at), field("Certificate", i, member), format, args...)
		}
		rest := p.data[at:end]
		if len(rest) < certificateHeaderSize {
			return fail("", "%d bytes are left in the table", len(rest))
		}
		length := u32(rest, 0)
		switch {
		case length < certificateHeaderSize:
			return fail("dwLength", "%d is less than the entry's header", length)
		case uint64(length) > uint64(len(rest)):
			return fail("dwLength", "%d is more than the %d bytes left in the table", length, len(rest))
		}
		table.Entries = append(table.Entries, p.certificate(uint32(at), rest[:length]))
		at += roundUp(uint64(length), certificateAlign)
	}
	p.img.Certificates = table
	return nil
}

// certificate describes one entry.
func (p *parser) certificate(at uint32, entry []byte) loaders.Certificate {
	c := loaders.Certificate{
		File:     loaders.Range{Offset: at, Size: uint32(len(entry))},
		Revision: u16(entry, 4),
		Type:     u16(entry, 6),
	}
	if c.Type != certificatePKCS7 {
		p.note("the certificate at %#x is of type %d, not PKCS#7", at, c.Type)
		return c
	}
	content := entry[certificateHeaderSize:]
	signed, err := parseSignedData(content)
	if err != nil {
		p.note("the certificate at %#x is not a PKCS#7 SignedData: %v", at, err)
		return c
	}
	c.Parses, c.Signer = true, signed.signer
	if behind := content[signed.size:]; !isPadding(behind) {
		c.Appended = loaders.Range{
			Offset: at + certificateHeaderSize + uint32(signed.size),
			Size:   uint32(len(behind)),
		}
		p.note("%d bytes at %#x are inside the certificate table and not covered by the signature", c.Appended.Size, c.Appended.Offset)
	}
	return c
}

// overlay finds the bytes that neither a section nor the certificate table has.
func (p *parser) overlay() error {
	img := p.img
	end := img.HeaderSize
	for i := range img.Sections {
		end = max(end, img.Sections[i].File.Offset+img.Sections[i].File.Size)
	}
	size := uint32(len(p.data))
	if img.Certificates == nil {
		img.Overlay = p.span(end, size)
		return nil
	}
	table := img.Certificates.File
	if table.Offset < end {
		p.note("the certificate table at %#x lies in a section or in the headers", table.Offset)
	}
	img.Overlay = p.span(end, table.Offset)
	img.Certificates.Behind = p.span(max(end, table.Offset+table.Size), size)
	if img.Certificates.Behind.Size != 0 {
		p.note("%d bytes lie behind the certificate table", img.Certificates.Behind.Size)
		if img.Overlay.Size == 0 {
			img.Overlay = img.Certificates.Behind
		}
	}
	return nil
}

// span is the range between two offsets; the zero Range if there is nothing.
func (p *parser) span(start, end uint32) loaders.Range {
	if start >= end {
		return loaders.Range{}
	}
	return loaders.Range{Offset: start, Size: end - start}
}

// isPadding tells whether b only fills up to the next multiple of eight.
func isPadding(b []byte) bool {
	if len(b) >= certificateAlign {
		return false
	}
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}
