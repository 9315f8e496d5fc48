package crt

import (
	"strings"

	"sidetrace/emulator/win"
)

// printfRows are msvcrt.dll's functions of the printf family. Each member is a
// function of its own arguments, one for a va_list, and both with a locale,
// which makes no difference.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/printf-printf-l-wprintf-wprintf-l
var printfRows = join(
	printing[win.AText]("printf", msvcrt, toStdout[win.AText]),
	printing[win.AText]("printf_s", msvcrt, toStdout[win.AText]),
	printing[win.AText]("_printf_p", positional(msvcrt), toStdout[win.AText]),
	printing[win.WText]("wprintf", msvcrt, toStdout[win.WText]),
	printing[win.WText]("wprintf_s", msvcrt, toStdout[win.WText]),
	printing[win.WText]("_wprintf_p", positional(msvcrt), toStdout[win.WText]),
	printing[win.AText]("_cprintf", msvcrt, toStdout[win.AText]),
	printing[win.AText]("_cprintf_s", msvcrt, toStdout[win.AText]),
	printing[win.AText]("_cprintf_p", positional(msvcrt), toStdout[win.AText]),
	printing[win.WText]("_cwprintf", msvcrt, toStdout[win.WText]),
	printing[win.WText]("_cwprintf_s", msvcrt, toStdout[win.WText]),
	printing[win.WText]("_cwprintf_p", positional(msvcrt), toStdout[win.WText]),
	printing[win.AText]("_scprintf", msvcrt, counted[win.AText]),
	printing[win.AText]("_scprintf_p", positional(msvcrt), counted[win.AText]),
	printing[win.WText]("_scwprintf", msvcrt, counted[win.WText]),
	printing[win.WText]("_scwprintf_p", positional(msvcrt), counted[win.WText]),

	printing1[win.AText]("fprintf", "stream", msvcrt, toStream[win.AText]),
	printing1[win.AText]("fprintf_s", "stream", msvcrt, toStream[win.AText]),
	printing1[win.AText]("_fprintf_p", "stream", positional(msvcrt), toStream[win.AText]),
	printing1[win.WText]("fwprintf", "stream", msvcrt, toStream[win.WText]),
	printing1[win.WText]("fwprintf_s", "stream", msvcrt, toStream[win.WText]),
	printing1[win.WText]("_fwprintf_p", "stream", positional(msvcrt), toStream[win.WText]),
	printing1[win.AText]("sprintf", "buffer", msvcrt, toBuffer[win.AText]),
	printing1[win.WText]("swprintf", "buffer", msvcrt, toBuffer[win.WText]),
	printing1[win.WText]("_swprintf", "buffer", msvcrt, toBuffer[win.WText])[:2],

	printing2[win.AText]("_snprintf", "count", msvcrt, toLimited[win.AText]),
	printing2[win.WText]("_snwprintf", "count", msvcrt, toLimited[win.WText]),
	printing2[win.AText]("_snprintf_c", "count", msvcrt, toSized[win.AText]),
	printing2[win.WText]("_swprintf_c", "count", msvcrt, toSized[win.WText]),
	printing2[win.AText]("_sprintf_p", "sizeOfBuffer", positional(msvcrt), toExact[win.AText]),
	printing2[win.WText]("_swprintf_p", "sizeOfBuffer", positional(msvcrt), toExact[win.WText]),
	printing2[win.AText]("sprintf_s", "sizeOfBuffer", msvcrt, toExact[win.AText]),
	printing2[win.WText]("swprintf_s", "sizeOfBuffer", msvcrt, toExact[win.WText]),

	printing3[win.AText]("_snprintf_s", msvcrt, toSecure[win.AText]),
	printing3[win.WText]("_snwprintf_s", msvcrt, toSecure[win.WText]),
)

func positional(d dialect) dialect {
	d.positional = true
	return d
}

// member is the name of a function of the family that takes a va_list, and of
// those with a locale.
func member(name string) (list, locale, listLocale string) {
	base, underscore := strings.CutPrefix(name, "_")
	list = "v" + base
	listLocale = "_" + list + "_l"
	if underscore {
		list = "_" + list
	}
	return list, "_" + base + "_l", listLocale
}

// printing makes the functions that take nothing but a format.
func printing[T argument[T]](name string, d dialect, to func(*win.Call, dialect, T, variadic) (win.Int, win.Error)) win.Rows {
	va, locale, vaLocale := member(name)
	return win.Rows{
		win.Func1(name, func(c *win.Call, format T) (win.Int, win.Error) { return to(c, d, format, rest(1)) }, "format"),
		win.Func2(va, func(c *win.Call, format T, argptr win.Ptr) (win.Int, win.Error) {
			return to(c, d, format, list(argptr))
		}, "format argptr"),
		win.Func2(locale, func(c *win.Call, format T, _ win.Ptr) (win.Int, win.Error) { return to(c, d, format, rest(2)) }, "format locale"),
		win.Func3(vaLocale, func(c *win.Call, format T, _, argptr win.Ptr) (win.Int, win.Error) {
			return to(c, d, format, list(argptr))
		}, "format locale argptr"),
	}
}

