package iphlpapi

import (
	"encoding/binary"
	"net/netip"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/machine"
)

var echoRows = win.Rows{
	win.Func1("IcmpCloseHandle", icmpCloseHandle, "IcmpHandle"),
	win.Func0("IcmpCreateFile", icmpCreateFile),
	win.Func2("IcmpParseReplies", icmpParseReplies, "ReplyBuffer ReplySize"),
	win.Func8("IcmpSendEcho", icmpSendEcho, "IcmpHandle DestinationAddress RequestData RequestSize RequestOptions ReplyBuffer ReplySize Timeout"),
	win.Partial(win.Func11("IcmpSendEcho2", icmpSendEcho2, "IcmpHandle Event ApcRoutine ApcContext DestinationAddress RequestData RequestSize RequestOptions ReplyBuffer ReplySize Timeout"), "the caller waits"),
}

// echo is what echo requests are sent by.
type echo struct{}

func (*echo) Type() string { return "File" }

// icmpCreateFile opens what echo requests are sent by.
//
// https://learn.microsoft.com/windows/win32/api/icmpapi/nf-icmpapi-icmpcreatefile
func icmpCreateFile(c *win.Call) (win.FileHandle, win.Error) {
	return win.FileHandle(c.Handles.Add(&echo{})), 0
}

func icmpCloseHandle(c *win.Call, IcmpHandle win.Handle) (win.Bool, win.Error) {
	if _, ok := guest.Lookup[*echo](c.Handles, IcmpHandle.Guest()); !ok {
		return false, win.ErrInvalidHandle
	}
	c.Handles.Close(IcmpHandle.Guest())
	return true, 0
}

// icmpSendEcho asks an address to answer. The hosts of the configuration and
// the machine itself do; for others the time-out passes.
//
// https://learn.microsoft.com/windows/win32/api/icmpapi/nf-icmpapi-icmpsendecho
func icmpSendEcho(c *win.Call, IcmpHandle win.Handle, DestinationAddress win.Hex, RequestData win.Ptr, RequestSize win.WORD, RequestOptions, ReplyBuffer win.Ptr, ReplySize win.DWORD, Timeout win.Millis) (win.DWORD, win.Error) {
	const (
		size                    = 40 // ICMP_ECHO_REPLY
		roundTrip, length, data = 8, 12, 16
		ttl                     = 24
		timedOut                = 11010 // IP_REQ_TIMED_OUT
		latency                 = 12
	)
	if _, ok := guest.Lookup[*echo](c.Handles, IcmpHandle.Guest()); !ok {
		return 0, win.ErrInvalidHandle
	}
	if ReplyBuffer == 0 || uint64(ReplySize) < size+uint64(RequestSize) {
		return 0, win.ErrInvalidParameter
	}
	sent := append([]byte(nil), c.Bytes(RequestData, uint64(RequestSize))...)
	if c.Faulted() {
		return 0, 0
	}
	a := netip.AddrFrom4([4]byte(binary.LittleEndian.AppendUint32(nil, uint32(DestinationAddress))))
	answers := machine.Own(a) || a == machine.Router || len(c.Network.HostsAt(a.String())) > 0
	c.Emit(trace.NetConnect{Host: a.String(), Address: a.String(), Protocol: "icmp", Answered: answers})
	if !answers {
		c.T.Sleep(time.Duration(Timeout) * time.Millisecond)
		return 0, timedOut
	}
	c.T.Sleep(latency * time.Millisecond)
	b := win.NewBlock(ReplyBuffer, size)
	b.Put(0, 4, uint64(DestinationAddress))
	b.Put(roundTrip, 4, latency)
	b.Put(length, 2, uint64(len(sent)))
	b.Put(ttl, 1, 128)
	b.Put(data, 8, b.Add(sent))
	c.Write(ReplyBuffer, b.Data)
	return 1, 0
}

func icmpSendEcho2(c *win.Call, IcmpHandle, Event win.Handle, ApcRoutine, ApcContext win.Ptr, DestinationAddress win.Hex, RequestData win.Ptr, RequestSize win.WORD, RequestOptions, ReplyBuffer win.Ptr, ReplySize win.DWORD, Timeout win.Millis) (win.DWORD, win.Error) {
	if Event != 0 || ApcRoutine != 0 {
		c.Gap("an echo that goes on by itself")
	}
	return icmpSendEcho(c, IcmpHandle, DestinationAddress, RequestData, RequestSize, RequestOptions, ReplyBuffer, ReplySize, Timeout)
}

func icmpParseReplies(c *win.Call, ReplyBuffer win.Ptr, ReplySize win.DWORD) (win.DWORD, win.Error) {
	if ReplyBuffer == 0 || c.ReadUint(ReplyBuffer+4, 4) != 0 {
		return 0, 0
	}
	return 1, 0
}
