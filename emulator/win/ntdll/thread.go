package ntdll

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var threadRows = append(system(
	win.Partial(win.Func11("NtCreateThreadEx", ntCreateThreadEx,
		"ThreadHandle DesiredAccess ObjectAttributes ProcessHandle StartRoutine Argument CreateFlags ZeroBits StackSize MaximumStackSize AttributeList"),
		"without attributes; in another process it is recorded and not run"),
	win.Func2("NtResumeThread", ntResumeThread, "ThreadHandle PreviousSuspendCount"),
	win.Func2("NtSuspendThread", ntSuspendThread, "ThreadHandle PreviousSuspendCount"),
	win.Func2("NtTerminateThread", ntTerminateThread, "ThreadHandle ExitStatus"),
),
	win.Partial(win.Func10("RtlCreateUserThread", rtlCreateUserThread,
		"ProcessHandle SecurityDescriptor CreateSuspended StackZeroBits StackReserve StackCommit StartAddress Parameter ThreadHandle ClientId"),
		"in another process it is recorded and not run"),
	win.Func1("RtlExitUserThread", rtlExitUserThread, "ExitStatus"),
	win.Func2("RtlUserThreadStart", rtlUserThreadStart, "StartAddress Argument"),
)

// Thread is what the handle of a thread stands for: a [*guest.Thread] or a
// [*ChildThread]. Suspend and Resume give the count before.
type Thread interface {
	guest.Object
	Suspend() int
	Resume() int
	Terminate(code uint32)
}

// ChildThread is the first thread of a process that was started. It is not
// run, and seems to have ended.
type ChildThread struct {
	guest.Event
	ID        uint32
	Suspended int
	Process   *guest.OtherProcess

	context []byte // CONTEXT; nil until somebody asks
	pending bool   // it would run what the guest has chosen
}

func (*ChildThread) Type() string     { return "Thread" }
func (*ChildThread) Terminate(uint32) {}

func (t *ChildThread) Suspend() int {
	t.Suspended++
	return t.Suspended - 1
}

func (t *ChildThread) Resume() int {
	before := t.Suspended
	t.Suspended = max(before-1, 0)
	return before
}

// ThreadOf finds the thread of a handle.
func ThreadOf(c *win.Call, h win.Handle) (Thread, win.Status) {
	if h.Guest() == guest.CurrentThread {
		return c.T, 0
	}
	return object[Thread](c, h)
}

// ThreadID is the identifier of a thread.
func ThreadID(t Thread) uint32 {
	switch t := t.(type) {
	case *guest.Thread:
		return t.ID
	case *ChildThread:
		return t.ID
	}
	return 0
}

// StillActive is STILL_ACTIVE, the exit code of what has not ended.
const StillActive = 259

// ExitCode is how a thread ended, or [StillActive].
func ExitCode(t Thread) uint32 {
	if child, ok := t.(*ChildThread); ok && !child.Set {
		return StillActive
	}
	own, ok := t.(*guest.Thread)
	switch {
	case !ok:
		return 0
	case !own.Ended():
		return StillActive
	}
	return own.ExitCode
}

// CreateThread makes a thread. It runs when the scheduler's turn comes to it,
// and not before the loader lock is free. A reserve of 0 is the program's.
func CreateThread(c *win.Call, start, parameter win.Ptr, reserve uint64, suspended bool) (*guest.Thread, win.Status) {
	t, err := c.NewThread(uint64(start), uint64(parameter), reserve, suspended)
	if err != nil {
		return nil, win.StatusNoMemory
	}
	b := trace.ThreadCreate{ID: t.ID, Start: uint64(start), Parameter: uint64(parameter), Suspended: suspended}
	if m := c.ModuleAt(b.Start); m != nil {
		b.Module = m.Name()
	}
	c.Emit(b)
	return t, 0
}

