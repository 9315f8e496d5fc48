package winhttp

import (
	"encoding/binary"

	"sidetrace/emulator/win"
)

var proxyRows = win.Rows{
	win.Func1("WinHttpGetDefaultProxyConfiguration", winHTTPGetDefaultProxyConfiguration, "pProxyInfo"),
	win.Func1("WinHttpGetIEProxyConfigForCurrentUser", winHTTPGetIEProxyConfigForCurrentUser, "pProxyConfig"),
	win.Func4("WinHttpGetProxyForUrl", winHTTPGetProxyForURL, "hSession lpcwszUrl pAutoProxyOptions pProxyInfo"),
}

// winHTTPGetDefaultProxyConfiguration says that there is no proxy.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpgetdefaultproxyconfiguration
func winHTTPGetDefaultProxyConfiguration(c *win.Call, pProxyInfo win.Ptr) (win.Bool, win.Error) {
	if pProxyInfo == 0 {
		return false, win.ErrInvalidParameter
	}
	const noProxy = 1 // WINHTTP_ACCESS_TYPE_NO_PROXY
	c.Write(pProxyInfo, binary.LittleEndian.AppendUint64(nil, noProxy))
	c.Write(pProxyInfo+8, make([]byte, 16)) // lpszProxy, lpszProxyBypass
	return true, 0
}

// winHTTPGetIEProxyConfigForCurrentUser says that the user has set no proxy and
// wants none to be looked for.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpgetieproxyconfigforcurrentuser
func winHTTPGetIEProxyConfigForCurrentUser(c *win.Call, pProxyConfig win.Ptr) (win.Bool, win.Error) {
	if pProxyConfig == 0 {
		return false, win.ErrInvalidParameter
	}
	const size = 32 // WINHTTP_CURRENT_USER_IE_PROXY_CONFIG
	c.Write(pProxyConfig, make([]byte, size))
	return true, 0
}

// winHTTPGetProxyForURL finds no proxy configuration in the network.
//
// https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpgetproxyforurl
func winHTTPGetProxyForURL(c *win.Call, hSession win.Handle, lpcwszUrl win.WStr, pAutoProxyOptions, pProxyInfo win.Ptr) (win.Bool, win.Error) {
	const autodetectionFailed win.Error = 12180
	return false, autodetectionFailed
}
