package crt

import (
	"fmt"

	"sidetrace/emulator/win"
)

var exitRows = win.Rows{
	win.Func1("_Exit", exitNow, "status"),
	win.Func0("_c_exit", cExit),
	win.Func0("_cexit", cexit),
	win.Func1("_execute_onexit_table", executeOnexitTable, "table"),
	win.Func1("_exit", exitNow, "status"),
	win.Func1("_initialize_onexit_table", initializeOnexitTable, "table"),
	win.Func1("_onexit", onexit, "function"),
	win.Stub("_query_app_type", win.Int(1), ""), // a console program
	win.Func2("_register_onexit_function", registerOnexitFunction, "table function"),
	win.Stub("_set_abort_behavior", win.DWORD(0), "flags mask"),
	win.Partial(win.Func0("abort", abort), "no report is written; the exit code is that of msvcrt.dll"),
	win.Func1("exit", exit, "status"),
	win.Func1("quick_exit", quickExit, "status"),
	win.Func1("raise", raise, "sig"),
	win.Func2("signal", signal, "sig fn"),
}

const maxAtExit = 1 << 16 // functions registered at once

// exit calls the functions registered, the last first, and ends the process.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/exit-exit-exit
func exit(c *win.Call, status win.Int) (win.Void, win.Error) {
	of(c).runAtExit(c)
	c.ExitProcess(c.T, uint32(status), "ExitProcess")
	return win.Void{}, 0
}

// exitNow ends the process without calling the functions registered.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/exit-exit-exit
func exitNow(c *win.Call, status win.Int) (win.Void, win.Error) {
	c.ExitProcess(c.T, uint32(status), "ExitProcess")
	return win.Void{}, 0
}

// cexit calls the functions registered and returns.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/cexit-c-exit
func cexit(c *win.Call) (win.Void, win.Error) {
	of(c).runAtExit(c)
	return win.Void{}, 0
}

// cExit does what is left of an exit without functions and process: nothing.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/cexit-c-exit
func cExit(*win.Call) (win.Void, win.Error) { return win.Void{}, 0 }

func (s *state) runAtExit(c *win.Call) {
	for len(s.atexit) > 0 { // a function may register others, or call exit itself
		last := len(s.atexit) - 1
		fn := s.atexit[last]
		s.atexit = s.atexit[:last]
		c.CallGuest(win.Ptr(fn))
	}
}

// atexit registers a function to be called at exit.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/atexit
func atexit(c *win.Call, fn win.Ptr) (win.Int, win.Error) {
	s := of(c)
	if len(s.atexit) == maxAtExit {
		return -1, 0
	}
	s.atexit = append(s.atexit, uint64(fn))
	return 0, 0
}

// crtAtQuickExit registers a function to be called by quick_exit.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/quick-exit1
func crtAtQuickExit(c *win.Call, function win.Ptr) (win.Int, win.Error) {
	s := of(c)
	if len(s.quick) == maxAtExit {
		return -1, 0
	}
	s.quick = append(s.quick, uint64(function))
	return 0, 0
}

// quickExit calls the functions registered for it, the last first, and ends the
// process.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/quick-exit1
func quickExit(c *win.Call, status win.Int) (win.Void, win.Error) {
	s := of(c)
	for len(s.quick) > 0 {
		last := len(s.quick) - 1
		fn := s.quick[last]
		s.quick = s.quick[:last]
		c.CallGuest(win.Ptr(fn))
	}
	return exitNow(c, status)
}

// onexit registers a function to be called at exit and returns it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/onexit-onexit-m
func onexit(c *win.Call, function win.Ptr) (win.Ptr, win.Error) {
	if r, _ := atexit(c, function); r != 0 {
		return 0, 0
	}
	return function, 0
}

// dllonexit adds a function to a DLL's own table, between *pbegin and *pend.
//
// https://learn.microsoft.com/cpp/c-runtime-library/dllonexit
func dllonexit(c *win.Call, fn win.Ptr, pbegin, pend win.Out[uint64]) (win.Ptr, win.Error) {
	begin, end := pbegin.Get(c), pend.Get(c)
	begin, end, _, ok := appendPointer(c, begin, end, 0, uint64(fn))
	if !ok {
		return 0, 0
	}
	pbegin.Set(c, begin)
	pend.Set(c, end)
	return fn, 0
}

