package ntdll

import (
	"fmt"
	"slices"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// Threads sleep on an address until another one wakes them: condition
// variables, WaitOnAddress, keyed events and barriers are made of that. They
// are woken in the order of their coming.

type sleeper struct {
	t     *guest.Thread
	woken bool
}

// sleepKey is where those who sleep on an address are kept.
type sleepKey struct {
	what string // "condition variable"
	at   win.Ptr
	of   any // the keyed event
}

func sleepers(c *win.Call, key sleepKey) []*sleeper {
	list, _ := c.State[key].([]*sleeper)
	return slices.DeleteFunc(list, func(s *sleeper) bool { return s.t.Ended() })
}

func keepSleepers(c *win.Call, key sleepKey, list []*sleeper) {
	if len(list) == 0 {
		delete(c.State, key)
	} else {
		c.State[key] = list
	}
}

// addSleeper makes the thread one of those who can be woken.
func addSleeper(c *win.Call, key sleepKey) *sleeper {
	s := &sleeper{t: c.T}
	keepSleepers(c, key, append(sleepers(c, key), s))
	return s
}

// sleep waits until the sleeper is woken. A sleep that ends by its time-out
// is a behaviour.
func (s *sleeper) sleep(c *win.Call, key sleepKey, alertable bool, d time.Duration) win.Status {
	index := c.T.WaitFor(guest.Wait{Timeout: d, Alertable: alertable, Objects: []guest.Waitable{&guest.Condition{
		What:  func() string { return fmt.Sprintf("%s %#x", key.what, uint64(key.at)) },
		Holds: func(*guest.Thread) bool { return s.woken },
	}}})
	if index >= 0 {
		return 0
	}
	keepSleepers(c, key, slices.DeleteFunc(sleepers(c, key), func(x *sleeper) bool { return x == s }))
	if index == guest.Alerted {
		return StatusUserAPC
	}
	if d != 0 {
		c.Emit(trace.Sleep{Milliseconds: milliseconds(d), API: c.Name()})
	}
	return win.StatusTimeout
}

// wakeSleepers wakes at most n who sleep on an address and tells how many.
func wakeSleepers(c *win.Call, key sleepKey, n int) int {
	list := sleepers(c, key)
	n = min(n, len(list))
	for _, s := range list[:n] {
		s.woken = true
	}
	keepSleepers(c, key, list[n:])
	c.Signal()
	return n
}
