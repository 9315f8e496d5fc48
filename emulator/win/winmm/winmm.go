// Package winmm has the handlers of winmm.dll that tell and wait for the time.
// The machine has no sound: there is no device to play or record with.
package winmm

import (
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

const dll = "winmm.dll"

// Table returns winmm.dll.
func Table() win.Table { return win.DLL(dll, timeRows, timerRows, soundRows) }

var timeRows = win.Rows{
	win.Func1("timeBeginPeriod", timePeriod, "uPeriod"),
	win.Func1("timeEndPeriod", timePeriod, "uPeriod"),
	win.Func2("timeGetDevCaps", timeGetDevCaps, "ptc cbtc"),
	win.Func2("timeGetSystemTime", timeGetSystemTime, "pmmt cbmmt"),
	win.Func0("timeGetTime", timeGetTime),
}

// Results and ranges of mmsystem.h.
const (
	noCanDo      = 97 // TIMERR_NOCANDO
	badStructure = 129
	badParameter = 11 // MMSYSERR_INVALPARAM
	shortest     = 1  // milliseconds
	longest      = 1_000_000
)

func now(c *win.Call) uint32 { return uint32(c.Clock.SinceBoot() / time.Millisecond) }

// timeGetTime counts milliseconds since the machine started.
//
// https://learn.microsoft.com/windows/win32/api/timeapi/nf-timeapi-timegettime
func timeGetTime(c *win.Call) (win.DWORD, win.Error) { return win.DWORD(now(c)), 0 }

// timeGetSystemTime stores what timeGetTime tells in an MMTIME.
//
// https://learn.microsoft.com/windows/win32/api/timeapi/nf-timeapi-timegetsystemtime
func timeGetSystemTime(c *win.Call, pmmt win.Ptr, cbmmt win.DWORD) (win.DWORD, win.Error) {
	const size, milliseconds = 12, 1 // MMTIME, TIME_MS
	if cbmmt < size {
		return badStructure, 0
	}
	c.WriteUint(pmmt, 4, milliseconds)
	c.WriteUint(pmmt+4, 4, uint64(now(c)))
	return 0, 0
}

// timePeriod takes any resolution there can be. The virtual clock is as exact
// with it as without.
//
// https://learn.microsoft.com/windows/win32/api/timeapi/nf-timeapi-timebeginperiod
func timePeriod(_ *win.Call, uPeriod win.DWORD) (win.DWORD, win.Error) {
	if uPeriod < shortest || uPeriod > longest {
		return noCanDo, 0
	}
	return 0, 0
}

// https://learn.microsoft.com/windows/win32/api/timeapi/nf-timeapi-timegetdevcaps
func timeGetDevCaps(c *win.Call, ptc win.Ptr, cbtc win.DWORD) (win.DWORD, win.Error) {
	const size = 8 // TIMECAPS
	if ptc == 0 || cbtc < size {
		return noCanDo, 0
	}
	c.WriteUint(ptc, 4, shortest)
	c.WriteUint(ptc+4, 4, longest)
	return 0, 0
}

var soundRows = win.Rows{
	win.Stub("auxGetNumDevs", win.DWORD(0), ""),
	win.Stub("midiInGetNumDevs", win.DWORD(0), ""),
	win.Stub("midiOutGetNumDevs", win.DWORD(0), ""),
	win.Stub("mixerGetNumDevs", win.DWORD(0), ""),
	win.Func3("PlaySound{A,W}", playSound, "pszSound hmod fdwSound"),
	win.Func2("sndPlaySound{A,W}", sndPlaySound, "pszSound fuSound"),
	win.Stub("waveInGetNumDevs", win.DWORD(0), ""),
	win.Stub("waveOutGetNumDevs", win.DWORD(0), ""),
}

// playSound plays nothing. Without a device that can be used, Windows says so
// except where it is asked to stop.
//
// https://learn.microsoft.com/windows/win32/api/playsoundapi/nf-playsoundapi-playsoundw
func playSound(_ *win.Call, pszSound, hmod win.Ptr, fdwSound win.Hex) (win.Bool, win.Error) {
	return pszSound == 0, 0
}

// https://learn.microsoft.com/windows/win32/api/playsoundapi/nf-playsoundapi-sndplaysoundw
func sndPlaySound(c *win.Call, pszSound win.Ptr, fuSound win.Hex) (win.Bool, win.Error) {
	return playSound(c, pszSound, 0, fuSound)
}

// set signals an event, if the handle is one's.
func set(c *win.Call, h win.Ptr, pulse bool) {
	e, ok := guest.Lookup[*guest.Event](c.Handles, guest.Handle(h))
	switch {
	case !ok:
	case pulse:
		c.Pulse(e)
	default:
		e.Set = true
		c.Signal()
	}
}
