package crt

import "sidetrace/emulator/win"

// startupRows is what the start-up code of programs and DLLs uses.
var startupRows = win.Rows{
	addressRow("__p___argc", "__argc"),
	addressRow("__p___argv", "__argv"),
	addressRow("__p___wargv", "__wargv"),
	addressRow("__p__acmdln", "_acmdln"),
	addressRow("__p__commode", "_commode"),
	addressRow("__p__environ", "_environ"),
	addressRow("__p__fmode", "_fmode"),
	addressRow("__p__pgmptr", "_pgmptr"),
	addressRow("__p__wcmdln", "_wcmdln"),
	addressRow("__p__wenviron", "_wenviron"),
	addressRow("__p__wpgmptr", "_wpgmptr"),
	win.Func1("_get_fmode", getFmode, "pmode"),
	win.Func2("_initterm", initterm, "pfbegin pfend"),
	win.Func0("_resetstkoflw", resetstkoflw),
	win.Func2("_initterm_e", inittermE, "pfbegin pfend"),
	win.Func1("_set_fmode", setFmode, "mode"),
}

// msvcrtRows is what only msvcrt.dll exports.
var msvcrtRows = win.Rows{
	win.Func2("_XcptFilter", xcptFilter, "xcptnum pxcptinfoptrs"),
	win.Func3("__dllonexit", dllonexit, "fn pbegin pend"),
	win.Partial(win.Func5("__getmainargs", getmainargs, "_Argc _Argv _Env _DoWildCard _StartInfo"), "wildcards are not expanded"),
	addressRow("__iob_func", "_iob"),
	addressRow("__p___initenv", "__initenv"),
	addressRow("__p___winitenv", "__winitenv"),
	addressRow("__p__daylight", "_daylight"),
	addressRow("__p__dstbias", "_dstbias"),
	addressRow("__p__iob", "_iob"),
	addressRow("__p__osver", "_osver"),
	addressRow("__p__timezone", "_timezone"),
	addressRow("__p__tzname", "_tzname"),
	addressRow("__p__winmajor", "_winmajor"),
	addressRow("__p__winminor", "_winminor"),
	addressRow("__p__winver", "_winver"),
	win.Stub("__set_app_type", win.Void{}, "at"),
	win.Partial(win.Func5("__wgetmainargs", wgetmainargs, "_Argc _Argv _Env _DoWildCard _StartInfo"), "wildcards are not expanded"),
	win.Func1("_amsg_exit", amsgExit, "rterrnum"),
	win.Stub("_lock", win.Void{}, "locknum"), // threads change only at calls that wait: nothing to guard
	win.Stub("_set_error_mode", win.Int(0), "mode_val"),
	win.Stub("_unlock", win.Void{}, "locknum"),
	win.Func1("atexit", atexit, "fn"),
	win.Func2("wcstok", strtok[win.WText], "strToken strDelimit"),
}

// ucrtRows is what only ucrtbase.dll exports.
var ucrtRows = win.Rows{
	win.Func1("__acrt_iob_func", acrtIobFunc, "index"),
	addressRow("__daylight", "_daylight"),
	addressRow("__dstbias", "_dstbias"),
	addressRow("__timezone", "_timezone"),
	addressRow("__tzname", "_tzname"),
	win.Stub("_configure_narrow_argv", win.Int(0), "mode"),
	win.Stub("_configure_wide_argv", win.Int(0), "mode"),
	win.Func1("_crt_at_quick_exit", crtAtQuickExit, "function"),
	win.Func1("_crt_atexit", atexit, "fn"),
	win.Func0("_query_new_handler", queryNewHandler),
	win.Stub("_set_error_mode", win.Int(0), "mode_val"),
	win.Func1("_set_new_handler", setNewHandler, "pNewHandler"),
	win.Stub("_set_FMA3_enable", win.Int(0), "flag"),
	win.Stub("_get_FMA3_enable", win.Int(0), ""),
	win.Func1("_get_daylight", getVariable("_daylight"), "value"),
	win.Func1("_get_dstbias", getVariable("_dstbias"), "value"),
	win.Func1("_get_timezone", getVariable("_timezone"), "value"),
	win.Func1("_get_pgmptr", getPointer("_pgmptr"), "pValue"),
	win.Func1("_get_wpgmptr", getPointer("_wpgmptr"), "pValue"),
	valueRow("_get_initial_narrow_environment", "_environ"),
	valueRow("_get_initial_wide_environment", "_wenviron"),
	win.Func0("_get_narrow_winmain_command_line", getNarrowWinmainCommandLine),
	win.Func0("_get_wide_winmain_command_line", getWideWinmainCommandLine),
	win.Stub("_initialize_narrow_environment", win.Int(0), ""),
	win.Stub("_initialize_wide_environment", win.Int(0), ""),
	win.Stub("_register_thread_local_exe_atexit_callback", win.Void{}, "callback"),
	win.Stub("_seh_filter_dll", win.Int(0), "xcptnum pxcptinfoptrs"), // EXCEPTION_CONTINUE_SEARCH
	win.Func2("_seh_filter_exe", xcptFilter, "xcptnum pxcptinfoptrs"),
	win.Stub("_set_app_type", win.Void{}, "at"),
	win.Func3("wcstok", wcstok, "strToken strDelimit context"),
}

