package httpstack

import (
	"fmt"
	"strconv"
	"strings"

	"sidetrace/emulator/win"
)

// What a program asks of a request's or an answer's headers: an attribute in
// the low half and flags. Both DLLs use these values.
//
// https://learn.microsoft.com/windows/win32/wininet/query-info-flags
const (
	queryVersion       = 18
	queryStatusCode    = 19
	queryStatusText    = 20
	queryRaw           = 21
	queryRawCRLF       = 22
	queryRequestMethod = 45
	QueryCustom        = 0xFFFF

	flagRequestHeaders = 0x8000_0000
	flagSystemTime     = 0x4000_0000
	flagNumber         = 0x2000_0000
	flagNumber64       = 0x0800_0000
	attributeMask      = 0xFFFF
)

// headerNames are the headers behind the other attributes.
var headerNames = [...]string{
	0: "Mime-Version", 1: "Content-Type", 2: "Content-Transfer-Encoding", 3: "Content-Id", 5: "Content-Length",
	6: "Content-Language", 7: "Allow", 8: "Public", 9: "Date", 10: "Expires", 11: "Last-Modified", 12: "Message-Id",
	13: "URI", 16: "Link", 17: "Pragma", 23: "Connection", 24: "Accept", 25: "Accept-Charset", 26: "Accept-Encoding",
	27: "Accept-Language", 28: "Authorization", 29: "Content-Encoding", 30: "Forwarded", 31: "From",
	32: "If-Modified-Since", 33: "Location", 35: "Referer", 36: "Retry-After", 37: "Server", 38: "Title",
	39: "User-Agent", 40: "WWW-Authenticate", 41: "Proxy-Authenticate", 42: "Accept-Ranges", 43: "Set-Cookie",
	44: "Cookie", 46: "Refresh", 47: "Content-Disposition", 48: "Age", 49: "Cache-Control", 51: "Content-Location",
	52: "Content-MD5", 53: "Content-Range", 54: "ETag", 55: "Host", 56: "If-Match", 57: "If-None-Match",
	58: "If-Range", 59: "If-Unmodified-Since", 62: "Range", 63: "Transfer-Encoding", 64: "Upgrade", 65: "Vary",
	66: "Via", 67: "Warning", 68: "Expect",
}

// Query answers HttpQueryInfo and WinHttpQueryHeaders: custom is the header's
// name for [QueryCustom]. Sizes are in bytes, with the terminator where the
// buffer is too small and without it where it is not.
func (r *Request) Query(c *win.Call, level uint32, custom string, buffer win.Ptr, size, index win.Out[uint32]) win.Error {
	if size.Null() {
		return win.ErrInvalidParameter
	}
	at := index.Get(c)
	text, ok := r.attribute(c, level, custom, int(at))
	if !ok {
		return ErrHeaderNotFound
	}
	if err := r.deliver(c, level, text, buffer, size); err != 0 {
		return err
	}
	index.Set(c, at+1)
	return 0
}

func (r *Request) deliver(c *win.Call, level uint32, text string, buffer win.Ptr, size win.Out[uint32]) win.Error {
	number := 0
	switch {
	case level&flagSystemTime != 0:
		c.Gap("headers as SYSTEMTIME")
		return ErrInvalidHeader
	case level&flagNumber64 != 0:
		number = 8
	case level&flagNumber != 0:
		number = 4
	}
	var data []byte
	terminator := 0
	if number == 0 {
		data, terminator = c.Encode(text), int(c.CharSize())
	} else {
		n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 8*number)
		if err != nil {
			return ErrInvalidHeader
		}
		for range number {
			data = append(data, byte(n))
			n >>= 8
		}
	}
	if space := size.Get(c); buffer == 0 || uint64(space) < uint64(len(data)) {
		size.Set(c, uint32(len(data)))
		return win.ErrInsufficientBuffer
	}
	c.Write(buffer, data)
	size.Set(c, uint32(len(data)-terminator))
	return 0
}

// attribute is what was asked for, as text.
func (r *Request) attribute(c *win.Call, level uint32, custom string, index int) (string, bool) {
	asked, of := level&attributeMask, r.Headers
	lines := []string{fmt.Sprintf("%s %s HTTP/1.1", r.Method, object(r.Object))}
	if level&flagRequestHeaders != 0 {
		of = r.sent(c)
		for _, h := range of {
			lines = append(lines, h.Name+": "+h.Value)
		}
	} else if r.Response != nil {
		of, lines = r.Response.Headers, r.Response.Lines()
	} else if asked != queryRequestMethod {
		return "", false
	}
	if index > 0 {
		switch asked {
		case queryVersion, queryStatusCode, queryStatusText, queryRaw, queryRawCRLF, queryRequestMethod:
			return "", false
		}
	}
	switch asked {
	case queryVersion:
		return "HTTP/1.1", true
	case queryRequestMethod:
		return r.Method, true
	case queryRaw:
		return strings.Join(lines, "\x00") + "\x00", true
	case queryRawCRLF:
		return strings.Join(lines, "\r\n") + "\r\n\r\n", true
	case queryStatusCode, queryStatusText:
		if r.Response == nil {
			return "", false
		}
		if asked == queryStatusText {
			return r.Response.Reason(), true
		}
		return strconv.Itoa(r.Response.Status), true
	case QueryCustom:
		return of.Get(custom, index)
	}
	if asked < uint32(len(headerNames)) && headerNames[asked] != "" {
		return of.Get(headerNames[asked], index)
	}
	return "", false
}
