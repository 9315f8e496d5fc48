package kernel32

import (
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

// Locks that live in the guest's memory are ntdll's, to which most of these
// names lead; the other functions have a result that ntdll's have not.
var criticalRows = win.Rows{
	win.Forward("AcquireSRWLockExclusive", "ntdll.RtlAcquireSRWLockExclusive"),
	win.Forward("AcquireSRWLockShared", "ntdll.RtlAcquireSRWLockShared"),
	win.Forward("DeleteCriticalSection", "ntdll.RtlDeleteCriticalSection"),
	win.Func1("DeleteSynchronizationBarrier", deleteSynchronizationBarrier, "lpBarrier"),
	win.Forward("EnterCriticalSection", "ntdll.RtlEnterCriticalSection"),
	win.Forward("EnterSynchronizationBarrier", "ntdll.RtlBarrier"),
	win.Func4("InitOnceBeginInitialize", initOnceBeginInitialize, "lpInitOnce dwFlags fPending lpContext"),
	win.Func3("InitOnceComplete", initOnceComplete, "lpInitOnce dwFlags lpContext"),
	win.Func4("InitOnceExecuteOnce", initOnceExecuteOnce, "InitOnce InitFn Parameter Context"),
	win.Forward("InitOnceInitialize", "ntdll.RtlRunOnceInitialize"),
	win.Forward("InitializeConditionVariable", "ntdll.RtlInitializeConditionVariable"),
	win.Forward("InitializeCriticalSection", "ntdll.RtlInitializeCriticalSection"),
	win.Func2("InitializeCriticalSectionAndSpinCount", initializeCriticalSectionAndSpinCount, "lpCriticalSection dwSpinCount"),
	win.Func3("InitializeCriticalSectionEx", initializeCriticalSectionEx, "lpCriticalSection dwSpinCount Flags"),
	win.Forward("InitializeSListHead", "ntdll.RtlInitializeSListHead"),
	win.Forward("InitializeSRWLock", "ntdll.RtlInitializeSRWLock"),
	win.Func3("InitializeSynchronizationBarrier", initializeSynchronizationBarrier, "lpBarrier lTotalThreads lSpinCount"),
	win.Forward("InterlockedFlushSList", "ntdll.RtlInterlockedFlushSList"),
	win.Forward("InterlockedPopEntrySList", "ntdll.RtlInterlockedPopEntrySList"),
	win.Forward("InterlockedPushEntrySList", "ntdll.RtlInterlockedPushEntrySList"),
	win.Forward("InterlockedPushListSListEx", "ntdll.RtlInterlockedPushListSListEx"),
	win.Forward("LeaveCriticalSection", "ntdll.RtlLeaveCriticalSection"),
	win.Forward("QueryDepthSList", "ntdll.RtlQueryDepthSList"),
	win.Forward("ReleaseSRWLockExclusive", "ntdll.RtlReleaseSRWLockExclusive"),
	win.Forward("ReleaseSRWLockShared", "ntdll.RtlReleaseSRWLockShared"),
	win.Forward("SetCriticalSectionSpinCount", "ntdll.RtlSetCriticalSectionSpinCount"),
	win.Func3("SleepConditionVariableCS", sleepConditionVariableCS, "ConditionVariable CriticalSection dwMilliseconds"),
	win.Func4("SleepConditionVariableSRW", sleepConditionVariableSRW, "ConditionVariable SRWLock dwMilliseconds Flags"),
	win.Forward("TryAcquireSRWLockExclusive", "ntdll.RtlTryAcquireSRWLockExclusive"),
	win.Forward("TryAcquireSRWLockShared", "ntdll.RtlTryAcquireSRWLockShared"),
	win.Forward("TryEnterCriticalSection", "ntdll.RtlTryEnterCriticalSection"),
	win.Func4("WaitOnAddress", waitOnAddress, "Address CompareAddress AddressSize dwMilliseconds"),
	win.Forward("WakeAllConditionVariable", "ntdll.RtlWakeAllConditionVariable"),
	win.Forward("WakeByAddressAll", "ntdll.RtlWakeAddressAll"),
	win.Forward("WakeByAddressSingle", "ntdll.RtlWakeAddressSingle"),
	win.Forward("WakeConditionVariable", "ntdll.RtlWakeConditionVariable"),
}

// done turns a status into a BOOL with a last error.
func done(status win.Status) (win.Bool, win.Error) { return status == 0, ntdll.Win32Error(status) }

// initializeCriticalSectionAndSpinCount prepares the structure.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initializecriticalsectionandspincount
func initializeCriticalSectionAndSpinCount(c *win.Call, lpCriticalSection win.Ptr, dwSpinCount win.DWORD) (win.Bool, win.Error) {
	return done(ntdll.InitializeCriticalSection(c, lpCriticalSection, dwSpinCount, 0))
}

func initializeCriticalSectionEx(c *win.Call, lpCriticalSection win.Ptr, dwSpinCount win.DWORD, Flags win.Hex) (win.Bool, win.Error) {
	return done(ntdll.InitializeCriticalSection(c, lpCriticalSection, dwSpinCount, Flags))
}

// sleepConditionVariableCS leaves the section, sleeps, and enters it again.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-sleepconditionvariablecs
func sleepConditionVariableCS(c *win.Call, ConditionVariable, CriticalSection win.Ptr, dwMilliseconds win.Millis) (win.Bool, win.Error) {
	return done(ntdll.SleepConditionCS(c, ConditionVariable, CriticalSection, duration(dwMilliseconds)))
}

func sleepConditionVariableSRW(c *win.Call, ConditionVariable, SRWLock win.Ptr, dwMilliseconds win.Millis, Flags win.Hex) (win.Bool, win.Error) {
	return done(ntdll.SleepConditionSRW(c, ConditionVariable, SRWLock, duration(dwMilliseconds), Flags))
}

// waitOnAddress sleeps if what lies at both addresses is the same, until
// another thread says that it has changed.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-waitonaddress
func waitOnAddress(c *win.Call, Address, CompareAddress win.Ptr, AddressSize win.Size, dwMilliseconds win.Millis) (win.Bool, win.Error) {
	return done(ntdll.WaitOnAddress(c, Address, CompareAddress, AddressSize, duration(dwMilliseconds)))
}

// initOnceBeginInitialize begins the initialisation, or waits for the thread
// that has begun it.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initoncebegininitialize
func initOnceBeginInitialize(c *win.Call, lpInitOnce win.Ptr, dwFlags win.Hex, fPending win.Out[int32], lpContext win.Out[uint64]) (win.Bool, win.Error) {
	status := ntdll.BeginOnce(c, lpInitOnce, dwFlags, lpContext)
	switch status {
	case 0:
		fPending.Set(c, 0)
	case ntdll.StatusPending:
		fPending.Set(c, 1)
	default:
		return done(status)
	}
	return true, 0
}

// initOnceComplete ends an initialisation.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initoncecomplete
func initOnceComplete(c *win.Call, lpInitOnce win.Ptr, dwFlags win.Hex, lpContext win.Ptr) (win.Bool, win.Error) {
	return done(ntdll.CompleteOnce(c, lpInitOnce, dwFlags, lpContext))
}

// initOnceExecuteOnce calls the function unless that has been done. The last
// error of a function that fails is left alone.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initonceexecuteonce
func initOnceExecuteOnce(c *win.Call, InitOnce, InitFn, Parameter win.Ptr, Context win.Out[uint64]) (win.Bool, win.Error) {
	return ntdll.ExecuteOnce(c, InitOnce, InitFn, Parameter, Context) == 0, 0
}

// initializeSynchronizationBarrier prepares a barrier.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-initializesynchronizationbarrier
func initializeSynchronizationBarrier(c *win.Call, lpBarrier win.Ptr, lTotalThreads, lSpinCount win.Int) (win.Bool, win.Error) {
	return done(ntdll.InitBarrier(c, lpBarrier, lTotalThreads, lSpinCount))
}

func deleteSynchronizationBarrier(c *win.Call, lpBarrier win.Ptr) (win.Bool, win.Error) {
	c.Buffer(lpBarrier, 32)
	return true, 0
}
