package httpstack

import (
	"strings"

	"sidetrace/emulator/win"
)

// cookieJar is what servers asked to be remembered: a cookie belongs to the
// host that set it, for all of its paths and until the process ends.
type cookieJar struct{ hosts map[string]Headers }

type cookieKey struct{}

const maxCookies = 64 // of a host

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
	h := j.hosts[host]
	if len(h) < maxCookies || h.find(name) >= 0 {
		_ = h.change(name, value, Add|Replace) // adding what is not there cannot fail
		j.hosts[host] = h
	}
}

// cookiesFor is the Cookie header for a host, "" if it has none.
func cookiesFor(c *win.Call, host string) string {
	var pairs []string
	for _, h := range jar(c).hosts[strings.ToLower(host)] {
		pairs = append(pairs, h.Name+"="+h.Value)
	}
	return strings.Join(pairs, "; ")
}
