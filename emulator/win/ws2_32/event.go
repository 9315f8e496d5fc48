package ws2_32

import (
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var eventRows = win.Rows{
	win.Func4("WSAAsyncSelect", wsaAsyncSelect, "s hWnd wMsg lEvent"),
	win.Func1("WSACloseEvent", wsaCloseEvent, "hEvent"),
	win.Func0("WSACreateEvent", wsaCreateEvent),
	win.Func3("WSAEnumNetworkEvents", wsaEnumNetworkEvents, "s hEventObject lpNetworkEvents"),
	win.Func3("WSAEventSelect", wsaEventSelect, "s hEventObject lNetworkEvents"),
	win.Func1("WSAResetEvent", wsaResetEvent, "hEvent"),
	win.Func1("WSASetEvent", wsaSetEvent, "hEvent"),
	win.Func5("WSAWaitForMultipleEvents", wsaWaitForMultipleEvents, "cEvents lphEvents fWaitAll dwTimeout fAlertable"),
}

// Network events, FD_*.
const (
	eventRead    = 0x01
	eventWrite   = 0x02
	eventAccept  = 0x08
	eventConnect = 0x10
	eventClose   = 0x20
	allEvents    = 0x3FF

	eventRoom = 1 << 16 // the other end took something: our own, becomes eventWrite
)

// watch is what the guest wants to be told of a socket.
type watch struct {
	mask     uint32
	event    *guest.Event
	window   uint64 // that messages are posted to, 0 for none
	message  uint64
	handle   uint64 // of the socket, for the messages
	recorded uint32
	blocked  bool // sending had to wait: room is worth an event
}

// changed tells whoever waits for it that something happened to a socket.
func (s *socket) changed(c *win.Call, events uint32) {
	if events&(eventRead|eventClose) != 0 {
		s.deliver(c)
	}
	if events&eventRoom != 0 {
		if !s.watch.blocked {
			return
		}
		s.watch.blocked = false
		events = events&^eventRoom | eventWrite
	}
	s.record(c, events)
}

// record keeps what happened and tells the event or the window.
func (s *socket) record(c *win.Call, events uint32) {
	events &= s.watch.mask
	if events == 0 {
		return
	}
	s.watch.recorded |= events
	if s.watch.event != nil {
		s.watch.event.Set = true
	}
	for bit := uint32(1); s.watch.window != 0 && bit <= events; bit <<= 1 {
		if events&bit == 0 {
			continue
		}
		code := win.Error(0)
		switch {
		case bit == eventConnect:
			code = s.failed
		case bit == eventClose && s.reset:
			code = errReset
		}
		c.Invoke("user32.dll", "PostMessageW", s.watch.window, s.watch.message, s.watch.handle, uint64(bit)|uint64(code)<<16)
	}
}

// again follows a call that makes an event possible once more: the event
// happens at once if there is still cause for it.
func (s *socket) again(c *win.Call, event uint32) {
	switch {
	case event == eventRead && (len(s.in) > 0 || len(s.datagrams) > 0),
		event == eventAccept && len(s.backlog) > 0:
		s.record(c, event)
	case event == eventWrite:
		s.watch.blocked = true
	}
}

// now is what there is cause for.
func (s *socket) now() uint32 {
	events := uint32(0)
	if len(s.in) > 0 || len(s.datagrams) > 0 {
		events |= eventRead
	}
	if s.connected && !s.noWrite || s.kind == typeDatagram {
		events |= eventWrite
	}
	if len(s.backlog) > 0 {
		events |= eventAccept
	}
	if s.connected && s.kind == typeStream && (s.ended || s.reset) {
		events |= eventClose
	}
	return events
}

// wsaEventSelect asks for an event to be set when something happens to a
// socket. The socket no longer waits.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsaeventselect
func wsaEventSelect(c *win.Call, s, hEventObject win.Handle, lNetworkEvents win.Hex) (win.SockInt, win.Error) {
	o, err := find(c, s)
	if err != 0 {
		return result(err)
	}
	if lNetworkEvents == 0 {
		o.watch = watch{}
		return 0, 0
	}
	e, ok := guest.Lookup[*guest.Event](c.Handles, hEventObject.Guest())
	if !ok || lNetworkEvents&^allEvents != 0 {
		return result(errInvalid)
	}
	o.nonBlocking = true
	o.watch = watch{mask: uint32(lNetworkEvents), event: e}
	o.record(c, o.now())
	return 0, 0
}

// wsaEnumNetworkEvents tells what happened since it was asked last, and resets
// the event.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsaenumnetworkevents
func wsaEnumNetworkEvents(c *win.Call, s, hEventObject win.Handle, lpNetworkEvents win.Ptr) (win.SockInt, win.Error) {
	const codes, count = 4, 10 // WSANETWORKEVENTS: the events, an error for each
	o, err := find(c, s)
	if err != 0 {
		return result(err)
	}
	if lpNetworkEvents == 0 {
		return result(errFault)
	}
	if e, ok := guest.Lookup[*guest.Event](c.Handles, hEventObject.Guest()); ok {
		e.Set = false
	}
	c.WriteUint(lpNetworkEvents, 4, uint64(o.watch.recorded))
	for bit := range win.Ptr(count) {
		code := win.Error(0)
		switch {
		case o.watch.recorded>>bit&1 == 0:
			continue
		case 1<<bit == eventConnect:
			code = o.failed
		case 1<<bit == eventClose && o.reset:
			code = errReset
		}
		c.WriteUint(lpNetworkEvents+codes+4*bit, 4, uint64(code))
	}
	o.watch.recorded = 0
	return 0, 0
}

// wsaAsyncSelect asks for messages to a window when something happens to a
// socket. The socket no longer waits.
//
// https://learn.microsoft.com/windows/win32/api/winsock/nf-winsock-wsaasyncselect
func wsaAsyncSelect(c *win.Call, s, hWnd win.Handle, wMsg win.DWORD, lEvent win.Hex) (win.SockInt, win.Error) {
	o, err := find(c, s)
	switch {
	case err != 0:
		return result(err)
	case lEvent == 0:
		o.watch = watch{}
		return 0, 0
	case hWnd == 0 || lEvent&^allEvents != 0:
		return result(errInvalid)
	}
	o.nonBlocking = true
	o.watch = watch{mask: uint32(lEvent), window: uint64(hWnd), message: uint64(wMsg), handle: uint64(s)}
	o.record(c, o.now())
	return 0, 0
}

// The events of Windows Sockets are those of the kernel.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsacreateevent
func wsaCreateEvent(c *win.Call) (win.Handle, win.Error) {
	return win.Handle(c.Handles.Add(&guest.Event{Manual: true})), 0
}

func event(c *win.Call, h win.Handle) (*guest.Event, win.Error) {
	e, ok := guest.Lookup[*guest.Event](c.Handles, h.Guest())
	if !ok {
		return nil, win.ErrInvalidHandle
	}
	return e, 0
}

func wsaCloseEvent(c *win.Call, hEvent win.Handle) (win.Bool, win.Error) {
	_, err := event(c, hEvent)
	if err == 0 {
		c.Handles.Close(hEvent.Guest())
	}
	return err == 0, err
}

func wsaSetEvent(c *win.Call, hEvent win.Handle) (win.Bool, win.Error) {
	return setEvent(c, hEvent, true)
}

func wsaResetEvent(c *win.Call, hEvent win.Handle) (win.Bool, win.Error) {
	return setEvent(c, hEvent, false)
}

func setEvent(c *win.Call, h win.Handle, set bool) (win.Bool, win.Error) {
	e, err := event(c, h)
	if err == 0 {
		e.Set = set
	}
	return err == 0, err
}

// wsaWaitForMultipleEvents waits for events.
//
// https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsawaitformultipleevents
func wsaWaitForMultipleEvents(c *win.Call, cEvents win.DWORD, lphEvents win.Ptr, fWaitAll win.Int, dwTimeout win.Millis, fAlertable win.Int) (win.WaitCode, win.Error) {
	if err := started(c); err != 0 {
		return 0, err
	}
	objects, status := ntdll.Waitables(c, cEvents, lphEvents, fWaitAll != 0)
	if status != 0 || c.Faulted() {
		return 0, ntdll.Win32Error(status)
	}
	const infinite = 0xFFFFFFFF
	limit := time.Duration(-1)
	if dwTimeout != infinite {
		limit = time.Duration(dwTimeout) * time.Millisecond
	}
	return win.WaitCode(ntdll.Wait(c, objects, fWaitAll != 0, fAlertable != 0, limit)), 0
}
