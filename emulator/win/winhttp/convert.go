package winhttp

import (
	"encoding/binary"
	"strings"
	"time"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

var convertRows = win.Rows{
	win.Partial(win.Func4("WinHttpCreateUrl", winHTTPCreateURL, "lpUrlComponents dwFlags pwszUrl pdwUrlLength"), "nothing is escaped"),
	win.Func4("WinHttpQueryAuthSchemes", winHTTPQueryAuthSchemes, "hRequest lpdwSupportedSchemes lpdwFirstScheme pdwAuthTarget"),
	win.Partial(win.Func6("WinHttpSetCredentials", winHTTPSetCredentials, "hRequest AuthTargets AuthScheme pwszUserName pwszPassword pAuthParams"), "they are not sent"),
	win.Func2("WinHttpTimeFromSystemTime", winHTTPTimeFromSystemTime, "pst pwszTime"),
	win.Func2("WinHttpTimeToSystemTime", winHTTPTimeToSystemTime, "pwszTime pst"),
}

// layout is a time in a header, RFC 9110.
const layout = "Mon, 02 Jan 2006 15:04:05 GMT"

// winHTTPTimeFromSystemTime writes a time as headers have it.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttptimefromsystemtime
func winHTTPTimeFromSystemTime(c *win.Call, pst, pwszTime win.Ptr) (win.Bool, win.Error) {
	if pst == 0 || pwszTime == 0 {
		return false, win.ErrInvalidParameter
	}
	b := c.Bytes(pst, 16)
	if c.Faulted() {
		return false, 0
	}
	field := func(i int) int { return int(binary.LittleEndian.Uint16(b[2*i:])) }
	t := time.Date(field(0), time.Month(field(1)), field(3), field(4), field(5), field(6), 0, time.UTC)
	c.Write(pwszTime, guest.UTF16(t.Format(layout)))
	return true, 0
}

// winHTTPTimeToSystemTime reads a time as headers have it.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttptimetosystemtime
func winHTTPTimeToSystemTime(c *win.Call, pwszTime win.WStr, pst win.Ptr) (win.Bool, win.Error) {
	if pwszTime.Null() || pst == 0 {
		return false, win.ErrInvalidParameter
	}
	t, err := time.Parse(layout, pwszTime.Text)
	if err != nil {
		return false, win.ErrInvalidParameter
	}
	var b []byte
	for _, v := range []int{t.Year(), int(t.Month()), int(t.Weekday()), t.Day(), t.Hour(), t.Minute(), t.Second(), 0} {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	c.Write(pst, b)
	return true, 0
}

// winHTTPQueryAuthSchemes tells which authentication an answer asks for.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpqueryauthschemes
func winHTTPQueryAuthSchemes(c *win.Call, hRequest win.Handle, lpdwSupportedSchemes, lpdwFirstScheme, pdwAuthTarget win.Out[uint32]) (win.Bool, win.Error) {
	const server, proxy = 0, 1
	r, err := answered(c, hRequest)
	if err != 0 {
		return false, err
	}
	header, target := "WWW-Authenticate", uint32(server)
	if r.Response.Status == 407 {
		header, target = "Proxy-Authenticate", proxy
	}
	all, first := uint32(0), uint32(0)
	for i := 0; ; i++ {
		line, ok := r.Response.Headers.Get(header, i)
		if !ok {
			break
		}
		name, _, _ := strings.Cut(line, " ")
		for scheme, bit := range map[string]uint32{"basic": 1, "ntlm": 2, "digest": 8, "negotiate": 16} {
			if strings.EqualFold(name, scheme) {
				all |= bit
				if first == 0 {
					first = bit
				}
			}
		}
	}
	if all == 0 {
		return false, win.ErrInvalidFunction
	}
	lpdwSupportedSchemes.Set(c, all)
	lpdwFirstScheme.Set(c, first)
	pdwAuthTarget.Set(c, target)
	return true, 0
}

// winHTTPSetCredentials names a user to a server.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpsetcredentials
func winHTTPSetCredentials(c *win.Call, hRequest win.Handle, AuthTargets, AuthScheme win.DWORD, pwszUserName, pwszPassword win.WStr, pAuthParams win.Ptr) (win.Bool, win.Error) {
	if _, err := lookup[*request](c, hRequest); err != 0 {
		return false, err
	}
	c.Gap("credentials")
	return true, 0
}

// winHTTPCreateURL puts a URL together from its parts.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpcreateurl
func winHTTPCreateURL(c *win.Call, lpUrlComponents win.Ptr, dwFlags win.Hex, pwszUrl win.Ptr, pdwUrlLength win.Out[uint32]) (win.Bool, win.Error) {
	const https = 2
	if pdwUrlLength.Null() {
		return false, win.ErrInvalidParameter
	}
	parts, err := httpstack.Parts(c, lpUrlComponents)
	if err != 0 {
		return false, err
	}
	if parts.Scheme == "" {
		parts.Scheme = "http"
		if parts.Kind == https {
			parts.Scheme = "https"
		}
	}
	return httpstack.StoreURL(c, parts.URL(), pwszUrl, pdwUrlLength)
}
