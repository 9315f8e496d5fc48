package ws2_32

import (
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/kernel32"
)

// overlapped is a receive that waits for data while the guest goes on. Sending
// never has to wait long and is done at once.
type overlapped struct {
	socket  *socket
	at      win.Ptr // OVERLAPPED
	buffers []win.Ptr
	lengths []uint32
	from    win.Ptr
	fromlen win.Out[uint32]
	thread  *guest.Thread
	routine win.Ptr
}

// OVERLAPPED as 64-bit code lays it out.
const (
	overlappedStatus = 0
	overlappedCount  = 8
	overlappedEvent  = 24

	statusPending   = 0x103
	statusCancelled = 0xC0000120
	statusReset     = 0xC000020D
)

// vectors reads an array of WSABUF.
func vectors(c *win.Call, lpBuffers win.Ptr, count win.DWORD) (buffers []win.Ptr, lengths []uint32, err win.Error) {
	const most, size = 1024, 16
	if lpBuffers == 0 || count == 0 || count > most {
		return nil, nil, errInvalid
	}
	for i := range win.Ptr(count) {
		lengths = append(lengths, uint32(c.ReadUint(lpBuffers+i*size, 4)))
		buffers = append(buffers, win.Ptr(c.ReadUint(lpBuffers+i*size+8, 8)))
	}
	return buffers, lengths, 0
}

// wsaSend sends the bytes of several buffers, at once even if it may be
// overlapped.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsasend
func wsaSend(c *win.Call, s win.Handle, lpBuffers win.Ptr, dwBufferCount win.DWORD, lpNumberOfBytesSent win.Out[uint32], dwFlags win.Hex, lpOverlapped, lpCompletionRoutine win.Ptr) (win.SockInt, win.Error) {
	return wsaSendTo(c, s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, 0, 0, lpOverlapped, lpCompletionRoutine)
}

// wsaSendTo sends a datagram of several buffers.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsasendto
func wsaSendTo(c *win.Call, s win.Handle, lpBuffers win.Ptr, dwBufferCount win.DWORD, lpNumberOfBytesSent win.Out[uint32], dwFlags win.Hex, lpTo win.Ptr, iTolen win.Int, lpOverlapped, lpCompletionRoutine win.Ptr) (win.SockInt, win.Error) {
	o, err := find(c, s)
	if err != 0 {
		return result(err)
	}
	buffers, lengths, err := vectors(c, lpBuffers, dwBufferCount)
	if err != 0 {
		return result(err)
	}
	const most = 64 << 20
	var data []byte
	for i, at := range buffers {
		part := c.Bytes(at, uint64(lengths[i]))
		if c.Faulted() {
			return 0, 0
		}
		if len(data)+len(part) > most {
			return result(errMessageSize)
		}
		data = append(data, part...)
	}
	n, err := o.send(c, data, win.Int(dwFlags), lpTo, iTolen)
	if err != 0 {
		return result(err)
	}
	lpNumberOfBytesSent.Set(c, uint32(n))
	if lpOverlapped != 0 {
		o.complete(c, lpOverlapped, n, 0)
		routine(c.T, lpCompletionRoutine, 0, n, lpOverlapped)
	}
	return 0, 0
}

// routine has a thread call a completion routine when it waits alertably.
func routine(t *guest.Thread, lpCompletionRoutine win.Ptr, err win.Error, n int, lpOverlapped win.Ptr) {
	if lpCompletionRoutine != 0 {
		t.QueueAPC(guest.APC{Function: uint64(lpCompletionRoutine), Arguments: []uint64{uint64(err), uint64(n), uint64(lpOverlapped), 0}})
	}
}

// complete stores the outcome of an overlapped operation, and tells its event
// and the completion port the socket belongs to.
func (s *socket) complete(c *win.Call, lpOverlapped win.Ptr, n int, status uint64) {
	complete(c, lpOverlapped, n, status)
	if status != statusPending {
		kernel32.Announce(c, s, lpOverlapped, win.DWORD(n), false)
	}
}

func complete(c *win.Call, lpOverlapped win.Ptr, n int, status uint64) {
	c.WriteUint(lpOverlapped+overlappedStatus, 8, status)
	c.WriteUint(lpOverlapped+overlappedCount, 8, uint64(n))
	event := guest.Handle(c.ReadUint(lpOverlapped+overlappedEvent, 8) &^ 1)
	if e, ok := guest.Lookup[*guest.Event](c.Handles, event); ok && !c.Faulted() {
		e.Set = status != statusPending
	}
}

