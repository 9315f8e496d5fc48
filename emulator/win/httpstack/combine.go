package httpstack

import "net/url"

// Combine makes a URL absolute that is relative to another.
func Combine(base, relative string) (string, bool) {
	b, err := url.Parse(base)
	if err != nil {
		return "", false
	}
	r, err := b.Parse(relative)
	if err != nil {
		return "", false
	}
	return r.String(), true
}
