package httpstack

import (
	"strconv"
	"strings"
)

// URL is an address as both DLLs crack it. The parts are as they were written,
// and Offset tells where each begins, in bytes of the text.
type URL struct {
	Scheme   string // as written; Known tells whether it is HTTP
	Host     string // an IPv6 address without its brackets
	Port     int    // the scheme's default if there is none
	User     string
	Password string
	Path     string // up to the query
	Extra    string // query and fragment, with the "?" or "#" they begin with

	Offset struct{ Scheme, Host, User, Password, Path, Extra int }
}

// Secure reports whether the scheme is https.
func (u *URL) Secure() bool { return strings.EqualFold(u.Scheme, "https") }

// HTTP reports whether the scheme is http or https.
func (u *URL) HTTP() bool { return u.Secure() || strings.EqualFold(u.Scheme, "http") }

// defaultPort is that of a scheme, 0 if it is not known.
func defaultPort(scheme string) int {
	switch strings.ToLower(scheme) {
	case "http":
		return 80
	case "https":
		return 443
	case "ftp":
		return 21
	}
	return 0
}

// ParseURL takes an absolute URL apart. It does not decode anything.
func ParseURL(text string) (URL, error) {
	var u URL
	i := strings.Index(text, "://")
	if i <= 0 || !isScheme(text[:i]) {
		return u, ErrNoScheme
	}
	u.Scheme = text[:i]
	at := i + len("://")
	end := at + len(text[at:])
	if j := strings.IndexAny(text[at:], "/?#"); j >= 0 {
		end = at + j
	}
	if err := u.authority(text[at:end], at); err != nil {
		return u, err
	}
	u.Offset.Path, u.Path = end, text[end:]
	if j := strings.IndexAny(u.Path, "?#"); j >= 0 {
		u.Path, u.Extra = u.Path[:j], u.Path[j:]
	}
	u.Offset.Extra = end + len(u.Path)
	return u, nil
}

// URLError is why a text is no URL.
type URLError string

func (e URLError) Error() string { return string(e) }

const (
	ErrNoScheme URLError = "the URL has no scheme"
	ErrNoServer URLError = "the URL has no usable host or port"
)

// authority reads "user:password@host:port", which begins at offset at.
func (u *URL) authority(text string, at int) error {
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		user, password, _ := strings.Cut(text[:i], ":")
		u.User, u.Password = user, password
		u.Offset.User, u.Offset.Password = at, at+len(user)+1
		text, at = text[i+1:], at+i+1
	}
	host, port := text, ""
	if strings.HasPrefix(text, "[") {
		i := strings.IndexByte(text, ']')
		if i < 0 {
			return ErrNoServer
		}
		host, port = text[1:i], text[i+1:]
		at++
	} else if i := strings.IndexByte(text, ':'); i >= 0 {
		host, port = text[:i], text[i:]
	}
	u.Host, u.Offset.Host = host, at
	u.Port = defaultPort(u.Scheme)
	if port != "" && port != ":" {
		n, err := strconv.ParseUint(strings.TrimPrefix(port, ":"), 10, 16)
		if err != nil || port[0] != ':' {
			return ErrNoServer
		}
		u.Port = int(n)
	}
	if host == "" && u.HTTP() {
		return ErrNoServer
	}
	return nil
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+-.", rune(s[i]))) {
			return false
		}
	}
	return s != ""
}

// object is a path with its query as it goes over the wire: with a slash in
// front, without a fragment, and with what may not stand in a URL escaped.
func object(path string) string {
	path, _, _ = strings.Cut(path, "#")
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c >= 0x7F || strings.IndexByte(`"<>`, c) >= 0 {
			b.WriteByte('%')
			b.WriteByte("0123456789ABCDEF"[c>>4])
			b.WriteByte("0123456789ABCDEF"[c&15])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
