package kernel32

import (
	"strings"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

// connectNamedPipe waits for a client. One that was faster is an error by
// name, and none in fact.
//
// https://learn.microsoft.com/windows/win32/api/namedpipeapi/nf-namedpipeapi-connectnamedpipe
func connectNamedPipe(c *win.Call, hNamedPipe win.Handle, lpOverlapped win.Ptr) (win.Bool, win.Error) {
	e, err := pipeEndOf(c, hNamedPipe, true)
	if err != 0 {
		return false, err
	}
	switch e.i.state {
	case pipeConnected:
		return false, ntdll.Win32Error(statusPipeConnected)
	case pipeClosing:
		return false, ntdll.Win32Error(statusPipeClosing)
	case pipeDisconnected:
		e.i.state = pipeListening
		c.Signal() // for those who wait for a free instance
		if e.noWait {
			return true, 0
		}
	case pipeListening:
		if e.noWait {
			return false, ntdll.Win32Error(statusPipeListening)
		}
	}
	return e.transfer(c, &pipeOperation{kind: pipeConnecting, overlapped: lpOverlapped}, win.Out[uint32]{})
}

// disconnectNamedPipe throws the client out, and what it has not read.
//
// https://learn.microsoft.com/windows/win32/api/namedpipeapi/nf-namedpipeapi-disconnectnamedpipe
func disconnectNamedPipe(c *win.Call, hNamedPipe win.Handle) (win.Bool, win.Error) {
	e, err := pipeEndOf(c, hNamedPipe, true)
	switch {
	case err != 0:
		return false, err
	case e.i.state == pipeDisconnected:
		return false, ntdll.Win32Error(statusDisconnected)
	case e.i.state == pipeListening:
		return false, ntdll.Win32Error(statusPipeListening)
	}
	old := e.i
	old.state = pipeDisconnected
	e.messages = nil
	if old.client != nil {
		old.client.messages = nil
	}
	old.settle(c)
	// The client keeps what it was connected to; the server starts anew.
	fresh := &pipeInstance{of: old.of, state: pipeDisconnected, server: e}
	for k, i := range old.of.instances {
		if i == old {
			old.of.instances[k] = fresh
		}
	}
	e.i = fresh
	return true, 0
}

// waitNamedPipe waits until a pipe has a free instance.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-waitnamedpipea
func waitNamedPipe(c *win.Call, lpNamedPipeName win.TStr, nTimeOut win.Millis) (win.Bool, win.Error) {
	const usual = 0
	name, ok := pipeName(lpNamedPipeName.Text)
	if !ok {
		return false, win.ErrInvalidName
	}
	p := pipes(c)[strings.ToLower(name)]
	if p == nil {
		return false, win.ErrFileNotFound
	}
	wait := duration(nTimeOut)
	if nTimeOut == usual {
		wait = time.Duration(p.timeout) * time.Millisecond
	}
	if _, ok := c.T.Wait([]guest.Waitable{&guest.Condition{
		What:  func() string { return `a free instance of the pipe ` + name },
		Holds: func(*guest.Thread) bool { return len(p.instances) == 0 || p.free() != nil },
	}}, false, wait); !ok {
		return false, errSemTimeout
	}
	if len(p.instances) == 0 {
		return false, win.ErrFileNotFound
	}
	return true, 0
}

// transactNamedPipe writes a message and reads the answer.
//
// https://learn.microsoft.com/windows/win32/api/namedpipeapi/nf-namedpipeapi-transactnamedpipe
func transactNamedPipe(c *win.Call, hNamedPipe win.Handle, lpInBuffer win.Ptr, nInBufferSize win.DWORD, lpOutBuffer win.Ptr, nOutBufferSize win.DWORD, lpBytesRead win.Out[uint32], lpOverlapped win.Ptr) (win.Bool, win.Error) {
	e, err := pipeEndOf(c, hNamedPipe, false)
	switch {
	case err != 0:
		return false, err
	case !e.byMessage:
		return false, errBadPipe
	case len(e.messages) > 0:
		return false, errPipeBusy
	}
	data := c.Bytes(lpInBuffer, uint64(nInBufferSize))
	if c.Faulted() {
		return false, 0
	}
	return e.transact(c, data, lpOutBuffer, nOutBufferSize, lpBytesRead, lpOverlapped)
}

func (e *pipeEnd) transact(c *win.Call, data []byte, out win.Ptr, size win.DWORD, read win.Out[uint32], overlapped win.Ptr) (win.Bool, win.Error) {
	if ok, err := e.transfer(c, &pipeOperation{kind: pipeWriting, data: data}, win.Out[uint32]{}); !ok {
		return false, err
	}
	return e.transfer(c, &pipeOperation{kind: pipeReading, buffer: out, size: size, overlapped: overlapped}, read)
}

// callNamedPipe opens a pipe, exchanges two messages and closes it.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-callnamedpipea
func callNamedPipe(c *win.Call, lpNamedPipeName win.TStr, lpInBuffer win.Ptr, nInBufferSize win.DWORD, lpOutBuffer win.Ptr, nOutBufferSize win.DWORD, lpBytesRead win.Out[uint32], nTimeOut win.Millis) (win.Bool, win.Error) {
	const noWait = 1
	name, ok := pipeName(lpNamedPipeName.Text)
	if !ok {
		return false, win.ErrInvalidName
	}
	data := c.Bytes(lpInBuffer, uint64(nInBufferSize))
	if c.Faulted() {
		return false, 0
	}
	data = append([]byte{}, data...)
	h, err := openPipe(c, name, genericRead|genericWrite, openExisting, 0)
	if err == errPipeBusy && nTimeOut != noWait {
		if ok, err := waitNamedPipe(c, lpNamedPipeName, nTimeOut); !ok {
			return false, err
		}
		h, err = openPipe(c, name, genericRead|genericWrite, openExisting, 0)
	}
	if err != 0 {
		return false, err
	}
	defer ntdll.Close(c, win.Handle(h))
	e, _ := guest.Lookup[*pipeEnd](c.Handles, guest.Handle(h))
	if !e.i.of.message {
		return false, errBadPipe
	}
	e.byMessage = true
	return e.transact(c, data, lpOutBuffer, nOutBufferSize, lpBytesRead, 0)
}

// setNamedPipeHandleState sets how an end reads and whether it waits.
//
// https://learn.microsoft.com/windows/win32/api/namedpipeapi/nf-namedpipeapi-setnamedpipehandlestate
func setNamedPipeHandleState(c *win.Call, hNamedPipe win.Handle, lpMode, lpMaxCollectionCount, lpCollectDataTimeout win.Out[uint32]) (win.Bool, win.Error) {
	e, err := pipeEndOf(c, hNamedPipe, false)
	if err != 0 {
		return false, err
	}
	if lpMode.Null() {
		return true, 0
	}
	mode := lpMode.Get(c)
	if mode&^(pipeNoWait|pipeReadMessage) != 0 || mode&pipeReadMessage != 0 && !e.i.of.message {
		return false, win.ErrInvalidParameter
	}
	e.byMessage, e.noWait = mode&pipeReadMessage != 0, mode&pipeNoWait != 0
	return true, 0
}

// getNamedPipeHandleState tells how an end reads, and how many instances there
// are.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getnamedpipehandlestatea
func getNamedPipeHandleState(c *win.Call, hNamedPipe win.Handle, lpState, lpCurInstances, lpMaxCollectionCount, lpCollectDataTimeout win.Out[uint32], lpUserName win.Ptr, nMaxUserNameSize win.DWORD) (win.Bool, win.Error) {
	e, err := pipeEndOf(c, hNamedPipe, false)
	if err != 0 {
		return false, err
	}
	state := uint32(0)
	if e.byMessage {
		state |= pipeReadMessage
	}
	if e.noWait {
		state |= pipeNoWait
	}
	lpState.Set(c, state)
	lpCurInstances.Set(c, uint32(len(e.i.of.instances)))
	lpMaxCollectionCount.Set(c, 0)
	lpCollectDataTimeout.Set(c, 0)
	if lpUserName != 0 {
		c.Gap("the user of a pipe's client")
	}
	return true, 0
}

// getNamedPipeInfo tells how a pipe was made.
//
// https://learn.microsoft.com/windows/win32/api/namedpipeapi/nf-namedpipeapi-getnamedpipeinfo
func getNamedPipeInfo(c *win.Call, hNamedPipe win.Handle, lpFlags, lpOutBufferSize, lpInBufferSize, lpMaxInstances win.Out[uint32]) (win.Bool, win.Error) {
	e, err := pipeEndOf(c, hNamedPipe, false)
	if err != 0 {
		return false, err
	}
	flags, out, in := uint32(0), e.i.of.out, e.i.of.in
	if e.isServer {
		flags |= pipeServerEnd
	}
	if e.i.of.message {
		flags |= pipeTypeMessage
	}
	lpFlags.Set(c, flags)
	lpOutBufferSize.Set(c, out)
	lpInBufferSize.Set(c, in)
	lpMaxInstances.Set(c, e.i.of.most)
	return true, 0
}

// getNamedPipeClientProcessID is the program itself, as the server is.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getnamedpipeclientprocessid
func getNamedPipeClientProcessID(c *win.Call, Pipe win.Handle, ClientProcessId win.Out[uint32]) (win.Bool, win.Error) {
	if _, err := pipeEndOf(c, Pipe, false); err != 0 {
		return false, err
	}
	ClientProcessId.Set(c, uint32(c.ID))
	return true, 0
}

// getNamedPipeClientComputerName has a name for clients of other machines only.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getnamedpipeclientcomputernamea
func getNamedPipeClientComputerName(c *win.Call, Pipe win.Handle, ClientComputerName win.Ptr, ClientComputerNameLength win.DWORD) (win.Bool, win.Error) {
	if _, err := pipeEndOf(c, Pipe, false); err != 0 {
		return false, err
	}
	return false, errPipeLocal
}

func getNamedPipeServerProcessID(c *win.Call, Pipe win.Handle, ServerProcessId win.Out[uint32]) (win.Bool, win.Error) {
	return getNamedPipeClientProcessID(c, Pipe, ServerProcessId)
}