// printing1 makes those that print to a stream or buffer.
func printing1[T argument[T]](name, destination string, d dialect, to func(*win.Call, dialect, win.Ptr, T, variadic) (win.Int, win.Error)) win.Rows {
	va, locale, vaLocale := member(name)
	params := destination + " format"
	return win.Rows{
		win.Func2(name, func(c *win.Call, at win.Ptr, format T) (win.Int, win.Error) { return to(c, d, at, format, rest(2)) }, params),
		win.Func3(va, func(c *win.Call, at win.Ptr, format T, argptr win.Ptr) (win.Int, win.Error) {
			return to(c, d, at, format, list(argptr))
		}, params+" argptr"),
		win.Func3(locale, func(c *win.Call, at win.Ptr, format T, _ win.Ptr) (win.Int, win.Error) {
			return to(c, d, at, format, rest(3))
		}, params+" locale"),
		win.Func4(vaLocale, func(c *win.Call, at win.Ptr, format T, _, argptr win.Ptr) (win.Int, win.Error) {
			return to(c, d, at, format, list(argptr))
		}, params+" locale argptr"),
	}
}

// printing2 makes those that print to a buffer of a size.
func printing2[T argument[T]](name, size string, d dialect, to func(*win.Call, dialect, win.Ptr, win.Size, T, variadic) (win.Int, win.Error)) win.Rows {
	va, locale, vaLocale := member(name)
	params := "buffer " + size + " format"
	return win.Rows{
		win.Func3(name, func(c *win.Call, at win.Ptr, size win.Size, format T) (win.Int, win.Error) {
			return to(c, d, at, size, format, rest(3))
		}, params),
		win.Func4(va, func(c *win.Call, at win.Ptr, size win.Size, format T, argptr win.Ptr) (win.Int, win.Error) {
			return to(c, d, at, size, format, list(argptr))
		}, params+" argptr"),
		win.Func4(locale, func(c *win.Call, at win.Ptr, size win.Size, format T, _ win.Ptr) (win.Int, win.Error) {
			return to(c, d, at, size, format, rest(4))
		}, params+" locale"),
		win.Func5(vaLocale, func(c *win.Call, at win.Ptr, size win.Size, format T, _, argptr win.Ptr) (win.Int, win.Error) {
			return to(c, d, at, size, format, list(argptr))
		}, params+" locale argptr"),
	}
}

// printing3 makes those that are told how many characters to print as well.
func printing3[T argument[T]](name string, d dialect, to func(*win.Call, dialect, win.Ptr, win.Size, win.Size, T, variadic) (win.Int, win.Error)) win.Rows {
	va, locale, vaLocale := member(name)
	const params = "buffer sizeOfBuffer count format"
	return win.Rows{
		win.Func4(name, func(c *win.Call, at win.Ptr, size, count win.Size, format T) (win.Int, win.Error) {
			return to(c, d, at, size, count, format, rest(4))
		}, params),
		win.Func5(va, func(c *win.Call, at win.Ptr, size, count win.Size, format T, argptr win.Ptr) (win.Int, win.Error) {
			return to(c, d, at, size, count, format, list(argptr))
		}, params+" argptr"),
		win.Func5(locale, func(c *win.Call, at win.Ptr, size, count win.Size, format T, _ win.Ptr) (win.Int, win.Error) {
			return to(c, d, at, size, count, format, rest(5))
		}, params+" locale"),
		win.Func6(vaLocale, func(c *win.Call, at win.Ptr, size, count win.Size, format T, _, argptr win.Ptr) (win.Int, win.Error) {
			return to(c, d, at, size, count, format, list(argptr))
		}, params+" locale argptr"),
	}
}

// render makes the output of a format; false where the function fails.
func render[T text](c *win.Call, d dialect, format T, args variadic) ([]uint16, bool) {
	if format == 0 {
		invalid(c, eINVAL)
		return nil, false
	}
	args.c = c
	d.wide = width[T]() == 2
	p := &printer{dialect: d, c: c, args: args}
	f := whole(c, format)
	units := narrowUnits
	if d.wide {
		units = wideUnits
	}
	out, ok := p.print(units(f))
	switch {
	case p.refused:
		invalid(c, eINVAL)
	case !ok:
		fail(c, eILSEQ)
	}
	return out, ok && !c.Faulted()
}

// unitBytes is output as characters of T.
func unitBytes[T text](units []uint16) []byte {
	if width[T]() == 2 {
		return wideBytes(units)
	}
	return narrowBytes(units)
}

// rest are the call's own arguments from a slot on, list those of a va_list.
func rest(slot int) variadic       { return variadic{slot: slot} }
func list(argptr win.Ptr) variadic { return variadic{list: argptr} }

