package crt

import (
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

var threadRows = win.Rows{
	win.Partial(win.Func3("_beginthread", beginthread, "start_address stack_size arglist"), "the handle stays open when the thread ends"),
	win.Func6("_beginthreadex", beginthreadex, "security stack_size start_address arglist initflag thrdaddr"),
	win.Func0("_endthread", endthread),
	win.Func1("_endthreadex", endthreadex, "retval"),
	win.Func0("_getpid", getpid),
}

const (
	createSuspended  = 0x4
	stackReservation = 0x10000 // STACK_SIZE_PARAM_IS_A_RESERVATION
)

// beginthreadex makes a thread.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/beginthread-beginthreadex
func beginthreadex(c *win.Call, security win.Ptr, stack_size win.DWORD, start_address, arglist win.Ptr, initflag win.Hex, thrdaddr win.Out[uint32]) (win.Handle, win.Error) {
	if start_address == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	reserve := uint64(0)
	if initflag&stackReservation != 0 {
		reserve = uint64(stack_size)
	}
	suspended := initflag&createSuspended != 0
	t, err := c.NewThread(uint64(start_address), uint64(arglist), reserve, suspended)
	if err != nil {
		fail(c, eACCES)
		return 0, 0
	}
	thrdaddr.Set(c, t.ID)
	b := trace.ThreadCreate{ID: t.ID, Start: uint64(start_address), Parameter: uint64(arglist), Suspended: suspended}
	if m := c.ModuleAt(b.Start); m != nil {
		b.Module = m.Name()
	}
	c.Emit(b)
	return win.Handle(c.Handles.Add(t)), 0
}

// beginthread makes a thread that runs at once.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/beginthread-beginthreadex
func beginthread(c *win.Call, start_address win.Ptr, stack_size win.DWORD, arglist win.Ptr) (win.FileHandle, win.Error) {
	h, _ := beginthreadex(c, 0, stack_size, start_address, arglist, 0, win.Out[uint32]{})
	if h == 0 {
		return ^win.FileHandle(0), 0
	}
	return win.FileHandle(h), 0
}

// endthreadex ends the calling thread.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/endthread-endthreadex
func endthreadex(c *win.Call, retval win.DWORD) (win.Void, win.Error) {
	c.ExitThread(c.T, uint32(retval))
	return win.Void{}, 0
}

// endthread ends the calling thread.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/endthread-endthreadex
func endthread(c *win.Call) (win.Void, win.Error) { return endthreadex(c, 0) }

// getpid returns the identifier of the process.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/getpid
func getpid(c *win.Call) (win.Int, win.Error) { return win.Int(c.ID), 0 }
