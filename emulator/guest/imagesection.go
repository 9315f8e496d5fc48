package guest

import (
	"errors"
	"fmt"
	"strings"

	"sidetrace/emulator/trace"
	"sidetrace/loaders"
)

// This file maps images by hand: sections of the kind SEC_IMAGE, and the known
// DLLs. A view has the layout, the rights and the type of an image, and its
// pages are copied when written to; the loader knows nothing of it.
//
// Windows relocates an image once, for the base it gives the section: where the
// module of that file lies if there is one, else the image's own. A view that
// does not find room there has the same bytes, and whoever maps it is told so
// and relocates it himself.

// NewImageSection makes a section of a file's image. Views have no right to
// execute if noExecute.
func (p *Process) NewImageSection(file *Node, prot Protection, noExecute bool) (*Section, error) {
	img, err := p.parse(file)
	if err != nil {
		return nil, err
	}
	s, err := p.Mem.NewSection(uint64(img.Size), prot, nil)
	if err != nil {
		return nil, err
	}
	s.Node, s.Image, s.Base, s.noExecute = file, img, p.sectionBase(file, img), noExecute
	img.MapInto(s.host)
	relocate(s.host, img, s.Base-img.Base)
	return s, nil
}

// sectionBase is the address a file's image is relocated for.
func (p *Process) sectionBase(file *Node, img *loaders.Image) uint64 {
	if m := p.moduleByPath(file.Path); m != nil {
		return m.Base
	}
	size := pageUp(uint64(img.Size))
	if img.Base%AllocationGranularity == 0 && p.Mem.free(img.Base, size) || len(img.Relocations) == 0 {
		return img.Base
	}
	if at, ok := p.Mem.place(imageArea, size); ok {
		return at
	}
	return img.Base
}

// KnownSection makes the section of a known DLL; nil if there is none of that
// name. Those that nothing has loaded yet have the base they would be loaded at.
func (p *Process) KnownSection(name string) *Section {
	lower := strings.ToLower(name)
	file := p.Files.Get(Join(SystemDirectory, lower))
	if file == nil || !p.known(lower) {
		return nil
	}
	s, err := p.NewImageSection(file, PageExecuteWriteCopy, false)
	if err != nil {
		return nil
	}
	s.step = stepKnown
	return s
}

// MapImage maps all of an image's section at base, or, when that is 0, at the
// section's own base or a free place. It records the load, as the system tells
// of it, and reports whether the view is where the image is relocated for.
func (p *Process) MapImage(t *Thread, s *Section, base uint64) (a *Allocation, atBase bool, err error) {
	if size := pageUp(s.Size); base == 0 && s.Base%AllocationGranularity == 0 && p.Mem.free(s.Base, size) {
		base = s.Base
	} else if base%AllocationGranularity != 0 {
		return nil, false, fmt.Errorf("%w: %#x", ErrBadAddress, base)
	}
	a, err = p.Mem.Reserve(base, s.Size, imageArea, RegionImage, PageExecuteWriteCopy)
	if err != nil {
		return nil, false, err
	}
	if err := p.fillView(a, s); err != nil {
		return nil, false, errors.Join(err, p.Mem.Free(a))
	}
	a.section = s
	s.views++
	step := s.step
	if step == "" {
		step = stepFullPath
	}
	m := &Module{Path: s.Node.Path, Base: a.Base, Image: s.Image, System: p.systemFile(s.Node)}
	p.recordLoad(m, s.Node.Path, &loading{reason: "section", by: p.ModuleAt(t.From)}, found{path: s.Node.Path, step: step, searched: []string{}})
	return a, a.Base == s.Base, nil
}

// systemFile is the synthetic DLL whose file a node is, or nil.
func (p *Process) systemFile(n *Node) *SystemModule {
	if m := p.system.byName[strings.ToLower(trace.BaseName(n.Path))]; m != nil && strings.EqualFold(m.path, n.Path) {
		return m
	}
	return nil
}

func (p *Process) fillView(a *Allocation, s *Section) error {
	for _, m := range []*[]byte{&a.host, &a.known} {
		host, err := mapHost(a.Size)
		if err != nil {
			return ErrNoMemory
		}
		copy(host, s.host)
		*m = host
	}
	a.owned = true
	for _, r := range imageRuns(s.Image) {
		if err := p.Mem.Commit(a.Base+r.start, r.end-r.start, viewProtection(r.prot, s.noExecute)); err != nil {
			return err
		}
	}
	return nil
}

// viewProtection is what pages of a section have in a view: writing copies them.
func viewProtection(prot Protection, noExecute bool) Protection {
	switch {
	case prot.Executable() && noExecute && prot.Writable(), prot == PageReadWrite:
		return PageWriteCopy
	case prot.Executable() && noExecute:
		return PageReadOnly
	case prot == PageExecuteReadWrite:
		return PageExecuteWriteCopy
	}
	return prot
}
