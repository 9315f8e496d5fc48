package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var toolhelpRows = win.Rows{
	win.Partial(win.Func2("CreateToolhelp32Snapshot", createToolhelp32Snapshot, "dwFlags th32ProcessID"), "modules and heaps of the calling process only"),
	win.Partial(win.Func3("Heap32First", heap32First, "lphe th32ProcessID th32HeapID"), "no blocks"),
	win.Func2("Heap32ListFirst", heap32ListFirst, "hSnapshot lphl"),
	win.Func2("Heap32ListNext", heap32ListNext, "hSnapshot lphl"),
	win.Func1("Heap32Next", heap32Next, "lphe"),
	win.Func2("Module32First", module32FirstA, "hSnapshot lpme"),
	win.Func2("Module32FirstW", module32First, "hSnapshot lpme"),
	win.Func2("Module32Next", module32NextA, "hSnapshot lpme"),
	win.Func2("Module32NextW", module32Next, "hSnapshot lpme"),
	win.Func2("Process32First", process32FirstA, "hSnapshot lppe"),
	win.Func2("Process32FirstW", process32First, "hSnapshot lppe"),
	win.Func2("Process32Next", process32NextA, "hSnapshot lppe"),
	win.Func2("Process32NextW", process32Next, "hSnapshot lppe"),
	win.Func2("Thread32First", thread32First, "hSnapshot lpte"),
	win.Func2("Thread32Next", thread32Next, "hSnapshot lpte"),
	win.Func5("Toolhelp32ReadProcessMemory", toolhelp32ReadProcessMemory, "th32ProcessID lpBaseAddress lpBuffer cbRead lpNumberOfBytesRead"),
}

// snapshot is what there was when it was taken: entries as they are stored,
// with text in UTF-16, and how many have been given.
type snapshot struct {
	processes, threads, modules, heaps list
}

type list struct {
	entries []func(b []byte, wide bool)
	next    int
}

func (*snapshot) Type() string { return "Section" } // as on Windows

// Flags of CreateToolhelp32Snapshot.
const (
	snapHeaps    = 1
	snapProcess  = 2
	snapThread   = 4
	snapModule   = 8
	snapModule32 = 0x10
)

// Sizes of the entries. Their first field says the size, which must be right.
const (
	processEntryA = 304
	processEntryW = 568
	threadEntry   = 28
	moduleEntryA  = 568
	moduleEntryW  = 1080
	heapListEntry = 32
	heapEntry     = 64

	errPartialCopy win.Error = 299
)

// createToolhelp32Snapshot lists processes, threads, modules and heaps.
//
// https://learn.microsoft.com/windows/win32/api/tlhelp32/nf-tlhelp32-createtoolhelp32snapshot
func createToolhelp32Snapshot(c *win.Call, dwFlags win.Hex, th32ProcessID win.DWORD) (win.FileHandle, win.Error) {
	const inherit = 0x80000000
	if dwFlags&^(snapHeaps|snapProcess|snapThread|snapModule|snapModule32|inherit) != 0 || dwFlags&^inherit == 0 {
		return 0, win.ErrInvalidParameter
	}
	s := &snapshot{}
	if dwFlags&(snapModule|snapModule32|snapHeaps) != 0 && th32ProcessID != 0 && uint32(th32ProcessID) != c.ID {
		o := c.Other(uint32(th32ProcessID))
		switch {
		case o == nil:
			return 0, win.ErrInvalidParameter
		case !o.User:
			return 0, win.ErrAccessDenied
		}
		c.Gap("modules of another process")
		return 0, errPartialCopy
	}
	if dwFlags&snapProcess != 0 {
		s.processes.entries = processEntries(c)
	}
	if dwFlags&snapThread != 0 {
		s.threads.entries = threadEntries(c)
	}
	if dwFlags&snapModule != 0 {
		s.modules.entries = moduleEntries(c)
	}
	if dwFlags&snapHeaps != 0 {
		for i, h := range c.Heaps {
			s.heaps.entries = append(s.heaps.entries, func(b []byte, _ bool) {
				le.PutUint32(b[8:], c.ID)
				le.PutUint64(b[16:], h.Base)
				if i == 0 {
					le.PutUint32(b[24:], 1) // HF32_DEFAULT
				}
			})
		}
	}
	return win.FileHandle(c.Handles.Add(s)), 0
}

