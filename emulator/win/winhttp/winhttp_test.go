package winhttp_test

import (
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
	"sidetrace/emulator/win/winhttp"
	"sidetrace/emulator/win/wintest"
)

const dll = "winhttp.dll"

// api is a machine with winhttp.dll and the calls every test makes.
type api struct {
	*wintest.Machine
	t *testing.T
}

func newAPI(t *testing.T) *api {
	return &api{wintest.New(t, guest.Config{
		DNS: map[string][]string{"c2.test": {"198.51.100.1"}},
		Web: []guest.WebAnswer{
			{URL: "https://c2.test/queue", Headers: map[string]string{"Content-Type": "text/plain"}, Body: []byte("hello, world")},
			{URL: "http://c2.test:8080/drop", Method: "POST"},
			{URL: "http://c2.test:8080/moved", Status: 302, Headers: map[string]string{"Location": "/end"}},
			{URL: "http://c2.test:8080/end", Body: []byte("end")},
		},
	}, winhttp.Table()), t}
}

// call requires success or an error, and returns the result.
func (a *api) call(want win.Error, name string, args ...uint64) uint64 {
	a.t.Helper()
	got, err, line := a.Call(dll, name, args...)
	if want != err || (want == 0) != (got != 0) {
		a.t.Fatalf("got %#x, error %d, want error %d: %s", got, err, want, line)
	}
	return got
}

func (a *api) open(host string, port uint64, verb, object string, flags uint64) uint64 {
	a.t.Helper()
	session := a.call(0, "WinHttpOpen", a.WString("Agent/1.0"), 0, 0, 0, 0)
	connection := a.call(0, "WinHttpConnect", session, a.WString(host), port, 0)
	return a.call(0, "WinHttpOpenRequest", connection, a.WString(verb), a.WString(object), 0, 0, 0, flags)
}

