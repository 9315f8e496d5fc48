package ntdll

import (
	"fmt"
	"slices"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var srwRows = win.Rows{
	win.Func1("RtlAcquireSRWLockExclusive", rtlAcquireSRWLockExclusive, "SRWLock"),
	win.Func1("RtlAcquireSRWLockShared", rtlAcquireSRWLockShared, "SRWLock"),
	win.Func1("RtlInitializeSRWLock", rtlInitializeSRWLock, "SRWLock"),
	win.Func1("RtlReleaseSRWLockExclusive", rtlReleaseSRWLockExclusive, "SRWLock"),
	win.Func1("RtlReleaseSRWLockShared", rtlReleaseSRWLockShared, "SRWLock"),
	win.Func1("RtlTryAcquireSRWLockExclusive", rtlTryAcquireSRWLockExclusive, "SRWLock"),
	win.Func1("RtlTryAcquireSRWLockShared", rtlTryAcquireSRWLockShared, "SRWLock"),
}

// A slim reader/writer lock is one pointer: 0 while it is free, 1 while it is
// held alone, and 1 with the number of readers from bit 4 on while it is
// shared. Who waits is kept here, not in a list the pointer leads to.
//
// https://learn.microsoft.com/windows/win32/sync/slim-reader-writer--srw--locks
const (
	srwHeld   = 1
	srwReader = 1 << 4
)

// srwWaiter is a thread that waits for a lock.
type srwWaiter struct {
	t     *guest.Thread
	alone bool
}

// srwLock is what is kept of a lock that is held alone or waited for.
type srwLock struct {
	owner   *guest.Thread // for the report of a deadlock
	waiters []*srwWaiter
}

type srwKey struct{ at win.Ptr }

func srwOf(c *win.Call, at win.Ptr) *srwLock {
	l, _ := c.State[srwKey{at}].(*srwLock)
	if l == nil {
		l = &srwLock{}
		c.State[srwKey{at}] = l
	}
	return l
}

// free reports whether the lock can be taken, by a thread that waits or, for
// nil, by a newcomer: nobody overtakes a writer.
func (l *srwLock) free(mem *guest.Memory, at win.Ptr, alone bool, w *srwWaiter) bool {
	for _, x := range l.waiters {
		if x == w {
			break
		}
		if x.t.Ended() {
			continue
		}
		if alone || x.alone {
			return false
		}
	}
	v := peek(mem, at, 8)
	return v == 0 || !alone && v >= srwReader
}

func (l *srwLock) take(mem *guest.Memory, at win.Ptr, alone bool, t *guest.Thread) {
	v := peek(mem, at, 8)
	if alone {
		v, l.owner = srwHeld, t
	} else {
		v = v&^srwHeld + srwReader | srwHeld
	}
	poke(mem, at, 8, v)
}

func trySRW(c *win.Call, at win.Ptr, alone bool) bool {
	l := srwOf(c, at)
	if c.Buffer(at, 8) == nil || !l.free(c.Mem, at, alone, nil) {
		return false
	}
	l.take(c.Mem, at, alone, c.T)
	return true
}

func acquireSRW(c *win.Call, at win.Ptr, alone bool) {
	if trySRW(c, at, alone) || c.Faulted() {
		return
	}
	l, w, mem := srwOf(c, at), &srwWaiter{c.T, alone}, c.Mem
	l.waiters = append(l.waiters, w)
	c.T.WaitFor(guest.Wait{Timeout: -1, Objects: []guest.Waitable{&guest.Condition{
		What:  func() string { return l.text(mem, at) },
		Holds: func(*guest.Thread) bool { return l.free(mem, at, alone, w) },
		Take: func(t *guest.Thread) {
			l.waiters = slices.DeleteFunc(l.waiters, func(x *srwWaiter) bool { return x == w || x.t.Ended() })
			l.take(mem, at, alone, t)
		},
	}}})
}

func (l *srwLock) text(mem *guest.Memory, at win.Ptr) string {
	text := fmt.Sprintf("SRW lock %#x", uint64(at))
	switch v := peek(mem, at, 8); {
	case v >= srwReader:
		text += fmt.Sprintf(", shared by %d", v/srwReader)
	case l.owner != nil:
		text += fmt.Sprintf(", held by thread %d", l.owner.ID)
	}
	return text
}

// releaseSRW gives the lock back. One that is not held so raises an exception.
func releaseSRW(c *win.Call, at win.Ptr, alone bool) {
	v := c.ReadUint(at, 8)
	switch {
	case c.Faulted():
		return
	case v == 0 || alone != (v == srwHeld):
		c.T.RaiseCode(uint32(statusResourceNotOwned))
		return
	case alone || v-srwReader == srwHeld:
		v = 0
	default:
		v -= srwReader
	}
	c.WriteUint(at, 8, v)
	if l := srwOf(c, at); alone {
		l.owner = nil
	}
	c.Signal()
	if l := srwOf(c, at); len(l.waiters) == 0 && l.owner == nil {
		delete(c.State, srwKey{at})
	}
}

// rtlInitializeSRWLock makes the lock free.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initializesrwlock
func rtlInitializeSRWLock(c *win.Call, SRWLock win.Ptr) (win.Void, win.Error) {
	c.WriteUint(SRWLock, 8, 0)
	delete(c.State, srwKey{SRWLock})
	return win.Void{}, 0
}

// rtlAcquireSRWLockExclusive waits until the lock is the thread's alone. A
// thread that takes it twice waits for itself.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-acquiresrwlockexclusive
func rtlAcquireSRWLockExclusive(c *win.Call, SRWLock win.Ptr) (win.Void, win.Error) {
	acquireSRW(c, SRWLock, true)
	return win.Void{}, 0
}

func rtlAcquireSRWLockShared(c *win.Call, SRWLock win.Ptr) (win.Void, win.Error) {
	acquireSRW(c, SRWLock, false)
	return win.Void{}, 0
}

// rtlTryAcquireSRWLockExclusive takes the lock if that needs no waiting.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-tryacquiresrwlockexclusive
func rtlTryAcquireSRWLockExclusive(c *win.Call, SRWLock win.Ptr) (win.Bool, win.Error) {
	return win.Bool(trySRW(c, SRWLock, true)), 0
}

func rtlTryAcquireSRWLockShared(c *win.Call, SRWLock win.Ptr) (win.Bool, win.Error) {
	return win.Bool(trySRW(c, SRWLock, false)), 0
}

// rtlReleaseSRWLockExclusive gives the lock back.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-releasesrwlockexclusive
func rtlReleaseSRWLockExclusive(c *win.Call, SRWLock win.Ptr) (win.Void, win.Error) {
	releaseSRW(c, SRWLock, true)
	return win.Void{}, 0
}

func rtlReleaseSRWLockShared(c *win.Call, SRWLock win.Ptr) (win.Void, win.Error) {
	releaseSRW(c, SRWLock, false)
	return win.Void{}, 0
}
