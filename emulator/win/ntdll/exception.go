package ntdll

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var exceptionRows = append(win.Rows{
	win.Func0("DbgBreakPoint", dbgBreakPoint),
	win.Func0("DbgUserBreakPoint", dbgBreakPoint),
	win.Func0("KiUserExceptionDispatcher", kiUserExceptionDispatcher),
	win.Func2("RtlAddVectoredContinueHandler", rtlAddVectoredContinueHandler, "First Handler"),
	win.Func2("RtlAddVectoredExceptionHandler", rtlAddVectoredExceptionHandler, "First Handler"),
	win.Partial(win.Func1("RtlCaptureContext", rtlCaptureContext, "ContextRecord"), "x87 registers are stored as zero"),
	win.Func1("RtlRaiseException", rtlRaiseException, "ExceptionRecord"),
	win.Func1("RtlRaiseStatus", rtlRaiseStatus, "Status"),
	win.Func1("RtlRemoveVectoredContinueHandler", rtlRemoveVectoredContinueHandler, "Handle"),
	win.Func1("RtlRemoveVectoredExceptionHandler", rtlRemoveVectoredExceptionHandler, "Handle"),
	win.Func2("RtlRestoreContext", rtlRestoreContext, "ContextRecord ExceptionRecord"),
	win.Func1("RtlSetUnhandledExceptionFilter", rtlSetUnhandledExceptionFilter, "Filter"),
}, system(
	win.Func2("NtContinue", ntContinue, "ContextRecord TestAlert"),
	win.Func3("NtRaiseException", ntRaiseException, "ExceptionRecord ContextRecord FirstChance"),
)...)

// rtlCaptureContext stores the caller's registers in a CONTEXT.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlcapturecontext
func rtlCaptureContext(c *win.Call, ContextRecord win.Ptr) (win.Void, win.Error) {
	if b := c.Buffer(ContextRecord, guest.ContextSize); b != nil {
		c.T.CaptureCaller().Store(b)
		le.PutUint32(b[0x30:], guest.ContextFull|guest.ContextSegment)
	}
	return win.Void{}, 0
}

// rtlRestoreContext makes the thread go on with the registers of a CONTEXT. A
// record of STATUS_LONGJUMP or STATUS_UNWIND_CONSOLIDATE changes where.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlrestorecontext
func rtlRestoreContext(c *win.Call, ContextRecord, ExceptionRecord win.Ptr) (win.Void, win.Error) {
	next := c.T.CaptureCaller()
	if err := c.LoadContext(uint64(ContextRecord), next); err != nil {
		c.Fail(err)
		return win.Void{}, 0
	}
	c.T.Restore(next, uint64(ExceptionRecord))
	return win.Void{}, 0
}

// rtlRaiseException raises an exception whose place is the caller's, and
// returns if a handler lets the caller go on.
//
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlraiseexception
func rtlRaiseException(c *win.Call, ExceptionRecord win.Ptr) (win.Void, win.Error) {
	r, err := c.LoadRecord(uint64(ExceptionRecord))
	if err != nil {
		c.Fail(err)
		return win.Void{}, 0
	}
	at := c.T.CaptureCaller()
	r.Address = at.RIP
	c.WriteUint(ExceptionRecord+0x10, 8, r.Address)
	if c.Faulted() {
		return win.Void{}, 0
	}
	c.T.RaiseAt(r, at)
	c.Gone()
	return win.Void{}, 0
}

// rtlRaiseStatus raises a status as an exception that must not be continued.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlraisestatus
func rtlRaiseStatus(c *win.Call, Status win.Hex) (win.Void, win.Error) {
	at := c.T.CaptureCaller()
	c.T.RaiseAt(&guest.Record{Code: uint32(Status), Flags: guest.ExceptionNoncontinuable, Address: at.RIP}, at)
	c.Gone()
	return win.Void{}, 0
}

// ntRaiseException raises an exception with a context. One that is not the
// first chance ends the process.
func ntRaiseException(c *win.Call, ExceptionRecord, ContextRecord win.Ptr, FirstChance win.BYTE) (win.Status, win.Error) {
	r, err := c.LoadRecord(uint64(ExceptionRecord))
	at := c.T.CaptureCaller()
	if err == nil {
		err = c.LoadContext(uint64(ContextRecord), at)
	}
	if err != nil {
		c.Fail(err)
		return 0, 0
	}
	if FirstChance == 0 {
		c.T.RaiseLast(r)
	}
	c.T.RaiseAt(r, at)
	c.Gone()
	return 0, 0
}

