package pe

import (
	"cmp"
	"slices"

	"sidetrace/loaders"
)

const unwindSize = 12 // RUNTIME_FUNCTION

// unwind reads the exception directory. Windows looks at it when an exception
// is raised, never when it loads the image; so nothing in it is an error.
func (p *parser) unwind() error {
	dir := p.dirs[dirException]
	if dir.rva == 0 || dir.size == 0 {
		return nil
	}
	table, ok := p.table(dir.rva, dir.size)
	if !ok {
		p.note("the exception directory, %d bytes at %#x, is not in the raw data of a section", dir.size, dir.rva)
		return nil
	}
	if len(table)%unwindSize != 0 {
		p.note("the exception directory is %d bytes, not a multiple of %d", len(table), unwindSize)
	}
	entries := make([]loaders.Unwind, 0, len(table)/unwindSize)
	bad := 0
	for ; len(table) >= unwindSize; table = table[unwindSize:] {
		u := loaders.Unwind{Begin: u32(table, 0), End: u32(table, 4), Info: u32(table, 8)}
		switch {
		case u == loaders.Unwind{}: // padding
		case u.Begin >= u.End || u.End > p.img.Size || !p.inImage(u.Info, 4):
			bad++
		default:
			entries = append(entries, u)
		}
	}
	if bad != 0 {
		p.note("%d entries of the exception directory are outside the image or empty", bad)
	}
	byBegin := func(a, b loaders.Unwind) int { return cmp.Compare(a.Begin, b.Begin) }
	if !slices.IsSortedFunc(entries, byBegin) {
		p.note("the exception directory is not sorted; Windows does not find all of it")
		slices.SortStableFunc(entries, byBegin)
	}
	p.img.Unwind = entries
	return nil
}
