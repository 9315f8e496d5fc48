package advapi32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

var eventLogRows = win.Rows{
	win.Partial(win.Func2("ClearEventLog{A,W}", clearEventLog, "hEventLog lpBackupFileName"), "nothing is cleared"),
	win.Func1("CloseEventLog", closeEventLog, "hEventLog"),
	win.Func1("DeregisterEventSource", closeEventLog, "hEventLog"),
	win.Func2("OpenEventLog{A,W}", openEventLog, "lpUNCServerName lpSourceName"),
	win.Func2("RegisterEventSource{A,W}", openEventLog, "lpUNCServerName lpSourceName"),
	win.Partial(win.Func9("ReportEvent{A,W}", reportEvent, "hEventLog wType wCategory dwEventID lpUserSid wNumStrings dwDataSize lpStrings lpRawData"), "the event is not kept"),
}

// eventLog is an open log, or a source of events.
type eventLog struct{ name string }

func (*eventLog) Type() string { return "EventLog" }

// openEventLog opens a log of this machine. A source that is not known means
// the log of applications.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-registereventsourcew
func openEventLog(c *win.Call, lpUNCServerName, lpSourceName win.TStr) (win.Handle, win.Error) {
	const noServer win.Error = 1722 // RPC_S_SERVER_UNAVAILABLE
	switch {
	case lpSourceName.Null():
		return 0, win.ErrInvalidParameter
	case lpUNCServerName.Text != "":
		c.Gap("another machine")
		return 0, noServer
	}
	return win.Handle(c.Handles.Add(&eventLog{lpSourceName.Text})), 0
}

func eventLogOf(c *win.Call, h win.Handle) *eventLog {
	l, _ := guest.Lookup[*eventLog](c.Handles, h.Guest())
	return l
}

// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-closeeventlog
func closeEventLog(c *win.Call, hEventLog win.Handle) (win.Bool, win.Error) {
	if eventLogOf(c, hEventLog) == nil {
		return false, win.ErrInvalidHandle
	}
	c.Handles.Close(hEventLog.Guest())
	return true, 0
}

// reportEvent looks at an event and forgets it.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-reporteventw
func reportEvent(c *win.Call, hEventLog win.Handle, wType, wCategory win.WORD, dwEventID win.DWORD, lpUserSid win.Ptr, wNumStrings win.WORD, dwDataSize win.DWORD, lpStrings, lpRawData win.Ptr) (win.Bool, win.Error) {
	if eventLogOf(c, hEventLog) == nil {
		return false, win.ErrInvalidHandle
	}
	const mostStrings = 256
	if wNumStrings > mostStrings || wNumStrings > 0 && lpStrings == 0 {
		return false, win.ErrInvalidParameter
	}
	for i := range win.Ptr(wNumStrings) {
		c.TString(win.Ptr(c.ReadUint(lpStrings+8*i, 8)))
	}
	c.Bytes(lpRawData, uint64(dwDataSize))
	return true, 0
}

// clearEventLog is refused: the user is no administrator. That it was tried is
// a gap, which names the log.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-cleareventlogw
func clearEventLog(c *win.Call, hEventLog win.Handle, lpBackupFileName win.Ptr) (win.Bool, win.Error) {
	l := eventLogOf(c, hEventLog)
	if l == nil {
		return false, win.ErrInvalidHandle
	}
	c.Gap("the log " + l.name)
	return false, win.ErrAccessDenied
}
