package crt

import "sidetrace/emulator/win"

// scanRows are msvcrt.dll's functions of the scanf family.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/scanf-scanf-l-wscanf-wscanf-l
var scanRows = join(
	scanningStdin[win.AText]("scanf"), scanningStdin[win.WText]("wscanf"),
	scanningStdin[win.AText]("_cscanf"), scanningStdin[win.WText]("_cwscanf"),
	scanningFrom("fscanf", "stream", scanStream[win.AText]), scanningFrom("fwscanf", "stream", scanStream[win.WText]),
	scanningFrom("sscanf", "buffer", scanMemory[win.AText]), scanningFrom("swscanf", "buffer", scanMemory[win.WText]),
	scanningCounted[win.AText]("_snscanf"), scanningCounted[win.WText]("_snwscanf"),
)

// scanMembers makes the secure twin of a function of the family, and those
// with a locale.
func scanMembers(name string, row func(name string, secure bool, locale string) win.Row) win.Rows {
	underscored := "_" + name
	if name[0] == '_' {
		underscored = name
	}
	return win.Rows{
		row(name, false, ""), row(name+"_s", true, ""),
		row(underscored+"_l", false, " locale"), row(underscored+"_s_l", true, " locale"),
	}
}

// scanningStdin makes the functions that read stdin, or the console.
func scanningStdin[T argument[T]](name string) win.Rows {
	return scanMembers(name, func(name string, secure bool, locale string) win.Row {
		if locale == "" {
			return win.Func1(name, func(c *win.Call, format T) (win.Int, win.Error) {
				return scanStream(c, scanning{secure: secure, old: true}, win.Ptr(of(c).file(stdin).addr), format, rest(1))
			}, "format")
		}
		return win.Func2(name, func(c *win.Call, format T, _ win.Ptr) (win.Int, win.Error) {
			return scanStream(c, scanning{secure: secure, old: true}, win.Ptr(of(c).file(stdin).addr), format, rest(2))
		}, "format locale")
	})
}

// scanningFrom makes those that read a stream or a string.
func scanningFrom[S win.Arg[S], T argument[T]](name, from string, scan func(*win.Call, scanning, S, T, variadic) (win.Int, win.Error)) win.Rows {
	return scanMembers(name, func(name string, secure bool, locale string) win.Row {
		if locale == "" {
			return win.Func2(name, func(c *win.Call, from S, format T) (win.Int, win.Error) {
				return scan(c, scanning{secure: secure, old: true}, from, format, rest(2))
			}, from+" format")
		}
		return win.Func3(name, func(c *win.Call, from S, format T, _ win.Ptr) (win.Int, win.Error) {
			return scan(c, scanning{secure: secure, old: true}, from, format, rest(3))
		}, from+" format locale")
	})
}

// scanningCounted makes those that read so many characters of memory.
func scanningCounted[T argument[T]](name string) win.Rows {
	return scanMembers(name, func(name string, secure bool, locale string) win.Row {
		if locale == "" {
			return win.Func3(name, func(c *win.Call, input T, length win.Size, format T) (win.Int, win.Error) {
				return scanLimited(c, scanning{secure: secure, old: true}, input, length, format, rest(3))
			}, "input length format")
		}
		return win.Func4(name, func(c *win.Call, input T, length win.Size, format T, _ win.Ptr) (win.Int, win.Error) {
			return scanLimited(c, scanning{secure: secure, old: true}, input, length, format, rest(4))
		}, "input length format locale")
	})
}

func scanStream[T text](c *win.Call, how scanning, stream win.Ptr, format T, args variadic) (win.Int, win.Error) {
	s := of(c)
	st := s.stream(c, stream)
	if st == nil {
		return eof, 0
	}
	return scan(c, how, &inStream[T]{c, s, st}, format, args)
}

func scanMemory[T text](c *win.Call, how scanning, buffer, format T, args variadic) (win.Int, win.Error) {
	return scanLimited(c, how, buffer, unlimited, format, args)
}

func scanLimited[T text](c *win.Call, how scanning, buffer T, limit win.Size, format T, args variadic) (win.Int, win.Error) {
	if buffer == 0 {
		invalid(c, eINVAL)
		return eof, 0
	}
	b := append([]byte(nil), bounded(c, buffer, min(uint64(limit), unlimited))...) // what is stored may lie in it
	return scan(c, how, &inMemory[T]{b: b}, format, args)
}

// Options of ucrtbase.dll's functions: corecrt_stdio_config.h of the Windows SDK.
const (
	scanSecure     = 1 << 0
	scanLegacyWide = 1 << 1
)

func universalScan(options win.Int64) scanning {
	return scanning{secure: options&scanSecure != 0, isoWide: options&scanLegacyWide == 0}
}

// stdioCommonVsscanf reads what a format describes from at most buffer_count
// characters.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func stdioCommonVsscanf[T text](c *win.Call, options win.Int64, buffer T, buffer_count win.Size, format T, locale, arglist win.Ptr) (win.Int, win.Error) {
	return scanLimited(c, universalScan(options), buffer, buffer_count, format, list(arglist))
}

// stdioCommonVfscanf reads what a format describes from a stream.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func stdioCommonVfscanf[T text](c *win.Call, options win.Int64, stream win.Ptr, format T, locale, arglist win.Ptr) (win.Int, win.Error) {
	return scanStream(c, universalScan(options), stream, format, list(arglist))
}

// conioCommonVcscanf reads what a format describes from the console.
//
// https://learn.microsoft.com/cpp/c-runtime-library/internal-crt-globals-and-functions
func conioCommonVcscanf[T text](c *win.Call, options win.Int64, format T, locale, arglist win.Ptr) (win.Int, win.Error) {
	return scanStream(c, universalScan(options), win.Ptr(of(c).file(stdin).addr), format, list(arglist))
}
