package crt

import "sidetrace/emulator/win"

// stdioCommonRows are the functions that ucrtbase.dll has for the printf family:
// its headers make all members of them.
var stdioCommonRows = win.Rows{
	win.Func5("__stdio_common_vfprintf", stdioCommonVfprintf[win.AText], "options stream format locale arglist"),
	win.Func5("__stdio_common_vfprintf_s", stdioCommonVfprintf[win.AText], "options stream format locale arglist"),
	win.Func5("__stdio_common_vfwprintf", stdioCommonVfprintf[win.WText], "options stream format locale arglist"),
	win.Func5("__stdio_common_vfwprintf_s", stdioCommonVfprintf[win.WText], "options stream format locale arglist"),
	win.Func7("__stdio_common_vsnprintf_s", stdioCommonVsnprintfS[win.AText], "options buffer buffer_count max_count format locale arglist"),
	win.Func7("__stdio_common_vsnwprintf_s", stdioCommonVsnprintfS[win.WText], "options buffer buffer_count max_count format locale arglist"),
	win.Func6("__stdio_common_vsprintf", stdioCommonVsprintf[win.AText], "options buffer buffer_count format locale arglist"),
	win.Func6("__stdio_common_vsprintf_s", stdioCommonVsprintfS[win.AText], "options buffer buffer_count format locale arglist"),
	win.Func6("__stdio_common_vsscanf", stdioCommonVsscanf[win.AText], "options buffer buffer_count format locale arglist"),
	win.Func6("__stdio_common_vswprintf", stdioCommonVsprintf[win.WText], "options buffer buffer_count format locale arglist"),
	win.Func6("__stdio_common_vswprintf_s", stdioCommonVsprintfS[win.WText], "options buffer buffer_count format locale arglist"),
	win.Func6("__stdio_common_vswscanf", stdioCommonVsscanf[win.WText], "options buffer buffer_count format locale arglist"),
}

// Options of the functions: corecrt_stdio_config.h of the Windows SDK.
const (
	legacyTermination  = 1 << 0 // as _snprintf: no terminator where there is no room
	standardSnprintf   = 1 << 1 // as snprintf: the result is the length there would be
	legacyWide         = 1 << 2 // %s means UTF-16 in the wide functions
	threeDigitExponent = 1 << 4
)

// universal is the dialect of ucrtbase.dll for some options.
func universal(options win.Int64) dialect {
	d := dialect{exponent: 2, isoWide: options&legacyWide == 0}
	if options&threeDigitExponent != 0 {
		d.exponent = 3
	}
	return d
}

// stdioCommonVfprintf prints the arguments of a va_list to a stream.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func stdioCommonVfprintf[T text](c *win.Call, options win.Int64, stream win.Ptr, format T, locale, arglist win.Ptr) (win.Int, win.Error) {
	return toStream(c, universal(options), stream, format, list(arglist))
}

// stdioCommonVsprintf prints the arguments of a va_list to a buffer.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func stdioCommonVsprintf[T text](c *win.Call, options win.Int64, buffer win.Ptr, buffer_count win.Size, format T, locale, arglist win.Ptr) (win.Int, win.Error) {
	d, args := universal(options), list(arglist)
	if options&legacyTermination != 0 {
		return toLimited(c, d, buffer, uint64(buffer_count), format, args)
	}
	out, ok := render(c, d, format, args)
	if !ok {
		return -1, 0
	}
	n := uint64(len(out))
	switch {
	case buffer == 0 || buffer_count == 0 && options&standardSnprintf != 0:
		return win.Int(n), 0
	case buffer_count == 0:
		return -1, 0
	case n < uint64(buffer_count):
		transfer[T](c, buffer, unitBytes[T](out))
		return win.Int(n), 0
	}
	transfer[T](c, buffer, unitBytes[T](out[:buffer_count-1]))
	if options&standardSnprintf != 0 {
		return win.Int(n), 0
	}
	return -1, 0
}

// stdioCommonVsprintfS prints the arguments of a va_list to a buffer of known
// size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func stdioCommonVsprintfS[T text](c *win.Call, options win.Int64, buffer win.Ptr, buffer_count win.Size, format T, locale, arglist win.Ptr) (win.Int, win.Error) {
	return toSecure(c, universal(options), buffer, uint64(buffer_count), noLimit, format, list(arglist))
}

// stdioCommonVsnprintfS prints at most max_count characters to a buffer of
// known size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func stdioCommonVsnprintfS[T text](c *win.Call, options win.Int64, buffer win.Ptr, buffer_count, max_count win.Size, format T, locale, arglist win.Ptr) (win.Int, win.Error) {
	return toSecure(c, universal(options), buffer, uint64(buffer_count), max_count, format, list(arglist))
}