// ntCreateThreadEx makes a thread. Its flags may say that the modules are not
// told of it, and that it is hidden from debuggers.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-createremotethreadex
func ntCreateThreadEx(c *win.Call, ThreadHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes win.Ptr, ProcessHandle win.Handle, StartRoutine, Argument win.Ptr, CreateFlags win.Hex, ZeroBits, StackSize, MaximumStackSize win.Size, AttributeList win.Ptr) (win.Status, win.Error) {
	const suspended, skipAttach, hideFromDebugger = 1, 2, 4
	if !probe(c, ThreadHandle.Addr, 8) {
		return 0, 0
	}
	o, status := ProcessOf(c, ProcessHandle, ProcessCreateThread)
	if status != 0 {
		return status, 0
	}
	if CreateFlags&^(suspended|skipAttach|hideFromDebugger) != 0 {
		c.Gap("thread flags " + trace.Hex.Format(uint64(CreateFlags)))
	}
	if AttributeList != 0 {
		c.Gap("attributes of a thread")
	}
	t, status := CreateThreadIn(c, o, StartRoutine, Argument, uint64(MaximumStackSize), CreateFlags&suspended != 0)
	if own, ok := t.(*guest.Thread); ok && status == 0 {
		own.Quiet = CreateFlags&skipAttach != 0
		own.Hidden = CreateFlags&hideFromDebugger != 0
	}
	if status == 0 {
		ThreadHandle.Set(c, uint64(c.Handles.Add(t)))
	}
	return status, 0
}

// rtlCreateUserThread makes a thread.
func rtlCreateUserThread(c *win.Call, ProcessHandle win.Handle, SecurityDescriptor win.Ptr, CreateSuspended win.BYTE, StackZeroBits win.DWORD, StackReserve, StackCommit win.Size, StartAddress, Parameter win.Ptr, ThreadHandle win.Out[uint64], ClientId win.Ptr) (win.Status, win.Error) {
	o, status := ProcessOf(c, ProcessHandle, ProcessCreateThread)
	if status != 0 {
		return status, 0
	}
	t, status := CreateThreadIn(c, o, StartAddress, Parameter, uint64(StackReserve), CreateSuspended != 0)
	if status != 0 {
		return status, 0
	}
	if ClientId != 0 {
		id := c.ID
		if o != nil {
			id = o.ID
		}
		c.WriteUint(ClientId, 8, uint64(id))
		c.WriteUint(ClientId+8, 8, uint64(ThreadID(t)))
	}
	ThreadHandle.Set(c, uint64(c.Handles.Add(t)))
	return 0, 0
}

// rtlExitUserThread ends the calling thread after the modules have been told.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-exitthread
func rtlExitUserThread(c *win.Call, ExitStatus win.Hex) (win.Void, win.Error) {
	c.ExitThread(c.T, uint32(ExitStatus))
	return win.Void{}, 0
}

// rtlUserThreadStart is where threads begin: it calls their function and ends
// them.
func rtlUserThreadStart(c *win.Call, StartAddress, Argument win.Ptr) (win.Void, win.Error) {
	c.ExitThread(c.T, uint32(c.CallGuest(StartAddress, uint64(Argument))))
	return win.Void{}, 0
}

// ntTerminateThread ends a thread where it stands; a null handle is the
// calling one.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-terminatethread
func ntTerminateThread(c *win.Call, ThreadHandle win.Handle, ExitStatus win.Hex) (win.Status, win.Error) {
	if ThreadHandle == 0 {
		ThreadHandle = win.Handle(guest.CurrentThread)
	}
	t, status := ThreadOf(c, ThreadHandle)
	if status == 0 {
		t.Terminate(uint32(ExitStatus))
	}
	return status, 0
}

// ntResumeThread takes one suspension back and tells the count before.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-resumethread
func ntResumeThread(c *win.Call, ThreadHandle win.Handle, PreviousSuspendCount win.Out[uint32]) (win.Status, win.Error) {
	t, status := ThreadOf(c, ThreadHandle)
	if status == 0 {
		PreviousSuspendCount.Set(c, uint32(ResumeThread(c, t)))
	}
	return status, 0
}

func ntSuspendThread(c *win.Call, ThreadHandle win.Handle, PreviousSuspendCount win.Out[uint32]) (win.Status, win.Error) {
	t, status := ThreadOf(c, ThreadHandle)
	if status != 0 {
		return status, 0
	}
	before, status := SuspendThread(t)
	if status == 0 {
		PreviousSuspendCount.Set(c, uint32(before))
	}
	return status, 0
}

// answer stores information of a fixed size, whose length the caller has to
// know.
func answer(c *win.Call, b []byte, at win.Ptr, length win.DWORD, returned win.Out[uint32]) win.Status {
	if int(length) != len(b) {
		return win.StatusInfoLengthMismatch
	}
	c.Write(at, b)
	returned.Set(c, uint32(len(b)))
	return 0
}
