package crt

import "sidetrace/emulator/win"

// terminateRows are the functions that a program sets for its end by an error.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/set-terminate-crt
var terminateRows = join(
	hookRows("unexpected", "set_unexpected", "_get_unexpected"),
	hookRows("purecall", "_set_purecall_handler", "_get_purecall_handler"),
	win.Rows{win.Func0("unexpected", unexpected)},
)

// oldTerminateRows are those of msvcrt.dll.
var oldTerminateRows = join(
	hookRows("unexpected", "?set_unexpected@@YAP6AXXZP6AXXZ@Z", ""),
	hookRows("purecall", "_set_purecall_handler", ""),
	win.Rows{
		win.Func0("?unexpected@@YAXXZ", unexpected),
		win.Func1("?_set_new_handler@@YAP6AH_K@ZP6AH0@Z@Z", setNewHandler, "pNewHandler"),
		win.Func0("?_query_new_handler@@YAP6AH_K@ZXZ", queryNewHandler),
		win.Func1("?_set_new_mode@@YAHH@Z", setNewMode, "newhandlermode"),
		win.Func0("?_query_new_mode@@YAHXZ", queryNewMode),
		win.Stub("?set_new_handler@@YAP6AXXZP6AXXZ@Z", win.Ptr(0), "new_p"), // it removes a handler and sets none, as in msvcrt.dll
	},
)

// hookRows make the functions that set a function of the program, which is kept
// by name, and tell it.
func hookRows(name, set, get string) win.Rows {
	rows := win.Rows{win.Func1(set, func(c *win.Call, function win.Ptr) (win.Ptr, win.Error) {
		s := of(c)
		old := s.hooks[name]
		s.hooks[name] = uint64(function)
		return win.Ptr(old), 0
	}, "function")}
	if get != "" {
		rows = append(rows, win.Func0(get, func(c *win.Call) (win.Ptr, win.Error) { return win.Ptr(of(c).hooks[name]), 0 }))
	}
	return rows
}

// callHook calls a function of the program, if it has set one.
func callHook(c *win.Call, name string) {
	if fn := of(c).hooks[name]; fn != 0 {
		c.CallGuest(win.Ptr(fn))
	}
}

// unexpected calls the program's function for unexpected exceptions, and ends
// the process.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/unexpected-crt
func unexpected(c *win.Call) (win.Void, win.Error) {
	callHook(c, "unexpected")
	return terminateProgram(c)
}
