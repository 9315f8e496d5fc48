package crt

import (
	"encoding/binary"
	"time"

	"sidetrace/emulator/win"
)

// moreTimeRows are the variants of the functions of time.h: 32 bits, wide
// characters, buffers of known size.
var moreTimeRows = win.Rows{
	win.Func1("_ctime32", ctime32[win.AText], "sourceTime"),
	win.Func3("_ctime32_s", ctime32S[win.AText], "buffer numberOfElements sourceTime"),
	win.Func3("_ctime64_s", ctime64S[win.AText], "buffer numberOfElements sourceTime"),
	win.Func2("_difftime32", difftime32, "timeEnd timeStart"),
	win.Func1("_ftime32", ftime32, "timeptr"),
	win.Func1("_ftime32_s", ftime32S, "timeptr"),
	win.Func1("_ftime64_s", ftime64S, "timeptr"),
	win.Func1("_getsystime", getsystime, "timeptr"),
	win.Func1("_gmtime32", gmtime32, "sourceTime"),
	win.Func2("_gmtime32_s", gmtime32S, "tmDest sourceTime"),
	win.Func1("_localtime32", gmtime32, "sourceTime"),
	win.Func2("_localtime32_s", gmtime32S, "tmDest sourceTime"),
	win.Func1("_mkgmtime32", mktime32, "timeptr"),
	win.Func1("_mktime32", mktime32, "timeptr"),
	win.Func1("_strdate", strdate[win.AText], "datestr"),
	win.Func2("_strdate_s", strdateS[win.AText], "buffer size"),
	win.Func1("_strtime", strtime[win.AText], "timestr"),
	win.Func2("_strtime_s", strtimeS[win.AText], "buffer size"),
	win.Func1("_wasctime", asctime[win.WText], "timeptr"),
	win.Func3("_wasctime_s", asctimeS[win.WText], "buffer numberOfElements timeptr"),
	win.Func1("_wctime32", ctime32[win.WText], "sourceTime"),
	win.Func3("_wctime32_s", ctime32S[win.WText], "buffer numberOfElements sourceTime"),
	win.Func1("_wctime64", ctime64[win.WText], "sourceTime"),
	win.Func3("_wctime64_s", ctime64S[win.WText], "buffer numberOfElements sourceTime"),
	win.Func1("_wstrdate", strdate[win.WText], "datestr"),
	win.Func2("_wstrdate_s", strdateS[win.WText], "buffer size"),
	win.Func1("_wstrtime", strtime[win.WText], "timestr"),
	win.Func2("_wstrtime_s", strtimeS[win.WText], "buffer size"),
	win.Func3("asctime_s", asctimeS[win.AText], "buffer numberOfElements timeptr"),
	win.Func0("_Getdays", getdays[win.AText]),
	win.Func0("_Getmonths", getmonths[win.AText]),
}

// ucrtTimeRows are those that only ucrtbase.dll has.
var ucrtTimeRows = win.Rows{
	win.Func0("_W_Getdays", getdays[win.WText]),
	win.Func0("_W_Getmonths", getmonths[win.WText]),
	win.Func4("_get_tzname", getTzname, "pReturnValue timeZoneName sizeInBytes index"),
	win.Func2("_timespec32_get", timespec32Get, "ts base"),
	win.Func2("_timespec64_get", timespec64Get, "ts base"),
}

// validTM reports whether the fields of a struct tm are in range.
func validTM(b []byte) bool {
	for i, most := range [...]int32{60, 59, 23, 31, 11, 8099, 6, 365} {
		v := int32(binary.LittleEndian.Uint32(b[4*i:]))
		if v < 0 || v > most || i == 3 && v == 0 {
			return false
		}
	}
	return true
}

