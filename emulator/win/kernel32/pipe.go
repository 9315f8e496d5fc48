package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var pipeRows = win.Rows{
	win.Func4("CreatePipe", createPipe, "hReadPipe hWritePipe lpPipeAttributes nSize"),
	win.Func6("PeekNamedPipe", peekNamedPipe, "hNamedPipe lpBuffer nBufferSize lpBytesRead lpTotalBytesAvail lpBytesLeftThisMessage"),
}

// createPipe makes an anonymous pipe and opens both of its ends.
//
// https://learn.microsoft.com/windows/win32/api/namedpipeapi/nf-namedpipeapi-createpipe
func createPipe(c *win.Call, hReadPipe, hWritePipe win.Out[uint64], lpPipeAttributes win.Ptr, nSize win.DWORD) (win.Bool, win.Error) {
	if hReadPipe.Null() || hWritePipe.Null() {
		return false, win.ErrNoAccess
	}
	read, write := guest.NewPipe()
	hReadPipe.Set(c, uint64(c.Handles.Add(read)))
	hWritePipe.Set(c, uint64(c.Handles.Add(write)))
	c.Emit(trace.PipeCreate{})
	return true, 0
}

// readPipe waits for bytes, or for the other end to be closed, and takes what
// is there.
func readPipe(c *win.Call, p *guest.Pipe, buffer win.Ptr, size win.DWORD) (win.DWORD, win.Error) {
	if p.Write {
		return 0, win.ErrAccessDenied
	}
	for len(p.Data()) == 0 {
		if p.Alone() {
			return 0, win.ErrBrokenPipe
		}
		c.T.Wait([]guest.Waitable{p.Ready()}, false, -1)
	}
	n := min(int(size), len(p.Data()))
	if c.Mem.Write(uint64(buffer), p.Data()[:n]) != nil {
		return 0, win.ErrNoAccess
	}
	p.Take(n)
	return win.DWORD(n), 0
}

// writePipe never waits: what Windows would keep the writer waiting for, a
// reader, finds it all in the pipe later.
func writePipe(c *win.Call, p *guest.Pipe, data []byte) (win.DWORD, win.Error) {
	switch {
	case !p.Write:
		return 0, win.ErrAccessDenied
	case p.Alone():
		return 0, win.ErrNoData
	}
	n := p.Put(data)
	if n < len(data) {
		c.Gap("a pipe that nobody reads")
	}
	return win.DWORD(n), 0
}

// peekNamedPipe copies what is in a pipe and leaves it there.
//
// https://learn.microsoft.com/windows/win32/api/namedpipeapi/nf-namedpipeapi-peeknamedpipe
func peekNamedPipe(c *win.Call, hNamedPipe win.Handle, lpBuffer win.Ptr, nBufferSize win.DWORD, lpBytesRead, lpTotalBytesAvail, lpBytesLeftThisMessage win.Out[uint32]) (win.Bool, win.Error) {
	if e, ok := guest.Lookup[*pipeEnd](c.Handles, hNamedPipe.Guest()); ok {
		return e.peek(c, lpBuffer, nBufferSize, lpBytesRead, lpTotalBytesAvail, lpBytesLeftThisMessage)
	}
	p, ok := guest.Lookup[*guest.Pipe](c.Handles, hNamedPipe.Guest())
	switch {
	case !ok:
		return false, win.ErrInvalidHandle
	case p.Write:
		return false, win.ErrAccessDenied
	case len(p.Data()) == 0 && p.Alone():
		return false, win.ErrBrokenPipe
	}
	n := 0
	if lpBuffer != 0 {
		n = min(int(nBufferSize), len(p.Data()))
		c.Write(lpBuffer, p.Data()[:n])
	}
	lpBytesRead.Set(c, uint32(n))
	lpTotalBytesAvail.Set(c, uint32(len(p.Data())))
	lpBytesLeftThisMessage.Set(c, 0)
	return true, 0
}
