package guest

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"sort"
	"strings"
)

// Network is what the machine's network answers: the configuration's names and
// URLs. There is no other network; nothing here can open a socket.
type Network struct {
	addresses map[string][]string // by lower-case host name
	web       []WebAnswer
	scripts   []NetAnswer
	origins   map[string]bool // "host:port" that answer
}

func newNetwork(cfg *Config) (*Network, error) {
	n := &Network{addresses: map[string][]string{}, origins: map[string]bool{}}
	for _, host := range slices.Sorted(maps.Keys(cfg.DNS)) { // two may differ in case only
		list := cfg.DNS[host]
		for _, a := range list {
			if _, err := netip.ParseAddr(a); err != nil {
				return nil, fmt.Errorf("dns answer for %q: %w", host, err)
			}
		}
		n.addresses[strings.ToLower(host)] = list
	}
	for _, w := range cfg.Web {
		u, err := url.Parse(w.URL)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("web answer %q is no absolute URL", w.URL)
		}
		w.URL = CanonicalURL(w.URL)
		if w.Status == 0 {
			w.Status = 200
		}
		n.web = append(n.web, w)
		n.origins[strings.ToLower(u.Hostname())+":"+portOf(u)] = true
	}
	// Hosts without an address of their own get one of TEST-NET-2 (RFC 5737),
	// in the order of their names, so that it does not depend on the order of
	// the configuration.
	var hosts []string
	for origin := range n.origins {
		host := origin[:strings.LastIndexByte(origin, ':')]
		if _, err := netip.ParseAddr(host); err != nil && n.addresses[host] == nil {
			hosts = append(hosts, host)
		}
	}
	for _, a := range cfg.Net {
		a.Host = strings.ToLower(a.Host)
		n.scripts = append(n.scripts, a)
		if _, err := netip.ParseAddr(a.Host); err != nil && n.addresses[a.Host] == nil {
			hosts = append(hosts, a.Host)
		}
	}
	sort.Strings(hosts)
	for i, host := range slices.Compact(hosts) { // one that serves two ports is there twice

		n.addresses[host] = []string{fmt.Sprintf("198.51.100.%d", i%254+1)}
	}
	return n, nil
}

func portOf(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if strings.EqualFold(u.Scheme, "https") {
		return "443"
	}
	return "80"
}

// CanonicalURL lowers scheme and host, leaves out the scheme's default port
// and the fragment, and gives an empty path its slash. What cannot be parsed
// is returned as it is.
func CanonicalURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return s
	}
	u.Scheme = strings.ToLower(u.Scheme)
	host := strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p := u.Port(); p != "" && !(u.Scheme == "http" && p == "80") && !(u.Scheme == "https" && p == "443") {
		host += ":" + p
	}
	u.Host = host
	u.Fragment = ""
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}

// Resolve looks a name up. An IP address is its own answer.
func (n *Network) Resolve(host string) []string {
	if _, err := netip.ParseAddr(host); err == nil {
		return []string{host}
	}
	return n.addresses[strings.ToLower(strings.TrimSuffix(host, "."))]
}

// Known reports whether the configuration says what a name resolves to, be it
// nothing.
func (n *Network) Known(host string) bool {
	_, ok := n.addresses[strings.ToLower(strings.TrimSuffix(host, "."))]
	return ok
}

// HostsAt lists the names that resolve to an address, in alphabetical order.
func (n *Network) HostsAt(address string) []string {
	var hosts []string
	for host, list := range n.addresses {
		if slices.Contains(list, address) {
			hosts = append(hosts, host)
		}
	}
	sort.Strings(hosts)
	return hosts
}

// Script finds the conversation of a server, or nil.
func (n *Network) Script(protocol, host string, port int) *NetAnswer {
	for i := range n.scripts {
		if a := &n.scripts[i]; a.Protocol == protocol && a.Port == port && strings.EqualFold(a.Host, host) {
			return a
		}
	}
	return nil
}

// Listens reports whether anything answers at host and port.
func (n *Network) Listens(host string, port int) bool {
	return n.origins[fmt.Sprintf("%s:%d", strings.ToLower(host), port)]
}

// Answer returns what a URL gives, or nil.
func (n *Network) Answer(method, rawURL string) *WebAnswer {
	want := CanonicalURL(rawURL)
	for i := range n.web {
		if w := &n.web[i]; w.URL == want && (w.Method == "" || strings.EqualFold(w.Method, method)) {
			return w
		}
	}
	return nil
}