// ntContinue makes the thread go on with the registers of a CONTEXT.
func ntContinue(c *win.Call, ContextRecord win.Ptr, TestAlert win.BYTE) (win.Status, win.Error) {
	next := c.T.CaptureCaller()
	if err := c.LoadContext(uint64(ContextRecord), next); err != nil {
		c.Fail(err)
		return 0, 0
	}
	if TestAlert != 0 {
		c.T.TestAlert()
	}
	c.T.Continue(next)
	c.Gone()
	return 0, 0
}

// kiUserExceptionDispatcher is where the kernel enters a process with an
// exception; the context and the record lie on the stack. Programs that jump
// here raise one themselves.
func kiUserExceptionDispatcher(c *win.Call) (win.Void, win.Error) {
	const recordAt = 0x4F0
	sp := c.T.Capture().RSP()
	r, err := c.LoadRecord(sp + recordAt)
	at := c.T.Capture()
	if err == nil {
		err = c.LoadContext(sp, at)
	}
	if err != nil {
		c.Fail(err)
		return win.Void{}, 0
	}
	c.T.RaiseAt(r, at)
	c.Gone()
	return win.Void{}, 0
}

// rtlAddVectoredExceptionHandler adds a handler that is asked about exceptions
// before the functions on the stack are.
//
// https://learn.microsoft.com/windows/win32/api/errhandlingapi/nf-errhandlingapi-addvectoredexceptionhandler
func rtlAddVectoredExceptionHandler(c *win.Call, First win.DWORD, Handler win.Ptr) (win.Handle, win.Error) {
	return win.Handle(c.AddVectored(false, First != 0, uint64(Handler))), 0
}

// rtlRemoveVectoredExceptionHandler takes it back.
//
// https://learn.microsoft.com/windows/win32/api/errhandlingapi/nf-errhandlingapi-removevectoredexceptionhandler
func rtlRemoveVectoredExceptionHandler(c *win.Call, Handle win.Handle) (win.DWORD, win.Error) {
	return removed(c, false, Handle), 0
}

// rtlAddVectoredContinueHandler adds a handler that is told when a handler has
// let the thread go on.
//
// https://learn.microsoft.com/windows/win32/api/errhandlingapi/nf-errhandlingapi-addvectoredcontinuehandler
func rtlAddVectoredContinueHandler(c *win.Call, First win.DWORD, Handler win.Ptr) (win.Handle, win.Error) {
	return win.Handle(c.AddVectored(true, First != 0, uint64(Handler))), 0
}

// rtlRemoveVectoredContinueHandler takes it back.
//
// https://learn.microsoft.com/windows/win32/api/errhandlingapi/nf-errhandlingapi-removevectoredcontinuehandler
func rtlRemoveVectoredContinueHandler(c *win.Call, Handle win.Handle) (win.DWORD, win.Error) {
	return removed(c, true, Handle), 0
}

func removed(c *win.Call, continues bool, h win.Handle) win.DWORD {
	if c.RemoveVectored(continues, uint64(h)) {
		return 1
	}
	return 0
}

// rtlSetUnhandledExceptionFilter sets the filter for unhandled exceptions. That
// of a system DLL is the one there is from the start: it asks the program's,
// and must not come to ask itself.
func rtlSetUnhandledExceptionFilter(c *win.Call, Filter win.Ptr) (win.Void, win.Error) {
	if m := c.ModuleAt(uint64(Filter)); m != nil && m.OfSystem() {
		return win.Void{}, 0
	}
	c.UnhandledFilter = uint64(Filter)
	return win.Void{}, 0
}

// dbgBreakPoint is an INT3 and a RET.
//
// https://learn.microsoft.com/windows/win32/api/debugapi/nf-debugapi-debugbreak
func dbgBreakPoint(c *win.Call) (win.Void, win.Error) {
	c.T.RaiseBreak()
	c.Gone()
	return win.Void{}, 0
}
