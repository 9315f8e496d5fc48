package urlmon

import (
	"bytes"
	"fmt"
	"strings"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/httpstack"
)

var urlRows = win.Rows{
	win.Partial(win.Func6("CoInternetCombineUrl", coInternetCombineURL, "pwzBaseUrl pwzRelativeUrl dwCombineFlags pszResult cchResult pcchResult"), "flags are not looked at"),
	win.Partial(win.Func7("CoInternetParseUrl", coInternetParseURL, "pwzUrl ParseAction dwFlags pszResult cchResult pcchResult dwReserved"), "domain, scheme, path and canonical form"),
	win.Stub("CoInternetSetFeatureEnabled", win.ResultOK, "FeatureEntry dwFlags fEnable"),
	win.Stub("CoInternetIsFeatureEnabled", win.ResultFalse, "FeatureEntry dwFlags"),
	win.Partial(win.Func8("FindMimeFromData", findMimeFromData, "pBC pwzUrl pBuffer cbSize pwzMimeProposed dwMimeFlags ppwzMimeOut dwReserved"), "a few signatures and extensions"),
	win.Func3("IsValidURL", isValidURL, "pBC szURL dwReserved"),
}

var agentRows = win.Rows{
	win.Func3("ObtainUserAgentString", obtainUserAgentString, "dwOption pszUAOut cbSize"),
	win.Partial(win.Func4("UrlMkGetSessionOption", urlMkGetSessionOption, "dwOption pBuffer dwBufferLength pdwBufferLengthOut"), "the User-Agent"),
	win.Partial(win.Func4("UrlMkSetSessionOption", urlMkSetSessionOption, "dwOption pBuffer dwBufferLength dwReserved"), "the User-Agent"),
}

type agentKey struct{}

// agent is the User-Agent of the process: that of Internet Explorer, unless
// the program has set one.
func agent(c *win.Call) string {
	if own, ok := c.State[agentKey{}].(string); ok {
		return own
	}
	return fmt.Sprintf("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT %d.%d; Win64; x64; Trident/7.0; .NET4.0C; .NET4.0E)", c.Config.Version.Major, c.Config.Version.Minor)
}

// obtainUserAgentString stores the User-Agent, always as ANSI text.
//
// https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/platform-apis/ms775117(v=vs.85)
func obtainUserAgentString(c *win.Call, dwOption win.DWORD, pszUAOut win.Ptr, cbSize win.Out[uint32]) (win.Status, win.Error) {
	if pszUAOut == 0 || cbSize.Null() {
		return win.ResultInvalidArg, 0
	}
	text := guest.ANSI(agent(c))
	space := cbSize.Get(c)
	cbSize.Set(c, uint32(len(text)))
	if int(space) < len(text) {
		return win.ResultOutOfMemory, 0
	}
	c.Write(pszUAOut, text)
	return win.ResultOK, 0
}

// Options of a session, URLMON_OPTION_*.
const (
	optionAgent   = 0x10000001
	optionRefresh = 0x10000002
)

func urlMkGetSessionOption(c *win.Call, dwOption win.Hex, pBuffer win.Ptr, dwBufferLength win.DWORD, pdwBufferLengthOut win.Out[uint32]) (win.Status, win.Error) {
	if dwOption != optionAgent {
		c.Gap(fmt.Sprintf("option %#x", uint32(dwOption)))
		return win.ResultInvalidArg, 0
	}
	if pdwBufferLengthOut.Null() {
		return win.ResultInvalidArg, 0
	}
	text := guest.ANSI(agent(c))
	pdwBufferLengthOut.Set(c, uint32(len(text)))
	if pBuffer == 0 || int(dwBufferLength) < len(text) {
		return win.ResultOutOfMemory, 0
	}
	c.Write(pBuffer, text)
	return win.ResultOK, 0
}

// urlMkSetSessionOption sets the User-Agent of what is downloaded from now on.
//
// https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/platform-apis/ms775125(v=vs.85)
func urlMkSetSessionOption(c *win.Call, dwOption win.Hex, pBuffer win.Ptr, dwBufferLength, dwReserved win.DWORD) (win.Status, win.Error) {
	const most = 4096
	switch dwOption {
	case optionRefresh:
		delete(c.State, agentKey{})
		return win.ResultOK, 0
	case optionAgent:
		if pBuffer == 0 || dwBufferLength == 0 || dwBufferLength > most {
			return win.ResultInvalidArg, 0
		}
		text := c.Bytes(pBuffer, uint64(dwBufferLength))
		if i := bytes.IndexByte(text, 0); i >= 0 {
			text = text[:i]
		}
		c.State[agentKey{}] = string(guest.AppendANSI(nil, text))
		return win.ResultOK, 0
	}
	c.Gap(fmt.Sprintf("option %#x", uint32(dwOption)))
	return win.ResultInvalidArg, 0
}

// isValidURL says whether a text is a URL of a scheme that is known.
//
// https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/platform-apis/ms775116(v=vs.85)
func isValidURL(c *win.Call, pBC win.Ptr, szURL win.WStr, dwReserved win.DWORD) (win.Status, win.Error) {
	if szURL.Null() {
		return win.ResultInvalidArg, 0
	}
	scheme, _, ok := strings.Cut(szURL.Text, ":")
	if ok {
		for _, known := range []string{"http", "https", "ftp", "file", "res", "about", "javascript", "vbscript", "mailto", "mk"} {
			if strings.EqualFold(scheme, known) {
				return win.ResultOK, 0
			}
		}
	}
	return win.ResultFalse, 0
}

