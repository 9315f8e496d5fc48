package ntdll

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// notRun is the gap of code that is started in another process.
const notRun = "code in another process is not run"

// CreateThreadIn makes a thread in a process; in another one it is recorded
// and not run.
func CreateThreadIn(c *win.Call, o *guest.OtherProcess, start, parameter win.Ptr, reserve uint64, suspended bool) (Thread, win.Status) {
	if o == nil {
		return CreateThread(c, start, parameter, reserve, suspended)
	}
	t := &ChildThread{Event: guest.Event{Manual: true, Set: !suspended}, ID: c.NextID(), Process: o}
	b := trace.ThreadCreateRemote{
		Image: ImageOf(o), ProcessID: o.ID, ID: t.ID, Start: uint64(start), Parameter: uint64(parameter), Suspended: suspended, API: c.Name(),
	}
	if m := c.System().SystemModuleAt(uint64(start)); m != nil {
		b.Module, b.Function = m.Name, m.ExportAt(uint64(start))
	}
	c.Emit(b)
	t.pending = true
	if suspended {
		t.Suspended = 1
	} else {
		t.start(c)
	}
	return t, 0
}

// start lets a thread of another process run, which it does not: it has ended
// at once. Where it would run what the guest has put there, that is a gap.
func (t *ChildThread) start(c *win.Call) {
	if t.pending {
		t.pending = false
		c.Gap(notRun)
	}
	t.Set = true
	if o := t.Process; o != nil && o.Started && o.Thread == t.ID {
		if o.Written {
			c.Gap(notRun)
		}
		o.Set = true
	}
}

// SuspendThread suspends a thread, up to MAXIMUM_SUSPEND_COUNT times, and gives
// the count before.
func SuspendThread(t Thread) (before int, status win.Status) {
	const most = 127
	if before = t.Suspend(); before >= most {
		t.Resume()
		return before, win.StatusSuspendCountExceeded
	}
	return before, 0
}

// ResumeThread takes one suspension back and gives the count before.
func ResumeThread(c *win.Call, t Thread) int {
	before := t.Resume()
	if child, ok := t.(*ChildThread); ok && before == 1 {
		child.start(c)
	}
	return before
}

func (t *ChildThread) hijack(c *win.Call, method string, address, argument uint64) {
	b := trace.ThreadHijack{ID: t.ID, Method: method, Address: address, Argument: argument}
	if t.Process != nil {
		b.Image, b.ProcessID = ImageOf(t.Process), t.Process.ID
	}
	c.Emit(b)
	t.pending = true
	if t.Suspended == 0 {
		t.start(c)
	}
}

// Offsets in CONTEXT.
const (
	contextFlags = 0x30
	contextRcx   = 0x80
	contextRdx   = 0x88
	contextRsp   = 0x98
	contextRip   = 0xF8
)

// Context is a CONTEXT of the thread. A new process's first thread is about
// to begin: RCX has the entry point, RDX the PEB.
func (t *ChildThread) Context(c *win.Call) []byte {
	if t.context == nil {
		t.context = make([]byte, guest.ContextSize)
		le.PutUint32(t.context[contextFlags:], 0x10000B)
		if o := t.Process; o != nil {
			entry, peb := c.Entry(o)
			le.PutUint64(t.context[contextRcx:], entry)
			le.PutUint64(t.context[contextRdx:], peb)
		}
		if m := c.System().Module("ntdll.dll"); m != nil {
			le.PutUint64(t.context[contextRip:], m.Base+uint64(m.Text[0])) // RtlUserThreadStart
		}
		const stack = 0x0000_00C8_5F0F_FF00
		le.PutUint64(t.context[contextRsp:], stack)
	}
	return t.context
}

