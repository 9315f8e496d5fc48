package kernel32

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

// enumProcesses stores the identifiers of all processes.
//
// https://learn.microsoft.com/windows/win32/api/psapi/nf-psapi-enumprocesses
func enumProcesses(c *win.Call, lpidProcess win.Ptr, cb win.DWORD, lpcbNeeded win.Out[uint32]) (win.Bool, win.Error) {
	ids := []uint32{0}
	for _, o := range c.Others() {
		if !o.Set {
			ids = append(ids, o.ID)
		}
	}
	ids = append(ids, c.ID)
	ids = ids[:min(len(ids), int(cb/4))]
	for i, id := range ids {
		c.WriteUint(lpidProcess+win.Ptr(4*i), 4, uint64(id))
	}
	lpcbNeeded.Set(c, uint32(4*len(ids)))
	return true, 0
}

// driverCount is how many drivers there are.
const driverCount = 160

// enumDeviceDrivers stores as many null addresses as there are drivers: users
// may not know where they lie.
//
// https://learn.microsoft.com/windows/win32/api/psapi/nf-psapi-enumdevicedrivers
func enumDeviceDrivers(c *win.Call, lpImageBase win.Ptr, cb win.DWORD, lpcbNeeded win.Out[uint32]) (win.Bool, win.Error) {
	clear(c.Buffer(lpImageBase, uint64(min(cb, 8*driverCount)&^7)))
	lpcbNeeded.Set(c, 8*driverCount)
	return true, 0
}

func getDeviceDriverBaseName(*win.Call, win.Ptr, win.Ptr, win.DWORD) (win.DWORD, win.Error) {
	return 0, win.ErrInvalidHandle
}

// getProcessImageFileName stores the path of a process's program as the object
// manager names it.
//
// https://learn.microsoft.com/windows/win32/api/psapi/nf-psapi-getprocessimagefilenamew
func getProcessImageFileName(c *win.Call, hProcess win.Handle, lpImageFileName win.Ptr, nSize win.DWORD) (win.DWORD, win.Error) {
	o, err := processOf(c, hProcess, ntdll.ProcessQueryLimited)
	if err != 0 {
		return 0, err
	}
	n := fill(c, lpImageFileName, nSize, pathOf(c, o, true))
	if n >= nSize {
		return 0, win.ErrInsufficientBuffer
	}
	return n, 0
}

// getMappedFileName stores the file an address is mapped from.
//
// https://learn.microsoft.com/windows/win32/api/psapi/nf-psapi-getmappedfilenamew
func getMappedFileName(c *win.Call, hProcess win.Handle, lpv, lpFilename win.Ptr, nSize win.DWORD) (win.DWORD, win.Error) {
	if err := ownModules(c, hProcess); err != 0 {
		return 0, err
	}
	path := ""
	if m := c.ModuleAt(uint64(lpv)); m != nil {
		path = m.Path
	} else if a := c.Mem.Find(uint64(lpv)); a != nil {
		if s, _ := a.Section(); s != nil && s.Node != nil {
			path = s.Node.Path
		}
	}
	if path == "" {
		return 0, errUnexpectedMemory
	}
	if len(path) > 2 && path[1] == ':' {
		path = volumeDevice + path[2:]
	}
	n := fill(c, lpFilename, nSize, path)
	if n >= nSize {
		return 0, win.ErrInsufficientBuffer
	}
	return n, 0
}

const errUnexpectedMemory win.Error = 1006 // as for memory without a file

// getProcessMemoryInfo tells how much memory a process uses.
//
// https://learn.microsoft.com/windows/win32/api/psapi/nf-psapi-getprocessmemoryinfo
func getProcessMemoryInfo(c *win.Call, Process win.Handle, ppsmemCounters win.Ptr, cb win.DWORD) (win.Bool, win.Error) {
	const size, extended, usual = 72, 80, 12 << 20
	o, err := processOf(c, Process, ntdll.ProcessQueryLimited)
	switch {
	case err != 0:
		return false, err
	case cb < size:
		return false, win.ErrInsufficientBuffer
	}
	b := c.Buffer(ppsmemCounters, uint64(min(cb, extended)))
	if b == nil {
		return false, 0
	}
	used := uint64(usual)
	if o == nil {
		used = c.Mem.Committed()
	}
	clear(b)
	le.PutUint32(b, uint32(min(cb, extended)))
	le.PutUint32(b[4:], uint32(used/4096))
	for _, at := range []int{8, 16, 56, 64} { // working set and page file, and the most of each
		le.PutUint64(b[at:], used)
	}
	if cb >= extended {
		le.PutUint64(b[72:], used)
	}
	return true, 0
}

// getPerformanceInfo tells of the machine's memory in pages.
//
// https://learn.microsoft.com/windows/win32/api/psapi/nf-psapi-getperformanceinfo
func getPerformanceInfo(c *win.Call, pPerformanceInformation win.Ptr, cb win.DWORD) (win.Bool, win.Error) {
	const size, page, handles, threads = 104, 4096, 42_000, 1200
	if cb < size {
		return false, errBadLength
	}
	b := c.Buffer(pPerformanceInformation, size)
	if b == nil {
		return false, 0
	}
	clear(b)
	le.PutUint32(b, size)
	const total, free = machineMemory / page, machineMemory / 100 * 65 / page
	for i, v := range []uint64{total - free, total + 2<<30/page, total, total, free, free / 2, 80_000, 50_000, 30_000, page} {
		le.PutUint64(b[8+8*i:], v)
	}
	le.PutUint32(b[88:], handles)
	le.PutUint32(b[92:], uint32(len(c.Others())+2))
	le.PutUint32(b[96:], threads)
	return true, 0
}
