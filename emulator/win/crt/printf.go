package crt

import "sidetrace/emulator/win"

// printfRows are msvcrt.dll's functions of the printf family.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/printf-printf-l-wprintf-wprintf-l
var printfRows = win.Rows{
	win.Func1("_scprintf", scprintf[win.AText], "format"),
	win.Func1("_scwprintf", scprintf[win.WText], "format"),
	win.Func3("_snprintf", snprintf[win.AText], "buffer count format"),
	win.Func4("_snprintf_s", snprintfS[win.AText], "buffer sizeOfBuffer count format"),
	win.Func3("_snwprintf", snprintf[win.WText], "buffer count format"),
	win.Func4("_snwprintf_s", snprintfS[win.WText], "buffer sizeOfBuffer count format"),
	win.Func2("_vscprintf", vscprintf[win.AText], "format argptr"),
	win.Func2("_vscwprintf", vscprintf[win.WText], "format argptr"),
	win.Func4("_vsnprintf", vsnprintf[win.AText], "buffer count format argptr"),
	win.Func5("_vsnprintf_s", vsnprintfS[win.AText], "buffer sizeOfBuffer count format argptr"),
	win.Func4("_vsnwprintf", vsnprintf[win.WText], "buffer count format argptr"),
	win.Func5("_vsnwprintf_s", vsnprintfS[win.WText], "buffer sizeOfBuffer count format argptr"),
	win.Func2("fprintf", fprintf[win.AText], "stream format"),
	win.Func2("fwprintf", fprintf[win.WText], "stream format"),
	win.Func1("printf", printf[win.AText], "format"),
	win.Func2("sprintf", sprintf[win.AText], "buffer format"),
	win.Func3("sprintf_s", sprintfS[win.AText], "buffer sizeOfBuffer format"),
	win.Func2("swprintf", sprintf[win.WText], "buffer format"),
	win.Func3("swprintf_s", sprintfS[win.WText], "buffer sizeOfBuffer format"),
	win.Func3("vfprintf", vfprintf[win.AText], "stream format argptr"),
	win.Func3("vfwprintf", vfprintf[win.WText], "stream format argptr"),
	win.Func2("vprintf", vprintf[win.AText], "format argptr"),
	win.Func3("vsprintf", vsprintf[win.AText], "buffer format argptr"),
	win.Func4("vsprintf_s", vsprintfS[win.AText], "buffer sizeOfBuffer format argptr"),
	win.Func3("vswprintf", vsprintf[win.WText], "buffer format argptr"),
	win.Func4("vswprintf_s", vsprintfS[win.WText], "buffer sizeOfBuffer format argptr"),
	win.Func2("vwprintf", vprintf[win.WText], "format argptr"),
	win.Func1("wprintf", printf[win.WText], "format"),
}

