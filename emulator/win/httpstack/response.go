package httpstack

import (
	"fmt"
	"sort"
	"strconv"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/emulator/win"
)

// Response is an answer being read.
type Response struct {
	URL     string // that answered, after redirections
	Status  int
	Headers Headers

	answered bool
	body     []byte // the configuration's: not modified
	read     int
	recorded bool
}

func newResponse(url string, answer *guest.WebAnswer, answered bool) *Response {
	r := &Response{URL: url, Status: answer.Status, body: answer.Body, answered: answered}
	names := make([]string, 0, len(answer.Headers))
	for name := range answer.Headers {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		r.Headers = append(r.Headers, Header{name, answer.Headers[name]})
	}
	r.Headers.put("Content-Length", strconv.Itoa(len(r.body)))
	return r
}

// Available is how many bytes of the body are left.
func (r *Response) Available() int { return len(r.body) - r.read }

// Read takes up to n bytes of the body, none at its end. When the last one has
// been taken the response is recorded, with the body as an artifact.
func (r *Response) Read(c *win.Call, n uint64) []byte {
	part := r.body[r.read:]
	if uint64(len(part)) > n {
		part = part[:n]
	}
	r.read += len(part)
	if r.answered && !r.recorded && r.Available() == 0 {
		r.recorded = true
		b := trace.HTTPResponse{URL: r.URL, Status: r.Status, Size: len(r.body), SHA256: trace.SHA256(r.body)}
		b.ContentType, _ = r.Headers.Get("Content-Type", 0)
		b.Artifact = c.Recorder.Artifact(b.Kind(), "body.bin", r.body)
		c.Emit(b)
	}
	return part
}

// Lines is the status line and all header lines, without ends of lines.
func (r *Response) Lines() []string {
	lines := []string{fmt.Sprintf("HTTP/1.1 %d %s", r.Status, r.Reason())}
	for _, h := range r.Headers {
		lines = append(lines, h.Name+": "+h.Value)
	}
	return lines
}

// Reason is the status as text.
//
// https://www.rfc-editor.org/rfc/rfc9110#name-status-codes
func (r *Response) Reason() string {
	for _, s := range reasons {
		if s.status == r.Status {
			return s.text
		}
	}
	return "Unknown"
}

var reasons = []struct {
	status int
	text   string
}{
	{200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"}, {206, "Partial Content"},
	{301, "Moved Permanently"}, {302, "Found"}, {303, "See Other"}, {304, "Not Modified"},
	{307, "Temporary Redirect"}, {308, "Permanent Redirect"},
	{400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"},
	{408, "Request Timeout"}, {410, "Gone"}, {429, "Too Many Requests"},
	{500, "Internal Server Error"}, {501, "Not Implemented"}, {502, "Bad Gateway"}, {503, "Service Unavailable"}, {504, "Gateway Timeout"},
}

// At is how far the body has been read.
func (r *Response) At() int { return r.read }

// Seek moves the place that is read next, from the beginning (0), from where it
// is (1) or from the end (2).
func (r *Response) Seek(distance, from int) bool {
	switch from {
	case 1:
		distance += r.read
	case 2:
		distance += len(r.body)
	}
	if from < 0 || from > 2 || distance < 0 || distance > len(r.body) {
		return false
	}
	r.read = distance
	return true
}
