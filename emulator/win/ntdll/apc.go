package ntdll

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var apcRows = system(
	win.Func1("NtAlertThread", ntAlertThread, "ThreadHandle"),
	win.Func5("NtQueueApcThread", ntQueueApcThread, "ThreadHandle ApcRoutine ApcArgument1 ApcArgument2 ApcArgument3"),
	win.Partial(win.Func6("NtQueueApcThreadEx", ntQueueApcThreadEx, "ThreadHandle UserApcReserveHandle ApcRoutine ApcArgument1 ApcArgument2 ApcArgument3"), specialAPC),
	win.Partial(win.Func7("NtQueueApcThreadEx2", ntQueueApcThreadEx2, "ThreadHandle UserApcReserveHandle ApcFlags ApcRoutine ApcArgument1 ApcArgument2 ApcArgument3"), specialAPC),
	win.Func0("NtTestAlert", ntTestAlert),
)

const specialAPC = "a special user APC is made when the thread next runs, at the end of a turn on the processor, not within a wait"

// QueueAPC gives a thread a call to make when it waits alertably, or before
// its own function when it has not begun.
func QueueAPC(c *win.Call, h win.Handle, routine win.Ptr, special bool, arguments ...uint64) win.Status {
	found, status := ThreadOf(c, h)
	if status != 0 {
		return status
	}
	t, ok := found.(*guest.Thread)
	if !ok {
		argument := uint64(0)
		if len(arguments) > 0 {
			argument = arguments[0]
		}
		found.(*ChildThread).hijack(c, "apc", uint64(routine), argument)
		return 0
	}
	if !t.QueueAPC(guest.APC{Function: uint64(routine), Arguments: arguments, Special: special}) {
		return win.StatusUnsuccessful
	}
	return 0
}

// ntQueueApcThread gives a thread a call with three arguments to make.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-queueuserapc
func ntQueueApcThread(c *win.Call, ThreadHandle win.Handle, ApcRoutine win.Ptr, ApcArgument1, ApcArgument2, ApcArgument3 win.Size) (win.Status, win.Error) {
	return QueueAPC(c, ThreadHandle, ApcRoutine, false, uint64(ApcArgument1), uint64(ApcArgument2), uint64(ApcArgument3)), 0
}

// ntQueueApcThreadEx is the same; the reserve handle 1 asks for a special user
// APC, which needs no alertable wait.
//
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-queueuserapc2
func ntQueueApcThreadEx(c *win.Call, ThreadHandle, UserApcReserveHandle win.Handle, ApcRoutine win.Ptr, ApcArgument1, ApcArgument2, ApcArgument3 win.Size) (win.Status, win.Error) {
	const specialUserAPC = 1
	return QueueAPC(c, ThreadHandle, ApcRoutine, UserApcReserveHandle == specialUserAPC, uint64(ApcArgument1), uint64(ApcArgument2), uint64(ApcArgument3)), 0
}

func ntQueueApcThreadEx2(c *win.Call, ThreadHandle, UserApcReserveHandle win.Handle, ApcFlags win.Hex, ApcRoutine win.Ptr, ApcArgument1, ApcArgument2, ApcArgument3 win.Size) (win.Status, win.Error) {
	const special = 1 // QUEUE_USER_APC_FLAGS_SPECIAL_USER_APC
	return QueueAPC(c, ThreadHandle, ApcRoutine, ApcFlags&special != 0, uint64(ApcArgument1), uint64(ApcArgument2), uint64(ApcArgument3)), 0
}

// ntTestAlert makes the calls that wait.
func ntTestAlert(c *win.Call) (win.Status, win.Error) {
	c.T.TestAlert()
	return 0, 0
}

// ntAlertThread ends an alertable wait of a thread without a call.
func ntAlertThread(c *win.Call, ThreadHandle win.Handle) (win.Status, win.Error) {
	return QueueAPC(c, ThreadHandle, 0, false), 0
}
