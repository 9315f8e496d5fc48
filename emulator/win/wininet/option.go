package wininet

import (
	"encoding/binary"
	"fmt"

	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

var optionRows = win.Rows{
	win.Partial(win.Func4("InternetQueryOption{A,W}", internetQueryOption, "hInternet dwOption lpBuffer lpdwBufferLength"),
		"the URL, the agent, the handle's kind and context, time-outs, security flags, the version, that there is no proxy"),
	win.Partial(win.Func4("InternetSetOption{A,W}", internetSetOption, "hInternet dwOption lpBuffer dwBufferLength"),
		"the agent; time-outs, security flags and a few others are accepted and mean nothing"),
}

// Options, INTERNET_OPTION_*.
//
// https://learn.microsoft.com/windows/win32/wininet/option-flags
const (
	optionConnectTimeout  = 2
	optionConnectRetries  = 3
	optionSendTimeout     = 5
	optionReceiveTimeout  = 6
	optionHandleType      = 9
	optionParentHandle    = 21
	optionSecurityFlags   = 31
	optionURL             = 34
	optionSettingsChanged = 39
	optionUserAgent       = 41
	optionRefresh         = 37
	optionConnectedState  = 50
	optionHTTPDecoding    = 65
	optionMaxConnsServer  = 73
	optionMaxConns10      = 74
	optionIgnoreOffline   = 77
	optionCodePage        = 68
	optionProxy           = 38
	optionVersion         = 40
	optionContextValue    = 45
	optionPerConnection   = 75
	optionEnableHTTP      = 148 // INTERNET_OPTION_ENABLE_HTTP_PROTOCOL
)

// harmless are options that change nothing a guest could notice here.
func harmless(option win.DWORD) bool {
	switch option {
	case optionConnectTimeout, optionConnectRetries, optionSendTimeout, optionReceiveTimeout, optionSecurityFlags,
		optionSettingsChanged, optionRefresh, optionHTTPDecoding, optionMaxConnsServer, optionMaxConns10,
		optionIgnoreOffline, optionCodePage, optionEnableHTTP:
		return true
	}
	return false
}

// internetSetOption sets an option of a handle, or of the process.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetsetoptionw
func internetSetOption(c *win.Call, hInternet win.Handle, dwOption win.DWORD, lpBuffer win.Ptr, dwBufferLength win.DWORD) (win.Bool, win.Error) {
	var o httpstack.Object
	if hInternet != 0 {
		var err win.Error
		if o, err = lookup[httpstack.Object](c, hInternet); err != 0 {
			return false, err
		}
	}
	switch {
	case dwOption == optionUserAgent && o != nil:
		agent := httpstack.Text(c, win.TText(lpBuffer), dwBufferLength)
		switch o := o.(type) {
		case *httpstack.Session:
			o.Agent = agent
		case *httpstack.Request:
			o.UserAgent = agent
		default:
			return false, httpstack.ErrIncorrectHandleType
		}
	case dwOption == optionContextValue && o != nil:
		o.Self().Status.Context = c.ReadUint(lpBuffer, 8)
	case !harmless(dwOption):
		c.Gap(fmt.Sprintf("option %d", dwOption))
	}
	return true, 0
}

// internetQueryOption reads an option of a handle, or of the process.
//
// https://learn.microsoft.com/windows/win32/api/wininet/nf-wininet-internetqueryoptionw
func internetQueryOption(c *win.Call, hInternet win.Handle, dwOption win.DWORD, lpBuffer win.Ptr, lpdwBufferLength win.Out[uint32]) (win.Bool, win.Error) {
	if lpdwBufferLength.Null() {
		return false, win.ErrInvalidParameter
	}
	var o httpstack.Object
	if hInternet != 0 {
		var err win.Error
		if o, err = lookup[httpstack.Object](c, hInternet); err != 0 {
			return false, err
		}
	}
	if dwOption == optionPerConnection {
		return perConnection(c, lpBuffer)
	}
	value, terminator := optionOf(c, o, dwOption)
	if value == nil {
		c.Gap(fmt.Sprintf("option %d", dwOption))
		return false, httpstack.ErrInvalidOption
	}
	return httpstack.StoreOption(c, value, terminator, lpBuffer, lpdwBufferLength)
}

// perConnection answers a list of questions about the connection: it is
// direct, and there are no proxies.
//
// https://learn.microsoft.com/windows/win32/api/wininet/ns-wininet-internet_per_conn_option_listw
func perConnection(c *win.Call, list win.Ptr) (win.Bool, win.Error) {
	const (
		size, count, options, entry = 32, 16, 24, 16
		flags, flagsUI, most        = 1, 10, 64
		direct, autoDetect          = 1, 8
	)
	if list == 0 || c.ReadUint(list, 4) != size {
		return false, win.ErrInvalidParameter
	}
	at := win.Ptr(c.ReadUint(list+options, 8))
	for range min(c.ReadUint(list+count, 4), most) {
		value := uint64(0)
		if o := c.ReadUint(at, 4); o == flags || o == flagsUI {
			value = direct | autoDetect
		}
		c.WriteUint(at+8, 8, value)
		at += entry
	}
	return true, 0
}

// optionOf is an option's value, nil if it has none. A text's terminator does
// not count in its length.
func optionOf(c *win.Call, o httpstack.Object, option win.DWORD) (value []byte, terminator uint64) {
	number := func(v uint32) ([]byte, uint64) { return binary.LittleEndian.AppendUint32(nil, v), 0 }
	switch option {
	case optionConnectTimeout:
		return number(60_000)
	case optionSendTimeout, optionReceiveTimeout:
		return number(30_000)
	case optionConnectRetries:
		return number(5)
	case optionProxy:
		const direct, size = 1, 24 // INTERNET_OPEN_TYPE_DIRECT; INTERNET_PROXY_INFO
		return append([]byte{direct}, make([]byte, size-1)...), 0
	case optionVersion:
		return binary.LittleEndian.AppendUint32([]byte{1, 0, 0, 0}, 2), 0
	case optionContextValue:
		if o != nil {
			return binary.LittleEndian.AppendUint64(nil, o.Self().Status.Context), 0
		}
	case optionConnectedState:
		return number(1) // INTERNET_STATE_CONNECTED
	case optionSecurityFlags:
		if r, ok := o.(*httpstack.Request); ok {
			const secure = 1 // SECURITY_FLAG_SECURE
			if r.Secure {
				return number(secure)
			}
			return number(0)
		}
	case optionHandleType:
		switch o.(type) {
		case *httpstack.Session:
			return number(1) // INTERNET_HANDLE_TYPE_INTERNET
		case *httpstack.Connection:
			return number(4) // INTERNET_HANDLE_TYPE_CONNECT_HTTP
		case *httpstack.Request:
			return number(13) // INTERNET_HANDLE_TYPE_HTTP_REQUEST
		}
	case optionParentHandle:
		if o != nil {
			return httpstack.ParentOption(o), 0
		}
	case optionURL:
		if r, ok := o.(*httpstack.Request); ok {
			return c.Encode(r.URL()), c.CharSize()
		}
	case optionUserAgent:
		switch o := o.(type) {
		case *httpstack.Session:
			return c.Encode(o.Agent), c.CharSize()
		case *httpstack.Request:
			return c.Encode(o.UserAgent), c.CharSize()
		}
	}
	return nil, 0
}
