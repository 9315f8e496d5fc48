package ntdll

import (
	"bytes"
	"errors"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// The memory of other processes. They are not run: what a guest puts into one
// is recorded, and to let it be executed is a gap.

// Rights of a process handle.
//
// https://learn.microsoft.com/windows/win32/procthread/process-security-and-access-rights
const (
	ProcessTerminate    = 0x0001
	ProcessCreateThread = 0x0002
	ProcessVMOperation  = 0x0008
	ProcessVMRead       = 0x0010
	ProcessVMWrite      = 0x0020
	ProcessQuery        = 0x0400
	ProcessQueryLimited = 0x1000
	processSynchronize  = 0x0010_0000
	processMaximum      = 0x0200_0000
)

// opened is a process that was opened with certain rights.
type opened struct {
	*guest.OtherProcess
	access uint32
}

// ProcessOf tells what a process handle stands for: another process, or, as
// nil, the calling one. The handle must have one of the rights in need.
func ProcessOf(c *win.Call, h win.Handle, need uint32) (*guest.OtherProcess, win.Status) {
	if h.Guest() == guest.CurrentProcess {
		return nil, 0
	}
	switch o := c.Handles.Get(h.Guest()).(type) {
	case nil:
		return nil, win.StatusInvalidHandle
	case *guest.Self:
		return nil, 0
	case *guest.OtherProcess:
		return o, 0
	case *opened:
		if need != 0 && o.access&need == 0 {
			return nil, win.StatusAccessDenied
		}
		return o.OtherProcess, 0
	}
	return nil, statusObjectTypeMismatch
}

// OpenProcess opens a process by its identifier. The user may do anything to
// processes of their own, and look at the system's from afar.
func OpenProcess(c *win.Call, id, access uint32) (win.Handle, win.Status) {
	const generic = 0xF000_0000
	if id&^3 == c.ID {
		return win.Handle(c.Handles.Add(&guest.Self{Event: guest.Event{Manual: true}})), 0
	}
	o := c.Other(id)
	if o == nil || id == 0 {
		return 0, statusInvalidCID
	}
	granted := o.User || o.Started || access&^(ProcessQueryLimited|processSynchronize|processMaximum) == 0
	if access&(processMaximum|generic) != 0 && (o.User || o.Started) {
		access = 0x1F_FFFF
	} else if access&processMaximum != 0 {
		access = ProcessQueryLimited | processSynchronize
	}
	if access&ProcessQuery != 0 {
		access |= ProcessQueryLimited
	}
	const system = 4
	granted = granted && o.ID != system
	c.Emit(trace.ProcessAccess{Image: ImageOf(o), ID: o.ID, Access: access, Granted: granted})
	if !granted {
		return 0, win.StatusAccessDenied
	}
	return win.Handle(c.Handles.Add(&opened{o, access})), 0
}

// ImageOf names another process's program.
func ImageOf(o *guest.OtherProcess) string {
	if o.Path != "" {
		return o.Path
	}
	return o.Name
}

// AllocateIn is [AllocateMemory] in a process.
func AllocateIn(c *win.Call, o *guest.OtherProcess, addr, size uint64, typ win.AllocType, protect win.Protect) (base, pages uint64, status win.Status) {
	if o == nil {
		return AllocateMemory(c, addr, size, typ, protect)
	}
	prot := guest.Protection(protect)
	switch {
	case addr > guest.HighestUserAddress:
		return 0, 0, statusInvalidParameter2
	case size == 0 || size > guest.HighestUserAddress+1-addr:
		return 0, 0, statusInvalidParameter4
	case typ&(memCommit|memReserve) == 0:
		return 0, 0, statusInvalidParameter5
	case !prot.Valid():
		return 0, 0, statusInvalidPageProtection
	}
	s := c.Space(o)
	base, pages = pageDown(addr), pageUp(addr+size)-pageDown(addr)
	if typ&memReserve != 0 || addr == 0 {
		a, err := s.Reserve(addr, size, prot)
		if err != nil {
			return 0, 0, allocationStatus(err)
		}
		base, pages = a.Base, a.Size
	}
	if typ&memCommit != 0 {
		if err := s.Commit(base, pages, prot); err != nil {
			return 0, 0, allocationStatus(err)
		}
	}
	c.Emit(trace.ProcessMemory{Image: ImageOf(o), ID: o.ID, Operation: "allocate", Address: base, Size: pages, Protection: prot.String()})
	return base, pages, 0
}

// FreeIn is [FreeMemory] in a process.
func FreeIn(c *win.Call, o *guest.OtherProcess, addr, size uint64, typ win.AllocType) (base, pages uint64, status win.Status) {
	if o == nil {
		return FreeMemory(c, addr, size, typ)
	}
	if typ != memRelease && typ != memDecommit {
		return 0, 0, win.StatusInvalidParameter
	}
	s := c.Space(o)
	a := s.Find(addr)
	switch {
	case a == nil || a.Image:
		return 0, 0, statusMemoryNotAllocated
	case a.Mapped != nil:
		return 0, 0, statusUnableToDeleteSection
	case size == 0 && pageDown(addr) != a.Base:
		return 0, 0, statusFreeVMNotAtBase
	case size > a.Base+a.Size-addr:
		return 0, 0, win.StatusConflictingAddress
	}
	if base, pages = a.Base, a.Size; size != 0 {
		base, pages = pageDown(addr), pageUp(addr+size)-pageDown(addr)
	}
	if typ == memRelease && pages == a.Size {
		s.Release(a)
	} else if s.Decommit(base, pages) != nil {
		return 0, 0, win.StatusConflictingAddress
	}
	c.Emit(trace.ProcessMemory{Image: ImageOf(o), ID: o.ID, Operation: "free", Address: base, Size: pages})
	return base, pages, 0
}

// ProtectIn is [ProtectMemory] in a process.
func ProtectIn(c *win.Call, o *guest.OtherProcess, addr, size uint64, protect win.Protect, old win.Ptr) win.Status {
	if o == nil {
		return ProtectMemory(c, addr, size, protect, old)
	}
	prot := guest.Protection(protect)
	if _, err := c.Mem.Writable(uint64(old), 4); err != nil {
		return win.StatusAccessViolation
	}
	if !prot.Valid() {
		return statusInvalidPageProtection
	}
	was, err := c.Space(o).Protect(addr, size, prot)
	if err != nil {
		return win.StatusConflictingAddress
	}
	c.Emit(trace.ProcessMemory{Image: ImageOf(o), ID: o.ID, Operation: "protect", Address: addr, Size: size, Protection: prot.String()})
	c.WriteUint(old, 4, uint64(was))
	return 0
}

// QueryIn is [MemoryBasicInformation] in a process.
func QueryIn(c *win.Call, o *guest.OtherProcess, addr uint64) []byte {
	if o == nil {
		return MemoryBasicInformation(c, addr)
	}
	base, size, prot, a := c.Space(o).Query(addr)
	b := make([]byte, MemoryBasicInformationSize)
	le.PutUint64(b, base)
	le.PutUint64(b[24:], size)
	if a == nil {
		le.PutUint32(b[32:], memFree)
		le.PutUint32(b[36:], uint32(guest.PageNoAccess))
		return b
	}
	state, typ := uint32(memReserve), uint32(memPrivate)
	if prot != 0 {
		state = memCommit
	}
	switch {
	case a.Image:
		typ = memImage
	case a.Mapped != nil:
		typ = memMapped
	}
	le.PutUint64(b[8:], a.Base)
	le.PutUint32(b[16:], uint32(a.Initial))
	le.PutUint32(b[32:], state)
	le.PutUint32(b[36:], uint32(prot))
	le.PutUint32(b[40:], typ)
	return b
}

// longestCopy bounds what one call copies from or to another process.
const longestCopy = 256 << 20

// ReadFrom copies memory of a process to the caller's buffer.
func ReadFrom(c *win.Call, o *guest.OtherProcess, from, to win.Ptr, n uint64) (copied uint64, status win.Status) {
	if o == nil {
		return CopyMemory(c, to, from, n)
	}
	data := c.Space(o).Read(uint64(from), min(n, longestCopy))
	if c.Mem.Write(uint64(to), data) != nil {
		return 0, win.StatusAccessViolation
	}
	if uint64(len(data)) < n {
		return uint64(len(data)), statusPartialCopy
	}
	return n, 0
}

// WriteTo copies the caller's memory into a process. With force, pages of code
// are made writable for the time of the call, as kernel32 does.
func WriteTo(c *win.Call, o *guest.OtherProcess, to, from win.Ptr, n uint64, force bool) (copied uint64, status win.Status) {
	if o == nil {
		if force {
			return patch(c, to, from, n)
		}
		return CopyMemory(c, to, from, n)
	}
	data, err := c.Mem.View(uint64(from), int(min(n, longestCopy)))
	if err != nil {
		return 0, statusPartialCopy
	}
	s := c.Space(o)
	_, _, prot, _ := s.Query(uint64(to))
	done := s.Write(uint64(to), data, force)
	if done > 0 {
		o.Written = true
		b := trace.ProcessWriteMemory{Image: ImageOf(o), ID: o.ID, Address: uint64(to), Size: done, Protection: prot.String(), Content: content(data), SHA256: trace.SHA256(data[:done])}
		b.Artifact = c.Recorder.Artifact(b.Kind(), "injected.bin", data[:done])
		c.Emit(b)
	}
	if uint64(done) < n {
		return uint64(done), statusPartialCopy
	}
	return n, 0
}

func content(data []byte) string {
	if bytes.HasPrefix(data, []byte("MZ")) {
		return "pe"
	}
	return "data"
}

// patch writes over the caller's own code where it may not be written to.
func patch(c *win.Call, to, from win.Ptr, n uint64) (copied uint64, status win.Status) {
	info := c.Mem.Query(uint64(to))
	if n == 0 || info.Protection == 0 || info.Protection.Writable() || !info.Protection.Executable() || uint64(to)+n > info.Base+info.Size {
		return CopyMemory(c, to, from, n)
	}
	if _, err := c.Mem.Protect(uint64(to), n, guest.PageExecuteReadWrite); err != nil {
		return 0, statusPartialCopy
	}
	copied, status = CopyMemory(c, to, from, n)
	if _, err := c.Mem.Protect(uint64(to), n, info.Protection); err != nil {
		c.Fail(errors.New("a protection could not be restored"))
	}
	return copied, status
}

// MapInto maps a section into another process: its contents as they are now.
func MapInto(c *win.Call, o *guest.OtherProcess, s *guest.Section, base, offset, size uint64, prot guest.Protection) (uint64, uint64, win.Status) {
	space := c.Space(o)
	a, err := space.Reserve(base, size, prot)
	if err == nil {
		err = space.Commit(a.Base, a.Size, guest.PageReadWrite)
	}
	if err != nil {
		return 0, 0, allocationStatus(err)
	}
	a.Mapped = s
	data := s.Data()[offset : offset+size]
	space.Write(a.Base, data, false)
	if _, err := space.Protect(a.Base, a.Size, prot); err != nil {
		return 0, 0, win.StatusConflictingAddress
	}
	c.Emit(trace.ProcessMemory{Image: ImageOf(o), ID: o.ID, Operation: "map", Address: a.Base, Size: a.Size, Protection: prot.String()})
	if len(bytes.Trim(data, "\x00")) > 0 {
		o.Written = true
		b := trace.ProcessWriteMemory{Image: ImageOf(o), ID: o.ID, Address: a.Base, Size: len(data), Protection: prot.String(), Content: content(data), SHA256: trace.SHA256(data)}
		b.Artifact = c.Recorder.Artifact(b.Kind(), "injected.bin", data)
		c.Emit(b)
	} else {
		c.Gap("a section is mapped into another process before it has contents: what is written later is not seen there")
	}
	return a.Base, a.Size, 0
}

// UnmapFrom takes a view, or an image, of another process away: how a new
// process is hollowed.
func UnmapFrom(c *win.Call, o *guest.OtherProcess, at uint64) win.Status {
	s := c.Space(o)
	a := s.Find(at)
	if a == nil || !a.Image && a.Mapped == nil {
		return statusNotMappedView
	}
	s.Release(a)
	c.Emit(trace.ProcessMemory{Image: ImageOf(o), ID: o.ID, Operation: "unmap", Address: a.Base, Size: a.Size})
	return 0
}
