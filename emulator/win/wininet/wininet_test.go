package wininet_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
	"sidetrace/emulator/win/wininet"
	"sidetrace/emulator/win/wintest"
)

const (
	dll    = "wininet.dll"
	secure = 0x0080_0000
)

// api is a machine with wininet.dll and the calls every test makes.
type api struct {
	*wintest.Machine
	t *testing.T
}

func newAPI(t *testing.T) *api {
	return &api{wintest.New(t, guest.Config{
		DNS: map[string][]string{"c2.test": {"198.51.100.1"}, "quiet.test": {"203.0.113.9"}},
		Web: []guest.WebAnswer{
			{URL: "https://c2.test/queue?id=7", Headers: map[string]string{"Content-Type": "text/plain", "Set-Cookie": "sid=1; Path=/"}, Body: []byte("hello, world")},
			{URL: "http://c2.test/drop", Method: "POST", Status: 201},
			{URL: "http://c2.test/moved", Status: 302, Headers: map[string]string{"Location": "https://c2.test/queue?id=7"}},
			{URL: "http://c2.test/loop", Status: 302, Headers: map[string]string{"Location": "/loop"}},
			{URL: "http://198.51.100.77:8080/x", Body: []byte("y")},
		},
	}, wininet.Table()), t}
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

func (a *api) session() uint64 {
	a.t.Helper()
	return a.call(0, "InternetOpenW", a.WString("Agent/1.0"), 0, 0, 0, 0)
}

func (a *api) openURL(want win.Error, url string) uint64 {
	a.t.Helper()
	return a.call(want, "InternetOpenUrlW", a.session(), a.WString(url), 0, 0, 0, 0)
}

func (a *api) readAll(h uint64) string {
	a.t.Helper()
	buffer, n := a.Alloc(5), a.Alloc(4)
	var body []byte
	for {
		a.call(0, "InternetReadFile", h, buffer, 5, n)
		if a.Uint(n, 4) == 0 {
			return string(body)
		}
		body = append(body, a.Get(buffer, int(a.Uint(n, 4)))...)
	}
}

// behaviours lists all that was recorded, one line each.
func (a *api) behaviours() []string {
	var lines []string
	for i := range a.Recorder.Run.Behaviours {
		b := &a.Recorder.Run.Behaviours[i]
		if k := b.Kind(); strings.HasPrefix(k, "dns") || strings.HasPrefix(k, "net") || strings.HasPrefix(k, "http") {
			lines = append(lines, trace.Summary(b.Fields))
		}
	}
	return lines
}

func TestGet(t *testing.T) {
	a := newAPI(t)
	h := a.openURL(0, "https://C2.test/queue?id=7#frag")
	if h != 0x00CC0008 {
		t.Errorf("handle: got %#x, want 0xcc0008", h)
	}
	n := a.Alloc(4)
	a.call(0, "InternetQueryDataAvailable", h, n, 0, 0)
	if got := a.Uint(n, 4); got != 12 {
		t.Errorf("available: got %d, want 12", got)
	}
	if got := a.readAll(h); got != "hello, world" {
		t.Errorf("got %q", got)
	}
	const sum = "09ca7e4eaa6e8ae9c7d261167129184883644d07dfba7cbfbc4c8a2e08360d5b"
	if diff := cmp.Diff([]string{
		"dns.query name=C2.test answered=true results=198.51.100.1",
		"net.connect host=C2.test address=198.51.100.1 port=443 protocol=tcp answered=true",
		`http.request method=GET url=https://C2.test/queue?id=7 host=C2.test user_agent=Agent/1.0 headers="User-Agent: Agent/1.0\r\nHost: C2.test\r\nConnection: Keep-Alive" status=200 answered=true`,
		"http.response url=https://C2.test/queue?id=7 status=200 content_type=text/plain size=12 sha256=" + sum + " artifact=01-body.bin",
	}, a.behaviours()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if a.Gaps() != nil {
		t.Errorf("gaps: %v", a.Gaps())
	}
}

func TestPost(t *testing.T) {
	a := newAPI(t)
	conn := a.call(0, "InternetConnectA", a.session(), a.AString("c2.test"), 80, 0, 0, 3, 0, 0)
	types := a.Bytes(append(binary.LittleEndian.AppendUint64(nil, a.AString("text/*")), make([]byte, 8)...))
	r := a.call(0, "HttpOpenRequestA", conn, a.AString("POST"), a.AString("drop"), 0, a.AString("http://ref.test/"), types, 0x80000000, 0)
	a.call(0, "HttpAddRequestHeadersA", r, a.AString("Cookie: a=b\r\n"), ^uint64(0), 0x20000000)
	a.call(0, "HttpSendRequestA", r, a.AString("X-One: 1\r\nX-Two: 2 and garbage"), 18, a.Bytes([]byte("k=v\x00\xff")), 5)
	if diff := cmp.Diff([]string{
		"dns.query name=c2.test answered=true results=198.51.100.1",
		"net.connect host=c2.test address=198.51.100.1 port=80 protocol=tcp answered=true",
		`http.request method=POST url=http://c2.test/drop host=c2.test user_agent=Agent/1.0 cookie=a=b ` +
			`headers="Referer: http://ref.test/\r\nCookie: a=b\r\nX-One: 1\r\nX-Two: 2\r\nAccept: text/*\r\nUser-Agent: Agent/1.0\r\nHost: c2.test\r\nContent-Length: 5\r\nConnection: Keep-Alive\r\nCache-Control: no-cache" ` +
			`body="k=v\x00ÿ" body_size=5 status=201 answered=true`,
	}, a.behaviours()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := a.readAll(r); got != "" {
		t.Errorf("body: got %q", got)
	}
}

func TestUnanswered(t *testing.T) {
	for _, tt := range []struct {
		url  string
		err  win.Error
		gap  string
		want []string // kinds
	}{
		{"http://nowhere.test/a", httpstack.ErrNameNotResolved, "GET http://nowhere.test/a", []string{"dns.query", "http.request"}},
		{"http://quiet.test/", httpstack.ErrCannotConnect, "GET http://quiet.test/", []string{"dns.query", "net.connect", "http.request"}},
		{"http://c2.test:81/drop", httpstack.ErrCannotConnect, "GET http://c2.test:81/drop", []string{"dns.query", "net.connect", "http.request"}},
		{"http://192.0.2.1/", httpstack.ErrCannotConnect, "GET http://192.0.2.1/", []string{"net.connect", "http.request"}},
		{"http://c2.test/none", 0, "GET http://c2.test/none", []string{"dns.query", "net.connect", "http.request"}},
	} {
		t.Run(tt.url, func(t *testing.T) {
			a := newAPI(t)
			h := a.openURL(tt.err, tt.url)
			if diff := cmp.Diff([]string{tt.gap}, a.Gaps()); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
			if tt.err == 0 {
				code, size := a.Alloc(4), a.Bytes([]byte{4, 0, 0, 0})
				a.call(0, "HttpQueryInfoW", h, 19|0x20000000, code, size, 0)
				if got := a.Uint(code, 4); got != 404 || a.readAll(h) != "" {
					t.Errorf("status: got %d, want 404 and no body", got)
				}
			}
			var kinds []string
			for _, line := range a.behaviours() {
				kind, rest, _ := strings.Cut(line, " ")
				kinds = append(kinds, kind)
				if kind == "http.request" && !strings.HasSuffix(rest, "answered=false") {
					t.Errorf("got %s", line)
				}
			}
			if diff := cmp.Diff(tt.want, kinds); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBadURL(t *testing.T) {
	for url, want := range map[string]win.Error{
		"c2.test/queue": httpstack.ErrUnrecognizedScheme,
		"wss://c2.test": httpstack.ErrUnrecognizedScheme,
		"http://":       httpstack.ErrInvalidURL,
		"http://a:b/":   httpstack.ErrInvalidURL,
		"http://c2.test/" + strings.Repeat("a", 5000): httpstack.ErrInvalidURL,
	} {
		a := newAPI(t)
		a.openURL(want, url)
		if got := a.behaviours(); got != nil {
			t.Errorf("%s: got %q", url, got)
		}
	}
}

func TestRedirect(t *testing.T) {
	a := newAPI(t)
	h := a.openURL(0, "http://c2.test/moved")
	if got := a.readAll(h); got != "hello, world" {
		t.Errorf("got %q", got)
	}
	buffer, size := a.Alloc(100), a.Bytes([]byte{100, 0, 0, 0})
	a.call(0, "InternetQueryOptionA", h, 34, buffer, size)
	if got := string(a.Get(buffer, 27)); got != "https://c2.test/queue?id=7\x00" || a.Uint(size, 4) != 26 {
		t.Errorf("got %q, size %d", got, a.Uint(size, 4))
	}
	a.openURL(httpstack.ErrRedirectFailed, "http://c2.test/loop")
	stay := a.call(0, "InternetOpenUrlA", a.session(), a.AString("http://c2.test/moved"), 0, 0, 0x00200000, 0)
	if got := a.readAll(stay); got != "" {
		t.Errorf("not followed: got %q", got)
	}
}

func TestCookies(t *testing.T) {
	a := newAPI(t)
	a.openURL(0, "https://c2.test/queue?id=7")
	a.openURL(0, "https://c2.test/queue?id=7")
	a.call(0, "InternetOpenUrlA", a.session(), a.AString("https://c2.test/queue?id=7"), 0, 0, 0x00080000, 0)
	var cookies []string
	for i := range a.Recorder.Run.Behaviours {
		if r, ok := a.Recorder.Run.Behaviours[i].Fields.(trace.HTTPRequest); ok {
			cookies = append(cookies, r.Cookie)
		}
	}
	if diff := cmp.Diff([]string{"", "sid=1", ""}, cookies); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSetCookie(t *testing.T) {
	a := newAPI(t)
	url, out, size := a.WString("https://C2.test/"), a.Alloc(64), a.Bytes([]byte{7, 0, 0, 0})
	a.call(win.ErrNoMoreItems, "InternetGetCookieW", url, 0, out, size)
	a.call(0, "InternetSetCookieW", url, a.WString("a"), a.WString("1; expires=never"))
	a.call(0, "InternetSetCookieW", url, 0, a.WString("b=2"))
	a.call(win.ErrInsufficientBuffer, "InternetGetCookieW", url, 0, out, size)
	if got := a.Uint(size, 4); got != 9 {
		t.Errorf("size: got %d, want 9", got)
	}
	a.call(0, "InternetGetCookieW", url, 0, out, size)
	if got := guest.FromUTF16(a.Get(out, 20)); got != "a=1; b=2" {
		t.Errorf("got %q", got)
	}
	a.openURL(0, "https://c2.test/queue?id=7")
	if got := a.Behaviours("http.request"); len(got) != 1 || !strings.Contains(got[0], `cookie="a=1; b=2"`) {
		t.Errorf("got %q", got)
	}
}

func TestHandles(t *testing.T) {
	a := newAPI(t)
	s := a.session()
	conn := a.call(0, "InternetConnectW", s, a.WString("c2.test"), 0, 0, 0, 3, 0, 0)
	r := a.call(0, "HttpOpenRequestW", conn, 0, 0, 0, 0, 0, secure, 0)
	n := a.Alloc(4)
	a.call(httpstack.ErrIncorrectHandleType, "InternetReadFile", s, n, 4, n)
	a.call(httpstack.ErrIncorrectHandleType, "HttpOpenRequestW", s, 0, 0, 0, 0, 0, 0, 0)
	a.call(httpstack.ErrIncorrectHandleState, "InternetReadFile", r, n, 4, n)
	a.call(win.ErrInvalidHandle, "InternetReadFile", 0x1234, n, 4, n)
	a.call(win.ErrInvalidHandle, "InternetOpenUrlW", 0, a.WString("http://c2.test/"), 0, 0, 0, 0)
	a.call(0, "InternetCloseHandle", s)
	a.call(win.ErrInvalidHandle, "InternetCloseHandle", s)
	a.call(win.ErrInvalidHandle, "HttpSendRequestW", r, 0, 0, 0, 0) // closed with its session
}

func TestOptions(t *testing.T) {
	a := newAPI(t)
	s := a.session()
	value, size := a.Alloc(64), a.Bytes([]byte{4, 0, 0, 0})
	a.call(0, "InternetQueryOptionW", s, 9, value, size)
	if got := a.Uint(value, 4); got != 1 {
		t.Errorf("handle type: got %d, want 1", got)
	}
	a.call(win.ErrInsufficientBuffer, "InternetQueryOptionW", s, 41, value, size)
	if got := a.Uint(size, 4); got != 20 {
		t.Errorf("size of the agent: got %d, want 20", got)
	}
	a.call(0, "InternetSetOptionW", s, 41, a.WString("New/2"), 5)
	a.call(0, "InternetSetOptionW", 0, 2, value, 4)
	if a.Gaps() != nil {
		t.Errorf("gaps: %v", a.Gaps())
	}
	a.call(0, "InternetSetOptionW", s, 38, value, 4)
	a.call(httpstack.ErrInvalidOption, "InternetQueryOptionW", s, 999, value, size)
	if len(a.Gaps()) != 2 {
		t.Errorf("gaps: %v", a.Gaps())
	}
	a.call(0, "InternetOpenUrlW", s, a.WString("https://c2.test/queue?id=7"), 0, 0, 0, 0)
	if got := a.Behaviours("http.request"); len(got) != 1 || !strings.Contains(got[0], "user_agent=New/2 ") {
		t.Errorf("got %q", got)
	}
}
