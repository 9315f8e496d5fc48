package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var syncRows = win.Rows{
	win.Func4("CreateEvent{A,W}", createEvent, "lpEventAttributes bManualReset bInitialState lpName"),
	win.Func4("CreateEventEx{A,W}", createEventEx, "lpEventAttributes lpName dwFlags dwDesiredAccess"),
	win.Func3("CreateMutex{A,W}", createMutex, "lpMutexAttributes bInitialOwner lpName"),
	win.Func4("CreateMutexEx{A,W}", createMutexEx, "lpMutexAttributes lpName dwFlags dwDesiredAccess"),
	win.Func4("CreateSemaphore{A,W}", createSemaphore, "lpSemaphoreAttributes lInitialCount lMaximumCount lpName"),
	win.Func6("CreateSemaphoreEx{A,W}", createSemaphoreEx, "lpSemaphoreAttributes lInitialCount lMaximumCount lpName dwFlags dwDesiredAccess"),
	win.Func3("OpenEvent{A,W}", openEvent, "dwDesiredAccess bInheritHandle lpName"),
	win.Func3("OpenMutex{A,W}", openMutex, "dwDesiredAccess bInheritHandle lpName"),
	win.Func3("OpenSemaphore{A,W}", openSemaphore, "dwDesiredAccess bInheritHandle lpName"),
	win.Func1("PulseEvent", pulseEvent, "hEvent"),
	win.Func1("ReleaseMutex", releaseMutex, "hMutex"),
	win.Func3("ReleaseSemaphore", releaseSemaphore, "hSemaphore lReleaseCount lpPreviousCount"),
	win.Func1("ResetEvent", resetEvent, "hEvent"),
	win.Func1("SetEvent", setEvent, "hEvent"),
}

const (
	manualReset  = 1 // CREATE_EVENT_MANUAL_RESET
	initialSet   = 2 // CREATE_EVENT_INITIAL_SET
	initialOwner = 1 // CREATE_MUTEX_INITIAL_OWNER
)

// named returns the object a name stands for. exists is true when there is
// one, and ok false when it is of another type, which Windows refuses with
// ERROR_INVALID_HANDLE.
func named[T guest.Object](c *win.Call, name string) (o T, exists, ok bool) {
	if name == "" {
		return o, false, true
	}
	held := c.Names.Get(name)
	if held == nil {
		return o, false, true
	}
	o, ok = held.(T)
	return o, true, ok
}

// createEvent makes an event or opens the one of that name, for which the last
// error becomes ERROR_ALREADY_EXISTS.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-createeventw
func createEvent(c *win.Call, lpEventAttributes win.Ptr, bManualReset, bInitialState win.Int, lpName win.TStr) (win.Handle, win.Error) {
	e, exists, ok := named[*guest.Event](c, lpName.Text)
	if !ok {
		return 0, win.ErrInvalidHandle
	}
	if !exists {
		e = &guest.Event{Name: lpName.Text, Manual: bManualReset != 0, Set: bInitialState != 0}
		if e.Name != "" {
			c.Names.Set(e.Name, e)
		}
	}
	return created(c, e, exists, trace.EventCreate{Name: lpName.Text, Existed: exists}), 0
}

// created gives a new or opened object its handle, its behaviour and the last
// error that tells the two apart.
func created(c *win.Call, o guest.Object, exists bool, b trace.Payload) win.Handle {
	h := c.Handles.Add(o)
	if b != nil {
		c.Emit(b)
	}
	if exists {
		c.SetLastError(win.ErrAlreadyExists)
	} else {
		c.SetLastError(0)
	}
	return win.Handle(h)
}

func createEventEx(c *win.Call, lpEventAttributes win.Ptr, lpName win.TStr, dwFlags, dwDesiredAccess win.Hex) (win.Handle, win.Error) {
	return createEvent(c, lpEventAttributes, win.Int(dwFlags&manualReset), win.Int(dwFlags&initialSet), lpName)
}

// openEvent opens an event that exists.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-openeventw
func openEvent(c *win.Call, dwDesiredAccess win.Hex, bInheritHandle win.Int, lpName win.TStr) (win.Handle, win.Error) {
	return open[*guest.Event](c, lpName.Text)
}

func open[T guest.Object](c *win.Call, name string) (win.Handle, win.Error) {
	if name == "" {
		return 0, win.ErrInvalidParameter
	}
	o, exists, ok := named[T](c, name)
	switch {
	case !exists:
		return 0, win.ErrFileNotFound
	case !ok:
		return 0, win.ErrInvalidHandle
	}
	return win.Handle(c.Handles.Add(o)), 0
}

