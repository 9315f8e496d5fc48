package ntdll

import (
	"encoding/binary"
	"errors"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var memoryRows = system(
	win.Func6("NtAllocateVirtualMemory", ntAllocateVirtualMemory, "ProcessHandle BaseAddress ZeroBits RegionSize AllocationType Protect"),
	win.Func3("NtFlushInstructionCache", ntFlushInstructionCache, "ProcessHandle BaseAddress Length"),
	win.Func4("NtFreeVirtualMemory", ntFreeVirtualMemory, "ProcessHandle BaseAddress RegionSize FreeType"),
	win.Func5("NtProtectVirtualMemory", ntProtectVirtualMemory, "ProcessHandle BaseAddress RegionSize NewProtect OldProtect"),
	win.Partial(win.Func6("NtQueryVirtualMemory", ntQueryVirtualMemory, "ProcessHandle BaseAddress MemoryInformationClass MemoryInformation MemoryInformationLength ReturnLength"), "MemoryBasicInformation"),
	win.Func5("NtReadVirtualMemory", ntReadVirtualMemory, "ProcessHandle BaseAddress Buffer BufferSize NumberOfBytesRead"),
	win.Func5("NtWriteVirtualMemory", ntWriteVirtualMemory, "ProcessHandle BaseAddress Buffer BufferSize NumberOfBytesWritten"),
)

// Allocation types and free types.
const (
	memCommit   = 0x1000
	memReserve  = 0x2000
	memDecommit = 0x4000
	memRelease  = 0x8000
	memReset    = 0x80000
	memTopDown  = 0x100000
)

// States and types of pages.
const (
	memFree    = 0x10000
	memPrivate = 0x20000
	memMapped  = 0x40000
	memImage   = 0x1000000
)

// PrivateArea is where memory goes whose place is left open.
const PrivateArea = 0x0000_01E0_0000_0000

func pageDown(v uint64) uint64 { return v &^ (guest.PageSize - 1) }
func pageUp(v uint64) uint64   { return pageDown(v + guest.PageSize - 1) }

// AllocateMemory reserves, commits, or both, and returns what became of the
// address and the size. The placement is the same in every run.
func AllocateMemory(c *win.Call, addr, size uint64, typ win.AllocType, protect win.Protect) (base, pages uint64, status win.Status) {
	prot := guest.Protection(protect)
	const known = memCommit | memReserve | memReset | memTopDown
	switch {
	case addr > guest.HighestUserAddress:
		return 0, 0, statusInvalidParameter2
	case size == 0 || size > guest.HighestUserAddress+1-addr:
		return 0, 0, statusInvalidParameter4
	case typ&(memCommit|memReserve|memReset) == 0:
		return 0, 0, statusInvalidParameter5
	case !prot.Valid():
		return 0, 0, statusInvalidPageProtection
	case typ&^known != 0:
		c.Gap("allocation type " + trace.AllocationType.Format(uint64(typ)))
		return 0, 0, statusInvalidParameter5
	}
	base = pageDown(addr)
	if typ&memReset != 0 {
		return base, pageUp(addr+size) - base, 0
	}
	if typ&memReserve != 0 || addr == 0 {
		a, err := c.Mem.Reserve(addr, size, PrivateArea, guest.RegionPrivate, prot)
		if err != nil {
			return 0, 0, allocationStatus(err)
		}
		if base, pages = a.Base, a.Size; typ&memCommit != 0 {
			if err := c.Mem.Commit(base, pages, prot); err != nil {
				return 0, 0, allocationStatus(errors.Join(err, c.Mem.Free(a)))
			}
		}
	} else {
		if err := c.Mem.Commit(addr, size, prot); err != nil {
			return 0, 0, allocationStatus(err)
		}
		pages = pageUp(addr+size) - base
	}
	c.Emit(trace.MemoryAlloc{Address: base, Size: pages, Protection: prot.String(), Type: allocationText(typ)})
	return base, pages, 0
}

func allocationText(t win.AllocType) string {
	var parts []string
	if t&memReserve != 0 {
		parts = append(parts, "reserve")
	}
	if t&memCommit != 0 {
		parts = append(parts, "commit")
	}
	return strings.Join(parts, "|")
}

func allocationStatus(err error) win.Status {
	if errors.Is(err, guest.ErrNoMemory) {
		return win.StatusCommitmentLimit
	}
	return win.StatusConflictingAddress
}

// FreeMemory releases an allocation, or decommits pages of one, and returns
// what became of the address and the size. A size of 0 is all of it.
func FreeMemory(c *win.Call, addr, size uint64, typ win.AllocType) (base, pages uint64, status win.Status) {
	if typ != memRelease && typ != memDecommit {
		return 0, 0, win.StatusInvalidParameter
	}
	a := c.Mem.Find(addr)
	if a == nil || a.Region != guest.RegionPrivate {
		return 0, 0, statusMemoryNotAllocated
	}
	if s, _ := a.Section(); s != nil { // a view, which unmapping takes away
		return 0, 0, statusUnableToDeleteSection
	}
	base = pageDown(addr)
	switch {
	case size == 0 && base != a.Base:
		return 0, 0, statusFreeVMNotAtBase
	case size == 0:
		pages = a.Size
	case size > a.Base+a.Size-addr:
		return 0, 0, win.StatusConflictingAddress
	default:
		pages = pageUp(addr+size) - base
	}
	c.Forget(base, pages)
	var err error
	switch {
	case typ == memRelease && pages == a.Size:
		err = c.Mem.Free(a)
	case typ == memRelease:
		c.Gap("part of an allocation is released: it stays reserved")
		fallthrough
	default:
		err = c.Mem.Decommit(base, pages)
	}
	if err != nil {
		return 0, 0, allocationStatus(err)
	}
	return base, pages, 0
}

// ProtectMemory changes the protection of pages and stores that of the first
// one at old.
func ProtectMemory(c *win.Call, addr, size uint64, protect win.Protect, old win.Ptr) win.Status {
	prot := guest.Protection(protect)
	if _, err := c.Mem.Writable(uint64(old), 4); err != nil {
		return win.StatusAccessViolation
	}
	switch {
	case addr > guest.HighestUserAddress:
		return statusInvalidParameter2
	case size == 0 || size > guest.HighestUserAddress+1-addr:
		return statusInvalidParameter3
	case !prot.Valid():
		return statusInvalidPageProtection
	}
	was, err := c.Mem.Protect(addr, size, prot)
	if err != nil {
		if a := c.Mem.Find(addr); a != nil && size <= a.Base+a.Size-addr {
			return win.StatusNotCommitted
		}
		return win.StatusConflictingAddress
	}
	c.NoteProtect(addr, size, prot)
	a := c.Mem.Find(addr)
	b := trace.MemoryProtect{Address: addr, Size: size, Protection: prot.String(), OldProtection: was.String(), Region: string(a.Region)}
	if m := c.ModuleAt(addr); m != nil {
		b.Region, b.Module = string(guest.RegionImage), m.Name()
	}
	c.Emit(b)
	c.WriteUint(old, 4, uint64(was))
	return 0
}

// MemoryBasicInformationSize is the size of MEMORY_BASIC_INFORMATION.
const MemoryBasicInformationSize = 48

// MemoryBasicInformation lays out what is known of the pages at addr.
//
// https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-memory_basic_information
func MemoryBasicInformation(c *win.Call, addr uint64) []byte {
	info := c.Mem.Query(addr)
	b := make([]byte, MemoryBasicInformationSize)
	state, typ, prot := uint32(memFree), uint32(0), guest.PageNoAccess
	if a := info.Allocation; a != nil {
		le.PutUint64(b[8:], a.Base)
		le.PutUint32(b[16:], uint32(a.Initial))
		state, prot = memReserve, 0
		if info.Protection != 0 {
			state, prot = memCommit, info.Protection
		}
		switch s, _ := a.Section(); {
		case a.Image():
			typ = memImage
		case s != nil:
			typ = memMapped
		default:
			typ = memPrivate
		}
	}
	le.PutUint64(b, info.Base)
	le.PutUint64(b[24:], info.Size)
	le.PutUint32(b[32:], state)
	le.PutUint32(b[36:], uint32(prot))
	le.PutUint32(b[40:], typ)
	return b
}

// le is the byte order of everything the guest sees.
var le = binary.LittleEndian

// ntAllocateVirtualMemory is VirtualAlloc with the address and the size passed
// by reference. ZeroBits has no effect: memory is placed low enough.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntallocatevirtualmemory
func ntAllocateVirtualMemory(c *win.Call, ProcessHandle win.Handle, BaseAddress win.Out[uint64], ZeroBits win.Size, RegionSize win.Out[uint64], AllocationType win.AllocType, Protect win.Protect) (win.Status, win.Error) {
	if !probe(c, BaseAddress.Addr, 8) || !probe(c, RegionSize.Addr, 8) {
		return 0, 0
	}
	o, status := ProcessOf(c, ProcessHandle, ProcessVMOperation)
	if status != 0 {
		return status, 0
	}
	base, pages, status := AllocateIn(c, o, BaseAddress.Get(c), RegionSize.Get(c), AllocationType, Protect)
	if status == 0 {
		BaseAddress.Set(c, base)
		RegionSize.Set(c, pages)
	}
	return status, 0
}

// ntFreeVirtualMemory is VirtualFree with the address and the size passed by
// reference. Releasing part of an allocation decommits it.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntfreevirtualmemory
func ntFreeVirtualMemory(c *win.Call, ProcessHandle win.Handle, BaseAddress, RegionSize win.Out[uint64], FreeType win.AllocType) (win.Status, win.Error) {
	if !probe(c, BaseAddress.Addr, 8) || !probe(c, RegionSize.Addr, 8) {
		return 0, 0
	}
	o, status := ProcessOf(c, ProcessHandle, ProcessVMOperation)
	if status != 0 {
		return status, 0
	}
	base, pages, status := FreeIn(c, o, BaseAddress.Get(c), RegionSize.Get(c), FreeType)
	if status == 0 {
		BaseAddress.Set(c, base)
		RegionSize.Set(c, pages)
	}
	return status, 0
}

// ntProtectVirtualMemory is VirtualProtect with the address and the size
// passed by reference; both come back rounded to pages.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualprotect
func ntProtectVirtualMemory(c *win.Call, ProcessHandle win.Handle, BaseAddress, RegionSize win.Out[uint64], NewProtect win.Protect, OldProtect win.Out[uint32]) (win.Status, win.Error) {
	if !probe(c, BaseAddress.Addr, 8) || !probe(c, RegionSize.Addr, 8) {
		return 0, 0
	}
	o, status := ProcessOf(c, ProcessHandle, ProcessVMOperation)
	if status != 0 {
		return status, 0
	}
	base, size := BaseAddress.Get(c), RegionSize.Get(c)
	status = ProtectIn(c, o, base, size, NewProtect, OldProtect.Addr)
	if status == 0 {
		BaseAddress.Set(c, pageDown(base))
		RegionSize.Set(c, pageUp(base+size)-pageDown(base))
	}
	return status, 0
}

// ntQueryVirtualMemory fills a MEMORY_BASIC_INFORMATION.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntqueryvirtualmemory
func ntQueryVirtualMemory(c *win.Call, ProcessHandle win.Handle, BaseAddress win.Ptr, MemoryInformationClass win.DWORD, MemoryInformation win.Ptr, MemoryInformationLength win.Size, ReturnLength win.Out[uint64]) (win.Status, win.Error) {
	const memoryBasicInformation = 0
	if MemoryInformationClass != memoryBasicInformation {
		c.Gap("information class " + number(MemoryInformationClass))
		return win.StatusInvalidInfoClass, 0
	}
	if MemoryInformationLength < MemoryBasicInformationSize {
		return win.StatusInfoLengthMismatch, 0
	}
	if BaseAddress > guest.HighestUserAddress {
		return win.StatusInvalidParameter, 0
	}
	o, status := ProcessOf(c, ProcessHandle, ProcessQueryLimited)
	if status != 0 {
		return status, 0
	}
	c.Write(MemoryInformation, QueryIn(c, o, uint64(BaseAddress)))
	ReturnLength.Set(c, MemoryBasicInformationSize)
	return 0, 0
}

// ntReadVirtualMemory copies memory of a process. Bytes behind an address that
// cannot be read are not copied.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-readprocessmemory
func ntReadVirtualMemory(c *win.Call, ProcessHandle win.Handle, BaseAddress, Buffer win.Ptr, BufferSize win.Size, NumberOfBytesRead win.Out[uint64]) (win.Status, win.Error) {
	o, status := ProcessOf(c, ProcessHandle, ProcessVMRead)
	if status != 0 {
		return status, 0
	}
	n, status := ReadFrom(c, o, BaseAddress, Buffer, uint64(BufferSize))
	NumberOfBytesRead.Set(c, n)
	return status, 0
}

// ntWriteVirtualMemory copies into memory of a process. Pages must be
// writable.
//
// https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-writeprocessmemory
func ntWriteVirtualMemory(c *win.Call, ProcessHandle win.Handle, BaseAddress, Buffer win.Ptr, BufferSize win.Size, NumberOfBytesWritten win.Out[uint64]) (win.Status, win.Error) {
	o, status := ProcessOf(c, ProcessHandle, ProcessVMWrite)
	if status != 0 {
		return status, 0
	}
	n, status := WriteTo(c, o, BaseAddress, Buffer, uint64(BufferSize), false)
	NumberOfBytesWritten.Set(c, n)
	return status, 0
}

// CopyMemory copies n bytes, page by page, up to one that cannot be read or
// written: then the status is STATUS_PARTIAL_COPY. It returns the bytes
// copied.
func CopyMemory(c *win.Call, to, from win.Ptr, n uint64) (copied uint64, status win.Status) {
	for copied < n {
		dst, src := uint64(to)+copied, uint64(from)+copied
		size := min(n-copied, guest.PageSize-dst%guest.PageSize, guest.PageSize-src%guest.PageSize)
		data, err := c.Mem.View(src, int(size))
		if err == nil {
			err = c.Mem.Write(dst, data)
		}
		if err != nil {
			return copied, statusPartialCopy
		}
		copied += size
	}
	return copied, 0
}

// ntFlushInstructionCache succeeds: the engine drops stale translations by
// itself.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-flushinstructioncache
func ntFlushInstructionCache(c *win.Call, ProcessHandle win.Handle, BaseAddress win.Ptr, Length win.Size) (win.Status, win.Error) {
	if ProcessHandle.Guest() != guest.CurrentProcess && c.Handles.Get(ProcessHandle.Guest()) == nil {
		return win.StatusInvalidHandle, 0
	}
	c.FlushCode(uint64(BaseAddress), uint64(Length))
	return 0, 0
}