// wsaRecv receives into several buffers; without data an overlapped receive is
// left pending.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsarecv
func wsaRecv(c *win.Call, s win.Handle, lpBuffers win.Ptr, dwBufferCount win.DWORD, lpNumberOfBytesRecvd, lpFlags win.Out[uint32], lpOverlapped, lpCompletionRoutine win.Ptr) (win.SockInt, win.Error) {
	return wsaRecvFrom(c, s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, 0, win.Out[uint32]{}, lpOverlapped, lpCompletionRoutine)
}

// wsaRecvFrom receives a datagram with where it came from.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsarecvfrom
func wsaRecvFrom(c *win.Call, s win.Handle, lpBuffers win.Ptr, dwBufferCount win.DWORD, lpNumberOfBytesRecvd, lpFlags win.Out[uint32], lpFrom win.Ptr, lpFromlen win.Out[uint32], lpOverlapped, lpCompletionRoutine win.Ptr) (win.SockInt, win.Error) {
	o, err := find(c, s)
	if err != 0 {
		return result(err)
	}
	buffers, lengths, err := vectors(c, lpBuffers, dwBufferCount)
	if err != 0 {
		return result(err)
	}
	if err := o.receivable(); err != 0 {
		return result(err)
	}
	v := &overlapped{socket: o, at: lpOverlapped, buffers: buffers, lengths: lengths, from: lpFrom, fromlen: lpFromlen, thread: c.T, routine: lpCompletionRoutine}
	if lpOverlapped != 0 && !o.readable() {
		const most = 1024
		if len(o.pending) >= most {
			return result(win.ErrNotEnoughMemory)
		}
		o.complete(c, lpOverlapped, 0, statusPending)
		o.pending = append(o.pending, v)
		return result(errIOPending)
	}
	if err := o.wait(c, "data", o.receiveTime, o.readable); err != 0 {
		return result(err)
	}
	n, err := v.fill(c, win.Int(lpFlags.Get(c))&peek != 0)
	if err != 0 {
		return result(err)
	}
	lpNumberOfBytesRecvd.Set(c, uint32(n))
	lpFlags.Set(c, 0)
	if lpOverlapped != 0 {
		o.complete(c, lpOverlapped, n, 0)
		routine(c.T, lpCompletionRoutine, 0, n, lpOverlapped)
	}
	return 0, 0
}

// fill moves what came into the buffers.
func (v *overlapped) fill(c *win.Call, stays bool) (int, win.Error) {
	total := 0
	for _, n := range v.lengths {
		total = min(total+int(n), window)
	}
	data := make([]byte, total)
	n, sender, err := v.socket.receive(c, data, stays)
	data = data[:n]
	for i, at := range v.buffers {
		part := data[:min(len(data), int(v.lengths[i]))]
		c.Write(at, part)
		data = data[len(part):]
	}
	if e := v.socket.storeSender(c, sender, v.from, v.fromlen); e != 0 && err == 0 {
		err = e
	}
	return n, err
}

// deliver completes receives that waited for data.
func (s *socket) deliver(c *win.Call) {
	for len(s.pending) > 0 && s.readable() {
		v := s.pending[0]
		s.pending = s.pending[1:]
		n, err := v.fill(c, false)
		v.finish(c, &n, err)
	}
}

// finish stores the outcome of a receive that waited.
func (v *overlapped) finish(c *win.Call, n *int, err win.Error) {
	count, status := 0, uint64(0)
	switch {
	case n == nil:
		status, err = statusCancelled, 995
	case err == errReset:
		status = statusReset
	default:
		count = *n
	}
	complete(c, v.at, count, status)
	kernel32.Announce(c, v.socket, v.at, win.DWORD(count), true)
	routine(v.thread, v.routine, err, count, v.at)
}

// wsaGetOverlappedResult tells how an overlapped operation went.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsagetoverlappedresult
func wsaGetOverlappedResult(c *win.Call, s win.Handle, lpOverlapped win.Ptr, lpcbTransfer win.Out[uint32], fWait win.Int, lpdwFlags win.Out[uint32]) (win.Bool, win.Error) {
	if _, err := find(c, s); err != 0 {
		return false, err
	}
	if lpOverlapped == 0 || lpcbTransfer.Null() {
		return false, errFault
	}
	status := func() uint64 { return c.ReadUint(lpOverlapped+overlappedStatus, 8) }
	if status() == statusPending {
		if fWait == 0 {
			return false, errIncomplete
		}
		met := func() bool { return c.Faulted() || status() != statusPending }
		c.T.Wait(guest.Until("a transfer", met), false, time.Duration(-1))
	}
	lpcbTransfer.Set(c, uint32(c.ReadUint(lpOverlapped+overlappedCount, 8)))
	lpdwFlags.Set(c, 0)
	switch uint32(status()) {
	case statusCancelled:
		return false, 995 // WSA_OPERATION_ABORTED
	case statusReset:
		return false, errReset
	}
	return true, 0
}
