package winhttp

import (
	"encoding/binary"
	"fmt"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

var optionRows = win.Rows{
	win.Partial(win.Func4("WinHttpQueryOption", winHTTPQueryOption, "hInternet dwOption lpBuffer lpdwBufferLength"),
		"the URL, the agent, the handle's kind, time-outs, security flags"),
	win.Partial(win.Func4("WinHttpSetOption", winHTTPSetOption, "hInternet dwOption lpBuffer dwBufferLength"),
		"the agent, redirections, cookies; time-outs, security flags and a few others are accepted and mean nothing"),
}

// Options, WINHTTP_OPTION_*.
//
// https://learn.microsoft.com/windows/win32/winhttp/option-flags
const (
	optionResolveTimeout  = 2
	optionConnectTimeout  = 3
	optionConnectRetries  = 4
	optionSendTimeout     = 5
	optionReceiveTimeout  = 6
	optionResponseTimeout = 7
	optionHandleType      = 9
	optionReadBuffer      = 12
	optionWriteBuffer     = 13
	optionParentHandle    = 21
	optionSecurityFlags   = 31
	optionURL             = 34
	optionUserAgent       = 41
	optionContextValue    = 45
	optionClientCert      = 47
	optionDisableFeature  = 63
	optionCodePage        = 68
	optionMaxConns        = 73
	optionMaxConns10      = 74
	optionAutologon       = 77
	optionEnableFeature   = 79
	optionSecureProtocols = 84
	optionRedirectPolicy  = 88
	optionDecompression   = 118
	optionEnableHTTP      = 133 // WINHTTP_OPTION_ENABLE_HTTP_PROTOCOL

	disableCookies   = 1
	disableRedirects = 2
)

// harmless are options that change nothing a guest could notice here.
func harmless(option win.DWORD) bool {
	switch option {
	case optionResolveTimeout, optionConnectTimeout, optionConnectRetries, optionSendTimeout, optionReceiveTimeout,
		optionResponseTimeout, optionReadBuffer, optionWriteBuffer, optionSecurityFlags,
		optionClientCert, optionCodePage, optionMaxConns, optionMaxConns10, optionAutologon, optionEnableFeature,
		optionSecureProtocols, optionDecompression, optionEnableHTTP:
		return true
	}
	return false
}

// winHTTPSetOption sets an option of a handle.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpsetoption
func winHTTPSetOption(c *win.Call, hInternet win.Handle, dwOption win.DWORD, lpBuffer win.Ptr, dwBufferLength win.DWORD) (win.Bool, win.Error) {
	o, err := lookup[httpstack.Object](c, hInternet)
	if err != 0 {
		return false, err
	}
	r, isRequest := o.(*request)
	s, isSession := o.(*httpstack.Session)
	switch {
	case dwOption == optionUserAgent && isSession:
		s.Agent = httpstack.Text(c, win.TText(lpBuffer), dwBufferLength)
	case dwOption == optionUserAgent && isRequest:
		r.UserAgent = httpstack.Text(c, win.TText(lpBuffer), dwBufferLength)
	case dwOption == optionDisableFeature && isRequest:
		features := c.ReadUint(lpBuffer, 4)
		r.NoCookies = r.NoCookies || features&disableCookies != 0
		r.Stay = r.Stay || features&disableRedirects != 0
	case dwOption == optionContextValue:
		o.Self().Status.Context = c.ReadUint(lpBuffer, 8)
	case dwOption == optionRedirectPolicy && isRequest:
		const never = 0 // WINHTTP_OPTION_REDIRECT_POLICY_NEVER
		r.Stay = c.ReadUint(lpBuffer, 4) == never
	case !harmless(dwOption):
		c.Gap(fmt.Sprintf("option %d", dwOption))
	}
	return true, 0
}

// winHTTPQueryOption reads an option of a handle.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpqueryoption
func winHTTPQueryOption(c *win.Call, hInternet win.Handle, dwOption win.DWORD, lpBuffer win.Ptr, lpdwBufferLength win.Out[uint32]) (win.Bool, win.Error) {
	if lpdwBufferLength.Null() {
		return false, win.ErrInvalidParameter
	}
	o, err := lookup[httpstack.Object](c, hInternet)
	if err != 0 {
		return false, err
	}
	value, terminator := optionOf(o, dwOption)
	if value == nil {
		c.Gap(fmt.Sprintf("option %d", dwOption))
		return false, httpstack.ErrInvalidOption
	}
	return httpstack.StoreOption(c, value, terminator, lpBuffer, lpdwBufferLength)
}

// optionOf is an option's value, nil if it has none. A text's terminator does
// not count in its length.
func optionOf(o httpstack.Object, option win.DWORD) (value []byte, terminator uint64) {
	const wide = 2
	number := func(v uint32) ([]byte, uint64) { return binary.LittleEndian.AppendUint32(nil, v), 0 }
	switch option {
	case optionResolveTimeout:
		return number(0)
	case optionConnectTimeout:
		return number(60_000)
	case optionSendTimeout, optionReceiveTimeout:
		return number(30_000)
	case optionResponseTimeout:
		return number(90_000)
	case optionConnectRetries:
		return number(5)
	case optionHandleType:
		switch o.(type) {
		case *httpstack.Session:
			return number(1) // WINHTTP_HANDLE_TYPE_SESSION
		case *httpstack.Connection:
			return number(2) // WINHTTP_HANDLE_TYPE_CONNECT
		default:
			return number(3) // WINHTTP_HANDLE_TYPE_REQUEST
		}
	case optionParentHandle:
		return httpstack.ParentOption(o), 0
	}
	switch o := o.(type) {
	case *httpstack.Session:
		if option == optionUserAgent {
			return guest.UTF16(o.Agent), wide
		}
	case *request:
		switch option {
		case optionURL:
			return guest.UTF16(o.URL()), wide
		case optionUserAgent:
			return guest.UTF16(o.UserAgent), wide
		case optionSecurityFlags:
			if o.Secure {
				return number(1) // SECURITY_FLAG_SECURE
			}
			return number(0)
		}
	}
	return nil, 0
}
