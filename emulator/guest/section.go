package guest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"sidetrace/loaders"
)

// Section is memory that can be mapped at several addresses at once, on its
// own or with the contents of a file. A file's contents are copied when the
// section is made; what views change goes back when it is flushed.
type Section struct {
	Name       string
	Size       uint64     // bytes, as asked for
	Protection Protection // the most that views may have
	Node       *Node      // the file; nil for memory alone

	Image *loaders.Image // SEC_IMAGE: mapped as an image, by [Process.MapImage]
	Base  uint64         // of an image: what it is relocated for

	host      []byte // Size bytes, rounded up to pages
	views     int
	done      bool   // no handle is left
	noExecute bool   // of an image
	step      string // of an image: how its file was found
}

func (*Section) Type() string { return "Section" }

// NewSection makes a section of size bytes. The bytes count as committed as
// long as it lives.
func (m *Memory) NewSection(size uint64, prot Protection, file *Node) (*Section, error) {
	if size == 0 || size > m.limit-min(m.committed, m.limit) {
		return nil, ErrNoMemory
	}
	host, err := mapHost(pageUp(size))
	if err != nil {
		return nil, ErrNoMemory
	}
	if file != nil {
		copy(host[:size], file.Data())
	}
	m.committed += uint64(len(host))
	s := &Section{Size: size, Protection: prot, Node: file, host: host}
	m.sections = append(m.sections, s)
	return s, nil
}

// Data is the section's contents, not to be modified.
func (s *Section) Data() []byte { return s.host[:s.Size] }

// MapSection maps size bytes of a section, from offset on, at base, or at a
// free place from near on when base is 0.
func (m *Memory) MapSection(s *Section, base, near, offset, size uint64, prot Protection) (*Allocation, error) {
	if offset%PageSize != 0 || size == 0 || offset > s.Size || size > s.Size-offset {
		return nil, fmt.Errorf("%w: %#x bytes at offset %#x", ErrBadAddress, size, offset)
	}
	a, err := m.Reserve(base, size, near, RegionPrivate, prot)
	if err != nil {
		return nil, err
	}
	if a.Size != pageUp(size) { // base was no multiple of the granularity
		_ = m.Free(a) // nothing is committed: cannot fail
		return nil, fmt.Errorf("%w: %#x", ErrBadAddress, base)
	}
	a.host, a.section, a.offset = s.host[offset:offset+a.Size:offset+a.Size], s, offset
	if err := m.change(a, 0, a.Size, prot); err != nil {
		return nil, errors.Join(err, m.Free(a))
	}
	m.committed += a.Size // given back by Free, like that of other memory
	s.views++
	return a, nil
}

// aliases makes the engine compare what it runs in views of a section that can
// also be written through another. Where it cannot, because the view's rights
// differ from page to page or there are too many, old code may run.
func (m *Memory) aliases(s *Section) {
	if s.Image != nil { // its views have pages of their own
		return
	}
	writable := 0
	for _, a := range m.allocs {
		if a.section == s && slices.ContainsFunc(a.runs, func(r run) bool { return r.prot.Writable() }) {
			writable++
		}
	}
	for _, a := range m.allocs {
		if a.section != s || !a.code {
			continue
		}
		others := writable
		if slices.ContainsFunc(a.runs, func(r run) bool { return r.prot.Writable() }) {
			others--
		}
		if others > 0 {
			_ = m.cpu.Alias(a.Base, a.Size)
		}
	}
}

// Section is what the allocation is a view of, and the offset it starts at;
// nil for other memory.
func (a *Allocation) Section() (*Section, uint64) { return a.section, a.offset }

// Unmap takes a view away.
func (m *Memory) Unmap(a *Allocation) error {
	s := a.section
	if err := m.Free(a); err != nil {
		return err
	}
	s.views--
	m.release(s)
	return nil
}

// CloseSection says that the last handle of a section is closed. Its views
// stay.
func (m *Memory) CloseSection(s *Section) {
	s.done = true
	m.release(s)
}

func (m *Memory) release(s *Section) {
	if s.done && s.views == 0 && s.host != nil {
		m.committed -= uint64(len(s.host))
		m.sections = slices.DeleteFunc(m.sections, func(x *Section) bool { return x == s })
		unmapHost(s.host)
		s.host = nil
	}
}

// Changed finds the bytes of a view that differ from the file's.
func (a *Allocation) Changed() (at int64, data []byte) {
	s := a.section
	if s == nil || s.Node == nil || s.Image != nil {
		return 0, nil
	}
	end := min(a.offset+a.Size, s.Size, uint64(s.Node.Size()))
	if a.offset >= end {
		return 0, nil
	}
	mine, file := s.host[a.offset:end], s.Node.Data()[a.offset:end]
	if bytes.Equal(mine, file) {
		return 0, nil
	}
	first, last := 0, len(mine)
	for mine[first] == file[first] {
		first++
	}
	for mine[last-1] == file[last-1] {
		last--
	}
	return int64(a.offset) + int64(first), mine[first:last]
}
