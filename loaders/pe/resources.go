package pe

import (
	"encoding/binary"
	"errors"
	"strconv"
	"unicode/utf16"

	"sidetrace/loaders"
)

const (
	resourceDirectorySize = 16 // IMAGE_RESOURCE_DIRECTORY
	resourceEntrySize     = 8  // IMAGE_RESOURCE_DIRECTORY_ENTRY
	resourceDataSize      = 16 // IMAGE_RESOURCE_DATA_ENTRY

	// resourceLevels is the depth of the tree: type, name, language.
	resourceLevels = 3

	resourceHigh = 1 << 31 // the identifier is a name; the entry is a directory
)

// resourceWalk is a walk over the tree. Directories may be shared or contain
// themselves, so the walk counts what it visits.
type resourceWalk struct {
	*parser
	root uint32 // RVA that offsets in the tree count from
	room int    // entries that may still be visited
	path [resourceLevels]string
}

// resources flattens the resource tree. Windows' loader does not look at it,
// only code that asks for a resource does; so nothing in it is an error, and
// what was read before the first broken entry is kept.
func (p *parser) resources() error {
	dir := p.dirs[dirResource]
	if dir.rva == 0 || dir.size == 0 {
		return nil
	}
	w := resourceWalk{parser: p, root: dir.rva, room: len(p.data) / resourceEntrySize}
	if err := w.directory(0, 0); err != nil {
		p.note("the resource tree is broken: %v", err)
	}
	return nil
}

// directory visits the directory at an offset from the root.
func (w *resourceWalk) directory(level int, offset uint32) error {
	h, ok := w.at(offset, resourceDirectorySize)
	if !ok {
		return errors.New("a directory is outside the image")
	}
	n := uint32(u16(h, 12)) + uint32(u16(h, 14))
	for i := range n {
		if w.room--; w.room < 0 {
			return errors.New("it has more entries than the file has room for")
		}
		e, ok := w.at(offset+resourceDirectorySize+i*resourceEntrySize, resourceEntrySize)
		if !ok {
			return errors.New("a directory leaves the image")
		}
		id, child := u32(e, 0), u32(e, 4)
		var err error
		if w.path[level], err = w.identifier(id); err != nil {
			return err
		}
		isDirectory := child&resourceHigh != 0
		switch {
		case isDirectory && level == resourceLevels-1:
			return errors.New("it is more than three levels deep")
		case isDirectory:
			err = w.directory(level+1, child&^resourceHigh)
		case level < resourceLevels-1:
			err = errors.New("a resource has no language")
		default:
			err = w.leaf(child, uint16(id))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leaf adds the resource whose data entry is at an offset from the root.
func (w *resourceWalk) leaf(offset uint32, language uint16) error {
	d, ok := w.at(offset, resourceDataSize)
	if !ok {
		return errors.New("a data entry is outside the image")
	}
	rva, size := u32(d, 0), u32(d, 4)
	if !w.inImage(rva, size) {
		return errors.New("a resource is outside the image")
	}
	r := loaders.Resource{Type: w.path[0], Name: w.path[1], Language: language, RVA: rva}
	if start, ok := w.img.RVAToOffset(rva); ok {
		raw, _ := w.tail(rva)
		r.File = loaders.Range{Offset: start, Size: min(size, uint32(len(raw)))}
	}
	w.img.Resources = append(w.img.Resources, r)
	return nil
}

// identifier reads a numeric or textual identifier.
func (w *resourceWalk) identifier(id uint32) (string, error) {
	if id&resourceHigh == 0 {
		return strconv.Itoa(int(id & 0xffff)), nil
	}
	offset := id &^ resourceHigh
	length, ok := w.at(offset, 2)
	if !ok {
		return "", errors.New("a name is outside the image")
	}
	n := 2 * int(u16(length, 0))
	text, ok := w.at(offset+2, n)
	if !ok {
		return "", errors.New("a name leaves the image")
	}
	if w.names -= n; w.names < 0 {
		return "", errors.New(tooMany)
	}
	return decodeUTF16(text), nil
}

// at reads n bytes at an offset from the root.
func (w *resourceWalk) at(offset uint32, n int) ([]byte, bool) {
	if uint64(w.root)+uint64(offset) >= uint64(w.img.Size) {
		return nil, false
	}
	return w.bytes(w.root+offset, n)
}

// decodeUTF16 decodes little-endian UTF-16.
func decodeUTF16(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}