// text stores text of at most size characters with a terminator.
func text(b []byte, s string, wide bool) {
	unit, data := 1, guest.ANSI(s)
	if wide {
		unit, data = 2, guest.UTF16(s)
	}
	copy(b[:len(b)-unit], data[:len(data)-unit])
}

func processEntries(c *win.Call) []func([]byte, bool) {
	var entries []func([]byte, bool)
	add := func(id, parent uint32, threads int, name string) {
		entries = append(entries, func(b []byte, wide bool) {
			const priority, normal = 36, 8
			le.PutUint32(b[8:], id)
			le.PutUint32(b[28:], uint32(threads))
			le.PutUint32(b[32:], parent)
			le.PutUint32(b[priority:], normal)
			text(b[44:], name, wide)
		})
	}
	add(0, 0, machineProcessors, "[System Process]")
	for _, o := range c.Others() {
		if !o.Set {
			add(o.ID, o.Parent, o.ThreadCount, o.Name)
		}
	}
	add(c.ID, guest.Shell, len(c.Threads()), c.Program().Name())
	return entries
}

func threadEntries(c *win.Call) []func([]byte, bool) {
	var entries []func([]byte, bool)
	add := func(id, owner uint32) {
		entries = append(entries, func(b []byte, _ bool) {
			const normal = 8
			le.PutUint32(b[8:], id)
			le.PutUint32(b[12:], owner)
			le.PutUint32(b[16:], normal)
		})
	}
	for _, o := range c.Others() {
		if !o.Set {
			add(o.Thread, o.ID)
		}
	}
	for _, t := range c.Threads() {
		if !t.Ended() {
			add(t.ID, c.ID)
		}
	}
	return entries
}

func moduleEntries(c *win.Call) []func([]byte, bool) {
	var entries []func([]byte, bool)
	for _, m := range c.LoadOrder() {
		base, size, name, path := m.Base, m.Size, m.Name, m.Path
		entries = append(entries, func(b []byte, wide bool) {
			const nameAt, nameSize, usage = 48, 256, 0xFFFF
			unit := 1
			if wide {
				unit = 2
			}
			le.PutUint32(b[4:], 1)
			le.PutUint32(b[8:], c.ID)
			le.PutUint32(b[12:], usage)
			le.PutUint32(b[16:], usage)
			le.PutUint64(b[24:], base)
			le.PutUint32(b[32:], size)
			le.PutUint64(b[40:], base)
			text(b[nameAt:nameAt+nameSize*unit], name, wide)
			text(b[nameAt+nameSize*unit:nameAt+(nameSize+maxPath)*unit], path, wide)
		})
	}
	return entries
}

// give stores the next entry of a list. The entry's first field, of 4 or 8
// bytes, must be its size.
func give(c *win.Call, h win.Handle, of func(*snapshot) *list, at win.Ptr, size uint64, first, wide bool) (win.Bool, win.Error) {
	s, ok := guest.Lookup[*snapshot](c.Handles, h.Guest())
	if !ok {
		return false, win.ErrInvalidHandle
	}
	l := of(s)
	if first {
		l.next = 0
	}
	switch {
	case c.ReadUint(at, 4) < size:
		return false, errBadLength
	case l.next >= len(l.entries):
		return false, win.ErrNoMoreFiles
	}
	b := c.Buffer(at, size)
	if b == nil {
		return false, 0
	}
	clear(b[4:])
	if size == heapListEntry || size == heapEntry {
		clear(b)
		le.PutUint64(b, size)
	}
	l.entries[l.next](b, wide)
	l.next++
	return true, 0
}

func processesOf(s *snapshot) *list { return &s.processes }
func threadsOf(s *snapshot) *list   { return &s.threads }
func modulesOf(s *snapshot) *list   { return &s.modules }
func heapsOf(s *snapshot) *list     { return &s.heaps }

// process32First gives the first process.
//
// https://learn.microsoft.com/windows/win32/api/tlhelp32/nf-tlhelp32-process32firstw
func process32First(c *win.Call, hSnapshot win.Handle, lppe win.Ptr) (win.Bool, win.Error) {
	return give(c, hSnapshot, processesOf, lppe, processEntryW, true, true)
}

