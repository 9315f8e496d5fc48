package kernel32

import (
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// The machine's time zone is UTC, without daylight saving. A zone that the
// guest passes is followed.

var timeZoneRows = win.Rows{
	win.Func1("GetDynamicTimeZoneInformation", getDynamicTimeZoneInformation, "pTimeZoneInformation"),
	win.Func1("GetTimeZoneInformation", getTimeZoneInformation, "lpTimeZoneInformation"),
	win.Func3("GetTimeZoneInformationForYear", getTimeZoneInformationForYear, "wYear pdtzi ptzi"),
	win.Func2("FileTimeToLocalFileTime", copyFileTime, "lpFileTime lpLocalFileTime"),
	win.Func2("LocalFileTimeToFileTime", copyFileTime, "lpFileTime lpLocalFileTime"),
	win.Func3("SystemTimeToTzSpecificLocalTime", systemTimeToTzSpecificLocalTime, "lpTimeZoneInformation lpUniversalTime lpLocalTime"),
	win.Func3("SystemTimeToTzSpecificLocalTimeEx", systemTimeToTzSpecificLocalTime, "lpTimeZoneInformation lpUniversalTime lpLocalTime"),
	win.Func3("TzSpecificLocalTimeToSystemTime", tzSpecificLocalTimeToSystemTime, "lpTimeZoneInformation lpLocalTime lpUniversalTime"),
	win.Func3("TzSpecificLocalTimeToSystemTimeEx", tzSpecificLocalTimeToSystemTime, "lpTimeZoneInformation lpLocalTime lpUniversalTime"),
}

// Layout of TIME_ZONE_INFORMATION and, behind it, DYNAMIC_TIME_ZONE_INFORMATION.
//
// https://learn.microsoft.com/windows/win32/api/timezoneapi/ns-timezoneapi-time_zone_information
const (
	zoneStandardName = 4
	zoneStandardDate = 68
	zoneStandardBias = 84
	zoneDaylightName = 88
	zoneDaylightDate = 152
	zoneDaylightBias = 168
	zoneSize         = 172
	zoneKey          = 172
	dynamicZoneSize  = 432

	zoneUnknown = 0 // TIME_ZONE_ID_UNKNOWN: without daylight saving
)

// zone lays out the machine's time zone.
func zone(b []byte) {
	name := guest.UTF16("Coordinated Universal Time")
	clear(b)
	copy(b[zoneStandardName:], name)
	copy(b[zoneDaylightName:], name)
}

// getTimeZoneInformation describes UTC.
//
// https://learn.microsoft.com/windows/win32/api/timezoneapi/nf-timezoneapi-gettimezoneinformation
func getTimeZoneInformation(c *win.Call, lpTimeZoneInformation win.Ptr) (win.DWORD, win.Error) {
	if b := c.Buffer(lpTimeZoneInformation, zoneSize); b != nil {
		zone(b)
	}
	return zoneUnknown, 0
}

// getDynamicTimeZoneInformation describes UTC with its name in the registry.
//
// https://learn.microsoft.com/windows/win32/api/timezoneapi/nf-timezoneapi-getdynamictimezoneinformation
func getDynamicTimeZoneInformation(c *win.Call, pTimeZoneInformation win.Ptr) (win.DWORD, win.Error) {
	if b := c.Buffer(pTimeZoneInformation, dynamicZoneSize); b != nil {
		zone(b)
		copy(b[zoneKey:], guest.UTF16("UTC"))
	}
	return zoneUnknown, 0
}

// getTimeZoneInformationForYear is GetTimeZoneInformation for the machine's
// own zone, whose rules never changed, and the first part of a given one.
//
// https://learn.microsoft.com/windows/win32/api/timezoneapi/nf-timezoneapi-gettimezoneinformationforyear
func getTimeZoneInformationForYear(c *win.Call, wYear win.WORD, pdtzi, ptzi win.Ptr) (win.Bool, win.Error) {
	b := c.Buffer(ptzi, zoneSize)
	if b == nil {
		return false, 0
	}
	if pdtzi == 0 {
		zone(b)
	} else {
		copy(b, c.Bytes(pdtzi, zoneSize))
	}
	return true, 0
}

// copyFileTime turns a FILETIME into local time, which is the same.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-filetimetolocalfiletime
func copyFileTime(c *win.Call, lpFileTime, lpLocalFileTime win.Ptr) (win.Bool, win.Error) {
	c.WriteUint(lpLocalFileTime, 8, c.ReadUint(lpFileTime, 8))
	return true, 0
}

// rules is a time zone as a guest describes it.
type rules struct {
	bias, standardBias, daylightBias time.Duration
	standard, daylight               []byte // SYSTEMTIME of the changes; nil without daylight saving
}

func rulesOf(b []byte) rules {
	if b == nil {
		return rules{}
	}
	minutes := func(at int) time.Duration { return time.Duration(int32(le.Uint32(b[at:]))) * time.Minute }
	z := rules{bias: minutes(0), standardBias: minutes(zoneStandardBias), daylightBias: minutes(zoneDaylightBias)}
	if le.Uint16(b[zoneStandardDate+2:]) != 0 && le.Uint16(b[zoneDaylightDate+2:]) != 0 {
		z.standard, z.daylight = b[zoneStandardDate:zoneStandardDate+16], b[zoneDaylightDate:zoneDaylightDate+16]
	}
	return z
}

// change is when a rule takes effect in a year, on the wall clock: at a date,
// or on the nth weekday of a month, 5 being the last.
func change(year int, rule []byte) time.Time {
	word := func(i int) int { return int(le.Uint16(rule[2*i:])) }
	month, day := time.Month(word(1)), word(3)
	at := func(day int) time.Time {
		return time.Date(year, month, day, word(4), word(5), word(6), word(7)*1e6, time.UTC)
	}
	if word(0) != 0 {
		return at(day)
	}
	first := at(1)
	t := first.AddDate(0, 0, (word(2)-int(first.Weekday())+7)%7+7*(max(day, 1)-1))
	for t.Month() != month {
		t = t.AddDate(0, 0, -7)
	}
	return t
}

// offset is what a zone adds to local time to give UTC, at a local or a
// universal time.
func (z rules) offset(t time.Time, local bool) time.Duration {
	standard, daylight := z.bias+z.standardBias, z.bias+z.daylightBias
	if z.standard == nil {
		return z.bias
	}
	year := t.Year()
	if !local {
		year = t.Add(-z.bias).Year()
	}
	begin, end := change(year, z.daylight), change(year, z.standard)
	if !local {
		begin, end = begin.Add(standard), end.Add(daylight)
	}
	summer := !t.Before(begin) && t.Before(end)
	if end.Before(begin) { // the southern half of the world
		summer = !t.Before(begin) || t.Before(end)
	}
	if summer {
		return daylight
	}
	return standard
}

func zoned(c *win.Call, zone, from, to win.Ptr, local bool) (win.Bool, win.Error) {
	var z rules
	if zone != 0 {
		z = rulesOf(c.Bytes(zone, zoneSize))
	}
	b := c.Bytes(from, 16)
	if c.Faulted() {
		return false, 0
	}
	t, ok := timeOf(b)
	if !ok {
		return false, win.ErrInvalidParameter
	}
	if local {
		t = t.Add(z.offset(t, true))
	} else {
		t = t.Add(-z.offset(t, false))
	}
	c.Write(to, systemTime(t))
	return true, 0
}

// systemTimeToTzSpecificLocalTime turns universal time into that of a zone.
//
// https://learn.microsoft.com/windows/win32/api/timezoneapi/nf-timezoneapi-systemtimetotzspecificlocaltime
func systemTimeToTzSpecificLocalTime(c *win.Call, lpTimeZoneInformation, lpUniversalTime, lpLocalTime win.Ptr) (win.Bool, win.Error) {
	return zoned(c, lpTimeZoneInformation, lpUniversalTime, lpLocalTime, false)
}

// tzSpecificLocalTimeToSystemTime turns the time of a zone into universal
// time.
//
// https://learn.microsoft.com/windows/win32/api/timezoneapi/nf-timezoneapi-tzspecificlocaltimetosystemtime
func tzSpecificLocalTimeToSystemTime(c *win.Call, lpTimeZoneInformation, lpLocalTime, lpUniversalTime win.Ptr) (win.Bool, win.Error) {
	return zoned(c, lpTimeZoneInformation, lpLocalTime, lpUniversalTime, true)
}
