package crt

import "sidetrace/emulator/win"

// invalidRows are the functions about parameters that make no sense.
//
// https://learn.microsoft.com/cpp/c-runtime-library/parameter-validation
var invalidRows = win.Rows{
	win.Func5("_invalid_parameter", invalidParameter, "expression function_name file_name line_number reserved"),
	win.Func0("_invalid_parameter_noinfo", invalidParameterNoinfo),
	win.Func0("_invalid_parameter_noinfo_noreturn", invalidParameterNoinfoNoreturn),
}

// ucrtInvalidRows are those that ucrtbase.dll has besides.
var ucrtInvalidRows = win.Rows{
	win.Func0("_get_invalid_parameter_handler", getInvalidParameterHandler),
	win.Func0("_get_thread_local_invalid_parameter_handler", getThreadLocalInvalidParameterHandler),
	win.Func5("_invoke_watson", invokeWatson, "expression function_name file_name line_number reserved"),
	win.Func1("_set_invalid_parameter_handler", setInvalidParameterHandler, "pNew"),
	win.Func1("_set_thread_local_invalid_parameter_handler", setThreadLocalInvalidParameterHandler, "pNew"),
}

// invalid sets errno and tells the handler of invalid parameters. Where the
// program has set none, msvcrt.dll lets the function fail, and ucrtbase.dll
// ends the process.
//
// https://learn.microsoft.com/cpp/c-runtime-library/parameter-validation
func invalid(c *win.Call, e errno) {
	fail(c, e)
	_, _ = invalidParameter(c, 0, 0, 0, 0, 0) // returns nothing
}

// invalidParameter calls the thread's handler, or the program's.
//
// https://learn.microsoft.com/cpp/c-runtime-library/parameter-validation
func invalidParameter(c *win.Call, expression, function_name, file_name win.Ptr, line_number win.DWORD, reserved win.Size) (win.Void, win.Error) {
	s := of(c)
	handler := s.thread(c).invalid
	if handler == 0 {
		handler = s.invalid
	}
	switch {
	case handler != 0:
		c.CallGuest(win.Ptr(handler), uint64(expression), uint64(function_name), uint64(file_name), uint64(line_number), uint64(reserved))
	case c.DLL() != "msvcrt.dll":
		return invokeWatson(c, expression, function_name, file_name, line_number, reserved)
	}
	return win.Void{}, 0
}

// fastFailCode is STATUS_STACK_BUFFER_OVERRUN, the exit code of __fastfail.
const fastFailCode = 0xC0000409

// invokeWatson ends the process at once.
//
// https://learn.microsoft.com/cpp/c-runtime-library/parameter-validation
func invokeWatson(c *win.Call, expression, function_name, file_name win.Ptr, line_number win.DWORD, reserved win.Size) (win.Void, win.Error) {
	c.EndProcess(fastFailCode, "invalid parameter of the C runtime")
	return win.Void{}, 0
}

// invalidParameterNoinfo calls the handler without saying what was wrong.
//
// https://learn.microsoft.com/cpp/c-runtime-library/parameter-validation
func invalidParameterNoinfo(c *win.Call) (win.Void, win.Error) {
	return invalidParameter(c, 0, 0, 0, 0, 0)
}

// invalidParameterNoinfoNoreturn does so and ends the process.
//
// https://learn.microsoft.com/cpp/c-runtime-library/parameter-validation
func invalidParameterNoinfoNoreturn(c *win.Call) (win.Void, win.Error) {
	_, _ = invalidParameter(c, 0, 0, 0, 0, 0) // returns nothing
	return invokeWatson(c, 0, 0, 0, 0, 0)
}

// setInvalidParameterHandler sets the program's handler and returns the one
// before.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/set-invalid-parameter-handler-set-thread-local-invalid-parameter-handler
func setInvalidParameterHandler(c *win.Call, pNew win.Ptr) (win.Ptr, win.Error) {
	s := of(c)
	old := s.invalid
	s.invalid = uint64(pNew)
	return win.Ptr(old), 0
}

// getInvalidParameterHandler returns the program's handler.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/get-invalid-parameter-handler-get-thread-local-invalid-parameter-handler
func getInvalidParameterHandler(c *win.Call) (win.Ptr, win.Error) {
	return win.Ptr(of(c).invalid), 0
}

// setThreadLocalInvalidParameterHandler sets the thread's handler and returns
// the one before.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/set-invalid-parameter-handler-set-thread-local-invalid-parameter-handler
func setThreadLocalInvalidParameterHandler(c *win.Call, pNew win.Ptr) (win.Ptr, win.Error) {
	l := of(c).thread(c)
	old := l.invalid
	l.invalid = uint64(pNew)
	return win.Ptr(old), 0
}

// getThreadLocalInvalidParameterHandler returns the thread's handler.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/get-invalid-parameter-handler-get-thread-local-invalid-parameter-handler
func getThreadLocalInvalidParameterHandler(c *win.Call) (win.Ptr, win.Error) {
	return win.Ptr(of(c).thread(c).invalid), 0
}
