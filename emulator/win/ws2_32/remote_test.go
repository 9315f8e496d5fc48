package ws2_32_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
	"sidetrace/emulator/win/wintest"
	"sidetrace/emulator/win/ws2_32"
)

const dll = "ws2_32.dll"

func machine(t *testing.T) *wintest.Machine {
	m := wintest.New(t, guest.Config{
		DNS: map[string][]string{"c2.test": {"203.0.113.7", "2001:db8::7"}, "idle.test": {"203.0.113.8"}},
		Web: []guest.WebAnswer{
			{URL: "http://c2.test/a", Headers: map[string]string{"Content-Type": "text/plain"}, Body: []byte("stage two")},
			{Method: "POST", URL: "http://c2.test/b", Body: []byte("ok")},
			{URL: "https://c2.test/", Body: []byte("secret")},
		},
	}, ws2_32.Tables()...)
	want(t, m, 0, 0, "WSAStartup", 0x202, m.Alloc(408))
	return m
}

// want calls an export and checks its result, of which the low 32 bits count,
// and the last error.
func want(t *testing.T, m *wintest.Machine, result uint32, lastError win.Error, name string, args ...uint64) {
	t.Helper()
	if got, err, _ := m.Call(dll, name, args...); uint32(got) != result || err != lastError {
		t.Fatalf("%s: got %d, error %d, want %d, error %d", name, int32(got), err, int32(result), lastError)
	}
}

const failed = 0xFFFFFFFF

// sockaddr is 203.0.113.x:port.
func sockaddr(m *wintest.Machine, host byte, port uint16) uint64 {
	return m.Bytes([]byte{2, 0, byte(port >> 8), byte(port), 203, 0, 113, host, 0, 0, 0, 0, 0, 0, 0, 0})
}

func connected(t *testing.T, m *wintest.Machine, port uint16) uint64 {
	t.Helper()
	s, _, _ := m.Call(dll, "socket", 2, 1, 0)
	want(t, m, 0, 0, "connect", s, sockaddr(m, 7, port), 16)
	return s
}

func receive(t *testing.T, m *wintest.Machine, s uint64) string {
	t.Helper()
	buffer := m.Alloc(4096)
	n, _, _ := m.Call(dll, "recv", s, buffer, 4096, 0)
	if int32(n) < 0 {
		t.Fatal("recv failed")
	}
	return string(m.Get(buffer, int(n)))
}

