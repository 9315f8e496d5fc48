// Package wtsapi32 has the handlers of wtsapi32.dll on a workstation with one
// session that somebody has signed in to, beside that of the services.
package wtsapi32

import (
	"sidetrace/emulator/win"
)

// Table returns wtsapi32.dll.
func Table() win.Table { return win.DLL("wtsapi32.dll", processRows, sessionRows) }

var processRows = win.Rows{
	win.Func5("WTSEnumerateProcesses{A,W}", enumerateProcesses, "hServer Reserved Version ppProcessInfo pCount"),
}

var sessionRows = win.Rows{
	win.Stub("WTSCloseServer", win.Void{}, "hServer"),
	win.Func5("WTSEnumerateSessions{A,W}", enumerateSessions, "hServer Reserved Version ppSessionInfo pCount"),
	win.Func1("WTSFreeMemory", freeMemory, "pMemory"),
	win.Partial(win.Func1("WTSOpenServer{A,W}", openServer, "pServerName"), "this machine only"),
	win.Partial(win.Func5("WTSQuerySessionInformation{A,W}", querySessionInformation, "hServer SessionId WTSInfoClass ppBuffer pBytesReturned"),
		"names, state, number and protocol"),
	win.Func2("WTSQueryUserToken", queryUserToken, "SessionId phToken"),
	win.Stub("WTSRegisterSessionNotification", win.Bool(true), "hWnd dwFlags"),
	win.Stub("WTSUnRegisterSessionNotification", win.Bool(true), "hWnd"),
}

// The sessions: that of the services, and that of the user at the console.
const (
	services  = 0
	console   = 1
	current   = 0xFFFFFFFF // WTS_CURRENT_SESSION
	active    = 0          // WTSActive
	separated = 4          // WTSDisconnected

	errNoPrivilege win.Error = 1314
	errNoFile      win.Error = 2
)

// give makes a block that WTSFreeMemory takes back.
func give(c *win.Call, b *win.Block, at uint64, out win.Out[uint64]) win.Error {
	c.Write(win.Ptr(at), b.Data)
	out.Set(c, at)
	return 0
}

// enumerateProcesses lists the processes. The user is not told whom those of
// others belong to.
//
// https://learn.microsoft.com/windows/win32/api/wtsapi32/nf-wtsapi32-wtsenumerateprocessesw
func enumerateProcesses(c *win.Call, hServer win.Handle, Reserved, Version win.DWORD, ppProcessInfo win.Out[uint64], pCount win.Out[uint32]) (win.Bool, win.Error) {
	const size = 24 // WTS_PROCESS_INFO
	if Reserved != 0 || Version != 1 || ppProcessInfo.Null() || pCount.Null() {
		return false, win.ErrInvalidParameter
	}
	type entry struct {
		session, id uint32
		name        []byte
	}
	list := []entry{{services, 0, c.Encode("")}}
	for _, o := range c.Others() {
		if !o.Set {
			list = append(list, entry{o.Session, o.ID, c.Encode(o.Name)})
		}
	}
	list = append(list, entry{console, c.ID, c.Encode(c.Program().Name())})
	total := size * len(list)
	for _, e := range list {
		total += len(e.name) + 8
	}
	at := c.Heap.Alloc(uint64(total))
	if at == 0 {
		return false, win.ErrNotEnoughMemory
	}
	b := win.NewBlock(win.Ptr(at), size*len(list))
	for i, e := range list {
		b.Put(size*i, 4, uint64(e.session))
		b.Put(size*i+4, 4, uint64(e.id))
		b.Put(size*i+8, 8, b.Add(e.name))
	}
	pCount.Set(c, uint32(len(list)))
	return true, give(c, b, at, ppProcessInfo)
}