// timeText is a struct tm as "Wed Mar 29 09:00:00 2023\n". The day of the week
// is as the structure says. Days below 10 have a zero before them in msvcrt.dll
// and a blank in ucrtbase.dll.
func timeText(c *win.Call, b []byte) string {
	const days, months = "SunMonTueWedThuFriSat", "JanFebMarAprMayJunJulAugSepOctNovDec"
	t := decodeTM(b)
	day := " _2"
	if c.DLL() == "msvcrt.dll" {
		day = " 02"
	}
	weekday := 3 * binary.LittleEndian.Uint32(b[24:])
	month := 3 * binary.LittleEndian.Uint32(b[16:])
	return days[weekday:weekday+3] + " " + months[month:month+3] + t.Format(day+" 15:04:05 2006") + "\n"
}

// asctime writes a time as "Wed Mar 29 09:00:00 2023\n".
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/asctime-wasctime
func asctime[T text](c *win.Call, timeptr win.Ptr) (win.Ptr, win.Error) {
	if timeptr == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	b := c.Bytes(timeptr, tmSize)
	if c.Faulted() {
		return 0, 0
	}
	if !validTM(b) {
		invalid(c, eINVAL)
		return 0, 0
	}
	return threadText[T](c, timeText(c, b)), 0
}

// threadText writes a text to the thread's own buffer.
func threadText[T text](c *win.Call, text string) win.Ptr {
	l := of(c).thread(c)
	if l.timeText == 0 {
		l.timeText = of(c).store(make([]byte, 128))
	}
	writeNumber[T](c, win.Ptr(l.timeText), text)
	return win.Ptr(l.timeText)
}

