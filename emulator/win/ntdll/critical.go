package ntdll

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var criticalRows = win.Rows{
	win.Func1("RtlDeleteCriticalSection", rtlDeleteCriticalSection, "CriticalSection"),
	win.Func1("RtlEnterCriticalSection", rtlEnterCriticalSection, "CriticalSection"),
	win.Func1("RtlInitializeCriticalSection", rtlInitializeCriticalSection, "CriticalSection"),
	win.Func2("RtlInitializeCriticalSectionAndSpinCount", rtlInitializeCriticalSectionAndSpinCount, "CriticalSection SpinCount"),
	win.Func3("RtlInitializeCriticalSectionEx", rtlInitializeCriticalSectionEx, "CriticalSection SpinCount Flags"),
	win.Func1("RtlInitializeSListHead", rtlInitializeSListHead, "ListHead"),
	win.Func1("RtlLeaveCriticalSection", rtlLeaveCriticalSection, "CriticalSection"),
	win.Func1("RtlTryEnterCriticalSection", rtlTryEnterCriticalSection, "CriticalSection"),
}

// A critical section lives in guest memory, as a CRITICAL_SECTION of 40 bytes
// that code may look at, and here as the mutex threads wait for.
const (
	csLockCount      = 8
	csRecursionCount = 12
	csOwningThread   = 16
	csSpinCount      = 32
	csSize           = 40
)

type criticalKey struct{}

// section finds the mutex behind a critical section. One that was never
// initialised is taken for initialised, as statically zeroed ones are by older
// code.
func section(c *win.Call, at win.Ptr) *guest.Mutex {
	all, _ := c.State[criticalKey{}].(map[win.Ptr]*guest.Mutex)
	if all == nil {
		all = map[win.Ptr]*guest.Mutex{}
		c.State[criticalKey{}] = all
	}
	m := all[at]
	if m == nil {
		m = c.NewMutex("")
		all[at] = m
	}
	return m
}

// forget drops the mutex behind a critical section.
func forget(c *win.Call, at win.Ptr) {
	if all, ok := c.State[criticalKey{}].(map[win.Ptr]*guest.Mutex); ok {
		delete(all, at)
	}
}

// InitializeCriticalSection prepares the structure.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initializecriticalsectionandspincount
func InitializeCriticalSection(c *win.Call, at win.Ptr, spinCount win.DWORD) {
	b := c.Buffer(at, csSize)
	if b == nil {
		return
	}
	clear(b)
	for i := range 8 {
		b[i] = 0xFF // DebugInfo: none
	}
	le.PutUint32(b[csLockCount:], 0xFFFFFFFF)
	le.PutUint64(b[csSpinCount:], uint64(spinCount&0xFFFFFF))
	forget(c, at)
}

// rtlInitializeCriticalSection prepares the structure.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initializecriticalsection
func rtlInitializeCriticalSection(c *win.Call, CriticalSection win.Ptr) (win.Status, win.Error) {
	return rtlInitializeCriticalSectionAndSpinCount(c, CriticalSection, 0)
}

func rtlInitializeCriticalSectionAndSpinCount(c *win.Call, CriticalSection win.Ptr, SpinCount win.DWORD) (win.Status, win.Error) {
	InitializeCriticalSection(c, CriticalSection, SpinCount)
	return 0, 0
}

func rtlInitializeCriticalSectionEx(c *win.Call, CriticalSection win.Ptr, SpinCount win.DWORD, Flags win.Hex) (win.Status, win.Error) {
	return rtlInitializeCriticalSectionAndSpinCount(c, CriticalSection, SpinCount)
}

// rtlEnterCriticalSection waits until the thread owns the section.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-entercriticalsection
func rtlEnterCriticalSection(c *win.Call, CriticalSection win.Ptr) (win.Status, win.Error) {
	c.T.Wait([]guest.Waitable{section(c, CriticalSection)}, false, -1)
	entered(c, CriticalSection)
	return 0, 0
}

func rtlTryEnterCriticalSection(c *win.Call, CriticalSection win.Ptr) (win.Bool, win.Error) {
	if _, ok := c.T.Wait([]guest.Waitable{section(c, CriticalSection)}, false, 0); !ok {
		return false, 0
	}
	entered(c, CriticalSection)
	return true, 0
}

func entered(c *win.Call, at win.Ptr) {
	count := c.ReadUint(at+csRecursionCount, 4) + 1
	c.WriteUint(at+csRecursionCount, 4, count)
	c.WriteUint(at+csOwningThread, 8, uint64(c.T.ID))
	c.WriteUint(at+csLockCount, 4, 0xFFFFFFFE)
}

// rtlLeaveCriticalSection gives the section back once.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-leavecriticalsection
func rtlLeaveCriticalSection(c *win.Call, CriticalSection win.Ptr) (win.Status, win.Error) {
	if !section(c, CriticalSection).Release(c.T) {
		c.Gap("a critical section is left that the thread does not own")
		return 0, 0
	}
	count := c.ReadUint(CriticalSection+csRecursionCount, 4) - 1
	c.WriteUint(CriticalSection+csRecursionCount, 4, count)
	if uint32(count) == 0 {
		c.WriteUint(CriticalSection+csOwningThread, 8, 0)
		c.WriteUint(CriticalSection+csLockCount, 4, 0xFFFFFFFF)
	}
	return 0, 0
}

// rtlDeleteCriticalSection forgets the section.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-deletecriticalsection
func rtlDeleteCriticalSection(c *win.Call, CriticalSection win.Ptr) (win.Status, win.Error) {
	clear(c.Buffer(CriticalSection, csSize))
	forget(c, CriticalSection)
	return 0, 0
}

// rtlInitializeSListHead empties a singly linked list: 16 zero bytes.
//
// https://learn.microsoft.com/windows/win32/api/interlockedapi/nf-interlockedapi-initializeslisthead
func rtlInitializeSListHead(c *win.Call, ListHead win.Ptr) (win.Void, win.Error) {
	clear(c.Buffer(ListHead, 16))
	return win.Void{}, 0
}
