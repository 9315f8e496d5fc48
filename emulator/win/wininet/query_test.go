package wininet_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

func TestHttpQueryInfo(t *testing.T) {
	const (
		requestHeaders = 0x80000000
		number         = 0x20000000
		custom         = 0xFFFF
	)
	for _, tt := range []struct {
		name  string
		level uint64
		put   string // in the buffer
		text  string
		data  []byte
		err   win.Error
	}{
		{"status", 19, "", "200", nil, 0},
		{"status as a number", 19 | number, "", "", []byte{200, 0, 0, 0}, 0},
		{"reason", 20, "", "OK", nil, 0},
		{"version", 18, "", "HTTP/1.1", nil, 0},
		{"length", 5 | number, "", "", []byte{12, 0, 0, 0}, 0},
		{"type", 1, "", "text/plain", nil, 0},
		{"type as a number", 1 | number, "", "", nil, httpstack.ErrInvalidHeader},
		{"custom", custom, "set-cookie", "sid=1; Path=/", nil, 0},
		{"custom, missing", custom, "X-None", "", nil, httpstack.ErrHeaderNotFound},
		{"missing", 33, "", "", nil, httpstack.ErrHeaderNotFound},
		{"raw", 22, "", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nSet-Cookie: sid=1; Path=/\r\nContent-Length: 12\r\n\r\n", nil, 0},
		{"raw, NULs", 21, "", "HTTP/1.1 200 OK\x00Content-Type: text/plain\x00Set-Cookie: sid=1; Path=/\x00Content-Length: 12\x00", nil, 0},
		{"method", 45, "", "GET", nil, 0},
		{"agent", 39 | requestHeaders, "", "Agent/1.0", nil, 0},
		{"agent of the answer", 39, "", "", nil, httpstack.ErrHeaderNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newAPI(t)
			h := a.openURL(0, "https://c2.test/queue?id=7")
			for api, want := range map[string][]byte{"HttpQueryInfoA": guest.ANSI(tt.text), "HttpQueryInfoW": guest.UTF16(tt.text)} {
				put, terminator := guest.ANSI(tt.put), 1
				if api == "HttpQueryInfoW" {
					put, terminator = guest.UTF16(tt.put), 2
				}
				if tt.data != nil {
					want, terminator = tt.data, 0
				}
				buffer := a.Alloc(512)
				a.Put(buffer, put)
				size := a.Bytes(binary.LittleEndian.AppendUint32(nil, 512))
				a.call(tt.err, api, h, tt.level, buffer, size, 0)
				if tt.err != 0 {
					continue
				}
				if got := a.Get(buffer, len(want)+1); !bytes.Equal(got[:len(want)], want) {
					t.Errorf("%s: got %q, want %q", api, got, want)
				}
				if got := a.Uint(size, 4); got != uint64(len(want)-terminator) {
					t.Errorf("%s: size: got %d, want %d", api, got, len(want)-terminator)
				}
				if tt.put != "" {
					continue
				}
				a.Put(size, binary.LittleEndian.AppendUint32(nil, uint32(len(want)-1)))
				a.call(win.ErrInsufficientBuffer, api, h, tt.level, buffer, size, 0)
				if got := a.Uint(size, 4); got != uint64(len(want)) {
					t.Errorf("%s: size needed: got %d, want %d", api, got, len(want))
				}
			}
		})
	}
}

func TestHttpQueryInfoIndex(t *testing.T) {
	a := newAPI(t)
	h := a.openURL(0, "https://c2.test/queue?id=7")
	buffer, size, index := a.Alloc(64), a.Bytes([]byte{64, 0, 0, 0}), a.Bytes([]byte{0, 0, 0, 0})
	a.call(0, "HttpQueryInfoA", h, 43, buffer, size, index)
	if got := a.Uint(index, 4); got != 1 {
		t.Errorf("index: got %d, want 1", got)
	}
	a.call(httpstack.ErrHeaderNotFound, "HttpQueryInfoA", h, 43, buffer, size, index)
}

func TestInternetCrackUrl(t *testing.T) {
	const url = "https://user:pw@[2001:db8::1]:8443/päth/x?q=1#f"
	a := newAPI(t)
	parts := make([]byte, 104)
	parts[0] = 104
	for _, at := range []int{16, 32, 48, 64, 80, 96} {
		parts[at] = 1 // wanted, as pointers
	}
	for api, text := range map[string]uint64{"InternetCrackUrlA": a.AString(url), "InternetCrackUrlW": a.WString(url)} {
		at := a.Bytes(parts)
		a.call(0, api, text, 0, 0, at)
		if got := a.Uint(at+36, 2); got != 8443 {
			t.Errorf("%s: port: got %d", api, got)
		}
		if got := a.Uint(at+20, 4); got != 4 {
			t.Errorf("%s: scheme: got %d", api, got)
		}
		for _, want := range []struct {
			at   uint64
			text string
		}{{8, "https"}, {24, "2001:db8::1"}, {40, "user"}, {56, "pw"}, {72, "/päth/x"}, {88, "?q=1#f"}} {
			n := int(a.Uint(at+want.at+8, 4))
			var got string
			if api == "InternetCrackUrlW" {
				got = string(guest.AppendUTF8(nil, a.Get(a.Uint(at+want.at, 8), 2*n)))
			} else {
				got = string(guest.AppendANSI(nil, a.Get(a.Uint(at+want.at, 8), n)))
			}
			if got != want.text {
				t.Errorf("%s: got %q, want %q", api, got, want.text)
			}
		}
	}
}

func TestInternetCrackUrlBuffers(t *testing.T) {
	a := newAPI(t)
	path := a.Alloc(32)
	crack := func(want win.Error, url string, space byte) uint64 {
		parts := make([]byte, 104)
		parts[0] = 104
		binary.LittleEndian.PutUint64(parts[72:], path)
		parts[80] = space
		at := a.Bytes(parts)
		a.call(want, "InternetCrackUrlA", a.AString(url), 0, 0, at)
		return a.Uint(at+80, 4)
	}
	if got := crack(0, "http://h/p?q", 5); got != 4 || string(a.Get(path, 5)) != "/p?q\x00" { // with what is not asked for by itself
		t.Errorf("got %d, %q", got, a.Get(path, 5))
	}
	if got := crack(win.ErrInsufficientBuffer, "http://h/p?q", 4); got != 5 {
		t.Errorf("size needed: got %d, want 5", got)
	}
	crack(httpstack.ErrUnrecognizedScheme, "h/p", 5)
	a.call(win.ErrInvalidParameter, "InternetCrackUrlA", a.AString("http://h/"), 0, 0, a.Alloc(104))
}
