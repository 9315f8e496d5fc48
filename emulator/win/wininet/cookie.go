package wininet

import (
	"strings"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

var cookieRows = win.Rows{
	win.Partial(win.Func4("InternetGetCookie{A,W}", internetGetCookie, "lpszUrl lpszCookieName lpszCookieData lpdwSize"),
		"all cookies of the host"),
	win.Partial(win.Func3("InternetSetCookie{A,W}", internetSetCookie, "lpszUrl lpszCookieName lpszCookieData"),
		"for all paths of the host, until the process ends"),
}

// internetSetCookie keeps a cookie for the requests to come.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetsetcookiew
func internetSetCookie(c *win.Call, lpszUrl, lpszCookieName, lpszCookieData win.TStr) (win.Bool, win.Error) {
	u, err := httpstack.ParseURL(lpszUrl.Text)
	if err != nil || lpszCookieData.Null() {
		return false, win.ErrInvalidParameter
	}
	pair, _, _ := strings.Cut(lpszCookieData.Text, ";")
	name, value := lpszCookieName.Text, pair
	if lpszCookieName.Null() {
		name, value, _ = strings.Cut(pair, "=")
	}
	httpstack.SetCookie(c, u.Host, strings.TrimSpace(name), strings.TrimSpace(value))
	return true, 0
}

// internetGetCookie gives the cookies of a host as a Cookie header would. The
// size is in characters, with the terminator.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetgetcookiew
func internetGetCookie(c *win.Call, lpszUrl, lpszCookieName win.TStr, lpszCookieData win.Ptr, lpdwSize win.Out[uint32]) (win.Bool, win.Error) {
	u, err := httpstack.ParseURL(lpszUrl.Text)
	if err != nil || lpdwSize.Null() {
		return false, win.ErrInvalidParameter
	}
	cookies := httpstack.Cookies(c, u.Host)
	if cookies == "" {
		return false, win.ErrNoMoreItems
	}
	b := c.Encode(cookies)
	n := uint32(uint64(len(b)) / c.CharSize())
	space := lpdwSize.Get(c)
	lpdwSize.Set(c, n)
	switch {
	case lpszCookieData == 0:
		return true, 0
	case space < n:
		return false, win.ErrInsufficientBuffer
	}
	c.Write(lpszCookieData, b)
	return true, 0
}