// enumerateSessions lists the two sessions.
//
// https://learn.microsoft.com/windows/win32/api/wtsapi32/nf-wtsapi32-wtsenumeratesessionsw
func enumerateSessions(c *win.Call, hServer win.Handle, Reserved, Version win.DWORD, ppSessionInfo win.Out[uint64], pCount win.Out[uint32]) (win.Bool, win.Error) {
	const size = 24 // WTS_SESSION_INFO
	if Reserved != 0 || Version != 1 || ppSessionInfo.Null() || pCount.Null() {
		return false, win.ErrInvalidParameter
	}
	at := c.Heap.Alloc(256)
	if at == 0 {
		return false, win.ErrNotEnoughMemory
	}
	b := win.NewBlock(win.Ptr(at), 2*size)
	for i, s := range []struct {
		id, state uint64
		name      string
	}{{services, separated, "Services"}, {console, active, "Console"}} {
		b.Put(size*i, 4, s.id)
		b.Put(size*i+8, 8, b.Add(c.Encode(s.name)))
		b.Put(size*i+16, 4, s.state)
	}
	pCount.Set(c, 2)
	return true, give(c, b, at, ppSessionInfo)
}

// querySessionInformation tells of a session.
//
// https://learn.microsoft.com/windows/win32/api/wtsapi32/nf-wtsapi32-wtsquerysessioninformationw
func querySessionInformation(c *win.Call, hServer win.Handle, SessionId win.DWORD, WTSInfoClass win.DWORD, ppBuffer win.Out[uint64], pBytesReturned win.Out[uint32]) (win.Bool, win.Error) {
	const (
		sessionID, userName, station, domain, state, clientName, protocol = 4, 5, 6, 7, 8, 10, 16
		last                                                              = 29 // WTSIsRemoteSession
	)
	if ppBuffer.Null() || pBytesReturned.Null() {
		return false, win.ErrInvalidParameter
	}
	if SessionId == current {
		SessionId = console
	}
	if SessionId > console {
		return false, errNoFile
	}
	of := func(service, user string) []byte {
		if SessionId == services {
			return c.Encode(service)
		}
		return c.Encode(user)
	}
	var value []byte
	switch WTSInfoClass {
	case sessionID:
		value = []byte{byte(SessionId), 0, 0, 0}
	case userName:
		value = of("", c.Config.User)
	case domain:
		value = of("", c.Config.Computer)
	case station:
		value = of("Services", "Console")
	case state:
		value = []byte{active, 0, 0, 0}
		if SessionId == services {
			value[0] = separated
		}
	case clientName:
		value = c.Encode("")
	case protocol: // 0: the console
		value = []byte{0, 0}
	case last:
		value = []byte{0}
	default:
		if WTSInfoClass > last {
			return false, win.ErrInvalidParameter
		}
		c.Gap("this class of information")
		return false, win.ErrNotSupported
	}
	at := c.Heap.Alloc(uint64(len(value)))
	if at == 0 {
		return false, win.ErrNotEnoughMemory
	}
	c.Write(win.Ptr(at), value)
	ppBuffer.Set(c, at)
	pBytesReturned.Set(c, uint32(len(value)))
	return true, 0
}

// https://learn.microsoft.com/windows/win32/api/wtsapi32/nf-wtsapi32-wtsfreememory
func freeMemory(c *win.Call, pMemory win.Ptr) (win.Void, win.Error) {
	c.Heap.Free(uint64(pMemory))
	return win.Void{}, 0
}

// openServer gives the handle that stands for this machine, whatever the name.
//
// https://learn.microsoft.com/windows/win32/api/wtsapi32/nf-wtsapi32-wtsopenserverw
func openServer(c *win.Call, pServerName win.TStr) (win.Handle, win.Error) {
	if !pServerName.Null() && pServerName.Text != c.Config.Computer {
		c.Gap("another machine")
	}
	return 0, 0
}

// queryUserToken is for services only.
//
// https://learn.microsoft.com/windows/win32/api/wtsapi32/nf-wtsapi32-wtsqueryusertoken
func queryUserToken(c *win.Call, SessionId win.DWORD, phToken win.Out[uint64]) (win.Bool, win.Error) {
	if phToken.Null() {
		return false, win.ErrInvalidParameter
	}
	return false, errNoPrivilege
}
