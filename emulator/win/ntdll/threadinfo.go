package ntdll

import (
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var threadInfoRows = system(
	win.Partial(win.Func4("NtOpenThread", ntOpenThread, "ThreadHandle DesiredAccess ObjectAttributes ClientId"), "access rights are not checked"),
	win.Partial(win.Func5("NtQueryInformationThread", ntQueryInformationThread,
		"ThreadHandle ThreadInformationClass ThreadInformation ThreadInformationLength ReturnLength"),
		"basic information, times, priority, start address, suspend count, name, whether it is the last, has ended or is hidden"),
	win.Partial(win.Func4("NtSetInformationThread", ntSetInformationThread,
		"ThreadHandle ThreadInformationClass ThreadInformation ThreadInformationLength"),
		"priorities, affinity, start address, name and ThreadHideFromDebugger; they change nothing but what is told"),
)

// THREADINFOCLASS.
const (
	threadBasicInformation   = 0
	threadTimes              = 1
	threadPriority           = 2
	threadBasePriority       = 3
	threadAffinityMask       = 4
	threadWin32StartAddress  = 9
	threadAmILastThread      = 12
	threadIdealProcessor     = 13
	threadPriorityBoost      = 14
	threadHideFromDebugger   = 17
	threadIsTerminated       = 20
	threadSuspendCount       = 35
	threadNameInformation    = 38
	threadBasicInformationSz = 48
)

// ntOpenThread opens a thread by the identifier in a CLIENT_ID.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ntopenthread
func ntOpenThread(c *win.Call, ThreadHandle win.Out[uint64], DesiredAccess win.Hex, ObjectAttributes, ClientId win.Ptr) (win.Status, win.Error) {
	if !probe(c, ThreadHandle.Addr, 8) {
		return 0, 0
	}
	id := uint32(c.ReadUint(ClientId+8, 8))
	if c.Faulted() {
		return 0, 0
	}
	t, status := OpenThread(c, id)
	if status == 0 {
		ThreadHandle.Set(c, uint64(c.Handles.Add(t)))
	}
	return status, 0
}

// OwnThread finds a thread of the calling process.
func OwnThread(c *win.Call, h win.Handle) (*guest.Thread, win.Status) {
	found, status := ThreadOf(c, h)
	if status != 0 {
		return nil, status
	}
	t, ok := found.(*guest.Thread)
	if !ok {
		c.Gap("a thread of another process")
		return nil, win.StatusAccessDenied
	}
	return t, 0
}

// ntSetInformationThread keeps what it is told, which is told again and has no
// other effect. To be hidden from a debugger, of which there is none, is one
// of these.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwsetinformationthread
func ntSetInformationThread(c *win.Call, ThreadHandle win.Handle, ThreadInformationClass win.DWORD, ThreadInformation win.Ptr, ThreadInformationLength win.DWORD) (win.Status, win.Error) {
	size := win.DWORD(0)
	switch ThreadInformationClass {
	case threadHideFromDebugger:
	case threadPriority, threadBasePriority, threadIdealProcessor, threadPriorityBoost:
		size = 4
	case threadAffinityMask, threadWin32StartAddress:
		size = 8
	case threadNameInformation:
		size = 16
	default:
		c.Gap("information class " + number(ThreadInformationClass))
		return win.StatusInvalidInfoClass, 0
	}
	if ThreadInformationLength != size {
		return win.StatusInfoLengthMismatch, 0
	}
	var v uint64
	if size == 4 || size == 8 {
		v = c.ReadUint(ThreadInformation, int(size))
	}
	found, status := ThreadOf(c, ThreadHandle)
	t, ok := found.(*guest.Thread)
	if status != 0 || !ok || c.Faulted() {
		return status, 0
	}
	switch ThreadInformationClass {
	case threadHideFromDebugger:
		t.Hidden = true
	case threadPriority:
		t.Priority = int32(v) - normalPriority
	case threadBasePriority:
		t.Priority = int32(v)
	case threadIdealProcessor:
		t.Ideal = uint32(v)
	case threadPriorityBoost:
		t.NoBoost = v != 0
	case threadAffinityMask:
		if v&guest.Processors == 0 || v&^guest.Processors != 0 {
			return win.StatusInvalidParameter, 0
		}
		t.Affinity = v
	case threadWin32StartAddress:
		t.SetStart(v)
	case threadNameInformation:
		length, buffer := c.ReadUint(ThreadInformation, 2), c.ReadUint(ThreadInformation+8, 8)
		t.Name = string(guest.AppendUTF8(nil, c.Bytes(win.Ptr(buffer), length&^1)))
	}
	return 0, 0
}

// ntQueryInformationThread tells of a thread.
//
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntqueryinformationthread
func ntQueryInformationThread(c *win.Call, ThreadHandle win.Handle, ThreadInformationClass win.DWORD, ThreadInformation win.Ptr, ThreadInformationLength win.DWORD, ReturnLength win.Out[uint32]) (win.Status, win.Error) {
	found, status := ThreadOf(c, ThreadHandle)
	if status != 0 {
		return status, 0
	}
	t, ok := found.(*guest.Thread)
	if !ok {
		child := found.(*ChildThread)
		if ThreadInformationClass != threadBasicInformation {
			c.Gap("a thread of another process")
			return win.StatusAccessDenied, 0
		}
		b := make([]byte, threadBasicInformationSz)
		le.PutUint32(b, ExitCode(child))
		if child.Process != nil {
			le.PutUint64(b[16:], uint64(child.Process.ID))
		}
		le.PutUint64(b[24:], uint64(child.ID))
		le.PutUint64(b[32:], processors)
		le.PutUint32(b[40:], normalPriority)
		return answer(c, b, ThreadInformation, ThreadInformationLength, ReturnLength), 0
	}
	var b []byte
	switch ThreadInformationClass {
	case threadBasicInformation:
		b = make([]byte, threadBasicInformationSz)
		le.PutUint32(b, ExitCode(t))
		le.PutUint64(b[8:], t.TEB)
		le.PutUint64(b[16:], uint64(c.ID))
		le.PutUint64(b[24:], uint64(t.ID))
		le.PutUint64(b[32:], t.Affinity)
		le.PutUint32(b[40:], uint32(normalPriority+t.Priority))
		le.PutUint32(b[44:], uint32(t.Priority))
	case threadTimes:
		b = ThreadTimes(c, t)
	case threadWin32StartAddress:
		b = le.AppendUint64(nil, t.Start())
	case threadAmILastThread:
		alive := 0
		for _, x := range c.Threads() {
			if !x.Ended() {
				alive++
			}
		}
		b = le.AppendUint32(nil, uint32(one(alive == 1)))
	case threadPriorityBoost:
		b = le.AppendUint32(nil, uint32(one(t.NoBoost)))
	case threadHideFromDebugger:
		b = []byte{byte(one(t.Hidden))}
	case threadIsTerminated:
		b = le.AppendUint32(nil, uint32(one(t.Ended())))
	case threadSuspendCount:
		b = le.AppendUint32(nil, uint32(t.Suspended()))
	case threadNameInformation:
		return answerText(c, t.Name, ThreadInformation, ThreadInformationLength, ReturnLength), 0
	default:
		c.Gap("information class " + number(ThreadInformationClass))
		return win.StatusInvalidInfoClass, 0
	}
	return answer(c, b, ThreadInformation, ThreadInformationLength, ReturnLength), 0
}

// ThreadTimes is when a thread was made and has ended, and the time it has
// used in the kernel, which is none, and outside.
func ThreadTimes(c *win.Call, t *guest.Thread) []byte {
	at := func(d time.Duration) uint64 { return guest.FileTime(c.Config.Clock.Add(d)) }
	b := le.AppendUint64(nil, at(t.Created))
	ended := uint64(0)
	if t.Ended() {
		ended = at(t.Finished)
	}
	b = le.AppendUint64(b, ended)
	b = le.AppendUint64(b, 0)
	return le.AppendUint64(b, uint64(t.Used/100))
}
