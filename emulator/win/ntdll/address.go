package ntdll

import (
	"bytes"
	"math"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var addressRows = append(system(
	win.Partial(win.Func4("NtCreateKeyedEvent", ntCreateKeyedEvent, "KeyedEventHandle DesiredAccess ObjectAttributes Flags"), "flags are not checked"),
	win.Func3("NtOpenKeyedEvent", ntOpenKeyedEvent, "KeyedEventHandle DesiredAccess ObjectAttributes"),
	win.Func4("NtReleaseKeyedEvent", ntReleaseKeyedEvent, "KeyedEventHandle Key Alertable Timeout"),
	win.Func4("NtWaitForKeyedEvent", ntWaitForKeyedEvent, "KeyedEventHandle Key Alertable Timeout"),
),
	win.Func1("RtlInitializeConditionVariable", rtlInitializeConditionVariable, "ConditionVariable"),
	win.Func3("RtlSleepConditionVariableCS", rtlSleepConditionVariableCS, "ConditionVariable CriticalSection Timeout"),
	win.Func4("RtlSleepConditionVariableSRW", rtlSleepConditionVariableSRW, "ConditionVariable SRWLock Timeout Flags"),
	win.Func4("RtlWaitOnAddress", rtlWaitOnAddress, "Address CompareAddress AddressSize Timeout"),
	win.Func1("RtlWakeAddressAll", rtlWakeAddressAll, "Address"),
	win.Func1("RtlWakeAddressSingle", rtlWakeAddressSingle, "Address"),
	win.Func1("RtlWakeAllConditionVariable", rtlWakeAllConditionVariable, "ConditionVariable"),
	win.Func1("RtlWakeConditionVariable", rtlWakeConditionVariable, "ConditionVariable"),
)

func conditionKey(at win.Ptr) sleepKey { return sleepKey{what: "condition variable", at: at} }
func addressKey(at win.Ptr) sleepKey   { return sleepKey{what: "a change at", at: at} }

// rtlInitializeConditionVariable clears the variable, which stays 0: who
// sleeps on it is not kept in the guest's memory.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initializeconditionvariable
func rtlInitializeConditionVariable(c *win.Call, ConditionVariable win.Ptr) (win.Void, win.Error) {
	c.WriteUint(ConditionVariable, 8, 0)
	return win.Void{}, 0
}

// rtlSleepConditionVariableCS leaves the section, sleeps, and enters it again.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-sleepconditionvariablecs
func rtlSleepConditionVariableCS(c *win.Call, ConditionVariable, CriticalSection win.Ptr, Timeout interval) (win.Status, win.Error) {
	d := Timeout.duration(c)
	if c.Faulted() {
		return 0, 0
	}
	return SleepConditionCS(c, ConditionVariable, CriticalSection, d), 0
}

// SleepConditionCS leaves the section, sleeps, and enters it again.
func SleepConditionCS(c *win.Call, condition, section win.Ptr, d time.Duration) win.Status {
	s := addSleeper(c, conditionKey(condition))
	LeaveCriticalSection(c, section)
	status := s.sleep(c, conditionKey(condition), false, d)
	enterCritical(c, section)
	return status
}

// rtlSleepConditionVariableSRW is the same with a reader/writer lock.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-sleepconditionvariablesrw
func rtlSleepConditionVariableSRW(c *win.Call, ConditionVariable, SRWLock win.Ptr, Timeout interval, Flags win.Hex) (win.Status, win.Error) {
	d := Timeout.duration(c)
	if c.Faulted() {
		return 0, 0
	}
	return SleepConditionSRW(c, ConditionVariable, SRWLock, d, Flags), 0
}

// SleepConditionSRW releases the lock, sleeps, and acquires it again.
func SleepConditionSRW(c *win.Call, condition, lock win.Ptr, d time.Duration, flags win.Hex) win.Status {
	const shared = 1 // CONDITION_VARIABLE_LOCKMODE_SHARED
	if flags&^shared != 0 {
		return win.StatusInvalidParameter
	}
	alone := flags&shared == 0
	s := addSleeper(c, conditionKey(condition))
	releaseSRW(c, lock, alone)
	status := s.sleep(c, conditionKey(condition), false, d)
	acquireSRW(c, lock, alone)
	return status
}

// rtlWakeConditionVariable wakes the thread that has slept longest.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-wakeconditionvariable
func rtlWakeConditionVariable(c *win.Call, ConditionVariable win.Ptr) (win.Void, win.Error) {
	wakeSleepers(c, conditionKey(ConditionVariable), 1)
	return win.Void{}, 0
}

func rtlWakeAllConditionVariable(c *win.Call, ConditionVariable win.Ptr) (win.Void, win.Error) {
	wakeSleepers(c, conditionKey(ConditionVariable), math.MaxInt)
	return win.Void{}, 0
}

// rtlWaitOnAddress sleeps if what lies at the address is as compared, until
// another thread says that it has changed.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-waitonaddress
func rtlWaitOnAddress(c *win.Call, Address, CompareAddress win.Ptr, AddressSize win.Size, Timeout interval) (win.Status, win.Error) {
	d := Timeout.duration(c)
	if c.Faulted() {
		return 0, 0
	}
	return WaitOnAddress(c, Address, CompareAddress, AddressSize, d), 0
}

// WaitOnAddress sleeps if what lies at both addresses is the same.
func WaitOnAddress(c *win.Call, at, compare win.Ptr, size win.Size, d time.Duration) win.Status {
	switch size {
	case 1, 2, 4, 8:
	default:
		return win.StatusInvalidParameter
	}
	now, then := c.Bytes(at, uint64(size)), c.Bytes(compare, uint64(size))
	if c.Faulted() || !bytes.Equal(now, then) {
		return 0
	}
	return addSleeper(c, addressKey(at)).sleep(c, addressKey(at), false, d)
}

// rtlWakeAddressSingle wakes the thread that has slept longest on an address.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-wakebyaddresssingle
func rtlWakeAddressSingle(c *win.Call, Address win.Ptr) (win.Void, win.Error) {
	wakeSleepers(c, addressKey(Address), 1)
	return win.Void{}, 0
}

func rtlWakeAddressAll(c *win.Call, Address win.Ptr) (win.Void, win.Error) {
	wakeSleepers(c, addressKey(Address), math.MaxInt)
	return win.Void{}, 0
}

// keyedEvent is a keyed event, at which one thread that waits and one that
// releases meet under the same key.
type keyedEvent struct{ name string }

func (*keyedEvent) Type() string { return "KeyedEvent" }

func ntCreateKeyedEvent(c *win.Call, KeyedEventHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes attributes, Flags win.Hex) (win.Status, win.Error) {
	return create(c, KeyedEventHandle, ObjectAttributes, func(name string) (*keyedEvent, win.Status) {
		return &keyedEvent{name}, 0
	}, nil), 0
}

func ntOpenKeyedEvent(c *win.Call, KeyedEventHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes attributes) (win.Status, win.Error) {
	return open[*keyedEvent](c, KeyedEventHandle, ObjectAttributes), 0
}

// ntWaitForKeyedEvent waits until another thread releases the key.
func ntWaitForKeyedEvent(c *win.Call, KeyedEventHandle win.Handle, Key win.Ptr, Alertable win.BYTE, Timeout interval) (win.Status, win.Error) {
	return meet(c, KeyedEventHandle, Key, Alertable, Timeout, "a release of key", "a wait for key"), 0
}

// ntReleaseKeyedEvent lets one thread that waits for the key go on, and waits
// for one if there is none.
func ntReleaseKeyedEvent(c *win.Call, KeyedEventHandle win.Handle, Key win.Ptr, Alertable win.BYTE, Timeout interval) (win.Status, win.Error) {
	return meet(c, KeyedEventHandle, Key, Alertable, Timeout, "a wait for key", "a release of key"), 0
}

// meet wakes a thread of the other kind or waits for one. A null handle is the
// keyed event every process has.
func meet(c *win.Call, h win.Handle, key win.Ptr, alertable win.BYTE, timeout interval, what, other string) win.Status {
	var e *keyedEvent
	if h != 0 {
		var status win.Status
		if e, status = object[*keyedEvent](c, h); status != 0 {
			return status
		}
	}
	if key&1 != 0 {
		return statusInvalidParameter1
	}
	d := timeout.duration(c)
	if c.Faulted() || wakeSleepers(c, sleepKey{other, key, e}, 1) > 0 {
		return 0
	}
	k := sleepKey{what, key, e}
	return addSleeper(c, k).sleep(c, k, alertable != 0, d)
}

var _ guest.Object = (*keyedEvent)(nil)