// toStdout prints to stdout, as the functions for the console do too.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/cprintf-cprintf-l-cwprintf-cwprintf-l
func toStdout[T text](c *win.Call, d dialect, f T, args variadic) (win.Int, win.Error) {
	return toStream(c, d, win.Ptr(of(c).file(stdout).addr), f, args)
}

// toStream prints to a stream and returns the number of characters, or -1.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fprintf-fprintf-l-fwprintf-fwprintf-l
func toStream[T text](c *win.Call, d dialect, stream win.Ptr, f T, args variadic) (win.Int, win.Error) {
	s := of(c)
	st := s.stream(c, stream)
	if st == nil {
		return -1, 0
	}
	out, ok := render(c, d, f, args)
	if !ok {
		return -1, 0
	}
	write := s.write
	if width[T]() == 2 {
		write = s.writeWide
	}
	if len(out) > 0 && !write(c, st, unitBytes[T](out)) {
		return -1, 0
	}
	return win.Int(len(out)), 0
}

// counted returns the number of characters there would be.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/scprintf-scprintf-l-scwprintf-scwprintf-l
func counted[T text](c *win.Call, d dialect, f T, args variadic) (win.Int, win.Error) {
	out, ok := render(c, d, f, args)
	if !ok {
		return -1, 0
	}
	return win.Int(len(out)), 0
}

// toBuffer prints to a buffer that is long enough. swprintf of msvcrt.dll takes
// no size either.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/sprintf-sprintf-l-swprintf-swprintf-swprintf-l
func toBuffer[T text](c *win.Call, d dialect, buffer win.Ptr, f T, args variadic) (win.Int, win.Error) {
	if buffer == 0 {
		invalid(c, eINVAL)
		return -1, 0
	}
	out, ok := render(c, d, f, args)
	if !ok {
		return -1, 0
	}
	transfer[T](c, buffer, unitBytes[T](out))
	return win.Int(len(out)), 0
}

// toLimited prints at most count characters, and a terminator if there is room
// for it, and returns their number, or -1 if there were more.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/snprintf-snprintf-snprintf-l-snwprintf-snwprintf-l
func toLimited[T text](c *win.Call, d dialect, buffer win.Ptr, count win.Size, f T, args variadic) (win.Int, win.Error) {
	if buffer == 0 && count != 0 {
		invalid(c, eINVAL)
		return -1, 0
	}
	out, ok := render(c, d, f, args)
	if !ok {
		return -1, 0
	}
	n := win.Size(len(out))
	switch {
	case buffer == 0:
		return win.Int(n), 0
	case n < count:
		transfer[T](c, buffer, unitBytes[T](out))
		return win.Int(n), 0
	}
	c.Write(buffer, unitBytes[T](out[:count]))
	if n > count {
		return -1, 0
	}
	return win.Int(n), 0
}

// toSized prints to a buffer of count characters, the terminator included,
// which is always written, and returns -1 if something was cut off.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/sprintf-sprintf-l-swprintf-swprintf-swprintf-l
func toSized[T text](c *win.Call, d dialect, buffer win.Ptr, count win.Size, f T, args variadic) (win.Int, win.Error) {
	if buffer == 0 || count == 0 {
		invalid(c, eINVAL)
		return -1, 0
	}
	out, ok := render(c, d, f, args)
	if !ok {
		return -1, 0
	}
	if win.Size(len(out)) < count {
		transfer[T](c, buffer, unitBytes[T](out))
		return win.Int(len(out)), 0
	}
	transfer[T](c, buffer, unitBytes[T](out[:count-1]))
	return -1, 0
}

// toExact prints to a buffer of known size, which must be long enough.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/sprintf-s-sprintf-s-l-swprintf-s-swprintf-s-l
func toExact[T text](c *win.Call, d dialect, buffer win.Ptr, sizeOfBuffer win.Size, f T, args variadic) (win.Int, win.Error) {
	return toSecure(c, d, buffer, sizeOfBuffer, noLimit, f, args)
}

// toSecure prints at most count characters to a buffer of known size, and always
// terminates them. What does not fit the buffer is an error and leaves it
// empty, unless count asks for as much as fits.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/snprintf-s-snprintf-s-l-snwprintf-s-snwprintf-s-l
func toSecure[T text](c *win.Call, d dialect, buffer win.Ptr, size, count win.Size, f T, args variadic) (win.Int, win.Error) {
	if buffer == 0 && size == 0 && count == 0 && f != 0 {
		return 0, 0
	}
	if buffer == 0 || size == 0 {
		invalid(c, eINVAL)
		return -1, 0
	}
	out, ok := render(c, d, f, args)
	if !ok {
		terminate[T](c, buffer)
		return -1, 0
	}
	n := win.Size(len(out))
	keep := min(n, count)
	switch {
	case keep < size && keep == n:
		transfer[T](c, buffer, unitBytes[T](out))
		return win.Int(n), 0
	case keep < size || count == truncate:
		transfer[T](c, buffer, unitBytes[T](out[:min(keep, size-1)]))
		return -1, 0
	}
	terminate[T](c, buffer)
	invalid(c, eRANGE)
	return -1, 0
}
