package guest

import (
	"strings"

	"sidetrace/loaders"
)

// DataFile is a PE that was loaded for what is in it alone: no import is
// bound, no code runs, no list shows it. Its handle is its base with one of the
// two low bits set.
type DataFile struct {
	Path  string
	Base  uint64
	Image *loaders.Image
	Flat  bool // as the file lies on the disk; else as an image in memory

	refs  int
	alloc *Allocation
	open  *File // keeps others from writing, for LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE
}

const (
	dataFlat  = 1 // LDR_DATAFILEHANDLE
	dataImage = 2 // LDR_IMAGEMAPPING
)

// Handle is what LoadLibraryEx returns.
func (d *DataFile) Handle() uint64 {
	if d.Flat {
		return d.Base | dataFlat
	}
	return d.Base | dataImage
}

// Address is where the byte at an RVA lies; file is the place of it in the
// file.
func (d *DataFile) Address(rva, file uint32) uint64 {
	if d.Flat {
		return d.Base + uint64(file)
	}
	return d.Base + uint64(rva)
}

// DataFileByHandle finds a file that was loaded as data, or nil.
func (p *Process) DataFileByHandle(h uint64) *DataFile {
	for _, d := range p.dataFiles {
		if d.Handle() == h {
			return d
		}
	}
	return nil
}

// DataFileAt finds the data file an address lies in, or nil.
func (p *Process) DataFileAt(addr uint64) *DataFile {
	for _, d := range p.dataFiles {
		if addr >= d.Base && addr-d.Base < d.alloc.Size {
			return d
		}
	}
	return nil
}

// LoadDataFile is LoadLibraryEx with one of the flags for data.
func (p *Process) LoadDataFile(t *Thread, name string, o LoadOptions) (*DataFile, error) {
	name = moduleName(name)
	l := &loading{reason: "LoadLibrary", by: p.ModuleAt(t.caller()), flags: o.Flags}
	at, ok := p.search(name, l.by, p.folders(p.ownPath(name), o))
	if !ok {
		p.recordMissing(name, l, at)
		return nil, &LoadError{Module: name, By: l.byName(), Status: StatusDLLNotFound}
	}
	flat := o.Flags&LoadAsImageResource == 0
	for _, d := range p.dataFiles {
		if d.Flat == flat && strings.EqualFold(d.Path, at.path) {
			d.refs++
			return d, nil
		}
	}
	node := p.Files.Get(at.path)
	img, err := p.parse(node)
	if err != nil {
		return nil, loadError(name, l, err)
	}
	d := &DataFile{Path: at.path, Image: img, Flat: flat, refs: 1}
	if o.Flags&LoadDatafileExclusive != 0 {
		if d.open, err = p.Files.Open(node, true, false, ShareRead|ShareDelete); err != nil {
			return nil, loadError(name, l, err)
		}
	}
	if err := p.mapData(d); err != nil {
		if d.open != nil {
			p.Files.Close(d.open)
		}
		return nil, loadError(name, l, err)
	}
	p.dataFiles = append(p.dataFiles, d)
	return d, nil
}

func (p *Process) mapData(d *DataFile) error {
	size := uint64(d.Image.Size)
	if d.Flat {
		size = uint64(len(d.Image.Raw))
	}
	a, err := p.Mem.Reserve(0, size, dataArea, RegionPrivate, PageReadOnly)
	if err != nil {
		return err
	}
	if err := p.Mem.Commit(a.Base, a.Size, PageReadOnly); err != nil {
		_ = p.Mem.Free(a) // nothing is committed: cannot fail
		return err
	}
	if d.Flat {
		copy(a.host, d.Image.Raw)
	} else {
		d.Image.MapInto(a.host)
	}
	d.Base, d.alloc = a.Base, a
	return nil
}

const dataArea = 0x0000_0200_0000_0000

// FreeDataFile takes a reference back.
func (p *Process) FreeDataFile(d *DataFile) {
	if d.refs--; d.refs > 0 {
		return
	}
	for i, x := range p.dataFiles {
		if x == d {
			p.dataFiles = append(p.dataFiles[:i:i], p.dataFiles[i+1:]...)
			break
		}
	}
	if d.open != nil {
		p.Files.Close(d.open)
	}
	if err := p.Mem.Free(d.alloc); err != nil {
		p.fail(err)
	}
}
