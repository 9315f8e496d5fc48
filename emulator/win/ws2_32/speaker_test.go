package ws2_32_test

import (
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win/wintest"
	"sidetrace/emulator/win/ws2_32"
)

func TestConversation(t *testing.T) {
	m := wintest.New(t, guest.Config{
		DNS: map[string][]string{"c2.test": {"203.0.113.7"}},
		Net: []guest.NetAnswer{
			{Protocol: "tcp", Host: "C2.test", Port: 4444, Steps: []guest.NetStep{{Send: []byte("hello")}, {Expect: []byte("key"), Send: []byte("payload")}}},
			{Protocol: "udp", Host: "203.0.113.7", Port: 9, Steps: []guest.NetStep{{Expect: []byte("a"), Send: []byte("b")}}},
		},
	}, ws2_32.Tables()...)
	want(t, m, 0, 0, "WSAStartup", 0x202, m.Alloc(408))
	send := func(s uint64, text string) {
		t.Helper()
		want(t, m, uint32(len(text)), 0, "send", s, m.Bytes([]byte(text)), uint64(len(text)), 0)
	}
	s := connected(t, m, 4444)
	if got := receive(t, m, s); got != "hello" {
		t.Errorf("got %q", got)
	}
	send(s, "k")
	send(s, "ey")
	if got := receive(t, m, s); got != "payload" {
		t.Errorf("got %q", got)
	}
	if got := receive(t, m, s); got != "" {
		t.Errorf("got %q after the end", got)
	}
	u, _, _ := m.Call(dll, "socket", 2, 2, 0)
	want(t, m, 0, 0, "connect", u, sockaddr(m, 7, 9), 16)
	send(u, "a")
	if got := receive(t, m, u); got != "b" {
		t.Errorf("got %q", got)
	}
	if m.Gaps() != nil {
		t.Errorf("gaps: %q", m.Gaps())
	}
	// Something else than is expected: a gap, and the end.
	s = connected(t, m, 4444)
	receive(t, m, s)
	send(s, "other")
	if got := receive(t, m, s); got != "" || len(m.Gaps()) != 1 || !strings.Contains(m.Gaps()[0], "does not expect") {
		t.Errorf("got %q, gaps %q", got, m.Gaps())
	}
}
