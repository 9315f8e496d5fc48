package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

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

// initializeCriticalSection prepares the structure.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initializecriticalsection
func initializeCriticalSection(c *win.Call, lpCriticalSection win.Ptr) (win.Void, win.Error) {
	_, _ = initializeCriticalSectionAndSpinCount(c, lpCriticalSection, 0)
	return win.Void{}, 0
}

func initializeCriticalSectionAndSpinCount(c *win.Call, lpCriticalSection win.Ptr, dwSpinCount win.DWORD) (win.Bool, win.Error) {
	b := c.Buffer(lpCriticalSection, csSize)
	if b == nil {
		return false, 0
	}
	clear(b)
	for i := range 8 {
		b[i] = 0xFF // DebugInfo: none
	}
	c.WriteUint(lpCriticalSection+csLockCount, 4, 0xFFFFFFFF)
	c.WriteUint(lpCriticalSection+csSpinCount, 8, uint64(dwSpinCount&0xFFFFFF))
	if all, ok := c.State[criticalKey{}].(map[win.Ptr]*guest.Mutex); ok {
		delete(all, lpCriticalSection)
	}
	return true, 0
}

func initializeCriticalSectionEx(c *win.Call, lpCriticalSection win.Ptr, dwSpinCount win.DWORD, Flags win.Hex) (win.Bool, win.Error) {
	return initializeCriticalSectionAndSpinCount(c, lpCriticalSection, dwSpinCount)
}

// enterCriticalSection waits until the thread owns the section.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-entercriticalsection
func enterCriticalSection(c *win.Call, lpCriticalSection win.Ptr) (win.Void, win.Error) {
	c.T.Wait([]guest.Waitable{section(c, lpCriticalSection)}, false, -1)
	entered(c, lpCriticalSection)
	return win.Void{}, 0
}

func tryEnterCriticalSection(c *win.Call, lpCriticalSection win.Ptr) (win.Bool, win.Error) {
	if _, ok := c.T.Wait([]guest.Waitable{section(c, lpCriticalSection)}, false, 0); !ok {
		return false, 0
	}
	entered(c, lpCriticalSection)
	return true, 0
}

func entered(c *win.Call, at win.Ptr) {
	count := c.ReadUint(at+csRecursionCount, 4) + 1
	c.WriteUint(at+csRecursionCount, 4, count)
	c.WriteUint(at+csOwningThread, 8, uint64(c.T.ID))
	c.WriteUint(at+csLockCount, 4, 0xFFFFFFFE)
}

// leaveCriticalSection gives the section back once.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-leavecriticalsection
func leaveCriticalSection(c *win.Call, lpCriticalSection win.Ptr) (win.Void, win.Error) {
	if !section(c, lpCriticalSection).Release(c.T) {
		c.Gap("a critical section is left that the thread does not own")
		return win.Void{}, 0
	}
	count := c.ReadUint(lpCriticalSection+csRecursionCount, 4) - 1
	c.WriteUint(lpCriticalSection+csRecursionCount, 4, count)
	if uint32(count) == 0 {
		c.WriteUint(lpCriticalSection+csOwningThread, 8, 0)
		c.WriteUint(lpCriticalSection+csLockCount, 4, 0xFFFFFFFF)
	}
	return win.Void{}, 0
}

func deleteCriticalSection(c *win.Call, lpCriticalSection win.Ptr) (win.Void, win.Error) {
	clear(c.Buffer(lpCriticalSection, csSize))
	if all, ok := c.State[criticalKey{}].(map[win.Ptr]*guest.Mutex); ok {
		delete(all, lpCriticalSection)
	}
	return win.Void{}, 0
}

// initializeSListHead empties a singly linked list: 16 zero bytes.
//
// https://learn.microsoft.com/windows/win32/api/interlockedapi/nf-interlockedapi-initializeslisthead
func initializeSListHead(c *win.Call, ListHead win.Ptr) (win.Void, win.Error) {
	clear(c.Buffer(ListHead, 16))
	return win.Void{}, 0
}
