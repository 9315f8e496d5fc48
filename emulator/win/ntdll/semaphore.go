package ntdll

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var semaphoreRows = system(
	win.Func5("NtCreateSemaphore", ntCreateSemaphore, "SemaphoreHandle DesiredAccess ObjectAttributes InitialCount MaximumCount"),
	win.Func3("NtOpenSemaphore", ntOpenSemaphore, "SemaphoreHandle DesiredAccess ObjectAttributes"),
	win.Partial(win.Func5("NtQuerySemaphore", ntQuerySemaphore, "SemaphoreHandle SemaphoreInformationClass SemaphoreInformation SemaphoreInformationLength ReturnLength"), "SemaphoreBasicInformation"),
	win.Func3("NtReleaseSemaphore", ntReleaseSemaphore, "SemaphoreHandle ReleaseCount PreviousCount"),
)

// ntCreateSemaphore makes a semaphore or opens the one of that name.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-createsemaphorew
func ntCreateSemaphore(c *win.Call, SemaphoreHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes attributes, InitialCount, MaximumCount win.Int) (win.Status, win.Error) {
	if MaximumCount <= 0 || InitialCount < 0 || InitialCount > MaximumCount {
		return win.StatusInvalidParameter, 0
	}
	return create(c, SemaphoreHandle, ObjectAttributes, func(name string) (*guest.Semaphore, win.Status) {
		return &guest.Semaphore{Name: name, Count: int32(InitialCount), Max: int32(MaximumCount)}, 0
	}, nil), 0
}

func ntOpenSemaphore(c *win.Call, SemaphoreHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes attributes) (win.Status, win.Error) {
	return open[*guest.Semaphore](c, SemaphoreHandle, ObjectAttributes), 0
}

// ntReleaseSemaphore adds to a semaphore's count.
//
// https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-releasesemaphore
func ntReleaseSemaphore(c *win.Call, SemaphoreHandle win.Handle, ReleaseCount win.Int, PreviousCount win.Out[int32]) (win.Status, win.Error) {
	if ReleaseCount <= 0 {
		return win.StatusInvalidParameter, 0
	}
	s, status := object[*guest.Semaphore](c, SemaphoreHandle)
	if status != 0 {
		return status, 0
	}
	previous, ok := s.Release(int32(ReleaseCount))
	if !ok {
		return statusSemaphoreLimit, 0
	}
	c.Signal()
	PreviousCount.Set(c, previous)
	return 0, 0
}

// ntQuerySemaphore tells a semaphore's count and its limit.
func ntQuerySemaphore(c *win.Call, SemaphoreHandle win.Handle, SemaphoreInformationClass win.DWORD, SemaphoreInformation win.Ptr, SemaphoreInformationLength win.DWORD, ReturnLength win.Out[uint32]) (win.Status, win.Error) {
	if SemaphoreInformationClass != 0 {
		return win.StatusInvalidInfoClass, 0
	}
	if SemaphoreInformationLength != 8 {
		return win.StatusInfoLengthMismatch, 0
	}
	s, status := object[*guest.Semaphore](c, SemaphoreHandle)
	if status != 0 {
		return status, 0
	}
	b := le.AppendUint32(nil, uint32(s.Count))
	return answer(c, le.AppendUint32(b, uint32(s.Max)), SemaphoreInformation, SemaphoreInformationLength, ReturnLength), 0
}
