package httpstack

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// Request is one request on its way to becoming an answer.
type Request struct {
	Node
	Method    string
	Secure    bool
	Host      string
	Port      int
	Object    string // path and query
	UserAgent string // sent unless there is such a header
	Headers   Headers
	Accept    []string // media types, for an Accept header
	NoCache   bool     // asks for a fresh copy
	NoCookies bool     // neither sends nor keeps cookies
	Stay      bool     // does not follow redirections

	Response *Response // nil until Send succeeded

	body     []byte // the beginning
	bodySize int
}

const (
	maxBodyKept  = 64 << 10 // of what is sent
	maxShown     = 4 << 10  // of body and of headers, in the record
	maxURL       = 4 << 10
	maxRedirects = 10
)

// NewRequest prepares a request to a connection's server. Without a method it
// is GET.
func (conn *Connection) NewRequest(method, object string, secure bool) Request {
	r := Request{
		Node: Node{Parent: &conn.Node}, Method: "GET", Secure: secure, Host: conn.Host, Port: conn.Port,
		Object: object, UserAgent: conn.Session.Agent,
	}
	if method != "" {
		r.Method = method
	}
	if r.Port == 0 {
		r.Port = r.standardPort()
	}
	return r
}

// Write appends to the body.
func (r *Request) Write(data []byte) {
	r.bodySize += len(data)
	r.body = append(r.body, data[:min(len(data), maxBodyKept-len(r.body))]...)
}

// ResetBody makes the body empty, for a request that is sent again.
func (r *Request) ResetBody() { r.body, r.bodySize = nil, 0 }

// BodySize is how many bytes the body has.
func (r *Request) BodySize() int { return r.bodySize }

// URL is the complete address.
func (r *Request) URL() string {
	scheme := "http"
	if r.Secure {
		scheme = "https"
	}
	return scheme + "://" + r.authority() + object(r.Object)
}

func (r *Request) standardPort() int {
	if r.Secure {
		return 443
	}
	return 80
}

// authority is host and port, the port only where it is not the standard one.
func (r *Request) authority() string {
	host := r.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if r.Port != r.standardPort() {
		host += ":" + strconv.Itoa(r.Port)
	}
	return host
}

// sent is all header lines as they go over the wire.
func (r *Request) sent(c *win.Call) Headers {
	h := append(Headers{}, r.Headers...)
	if len(r.Accept) > 0 {
		h.put("Accept", strings.Join(r.Accept, ", "))
	}
	if r.UserAgent != "" {
		h.put("User-Agent", r.UserAgent)
	}
	h.put("Host", r.authority())
	if r.bodySize > 0 || strings.EqualFold(r.Method, "POST") || strings.EqualFold(r.Method, "PUT") {
		h.put("Content-Length", strconv.Itoa(r.bodySize))
	}
	h.put("Connection", "Keep-Alive")
	if r.NoCache {
		h.put("Cache-Control", "no-cache")
	}
	if cookies := Cookies(c, r.Host); cookies != "" && !r.NoCookies {
		h.put("Cookie", cookies)
	}
	return h
}

// Send exchanges the request for an answer, following redirections. What the
// machine's network does not answer is a gap and fails as it would on Windows:
// at the name, at the connection, or with a status of 404.
func (r *Request) Send(c *win.Call) win.Error {
	r.Response = nil
	for range maxRedirects {
		response, err := r.exchange(c)
		if err != 0 {
			return err
		}
		r.Response = response
		if r.Stay || !r.redirect(response) {
			return 0
		}
	}
	return ErrRedirectFailed
}

// exchange asks once.
func (r *Request) exchange(c *win.Call) (*Response, win.Error) {
	url := r.URL()
	if len(url) > maxURL {
		return nil, ErrInvalidURL
	}
	headers := r.sent(c)
	addresses := resolve(c, r.Host)
	if len(addresses) == 0 {
		r.unanswered(c, r.record(url, headers), "the host has no address")
		return nil, ErrNameNotResolved
	}
	listens := c.Network.Listens(r.Host, r.Port)
	c.Emit(trace.NetConnect{Host: r.Host, Address: addresses[0], Port: r.Port, Protocol: "tcp", Answered: listens})
	if !listens {
		r.unanswered(c, r.record(url, headers), fmt.Sprintf("nothing listens at port %d", r.Port))
		return nil, ErrCannotConnect
	}
	response := r.ask(c, url, headers)
	if !r.NoCookies {
		keepCookies(c, r.Host, response.Headers)
	}
	return response, 0
}

// Connect connects to a host and does nothing else.
func Connect(c *win.Call, host string, port int) win.Error {
	addresses := resolve(c, host)
	if len(addresses) == 0 {
		c.Recorder.Gap(trace.Gap{Kind: trace.GapURL, Name: "name " + host, Caller: c.Place(c.Caller), Detail: "the host has no address"})
		return ErrNameNotResolved
	}
	listens := c.Network.Listens(host, port)
	c.Emit(trace.NetConnect{Host: host, Address: addresses[0], Port: port, Protocol: "tcp", Answered: listens})
	if !listens {
		c.Recorder.Gap(trace.Gap{Kind: trace.GapURL, Name: fmt.Sprintf("tcp %s:%d", host, port), Caller: c.Place(c.Caller), Detail: "nothing listens there"})
		return ErrCannotConnect
	}
	return 0
}

// resolve looks a name up. An address needs no look-up.
func resolve(c *win.Call, host string) []string {
	addresses := c.Network.Resolve(host)
	if _, err := netip.ParseAddr(host); err != nil {
		c.Emit(trace.DNSQuery{Name: host, Answered: len(addresses) > 0, Results: addresses})
	}
	return addresses
}

// redirect turns the request to where a response points, if it does.
func (r *Request) redirect(response *Response) bool {
	location, ok := response.Headers.Get("Location", 0)
	if !ok {
		return false
	}
	switch response.Status {
	case 301, 302, 303:
		if !strings.EqualFold(r.Method, "HEAD") {
			r.Method = "GET"
		}
		r.ResetBody()
	case 307, 308:
	default:
		return false
	}
	switch {
	case strings.HasPrefix(location, "/") && !strings.HasPrefix(location, "//"):
		r.Object = location
		return true
	case strings.Contains(location, "://"):
		u, err := ParseURL(location)
		if err != nil || !u.HTTP() {
			return false
		}
		r.Secure, r.Host, r.Port, r.Object = u.Secure(), u.Host, u.Port, u.Path+u.Extra
		return true
	}
	folder := r.Object[:strings.LastIndexByte(r.Object, '/')+1]
	r.Object = folder + location
	return true
}

// shown is the beginning of what was sent, as text.
func shown(sent []byte) string {
	cut := sent[:min(len(sent), maxShown)]
	if utf8.Valid(cut) {
		return string(cut)
	}
	return string(guest.AppendANSI(nil, cut))
}