// render makes the output of a format; false where the function fails.
func render[T text](c *win.Call, d dialect, format T, args variadic) ([]uint16, bool) {
	if format == 0 {
		fail(c, eINVAL)
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
	if !ok {
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

// toStream prints to a stream and returns the number of characters, or -1.
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

// toBuffer prints to a buffer that is long enough.
func toBuffer[T text](c *win.Call, d dialect, buffer win.Ptr, f T, args variadic) (win.Int, win.Error) {
	out, ok := render(c, d, f, args)
	if !ok {
		return -1, 0
	}
	transfer[T](c, buffer, unitBytes[T](out))
	return win.Int(len(out)), 0
}

// toLimited prints at most limit characters, and a terminator if there is room
// for it, and returns their number, or -1 if there were more.
func toLimited[T text](c *win.Call, d dialect, buffer win.Ptr, limit uint64, f T, args variadic) (win.Int, win.Error) {
	out, ok := render(c, d, f, args)
	if !ok {
		return -1, 0
	}
	n := uint64(len(out))
	switch {
	case buffer == 0 && limit == 0:
		return win.Int(n), 0
	case n < limit:
		transfer[T](c, buffer, unitBytes[T](out))
		return win.Int(n), 0
	}
	c.Write(buffer, unitBytes[T](out[:limit]))
	if n > limit {
		return -1, 0
	}
	return win.Int(n), 0
}

// toSecure prints at most limit characters to a buffer of size ones, and always
// terminates them. What does not fit the buffer is an error and leaves it
// empty, unless limit asks for as much as fits.
func toSecure[T text](c *win.Call, d dialect, buffer win.Ptr, size uint64, limit win.Size, f T, args variadic) (win.Int, win.Error) {
	if buffer == 0 || size == 0 {
		fail(c, eINVAL)
		return -1, 0
	}
	out, ok := render(c, d, f, args)
	if !ok {
		terminate[T](c, buffer)
		return -1, 0
	}
	n := uint64(len(out))
	keep := min(n, uint64(limit))
	switch {
	case keep < size && keep == n:
		transfer[T](c, buffer, unitBytes[T](out))
		return win.Int(n), 0
	case keep < size || limit == truncate:
		transfer[T](c, buffer, unitBytes[T](out[:min(keep, size-1)]))
		return -1, 0
	}
	terminate[T](c, buffer)
	fail(c, eRANGE)
	return -1, 0
}

// printf prints to stdout.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/printf-printf-l-wprintf-wprintf-l
func printf[T text](c *win.Call, format T) (win.Int, win.Error) {
	return toStream(c, msvcrt, win.Ptr(of(c).file(stdout).addr), format, rest(1))
}

// vprintf prints the arguments of a va_list to stdout.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/vprintf-vprintf-l-vwprintf-vwprintf-l
func vprintf[T text](c *win.Call, format T, argptr win.Ptr) (win.Int, win.Error) {
	return toStream(c, msvcrt, win.Ptr(of(c).file(stdout).addr), format, list(argptr))
}

// fprintf prints to a stream.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/fprintf-fprintf-l-fwprintf-fwprintf-l
func fprintf[T text](c *win.Call, stream win.Ptr, format T) (win.Int, win.Error) {
	return toStream(c, msvcrt, stream, format, rest(2))
}

// vfprintf prints the arguments of a va_list to a stream.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/vfprintf-vfprintf-l-vfwprintf-vfwprintf-l
func vfprintf[T text](c *win.Call, stream win.Ptr, format T, argptr win.Ptr) (win.Int, win.Error) {
	return toStream(c, msvcrt, stream, format, list(argptr))
}

// sprintf prints to a buffer. swprintf of msvcrt.dll takes no size either.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/sprintf-sprintf-l-swprintf-swprintf-swprintf-l
func sprintf[T text](c *win.Call, buffer win.Ptr, format T) (win.Int, win.Error) {
	return toBuffer(c, msvcrt, buffer, format, rest(2))
}

// vsprintf prints the arguments of a va_list to a buffer.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/vsprintf-vsprintf-l-vswprintf-vswprintf-vswprintf-l
func vsprintf[T text](c *win.Call, buffer win.Ptr, format T, argptr win.Ptr) (win.Int, win.Error) {
	return toBuffer(c, msvcrt, buffer, format, list(argptr))
}

// snprintf is _snprintf: at most count characters, terminated if there is room.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/snprintf-snprintf-snprintf-l-snwprintf-snwprintf-l
func snprintf[T text](c *win.Call, buffer win.Ptr, count win.Size, format T) (win.Int, win.Error) {
	return toLimited(c, msvcrt, buffer, uint64(count), format, rest(3))
}

// vsnprintf is _vsnprintf, its twin for a va_list.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/vsnprintf-vsnprintf-vsnprintf-l-vsnwprintf-vsnwprintf-l
func vsnprintf[T text](c *win.Call, buffer win.Ptr, count win.Size, format T, argptr win.Ptr) (win.Int, win.Error) {
	return toLimited(c, msvcrt, buffer, uint64(count), format, list(argptr))
}

// sprintfS prints to a buffer of known size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/sprintf-s-sprintf-s-l-swprintf-s-swprintf-s-l
func sprintfS[T text](c *win.Call, buffer win.Ptr, sizeOfBuffer win.Size, format T) (win.Int, win.Error) {
	return toSecure(c, msvcrt, buffer, uint64(sizeOfBuffer), noLimit, format, rest(3))
}

// vsprintfS prints the arguments of a va_list to a buffer of known size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/vsprintf-s-vsprintf-s-l-vswprintf-s-vswprintf-s-l
func vsprintfS[T text](c *win.Call, buffer win.Ptr, sizeOfBuffer win.Size, format T, argptr win.Ptr) (win.Int, win.Error) {
	return toSecure(c, msvcrt, buffer, uint64(sizeOfBuffer), noLimit, format, list(argptr))
}

// snprintfS prints at most count characters to a buffer of known size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/snprintf-s-snprintf-s-l-snwprintf-s-snwprintf-s-l
func snprintfS[T text](c *win.Call, buffer win.Ptr, sizeOfBuffer, count win.Size, format T) (win.Int, win.Error) {
	return toSecure(c, msvcrt, buffer, uint64(sizeOfBuffer), count, format, rest(4))
}

// vsnprintfS is its twin for a va_list.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/vsnprintf-s-vsnprintf-s-vsnprintf-s-l-vsnwprintf-s-vsnwprintf-s-l
func vsnprintfS[T text](c *win.Call, buffer win.Ptr, sizeOfBuffer, count win.Size, format T, argptr win.Ptr) (win.Int, win.Error) {
	return toSecure(c, msvcrt, buffer, uint64(sizeOfBuffer), count, format, list(argptr))
}

// scprintf returns the number of characters there would be.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/scprintf-scprintf-l-scwprintf-scwprintf-l
func scprintf[T text](c *win.Call, format T) (win.Int, win.Error) {
	return toLimited(c, msvcrt, 0, 0, format, rest(1))
}

// vscprintf is its twin for a va_list.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/vscprintf-vscprintf-l-vscwprintf-vscwprintf-l
func vscprintf[T text](c *win.Call, format T, argptr win.Ptr) (win.Int, win.Error) {
	return toLimited(c, msvcrt, 0, 0, format, list(argptr))
}
