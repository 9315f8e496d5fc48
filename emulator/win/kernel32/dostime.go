package kernel32

import (
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var dosTimeRows = win.Rows{
	win.Func2("CompareFileTime", compareFileTime, "lpFileTime1 lpFileTime2"),
	win.Func3("DosDateTimeToFileTime", dosDateTimeToFileTime, "wFatDate wFatTime lpFileTime"),
	win.Func3("FileTimeToDosDateTime", fileTimeToDosDateTime, "lpFileTime lpFatDate lpFatTime"),
	win.Func3("GetSystemTimeAdjustment", getSystemTimeAdjustment, "lpTimeAdjustment lpTimeIncrement lpTimeAdjustmentDisabled"),
	win.Partial(win.Func3("GetSystemTimes", getSystemTimes, "lpIdleTime lpKernelTime lpUserTime"), "three quarters of the time since the start are idle"),
	win.Func1("QueryInterruptTime", queryInterruptTime, "lpInterruptTime"),
	win.Func1("QueryInterruptTimePrecise", queryInterruptTime, "lpInterruptTime"),
	win.Func1("QueryUnbiasedInterruptTime", queryUnbiasedInterruptTime, "UnbiasedTime"),
	win.Func1("QueryUnbiasedInterruptTimePrecise", queryInterruptTime, "lpInterruptTime"),
	win.Func1("SetLocalTime", setSystemTime, "lpSystemTime"),
	win.Func1("SetSystemTime", setSystemTime, "lpSystemTime"),
}

// compareFileTime orders two times.
//
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-comparefiletime
func compareFileTime(c *win.Call, lpFileTime1, lpFileTime2 win.Ptr) (win.Int, win.Error) {
	a, b := c.ReadUint(lpFileTime1, 8), c.ReadUint(lpFileTime2, 8)
	switch {
	case a < b:
		return -1, 0
	case a > b:
		return 1, 0
	}
	return 0, 0
}

// The years a date of MS-DOS can name.
const dosFirst, dosLast = 1980, 2107

// fileTimeToDosDateTime packs a time as FAT directories and ZIP archives have
// it, in steps of two seconds.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-filetimetodosdatetime
func fileTimeToDosDateTime(c *win.Call, lpFileTime win.Ptr, lpFatDate, lpFatTime win.Out[uint16]) (win.Bool, win.Error) {
	v := c.ReadUint(lpFileTime, 8)
	if v >= 1<<63 {
		return false, win.ErrInvalidParameter
	}
	t := fileTimeOf(v).UTC()
	if t.Year() < dosFirst || t.Year() > dosLast {
		return false, win.ErrInvalidParameter
	}
	lpFatDate.Set(c, uint16((t.Year()-dosFirst)<<9|int(t.Month())<<5|t.Day()))
	lpFatTime.Set(c, uint16(t.Hour()<<11|t.Minute()<<5|t.Second()/2))
	return true, 0
}

// dosDateTimeToFileTime unpacks a time of MS-DOS.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-dosdatetimetofiletime
func dosDateTimeToFileTime(c *win.Call, wFatDate, wFatTime win.WORD, lpFileTime win.Out[uint64]) (win.Bool, win.Error) {
	date, day := int(wFatDate), int(wFatTime)
	year, month, dom := dosFirst+date>>9, time.Month(date>>5&15), date&31
	hour, minute, second := day>>11, day>>5&63, day&31*2
	t := time.Date(year, month, dom, hour, minute, second, 0, time.UTC)
	if t.Month() != month || t.Day() != dom || hour > 23 || minute > 59 || second > 59 {
		return false, win.ErrInvalidParameter
	}
	lpFileTime.Set(c, guest.FileTime(t))
	return true, 0
}

// getSystemTimeAdjustment says that the clock is not adjusted.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getsystemtimeadjustment
func getSystemTimeAdjustment(c *win.Call, lpTimeAdjustment, lpTimeIncrement, lpTimeAdjustmentDisabled win.Out[uint32]) (win.Bool, win.Error) {
	const increment = 156250 // the timer's 15.625 ms
	lpTimeAdjustment.Set(c, increment)
	lpTimeIncrement.Set(c, increment)
	lpTimeAdjustmentDisabled.Set(c, 1)
	return true, 0
}

// getSystemTimes tells how long the processors have idled and worked, of which
// the first is part of the kernel's time.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getsystemtimes
func getSystemTimes(c *win.Call, lpIdleTime, lpKernelTime, lpUserTime win.Out[uint64]) (win.Bool, win.Error) {
	const processors = 2
	all := uint64(c.Clock.SinceBoot()/100) * processors
	lpIdleTime.Set(c, all/4*3)
	lpKernelTime.Set(c, all/8*7)
	lpUserTime.Set(c, all/8)
	return true, 0
}

// queryInterruptTime counts 100 ns since the machine started. It never slept,
// so that biased and unbiased time are the same.
//
// https://learn.microsoft.com/windows/win32/api/realtimeapiset/nf-realtimeapiset-queryinterrupttime
func queryInterruptTime(c *win.Call, lpInterruptTime win.Out[uint64]) (win.Void, win.Error) {
	lpInterruptTime.Set(c, uint64(c.Clock.SinceBoot()/100))
	return win.Void{}, 0
}

// queryUnbiasedInterruptTime is QueryInterruptTime with a result.
//
// https://learn.microsoft.com/windows/win32/api/realtimeapiset/nf-realtimeapiset-queryunbiasedinterrupttime
func queryUnbiasedInterruptTime(c *win.Call, UnbiasedTime win.Out[uint64]) (win.Bool, win.Error) {
	if UnbiasedTime.Null() {
		return false, win.ErrInvalidParameter
	}
	UnbiasedTime.Set(c, uint64(c.Clock.SinceBoot()/100))
	return true, 0
}

// setSystemTime is refused: the user has no SeSystemtimePrivilege.
//
// https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-setsystemtime
func setSystemTime(c *win.Call, lpSystemTime win.Ptr) (win.Bool, win.Error) {
	b := c.Bytes(lpSystemTime, 16)
	if b == nil {
		return false, 0
	}
	if _, ok := timeOf(b); !ok {
		return false, win.ErrInvalidParameter
	}
	return false, errPrivilegeNotHeld
}

const errPrivilegeNotHeld win.Error = 1314
