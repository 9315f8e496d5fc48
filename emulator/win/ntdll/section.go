package ntdll

import (
	"errors"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var sectionRows = system(
	win.Partial(win.Func7("NtCreateSection", ntCreateSection,
		"SectionHandle DesiredAccess ObjectAttributes MaximumSize SectionPageProtection AllocationAttributes FileHandle"),
		"a file's contents are copied when the section is made"),
	win.Partial(win.Func10("NtMapViewOfSection", ntMapViewOfSection,
		"SectionHandle ProcessHandle BaseAddress ZeroBits CommitSize SectionOffset ViewSize InheritDisposition AllocationType Win32Protect"),
		"no copying views; another process gets the contents of the moment"),
	win.Func3("NtOpenSection", ntOpenSection, "SectionHandle DesiredAccess ObjectAttributes"),
	win.Partial(win.Func2("NtUnmapViewOfSection", ntUnmapViewOfSection, "ProcessHandle BaseAddress"),
		"no images of the calling process"),
)

// Attributes of a section.
const (
	sectionImage   = 0x01000000
	sectionReserve = 0x04000000
	sectionCommit  = 0x08000000
	sectionNoCache = 0x10000000
)

// ntCreateSection makes a section of a file, or, without one, of memory alone.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntcreatesection
func ntCreateSection(c *win.Call, SectionHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes attributes, MaximumSize win.Out[uint64], SectionPageProtection win.Protect, AllocationAttributes win.Hex, FileHandle win.Handle) (win.Status, win.Error) {
	size := MaximumSize.Get(c)
	if c.Faulted() {
		return 0, 0
	}
	return create(c, SectionHandle, ObjectAttributes, func(name string) (*guest.Section, win.Status) {
		s, status := NewSection(c, FileHandle, guest.Protection(SectionPageProtection), AllocationAttributes, size)
		if status == 0 {
			s.Name = name
		}
		return s, status
	}, nil), 0
}

// NewSection makes a section of a file, or, for a null handle, of memory
// alone. One that can be written makes its file as large as itself.
func NewSection(c *win.Call, file win.Handle, prot guest.Protection, allocation win.Hex, size uint64) (*guest.Section, win.Status) {
	switch {
	case !prot.Valid() || !prot.Readable() || prot == guest.PageExecute:
		return nil, statusInvalidPageProtection
	case allocation&sectionImage != 0:
		return newImage(c, file, prot, allocation, size)
	case allocation&(sectionCommit|sectionReserve) == 0 || allocation&^(sectionCommit|sectionReserve|sectionNoCache) != 0:
		c.Gap("section attributes " + trace.Hex.Format(uint64(allocation)))
		return nil, win.StatusNotSupported
	}
	var node *guest.Node
	if file != 0 {
		f, status := object[*guest.File](c, file)
		if status != 0 {
			return nil, status
		}
		node = f.Node
		length := uint64(node.Size())
		switch {
		case node.Directory || !f.Read || Shares(prot) && !f.Write:
			return nil, win.StatusAccessDenied
		case size == 0 && length == 0:
			return nil, statusMappedFileSizeZero
		case size == 0:
			size = length
		case size > length && !Shares(prot):
			return nil, statusSectionTooBig
		case size > length:
			if size > guest.HighestUserAddress || c.Files.Resize(node, int64(size)) != nil {
				return nil, statusDiskFull
			}
		}
	}
	if size == 0 {
		return nil, statusInvalidParameter4
	}
	s, err := c.Mem.NewSection(size, prot, node)
	if err != nil {
		return nil, win.StatusNoMemory
	}
	return s, 0
}

// Shares reports whether what is written to pages of a protection is written
// to the section, and not to a copy.
func Shares(prot guest.Protection) bool {
	return prot == guest.PageReadWrite || prot == guest.PageExecuteReadWrite
}

// ntOpenSection opens a section that exists.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwopensection
func ntOpenSection(c *win.Call, SectionHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes attributes) (win.Status, win.Error) {
	if name, ok := knownDLL(ObjectAttributes); ok {
		return openKnown(c, SectionHandle, name), 0
	}
	return open[*guest.Section](c, SectionHandle, ObjectAttributes), 0
}

// ntMapViewOfSection maps a section, or a part of it; a view of no size
// reaches to the section's end.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwmapviewofsection
func ntMapViewOfSection(c *win.Call, SectionHandle, ProcessHandle win.Handle, BaseAddress win.Out[uint64], ZeroBits, CommitSize win.Size, SectionOffset, ViewSize win.Out[uint64], InheritDisposition win.DWORD, AllocationType win.AllocType, Win32Protect win.Protect) (win.Status, win.Error) {
	if !probe(c, BaseAddress.Addr, 8) || !probe(c, ViewSize.Addr, 8) {
		return 0, 0
	}
	base, offset, size := BaseAddress.Get(c), SectionOffset.Get(c), ViewSize.Get(c)
	if c.Faulted() {
		return 0, 0
	}
	o, status := ProcessOf(c, ProcessHandle, ProcessVMOperation)
	if status != 0 {
		return status, 0
	}
	s, status := object[*guest.Section](c, SectionHandle)
	if status != 0 {
		return status, 0
	}
	if size == 0 && offset < s.Size {
		size = s.Size - offset
	}
	prot := guest.Protection(Win32Protect)
	switch {
	case !prot.Valid():
		return statusInvalidPageProtection, 0
	case s.Image != nil && o == nil:
		return mapImage(c, s, BaseAddress, offset, ViewSize), 0
	case prot.Executable() && !s.Protection.Executable() || Shares(prot) && !Shares(s.Protection):
		return statusSectionProtection, 0
	case base%guest.AllocationGranularity != 0 || offset%guest.AllocationGranularity != 0:
		return statusMappedAlignment, 0
	case offset >= s.Size || size > s.Size-offset:
		return statusInvalidViewSize, 0
	case prot == guest.PageWriteCopy || prot == guest.PageExecuteWriteCopy:
		c.Gap("a copying view")
		return win.StatusNotSupported, 0
	case o != nil:
		at, pages, status := MapInto(c, o, s, base, offset, size, prot)
		if status == 0 {
			BaseAddress.Set(c, at)
			ViewSize.Set(c, pages)
		}
		return status, 0
	}
	a, err := c.Mem.MapSection(s, base, PrivateArea, offset, size, prot)
	switch {
	case errors.Is(err, guest.ErrBadAddress):
		return win.StatusConflictingAddress, 0
	case err != nil:
		return win.StatusNoMemory, 0
	}
	RecordView(c, s, a, offset, size, prot)
	BaseAddress.Set(c, a.Base)
	ViewSize.Set(c, a.Size)
	return 0, 0
}

// RecordView notes what a view means: that a file was read, or that memory
// was taken.
func RecordView(c *win.Call, s *guest.Section, a *guest.Allocation, offset, size uint64, prot guest.Protection) {
	if s.Node == nil {
		c.Emit(trace.MemoryAlloc{Address: a.Base, Size: a.Size, Protection: prot.String(), Type: "reserve|commit"})
		return
	}
	if length := uint64(s.Node.Size()); offset < length {
		n := min(size, length-offset)
		c.NoteRead(a.Base, int(n), s.Node, int64(offset))
		c.Emit(trace.FileRead{Path: s.Node.Path, Offset: int64(offset), Size: int64(n)})
	}
}

// ntUnmapViewOfSection takes a view away. What was changed in a file's view is
// written to the file.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwunmapviewofsection
func ntUnmapViewOfSection(c *win.Call, ProcessHandle win.Handle, BaseAddress win.Ptr) (win.Status, win.Error) {
	o, status := ProcessOf(c, ProcessHandle, ProcessVMOperation)
	switch {
	case status != 0:
		return status, 0
	case o != nil:
		return UnmapFrom(c, o, uint64(BaseAddress)), 0
	}
	a := c.Mem.Find(uint64(BaseAddress))
	if a == nil {
		return statusNotMappedView, 0
	}
	s, _ := a.Section()
	switch {
	case s == nil && a.Image():
		c.Gap("an image is taken away")
		return win.StatusNotSupported, 0
	case s == nil:
		return statusNotMappedView, 0
	}
	if at, data := a.Changed(); len(data) > 0 && c.Files.WriteAt(s.Node, data, at) == nil {
		c.Emit(trace.FileWrite{Path: s.Node.Path, Offset: at, Size: int64(len(data))})
	}
	c.Forget(a.Base, a.Size)
	if c.Mem.Unmap(a) != nil {
		return statusNotMappedView, 0
	}
	return 0, 0
}
