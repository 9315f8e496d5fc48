package ntdll

import (
	"fmt"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var criticalRows = win.Rows{
	win.Func1("RtlDeleteCriticalSection", rtlDeleteCriticalSection, "CriticalSection"),
	win.Func1("RtlEnterCriticalSection", rtlEnterCriticalSection, "CriticalSection"),
	win.Func1("RtlInitializeCriticalSection", rtlInitializeCriticalSection, "CriticalSection"),
	win.Func2("RtlInitializeCriticalSectionAndSpinCount", rtlInitializeCriticalSectionAndSpinCount, "CriticalSection SpinCount"),
	win.Func3("RtlInitializeCriticalSectionEx", rtlInitializeCriticalSectionEx, "CriticalSection SpinCount Flags"),
	win.Func1("RtlIsCriticalSectionLocked", rtlIsCriticalSectionLocked, "CriticalSection"),
	win.Func1("RtlIsCriticalSectionLockedByThread", rtlIsCriticalSectionLockedByThread, "CriticalSection"),
	win.Func1("RtlLeaveCriticalSection", rtlLeaveCriticalSection, "CriticalSection"),
	win.Func2("RtlSetCriticalSectionSpinCount", rtlSetCriticalSectionSpinCount, "CriticalSection SpinCount"),
	win.Func1("RtlTryEnterCriticalSection", rtlTryEnterCriticalSection, "CriticalSection"),
}

// RTL_CRITICAL_SECTION. All of its state is in the guest's memory, where code
// may look at it, and laid out as Windows has done since Vista: bit 0 of
// LockCount is set while the section is free, bit 1 is not used here, and the
// rest is the complement of the number of threads that wait.
//
// https://learn.microsoft.com/windows-hardware/drivers/debugger/displaying-a-critical-section
const (
	csLockCount      = 8
	csRecursionCount = 12
	csOwningThread   = 16
	csSpinCount      = 32
	csSize           = 40

	csFree   = 1
	csWaiter = 4
	csIdle   = 0xFFFFFFFF // free, and nobody waits

	csDynamicSpin = 0x0200_0000
	csSpins       = 2000
)

// InitializeCriticalSection prepares the structure. It has no debug
// information, as on Windows 10, unless that is forced.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initializecriticalsectionex
func InitializeCriticalSection(c *win.Call, at win.Ptr, spinCount win.DWORD, flags win.Hex) win.Status {
	const highest, noDebugInfo, dynamicSpin, static, forced = 0x00FFFFFF, 0x0100_0000, 0x0200_0000, 0x0400_0000, 0x1000_0000
	switch {
	case flags&^(noDebugInfo|dynamicSpin|static|forced|0x0800_0000) != 0:
		return statusInvalidParameter3
	case spinCount&^highest != 0 && flags != 0:
		return statusInvalidParameter2
	}
	b := c.Buffer(at, csSize)
	if b == nil {
		return 0
	}
	clear(b)
	// Wine's own DLLs write into the debug information.
	if m := c.ModuleAt(c.Caller); flags&forced != 0 || m != nil && m.BuiltByWine() {
		debug := c.Heap.Alloc(csDebugSize)
		if debug == 0 {
			return win.StatusNoMemory
		}
		le.PutUint64(b, debug)
		c.Write(win.Ptr(debug), append(make([]byte, 8), le.AppendUint64(nil, uint64(at))...))
	} else {
		le.PutUint64(b, ^uint64(0))
	}
	le.PutUint32(b[csLockCount:], csIdle)
	spins := uint64(spinCount & highest)
	if flags&dynamicSpin != 0 {
		spins |= csDynamicSpin
	}
	le.PutUint64(b[csSpinCount:], spins)
	return 0
}

// csDebugSize is the size of RTL_CRITICAL_SECTION_DEBUG, of which only the
// pointer back to the section is set.
const csDebugSize = 48

// rtlInitializeCriticalSection prepares the structure.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initializecriticalsection
func rtlInitializeCriticalSection(c *win.Call, CriticalSection win.Ptr) (win.Status, win.Error) {
	return InitializeCriticalSection(c, CriticalSection, csSpins, csDynamicSpin), 0
}

func rtlInitializeCriticalSectionAndSpinCount(c *win.Call, CriticalSection win.Ptr, SpinCount win.DWORD) (win.Status, win.Error) {
	return InitializeCriticalSection(c, CriticalSection, SpinCount, 0), 0
}

func rtlInitializeCriticalSectionEx(c *win.Call, CriticalSection win.Ptr, SpinCount win.DWORD, Flags win.Hex) (win.Status, win.Error) {
	return InitializeCriticalSection(c, CriticalSection, SpinCount, Flags), 0
}

// rtlSetCriticalSectionSpinCount changes the count and returns the one before.
// Nothing spins here.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-setcriticalsectionspincount
func rtlSetCriticalSectionSpinCount(c *win.Call, CriticalSection win.Ptr, SpinCount win.DWORD) (win.DWORD, win.Error) {
	before := c.ReadUint(CriticalSection+csSpinCount, 8)
	c.WriteUint(CriticalSection+csSpinCount, 8, uint64(SpinCount&0xFFFFFF))
	return win.DWORD(before & 0xFFFFFF), 0
}

// rtlEnterCriticalSection waits until the thread owns the section. Threads get
// it in the order of their coming, where Windows lets them overtake.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-entercriticalsection
func rtlEnterCriticalSection(c *win.Call, CriticalSection win.Ptr) (win.Status, win.Error) {
	enterCritical(c, CriticalSection)
	return 0, 0
}

func enterCritical(c *win.Call, at win.Ptr) {
	if tryCritical(c, at) || c.Faulted() {
		return
	}
	mem := c.Mem
	addCount(mem, at, -csWaiter)
	c.T.WaitFor(guest.Wait{Timeout: -1, Objects: []guest.Waitable{&guest.Condition{
		What:  func() string { return criticalText(mem, at) },
		Holds: func(*guest.Thread) bool { return freeCritical(mem, at) },
		Take: func(t *guest.Thread) {
			addCount(mem, at, csWaiter)
			ownCritical(mem, at, t)
		},
	}}})
}

// tryCritical takes the section if that needs no waiting.
func tryCritical(c *win.Call, at win.Ptr) bool {
	owner := c.ReadUint(at+csOwningThread, 8)
	switch {
	case c.Faulted():
		return false
	case freeCritical(c.Mem, at):
		ownCritical(c.Mem, at, c.T)
	case owner == uint64(c.T.ID):
		c.WriteUint(at+csRecursionCount, 4, c.ReadUint(at+csRecursionCount, 4)+1)
	default:
		return false
	}
	return true
}

// The functions below run while other threads do and have no call of their
// own: what the guest has made of the memory meanwhile is read as 0.

func peek(mem *guest.Memory, at win.Ptr, size int) uint64 {
	v, err := mem.ReadUint(uint64(at), size)
	if err != nil {
		return 0
	}
	return v
}

func poke(mem *guest.Memory, at win.Ptr, size int, v uint64) {
	_ = mem.WriteUint(uint64(at), size, v) // gone: nobody will see it
}

// freeCritical reports whether nobody owns the section. A count that is not
// negative belongs to one that was never initialised, which is taken for free,
// as statically zeroed ones are by older code.
func freeCritical(mem *guest.Memory, at win.Ptr) bool {
	count := int32(peek(mem, at+csLockCount, 4))
	return count >= 0 || count&csFree != 0
}

func ownCritical(mem *guest.Memory, at win.Ptr, t *guest.Thread) {
	count := int32(peek(mem, at+csLockCount, 4))
	if count >= 0 {
		count = -1
	}
	poke(mem, at+csLockCount, 4, uint64(uint32(count&^csFree)))
	poke(mem, at+csRecursionCount, 4, 1)
	poke(mem, at+csOwningThread, 8, uint64(t.ID))
}

func addCount(mem *guest.Memory, at win.Ptr, n int32) {
	poke(mem, at+csLockCount, 4, uint64(uint32(int32(peek(mem, at+csLockCount, 4))+n)))
}

func criticalText(mem *guest.Memory, at win.Ptr) string {
	text := fmt.Sprintf("critical section %#x", uint64(at))
	if owner := peek(mem, at+csOwningThread, 8); owner != 0 {
		text += fmt.Sprintf(", held by thread %d", owner)
	}
	return text
}

func rtlTryEnterCriticalSection(c *win.Call, CriticalSection win.Ptr) (win.Bool, win.Error) {
	return win.Bool(tryCritical(c, CriticalSection)), 0
}

// rtlLeaveCriticalSection gives the section back once. As on Windows, nobody
// asks whether it is the caller's.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-leavecriticalsection
func rtlLeaveCriticalSection(c *win.Call, CriticalSection win.Ptr) (win.Status, win.Error) {
	LeaveCriticalSection(c, CriticalSection)
	return 0, 0
}

// LeaveCriticalSection gives the section back once.
func LeaveCriticalSection(c *win.Call, at win.Ptr) {
	count := int32(c.ReadUint(at+csRecursionCount, 4)) - 1
	c.WriteUint(at+csRecursionCount, 4, uint64(uint32(count)))
	if c.Faulted() || count > 0 {
		return
	}
	if count < 0 {
		c.Gap("a critical section is left that nobody has entered")
		return
	}
	c.WriteUint(at+csOwningThread, 8, 0)
	c.WriteUint(at+csLockCount, 4, c.ReadUint(at+csLockCount, 4)|csFree)
	c.Signal()
}

// rtlIsCriticalSectionLocked and its kin tell of the owner.
func rtlIsCriticalSectionLocked(c *win.Call, CriticalSection win.Ptr) (win.Bool, win.Error) {
	return win.Bool(c.ReadUint(CriticalSection+csRecursionCount, 4) != 0), 0
}

func rtlIsCriticalSectionLockedByThread(c *win.Call, CriticalSection win.Ptr) (win.Bool, win.Error) {
	return win.Bool(c.ReadUint(CriticalSection+csOwningThread, 8) == uint64(c.T.ID) && c.ReadUint(CriticalSection+csRecursionCount, 4) != 0), 0
}

// rtlDeleteCriticalSection clears the section.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-deletecriticalsection
func rtlDeleteCriticalSection(c *win.Call, CriticalSection win.Ptr) (win.Status, win.Error) {
	if debug := c.ReadUint(CriticalSection, 8); debug != 0 && debug != ^uint64(0) {
		c.Heap.Free(debug)
	}
	clear(c.Buffer(CriticalSection, csSize))
	return 0, 0
}
