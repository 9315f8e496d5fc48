package guest

import (
	"encoding/binary"
	"time"
)

// This file is KUSER_SHARED_DATA, the page that every process has at one
// address and reads without a call. What the machine does not model is zero.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/ns-ntddk-kuser_shared_data
const (
	sharedBase             = 0x7FFE_0000
	sharedTickMultiplier   = 0x004
	sharedInterruptTime    = 0x008
	sharedSystemTime       = 0x014
	sharedImageLow         = 0x02C
	sharedImageHigh        = 0x02E
	sharedSystemRoot       = 0x030
	sharedTimeZone         = 0x240
	sharedLargePage        = 0x244
	sharedBuild            = 0x260
	sharedProductType      = 0x264
	sharedProductTypeValid = 0x268
	sharedArchitecture     = 0x26A
	sharedMajor            = 0x26C
	sharedMinor            = 0x270
	sharedFeatures         = 0x274
	sharedBootID           = 0x2C4
	sharedSuiteMask        = 0x2D0
	sharedMitigations      = 0x2D5
	sharedCyclesPerYield   = 0x2D6
	sharedConsole          = 0x2D8
	sharedPhysicalPages    = 0x2E8
	sharedFlags            = 0x2F0
	sharedTestRet          = 0x2F8
	sharedQPCFrequency     = 0x300
	sharedTickCount        = 0x320
	sharedCookie           = 0x330
	sharedForeground       = 0x338
	sharedProcessors       = 0x3C0
	sharedGroups           = 0x3C4
)

// processorFeatures are the PF_* that the processor model has: compare and
// exchange double, MMX, SSE, time-stamp counter, PAE, SSE2, NX, SSE3, compare
// and exchange 16 bytes, fast fail, RDRAND, RDTSCP, SSSE3, SSE4.1, SSE4.2.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-isprocessorfeaturepresent
var processorFeatures = []int{2, 3, 6, 8, 9, 10, 12, 13, 14, 23, 28, 32, 36, 37, 38}

// buildShared makes the page.
func (p *Process) buildShared() error {
	a, err := p.Mem.Reserve(sharedBase, PageSize, 0, RegionSystem, PageReadOnly)
	if err == nil {
		err = p.Mem.Commit(a.Base, a.Size, PageReadOnly)
	}
	if err != nil {
		return err
	}
	v := p.Config.Version
	cookie := Random{state: p.Config.Seed ^ sharedCookie} // of its own: the other numbers stay what they are
	for _, f := range []struct {
		at, size int
		value    uint64
	}{
		{sharedTickMultiplier, 4, 0x0FA0_0000}, // ticks to milliseconds, in 1/2^24
		{sharedImageLow, 2, 0x8664},
		{sharedImageHigh, 2, 0x8664},
		{sharedTimeZone, 4, 0}, // UTC
		{sharedLargePage, 4, 2 << 20},
		{sharedBuild, 4, uint64(v.Build)},
		{sharedProductType, 4, 1}, // workstation
		{sharedProductTypeValid, 1, 1},
		{sharedArchitecture, 2, 9}, // AMD64
		{sharedMajor, 4, uint64(v.Major)},
		{sharedMinor, 4, uint64(v.Minor)},
		{sharedBootID, 4, 12},
		{sharedSuiteMask, 4, 0x110},   // terminal services, one user
		{sharedMitigations, 1, 0x0A},  // no execute, chosen by the program; exception chains checked
		{sharedCyclesPerYield, 2, 20}, // of a PAUSE
		{sharedConsole, 4, 1},
		{sharedPhysicalPages, 4, 8 << 30 / PageSize},
		{sharedFlags, 4, 0xE}, // elevation, virtualisation, installer detection
		{sharedTestRet, 8, 0xC3},
		{sharedQPCFrequency, 8, 10_000_000},
		{sharedCookie, 4, cookie.Uint64() >> 32},
		{sharedForeground, 8, uint64(p.ID)},
		{sharedProcessors, 4, 2},
		{sharedGroups, 1, 1},
	} {
		putUint(a.host[f.at:], f.size, f.value)
	}
	copy(a.host[sharedSystemRoot:], UTF16(WindowsDirectory))
	for _, feature := range processorFeatures {
		a.host[sharedFeatures+feature] = 1
	}
	p.Clock.shared = a.host
	p.Clock.publish()
	return nil
}

// publish writes the time to the page.
func (c *Clock) publish() {
	if c.shared == nil {
		return
	}
	triple := func(at int, v uint64) { // KSYSTEM_TIME
		binary.LittleEndian.PutUint64(c.shared[at:], v)
		binary.LittleEndian.PutUint32(c.shared[at+8:], uint32(v>>32))
	}
	boot := c.sinceBoot()
	triple(sharedInterruptTime, uint64(boot/100))
	triple(sharedSystemTime, FileTime(c.now()))
	// In timer ticks of 15.625 ms; the multiplier turns it into milliseconds.
	triple(sharedTickCount, uint64(boot/(15625*time.Microsecond)))
}
