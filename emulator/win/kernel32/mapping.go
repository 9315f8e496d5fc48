package kernel32

import (
	"errors"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var mappingRows = win.Rows{
	win.Partial(win.Func6("CreateFileMapping{A,W}", createFileMapping,
		"hFile lpFileMappingAttributes flProtect dwMaximumSizeHigh dwMaximumSizeLow lpName"),
		"a file's contents are copied when the mapping is made"),
	win.Func2("FlushViewOfFile", flushViewOfFile, "lpBaseAddress dwNumberOfBytesToFlush"),
	win.Func5("MapViewOfFile", mapViewOfFile,
		"hFileMappingObject dwDesiredAccess dwFileOffsetHigh dwFileOffsetLow dwNumberOfBytesToMap"),
	win.Func6("MapViewOfFileEx", mapViewOfFileEx,
		"hFileMappingObject dwDesiredAccess dwFileOffsetHigh dwFileOffsetLow dwNumberOfBytesToMap lpBaseAddress"),
	win.Func3("OpenFileMapping{A,W}", openFileMapping, "dwDesiredAccess bInheritHandle lpName"),
	win.Func1("UnmapViewOfFile", unmapViewOfFile, "lpBaseAddress"),
}

// Section attributes, beside the protection.
const (
	sectionAttributes = 0xFFFFFF00
	sectionCommit     = 0x08000000
	sectionNoCache    = 0x10000000
)

// Rights of a view.
const (
	viewCopy    = 0x01
	viewWrite   = 0x02
	viewRead    = 0x04
	viewExecute = 0x20
)

// createFileMapping makes a section of a file, or, for INVALID_HANDLE_VALUE, of
// memory alone.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-createfilemappingw
func createFileMapping(c *win.Call, hFile win.Handle, lpFileMappingAttributes win.Ptr, flProtect win.Protect, dwMaximumSizeHigh, dwMaximumSizeLow win.DWORD, lpName win.TStr) (win.Handle, win.Error) {
	s, exists, ok := named[*guest.Section](c, lpName.Text)
	if !ok {
		return 0, win.ErrInvalidHandle
	}
	if !exists {
		var err win.Error
		size := uint64(dwMaximumSizeHigh)<<32 | uint64(dwMaximumSizeLow)
		if s, err = newSection(c, hFile, flProtect, size); err != 0 {
			return 0, err
		}
		if s.Name = lpName.Text; s.Name != "" {
			c.Names.Set(s.Name, s)
		}
	}
	return created(c, s, exists, nil), 0
}

func newSection(c *win.Call, file win.Handle, protect win.Protect, size uint64) (*guest.Section, win.Error) {
	if file == ^win.Handle(0) { // INVALID_HANDLE_VALUE
		file = 0
	} else if _, err := diskFile(c, file); err != 0 {
		return nil, err
	}
	attributes := win.Hex(protect & sectionAttributes)
	if attributes&^sectionNoCache == 0 {
		attributes |= sectionCommit
	}
	s, status := ntdll.NewSection(c, file, guest.Protection(protect&^sectionAttributes), attributes, size)
	return s, ntdll.Win32Error(status)
}

// openFileMapping opens a section by name.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-openfilemappingw
func openFileMapping(c *win.Call, dwDesiredAccess win.Hex, bInheritHandle win.Int, lpName win.TStr) (win.Handle, win.Error) {
	return open[*guest.Section](c, lpName.Text)
}

// mapViewOfFile maps a section, or a part of it, where there is room.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-mapviewoffile
func mapViewOfFile(c *win.Call, hFileMappingObject win.Handle, dwDesiredAccess win.Hex, dwFileOffsetHigh, dwFileOffsetLow win.DWORD, dwNumberOfBytesToMap win.Size) (win.Ptr, win.Error) {
	return mapViewOfFileEx(c, hFileMappingObject, dwDesiredAccess, dwFileOffsetHigh, dwFileOffsetLow, dwNumberOfBytesToMap, 0)
}

// mapViewOfFileEx maps a section, or a part of it, at an address.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-mapviewoffileex
func mapViewOfFileEx(c *win.Call, hFileMappingObject win.Handle, dwDesiredAccess win.Hex, dwFileOffsetHigh, dwFileOffsetLow win.DWORD, dwNumberOfBytesToMap win.Size, lpBaseAddress win.Ptr) (win.Ptr, win.Error) {
	s, ok := guest.Lookup[*guest.Section](c.Handles, hFileMappingObject.Guest())
	if !ok {
		return 0, win.ErrInvalidHandle
	}
	offset, size := uint64(dwFileOffsetHigh)<<32|uint64(dwFileOffsetLow), uint64(dwNumberOfBytesToMap)
	if size == 0 && offset < s.Size {
		size = s.Size - offset
	}
	prot, allowed := viewProtection(dwDesiredAccess, s.Protection)
	switch {
	case offset%guest.AllocationGranularity != 0 || lpBaseAddress%guest.AllocationGranularity != 0:
		return 0, win.ErrMappedAlignment
	case !allowed || offset >= s.Size || size > s.Size-offset:
		return 0, win.ErrAccessDenied
	}
	if s.Image != nil {
		return mapImage(c, s, uint64(lpBaseAddress), offset)
	}
	a, err := mapView(c, s, uint64(lpBaseAddress), offset, size, prot)
	switch {
	case errors.Is(err, guest.ErrBadAddress):
		return 0, win.ErrInvalidAddress
	case err != nil:
		return 0, win.ErrNotEnoughMemory
	}
	ntdll.RecordView(c, s, a, offset, size, prot)
	return win.Ptr(a.Base), 0
}

// mapImage maps an image, always all of it.
func mapImage(c *win.Call, s *guest.Section, base, offset uint64) (win.Ptr, win.Error) {
	a, status := ntdll.MapImage(c, s, base, offset)
	switch {
	case status == ntdll.StatusImageNotAtBase:
	case status != 0:
		return 0, ntdll.Win32Error(status)
	}
	return win.Ptr(a.Base), 0
}

// viewProtection gives a view's protection; false if the section does not
// allow it.
func viewProtection(access win.Hex, section guest.Protection) (guest.Protection, bool) {
	execute := access&viewExecute != 0
	switch {
	case execute && !section.Executable():
		return 0, false
	case access&viewWrite != 0 && !ntdll.Shares(section):
		return 0, false
	case access&viewWrite != 0 && execute:
		return guest.PageExecuteReadWrite, true
	case access&viewWrite != 0:
		return guest.PageReadWrite, true
	case access&viewRead != 0 && execute:
		return guest.PageExecuteRead, true
	case access&viewRead != 0:
		return guest.PageReadOnly, true
	case access&viewCopy != 0 && execute:
		return guest.PageExecuteWriteCopy, true
	case access&viewCopy != 0:
		return guest.PageWriteCopy, true
	}
	return 0, false
}

// mapView maps the section's own pages, or a copy of them for a view whose
// changes nobody else sees.
func mapView(c *win.Call, s *guest.Section, base, offset, size uint64, prot guest.Protection) (*guest.Allocation, error) {
	if prot != guest.PageWriteCopy && prot != guest.PageExecuteWriteCopy {
		return c.Mem.MapSection(s, base, privateArea, offset, size, prot)
	}
	a, err := c.Mem.Reserve(base, size, privateArea, guest.RegionPrivate, prot)
	if err != nil {
		return nil, err
	}
	if err = c.Mem.Commit(a.Base, a.Size, prot); err == nil {
		err = c.Mem.Write(a.Base, s.Data()[offset:offset+size])
	}
	if err != nil {
		return nil, errors.Join(err, c.Mem.Free(a))
	}
	return a, nil
}

// viewAt finds the view that an address lies in, or that a copying view is
// at.
func viewAt(c *win.Call, at win.Ptr) *guest.Allocation {
	a := c.Mem.Find(uint64(at))
	if a == nil {
		return nil
	}
	if s, _ := a.Section(); s != nil || a.Initial == guest.PageWriteCopy || a.Initial == guest.PageExecuteWriteCopy && !a.Image() {
		return a
	}
	return nil
}

// flush writes what a view has changed to its file.
func flush(c *win.Call, a *guest.Allocation) win.Error {
	at, data := a.Changed()
	if len(data) == 0 {
		return 0
	}
	s, _ := a.Section()
	if err := c.Files.WriteAt(s.Node, data, at); err != nil {
		return fileError(err)
	}
	c.Emit(trace.FileWrite{Path: s.Node.Path, Offset: at, Size: int64(len(data))})
	return 0
}

// flushViewOfFile writes what a view has changed to its file, always all of
// it.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-flushviewoffile
func flushViewOfFile(c *win.Call, lpBaseAddress win.Ptr, dwNumberOfBytesToFlush win.Size) (win.Bool, win.Error) {
	a := viewAt(c, lpBaseAddress)
	if a == nil {
		return false, win.ErrInvalidAddress
	}
	if err := flush(c, a); err != 0 {
		return false, err
	}
	return true, 0
}

// unmapViewOfFile takes a view away; what it has changed is written first.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-unmapviewoffile
func unmapViewOfFile(c *win.Call, lpBaseAddress win.Ptr) (win.Bool, win.Error) {
	a := viewAt(c, lpBaseAddress)
	if a == nil {
		return false, win.ErrInvalidAddress
	}
	err := flush(c, a)
	c.Forget(a.Base, a.Size)
	free := c.Mem.Free
	if s, _ := a.Section(); s != nil {
		free = c.Mem.Unmap
	}
	if free(a) != nil {
		return false, win.ErrInvalidAddress
	}
	if err != 0 {
		return false, err
	}
	return true, 0
}
