package httpstack

import (
	"strings"

	"sidetrace/emulator/win"
)

// cookieJar is what servers asked to be remembered: a cookie belongs to the
// host that set it, for all of its paths and until the process ends.
type cookieJar struct{ hosts map[string]Headers }

type cookieKey struct{}

// Bounds on what is kept.
const (
	maxHosts       = 256
	maxCookies     = 64 // of a host
	maxCookieBytes = 4 << 10
)

func jar(c *win.Call) *cookieJar {
	j, ok := c.State[cookieKey{}].(*cookieJar)
	if !ok {
		j = &cookieJar{hosts: map[string]Headers{}}
		c.State[cookieKey{}] = j
	}
	return j
}

func keepCookies(c *win.Call, host string, headers Headers) {
	for i := 0; ; i++ {
		line, ok := headers.Get("Set-Cookie", i)
		if !ok {
			return
		}
		pair, _, _ := strings.Cut(line, ";")
		name, value, ok := strings.Cut(pair, "=")
		if ok {
			SetCookie(c, host, strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
}

// SetCookie keeps a cookie of a host; an empty value removes it.
func SetCookie(c *win.Call, host, name, value string) {
	j, host := jar(c), strings.ToLower(host)
	h, known := j.hosts[host]
	if !known && len(j.hosts) == maxHosts || len(name)+len(value) > maxCookieBytes {
		return
	}
	if len(h) < maxCookies || h.find(name) >= 0 {
		_ = h.change(name, value, Add|Replace) // adding what is not there cannot fail
		j.hosts[host] = h
	}
}

// Cookies is the Cookie header for a host, "" if it has none.
func Cookies(c *win.Call, host string) string {
	var pairs []string
	for _, h := range jar(c).hosts[strings.ToLower(host)] {
		pairs = append(pairs, h.Name+"="+h.Value)
	}
	return strings.Join(pairs, "; ")
}
