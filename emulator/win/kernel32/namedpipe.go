package kernel32

import (
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

// Named pipes of the program. Both ends are its own: pipes of other programs
// are not modelled. Writing never waits: what Windows would keep the writer
// waiting for, a reader, finds it all in the pipe later.

var namedPipeRows = win.Rows{
	win.Func7("CallNamedPipe{A,W}", callNamedPipe, "lpNamedPipeName lpInBuffer nInBufferSize lpOutBuffer nOutBufferSize lpBytesRead nTimeOut"),
	win.Func2("ConnectNamedPipe", connectNamedPipe, "hNamedPipe lpOverlapped"),
	win.Func8("CreateNamedPipe{A,W}", createNamedPipe, "lpName dwOpenMode dwPipeMode nMaxInstances nOutBufferSize nInBufferSize nDefaultTimeOut lpSecurityAttributes"),
	win.Func1("DisconnectNamedPipe", disconnectNamedPipe, "hNamedPipe"),
	win.Func3("GetNamedPipeClientComputerName{A,W}", getNamedPipeClientComputerName, "Pipe ClientComputerName ClientComputerNameLength"),
	win.Func2("GetNamedPipeClientProcessId", getNamedPipeClientProcessID, "Pipe ClientProcessId"),
	win.Partial(win.Func7("GetNamedPipeHandleState{A,W}", getNamedPipeHandleState, "hNamedPipe lpState lpCurInstances lpMaxCollectionCount lpCollectDataTimeout lpUserName nMaxUserNameSize"),
		"not the user's name"),
	win.Func5("GetNamedPipeInfo", getNamedPipeInfo, "hNamedPipe lpFlags lpOutBufferSize lpInBufferSize lpMaxInstances"),
	win.Func2("GetNamedPipeServerProcessId", getNamedPipeServerProcessID, "Pipe ServerProcessId"),
	win.Func4("SetNamedPipeHandleState", setNamedPipeHandleState, "hNamedPipe lpMode lpMaxCollectionCount lpCollectDataTimeout"),
	win.Func7("TransactNamedPipe", transactNamedPipe, "hNamedPipe lpInBuffer nInBufferSize lpOutBuffer nOutBufferSize lpBytesRead lpOverlapped"),
	win.Func2("WaitNamedPipe{A,W}", waitNamedPipe, "lpNamedPipeName nTimeOut"),
}

// Modes and errors of pipes.
const (
	pipeAccessInbound  = 1
	pipeAccessOutbound = 2
	pipeFirstInstance  = 0x80000
	pipeOverlapped     = 0x4000_0000
	pipeNoWait         = 1
	pipeReadMessage    = 2
	pipeTypeMessage    = 4
	pipeServerEnd      = 1
	pipeUnlimited      = 255
	mostPipes          = 4096

	errSemTimeout win.Error = 121
	errPipeLocal  win.Error = 229
	errBadPipe    win.Error = 230
	errPipeBusy   win.Error = 231
	errIOPending  win.Error = 997

	statusMore            win.Status = 0x80000005 // STATUS_BUFFER_OVERFLOW
	statusPipeState       win.Status = 0xC00000AD
	statusIllegalFunction win.Status = 0xC00000AF
	statusDisconnected    win.Status = 0xC00000B0
	statusPipeClosing     win.Status = 0xC00000B1
	statusPipeConnected   win.Status = 0xC00000B2
	statusPipeListening   win.Status = 0xC00000B3
	statusPipeEmpty       win.Status = 0xC00000D9
	statusCancelled       win.Status = 0xC0000120
)

// pipesKey is where the process keeps its pipes, by name in lower case.
type pipesKey struct{}

// namedPipe is what the instances of a name share.
type namedPipe struct {
	name      string // "\name"
	message   bool   // written by messages
	access    uint32
	most      uint32
	out, in   uint32 // sizes of the buffers, as asked for
	timeout   uint32
	instances []*pipeInstance
}

// pipeState is the state of an instance.
type pipeState int

const (
	pipeListening pipeState = iota
	pipeConnected
	pipeClosing // one end is closed
	pipeDisconnected
)

// pipeInstance is one connection, or the possibility of one.
type pipeInstance struct {
	of      *namedPipe
	state   pipeState
	server  *pipeEnd
	client  *pipeEnd
	pending []*pipeOperation
}

// pipeEnd is an open end. Its event is what waiting for the handle waits for.
type pipeEnd struct {
	guest.Event
	i           *pipeInstance
	isServer    bool
	byMessage   bool // reads one message at a time
	noWait      bool
	overlapped  bool
	read, write bool
	closed      bool
	messages    [][]byte // to be read here
}

func (*pipeEnd) Type() string { return "File" }

func (e *pipeEnd) other() *pipeEnd {
	if e.isServer {
		return e.i.client
	}
	return e.i.server
}

func (e *pipeEnd) bytes() (n int) {
	for _, m := range e.messages {
		n += len(m)
	}
	return n
}

// pipeOperation is a transfer, or a wait for a client, that may have to wait.
type pipeOperation struct {
	kind       int
	end        *pipeEnd
	buffer     win.Ptr
	size       win.DWORD
	data       []byte
	overlapped win.Ptr
}

const (
	pipeReading = iota
	pipeWriting
	pipeConnecting
)

// try does the operation if it need not wait.
func (o *pipeOperation) try(c *win.Call) (n win.DWORD, status win.Status, done bool) {
	e := o.end
	switch o.kind {
	case pipeConnecting:
		return 0, 0, e.i.state != pipeListening
	case pipeWriting:
		return e.put(c, o.data)
	}
	return e.take(c, o)
}

// take reads a message, or bytes.
func (e *pipeEnd) take(c *win.Call, o *pipeOperation) (win.DWORD, win.Status, bool) {
	switch {
	case !e.read:
		return 0, win.StatusAccessDenied, true
	case e.i.state == pipeDisconnected:
		return 0, statusDisconnected, true
	case e.i.state == pipeListening:
		return 0, statusPipeListening, true
	case len(e.messages) == 0 && e.i.state == pipeClosing:
		return 0, statusPipeBroken, true
	case len(e.messages) == 0 && e.noWait:
		return 0, statusPipeEmpty, true
	case len(e.messages) == 0:
		return 0, 0, false
	}
	n, status := 0, win.Status(0)
	for len(e.messages) > 0 {
		m := e.messages[0]
		k := min(int(o.size)-n, len(m))
		if c.Mem.Write(uint64(o.buffer)+uint64(n), m[:k]) != nil {
			return 0, win.StatusAccessViolation, true
		}
		n += k
		if k < len(m) {
			e.messages[0] = m[k:]
			if e.byMessage {
				status = statusMore
			}
			break
		}
		if e.messages = e.messages[1:]; e.byMessage {
			break
		}
	}
	return win.DWORD(n), status, true
}

// put gives bytes to the other end, as one message.
func (e *pipeEnd) put(c *win.Call, data []byte) (win.DWORD, win.Status, bool) {
	to := e.other()
	switch {
	case !e.write:
		return 0, win.StatusAccessDenied, true
	case e.i.state == pipeDisconnected:
		return 0, statusDisconnected, true
	case e.i.state == pipeListening:
		return 0, statusPipeListening, true
	case e.i.state == pipeClosing:
		return 0, statusPipeClosing, true
	case to.bytes()+len(data) > guest.MaxPipe || len(to.messages) > guest.MaxPipe/64:
		c.Gap("a pipe that nobody reads")
		return 0, 0, true
	case len(data) > 0 || e.i.of.message:
		to.messages = append(to.messages, append([]byte{}, data...))
	}
	return win.DWORD(len(data)), 0, true
}

// transfer does an operation, waits for it, or leaves it pending.
func (e *pipeEnd) transfer(c *win.Call, o *pipeOperation, transferred win.Out[uint32]) (win.Bool, win.Error) {
	o.end = e
	n, status, done := o.try(c)
	switch {
	case done:
	case e.overlapped && o.overlapped != 0:
		c.WriteUint(o.overlapped+overlappedInternal, 8, statusPending)
		if ev := o.event(c); ev != nil {
			ev.Set = false
		}
		e.Set = false
		e.i.pending = append(e.i.pending, o)
		return false, errIOPending
	default:
		c.T.Wait([]guest.Waitable{&guest.Condition{
			What: func() string { return `the pipe ` + e.i.of.name },
			Holds: func(*guest.Thread) bool {
				if !done {
					n, status, done = o.try(c)
				}
				return done
			},
		}}, false, -1)
	}
	e.i.settle(c)
	if c.Faulted() {
		return false, 0
	}
	transferred.Set(c, uint32(n))
	if status != 0 && status != statusMore {
		return false, ntdll.Win32Error(status)
	}
	o.finish(c, n, status, false)
	return win.Bool(status == 0), ntdll.Win32Error(status)
}

func (o *pipeOperation) event(c *win.Call) *guest.Event {
	e, _ := guest.Lookup[*guest.Event](c.Handles, guest.Handle(c.ReadUint(o.overlapped+overlappedEvent, 8)&^1))
	return e
}

// finish says in the OVERLAPPED how the operation ended.
func (o *pipeOperation) finish(c *win.Call, n win.DWORD, status win.Status, waited bool) {
	o.end.Set = true
	if o.overlapped == 0 {
		return
	}
	// Whoever completes it may be another thread: a bad pointer is not its fault.
	_ = c.Mem.WriteUint(uint64(o.overlapped+overlappedInternalHigh), 8, uint64(n))
	if c.Mem.WriteUint(uint64(o.overlapped+overlappedInternal), 8, uint64(status)) != nil {
		return
	}
	if e := o.event(c); e != nil {
		e.Set = true
	}
	Announce(c, o.end, o.overlapped, n, waited)
}

// settle completes what was pending and need not wait any more.
func (i *pipeInstance) settle(c *win.Call) {
	for again := true; again; {
		again = false
		for k, o := range i.pending {
			n, status, done := o.try(c)
			if o.end.closed {
				n, status, done = 0, statusCancelled, true
			}
			if done {
				i.pending = append(i.pending[:k:k], i.pending[k+1:]...)
				o.finish(c, n, status, true)
				again = true
				break
			}
		}
	}
	c.Signal()
}

func (e *pipeEnd) cancel(c *win.Call, overlapped win.Ptr) bool {
	var rest []*pipeOperation
	found := false
	for _, o := range e.i.pending {
		if o.end != e || overlapped != 0 && o.overlapped != overlapped {
			rest = append(rest, o)
			continue
		}
		o.finish(c, 0, statusCancelled, true)
		found = true
	}
	e.i.pending = rest
	return found
}

// Closed ends the end: the other one reads what is left.
func (e *pipeEnd) Closed(c *win.Call) {
	e.closed = true
	i := e.i
	if i.state == pipeConnected {
		i.state = pipeClosing
	}
	i.settle(c)
	if !e.isServer {
		return
	}
	p := i.of
	for k, x := range p.instances {
		if x == i {
			p.instances = append(p.instances[:k:k], p.instances[k+1:]...)
			break
		}
	}
	if len(p.instances) == 0 {
		delete(pipes(c), strings.ToLower(p.name))
	}
}

// flush waits until the other end has read everything.
func (e *pipeEnd) flush(c *win.Call) {
	c.T.Wait([]guest.Waitable{&guest.Condition{
		What:  func() string { return `the reader of the pipe ` + e.i.of.name },
		Holds: func(*guest.Thread) bool { return e.i.state != pipeConnected || len(e.other().messages) == 0 },
	}}, false, -1)
}

func (e *pipeEnd) peek(c *win.Call, buffer win.Ptr, size win.DWORD, read, total, left win.Out[uint32]) (win.Bool, win.Error) {
	switch {
	case !e.read:
		return false, win.ErrAccessDenied
	case e.i.state == pipeListening || e.i.state == pipeDisconnected && e.isServer:
		return false, errBadPipe
	case e.i.state == pipeDisconnected:
		return false, ntdll.Win32Error(statusDisconnected)
	case e.i.state == pipeClosing && len(e.messages) == 0:
		return false, win.ErrBrokenPipe
	}
	n := 0
	if buffer != 0 {
		for _, m := range e.messages {
			k := min(int(size)-n, len(m))
			c.Write(buffer+win.Ptr(n), m[:k])
			if n += k; e.byMessage || k < len(m) {
				break
			}
		}
	}
	rest := 0
	if e.i.of.message && len(e.messages) > 0 {
		rest = max(len(e.messages[0])-n, 0)
	}
	read.Set(c, uint32(n))
	total.Set(c, uint32(e.bytes()))
	left.Set(c, uint32(rest))
	return true, 0
}

func pipes(c *win.Call) map[string]*namedPipe {
	all, _ := c.State[pipesKey{}].(map[string]*namedPipe)
	if all == nil {
		all = map[string]*namedPipe{}
		c.State[pipesKey{}] = all
	}
	return all
}

// pipeName takes the name of a pipe of this machine out of a path: "\name".
func pipeName(path string) (string, bool) {
	const prefix = `\\.\pipe\`
	path = strings.ReplaceAll(path, "/", `\`)
	if len(path) < len(prefix) || !strings.EqualFold(path[:len(prefix)], prefix) {
		return "", false
	}
	return strings.Clone(path[len(prefix)-1:]), true
}

// foreignPipe reports whether other programs of any machine have the pipe.
func foreignPipe(name string) bool {
	switch strings.ToLower(name) {
	case `\lsass`, `\samr`, `\netlogon`, `\srvsvc`, `\wkssvc`, `\svcctl`, `\ntsvcs`, `\scerpc`, `\epmapper`, `\atsvc`, `\eventlog`, `\browser`, `\spoolss`, `\winreg`, `\initshutdown`, `\w32time_alt`, `\lsm_api_service`:
		return true
	}
	return false
}

// createNamedPipe makes an instance of a pipe and opens its server's end.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-createnamedpipea
func createNamedPipe(c *win.Call, lpName win.TStr, dwOpenMode, dwPipeMode win.Hex, nMaxInstances, nOutBufferSize, nInBufferSize, nDefaultTimeOut win.DWORD, lpSecurityAttributes win.Ptr) (win.FileHandle, win.Error) {
	const access, usual = pipeAccessInbound | pipeAccessOutbound, 50
	name, ok := pipeName(lpName.Text)
	all := pipes(c)
	p := all[strings.ToLower(name)]
	switch {
	case lpName.Null():
		return 0, win.ErrPathNotFound
	case !ok || name == `\`:
		return 0, win.ErrInvalidName
	case nMaxInstances == 0 || nMaxInstances > pipeUnlimited || dwOpenMode&access == 0,
		dwPipeMode&pipeReadMessage != 0 && dwPipeMode&pipeTypeMessage == 0:
		return 0, win.ErrInvalidParameter
	case p != nil && (dwOpenMode&pipeFirstInstance != 0 || p.access != uint32(dwOpenMode&access) || p.message != (dwPipeMode&pipeTypeMessage != 0)):
		return 0, win.ErrAccessDenied
	case p != nil && p.most != pipeUnlimited && len(p.instances) >= int(p.most), len(all) >= mostPipes, p != nil && len(p.instances) >= mostPipes:
		return 0, errPipeBusy
	}
	if p == nil {
		if nDefaultTimeOut == 0 {
			nDefaultTimeOut = usual
		}
		p = &namedPipe{name: name, message: dwPipeMode&pipeTypeMessage != 0, access: uint32(dwOpenMode & access), most: uint32(nMaxInstances), out: uint32(nOutBufferSize), in: uint32(nInBufferSize), timeout: uint32(nDefaultTimeOut)}
		all[strings.ToLower(name)] = p
	}
	i := &pipeInstance{of: p}
	i.server = &pipeEnd{
		Event: guest.Event{Name: name, Manual: true}, i: i, isServer: true,
		byMessage: dwPipeMode&pipeReadMessage != 0, noWait: dwPipeMode&pipeNoWait != 0, overlapped: dwOpenMode&pipeOverlapped != 0,
		read: dwOpenMode&pipeAccessInbound != 0, write: dwOpenMode&pipeAccessOutbound != 0,
	}
	p.instances = append(p.instances, i)
	c.Emit(trace.PipeCreate{Name: name})
	c.SetLastError(0)
	c.Signal()
	return win.FileHandle(c.Handles.Add(i.server)), 0
}

// free finds an instance that a client can connect to.
func (p *namedPipe) free() *pipeInstance {
	for _, i := range p.instances {
		if i.state == pipeListening {
			return i
		}
	}
	return nil
}

// openPipe opens the client's end of a pipe, for CreateFile.
func openPipe(c *win.Call, name string, access win.FileAccess, disposition win.Disposition, flags win.Hex) (win.FileHandle, win.Error) {
	p := pipes(c)[strings.ToLower(name)]
	if p == nil {
		if foreignPipe(name) {
			c.Gap("another program's pipe " + trace.Quote(name))
		}
		return 0, win.ErrFileNotFound
	}
	read, write := access&readRights != 0, access&writeRights != 0
	if disposition == createNew || read && p.access&pipeAccessOutbound == 0 || write && p.access&pipeAccessInbound == 0 {
		return 0, win.ErrAccessDenied
	}
	i := p.free()
	if i == nil {
		return 0, errPipeBusy
	}
	i.client = &pipeEnd{Event: guest.Event{Name: name, Manual: true}, i: i, read: read, write: write, overlapped: flags&pipeOverlapped != 0}
	i.state = pipeConnected
	i.settle(c)
	c.Emit(trace.PipeConnect{Name: name})
	c.SetLastError(0)
	return win.FileHandle(c.Handles.Add(i.client)), 0
}

// pipeEndOf finds an end, of the server alone if asked for.
func pipeEndOf(c *win.Call, h win.Handle, server bool) (*pipeEnd, win.Error) {
	e, ok := guest.Lookup[*pipeEnd](c.Handles, h.Guest())
	switch {
	case !ok && c.Handles.Get(h.Guest()) != nil:
		return nil, win.ErrInvalidFunction
	case !ok:
		return nil, win.ErrInvalidHandle
	case server && !e.isServer:
		return nil, ntdll.Win32Error(statusIllegalFunction)
	}
	return e, 0
}