// setEvent and resetEvent change an event's state.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-setevent
func setEvent(c *win.Call, hEvent win.Handle) (win.Bool, win.Error) {
	return changeEvent(c, hEvent, true)
}
func resetEvent(c *win.Call, hEvent win.Handle) (win.Bool, win.Error) {
	return changeEvent(c, hEvent, false)
}

// pulseEvent sets an event for those who wait for it now.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-pulseevent
func pulseEvent(c *win.Call, hEvent win.Handle) (win.Bool, win.Error) {
	e, ok := guest.Lookup[*guest.Event](c.Handles, hEvent.Guest())
	if !ok {
		return false, win.ErrInvalidHandle
	}
	c.Pulse(e)
	return true, 0
}

func changeEvent(c *win.Call, hEvent win.Handle, set bool) (win.Bool, win.Error) {
	e, ok := guest.Lookup[*guest.Event](c.Handles, hEvent.Guest())
	if !ok {
		return false, win.ErrInvalidHandle
	}
	e.Set = set
	c.Signal()
	return true, 0
}

// createMutex makes a mutex or opens the one of that name.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-createmutexw
func createMutex(c *win.Call, lpMutexAttributes win.Ptr, bInitialOwner win.Int, lpName win.TStr) (win.Handle, win.Error) {
	m, exists, ok := named[*guest.Mutex](c, lpName.Text)
	if !ok {
		return 0, win.ErrInvalidHandle
	}
	if !exists {
		m = &guest.Mutex{Name: lpName.Text}
		if bInitialOwner != 0 {
			m.Own(c.T)
		}
		if m.Name != "" {
			c.Names.Set(m.Name, m)
		}
	}
	return created(c, m, exists, trace.MutexCreate{Name: lpName.Text, Existed: exists}), 0
}

func createMutexEx(c *win.Call, lpMutexAttributes win.Ptr, lpName win.TStr, dwFlags, dwDesiredAccess win.Hex) (win.Handle, win.Error) {
	return createMutex(c, lpMutexAttributes, win.Int(dwFlags&initialOwner), lpName)
}

func openMutex(c *win.Call, dwDesiredAccess win.Hex, bInheritHandle win.Int, lpName win.TStr) (win.Handle, win.Error) {
	return open[*guest.Mutex](c, lpName.Text)
}

// releaseMutex gives a mutex back once.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-releasemutex
func releaseMutex(c *win.Call, hMutex win.Handle) (win.Bool, win.Error) {
	m, ok := guest.Lookup[*guest.Mutex](c.Handles, hMutex.Guest())
	if !ok {
		return false, win.ErrInvalidHandle
	}
	if !m.Release(c.T) {
		return false, win.ErrNotOwner
	}
	c.Signal()
	return true, 0
}

// createSemaphore makes a semaphore or opens the one of that name.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-createsemaphorew
func createSemaphore(c *win.Call, lpSemaphoreAttributes win.Ptr, lInitialCount, lMaximumCount win.Int, lpName win.TStr) (win.Handle, win.Error) {
	if lMaximumCount <= 0 || lInitialCount < 0 || lInitialCount > lMaximumCount {
		return 0, win.ErrInvalidParameter
	}
	s, exists, ok := named[*guest.Semaphore](c, lpName.Text)
	if !ok {
		return 0, win.ErrInvalidHandle
	}
	if !exists {
		s = &guest.Semaphore{Name: lpName.Text, Count: int32(lInitialCount), Max: int32(lMaximumCount)}
		if s.Name != "" {
			c.Names.Set(s.Name, s)
		}
	}
	return created(c, s, exists, nil), 0
}

func createSemaphoreEx(c *win.Call, lpSemaphoreAttributes win.Ptr, lInitialCount, lMaximumCount win.Int, lpName win.TStr, dwFlags, dwDesiredAccess win.Hex) (win.Handle, win.Error) {
	return createSemaphore(c, lpSemaphoreAttributes, lInitialCount, lMaximumCount, lpName)
}

func openSemaphore(c *win.Call, dwDesiredAccess win.Hex, bInheritHandle win.Int, lpName win.TStr) (win.Handle, win.Error) {
	return open[*guest.Semaphore](c, lpName.Text)
}

// releaseSemaphore adds to a semaphore's count.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-releasesemaphore
func releaseSemaphore(c *win.Call, hSemaphore win.Handle, lReleaseCount win.Int, lpPreviousCount win.Out[int32]) (win.Bool, win.Error) {
	s, ok := guest.Lookup[*guest.Semaphore](c.Handles, hSemaphore.Guest())
	if !ok {
		return false, win.ErrInvalidHandle
	}
	if lReleaseCount <= 0 {
		return false, win.ErrInvalidParameter
	}
	previous, ok := s.Release(int32(lReleaseCount))
	if !ok {
		return false, win.ErrTooManyPosts
	}
	c.Signal()
	lpPreviousCount.Set(c, previous)
	return true, 0
}
