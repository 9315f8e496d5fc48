package kernel32

import (
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

// Overlapped input and output. Transfers are done before the call returns, so
// that results are there at once; completion ports queue what they are told.

var completionRows = win.Rows{
	win.Func1("CancelIo", cancelIo, "hFile"),
	win.Func2("CancelIoEx", cancelIoEx, "hFile lpOverlapped"),
	win.Func1("CancelSynchronousIo", cancelSynchronousIo, "hThread"),
	win.Func4("CreateIoCompletionPort", createIoCompletionPort, "FileHandle ExistingCompletionPort CompletionKey NumberOfConcurrentThreads"),
	win.Partial(win.Func8("DeviceIoControl", deviceIoControl,
		"hDevice dwIoControlCode lpInBuffer nInBufferSize lpOutBuffer nOutBufferSize lpBytesReturned lpOverlapped"), "no device answers"),
	win.Func4("GetOverlappedResult", getOverlappedResult, "hFile lpOverlapped lpNumberOfBytesTransferred bWait"),
	win.Func5("GetOverlappedResultEx", getOverlappedResultEx, "hFile lpOverlapped lpNumberOfBytesTransferred dwMilliseconds bAlertable"),
	win.Func5("GetQueuedCompletionStatus", getQueuedCompletionStatus, "CompletionPort lpNumberOfBytesTransferred lpCompletionKey lpOverlapped dwMilliseconds"),
	win.Func6("GetQueuedCompletionStatusEx", getQueuedCompletionStatusEx, "CompletionPort lpCompletionPortEntries ulCount ulNumEntriesRemoved dwMilliseconds fAlertable"),
	win.Func4("PostQueuedCompletionStatus", postQueuedCompletionStatus, "CompletionPort dwNumberOfBytesTransferred dwCompletionKey lpOverlapped"),
	win.Func2("SetFileCompletionNotificationModes", setFileCompletionNotificationModes, "FileHandle Flags"),
}

// port is a completion port. Its event is set while something is queued.
type port struct {
	guest.Event
	queue []packet
}

// member is what a file is to the port it belongs to.
type member struct {
	port *port
	key  uint64
	mute bool // what succeeds at once is not announced
}

func (*port) Type() string { return "IoCompletion" }

// packet is a completion: of so many bytes, for a key and an OVERLAPPED.
type packet struct {
	bytes, key, overlapped uint64
}

const (
	mostPackets = 1 << 16

	errIoIncomplete win.Error = 996
	errNotFound     win.Error = 1168
	errWaitTimeout  win.Error = 258
	statusPending             = 0x103
)

func (p *port) put(k packet) bool {
	if len(p.queue) >= mostPackets {
		return false
	}
	p.queue = append(p.queue, k)
	p.Set = true
	return true
}

func (p *port) take() packet {
	k := p.queue[0]
	p.queue = p.queue[1:]
	p.Set = len(p.queue) > 0
	return k
}

type membersKey struct{}

// members are the files that belong to ports.
func members(c *win.Call) map[guest.Object]*member {
	m, ok := c.State[membersKey{}].(map[guest.Object]*member)
	if !ok {
		m = map[guest.Object]*member{}
		c.State[membersKey{}] = m
	}
	return m
}

// createIoCompletionPort makes a port, or adds a file to one.
//
// https://learn.microsoft.com/windows/win32/fileio/createiocompletionport
func createIoCompletionPort(c *win.Call, FileHandle, ExistingCompletionPort win.Handle, CompletionKey win.Size, NumberOfConcurrentThreads win.DWORD) (win.Handle, win.Error) {
	const invalid = ^win.Handle(0)
	var p *port
	h := ExistingCompletionPort
	if h != 0 {
		var ok bool
		if p, ok = guest.Lookup[*port](c.Handles, h.Guest()); !ok {
			return 0, win.ErrInvalidHandle
		}
		if FileHandle == invalid {
			return 0, win.ErrInvalidParameter
		}
	}
	var file guest.Object
	if FileHandle != invalid {
		if file = c.Handles.Get(FileHandle.Guest()); file == nil {
			return 0, win.ErrInvalidHandle
		}
		if members(c)[file] != nil {
			return 0, win.ErrInvalidParameter
		}
	}
	if p == nil {
		p = &port{Event: guest.Event{Manual: true}}
		h = win.Handle(c.Handles.Add(p))
	}
	if file != nil {
		members(c)[file] = &member{port: p, key: uint64(CompletionKey)}
	}
	return h, 0
}

// Announce queues a completed transfer where the file belongs to a port; waited
// says that it had been pending, which is announced in any case.
func Announce(c *win.Call, file guest.Object, overlapped win.Ptr, n win.DWORD, waited bool) {
	if m := members(c)[file]; m != nil && (waited || !m.mute) && overlapped != 0 {
		m.port.put(packet{uint64(n), m.key, uint64(overlapped)})
	}
}

// waitPort waits until a port has something.
func waitPort(c *win.Call, h win.Handle, ms win.Millis, alertable bool) (*port, win.Error) {
	p, ok := guest.Lookup[*port](c.Handles, h.Guest())
	if !ok {
		return nil, win.ErrInvalidHandle
	}
	for len(p.queue) == 0 {
		if _, ok := c.T.Wait([]guest.Waitable{p}, false, duration(ms)); !ok {
			return nil, errWaitTimeout
		}
	}
	return p, 0
}

// getQueuedCompletionStatus takes one completion from a port.
//
// https://learn.microsoft.com/windows/win32/api/ioapiset/nf-ioapiset-getqueuedcompletionstatus
func getQueuedCompletionStatus(c *win.Call, CompletionPort win.Handle, lpNumberOfBytesTransferred win.Out[uint32], lpCompletionKey, lpOverlapped win.Out[uint64], dwMilliseconds win.Millis) (win.Bool, win.Error) {
	p, err := waitPort(c, CompletionPort, dwMilliseconds, false)
	if err != 0 {
		lpOverlapped.Set(c, 0)
		return false, err
	}
	k := p.take()
	lpNumberOfBytesTransferred.Set(c, uint32(k.bytes))
	lpCompletionKey.Set(c, k.key)
	lpOverlapped.Set(c, k.overlapped)
	return true, 0
}

// getQueuedCompletionStatusEx takes several.
//
// https://learn.microsoft.com/windows/win32/fileio/getqueuedcompletionstatusex-func
func getQueuedCompletionStatusEx(c *win.Call, CompletionPort win.Handle, lpCompletionPortEntries win.Ptr, ulCount win.DWORD, ulNumEntriesRemoved win.Out[uint32], dwMilliseconds win.Millis, fAlertable win.Int) (win.Bool, win.Error) {
	const size = 32
	if ulCount == 0 || lpCompletionPortEntries == 0 {
		return false, win.ErrInvalidParameter
	}
	p, err := waitPort(c, CompletionPort, dwMilliseconds, fAlertable != 0)
	if err != 0 {
		ulNumEntriesRemoved.Set(c, 0)
		return false, err
	}
	n := uint32(0)
	for ; n < uint32(ulCount) && len(p.queue) > 0; n++ {
		b := c.Buffer(lpCompletionPortEntries+win.Ptr(size*n), size)
		if b == nil {
			return false, 0
		}
		k := p.take()
		le.PutUint64(b, k.key)
		le.PutUint64(b[8:], k.overlapped)
		le.PutUint64(b[16:], 0)
		le.PutUint64(b[24:], k.bytes)
	}
	ulNumEntriesRemoved.Set(c, n)
	return true, 0
}

// postQueuedCompletionStatus queues a completion of the caller's own.
//
// https://learn.microsoft.com/windows/win32/fileio/postqueuedcompletionstatus
func postQueuedCompletionStatus(c *win.Call, CompletionPort win.Handle, dwNumberOfBytesTransferred win.DWORD, dwCompletionKey win.Size, lpOverlapped win.Ptr) (win.Bool, win.Error) {
	p, ok := guest.Lookup[*port](c.Handles, CompletionPort.Guest())
	switch {
	case !ok:
		return false, win.ErrInvalidHandle
	case !p.put(packet{uint64(dwNumberOfBytesTransferred), uint64(dwCompletionKey), uint64(lpOverlapped)}):
		return false, win.ErrNotEnoughMemory
	}
	return true, 0
}

// getOverlappedResult tells how a transfer ended; one that goes on elsewhere
// is waited for by its event, or the file's.
//
// https://learn.microsoft.com/windows/win32/api/ioapiset/nf-ioapiset-getoverlappedresult
func getOverlappedResult(c *win.Call, hFile win.Handle, lpOverlapped win.Ptr, lpNumberOfBytesTransferred win.Out[uint32], bWait win.Int) (win.Bool, win.Error) {
	ms := win.Millis(0)
	if bWait != 0 {
		ms = infinite
	}
	return overlappedResult(c, lpOverlapped, lpNumberOfBytesTransferred, ms)
}

func getOverlappedResultEx(c *win.Call, hFile win.Handle, lpOverlapped win.Ptr, lpNumberOfBytesTransferred win.Out[uint32], dwMilliseconds win.Millis, bAlertable win.Int) (win.Bool, win.Error) {
	return overlappedResult(c, lpOverlapped, lpNumberOfBytesTransferred, dwMilliseconds)
}

func overlappedResult(c *win.Call, at win.Ptr, transferred win.Out[uint32], ms win.Millis) (win.Bool, win.Error) {
	if uint32(c.ReadUint(at+overlappedInternal, 8)) == statusPending && ms != 0 {
		h := guest.Handle(c.ReadUint(at+overlappedEvent, 8) &^ 1)
		if e, ok := guest.Lookup[*guest.Event](c.Handles, h); ok {
			c.T.Wait([]guest.Waitable{e}, false, duration(ms))
		} else {
			c.T.Sleep(time.Millisecond)
		}
	}
	status := win.Status(c.ReadUint(at+overlappedInternal, 8))
	if c.Faulted() {
		return false, 0
	}
	if status == statusPending {
		if ms == 0 {
			return false, errIoIncomplete
		}
		return false, errWaitTimeout
	}
	transferred.Set(c, uint32(c.ReadUint(at+overlappedInternalHigh, 8)))
	return win.Bool(status == 0), ntdll.Win32Error(status)
}

// cancelIo ends what waits for a pipe; there is nothing else to cancel.
//
// https://learn.microsoft.com/windows/win32/fileio/cancelio
func cancelIo(c *win.Call, hFile win.Handle) (win.Bool, win.Error) {
	o := c.Handles.Get(hFile.Guest())
	if o == nil {
		return false, win.ErrInvalidHandle
	}
	if o, ok := o.(canceller); ok {
		o.cancel(c, 0)
	}
	return true, 0
}

// canceller is what has transfers that can be pending.
type canceller interface {
	// cancel ends those with an OVERLAPPED, or all for 0.
	cancel(c *win.Call, overlapped win.Ptr) bool
}

// cancelIoEx ends what waits for a pipe.
//
// https://learn.microsoft.com/windows/win32/fileio/cancelioex-func
func cancelIoEx(c *win.Call, hFile win.Handle, lpOverlapped win.Ptr) (win.Bool, win.Error) {
	o := c.Handles.Get(hFile.Guest())
	if o == nil {
		return false, win.ErrInvalidHandle
	}
	if o, ok := o.(canceller); ok && o.cancel(c, lpOverlapped) {
		return true, 0
	}
	return false, errNotFound
}

func cancelSynchronousIo(c *win.Call, hThread win.Handle) (win.Bool, win.Error) {
	if _, err := threadOf(c, hThread); err != 0 {
		return false, err
	}
	return false, errNotFound
}

// setFileCompletionNotificationModes is taken note of: whoever skips the port
// on success relies on that. Events are not looked at.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-setfilecompletionnotificationmodes
func setFileCompletionNotificationModes(c *win.Call, FileHandle win.Handle, Flags win.BYTE) (win.Bool, win.Error) {
	const skipPort, skipEvent = 1, 2
	o := c.Handles.Get(FileHandle.Guest())
	switch {
	case o == nil:
		return false, win.ErrInvalidHandle
	case Flags&^(skipPort|skipEvent) != 0:
		return false, win.ErrInvalidParameter
	}
	if m := members(c)[o]; m != nil && Flags&skipPort != 0 {
		m.mute = true
	}
	return true, 0
}

// deviceIoControl asks a device for something it does not know.
//
// https://learn.microsoft.com/windows/win32/api/ioapiset/nf-ioapiset-deviceiocontrol
func deviceIoControl(c *win.Call, hDevice win.Handle, dwIoControlCode win.Hex, lpInBuffer win.Ptr, nInBufferSize win.DWORD, lpOutBuffer win.Ptr, nOutBufferSize win.DWORD, lpBytesReturned win.Out[uint32], lpOverlapped win.Ptr) (win.Bool, win.Error) {
	const setSparse, setCompression, getReparsePoint = 0x900C4, 0x9C040, 0x900A8
	if c.Handles.Get(hDevice.Guest()) == nil {
		return false, win.ErrInvalidHandle
	}
	lpBytesReturned.Set(c, 0)
	if _, err := diskFile(c, hDevice); err == 0 {
		switch dwIoControlCode {
		case setSparse, setCompression: // without effect on contents
			return true, 0
		case getReparsePoint:
			return false, errNotReparsePoint
		}
	}
	c.Gap("device control code " + win.Hex(0).Format().Format(uint64(dwIoControlCode)))
	return false, win.ErrInvalidFunction
}

const errNotReparsePoint win.Error = 4390