func process32Next(c *win.Call, hSnapshot win.Handle, lppe win.Ptr) (win.Bool, win.Error) {
	return give(c, hSnapshot, processesOf, lppe, processEntryW, false, true)
}

func process32FirstA(c *win.Call, hSnapshot win.Handle, lppe win.Ptr) (win.Bool, win.Error) {
	return give(c, hSnapshot, processesOf, lppe, processEntryA, true, false)
}

func process32NextA(c *win.Call, hSnapshot win.Handle, lppe win.Ptr) (win.Bool, win.Error) {
	return give(c, hSnapshot, processesOf, lppe, processEntryA, false, false)
}

// thread32First gives the first thread of the machine.
//
// https://learn.microsoft.com/windows/win32/api/tlhelp32/nf-tlhelp32-thread32first
func thread32First(c *win.Call, hSnapshot win.Handle, lpte win.Ptr) (win.Bool, win.Error) {
	return give(c, hSnapshot, threadsOf, lpte, threadEntry, true, true)
}

func thread32Next(c *win.Call, hSnapshot win.Handle, lpte win.Ptr) (win.Bool, win.Error) {
	return give(c, hSnapshot, threadsOf, lpte, threadEntry, false, true)
}

// module32First gives the first module, the program.
//
// https://learn.microsoft.com/windows/win32/api/tlhelp32/nf-tlhelp32-module32firstw
func module32First(c *win.Call, hSnapshot win.Handle, lpme win.Ptr) (win.Bool, win.Error) {
	return give(c, hSnapshot, modulesOf, lpme, moduleEntryW, true, true)
}

func module32Next(c *win.Call, hSnapshot win.Handle, lpme win.Ptr) (win.Bool, win.Error) {
	return give(c, hSnapshot, modulesOf, lpme, moduleEntryW, false, true)
}

func module32FirstA(c *win.Call, hSnapshot win.Handle, lpme win.Ptr) (win.Bool, win.Error) {
	return give(c, hSnapshot, modulesOf, lpme, moduleEntryA, true, false)
}

func module32NextA(c *win.Call, hSnapshot win.Handle, lpme win.Ptr) (win.Bool, win.Error) {
	return give(c, hSnapshot, modulesOf, lpme, moduleEntryA, false, false)
}

// heap32ListFirst gives the first heap.
//
// https://learn.microsoft.com/windows/win32/api/tlhelp32/nf-tlhelp32-heap32listfirst
func heap32ListFirst(c *win.Call, hSnapshot win.Handle, lphl win.Ptr) (win.Bool, win.Error) {
	return give(c, hSnapshot, heapsOf, lphl, heapListEntry, true, true)
}

func heap32ListNext(c *win.Call, hSnapshot win.Handle, lphl win.Ptr) (win.Bool, win.Error) {
	return give(c, hSnapshot, heapsOf, lphl, heapListEntry, false, true)
}

// heap32First says that a heap has no blocks.
//
// https://learn.microsoft.com/windows/win32/api/tlhelp32/nf-tlhelp32-heap32first
func heap32First(c *win.Call, lphe win.Ptr, th32ProcessID win.DWORD, th32HeapID win.Size) (win.Bool, win.Error) {
	c.Gap("blocks of a heap")
	return false, win.ErrNoMoreFiles
}

func heap32Next(*win.Call, win.Ptr) (win.Bool, win.Error) { return false, win.ErrNoMoreFiles }

// toolhelp32ReadProcessMemory is ReadProcessMemory with an identifier.
//
// https://learn.microsoft.com/windows/win32/api/tlhelp32/nf-tlhelp32-toolhelp32readprocessmemory
func toolhelp32ReadProcessMemory(c *win.Call, th32ProcessID win.DWORD, lpBaseAddress, lpBuffer win.Ptr, cbRead win.Size, lpNumberOfBytesRead win.Out[uint64]) (win.Bool, win.Error) {
	h := win.Handle(guest.CurrentProcess)
	if th32ProcessID != 0 && uint32(th32ProcessID) != c.ID {
		o := c.Other(uint32(th32ProcessID))
		if o == nil || !o.User {
			return false, win.ErrInvalidParameter
		}
		h = win.Handle(c.Handles.Add(o))
		defer c.Handles.Close(h.Guest())
	}
	return readProcessMemory(c, h, lpBaseAddress, lpBuffer, cbRead, lpNumberOfBytesRead)
}
