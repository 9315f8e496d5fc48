package ntdll

import (
	"math"

	"sidetrace/emulator/win"
)

var barrierRows = win.Rows{
	win.Func1("RtlDeleteBarrier", rtlDeleteBarrier, "Barrier"),
	win.Func2("RtlBarrier", rtlBarrier, "Barrier Flags"),
	win.Func3("RtlInitBarrier", rtlInitBarrier, "Barrier TotalThreads SpinCount"),
}

// RTL_BARRIER: of its 32 bytes the first two numbers are used here, the threads
// still missing and all of them.
const (
	barrierTotal = 4
	barrierSize  = 32
)

func barrierKey(at win.Ptr) sleepKey { return sleepKey{what: "barrier", at: at} }

// InitBarrier prepares a barrier.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initializesynchronizationbarrier
func InitBarrier(c *win.Call, at win.Ptr, total, spins win.Int) win.Status {
	if total <= 0 || spins < -1 {
		return win.StatusInvalidParameter
	}
	if b := c.Buffer(at, barrierSize); b != nil {
		clear(b)
		le.PutUint32(b, uint32(total))
		le.PutUint32(b[barrierTotal:], uint32(total))
	}
	return 0
}

func rtlInitBarrier(c *win.Call, Barrier win.Ptr, TotalThreads, SpinCount win.Int) (win.Status, win.Error) {
	return InitBarrier(c, Barrier, TotalThreads, SpinCount), 0
}

// rtlBarrier waits until as many threads as the barrier was made for have come.
// It returns TRUE to the last of them. The flags, of which way to wait, have no
// effect.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-entersynchronizationbarrier
func rtlBarrier(c *win.Call, Barrier win.Ptr, Flags win.Hex) (win.Bool, win.Error) {
	missing := int32(c.ReadUint(Barrier, 4)) - 1
	if c.Faulted() {
		return false, 0
	}
	if missing <= 0 {
		c.WriteUint(Barrier, 4, c.ReadUint(Barrier+barrierTotal, 4))
		wakeSleepers(c, barrierKey(Barrier), math.MaxInt)
		return true, 0
	}
	c.WriteUint(Barrier, 4, uint64(missing))
	addSleeper(c, barrierKey(Barrier)).sleep(c, barrierKey(Barrier), false, -1)
	return false, 0
}

func rtlDeleteBarrier(c *win.Call, Barrier win.Ptr) (win.Status, win.Error) {
	clear(c.Buffer(Barrier, barrierSize))
	return 0, 0
}
