package ws2_32

import (
	"bytes"
	"net/netip"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
)

// speaker is a server that holds the conversation the configuration has for
// it, and closes the connection after the last turn.
type speaker struct {
	socket *socket
	host   string
	steps  []guest.NetStep
	heard  []byte
	ended  bool
}

func (s *speaker) receive(c *win.Call, data []byte) {
	if len(data) > 0 {
		sent(c, s.host, s.socket.peer, "tcp", data)
	}
	if s.ended {
		return
	}
	const most = 1 << 20
	s.heard = append(s.heard, data[:min(len(data), most-len(s.heard))]...)
	for len(s.steps) > 0 {
		step := s.steps[0]
		n := min(len(step.Expect), len(s.heard))
		if !bytes.Equal(step.Expect[:n], s.heard[:n]) {
			c.Gap("bytes that the server does not expect")
			break
		}
		if n < len(step.Expect) {
			return // the rest is to come
		}
		s.heard, s.steps = s.heard[n:], s.steps[1:]
		if len(step.Send) > 0 {
			s.socket.in = append(s.socket.in, step.Send...)
			s.socket.changed(c, eventRead)
		}
	}
	s.end(c)
}

func (s *speaker) end(c *win.Call) {
	s.ended, s.socket.ended = true, true
	s.socket.changed(c, eventClose)
}

// turns counts the datagrams a server has answered.
type turns map[netip.AddrPort]int

type turnsKey struct{}

// converse is a server of datagrams: each that it expects gets the answer of
// its turn. scripted says that there is such a server.
func (s *socket) converse(c *win.Call, at netip.AddrPort, data []byte) (replies [][]byte, scripted bool) {
	address := at.Addr().Unmap().String()
	for _, host := range append(c.Network.HostsAt(address), address) {
		a := c.Network.Script("udp", host, int(at.Port()))
		if a == nil {
			continue
		}
		t, ok := c.State[turnsKey{}].(turns)
		if !ok {
			t = turns{}
			c.State[turnsKey{}] = t
		}
		if t[at] >= len(a.Steps) {
			return nil, true // it says no more
		}
		step := a.Steps[t[at]]
		if len(step.Expect) > 0 && !bytes.Equal(step.Expect, data) {
			c.Gap("a datagram that the server does not expect")
			return nil, true
		}
		t[at]++
		if len(step.Send) > 0 {
			replies = append(replies, step.Send)
		}
		return replies, true
	}
	return nil, false
}
