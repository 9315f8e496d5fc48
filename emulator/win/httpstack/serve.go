package httpstack

import (
	"bytes"
	"strconv"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// Outcome is what a server does with the bytes a client sent it.
type Outcome int

const (
	Incomplete Outcome = iota // the request goes on
	NoHTTP                    // it is none
	KeepOpen                  // answered
	CloseAfter                // answered, and the connection ends
)

// Serve answers, from the machine's configuration, the first request of what a
// client sent over a connection of its own, in plain HTTP/1. It returns the
// answer as it goes over the wire and how many bytes the request had.
func Serve(c *win.Call, host string, port int, data []byte) (answer []byte, used int, outcome Outcome) {
	if !startsRequest(data) {
		return nil, len(data), NoHTTP
	}
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 {
		return nil, 0, Incomplete
	}
	lines := strings.Split(decode(data[:end], true), "\r\n")
	method, target, version := requestLine(lines[0])
	if version == "" {
		return nil, len(data), NoHTTP
	}
	used = end + len("\r\n\r\n")
	conn := &Connection{Session: &Session{}, Host: host, Port: port}
	r := conn.NewRequest(method, target, false)
	for _, line := range lines[1:] {
		if name, value, ok := strings.Cut(line, ":"); ok && len(r.Headers) < maxHeaderEntries {
			r.Headers = append(r.Headers, Header{strings.TrimSpace(name), strings.TrimSpace(value)})
		}
	}
	body, size, complete := requestBody(r.Headers, data[used:])
	if !complete {
		return nil, 0, Incomplete
	}
	used += size
	r.Write(body)
	if named, ok := r.Headers.Get("Host", 0); ok {
		name, _, _ := strings.Cut(named, ":")
		if c.Network.Listens(name, port) {
			r.Host = name
		}
	}
	if u, err := ParseURL(target); err == nil && u.HTTP() { // as to a proxy
		r.Host, r.Port, r.Object = u.Host, u.Port, u.Path+u.Extra
	}
	response := r.ask(c, r.URL(), r.Headers)
	outcome = KeepOpen
	connection, _ := r.Headers.Get("Connection", 0)
	if version == "HTTP/1.0" && !strings.EqualFold(connection, "keep-alive") || strings.EqualFold(connection, "close") {
		outcome = CloseAfter
	}
	return response.wire(c, method), used, outcome
}

// startsRequest reports whether bytes can be the beginning of a request: a
// method and a blank.
func startsRequest(data []byte) bool {
	const longest = 16
	for i, b := range data[:min(len(data), longest)] {
		if b == ' ' {
			return i > 0
		}
		if b < 'A' || b > 'Z' {
			return false
		}
	}
	return len(data) < longest
}

func requestLine(line string) (method, target, version string) {
	parts := strings.Split(line, " ")
	if len(parts) != 3 || !strings.HasPrefix(parts[2], "HTTP/1.") {
		return "", "", ""
	}
	return parts[0], parts[1], parts[2]
}

// requestBody takes the body behind a request's headers; size is what it takes
// on the wire.
func requestBody(h Headers, data []byte) (body []byte, size int, complete bool) {
	if coding, _ := h.Get("Transfer-Encoding", 0); strings.EqualFold(coding, "chunked") {
		return chunks(data)
	}
	length, ok := h.Get("Content-Length", 0)
	n, err := strconv.ParseUint(length, 10, 31)
	switch {
	case !ok || err != nil:
		return nil, 0, true
	case int(n) > len(data):
		return nil, 0, false
	}
	return data[:n], int(n), true
}

// chunks joins the chunks of a body, RFC 9112.
func chunks(data []byte) (body []byte, size int, complete bool) {
	for {
		end := bytes.Index(data[size:], []byte("\r\n"))
		if end < 0 {
			return nil, 0, false
		}
		text, _, _ := strings.Cut(string(data[size:size+end]), ";")
		n, err := strconv.ParseUint(strings.TrimSpace(text), 16, 31)
		if err != nil {
			return body, len(data), true // broken: take what there was
		}
		size += end + 2
		if int(n)+2 > len(data)-size {
			return nil, 0, false
		}
		body = append(body, data[size:size+int(n)]...)
		size += int(n) + 2
		if n == 0 {
			return body, size, true
		}
	}
}

// wire is the answer as it goes over a connection. What goes over the wire has
// been read, so that it is recorded at once.
func (r *Response) wire(c *win.Call, method string) []byte {
	text := strings.Join(r.Lines(), "\r\n") + "\r\n\r\n"
	if strings.EqualFold(method, "HEAD") {
		return []byte(text)
	}
	return append([]byte(text), r.Read(c, uint64(r.Available()))...)
}

// ask puts a request to the machine's network; the host is known to listen.
func (r *Request) ask(c *win.Call, url string, headers Headers) *Response {
	request := r.record(url, headers)
	answer := c.Network.Answer(r.Method, url)
	if answer == nil {
		request.Status = 404
		r.unanswered(c, request, "the host has no such path: it answered 404")
		return newResponse(url, &guest.WebAnswer{Status: 404}, false)
	}
	request.Status, request.Answered = answer.Status, true
	c.Emit(request)
	return newResponse(url, answer, true)
}

// record is the request as a behaviour.
func (r *Request) record(url string, headers Headers) trace.HTTPRequest {
	b := trace.HTTPRequest{
		Method: r.Method, URL: url, Host: r.Host, Headers: shown([]byte(strings.TrimSuffix(headers.Text(), "\r\n"))),
		Body: shown(r.body), BodySize: r.bodySize,
	}
	b.UserAgent, _ = headers.Get("User-Agent", 0)
	b.Cookie, _ = headers.Get("Cookie", 0)
	return b
}

// unanswered records a request that the machine's network has no answer to.
func (r *Request) unanswered(c *win.Call, b trace.HTTPRequest, detail string) {
	c.Recorder.Gap(trace.Gap{Kind: trace.GapURL, Name: r.Method + " " + b.URL, Caller: c.Place(c.Caller), Detail: detail})
	c.Emit(b)
}