func TestGet(t *testing.T) {
	a := newAPI(t)
	r := a.open("c2.test", 0, "GET", "/queue", 0x00800000)
	n, buffer := a.Alloc(4), a.Alloc(64)
	a.call(httpstack.ErrIncorrectHandleState, "WinHttpReceiveResponse", r, 0)
	a.call(0, "WinHttpSendRequest", r, a.WString("X: 1"), 0xFFFFFFFF, 0, 0, 0, 0)
	a.call(httpstack.ErrIncorrectHandleState, "WinHttpReadData", r, buffer, 64, n)
	a.call(0, "WinHttpReceiveResponse", r, 0)
	size := a.Bytes([]byte{4, 0, 0, 0})
	a.call(0, "WinHttpQueryHeaders", r, 19|0x20000000, 0, buffer, size, 0)
	if got := a.Uint(buffer, 4); got != 200 {
		t.Errorf("status: got %d, want 200", got)
	}
	a.Put(size, []byte{64})
	a.call(0, "WinHttpQueryHeaders", r, 0xFFFF, a.WString("content-type"), buffer, size, 0)
	if got := guest.FromUTF16(a.Get(buffer, 64)); got != "text/plain" || a.Uint(size, 4) != 20 {
		t.Errorf("content type: got %q, size %d", got, a.Uint(size, 4))
	}
	a.call(httpstack.ErrHeaderNotFound, "WinHttpQueryHeaders", r, 0xFFFF, a.WString("X-None"), buffer, size, 0)
	var body []byte
	for {
		a.call(0, "WinHttpQueryDataAvailable", r, n)
		left := a.Uint(n, 4)
		if left == 0 {
			break
		}
		a.call(0, "WinHttpReadData", r, buffer, min(left, 7), n)
		body = append(body, a.Get(buffer, int(a.Uint(n, 4)))...)
	}
	if string(body) != "hello, world" {
		t.Errorf("got %q", body)
	}
	got := append(a.Behaviours("net.connect"), append(a.Behaviours("http.request"), a.Behaviours("http.response")...)...)
	if diff := cmp.Diff([]string{
		"net.connect host=c2.test address=198.51.100.1 port=443 protocol=tcp answered=true",
		`http.request method=GET url=https://c2.test/queue host=c2.test user_agent=Agent/1.0 headers="X: 1\r\nUser-Agent: Agent/1.0\r\nHost: c2.test\r\nConnection: Keep-Alive" status=200 answered=true`,
		"http.response url=https://c2.test/queue status=200 content_type=text/plain size=12 sha256=09ca7e4eaa6e8ae9c7d261167129184883644d07dfba7cbfbc4c8a2e08360d5b artifact=01-body.bin",
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPostInPieces(t *testing.T) {
	a := newAPI(t)
	r := a.open("c2.test", 8080, "POST", "drop", 0)
	n := a.Alloc(4)
	a.call(0, "WinHttpAddRequestHeaders", r, a.WString("Cookie: a=b"), 11, 0x20000000)
	a.call(httpstack.ErrIncorrectHandleState, "WinHttpWriteData", r, a.AString("cd"), 2, n)
	a.call(0, "WinHttpSendRequest", r, 0, 0, a.AString("ab"), 2, 4, 0)
	if got := a.Behaviours("http.request"); got != nil {
		t.Errorf("sent before its body was whole: %q", got)
	}
	a.call(win.ErrInvalidParameter, "WinHttpWriteData", r, a.AString("cde"), 3, n)
	a.call(0, "WinHttpWriteData", r, a.AString("cd"), 2, n)
	a.call(0, "WinHttpReceiveResponse", r, 0)
	if diff := cmp.Diff([]string{
		`http.request method=POST url=http://c2.test:8080/drop host=c2.test user_agent=Agent/1.0 cookie=a=b ` +
			`headers="Cookie: a=b\r\nUser-Agent: Agent/1.0\r\nHost: c2.test:8080\r\nContent-Length: 4\r\nConnection: Keep-Alive" body=abcd body_size=4 status=200 answered=true`,
	}, a.Behaviours("http.request")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUnanswered(t *testing.T) {
	for host, want := range map[string]win.Error{"nowhere.test": httpstack.ErrNameNotResolved, "c2.test": httpstack.ErrCannotConnect} {
		a := newAPI(t)
		a.call(want, "WinHttpSendRequest", a.open(host, 99, "GET", "/", 0), 0, 0, 0, 0, 0, 0)
		if diff := cmp.Diff([]string{"GET http://" + host + ":99/"}, a.Gaps()); diff != "" {
			t.Errorf("gaps (-want +got):\n%s", diff)
		}
	}
}

func TestRedirectPolicy(t *testing.T) {
	for _, tt := range []struct {
		option, value, want uint64
	}{{88, 2, 200}, {88, 0, 302}, {63, 2, 302}} {
		a := newAPI(t)
		r := a.open("c2.test", 8080, "GET", "/moved", 0)
		value := a.Bytes(binary.LittleEndian.AppendUint32(nil, uint32(tt.value)))
		a.call(0, "WinHttpSetOption", r, tt.option, value, 4)
		a.call(0, "WinHttpSendRequest", r, 0, 0, 0, 0, 0, 0)
		a.call(0, "WinHttpReceiveResponse", r, 0)
		a.call(0, "WinHttpQueryHeaders", r, 19|0x20000000, 0, value, a.Bytes([]byte{4, 0, 0, 0}), 0)
		if got := a.Uint(value, 4); got != tt.want {
			t.Errorf("option %d = %d: got status %d, want %d", tt.option, tt.value, got, tt.want)
		}
	}
}

func TestHandles(t *testing.T) {
	a := newAPI(t)
	session := a.call(0, "WinHttpOpen", 0, 0, 0, 0, 0)
	connection := a.call(0, "WinHttpConnect", session, a.WString("c2.test"), 443, 0)
	a.call(httpstack.ErrIncorrectHandleType, "WinHttpConnect", connection, a.WString("c2.test"), 443, 0)
	a.call(win.ErrInvalidHandle, "WinHttpConnect", 0, a.WString("c2.test"), 443, 0)
	a.call(win.ErrInvalidParameter, "WinHttpConnect", session, 0, 443, 0)
	a.call(0, "WinHttpCloseHandle", session)
	a.call(win.ErrInvalidHandle, "WinHttpCloseHandle", session)
	a.call(0, "WinHttpOpenRequest", connection, 0, 0, 0, 0, 0, 0) // lives on
	kind, size := a.Alloc(4), a.Bytes([]byte{4, 0, 0, 0})
	a.call(0, "WinHttpQueryOption", connection, 9, kind, size)
	if got := a.Uint(kind, 4); got != 2 {
		t.Errorf("handle type: got %d, want 2", got)
	}
	a.call(0, "WinHttpSetTimeouts", connection, 0, 60000, 30000, 30000)
	a.call(win.ErrInvalidParameter, "WinHttpSetTimeouts", connection, 0, 60000, 30000, 0xFFFFFFF0)
}

func TestCrackUrl(t *testing.T) {
	a := newAPI(t)
	parts := make([]byte, 104)
	parts[0], parts[32], parts[80] = 104, 1, 1
	at, url := a.Bytes(parts), a.WString("https://c2.test/a?b=1 and more")
	a.call(0, "WinHttpCrackUrl", url, 21, 0, at)
	if a.Uint(at+20, 4) != 2 || a.Uint(at+36, 2) != 443 || a.Uint(at+24, 8) != url+16 || a.Uint(at+32, 4) != 7 || a.Uint(at+80, 4) != 6 {
		t.Errorf("got %x", a.Get(at, 104))
	}
	a.call(httpstack.ErrUnrecognizedScheme, "WinHttpCrackUrl", a.WString("ftp://c2.test/"), 0, 0, at)
}
