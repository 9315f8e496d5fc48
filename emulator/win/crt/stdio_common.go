package crt

import "sidetrace/emulator/win"

// stdioCommonRows are the functions that ucrtbase.dll has for the printf and
// scanf families: its headers make all members of them.
var stdioCommonRows = join(
	commonPrint[win.AText]("vfprintf", "vsprintf", "vsnprintf_s", "__conio_common_vcprintf"),
	commonPrint[win.WText]("vfwprintf", "vswprintf", "vsnwprintf_s", "__conio_common_vcwprintf"),
	win.Rows{
		win.Func5("__stdio_common_vfscanf", stdioCommonVfscanf[win.AText], "options stream format locale arglist"),
		win.Func5("__stdio_common_vfwscanf", stdioCommonVfscanf[win.WText], "options stream format locale arglist"),
		win.Func6("__stdio_common_vsscanf", stdioCommonVsscanf[win.AText], "options buffer buffer_count format locale arglist"),
		win.Func6("__stdio_common_vswscanf", stdioCommonVsscanf[win.WText], "options buffer buffer_count format locale arglist"),
		win.Func4("__conio_common_vcscanf", conioCommonVcscanf[win.AText], "options format locale arglist"),
		win.Func4("__conio_common_vcwscanf", conioCommonVcscanf[win.WText], "options format locale arglist"),
		win.Func0("_get_printf_count_output", getPrintfCountOutput),
		win.Func1("_set_printf_count_output", setPrintfCountOutput, "enable"),
	},
)

// commonPrint makes the functions for a stream, for a buffer, for a buffer of
// known size and for the console.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func commonPrint[T argument[T]](stream, buffer, sized, console string) win.Rows {
	const prefix = "__stdio_common_"
	return win.Rows{
		win.Func5(prefix+stream, stdioCommonVfprintf[T], "options stream format locale arglist"),
		win.Func5(prefix+stream+"_s", stdioCommonVfprintf[T], "options stream format locale arglist"),
		win.Func5(prefix+stream+"_p", stdioCommonVfprintfP[T], "options stream format locale arglist"),
		win.Func6(prefix+buffer, stdioCommonVsprintf[T], "options buffer buffer_count format locale arglist"),
		win.Func6(prefix+buffer+"_s", stdioCommonVsprintfS[T], "options buffer buffer_count format locale arglist"),
		win.Func6(prefix+buffer+"_p", stdioCommonVsprintfP[T], "options buffer buffer_count format locale arglist"),
		win.Func7(prefix+sized, stdioCommonVsnprintfS[T], "options buffer buffer_count max_count format locale arglist"),
		win.Func4(console, conioCommonVcprintf[T], "options format locale arglist"),
		win.Func4(console+"_s", conioCommonVcprintf[T], "options format locale arglist"),
		win.Func4(console+"_p", conioCommonVcprintfP[T], "options format locale arglist"),
	}
}

// Options of the functions: corecrt_stdio_config.h of the Windows SDK.
const (
	legacyTermination   = 1 << 0 // as _snprintf: no terminator where there is no room
	standardSnprintf    = 1 << 1 // as snprintf: the result is the length there would be
	legacyWide          = 1 << 2 // %s means UTF-16 in the wide functions
	legacyCompatibility = 1 << 3 // infinities and NaNs as in msvcrt.dll
	threeDigitExponent  = 1 << 4
)

// universal is the dialect of ucrtbase.dll for some options.
func universal(c *win.Call, options win.Int64) dialect {
	d := dialect{
		exponent: 2, isoWide: options&legacyWide == 0, old: options&legacyCompatibility != 0, count: of(c).count,
	}
	if options&threeDigitExponent != 0 {
		d.exponent = 3
	}
	return d
}

// stdioCommonVfprintf prints the arguments of a va_list to a stream.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func stdioCommonVfprintf[T text](c *win.Call, options win.Int64, stream win.Ptr, format T, locale, arglist win.Ptr) (win.Int, win.Error) {
	return toStream(c, universal(c, options), stream, format, list(arglist))
}