// initterm calls the functions of a table; null entries are skipped.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/initterm-initterm-e
func initterm(c *win.Call, pfbegin, pfend win.Ptr) (win.Void, win.Error) {
	for at := pfbegin; at < pfend && !c.Faulted(); at += 8 {
		if fn := c.ReadUint(at, 8); fn != 0 {
			c.CallGuest(win.Ptr(fn))
		}
	}
	return win.Void{}, 0
}

// inittermE calls the functions of a table up to one that fails, and returns
// what that returned.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/initterm-initterm-e
func inittermE(c *win.Call, pfbegin, pfend win.Ptr) (win.Int, win.Error) {
	for at := pfbegin; at < pfend && !c.Faulted(); at += 8 {
		if fn := c.ReadUint(at, 8); fn != 0 {
			if r := win.Int(c.CallGuest(win.Ptr(fn))); r != 0 {
				return r, 0
			}
		}
	}
	return 0, 0
}

// getmainargs stores the arguments of main.
//
// https://learn.microsoft.com/cpp/c-runtime-library/getmainargs-wgetmainargs
func getmainargs(c *win.Call, _Argc win.Out[uint32], _Argv, _Env win.Out[uint64], _DoWildCard win.Int, _StartInfo win.Ptr) (win.Int, win.Error) {
	s := of(c)
	mainArguments(c, s, _DoWildCard)
	_Argc.Set(c, uint32(len(s.args.list)))
	_Argv.Set(c, s.args.argv)
	_Env.Set(c, s.env.table)
	return 0, 0
}

// wgetmainargs stores the arguments of wmain.
//
// https://learn.microsoft.com/cpp/c-runtime-library/getmainargs-wgetmainargs
func wgetmainargs(c *win.Call, _Argc win.Out[uint32], _Argv, _Env win.Out[uint64], _DoWildCard win.Int, _StartInfo win.Ptr) (win.Int, win.Error) {
	s := of(c)
	mainArguments(c, s, _DoWildCard)
	_Argc.Set(c, uint32(len(s.args.list)))
	_Argv.Set(c, s.args.wargv)
	_Env.Set(c, s.env.wtable)
	return 0, 0
}

func mainArguments(c *win.Call, s *state, wildcards win.Int) {
	if wildcards != 0 && s.args.anyUnexpanded {
		c.Gap("wildcards in arguments")
	}
}

// valueRow is a function that returns the value of a variable.
func valueRow(function, variable string) win.Row {
	return win.Func0(function, func(c *win.Call) (win.Ptr, win.Error) {
		return win.Ptr(c.ReadUint(win.Ptr(of(c).variable(variable)), 8)), 0
	})
}

// getNarrowWinmainCommandLine returns the command line behind the program's
// name, WinMain's lpCmdLine.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-winmain
func getNarrowWinmainCommandLine(c *win.Call) (win.Ptr, win.Error) {
	return win.Ptr(of(c).args.rest), 0
}

// getWideWinmainCommandLine is its twin for wWinMain.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-winmain
func getWideWinmainCommandLine(c *win.Call) (win.Ptr, win.Error) {
	return win.Ptr(of(c).args.wrest), 0
}

// acrtIobFunc returns stdin, stdout or stderr.
//
// https://learn.microsoft.com/cpp/c-runtime-library/stdin-stdout-stderr
func acrtIobFunc(c *win.Call, index win.DWORD) (win.Ptr, win.Error) {
	return win.Ptr(of(c).variable("_iob") + fileSize*uint64(index)), 0
}

// getVariable makes a function that stores a variable of 32 bits.
func getVariable(name string) func(c *win.Call, value win.Out[uint32]) (win.Int, win.Error) {
	return func(c *win.Call, value win.Out[uint32]) (win.Int, win.Error) {
		if value.Null() {
			invalid(c, eINVAL)
			return win.Int(eINVAL), 0
		}
		value.Set(c, uint32(c.ReadUint(win.Ptr(of(c).variable(name)), 4)))
		return 0, 0
	}
}

// getPointer makes a function that stores a variable that is a pointer.
func getPointer(name string) func(c *win.Call, pValue win.Out[uint64]) (win.Int, win.Error) {
	return func(c *win.Call, pValue win.Out[uint64]) (win.Int, win.Error) {
		if pValue.Null() {
			invalid(c, eINVAL)
			return win.Int(eINVAL), 0
		}
		pValue.Set(c, c.ReadUint(win.Ptr(of(c).variable(name)), 8))
		return 0, 0
	}
}

// getFmode stores the default translation mode of files.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/get-fmode
func getFmode(c *win.Call, pmode win.Out[uint32]) (win.Int, win.Error) {
	if pmode.Null() {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	pmode.Set(c, uint32(c.ReadUint(win.Ptr(of(c).variable("_fmode")), 4)))
	return 0, 0
}

// setFmode sets the default translation mode of files.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/set-fmode
func setFmode(c *win.Call, mode win.Hex) (win.Int, win.Error) {
	if mode != modeText && mode != modeBinary {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	of(c).put(of(c).variable("_fmode"), 4, uint64(mode))
	return 0, 0
}
