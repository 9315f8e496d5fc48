package kernel32

import (
	"math/bits"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var miscRows = win.Rows{
	win.Stub("Beep", win.Bool(true), "dwFreq dwDuration"),
	win.Func0("GetErrorMode", getErrorMode),
	win.Func0("GetThreadErrorMode", getThreadErrorMode),
	win.Func1("IsBadCodePtr", isBadCodePtr, "lpfn"),
	win.Func2("IsBadHugeReadPtr", isBadReadPtr, "lp ucb"),
	win.Func2("IsBadHugeWritePtr", isBadWritePtr, "lp ucb"),
	win.Func2("IsBadReadPtr", isBadReadPtr, "lp ucb"),
	win.Func2("IsBadStringPtr{A,W}", isBadStringPtr, "lpsz ucchMax"),
	win.Func2("IsBadWritePtr", isBadWritePtr, "lp ucb"),
	win.Func3("MulDiv", mulDiv, "nNumber nNumerator nDenominator"),
	win.Func2("SetThreadErrorMode", setThreadErrorMode, "dwNewMode lpOldMode"),
	win.Func1("SetThreadExecutionState", setThreadExecutionState, "esFlags"),
	win.Func1("Wow64DisableWow64FsRedirection", notWow64, "OldValue"),
	win.Func1("Wow64EnableWow64FsRedirection", wow64EnableWow64FsRedirection, "Wow64FsEnableRedirection"),
	win.Func1("Wow64RevertWow64FsRedirection", notWow64, "OldValue"),
	win.Func2("GetSystemWow64Directory{A,W}", getSystemWow64Directory, "lpBuffer uSize"),
	win.Stub("RequestDeviceWakeup", win.Bool(true), "hDevice"),
}

// mulDiv multiplies and divides with a 64-bit value between, rounding half
// away from zero. It returns -1 for an overflow or a division by zero.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-muldiv
func mulDiv(_ *win.Call, nNumber, nNumerator, nDenominator win.Int) (win.Int, win.Error) {
	if nDenominator == 0 {
		return -1, 0
	}
	product := int64(nNumber) * int64(nNumerator)
	d := int64(nDenominator)
	if d < 0 {
		product, d = -product, -d
	}
	var q int64
	if product < 0 {
		q = -((-product + d/2) / d)
	} else {
		q = (product + d/2) / d
	}
	if q > 1<<31-1 || q < -(1<<31-1) {
		return -1, 0
	}
	return win.Int(q), 0
}

// getErrorMode is what SetErrorMode has set.
//
// https://learn.microsoft.com/windows/win32/api/errhandlingapi/nf-errhandlingapi-geterrormode
func getErrorMode(c *win.Call) (win.Hex, win.Error) {
	mode, _ := c.State[errorModeKey{}].(win.Hex)
	return mode, 0
}

// threadErrorMode is where a thread's error mode is kept.
type threadErrorMode struct{ *guest.Thread }

func getThreadErrorMode(c *win.Call) (win.Hex, win.Error) {
	mode, _ := c.State[threadErrorMode{c.T}].(win.Hex)
	return mode, 0
}

// setThreadErrorMode sets the mode of the thread; alignment faults cannot be
// set so.
//
// https://learn.microsoft.com/windows/win32/api/errhandlingapi/nf-errhandlingapi-setthreaderrormode
func setThreadErrorMode(c *win.Call, dwNewMode win.Hex, lpOldMode win.Out[uint32]) (win.Bool, win.Error) {
	const allowed = 0x8003 // SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SEM_NOOPENFILEERRORBOX
	if dwNewMode&^allowed != 0 {
		return false, win.ErrInvalidParameter
	}
	old, _ := getThreadErrorMode(c)
	lpOldMode.Set(c, uint32(old))
	c.State[threadErrorMode{c.T}] = dwNewMode
	return true, 0
}

// executionState is where the power state is kept.
type executionState struct{}

// setThreadExecutionState returns the state before. The machine never sleeps.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-setthreadexecutionstate
func setThreadExecutionState(c *win.Call, esFlags win.Hex) (win.Hex, win.Error) {
	const continuous, known = 0x80000000, 0x80000000 | 0x47
	before, ok := c.State[executionState{}].(win.Hex)
	if !ok {
		before = continuous
	}
	if esFlags == 0 || esFlags&^known != 0 {
		return 0, win.ErrInvalidParameter
	}
	if esFlags&continuous != 0 {
		c.State[executionState{}] = esFlags
	}
	return before, 0
}

// isBadReadPtr tells whether some of the bytes cannot be read.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-isbadreadptr
func isBadReadPtr(c *win.Call, lp win.Ptr, ucb win.Size) (win.Bool, win.Error) {
	return win.Bool(!accessible(c, uint64(lp), uint64(ucb), guest.Protection.Readable)), 0
}

// isBadWritePtr tells whether some of the bytes cannot be written.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-isbadwriteptr
func isBadWritePtr(c *win.Call, lp win.Ptr, ucb win.Size) (win.Bool, win.Error) {
	return win.Bool(!accessible(c, uint64(lp), uint64(ucb), guest.Protection.Writable)), 0
}

// isBadCodePtr tells whether the byte cannot be read: execution is not asked
// about.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-isbadcodeptr
func isBadCodePtr(c *win.Call, lpfn win.Ptr) (win.Bool, win.Error) {
	return isBadReadPtr(c, lpfn, 1)
}

// isBadStringPtr tells whether a string cannot be read to its end, or to a
// number of characters.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-isbadstringptrw
func isBadStringPtr(c *win.Call, lpsz win.TText, ucchMax win.Size) (win.Bool, win.Error) {
	if ucchMax == 0 {
		return false, 0
	}
	unit := c.CharSize()
	for n := range min(uint64(ucchMax), guest.MaxString) {
		at := uint64(lpsz) + n*unit
		v, err := c.Mem.ReadUint(at, int(unit))
		if err != nil {
			return true, 0
		}
		if v == 0 {
			break
		}
	}
	return false, 0
}

func accessible(c *win.Call, at, n uint64, can func(guest.Protection) bool) bool {
	end, carry := bits.Add64(at, n, 0)
	if carry != 0 || end > guest.HighestUserAddress+1 {
		return n == 0
	}
	for at < end {
		info := c.Mem.Query(at)
		if info.Allocation == nil || info.Protection == 0 || !can(info.Protection) {
			return false
		}
		at = info.Base + info.Size
	}
	return true
}

// notWow64 refuses: file system redirection is for 32-bit programs.
//
// https://learn.microsoft.com/windows/win32/api/wow64apiset/nf-wow64apiset-wow64disablewow64fsredirection
func notWow64(*win.Call, win.Ptr) (win.Bool, win.Error) { return false, win.ErrInvalidFunction }

func wow64EnableWow64FsRedirection(*win.Call, win.BYTE) (win.Bool, win.Error) {
	return false, win.ErrInvalidFunction
}

// getSystemWow64Directory stores C:\Windows\SysWOW64.
//
// https://learn.microsoft.com/windows/win32/api/wow64apiset/nf-wow64apiset-getsystemwow64directoryw
func getSystemWow64Directory(c *win.Call, lpBuffer win.Ptr, uSize win.DWORD) (win.DWORD, win.Error) {
	return fill(c, lpBuffer, uSize, guest.WindowsDirectory+`\SysWOW64`), 0
}