// stdioCommonVfprintfP is its twin whose arguments may be numbered.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func stdioCommonVfprintfP[T text](c *win.Call, options win.Int64, stream win.Ptr, format T, locale, arglist win.Ptr) (win.Int, win.Error) {
	return toStream(c, positional(universal(c, options)), stream, format, list(arglist))
}

// conioCommonVcprintf prints the arguments of a va_list to the console.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func conioCommonVcprintf[T text](c *win.Call, options win.Int64, format T, locale, arglist win.Ptr) (win.Int, win.Error) {
	return toStdout(c, universal(c, options), format, list(arglist))
}

// conioCommonVcprintfP is its twin whose arguments may be numbered.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func conioCommonVcprintfP[T text](c *win.Call, options win.Int64, format T, locale, arglist win.Ptr) (win.Int, win.Error) {
	return toStdout(c, positional(universal(c, options)), format, list(arglist))
}

// stdioCommonVsprintf prints the arguments of a va_list to a buffer.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func stdioCommonVsprintf[T text](c *win.Call, options win.Int64, buffer win.Ptr, buffer_count win.Size, format T, locale, arglist win.Ptr) (win.Int, win.Error) {
	d, args := universal(c, options), list(arglist)
	if options&legacyTermination != 0 {
		return toLimited(c, d, buffer, buffer_count, format, args)
	}
	if buffer == 0 && buffer_count != 0 {
		invalid(c, eINVAL)
		return -1, 0
	}
	out, ok := render(c, d, format, args)
	if !ok {
		return -1, 0
	}
	n := win.Size(len(out))
	switch {
	case buffer == 0 || buffer_count == 0 && options&standardSnprintf != 0:
		return win.Int(n), 0
	case buffer_count == 0:
		return -1, 0
	case n < buffer_count:
		transfer[T](c, buffer, unitBytes[T](out))
		return win.Int(n), 0
	}
	transfer[T](c, buffer, unitBytes[T](out[:buffer_count-1]))
	if options&standardSnprintf != 0 {
		return win.Int(n), 0
	}
	if width[T]() == 2 {
		return -2, 0
	}
	return -1, 0
}

// stdioCommonVsprintfS prints the arguments of a va_list to a buffer of known
// size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func stdioCommonVsprintfS[T text](c *win.Call, options win.Int64, buffer win.Ptr, buffer_count win.Size, format T, locale, arglist win.Ptr) (win.Int, win.Error) {
	return toExact(c, universal(c, options), buffer, buffer_count, format, list(arglist))
}

// stdioCommonVsprintfP is its twin whose arguments may be numbered.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func stdioCommonVsprintfP[T text](c *win.Call, options win.Int64, buffer win.Ptr, buffer_count win.Size, format T, locale, arglist win.Ptr) (win.Int, win.Error) {
	return toExact(c, positional(universal(c, options)), buffer, buffer_count, format, list(arglist))
}

// stdioCommonVsnprintfS prints at most max_count characters to a buffer of
// known size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func stdioCommonVsnprintfS[T text](c *win.Call, options win.Int64, buffer win.Ptr, buffer_count, max_count win.Size, format T, locale, arglist win.Ptr) (win.Int, win.Error) {
	return toSecure(c, universal(c, options), buffer, buffer_count, max_count, format, list(arglist))
}

// setPrintfCountOutput allows or refuses %n and returns what was before.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/set-printf-count-output
func setPrintfCountOutput(c *win.Call, enable win.Int) (win.Int, win.Error) {
	was, err := getPrintfCountOutput(c)
	of(c).count = enable != 0
	return was, err
}

// getPrintfCountOutput tells whether %n is allowed.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/get-printf-count-output
func getPrintfCountOutput(c *win.Call) (win.Int, win.Error) {
	if of(c).count {
		return 1, 0
	}
	return 0, 0
}
