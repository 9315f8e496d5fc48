package crt

import "sidetrace/emulator/win"

// vcruntimeOnlyRows is what vcruntime140.dll exports beside what the others do.
var vcruntimeOnlyRows = join(jumpRows, exceptionRows, win.Rows{
	win.Func2("wcsnlen", strnlen[win.WText], "str numberOfElements"),
	win.Func1("__report_gsfailure", reportGSFailure, "stack_cookie"),
	win.Stub("__telemetry_main_invoke_trigger", win.Void{}, "image_base"),
	win.Stub("__telemetry_main_return_trigger", win.Void{}, "image_base"),
	win.Forward("__vcrt_GetModuleFileNameW", "kernel32.GetModuleFileNameW"),
	win.Forward("__vcrt_GetModuleHandleW", "kernel32.GetModuleHandleW"),
	win.Forward("__vcrt_InitializeCriticalSectionEx", "kernel32.InitializeCriticalSectionEx"),
	win.Forward("__vcrt_LoadLibraryExW", "kernel32.LoadLibraryExW"),
})

// reportGSFailure ends the process at once: a function found its stack frame
// overwritten.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/security-init-cookie
func reportGSFailure(c *win.Call, stack_cookie win.Size) (win.Void, win.Error) {
	c.EndProcess(fastFailCode, "overwritten stack frame")
	return win.Void{}, 0
}

// frameHandler4Rows is vcruntime140_1.dll.
var frameHandler4Rows = win.Rows{
	win.Func4("__CxxFrameHandler4", cxxFrameHandler4, "ExceptionRecord EstablisherFrame ContextRecord DispatcherContext"),
}

// exceptionRows is what C++ programs import for exceptions and type
// information.
var exceptionRows = win.Rows{
	win.Func2("__std_exception_copy", stdExceptionCopy, "from to"),
	win.Func1("__std_exception_destroy", stdExceptionDestroy, "data"),
	win.Func0("__std_terminate", terminateProgram),
	win.Stub("__std_type_info_destroy_list", win.Void{}, "root_node"),
	win.Func0("__current_exception", currentException),
	win.Partial(win.Func0("__current_exception_context", currentExceptionContext), "there is none"),
	win.Func2("__DestructExceptionObject", destructExceptionObject, "pExcept fThrowNotAllowed"),
	win.Func0("__processing_throw", processingThrow),
	win.Func0("__uncaught_exception", uncaughtException),
	win.Func0("__uncaught_exceptions", uncaughtExceptions),
	win.Func1("set_terminate", setTerminate, "termFunction"),
	win.Func0("_purecall", purecall),
	win.Func0("terminate", terminateProgram),
}

// compilerRows is what msvcrt.dll has of it: C++ operators under their
// decorated names.
var compilerRows = join(jumpRows, win.Rows{
	win.Func1("??2@YAPEAX_K@Z", operatorNew, "size"),
	win.Func1("??3@YAXPEAX@Z", free, "memblock"),
	win.Func1("??_U@YAPEAX_K@Z", operatorNew, "size"), // operator new[]
	win.Func1("??_V@YAXPEAX@Z", free, "memblock"),
	win.Func0("?terminate@@YAXXZ", terminateProgram),
	win.Func1("?set_terminate@@YAP6AXXZP6AXXZ@Z", setTerminate, "termFunction"),
	win.Func4("__CxxFrameHandler", cxxFrameHandler, "ExceptionRecord EstablisherFrame ContextRecord DispatcherContext"),
	win.Func2("__DestructExceptionObject", destructExceptionObject, "pExcept fThrowNotAllowed"),
	win.Func0("__uncaught_exception", uncaughtException),
	win.Func0("_purecall", purecall),
})

const cppException = 0xE06D7363 // "msc" with 0xE0 before it

// purecall is called in the place of a pure virtual function: it calls the
// program's function for that, and ends the process.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/purecall
func purecall(c *win.Call) (win.Int, win.Error) {
	callHook(c, "purecall")
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
