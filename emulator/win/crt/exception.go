package crt

import "sidetrace/emulator/win"

// vcruntimeOnlyRows is what vcruntime140.dll exports beside what the others do.
var vcruntimeOnlyRows = join(jumpRows, exceptionRows, win.Rows{
	win.Func2("wcsnlen", strnlen[win.WText], "str numberOfElements"),
})

// frameHandler4Rows is vcruntime140_1.dll.
var frameHandler4Rows = win.Rows{
	win.Partial(win.Func4("__CxxFrameHandler4", cxxFrameHandler, "ExceptionRecord EstablisherFrame ContextRecord DispatcherContext"), "C++ handlers are not run"),
}

// exceptionRows is what C++ programs import for exceptions and type
// information.
var exceptionRows = win.Rows{
	win.Func2("__std_exception_copy", stdExceptionCopy, "from to"),
	win.Func1("__std_exception_destroy", stdExceptionDestroy, "data"),
	win.Func0("__std_terminate", terminateProgram),
	win.Stub("__std_type_info_destroy_list", win.Void{}, "root_node"),
	win.Stub("__uncaught_exception", win.BYTE(0), ""),
	win.Stub("__uncaught_exceptions", win.Int(0), ""),
	win.Func0("_purecall", purecall),
	win.Func0("terminate", terminateProgram),
}

// compilerRows is what msvcrt.dll has of it: C++ operators under their
// decorated names.
var compilerRows = join(jumpRows, win.Rows{
	win.Func1("??2@YAPEAX_K@Z", malloc, "size"), // operator new
	win.Func1("??3@YAXPEAX@Z", free, "memblock"),
	win.Func1("??_U@YAPEAX_K@Z", malloc, "size"), // operator new[]
	win.Func1("??_V@YAXPEAX@Z", free, "memblock"),
	win.Func0("?terminate@@YAXXZ", terminateProgram),
	win.Partial(win.Func4("__CxxFrameHandler", cxxFrameHandler, "ExceptionRecord EstablisherFrame ContextRecord DispatcherContext"), "C++ handlers are not run"),
	win.Stub("__uncaught_exception", win.BYTE(0), ""),
	win.Func0("_purecall", purecall),
})

const cppException = 0xE06D7363 // "msc" with 0xE0 before it

// cxxThrowException raises a C++ exception.
//
// https://learn.microsoft.com/cpp/c-runtime-library/cxxthrowexception
func cxxThrowException(c *win.Call, pExceptionObject, pThrowInfo win.Ptr) (win.Void, win.Error) {
	c.Gap("C++ exceptions")
	c.T.RaiseCode(cppException)
	return win.Void{}, 0
}

// terminateProgram is terminate: abort.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/terminate-crt
func terminateProgram(c *win.Call) (win.Void, win.Error) { return abort(c) }

// purecall is called in the place of a pure virtual function.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/purecall
func purecall(c *win.Call) (win.Int, win.Error) {
	_, err := abort(c)
	return 0, err
}

// stdExceptionCopy copies what an std::exception keeps: a text and whether it
// is the exception's own, which it then is.
//
// https://learn.microsoft.com/cpp/standard-library/exception-class
func stdExceptionCopy(c *win.Call, from, to win.Ptr) (win.Void, win.Error) {
	what, owned := c.ReadUint(from, 8), c.ReadUint(from+8, 1)
	if owned != 0 && what != 0 && !c.Faulted() {
		at, _ := strdup(c, win.AText(what))
		what = uint64(at)
	}
	if !c.Faulted() {
		c.WriteUint(to, 8, what)
		c.WriteUint(to+8, 1, owned)
	}
	return win.Void{}, 0
}

// stdExceptionDestroy frees it.
//
// https://learn.microsoft.com/cpp/standard-library/exception-class
func stdExceptionDestroy(c *win.Call, data win.Ptr) (win.Void, win.Error) {
	what, owned := c.ReadUint(data, 8), c.ReadUint(data+8, 1)
	if c.Faulted() {
		return win.Void{}, 0
	}
	if owned != 0 && what != 0 {
		release(c, what)
	}
	c.WriteUint(data, 8, 0)
	c.WriteUint(data+8, 1, 0)
	return win.Void{}, 0
}
