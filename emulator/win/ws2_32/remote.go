package ws2_32

import (
	"encoding/hex"
	"net/netip"
	"unicode/utf8"

	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

// remote is a server of the machine's network at the other end of a
// connection.
type remote interface {
	// receive takes what the guest sent, nothing when it has just connected;
	// what the server answers is put into the socket.
	receive(c *win.Call, data []byte)
	// end says that the guest sends no more.
	end(c *win.Call)
}

// newRemote is the server at a host that listens.
func newRemote(c *win.Call, s *socket, host string) remote {
	if a := c.Network.Script("tcp", host, int(s.peer.Port())); a != nil {
		return &speaker{socket: s, host: host, steps: a.Steps}
	}
	return &webServer{socket: s, host: host}
}

// webServer answers HTTP requests from the configuration, in the order they
// come. What is no HTTP, such as TLS, is recorded and not answered.
type webServer struct {
	socket  *socket
	host    string
	waiting []byte // the beginning of a request
	deaf    bool
}

func (w *webServer) receive(c *win.Call, data []byte) {
	if len(data) == 0 {
		return // a web server waits to be asked
	}
	sent(c, w.host, w.socket.peer, "tcp", data)
	if w.deaf {
		return
	}
	const most = 4 << 20
	w.waiting = append(w.waiting, data[:min(len(data), most)]...)
	for len(w.waiting) > 0 && !w.deaf {
		first := w.waiting[0]
		answer, used, state := httpstack.Serve(c, w.host, int(w.socket.peer.Port()), w.waiting)
		if state == httpstack.Incomplete && len(w.waiting) < most {
			break
		}
		w.waiting = w.waiting[used:]
		w.socket.in = append(w.socket.in, answer...)
		if state == httpstack.KeepOpen {
			w.socket.changed(c, eventRead)
			continue
		}
		if state != httpstack.CloseAfter {
			what := "a protocol that is not HTTP"
			if first == 0x16 { // a TLS handshake
				what = "TLS over a socket"
			}
			c.Gap(what)
		}
		w.deaf = true
		w.socket.ended = true
		w.socket.changed(c, eventRead|eventClose)
	}
}

// end closes the connection from the other side too.
func (w *webServer) end(c *win.Call) {
	w.deaf, w.socket.ended = true, true
	w.socket.changed(c, eventClose)
}

// sent records bytes that went to the machine's network.
func sent(c *win.Call, host string, to netip.AddrPort, protocol string, data []byte) {
	const shown = 1 << 10
	cut := data[:min(len(data), shown)]
	b := trace.NetSend{Host: host, Address: to.Addr().Unmap().String(), Port: int(to.Port()), Protocol: protocol, Size: len(data), Data: hex.EncodeToString(cut)}
	if printable(cut) {
		b.Text = string(cut)
	}
	c.Emit(b)
}

// printable reports whether bytes are text.
func printable(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	for _, x := range b {
		if x < ' ' && x != '\t' && x != '\r' && x != '\n' {
			return false
		}
	}
	return true
}

// sendAway sends a datagram to the machine's network, where a server of names
// answers at every address.
func (s *socket) sendAway(c *win.Call, at netip.AddrPort, data []byte) {
	const domain = 53
	host, _, _ := server(c, at)
	answer := []byte(nil)
	replies, scripted := s.converse(c, at, data)
	if at.Port() == domain && !scripted {
		if answer = answerDNS(c, data); answer != nil {
			replies, scripted = [][]byte{answer}, true
		}
	}
	c.Emit(trace.NetConnect{Host: host, Address: at.Addr().Unmap().String(), Port: int(at.Port()), Protocol: "udp", Answered: scripted})
	sent(c, host, at, "udp", data)
	for _, r := range replies {
		s.arrive(c, datagram{at, r})
	}
	if scripted {
		return
	}
	c.Recorder.Gap(trace.Gap{Kind: trace.GapURL, Name: "udp " + at.String(), Caller: c.Place(c.Caller), Detail: "nothing answers there"})
}
