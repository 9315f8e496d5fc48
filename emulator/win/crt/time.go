package crt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"sidetrace/emulator/win"
)

// timeRows are the functions of time.h, on the machine's virtual clock. The
// time zone is UTC.
//
// https://learn.microsoft.com/cpp/c-runtime-library/time-management
var timeRows = win.Rows{
	win.Func1("_ctime64", ctime64[win.AText], "sourceTime"),
	win.Func2("_difftime64", difftime, "timeEnd timeStart"),
	win.Func1("_ftime64", ftime64, "timeptr"),
	win.Func1("_gmtime64", gmtime64, "sourceTime"),
	win.Func2("_gmtime64_s", gmtime64S, "tmDest sourceTime"),
	win.Func1("_localtime64", gmtime64, "sourceTime"),
	win.Func2("_localtime64_s", gmtime64S, "tmDest sourceTime"),
	win.Func1("_mkgmtime64", mktime64, "timeptr"),
	win.Func1("_mktime64", mktime64, "timeptr"),
	win.Func1("_time32", time32, "destTime"),
	win.Func1("_time64", time64, "destTime"),
	win.Stub("_tzset", win.Void{}, ""),
	win.Func1("asctime", asctime[win.AText], "timeptr"),
	win.Func0("clock", clock),
	win.Partial(win.Func4("strftime", strftime[win.AText], "strDest maxsize format timeptr"), "names and forms of the \"C\" locale"),
	win.Partial(win.Func4("wcsftime", strftime[win.WText], "strDest maxsize format timeptr"), "names and forms of the \"C\" locale"),
}

// oldTimeRows are the names msvcrt.dll has for the 64-bit functions.
var oldTimeRows = win.Rows{
	win.Func1("_ftime", ftime64, "timeptr"),
	win.Func1("ctime", ctime64[win.AText], "sourceTime"),
	win.Func1("_wctime", ctime64[win.WText], "sourceTime"),
	win.Func1("_ftime_s", ftime64S, "timeptr"),
	win.Func1("_mkgmtime", mktime64, "timeptr"),
	win.Func2("difftime", difftime, "timeEnd timeStart"),
	win.Func1("gmtime", gmtime64, "sourceTime"),
	win.Func1("localtime", gmtime64, "sourceTime"),
	win.Func1("mktime", mktime64, "timeptr"),
	win.Func1("time", time64, "destTime"),
}

// time64 returns the seconds since 1970.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/time-time32-time64
func time64(c *win.Call, destTime win.Out[int64]) (win.Int64, win.Error) {
	t := c.Clock.Now().Unix()
	destTime.Set(c, t)
	return win.Int64(t), 0
}

// time32 returns the seconds since 1970.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/time-time32-time64
func time32(c *win.Call, destTime win.Out[int32]) (win.Int, win.Error) {
	t := int32(c.Clock.Now().Unix())
	destTime.Set(c, t)
	return win.Int(t), 0
}

// clock returns the milliseconds since the program started.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/clock
func clock(c *win.Call) (win.Int, win.Error) {
	return win.Int(c.Clock.Elapsed() / time.Millisecond), 0
}

// difftime returns the seconds between two times.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/difftime-difftime32-difftime64
func difftime(c *win.Call, timeEnd, timeStart win.Int64) (win.Double, win.Error) {
	return win.Double(timeEnd) - win.Double(timeStart), 0
}

// ftime64 stores a struct __timeb64: seconds, milliseconds, time zone.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ftime-ftime32-ftime64
func ftime64(c *win.Call, timeptr win.Ptr) (win.Void, win.Error) {
	now := c.Clock.Now()
	b := binary.LittleEndian.AppendUint64(nil, uint64(now.Unix()))
	b = binary.LittleEndian.AppendUint16(b, uint16(now.Nanosecond()/1e6))
	c.Write(timeptr, append(b, make([]byte, 6)...))
	return win.Void{}, 0
}

// tmSize is the length of a struct tm: nine ints.
const tmSize = 36

// latest is the last second of the year 3000, as far as times go.
const latest = 32535215999