// SetContext sets the registers that a CONTEXT's flags name.
func (t *ChildThread) SetContext(c *win.Call, b []byte) {
	const control, integer = 0x100001, 0x100002
	own := t.Context(c)
	rip, rcx := le.Uint64(own[contextRip:]), le.Uint64(own[contextRcx:])
	flags := le.Uint32(b[contextFlags:])
	if flags&integer == integer {
		copy(own[0x78:contextRsp], b[0x78:])
		copy(own[contextRsp+8:contextRip], b[contextRsp+8:])
	}
	if flags&control == control {
		copy(own[contextRsp:contextRsp+8], b[contextRsp:])
		copy(own[contextRip:contextRip+8], b[contextRip:])
	}
	switch newRip, newRcx := le.Uint64(own[contextRip:]), le.Uint64(own[contextRcx:]); {
	case newRip != rip:
		t.hijack(c, "context", newRip, newRcx)
	case newRcx != rcx:
		t.hijack(c, "context", newRcx, newRcx)
	}
}

// OpenThread finds a thread by its identifier, whose two low bits do not
// count.
func OpenThread(c *win.Call, id uint32) (Thread, win.Status) {
	for _, t := range c.Threads() {
		if t.ID == id&^3 && !t.Ended() {
			return t, 0
		}
	}
	for _, o := range c.Others() {
		if o.Thread == id&^3 && id != 0 {
			if !o.User {
				return nil, win.StatusAccessDenied
			}
			return childThread(c, o), 0
		}
	}
	return nil, statusInvalidCID
}

// mainThreadKey is where the first thread of another process is kept.
type mainThreadKey struct{ *guest.OtherProcess }

func childThread(c *win.Call, o *guest.OtherProcess) *ChildThread {
	t, ok := c.State[mainThreadKey{o}].(*ChildThread)
	if !ok {
		t = &ChildThread{Event: guest.Event{Manual: true, Set: o.Set}, ID: o.Thread, Process: o}
		c.State[mainThreadKey{o}] = t
	}
	return t
}

// FirstThread is the first thread of a process that is started.
func FirstThread(c *win.Call, o *guest.OtherProcess, suspended bool) *ChildThread {
	t := childThread(c, o)
	if suspended {
		t.Suspended = 1
	}
	return t
}

var contextRows = system(
	win.Func2("NtGetContextThread", ntGetContextThread, "ThreadHandle ThreadContext"),
	win.Partial(win.Func2("NtSetContextThread", ntSetContextThread, "ThreadHandle ThreadContext"), "hardware breakpoints on data are not raised"),
)

// ntGetContextThread stores the registers of a thread.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getthreadcontext
func ntGetContextThread(c *win.Call, ThreadHandle win.Handle, ThreadContext win.Ptr) (win.Status, win.Error) {
	return GetContext(c, ThreadHandle, ThreadContext), 0
}

func ntSetContextThread(c *win.Call, ThreadHandle win.Handle, ThreadContext win.Ptr) (win.Status, win.Error) {
	return SetContext(c, ThreadHandle, ThreadContext), 0
}

// GetContext stores a thread's registers at a CONTEXT; the flags in it stay.
func GetContext(c *win.Call, h win.Handle, at win.Ptr) win.Status {
	t, status := ThreadOf(c, h)
	if status != 0 {
		return status
	}
	b := c.Buffer(at, guest.ContextSize)
	if b == nil {
		return 0
	}
	flags := le.Uint32(b[contextFlags:])
	switch t := t.(type) {
	case *ChildThread:
		copy(b, t.Context(c))
	case *guest.Thread:
		switch {
		case t.Ended():
			return win.StatusUnsuccessful
		case t == c.T:
			t.CaptureCaller().StoreParts(b)
		default:
			t.Registers().StoreParts(b)
		}
	}
	le.PutUint32(b[contextFlags:], flags)
	return 0
}

// SetContext changes a thread's registers.
func SetContext(c *win.Call, h win.Handle, at win.Ptr) win.Status {
	t, status := ThreadOf(c, h)
	if status != 0 {
		return status
	}
	b := c.Bytes(at, guest.ContextSize)
	if b == nil {
		return 0
	}
	switch t := t.(type) {
	case *ChildThread:
		t.SetContext(c, b)
	case *guest.Thread:
		if t.Ended() {
			return win.StatusUnsuccessful
		}
		registers := t.Registers()
		registers.Load(b)
		if t != c.T {
			t.SetRegisters(registers)
			break
		}
		t.Continue(registers)
		if guest.HasControl(b) {
			c.Gone() // it goes on elsewhere; else the call returns
		}
	}
	return 0
}