// text stores a result of URL functions, whose size is told either way.
func text(c *win.Call, s string, to win.Ptr, space win.DWORD, size win.Out[uint32]) win.Status {
	b := guest.UTF16(s)
	n := uint32(len(b) / 2)
	if to == 0 || uint32(space) < n {
		size.Set(c, n)
		return win.ResultPointer
	}
	c.Write(to, b)
	size.Set(c, n-1)
	return win.ResultOK
}

// coInternetParseURL gives a part of a URL.
//
// https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/platform-apis/ms775102(v=vs.85)
func coInternetParseURL(c *win.Call, pwzUrl win.WStr, ParseAction win.DWORD, dwFlags win.Hex, pszResult win.Ptr, cchResult win.DWORD, pcchResult win.Out[uint32], dwReserved win.DWORD) (win.Status, win.Error) {
	const canonicalize, securityURL, rootDocument, domain, schema = 1, 3, 4, 15, 13
	u, err := httpstack.ParseURL(pwzUrl.Text)
	if err != nil {
		return win.ResultInvalidArg, 0
	}
	switch ParseAction {
	case canonicalize:
		return text(c, guest.CanonicalURL(pwzUrl.Text), pszResult, cchResult, pcchResult), 0
	case securityURL, rootDocument:
		return text(c, strings.ToLower(u.Scheme)+"://"+u.Host, pszResult, cchResult, pcchResult), 0
	case domain:
		return text(c, u.Host, pszResult, cchResult, pcchResult), 0
	case schema:
		return text(c, strings.ToLower(u.Scheme), pszResult, cchResult, pcchResult), 0
	}
	c.Gap(fmt.Sprintf("action %d", ParseAction))
	return win.ResultNotImpl, 0
}

// coInternetCombineURL makes a relative URL absolute.
//
// https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/platform-apis/ms775096(v=vs.85)
func coInternetCombineURL(c *win.Call, pwzBaseUrl, pwzRelativeUrl win.WStr, dwCombineFlags win.Hex, pszResult win.Ptr, cchResult win.DWORD, pcchResult win.Out[uint32]) (win.Status, win.Error) {
	combined, ok := httpstack.Combine(pwzBaseUrl.Text, pwzRelativeUrl.Text)
	if !ok {
		return win.ResultInvalidArg, 0
	}
	return text(c, combined, pszResult, cchResult, pcchResult), 0
}

var signatures = []struct {
	prefix, kind string
}{
	{"MZ", "application/x-msdownload"}, {"GIF87a", "image/gif"}, {"GIF89a", "image/gif"}, {"\x89PNG\r\n\x1a\n", "image/x-png"},
	{"\xFF\xD8", "image/pjpeg"}, {"%PDF", "application/pdf"}, {"PK\x03\x04", "application/x-zip-compressed"},
	{"\x1F\x8B", "application/x-gzip-compressed"}, {"%!", "application/postscript"}, {"BM", "image/bmp"}, {"{\\rtf", "text/richtext"},
}

var extensions = map[string]string{
	".htm": "text/html", ".html": "text/html", ".txt": "text/plain", ".gif": "image/gif", ".jpg": "image/pjpeg", ".png": "image/x-png",
	".exe": "application/x-msdownload", ".dll": "application/x-msdownload", ".zip": "application/x-zip-compressed", ".pdf": "application/pdf",
	".xml": "text/xml", ".css": "text/css",
}

// findMimeFromData guesses a media type from the first bytes, a proposal and a
// name.
//
// https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/platform-apis/ms775107(v=vs.85)
func findMimeFromData(c *win.Call, pBC win.Ptr, pwzUrl win.WStr, pBuffer win.Ptr, cbSize win.DWORD, pwzMimeProposed win.WStr, dwMimeFlags win.Hex, ppwzMimeOut win.Out[uint64], dwReserved win.DWORD) (win.Status, win.Error) {
	if ppwzMimeOut.Null() || pwzUrl.Null() && pBuffer == 0 {
		return win.ResultInvalidArg, 0
	}
	kind := ""
	if pBuffer != 0 && cbSize > 0 {
		const looked = 256
		kind = sniff(c.Bytes(pBuffer, uint64(min(cbSize, looked))), pwzMimeProposed.Text)
	}
	if i := strings.LastIndexByte(pwzUrl.Text, '.'); i >= 0 && (kind == "" || kind == "application/octet-stream" || kind == "text/plain") {
		if known, ok := extensions[strings.ToLower(pwzUrl.Text[i:])]; ok {
			kind = known
		}
	}
	if kind == "" {
		kind = pwzMimeProposed.Text
	}
	if kind == "" {
		return win.ErrFileNotFound.Result(), 0
	}
	at := c.Heap.Alloc(uint64(2*len(kind) + 2))
	if at == 0 {
		return win.ResultOutOfMemory, 0
	}
	c.Write(win.Ptr(at), guest.UTF16(kind))
	ppwzMimeOut.Set(c, at)
	return win.ResultOK, 0
}

func sniff(data []byte, proposed string) string {
	for _, s := range signatures {
		if bytes.HasPrefix(data, []byte(s.prefix)) {
			return s.kind
		}
	}
	lower := bytes.ToLower(data)
	for _, tag := range []string{"<html", "<head", "<body", "<script", "<title", "<table"} {
		if bytes.Contains(lower, []byte(tag)) {
			return "text/html"
		}
	}
	if bytes.HasPrefix(lower, []byte("<?xml")) {
		return "text/xml"
	}
	if proposed != "" && proposed != "text/plain" && proposed != "application/octet-stream" {
		return proposed
	}
	for _, b := range data {
		if b < ' ' && b != '\t' && b != '\r' && b != '\n' && b != '\f' && b != 0x1B {
			return "application/octet-stream"
		}
	}
	return "text/plain"
}