// encodeTM is a struct tm.
func encodeTM(t time.Time) []byte {
	var b []byte
	for _, v := range []int{t.Second(), t.Minute(), t.Hour(), t.Day(), int(t.Month()) - 1, t.Year() - 1900, int(t.Weekday()), t.YearDay() - 1, 0} {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return b
}

// decodeTM is the time of a struct tm, whose fields may be out of range.
func decodeTM(b []byte) time.Time {
	f := func(i int) int { return int(int32(binary.LittleEndian.Uint32(b[4*i:]))) }
	return time.Date(f(5)+1900, time.Month(f(4)+1), f(3), f(2), f(1), f(0), 0, time.UTC)
}

// gmtime64 fills the thread's struct tm. Local time is the same.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/gmtime-gmtime32-gmtime64
func gmtime64(c *win.Call, sourceTime win.Ptr) (win.Ptr, win.Error) {
	if sourceTime == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	return threadTM(c, int64(c.ReadUint(sourceTime, 8))), 0
}

// threadTM fills the thread's struct tm and returns its address, or null if
// there is no such time.
func threadTM(c *win.Call, t int64) win.Ptr {
	s := of(c)
	l := s.thread(c)
	if l.time == 0 {
		l.time = s.store(make([]byte, tmSize))
	}
	if storeTM(c, win.Ptr(l.time), t) != 0 {
		return 0
	}
	return win.Ptr(l.time)
}

// storeTM fills a struct tm, with -1 if there is no such time.
func storeTM(c *win.Call, at win.Ptr, t int64) win.Int {
	if t < 0 || t > latest {
		emptyTM(c, at)
		fail(c, eINVAL)
		return win.Int(eINVAL)
	}
	c.Write(at, encodeTM(time.Unix(t, 0).UTC()))
	return 0
}

func emptyTM(c *win.Call, at win.Ptr) { c.Write(at, bytes.Repeat([]byte{0xFF}, tmSize)) }

// refuseTM is for functions without a place to store to, or to read from.
func refuseTM(c *win.Call, tmDest win.Ptr) (win.Int, win.Error) {
	if tmDest != 0 {
		emptyTM(c, tmDest)
	}
	invalid(c, eINVAL)
	return win.Int(eINVAL), 0
}

// gmtime64S fills a struct tm. Local time is the same.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/gmtime-s-gmtime32-s-gmtime64-s
func gmtime64S(c *win.Call, tmDest, sourceTime win.Ptr) (win.Int, win.Error) {
	if tmDest == 0 || sourceTime == 0 {
		return refuseTM(c, tmDest)
	}
	return storeTM(c, tmDest, int64(c.ReadUint(sourceTime, 8))), 0
}

// mktime64 returns the seconds of a struct tm and brings its fields into range.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mktime-mktime32-mktime64
func mktime64(c *win.Call, timeptr win.Ptr) (win.Int64, win.Error) {
	b := c.Bytes(timeptr, tmSize)
	if c.Faulted() {
		return -1, 0
	}
	t := decodeTM(b)
	if t.Unix() < 0 || t.Unix() > latest {
		return -1, 0
	}
	c.Write(timeptr, encodeTM(t))
	return win.Int64(t.Unix()), 0
}

// strftime writes a time as format says; 0 if it does not fit.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strftime-wcsftime-strftime-l-wcsftime-l
func strftime[T text](c *win.Call, strDest win.Ptr, maxsize win.Size, format T, timeptr win.Ptr) (win.Size, win.Error) {
	b := c.Bytes(timeptr, tmSize)
	if c.Faulted() {
		return 0, 0
	}
	t := decodeTM(b)
	f := whole(c, format)
	var out []byte
	put := func(s string) {
		for i := range len(s) {
			out = append(out, s[i])
			if width[T]() == 2 {
				out = append(out, 0)
			}
		}
	}
	w := width[T]()
	fields := timeFields{t: t, spaced: c.DLL() != "msvcrt.dll", local: of(c).current(c).names[lcTime] != "C"}
	for i := 0; i < count[T](f) && uint64(len(out)) < uint64(maxsize)*uint64(w); i++ {
		if unit[T](f, i) != '%' {
			out = append(out, f[i*w:(i+1)*w]...)
			continue
		}
		fields.sharp = false
		if i++; i < count[T](f) && unit[T](f, i) == '#' {
			fields.sharp = true
			i++
		}
		if i < count[T](f) && fields.spaced && (unit[T](f, i) == 'E' || unit[T](f, i) == 'O') {
			i++
		}
		if i == count[T](f) {
			break
		}
		text, ok := fields.text(unit[T](f, i))
		if !ok {
			invalid(c, eINVAL)
			return 0, 0
		}
		put(text)
	}
	if n := count[T](out); uint64(n) < uint64(maxsize) {
		transfer[T](c, strDest, out)
		return win.Size(n), 0
	}
	if maxsize > 0 {
		terminate[T](c, strDest)
	}
	fail(c, eRANGE)
	return 0, 0
}

// timeLayouts are the conversions of strftime that package time knows.
var timeLayouts = map[uint16]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'd': "02", 'H': "15", 'I': "03", 'j': "002", 'm': "01", 'M': "04",
	'p': "PM", 'S': "05", 'x': "01/02/06", 'X': "15:04:05", 'y': "06", 'Y': "2006",
}

