package httpstack

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseURL(t *testing.T) {
	for _, tt := range []struct {
		text string
		want URL
		err  error
	}{
		{text: "http://h", want: URL{Scheme: "http", Host: "h", Port: 80}},
		{text: "HTTPS://H/p", want: URL{Scheme: "HTTPS", Host: "H", Port: 443, Path: "/p"}},
		{text: "http://h:8080/a/b?c=d#e", want: URL{Scheme: "http", Host: "h", Port: 8080, Path: "/a/b", Extra: "?c=d#e"}},
		{text: "http://h?q", want: URL{Scheme: "http", Host: "h", Port: 80, Extra: "?q"}},
		{text: "http://u:p@h/", want: URL{Scheme: "http", Host: "h", Port: 80, User: "u", Password: "p", Path: "/"}},
		{text: "http://u@x@h/", want: URL{Scheme: "http", Host: "h", Port: 80, User: "u@x", Path: "/"}},
		{text: "http://[::1]:81/", want: URL{Scheme: "http", Host: "::1", Port: 81, Path: "/"}},
		{text: "ftp://h/x", want: URL{Scheme: "ftp", Host: "h", Port: 21, Path: "/x"}},
		{text: "file:///c:/x", want: URL{Scheme: "file", Path: "/c:/x"}},
		{text: "http://h:/", want: URL{Scheme: "http", Host: "h", Port: 80, Path: "/"}},
		{text: "h/p", err: ErrNoScheme},
		{text: "://h", err: ErrNoScheme},
		{text: "1x://h", err: ErrNoScheme},
		{text: "http:///p", err: ErrNoServer},
		{text: "http://h:x/", err: ErrNoServer},
		{text: "http://h:65536/", err: ErrNoServer},
		{text: "http://[::1/", err: ErrNoServer},
		{text: "http://[::1]81/", err: ErrNoServer},
	} {
		got, err := ParseURL(tt.text)
		if !errors.Is(err, tt.err) {
			t.Errorf("%s: got %v, want %v", tt.text, err, tt.err)
			continue
		}
		if err != nil {
			continue
		}
		checkOffsets(t, tt.text, &got)
		got.Offset = tt.want.Offset
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, diff)
		}
	}
}

// checkOffsets requires each part to stand where its offset says.
func checkOffsets(t *testing.T, text string, u *URL) {
	t.Helper()
	for _, p := range []struct {
		part   string
		offset int
	}{
		{u.Scheme, u.Offset.Scheme}, {u.Host, u.Offset.Host}, {u.User, u.Offset.User},
		{u.Password, u.Offset.Password}, {u.Path, u.Offset.Path}, {u.Extra, u.Offset.Extra},
	} {
		if p.part != "" && !strings.HasPrefix(text[p.offset:], p.part) {
			t.Errorf("%q: %q is not at %d", text, p.part, p.offset)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{"http://u:p@h:80/p?q#f", "https://[::1]:443/", "a://", "http://@:", "http://h:99999/", "://"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := ParseURL(text)
		if err != nil {
			return
		}
		checkOffsets(t, text, &u)
		if u.Port < 0 || u.Port > 65535 || u.HTTP() && u.Host == "" {
			t.Errorf("%q: %+v", text, u)
		}
	})
}

func TestObject(t *testing.T) {
	for path, want := range map[string]string{
		"": "/", "a": "/a", "/a b": "/a%20b", "/ä": "/%C3%A4", "/%41": "/%41", "/a#b": "/a", "?q=<1>": "/?q=%3C1%3E", "/\r\nX: y": "/%0D%0AX:%20y",
	} {
		if got := object(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}