// asctimeS writes a time to a buffer of known size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/asctime-s-wasctime-s
func asctimeS[T text](c *win.Call, buffer win.Ptr, numberOfElements win.Size, timeptr win.Ptr) (win.Int, win.Error) {
	if buffer == 0 || numberOfElements == 0 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	terminate[T](c, buffer)
	if numberOfElements < 26 || timeptr == 0 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	b := c.Bytes(timeptr, tmSize)
	if c.Faulted() {
		return 0, 0
	}
	if !validTM(b) {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	writeNumber[T](c, buffer, timeText(c, b))
	return 0, 0
}

// ctime64 writes a number of seconds like asctime.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ctime-ctime32-ctime64-wctime-wctime32-wctime64
func ctime64[T text](c *win.Call, sourceTime win.Ptr) (win.Ptr, win.Error) {
	at, err := gmtime64(c, sourceTime)
	if at == 0 {
		return 0, err
	}
	return asctime[T](c, at)
}

// ctime32 is ctime64 for 32-bit times.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ctime-ctime32-ctime64-wctime-wctime32-wctime64
func ctime32[T text](c *win.Call, sourceTime win.Ptr) (win.Ptr, win.Error) {
	at, err := gmtime32(c, sourceTime)
	if at == 0 {
		return 0, err
	}
	return asctime[T](c, at)
}

// ctime64S writes a number of seconds to a buffer of known size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ctime-s-ctime32-s-ctime64-s-wctime-s-wctime32-s-wctime64-s
func ctime64S[T text](c *win.Call, buffer win.Ptr, numberOfElements win.Size, sourceTime win.Ptr) (win.Int, win.Error) {
	return ctimeS[T](c, buffer, numberOfElements, sourceTime, gmtime64)
}

// ctime32S is ctime64S for 32-bit times.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ctime-s-ctime32-s-ctime64-s-wctime-s-wctime32-s-wctime64-s
func ctime32S[T text](c *win.Call, buffer win.Ptr, numberOfElements win.Size, sourceTime win.Ptr) (win.Int, win.Error) {
	return ctimeS[T](c, buffer, numberOfElements, sourceTime, gmtime32)
}

func ctimeS[T text](c *win.Call, buffer win.Ptr, numberOfElements win.Size, sourceTime win.Ptr, convert func(*win.Call, win.Ptr) (win.Ptr, win.Error)) (win.Int, win.Error) {
	if buffer == 0 || numberOfElements < 26 || sourceTime == 0 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	terminate[T](c, buffer)
	at, _ := convert(c, sourceTime)
	if at == 0 {
		return win.Int(eINVAL), 0
	}
	return asctimeS[T](c, buffer, numberOfElements, at)
}

// read32 is a 32-bit time, which a negative one is not.
func read32(c *win.Call, sourceTime win.Ptr) int64 {
	return int64(int32(c.ReadUint(sourceTime, 4)))
}

// gmtime32 fills the thread's struct tm of a 32-bit time.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/gmtime-gmtime32-gmtime64
func gmtime32(c *win.Call, sourceTime win.Ptr) (win.Ptr, win.Error) {
	if sourceTime == 0 {
		invalid(c, eINVAL)
		return 0, 0
	}
	return threadTM(c, read32(c, sourceTime)), 0
}

// gmtime32S fills a struct tm of a 32-bit time.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/gmtime-s-gmtime32-s-gmtime64-s
func gmtime32S(c *win.Call, tmDest, sourceTime win.Ptr) (win.Int, win.Error) {
	if tmDest == 0 || sourceTime == 0 {
		return refuseTM(c, tmDest)
	}
	return storeTM(c, tmDest, read32(c, sourceTime)), 0
}

// mktime32 returns the 32-bit time of a struct tm.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/mktime-mktime32-mktime64
func mktime32(c *win.Call, timeptr win.Ptr) (win.Int, win.Error) {
	if timeptr == 0 {
		invalid(c, eINVAL)
		return -1, 0
	}
	b := c.Bytes(timeptr, tmSize)
	if c.Faulted() {
		return -1, 0
	}
	if t := decodeTM(b).Unix(); t < 0 || t > 1<<31-1 {
		fail(c, eINVAL)
		return -1, 0
	}
	t, err := mktime64(c, timeptr)
	return win.Int(t), err
}

// difftime32 returns the seconds between two times.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/difftime-difftime32-difftime64
func difftime32(c *win.Call, timeEnd, timeStart win.Int) (win.Double, win.Error) {
	return win.Double(timeEnd) - win.Double(timeStart), 0
}

// ftime32 stores a struct __timeb32.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ftime-ftime32-ftime64
func ftime32(c *win.Call, timeptr win.Ptr) (win.Void, win.Error) {
	now := c.Clock.Now()
	b := binary.LittleEndian.AppendUint32(nil, uint32(now.Unix()))
	b = binary.LittleEndian.AppendUint16(b, uint16(now.Nanosecond()/1e6))
	c.Write(timeptr, append(b, make([]byte, 6)...))
	return win.Void{}, 0
}

// ftime32S is ftime32 with a result.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ftime-s-ftime32-s-ftime64-s
func ftime32S(c *win.Call, timeptr win.Ptr) (win.Int, win.Error) {
	if timeptr == 0 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	_, err := ftime32(c, timeptr)
	return 0, err
}

// ftime64S is ftime64 with a result.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/ftime-s-ftime32-s-ftime64-s
func ftime64S(c *win.Call, timeptr win.Ptr) (win.Int, win.Error) {
	if timeptr == 0 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	_, err := ftime64(c, timeptr)
	return 0, err
}

// getsystime fills a struct tm and returns the milliseconds.
//
// https://learn.microsoft.com/cpp/c-runtime-library/time-management
func getsystime(c *win.Call, timeptr win.Ptr) (win.DWORD, win.Error) {
	now := c.Clock.Now().UTC()
	c.Write(timeptr, encodeTM(now))
	return win.DWORD(now.Nanosecond() / 1e6), 0
}

// clockText writes the virtual time to a buffer of size characters.
func clockText[T text](c *win.Call, buffer win.Ptr, size win.Size, layout string) (win.Int, win.Error) {
	if buffer == 0 || size == 0 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	text := c.Clock.Now().UTC().Format(layout)
	if uint64(len(text)) >= uint64(size) {
		terminate[T](c, buffer)
		invalid(c, eRANGE)
		return win.Int(eRANGE), 0
	}
	writeNumber[T](c, buffer, text)
	return 0, 0
}

const (
	dateLayout = "01/02/06"
	hourLayout = "15:04:05"
)

// strdate writes the date as MM/DD/YY.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strdate-wstrdate
func strdate[T text](c *win.Call, datestr win.Ptr) (win.Ptr, win.Error) {
	_, err := clockText[T](c, datestr, noLimit, dateLayout)
	return datestr, err
}

// strdateS writes the date to a buffer of known size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strdate-s-wstrdate-s
func strdateS[T text](c *win.Call, buffer win.Ptr, size win.Size) (win.Int, win.Error) {
	return clockText[T](c, buffer, size, dateLayout)
}

// strtime writes the time as HH:MM:SS.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strtime-wstrtime
func strtime[T text](c *win.Call, timestr win.Ptr) (win.Ptr, win.Error) {
	_, err := clockText[T](c, timestr, noLimit, hourLayout)
	return timestr, err
}

// strtimeS writes the time to a buffer of known size.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/strtime-s-wstrtime-s
func strtimeS[T text](c *win.Call, buffer win.Ptr, size win.Size) (win.Int, win.Error) {
	return clockText[T](c, buffer, size, hourLayout)
}

// getdays returns a new block with the names of the days.
//
// https://learn.microsoft.com/cpp/c-runtime-library/getdays
func getdays[T text](c *win.Call) (win.Ptr, win.Error) {
	text := ""
	for d := time.Sunday; d <= time.Saturday; d++ {
		text += ":" + d.String()[:3] + ":" + d.String()
	}
	return newText[T](c, text), 0
}

// getmonths returns a new block with the names of the months.
//
// https://learn.microsoft.com/cpp/c-runtime-library/getmonths
func getmonths[T text](c *win.Call) (win.Ptr, win.Error) {
	text := ""
	for m := time.January; m <= time.December; m++ {
		text += ":" + m.String()[:3] + ":" + m.String()
	}
	return newText[T](c, text), 0
}

func newText[T text](c *win.Call, text string) win.Ptr {
	at, _ := malloc(c, win.Size((len(text)+1)*width[T]()))
	if at != 0 {
		writeNumber[T](c, at, text)
	}
	return at
}

// getTzname stores the name of the time zone, or of its summer time.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/get-tzname
func getTzname(c *win.Call, pReturnValue win.Out[uint64], timeZoneName win.Ptr, sizeInBytes win.Size, index win.Int) (win.Int, win.Error) {
	if pReturnValue.Null() || (timeZoneName == 0) != (sizeInBytes == 0) || index != 0 && index != 1 {
		invalid(c, eINVAL)
		return win.Int(eINVAL), 0
	}
	name := win.AText(c.ReadUint(win.Ptr(of(c).variable("_tzname")+uint64(8*index)), 8))
	b := whole(c, name)
	pReturnValue.Set(c, uint64(len(b)+1))
	if timeZoneName == 0 {
		return 0, 0
	}
	if uint64(len(b)) >= uint64(sizeInBytes) {
		terminate[win.AText](c, timeZoneName)
		return win.Int(eRANGE), 0
	}
	transfer[win.AText](c, timeZoneName, b)
	return 0, 0
}

// timespec64Get stores the time with nanoseconds.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/timespec-get-timespec32-get-timespec64-get1
func timespec64Get(c *win.Call, ts win.Ptr, base win.Int) (win.Int, win.Error) {
	if base != 1 || ts == 0 { // TIME_UTC
		return 0, 0
	}
	now := c.Clock.Now()
	c.WriteUint(ts, 8, uint64(now.Unix()))
	c.WriteUint(ts+8, 4, uint64(now.Nanosecond()))
	return base, 0
}

// timespec32Get stores the time with nanoseconds.
//
// https://learn.microsoft.com/cpp/c-runtime-library/reference/timespec-get-timespec32-get-timespec64-get1
func timespec32Get(c *win.Call, ts win.Ptr, base win.Int) (win.Int, win.Error) {
	if base != 1 || ts == 0 {
		return 0, 0
	}
	now := c.Clock.Now()
	c.WriteUint(ts, 4, uint64(now.Unix()))
	c.WriteUint(ts+4, 4, uint64(now.Nanosecond()))
	return base, 0
}