// newTimeLayouts are those that ucrtbase.dll has besides.
var newTimeLayouts = map[uint16]string{
	'h': "Jan", 'e': "_2", 'D': "01/02/06", 'F': "2006-01-02", 'r': "03:04:05 PM", 'R': "15:04", 'T': "15:04:05",
}

// timeFields makes the text of conversions of strftime.
type timeFields struct {
	t      time.Time
	sharp  bool // "#": a long form, or no zeros before a number
	spaced bool // as ucrtbase.dll
	local  bool // the locale is English (United States), not "C"
}

func (f *timeFields) text(conversion uint16) (string, bool) {
	text, ok := f.plain(conversion)
	if f.sharp && text != "" && isDigit(text[0]) {
		switch conversion {
		case 'd', 'D', 'e', 'F', 'H', 'I', 'j', 'm', 'M', 'r', 'R', 'S', 'T', 'U', 'V', 'W', 'y', 'Y':
			text = trimZeros(text)
		}
	}
	return text, ok
}

func (f *timeFields) plain(conversion uint16) (string, bool) {
	const long = "Monday, January 02, 2006"
	t, clock := f.t, "15:04:05"
	if f.local {
		clock = "3:04:05 PM"
	}
	switch conversion {
	case 'c':
		switch {
		case f.sharp:
			return t.Format(long + " " + clock), true
		case f.local:
			return t.Format("1/2/2006 " + clock), true
		case f.spaced:
			return t.Format("Mon Jan _2 15:04:05 2006"), true
		}
		return t.Format("01/02/06 15:04:05"), true
	case 'x':
		switch {
		case f.sharp:
			return t.Format(long), true
		case f.local:
			return t.Format("1/2/2006"), true
		}
	case 'X':
		return t.Format(clock), true
	}
	if layout, ok := timeLayouts[conversion]; ok {
		return t.Format(layout), true
	}
	switch conversion {
	case '%':
		return "%", true
	case 'w':
		return fmt.Sprint(int(t.Weekday())), true
	case 'z':
		return "+0000", true
	case 'Z':
		return "UTC", true
	case 'U': // weeks from the first Sunday on
		return fmt.Sprintf("%02d", (t.YearDay()+6-int(t.Weekday()))/7), true
	case 'W': // weeks from the first Monday on
		return fmt.Sprintf("%02d", (t.YearDay()+6-(int(t.Weekday())+6)%7)/7), true
	}
	if !f.spaced {
		return "", false
	}
	if layout, ok := newTimeLayouts[conversion]; ok {
		return t.Format(layout), true
	}
	year, week := t.ISOWeek()
	switch conversion {
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case 'u':
		return fmt.Sprint((int(t.Weekday())+6)%7 + 1), true
	case 'C':
		return fmt.Sprintf("%02d", t.Year()/100), true
	case 'g':
		return fmt.Sprintf("%02d", year%100), true
	case 'G':
		return fmt.Sprint(year), true
	case 'V':
		return fmt.Sprintf("%02d", week), true
	}
	return "", false
}