// appendPointer adds a pointer to an array on the heap that ends at last and
// has room up to end, moving the array where it must.
func appendPointer(c *win.Call, first, last, end, value uint64) (newFirst, newLast, newEnd uint64, ok bool) {
	if last < first || last-first > 8*maxAtExit {
		return 0, 0, 0, false
	}
	if last >= end {
		n := last - first
		room := max(2*n, 32*8)
		at := reallocate(c, first, room)
		if at == 0 {
			return 0, 0, 0, false
		}
		first, last, end = at, at+n, at+room
	}
	c.WriteUint(win.Ptr(last), 8, value)
	return first, last + 8, end, true
}

// An _onexit_table_t is three pointers: first, last, end.

// initializeOnexitTable empties a table.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/initialize-onexit-table
func initializeOnexitTable(c *win.Call, table win.Ptr) (win.Int, win.Error) {
	if table == 0 {
		return -1, 0
	}
	if c.ReadUint(table, 8) == c.ReadUint(table+16, 8) {
		clear(c.Buffer(table, 24))
	}
	return 0, 0
}

// registerOnexitFunction adds a function to a table.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/register-onexit-function
func registerOnexitFunction(c *win.Call, table, function win.Ptr) (win.Int, win.Error) {
	if table == 0 {
		return -1, 0
	}
	first, last, end, ok := appendPointer(c, c.ReadUint(table, 8), c.ReadUint(table+8, 8), c.ReadUint(table+16, 8), uint64(function))
	if !ok {
		return -1, 0
	}
	c.WriteUint(table, 8, first)
	c.WriteUint(table+8, 8, last)
	c.WriteUint(table+16, 8, end)
	return 0, 0
}

// executeOnexitTable calls the functions of a table, the last first, and
// empties it.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/execute-onexit-table
func executeOnexitTable(c *win.Call, table win.Ptr) (win.Int, win.Error) {
	if table == 0 {
		return -1, 0
	}
	first := c.ReadUint(table, 8)
	for !c.Faulted() {
		last := c.ReadUint(table+8, 8)
		if last <= first || first == 0 {
			break
		}
		fn := c.ReadUint(win.Ptr(last-8), 8)
		c.WriteUint(table+8, 8, last-8) // before the call, which may add to the table
		if fn != 0 && !c.Faulted() {
			c.CallGuest(win.Ptr(fn))
		}
		first = c.ReadUint(table, 8)
	}
	if first != 0 && !c.Faulted() {
		release(c, first)
		clear(c.Buffer(table, 24))
	}
	return 0, 0
}

// Signals and what stands for their default action.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/signal
const (
	sigAbrt win.Int = 22

	sigDefault = 0
	sigIgnore  = 1

	abortCode = 3
)

func isSignal(sig win.Int) bool {
	switch sig {
	case 2, 4, 8, 11, 15, 21, sigAbrt: // SIGINT, ILL, FPE, SEGV, TERM, BREAK, ABRT
		return true
	}
	return false
}

// signal sets the function for a signal and returns the one before. Signals
// come from raise and abort; exceptions do not become signals.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/signal
func signal(c *win.Call, sig win.Int, fn win.Ptr) (win.Ptr, win.Error) {
	s := of(c)
	if !isSignal(sig) {
		fail(c, eINVAL)
		return ^win.Ptr(0), 0 // SIG_ERR
	}
	old := s.signals[sig]
	s.signals[sig] = uint64(fn)
	return win.Ptr(old), 0
}

// raise sends a signal: to the function set for it, once, or to the end of the
// process.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/raise
func raise(c *win.Call, sig win.Int) (win.Int, win.Error) {
	s := of(c)
	if !isSignal(sig) {
		invalid(c, eINVAL)
		return -1, 0
	}
	switch fn := s.signals[sig]; fn {
	case sigIgnore:
	case sigDefault:
		c.ExitProcess(c.T, abortCode, "ExitProcess")
	default:
		s.signals[sig] = sigDefault
		c.CallGuest(win.Ptr(fn), uint64(sig))
	}
	return 0, 0
}

// abort raises SIGABRT and ends the process.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/abort
func abort(c *win.Call) (win.Void, win.Error) {
	if of(c).signals[sigAbrt] > sigIgnore {
		_, _ = raise(c, sigAbrt) // a valid signal
	}
	c.ExitProcess(c.T, abortCode, "ExitProcess")
	return win.Void{}, 0
}

// amsgExit prints a runtime error and ends the process with code 255.
//
// https://learn.microsoft.com/cpp/c-runtime-library/amsg-exit
func amsgExit(c *win.Call, rterrnum win.Int) (win.Void, win.Error) {
	s := of(c)
	s.write(c, s.file(stderr), fmt.Appendf(nil, "\nruntime error R60%02d\n", rterrnum))
	c.ExitProcess(c.T, 255, "ExitProcess")
	return win.Void{}, 0
}
