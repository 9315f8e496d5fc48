package ntdll

import (
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var systemRows = append(system(
	win.Func2("NtQueryPerformanceCounter", ntQueryPerformanceCounter, "PerformanceCounter PerformanceFrequency"),
	win.Partial(win.Func4("NtQuerySystemInformation", ntQuerySystemInformation,
		"SystemInformationClass SystemInformation SystemInformationLength ReturnLength"),
		"not every class; processes without their threads"),
	win.Func1("NtQuerySystemTime", ntQuerySystemTime, "SystemTime"),
),
	win.Func0("RtlGetSystemTimePrecise", rtlGetSystemTimePrecise),
	win.Func1("RtlQueryPerformanceCounter", rtlQueryPerformanceCounter, "PerformanceCounter"),
	win.Func1("RtlQueryPerformanceFrequency", rtlQueryPerformanceFrequency, "PerformanceFrequency"),
)

// SYSTEM_INFORMATION_CLASS.
const (
	systemBasicInformation          = 0
	systemProcessorInformation      = 1
	systemTimeOfDayInformation      = 3
	systemProcessInformation        = 5
	systemKernelDebuggerInformation = 35
	systemCodeIntegrityInformation  = 103
)

// ntQuerySystemInformation tells of the machine. No kernel debugger is there,
// and drivers have to be signed.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntquerysysteminformation
func ntQuerySystemInformation(c *win.Call, SystemInformationClass win.DWORD, SystemInformation win.Ptr, SystemInformationLength win.DWORD, ReturnLength win.Out[uint32]) (win.Status, win.Error) {
	var b []byte
	switch SystemInformationClass {
	case systemBasicInformation:
		b = systemBasics()
	case systemProcessorInformation:
		b = processorInformation()
	case systemTimeOfDayInformation:
		b = timeOfDay(c)
	case systemProcessInformation:
		b = processList(c, SystemInformation)
	case systemKernelDebuggerInformation:
		b = []byte{0, 1} // not enabled, not present
	case systemCodeIntegrityInformation:
		const enabled = 1
		if SystemInformationLength == 8 && c.ReadUint(SystemInformation, 4) != 8 {
			return win.StatusInfoLengthMismatch, 0
		}
		b = le.AppendUint32(le.AppendUint32(nil, 8), enabled)
	default:
		c.Gap("information class " + number(SystemInformationClass))
		return win.StatusInvalidInfoClass, 0
	}
	ReturnLength.Set(c, uint32(len(b)))
	fits := int(SystemInformationLength) == len(b)
	switch SystemInformationClass {
	case systemProcessInformation, systemKernelDebuggerInformation:
		fits = int(SystemInformationLength) >= len(b)
	case systemTimeOfDayInformation: // as much as is asked for
		if fits = int(SystemInformationLength) <= len(b); fits {
			b = b[:SystemInformationLength]
			ReturnLength.Set(c, uint32(len(b)))
		}
	}
	if !fits {
		return win.StatusInfoLengthMismatch, 0
	}
	c.Write(SystemInformation, b)
	return 0, 0
}

// systemBasics lays out a SYSTEM_BASIC_INFORMATION of a machine with two
// processors and 8 GiB.
func systemBasics() []byte {
	const pages = 8 << 30 / guest.PageSize
	b := make([]byte, 64)
	le.PutUint32(b[4:], uint32(timerTick/100))
	le.PutUint32(b[8:], guest.PageSize)
	le.PutUint32(b[12:], pages)
	le.PutUint32(b[16:], 1)
	le.PutUint32(b[20:], pages)
	le.PutUint32(b[24:], guest.AllocationGranularity)
	le.PutUint64(b[32:], 0x10000)
	le.PutUint64(b[40:], guest.HighestUserAddress)
	le.PutUint64(b[48:], processors)
	b[56] = 2
	return b
}

// processorInformation lays out a SYSTEM_PROCESSOR_INFORMATION of the
// processor model.
func processorInformation() []byte {
	const amd64, family, model, stepping = 9, 6, 0x5E, 3
	b := make([]byte, 12)
	le.PutUint16(b, amd64)
	le.PutUint16(b[2:], family)
	le.PutUint16(b[4:], model<<8|stepping)
	le.PutUint16(b[6:], 2)
	return b
}

// timerTick is the resolution of the system timer.
const timerTick = 15625 * time.Microsecond

// timeOfDay lays out a SYSTEM_TIMEOFDAY_INFORMATION. The time zone is UTC.
func timeOfDay(c *win.Call) []byte {
	b := make([]byte, 48)
	now := c.Clock.Now()
	le.PutUint64(b, guest.FileTime(now.Add(-c.Clock.SinceBoot())))
	le.PutUint64(b[8:], guest.FileTime(now))
	return b
}

// processList lays out SYSTEM_PROCESS_INFORMATION entries, for a buffer at
// base, with their names behind them.
func processList(c *win.Call, base win.Ptr) []byte {
	const size = 0x100
	type process struct {
		name       string
		id, parent uint64
		session    uint32
	}
	list := []process{{}} // the idle process has no name
	for _, o := range c.Others() {
		if !o.Set {
			list = append(list, process{o.Name, uint64(o.ID), uint64(o.Parent), o.Session})
		}
	}
	list = append(list, process{c.Program().Name(), uint64(c.ID), guest.Shell, session})
	var all []byte
	for i, p := range list {
		name := guest.UTF16(p.name)
		e := make([]byte, size, (size+len(name)+7)&^7)
		if i < len(list)-1 {
			le.PutUint32(e, uint32(cap(e)))
		}
		if p.name != "" {
			le.PutUint16(e[0x38:], uint16(len(name)-2))
			le.PutUint16(e[0x3A:], uint16(len(name)))
			le.PutUint64(e[0x40:], uint64(base)+uint64(len(all)+size))
		}
		le.PutUint32(e[0x48:], normalPriority)
		le.PutUint64(e[0x50:], p.id)
		le.PutUint64(e[0x58:], p.parent)
		le.PutUint32(e[0x64:], p.session)
		all = append(all, append(e, name...)[:cap(e)]...)
	}
	return all
}

// performanceFrequency is that of Windows 10: counts of 100 ns.
const performanceFrequency = 10_000_000

func performanceCounter(c *win.Call) uint64 {
	return uint64(c.Clock.SinceBoot() / (time.Second / performanceFrequency))
}

// ntQueryPerformanceCounter counts virtual time since the machine started.
//
// https://learn.microsoft.com/windows/win32/api/profileapi/nf-profileapi-queryperformancecounter
func ntQueryPerformanceCounter(c *win.Call, PerformanceCounter, PerformanceFrequency win.Out[uint64]) (win.Status, win.Error) {
	if probe(c, PerformanceCounter.Addr, 8) {
		PerformanceCounter.Set(c, performanceCounter(c))
		PerformanceFrequency.Set(c, performanceFrequency)
	}
	return 0, 0
}

func rtlQueryPerformanceCounter(c *win.Call, PerformanceCounter win.Out[uint64]) (win.Bool, win.Error) {
	PerformanceCounter.Set(c, performanceCounter(c))
	return true, 0
}

func rtlQueryPerformanceFrequency(c *win.Call, PerformanceFrequency win.Out[uint64]) (win.Bool, win.Error) {
	PerformanceFrequency.Set(c, performanceFrequency)
	return true, 0
}

// ntQuerySystemTime tells the virtual time of day.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntquerysystemtime
func ntQuerySystemTime(c *win.Call, SystemTime win.Out[uint64]) (win.Status, win.Error) {
	if probe(c, SystemTime.Addr, 8) {
		SystemTime.Set(c, guest.FileTime(c.Clock.Now()))
	}
	return 0, 0
}

func rtlGetSystemTimePrecise(c *win.Call) (win.Int64, win.Error) {
	return win.Int64(guest.FileTime(c.Clock.Now())), 0
}
