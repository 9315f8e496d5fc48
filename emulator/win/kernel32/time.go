package kernel32

import (
	"encoding/binary"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var timeRows = win.Rows{
	win.Func2("FileTimeToSystemTime", fileTimeToSystemTime, "lpFileTime lpSystemTime"),
	win.Func1("GetLocalTime", getSystemTime, "lpSystemTime"),
	win.Func1("GetSystemTime", getSystemTime, "lpSystemTime"),
	win.Func1("GetSystemTimeAsFileTime", getSystemTimeAsFileTime, "lpSystemTimeAsFileTime"),
	win.Func1("GetSystemTimePreciseAsFileTime", getSystemTimeAsFileTime, "lpSystemTimeAsFileTime"),
	win.Func0("GetTickCount", getTickCount),
	win.Func0("GetTickCount64", getTickCount64),
	win.Forward("QueryPerformanceCounter", "ntdll.RtlQueryPerformanceCounter"),
	win.Forward("QueryPerformanceFrequency", "ntdll.RtlQueryPerformanceFrequency"),
	win.Func2("SystemTimeToFileTime", systemTimeToFileTime, "lpSystemTime lpFileTime"),
}

// getSystemTimeAsFileTime tells the virtual time of day.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getsystemtimeasfiletime
func getSystemTimeAsFileTime(c *win.Call, lpSystemTimeAsFileTime win.Ptr) (win.Void, win.Error) {
	c.WriteUint(lpSystemTimeAsFileTime, 8, guest.FileTime(c.Clock.Now()))
	return win.Void{}, 0
}

// getTickCount counts milliseconds since the machine started, in steps of the
// timer's 15.625 ms.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-gettickcount
func getTickCount(c *win.Call) (win.DWORD, win.Error) { return win.DWORD(ticks(c)), 0 }

func getTickCount64(c *win.Call) (win.Size, win.Error) { return win.Size(ticks(c)), 0 }

func ticks(c *win.Call) uint64 {
	const timer = 15625 * time.Microsecond
	return uint64(c.Clock.SinceBoot().Truncate(timer) / time.Millisecond)
}

// getSystemTime fills a SYSTEMTIME. The machine's time zone is UTC, so that
// local time is the same.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getsystemtime
func getSystemTime(c *win.Call, lpSystemTime win.Ptr) (win.Void, win.Error) {
	c.Write(lpSystemTime, systemTime(c.Clock.Now()))
	return win.Void{}, 0
}

// systemTime lays out a SYSTEMTIME of eight words.
func systemTime(t time.Time) []byte {
	b := make([]byte, 16)
	for i, v := range []int{t.Year(), int(t.Month()), int(t.Weekday()), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond() / 1e6} {
		binary.LittleEndian.PutUint16(b[2*i:], uint16(v))
	}
	return b
}

// fileTimeOrigin is 1601-01-01.
var fileTimeOrigin = time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC)

// fileTimeToSystemTime turns 100 ns since 1601 into a date.
//
// https://learn.microsoft.com/windows/win32/api/timezoneapi/nf-timezoneapi-filetimetosystemtime
func fileTimeToSystemTime(c *win.Call, lpFileTime, lpSystemTime win.Ptr) (win.Bool, win.Error) {
	v := c.ReadUint(lpFileTime, 8)
	if v >= 1<<63 {
		return false, win.ErrInvalidParameter
	}
	t := time.Unix(fileTimeOrigin.Unix()+int64(v/10_000_000), int64(v%10_000_000)*100).UTC()
	if t.Year() > 30827 { // the last a SYSTEMTIME may have
		return false, win.ErrInvalidParameter
	}
	c.Write(lpSystemTime, systemTime(t))
	return true, 0
}

// systemTimeToFileTime turns a date into 100 ns since 1601. The day of the
// week is not looked at.
//
// https://learn.microsoft.com/windows/win32/api/timezoneapi/nf-timezoneapi-systemtimetofiletime
func systemTimeToFileTime(c *win.Call, lpSystemTime, lpFileTime win.Ptr) (win.Bool, win.Error) {
	b := c.Bytes(lpSystemTime, 16)
	if b == nil {
		return false, 0
	}
	t, ok := timeOf(b)
	if !ok {
		return false, win.ErrInvalidParameter
	}
	c.WriteUint(lpFileTime, 8, guest.FileTime(t))
	return true, 0
}

// timeOf reads a SYSTEMTIME; false if there is no such time.
func timeOf(b []byte) (time.Time, bool) {
	word := func(i int) int { return int(binary.LittleEndian.Uint16(b[2*i:])) }
	t := time.Date(word(0), time.Month(word(1)), word(3), word(4), word(5), word(6), word(7)*1e6, time.UTC)
	return t, word(0) >= 1601 && word(0) <= 30827 && int(t.Month()) == word(1) && t.Day() == word(3) && t.Hour() == word(4) && t.Minute() == word(5) && t.Second() == word(6) && word(7) <= 999
}
