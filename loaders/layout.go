package loaders

// PageSize is the granularity, in bytes, in which images are mapped.
const PageSize = 4096

// MapInto writes the image to dst as it lies in memory before relocation:
// headers and raw data at their RVAs, or raw code at 0. dst must hold
// img.Size zero bytes or more, or MapInto panics; what no raw data covers is
// left alone.
func (img *Image) MapInto(dst []byte) {
	dst = dst[:img.Size]
	if img.Format == Shellcode {
		copy(dst, img.Raw)
		return
	}
	if img.Flat {
		copy(dst, img.Raw)
		return
	}
	copy(dst, img.Raw[:img.HeaderSize])
	for i := range img.Sections {
		s := &img.Sections[i]
		copy(dst[s.RVA:], img.Raw[s.File.Offset:][:s.MappedRaw()])
	}
}

// MappedRaw is the number of bytes of the raw data that reach memory. Raw data
// is mapped in whole pages, so up to a page more than VirtualSize shows.
func (s *Section) MappedRaw() uint32 {
	pages := (uint64(s.VirtualSize) + PageSize - 1) &^ (PageSize - 1)
	return uint32(min(uint64(s.File.Size), pages))
}

// RVAToOffset gives the place in the file of the byte mapped at rva. It is
// false for addresses outside the image and for memory that is zero-filled.
func (img *Image) RVAToOffset(rva uint32) (uint32, bool) {
	if img.Flat {
		return rva, rva < img.Size && uint64(rva) < uint64(len(img.Raw))
	}
	if rva < img.HeaderSize {
		return rva, true
	}
	for i := range img.Sections {
		s := &img.Sections[i]
		if rva >= s.RVA && rva-s.RVA < s.MappedRaw() {
			return s.File.Offset + (rva - s.RVA), true
		}
	}
	return 0, false
}