func TestPlainHTTP(t *testing.T) {
	m := machine(t)
	s := connected(t, m, 80)
	send := func(text string) {
		want(t, m, uint32(len(text)), 0, "send", s, m.Bytes([]byte(text)), uint64(len(text)), 0)
	}
	send("GET /a HTTP/1.1\r\nHost: c2")
	send(".test\r\nUser-Agent: x\r\n\r\n")
	if got, want := receive(t, m, s), "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nstage two"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	send("POST /b HTTP/1.1\r\nHost: c2.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
	if got := receive(t, m, s); !strings.HasSuffix(got, "\r\n\r\nok") {
		t.Errorf("got %q", got)
	}
	if got := receive(t, m, s); got != "" {
		t.Errorf("after the end: %q", got)
	}
	requests := m.Behaviours("http.request")
	if len(requests) != 2 || !strings.Contains(requests[0], "user_agent=x") || !strings.Contains(requests[1], "body=abcde") {
		t.Errorf("got %q", requests)
	}
	if got := m.Behaviours("http.response"); len(got) != 2 {
		t.Errorf("got %q", got)
	}
	if got := m.Behaviours("net.connect"); len(got) != 1 || !strings.Contains(got[0], "host=c2.test address=203.0.113.7 port=80") {
		t.Errorf("got %q", got)
	}
	if gaps := m.Gaps(); len(gaps) != 0 {
		t.Errorf("gaps %q", gaps)
	}
}

func TestTLSOverSocketIsAGap(t *testing.T) {
	m := machine(t)
	s := connected(t, m, 443)
	want(t, m, 5, 0, "send", s, m.Bytes([]byte{0x16, 3, 1, 0, 5}), 5, 0)
	if got := receive(t, m, s); got != "" {
		t.Errorf("got %q", got)
	}
	if got := m.Behaviours("net.send"); len(got) != 1 || !strings.Contains(got[0], "data=1603010005") {
		t.Errorf("got %q", got)
	}
	if gaps := m.Gaps(); len(gaps) != 1 || !strings.Contains(gaps[0], "TLS") {
		t.Errorf("gaps %q", gaps)
	}
}

func TestUnanswered(t *testing.T) {
	m := machine(t)
	s, _, _ := m.Call(dll, "socket", 2, 1, 0)
	before := m.Clock.Elapsed()
	want(t, m, failed, 10061, "connect", s, sockaddr(m, 8, 80), 16) // a host that does not listen
	if d := m.Clock.Elapsed() - before; d.Seconds() < 2 || d.Seconds() > 3 {
		t.Errorf("refused after %s", d)
	}
	before = m.Clock.Elapsed()
	want(t, m, failed, 10060, "connect", s, sockaddr(m, 99, 80), 16) // no host
	if d := m.Clock.Elapsed() - before; d.Seconds() < 21 || d.Seconds() > 22 {
		t.Errorf("timed out after %s", d)
	}
	want(t, m, 11001, 11001, "getaddrinfo", m.AString("nobody.test"), 0, 0, m.Alloc(8))
	if got := m.Gaps(); len(got) != 3 {
		t.Errorf("gaps %q", got)
	}
	want(t, m, 11001, 11001, "getaddrinfo", m.AString("nobody.invalid"), 0, 0, m.Alloc(8))
	if got := m.Gaps(); len(got) != 3 {
		t.Errorf("gaps %q", got)
	}
}

func TestIdleServerCloses(t *testing.T) {
	m := machine(t)
	s := connected(t, m, 80)
	before := m.Clock.Elapsed()
	if got := receive(t, m, s); got != "" {
		t.Errorf("got %q", got)
	}
	if d := m.Clock.Elapsed() - before; d.Minutes() < 2 {
		t.Errorf("closed after %s", d)
	}
}

func TestNames(t *testing.T) {
	m := machine(t)
	list := m.Alloc(8)
	want(t, m, 0, 0, "GetAddrInfoW", m.WString("C2.test"), m.WString("http"), 0, list)
	first := m.Uint(list, 8)
	if got := m.Uint(first+4, 4); got != 2 {
		t.Errorf("family %d", got)
	}
	if got := hex.EncodeToString(m.Get(m.Uint(first+32, 8), 8)); got != "02000050cb007107" {
		t.Errorf("address %s", got)
	}
	if second := m.Uint(first+40, 8); second == 0 || m.Uint(second+4, 4) != 23 || m.Uint(second+40, 8) != 0 {
		t.Error("no second result of IPv6, or a third")
	}
	if got := m.Behaviours("dns.query"); len(got) != 1 {
		t.Errorf("got %q", got)
	}
}

// A query made by hand, for c2.test.
func TestDNSOverUDP(t *testing.T) {
	m := machine(t)
	s, _, _ := m.Call(dll, "socket", 2, 2, 0)
	query := []byte("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x02c2\x04test\x00\x00\x01\x00\x01")
	want(t, m, uint32(len(query)), 0, "sendto", s, m.Bytes(query), uint64(len(query)), 0, sockaddr(m, 99, 53), 16)
	want1 := "\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x02c2\x04test\x00\x00\x01\x00\x01" + "\xc0\x0c\x00\x01\x00\x01\x00\x00\x01\x2c\x00\x04\xcb\x00\x71\x07"
	if got := receive(t, m, s); got != want1 {
		t.Errorf("got %x, want %x", got, want1)
	}
}

func TestConnectEx(t *testing.T) {
	m := machine(t)
	s, _, _ := m.Call(dll, "socket", 2, 1, 0)
	out := m.Alloc(8)
	guid, _ := win.ParseGUID("25a207b9-ddf3-4660-8ee9-76e58c74063e")
	want(t, m, 0, 0, "WSAIoctl", s, 0xC8000006, m.Bytes(guid[:]), 16, out, 8, m.Alloc(4), 0, 0)
	if m.Uint(out, 8) < guest.SystemBase {
		t.Errorf("got %#x", m.Uint(out, 8))
	}
	overlapped := m.Bytes(make([]byte, 32))
	want(t, m, 0, 10022, "ConnectEx", s, sockaddr(m, 7, 80), 16, 0, 0, 0, overlapped)
	want(t, m, 0, 0, "bind", s, m.Bytes([]byte{2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), 16)
	want(t, m, 1, 0, "ConnectEx", s, sockaddr(m, 7, 80), 16, 0, 0, 0, overlapped)
}

// A socket is a handle of the kernel: CloseHandle closes it, and so does the
// last WSACleanup.
func TestClosed(t *testing.T) {
	m := wintest.New(t, guest.Config{}, append(ws2_32.Tables(), ntdll.Table())...)
	want(t, m, 0, 0, "WSAStartup", 0x202, m.Alloc(408))
	local := m.Bytes([]byte{2, 0, 0x11, 0x5C, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0})
	l, _, _ := m.Call(dll, "socket", 2, 1, 0)
	want(t, m, 0, 0, "bind", l, local, 16)
	want(t, m, 0, 0, "listen", l, 1)
	s, _, _ := m.Call(dll, "socket", 2, 1, 0)
	want(t, m, 0, 0, "connect", s, local, 16)
	end, _, _ := m.Call(dll, "accept", l, 0, 0)
	if status, _, _ := m.Call("ntdll.dll", "NtClose", end); status != 0 {
		t.Fatalf("NtClose: %#x", status)
	}
	if got := receive(t, m, s); got != "" {
		t.Errorf("got %q", got)
	}
	want(t, m, 0, 0, "WSACleanup")
	want(t, m, 0, 0, "WSAStartup", 0x202, m.Alloc(408))
	want(t, m, failed, 10038, "listen", l, 1)
	again, _, _ := m.Call(dll, "socket", 2, 1, 0)
	want(t, m, 0, 0, "bind", again, local, 16)
}
