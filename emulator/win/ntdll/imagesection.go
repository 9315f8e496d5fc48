package ntdll

import (
	"errors"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// StatusImageNotAtBase says, of a view that was mapped, that it is not where the
// image is relocated for.
const StatusImageNotAtBase win.Status = 0x40000003

const (
	statusInvalidFileForSection win.Status = 0xC0000020
	statusInvalidImageNotMZ     win.Status = 0xC000012F
)

// newImage makes a section of a file's image.
func newImage(c *win.Call, file win.Handle, prot guest.Protection, allocation win.Hex, size uint64) (*guest.Section, win.Status) {
	if extra := allocation &^ (sectionImage | sectionNoCache); extra != 0 {
		c.Gap("attributes of an image's section " + number(win.DWORD(extra)))
		return nil, win.StatusInvalidParameter
	}
	if file == 0 {
		return nil, statusInvalidFileForSection
	}
	f, status := object[*guest.File](c, file)
	switch {
	case status != 0:
		return nil, status
	case f.Node.Directory || !f.Read:
		return nil, win.StatusAccessDenied
	}
	noExecute := allocation&sectionNoCache != 0 // with the other bit: SEC_IMAGE_NO_EXECUTE
	s, err := c.NewImageSection(f.Node, prot, noExecute)
	switch {
	case errors.Is(err, guest.ErrNoMemory):
		return nil, win.StatusNoMemory
	case err != nil && !strings.HasPrefix(string(f.Node.Data()), "MZ"):
		return nil, statusInvalidImageNotMZ
	case err != nil:
		return nil, statusInvalidImageFormat
	case size > s.Size:
		c.Mem.CloseSection(s)
		return nil, statusSectionTooBig
	}
	return s, 0
}

// MapImage maps an image's section. Only all of it can be mapped.
func MapImage(c *win.Call, s *guest.Section, base, offset uint64) (*guest.Allocation, win.Status) {
	if offset != 0 {
		c.Gap("a part of an image")
		return nil, win.StatusNotSupported
	}
	a, atBase, err := c.MapImage(c.T, s, base)
	switch {
	case errors.Is(err, guest.ErrBadAddress):
		return nil, win.StatusConflictingAddress
	case err != nil:
		return nil, win.StatusNoMemory
	case !atBase:
		return a, StatusImageNotAtBase
	}
	return a, 0
}

func mapImage(c *win.Call, s *guest.Section, BaseAddress win.Out[uint64], offset uint64, ViewSize win.Out[uint64]) win.Status {
	base := BaseAddress.Get(c)
	if base%guest.AllocationGranularity != 0 {
		return statusMappedAlignment
	}
	a, status := MapImage(c, s, base, offset)
	if a != nil {
		BaseAddress.Set(c, a.Base)
		ViewSize.Set(c, a.Size)
	}
	return status
}

// knownDLL is the file name of a section that the system keeps of a known DLL.
func knownDLL(a attributes) (name string, ok bool) {
	const folder = `\KnownDlls\`
	if len(a.name.Text) <= len(folder) || !strings.EqualFold(a.name.Text[:len(folder)], folder) {
		return "", false
	}
	return a.name.Text[len(folder):], true
}

func openKnown(c *win.Call, handle win.Out[uint64], name string) win.Status {
	if !probe(c, handle.Addr, 8) {
		return 0
	}
	s := c.KnownSection(name)
	if s == nil {
		return statusObjectNameNotFound
	}
	handle.Set(c, uint64(c.Handles.Add(s)))
	return 0
}
